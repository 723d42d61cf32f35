//! Errors of a system that does not give control groups to jobs.

use std::io;
use std::path::Path;

use super::limits::Controller;
use crate::error::Error;

/// In a scope of its own, prun may do as it likes.
const DELEGATED: &str = "systemd-run --user --scope -p Delegate=yes prun ...";

pub(super) fn missing() -> Error {
    Error::new("--cgroup needs control groups of version 2 (cgroup2), which are not mounted")
}

pub(super) fn no(controller: Controller) -> Error {
    let (option, name) = (controller.option(), controller.name());
    Error::new(format!(
        "{option} needs the {name} controller of control groups, which prun has not got"
    ))
    .hint(DELEGATED)
}

pub(super) fn shared(controller: Controller, group: &Path) -> Error {
    let (option, group) = (controller.option(), group.display());
    Error::new(format!(
        "{option} needs a control group without other processes than prun: '{group}' has some"
    ))
    .hint(DELEGATED)
}

pub(super) fn cannot(what: &str, path: &Path, error: &io::Error) -> Error {
    let path = path.display();
    Error::new(format!("cannot {what} '{path}'"))
        .because(error)
        .hint(DELEGATED)
}

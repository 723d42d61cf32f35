//! A run that has nothing to do where something was meant to be done.

use std::os::unix::ffi::OsStrExt;

use super::Typed;
use crate::error::{Error, Result};
use crate::input::Rows;
use crate::os::world::Kind;
use crate::template::Dialect;

/// A command without a placeholder and without input may be one that was not meant to be run
/// for values at all: that it did nothing must not look like success.
pub(super) fn check(typed: &Typed<'_>, rows: &mut Rows) -> Result<()> {
    let cli = typed.cli;
    let is_exempt = typed.dialect == Dialect::Gnu || cli.no_run_if_empty || cli.fail_if_empty;
    if is_exempt || cli.command.is_empty() || typed.world.stdin.kind != Kind::Device {
        return Ok(());
    }
    for word in &cli.command {
        if typed.text(word.as_bytes())?.has_placeholders() {
            return Ok(());
        }
    }
    match rows.read_ahead(1)? {
        0 => Err(Error::new(
            "there is no input: the command has no placeholder, and nothing is on standard input",
        )
        .hint("values are given by ::: VALUE..., :::: FILE or a pipe; -r if there may be none")),
        _ => Ok(()),
    }
}

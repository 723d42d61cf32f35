//! From `--slot-env` to the variables of slots, which bound the number of slots.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use super::jobserver::ANNOUNCED_IN;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::policy::slot_values::{EXAMPLE, SlotVariable};
use crate::pool::slots_file::SlotBound;
use crate::template::CommandTemplate;

/// Variables of `--slot-env`, each name once.
///
/// # Errors
/// A list that cannot be read, a variable that is set in another way, or a command that has no
/// environment.
pub(super) fn variables(cli: &Cli, template: &CommandTemplate) -> Result<Vec<SlotVariable>> {
    let mut variables: Vec<SlotVariable> = Vec::new();
    for text in &cli.sharing.slot_env {
        let variable = SlotVariable::parse(text)?;
        let name = variable.name.as_os_str();
        let shown = name.display();
        if variables.iter().any(|other| other.name == name) {
            return Err(
                Error::new(format!("--slot-env sets the variable '{shown}' twice")).hint(format!(
                    "leave out one of them: --slot-env {}",
                    text.display()
                )),
            );
        }
        check(cli, name)?;
        variables.push(variable);
    }
    if !variables.is_empty() && template.is_one_builtin() {
        return Err(
            Error::new("--slot-env sets variables of processes, and a built-in is none")
                .hint("leave out --slot-env"),
        );
    }
    Ok(variables)
}

/// # Errors
/// Jobs need the variable as it is, or another option sets it.
fn check(cli: &Cli, name: &OsStr) -> Result<()> {
    let shown = name.display();
    let is_own = name.as_bytes().starts_with(b"PRUN_");
    let is_gnu = cli.template.gnu && name.as_bytes().starts_with(b"PARALLEL_");
    if name == "PATH" || is_own || is_gnu {
        let problem = format!("--slot-env would hide the variable '{shown}' that jobs need");
        return Err(Error::new(problem).hint(EXAMPLE));
    }
    if cli.sharing.jobserver.is_some() && ANNOUNCED_IN.iter().any(|other| name == *other) {
        let problem = format!("--slot-env and --jobserver both set the variable '{shown}'");
        return Err(Error::new(problem).hint("leave out --jobserver"));
    }
    if cli.running.process_slot_var.as_deref() == Some(name) {
        let problem = format!("--slot-env and --process-slot-var both set the variable '{shown}'");
        return Err(Error::new(problem).hint("leave out --process-slot-var"));
    }
    Ok(())
}

/// The bound on the number of slots: the shortest list.
pub(super) fn bound(variables: &[SlotVariable]) -> Option<SlotBound> {
    let shortest = variables.iter().min_by_key(|variable| variable.slots())?;
    Some(SlotBound {
        most: shortest.slots(),
        owner: format!("--slot-env {}", shortest.name.display()),
    })
}

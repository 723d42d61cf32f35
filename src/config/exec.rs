//! From options to the execution of an attempt: its limits, and the surroundings of its
//! processes.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use super::blocks;
use super::parsed_cli::ParsedCli;
use super::{command, input};
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::exec::local::ExecOptions;
use crate::exec::start::directory::WorkdirPolicy;
use crate::exec::start::job_variables::JobVariables;
use crate::exec::termination::AttemptLimits;
use crate::exec::termination::LeakPolicy;
use crate::os::niceness;
use crate::policy::timeout::TimeLimit;

pub(super) fn options(
    typed: &ParsedCli<'_>,
    width: usize,
    variables: JobVariables,
) -> Result<ExecOptions> {
    let cli = typed.cli;
    Ok(ExecOptions {
        limits: AttemptLimits {
            // As for timeout(1), no time is no limit.
            timeout: match cli.running.timeout {
                Some(TimeLimit::After(limit)) if !limit.is_zero() => Some(limit),
                _ => None,
            },
            timeout_signals: cli.running.termseq.clone().unwrap_or_default(),
            leak: cli.failure.leak.unwrap_or(LeakPolicy::Warn),
            success: cli.failure.ok_codes.unwrap_or_default(),
        },
        reports_start_errors: cli.template.gnu,
        workdir: workdir(typed)?,
        variables: JobVariables {
            are_of_parallel: cli.template.gnu,
            slot_number: slot_variable(cli)?,
            ..variables
        },
        template_files: command::template_files(typed)?,
        stdin_file: blocks::stdin_file(cli),
        width: width.min(typed.host.cpus),
        max_record: input::max_record(typed.cli),
    })
}

/// `--process-slot-var NAME`
fn slot_variable(cli: &Cli) -> Result<Option<OsString>> {
    let Some(name) = &cli.running.process_slot_var else {
        return Ok(None);
    };
    let (bytes, shown) = (name.as_bytes(), name.display());
    let problem = if bytes.is_empty() || bytes.contains(&b'=') {
        format!("'{shown}' is no name of a variable")
    } else if !cli.template.gnu && (name == "PATH" || bytes.starts_with(b"PRUN_")) {
        format!("--process-slot-var {shown} would hide the variable '{shown}' that jobs need")
    } else {
        return Ok(Some(name.clone()));
    };
    Err(Error::new(problem).hint("prun --process-slot-var SLOT 'echo $SLOT' ::: a b"))
}

pub(super) fn niceness(cli: &Cli) -> Result<Option<i32>> {
    if let Some(niceness) = cli.running.nice {
        niceness::check(niceness).map_err(|error| {
            Error::new(format!("cannot run jobs at niceness {niceness}")).because(&error)
        })?;
    }
    Ok(cli.running.nice)
}

fn workdir(typed: &ParsedCli<'_>) -> Result<WorkdirPolicy> {
    let Some(name) = &typed.cli.running.workdir else {
        return Ok(WorkdirPolicy::Inherited);
    };
    if name == "..." {
        let tmpdir = typed.host.environment.tmpdir.as_deref();
        return Ok(WorkdirPolicy::Fresh {
            above: tmpdir.unwrap_or(OsStr::new("/tmp")).into(),
            is_temporary: typed.cli.template.gnu,
        });
    }
    typed.text(name.as_bytes()).map(WorkdirPolicy::Named)
}

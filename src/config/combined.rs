//! What cannot be where all jobs together have one result.

use super::log::JobLogs;
use crate::builtin::Combined;
use crate::error::{Error, Result};
use crate::output::results::Form;
use crate::policy::halt::{Halt, Reason};

/// # Errors
/// The result would lack jobs on purpose, or there would be something else where it goes.
pub(super) fn check(
    combined: &Combined,
    joblog: &JobLogs,
    results: Option<&Form>,
    halt: Halt,
) -> Result<()> {
    if let Some(option) = joblog.resume_option() {
        return Err(refusal(
            option,
            combined,
            "the result would lack the jobs that are left out",
        )
        .hint(format!("leave out {option}: all jobs run again")));
    }
    if let Some(option) = results.and_then(prints) {
        return Err(refusal(
            option,
            combined,
            "standard output is for the one result of all jobs",
        )
        .hint(format!("leave out {option}")));
    }
    match halt {
        Halt::When {
            reason: Reason::Success | Reason::Done,
            ..
        } => Err(
            refusal("--halt", combined, "a run that was halted has no result")
                .hint("--halt now,fail=1 halts only where a job has failed"),
        ),
        _ => Ok(()),
    }
}

/// The option by which something is printed on standard output for each job.
fn prints(form: &Form) -> Option<&'static str> {
    match form {
        Form::Rows { file: None, .. } => Some("--results"),
        Form::Variables(_) => Some("--_parset"),
        Form::Files { .. } | Form::Directory { names: Some(_), .. } => Some("--files"),
        Form::Rows { file: Some(_), .. } | Form::Directory { names: None, .. } => None,
    }
}

fn refusal(option: &str, combined: &Combined, why: &str) -> Error {
    let name = combined.name();
    Error::new(format!("{option} and {name} cannot go together: {why}"))
}

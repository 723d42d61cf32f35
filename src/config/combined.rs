//! What cannot be where all jobs together have one result.

use super::log::JobLogSetup;
use crate::builtin::CombinedResult;
use crate::error::{Error, Result};
use crate::output::results::ResultsForm;
use crate::policy::halt::{HaltReason, HaltRule};

/// # Errors
/// The result would lack jobs on purpose, or there would be something else where it goes.
pub(super) fn check(
    combined: &CombinedResult,
    joblog: &JobLogSetup,
    results: Option<&ResultsForm>,
    halt: HaltRule,
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
        HaltRule::When {
            reason: HaltReason::Success | HaltReason::Done,
            ..
        } => Err(
            refusal("--halt", combined, "a run that was halted has no result")
                .hint("--halt now,fail=1 halts only where a job has failed"),
        ),
        _ => Ok(()),
    }
}

/// The option by which something is printed on standard output for each job.
fn prints(form: &ResultsForm) -> Option<&'static str> {
    match form {
        ResultsForm::Rows { file: None, .. } => Some("--results"),
        ResultsForm::Variables(_) => Some("--_parset"),
        ResultsForm::Files { .. } | ResultsForm::Directory { names: Some(_), .. } => {
            Some("--files")
        }
        ResultsForm::Rows { file: Some(_), .. } | ResultsForm::Directory { names: None, .. } => {
            None
        }
    }
}

fn refusal(option: &str, combined: &CombinedResult, why: &str) -> Error {
    let name = combined.name();
    Error::new(format!("{option} and {name} cannot go together: {why}"))
}

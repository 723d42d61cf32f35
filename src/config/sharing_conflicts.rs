//! Conflicts of the options by which jobs share something.

use super::conflict::{Conflict, LEAVE_EITHER, given};
use crate::cli::Cli;
use crate::config::option_tests::*;
use crate::error::{Error, Result};

pub(super) const SHARING: &[Conflict] = &[
    Conflict {
        options: &[PIPE, PIPEPART],
        others: &[KEY],
        problem: "cannot go together: a key is made of values, and jobs read blocks",
        hint: LEAVE_EITHER,
    },
    Conflict {
        options: &[RETRY_FAILED],
        others: &[KEY],
        problem: "cannot go together: the log has commands, and not their values",
        hint: "--resume-failed with the same input and command line runs what failed",
    },
];

/// # Errors
/// It is said how many jobs of a key may run, and not what their keys are.
pub(super) fn check_keys(cli: &Cli) -> Result<()> {
    match given(&[PER_KEY, KEY_RATE], cli) {
        // Jobs of a plan may have keys of their own.
        Some(option) if cli.sharing.key.is_none() && cli.sharing.plan.is_none() => {
            let line = cli.typed_line.with_options(&["--key", "<1>"]);
            Err(Error::new(format!("{option} needs --key")).hint(line))
        }
        _ => Ok(()),
    }
}

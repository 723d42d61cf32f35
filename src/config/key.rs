//! From `--key` and its limits to the pool.

use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use super::parsed_cli::ParsedCli;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::policy::key::KeyLimits;
use crate::pool::KeyOptions;

/// Keys of jobs, and what they limit.
///
/// # Errors
/// The text names no value, or what is not known before a job starts.
pub(super) fn options(typed: &ParsedCli<'_>, plan: Option<&Plan>) -> Result<Option<KeyOptions>> {
    let sharing = &typed.cli.sharing;
    let Some(key) = &sharing.key else {
        return of_plan(typed, plan);
    };
    let text = typed.text(key.as_bytes())?;
    let shown = key.display();
    if text.names_slot() {
        return Err(Error::new(format!(
            "--key '{shown}' names the slot, which a job gets when it starts"
        ))
        .hint("a key is made of values: --key '<1>'"));
    }
    if !text.has_placeholders() {
        return Err(Error::new(format!(
            "--key '{shown}' has no placeholder: all jobs would have the same key"
        ))
        .hint("--key '<1>' is the first value; -j and --rate limit all jobs together"));
    }
    Ok(Some(KeyOptions {
        text: Arc::new(text),
        limits: limits(typed.cli),
    }))
}

/// Keys that some jobs of a plan have.
fn of_plan(typed: &ParsedCli<'_>, plan: Option<&Plan>) -> Result<Option<KeyOptions>> {
    let Some(plan) = plan else {
        return Ok(None);
    };
    if !plan.has_keys() {
        return match (typed.cli.sharing.per_key, typed.cli.sharing.key_rate) {
            (None, None) => Ok(None),
            _ => Err(
                Error::new("--per-key and --key-rate need --key, or a plan with keys")
                    .hint("{\"name\": \"a\", \"command\": \"make a\", \"key\": \"disk\"}"),
            ),
        };
    }
    Ok(Some(KeyOptions {
        // A job without a key has one that no other one has: keys of plans have no NUL byte.
        text: Arc::new(typed.text(b"\0<#>")?),
        limits: limits(typed.cli),
    }))
}

fn limits(cli: &Cli) -> KeyLimits {
    let at_once = cli.sharing.per_key.unwrap_or(1);
    KeyLimits {
        at_once: usize::try_from(at_once).unwrap_or(usize::MAX),
        rate: cli.sharing.key_rate,
    }
}

//! From `--key` and its limits to the pool.

use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use super::parsed_cli::ParsedCli;
use crate::error::{Error, Result};
use crate::policy::key::KeyLimits;
use crate::pool::KeyOptions;

/// Keys of jobs, and what they limit.
///
/// # Errors
/// The text names no value, or what is not known before a job starts.
pub(super) fn options(typed: &ParsedCli<'_>) -> Result<Option<KeyOptions>> {
    let sharing = &typed.cli.sharing;
    let Some(key) = &sharing.key else {
        return Ok(None);
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
    let at_once = sharing.per_key.unwrap_or(1);
    Ok(Some(KeyOptions {
        text: Arc::new(text),
        limits: KeyLimits {
            at_once: usize::try_from(at_once).unwrap_or(usize::MAX),
            rate: sharing.key_rate,
        },
    }))
}

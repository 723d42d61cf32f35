//! `--limit COMMAND`: a command that is asked before each start. It may take its time, so
//! it runs on a thread of its own.

use std::ffi::{OsStr, OsString};
use std::io;

use super::thread::spawn;

/// Answer of the command: its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitAnswer {
    /// 0
    Start,
    /// 1, and all others
    Wait,
    /// 2: no start, and the youngest job has to stop.
    EndYoungest,
    /// 126, 127: the command cannot be run.
    Missing,
}

impl From<i32> for LimitAnswer {
    fn from(status: i32) -> Self {
        match status {
            0 => LimitAnswer::Start,
            2 => LimitAnswer::EndYoungest,
            126 | 127 => LimitAnswer::Missing,
            _ => LimitAnswer::Wait,
        }
    }
}

/// Runs the command and hands its answer to `on_answer`. Its output is not a job's: standard
/// output is dropped.
///
/// # Errors
/// The system denies a thread.
pub(super) fn consult(
    command: &OsStr,
    on_answer: impl FnOnce(LimitAnswer) + Send + 'static,
) -> io::Result<()> {
    let words: [OsString; 2] = ["-c".into(), command.into()];
    spawn("limit".to_owned(), move || {
        let command = duct::cmd("/bin/sh", words);
        let ended = command.stdin_null().stdout_null().unchecked().run();
        // A signal has no code; a system that denies this process would deny a job, too.
        let status = ended.ok().and_then(|output| output.status.code());
        on_answer(status.unwrap_or(1).into());
    })
}

//! `--limit COMMAND`: a command that is asked before each start. It may take its time, so
//! it runs on a thread of its own.

use std::ffi::{OsStr, OsString};
use std::io;

use crossbeam_channel::Sender;

use super::event::PoolEvent;
use super::spawn;

/// What the command says by its exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LimitAnswer {
    /// 0: a job may start.
    Start,
    /// 1, and all others: not now.
    Wait,
    /// 2: not now, and the youngest job has to stop.
    EndYoungest,
    /// 126, 127: there is no such command.
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

/// Runs the command; what it says comes as an event. Its output is not a job's: standard
/// output is dropped.
///
/// # Errors
/// There is no room for a thread.
pub(super) fn consult(command: &OsStr, events: Sender<PoolEvent>) -> io::Result<()> {
    let words: [OsString; 2] = ["-c".into(), command.into()];
    spawn("limit".to_owned(), move || {
        let command = duct::cmd("/bin/sh", words);
        let ended = command.stdin_null().stdout_null().unchecked().run();
        // A signal has no code; where there is no room for a process, there is none for a job.
        let status = ended.ok().and_then(|output| output.status.code());
        let _ = events.send(PoolEvent::Limit(status.unwrap_or(1).into()));
    })
}

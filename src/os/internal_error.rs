//! Panics: errors of prun's own making. They end the run at once with a message and status
//! 255, in whichever thread they happen; the guard then kills the jobs.

use std::panic::{self, PanicHookInfo};

use super::{jobserver, terminal};
use crate::error::Error;
use crate::exit;

/// Makes panics end the process, for the rest of its life.
pub(crate) fn end_on_panic() {
    panic::set_hook(Box::new(|info| {
        // A job must not keep the terminal.
        terminal::take_back();
        jobserver::give_all_back();
        error(info).report();
        // SAFETY: `_exit` runs no handler, which could wait for the thread that is broken.
        unsafe { libc::_exit(exit::ERROR.into()) }
    }));
}

fn error(info: &PanicHookInfo<'_>) -> Error {
    let payload = info.payload();
    let message = payload.downcast_ref::<&str>().copied();
    let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let message = message.unwrap_or("unknown");
    let place = info.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    Error::new(format!("internal error: {message} ({place})"))
        .hint("please report this, with the command line and what prun --version prints")
}

/// Panics in the start of job `seq` if `PRUN_PANIC` has its number. For tests; a release
/// build does nothing.
pub(crate) fn provoke(seq: u64) {
    let is_wanted =
        || std::env::var_os("PRUN_PANIC").is_some_and(|wanted| *wanted == *seq.to_string());
    if cfg!(debug_assertions) && is_wanted() {
        panic!("provoked");
    }
}

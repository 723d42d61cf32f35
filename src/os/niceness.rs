//! Niceness of jobs: `--nice`.
//!
//! On Linux each thread has its own, against POSIX (setpriority(2), "C library/kernel
//! differences"), and a process inherits that of the thread which starts it: a slot takes
//! on the niceness of its jobs. Elsewhere it is prun's as well.

use std::io;
use std::thread;

use rustix::process::setpriority_process;

/// Tries out a niceness.
///
/// # Errors
/// `EACCES`: only a privileged process can lower it.
pub(crate) fn check(niceness: i32) -> io::Result<()> {
    // In a thread of its own, so that prun itself stays as it is.
    let trial = thread::Builder::new().spawn(move || setpriority_process(None, niceness))?;
    let result = trial.join().unwrap_or(Err(rustix::io::Errno::PERM));
    Ok(result?)
}

/// Sets a niceness that was checked, for the calling thread and the processes that it starts.
pub(crate) fn set(niceness: i32) {
    let _ = setpriority_process(None, niceness);
}

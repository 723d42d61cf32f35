//! Children that were stopped before they could execute their program.
//!
//! A new child is a member of prun's process group for a moment. What stops the group
//! then stops the child; and if that takes effect when it has just left the group, what
//! continues the group does not reach it. The thread that starts it would wait for
//! ever, and whatever waits for that thread.

use std::fs;
use std::os::unix::fs::MetadataExt;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// Continues those children. Called when prun itself has been continued.
pub(super) fn continue_unstarted() {
    for child in of_each_thread() {
        // The descriptor stays with the process that has the number now: if that one is
        // not ours, or is gone before it is looked at, no other one gets the signal.
        if let Ok(process) = pidfd_open(child, PidfdFlags::empty())
            && has_our_program(child) == Some(true)
        {
            let _ = pidfd_send_signal(process, Signal::CONT);
        }
    }
}

/// Children of each thread (proc_tid_children(5)). A thread has one at most, so that none is
/// missed when another one ends.
fn of_each_thread() -> Vec<Pid> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
    let lists = threads.flatten().map(|thread| {
        let list = fs::read_to_string(thread.path().join("children"));
        list.unwrap_or_default()
    });
    lists
        .flat_map(|list| list.split(' ').filter_map(number).collect::<Vec<_>>())
        .collect()
}

fn number(text: &str) -> Option<Pid> {
    Pid::from_raw(text.parse().ok()?)
}

/// True for a child that still runs prun.
fn has_our_program(child: Pid) -> Option<bool> {
    let directory = format!("/proc/{}", child.as_raw_nonzero());
    let stat = fs::read_to_string(format!("{directory}/stat")).ok()?;
    // PID (NAME) STATE PARENT ...
    let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?;
    let [own, program] = ["/proc/self/exe", &format!("{directory}/exe")].map(fs::metadata);
    let (own, program) = (own.ok()?, program.ok()?);
    let is_same = (own.dev(), own.ino()) == (program.dev(), program.ino());
    Some(is_same && parent == std::process::id().to_string())
}

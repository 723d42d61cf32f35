//! Orphans: processes that have left their job's process group, as setsid(1) and daemons do,
//! and so are not reached by the signals that end it.
//!
//! On Linux prun is a child subreaper: a process whose parent has ended becomes a child of
//! prun instead of PID 1. The processes that a job has left behind are found among prun's own
//! descendants and nowhere else, and none of another run can be hit by mistake. prun is a
//! subreaper always, not only with a time limit, because any run may be interrupted, and by
//! then a process may have lost its parent long before. The price is that prun has to reap
//! these processes.
//!
//! Only those of a job that is being stopped are killed. Others live on, and after the end of
//! prun PID 1 is their parent as usual.

pub(crate) use system::{adopt, kill, reap};

/// Variable with the process number of the prun that started the process.
pub(crate) const PID: &str = "PRUN_PID";

/// Variable with the number of the job that the process belongs to.
pub(crate) const SEQ: &str = "PRUN_SEQ";

#[cfg(target_os = "linux")]
mod system {
    use std::collections::{HashMap, HashSet};
    use std::fs;
    use std::process;

    use rustix::process::{
        Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal, set_child_subreaper,
    };

    use super::{PID, SEQ};

    /// Bound on the searches: a process may start another one while it is looked for.
    const SEARCHES: usize = 8;

    /// Makes prun the parent of descendants that lose theirs, for the rest of its life.
    pub(crate) fn adopt() {
        // A kernel that cannot do it leaves them to PID 1, where they are let alone.
        let _ = set_child_subreaper(Some(getpid()));
    }

    /// Reaps every orphan that has ended, and no child of another thread. Called on the main
    /// thread.
    ///
    /// Orphans are given to the main thread; jobs are children of the thread that
    /// started them. `__WNOTHREAD` keeps the two apart (waitpid(2)).
    pub(crate) fn reap() {
        loop {
            let mut status = 0;
            let options = libc::WNOHANG | libc::__WNOTHREAD;
            // SAFETY: the pointer is to a live variable.
            let pid = unsafe { libc::waitpid(-1, &raw mut status, options) };
            if pid <= 0 {
                return;
            }
        }
    }

    /// Kills the processes of job `seq` outside of its process group, as far as they can be
    /// recognized: one with an environment of its own, or of another user, cannot. Called
    /// when the job's main process has ended and its group was killed.
    pub(crate) fn kill(seq: u64) {
        let marks = [(PID, process::id().into()), (SEQ, seq)];
        let marks = marks.map(|(name, value): (_, u64)| format!("{name}={value}").into_bytes());
        let mut killed = HashSet::new();
        for _ in 0..SEARCHES {
            if !has_orphans() {
                return;
            }
            let found = descendants().into_iter();
            let new = found.filter(|&pid| !killed.contains(&pid) && kill_one(pid, &marks));
            let new: Vec<Pid> = new.collect();
            if new.is_empty() {
                return;
            }
            killed.extend(new);
        }
    }

    /// False if there can be nothing to find: that saves many jobs that are stopped at once
    /// the search among all processes of the machine.
    fn has_orphans() -> bool {
        let orphans = orphans();
        let Some(text) = orphans.as_deref() else {
            return true;
        };
        let mut pids = text.split_ascii_whitespace().flat_map(str::parse);
        // One that has just ended may have left others, which are listed by now.
        pids.any(|pid| Pid::from_raw(pid).is_some_and(lives)) || self::orphans() != orphans
    }

    /// Children of the main thread, as text; not every kernel has that file.
    fn orphans() -> Option<String> {
        let main = process::id();
        fs::read_to_string(format!("/proc/self/task/{main}/children")).ok()
    }

    fn lives(pid: Pid) -> bool {
        stat(pid).is_some_and(|(state, _)| state != "Z")
    }

    /// Kills a process that has both entries in its environment; returns true if it did.
    fn kill_one(pid: Pid, marks: &[Vec<u8>; 2]) -> bool {
        // Opened before anything is read: it stays with this process whoever gets its
        // number later, so that nobody else is hit.
        let Ok(process) = pidfd_open(pid, PidfdFlags::empty()) else {
            return false;
        };
        let path = format!("/proc/{}/environ", pid.as_raw_nonzero());
        let environment = fs::read(path).unwrap_or_default();
        let is_marked = |mark| {
            environment
                .split(|&byte| byte == 0)
                .any(|entry| entry == mark)
        };
        marks.iter().all(is_marked) && pidfd_send_signal(process, Signal::KILL).is_ok()
    }

    fn descendants() -> Vec<Pid> {
        let mut children: HashMap<Pid, Vec<Pid>> = HashMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let number = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            if let Some(pid) = number.and_then(Pid::from_raw)
                && let Some((_, parent)) = stat(pid)
            {
                children.entry(parent).or_default().push(pid);
            }
        }
        let mut found = children.remove(&getpid()).unwrap_or_default();
        let mut next = 0;
        while let Some(pid) = found.get(next) {
            // Taken out, so that numbers that change hands meanwhile make no circle.
            found.extend(children.remove(pid).unwrap_or_default());
            next += 1;
        }
        found
    }

    /// State and parent of a process. `/proc/PID/stat` is `PID (NAME) STATE PARENT ...`, and the name may be anything.
    fn stat(pid: Pid) -> Option<(String, Pid)> {
        let stat = fs::read(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
        let name_end = stat.iter().rposition(|&byte| byte == b')')?;
        let rest = std::str::from_utf8(&stat[name_end + 1..]).ok()?;
        let mut fields = rest.split_ascii_whitespace();
        let state = fields.next()?.to_owned();
        Some((state, Pid::from_raw(fields.next()?.parse().ok()?)?))
    }
}

/// Other systems give orphans to PID 1 and have no safe way to find and kill them.
#[cfg(not(target_os = "linux"))]
mod system {
    pub(crate) fn adopt() {}

    pub(crate) fn reap() {}

    pub(crate) fn kill(_: u64) {}
}

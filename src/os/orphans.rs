//! Processes that have left their job's process group, as setsid(1) and daemons do, and
//! so are not reached by the signals that end it.
//!
//! On Linux prun is a child subreaper: a process whose parent has ended becomes a child of
//! prun instead of PID 1. So what a job has left behind is found among prun's own
//! descendants and nowhere else, and nothing of another run can be meant by mistake. It is
//! one always, not only with a time limit, because any run may be interrupted, and by
//! then a process may have lost its parent long before. The price is that prun has to reap
//! these processes.
//!
//! Only a job that is being stopped takes them along. What other jobs leave lives on, and
//! after the end of prun it has PID 1 for its parent as usual.

pub(crate) use system::{adopt, kill, reap};

/// The variable by which a process knows the prun that it belongs to.
pub(crate) const PID: &str = "PRUN_PID";

/// The variable by which it knows the number of its job.
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

    /// A process may start another one while it is being looked for: it is looked for
    /// again, but not for ever.
    const SEARCHES: usize = 8;

    /// Makes prun the parent of processes that lose theirs, for the rest of its life.
    pub(crate) fn adopt() {
        // A kernel that cannot do it leaves them to PID 1, where they are let alone.
        let _ = set_child_subreaper(Some(getpid()));
    }

    /// Reaps every orphan that has ended, and no child of another thread. It works on the
    /// main thread alone.
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

    /// Kills what is left of job `seq` outside of its process group, as far as it can be
    /// recognized: a process with an environment of its own, or one of another user,
    /// cannot. Call it when the job's main process has ended and its group was killed.
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

    /// Whether there can be anything to find. It saves many jobs that are stopped at once
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

    /// The children of the main thread, as text; not every kernel has that file.
    fn orphans() -> Option<String> {
        let main = process::id();
        fs::read_to_string(format!("/proc/self/task/{main}/children")).ok()
    }

    fn lives(pid: Pid) -> bool {
        stat(pid).is_some_and(|(state, _)| state != "Z")
    }

    /// Kills a process if it has these entries in its environment; returns whether.
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

    /// All processes that descend from prun.
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

    /// The state and the parent of a process.
    ///
    /// `/proc/PID/stat` is `PID (NAME) STATE PARENT ...`, and the name may be anything.
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
    /// Nothing to do.
    pub fn adopt() {}

    /// Nothing to do.
    pub fn reap() {}

    /// Nothing to do.
    pub fn kill(_: u64) {}
}

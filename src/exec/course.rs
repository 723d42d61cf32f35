//! The processes of one attempt. They share a group, and whoever leads it is reaped
//! last: until then nobody else can be given its number.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::process::Pid;

use crate::os::child::{Child, Status, Usage};

/// What runs, and where its output comes from.
#[derive(Debug)]
pub struct Course {
    /// The ends of its standard output and standard error to read from.
    pub pipes: [Option<OwnedFd>; 2],
    leader: Child,
    runs: bool,
}

impl Course {
    /// The course of a single process, which leads its group.
    pub fn of(leader: Child, pipes: [Option<OwnedFd>; 2]) -> Self {
        Course {
            pipes,
            leader,
            runs: true,
        }
    }

    /// Who leads the group.
    pub fn leader(&self) -> Pid {
        self.leader.pid
    }

    /// A descriptor for each process that runs, readable once it has ended.
    pub fn exits(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.runs.then(|| self.leader.exit_fd()).into_iter()
    }

    /// Takes note that of those in [`Course::exits`] these have ended.
    pub fn ended(&mut self, which: &[usize]) {
        self.runs &= which.is_empty();
    }

    /// Whether nothing runs any more and nothing will.
    pub fn is_over(&self) -> bool {
        !self.runs
    }

    /// Reaps what is left and tells how it ended. The group must not be signalled any
    /// more.
    ///
    /// # Errors
    /// `waitid` or `wait4` failed: prun is broken, not the job.
    pub fn finish(self) -> io::Result<(Status, Usage)> {
        self.leader.reap()
    }
}

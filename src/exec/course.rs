//! The processes of one attempt. They share a group, and whoever leads it is reaped
//! last: until then nobody else can be given its number.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::os::fd::{BorrowedFd, OwnedFd};

use rustix::process::Pid;

use super::agenda::{Agenda, Step};
use super::capture::Stream;
use super::control::Control;
use super::launcher::StartError;
use crate::job::Outcome;
use crate::os::child::{Child, Group, Status, Usage};
use crate::os::signal_name;

/// What runs, what will, and where their output comes from.
#[derive(Debug)]
pub struct Course<'a> {
    /// The ends of its standard output and standard error to read from.
    pub pipes: [Option<OwnedFd>; 2],
    leader: Child,
    leader_runs: bool,
    /// The others that run.
    others: Vec<Child>,
    /// What the others that ended have used.
    usage: Usage,
    list: Option<Listed<'a>>,
}

/// What a course knows that is more than one process.
#[derive(Debug)]
struct Listed<'a> {
    /// Nothing once nothing more will be started.
    agenda: Option<Agenda<'a>>,
    /// The last process of the current pipeline, if it could be started: its status is the
    /// pipeline's.
    last: Option<Pid>,
    /// The status of the pipeline that ended last.
    status: Status,
    /// Signals that ended other processes of the current pipeline.
    killed: Vec<i32>,
    /// What a shell would print by now.
    words: VecDeque<(Stream, Vec<u8>)>,
}

impl<'a> Course<'a> {
    /// The course of a single process, which leads its group.
    pub fn of(leader: Child, pipes: [Option<OwnedFd>; 2]) -> Self {
        Course {
            pipes,
            leader,
            leader_runs: true,
            others: Vec::new(),
            usage: Usage::default(),
            list: None,
        }
    }

    /// The course of a list whose first process was started.
    pub fn of_list(leader: Child, agenda: Agenda<'a>, pipes: [Option<OwnedFd>; 2]) -> Self {
        let last = Some(leader.pid);
        Course {
            list: Some(Listed {
                agenda: Some(agenda),
                last,
                status: Status::Exited(0),
                killed: Vec::new(),
                words: VecDeque::new(),
            }),
            ..Course::of(leader, pipes)
        }
    }

    /// Who leads the group.
    pub fn leader(&self) -> Pid {
        self.leader.pid
    }

    /// A descriptor for each process that runs, readable once it has ended.
    pub fn exits(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let leader = self.leader_runs.then(|| self.leader.exit_fd());
        leader
            .into_iter()
            .chain(self.others.iter().map(Child::exit_fd))
    }

    /// Takes note that of those in [`Course::exits`] these have ended.
    ///
    /// # Errors
    /// `waitid` or `wait4` failed: prun is broken, not the job.
    pub fn ended(&mut self, which: &[usize]) -> io::Result<()> {
        // From the last one on: those before it keep their places.
        for &at in which.iter().rev() {
            if at == 0 && self.leader_runs {
                self.leader_runs = false;
                if let Some(list) = &mut self.list {
                    list.note(self.leader.pid, self.leader.peek()?.0);
                }
                continue;
            }
            let child = self.others.remove(at - usize::from(self.leader_runs));
            let pid = child.pid;
            let (status, usage) = child.reap()?;
            self.usage = self.usage + usage;
            if let Some(list) = &mut self.list {
                list.note(pid, status);
            }
        }
        Ok(())
    }

    /// Starts what is to be started now. If something is to be printed before that, returns
    /// it, and wants to be called again.
    ///
    /// # Errors
    /// A process could not be started though others were, so the job cannot be what it
    /// should be.
    pub fn advance(&mut self, control: &Control) -> io::Result<Option<(Stream, Vec<u8>)>> {
        let Some(list) = &mut self.list else {
            return Ok(None);
        };
        loop {
            if let Some(words) = list.words.pop_front() {
                return Ok(Some(words));
            }
            let Some(agenda) = &mut list.agenda else {
                return Ok(None);
            };
            if let Some(child) = agenda.start(Group::Of(self.leader.pid)) {
                if let Some(child) = list.started(child)? {
                    control.joined();
                    self.others.push(child);
                }
            } else if self.leader_runs || !self.others.is_empty() {
                return Ok(None);
            } else {
                let step = agenda.after(list.status)?;
                list.take(step);
            }
        }
    }

    /// Starts nothing more.
    pub fn stop(&mut self) {
        if let Some(list) = &mut self.list {
            list.agenda = None;
        }
    }

    /// Whether nothing runs any more and nothing will.
    pub fn is_over(&self) -> bool {
        let goes_on = self.list.as_ref().is_some_and(|list| list.agenda.is_some());
        !self.leader_runs && self.others.is_empty() && !goes_on
    }

    /// Reaps what is left and tells how it ended. The group must not be signalled any
    /// more.
    ///
    /// # Errors
    /// As [`Course::ended`].
    pub fn finish(mut self) -> io::Result<(Status, Usage)> {
        let mut usage = self.usage;
        for child in mem::take(&mut self.others) {
            usage = usage + child.reap()?.1;
        }
        let (status, of_leader) = self.leader.reap()?;
        match self.list {
            Some(list) => Ok((list.status, usage + of_leader)),
            None => Ok((status, of_leader)),
        }
    }
}

impl Listed<'_> {
    /// Takes note of how a process has ended.
    fn note(&mut self, pid: Pid, status: Status) {
        if Some(pid) == self.last {
            self.status = status;
        } else if let Status::Signaled(signal) = status {
            self.killed.push(signal);
        }
    }

    /// Takes note of a process. One that cannot be started has failed, as in a shell.
    fn started(&mut self, child: Result<Child, StartError>) -> io::Result<Option<Child>> {
        match child {
            Ok(child) => {
                self.last = Some(child.pid);
                Ok(Some(child))
            }
            Err(StartError::Job(outcome)) => {
                self.last = None;
                self.status = Status::Exited(outcome.status());
                if let Outcome::NotFound(why) | Outcome::NotExecutable(why) = outcome {
                    let words = format!("prun: {why}\n").into_bytes();
                    self.words.push_back((Stream::Stderr, words));
                }
                Ok(None)
            }
            Err(StartError::NoRoom(error)) => Err(error),
        }
    }

    /// Goes on to what comes after a pipeline.
    fn take(&mut self, step: Step) {
        self.tell_killed(&step);
        match step {
            Step::Pipeline => {}
            Step::Builtin(words, status) => {
                self.words.extend(words);
                self.status = Status::Exited(status);
            }
            Step::Over => self.agenda = None,
        }
    }

    /// A shell names the signals that ended its processes, unless they are usual ones. How
    /// the job itself has ended, prun tells.
    fn tell_killed(&mut self, next: &Step) {
        let mut killed = mem::take(&mut self.killed);
        if let (Status::Signaled(signal), true) = (self.status, *next != Step::Over) {
            killed.push(signal);
        }
        killed.retain(|signal| ![libc::SIGINT, libc::SIGPIPE].contains(signal));
        for signal in killed {
            let mut words = signal_name::describe(signal);
            words.push(b'\n');
            self.words.push_back((Stream::Stderr, words));
        }
    }
}

//! The processes of one attempt. They share a group, and whoever leads it is reaped
//! last: until then nobody else can be given its number.

use std::collections::VecDeque;
use std::io;
use std::mem;
use std::os::fd::BorrowedFd;

use rustix::process::Pid;

use crate::builtin::OnSuccess;
use crate::exec::builtin::threads::RunningStages;
use crate::exec::capture::OutputStream;
use crate::exec::list::runner::ListRunner;
use crate::exec::list::{NextStep, StartedStage};
use crate::exec::start::launcher::StartError;
use crate::exec::start::pipes::ProcessPipes;
use crate::exec::termination::slot_control::SlotControl;
use crate::job::Outcome;
use crate::os::child::{Child, ExitStatus, ResourceUsage};
use crate::os::signal_name;
use crate::template::UnusualPrograms;

/// Processes and built-in stages of one attempt, those still to come, and their pipes.
pub(crate) struct ProcessGroup<'a> {
    pub pipes: ProcessPipes,
    leader: Option<ProcessStage>,
    leader_runs: bool,
    others: Vec<ProcessStage>,
    /// Of those that were reaped.
    usage: ResourceUsage,
    list: Option<ListState<'a>>,
}

/// A process in its place of a pipeline.
#[derive(Debug)]
struct ProcessStage {
    at: usize,
    child: Child,
}

/// State of a process group that runs a list.
#[derive(Debug)]
struct ListState<'a> {
    /// `None` once nothing more will be started.
    runner: Option<ListRunner<'a>>,
    builtin_stages: RunningStages,
    /// Ends of stages of the current pipeline, with their places.
    ends: Vec<(usize, ExitStatus)>,
    /// The status of the pipeline that ended last.
    status: ExitStatus,
    on_success: Option<OnSuccess>,
    /// Messages that a shell would have printed by now.
    messages: VecDeque<(OutputStream, Vec<u8>)>,
    unusual: UnusualPrograms,
}

impl<'a> ProcessGroup<'a> {
    /// The group of a single process, which leads it.
    pub(crate) fn of(leader: Child, pipes: ProcessPipes) -> Self {
        ProcessGroup {
            pipes,
            leader: Some(ProcessStage {
                at: 0,
                child: leader,
            }),
            leader_runs: true,
            others: Vec::new(),
            usage: ResourceUsage::default(),
            list: None,
        }
    }

    /// The group of a list, whose first stage is started; `None` if a shell has to run it.
    ///
    /// # Errors
    /// Processes, threads or descriptors are short. Nothing has happened then.
    pub(crate) fn of_list(
        mut runner: ListRunner<'a>,
        pipes: ProcessPipes,
        mut builtin_stages: RunningStages,
    ) -> io::Result<Option<Self>> {
        builtin_stages.reserve(runner.builtin_stages())?;
        let first = runner.start(None);
        if let (UnusualPrograms::ByShell, Some((_, Err(StartError::Job(_))))) =
            (runner.unusual(), &first)
        {
            // The shell says why, or has another way.
            return Ok(None);
        }
        let list = ListState {
            builtin_stages,
            ends: Vec::new(),
            status: ExitStatus::Exited(0),
            on_success: None,
            messages: VecDeque::new(),
            unusual: runner.unusual(),
            runner: Some(runner),
        };
        let mut process_group = ProcessGroup {
            pipes,
            leader: None,
            leader_runs: false,
            others: Vec::new(),
            usage: ResourceUsage::default(),
            list: Some(list),
        };
        if let Some((at, started)) = first {
            process_group.take(at, started)?;
        }
        Ok(Some(process_group))
    }

    /// Leader of the group, once a process was started.
    pub(crate) fn leader(&self) -> Option<Pid> {
        self.leader.as_ref().map(|leader| leader.child.pid)
    }

    /// A descriptor for each process that runs, readable once it has ended.
    pub(crate) fn exits(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let leader = self.leader.iter().filter(|_| self.leader_runs);
        leader
            .chain(&self.others)
            .map(|stage| stage.child.exit_fd())
    }

    /// Takes note that of those in [`ProcessGroup::exits`] these have ended, and of built-ins that
    /// have. Returns whether any has.
    ///
    /// # Errors
    /// `waitid` or `wait4` failed: prun is broken, not the job.
    pub(crate) fn ended(&mut self, which: &[usize]) -> io::Result<bool> {
        // From the last one on: those before it keep their places.
        for &at in which.iter().rev() {
            if at == 0
                && self.leader_runs
                && let Some(leader) = &self.leader
            {
                self.leader_runs = false;
                if let Some(list) = &mut self.list {
                    list.ends.push((leader.at, leader.child.peek()?.0));
                }
                continue;
            }
            let stage = self.others.remove(at - usize::from(self.leader_runs));
            let (status, usage) = stage.child.reap()?;
            self.usage = self.usage + usage;
            if let Some(list) = &mut self.list {
                list.ends.push((stage.at, status));
            }
        }
        let mut any = !which.is_empty();
        if let Some(list) = &mut self.list {
            while let Some(end) = list.builtin_stages.take_ended() {
                self.usage = self.usage + end.usage;
                list.ends.push((end.at, end.status));
                list.on_success = end.on_success.or(list.on_success.take());
                any = true;
            }
        }
        Ok(any)
    }

    /// Starts what is to be started now. If something is to be printed before that, returns
    /// it, and wants to be called again.
    ///
    /// # Errors
    /// A process could not be started though others were. After a shortage
    /// ([`crate::exec::start::launcher::is_shortage`]) this can be called again.
    pub(crate) fn advance(
        &mut self,
        control: &SlotControl,
    ) -> io::Result<Option<(OutputStream, Vec<u8>)>> {
        loop {
            let leader = self.leader();
            let idle = !self.leader_runs && self.others.is_empty();
            let Some(list) = &mut self.list else {
                return Ok(None);
            };
            if let Some(message) = list.messages.pop_front() {
                return Ok(Some(message));
            }
            let Some(runner) = &mut list.runner else {
                return Ok(None);
            };
            // Taken before anything of a pipeline is started.
            list.builtin_stages.reserve(runner.builtin_stages())?;
            if let Some((at, started)) = runner.start(leader) {
                let is_short = matches!(started, Err(StartError::ResourceShortage(_)));
                if is_short && idle && leader.is_some() {
                    self.reap_leader(control)?;
                    continue;
                }
                self.take(at, started)?;
                match (leader, self.leader()) {
                    (None, Some(leader)) => control.led_by(leader),
                    _ => control.joined(),
                }
            } else if idle && list.builtin_stages.running() == 0 {
                list.conclude()?;
            } else {
                return Ok(None);
            }
        }
    }

    /// Reaps a leader that has ended though the job goes on. It counts as a process: jobs that
    /// keep theirs and wait for the next one would all wait for each other.
    fn reap_leader(&mut self, control: &SlotControl) -> io::Result<()> {
        if let Some(leader) = self.leader.take() {
            control.unlead();
            self.usage = self.usage + leader.child.reap()?.1;
        }
        Ok(())
    }

    /// Takes note of a stage. One that cannot be started has failed, as in a shell.
    fn take(&mut self, at: usize, started: Result<StartedStage, StartError>) -> io::Result<()> {
        let Some(list) = &mut self.list else {
            return Ok(());
        };
        match started {
            Ok(StartedStage::Process(child)) if self.leader.is_none() => {
                self.leader = Some(ProcessStage { at, child });
                self.leader_runs = true;
            }
            Ok(StartedStage::Process(child)) => self.others.push(ProcessStage { at, child }),
            Ok(StartedStage::Builtin(stage)) => list.builtin_stages.start(stage, at)?,
            Ok(StartedStage::Failed(why)) => list.fail(at, 1, &why),
            Err(StartError::Job(outcome)) => match &outcome {
                Outcome::NotFound(why) | Outcome::NotExecutable(why) => {
                    list.fail(at, outcome.status(), why);
                }
                _ => list.ends.push((at, ExitStatus::Exited(outcome.status()))),
            },
            Err(StartError::ResourceShortage(error)) => return Err(error),
        }
        Ok(())
    }

    /// Starts nothing more, and ends the built-ins that run.
    pub(crate) fn stop(&mut self) {
        if let Some(list) = &mut self.list {
            list.runner = None;
            list.builtin_stages.stop();
        }
    }

    /// Nothing runs any more and nothing will.
    pub(crate) fn has_ended(&self) -> bool {
        let goes_on =
            |list: &ListState<'_>| list.runner.is_some() || list.builtin_stages.running() > 0;
        let goes_on = self.list.as_ref().is_some_and(goes_on);
        !self.leader_runs && self.others.is_empty() && !goes_on
    }

    /// Work of a built-in that is committed if the job succeeds, once.
    pub(crate) fn take_on_success(&mut self) -> Option<OnSuccess> {
        self.list.as_mut()?.on_success.take()
    }

    /// Reaps what is left and tells how it ended. The group must not be signalled any
    /// more.
    ///
    /// # Errors
    /// `wait4` failed: prun is broken, not the job.
    pub(crate) fn finish(mut self) -> io::Result<(ExitStatus, ResourceUsage)> {
        self.stop();
        let (mut usage, mut status) = (self.usage, ExitStatus::Exited(0));
        for stage in mem::take(&mut self.others) {
            usage = usage + stage.child.reap()?.1;
        }
        if let Some(leader) = self.leader {
            let of_leader = leader.child.reap()?;
            (status, usage) = (of_leader.0, usage + of_leader.1);
        }
        Ok((self.list.map_or(status, |list| list.status), usage))
    }
}

impl ListState<'_> {
    /// Takes note of a stage that cannot be started.
    fn fail(&mut self, at: usize, status: u8, why: &str) {
        self.ends.push((at, ExitStatus::Exited(status)));
        let message = format!("prun: {why}\n").into_bytes();
        self.messages.push_back((OutputStream::Stderr, message));
    }

    /// Goes on to what comes after a pipeline.
    fn conclude(&mut self) -> io::Result<()> {
        let Some(runner) = &mut self.runner else {
            return Ok(());
        };
        self.ends.sort_by_key(|(at, _)| *at);
        let decisive = decisive(&self.ends, runner.last(), self.unusual);
        self.status = match decisive {
            Some(at) => self.ends[at].1,
            None if self.ends.is_empty() => self.status,
            None => ExitStatus::Exited(0),
        };
        let step = runner.after(self.status)?;
        // Not before: after a shortage, this is done again.
        let mut ends = mem::take(&mut self.ends);
        if let Some(at) = decisive {
            ends.remove(at);
        }
        self.tell_killed(&ends, &step);
        match step {
            NextStep::Pipeline => {}
            NextStep::Done(message, status) => {
                self.messages.extend(message);
                self.status = ExitStatus::Exited(status);
            }
            NextStep::End => self.runner = None,
        }
        Ok(())
    }

    /// A shell names the signals that ended its processes, unless they are usual ones. How
    /// the job itself has ended, prun tells.
    fn tell_killed(&mut self, others: &[(usize, ExitStatus)], next: &NextStep) {
        let mut ends: Vec<ExitStatus> = others.iter().map(|(_, status)| *status).collect();
        if *next != NextStep::End {
            ends.push(self.status);
        }
        for status in ends {
            match status {
                ExitStatus::Exited(_) | ExitStatus::Signaled(libc::SIGINT | libc::SIGPIPE) => {}
                ExitStatus::Signaled(signal) => {
                    let mut message = signal_name::describe(signal);
                    message.push(b'\n');
                    self.messages.push_back((OutputStream::Stderr, message));
                }
            }
        }
    }
}

/// Which of these ends is the pipeline's; `None` if none is, and it has succeeded.
fn decisive(ends: &[(usize, ExitStatus)], last: usize, unusual: UnusualPrograms) -> Option<usize> {
    let has_failed = |(at, status): &(usize, ExitStatus)| match status {
        ExitStatus::Exited(0) => false,
        // A later one had enough.
        ExitStatus::Signaled(libc::SIGPIPE) => *at == last,
        _ => true,
    };
    match unusual {
        UnusualPrograms::ByShell => ends.iter().position(|(at, _)| *at == last),
        UnusualPrograms::Fails => ends.iter().rposition(has_failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_failure_or_the_last_stage_decides() {
        const OK: ExitStatus = ExitStatus::Exited(0);
        const PIPE: ExitStatus = ExitStatus::Signaled(libc::SIGPIPE);
        let failed = ExitStatus::Exited;
        for (ends, by_shell, fails) in [
            ([OK, OK, OK], Some(2), None),
            ([failed(1), OK, OK], Some(2), Some(0)),
            ([failed(1), failed(2), OK], Some(2), Some(1)),
            ([failed(1), PIPE, OK], Some(2), Some(0)),
            ([PIPE, PIPE, OK], Some(2), None),
            ([PIPE, OK, PIPE], Some(2), Some(2)),
            ([OK, ExitStatus::Signaled(9), OK], Some(2), Some(1)),
        ] {
            let ends: Vec<(usize, ExitStatus)> = ends.into_iter().enumerate().collect();
            assert_eq!(
                decisive(&ends, 2, UnusualPrograms::ByShell),
                by_shell,
                "{ends:?}"
            );
            assert_eq!(
                decisive(&ends, 2, UnusualPrograms::Fails),
                fails,
                "{ends:?}"
            );
        }
    }
}

//! The slots of a run: threads that start when they are first needed.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::event::PoolEvent;
use super::slot::{Slot, SlotShared, SlotTask};
use super::thread::spawn;
use crate::exec::termination::StopReason;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::exec::termination::slot_control::{OutputTurn, SlotControl};
use crate::job::{Job, RunningAttempt};
use crate::os::clock::ClockReading;

/// Slots, with the queue that they take jobs from.
pub(super) struct SlotPool {
    shared: Arc<SlotShared>,
    controls: Vec<Arc<SlotControl>>,
    turn: Arc<OutputTurn>,
    ready: (Sender<SlotTask>, Receiver<SlotTask>),
    /// Slots that were told to end and have not yet.
    ending: usize,
    /// Numbers of slots that have ended, to be given again.
    free_numbers: BTreeSet<usize>,
    events: Sender<PoolEvent>,
    /// Jobs in the queue or running.
    busy: usize,
}

/// Jobs, by their numbers, that were suspended or have gone on.
pub(super) struct SuspensionChanges {
    pub resumed: Option<u64>,
    pub suspended: Vec<u64>,
}

impl SlotPool {
    pub(super) fn new(shared: Arc<SlotShared>, events: Sender<PoolEvent>) -> Self {
        SlotPool {
            shared,
            controls: Vec::new(),
            turn: Arc::default(),
            ready: unbounded(),
            ending: 0,
            free_numbers: BTreeSet::new(),
            events,
            busy: 0,
        }
    }

    /// A sender of events to the dispatcher.
    pub(super) fn events(&self) -> Sender<PoolEvent> {
        self.events.clone()
    }

    /// Number of jobs in the queue or running.
    pub(super) fn busy(&self) -> usize {
        self.busy
    }

    /// Puts a job in the queue; starts one more slot, up to `most`, if all are taken.
    ///
    /// # Errors
    /// The slot could not be started, and no other one can run the job: it comes back.
    pub(super) fn hand(&mut self, job: Job, most: usize) -> Result<(), Box<(Job, io::Error)>> {
        let slots = self.controls.len() - self.ending;
        if self.busy >= slots
            // Those that are ending keep their numbers, and none is to be above `most`.
            && self.controls.len() < most
            && let Err(error) = self.start_slot()
            // With a slot less, the job waits a little longer.
            && (self.controls.is_empty() || self.shared.setup.options.all_at_once)
        {
            return Err(Box::new((job, error)));
        }
        self.busy += 1;
        // The receiving end lives as long as this.
        let _ = self.ready.0.send(SlotTask::Run(job));
        Ok(())
    }

    fn start_slot(&mut self) -> io::Result<()> {
        let number = self.free_numbers.first().copied();
        let number = number.unwrap_or(self.controls.len() + 1);
        let control = SlotControl::new(number, self.shared.setup.options.slots, &self.turn)?;
        let slot = Slot {
            shared: Arc::clone(&self.shared),
            host: self.shared.setup.executor.host(number),
            control: Arc::clone(&control),
            ready: self.ready.1.clone(),
            events: self.events.clone(),
        };
        spawn(format!("slot {number}"), move || slot.run())?;
        self.free_numbers.remove(&number);
        self.controls.push(control);
        Ok(())
    }

    /// Ends slots above `allowed` as soon as they are idle: their threads count as processes.
    pub(super) fn shrink(&mut self, allowed: usize) {
        let slots = self.controls.len() - self.ending;
        for _ in allowed.max(1)..slots {
            self.ending += 1;
            let _ = self.ready.0.send(SlotTask::End);
        }
    }

    /// Ends all slots if processes live on in them. Returns whether none is left. To be called
    /// when no job waits or runs, and again until then.
    pub(super) fn close(&mut self) -> bool {
        if !self.shared.setup.executor.keeps_processes() {
            return true;
        }
        for _ in self.ending..self.controls.len() {
            self.ending += 1;
            let _ = self.ready.0.send(SlotTask::End);
        }
        self.controls.is_empty()
    }

    /// Takes note of a slot that has ended on request.
    pub(super) fn ended(&mut self, slot: usize) {
        self.ending -= 1;
        self.controls.retain(|control| control.slot() != slot);
        self.free_numbers.insert(slot);
    }

    /// Takes note of a job that has ended or came back.
    pub(super) fn released(&mut self) {
        self.busy -= 1;
    }

    /// Takes the jobs back that no slot has taken yet.
    pub(super) fn take_back(&mut self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for task in self.ready.1.try_iter() {
            match task {
                SlotTask::Run(job) => jobs.push(job),
                SlotTask::End => self.ending -= 1,
            }
        }
        self.busy -= jobs.len();
        jobs
    }

    /// Ends every running job, and lets none start.
    pub(super) fn stop(&self, signal_sequence: &SignalSequence) {
        for control in &self.controls {
            control.stop(signal_sequence.clone());
        }
    }

    /// Ends job `seq`. Returns whether it runs.
    pub(super) fn end(
        &self,
        seq: u64,
        cause: StopReason,
        signal_sequence: &SignalSequence,
    ) -> bool {
        let mut controls = self.controls.iter();
        controls.any(|control| control.end(seq, cause, signal_sequence))
    }

    /// Requests a line about every running job.
    pub(super) fn ask(&self) {
        for control in &self.controls {
            control.ask();
        }
    }

    /// Stops the processes of every job.
    pub(super) fn pause(&self) {
        for control in &self.controls {
            control.pause();
        }
    }

    /// Lets the processes of every job go on.
    pub(super) fn resume(&self) {
        for control in &self.controls {
            control.resume();
        }
    }

    /// Lets the `allowed` jobs that have run longest go on, and suspends the others; of those
    /// that may go on again, only the oldest: what it takes is to be seen before the next one
    /// follows. Returns what has changed.
    pub(super) fn limit_running(&self, allowed: usize, now: ClockReading) -> SuspensionChanges {
        let with_job = |control: &Arc<SlotControl>| Some((control.running()?, Arc::clone(control)));
        let mut running: Vec<_> = self.controls.iter().filter_map(with_job).collect();
        running.sort_by_key(|(running, _)| running.began);
        let others = running.split_off(allowed.min(running.len()));
        let mut suspended = running.iter().filter(|(job, _)| job.suspended.is_some());
        let resumed = suspended.next().map(|(job, control)| {
            control.unsuspend(job.seq, now);
            job.seq
        });
        let others = others
            .iter()
            .filter(|(job, control)| control.suspend(job.seq, now));
        SuspensionChanges {
            resumed,
            suspended: others.map(|(running, _)| running.seq).collect(),
        }
    }

    /// Ends every job that is stopped because it wants the terminal. Returns whether prun has
    /// to stop, as [`SlotControl::deny_terminal`] has it.
    pub(super) fn deny_terminal(&self) -> bool {
        let controls = self.controls.iter();
        controls.filter(|control| control.deny_terminal()).count() > 0
    }

    /// Jobs that have run since `before` and are stopped, as [`SlotControl::stopped_job`] has it.
    pub(super) fn stopped_jobs(&self, before: ClockReading) -> Vec<(u64, i32)> {
        let controls = self.controls.iter();
        let stopped = controls.filter_map(|control| control.stopped_job(before));
        let mut stopped: Vec<(u64, i32)> = stopped.collect();
        stopped.sort_unstable();
        stopped
    }

    /// Lets one job print while it runs, or none.
    pub(super) fn grant_turn(&self, seq: Option<u64>) {
        self.turn.grant(seq);
        if let Some(seq) = seq {
            let _ = self
                .controls
                .iter()
                .any(|control| control.turn_granted(seq));
        }
    }

    /// Takes the latest lines of running jobs that have changed, with the jobs' numbers.
    pub(super) fn take_latest(&self) -> Vec<(u64, Vec<u8>)> {
        let controls = self.controls.iter();
        controls
            .filter_map(|control| control.take_latest())
            .collect()
    }

    /// Running attempts, longest first.
    pub(super) fn running(&self) -> Vec<RunningAttempt> {
        let running = self.controls.iter().filter_map(|control| control.running());
        let mut running: Vec<RunningAttempt> = running.collect();
        running.sort_by_key(|running| running.began);
        running
    }
}

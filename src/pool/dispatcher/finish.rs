//! The end of a run: output that is still held is printed, the run is summed up, and the
//! writer gets the time it needs.

use super::Dispatcher;
use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::os::signal_name;
use crate::output::writer::WriterNotice;
use crate::pool::event::PoolEvent;
use crate::pool::options::Verbosity;
use crate::pool::run_result::RunResult;

impl Dispatcher {
    pub(super) fn finish(mut self) -> RunResult {
        for finished in self.output.sequencer.rest() {
            self.reporter.finished(finished);
        }
        let combined = self.combined();
        let last = self.last_words();
        let now = self.setup.clock.now();
        self.reporter.close(combined, last, &self.tally, now);
        self.wait_for_writer();
        self.shutdown.result(self.tally)
    }

    /// The one result of all jobs, if every job had its turn: that of a run which was ended
    /// before could not be told from the whole one.
    fn combined(&mut self) -> Option<CombinedResult> {
        let combined = self.setup.template.combined()?;
        if self.shutdown.is_broken() {
            return None;
        }
        if self.shutdown.was_halted() {
            let name = combined.name();
            let text = format!("prun: {name}: no result: the run was halted\n");
            self.reporter.say(&text);
            return None;
        }
        Some(combined)
    }

    /// The message of a run that a signal ends; empty if it needs none. Without a reader, all
    /// that could be said is known.
    fn last_words(&self) -> Option<String> {
        let signal = self.shutdown.signal?;
        if self.setup.options.verbosity == Verbosity::Silent || signal == libc::SIGPIPE {
            return Some(String::new());
        }
        let stopped = self.tally.stopped;
        let jobs = if stopped == 1 { "job" } else { "jobs" };
        let total = self.tally.total;
        let unstarted = match total.map(|total| total.saturating_sub(self.queue.started())) {
            Some(0) => "none left to start".to_owned(),
            Some(count) => format!("{count} not started"),
            None => "the rest not started".to_owned(),
        };
        let name = signal_name::name(signal);
        Some(format!(
            "prun: {name}: {stopped} {jobs} stopped, {unstarted}\n"
        ))
    }

    /// Waits until all is written. Signals still count while a slow reader takes its time: once
    /// someone has asked twice, prun does not wait for the reader.
    fn wait_for_writer(&mut self) {
        let mut asked = u32::from(self.shutdown.was_signalled());
        while let Ok(event) = self.events.recv() {
            match event {
                // An answer to an earlier question may still be on its way.
                PoolEvent::Delivery(WriterNotice::Drained) if self.reporter.drained() => {}
                PoolEvent::Delivery(WriterNotice::Drained) => return,
                PoolEvent::Delivery(notice) => self.delivery(notice),
                PoolEvent::HungUp => self.hung_up(),
                PoolEvent::Signal(libc::SIGTSTP) => self.pause(),
                PoolEvent::Signal(libc::SIGHUP) => {
                    self.shutdown.signal.get_or_insert(libc::SIGHUP);
                }
                PoolEvent::Signal(signal @ (libc::SIGINT | libc::SIGTERM | libc::SIGQUIT)) => {
                    self.shutdown.signal = Some(signal);
                    asked += 1;
                    if asked > 1 {
                        self.shutdown.fail(Error::new("output was not delivered"));
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}

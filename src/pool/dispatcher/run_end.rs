//! The end of a run: output that is still held is printed, the run is summed up, and the
//! writer gets the time it needs.

use super::Dispatcher;
use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::log::remarks::Verbosity;
use crate::observer::{RunClosing, RunEvent};
use crate::os::signal_name;
use crate::output::writer::WriterNotice;
use crate::pool::event::PoolEvent;
use crate::pool::run_result::RunResult;

impl Dispatcher {
    pub(super) fn finish(mut self) -> RunResult {
        for finished in self.output.sequencer.rest() {
            self.reporter.finished(finished);
        }
        let combined = self.combined();
        self.reporter.end_display();
        if let Some(combined) = combined {
            self.print_combined(combined);
        }
        if let Some(text) = self.interruption_notice() {
            self.reporter.say(text);
        }
        self.reporter.tell(&RunEvent::RunEnded {
            tally: &self.tally,
            now: self.setup.clock.now(),
            signal: self.shutdown.signal,
        });
        self.reporter.drain_last();
        if self.wait_for_writer() && self.tell_closing() {
            self.reporter.drain_last();
            self.wait_for_writer();
        }
        self.shutdown.result(self.tally)
    }

    /// Tells how the run ended in truth: an error of the writer may have come last. Returns
    /// whether there is something to write for that.
    fn tell_closing(&mut self) -> bool {
        let closing = RunClosing {
            tally: &self.tally,
            now: self.setup.clock.now(),
            halted: self.shutdown.was_halted(),
            signal: self.shutdown.signal,
            error: self.shutdown.error(),
        };
        self.reporter.is_answered(&RunEvent::RunClosed(&closing))
    }

    /// The one result of all jobs, if every job had its turn: that of a run which was ended
    /// before could not be told from the whole one.
    fn combined(&mut self) -> Option<CombinedResult> {
        let combined = self.setup.template.combined()?;
        if self.shutdown.ends_early() {
            return None;
        }
        if self.shutdown.was_halted() {
            let name = combined.name();
            let text = format!("prun: {name}: no result: the run was halted\n");
            self.reporter.say(text);
            return None;
        }
        Some(combined)
    }

    /// Prints the one result, unless no job succeeded: it would look like one of something.
    fn print_combined(&mut self, combined: CombinedResult) {
        if self.tally.done == 0 || self.tally.succeeded() > 0 {
            return self.reporter.combined(combined);
        }
        let name = combined.name();
        let mut text = format!("prun: no result of {name}: no job succeeded\n");
        if self.setup.template.is_one_builtin() {
            text.push_str(&format!(
                "hint: values are names of files; to take the values themselves: prun 'echo <> | {name}'\n"
            ));
        }
        self.reporter.say(text);
    }

    /// The message of a run that a signal or its time limit ends. Without a reader, all that
    /// could be said is known.
    fn interruption_notice(&self) -> Option<String> {
        let options = &self.setup.options;
        let reason = match (self.shutdown.signal, options.total_time) {
            (Some(libc::SIGPIPE), _) => return None,
            (Some(signal), _) => signal_name::name(signal),
            (None, Some(time)) if self.shutdown.is_time_over => {
                let seconds = time.as_secs_f64();
                format!("the time of --timeout-total ({seconds}s) is over")
            }
            (None, _) => return None,
        };
        if options.verbosity == Verbosity::Silent {
            return None;
        }
        let stopped = self.tally.stopped;
        let jobs = if stopped == 1 { "job" } else { "jobs" };
        let total = self.tally.total;
        let unstarted = match total.map(|total| total.saturating_sub(self.queue.started())) {
            Some(0) => "none left to start".to_owned(),
            Some(count) => format!("{count} not started"),
            None => "the rest not started".to_owned(),
        };
        Some(format!(
            "prun: {reason}: {stopped} {jobs} stopped, {unstarted}\n"
        ))
    }

    /// Waits until all is written. Signals still count while a slow reader takes its time: once
    /// someone has asked twice, prun does not wait for the reader. Returns whether all was
    /// written, or reported as lost.
    fn wait_for_writer(&mut self) -> bool {
        let mut asked = u32::from(self.shutdown.was_signalled() || self.shutdown.is_time_over);
        while let Ok(event) = self.events.recv() {
            match event {
                // An answer to an earlier question may still be on its way.
                PoolEvent::Delivery(WriterNotice::Drained) if self.reporter.drained() => {}
                PoolEvent::Delivery(WriterNotice::Drained) => return true,
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
                        return false;
                    }
                }
                _ => {}
            }
        }
        false
    }
}

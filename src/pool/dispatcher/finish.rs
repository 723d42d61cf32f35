//! The end of a run: what is still held is printed, what happened is summed up, and
//! the writer gets the time it needs.

use super::Dispatcher;
use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::os::signal_name;
use crate::output::writer::WriterNotice;
use crate::pool::event::PoolEvent;
use crate::pool::{HaltCause, RunResult, Verbosity};

impl Dispatcher {
    pub(super) fn finish(mut self) -> RunResult {
        for finished in self.sequencer.rest() {
            self.reporter.finished(finished);
        }
        let combined = self.take_combined();
        let last = self.last_words();
        self.reporter
            .close(combined, last, &self.tally, self.clock.now());
        self.wait_for_writer();
        RunResult {
            tally: self.tally,
            halted: self.halted,
            signal: self.signal,
            error: self.error,
        }
    }

    /// The one result of all jobs, if every job had its turn: that of a run which was ended
    /// before could not be told from the whole one.
    fn take_combined(&mut self) -> Option<CombinedResult> {
        let combined = self.combined.take()?;
        if self.signal.is_some() || self.error.is_some() {
            return None;
        }
        if self.halted == HaltCause::No {
            return Some(combined);
        }
        let name = combined.name();
        self.reporter
            .say(&format!("prun: {name}: no result: the run was halted\n"));
        None
    }

    /// What a signal has kept from being done; nothing if there was none. Without a
    /// reader, all that could be said is known.
    fn last_words(&self) -> Option<String> {
        let signal = self.signal?;
        if self.options.verbosity == Verbosity::Silent || signal == libc::SIGPIPE {
            return Some(String::new());
        }
        let jobs = |count| if count == 1 { "job" } else { "jobs" };
        let stopped = self.tally.stopped;
        let unstarted = match self.tally.total {
            Some(total) => match total.saturating_sub(self.started) {
                0 => "none left to start".to_owned(),
                count => format!("{count} not started"),
            },
            None => "the rest not started".to_owned(),
        };
        Some(format!(
            "prun: {}: {stopped} {} stopped, {unstarted}\n",
            signal_name::name(signal),
            jobs(stopped)
        ))
    }

    /// Signals still count while a slow reader takes its time. Once someone has asked
    /// twice, prun does not wait for the reader.
    fn wait_for_writer(&mut self) {
        let mut asked = u32::from(self.last_signal.is_some());
        while let Ok(event) = self.events.recv() {
            match event {
                // An answer to an earlier question may still be on its way.
                PoolEvent::Delivery(WriterNotice::Drained)
                    if !std::mem::take(&mut self.draining) =>
                {
                    return;
                }
                PoolEvent::Delivery(WriterNotice::Failed(target, error)) => {
                    self.undelivered(target, &error);
                }
                PoolEvent::Delivery(WriterNotice::Unkept(error)) => self.unkept(error),
                PoolEvent::Delivery(WriterNotice::Uncombined(error)) => self.fail(error),
                PoolEvent::HungUp => self.hung_up(),
                PoolEvent::Signal(libc::SIGTSTP) => self.pause(),
                PoolEvent::Signal(libc::SIGHUP) => {
                    self.signal.get_or_insert(libc::SIGHUP);
                }
                PoolEvent::Signal(signal @ (libc::SIGINT | libc::SIGTERM | libc::SIGQUIT)) => {
                    self.signal = Some(signal);
                    asked += 1;
                    if asked > 1 {
                        self.fail(Error::new("output was not delivered"));
                        return;
                    }
                }
                _ => {}
            }
        }
    }
}

//! What a run writes beside its output: the job log and the results, opened before any job
//! starts.

use std::fs::File;
use std::io::ErrorKind;
use std::os::fd::{AsFd, RawFd};
use std::path::Path;
use std::sync::Arc;

use super::Config;
use super::log::{self, ResumeMode, is_stdout};
use super::queue::QueueUse;
use crate::error::Result;
use crate::log::events;
use crate::log::joblog::{self, MissingLog};
use crate::log::plan_history::PlanHistory;
use crate::log::resume::{self, LogHistory};
use crate::observer::{Observers, RecordDestination, RecordOutput, RecordSink};
use crate::os::inherited;
use crate::output::results::{self, ExistingTable, ResultsLocator, ResultsOutput};
use crate::output::write_all;
use crate::policy::record_sync::RecordSync;
use crate::queue::{self, QueueMarks};
use crate::status::EmptyInput;

impl Config {
    /// Opens the job log before any job starts, and leaves out the rows that it says are
    /// done. Without a run, the log is only read.
    ///
    /// # Errors
    /// The log cannot be read or written, another run writes it, it is damaged, or it is
    /// that of another command.
    pub(crate) fn open_log(&mut self) -> Result<Option<RecordOutput>> {
        let Some(path) = self.joblog.path.clone() else {
            return Ok(None);
        };
        let file = match (self.joblog.resume, self.dry_run.is_some()) {
            (ResumeMode::No, true) => return Ok(None),
            (ResumeMode::No, false) if is_stdout(&path) => return Ok(Some(RecordOutput::Stdout)),
            (ResumeMode::No, false) => {
                joblog::begin(&path, self.joblog.existing, self.joblog.kinds)?
            }
            (_, true) => {
                if let Some(file) = self.look_at(&path)? {
                    self.resume(&path, &file)?;
                }
                return Ok(None);
            }
            (_, false) => {
                let file = joblog::reopen(&path, self.joblog.missing)?;
                let whole = self.resume(&path, &file)?;
                joblog::mend(&path, file, whole)?
            }
        };
        let title = joblog::FORMAT.title(&path);
        let sync = self.joblog.sync;
        Ok(Some(file_of_records(RecordSink { file, title, sync })))
    }

    /// Opens the destination of events before any job starts; there are none without a run.
    ///
    /// # Errors
    /// It cannot be written, another run writes it, or it has something else in it.
    pub(crate) fn open_events(&self) -> Result<Option<RecordOutput>> {
        let Some(typed) = &self.observers.events else {
            return Ok(None);
        };
        let (path, existing) = log::path(typed);
        if self.dry_run.is_some() {
            return Ok(None);
        }
        if is_stdout(&path) {
            return Ok(Some(RecordOutput::Stdout));
        }
        let file = match inherited_descriptor(&path) {
            Some(number) => inherited::writable(number)
                .map_err(|error| events::FORMAT.unwritable(&path, &error))?,
            None => events::begin(&path, existing)?,
        };
        let first = self.run_facts().first_event();
        write_all(file.as_fd(), &first)
            .map_err(|error| events::FORMAT.unwritable(&path, &error))?;
        let title = events::FORMAT.title(&path);
        // It is for programs that watch the run, and says nothing after a power failure that
        // the job log does not say.
        let sync = RecordSync::Never;
        Ok(Some(file_of_records(RecordSink { file, title, sync })))
    }

    /// Opens the queue that jobs come from, before any job starts, and lets the observers mark
    /// its entries, after all others.
    ///
    /// # Errors
    /// The queue cannot be used.
    pub(crate) fn take_from_queue(&mut self, observers: &mut Observers) -> Result<()> {
        if let Some(QueueUse::Take(options)) = &self.queue {
            let taken = queue::take(options)?;
            self.rows.continue_with(taken.rows);
            let store = RecordDestination::Store(Box::new(taken.marks));
            let target = observers.add_output(RecordOutput::Kept(store));
            observers.add(QueueMarks::new(target, taken.hold));
        }
        Ok(())
    }

    /// Opens the log to read it, if it is there.
    fn look_at(&self, path: &Path) -> Result<Option<File>> {
        match File::open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && self.joblog.missing == MissingLog::Created =>
            {
                Ok(None)
            }
            Err(error) => Err(joblog::FORMAT.unreadable(path, &error)),
        }
    }

    /// Returns the length of the log's whole lines.
    fn resume(&mut self, path: &Path, file: &File) -> Result<u64> {
        if let (ResumeMode::Without(done), Some(plan)) = (self.joblog.resume, &mut self.pool.plan) {
            let rules = (done, self.joblog.success);
            let (history, whole) =
                PlanHistory::read(path, file, &plan.plan, rules, &self.template)?;
            plan.earlier = history.ends;
            let done = history.numbers.clone();
            self.rows.keep(move |number, _| !done.contains(&number));
            self.joblog.done = history.numbers;
            self.rule.empty = EmptyInput::Fine;
            return Ok(whole);
        }
        let by = self.joblog.identity;
        let whole = match self.joblog.resume {
            ResumeMode::No => return Ok(0),
            ResumeMode::Failed => {
                let (rows, numbers, whole) = resume::failed(path, file, by, self.joblog.success)?;
                self.rows = rows;
                self.joblog.done = numbers;
                self.rule.empty = EmptyInput::Fine;
                whole
            }
            ResumeMode::Without(done) => {
                let (mut history, whole) = LogHistory::read(path, file, done, by, &self.template)?;
                // To have nothing left to do is another thing than to have no input.
                if self.rule.empty != EmptyInput::Fine && self.rows.read_ahead(1)? > 0 {
                    self.rule.empty = EmptyInput::Fine;
                }
                self.joblog.done = std::mem::take(&mut history.numbers);
                history.apply(&mut self.rows, Arc::clone(&self.template));
                whole
            }
        };
        Ok(whole)
    }

    /// Opens what results are written to, before any job starts. Without a job log, jobs
    /// that have results are left out if an earlier run is gone on with.
    ///
    /// # Errors
    /// A directory that cannot be made, a file that cannot be written.
    pub(crate) fn open_results(&mut self) -> Result<Option<ResultsOutput>> {
        let Some(form) = self.results.take() else {
            return Ok(None);
        };
        let tells = self.joblog.continues() && self.joblog.path.is_none();
        // Without a run nothing is made, only looked at.
        if self.dry_run.is_some() && !(tells && form.is_there()) {
            return Ok(None);
        }
        let earlier = if self.joblog.continues() {
            ExistingTable::Continued
        } else {
            ExistingTable::Replaced
        };
        let done = std::mem::take(&mut self.joblog.done);
        let results = results::open(form, earlier, done, &self.template)?;
        if tells && let Some(locator) = &results.locator {
            self.rows.keep(ResultsLocator::unkept(locator));
            self.rule.empty = EmptyInput::Fine;
        }
        Ok(Some(results))
    }
}

fn file_of_records(sink: RecordSink) -> RecordOutput {
    RecordOutput::Kept(RecordDestination::File(sink))
}

/// Number of the descriptor that a name such as `/dev/fd/3` stands for.
fn inherited_descriptor(path: &Path) -> Option<RawFd> {
    if path == Path::new("/dev/stderr") {
        return Some(2);
    }
    let name = path.to_str()?;
    let number = name
        .strip_prefix("/dev/fd/")
        .or_else(|| name.strip_prefix("/proc/self/fd/"))?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| number.parse().ok()).flatten()
}

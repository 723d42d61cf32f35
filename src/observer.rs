//! The stream of events of a run, and those that watch it.
//!
//! The dispatcher tells every [`RunEvent`] to each [`Observer`] in turn. What one answers is
//! printed or recorded before the next one is told. Of an [`RunEvent::OutputDelivered`], that
//! comes after the output; a [`RunEvent::Printed`] is told before its bytes are written.

use std::fmt;
use std::fs::File;

use crate::error::{Error, Result};
use crate::job::{AttemptRecord, Job, RunningAttempt, StartedAttempt};
use crate::os::clock::ClockReading;
use crate::policy::record_sync::RecordSync;
use crate::tally::Tally;

/// Event of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RunEvent<'a> {
    /// No job has been started yet.
    RunStarted,
    /// An attempt was handed to the slots. One that was only queued may come again, or be
    /// skipped.
    JobStarted(&'a Job),
    /// An attempt has begun. It comes only if an observer wants it
    /// ([`Observer::wants_starts`]), and not for attempts that never ran.
    AttemptStarted(&'a StartedAttempt),
    /// An attempt is over; its output may have to wait for that of others.
    AttemptEnded(&'a AttemptRecord, ClockReading),
    /// An attempt failed and another one is queued, which may never start.
    Retried(&'a AttemptRecord),
    /// A job was ended to make room (`--memfree`, `--limit`) and will run again.
    Requeued(&'a Job),
    /// A job was ended to make room again, and will run when no other one does.
    PutOff(&'a Job),
    /// The processes of job `seq` were suspended for want of memory.
    Suspended(u64),
    /// The processes of job `seq` go on.
    Resumed(u64),
    /// All output of a job's last attempt went to the writer, `pending` bytes of it only now.
    OutputDelivered {
        record: &'a AttemptRecord,
        pending: u64,
    },
    /// A job that was read will not be started.
    Skipped(&'a Job),
    /// `--halt` was decided, or the time of `--timeout-total` is over.
    Halted,
    /// Bytes went to standard output or standard error, from jobs or from observers; `text`
    /// has them if they are in memory.
    Printed { bytes: u64, text: Option<&'a [u8]> },
    /// A reader is gone or results are lost, and the user was told.
    OutputLost,
    /// Running jobs have printed new lines, which come with [`RunEvent::LatestLine`].
    LatestChanged,
    /// The latest line that job `seq` has printed.
    LatestLine { seq: u64, line: &'a [u8] },
    /// Status lines are no longer on the terminal.
    StatusErased,
    /// [`Observer::next_drawing`] has come.
    DrawingDue(&'a RunState<'a>),
    /// Every job has ended and its output went to the writer.
    RunEnded {
        tally: &'a Tally,
        now: ClockReading,
        /// Signal that prun will die by.
        signal: Option<i32>,
    },
    /// All is written, or was reported as lost.
    RunClosed(&'a RunClosing<'a>),
}

/// The run when all is written.
#[derive(Debug)]
pub(crate) struct RunClosing<'a> {
    pub tally: &'a Tally,
    pub now: ClockReading,
    /// The rule of `--halt` came true.
    pub halted: bool,
    /// Signal that prun will die by.
    pub signal: Option<i32>,
    /// First error that broke the run.
    pub error: Option<&'a Error>,
}

/// The run at one moment.
#[derive(Debug)]
pub(crate) struct RunState<'a> {
    pub now: ClockReading,
    pub tally: &'a Tally,
    /// Longest running first.
    pub running: &'a [RunningAttempt],
}

/// Watches a run and answers with what is to be printed or recorded.
pub(crate) trait Observer {
    /// Takes note of an event. Called on the dispatcher's thread: it must not block.
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers);

    /// Tells whether slots are to say when an attempt begins.
    fn wants_starts(&self) -> bool {
        false
    }

    /// Time of the next [`RunEvent::DrawingDue`].
    fn next_drawing(&self) -> Option<ClockReading> {
        None
    }
}

/// Answers of an observer, in order.
#[derive(Debug, Default)]
pub(crate) struct ObserverAnswers(Vec<ObserverAnswer>);

#[derive(Debug)]
pub(crate) enum ObserverAnswer {
    /// Whole lines for standard error.
    Message(Vec<u8>),
    /// A record, in one write.
    Record(RecordTarget, RecordCondition, Vec<u8>),
    /// Lines below everything else on the terminal, none wider than it.
    Status(Vec<String>),
}

impl ObserverAnswers {
    pub(crate) fn message(&mut self, text: impl Into<Vec<u8>>) {
        self.0.push(ObserverAnswer::Message(text.into()));
    }

    /// Records what is true only if all output before it was delivered.
    pub(crate) fn record(&mut self, target: RecordTarget, record: Vec<u8>) {
        self.push_record(target, RecordCondition::OutputDelivered, record);
    }

    /// Records that a job is done: its output was delivered and every record of it written.
    pub(crate) fn conclude(&mut self, target: RecordTarget, record: Vec<u8>) {
        self.push_record(target, RecordCondition::AllRecorded, record);
    }

    /// Records what is true whatever becomes of output.
    pub(crate) fn note(&mut self, target: RecordTarget, record: Vec<u8>) {
        self.push_record(target, RecordCondition::None, record);
    }

    fn push_record(&mut self, target: RecordTarget, condition: RecordCondition, record: Vec<u8>) {
        self.0
            .push(ObserverAnswer::Record(target, condition, record));
    }

    pub(crate) fn status(&mut self, lines: Vec<String>) {
        self.0.push(ObserverAnswer::Status(lines));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn drain(&mut self) -> impl Iterator<Item = ObserverAnswer> {
        self.0.drain(..)
    }
}

/// Condition for a record to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordCondition {
    /// No output and no results were lost: a job whose output was lost is not done.
    OutputDelivered,
    /// As before, and no record was lost either.
    AllRecorded,
    None,
}

/// Destination of an observer's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordTarget {
    Stdout,
    /// Index in [`Observers::sinks`].
    Sink(usize),
}

/// Records before the writer has them.
#[derive(Debug)]
pub(crate) enum RecordOutput {
    Stdout,
    Kept(RecordDestination),
}

/// Destination of records that is not standard output.
#[derive(Debug)]
pub(crate) enum RecordDestination {
    File(RecordSink),
    Store(Box<dyn RecordStore>),
}

/// Store of records that are committed together. The writer commits what has come while it
/// wrote other things.
pub(crate) trait RecordStore: fmt::Debug + Send {
    /// Adds a record to those that are to be committed.
    fn add(&mut self, record: &[u8]);

    /// Number of records that are not committed.
    fn pending(&self) -> usize;

    /// Commits all records.
    ///
    /// # Errors
    /// They are lost.
    fn commit(&mut self) -> Result<()>;
}

/// A file of records.
#[derive(Debug)]
pub(crate) struct RecordSink {
    pub file: File,
    /// Its name in messages: `the job log 'FILE'`.
    pub title: String,
    pub sync: RecordSync,
}

/// All that watches a run, in the order in which it is told.
#[derive(Default)]
pub(crate) struct Observers {
    pub list: Vec<Box<dyn Observer>>,
    pub sinks: Vec<RecordDestination>,
}

impl Observers {
    pub(crate) fn add(&mut self, observer: impl Observer + 'static) {
        self.list.push(Box::new(observer));
    }

    /// Tells whether one of them wants [`RunEvent::AttemptStarted`].
    pub(crate) fn want_starts(&self) -> bool {
        self.list.iter().any(|observer| observer.wants_starts())
    }

    /// Gives the writer one more file of records, if it is one.
    pub(crate) fn add_output(&mut self, output: RecordOutput) -> RecordTarget {
        match output {
            RecordOutput::Stdout => RecordTarget::Stdout,
            RecordOutput::Kept(sink) => {
                self.sinks.push(sink);
                RecordTarget::Sink(self.sinks.len() - 1)
            }
        }
    }
}

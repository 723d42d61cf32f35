//! The pool: a bounded number of slots that run jobs, a feeder that reads them, and
//! the dispatcher between them, which owns all state of the run.

mod dispatcher;
mod event;
mod feeder;
mod last_bytes;
mod limit_command;
mod read_ahead;
mod reporter;
mod resource_backoff;
mod row_spool;
mod slot;
mod slot_pool;
pub(crate) mod slots_file;
pub(crate) mod throttle;
mod watcher;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::exec::Executor;
use crate::exec::capture::ReleaseBoundary;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::input::{Row, Rows};
use crate::job::Outcome;
use crate::log::joblog::JobLog;
use crate::log::label::visible;
use crate::log::progress::ProgressDisplay;
use crate::log::summary::FailureSummary;
use crate::os::clock::Clock;
use crate::output::OutputMode;
use crate::output::results::ResultsOutput;
use crate::policy::delay::StartDelay;
use crate::policy::halt::HaltRule;
use crate::policy::retry::RetryLimit;
use crate::tally::Tally;
use crate::template::{CommandTemplate, JobPosition, TextTemplate};

use slots_file::SlotsFile;
use throttle::ThrottleOptions;

pub(crate) use dispatcher::run;

/// What the command line says about running jobs.
#[derive(Debug, Clone)]
pub(crate) struct PoolOptions {
    /// The niceness of jobs, if it is another one than prun's.
    pub niceness: Option<i32>,
    /// How many jobs run at once.
    pub slots: usize,
    /// The file that may change that.
    pub slots_file: Option<SlotsFile>,
    /// How often a failing job is tried.
    pub retry: RetryLimit,
    /// When to stop early.
    pub halt: HaltRule,
    /// What the next job waits for.
    pub start_after: StartAfter,
    /// How running jobs are ended by a halt.
    pub signal_sequence: SignalSequence,
    /// What the system has to be like for a start.
    pub conditions: Option<ThrottleOptions>,
    /// The share of the median run time, in percent, that a job may take.
    pub timeout_percent: Option<f64>,
    /// The time between two starts.
    pub delay: StartDelay,
    /// How output is kept apart.
    pub mode: OutputMode,
    /// Where streamed output may be cut.
    pub cut: ReleaseBoundary,
    /// Where a job's command is printed.
    pub announce: PrintCommand,
    /// What has the job's colour.
    pub color_scope: ColorScope,
    /// What the output of failed jobs looks like.
    pub failed: FailedStyle,
    /// What prun says of jobs by itself.
    pub verbosity: Verbosity,
}

impl PoolOptions {
    /// Whether a job may be stopped and run again though it has not failed.
    fn may_evict(&self) -> bool {
        let conditions = self.conditions.as_ref();
        conditions
            .is_some_and(|conditions| conditions.memory.is_some() || conditions.command.is_some())
    }
}

/// What a job waits for before it starts, beside a free slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartAfter {
    /// Nothing.
    Free,
    /// The records of all jobs that have ended: it may read them (`--gnu -j1 --joblog`).
    Recorded,
}

/// What is printed in the colour of its job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorScope {
    /// Nothing.
    Nothing,
    /// The tag of each line (`--ctag`).
    Tag,
    /// Each line (`--color`).
    Lines,
}

/// What the output of failed jobs looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailedStyle {
    /// Like that of others.
    AsOthers,
    /// White on red (`--color-failed`).
    Red,
}

/// Where each job's command is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrintCommand {
    /// Nowhere.
    Nowhere,
    /// On standard output, before the job's own output (`-v`).
    WithOutput,
    /// On standard error, when the job starts (`--verbose`).
    AtStart,
}

/// How much prun says of jobs on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// What happened to a job where it happens, failed jobs at the end.
    Normal,
    /// What happened to a job where it happens (`--quiet`).
    Quiet,
    /// Nothing (`--gnu`).
    Silent,
}

/// What goes before each line of a job's output.
#[derive(Debug)]
pub(crate) enum TagSource {
    /// Nothing.
    None,
    /// The values (`--tag`).
    Values,
    /// A text of the user's (`--tagstring`).
    Text(Arc<TextTemplate>),
}

impl TagSource {
    /// The tag of a row.
    pub(crate) fn render(
        &self,
        row: &Row,
        place: JobPosition,
        bytes: TagEscaping,
    ) -> Option<Vec<u8>> {
        let text = match self {
            TagSource::None => return None,
            TagSource::Values => row.0.join(b" "),
            TagSource::Text(text) => text.render(row, place),
        };
        Some(match bytes {
            TagEscaping::Exact => text,
            TagEscaping::Visible => visible(&text).into_bytes(),
        })
    }

    /// The text of the user's, if it is one.
    pub(crate) fn text(&self) -> Option<Arc<TextTemplate>> {
        match self {
            TagSource::None | TagSource::Values => None,
            TagSource::Text(text) => Some(Arc::clone(text)),
        }
    }

    /// Whether it asks how many jobs there are.
    pub(crate) fn needs_total(&self) -> bool {
        match self {
            TagSource::None | TagSource::Values => false,
            TagSource::Text(text) => text.needs_total(),
        }
    }
}

/// Whether a tag could command the terminal that it is printed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagEscaping {
    /// Into a file or a pipe: the bytes as they are.
    Exact,
    /// On a terminal: control bytes are made visible.
    Visible,
}

/// What a run is made of.
pub(crate) struct RunSetup {
    /// What to run.
    pub rows: Rows,
    /// What is run for a row.
    pub template: Arc<CommandTemplate>,
    /// How it is run.
    pub executor: Arc<dyn Executor + Send + Sync>,
    /// The clock that the executor uses.
    pub clock: Arc<Clock>,
    /// What goes before lines.
    pub tag: TagSource,
    /// Control bytes in tags.
    pub tag_bytes: TagEscaping,
    /// The job log.
    pub log: LogDestination,
    /// Where output goes instead of being printed.
    pub keeping: Option<ResultsOutput>,
    /// The closing block.
    pub summary: FailureSummary,
    /// The progress display.
    pub progress: Option<ProgressDisplay>,
}

/// Where the job log goes.
#[derive(Debug)]
pub(crate) enum LogDestination {
    /// There is none.
    None,
    /// Into a file, called by the name that the user gave it.
    File(JobLog, std::fs::File, String),
    /// To standard output.
    Stdout(JobLog),
}

impl LogDestination {
    /// What the user calls its file; nothing if it has none.
    fn name(&self) -> String {
        match self {
            LogDestination::File(_, _, name) => name.clone(),
            LogDestination::None | LogDestination::Stdout(_) => String::new(),
        }
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct RunResult {
    /// What became of the jobs.
    pub tally: Tally,
    /// Whether and by what a halt was decided.
    pub halted: HaltCause,
    /// The signal that prun has to die by.
    pub signal: Option<i32>,
    /// What broke the run.
    pub error: Option<Error>,
}

/// What made a rule to halt come true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HaltCause {
    /// Nothing: it did not.
    No,
    /// The end of a job in this way.
    By(Outcome),
    /// The end of the input, which told the number of jobs.
    ByTotal,
}

/// Starts a named thread with a small stack: slots need little, and there may be
/// thousands.
fn spawn(name: String, body: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    std::thread::Builder::new()
        .name(name)
        .stack_size(256 << 10)
        .spawn(body)
        .map(drop)
}

fn spawn_or_fail(name: &str, body: impl FnOnce() + Send + 'static) -> Result<()> {
    spawn(name.to_owned(), body)
        .map_err(|error| Error::new(format!("cannot start the {name}'s thread")).because(&error))
}

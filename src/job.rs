//! A job and how it ended: plain data, made from a row, handed from stage to stage.

use std::ffi::OsStr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::exit;
use crate::input::Row;
use crate::os::child::{ExitStatus, ResourceUsage};
use crate::os::clock::ClockReading;
use crate::os::signal_name;

/// One row with its number: what is run once, or again if it is retried.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The number in input order, from 1.
    pub seq: u64,
    pub row: Row,
    /// Number of the attempt, from 1.
    pub attempt: u32,
}

impl Job {
    /// The first attempt of a row.
    pub(crate) fn new(seq: u64, row: Row) -> Job {
        Job {
            seq,
            row,
            attempt: 1,
        }
    }
}

/// Host that runs jobs, by the name in the job log.
#[derive(Debug, Clone)]
pub(crate) struct ExecutionHost(Arc<OsStr>);

impl ExecutionHost {
    /// This machine: GNU parallel's `:`.
    pub(crate) fn local() -> ExecutionHost {
        ExecutionHost(OsStr::new(":").into())
    }

    pub(crate) fn as_os_str(&self) -> &OsStr {
        &self.0
    }
}

/// End of an attempt, as it counts for the job. A failure is a value: the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Exited(u8),
    /// Exited with a status other than 0 that counts as success (`--ok-codes`).
    Accepted(u8),
    /// Ended by a signal that prun did not send.
    Signaled(i32),
    /// It has lost a process because memory was at its limit: `--job-mem`, in bytes, or that of
    /// the machine.
    OutOfMemory(ExitStatus, Option<u64>),
    /// Ended by prun at its time limit, with this signal as the last one.
    TimedOut(i32),
    /// Ended by prun because it waited for the terminal, which it did not have; the last
    /// signal.
    WantedTerminal(i32),
    /// Ended by prun because of `--halt` or a signal to prun itself, or because memory is
    /// short, and then it runs again; the last signal.
    Stopped(i32),
    /// Ended by prun because a service that it needs has failed; the last signal.
    Bereft(i32),
    /// A service that ended with this status, which counts as success for others, while it was
    /// needed.
    EndedEarly(u8),
    /// `--leak fail`: it succeeded and left a process that holds its output.
    Leaked,
    /// It succeeded, and has not read all of a stream that was for it alone
    /// (`--round-robin`, `--shard`, `--bin`).
    InputLeft,
    NotFound(String),
    /// The program cannot be executed for this reason.
    NotExecutable(String),
    /// Started, and ended by prun, which could not go on with it for this reason.
    GivenUp(String),
    /// No command can be made of the row, or prepared, for this reason.
    Refused(String),
}

impl Outcome {
    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Outcome::Exited(exit::SUCCESS) | Outcome::Accepted(_))
    }

    /// Tells whether a program was started.
    pub(crate) fn has_run(&self) -> bool {
        !matches!(
            self,
            Outcome::NotFound(_) | Outcome::NotExecutable(_) | Outcome::Refused(_)
        )
    }

    pub(crate) fn is_stopped(&self) -> bool {
        matches!(self, Outcome::Stopped(_))
    }

    /// Exit status that a shell would show.
    pub(crate) fn status(&self) -> u8 {
        match self {
            Outcome::Exited(status) | Outcome::Accepted(status) => *status,
            Outcome::Signaled(signal)
            | Outcome::Stopped(signal)
            | Outcome::Bereft(signal)
            | Outcome::WantedTerminal(signal) => exit::SIGNALED.wrapping_add(*signal as u8),
            Outcome::EndedEarly(status) => (*status).max(1),
            Outcome::OutOfMemory(status, _) => plain(*status).status(),
            Outcome::TimedOut(_) => exit::TIMED_OUT,
            Outcome::Leaked | Outcome::InputLeft => 1,
            Outcome::NotFound(_) => exit::NOT_FOUND,
            Outcome::NotExecutable(_) | Outcome::GivenUp(_) | Outcome::Refused(_) => {
                exit::NOT_EXECUTABLE
            }
        }
    }

    /// `Exitval` and `Signal` of GNU parallel's job log: -1 says that the runner
    /// itself ended the job.
    pub(crate) fn log_columns(&self) -> (i32, i32) {
        match self {
            Outcome::Signaled(signal) => (0, *signal),
            Outcome::OutOfMemory(status, _) => plain(*status).log_columns(),
            Outcome::TimedOut(signal)
            | Outcome::Stopped(signal)
            | Outcome::Bereft(signal)
            | Outcome::WantedTerminal(signal) => (-1, *signal),
            other => (i32::from(other.status()), 0),
        }
    }

    /// Words of the closing block.
    pub(crate) fn describe(&self) -> String {
        match self {
            Outcome::Exited(status) | Outcome::Accepted(status) => format!("exit {status}"),
            Outcome::Signaled(number) => format!("killed by {}", signal_name::name(*number)),
            Outcome::OutOfMemory(status, limit) => {
                let option = limit.map(|bytes| format!(" (--job-mem {})", size(bytes)));
                let option = option.unwrap_or_default();
                format!("{}: out of memory{option}", plain(*status).describe())
            }
            Outcome::TimedOut(_) => "timed out".to_owned(),
            Outcome::WantedTerminal(_) => "wanted the terminal".to_owned(),
            Outcome::Stopped(number) => format!("stopped by {}", signal_name::name(*number)),
            Outcome::Bereft(_) => "lost a service that it needs".to_owned(),
            Outcome::EndedEarly(status) => format!("ended too early: exit {status}"),
            Outcome::Leaked => "left a process holding its output".to_owned(),
            Outcome::InputLeft => "ended with input left".to_owned(),
            Outcome::NotFound(_) => "not found".to_owned(),
            Outcome::NotExecutable(_) => "cannot be executed".to_owned(),
            Outcome::GivenUp(_) => "given up".to_owned(),
            Outcome::Refused(_) => "not started".to_owned(),
        }
    }
}

/// A number of bytes as an option takes it: `100M`.
fn size(bytes: u64) -> String {
    let units = [(30, "G"), (20, "M"), (10, "K")];
    let whole = |(shift, _): &(u32, &str)| bytes >> shift << shift == bytes && bytes > 0;
    match units.into_iter().find(whole) {
        Some((shift, unit)) => format!("{}{unit}", bytes >> shift),
        None => bytes.to_string(),
    }
}

/// End of a process, as if nothing else were known of it.
fn plain(status: ExitStatus) -> Outcome {
    match status {
        ExitStatus::Exited(status) => Outcome::Exited(status),
        ExitStatus::Signaled(signal) => Outcome::Signaled(signal),
    }
}

/// Attempt that a slot is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunningAttempt {
    /// The job's number.
    pub seq: u64,
    /// Time of the start.
    pub began: ClockReading,
    /// The same, moved on by the times that it was suspended.
    pub since: ClockReading,
    /// The slot's number, from 1.
    pub slot: usize,
    /// Time since which it is suspended for want of memory.
    pub suspended: Option<ClockReading>,
}

impl RunningAttempt {
    /// An attempt that starts now.
    pub(crate) fn new(seq: u64, slot: usize, now: ClockReading) -> RunningAttempt {
        RunningAttempt {
            seq,
            began: now,
            since: now,
            slot,
            suspended: None,
        }
    }

    /// Time for which it has run, without that for which it was suspended.
    pub(crate) fn runtime(&self, now: ClockReading) -> Duration {
        self.suspended.unwrap_or(now).saturating_sub(self.since)
    }
}

/// Attempt that has just begun.
#[derive(Debug)]
pub(crate) struct StartedAttempt {
    /// With its values alone.
    pub job: Job,
    /// Number of the slot, from 1.
    pub slot: usize,
    pub host: ExecutionHost,
    pub started: SystemTime,
}

/// Record of an attempt that has ended, without its output.
#[derive(Debug, Clone)]
pub(crate) struct AttemptRecord {
    pub job: Job,
    /// Number of the slot, from 1.
    pub slot: usize,
    pub host: ExecutionHost,
    pub outcome: Outcome,
    pub started: SystemTime,
    /// Pauses of prun are not counted.
    pub runtime: Duration,
    pub usage: ResourceUsage,
    /// Bytes of its block, or those written to its stream.
    pub sent: u64,
    /// Bytes that it wrote to standard output.
    pub received: u64,
    /// Bytes that it wrote to standard error.
    pub received_stderr: u64,
    /// A process that it left behind held its output.
    pub leaked: bool,
    /// Its last line was too long to be kept whole.
    pub cut: bool,
    /// The end of what it wrote to standard error, if it failed.
    pub last_words: Vec<u8>,
    /// The end of what it wrote to standard output, if it failed.
    pub last_output: Vec<u8>,
}

//! Options of the pool: what the command line says about running jobs.

use std::sync::Arc;
use std::time::Duration;

use crate::exec::capture::ReleaseBoundary;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::log::remarks::Verbosity;
use crate::os::jobserver::TokenPipe;
use crate::output::{OutputMode, OutputOrder};
use crate::placeholder::TextTemplate;
use crate::plan::Plan;
use crate::plan::progress::EarlierEnd;
use crate::policy::delay::StartDelay;
use crate::policy::descriptors::DescriptorNeeds;
use crate::policy::halt::HaltRule;
use crate::policy::key::KeyLimits;
use crate::policy::rate::StartRate;
use crate::policy::retry::{RetryDelay, RetryPolicy};
use crate::policy::user_signals::UserSignals;

use super::slots_file::{SlotBound, SlotsFile};
use super::throttle::ThrottleOptions;

/// Options of the pool. The default runs all jobs, one at a time.
#[derive(Debug, Clone)]
pub(crate) struct PoolOptions {
    /// Niceness of jobs (`--nice`), if it differs from prun's.
    pub niceness: Option<i32>,
    /// Jobs that run at once (`-j`), at least one.
    pub slots: usize,
    /// All jobs have to run at once: one that does not read holds the others back (`--tee`).
    pub all_at_once: bool,
    /// Jobs read streams, which no other attempt can read.
    pub reads_streams: bool,
    /// `--tee`: jobs go on reading when no other one is started, and hear of the input's end.
    pub tees_input: bool,
    /// Other runs take jobs of the same input: one is read only when a slot is free for it.
    pub shares_input: bool,
    /// Need of descriptors of each job.
    pub descriptors: DescriptorNeeds,
    /// Reason why signals do not change the number of slots.
    pub fixed_slots: Option<&'static str>,
    /// Bound on the number of slots (`--slot-env`).
    pub slot_bound: Option<SlotBound>,
    /// Jobserver whose tokens jobs hold, beyond the first that runs.
    pub tokens: Option<Arc<TokenPipe>>,
    pub user_signals: UserSignals,
    /// File that changes the number of slots during the run (`-j FILE`).
    pub slots_file: Option<SlotsFile>,
    pub retry: RetryPolicy,
    pub halt: HaltRule,
    /// A job starts when the records of all jobs that have ended are written, because it may
    /// read them (`--gnu -j1 --joblog`).
    pub waits_for_records: bool,
    /// Signals that end running jobs (`--termseq`).
    pub stop_signals: SignalSequence,
    pub throttle: Option<ThrottleOptions>,
    /// Time limit in percent of the median run time (`--timeout N%`).
    pub timeout_percent: Option<f64>,
    /// Time limit of the run (`--timeout-total`).
    pub total_time: Option<Duration>,
    pub delay: StartDelay,
    pub rate: Option<StartRate>,
    pub key: Option<KeyOptions>,
    pub plan: Option<PlanOptions>,
    pub mode: OutputMode,
    pub release_boundary: ReleaseBoundary,
    pub print_command: PrintCommand,
    pub color_scope: ColorScope,
    /// Output of failed jobs is white on red (`--color-failed`).
    pub color_failed: bool,
    pub verbosity: Verbosity,
}

impl Default for PoolOptions {
    fn default() -> Self {
        PoolOptions {
            niceness: None,
            slots: 1,
            all_at_once: false,
            reads_streams: false,
            tees_input: false,
            shares_input: false,
            descriptors: DescriptorNeeds::new(0, 1),
            fixed_slots: None,
            slot_bound: None,
            tokens: None,
            user_signals: UserSignals::default(),
            slots_file: None,
            retry: RetryPolicy::default(),
            halt: HaltRule::Never,
            waits_for_records: false,
            stop_signals: SignalSequence::default(),
            throttle: None,
            timeout_percent: None,
            total_time: None,
            delay: StartDelay::default(),
            rate: None,
            key: None,
            plan: None,
            mode: OutputMode::Grouped(OutputOrder::Finished),
            release_boundary: ReleaseBoundary::Anywhere,
            print_command: PrintCommand::Nowhere,
            color_scope: ColorScope::Nothing,
            color_failed: false,
            verbosity: Verbosity::Normal,
        }
    }
}

impl PoolOptions {
    /// Tells whether a job may be stopped and run again though it has not failed. What a stream
    /// has had cannot be had again.
    pub(super) fn may_evict(&self) -> bool {
        let throttle = self.throttle.as_ref();
        !self.reads_streams && throttle.is_some_and(ThrottleOptions::may_evict)
    }

    /// The order in which jobs are printed. One slot runs them in input order anyway, so each
    /// may print while it runs; but not if others run while one waits for its time, or first
    /// because one needs them.
    pub(super) fn order(&self) -> OutputOrder {
        let is_delayed = self.retry.delay != RetryDelay::default() || self.key_rate().is_some();
        match (self.slots, &self.slots_file) {
            (1, None) if !is_delayed && self.plan.is_none() => OutputOrder::Input,
            _ => self.mode.order(),
        }
    }

    /// Rate of the starts of one key.
    fn key_rate(&self) -> Option<StartRate> {
        self.key.as_ref().and_then(|key| key.limits.rate)
    }

    /// Tells whether jobs may wait in the slots' queue: no option decides at the end of one
    /// job, or at a moment, whether another one starts. In the queue of a single slot, a job would
    /// overtake those whose key the running one holds.
    pub(super) fn may_queue(&self) -> bool {
        let is_keyed_alone = self.slots == 1 && self.key.is_some();
        !self.waits_for_records
            && !is_keyed_alone
            && self.key_rate().is_none()
            && self.halt == HaltRule::Never
            && self.retry == RetryPolicy::default()
            && self.delay == StartDelay::default()
            && self.rate.is_none()
            && self.slots_file.is_none()
            && self.tokens.is_none()
            && self.throttle.is_none()
    }
}

/// Jobs that need each other (`--plan`).
#[derive(Debug, Clone)]
pub(crate) struct PlanOptions {
    pub plan: Arc<Plan>,
    /// Time that a service has to become ready, if it has none of its own.
    pub limit: Option<Duration>,
    /// Jobs that an earlier run has ended, by their indices.
    pub earlier: Vec<(usize, EarlierEnd)>,
}

/// Keys of jobs, and what these limit (`--key`).
#[derive(Debug, Clone)]
pub(crate) struct KeyOptions {
    /// Text of a job's key, which does not name the slot.
    pub text: Arc<TextTemplate>,
    pub limits: KeyLimits,
}

/// Part of a job's lines that has its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColorScope {
    Nothing,
    /// `--ctag`
    Tag,
    /// `--color`
    Lines,
}

/// Place where each job's command is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PrintCommand {
    Nowhere,
    /// `-v`: on standard output, before the job's own output.
    WithOutput,
    /// `--verbose`: on standard error, when the job starts.
    AtStart,
}

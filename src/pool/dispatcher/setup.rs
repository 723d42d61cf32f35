//! The start of a run: its threads, and the dispatcher over them.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Dispatcher, RunPhase};
use crate::error::{Error, Result};
use crate::input::Rows;
use crate::os::clock::ClockReading;
use crate::os::limits;
use crate::os::malloc;
use crate::os::orphans;
use crate::os::signal::{self, SignalReceiver};
use crate::output::OutputOrder;
use crate::output::results::ResultsWriter;
use crate::output::sequencer::OutputSequencer;
use crate::output::status_area::StatusArea;
use crate::output::writer::OutputWriter;
use crate::policy::timeout::MedianRunTime;
use crate::pool::event::PoolEvent;
use crate::pool::feeder::{Feeder, RowSource};
use crate::pool::read_ahead::ReadAhead;
use crate::pool::reporter::{Reporter, RunMessages, ShellAdvice};
use crate::pool::resource_backoff::ResourceBackoff;
use crate::pool::slot::{SlotDisplay, SlotShared};
use crate::pool::slot_pool::SlotPool;
use crate::pool::throttle::Throttle;
use crate::pool::watcher::watch;
use crate::pool::{HaltCause, PoolOptions, RunResult, RunSetup, spawn_or_fail};
use crate::spool::SpoolBudget;
use crate::tally::Tally;

/// Runs every row's job and returns when all have ended and all is written.
///
/// # Errors
/// A thread could not be started. What goes wrong later is part of the ending.
pub(crate) fn run(plan: RunSetup, options: PoolOptions) -> Result<RunResult> {
    malloc::share();
    orphans::adopt();
    let (sender, events) = unbounded();
    start_watcher(&sender)?;
    Ok(assemble(plan, options, sender, events)?.run())
}

/// A dispatcher with everything that it needs; it hears of what `sender` sends, too.
pub(super) fn assemble(
    plan: RunSetup,
    options: PoolOptions,
    sender: Sender<PoolEvent>,
    events: Receiver<PoolEvent>,
) -> Result<Dispatcher> {
    let total = plan.rows.total();
    let clock = Arc::clone(&plan.clock);
    let combined = plan.template.combined();
    let log_name = plan.log.name();
    let RunResources {
        demand,
        budget,
        reporter,
        slots,
    } = equip(plan, &options, sender)?;
    Ok(Dispatcher {
        slots,
        room: ResourceBackoff::new(options.slots),
        throttle: Throttle::new(options.conditions.clone()),
        evicted: None,
        overdue: BTreeSet::new(),
        median: MedianRunTime::default(),
        sequencer: OutputSequencer::new(order(&options)),
        options,
        events,
        demand: Some(demand),
        requested: 0,
        waiting: VecDeque::new(),
        phase: RunPhase::Running,
        input_ended: false,
        tally: Tally {
            total,
            ..Tally::default()
        },
        started: 0,
        unstarted: 0,
        newest: 0,
        last_runtime: Duration::MAX,
        next_start: ClockReading::ZERO,
        distrusts_file: false,
        next_round: ClockReading::ZERO,
        next_reaping: ClockReading::ZERO,
        draining: false,
        budget,
        most_files: limits::descriptors() / 2,
        clock,
        reporter,
        log_name,
        combined,
        halted: HaltCause::No,
        signal: None,
        last_signal: None,
        has_paused: false,
        error: None,
    })
}

/// What a dispatcher works with.
struct RunResources {
    demand: Sender<usize>,
    budget: Arc<SpoolBudget>,
    reporter: Reporter,
    slots: SlotPool,
}

/// Starts the threads of a plan.
fn equip(plan: RunSetup, options: &PoolOptions, sender: Sender<PoolEvent>) -> Result<RunResources> {
    let demand = start_feeder(plan.rows, plan.progress.is_some(), &sender)?;
    let budget = Arc::new(SpoolBudget::default());
    let kept = plan.keeping.as_ref().map(|keeping| keeping.tagged);
    let display = match &plan.progress {
        Some(progress) if progress.shows_latest() => SlotDisplay::LatestLines,
        _ => SlotDisplay::Without,
    };
    let area = match &plan.progress {
        Some(progress) => progress.area(),
        None => StatusArea::below(&[]),
    };
    let messages = RunMessages {
        summary: plan.summary,
        verbosity: options.verbosity,
        progress: plan.progress,
        advice: match plan.template.needs_plain_shell() {
            true => ShellAdvice::UseBash,
            false => ShellAdvice::None,
        },
    };
    let reporter = Reporter::open(plan.log, messages, &budget, plan.keeping, |log, sink| {
        start_writer(log, sink, area, &sender)
    })?;
    let slot_shared = SlotShared {
        executor: plan.executor,
        template: plan.template,
        tag: plan.tag,
        tag_bytes: plan.tag_bytes,
        kept,
        display,
        budget: Arc::clone(&budget),
        clock: plan.clock,
        options: options.clone(),
    };
    Ok(RunResources {
        demand,
        budget,
        reporter,
        slots: SlotPool::new(Arc::new(slot_shared), sender),
    })
}

/// One slot runs jobs in input order anyway, and so each may print while it runs.
fn order(options: &PoolOptions) -> OutputOrder {
    match (options.slots, &options.slots_file) {
        (1, None) => OutputOrder::Input,
        _ => options.mode.order(),
    }
}

fn start_watcher(events: &Sender<PoolEvent>) -> Result<()> {
    signal::accept_children();
    let signals = SignalReceiver::catch()
        .map_err(|error| Error::new("cannot catch signals").because(&error))?;
    let events = events.clone();
    spawn_or_fail("watcher", move || watch(&signals, &events))
}

/// Reads ahead if someone wants to see how many jobs there are and nobody knows.
fn start_feeder(
    rows: Rows,
    shows_total: bool,
    events: &Sender<PoolEvent>,
) -> Result<Sender<usize>> {
    let (demand, wanted): (_, Receiver<usize>) = unbounded();
    let feeder = Feeder::new(match shows_total && rows.total().is_none() {
        true => RowSource::Ahead(ReadAhead::start(rows, events)?),
        false => RowSource::Input(Box::new(rows)),
    });
    let events = events.clone();
    spawn_or_fail("feeder", move || feeder.run(&wanted, &events))?;
    Ok(demand)
}

fn start_writer(
    log: Option<File>,
    sink: Option<ResultsWriter>,
    area: StatusArea,
    events: &Sender<PoolEvent>,
) -> Result<OutputWriter> {
    let events = events.clone();
    OutputWriter::start(log, sink, area, move |delivery| {
        let _ = events.send(PoolEvent::Delivery(delivery));
    })
    .map_err(|error| Error::new("cannot start the writer's thread").because(&error))
}

//! The start of a run: its threads, and the dispatcher over them.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::Dispatcher;
use super::admission::Admission;
use super::housekeeping::Housekeeping;
use super::keys::KeyedJobs;
use super::pending_output::PendingOutput;
use super::plan_run::PlanRun;
use super::queue::JobQueue;
use super::relative_timeout::RelativeTimeout;
use super::shutdown::Shutdown;
use super::waiting::WaitingJobs;
use crate::error::{Error, Result};
use crate::input::Rows;
use crate::log::progress::ProgressOptions;
use crate::os::guard::GuardedRun;
use crate::os::malloc;
use crate::os::orphans;
use crate::os::signal::{self, SignalReceiver};
use crate::pool::event::PoolEvent;
use crate::pool::feeder::{Feeder, FeederInput};
use crate::pool::pressure_watch;
use crate::pool::read_ahead::ReadAhead;
use crate::pool::reporter::Reporter;
use crate::pool::run_result::RunResult;
use crate::pool::run_setup::{RunIo, RunSetup};
use crate::pool::slot::SlotShared;
use crate::pool::slot_pool::SlotPool;
use crate::pool::thread::spawn_or_fail;
use crate::pool::watcher::watch;
use crate::tally::Tally;

/// Runs every row's job and returns when all have ended and all is written.
///
/// # Errors
/// A thread could not be started. What goes wrong later is part of the result.
pub(crate) fn run(setup: RunSetup, io: RunIo) -> Result<RunResult> {
    malloc::share();
    orphans::adopt();
    let _guarded = GuardedRun::begin();
    let (sender, events) = unbounded();
    start_watcher(&sender)?;
    if let Some(tokens) = &setup.options.tokens {
        tokens.give_back_on_panic();
        tokens.share();
    }
    let mut dispatcher = assemble(Arc::new(setup), io, sender.clone(), events)?;
    let throttle = &mut dispatcher.admission.throttle;
    let watched = pressure_watch::start(throttle.pressure_limits(), &sender);
    throttle.watches(&watched);
    drop(sender);
    Ok(dispatcher.run())
}

/// A dispatcher with its threads; `sender` sends its events.
pub(super) fn assemble(
    setup: Arc<RunSetup>,
    io: RunIo,
    sender: Sender<PoolEvent>,
    events: Receiver<PoolEvent>,
) -> Result<Dispatcher> {
    let options = &setup.options;
    let slot_shared = SlotShared {
        setup: Arc::clone(&setup),
        kept: io.results.as_ref().map(|results| results.tagged),
        shows_latest: (io.progress).is_some_and(ProgressOptions::shows_latest),
        // One that has lost a service meanwhile is ended as soon as it can be.
        tells_starts: io.observers.want_starts() || options.plan.is_some(),
    };
    let needs_total = io.progress.is_some() || options.halt.is_share();
    let waiting = match options.key.clone() {
        None => WaitingJobs::InOrder(VecDeque::new()),
        Some(key) => WaitingJobs::ByKey(KeyedJobs::new(key, setup.template.run())),
    };
    let read_total = io.rows.total();
    let (demand, plan) = match options.plan.clone() {
        None => (start_feeder(io.rows, needs_total, &sender)?, None),
        Some(plan) => {
            let (plan, demand) = PlanRun::new(plan, io.rows, &setup, &sender)?;
            (demand, Some(Box::new(plan)))
        }
    };
    let total = plan.as_ref().map_or(read_total, |plan| Some(plan.jobs()));
    let area = io.progress.map(ProgressOptions::area);
    let writer = io.results.map(|results| results.writer);
    let notices = sender.clone();
    let tell = move |notice| drop(notices.send(PoolEvent::Delivery(notice)));
    Ok(Dispatcher {
        queue: JobQueue::new(demand, waiting),
        admission: Admission::new(options, &sender),
        timeout: RelativeTimeout::new(options.timeout_percent),
        output: PendingOutput::new(options.order(), &setup.budget),
        reporter: Reporter::start(io.observers, writer, area, &setup, tell)?,
        shutdown: Shutdown::new(options.halt),
        slots: SlotPool::new(Arc::new(slot_shared), sender),
        housekeeping: Housekeeping::default(),
        tally: Tally {
            total,
            ..Tally::default()
        },
        plan,
        has_paused: false,
        events,
        setup,
    })
}

fn start_watcher(events: &Sender<PoolEvent>) -> Result<()> {
    signal::accept_children();
    let signals = SignalReceiver::catch()
        .map_err(|error| Error::new("cannot catch signals").because(&error))?;
    let events = events.clone();
    spawn_or_fail("watcher", move || watch(&signals, &events))
}

/// Reads ahead if the number of all jobs is needed, and not known: to be shown, or for a halt at
/// a share of them.
fn start_feeder(
    rows: Rows,
    needs_total: bool,
    events: &Sender<PoolEvent>,
) -> Result<Sender<usize>> {
    let (demand, wanted): (_, Receiver<usize>) = unbounded();
    let feeder = Feeder::new(
        if needs_total && rows.have_values_alone() && rows.total().is_none() {
            FeederInput::Ahead(ReadAhead::start(rows, events)?)
        } else {
            FeederInput::Input(Box::new(rows))
        },
    );
    let events = events.clone();
    spawn_or_fail("feeder", move || feeder.run(&wanted, &events))?;
    Ok(demand)
}

//! The start of a run: its threads, and the dispatcher over them.

use std::collections::{BTreeSet, VecDeque};
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::{Dispatcher, Phase};
use crate::error::{Error, Result};
use crate::input::Rows;
use crate::os::clock::Moment;
use crate::os::heap;
use crate::os::limits;
use crate::os::orphans;
use crate::os::signal::{self, Signals};
use crate::output::Order;
use crate::output::results::Sink;
use crate::output::sequencer::Sequencer;
use crate::output::status_area::StatusArea;
use crate::output::writer::Writer;
use crate::policy::timeout::Median;
use crate::pool::event::Event;
use crate::pool::feeder::{Feeder, RowSource};
use crate::pool::read_ahead::ReadAhead;
use crate::pool::room::Room;
use crate::pool::screen::{Advice, Screen, Speech};
use crate::pool::slot::{Crew, Display};
use crate::pool::slots::Slots;
use crate::pool::throttle::Throttle;
use crate::pool::watcher::watch;
use crate::pool::{Ending, Halted, Options, Plan, spawn_or_fail};
use crate::spool::Budget;
use crate::tally::Tally;

/// Runs every row's job and returns when all have ended and all is written.
///
/// # Errors
/// A thread could not be started. What goes wrong later is part of the ending.
pub fn run(plan: Plan, options: Options) -> Result<Ending> {
    heap::share();
    orphans::adopt();
    let (sender, events) = unbounded();
    start_watcher(&sender)?;
    Ok(assemble(plan, options, sender, events)?.run())
}

/// A dispatcher with everything that it needs; it hears of what `sender` sends, too.
pub(super) fn assemble(
    plan: Plan,
    options: Options,
    sender: Sender<Event>,
    events: Receiver<Event>,
) -> Result<Dispatcher> {
    let total = plan.rows.total();
    let clock = Arc::clone(&plan.clock);
    let combined = plan.template.combined();
    let log_name = plan.log.name();
    let Equipment {
        demand,
        budget,
        screen,
        slots,
    } = equip(plan, &options, sender)?;
    Ok(Dispatcher {
        slots,
        room: Room::new(options.slots),
        throttle: Throttle::new(options.conditions.clone()),
        evicted: None,
        overdue: BTreeSet::new(),
        median: Median::default(),
        sequencer: Sequencer::new(order(&options)),
        options,
        events,
        demand: Some(demand),
        requested: 0,
        waiting: VecDeque::new(),
        phase: Phase::Running,
        input_ended: false,
        tally: Tally {
            total,
            ..Tally::default()
        },
        started: 0,
        unstarted: 0,
        newest: 0,
        last_runtime: Duration::MAX,
        next_start: Moment::ZERO,
        distrusts_file: false,
        next_round: Moment::ZERO,
        next_reaping: Moment::ZERO,
        draining: false,
        budget,
        most_files: limits::descriptors() / 2,
        clock,
        screen,
        log_name,
        combined,
        halted: Halted::No,
        signal: None,
        last_signal: None,
        has_paused: false,
        error: None,
    })
}

/// What a dispatcher works with.
struct Equipment {
    demand: Sender<usize>,
    budget: Arc<Budget>,
    screen: Screen,
    slots: Slots,
}

/// Starts the threads of a plan.
fn equip(plan: Plan, options: &Options, sender: Sender<Event>) -> Result<Equipment> {
    let demand = start_feeder(plan.rows, plan.progress.is_some(), &sender)?;
    let budget = Arc::new(Budget::default());
    let kept = plan.keeping.as_ref().map(|keeping| keeping.tagged);
    let display = match &plan.progress {
        Some(progress) if progress.shows_latest() => Display::LatestLines,
        _ => Display::Without,
    };
    let area = match &plan.progress {
        Some(progress) => progress.area(),
        None => StatusArea::below(&[]),
    };
    let speech = Speech {
        summary: plan.summary,
        voice: options.voice,
        progress: plan.progress,
        advice: match plan.template.needs_plain_shell() {
            true => Advice::UseBash,
            false => Advice::None,
        },
    };
    let screen = Screen::open(plan.log, speech, &budget, plan.keeping, |log, sink| {
        start_writer(log, sink, area, &sender)
    })?;
    let crew = Crew {
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
    Ok(Equipment {
        demand,
        budget,
        screen,
        slots: Slots::new(Arc::new(crew), sender),
    })
}

/// One slot runs jobs in input order anyway, and so each may print while it runs.
fn order(options: &Options) -> Order {
    match (options.slots, &options.slots_file) {
        (1, None) => Order::Input,
        _ => options.mode.order(),
    }
}

fn start_watcher(events: &Sender<Event>) -> Result<()> {
    signal::accept_children();
    let signals =
        Signals::catch().map_err(|error| Error::new("cannot catch signals").because(&error))?;
    let events = events.clone();
    spawn_or_fail("watcher", move || watch(&signals, &events))
}

/// Reads ahead if someone wants to see how many jobs there are and nobody knows.
fn start_feeder(rows: Rows, shows_total: bool, events: &Sender<Event>) -> Result<Sender<usize>> {
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
    sink: Option<Sink>,
    area: StatusArea,
    events: &Sender<Event>,
) -> Result<Writer> {
    let events = events.clone();
    Writer::start(log, sink, area, move |delivery| {
        let _ = events.send(Event::Delivery(delivery));
    })
    .map_err(|error| Error::new("cannot start the writer's thread").because(&error))
}

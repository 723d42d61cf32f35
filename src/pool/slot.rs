//! A slot: one thread that takes a job, runs it, tells how it ended, and takes the
//! next one.

use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::SystemTime;

use crossbeam_channel::{Receiver, Sender};

use super::event::Event;
use super::last_bytes::LastBytes;
use super::{Announce, Failed, Options, Paint, Tag, TagBytes};
use crate::exec::Executor;
use crate::exec::capture::{Capture, Emission, Flow, Output, Showing, Stream};
use crate::exec::control::Control;
use crate::exec::dress::Dress;
use crate::exec::in_flight::InFlight;
use crate::input::Row;
use crate::job::{Job, Outcome, Report};
use crate::os::clock::Clock;
use crate::os::niceness;
use crate::output::color;
use crate::output::results::Tagged;
use crate::output::sequencer::Finished;
use crate::output::writer::write_all;
use crate::output::{Mode, Order};
use crate::policy::retry::Retry;
use crate::spool::Budget;
use crate::template::{Place, Template};

/// What all slots share.
pub struct Crew {
    /// How jobs are run.
    pub executor: Arc<dyn Executor + Send + Sync>,
    /// What their commands look like.
    pub template: Arc<Template>,
    /// What goes before their lines.
    pub tag: Tag,
    /// Control bytes in tags.
    pub tag_bytes: TagBytes,
    /// Where tags go, if output is kept instead of printed.
    pub kept: Option<Tagged>,
    /// Whether there is a display of running jobs' latest lines.
    pub display: Display,
    /// The memory for their output.
    pub budget: Arc<Budget>,
    /// The time.
    pub clock: Arc<Clock>,
    /// What the command line says.
    pub options: Options,
}

/// What running jobs are shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Display {
    /// Nothing, or not by what they print.
    Without,
    /// Their latest lines.
    LatestLines,
}

/// What a slot is told to do.
pub enum Task {
    /// Run a job.
    Run(Job),
    /// End: a thread counts as a process, and there is no room for it.
    End,
}

/// One slot.
pub struct Slot {
    /// What it shares with the others.
    pub crew: Arc<Crew>,
    /// The dispatcher's line to it.
    pub control: Arc<Control>,
    /// Where jobs come from.
    pub ready: Receiver<Task>,
    /// Where it tells what happened.
    pub events: Sender<Event>,
}

impl Slot {
    /// Runs jobs until there are no more.
    pub fn run(self) {
        self.control.attach();
        if let Some(niceness) = self.crew.options.niceness {
            niceness::take_on(niceness);
        }
        while let Ok(task) = self.ready.recv() {
            let event = match task {
                Task::Run(job) => self.attempt(job),
                Task::End => {
                    let _ = self.events.send(Event::SlotEnded(self.control.slot()));
                    return;
                }
            };
            if self.events.send(event).is_err() {
                return;
            }
        }
    }

    fn attempt(&self, job: Job) -> Event {
        if !self.control.may_begin() {
            return Event::Unstarted(job);
        }
        let crew = &*self.crew;
        let place = crew.template.place(job.seq, self.control.slot());
        let tag = crew.tag(&job.row, place);
        let mut printed = LastBytes::default();
        let mut emit = |emission| {
            if let Emission::Bytes(stream, piece) = &emission {
                printed.of(*stream).add(piece);
            }
            self.emit(&job, place, emission);
        };
        let mut capture = crew.capture(&job, tag.as_deref(), &mut emit);
        self.announce(&job.row, place, &mut capture);
        let (started, since) = (SystemTime::now(), crew.clock.now());
        let ended = match crew.executor.run(&job, &mut capture, &self.control) {
            Ok(ended) => ended,
            Err(error) => return Event::NoRoom(job, error),
        };
        let runtime = crew.clock.now().saturating_sub(since);
        crew.close(&mut capture, tag.as_deref(), (job.seq, &ended.outcome));
        let (emitted, cut) = (capture.emitted, capture.cut);
        let (stdout, stderr) = (capture.stdout, capture.stderr);
        let (last_words, last_output) = match ended.outcome.is_success() {
            true => (Vec::new(), Vec::new()),
            false => (
                printed.stderr.and(&stderr.spool),
                printed.stdout.and(&stdout.spool),
            ),
        };
        let report = Report {
            slot: place.slot,
            outcome: ended.outcome,
            started,
            runtime,
            usage: ended.usage,
            received: stdout.received,
            leaked: ended.leaked,
            cut,
            last_words,
            last_output,
            job,
        };
        Event::Finished {
            finished: Box::new(Finished {
                report,
                stdout: stdout.spool,
                stderr: stderr.spool,
                tag: tag.map_or_else(Vec::new, |tag| [&tag, b"\t".as_slice()].concat()),
            }),
            emitted,
        }
    }

    /// Passes on what a running job prints. Nobody listens only when the run is over.
    fn emit(&self, job: &Job, place: Place, emission: Emission) {
        let event = match emission {
            Emission::Latest(line) => match self.control.leave_latest(line) {
                true => Event::Latest,
                false => return,
            },
            Emission::Bytes(stream, bytes) => {
                let in_flight = InFlight::new(&self.control, bytes.len());
                Event::Output(stream, bytes, in_flight)
            }
            Emission::Blocked => Event::Blocked(job.seq),
            Emission::NoRoom(error) => Event::Shortage(error),
            Emission::Running(time) => {
                let seconds = time.as_secs();
                let mut line =
                    format!("prun: running job {} for {seconds}s: ", job.seq).into_bytes();
                self.crew.template.show(&job.row, place, &mut line);
                line.push(b'\n');
                Event::Remark(line)
            }
        };
        let _ = self.events.send(event);
    }

    fn announce(&self, row: &Row, place: Place, capture: &mut Capture<'_>) {
        let crew = &*self.crew;
        if crew.options.announce == Announce::Nowhere {
            return;
        }
        let mut line = Vec::new();
        crew.template.show(row, place, &mut line);
        line.push(b'\n');
        match (crew.options.announce, crew.options.mode) {
            (Announce::WithOutput, Mode::Live) => {
                // The job will write to the same descriptor, and a failure will hit it too.
                let _ = write_all(io::stdout().as_fd(), &line);
            }
            (Announce::WithOutput, _) => capture.put(Stream::Stdout, &line),
            _ => drop(self.events.send(Event::Remark(line))),
        }
    }
}

impl Crew {
    fn output(&self) -> Output {
        match self.options.mode {
            Mode::Live => Output::Inherit,
            Mode::Lines(_) | Mode::Grouped(_) | Mode::Latest(_) => Output::Capture,
        }
    }

    /// An attempt that may be followed by another one must not print.
    fn flow(&self, attempt: u32) -> Flow {
        if self.kept.is_some() || self.options.may_evict() || self.options.failed == Failed::Red {
            return Flow::Held;
        }
        match (self.options.mode, self.options.retry) {
            (_, Retry::Endless) => Flow::Held,
            (Mode::Latest(_), _) => Flow::Held,
            (_, retry) if retry.after_failure(attempt) => Flow::Held,
            (Mode::Lines(Order::Finished), _) => Flow::Lines,
            _ => Flow::WithFloor(self.options.cut),
        }
    }

    /// Takes what an attempt prints, and does with it what becomes of output in this run.
    fn capture<'a>(
        &self,
        job: &Job,
        tag: Option<&[u8]>,
        emit: &'a mut dyn FnMut(Emission),
    ) -> Capture<'a> {
        let early = self.options.failed == Failed::AsOthers && self.kept != Some(Tagged::Names);
        let dress = match early {
            true => self.dress(tag, job.seq, None),
            false => None,
        };
        let flow = self.flow(job.attempt);
        let mut capture = Capture::new(self.output(), flow, dress, &self.budget, emit);
        if self.kept == Some(Tagged::NamesAndStderr) {
            capture.leave_undressed(Stream::Stdout);
        }
        if let Mode::Latest(_) = self.options.mode {
            capture.keep_latest(match (self.display, tag) {
                (Display::Without, _) => Showing::Hidden,
                (Display::LatestLines, None) => Showing::Behind(Vec::new()),
                (Display::LatestLines, Some(tag)) => Showing::Behind([tag, b"\t"].concat()),
            });
        }
        capture
    }

    /// Nothing more comes of job `seq`, which ended like this.
    fn close(
        &self,
        capture: &mut Capture<'_>,
        tag: Option<&[u8]>,
        (seq, outcome): (u64, &Outcome),
    ) {
        capture.close();
        if self.options.failed == Failed::Red
            && let Some(dress) = self.dress(tag, seq, Some(outcome))
        {
            capture.dress_late(&dress);
        }
    }

    fn tag(&self, row: &Row, place: Place) -> Option<Vec<u8>> {
        if self.kept == Some(Tagged::Nothing) {
            return None;
        }
        self.tag.render(row, place, self.tag_bytes)
    }

    /// What goes around each line; `outcome` is how the job ended, if that counts.
    fn dress(&self, tag: Option<&[u8]>, seq: u64, outcome: Option<&Outcome>) -> Option<Dress> {
        let failed = outcome.is_some_and(|outcome| !outcome.is_success());
        let colour = match (failed, self.options.paint) {
            (true, _) => color::FAILED,
            (false, Paint::Nothing) => b"",
            (false, Paint::Tag | Paint::Lines) => color::of(seq),
        };
        let whole = failed || self.options.paint == Paint::Lines;
        if tag.is_none() && colour.is_empty() {
            return None;
        }
        let mut before = colour.to_vec();
        if let Some(tag) = tag {
            before.extend_from_slice(tag);
            if !whole && !colour.is_empty() {
                before.extend_from_slice(color::END);
            }
            before.push(b'\t');
        }
        let after = match whole {
            true => color::END.to_vec(),
            false => Vec::new(),
        };
        Some(Dress { before, after })
    }
}

//! Thread of one service, from its start to its end.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use super::context::ServiceContext;
use super::denials::Denials;
use super::output::ServiceOutput;
use super::readiness::{ReadinessCheck, port_answers};
use crate::error::reason_text;
use crate::exec::capture::{
    AttemptEvent, OutputCapture, OutputDestination, OutputRelease, OutputStream,
};
use crate::exec::executor::AttemptEnd;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::exec::termination::slot_control::SlotControl;
use crate::job::{AttemptRecord, Job, Outcome};
use crate::plan::Readiness;
use crate::pool::service_event::{ServiceEnd, ServiceEvent};
use crate::pool::thread::spawn_joinable;
use crate::spool::SpoolBudget;

/// Time after which a start that the system has denied is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// A service that is to be run.
pub(super) struct ServiceThread {
    pub(super) context: Arc<ServiceContext>,
    pub(super) service: usize,
    pub(super) control: Arc<SlotControl>,
    /// That of the check whether it is ready.
    pub(super) check: Arc<SlotControl>,
}

impl ServiceThread {
    /// Runs the service, and the check whether it is ready, to the end of both.
    pub(super) fn run(self) {
        self.control.attach();
        let context = Arc::clone(&self.context);
        let settings = context.job(self.service).service.as_ref();
        let ready = settings.map_or(&Readiness::Started, |settings| &settings.ready);
        let job = context.as_job(self.service);
        let clock = &context.setup.clock;
        let (started, since) = (SystemTime::now(), clock.now());
        let mut output = ServiceOutput::new(match ready {
            Readiness::Line(line) => Some(line),
            _ => None,
        });
        let mut check = None;
        let (ended, received) = self.attempt(&job, &mut output, || match ready {
            Readiness::Started => context.tell(ServiceEvent::Ready(self.service)),
            Readiness::Line(_) => {}
            Readiness::Port(_) | Readiness::Command(_) => check = self.start_check(),
        });
        self.check.stop(SignalSequence::kill());
        if let Some(check) = check {
            // A check that has panicked has ended prun.
            let _ = check.join();
        }
        let record = AttemptRecord {
            slot: 0,
            host: context.setup.executor.host(0),
            outcome: ended.outcome,
            started,
            runtime: clock.now().saturating_sub(since),
            usage: ended.usage,
            sent: 0,
            received: received[0],
            received_stderr: received[1],
            leaked: ended.leaked,
            cut: false,
            last_words: Vec::new(),
            last_output: Vec::new(),
            job,
        };
        let end = ServiceEnd {
            record,
            is_cut: output.is_cut,
            output: output.into_end(),
        };
        context.tell(ServiceEvent::Ended(self.service, Box::new(end)));
    }

    /// Runs the process, and calls `began` when it runs. Returns the numbers of bytes, too, that
    /// it has written to both streams.
    fn attempt(
        &self,
        job: &Job,
        output: &mut ServiceOutput<'_>,
        mut began: impl FnMut(),
    ) -> (AttemptEnd, [u64; 2]) {
        // Of its own: a service that floods its output takes no memory from jobs.
        let budget = Arc::new(SpoolBudget::default());
        let mut emit = |event| match event {
            AttemptEvent::Began => began(),
            AttemptEvent::Bytes(stream, piece) if output.add(stream, &piece) => {
                self.context.tell(ServiceEvent::Ready(self.service));
            }
            _ => {}
        };
        let mut capture = OutputCapture::new(
            OutputDestination::Capture,
            OutputRelease::AtOnce,
            None,
            &budget,
            &mut emit,
        );
        let mut denials = Denials::default();
        let ended = loop {
            if !self.control.may_begin() {
                break Outcome::Stopped(libc::SIGTERM).into();
            }
            match self.try_start(job, &mut capture) {
                Ok(ended) => break ended,
                // Processes, descriptors or memory are short: it may be started later.
                Err(error) => {
                    if let Some(why) = denials.add(&error) {
                        break Outcome::GivenUp(format!("cannot be started: {why}")).into();
                    }
                    if let Err(error) = self.control.poll(&mut Vec::new(), Some(AGAIN)) {
                        let why = format!("cannot wait: {}", reason_text(&error));
                        break Outcome::GivenUp(why).into();
                    }
                }
            }
        };
        let (stdout, stderr) = (capture.stdout, capture.stderr);
        output.add(OutputStream::Stdout, &stdout.spool);
        output.add(OutputStream::Stderr, &stderr.spool);
        (ended, [stdout.received, stderr.received])
    }

    /// Runs the process to its end, unless another one would be taken for it.
    fn try_start(&self, job: &Job, capture: &mut OutputCapture<'_>) -> io::Result<AttemptEnd> {
        let context = &self.context;
        let settings = context.job(self.service).service.as_ref();
        if let Some(Readiness::Port(port)) = settings.map(|settings| &settings.ready)
            && port_answers(*port)?
        {
            let why = format!("port {port} is answered already, by another process");
            return Ok(Outcome::GivenUp(why).into());
        }
        context.setup.executor.run(job, capture, &self.control)
    }

    fn start_check(&self) -> Option<JoinHandle<()>> {
        let check = ReadinessCheck {
            context: Arc::clone(&self.context),
            service: self.service,
            control: Arc::clone(&self.check),
        };
        let started = spawn_joinable("readiness".to_owned(), move || check.run());
        started
            .map_err(|error| {
                let why = format!("no thread for the check: {}", reason_text(&error));
                self.context.tell(ServiceEvent::Unready(self.service, why));
            })
            .ok()
    }
}

//! Check of whether a service is ready, again and again, on a thread of its own.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::context::ServiceContext;
use super::denials::Denials;
use crate::exec::capture::{OutputCapture, OutputDestination, OutputRelease};
use crate::exec::start::launcher::is_shortage;
use crate::exec::termination::slot_control::SlotControl;
use crate::exit;
use crate::input::Row;
use crate::input::row_settings::{RowCommand, RowSettings};
use crate::job::{Job, Outcome};
use crate::plan::Readiness;
use crate::pool::service_event::ServiceEvent;
use crate::spool::SpoolBudget;

/// Time between two checks.
const PAUSE: Duration = Duration::from_millis(100);

/// Time for an answer on this machine, which takes none unless a filter drops it.
const MAX_CONNECTING: Duration = Duration::from_millis(500);

/// Check of one service.
pub(super) struct ReadinessCheck {
    pub(super) context: Arc<ServiceContext>,
    pub(super) service: usize,
    pub(super) control: Arc<SlotControl>,
}

/// Result of one check.
enum Verdict {
    Ready,
    NotYet,
    /// No check can be made, for this reason.
    Impossible(String),
}

impl ReadinessCheck {
    /// Checks until the service is ready, or until this is stopped.
    pub(super) fn run(self) {
        self.control.attach();
        let context = &self.context;
        let mut denials = Denials::default();
        while self.control.may_begin() {
            let verdict = match context.job(self.service).service.as_ref() {
                Some(settings) => self.check(&settings.ready),
                None => return,
            };
            let verdict = match verdict {
                Ok(verdict) => {
                    denials.end();
                    verdict
                }
                // Resources are short at present.
                Err(error) => match denials.add(&error) {
                    Some(why) => Verdict::Impossible(why),
                    None => Verdict::NotYet,
                },
            };
            match verdict {
                Verdict::Ready => return context.tell(ServiceEvent::Ready(self.service)),
                Verdict::Impossible(why) => {
                    return context.tell(ServiceEvent::Unready(self.service, why));
                }
                Verdict::NotYet => self.pause(),
            }
        }
    }

    fn check(&self, ready: &Readiness) -> io::Result<Verdict> {
        match ready {
            Readiness::Port(port) if port_answers(*port)? => Ok(Verdict::Ready),
            Readiness::Command(command) => self.try_command(command),
            // It is the service's own thread that sees the others.
            Readiness::Port(_) | Readiness::Started | Readiness::Line(_) => Ok(Verdict::NotYet),
        }
    }

    fn try_command(&self, command: &RowCommand) -> io::Result<Verdict> {
        let job = self.command_job(command);
        let budget = Arc::new(SpoolBudget::default());
        // Nobody looks at its output.
        let mut drop_output = |_| {};
        let mut capture = OutputCapture::new(
            OutputDestination::Capture,
            OutputRelease::AtOnce,
            None,
            &budget,
            &mut drop_output,
        );
        let executor = &self.context.setup.executor;
        let outcome = executor.run(&job, &mut capture, &self.control)?.outcome;
        Ok(match outcome {
            Outcome::NotFound(why) | Outcome::NotExecutable(why) | Outcome::Refused(why) => {
                Verdict::Impossible(why)
            }
            // A shell has found that it cannot be run.
            Outcome::Exited(status @ (exit::NOT_EXECUTABLE | exit::NOT_FOUND)) => {
                Verdict::Impossible(format!("exit {status}"))
            }
            outcome if outcome.is_success() => Verdict::Ready,
            _ => Verdict::NotYet,
        })
    }

    /// The command as a job with the surroundings of the service. Its number is no other one's:
    /// when it is stopped, the processes of jobs with its number are killed.
    fn command_job(&self, command: &RowCommand) -> Job {
        let plan = &self.context.plan;
        let last = plan.jobs.last().map_or(0, |job| job.number);
        let row = self.context.job(self.service).row();
        let own = row.settings.as_deref().cloned().unwrap_or_default();
        let settings = RowSettings {
            command: Some(command.clone()),
            // What it leaves may be what it asks the next time, as a daemon that it has started.
            is_service: false,
            ..own
        };
        let row = Row {
            settings: Some(Arc::new(settings)),
            ..row
        };
        Job::new(last + 1 + self.service as u64, row)
    }

    /// Waits, unless this is stopped meanwhile.
    fn pause(&self) {
        let end = Instant::now() + PAUSE;
        while self.control.may_begin() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.control.poll(&mut Vec::new(), Some(left)).is_err() {
                return;
            }
        }
    }
}

/// Tells whether someone listens on a port of this machine.
///
/// # Errors
/// Descriptors or memory are short.
pub(super) fn port_answers(port: u16) -> io::Result<bool> {
    let addresses = [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::from(Ipv6Addr::LOCALHOST),
    ];
    for address in addresses {
        let address = SocketAddr::new(address, port);
        match TcpStream::connect_timeout(&address, MAX_CONNECTING) {
            Ok(_) => return Ok(true),
            Err(error) if is_shortage(&error) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(false)
}

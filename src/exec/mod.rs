//! One attempt of a job, from its start to its end. Knows nothing of other jobs, of
//! order, or of the run.
//!
//! - [`termination`]: requests to stop, the signals for that, how it ended
//! - [`capture`]: what it prints
//! - [`start`]: what is made before there is a process, and the process itself
//! - [`builtin`]: a built-in as a job, or as a stage of a pipeline
//! - [`list`]: commands that prun runs one after the other without a shell
//! - [`process_group`]: the processes of the attempt
//! - [`communicate`]: reads, waits and enforces limits until it is over
//! - [`local`]: all of these together, on this machine
//! - [`worker`]: messages to processes that live on, instead of a process for each job
//! - [`executor`]: what the pool sees of it; [`open`] is the one way to get one

pub(crate) mod builtin;
pub(crate) mod capture;
pub(crate) mod communicate;
pub(crate) mod executor;
#[cfg(test)]
pub(super) mod fake;
pub(crate) mod list;
pub(crate) mod local;
pub(crate) mod process_group;
pub(crate) mod start;
pub(crate) mod termination;
pub(crate) mod worker;

use std::sync::Arc;
use std::time::Duration;

use crate::exec::executor::Executor;
use crate::exec::local::{ExecOptions, LocalExecutor};
use crate::exec::worker::{WorkerExecutor, WorkerOptions};
use crate::os::clock::Clock;
use crate::os::job_cgroup::RunCgroup;
use crate::template::CommandTemplate;

/// Place where jobs run, and the options for it.
pub(crate) enum ExecutorKind {
    /// On this machine.
    Local(ExecOptions),
    /// On this machine, by processes that live on (`--worker`).
    Worker(ExecOptions, WorkerOptions),
    /// Nowhere: a test tells how they end.
    #[cfg(test)]
    Fake(Arc<dyn Executor>),
}

impl ExecutorKind {
    /// `--timeout TIME`.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        match self {
            ExecutorKind::Local(options) | ExecutorKind::Worker(options, _) => {
                options.limits.timeout
            }
            #[cfg(test)]
            ExecutorKind::Fake(_) => None,
        }
    }
}

/// Opens the executor of a run, whose jobs have the commands of one template.
pub(crate) fn open(
    kind: ExecutorKind,
    template: &Arc<CommandTemplate>,
    clock: &Arc<Clock>,
    cgroup: Option<&Arc<RunCgroup>>,
) -> Arc<dyn Executor> {
    let local = |options| {
        let (template, clock) = (Arc::clone(template), Arc::clone(clock));
        LocalExecutor::new(template, options, clock, cgroup.map(Arc::clone))
    };
    match kind {
        ExecutorKind::Local(options) => Arc::new(local(options)),
        ExecutorKind::Worker(options, workers) => {
            Arc::new(WorkerExecutor::new(local(options), workers))
        }
        #[cfg(test)]
        ExecutorKind::Fake(executor) => executor,
    }
}

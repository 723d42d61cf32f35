//! Control group of an attempt.

use std::sync::Arc;

use crate::exec::executor::AttemptEnd;
use crate::exec::start::launcher::StartError;
use crate::job::{Job, Outcome};
use crate::os::child::ExitStatus;
use crate::os::job_cgroup::{CgroupEntrances, JobCgroup, RunCgroup};

/// The group, or none without `--cgroup`. Removed when it is dropped.
#[derive(Debug)]
pub(crate) struct AttemptCgroup(Option<(JobCgroup, Arc<RunCgroup>)>);

impl AttemptCgroup {
    /// Makes a group below that of the run.
    pub(crate) fn make(run: Option<&Arc<RunCgroup>>, job: &Job) -> Result<Self, StartError> {
        let Some(run) = run else {
            return Ok(AttemptCgroup(None));
        };
        // The group of an attempt before may be there if the kernel holds its processes.
        let name = match job.attempt {
            0 | 1 => format!("job-{}", job.seq),
            attempt => format!("job-{}.{attempt}", job.seq),
        };
        let group = run
            .job(&name)
            .map_err(|(path, error)| StartError::of_file("use the control group", &path, error))?;
        Ok(AttemptCgroup(Some((group, Arc::clone(run)))))
    }

    /// Descriptors by which a process enters the group.
    pub(crate) fn entrances(&self) -> Option<&CgroupEntrances> {
        self.0.as_ref().map(|(group, _)| group.entrances())
    }

    /// Kills what the attempt has left, and removes the group. An attempt that has lost a
    /// process for want of memory has failed, whatever its status says.
    pub(crate) fn end(self, mut ended: AttemptEnd) -> AttemptEnd {
        let Some((group, run)) = self.0 else {
            return ended;
        };
        if group.settle() == 0 {
            return ended;
        }
        let status = match ended.outcome {
            // The log has to say that it failed.
            Outcome::Exited(0) | Outcome::Accepted(_) => ExitStatus::Signaled(libc::SIGKILL),
            Outcome::Exited(status) => ExitStatus::Exited(status),
            Outcome::Signaled(signal) => ExitStatus::Signaled(signal),
            _ => return ended,
        };
        ended.outcome = Outcome::OutOfMemory(status, run.memory_limit());
        ended
    }
}

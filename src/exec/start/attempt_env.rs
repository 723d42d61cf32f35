//! Surroundings of an attempt, which all of its processes share.

use std::ffi::OsString;
use std::mem;

use crate::exec::start::directory::JobDirectory;
use crate::exec::start::launcher::ProcessLauncher;
use crate::input::JobStdin;
use crate::job::Job;
use crate::os::job_cgroup::CgroupEntrances;
use crate::placeholder::JobPosition;
use crate::template::{CommandTemplate, PreparedCommand};

#[derive(Debug, Clone, Copy)]
pub(crate) struct AttemptEnv<'a> {
    pub launcher: &'a ProcessLauncher,
    pub template: &'a CommandTemplate,
    pub job: &'a Job,
    pub place: JobPosition,
    /// `None` is prun's own.
    pub directory: Option<&'a JobDirectory>,
    /// `None` is prun's own.
    pub cgroup: Option<&'a CgroupEntrances>,
    pub stdin: &'a JobStdin,
    /// Variables of every process.
    pub environment: &'a [(OsString, OsString)],
}

impl AttemptEnv<'_> {
    /// Adds the variables to a command that runs in `directory`: its own win over those of the
    /// row, and these over those that tell the directory.
    pub(crate) fn complete(
        &self,
        mut command: PreparedCommand,
        directory: Option<&JobDirectory>,
    ) -> PreparedCommand {
        let settings = self.job.row.settings.as_deref();
        let added = settings.map_or(&[][..], |settings| &settings.environment);
        if directory.is_some() || !added.is_empty() {
            let own = mem::take(&mut command.environment);
            let directory = directory.map(JobDirectory::variables);
            command.environment.extend(directory.into_iter().flatten());
            command.environment.extend_from_slice(added);
            command.environment.extend(own);
        }
        command.environment.extend_from_slice(self.environment);
        command
    }
}

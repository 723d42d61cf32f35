//! Limits of a job, and the files of its control group that set them.

/// Period of the CPU quota in microseconds, as the kernel has it by default.
const PERIOD: f64 = 100_000.0;

/// Least quota that the kernel takes, in microseconds.
const LEAST_QUOTA: f64 = 1_000.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Controller {
    Memory,
    Cpu,
    Pids,
}

impl Controller {
    /// The kernel's name of it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Controller::Memory => "memory",
            Controller::Cpu => "cpu",
            Controller::Pids => "pids",
        }
    }

    /// Option that needs it.
    pub(super) fn option(self) -> &'static str {
        match self {
            Controller::Memory => "--job-mem",
            Controller::Cpu => "--job-cpus",
            Controller::Pids => "--job-pids",
        }
    }
}

/// Limits of each job: all its processes together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct JobLimits {
    /// `--job-mem SIZE`: bytes, without swap.
    pub memory: Option<u64>,
    /// `--job-cpus N`
    pub cpus: Option<f64>,
    /// `--job-pids N`: processes and threads.
    pub pids: Option<u64>,
}

/// A file of a control group and its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LimitFile {
    pub name: &'static str,
    pub text: String,
    /// Some kernels do not have it.
    pub is_optional: bool,
}

/// Files of a limit, by the version of the hierarchy that has its controller.
#[derive(Debug)]
pub(super) struct LimitFiles {
    pub unified: Vec<LimitFile>,
    pub version_one: Vec<LimitFile>,
}

fn file(name: &'static str, text: impl ToString) -> LimitFile {
    LimitFile {
        name,
        text: text.to_string(),
        is_optional: false,
    }
}

/// File of swap, which is not everywhere accounted.
fn swap(name: &'static str, text: impl ToString) -> LimitFile {
    LimitFile {
        is_optional: true,
        ..file(name, text)
    }
}

impl JobLimits {
    /// Controllers that the limits need.
    pub(super) fn controllers(&self) -> Vec<(Controller, LimitFiles)> {
        let memory = self.memory.map(|bytes| {
            let files = LimitFiles {
                unified: vec![file("memory.max", bytes), swap("memory.swap.max", 0)],
                version_one: vec![
                    file("memory.limit_in_bytes", bytes),
                    swap("memory.memsw.limit_in_bytes", bytes),
                ],
            };
            (Controller::Memory, files)
        });
        let cpus = self.cpus.map(|cpus| {
            let quota = (cpus * PERIOD).round().max(LEAST_QUOTA);
            let files = LimitFiles {
                unified: vec![file("cpu.max", format!("{quota} {PERIOD}"))],
                version_one: vec![
                    file("cpu.cfs_period_us", PERIOD),
                    file("cpu.cfs_quota_us", quota),
                ],
            };
            (Controller::Cpu, files)
        });
        let pids = self.pids.map(|count| {
            let files = LimitFiles {
                unified: vec![file("pids.max", count)],
                version_one: vec![file("pids.max", count)],
            };
            (Controller::Pids, files)
        });
        [memory, cpus, pids].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_as_the_kernel_reads_them() {
        let limits = JobLimits {
            memory: Some(1000),
            cpus: Some(1.5),
            pids: Some(7),
        };
        let shown = |files: &[LimitFile]| -> Vec<String> {
            let files = files.iter();
            files
                .map(|file| format!("{}={}", file.name, file.text))
                .collect()
        };
        let files: Vec<(Vec<String>, Vec<String>)> = limits
            .controllers()
            .iter()
            .map(|(_, files)| (shown(&files.unified), shown(&files.version_one)))
            .collect();
        let (unified, version_one): (Vec<_>, Vec<_>) = files.into_iter().unzip();
        assert_eq!(
            unified.concat(),
            [
                "memory.max=1000",
                "memory.swap.max=0",
                "cpu.max=150000 100000",
                "pids.max=7"
            ]
        );
        assert_eq!(
            version_one.concat(),
            [
                "memory.limit_in_bytes=1000",
                "memory.memsw.limit_in_bytes=1000",
                "cpu.cfs_period_us=100000",
                "cpu.cfs_quota_us=150000",
                "pids.max=7"
            ]
        );
        assert!(JobLimits::default().controllers().is_empty());
    }
}

//! Load, memory and swapping of the system.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::cgroup::{self, number_after};
use super::pressure::{PressureFile, PressureResource};

/// Reader of the statistics below `/proc` and `/sys`.
#[derive(Debug, Clone)]
pub(crate) struct SystemMetrics {
    root: PathBuf,
}

/// Pages that the system has swapped since it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SwapCounts {
    pub pages_in: u64,
    pub pages_out: u64,
}

impl SystemMetrics {
    /// Metrics of this system. `PRUN_ROOT`, which is for tests, names another directory in
    /// which `proc` and `sys` are.
    pub(crate) fn system() -> Self {
        let root = std::env::var_os("PRUN_ROOT").filter(|root| !root.is_empty());
        SystemMetrics {
            root: root.map_or_else(|| "/".into(), PathBuf::from),
        }
    }

    #[cfg(test)]
    pub(crate) fn at(root: impl Into<PathBuf>) -> Self {
        SystemMetrics { root: root.into() }
    }

    /// Threads that run, want to run, or wait for a disk now, the calling one not counted;
    /// `None` where the kernel does not tell (proc_stat(5)).
    ///
    /// The load average would not do: it takes half a minute to notice that jobs have been
    /// started, and all slots would be filled by then. With three busy loops on two CPUs it
    /// had not moved after two seconds; these numbers had at once.
    pub(crate) fn load(&self) -> Option<u64> {
        let text = fs::read_to_string(self.root.join("proc/stat")).ok()?;
        let field = |name| number_after(&text, name);
        let running: u64 = field("procs_running ")?;
        Some(running.saturating_sub(1) + field("procs_blocked ").unwrap_or(0))
    }

    /// Threads of other processes that run, want to run, or wait for a disk now, as far as
    /// ps(1) shows them and without those of the kernel; `None` where the kernel does not tell
    /// (proc_pid_stat(5)).
    pub(crate) fn visible_load(&self) -> Option<u64> {
        let own = std::process::id().to_string();
        let processes = fs::read_dir(self.root.join("proc")).ok()?.flatten();
        let others = processes.filter(|entry| {
            let name = entry.file_name();
            let name = name.to_str().unwrap_or_default();
            name.bytes().all(|byte| byte.is_ascii_digit()) && name != own
        });
        let threads = others.flat_map(|process| {
            let tasks = fs::read_dir(process.path().join("task"));
            tasks.into_iter().flatten().flatten()
        });
        let busy = threads.filter(|thread| {
            let stat = fs::read(thread.path().join("stat"));
            stat.is_ok_and(|stat| is_busy(&stat))
        });
        Some(busy.count() as u64)
    }

    /// Pages swapped so far; `None` where the kernel does not tell (`/proc/vmstat`).
    pub(crate) fn swap_counts(&self) -> Option<SwapCounts> {
        let text = fs::read_to_string(self.root.join("proc/vmstat")).ok()?;
        Some(SwapCounts {
            pages_in: number_after(&text, "pswpin ")?,
            pages_out: number_after(&text, "pswpout ")?,
        })
    }

    /// File about the pressure on `resource` that this process is under: of its control group, else
    /// of the whole system.
    ///
    /// # Errors
    /// None can be read. The error is about the second file, whose name comes with it.
    pub(crate) fn pressure_file(
        &self,
        resource: PressureResource,
    ) -> Result<PressureFile, (PathBuf, io::Error)> {
        let of_system = self.root.join("proc/pressure").join(resource.name());
        let name = format!("{}.pressure", resource.name());
        let of_groups = cgroup::unified(&self.root).map(|group| group.join(&name));
        PressureFile::first_readable(of_groups.chain([of_system.clone()]))
            .map_err(|error| (of_system, error))
    }

    /// Bytes that can be had without swapping, in the system and in the control groups of
    /// this process; `None` where the kernel does not tell (proc_meminfo(5)).
    pub(crate) fn available_memory(&self) -> Option<u64> {
        let system = self.meminfo("MemAvailable:")?;
        let groups = cgroup::available_memory(&self.root);
        Some(groups.map_or(system, |groups| groups.min(system)))
    }

    /// Bytes that the system and the control groups of this process have in all.
    pub(crate) fn total_memory(&self) -> Option<u64> {
        let system = self.meminfo("MemTotal:")?;
        let groups = cgroup::memory_limit(&self.root);
        Some(groups.map_or(system, |groups| groups.min(system)))
    }

    /// Tells whether there is no place to swap to.
    pub(crate) fn has_no_swap(&self) -> bool {
        self.meminfo("SwapTotal:") == Some(0)
    }

    fn meminfo(&self, name: &str) -> Option<u64> {
        let text = fs::read_to_string(self.root.join("proc/meminfo")).ok()?;
        number_after(&text, name).map(|kilobytes| kilobytes.saturating_mul(1024))
    }
}

/// True for a thread that runs or waits for a disk, and is not one of the kernel's. `stat` is
/// `NUMBER (NAME) STATE PARENT GROUP SESSION TERMINAL FOREGROUND FLAGS ...`, and the name may
/// be anything.
fn is_busy(stat: &[u8]) -> bool {
    /// `PF_KTHREAD`
    const KERNEL_THREAD: u64 = 0x0020_0000;
    let Some(end) = memchr::memrchr(b')', stat) else {
        return false;
    };
    let rest = String::from_utf8_lossy(&stat[end + 1..]);
    let mut fields = rest.split_ascii_whitespace();
    let is_busy = matches!(fields.next(), Some("R" | "D"));
    let flags = fields.nth(5).and_then(|flags| flags.parse().ok());
    is_busy && flags.is_none_or(|flags: u64| flags & KERNEL_THREAD == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_proc_are_understood() {
        let root = tempfile::tempdir().unwrap();
        let metrics = SystemMetrics::at(root.path());
        assert_eq!((metrics.load(), metrics.available_memory()), (None, None));
        assert_eq!(
            (metrics.swap_counts(), metrics.has_no_swap()),
            (None, false)
        );
        fs::create_dir(root.path().join("proc")).unwrap();
        let write = |name, text| fs::write(root.path().join(name), text).unwrap();
        write("proc/stat", "cpu  1 2\nprocs_running 4\nprocs_blocked 2\n");
        write(
            "proc/meminfo",
            "MemTotal:       100 kB\nMemFree:  7 kB\nMemAvailable:   50 kB\nSwapTotal:  0 kB\n",
        );
        write("proc/vmstat", "pgpgin 1\npswpin 23\npswpout 42\n");
        let swapped = SwapCounts {
            pages_in: 23,
            pages_out: 42,
        };
        assert_eq!(metrics.swap_counts(), Some(swapped));
        assert!(metrics.has_no_swap());
        assert_eq!(metrics.load(), Some(5));
        assert_eq!(metrics.total_memory(), Some(100 << 10));
        assert_eq!(metrics.available_memory(), Some(50 << 10));
    }

    #[test]
    fn threads_that_run_or_wait_for_a_disk_are_busy() {
        for (stat, busy) in [
            ("7 (a) R 1 7 7 0 -1 4194304 0", true),
            ("7 (a) D 1 7 7 0 -1 4194304 0", true),
            ("7 (a) S 1 7 7 0 -1 4194304 0", false),
            ("7 (a) R ) S 1 7 7 0 -1 4194304 0", false),
            ("7 (kworker) D 2 0 0 0 -1 69238880 0", false),
            ("", false),
        ] {
            assert_eq!(is_busy(stat.as_bytes()), busy, "{stat}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_system_has_memory() {
        let metrics = SystemMetrics::at("/");
        assert!(metrics.load().is_some());
        assert!(metrics.available_memory().unwrap() <= metrics.total_memory().unwrap());
    }
}

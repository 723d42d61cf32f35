//! How busy the system is, and how much memory it has left.

use std::fs;
use std::path::PathBuf;

use super::cgroup;

/// Where to read it.
#[derive(Debug, Clone)]
pub struct Gauges {
    root: PathBuf,
}

impl Gauges {
    /// Those of this system. `PRUN_ROOT` names another place for `/proc` and `/sys`, which
    /// is for tests.
    pub fn system() -> Self {
        let root = std::env::var_os("PRUN_ROOT").filter(|root| !root.is_empty());
        Gauges {
            root: root.map_or_else(|| "/".into(), PathBuf::from),
        }
    }

    /// Those below another root.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Gauges { root: root.into() }
    }

    /// How many threads run, want to run, or wait for a disk now, the calling one not
    /// counted; none where the kernel does not tell (proc_stat(5)).
    ///
    /// The load average would not do: it takes half a minute to notice that jobs have been
    /// started, and all slots would be filled by then. With three busy loops on two CPUs it
    /// had not moved after two seconds; these numbers had at once.
    pub fn load(&self) -> Option<u64> {
        let text = fs::read_to_string(self.root.join("proc/stat")).ok()?;
        let field = |name| number_after(&text, name);
        let running: u64 = field("procs_running ")?;
        Some(running.saturating_sub(1) + field("procs_blocked ").unwrap_or(0))
    }

    /// Bytes of memory that can be had without swapping, in the system and in the control
    /// groups of this process; none where the kernel does not tell (proc_meminfo(5)).
    pub fn available_memory(&self) -> Option<u64> {
        let system = self.meminfo("MemAvailable:")?;
        let groups = cgroup::available_memory(&self.root);
        Some(groups.map_or(system, |groups| groups.min(system)))
    }

    /// The same if nothing else ran.
    pub fn total_memory(&self) -> Option<u64> {
        let system = self.meminfo("MemTotal:")?;
        let groups = cgroup::memory_limit(&self.root);
        Some(groups.map_or(system, |groups| groups.min(system)))
    }

    fn meminfo(&self, name: &str) -> Option<u64> {
        let text = fs::read_to_string(self.root.join("proc/meminfo")).ok()?;
        number_after(&text, name).map(|kilobytes| kilobytes.saturating_mul(1024))
    }
}

/// The number behind `name` at the beginning of a line.
pub(super) fn number_after(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_proc_are_understood() {
        let root = tempfile::tempdir().unwrap();
        let gauges = Gauges::at(root.path());
        assert_eq!((gauges.load(), gauges.available_memory()), (None, None));
        fs::create_dir(root.path().join("proc")).unwrap();
        let write = |name, text| fs::write(root.path().join(name), text).unwrap();
        write("proc/stat", "cpu  1 2\nprocs_running 4\nprocs_blocked 2\n");
        write(
            "proc/meminfo",
            "MemTotal:       100 kB\nMemFree:  7 kB\nMemAvailable:   50 kB\n",
        );
        assert_eq!(gauges.load(), Some(5));
        assert_eq!(gauges.total_memory(), Some(100 << 10));
        assert_eq!(gauges.available_memory(), Some(50 << 10));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_system_has_memory() {
        let gauges = Gauges::at("/");
        assert!(gauges.load().is_some());
        assert!(gauges.available_memory().unwrap() <= gauges.total_memory().unwrap());
    }
}

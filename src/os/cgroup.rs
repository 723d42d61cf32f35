//! CPUs and memory that the control groups of prun may use. Inside a container this is often
//! far below what the machine has.

use std::fs;
use std::path::{Path, PathBuf};

/// Lowest CPU quota of the process's groups and all groups above them, rounded up to whole
/// CPUs.
///
/// `root` is `/`, except in tests. A file that cannot be read sets no limit: in a container,
/// groups named in `/proc` may lie outside of what is mounted.
pub(super) fn cpu_limit(root: &Path) -> Option<usize> {
    let groups = groups(root, "cpu");
    let limits = groups.filter_map(|(version, directory)| match version {
        CgroupVersion::One => cpus_one(&directory),
        CgroupVersion::Two => cpus_two(&directory),
    });
    limits.min()
}

/// Lowest memory limit of these groups, in bytes.
pub(super) fn memory_limit(root: &Path) -> Option<u64> {
    memory(root).filter_map(|memory| memory.limit()).min()
}

/// Least memory that is left to one of these groups, in bytes.
pub(super) fn available_memory(root: &Path) -> Option<u64> {
    memory(root).filter_map(|memory| memory.available()).min()
}

/// Directories of this process's group of version 2 and of those above it, nearest first.
pub(super) fn unified(root: &Path) -> impl Iterator<Item = PathBuf> {
    let groups = groups(root, "");
    groups.filter_map(|(version, directory)| match version {
        CgroupVersion::One => None,
        CgroupVersion::Two => Some(directory),
    })
}

fn memory(root: &Path) -> impl Iterator<Item = MemoryFiles> {
    groups(root, "memory").map(|(version, directory)| match version {
        CgroupVersion::One => MemoryFiles {
            directory,
            limits: &["memory.limit_in_bytes"],
            usage: "memory.usage_in_bytes",
            cached: &["total_inactive_file ", "total_active_file "],
        },
        CgroupVersion::Two => MemoryFiles {
            directory,
            limits: &["memory.max", "memory.high"],
            usage: "memory.current",
            cached: &["inactive_file ", "active_file ", "slab_reclaimable "],
        },
    })
}

/// Files of a group's memory controller.
struct MemoryFiles {
    directory: PathBuf,
    limits: &'static [&'static str],
    usage: &'static str,
    /// Lines of `memory.stat`: memory in use that the kernel gives back when it is needed.
    cached: &'static [&'static str],
}

impl MemoryFiles {
    /// Bytes. No limit is `max` in version 2, and in version 1 more than any machine has.
    fn limit(&self) -> Option<u64> {
        let limits = self.limits.iter().filter_map(|name| self.number(name));
        limits.min()
    }

    fn available(&self) -> Option<u64> {
        let limit = self.limit()?;
        let usage = self.number(self.usage)?;
        let stat = fs::read_to_string(self.directory.join("memory.stat")).unwrap_or_default();
        let cached = self
            .cached
            .iter()
            .filter_map(|name| number_after(&stat, name));
        let kept = usage.saturating_sub(cached.sum());
        Some(limit.saturating_sub(kept))
    }

    fn number(&self, name: &str) -> Option<u64> {
        let text = fs::read_to_string(self.directory.join(name)).ok()?;
        text.trim().parse().ok()
    }
}

#[derive(Clone, Copy)]
enum CgroupVersion {
    /// Files below the controller's mount: `cpu/cpu.cfs_quota_us`.
    One,
    /// Files below the one mount: `cpu.max`.
    Two,
}

/// Directories of all groups by which a controller may limit this process.
fn groups(root: &Path, controller: &'static str) -> impl Iterator<Item = (CgroupVersion, PathBuf)> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let groups = groups.lines().filter_map(|line| parse(line, controller));
    let mounts = root.join("sys/fs/cgroup");
    let directories = groups.flat_map(|(version, path)| {
        let names: &[&str] = match version {
            // A controller that shares its mount with others has a link of its name there.
            CgroupVersion::One => &[controller],
            CgroupVersion::Two => &["", "unified"],
        };
        let below = |name: &&str| {
            let mount = mounts.join(name);
            let above = path.ancestors().map(|path| mount.join(path));
            above.map(|path| (version, path)).collect::<Vec<_>>()
        };
        names.iter().flat_map(below).collect::<Vec<_>>()
    });
    directories.collect::<Vec<_>>().into_iter()
}

/// Parses `ID:CONTROLLERS:PATH` (cgroups(7)); version 2 has no controllers. The path comes
/// back relative to the mount.
fn parse(line: &str, controller: &str) -> Option<(CgroupVersion, PathBuf)> {
    let mut fields = line.splitn(3, ':').skip(1);
    let controllers = fields.next()?;
    let path = PathBuf::from(fields.next()?.trim_start_matches('/'));
    match controllers {
        "" => Some((CgroupVersion::Two, path)),
        names if names.split(',').any(|name| name == controller) => {
            Some((CgroupVersion::One, path))
        }
        _ => None,
    }
}

/// Version 2: `cpu.max` holds `QUOTA PERIOD`; a quota of `max` is none.
fn cpus_two(directory: &Path) -> Option<usize> {
    let text = fs::read_to_string(directory.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    cpus(quota, period)
}

/// Version 1: a quota of -1 is none.
fn cpus_one(directory: &Path) -> Option<usize> {
    let quota = fs::read_to_string(directory.join("cpu.cfs_quota_us")).ok()?;
    let period = fs::read_to_string(directory.join("cpu.cfs_period_us")).ok()?;
    cpus(&quota, &period)
}

/// Rounds up: a quota of one and a half CPUs is best used by two jobs.
fn cpus(quota: &str, period: &str) -> Option<usize> {
    let quota: usize = quota.trim().parse().ok()?;
    let period: usize = period.trim().parse().ok()?;
    (period > 0).then(|| quota.div_ceil(period).max(1))
}

/// Number behind `name` at the beginning of a line of a statistics file.
pub(super) fn number_after(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CPU limit in a system where these files exist.
    fn limit(files: &[(&str, &str)]) -> Option<usize> {
        cpu_limit(system(files).path())
    }

    fn system(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    #[test]
    fn a_quota_is_rounded_up() {
        let files = [
            ("proc/self/cgroup", "0::/jobs\n"),
            ("sys/fs/cgroup/jobs/cpu.max", "150000 100000\n"),
        ];
        assert_eq!(limit(&files), Some(2));
    }

    #[test]
    fn a_parent_limits_its_children() {
        let files = [
            ("proc/self/cgroup", "0::/a/b/c\n"),
            ("sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/a/cpu.max", "300000 100000\n"),
        ];
        assert_eq!(limit(&files), Some(3));
    }

    #[test]
    fn a_container_sees_its_own_group_at_the_mount() {
        let files = [
            ("proc/self/cgroup", "0::/docker/1234\n"),
            ("sys/fs/cgroup/cpu.max", "400000 100000\n"),
        ];
        assert_eq!(limit(&files), Some(4));
    }

    #[test]
    fn version_one_has_its_own_files() {
        let group = ("proc/self/cgroup", "7:pids:/\n4:cpu,cpuacct:/box\n0::/\n");
        let period = ("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n");
        let quota = |text| ("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", text);
        assert_eq!(limit(&[group, period, quota("50000\n")]), Some(1));
        assert_eq!(limit(&[group, period, quota("-1\n")]), None);
    }

    #[test]
    fn what_cannot_be_read_sets_no_limit() {
        assert_eq!(limit(&[]), None);
        let group = ("proc/self/cgroup", "0::/../..\nnonsense\n1:cpu\n");
        assert_eq!(limit(&[group]), None);
        for text in ["max 100000", "1 0", "", "x y", "100000"] {
            let quota = ("sys/fs/cgroup/cpu.max", text);
            assert_eq!(limit(&[group, quota]), None, "{text}");
        }
    }

    #[test]
    fn memory_is_what_the_tightest_group_leaves() {
        let root = system(&[
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/b/memory.max", "max\n"),
            ("sys/fs/cgroup/a/b/memory.high", "5000\n"),
            ("sys/fs/cgroup/a/b/memory.current", "1000\n"),
            ("sys/fs/cgroup/a/memory.max", "4000\n"),
            ("sys/fs/cgroup/a/memory.current", "3500\n"),
            (
                "sys/fs/cgroup/a/memory.stat",
                "anon 2900\ninactive_file 300\nactive_file 200\nslab_reclaimable 100\n",
            ),
        ]);
        assert_eq!(memory_limit(root.path()), Some(4000));
        assert_eq!(available_memory(root.path()), Some(1100));

        let root = system(&[
            ("proc/self/cgroup", "4:memory:/box\n0::/\n"),
            (
                "sys/fs/cgroup/memory/memory.limit_in_bytes",
                "9223372036854771712\n",
            ),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "700\n"),
            ("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1000\n"),
            ("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "400\n"),
            (
                "sys/fs/cgroup/memory/box/memory.stat",
                "inactive_file 1\ntotal_inactive_file 50\ntotal_active_file 30\n",
            ),
        ]);
        assert_eq!(available_memory(root.path()), Some(680));
        assert_eq!(available_memory(system(&[]).path()), None);
    }
}

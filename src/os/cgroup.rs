//! How many CPUs the control groups that prun runs in may use. Inside a container
//! this is often far below the number of CPUs one can see.

use std::fs;
use std::path::{Path, PathBuf};

/// The lowest CPU quota of the process's groups and all groups above them, rounded
/// up to whole CPUs; none if no group has one.
///
/// `root` is `/`, except in tests. What cannot be read sets no limit: in a
/// container, groups named in `/proc` may lie outside of what is mounted.
pub fn cpu_limit(root: &Path) -> Option<usize> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let quotas = groups.lines().filter_map(Group::parse);
    quotas.filter_map(|group| group.limit(root)).min()
}

/// Which files hold a group's quota.
enum Version {
    /// `cpu.cfs_quota_us`, below the controller's mount.
    One,
    /// `cpu.max`, below the one mount.
    Two,
}

/// One line of `/proc/self/cgroup`.
struct Group {
    version: Version,
    /// Relative to the mount.
    path: PathBuf,
}

impl Group {
    /// Reads `ID:CONTROLLERS:PATH`; version 2 has no controllers. See cgroups(7).
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.splitn(3, ':').skip(1);
        let controllers = fields.next()?;
        let path = PathBuf::from(fields.next()?.trim_start_matches('/'));
        let version = match controllers {
            "" => Version::Two,
            names if names.split(',').any(|name| name == "cpu") => Version::One,
            _ => return None,
        };
        Some(Group { version, path })
    }

    /// The lowest limit on the way from the group up to the mount.
    fn limit(&self, root: &Path) -> Option<usize> {
        let mounts: &[&str] = match self.version {
            // Where it shares a mount with other controllers, there is a link.
            Version::One => &["cpu"],
            Version::Two => &["", "unified"],
        };
        let mounts = mounts
            .iter()
            .map(|name| root.join("sys/fs/cgroup").join(name));
        mounts.filter_map(|mount| self.limit_below(&mount)).min()
    }

    fn limit_below(&self, mount: &Path) -> Option<usize> {
        let directories = self.path.ancestors().map(|path| mount.join(path));
        let limits = directories.filter_map(|directory| match self.version {
            Version::One => version_one(&directory),
            Version::Two => version_two(&directory),
        });
        limits.min()
    }
}

/// `cpu.max` holds `QUOTA PERIOD`; a quota of `max` is none.
fn version_two(directory: &Path) -> Option<usize> {
    let text = fs::read_to_string(directory.join("cpu.max")).ok()?;
    let (quota, period) = text.trim().split_once(' ')?;
    cpus(quota, period)
}

/// A quota of -1 is none.
fn version_one(directory: &Path) -> Option<usize> {
    let quota = fs::read_to_string(directory.join("cpu.cfs_quota_us")).ok()?;
    let period = fs::read_to_string(directory.join("cpu.cfs_period_us")).ok()?;
    cpus(&quota, &period)
}

/// Rounded up: a quota of one and a half CPUs is best used by two jobs.
fn cpus(quota: &str, period: &str) -> Option<usize> {
    let quota: usize = quota.trim().parse().ok()?;
    let period: usize = period.trim().parse().ok()?;
    (period > 0).then(|| quota.div_ceil(period).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The limit in a system where these files exist.
    fn limit(files: &[(&str, &str)]) -> Option<usize> {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        cpu_limit(root.path())
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
}

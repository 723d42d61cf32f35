//! Hierarchies of control groups, and prun's own group in each.

use std::fs;
use std::path::{Path, PathBuf};

use super::limits::{Controller, LimitFile};

/// Hierarchy with a group for each job.
#[derive(Debug, Clone)]
pub(super) struct Hierarchy {
    /// Directory of prun's own group.
    pub own: PathBuf,
    /// Directory in it that has the groups of jobs.
    pub base: PathBuf,
    /// Limits of a job.
    pub limits: Vec<LimitFile>,
}

impl Hierarchy {
    pub(super) fn new(own: &Path, name: &str) -> Hierarchy {
        Hierarchy {
            own: own.to_owned(),
            base: own.join(name),
            limits: Vec::new(),
        }
    }

    /// Tells whether groups below prun's own can have this controller of version 2.
    pub(super) fn offers(&self, controller: Controller) -> bool {
        has_word(&self.own.join("cgroup.controllers"), controller.name())
    }
}

/// What the kernel says of mounted hierarchies and prun's groups.
#[derive(Debug)]
pub(super) struct Mounts {
    /// `/proc/self/mountinfo`
    mounts: String,
    /// `/proc/self/cgroup`
    groups: String,
}

impl Mounts {
    pub(super) fn read() -> Mounts {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        Mounts {
            mounts: read("/proc/self/mountinfo"),
            groups: read("/proc/self/cgroup"),
        }
    }

    /// Directory of prun's group in the hierarchy of version 2.
    pub(super) fn unified(&self) -> Option<PathBuf> {
        self.directory("cgroup2", "")
    }

    /// Directory of prun's group in the hierarchy of version 1 that has a controller.
    pub(super) fn of(&self, controller: Controller) -> Option<PathBuf> {
        self.directory("cgroup", controller.name())
    }

    /// Only a mount that shows prun's own group is of use: in a container, others may be
    /// there, too.
    fn directory(&self, kind: &str, controller: &str) -> Option<PathBuf> {
        let group = self
            .groups
            .lines()
            .find_map(|line| group_of(line, controller))?;
        let mounts = self
            .mounts
            .lines()
            .filter_map(|line| mount(line, kind, controller));
        let mut directories = mounts.filter_map(|(root, point)| {
            let below = Path::new(group).strip_prefix(root).ok()?;
            // Joined, an empty path would add a slash.
            let components = Path::new(point).components().chain(below.components());
            Some(components.collect::<PathBuf>())
        });
        directories.find(|directory| !directory.iter().any(|name| name == ".."))
    }
}

/// Path of the group in a line of `/proc/self/cgroup`, `ID:CONTROLLERS:PATH` (cgroups(7)).
fn group_of<'a>(line: &'a str, controller: &str) -> Option<&'a str> {
    let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
    controllers
        .split(',')
        .any(|name| name == controller)
        .then_some(path)
}

/// Root and mount point in a line of proc_pid_mountinfo(5):
/// `ID PARENT DEVICE ROOT POINT OPTIONS [TAG...] - KIND SOURCE SUPER_OPTIONS`.
fn mount<'a>(line: &'a str, kind: &str, controller: &str) -> Option<(&'a str, &'a str)> {
    let (mount, file_system) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(3);
    let mut file_system = file_system.split(' ');
    let is_kind = file_system.next()? == kind;
    let mut options = file_system.nth(1)?.split(',');
    let has_it = controller.is_empty() || options.any(|option| option == controller);
    let (root, point) = (mount.next()?, mount.next()?);
    (is_kind && has_it).then_some((root, point))
}

/// Tells whether a word is in a file of words.
pub(super) fn has_word(file: &Path, word: &str) -> bool {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.split_ascii_whitespace().any(|found| found == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounts(mounts: &str, groups: &str) -> Mounts {
        Mounts {
            mounts: mounts.to_owned(),
            groups: groups.to_owned(),
        }
    }

    #[test]
    fn a_hybrid_system_has_both_versions() {
        let both = mounts(
            "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n\
             32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n\
             35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
             41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
            "4:memory:/a/b\n2:cpu,cpuacct:/\n1:name=systemd:/x\n0::/c\n",
        );
        assert_eq!(both.unified(), Some("/sys/fs/cgroup/unified/c".into()));
        let of = |controller| both.of(controller);
        assert_eq!(
            of(Controller::Memory),
            Some("/sys/fs/cgroup/memory/a/b".into())
        );
        assert_eq!(
            of(Controller::Cpu),
            Some("/sys/fs/cgroup/cpu,cpuacct".into())
        );
        assert_eq!(of(Controller::Pids), None);
    }

    #[test]
    fn a_container_sees_a_part_of_the_hierarchy() {
        let mount = "41 31 0:38 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup2 rw,nsdelegate\n";
        let within = mounts(mount, "0::/docker/1/x\n");
        assert_eq!(within.unified(), Some("/sys/fs/cgroup/x".into()));
        assert_eq!(mounts(mount, "0::/docker/2\n").unified(), None);
        let above = mounts(
            "41 31 0:38 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
            "0::/../2\n",
        );
        assert_eq!(above.unified(), None);
        assert_eq!(mounts("", "").unified(), None);
    }
}

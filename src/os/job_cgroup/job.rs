//! Control group of one attempt of a job.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::hierarchy::Hierarchy;
use crate::os::cgroup::number_after;

/// Longest wait for killed processes, which may hang in the kernel.
const DYING: Duration = Duration::from_secs(10);

/// The group, in each hierarchy. Killed and removed when it is dropped.
#[derive(Debug)]
pub(crate) struct JobCgroup {
    /// Version 2 first.
    directories: Vec<PathBuf>,
    entrances: CgroupEntrances,
}

/// Descriptors by which a child enters a group.
#[derive(Debug)]
pub(crate) struct CgroupEntrances {
    /// Directory of version 2.
    #[allow(dead_code, reason = "only the fast start begins in a group")]
    pub(in crate::os) directory: OwnedFd,
    /// `cgroup.procs` of that.
    pub(in crate::os) unified: OwnedFd,
    /// `cgroup.procs` of version 1.
    pub(in crate::os) others: Vec<OwnedFd>,
}

impl CgroupEntrances {
    /// Numbers of the `cgroup.procs`, for [`enter`]; -1 for none.
    pub(in crate::os) fn raw(&self) -> [RawFd; 4] {
        let mut numbers = self.raw_others();
        numbers[3] = self.unified.as_raw_fd();
        numbers
    }

    /// The same for a process that starts in the group of version 2.
    pub(in crate::os) fn raw_others(&self) -> [RawFd; 4] {
        let mut numbers = [-1; 4];
        for (number, entrance) in numbers.iter_mut().zip(&self.others) {
            *number = entrance.as_raw_fd();
        }
        numbers
    }
}

/// Moves the calling process into the groups whose `cgroup.procs` these are.
///
/// Called between fork and exec: it makes async-signal-safe calls only.
pub(in crate::os) fn enter(entrances: &[RawFd; 4]) -> io::Result<()> {
    for &entrance in entrances.iter().filter(|&&entrance| entrance >= 0) {
        // SAFETY: the byte lives; the descriptor is open until the start is over.
        if unsafe { libc::write(entrance, c"0".as_ptr().cast(), 1) } != 1 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

impl JobCgroup {
    pub(super) fn make(
        hierarchies: &[Hierarchy],
        name: &str,
    ) -> Result<JobCgroup, (PathBuf, io::Error)> {
        let directories: Vec<PathBuf> = hierarchies
            .iter()
            .map(|hierarchy| hierarchy.base.join(name))
            .collect();
        let made = JobCgroup::try_make(hierarchies, &directories);
        if made.is_err() {
            remove(&directories);
        }
        made.map(|entrances| JobCgroup {
            directories,
            entrances,
        })
    }

    fn try_make(
        hierarchies: &[Hierarchy],
        directories: &[PathBuf],
    ) -> Result<CgroupEntrances, (PathBuf, io::Error)> {
        let mut entrances = Vec::new();
        for (hierarchy, directory) in hierarchies.iter().zip(directories) {
            fs::create_dir(directory).map_err(|error| (directory.clone(), error))?;
            for limit in &hierarchy.limits {
                let path = directory.join(limit.name);
                match fs::write(&path, &limit.text) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound && limit.is_optional => {}
                    written => written.map_err(|error| (path, error))?,
                }
            }
            let path = directory.join("cgroup.procs");
            let file = File::options().write(true).open(&path);
            entrances.push(file.map_err(|error| (path, error))?.into());
        }
        let first = &directories[0];
        let directory = File::open(first).map_err(|error| (first.clone(), error))?;
        let unified = entrances.remove(0);
        Ok(CgroupEntrances {
            directory: directory.into(),
            unified,
            others: entrances,
        })
    }

    /// Checks that all of its processes can be killed at once, which kernels before 5.14 cannot do.
    pub(super) fn check(self) -> Result<(), (PathBuf, io::Error)> {
        let kill = self.unified().join("cgroup.kill");
        if kill.exists() {
            Ok(())
        } else {
            Err((kill, io::ErrorKind::NotFound.into()))
        }
    }

    /// Descriptors by which a child enters it.
    pub(crate) fn entrances(&self) -> &CgroupEntrances {
        &self.entrances
    }

    /// Kills what is left in the group and waits for its end. Returns the number of processes
    /// that the kernel has killed because memory was at its limit.
    pub(crate) fn settle(&self) -> u64 {
        let killed = fs::write(self.unified().join("cgroup.kill"), "1");
        if killed.is_ok() {
            // A group that does not empty stays.
            let _ = self.wait();
        }
        self.killed_for_memory()
    }

    fn unified(&self) -> &Path {
        // Made with one at least.
        &self.directories[0]
    }

    /// Waits until no process is left. The kernel reports each change of the file (cgroups(7)).
    fn wait(&self) -> io::Result<()> {
        let mut events = File::open(self.unified().join("cgroup.events"))?;
        let deadline = Instant::now() + DYING;
        loop {
            let mut text = String::new();
            events.rewind()?;
            events.read_to_string(&mut text)?;
            let left = deadline.saturating_duration_since(Instant::now());
            if number_after(&text, "populated ") != Some(1) || left.is_zero() {
                return Ok(());
            }
            let mut fds = [PollFd::new(&events, PollFlags::PRI)];
            poll(&mut fds, Timespec::try_from(left).ok().as_ref())?;
        }
    }

    fn killed_for_memory(&self) -> u64 {
        let files = ["memory.events", "memory.oom_control"];
        let paths = self
            .directories
            .iter()
            .flat_map(|directory| files.map(|file| directory.join(file)));
        let counts = paths.filter_map(|path| {
            let text = fs::read_to_string(path).ok()?;
            number_after(&text, "oom_kill ")
        });
        counts.sum()
    }
}

impl Drop for JobCgroup {
    fn drop(&mut self) {
        if fs::remove_dir(self.unified()).is_err() {
            self.settle();
        }
        remove(&self.directories);
    }
}

fn remove(directories: &[PathBuf]) {
    for directory in directories {
        let _ = fs::remove_dir(directory);
    }
}

//! Control groups of jobs: `--cgroup`. Each job has one of its own below that of prun, which
//! its processes cannot leave without a privilege, and which the kernel kills as a whole.
//!
//! The groups are in the hierarchy of version 2, which can kill and tells when a group is
//! empty. Limits need controllers, which may be there or in hierarchies of version 1, each of
//! which then has the same groups:
//!
//! ```text
//! /sys/fs/cgroup/.../prun-123.9c41/job-1
//! ```
//!
//! Where controllers of version 2 are first to be enabled in prun's own group, no process may
//! be in it. If prun is alone there, it moves to `prun-123.9c41/prun`, and back at the end.

mod error;
mod hierarchy;
mod job;
mod limits;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(super) use job::enter;
pub(crate) use job::{CgroupEntrances, JobCgroup};
pub(crate) use limits::JobLimits;

use super::guard;
use crate::error::Result;
use error::{cannot, missing};
use hierarchy::{Hierarchy, Mounts, has_word};
use limits::Controller;

/// Control groups of the jobs of a run.
#[derive(Debug)]
pub(crate) struct RunCgroup {
    /// Version 2 first.
    hierarchies: Vec<Hierarchy>,
    /// Controllers that were enabled in prun's own group of version 2.
    enabled: Vec<Controller>,
    /// prun has left its own group of version 2.
    has_moved: bool,
    /// `--job-mem SIZE`, in bytes.
    memory_limit: Option<u64>,
}

impl RunCgroup {
    /// Makes the groups above those of jobs, and tries whether a job could have one.
    ///
    /// # Errors
    /// There is no hierarchy for it, or it does not allow it; the message names the
    /// directory.
    pub(crate) fn create(limits: &JobLimits) -> Result<RunCgroup> {
        let mounts = Mounts::read();
        let own = mounts.unified().ok_or_else(missing)?;
        // Of another prun, in another process namespace or before, the same number may be there.
        let name = format!("prun-{}.{:04x}", std::process::id(), fastrand::u16(..));
        let mut unified = Hierarchy::new(&own, &name);
        let (mut others, mut wanted) = (Vec::<Hierarchy>::new(), Vec::new());
        for (controller, files) in limits.controllers() {
            if unified.offers(controller) {
                unified.limits.extend(files.unified);
                wanted.push(controller);
            } else {
                let directory = mounts.of(controller).ok_or_else(|| error::no(controller))?;
                if others.last().is_none_or(|last| last.own != directory) {
                    others.push(Hierarchy::new(&directory, &name));
                }
                if let Some(last) = others.last_mut() {
                    last.limits.extend(files.version_one);
                }
            }
        }
        let mut run = RunCgroup {
            hierarchies: [unified].into_iter().chain(others).collect(),
            enabled: Vec::new(),
            has_moved: false,
            memory_limit: limits.memory,
        };
        let made = run.make(&wanted);
        if made.is_err() {
            run.remove();
        } else {
            guard::cover(
                run.hierarchies
                    .iter()
                    .map(|hierarchy| hierarchy.base.as_path()),
            );
        }
        made.map(|()| run)
    }

    fn make(&mut self, wanted: &[Controller]) -> Result<()> {
        for hierarchy in &self.hierarchies {
            fs::create_dir(&hierarchy.base)
                .map_err(|error| cannot("make a control group in", &hierarchy.own, &error))?;
        }
        self.enable(wanted)?;
        let trial = self.job("job-0");
        let trial = trial.and_then(JobCgroup::check);
        trial.map_err(|(path, error)| cannot("use the control group", &path, &error))
    }

    /// Enables controllers of version 2 for the groups of jobs.
    fn enable(&mut self, wanted: &[Controller]) -> Result<()> {
        let Hierarchy { own, base, .. } = self.unified().clone();
        for &controller in wanted {
            if !has_word(&own.join("cgroup.subtree_control"), controller.name()) {
                let mut enabled = switch(&own, '+', controller);
                if enabled.as_ref().is_err_and(is_busy) && !self.has_moved && is_alone(&own) {
                    self.move_away(&base)
                        .map_err(|error| cannot("move prun to a group in", &base, &error))?;
                    enabled = switch(&own, '+', controller);
                }
                enabled.map_err(|error| match error {
                    error if is_busy(&error) => error::shared(controller, &own),
                    error => cannot("enable controllers in the control group", &own, &error),
                })?;
                self.enabled.push(controller);
            }
            switch(&base, '+', controller).map_err(|error| {
                cannot("enable controllers in the control group", &base, &error)
            })?;
        }
        Ok(())
    }

    fn move_away(&mut self, base: &Path) -> io::Result<()> {
        let aside = base.join("prun");
        fs::create_dir(&aside)?;
        self.has_moved = true;
        fs::write(aside.join("cgroup.procs"), "0")
    }

    /// Bytes of memory that each job may use.
    pub(crate) fn memory_limit(&self) -> Option<u64> {
        self.memory_limit
    }

    fn unified(&self) -> &Hierarchy {
        // Made with one at least.
        &self.hierarchies[0]
    }

    /// Makes the group of an attempt, with its limits.
    ///
    /// # Errors
    /// The path of the file or directory, and why not: descriptors or memory may be short.
    pub(crate) fn job(&self, name: &str) -> std::result::Result<JobCgroup, (PathBuf, io::Error)> {
        JobCgroup::make(&self.hierarchies, name)
    }

    /// Removes the groups, after all jobs have ended. What cannot be removed is empty, and
    /// stays.
    pub(crate) fn remove(&self) {
        let Hierarchy { own, base, .. } = self.unified();
        for &controller in &self.enabled {
            let _ = switch(base, '-', controller);
            let _ = switch(own, '-', controller);
        }
        if self.has_moved {
            let _ = fs::write(own.join("cgroup.procs"), "0");
            let _ = fs::remove_dir(base.join("prun"));
        }
        for hierarchy in &self.hierarchies {
            let _ = fs::remove_dir(&hierarchy.base);
        }
    }
}

/// Turns a controller on (`+`) or off (`-`) for the groups in a directory.
fn switch(directory: &Path, sign: char, controller: Controller) -> io::Result<()> {
    let text = format!("{sign}{}", controller.name());
    fs::write(directory.join("cgroup.subtree_control"), text)
}

fn is_busy(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EBUSY)
}

/// Tells whether prun is the only process of a group.
fn is_alone(group: &Path) -> bool {
    let own = std::process::id().to_string();
    let processes = fs::read_to_string(group.join("cgroup.procs"));
    processes.is_ok_and(|text| text.lines().all(|line| line == own))
}

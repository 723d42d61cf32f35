//! Semaphores: several pruns, started by whomever, that let so many jobs at a time run
//! (`--semaphore`, `sem`).
//!
//! Everything waits in the kernel and is given back by it when its holder dies. prun takes a
//! place in the queue of the semaphore, at its head a slot, starts one job, which inherits the
//! slot, and gives the slot back when the job has ended ([`lock_file`] has the locks,
//! [`release_fifo`] tells of slots that are released). There is no pool: an uncontended entry
//! costs little more than the start of the job.

mod directory;
mod entry;
mod held;
mod id;
mod job;
mod lock_file;
mod release_fifo;
mod supervisor;
mod sweep;
mod wait_deadline;
mod wait_limit;

pub(crate) use id::SemaphoreId;
pub(crate) use job::{JobPlacement, SemaphoreJob};
pub(crate) use lock_file::MOST_SLOTS;
pub(crate) use wait_limit::WaitLimit;

use directory::LockDirectory;
use entry::{Semaphore, Waited};

use crate::error::{Error, Result};
use crate::exit::{self, RunExit};
use crate::os::host::HostEnvironment;
use crate::output;

/// `--semaphore` with all that goes with it.
#[derive(Debug)]
pub(crate) struct SemaphoreOptions {
    pub id: SemaphoreId,
    /// `-j`
    pub slots: u64,
    pub limit: Option<WaitLimit>,
    pub action: SemaphoreAction,
    /// Warnings to print before anything else.
    pub notices: Vec<String>,
}

#[derive(Debug)]
pub(crate) enum SemaphoreAction {
    /// `--wait`
    WaitForAll,
    Run(Box<SemaphoreJob>),
    /// `--dry-run`: prints the command.
    Show(Vec<u8>),
}

/// Exit status of a wait that has reached its limit.
const GIVEN_UP: u8 = 1;

/// Waits for a slot and runs the job, or waits for all jobs.
///
/// # Errors
/// The locks cannot be used, or the job cannot be started for want of something.
pub(crate) fn run(options: SemaphoreOptions, environment: &HostEnvironment) -> Result<RunExit> {
    let SemaphoreOptions {
        id, slots, limit, ..
    } = options;
    let open = || LockDirectory::open(environment);
    let semaphore = |directory| Semaphore {
        directory,
        key: &id.key,
        held: environment.semaphores.as_deref(),
    };
    match options.action {
        SemaphoreAction::Show(text) => output::print(&text),
        SemaphoreAction::WaitForAll => {
            let directory = open()?;
            let waited = semaphore(&directory).wait_for_all(limit);
            let late = format!("the {} still has jobs after the time limit", id.shown);
            Ok(match waited.map_err(|error| directory.error(&error))? {
                Waited::Done(()) => RunExit::Status(exit::SUCCESS),
                Waited::TimedOut(()) => {
                    Error::new(format!("warning: {late}")).report();
                    RunExit::Status(exit::SUCCESS)
                }
                Waited::GivenUp => give_up(late),
            })
        }
        SemaphoreAction::Run(job) => {
            let directory = open()?;
            let semaphore = semaphore(&directory);
            let entered = semaphore.enter(slots, limit);
            let late = format!("the {} was not free within the time limit", id.shown);
            let slot = match entered.map_err(|error| directory.error(&error))? {
                Waited::Done(slot) => slot,
                Waited::TimedOut(slot) => {
                    let text = format!("warning: {late}: the command runs all the same");
                    Error::new(text).report();
                    slot
                }
                Waited::GivenUp => return Ok(give_up(late)),
            };
            let slot = slot
                .let_inherit()
                .map_err(|error| directory.error(&error))?;
            let variable = held::with(semaphore.held, semaphore.key, slot.claim);
            job.run(slot, variable)
        }
    }
}

fn give_up(text: String) -> RunExit {
    Error::new(text).report();
    RunExit::Status(GIVEN_UP)
}

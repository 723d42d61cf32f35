//! Entry into a semaphore: the queue, a slot, and what tells of its release.

use std::ffi::OsStr;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};

use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

use super::directory::LockDirectory;
use super::held;
use super::lock_file::{LockFile, SlotClaim, Ticket};
use super::release_fifo::{ReleaseFifo, ReleaseWatch, wait_for_any};
use super::sweep;
use super::wait_deadline::WaitDeadline;
use super::wait_limit::{AfterWait, WaitLimit};
use crate::os::limits;

/// Lowest number of a descriptor that a job inherits: scripts use low ones.
const INHERITED: RawFd = 64;

/// A slot that prun has, until it is released or the last process is gone that has inherited
/// its descriptors.
#[derive(Debug)]
pub(super) struct HeldSlot {
    file: LockFile,
    fifo: ReleaseFifo,
    pub(super) claim: SlotClaim,
}

/// Result of a wait that may have a limit.
#[derive(Debug)]
pub(super) enum Waited<T> {
    Done(T),
    TimedOut(T),
    /// Nothing was taken.
    GivenUp,
}

/// A semaphore in its directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Semaphore<'a> {
    pub(super) directory: &'a LockDirectory,
    pub(super) key: &'a str,
    /// `$PRUN_SEMAPHORES`
    pub(super) held: Option<&'a OsStr>,
}

impl Semaphore<'_> {
    /// Waits for one of so many slots. All who have one count, however many they allow.
    pub(super) fn enter(
        &self,
        slots: u64,
        limit: Option<WaitLimit>,
    ) -> io::Result<Waited<HeldSlot>> {
        if let Some(slot) = self.share_own()? {
            return Ok(Waited::Done(slot));
        }
        let time = WaitDeadline::after(limit.map(|limit| limit.after))?;
        let (file, ticket) = self.open(&time)?;
        let taken = match time.wait(|| file.wait_for_turn(ticket))? {
            Some(()) => self.take(&file, ticket, slots, &time)?,
            None => None,
        };
        drop(time);
        let is_late = taken.is_none();
        let (claim, fifo) = match (taken, limit.map(|limit| limit.then)) {
            (Some(slot), _) => slot,
            (None, Some(AfterWait::GiveUp)) => return Ok(Waited::GivenUp),
            (None, _) => self.take_any(&file, ticket)?,
        };
        file.leave_queue()?;
        let held = HeldSlot { file, fifo, claim };
        Ok(if is_late {
            Waited::TimedOut(held)
        } else {
            Waited::Done(held)
        })
    }

    /// Waits until all have left who came before, and then until no slot is taken but that of
    /// the job that prun runs in.
    pub(super) fn wait_for_all(&self, limit: Option<WaitLimit>) -> io::Result<Waited<()>> {
        let Some(file) = LockFile::find(self.directory, self.key)? else {
            return Ok(Waited::Done(()));
        };
        let own = match held::find(self.held, self.key) {
            Some(claim) if file.is_held(claim)? => Some(claim.slot),
            _ => None,
        };
        let time = WaitDeadline::after(limit.map(|limit| limit.after))?;
        let ticket = Ticket::now();
        let mut is_over = time.wait(|| file.wait_for_earlier(ticket))?.is_none();
        while !is_over {
            let mut busy = file.busy_slots()?;
            busy.retain(|slot| Some(*slot) != own);
            if busy.is_empty() {
                return Ok(Waited::Done(()));
            }
            is_over = self.wait_for_change(&file, &busy, &time)?.is_none();
        }
        Ok(match limit.map(|limit| limit.then) {
            Some(AfterWait::GiveUp) => Waited::GivenUp,
            _ => Waited::TimedOut(()),
        })
    }

    /// The slot of the job that prun runs in: whoever has it need not wait for it.
    fn share_own(&self) -> io::Result<Option<HeldSlot>> {
        let Some(claim) = held::find(self.held, self.key) else {
            return Ok(None);
        };
        let Some(file) = LockFile::find(self.directory, self.key)? else {
            return Ok(None);
        };
        if !file.try_share(claim)? {
            return Ok(None);
        }
        let fifo = ReleaseFifo::open(self.directory, self.key, claim.slot)?;
        Ok(Some(HeldSlot { file, fifo, claim }))
    }

    /// Opens the lock file and joins the queue.
    fn open(&self, time: &WaitDeadline) -> io::Result<(LockFile, Ticket)> {
        loop {
            let file = match LockFile::find(self.directory, self.key)? {
                Some(file) => file,
                None => {
                    let file = LockFile::make(self.directory, self.key)?;
                    sweep::remove_unused(self.directory, self.key);
                    file
                }
            };
            let ticket = loop {
                let ticket = Ticket::now();
                // Not if somebody who came later is at the head by now, and has all earlier places:
                // waiting for this one would be waiting for that one, with no regard to the limit.
                if file.try_join_queue(ticket)? {
                    break ticket;
                }
                // Whoever removes unused files has all places, for a moment.
                while time.wait(|| file.wait_for_sweep())?.is_none() {}
            };
            if !file.is_removed()? {
                return Ok((file, ticket));
            }
        }
    }

    /// Takes a slot at the head of the queue.
    fn take(
        &self,
        file: &LockFile,
        ticket: Ticket,
        slots: u64,
        time: &WaitDeadline,
    ) -> io::Result<Option<(SlotClaim, ReleaseFifo)>> {
        loop {
            let busy = file.busy_slots()?;
            if (busy.len() as u64) < slots {
                if let Some(slot) = self.try_take(file, ticket, &busy)? {
                    return Ok(Some(slot));
                }
            } else if let [slot] = busy[..] {
                // The lock itself: no process that a job has left can keep the notice back.
                if time.wait(|| file.wait_for_release(slot))?.is_none() {
                    return Ok(None);
                }
            } else if self.wait_for_change(file, &busy, time)?.is_none() {
                return Ok(None);
            }
        }
    }

    /// Takes a slot, beyond all that are allowed if need be.
    fn take_any(&self, file: &LockFile, ticket: Ticket) -> io::Result<(SlotClaim, ReleaseFifo)> {
        loop {
            let busy = file.busy_slots()?;
            if let Some(slot) = self.try_take(file, ticket, &busy)? {
                return Ok(slot);
            }
        }
    }

    /// Takes the first slot that is not among the busy ones; others whose time is over may do
    /// the same.
    fn try_take(
        &self,
        file: &LockFile,
        ticket: Ticket,
        busy: &[u64],
    ) -> io::Result<Option<(SlotClaim, ReleaseFifo)>> {
        let slot = (1..).zip(busy).take_while(|(free, busy)| free == *busy);
        let claim = SlotClaim {
            slot: slot.count() as u64 + 1,
            token: ticket.token(),
        };
        let fifo = ReleaseFifo::open(self.directory, self.key, claim.slot)?;
        if !claim.is_possible() || !file.try_take(claim)? {
            return Ok(None);
        }
        fifo.drain();
        Ok(Some((claim, fifo)))
    }

    /// Waits until one of the busy slots may be free; `None` if the time is over.
    fn wait_for_change(
        &self,
        file: &LockFile,
        busy: &[u64],
        time: &WaitDeadline,
    ) -> io::Result<Option<()>> {
        // A few are for what else is open.
        limits::raise_descriptors(busy.len() as u64 + 64);
        let mut watches = Vec::with_capacity(busy.len());
        for &slot in busy {
            let watch = match ReleaseWatch::open(self.directory, self.key, slot) {
                // Nobody has any slot now, or the files would not have been removed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(())),
                // One of them is better than none.
                Err(error) if error.raw_os_error() == Some(libc::EMFILE) => {
                    return time.wait(|| file.wait_for_release(slot));
                }
                watch => watch?,
            };
            if !watch.is_live() {
                // It is released just now, or prun was killed and its job has closed the FIFO.
                return time.wait(|| file.wait_for_release(slot));
            }
            watches.push(watch);
        }
        time.wait(|| wait_for_any(&watches))
    }
}

impl HeldSlot {
    /// Lets processes inherit the slot that are started from now on.
    pub(super) fn let_inherit(self) -> io::Result<HeldSlot> {
        Ok(HeldSlot {
            file: LockFile::with_descriptor(inherited(self.file.fd())?),
            fifo: ReleaseFifo::with_descriptor(inherited(self.fifo.fd())?),
            claim: self.claim,
        })
    }

    /// Gives the slot back, whoever has inherited it. If it is shared, the last holder tells the
    /// waiters: one that is told before the release waits for this slot alone.
    pub(super) fn release(self) -> io::Result<()> {
        let slot = self.claim.slot;
        if self.file.try_close(slot)? {
            self.fifo.notify();
            return self.file.release();
        }
        self.file.release()?;
        if self.file.is_free(slot)? {
            self.fifo.notify();
        }
        Ok(())
    }
}

fn inherited(descriptor: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    // There may be fewer of them.
    let copy = fcntl_dupfd_cloexec(descriptor, INHERITED);
    let copy = copy.or_else(|_| fcntl_dupfd_cloexec(descriptor, 3))?;
    fcntl_setfd(&copy, FdFlags::empty())?;
    Ok(copy)
}

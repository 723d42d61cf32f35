//! The lock file of a semaphore. It is empty: all that is known stands in the kernel's locks on
//! ranges of its bytes, which are gone as soon as nobody is left who had them.
//!
//! - **Slots.** Each has 2^42 bytes. Whoever has slot n locks them from the first one on, as many
//!   as its token says, and so the lock tells which holder it is. It is taken as an exclusive
//!   lock and kept as a shared one, so that prun called by the holder can have the slot as well,
//!   by a lock on the first byte.
//! - **Tickets**, from byte 2^62 on. A waiter locks the byte of the nanosecond in which it has
//!   come, and then waits until it has locked all bytes before that one: the kernel lets it have
//!   them when everybody who came earlier is gone. So there is one at a time at the head of the
//!   queue, who may take a slot.
//!
//! The question whether something is locked (`F_OFD_GETLK`) takes no lock, so that nobody who
//! asks is in the way of others.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, fstat, mkdirat, openat};
use rustix::io::Errno;

use super::directory::LockDirectory;
use crate::os::clock;
use crate::os::record_lock::{ByteRange, RecordLock, conflict, lock, try_lock, unlock};

/// Binary logarithm of the number of bytes of a slot.
const SLOT_BITS: u32 = 42;

/// Highest number of a slot.
pub(crate) const MOST_SLOTS: u64 = (1 << (62 - SLOT_BITS)) - 1;

/// Highest token.
const MOST_TOKEN: u64 = 1 << (SLOT_BITS - 1);

const TICKETS: u64 = 1 << 62;

const ALL: ByteRange = ByteRange {
    start: 0,
    length: 0,
};

/// Holder of a slot, as others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotClaim {
    /// From 1.
    pub(super) slot: u64,
    /// From 1 to 2^41; different for each holder of the slot.
    pub(super) token: u64,
}

impl SlotClaim {
    /// Tells whether both numbers are in their ranges.
    pub(super) fn is_possible(self) -> bool {
        (1..=MOST_SLOTS).contains(&self.slot) && (1..=MOST_TOKEN).contains(&self.token)
    }

    fn range(self) -> ByteRange {
        ByteRange {
            start: self.slot << SLOT_BITS,
            length: self.token + 1,
        }
    }

    fn first_byte(self) -> ByteRange {
        SlotClaim::first_byte_of(self.slot)
    }

    fn first_byte_of(slot: u64) -> ByteRange {
        ByteRange {
            start: slot << SLOT_BITS,
            length: 1,
        }
    }

    /// The bytes that only the holder itself locks.
    fn other_bytes(self) -> ByteRange {
        ByteRange {
            start: self.range().start + 1,
            length: (1 << SLOT_BITS) - 1,
        }
    }
}

/// A place in the queue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket(u64);

impl Ticket {
    /// That of whoever comes now.
    pub(super) fn now() -> Ticket {
        Ticket(clock::monotonic().clamp(1, TICKETS / 2))
    }

    pub(super) fn token(self) -> u64 {
        self.0 % MOST_TOKEN + 1
    }

    fn byte(self) -> ByteRange {
        ByteRange {
            start: TICKETS + self.0,
            length: 1,
        }
    }

    fn earlier(self) -> ByteRange {
        ByteRange {
            start: TICKETS,
            length: self.0,
        }
    }
}

#[derive(Debug)]
pub(super) struct LockFile {
    file: OwnedFd,
}

impl LockFile {
    /// Opens the file of a semaphore; none if it does not exist.
    pub(super) fn find(directory: &LockDirectory, key: &str) -> io::Result<Option<LockFile>> {
        match open(directory.fd(), key, OFlags::empty()) {
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            result => Ok(Some(LockFile { file: result? })),
        }
    }

    /// Makes the file of a semaphore, and opens it.
    pub(super) fn make(directory: &LockDirectory, key: &str) -> io::Result<LockFile> {
        loop {
            match mkdirat(directory.fd(), key, Mode::RWXU) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno.into()),
            }
            match open(directory.fd(), key, OFlags::CREATE) {
                // Somebody has removed the directory again, in which there was nothing.
                Err(Errno::NOENT) => {}
                result => return Ok(LockFile { file: result? }),
            }
        }
    }

    /// Tells whether it was removed since it was opened: then others use another one.
    pub(super) fn is_removed(&self) -> io::Result<bool> {
        Ok(fstat(&self.file)?.st_nlink == 0)
    }

    /// Locks all of it, if nobody uses it.
    pub(super) fn try_lock_all(&self) -> io::Result<bool> {
        try_lock(&self.file, RecordLock::Exclusive, ALL)
    }

    /// Joins the queue, unless somebody has that place already: one who came later and is at the
    /// head, or who removes unused files.
    pub(super) fn try_join_queue(&self, ticket: Ticket) -> io::Result<bool> {
        try_lock(&self.file, RecordLock::Exclusive, ticket.byte())
    }

    /// Waits as long as somebody looks if the file is used, to remove it.
    pub(super) fn wait_for_sweep(&self) -> io::Result<()> {
        // No slot and no ticket has it.
        let first = ByteRange {
            start: 0,
            length: 1,
        };
        lock(&self.file, RecordLock::Shared, first)?;
        unlock(&self.file, first)
    }

    /// Waits for the head of the queue.
    pub(super) fn wait_for_turn(&self, ticket: Ticket) -> io::Result<()> {
        lock(&self.file, RecordLock::Exclusive, ticket.earlier())
    }

    /// Leaves the queue.
    pub(super) fn leave_queue(&self) -> io::Result<()> {
        let tickets = ByteRange {
            start: TICKETS,
            length: 0,
        };
        unlock(&self.file, tickets)
    }

    /// Waits until all who came before the ticket have left the queue, without joining it.
    pub(super) fn wait_for_earlier(&self, ticket: Ticket) -> io::Result<()> {
        lock(&self.file, RecordLock::Shared, ticket.earlier())?;
        self.leave_queue()
    }

    /// Numbers of the slots that others have, in ascending order.
    pub(super) fn busy_slots(&self) -> io::Result<Vec<u64>> {
        let mut busy = Vec::new();
        self.push_busy(1, MOST_SLOTS, &mut busy)?;
        Ok(busy)
    }

    /// Appends those from `first` to `last`. The kernel names any of them, so both sides of it
    /// are asked for as well.
    fn push_busy(&self, first: u64, last: u64, busy: &mut Vec<u64>) -> io::Result<()> {
        if first > last {
            return Ok(());
        }
        let range = ByteRange {
            start: first << SLOT_BITS,
            length: (last - first + 1) << SLOT_BITS,
        };
        // Whoever removes unused files has locked all up to the end, which is no slot.
        let found = conflict(&self.file, range)?.filter(|found| found.length > 0);
        if let Some(found) = found {
            let slot = (found.start >> SLOT_BITS).clamp(first, last);
            self.push_busy(first, slot - 1, busy)?;
            busy.push(slot);
            self.push_busy(slot + 1, last, busy)?;
        }
        Ok(())
    }

    /// Takes a slot if it is free.
    pub(super) fn try_take(&self, claim: SlotClaim) -> io::Result<bool> {
        let is_taken = try_lock(&self.file, RecordLock::Exclusive, claim.range())?;
        if is_taken {
            // Nobody can come in between: the kernel changes the kind in one step.
            try_lock(&self.file, RecordLock::Shared, claim.range())?;
        }
        Ok(is_taken)
    }

    /// Shares a slot with the holder that the claim names, if that still has it.
    pub(super) fn try_share(&self, claim: SlotClaim) -> io::Result<bool> {
        if !self.is_held(claim)? || !try_lock(&self.file, RecordLock::Shared, claim.first_byte())? {
            return Ok(false);
        }
        let is_held = self.is_held(claim)?;
        if !is_held {
            unlock(&self.file, claim.first_byte())?;
        }
        Ok(is_held)
    }

    /// Tells whether just this holder has the slot.
    pub(super) fn is_held(&self, claim: SlotClaim) -> io::Result<bool> {
        Ok(conflict(&self.file, claim.other_bytes())? == Some(claim.range()))
    }

    /// Waits until a slot is free, though others may then take it.
    pub(super) fn wait_for_release(&self, slot: u64) -> io::Result<()> {
        let byte = SlotClaim::first_byte_of(slot);
        lock(&self.file, RecordLock::Exclusive, byte)?;
        unlock(&self.file, byte)
    }

    /// Tells whether nobody else has the slot.
    pub(super) fn is_free(&self, slot: u64) -> io::Result<bool> {
        let byte = SlotClaim::first_byte_of(slot);
        Ok(conflict(&self.file, byte)?.is_none())
    }

    /// Keeps everybody else from sharing the slot, if nobody does.
    pub(super) fn try_close(&self, slot: u64) -> io::Result<bool> {
        let byte = SlotClaim::first_byte_of(slot);
        try_lock(&self.file, RecordLock::Exclusive, byte)
    }

    /// Gives back all that is locked, also for processes that have inherited the descriptor.
    pub(super) fn release(&self) -> io::Result<()> {
        unlock(&self.file, ALL)
    }

    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }

    /// The file by another descriptor.
    pub(super) fn with_descriptor(file: OwnedFd) -> LockFile {
        LockFile { file }
    }
}

fn open(directory: BorrowedFd<'_>, key: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    let name = format!("{key}/{LOCK}");
    let flags = flags | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(directory, name, flags, Mode::RUSR | Mode::WUSR)
}

/// Name of the lock file in the directory of its semaphore.
pub(super) const LOCK: &str = "lock";

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_before_the_head_of_the_queue_is_not_waited_for() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let open = || {
            let options = std::fs::File::options().read(true).write(true).open(&file);
            LockFile::with_descriptor(options.unwrap().into())
        };
        let (head, late) = (open(), open());
        let early = Ticket::now();
        let ticket = Ticket(early.0 + 1);
        assert!(head.try_join_queue(ticket).unwrap());
        head.wait_for_turn(ticket).unwrap();
        assert!(!late.try_join_queue(early).unwrap());
        assert!(!late.try_join_queue(ticket).unwrap());
        // Nobody removes the file.
        late.wait_for_sweep().unwrap();
        assert!(late.try_join_queue(Ticket(ticket.0 + 1)).unwrap());
    }
}

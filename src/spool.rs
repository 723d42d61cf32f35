//! Captured bytes on their way from a job to prun's output: in memory while they are few, in
//! unlinked temporary files when they are many. No byte is ever dropped: where the disk is
//! full, bytes stay in memory and whoever feeds the spool is told to stop.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::memrchr;
use rustix::fs::Mode;

/// Bytes in memory of all retained output together.
const BUDGET: usize = 32 << 20;

/// Bytes in memory of one stream of a running job while the budget lasts...
const SMALL: usize = 256 << 10;

/// ...and when it is used up.
const TINY: usize = 16 << 10;

/// Bytes that are read back from a file at a time.
const CHUNK: usize = 256 << 10;

/// Memory and files that all spools of a run use.
#[derive(Debug, Default)]
pub(crate) struct SpoolBudget {
    used: AtomicUsize,
    files: AtomicUsize,
}

impl SpoolBudget {
    /// Tells whether output that has to wait should wait on disk.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.used.load(Ordering::Relaxed) > BUDGET
    }

    /// Number of spools that have a file of their own open.
    pub(crate) fn files(&self) -> usize {
        self.files.load(Ordering::Relaxed)
    }
}

/// Range of bytes in a temporary file without a name.
#[derive(Debug)]
struct SpoolExtent {
    file: Arc<File>,
    offset: u64,
    len: u64,
    /// Budget that counts the file, if it is this extent's own.
    counted: Option<Arc<SpoolBudget>>,
}

impl Drop for SpoolExtent {
    /// Gives the space back at once: the shared file lives as long as the run.
    fn drop(&mut self) {
        match &self.counted {
            Some(budget) => drop(budget.files.fetch_sub(1, Ordering::Relaxed)),
            None => punch(&self.file, self.offset, self.len),
        }
    }
}

/// A file system that cannot punch holes gives the space back at the end.
#[cfg(target_os = "linux")]
fn punch(file: &File, offset: u64, len: u64) {
    use rustix::fs::{FallocateFlags, fallocate};
    let mode = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    let _ = fallocate(file, mode, offset, len);
}

#[cfg(not(target_os = "linux"))]
fn punch(_: &File, _: u64, _: u64) {}

/// Captured bytes of one stream: first those on disk, then those in memory.
#[derive(Debug)]
pub(crate) struct Spool {
    budget: Arc<SpoolBudget>,
    disk: Option<SpoolExtent>,
    memory: Vec<u8>,
    /// Bytes up to the end of the last whole line.
    lines: u64,
}

impl Spool {
    pub(crate) fn new(budget: &Arc<SpoolBudget>) -> Self {
        Spool {
            budget: Arc::clone(budget),
            disk: None,
            memory: Vec::new(),
            lines: 0,
        }
    }

    /// A spool that holds `bytes`.
    pub(crate) fn of(budget: &Arc<SpoolBudget>, bytes: &[u8]) -> Self {
        let mut spool = Spool::new(budget);
        // Few bytes in an empty spool stay in memory: nothing can fail.
        let _ = spool.push(bytes);
        spool
    }

    pub(crate) fn len(&self) -> u64 {
        self.disk.as_ref().map_or(0, |disk| disk.len) + self.memory.len() as u64
    }

    /// Number of bytes in whole lines that can be taken out. A last line that is so long that
    /// its beginning is on disk keeps those before it.
    pub(crate) fn lines(&self) -> u64 {
        match &self.disk {
            Some(disk) if self.lines < disk.len => 0,
            _ => self.lines,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// The bytes were taken all the same, but those that should have moved to disk could
    /// not: add no more until some were taken out.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        let small = if self.budget.is_exhausted() {
            TINY
        } else {
            SMALL
        };
        let spilled = if self.memory.len() + bytes.len() > small && !self.memory.is_empty() {
            self.spill()
        } else {
            Ok(())
        };
        // After spilling: the end of a line that the new bytes complete is in memory, so
        // that whole lines can be split off there.
        if let Some(end) = memrchr(b'\n', bytes) {
            self.lines = self.len() + end as u64 + 1;
        }
        self.memory.extend_from_slice(bytes);
        self.budget.used.fetch_add(bytes.len(), Ordering::Relaxed);
        spilled
    }

    /// Takes out all bytes.
    pub(crate) fn take(&mut self) -> Spool {
        std::mem::replace(self, Spool::new(&self.budget))
    }

    /// Takes out whole lines; a last line without its end stays.
    pub(crate) fn take_lines(&mut self) -> Spool {
        if self.lines() == 0 {
            return Spool::new(&self.budget);
        }
        let partial = (self.len() - self.lines) as usize;
        let mut rest = Spool::new(&self.budget);
        rest.memory = self.memory.split_off(self.memory.len() - partial);
        std::mem::replace(self, rest)
    }

    /// Moves the bytes in memory to a file of this spool's own.
    fn spill(&mut self) -> io::Result<()> {
        let disk = match &mut self.disk {
            Some(disk) => disk,
            None => {
                let file = Arc::new(temporary_file()?);
                self.budget.files.fetch_add(1, Ordering::Relaxed);
                self.disk.insert(SpoolExtent {
                    file,
                    offset: 0,
                    len: 0,
                    counted: Some(Arc::clone(&self.budget)),
                })
            }
        };
        disk.file
            .write_all_at(&self.memory, disk.offset + disk.len)?;
        disk.len += self.memory.len() as u64;
        self.forget_memory();
        Ok(())
    }

    /// Moves the bytes in memory to `overflow`, or behind those that are on disk already.
    ///
    /// # Errors
    /// The bytes stay in memory.
    pub(crate) fn settle(&mut self, overflow: &mut SpoolFile) -> io::Result<()> {
        if self.memory.is_empty() {
            return Ok(());
        }
        if self.disk.is_some() {
            return self.spill();
        }
        self.move_to(overflow)
    }

    /// Moves the bytes to `overflow` if they have a file of this spool's own, which is closed.
    ///
    /// # Errors
    /// The bytes stay where they are.
    pub(crate) fn give_up_file(&mut self, overflow: &mut SpoolFile) -> io::Result<()> {
        match &self.disk {
            Some(disk) if disk.counted.is_some() => self.move_to(overflow),
            _ => Ok(()),
        }
    }

    fn move_to(&mut self, overflow: &mut SpoolFile) -> io::Result<()> {
        self.disk = Some(overflow.store(self)?);
        self.forget_memory();
        Ok(())
    }

    fn forget_memory(&mut self) {
        self.budget
            .used
            .fetch_sub(self.memory.len(), Ordering::Relaxed);
        self.memory = Vec::new();
    }

    /// The bytes, if all of them are in memory.
    pub(crate) fn in_memory(&self) -> Option<&[u8]> {
        self.disk.is_none().then_some(self.memory.as_slice())
    }

    /// Tells whether the last byte ends a line, or there is none.
    pub(crate) fn ends_line(&self) -> bool {
        self.lines == self.len()
    }

    /// The last bytes, at most `count`, as far as they are in memory.
    pub(crate) fn tail(&self, count: usize) -> &[u8] {
        &self.memory[self.memory.len().saturating_sub(count)..]
    }

    /// Hands all bytes on, in order: those on disk to `send` as far as it takes them, a number
    /// of bytes from an offset of a file, and the others to `deliver`.
    ///
    /// # Errors
    /// An error of `deliver`, or the temporary file cannot be read back.
    pub(crate) fn deliver(
        &self,
        send: impl FnOnce(&File, u64, u64) -> u64,
        mut deliver: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(disk) = &self.disk {
            let mut done = send(&disk.file, disk.offset, disk.len);
            let mut buffer = Vec::new();
            while done < disk.len {
                buffer.resize(CHUNK.min(disk.len as usize), 0);
                let piece = (disk.len - done).min(CHUNK as u64) as usize;
                disk.file
                    .read_exact_at(&mut buffer[..piece], disk.offset + done)?;
                deliver(&buffer[..piece])?;
                done += piece as u64;
            }
        }
        if self.memory.is_empty() {
            return Ok(());
        }
        deliver(&self.memory)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.budget
            .used
            .fetch_sub(self.memory.len(), Ordering::Relaxed);
    }
}

/// Opens a file without a name, which only its owner could open by way of `/proc`.
pub(crate) fn temporary_file() -> io::Result<File> {
    let file = tempfile::tempfile()?;
    // An unnamed file is made with all permissions that the umask allows.
    rustix::fs::fchmod(&file, Mode::RUSR | Mode::WUSR)?;
    Ok(file)
}

/// Temporary file in which finished outputs wait when memory is short.
#[derive(Debug, Default)]
pub(crate) struct SpoolFile {
    file: Option<Arc<File>>,
    end: u64,
}

impl SpoolFile {
    fn store(&mut self, spool: &Spool) -> io::Result<SpoolExtent> {
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(Arc::new(temporary_file()?)),
        };
        let mut end = self.end;
        let nothing_sent = |_: &File, _, _| 0;
        spool.deliver(nothing_sent, |bytes| {
            file.write_all_at(bytes, end)?;
            end += bytes.len() as u64;
            Ok(())
        })?;
        let offset = std::mem::replace(&mut self.end, end);
        Ok(SpoolExtent {
            file: Arc::clone(file),
            offset,
            len: end - offset,
            counted: None,
        })
    }
}

#[cfg(test)]
mod tests;

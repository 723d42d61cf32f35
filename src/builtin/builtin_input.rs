//! What a built-in reads: files and standard input.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::AsFd;

use rustix::fs::{FileType, Mode, OFlags, Stat, openat};
use rustix::io::retry_on_intr;

use super::builtin_io::{BuiltinIo, CHUNK};

/// A file that is read, or standard input.
pub(super) struct BuiltinInput<'a> {
    /// `None` is standard input without a descriptor.
    file: Option<File>,
    stdio: &'a BuiltinIo<'a>,
    /// The size in bytes of a regular file; reading others may have to be waited for.
    pub(super) size: Option<u64>,
}

impl<'a> BuiltinInput<'a> {
    /// Opens a file by its name; `-` is standard input.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(super) fn open(name: &[u8], stdio: &'a BuiltinIo<'a>) -> io::Result<BuiltinInput<'a>> {
        let file = match name {
            b"-" => stdio.open_stdin()?,
            name => {
                // Nobody may have opened a FIFO for writing yet: that is waited for later.
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
                let open = || openat(stdio.directory(), name, flags, Mode::empty());
                let file = retry_on_intr(open)?;
                Some(file.into())
            }
        };
        let stat = file.as_ref().map(rustix::fs::fstat).transpose()?;
        let is_regular =
            |stat: &Stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        let size = stat.filter(is_regular).map(|stat| stat.st_size as u64);
        Ok(BuiltinInput { file, stdio, size })
    }

    /// `None` is standard input without a descriptor.
    pub(super) fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    /// Time of the last change, in seconds of the Unix epoch; 0 if it is not known.
    pub(super) fn modified(&self) -> i64 {
        let stat = self.file().map(rustix::fs::fstat);
        stat.map_or(0, |stat| stat.map_or(0, |stat| stat.st_mtime))
    }

    pub(super) fn seek_to(&mut self, offset: u64) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.seek(SeekFrom::Start(offset)).map(drop),
            None => Err(io::ErrorKind::NotSeekable.into()),
        }
    }

    pub(super) fn stdio(&self) -> &'a BuiltinIo<'a> {
        self.stdio
    }

    /// A buffer for reading, of `most` bytes at most: many files are small.
    pub(super) fn buffer(&self, most: usize) -> Vec<u8> {
        vec![0; self.buffer_size(most)]
    }

    /// The length of such a buffer.
    pub(super) fn buffer_size(&self, most: usize) -> usize {
        match self.size {
            // Files of the kernel's own have no size, but something in them.
            None | Some(0) => most.min(CHUNK),
            // One more, so that the end is found by the first read.
            Some(size) => size.min(most as u64 - 1) as usize + 1,
        }
    }
}

impl Read for BuiltinInput<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stdio.check()?;
        let Some(file) = &mut self.file else {
            return self.stdio.read_stdin(buffer);
        };
        loop {
            if self.size.is_none() {
                self.stdio.wait_for_input(file.as_fd())?;
            }
            match file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

/// Appends to a line or record that is held in memory.
///
/// # Errors
/// It would become longer than `most` bytes, or there is no memory left.
pub(super) fn hold(held: &mut Vec<u8>, bytes: &[u8], most: usize) -> io::Result<()> {
    if bytes.len() > most.saturating_sub(held.len()) {
        return Err(too_long(most));
    }
    reserve(held, bytes.len())?;
    held.extend_from_slice(bytes);
    Ok(())
}

/// Reserves memory for more bytes.
///
/// # Errors
/// There is no memory left: that is the job's failure and not the end of prun.
pub(super) fn reserve(held: &mut Vec<u8>, more: usize) -> io::Result<()> {
    let reserved = held.try_reserve(more);
    reserved.map_err(|_| rustix::io::Errno::NOMEM.into())
}

/// The error for a line or record of more than `most` bytes.
pub(super) fn too_long(most: usize) -> io::Error {
    const MEBI: usize = 1 << 20;
    let most = match most % MEBI {
        0 => format!("{} MiB", most / MEBI),
        _ => format!("{most} bytes"),
    };
    io::Error::other(format!("line longer than {most}; --max-record allows more"))
}

/// Reads until the buffer is full or the end is reached; returns the number of bytes.
pub(super) fn fill(source: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match source.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

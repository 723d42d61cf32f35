//! A large file in parts, each of which another thread reads and works on.
//!
//! Parts are read, not mapped: a file that gets shorter while it is mapped would end prun.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::mem;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memchr;

use super::builtin_input::BuiltinInput;
use super::builtin_io::cancelled;
use super::parallel_map::parallel_map;

/// Bytes from which on a file is worth more than one thread.
const LARGE: u64 = 2 << 20;

/// Size of parts: a power of two, in bytes.
pub(super) const PART: u64 = 1 << 20;

/// Bytes of a part that are read at once: what the nearest cache holds, and less than what
/// the C library would map anew for each part (mallopt(3), `M_MMAP_THRESHOLD`).
pub(super) const PIECE: usize = 64 << 10;

/// Bytes in which a newline is looked for, before a part is made larger.
const SEARCHED: usize = 4 << 10;

/// Positions where a file may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileCut {
    /// At multiples of [`PART`].
    Anywhere,
    /// Behind a newline.
    Lines,
}

/// A part of a regular file.
pub(super) struct FilePart<'a> {
    file: &'a File,
    pub(super) start: u64,
    at: u64,
    end: u64,
    is_cancelled: &'a AtomicBool,
}

impl Read for FilePart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.is_cancelled.load(Ordering::Relaxed) {
            return Err(cancelled());
        }
        let most = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let length = buffer.len().min(most);
        let count = read_at(self.file, &mut buffer[..length], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

/// The file of a source, if it is large enough to work on parts of it at the same time.
pub(super) fn divisible<'a>(source: &'a BuiltinInput<'_>) -> Option<&'a File> {
    let is_large = source.size.is_some_and(|size| size >= LARGE);
    let file = source.file().filter(|_| is_large)?;
    source.stdio().workers().pool().map(|_| file)
}

/// Works on the parts of a large file and hands the results on in their order. What is left
/// then is to be read from the source: the last part, with what has been written to the
/// file meanwhile; all of it, where a file is not large.
///
/// # Errors
/// What `take` says, that the file cannot be read, or that the job is over.
pub(super) fn in_parts<R: Send>(
    source: &BuiltinInput<'_>,
    cut: FileCut,
    work: impl Fn(FilePart<'_>) -> R + Sync,
    take: impl FnMut(R) -> io::Result<ControlFlow<()>>,
) -> io::Result<ControlFlow<()>> {
    let (Some(mut file), Some(size)) = (divisible(source), source.size) else {
        return Ok(ControlFlow::Continue(()));
    };
    let mut start = file.stream_position()?;
    let next = || {
        source.stdio().check()?;
        let mut end = start.saturating_add(PART);
        if cut == FileCut::Lines {
            end = line_end(file, end, size)?;
        }
        if end >= size {
            return Ok(None);
        }
        Ok(Some((mem::replace(&mut start, end), end)))
    };
    let work = |(start, end), is_cancelled: &AtomicBool| {
        work(FilePart {
            file,
            start,
            at: start,
            end,
            is_cancelled,
        })
    };
    let flow = parallel_map(source.stdio(), next, work, take)?;
    file.seek(SeekFrom::Start(start))?;
    Ok(flow)
}

/// End of the line that `at` is in, or of a later one if that line is long.
fn line_end(file: &File, mut at: u64, size: u64) -> io::Result<u64> {
    let (mut buffer, mut stride) = ([0; SEARCHED], PART);
    while at < size {
        // The line may have come to its end just before.
        let count = read_at(file, &mut buffer, at - 1)?;
        match memchr(b'\n', &buffer[..count]) {
            Some(found) => return Ok(at + found as u64),
            None if count == 0 => return Ok(size),
            None => at = at.saturating_add(stride),
        }
        stride = stride.saturating_mul(2);
    }
    Ok(size)
}

/// Retries: on some file systems a signal interrupts reading (signal(7)).
fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

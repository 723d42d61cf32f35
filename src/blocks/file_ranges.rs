//! A file as ranges, which jobs read without prun.

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use rustix::fs::{SeekFrom, seek};

use super::header::{HeaderRule, HeaderScan};
use super::input_name::{BoundedPart, InputName};
use super::record_rule::RecordRule;
use crate::error::{Error, Result};
use crate::input::JobStdin;
use crate::input::job_stdin::{FileRange, StdinSource};

/// Bytes that are looked at together for a border: most records are shorter.
const WINDOW: usize = 64 << 10;

/// Length of the ranges of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RangeLength {
    /// At most so many bytes, unless a record is longer.
    Bytes(u64),
    /// So many ranges of about the same length.
    Share(u64),
}

/// Division of a file into ranges.
#[derive(Debug, Clone)]
pub(crate) struct RangeOptions {
    pub length: RangeLength,
    /// It is [local](RecordRule::is_local).
    pub rule: RecordRule,
    /// Bytes that a range with a longer record may have.
    pub max_record: usize,
    /// The text at the beginning of the file that comes before every range (`--header`).
    pub header: Option<HeaderRule>,
}

/// Ranges of a regular file. prun reads no more of it than the places where it cuts.
#[derive(Debug)]
pub(crate) struct FileRanges {
    file: Arc<File>,
    name: InputName,
    options: RangeOptions,
    header: Arc<[u8]>,
    /// Offset of the next range.
    at: u64,
    /// Size of the file, as far as it is known.
    end: u64,
    /// Offset of the first range.
    origin: u64,
    /// Numbers of the next ranges that are to end at their share of the file.
    shares: Range<u64>,
}

impl FileRanges {
    /// Ranges of a file from offset `at` on. If it is standard input, its own
    /// offset goes on with the ranges.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn new(file: File, name: InputName, at: u64, options: RangeOptions) -> Result<Self> {
        let mut ranges = FileRanges {
            end: 0,
            header: [].into(),
            origin: at,
            shares: 0..0,
            file: Arc::new(file),
            name,
            at,
            options,
        };
        ranges.end = ranges.size()?.max(at);
        ranges.take_header()?;
        if let RangeLength::Share(count) = ranges.options.length {
            ranges.origin = ranges.at;
            ranges.shares = 1..count.min(ranges.end - ranges.at);
        }
        Ok(ranges)
    }

    fn size(&self) -> Result<u64> {
        let status = self.file.metadata();
        Ok(status.map_err(|error| self.name.unreadable(&error))?.len())
    }

    /// Looks whether whoever writes to the file has gone on since its end was seen: what ends
    /// there may be half a record.
    fn has_grown(&mut self) -> Result<bool> {
        let size = self.size()?;
        let has_grown = size > self.end;
        self.end = self.end.max(size);
        Ok(has_grown)
    }

    /// Moves past the header, and keeps it.
    fn take_header(&mut self) -> Result<()> {
        let Some(header) = self.options.header.take() else {
            return Ok(());
        };
        let mut scan = HeaderScan::new(&header);
        let mut most = WINDOW;
        loop {
            let limit = self.at.saturating_add(most as u64).min(self.end);
            let bytes = self.read(self.at, limit)?;
            if limit == self.end && self.has_grown()? {
                continue;
            }
            if let Some(length) = scan.length(&bytes, limit == self.end) {
                self.header = bytes[..length].into();
                self.at += length as u64;
                return Ok(());
            }
            most = self.longer(BoundedPart::Header, most)?;
        }
    }

    /// Bytes from `start` to `end`.
    fn read(&self, start: u64, end: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(end - start).unwrap_or(usize::MAX)];
        let read = self.file.read_exact_at(&mut bytes, start);
        read.map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Error::new(format!("{} has become shorter", self.name)),
            _ => self.name.unreadable(&error),
        })?;
        Ok(bytes)
    }

    /// Twice `length`, if that is not longer than a record or a header may be.
    fn longer(&self, part: BoundedPart, length: usize) -> Result<usize> {
        let most = self.options.max_record;
        if length > most {
            return Err(self.name.too_long(part, most as u64));
        }
        Ok(length.saturating_mul(2).min(most.saturating_add(1)))
    }

    /// End of a range of at most `most` bytes, or of its first record if that is longer.
    fn end_within(&self, most: u64) -> Result<u64> {
        let limit = self.at.saturating_add(most.max(1));
        if limit >= self.end {
            return Ok(self.end);
        }
        if let Some(border) = self.last_border(limit)? {
            return Ok(border);
        }
        let end = self.next_border(limit + 1)?;
        let most = most.max(self.options.max_record as u64);
        if end - self.at > most {
            return Err(self.name.too_long(BoundedPart::Record, most));
        }
        Ok(end)
    }

    /// Last border in the range up to `limit`.
    fn last_border(&self, limit: u64) -> Result<Option<u64>> {
        // A border lies within a separator, part of which may be before.
        let overlap = self.options.rule.longest_separator() as u64;
        let mut window = (WINDOW as u64).max(2 * overlap);
        let reach = limit.saturating_add(self.options.rule.lookahead() as u64);
        let reach = reach.min(self.end);
        let mut end = reach;
        loop {
            let from = end.saturating_sub(window).max(self.at);
            let bytes = self.read(from.saturating_sub(overlap).max(self.at), end)?;
            let origin = end - bytes.len() as u64;
            if let Some(border) = self.options.rule.last_border(&bytes)
                && origin + border as u64 > self.at
            {
                return Ok(Some(origin + border as u64));
            }
            if from == self.at {
                return Ok(None);
            }
            end = (from + overlap).min(reach);
            window = (2 * window).min(8 << 20);
        }
    }

    /// First border at or after `target`.
    fn next_border(&self, target: u64) -> Result<u64> {
        let overlap = self.options.rule.longest_separator() as u64;
        let from = target.saturating_sub(overlap).max(self.at);
        let mut length = WINDOW;
        loop {
            let limit = from.saturating_add(length as u64).min(self.end);
            let bytes = self.read(from, limit)?;
            let after = usize::try_from(target - from).unwrap_or(usize::MAX);
            if let Some(border) = self.options.rule.next_border(&bytes, after) {
                return Ok(from + border as u64);
            }
            if limit == self.end {
                return Ok(self.end);
            }
            length = self.longer(BoundedPart::Record, length)?;
        }
    }

    /// End of the next range, which is not empty.
    fn next_end(&mut self) -> Result<u64> {
        let RangeLength::Bytes(most) = self.options.length else {
            let length = u128::from(self.end - self.origin);
            let count = u128::from(self.shares.end.max(1));
            while let Some(nth) = self.shares.next() {
                let target = self.origin + (length * u128::from(nth) / count) as u64;
                if target > self.at {
                    return self.next_border(target);
                }
            }
            return Ok(self.end);
        };
        self.end_within(most)
    }
}

impl StdinSource for FileRanges {
    fn next(&mut self) -> Result<Option<JobStdin>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let start = self.at;
        let shares = self.shares.clone();
        let mut end = self.next_end()?;
        while end == self.end && self.has_grown()? {
            self.shares = shares.clone();
            end = self.next_end()?;
        }
        self.at = end;
        if self.name.0.is_none() {
            let moved = seek(&self.file, SeekFrom::Start(self.at));
            moved.map_err(|error| self.name.unreadable(&error.into()))?;
        }
        Ok(Some(JobStdin::FileRange(Arc::new(FileRange {
            header: Arc::clone(&self.header),
            file: Arc::clone(&self.file),
            path: self.name.0.clone(),
            start,
            length: self.at - start,
            to_end: self.at == self.end,
        }))))
    }

    fn is_ready(&self) -> bool {
        true
    }
}

//! Borders found one after the other.

use std::collections::VecDeque;
use std::ops::Range;

use super::cutting::{CutUnit, StreamState};
use crate::blocks::border_scan::scan::BorderScan;
use crate::error::Result;

#[derive(Debug)]
pub(super) struct ScannedCutter {
    scan: Box<dyn BorderScan>,
    unit: CutUnit,
    /// Separators since the last border at which a block may end.
    found: usize,
    /// Last border at or before the limit.
    last: Option<usize>,
    /// First border after the limit; with a count, the one after so many records.
    next: Option<usize>,
    /// With a count, the last border of whole records before the number is reached.
    partial: Option<usize>,
    /// Separators that are to be removed, from the beginning of the block that was cut.
    separators: Option<VecDeque<Range<usize>>>,
    /// What begins the first record and what ends the last one, to be removed too.
    edges: StreamEdges,
    /// Length of the block that was cut and has its separators yet.
    cut: usize,
}

/// Halves of separators at the beginning and at the end of a stream.
#[derive(Debug, Default)]
pub(super) struct StreamEdges {
    pub start: Vec<u8>,
    pub end: Vec<u8>,
}

impl ScannedCutter {
    pub(super) fn new(scan: Box<dyn BorderScan>, unit: CutUnit) -> ScannedCutter {
        ScannedCutter {
            scan,
            unit,
            found: 0,
            last: None,
            next: None,
            partial: None,
            separators: None,
            edges: StreamEdges::default(),
            cut: 0,
        }
    }

    pub(super) fn removing(
        scan: Box<dyn BorderScan>,
        unit: CutUnit,
        edges: StreamEdges,
    ) -> ScannedCutter {
        ScannedCutter {
            separators: Some(VecDeque::new()),
            edges,
            ..ScannedCutter::new(scan, unit)
        }
    }

    pub(super) fn cut(&mut self, bytes: &[u8], limit: usize, state: StreamState) -> Option<usize> {
        self.forget_cut();
        if !self.unit.counts {
            let is_within = |&mut border: &mut usize| border <= limit;
            self.last = self.next.take_if(is_within).or(self.last);
        }
        let is_ended = state == StreamState::Ended;
        while self.next.is_none() && (self.last.is_none() || self.scan.floor() <= limit) {
            let Some(border) = self.scan.next(bytes, is_ended) else {
                break;
            };
            if let Some(separators) = &mut self.separators {
                separators.push_back(border.separator);
            }
            if border.at > 0 {
                self.take_border(border.at, limit);
            }
        }
        let length = self.length(bytes.len(), limit, state)?;
        self.take_edges(&bytes[..length], is_ended && length == bytes.len());
        self.scan.forget(&bytes[..length]);
        self.last = None;
        self.partial = None;
        self.next = self.next.and_then(|next| next.checked_sub(length));
        self.next = self.next.filter(|&next| next > 0);
        self.cut = length;
        Some(length)
    }

    pub(super) fn take_header(&mut self, header: &[u8]) -> Result<()> {
        self.scan.take_header(header)
    }

    pub(super) fn check(&self) -> Result<()> {
        self.scan.check()
    }

    fn take_border(&mut self, border: usize, limit: usize) {
        self.found += 1;
        if self.found == self.unit.separators {
            self.found = 0;
            if self.unit.counts || border > limit {
                self.next = Some(border);
            } else {
                self.last = Some(border);
            }
        } else if self.unit.counts && self.found.is_multiple_of(self.unit.multiple) {
            self.partial = Some(border);
        }
    }

    /// Length of the block, of those borders that were found.
    fn length(&mut self, length: usize, limit: usize, state: StreamState) -> Option<usize> {
        let is_ended = state == StreamState::Ended;
        if self.unit.counts {
            let partial = self.partial.filter(|_| state == StreamState::Stalled);
            if self.next.is_none() && partial.is_some() {
                self.found %= self.unit.multiple;
            }
            return self.next.or(partial).or(is_ended.then_some(length));
        }
        if is_ended && length <= limit {
            return Some(length);
        }
        let is_last = self.next.is_some() || length > limit && self.scan.floor() > limit;
        match self.last {
            Some(last) if is_last || last == limit || state != StreamState::Open => Some(last),
            Some(_) => None,
            None => self.next.or(is_ended.then_some(length)),
        }
    }

    /// Adds the half of a separator that begins the stream, and the one that ends it.
    fn take_edges(&mut self, block: &[u8], is_last: bool) {
        let Some(separators) = &mut self.separators else {
            return;
        };
        let start = std::mem::take(&mut self.edges.start);
        let is_free = |first: &Range<usize>| first.start >= start.len();
        if block.starts_with(&start) && separators.front().is_none_or(is_free) {
            separators.push_front(0..start.len());
        }
        let end = &self.edges.end;
        let from = block.len().saturating_sub(end.len());
        if is_last && block.ends_with(end) && separators.back().is_none_or(|last| last.end <= from)
        {
            separators.push_back(from..block.len());
        }
    }

    /// Moves the bytes of the block together without its separators.
    pub(super) fn remove_separators(&mut self, block: &mut [u8]) -> usize {
        let mut kept = 0;
        let mut position = 0;
        for separator in self.separators.iter().flatten() {
            let start = separator.start.min(block.len());
            block.copy_within(position..start, kept);
            kept += start - position;
            position = separator.end.min(block.len());
        }
        let end = block.len();
        block.copy_within(position..end, kept);
        kept + end - position
    }

    /// Separators in the block that was cut are forgotten; what begins the next record may
    /// reach into the next block.
    fn forget_cut(&mut self) {
        let length = std::mem::take(&mut self.cut);
        let Some(separators) = self.separators.as_mut().filter(|_| length > 0) else {
            return;
        };
        while separators.front().is_some_and(|first| first.end <= length) {
            separators.pop_front();
        }
        for separator in separators {
            separator.start = separator.start.saturating_sub(length);
            separator.end -= length;
        }
    }
}

//! Records that end with one byte, counted.

use memchr::{Memchr, memchr_iter, memrchr_iter};

use super::cutting::{CutUnit, StreamState};

/// Bytes in which separators are counted at once.
const CHUNK: usize = 4 << 10;

/// Separators that are so few that each is looked for.
const FEW: usize = 16;

#[derive(Debug)]
pub(super) struct LineCutter {
    byte: u8,
    unit: CutUnit,
    /// Separators in the block up to an offset.
    counted: usize,
    position: usize,
}

impl LineCutter {
    pub(super) fn new(byte: u8, unit: CutUnit) -> LineCutter {
        LineCutter {
            byte,
            unit,
            counted: 0,
            position: 0,
        }
    }

    pub(super) fn cut(&mut self, bytes: &[u8], limit: usize, state: StreamState) -> Option<usize> {
        let is_ended = state == StreamState::Ended;
        let border = if self.unit.counts {
            self.border(bytes, self.unit.separators).or_else(|| {
                (state == StreamState::Stalled)
                    .then(|| self.last_border(bytes))
                    .flatten()
            })
        } else if is_ended && bytes.len() <= limit {
            Some(bytes.len())
        } else if state == StreamState::Open && bytes.len() <= limit {
            return None;
        } else {
            self.last_border(&bytes[..bytes.len().min(limit)])
                .or_else(|| self.border(bytes, self.unit.separators))
        };
        if border.is_some() {
            self.counted = 0;
            self.position = 0;
        }
        border.or_else(|| is_ended.then_some(bytes.len()))
    }

    fn separators<'a>(&self, bytes: &'a [u8]) -> Memchr<'a> {
        memchr_iter(self.byte, bytes)
    }

    /// Border after so many separators.
    fn border(&mut self, bytes: &[u8], wanted: usize) -> Option<usize> {
        while self.position < bytes.len() {
            let left = wanted - self.counted;
            let rest = &bytes[self.position..];
            if left <= FEW {
                let mut found = self.separators(rest);
                if let Some(at) = found.nth(left - 1) {
                    return Some(self.position + at + 1);
                }
                self.counted += self.separators(rest).count();
                self.position = bytes.len();
                break;
            }
            let chunk = &rest[..rest.len().min(CHUNK)];
            let count = self.separators(chunk).count();
            if count >= left {
                let at = self.separators(chunk).nth(left - 1)?;
                return Some(self.position + at + 1);
            }
            self.counted += count;
            self.position += chunk.len();
        }
        None
    }

    /// Last border of a whole number of records.
    fn last_border(&self, bytes: &[u8]) -> Option<usize> {
        let multiple = self.unit.multiple;
        let count = self.separators(bytes).count();
        if count < multiple {
            return None;
        }
        let at = memrchr_iter(self.byte, bytes).nth(count % multiple)?;
        Some(at + 1)
    }
}

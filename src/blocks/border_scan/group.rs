//! Records with equal keys, one after the other.

use super::scan::{BorderScan, FoundBorder};
use crate::blocks::column_key::ColumnKey;
use crate::error::Result;

/// The border of two groups is known when the first record of the second one is there.
#[derive(Debug)]
pub(in crate::blocks) struct GroupScan {
    records: Box<dyn BorderScan>,
    key: ColumnKey,
    /// Key of the last record.
    last_key: Option<Vec<u8>>,
    /// Beginning of the next record.
    start: usize,
}

impl GroupScan {
    pub(in crate::blocks) fn new(records: Box<dyn BorderScan>, key: ColumnKey) -> GroupScan {
        GroupScan {
            records,
            key,
            last_key: None,
            start: 0,
        }
    }
}

impl BorderScan for GroupScan {
    fn next(&mut self, bytes: &[u8], is_ended: bool) -> Option<FoundBorder> {
        loop {
            let end = match self.records.next(bytes, is_ended) {
                Some(border) => border.at,
                None if is_ended && self.start < bytes.len() => bytes.len(),
                None => return None,
            };
            let start = std::mem::replace(&mut self.start, end);
            let key = self.key.of(&bytes[start..end]);
            match &mut self.last_key {
                Some(last) if **last == *key => {}
                Some(last) => {
                    last.clear();
                    last.extend_from_slice(&key);
                    return Some(FoundBorder {
                        at: start,
                        separator: start..start,
                    });
                }
                None => self.last_key = Some(key.into_owned()),
            }
        }
    }

    fn floor(&self) -> usize {
        self.start
    }

    fn forget(&mut self, block: &[u8]) {
        self.records.forget(block);
        self.start = self.start.saturating_sub(block.len());
    }

    fn take_header(&mut self, header: &[u8]) -> Result<()> {
        self.key.resolve(header)
    }

    fn check(&self) -> Result<()> {
        self.key.check()
    }
}

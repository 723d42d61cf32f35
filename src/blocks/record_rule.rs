//! Borders of records, as options say them.

use std::num::NonZeroUsize;

use memchr::memmem;

use super::column_key::ColumnKey;
use super::record_pattern::RecordPattern;

/// Borders of records in a stream. A border lies between two bytes; the beginning and the end
/// of the stream are no borders.
///
/// Separators are found from left to right, and none begins inside of the one before.
#[derive(Debug, Clone)]
pub(crate) struct RecordRule {
    pub separator: RecordSeparator,
    /// So many of the separator's records count as one (`-L`).
    pub multiple: NonZeroUsize,
}

/// Separator of records.
#[derive(Debug, Clone)]
pub(crate) enum RecordSeparator {
    /// `--recend ''`: each byte is a record.
    Anywhere,
    /// `--recend`, `--recstart`: the separator is the one followed by the other, and the border
    /// is between them. Not both are empty.
    Literal { end: Vec<u8>, start: Vec<u8> },
    /// `--regexp`
    Pattern(RecordPattern),
    /// `--csv`: newlines outside of quoted fields, which this byte separates.
    Csv { delimiter: u8 },
    /// `--group-by`: those of these records whose keys differ.
    Group {
        key: ColumnKey,
        records: Box<RecordSeparator>,
    },
}

impl RecordRule {
    /// Borders can be told from the bytes around them, without those from the last border on.
    pub(crate) fn is_local(&self) -> bool {
        self.multiple.get() == 1
            && match &self.separator {
                RecordSeparator::Anywhere => true,
                RecordSeparator::Literal { end, start } => !overlaps_itself(&needle(end, start)),
                _ => false,
            }
    }

    /// The header names the column whose value records have in common.
    pub(crate) fn needs_header(&self) -> bool {
        matches!(&self.separator, RecordSeparator::Group { key, .. } if key.needs_header())
    }

    /// Separator of the fields of CSV records.
    pub(crate) fn csv_delimiter(&self) -> Option<u8> {
        let records = match &self.separator {
            RecordSeparator::Group { records, .. } => records,
            separator => separator,
        };
        match records {
            RecordSeparator::Csv { delimiter } => Some(*delimiter),
            _ => None,
        }
    }

    /// Bytes of the longest separator of a rule that is local.
    pub(crate) fn longest_separator(&self) -> usize {
        match &self.separator {
            RecordSeparator::Literal { end, start } => end.len() + start.len(),
            _ => 0,
        }
    }

    /// Bytes after a border that belong to its separator.
    pub(crate) fn lookahead(&self) -> usize {
        match &self.separator {
            RecordSeparator::Literal { start, .. } => start.len(),
            _ => 0,
        }
    }

    /// First border in `bytes` at or after `from`, for a rule that is local. A separator
    /// counts that is there as a whole.
    pub(crate) fn next_border(&self, bytes: &[u8], from: usize) -> Option<usize> {
        match &self.separator {
            RecordSeparator::Literal { end, start } => {
                let low = from.saturating_sub(end.len());
                let at = memmem::find(bytes.get(low..)?, &needle(end, start))?;
                Some(low + at + end.len())
            }
            _ => (from <= bytes.len()).then_some(from),
        }
    }

    /// Last border in `bytes`, for a rule that is local.
    pub(crate) fn last_border(&self, bytes: &[u8]) -> Option<usize> {
        match &self.separator {
            RecordSeparator::Literal { end, start } => {
                let at = memmem::rfind(bytes, &needle(end, start))?;
                Some(at + end.len())
            }
            _ => Some(bytes.len()),
        }
    }
}

/// Bytes of the separator of two records.
pub(super) fn needle(end: &[u8], start: &[u8]) -> Vec<u8> {
    [end, start].concat()
}

/// Two separators may have bytes in common, as `aa` has in `aaa`: it is then not the same to
/// look for them from the end.
fn overlaps_itself(needle: &[u8]) -> bool {
    (1..needle.len()).any(|length| needle.starts_with(&needle[needle.len() - length..]))
}

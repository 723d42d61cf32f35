//! A row: what one job gets.

use super::job_stdin::JobStdin;
use crate::os::byte_strings::ByteStrings;

/// One value from one source: any bytes, never re-read as anything else.
pub(crate) type Value = Vec<u8>;

/// Input of one job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// One value of each source, or several of each with `-n`, `-N`, `-L`, `-X`.
    pub values: ByteStrings,
    pub stdin: JobStdin,
}

impl Row {
    /// Copy that keeps no block in memory.
    pub(crate) fn values_only(&self) -> Row {
        self.values.clone().into()
    }
}

impl From<ByteStrings> for Row {
    fn from(values: ByteStrings) -> Row {
        Row {
            values,
            stdin: JobStdin::Null,
        }
    }
}

impl From<JobStdin> for Row {
    fn from(stdin: JobStdin) -> Row {
        Row {
            values: ByteStrings::default(),
            stdin,
        }
    }
}

impl<S: AsRef<[u8]>> FromIterator<S> for Row {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Row {
        values.into_iter().collect::<ByteStrings>().into()
    }
}

/// Rows of values alone are told apart by these.
#[cfg(test)]
impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        let has_values_alone = |row: &Row| matches!(row.stdin, JobStdin::Null);
        self.values == other.values && has_values_alone(self) && has_values_alone(other)
    }
}

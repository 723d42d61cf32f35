//! A row: what one job gets.

use std::sync::Arc;

use super::job_stdin::JobStdin;
use super::row_settings::{RowCommand, RowSettings};
use crate::os::byte_strings::ByteStrings;

/// One value from one source: any bytes, never re-read as anything else.
pub(crate) type Value = Vec<u8>;

/// Input of one job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// One value of each source, or several of each with `-n`, `-N`, `-L`, `-X`.
    pub values: ByteStrings,
    pub stdin: JobStdin,
    /// `None` leaves all to the run.
    pub settings: Option<Arc<RowSettings>>,
}

impl Row {
    /// Copy that keeps no block in memory.
    pub(crate) fn values_only(&self) -> Row {
        Row {
            values: self.values.clone(),
            stdin: JobStdin::Null,
            settings: self.settings.clone(),
        }
    }

    /// The command that the row brings with it.
    pub(crate) fn own_command(&self) -> Option<&RowCommand> {
        self.settings.as_ref()?.command.as_ref()
    }
}

impl From<ByteStrings> for Row {
    fn from(values: ByteStrings) -> Row {
        Row {
            values,
            stdin: JobStdin::Null,
            settings: None,
        }
    }
}

impl From<JobStdin> for Row {
    fn from(stdin: JobStdin) -> Row {
        Row {
            values: ByteStrings::default(),
            stdin,
            settings: None,
        }
    }
}

impl<S: AsRef<[u8]>> FromIterator<S> for Row {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Row {
        values.into_iter().collect::<ByteStrings>().into()
    }
}

/// Rows without standard input are told apart by the rest.
#[cfg(test)]
impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        let has_values_alone = |row: &Row| matches!(row.stdin, JobStdin::Null);
        self.values == other.values
            && self.settings == other.settings
            && has_values_alone(self)
            && has_values_alone(other)
    }
}

//! A row of values.

use crate::os::byte_strings::ByteStrings;

/// One value from one source: any bytes, never re-read as anything else.
pub(crate) type Value = Vec<u8>;

/// Values of one job: one of each source, or several of each with `-n`, `-N`, `-L`, `-X`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row(pub ByteStrings);

impl<S: AsRef<[u8]>> FromIterator<S> for Row {
    fn from_iter<I: IntoIterator<Item = S>>(values: I) -> Row {
        Row(values.into_iter().collect())
    }
}

//! An entry of a queue, and its form in the database.

use crate::input::ByteStrings;

/// Command of an entry, as its putter typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntryCommand {
    /// At least one; placeholders stand for the entry's values.
    pub words: ByteStrings,
    /// Path of the shell that was asked for, and its options; empty for the taker's.
    pub shell: ByteStrings,
}

/// What a job is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct QueueEntry {
    pub values: ByteStrings,
    /// None: the taker's, or the values are a command line.
    pub command: Option<EntryCommand>,
    /// Path of the putter's working directory.
    pub directory: Vec<u8>,
}

/// A list of strings as bytes: each after its length, which has 32 bits, the lowest first.
pub(super) fn encode(strings: &ByteStrings) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(strings.size() + 4 * strings.len());
    for string in strings.iter() {
        // An input is far shorter: SQLite's own limit is 1 GB.
        bytes.extend_from_slice(&(string.len() as u32).to_le_bytes());
        bytes.extend_from_slice(string);
    }
    bytes
}

/// The list of [`encode`]; `None` if the bytes are none.
pub(super) fn decode(mut bytes: &[u8]) -> Option<ByteStrings> {
    let mut strings = ByteStrings::default();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (string, rest) = rest.split_at_checked(length)?;
        strings.push(string);
        bytes = rest;
    }
    bytes.is_empty().then_some(strings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_come_back(
            list in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..9),
        ) {
            let strings: ByteStrings = list.iter().collect();
            prop_assert_eq!(decode(&encode(&strings)), Some(strings));
        }

        #[test]
        fn other_bytes_are_no_list_or_one_of_their_own(
            bytes in prop::collection::vec(prop_oneof![Just(0), Just(1), any::<u8>()], 0..20),
        ) {
            if let Some(strings) = decode(&bytes) {
                prop_assert_eq!(encode(&strings), bytes);
            }
        }
    }
}

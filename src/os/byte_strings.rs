//! Byte strings in one buffer.

use std::fmt;
use std::ops::{Index, Range};

/// Byte strings, each with a NUL byte after it: the buffer is what execve(2) takes as
/// arguments, however many there are. A string may have NUL bytes of its own.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct ByteStrings {
    bytes: Vec<u8>,
    /// Offset of the NUL byte after each string.
    ends: Vec<usize>,
}

impl ByteStrings {
    pub(crate) const EMPTY: ByteStrings = ByteStrings {
        bytes: Vec::new(),
        ends: Vec::new(),
    };

    /// Allocates for `count` strings of `bytes` in all.
    pub(crate) fn with_capacity(count: usize, bytes: usize) -> ByteStrings {
        ByteStrings {
            bytes: Vec::with_capacity(bytes + count),
            ends: Vec::with_capacity(count),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of all strings, without the NUL bytes after them.
    pub(crate) fn size(&self) -> usize {
        self.bytes.len() - self.ends.len()
    }

    #[inline]
    pub(crate) fn push(&mut self, string: &[u8]) {
        self.bytes.reserve(string.len() + 1);
        self.bytes.extend_from_slice(string);
        self.ends.push(self.bytes.len());
        self.bytes.push(0);
    }

    pub(crate) fn append(&mut self, others: &ByteStrings) {
        let shift = self.bytes.len();
        self.bytes.extend_from_slice(&others.bytes);
        self.ends.extend(others.ends.iter().map(|end| end + shift));
    }

    #[inline]
    pub(crate) fn get(&self, nth: usize) -> Option<&[u8]> {
        let end = *self.ends.get(nth)?;
        Some(&self.bytes[self.start(nth)..end])
    }

    pub(crate) fn last(&self) -> Option<&[u8]> {
        self.get(self.len().checked_sub(1)?)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|nth| &self[nth])
    }

    pub(crate) fn part(&self, range: Range<usize>) -> ByteStrings {
        let from = self.start(range.start);
        let ends = self.ends[range].iter().map(|end| end - from);
        let ends: Vec<usize> = ends.collect();
        let length = ends.last().map_or(0, |end| end + 1);
        ByteStrings {
            bytes: self.bytes[from..from + length].to_vec(),
            ends,
        }
    }

    /// Keeps the first `count` strings and returns the others.
    pub(crate) fn split_off(&mut self, count: usize) -> ByteStrings {
        let rest = self.part(count..self.len());
        self.truncate(count);
        rest
    }

    pub(crate) fn truncate(&mut self, count: usize) {
        if count < self.len() {
            self.bytes.truncate(self.start(count));
            self.ends.truncate(count);
        }
    }

    /// Makes one string of string `nth` and the one after it.
    pub(crate) fn join_next(&mut self, nth: usize) {
        if nth + 1 < self.len() {
            self.bytes.remove(self.ends.remove(nth));
            self.ends[nth..].iter_mut().for_each(|end| *end -= 1);
        }
    }

    pub(crate) fn join(&self, separator: &[u8]) -> Vec<u8> {
        self.iter().collect::<Vec<&[u8]>>().join(separator)
    }

    /// True if a string has a NUL byte of its own.
    pub(crate) fn has_nul(&self) -> bool {
        memchr::memchr_iter(0, &self.bytes).count() > self.len()
    }

    /// Length of the longest string.
    pub(crate) fn longest(&self) -> usize {
        let mut start = 0;
        let lengths = self
            .ends
            .iter()
            .map(|end| end - std::mem::replace(&mut start, end + 1));
        lengths.max().unwrap_or(0)
    }

    #[inline]
    fn start(&self, nth: usize) -> usize {
        match nth {
            0 => 0,
            _ => self.ends[nth - 1] + 1,
        }
    }
}

impl Index<usize> for ByteStrings {
    type Output = [u8];

    fn index(&self, nth: usize) -> &[u8] {
        &self.bytes[self.start(nth)..self.ends[nth]]
    }
}

impl<S: AsRef<[u8]>> FromIterator<S> for ByteStrings {
    fn from_iter<I: IntoIterator<Item = S>>(strings: I) -> ByteStrings {
        let mut all = ByteStrings::default();
        all.extend(strings);
        all
    }
}

impl<S: AsRef<[u8]>> Extend<S> for ByteStrings {
    fn extend<I: IntoIterator<Item = S>>(&mut self, strings: I) {
        for string in strings {
            self.push(string.as_ref());
        }
    }
}

impl fmt::Debug for ByteStrings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.iter().map(String::from_utf8_lossy);
        f.debug_list().entries(text).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lists() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let string = prop::collection::vec(prop::sample::select(&b"ab\0"[..]), 0..5);
        prop::collection::vec(string, 0..9)
    }

    fn list(strings: &ByteStrings) -> Vec<Vec<u8>> {
        strings.iter().map(<[u8]>::to_vec).collect()
    }

    proptest! {
        #[test]
        fn they_are_what_a_list_of_strings_is(all in lists(), others in lists(), at in 0..9_usize) {
            let at = at.min(all.len());
            let strings: ByteStrings = all.iter().collect();
            prop_assert_eq!(&list(&strings), &all);
            prop_assert_eq!(strings.size(), all.concat().len());
            prop_assert_eq!(strings.join(b"+"), all.join(&b'+'));
            prop_assert_eq!(strings.has_nul(), all.concat().contains(&0));
            prop_assert_eq!(strings.longest(), all.iter().map(Vec::len).max().unwrap_or(0));
            prop_assert_eq!(strings.last(), all.last().map(Vec::as_slice));
            prop_assert_eq!(strings.get(at), all.get(at).map(Vec::as_slice));
            let mut more = strings.clone();
            more.append(&others.iter().collect());
            prop_assert_eq!(list(&more), [all.clone(), others].concat());
            let rest = more.split_off(at);
            prop_assert_eq!(&list(&more), &all[..at]);
            prop_assert_eq!(list(&rest)[..all.len() - at].to_vec(), all[at..].to_vec());
        }

        #[test]
        fn two_become_one(all in lists(), at in 0..9_usize) {
            let mut strings: ByteStrings = all.iter().collect();
            strings.join_next(at);
            let mut expected = all;
            if at + 1 < expected.len() {
                let next = expected.remove(at + 1);
                expected[at].extend(next);
            }
            prop_assert_eq!(strings, expected.iter().collect());
        }
    }
}

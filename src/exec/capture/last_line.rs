//! Last line of a stream: `--latest-line`.
//!
//! A carriage return ends a line as a newline does: the text after it replaces the text
//! before it, as in `10%\r20%\r`. Lines without visible text do not count.

use memchr::memrchr2;

/// Bytes that are kept of a line.
pub(crate) const MOST: usize = 64 << 10;

/// Bytes that are shown of it while the job runs: more than any terminal is wide.
const MOST_SHOWN: usize = 4 << 10;

#[derive(Debug, Default)]
pub(crate) struct LastLine {
    /// The last line that has ended and has text.
    whole: LastLineText,
    /// The line that has not ended.
    open: LastLineText,
}

#[derive(Debug, Default)]
struct LastLineText {
    bytes: Vec<u8>,
    /// The line was longer than `bytes`.
    cut: bool,
}

impl LastLineText {
    fn add(&mut self, bytes: &[u8]) {
        let free = MOST - self.bytes.len();
        self.cut |= bytes.len() > free;
        self.bytes
            .extend_from_slice(&bytes[..bytes.len().min(free)]);
    }

    /// It has visible text, or might have it in what was not kept.
    fn counts(&self) -> bool {
        self.cut || has_text(&self.bytes)
    }

    fn set(&mut self, bytes: &[u8]) {
        self.bytes.clear();
        self.cut = false;
        self.add(bytes);
    }
}

impl LastLine {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let Some(last) = memrchr2(b'\n', b'\r', bytes) else {
            return self.open.add(bytes);
        };
        let mut end = last;
        while let Some(before) = memrchr2(b'\n', b'\r', &bytes[..end]) {
            let line = &bytes[before + 1..end];
            if line.len() > MOST || has_text(line) {
                self.whole.set(line);
                return self.open.set(&bytes[last + 1..]);
            }
            end = before;
        }
        self.open.add(&bytes[..end]);
        if self.open.counts() {
            std::mem::swap(&mut self.whole, &mut self.open);
        }
        self.open.set(&bytes[last + 1..]);
    }

    fn line(&self) -> &LastLineText {
        if self.open.counts() {
            &self.open
        } else {
            &self.whole
        }
    }

    /// The line without its end; empty if there was none. Only the first [`MOST`] bytes
    /// of a longer one.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.line().bytes
    }

    /// As many bytes as can be shown in one line of a terminal.
    pub(crate) fn head(&self) -> &[u8] {
        let bytes = self.bytes();
        &bytes[..bytes.len().min(MOST_SHOWN)]
    }

    /// The line was longer than what is kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.line().cut
    }
}

/// Tells visible text from blanks and control sequences.
fn has_text(line: &[u8]) -> bool {
    plain(line).any(|byte| byte > b' ' && byte != 0x7f)
}

/// The bytes without the sequences that colour text or move the cursor.
pub(crate) fn plain(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        while let Some(length) = control_sequence(rest) {
            rest = &rest[length..];
        }
        let (&first, others) = rest.split_first()?;
        rest = others;
        Some(first)
    })
}

/// The length of the control sequence at the beginning (ECMA-48, 5.4).
fn control_sequence(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"\x1b[")?;
    let last = rest.iter().position(|byte| !matches!(byte, 0x20..=0x3f))?;
    matches!(rest[last], 0x40..=0x7e).then_some(last + 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn latest(chunks: &[impl AsRef<[u8]>]) -> LastLine {
        let mut latest = LastLine::default();
        for chunk in chunks {
            latest.feed(chunk.as_ref());
        }
        latest
    }

    #[test]
    fn the_last_line_that_has_text_counts() {
        for (bytes, line) in [
            ("", ""),
            ("a", "a"),
            ("a\n", "a"),
            ("a\nb", "b"),
            ("a\nb\n\n \t\n", "b"),
            ("a\r\nb\r\n", "b"),
            ("10%\r20%\r", "20%"),
            ("10%\r20%\r\n", "20%"),
            ("10%\r   \r", "10%"),
            ("10%\r\x1b[2K", "10%"),
            ("\x1b[31mred\x1b[m\n\x1b[K\n", "\x1b[31mred\x1b[m"),
            ("\n\n\r\n", ""),
        ] {
            let found = latest(&[bytes]);
            assert_eq!(found.bytes(), line.as_bytes(), "{bytes:?}");
            assert!(!found.is_cut());
        }
    }

    #[test]
    fn control_sequences_are_no_text() {
        for (bytes, seen) in [
            ("\x1b[1;32mok\x1b[0m.", "ok."),
            ("a\x1b[?25lb\x1b[2 qc", "abc"),
            ("a\x1b[3", "a\x1b[3"),
            ("\x1b", "\x1b"),
            ("\x1b[\x1b[Kx", "\x1b[x"),
        ] {
            let plain: Vec<u8> = plain(bytes.as_bytes()).collect();
            assert_eq!(plain, seen.as_bytes(), "{bytes:?}");
        }
    }

    #[test]
    fn a_line_without_end_takes_no_more_memory() {
        let mut endless = latest(&[b"short\n".as_slice(), &[b'x'; MOST]]);
        assert!(!endless.is_cut());
        for _ in 0..100 {
            endless.feed(&[b'y'; MOST]);
        }
        assert_eq!(endless.bytes(), [b'x'; MOST]);
        assert!(endless.is_cut() && endless.open.bytes.capacity() <= 2 * MOST);
        endless.feed(b"\nnext");
        assert_eq!(
            (endless.bytes(), endless.is_cut()),
            (b"next".as_slice(), false)
        );
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(chunks in prop::collection::vec("[ab \n\r]{0,5}", 0..20)) {
            let all = chunks.concat();
            let lines = all.split(['\n', '\r']);
            let expected = lines.rev().find(|line| !line.trim().is_empty());
            let found = latest(&chunks);
            prop_assert_eq!(found.bytes(), expected.unwrap_or_default().as_bytes());
        }

        #[test]
        fn the_limit_does_not_depend_on_chunks(
            chunks in prop::collection::vec((
                prop::sample::select(vec!["z", " "]),
                0..MOST,
                prop::sample::select(vec!["", "\n", "\r", "x\n"]),
            ), 0..8)
        ) {
            let chunks: Vec<String> = chunks
                .into_iter()
                .map(|(filling, length, end)| filling.repeat(length) + end)
                .collect();
            let (one, many) = (latest(&[chunks.concat()]), latest(&chunks));
            prop_assert_eq!(one.bytes(), many.bytes());
            prop_assert_eq!(one.is_cut(), many.is_cut());
        }
    }
}

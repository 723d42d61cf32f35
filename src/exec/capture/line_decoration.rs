//! What goes around each line of a job's output: a tag, colours.

use memchr::memchr_iter;

/// What a line begins and ends with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LineDecoration {
    /// Before its first byte.
    pub before: Vec<u8>,
    /// After its last byte, before the newline.
    pub after: Vec<u8>,
}

/// Where in a line the bytes end that came last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum LinePosition {
    /// Behind a newline, or nothing has come.
    #[default]
    LineStart,
    /// Within a line.
    InLine,
}

impl LineDecoration {
    /// Appends `bytes`, which come at `at`, to `out`, and tells where they end. A line has
    /// its decoration only once it has a byte.
    pub(crate) fn put_on(&self, bytes: &[u8], at: LinePosition, out: &mut Vec<u8>) -> LinePosition {
        let mut from = 0;
        let mut at = at;
        let ends = memchr_iter(b'\n', bytes).map(|newline| newline + 1);
        for to in ends.chain([bytes.len()]) {
            if from == to {
                break;
            }
            if at == LinePosition::LineStart {
                out.extend_from_slice(&self.before);
            }
            let line = &bytes[from..to];
            at = match line.strip_suffix(b"\n") {
                Some(line) => {
                    out.extend_from_slice(line);
                    out.extend_from_slice(&self.after);
                    out.push(b'\n');
                    LinePosition::LineStart
                }
                None => {
                    out.extend_from_slice(line);
                    LinePosition::InLine
                }
            };
            from = to;
        }
        at
    }

    /// What ends a last line without a newline.
    pub(crate) fn rest(&self, at: LinePosition) -> &[u8] {
        match at {
            LinePosition::LineStart => b"",
            LinePosition::InLine => &self.after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decorated(decoration: &LineDecoration, chunks: &[impl AsRef<[u8]>]) -> Vec<u8> {
        let mut out = Vec::new();
        let end = chunks.iter().fold(LinePosition::LineStart, |at, chunk| {
            decoration.put_on(chunk.as_ref(), at, &mut out)
        });
        out.extend_from_slice(decoration.rest(end));
        out
    }

    #[test]
    fn every_line_is_decorated() {
        let tag = LineDecoration {
            before: b"t\t".to_vec(),
            after: Vec::new(),
        };
        assert_eq!(decorated(&tag, &["a\n\nb\n"]), b"t\ta\nt\t\nt\tb\n");
        let brackets = LineDecoration {
            before: b"[".to_vec(),
            after: b"]".to_vec(),
        };
        assert_eq!(decorated(&brackets, &["a\n\nb"]), b"[a]\n[]\n[b]");
        assert_eq!(decorated(&brackets, &[""]), b"");
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(chunks in prop::collection::vec("[ab\n]{0,5}", 0..20)) {
            let decoration = LineDecoration { before: b"> ".to_vec(), after: b" <".to_vec() };
            prop_assert_eq!(decorated(&decoration, &chunks), decorated(&decoration, &[chunks.concat()]));
        }
    }
}

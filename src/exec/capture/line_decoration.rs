//! Text around each line of a job's output: a tag, colours.

use memchr::memchr_iter;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LineDecoration {
    /// Before its first byte.
    pub before: Vec<u8>,
    /// After its last byte, before the newline.
    pub after: Vec<u8>,
}

impl LineDecoration {
    /// Appends `bytes` to `out`; `in_line` tells that bytes of their first line have come
    /// before. Returns the same for what comes next. A line has its decoration only once it
    /// has a byte.
    pub(crate) fn apply(&self, bytes: &[u8], mut in_line: bool, out: &mut Vec<u8>) -> bool {
        let mut from = 0;
        let ends = memchr_iter(b'\n', bytes).map(|newline| newline + 1);
        for to in ends.chain([bytes.len()]) {
            if from == to {
                break;
            }
            if !in_line {
                out.extend_from_slice(&self.before);
            }
            let line = &bytes[from..to];
            let whole = line.strip_suffix(b"\n");
            out.extend_from_slice(whole.unwrap_or(line));
            in_line = whole.is_none();
            if !in_line {
                out.extend_from_slice(&self.after);
                out.push(b'\n');
            }
            from = to;
        }
        in_line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decorated(decoration: &LineDecoration, chunks: &[impl AsRef<[u8]>]) -> Vec<u8> {
        let mut out = Vec::new();
        let in_line = chunks.iter().fold(false, |in_line, chunk| {
            decoration.apply(chunk.as_ref(), in_line, &mut out)
        });
        if in_line {
            out.extend_from_slice(&decoration.after);
        }
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

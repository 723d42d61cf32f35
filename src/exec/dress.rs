//! What goes around each line of a job's output: a tag, colours.

use memchr::memchr_iter;

/// What a line begins and ends with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dress {
    /// Before its first byte.
    pub before: Vec<u8>,
    /// After its last byte, before the newline.
    pub after: Vec<u8>,
}

/// Where in a line the bytes end that came last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum At {
    /// Behind a newline, or nothing has come.
    #[default]
    LineStart,
    /// Within a line.
    InLine,
}

impl Dress {
    /// Appends `bytes`, which come at `at`, to `out`, and tells where they end. A line has
    /// its dress only once it has a byte.
    pub fn put_on(&self, bytes: &[u8], at: At, out: &mut Vec<u8>) -> At {
        let mut from = 0;
        let mut at = at;
        let ends = memchr_iter(b'\n', bytes).map(|newline| newline + 1);
        for to in ends.chain([bytes.len()]) {
            if from == to {
                break;
            }
            if at == At::LineStart {
                out.extend_from_slice(&self.before);
            }
            let line = &bytes[from..to];
            at = match line.strip_suffix(b"\n") {
                Some(line) => {
                    out.extend_from_slice(line);
                    out.extend_from_slice(&self.after);
                    out.push(b'\n');
                    At::LineStart
                }
                None => {
                    out.extend_from_slice(line);
                    At::InLine
                }
            };
            from = to;
        }
        at
    }

    /// What ends a last line without a newline.
    pub fn rest(&self, at: At) -> &[u8] {
        match at {
            At::LineStart => b"",
            At::InLine => &self.after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dressed(dress: &Dress, chunks: &[impl AsRef<[u8]>]) -> Vec<u8> {
        let mut out = Vec::new();
        let end = chunks.iter().fold(At::LineStart, |at, chunk| {
            dress.put_on(chunk.as_ref(), at, &mut out)
        });
        out.extend_from_slice(dress.rest(end));
        out
    }

    #[test]
    fn every_line_has_its_dress() {
        let tag = Dress {
            before: b"t\t".to_vec(),
            after: Vec::new(),
        };
        assert_eq!(dressed(&tag, &["a\n\nb\n"]), b"t\ta\nt\t\nt\tb\n");
        let brackets = Dress {
            before: b"[".to_vec(),
            after: b"]".to_vec(),
        };
        assert_eq!(dressed(&brackets, &["a\n\nb"]), b"[a]\n[]\n[b]");
        assert_eq!(dressed(&brackets, &[""]), b"");
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(chunks in prop::collection::vec("[ab\n]{0,5}", 0..20)) {
            let dress = Dress { before: b"> ".to_vec(), after: b" <".to_vec() };
            prop_assert_eq!(dressed(&dress, &chunks), dressed(&dress, &[chunks.concat()]));
        }
    }
}

//! The end of an answer, found in pieces of any size.

use memchr::memchr;

/// End of every answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnswerEnd {
    /// The first newline, which is printed.
    Newline,
    /// The first NUL byte, which is not printed.
    Nul,
    /// `--worker-end TEXT`: the first line that is TEXT, which is not printed.
    Line(Vec<u8>),
}

/// State of one answer. Bytes are held back only while they may be the line that ends it, and
/// then they are the beginning of that line's text.
#[derive(Debug)]
pub(super) struct AnswerParser<'a> {
    end: &'a AnswerEnd,
    /// Length of the current line, as long as it may be the last one.
    matched: Option<usize>,
    is_complete: bool,
}

impl<'a> AnswerParser<'a> {
    pub(super) fn new(end: &'a AnswerEnd) -> AnswerParser<'a> {
        AnswerParser {
            end,
            matched: Some(0),
            is_complete: false,
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Takes the next bytes up to the end of the answer, and hands those to `print` that belong
    /// to it. Returns how many it has taken: the others are beyond the answer.
    pub(super) fn feed(&mut self, bytes: &[u8], mut print: impl FnMut(&[u8])) -> usize {
        if self.is_complete {
            return 0;
        }
        let (length, printed) = match self.end {
            AnswerEnd::Line(text) => return self.feed_lines(text, bytes, print),
            AnswerEnd::Newline => match memchr(b'\n', bytes) {
                Some(at) => (at + 1, at + 1),
                None => return pass(bytes, print),
            },
            AnswerEnd::Nul => match memchr(0, bytes) {
                Some(at) => (at + 1, at),
                None => return pass(bytes, print),
            },
        };
        self.is_complete = true;
        if printed > 0 {
            print(&bytes[..printed]);
        }
        length
    }

    fn feed_lines(&mut self, text: &[u8], bytes: &[u8], mut print: impl FnMut(&[u8])) -> usize {
        let mut at = 0;
        while at < bytes.len() {
            let Some(matched) = self.matched else {
                match memchr(b'\n', &bytes[at..]) {
                    Some(length) => {
                        at += length + 1;
                        self.matched = Some(0);
                    }
                    None => at = bytes.len(),
                }
                continue;
            };
            let (wanted, line) = (&text[matched..], &bytes[at..]);
            let pairs = wanted.iter().zip(line);
            let same = pairs.take_while(|(wanted, found)| wanted == found).count();
            self.is_complete = same == wanted.len() && line.get(same) == Some(&b'\n');
            if self.is_complete || same == line.len() {
                self.matched = Some(matched + same);
                pass(&bytes[..at], print);
                return at + same + usize::from(self.is_complete);
            }
            // Bytes that are held back came before this piece.
            pass(&text[..matched], &mut print);
            self.matched = None;
        }
        pass(bytes, print)
    }

    /// Bytes that are held back, which belong to an answer that breaks off.
    pub(super) fn held(&self) -> &'a [u8] {
        match (self.end, self.matched) {
            (AnswerEnd::Line(text), Some(matched)) if !self.is_complete => &text[..matched],
            _ => b"",
        }
    }
}

fn pass(bytes: &[u8], mut print: impl FnMut(&[u8])) -> usize {
    if !bytes.is_empty() {
        print(bytes);
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Feeds pieces of these sizes in turn. Returns what is printed, whether the answer is
    /// whole, and the bytes beyond it.
    fn parse(end: &AnswerEnd, stream: &[u8], sizes: &[usize]) -> (Vec<u8>, bool, Vec<u8>) {
        let mut parser = AnswerParser::new(end);
        let (mut printed, mut beyond, mut rest) = (Vec::new(), Vec::new(), stream);
        for size in sizes.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(rest.len().min((*size).max(1)));
            let taken = parser.feed(piece, |bytes| {
                assert!(!bytes.is_empty());
                printed.extend_from_slice(bytes);
            });
            beyond.extend_from_slice(&piece[taken..]);
            assert!(taken == piece.len() || parser.is_complete());
            rest = after;
        }
        printed.extend_from_slice(parser.held());
        (printed, parser.is_complete(), beyond)
    }

    /// The same by looking at the whole stream.
    fn expected(end: &AnswerEnd, stream: &[u8]) -> (Vec<u8>, bool, Vec<u8>) {
        let (printed, length) = match end {
            AnswerEnd::Newline => match stream.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, at + 1),
                None => return (stream.to_vec(), false, Vec::new()),
            },
            AnswerEnd::Nul => match stream.iter().position(|byte| *byte == 0) {
                Some(at) => (at, at + 1),
                None => return (stream.to_vec(), false, Vec::new()),
            },
            AnswerEnd::Line(text) => {
                let last = [text, b"\n".as_slice()].concat();
                let mut at = 0;
                let mut lines = stream.split_inclusive(|byte| *byte == b'\n');
                loop {
                    match lines.next() {
                        Some(line) if line == last => break (at, at + line.len()),
                        Some(line) => at += line.len(),
                        None => return (stream.to_vec(), false, Vec::new()),
                    }
                }
            }
        };
        (stream[..printed].to_vec(), true, stream[length..].to_vec())
    }

    #[test]
    fn an_answer_ends_where_its_end_is() {
        let line = |text: &str| AnswerEnd::Line(text.into());
        let table: [(AnswerEnd, &str, (&str, bool, &str)); 12] = [
            (AnswerEnd::Newline, "a\n", ("a\n", true, "")),
            (AnswerEnd::Newline, "\nb", ("\n", true, "b")),
            (AnswerEnd::Newline, "a", ("a", false, "")),
            (AnswerEnd::Nul, "a\nb\0c", ("a\nb", true, "c")),
            (AnswerEnd::Nul, "\0", ("", true, "")),
            (line("end"), "a\nend\nb", ("a\n", true, "b")),
            (line("end"), "end\n", ("", true, "")),
            (
                line("end"),
                "ende\nxend\nen\nend\n",
                ("ende\nxend\nen\n", true, ""),
            ),
            (line("end"), "a\nend", ("a\nend", false, "")),
            (line("end"), "a\nend \n", ("a\nend \n", false, "")),
            (line(""), "a\n\nb", ("a\n", true, "b")),
            (line("aab"), "aaab\naab\n", ("aaab\n", true, "")),
        ];
        for (end, stream, (printed, is_complete, beyond)) in table {
            for size in 1..=stream.len() {
                let found = parse(&end, stream.as_bytes(), &[size]);
                let wanted = (printed.into(), is_complete, beyond.into());
                assert_eq!(found, wanted, "{end:?} {stream:?} in pieces of {size}");
            }
        }
    }

    fn ends() -> impl Strategy<Value = AnswerEnd> {
        let text = prop::collection::vec(prop::sample::select(&b"ab\0"[..]), 0..4);
        prop_oneof![
            Just(AnswerEnd::Newline),
            Just(AnswerEnd::Nul),
            text.prop_map(AnswerEnd::Line),
        ]
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            end in ends(),
            stream in prop::collection::vec(prop::sample::select(&b"ab\n\n\0"[..]), 0..40),
            sizes in prop::collection::vec(1_usize..9, 1..5),
        ) {
            prop_assert_eq!(parse(&end, &stream, &sizes), expected(&end, &stream));
        }
    }
}

//! Text at the beginning of a stream that comes before every block (`--header`).

use super::border_scan::csv::CsvScan;
use super::border_scan::literal::LiteralScan;
use super::border_scan::pattern::PatternScan;
use super::border_scan::scan::BorderScan;
use super::record_pattern::RecordPattern;

/// End of the header, as an option says it.
#[derive(Debug, Clone)]
pub(crate) enum HeaderRule {
    Lines {
        count: u32,
        /// A line goes on where its newline is in a quoted field, which this byte separates
        /// from others.
        csv: Option<u8>,
    },
    /// As much as this [prefix](RecordPattern::prefix) matches.
    Pattern(RecordPattern),
}

/// Search for the end of the header, which goes on where it stopped.
#[derive(Debug)]
pub(super) struct HeaderScan(HeaderSearch);

#[derive(Debug)]
enum HeaderSearch {
    Lines {
        lines: Box<dyn BorderScan>,
        left: u32,
        end: usize,
    },
    Pattern(Box<PatternScan>),
}

impl HeaderScan {
    pub(super) fn new(rule: &HeaderRule) -> HeaderScan {
        HeaderScan(match rule {
            HeaderRule::Lines { count, csv } => HeaderSearch::Lines {
                lines: match csv {
                    Some(delimiter) => Box::new(CsvScan::new(*delimiter)),
                    None => Box::new(LiteralScan::new(b"\n", 1)),
                },
                left: *count,
                end: 0,
            },
            HeaderRule::Pattern(pattern) => {
                HeaderSearch::Pattern(Box::new(PatternScan::new(pattern.clone())))
            }
        })
    }

    /// Length of the header, which no byte after these can change; `None` if more bytes are
    /// needed to tell. The bytes are those of the last call and more of them, and the last ones
    /// when the stream `is_ended`.
    pub(super) fn length(&mut self, bytes: &[u8], is_ended: bool) -> Option<usize> {
        match &mut self.0 {
            HeaderSearch::Lines { lines, left, end } => {
                while *left > 0 {
                    let Some(border) = lines.next(bytes, is_ended) else {
                        return is_ended.then_some(bytes.len());
                    };
                    *left -= 1;
                    *end = border.at;
                }
                Some(*end)
            }
            HeaderSearch::Pattern(scan) => scan.prefix(bytes, is_ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use regex::bytes::RegexBuilder;

    use super::*;

    /// Length of the header of a stream that comes in pieces, and the bytes it took to tell.
    fn length(rule: &HeaderRule, input: &[u8], pieces: &[usize]) -> (usize, usize) {
        let mut scan = HeaderScan::new(rule);
        let mut pieces = pieces.iter().cycle();
        let mut end = 0;
        while end < input.len() {
            end = (end + pieces.next().unwrap()).min(input.len());
            if let Some(length) = scan.length(&input[..end], false) {
                return (length, end);
            }
        }
        (scan.length(input, true).unwrap(), input.len())
    }

    fn pattern(text: &str) -> HeaderRule {
        HeaderRule::Pattern(RecordPattern::prefix(text).unwrap())
    }

    fn lines(count: u32) -> HeaderRule {
        HeaderRule::Lines { count, csv: None }
    }

    fn csv_lines(count: u32) -> HeaderRule {
        let csv = Some(b',');
        HeaderRule::Lines { count, csv }
    }

    #[test]
    fn no_more_is_read_than_it_takes_to_tell() {
        for (rule, input, expected) in [
            (lines(0), "a\nb\n", (0, 1)),
            (lines(1), "a\nb\n", (2, 2)),
            (lines(2), "a\nb\n", (4, 4)),
            (lines(3), "a\nb\n", (4, 4)),
            (csv_lines(1), "a\nb\n", (2, 2)),
            (csv_lines(1), "a,\"b\nc\"\nd\n", (8, 8)),
            (csv_lines(2), "\"a\"\"\n\"\n5\"\nd\n", (10, 10)),
            (pattern("#.*\n"), "#a\nb\nc\n", (3, 5)),
            (pattern("(#.*\n)*"), "#a\n#b\nc\nd\n", (6, 8)),
            (pattern("(#.*\n)*"), "a\n#b\nc\nd\n", (0, 2)),
            (pattern("#"), "a\n#b\nc\nd\n", (0, 1)),
            (pattern("(?s).*--\n"), "a\nb\n--\nc\n", (7, 9)),
        ] {
            assert_eq!(length(&rule, input.as_bytes(), &[1]), expected, "{rule:?}");
        }
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        for text in ["(", "a)(b", "[", "*"] {
            assert!(RecordPattern::prefix(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_header_is_that_of_the_whole_input(
            input in vec(select(&b"##ab\n\n"[..]), 0..40),
            text in select(&["(#.*\n)*", "(#.*\n)+", "#.*", "a|ab", "ab|a", "(?s).*#", "(?s).*?b", "",
                "^#\n", "#$", "(.*\n){2}", "a\\b", "[^a]*"][..]),
            pieces in vec(1..9usize, 1..5),
        ) {
            let regex = RegexBuilder::new(&format!(r"\A(?:{text})")).unicode(false).build().unwrap();
            let found = regex.find(&input).map_or(0, |found| found.end());
            prop_assert_eq!(length(&pattern(text), &input, &pieces).0, found);
        }
    }
}

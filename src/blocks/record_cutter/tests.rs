use std::num::NonZeroUsize;
use std::ops::Range;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regex::bytes::RegexBuilder;

use super::*;
use crate::blocks::column_key::ColumnKey;
use crate::blocks::record_pattern::RecordPattern;
use crate::input::columns::RecordFormat;

/// Borders and the separators that make them, by the plainest means.
type Separators = Vec<(usize, Range<usize>)>;

#[derive(Debug, Clone)]
struct Case {
    separator: RecordSeparator,
    separators: Separators,
    multiple: usize,
    count: Option<usize>,
    limit: usize,
    input: Vec<u8>,
    chunks: Vec<usize>,
}

fn literal_separators(input: &[u8], end: &[u8], start: &[u8]) -> Separators {
    let needle = [end, start].concat();
    let mut found = Vec::new();
    let mut at = 0;
    while !needle.is_empty() && at + needle.len() <= input.len() {
        if input[at..].starts_with(&needle) {
            found.push((at + end.len(), at..at + needle.len()));
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}

fn pattern_separators(input: &[u8], end: &str, start: &str) -> Separators {
    let regex = RegexBuilder::new(&format!("(?:{end})(?P<b>)(?:{start})"))
        .unicode(false)
        .multi_line(true)
        .build()
        .unwrap();
    let mut found: Separators = Vec::new();
    for groups in regex.captures_iter(input) {
        let border = match (end, start) {
            (_, "") => groups[0].as_ptr_range().end as usize - input.as_ptr() as usize,
            _ => groups.name("b").unwrap().start(),
        };
        if found.last().is_none_or(|(last, _)| *last < border) {
            found.push((border, groups.get(0).unwrap().range()));
        }
    }
    found
}

fn csv_separators(input: &[u8]) -> Separators {
    #[derive(PartialEq)]
    enum Field {
        Begins,
        Bare,
        Quoted,
        Closed,
    }
    let mut field = Field::Begins;
    let mut found = Vec::new();
    for (at, byte) in input.iter().enumerate() {
        field = match (field, byte) {
            (Field::Quoted, b'"') => Field::Closed,
            (Field::Quoted, _) | (Field::Begins | Field::Closed, b'"') => Field::Quoted,
            (_, b'\n') => {
                found.push((at + 1, at..at + 1));
                Field::Begins
            }
            (_, b',') => Field::Begins,
            _ => Field::Bare,
        };
    }
    found
}

impl Case {
    /// Borders at which a block may end, each with the number of separators before it.
    fn borders(&self) -> Vec<usize> {
        let borders = self.separators.iter().map(|(border, _)| *border);
        borders.filter(|&border| border > 0).collect()
    }

    fn expected(&self) -> Vec<usize> {
        let step = self.multiple * self.count.unwrap_or(1);
        let borders: Vec<usize> = match &self.separator {
            RecordSeparator::Anywhere => (1..=self.input.len()).collect(),
            _ => self.borders(),
        };
        let borders: Vec<usize> = borders.into_iter().skip(step - 1).step_by(step).collect();
        let total = self.input.len();
        let mut cuts = vec![0];
        while let Some(&last) = cuts.last().filter(|&&last| last < total) {
            let most = last + self.limit;
            let mut after = borders.iter().copied().filter(|&border| border > last);
            let first = after.clone().next().unwrap_or(total);
            let next = if self.count.is_some() {
                first
            } else if total <= most {
                total
            } else {
                after.rfind(|&border| border <= most).unwrap_or(first)
            };
            cuts.push(next);
        }
        cuts
    }

    fn cutter(&self, removes: bool) -> RecordCutter {
        let rule = RecordRule {
            separator: self.separator.clone(),
            multiple: NonZeroUsize::new(self.multiple).unwrap(),
        };
        let count = self.count.and_then(NonZeroUsize::new);
        if removes {
            RecordCutter::removing(rule, count)
        } else {
            RecordCutter::new(rule, count)
        }
    }

    /// Cuts, and blocks without separators.
    fn run(&self, removes: bool) -> (Vec<usize>, Vec<Vec<u8>>) {
        let mut cutter = self.cutter(removes);
        let (mut cuts, mut blocks) = (vec![0], Vec::new());
        let mut chunks = self.chunks.iter().cycle();
        let (mut start, mut end) = (0, 0);
        let mut state = StreamState::Open;
        while start < self.input.len() || state == StreamState::Open {
            let bytes = &self.input[start..end];
            if let Some(length) = cutter.cut(bytes, self.limit, state) {
                let mut block = bytes[..length.get()].to_vec();
                let kept = cutter.remove_separators(&mut block);
                block.truncate(kept);
                blocks.push(block);
                start += length.get();
                cuts.push(start);
            } else if end < self.input.len() {
                end = (end + chunks.next().unwrap()).min(self.input.len());
            } else {
                assert_eq!(state, StreamState::Open);
                state = StreamState::Ended;
            }
        }
        (cuts, blocks)
    }

    /// Bytes of the halves of separators at the beginning and the end of the stream.
    fn edges(&self) -> Vec<usize> {
        let RecordSeparator::Literal { end, start } = &self.separator else {
            return Vec::new();
        };
        let total = self.input.len();
        let is_free = |at: usize| !self.separators.iter().any(|(_, range)| range.contains(&at));
        let mut edges = Vec::new();
        if end.is_empty() || start.is_empty() {
            return edges;
        }
        if self.input.starts_with(start) && (0..start.len()).all(is_free) {
            edges.extend(0..start.len());
        }
        let mut tail = total.saturating_sub(end.len())..total;
        if self.input.ends_with(end) && tail.all(|at| is_free(at) && !edges.contains(&at)) {
            edges.extend(total - end.len()..total);
        }
        edges
    }

    fn without_separators(&self, cuts: &[usize]) -> Vec<Vec<u8>> {
        let edges = self.edges();
        let is_removed = |at| {
            edges.contains(&at) || self.separators.iter().any(|(_, range)| range.contains(&at))
        };
        let block = |cuts: &[usize]| {
            let kept = (cuts[0]..cuts[1]).filter(|&at| !is_removed(at));
            kept.map(|at| self.input[at]).collect()
        };
        cuts.windows(2).map(block).collect()
    }

    fn check(&self) {
        let expected = self.expected();
        let (cuts, blocks) = self.run(false);
        assert_eq!(cuts, expected);
        assert_eq!(blocks.concat(), self.input);
        let (cuts, blocks) = self.run(true);
        assert_eq!(cuts, expected);
        assert_eq!(blocks, self.without_separators(&expected));
    }
}

fn bytes(alphabet: &'static [u8], lengths: Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    vec(select(alphabet), lengths)
}

/// Everything but the separator.
fn surroundings(alphabet: &'static [u8]) -> impl Strategy<Value = Case> {
    let count = prop_oneof![Just(None), (1..6usize).prop_map(Some), Just(Some(40))];
    let chunks = prop_oneof![vec(1..4usize, 1..9), vec(1..90usize, 1..9)];
    let limit = prop_oneof![1..12usize, 1..100usize];
    (bytes(alphabet, 0..120), 1..4usize, count, limit, chunks).prop_map(
        |(input, multiple, count, limit, chunks)| Case {
            separator: RecordSeparator::Anywhere,
            separators: Vec::new(),
            multiple,
            count,
            limit,
            input,
            chunks,
        },
    )
}

fn group_separators(input: &[u8]) -> Separators {
    let mut found = Separators::new();
    let mut start = 0;
    let mut last = None;
    for line in input.split_inclusive(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let key = line.split(|&byte| byte == b'\t').nth(1).unwrap_or(b"");
        if last.is_some_and(|last| last != key) {
            found.push((start, start..start));
        }
        last = Some(key);
        start += line.len() + 1;
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn literal_borders_are_where_they_are_whatever_the_reads(
        case in surroundings(b"aab;"),
        end in bytes(b"ab;", 0..4),
        start in bytes(b"ab;", 0..4),
    ) {
        let separators = literal_separators(&case.input, &end, &start);
        let case = if end.is_empty() && start.is_empty() {
            case
        } else {
            Case { separator: RecordSeparator::Literal { end, start }, separators, ..case }
        };
        case.check();
    }

    #[test]
    fn patterns_match_as_in_the_whole_input(
        case in surroundings(b"aab\n"),
        end in select(PATTERNS),
        start in select(PATTERNS),
    ) {
        prop_assume!(!(end.is_empty() && start.is_empty()));
        let separators = pattern_separators(&case.input, end, start);
        let separator = RecordSeparator::Pattern(RecordPattern::new(end, start).unwrap());
        Case { separator, separators, ..case }.check();
    }

    #[test]
    fn newlines_in_quotes_are_no_borders(case in surroundings(b"a,\"\n\n")) {
        let separators = csv_separators(&case.input);
        let separator = RecordSeparator::Csv { delimiter: b',' };
        Case { separator, separators, ..case }.check();
    }

    #[test]
    fn a_group_is_in_one_block(case in surroundings(b"ab\t\n")) {
        let separators = group_separators(&case.input);
        let key = ColumnKey::parse("--group-by", b"2", &RecordFormat::tabs()).unwrap();
        let (end, start) = (b"\n".to_vec(), Vec::new());
        let records = Box::new(RecordSeparator::Literal { end, start });
        let separator = RecordSeparator::Group { key, records };
        Case { separator, separators, ..case }.check();
    }

    #[test]
    fn local_borders_are_found_in_any_window(
        input in bytes(b"aab;", 0..40),
        end in bytes(b"ab;", 0..3),
        start in bytes(b"ab;", 0..3),
        from in 0..45usize,
    ) {
        let separators = literal_separators(&input, &end, &start);
        let separator = if end.is_empty() && start.is_empty() {
            RecordSeparator::Anywhere
        } else {
            RecordSeparator::Literal { end, start }
        };
        let borders: Vec<usize> = match separator {
            RecordSeparator::Anywhere => (0..=input.len()).collect(),
            _ => separators.iter().map(|(border, _)| *border).collect(),
        };
        let rule = RecordRule { separator, multiple: NonZeroUsize::MIN };
        prop_assume!(rule.is_local());
        let next = borders.iter().copied().find(|&border| border >= from);
        prop_assert_eq!(rule.next_border(&input, from), next);
        prop_assert_eq!(rule.last_border(&input), borders.last().copied());
    }
}

const PATTERNS: &[&str] = &[
    "",
    "",
    "a+",
    "a",
    "b\n",
    "ab|a",
    "a|ab",
    "a.*?b",
    "(?:ab)+",
    "a[^b]*\n|b",
    r"\bb",
    "^a",
    "b$",
    "a*",
    "b?",
    "a{2,3}",
    "aaaab|a",
    "a*b",
    r"\n+",
    "[^a]",
    "(?:^a)?a",
];

fn cuts(separator: RecordSeparator, limit: usize, input: &[u8]) -> Vec<String> {
    let rule = RecordRule {
        separator,
        multiple: NonZeroUsize::MIN,
    };
    let mut cutter = RecordCutter::new(rule, NonZeroUsize::new(usize::from(limit == 0)));
    let mut rest = input;
    let mut blocks = Vec::new();
    while let Some(length) = cutter.cut(rest, limit, StreamState::Ended) {
        let (block, after) = rest.split_at(length.get());
        blocks.push(String::from_utf8_lossy(block).into_owned());
        rest = after;
    }
    blocks
}

fn pattern(end: &str, start: &str) -> RecordSeparator {
    RecordSeparator::Pattern(RecordPattern::new(end, start).unwrap())
}

#[test]
fn runs_are_one_separator() {
    let input = b"a1b22c333d";
    let end = cuts(pattern("[0-9]+", ""), 0, input);
    assert_eq!(end, ["a1", "b22", "c333", "d"]);
    let start = cuts(pattern("", "[0-9]+"), 0, input);
    assert_eq!(start, ["a", "1b", "22c", "333d"]);
    let both = cuts(pattern("[0-9]", "[a-z]"), 0, input);
    assert_eq!(both, ["a1", "b22", "c333", "d"]);
}

#[test]
fn patterns_are_of_bytes_and_lines() {
    assert_eq!(cuts(pattern(";.", ""), 0, b"a;\nb;xc"), ["a;\nb;x", "c"]);
    assert_eq!(cuts(pattern("", "^b"), 0, b"a;\nb;\nc"), ["a;\n", "b;\nc"]);
    assert_eq!(cuts(pattern("(?-u:\\xff)", ""), 0, b"a\xffb").len(), 2);
    assert_eq!(cuts(pattern("[^a-z]", ""), 0, "aéb".as_bytes()).len(), 3);
    assert_eq!(
        cuts(pattern("[éü]", ""), 0, "aébüc".as_bytes()),
        ["aé", "bü", "c"]
    );
    assert_eq!(cuts(pattern(r"\b;", ""), 0, b"a;;b"), ["a;", ";b"]);
}

#[test]
fn a_pattern_that_is_none_is_refused() {
    for (end, start) in [("(", ""), ("", "["), ("a)(b", ""), ("x", "*")] {
        assert!(RecordPattern::new(end, start).is_err(), "{end} {start}");
    }
}

/// A quote in an unquoted field is a byte like others, as for those that read CSV.
#[test]
fn quotes_are_those_of_the_csv_reader() {
    let input = b"a,\"x\"\"\ny\"\n5\" tape,1\n\"6\"\" tape\n\",2\n";
    let records = cuts(RecordSeparator::Csv { delimiter: b',' }, 0, input);
    assert_eq!(
        records,
        ["a,\"x\"\"\ny\"\n", "5\" tape,1\n", "\"6\"\" tape\n\",2\n"]
    );
    let mut reader = ::csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).from_reader(&input[..]);
    let read: std::result::Result<Vec<_>, _> = reader.into_byte_records().collect();
    assert_eq!(read.unwrap().len(), 3);
}

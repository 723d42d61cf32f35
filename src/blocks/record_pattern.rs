//! Separators of records by regular expressions (`--regexp`).

use std::fmt;
use std::sync::Arc;

use regex_automata::hybrid::dfa::DFA;
use regex_automata::hybrid::regex::{Builder, Regex as SpanRegex};
use regex_automata::meta::{self, Regex as GroupRegex};
use regex_automata::nfa::thompson::Config;
use regex_automata::util::prefilter::Prefilter;
use regex_automata::util::primitives::PatternID;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind, Span};
use regex_syntax::hir::{Hir, Look};

/// Most memory of a compiled expression.
pub(super) const MOST_BYTES: usize = 10 << 20;

/// Name of the empty group between what ends a record and what begins one.
const BORDER: &str = "prun_border";

/// Separator that is a match of one expression directly followed by a match of another. The
/// border is between them.
///
/// Matches are the leftmost ones, from left to right, and as long as their expressions make
/// them: with `[0-9]+` a run of digits is one separator, whichever side of it the border is.
///
/// As GNU parallel has it, `^` and `$` match at each line, and `.` does not match a newline.
/// Expressions are of bytes; one that cannot be (such as `[é]`) is of characters.
#[derive(Clone)]
pub(crate) struct RecordPattern(Arc<CompiledSeparator>);

struct CompiledSeparator {
    source: String,
    /// It stops when no byte can change the match, which tells that a match is final.
    spans: SpanRegex,
    border: BorderPlace,
}

/// Place of a border in the match.
enum BorderPlace {
    Start,
    End,
    /// In a group.
    Group(GroupRegex, usize),
}

impl RecordPattern {
    /// Separator of records that end with the one and begin with the other; an empty
    /// expression matches nothing in particular.
    ///
    /// # Errors
    /// The reason why one is no regular expression.
    pub(crate) fn new(end: &str, start: &str) -> Result<RecordPattern, String> {
        let (source, border) = match (end, start) {
            (_, "") => (end.to_owned(), Some(BorderPlace::End)),
            ("", _) => (start.to_owned(), Some(BorderPlace::Start)),
            _ => (format!("(?:{end})(?P<{BORDER}>)(?:{start})"), None),
        };
        check(end)?;
        check(start)?;
        let has_characters = parse(&source, false).is_err();
        let hir = parse(&source, has_characters)?;
        // The beginning of a stream is nowhere further on.
        let is_prefix = hir.properties().look_set_prefix().contains(Look::Start);
        let prefilter = Prefilter::from_hir_prefix(MatchKind::LeftmostFirst, &hir);
        let config = DFA::config()
            .prefilter(prefilter.filter(|prefilter| !is_prefix && prefilter.is_fast()))
            .specialize_start_states(true)
            .skip_cache_capacity_check(true);
        let spans = Builder::new()
            .syntax(syntax_options(has_characters))
            .thompson(Config::new().utf8(false).nfa_size_limit(Some(MOST_BYTES)))
            .dfa(config)
            .build(&source)
            .map_err(|error| with_reason(&error))?;
        let border = match border {
            Some(border) => border,
            None => grouped(&source, has_characters)?,
        };
        Ok(RecordPattern(Arc::new(CompiledSeparator {
            source,
            spans,
            border,
        })))
    }

    /// Beginning of a stream, which `^` and `$` take for one line.
    ///
    /// # Errors
    /// The reason why it is no regular expression.
    pub(crate) fn prefix(text: &str) -> Result<RecordPattern, String> {
        check(text)?;
        RecordPattern::new(&format!(r"\A(?-m:{text})"), "")
    }

    pub(super) fn spans(&self) -> &SpanRegex {
        &self.0.spans
    }

    /// The border is the end of the match.
    pub(super) fn borders_at_end(&self) -> bool {
        matches!(self.0.border, BorderPlace::End)
    }

    /// Border in a match of the separator, between the bytes before and after it.
    pub(super) fn border(
        &self,
        bytes: &[u8],
        span: Span,
        before: Option<u8>,
        after: Option<u8>,
    ) -> usize {
        match &self.0.border {
            BorderPlace::Start => span.start,
            BorderPlace::End => span.end,
            BorderPlace::Group(regex, group) => {
                let mut text: Vec<u8> = before.into_iter().collect();
                let lead = text.len();
                text.extend_from_slice(&bytes[span.range()]);
                text.extend(after);
                let input = Input::new(&text).span(lead..lead + span.len());
                let mut groups = regex.create_captures();
                regex.search_captures(&input.anchored(Anchored::Yes), &mut groups);
                let border = groups.get_group(*group);
                border.map_or(span.end, |border| span.start + border.start - lead)
            }
        }
    }
}

impl fmt::Debug for RecordPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordPattern({:?})", self.0.source)
    }
}

fn grouped(source: &str, has_characters: bool) -> Result<BorderPlace, String> {
    let regex = GroupRegex::builder()
        .syntax(syntax_options(has_characters))
        .configure(
            meta::Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(MOST_BYTES)),
        )
        .build(source)
        .map_err(|error| with_reason(&error))?;
    let group = regex.group_info().to_index(PatternID::ZERO, BORDER);
    Ok(BorderPlace::Group(regex, group.unwrap_or(0)))
}

fn syntax_options(has_characters: bool) -> syntax::Config {
    syntax::Config::new()
        .utf8(false)
        .unicode(has_characters)
        .multi_line(true)
}

/// A part is an expression by itself, of bytes or of characters.
fn check(part: &str) -> Result<(), String> {
    let parsed = parse(part, true).or_else(|reason| parse(part, false).map_err(|_| reason));
    parsed.map(|_| ())
}

fn parse(source: &str, has_characters: bool) -> Result<Hir, String> {
    syntax::parse_with(source, &syntax_options(has_characters)).map_err(|error| error.to_string())
}

/// The text of an error and of those that caused it.
pub(super) fn with_reason(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_reason(cause)),
        None => error.to_string(),
    }
}

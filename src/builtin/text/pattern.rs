//! Patterns in the syntax of the regex crate that are matched line by line, though they
//! are tried on many lines at once: what they match never holds a newline.

use regex_automata::meta::Regex;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, Match, MatchKind, Span};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{
    Capture, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind,
    Look, Repetition,
};

use super::posix::translated;
use crate::builtin::arguments::ArgumentError;

#[derive(Debug, Clone, Copy)]
pub(super) struct PatternOptions {
    /// The pattern stands for itself.
    pub(super) is_literal: bool,
    pub(super) ignores_case: bool,
    pub(super) bounds: MatchBounds,
}

/// Surroundings that a match needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatchBounds {
    Anything,
    /// `-w`: no letter, digit or underscore beside it.
    Words,
    /// `-x`: a whole line.
    Lines,
}

#[derive(Debug)]
pub(super) struct LinePattern {
    pub(super) regex: Regex,
    /// Finds the longest match instead of the first alternative's.
    longest: Option<Regex>,
}

impl LinePattern {
    /// One of several patterns, each line of which is a pattern of its own.
    pub(super) fn new<'a>(
        patterns: impl IntoIterator<Item = &'a [u8]>,
        options: PatternOptions,
    ) -> Result<LinePattern, ArgumentError> {
        let hir = parse_all(patterns, options)?;
        Ok(LinePattern {
            regex: compile(&hir, MatchKind::LeftmostFirst)?,
            longest: if is_lazy(&hir) {
                None
            } else {
                Some(compile(&hir, MatchKind::All)?)
            },
        })
    }

    /// The first match in this part of a text, and the longest of those that begin there. A
    /// pattern that asks for short matches gets them.
    pub(super) fn find(&self, text: &[u8], part: Span) -> Option<Span> {
        let found = self.regex.search(&Input::new(text).span(part))?.span();
        let Some(longest) = &self.longest else {
            return Some(found);
        };
        let rest = Input::new(text).span(found.start..part.end);
        let end = longest.search_half(&rest.anchored(Anchored::Yes));
        Some(Span {
            end: end.map_or(found.end, |end| end.offset()),
            ..found
        })
    }
}

/// Regex of one pattern, which finds the first alternative that matches.
pub(super) fn regex(pattern: &[u8], options: PatternOptions) -> Result<Regex, ArgumentError> {
    compile(&parse_all([pattern], options)?, MatchKind::LeftmostFirst)
}

/// Finds a match that is no empty one inside of a character.
pub(super) fn outside_characters(
    input: &Input<'_>,
    mut search: impl FnMut(&Input<'_>) -> Option<Match>,
) -> Option<Match> {
    let mut input = input.clone();
    loop {
        let found = search(&input)?;
        if !found.is_empty() || !is_inside(input.haystack(), found.start()) {
            return Some(found);
        }
        input.set_start(found.start() + 1);
    }
}

/// `at` is inside of a character.
fn is_inside(text: &[u8], at: usize) -> bool {
    const LONGEST: usize = 4;
    let is_first = |byte: &u8| !matches!(byte, 0x80..=0xbf);
    let mut before = (at.saturating_sub(LONGEST - 1)..at).rev();
    let Some(start) = before.find(|start| is_first(&text[*start])) else {
        return false;
    };
    let around = &text[start..text.len().min(start + LONGEST)];
    let valid = around
        .utf8_chunks()
        .next()
        .map_or("", |chunk| chunk.valid());
    let first = valid.chars().next();
    first.is_some_and(|first| at < start + first.len_utf8())
}

fn parse_all<'a>(
    patterns: impl IntoIterator<Item = &'a [u8]>,
    options: PatternOptions,
) -> Result<Hir, ArgumentError> {
    let mut choices = Vec::new();
    for pattern in patterns {
        for line in pattern.split(|byte| *byte == b'\n') {
            choices.push(parse(line, options)?);
        }
    }
    let (before, after) = match options.bounds {
        MatchBounds::Anything => (Hir::empty(), Hir::empty()),
        MatchBounds::Words => (
            Hir::look(Look::WordStartHalfUnicode),
            Hir::look(Look::WordEndHalfUnicode),
        ),
        MatchBounds::Lines => (Hir::look(Look::StartLF), Hir::look(Look::EndLF)),
    };
    Ok(Hir::concat(vec![before, Hir::alternation(choices), after]))
}

fn parse(line: &[u8], options: PatternOptions) -> Result<Hir, ArgumentError> {
    let wrong = |why: String| {
        let line = String::from_utf8_lossy(line);
        ArgumentError::Wrong(format!("the pattern '{line}' is wrong: {why}"))
    };
    let pattern = if options.is_literal {
        line.to_vec()
    } else {
        translated(line, options.ignores_case).map_err(wrong)?
    };
    let mut text = String::new();
    for chunk in pattern.utf8_chunks() {
        if options.is_literal {
            text.push_str(&regex_syntax::escape(chunk.valid()));
        } else {
            text.push_str(chunk.valid());
        }
        for byte in chunk.invalid() {
            text.push_str(&format!("(?-u:\\x{byte:02x})"));
        }
    }
    let parsed = ParserBuilder::new()
        .utf8(false)
        .multi_line(true)
        .case_insensitive(options.ignores_case)
        .build()
        .parse(&text);
    let parsed = parsed.map_err(|error| {
        wrong(match error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            _ => "it is not understood".to_owned(),
        })
    })?;
    Ok(within_lines(parsed))
}

fn compile(hir: &Hir, kind: MatchKind) -> Result<Regex, ArgumentError> {
    // An empty match may be between any two bytes: otherwise there would be none at the
    // beginning of a line that is no UTF-8. See `outside_characters`.
    let config = Regex::config().match_kind(kind).utf8_empty(false);
    let syntax = syntax::Config::new().utf8(false);
    let mut builder = Regex::builder();
    let built = builder.configure(config).syntax(syntax).build_from_hir(hir);
    built.map_err(|error| {
        ArgumentError::Wrong(match error.size_limit() {
            Some(_) => "the pattern is too large".to_owned(),
            None => format!("the pattern cannot be used: {error}"),
        })
    })
}

/// The same pattern with no newline in what it matches, and with lines for texts.
fn within_lines(hir: Hir) -> Hir {
    let all = |subs: Vec<Hir>| subs.into_iter().map(within_lines).collect();
    match hir.into_kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) if literal.0.contains(&b'\n') => Hir::fail(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(Class::Unicode(mut class)) => {
            class.difference(&ClassUnicode::new([ClassUnicodeRange::new('\n', '\n')]));
            Hir::class(Class::Unicode(class))
        }
        HirKind::Class(Class::Bytes(mut class)) => {
            class.difference(&ClassBytes::new([ClassBytesRange::new(b'\n', b'\n')]));
            Hir::class(Class::Bytes(class))
        }
        HirKind::Look(Look::Start) => Hir::look(Look::StartLF),
        HirKind::Look(Look::End) => Hir::look(Look::EndLF),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(within_lines(*repetition.sub)),
            ..repetition
        }),
        HirKind::Capture(capture) => Hir::capture(Capture {
            sub: Box::new(within_lines(*capture.sub)),
            ..capture
        }),
        HirKind::Concat(subs) => Hir::concat(all(subs)),
        HirKind::Alternation(subs) => Hir::alternation(all(subs)),
    }
}

/// Short matches are asked for.
fn is_lazy(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => !repetition.greedy || is_lazy(&repetition.sub),
        HirKind::Capture(capture) => is_lazy(&capture.sub),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().any(is_lazy),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: PatternOptions = PatternOptions {
        is_literal: false,
        ignores_case: false,
        bounds: MatchBounds::Anything,
    };

    fn found(pattern: &str, text: &str) -> String {
        let pattern = LinePattern::new([pattern.as_bytes()], PLAIN).unwrap();
        let part = Span::from(0..text.len());
        let found = pattern.find(text.as_bytes(), part);
        found.map_or("-".to_owned(), |span| text[span.range()].to_owned())
    }

    #[test]
    fn matches_stay_in_their_line() {
        for (pattern, text, expected) in [
            ("a[^b]*", "xa\nc", "a"),
            ("(?s)a.*", "a \n", "a "),
            (r"a\s+b", "a\nb a  b", "a  b"),
            (r"a\nb", "a\nb", "-"),
            (r"\Ab\z", "a\nb\nc", "b"),
            ("(?-m)^b$", "a\nb\nc", "b"),
            (r"(?-u)[^a]+", "a\nb\n", "b"),
            (r"a(?:x|\n)?b", "a\nab", "ab"),
        ] {
            assert_eq!(found(pattern, text), expected, "{pattern}");
        }
    }

    #[test]
    fn the_longest_match_is_found_unless_a_short_one_is_asked_for() {
        for (pattern, text, expected) in [
            ("a|ab", "xab", "ab"),
            ("|ab", "ab", "ab"),
            ("(a|ab)(c|bcd)(d*)", "abcd", "abcd"),
            ("a.*?c", "abcc", "abc"),
            (r"(foo|foobar)\b", "foobar foo", "foobar"),
        ] {
            assert_eq!(found(pattern, text), expected, "{pattern}");
        }
    }

    #[test]
    fn wrong_patterns_are_told() {
        for (pattern, expected) in [
            ("a(", "the pattern 'a(' is wrong: unclosed group"),
            (
                r"(a)\1",
                r"the pattern '(a)\1' is wrong: backreferences are not supported",
            ),
            ("(a{1000}){1000}", "the pattern is too large"),
        ] {
            let problem = LinePattern::new([pattern.as_bytes()], PLAIN).unwrap_err();
            assert_eq!(problem.to_string(), expected);
        }
    }
}

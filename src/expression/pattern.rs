//! Patterns: Perl's, in the syntax of the regex crate.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::error::ExpressionError;

/// Bytes of one compiled pattern.
const SIZE_LIMIT: usize = 2 << 20;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct PatternFlags {
    ignores_case: bool,
    many_lines: bool,
    dot_is_all: bool,
    spaced: bool,
}

impl PatternFlags {
    /// The flags among `letters`, and the letters that are none.
    pub(super) fn split(letters: &[u8]) -> (PatternFlags, Vec<u8>) {
        let has = |letter| letters.contains(&letter);
        let flags = PatternFlags {
            ignores_case: has(b'i'),
            many_lines: has(b'm'),
            dot_is_all: has(b's'),
            spaced: has(b'x'),
        };
        let others = letters
            .iter()
            .copied()
            .filter(|letter| !b"imsx".contains(letter));
        (flags, others.collect())
    }

    fn compile(self, source: &[u8], unit: PatternUnit) -> Result<Regex, ExpressionError> {
        let translated = translated(source, self, unit)?;
        RegexBuilder::new(&translated)
            .case_insensitive(self.ignores_case)
            .multi_line(self.many_lines)
            .dot_matches_new_line(self.dot_is_all)
            .ignore_whitespace(self.spaced)
            .unicode(unit == PatternUnit::Character)
            .size_limit(SIZE_LIMIT)
            .nest_limit(50)
            .build()
            .map_err(|error| reason(source, &error))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PatternUnit {
    Character,
    Byte,
}

/// A pattern for text, and when it is first needed one for bytes that are no text.
#[derive(Debug)]
pub(super) struct CompiledPattern {
    source: Vec<u8>,
    flags: PatternFlags,
    /// None if the source is no text itself.
    by_characters: Option<Regex>,
    by_bytes: OnceLock<Option<Regex>>,
}

impl PartialEq for CompiledPattern {
    fn eq(&self, other: &CompiledPattern) -> bool {
        (&self.source, self.flags) == (&other.source, other.flags)
    }
}

impl Eq for CompiledPattern {}

impl CompiledPattern {
    pub(super) fn new(
        source: &[u8],
        flags: PatternFlags,
    ) -> Result<CompiledPattern, ExpressionError> {
        let by_bytes = OnceLock::new();
        let by_characters = match str::from_utf8(source) {
            Ok(_) => Some(flags.compile(source, PatternUnit::Character)?),
            Err(_) => {
                let _ = by_bytes.set(Some(flags.compile(source, PatternUnit::Byte)?));
                None
            }
        };
        Ok(CompiledPattern {
            source: source.to_vec(),
            flags,
            by_characters,
            by_bytes,
        })
    }

    /// The form of the pattern that is right for `subject`.
    pub(super) fn regex_for(&self, subject: &[u8]) -> Option<&Regex> {
        if let Some(regex) = &self.by_characters
            && str::from_utf8(subject).is_ok()
        {
            return Some(regex);
        }
        let by_bytes = self
            .by_bytes
            .get_or_init(|| self.flags.compile(&self.source, PatternUnit::Byte).ok());
        by_bytes.as_ref().or(self.by_characters.as_ref())
    }
}

/// Last line of an error of the regex crate.
fn reason(source: &[u8], error: &regex::Error) -> ExpressionError {
    let source = String::from_utf8_lossy(source);
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    let reason = last.strip_prefix("error: ").unwrap_or(last);
    ExpressionError::new(match error {
        regex::Error::CompiledTooBig(_) => format!("the pattern '{source}' is too large"),
        _ => format!("the pattern '{source}' cannot be read: {reason}"),
    })
}

fn translated(
    source: &[u8],
    flags: PatternFlags,
    unit: PatternUnit,
) -> Result<String, ExpressionError> {
    let mut out = String::new();
    let mut rest = source;
    let mut class = BracketState::Outside;
    while let Some((&byte, after)) = rest.split_first() {
        let inside = class != BracketState::Outside;
        let length = match byte {
            b'\\' => escaped(after, inside, &mut out)?,
            b'[' if inside && after.first() == Some(&b':') => posix(rest, unit, &mut out),
            b'[' if inside => literal(&mut out, '['),
            b'[' => {
                let length = if after.first() == Some(&b'^') { 2 } else { 1 };
                out.push_str(if length == 2 { "[^" } else { "[" });
                class = BracketState::First;
                rest = &rest[length..];
                continue;
            }
            b']' if class == BracketState::First => literal(&mut out, ']'),
            b']' => {
                out.push_str(if inside { "]" } else { "\\]" });
                class = BracketState::Outside;
                rest = after;
                continue;
            }
            b'&' | b'~' if inside => literal(&mut out, char::from(byte)),
            b'-' if inside && after.first() == Some(&b'-') => literal(&mut out, '-'),
            b' ' | b'\t' | b'#' if inside && flags.spaced => literal(&mut out, char::from(byte)),
            b'{' if !inside && !begins_count(after) => literal(&mut out, '{'),
            b'}' if !inside && !ends_count(&source[..source.len() - rest.len()]) => {
                literal(&mut out, '}')
            }
            b'(' if !inside => group(after, &mut out)?,
            b'+' if !inside && ends_quantifier(&out) => {
                return Err(unsupported("possessive quantifiers"));
            }
            _ if byte.is_ascii() => {
                out.push(char::from(byte));
                1
            }
            _ if unit == PatternUnit::Character => character(rest, &mut out),
            _ => {
                out.push_str(&format!("\\x{byte:02X}"));
                1
            }
        };
        if class == BracketState::First {
            class = BracketState::Inside;
        }
        rest = &rest[length..];
    }
    Ok(out)
}

/// Position relative to a class `[...]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum BracketState {
    Outside,
    /// Before its first character: a bracket there stands for itself.
    First,
    Inside,
}

fn unsupported(what: &str) -> ExpressionError {
    ExpressionError::new(format!("patterns have no {what} here"))
}

fn literal(out: &mut String, character: char) -> usize {
    out.push('\\');
    out.push(character);
    1
}

fn character(rest: &[u8], out: &mut String) -> usize {
    let text = String::from_utf8_lossy(&rest[..rest.len().min(4)]);
    let first = text.chars().next().unwrap_or_default();
    out.push(first);
    first.len_utf8()
}

/// `[:alpha:]` inside of a class, or a bracket.
fn posix(rest: &[u8], unit: PatternUnit, out: &mut String) -> usize {
    let end = rest.windows(2).position(|pair| pair == b":]");
    match end.and_then(|end| str::from_utf8(&rest[..end + 2]).ok()) {
        Some(class) => {
            out.push_str(match (class, unit) {
                ("[:alpha:]", PatternUnit::Character) => r"\p{Alphabetic}",
                ("[:alnum:]", PatternUnit::Character) => r"\p{Alphabetic}\p{Nd}",
                ("[:digit:]", PatternUnit::Character) => r"\d",
                ("[:lower:]", PatternUnit::Character) => r"\p{Lowercase}",
                ("[:upper:]", PatternUnit::Character) => r"\p{Uppercase}",
                ("[:space:]", PatternUnit::Character) => r"\s",
                ("[:word:]", PatternUnit::Character) => r"\w",
                (class, _) => class,
            });
            class.len()
        }
        None => literal(out, '['),
    }
}

/// The escape after a backslash.
fn escaped(after: &[u8], inside: bool, out: &mut String) -> Result<usize, ExpressionError> {
    let Some(&letter) = after.first() else {
        return Err(ExpressionError::unreadable(b"\\"));
    };
    match letter {
        b'1'..=b'9' | b'g' | b'k' if !inside => return Err(unsupported("back-references")),
        b'K' | b'G' | b'X' | b'C' => return Err(ExpressionError::unreadable(&[b'\\', letter])),
        b'Z' => out.push_str("\\z"),
        b'e' => out.push_str("\\x1B"),
        b'0' => out.push_str("\\x00"),
        b'h' => out.push_str(if inside { " \\t" } else { "[ \\t]" }),
        b'H' if !inside => out.push_str("[^ \\t]"),
        b'N' if !inside => out.push_str("[^\\n]"),
        b'R' if !inside => out.push_str("(?:\\r\\n|[\\n\\x0B\\x0C\\r])"),
        b'<' | b'>' | b'/' | b'"' | b'\'' | b'!' | b'%' | b',' | b':' | b';' | b'=' | b'@'
        | b'`' | b'_' => out.push(char::from(letter)),
        _ if letter.is_ascii() => {
            out.push('\\');
            out.push(char::from(letter));
        }
        _ => return Ok(1),
    }
    Ok(2)
}

/// Opening of a group: forms that the crate does not have are refused.
fn group(after: &[u8], out: &mut String) -> Result<usize, ExpressionError> {
    let looks = [&b"?="[..], b"?!", b"?<=", b"?<!"];
    if looks.iter().any(|look| after.starts_with(look)) {
        return Err(unsupported("look-around"));
    }
    if after.starts_with(b"?>") {
        return Err(unsupported("atomic groups"));
    }
    let others = [&b"?{"[..], b"??{", b"?&", b"?R", b"?|", b"?("];
    if let Some(other) = others.iter().find(|other| after.starts_with(other)) {
        return Err(ExpressionError::unreadable(&[b"(", *other].concat()));
    }
    out.push('(');
    Ok(1)
}

/// `after` is `2}`, `2,}` or `2,3}`, after a brace.
fn begins_count(after: &[u8]) -> bool {
    let Some(end) = after.iter().position(|&byte| byte == b'}') else {
        return false;
    };
    let count = &after[..end];
    let commas = count.iter().filter(|&&byte| byte == b',').count();
    count.first().is_some_and(u8::is_ascii_digit)
        && commas < 2
        && count.iter().all(|byte| matches!(byte, b'0'..=b'9' | b','))
}

/// A closing brace after `before` ends a count or a `\x{..}`.
fn ends_count(before: &[u8]) -> bool {
    let Some(open) = before.iter().rposition(|&byte| byte == b'{') else {
        return false;
    };
    let inside = [&before[open + 1..], b"}"].concat();
    let is_escape = matches!(&before[..open], [.., b'\\', b'x' | b'p' | b'P' | b'o']);
    is_escape || begins_count(&inside)
}

/// `out` ends with a quantifier: a `+` would make it possessive.
fn ends_quantifier(out: &str) -> bool {
    let mut last = out.chars().rev();
    let quantifies = matches!(last.next(), Some('*' | '+' | '?' | '}'));
    quantifies && last.take_while(|&c| c == '\\').count() % 2 == 0
}

/// The same pattern with each quantifier taking as little as it can.
pub(super) fn lazy(source: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut in_class = false;
    let mut bytes = source.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        out.push(byte);
        match byte {
            b'\\' => out.extend(bytes.next()),
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' | b'+' | b'}' if !in_class && bytes.peek() != Some(&b'?') => out.push(b'?'),
            _ => {}
        }
    }
    out
}

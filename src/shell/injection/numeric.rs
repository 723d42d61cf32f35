//! Variables that hold values, in places where a shell calculates: it runs code that
//! stands in a subscript there.

use std::ops::Range;

use crate::placeholder::{TemplateWord, WordPart};
use crate::quote::lossy;
use crate::shell::vocabulary;

use super::finding::InjectionFinding;
use super::program_words::program_position;
use super::table::{self, SinkLanguage};
use super::taint::TaintedLine;

/// `(( n > 3 ))`, `$(( $1 ))`, `${a[n]}`, `${x:n}`, `${!n}`, wherever they stand.
pub(super) fn in_text(tainted: &TaintedLine) -> Option<InjectionFinding> {
    let text = tainted.text();
    let ranges = tainted.line().arithmetic.iter();
    if ranges
        .into_iter()
        .any(|range| calculates(tainted, range.clone()))
    {
        return Some(finding("$(( ))"));
    }
    if memchr::memmem::find_iter(text, b"@P}").any(|at| is_prompt(tainted, at)) {
        return Some(InjectionFinding::new(
            "${NAME@P}",
            SinkLanguage::Shell,
            table::DECLARE,
        ));
    }
    let mut starts = memchr::memmem::find_iter(text, b"${");
    let found = starts.any(|start| expansion(tainted, start + 2));
    found.then(|| finding("${ }"))
}

/// `[[ $n -eq 1 ]]`, `a[n]=x`, `let n+1`, and what is assigned to integers.
pub(super) fn in_command(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    if words.first().and_then(TemplateWord::fixed) == Some(b"[[") {
        let compared = words.windows(3).any(|words| {
            is_comparison(&words[1])
                && [&words[0], &words[2]]
                    .iter()
                    .any(|word| number(tainted, word))
        });
        return compared.then(|| finding("[[ ]]"));
    }
    if words.iter().any(|word| subscript(tainted, word)) {
        return Some(finding("NAME[ ]"));
    }
    if tainted.numbers(at).any(|nth| number(tainted, &words[nth])) {
        let name = words.iter().find_map(TemplateWord::fixed);
        return Some(finding(&lossy(name.unwrap_or(b"NAME="))));
    }
    let program = program_position(words);
    let mut assigned = words
        .iter()
        .take_while(|word| vocabulary::extended_name(word.head()).is_some());
    let assigned = assigned.any(|word| {
        let name = vocabulary::extended_name(word.head());
        let name = name.map(|length| &word.head()[..length]);
        name.is_some_and(|name| tainted.is_integer(name)) && tainted.has_value(word)
    });
    if assigned {
        return Some(finding("declare -i"));
    }
    let start = program?;
    let is_let = words[start].fixed() == Some(b"let");
    let found = is_let && words[start + 1..].iter().any(|word| number(tainted, word));
    found.then(|| finding("let"))
}

fn finding(parser: &str) -> InjectionFinding {
    InjectionFinding::new(parser, SinkLanguage::Shell, table::INTEGER)
}

fn is_comparison(word: &TemplateWord) -> bool {
    matches!(
        word.fixed(),
        Some(b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge")
    )
}

/// Tells whether a number in this text comes from a value.
fn calculates(tainted: &TaintedLine, range: Range<usize>) -> bool {
    let text = &tainted.text()[range.clone()];
    bare_names(tainted, text) || tainted.expands(&range)
}

/// Tells whether a word that is read as a number has one from a value. Placeholders
/// themselves are checked elsewhere.
fn number(tainted: &TaintedLine, word: &TemplateWord) -> bool {
    word.parts.iter().any(|part| match part {
        WordPart::Text(text) => bare_names(tainted, text),
        WordPart::Code(range) => tainted.code_is_tainted(range.clone()),
        WordPart::Placeholder(..) => false,
    })
}

/// `n` in `n + 1`; `${#n}` is a length.
fn bare_names(tainted: &TaintedLine, text: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'#');
    let mut names = text.split(|byte| !is_name(byte));
    names.any(|name| !name.first().is_none_or(u8::is_ascii_digit) && tainted.is_tainted(name))
}

/// Tells whether `${x@P}`, which is expanded again as a prompt, ends here.
fn is_prompt(tainted: &TaintedLine, at: usize) -> bool {
    let before = &tainted.text()[..at];
    let start = memchr::memmem::rfind(before, b"${");
    start.is_some_and(|start| tainted.names_value(&before[start..]))
}

/// Tells whether the expansion whose text begins here evaluates a value: as a subscript, as
/// an offset, as a name.
fn expansion(tainted: &TaintedLine, at: usize) -> bool {
    let text = &tainted.text()[at..];
    let indirect = text.first() == Some(&b'!');
    let text = text.strip_prefix(b"#").unwrap_or(text);
    let text = text.strip_prefix(b"!").unwrap_or(text);
    let length = vocabulary::name_length(text);
    let (name, rest) = text.split_at(length.max(usize::from(is_parameter(text))));
    let end_of_text = tainted.text().len();
    let end = |close| memchr::memchr(close, rest).unwrap_or(rest.len());
    let evaluated = match rest {
        [b'[', b'@' | b'*', b']', b':', ..] => &rest[1..end(b'}').max(1)],
        [b'[', ..] => &rest[1..end(b']').max(1)],
        [b':', b'-' | b'=' | b'+' | b'?', ..] => return false,
        [b':', ..] => &rest[1..end(b'}').max(1)],
        [b'}', ..] if indirect => return tainted.is_tainted(name),
        _ => return false,
    };
    let start = end_of_text - rest.len() + 1;
    let range = start..start + evaluated.len();
    !tainted.is_map(name) && (bare_names(tainted, evaluated) || tainted.expands(&range))
}

fn is_parameter(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'0'..=b'9' | b'@' | b'*'))
}

/// `a[n]=x`, `a[$n]=x`
fn subscript(tainted: &TaintedLine, word: &TemplateWord) -> bool {
    let head = word.head();
    let length = vocabulary::name_length(head);
    if length == 0 || head.get(length) != Some(&b'[') || tainted.is_map(&head[..length]) {
        return false;
    }
    let rest = &head[length..];
    match memchr::memmem::find(rest, b"]=").or_else(|| memchr::memmem::find(rest, b"]+=")) {
        Some(end) => bare_names(tainted, &rest[..end]),
        None => {
            let closes = word.parts.iter().skip(1).any(|part| match part {
                WordPart::Text(text) => {
                    let mut ends = [&b"]="[..], b"]+="].into_iter();
                    ends.any(|end| memchr::memmem::find(text, end).is_some())
                }
                _ => false,
            });
            closes && number(tainted, word)
        }
    }
}

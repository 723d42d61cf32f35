//! Spelling of placeholders in brackets.
//!
//! `<>` is the whole value; `<.>` `</>` `<//>` `</.>` edit a path; `<#>` and `<%>`
//! number the job and its slot; an index (`<2>`, `<-1.>`) names one source. The
//! same with braces. Anything else between the brackets, an index of 0 too, is
//! plain text.

use super::edit::ValueEdit;
use super::source::{Placeholder, PlaceholderSubject};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlaceholderBrackets {
    Angle,
    Brace,
}

impl PlaceholderBrackets {
    pub(crate) fn bytes(self) -> (u8, u8) {
        match self {
            PlaceholderBrackets::Angle => (b'<', b'>'),
            PlaceholderBrackets::Brace => (b'{', b'}'),
        }
    }
}

/// The name that stands in brackets at the beginning of `text`.
pub(crate) fn identifier(text: &[u8], brackets: PlaceholderBrackets) -> Option<&[u8]> {
    let (open, close) = brackets.bytes();
    let rest = text.strip_prefix(&[open])?;
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    let is_inside = |byte: &u8| is_letter(byte) || byte.is_ascii_digit() || *byte == b'-';
    let end = rest.iter().position(|byte| !is_inside(byte))?;
    (rest[end] == close && rest.first().is_some_and(is_letter)).then_some(&rest[..end])
}

/// Names in `<...>` that may be those of fields, each once: `<a.b/.>` has the name `a.b`.
pub(crate) fn field_names<'t>(texts: impl IntoIterator<Item = &'t [u8]>) -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = Vec::new();
    for text in texts {
        for at in memchr::memchr_iter(b'<', text) {
            let name = field_name(&text[at + 1..]).filter(|_| !is_escaped(text, at));
            if let Some(name) = name
                && names.iter().all(|known| known != name)
            {
                names.push(name.to_vec());
            }
        }
    }
    names
}

/// The name at the beginning of what stands between brackets.
fn field_name(text: &[u8]) -> Option<&[u8]> {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    let is_inside = |byte: &u8| is_letter(byte) || byte.is_ascii_digit() || b"-.".contains(byte);
    let inner = &text[..text.iter().position(|&byte| byte == b'>')?];
    let end = inner.iter().position(|byte| !is_inside(byte));
    let name = &inner[..end.unwrap_or(inner.len())];
    // A dot at the end is no part of a name, but edits the value.
    let name = name.strip_suffix(b".").unwrap_or(name);
    let is_name = name.first().is_some_and(is_letter) && !name.ends_with(b".");
    (is_name && ValueEdit::parse(&inner[name.len()..]).is_some()).then_some(name)
}

pub(crate) fn parse(text: &[u8], brackets: PlaceholderBrackets) -> Option<(Placeholder, usize)> {
    /// Longer than any index that could name a source.
    const LONGEST: usize = 16;
    let (open, close) = brackets.bytes();
    if text.first() != Some(&open) {
        return None;
    }
    let window = &text[1..text.len().min(LONGEST)];
    let end = window.iter().position(|&byte| byte == close)?;
    Some((inside(&window[..end])?, end + 2))
}

fn inside(body: &[u8]) -> Option<Placeholder> {
    let source = match body {
        b"#" => PlaceholderSubject::Seq,
        b"%" => PlaceholderSubject::Slot,
        _ => return value_form(body),
    };
    Some(Placeholder {
        source,
        edit: ValueEdit::Keep,
    })
}

fn value_form(body: &[u8]) -> Option<Placeholder> {
    let mark = body
        .iter()
        .position(|&byte| byte == b'.' || byte == b'/')
        .unwrap_or(body.len());
    let edit = ValueEdit::parse(&body[mark..])?;
    let source = match &body[..mark] {
        b"" => PlaceholderSubject::All,
        index => PlaceholderSubject::Nth(index_value(index)?),
    };
    Some(Placeholder { source, edit })
}

fn index_value(text: &[u8]) -> Option<i32> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let index: i32 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (index != 0).then_some(index)
}

/// Tells whether an odd number of backslashes stands before `at`.
pub(crate) fn is_escaped(text: &[u8], at: usize) -> bool {
    let before = text[..at].iter().rev();
    before.take_while(|&&byte| byte == b'\\').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_fields_are_found() {
        let names = |text: &str| {
            let names = field_names([text.as_bytes()]);
            let names = names
                .into_iter()
                .map(|name| String::from_utf8(name).unwrap());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("x <a> <b.c/.> <a> <d.> <e_1-f//>"), "a b.c d e_1-f");
        assert_eq!(names(r"\<a> <> <.> <1> <a b> <a..> <-a> <a#> <a"), "");
        assert_eq!(names("<a<b>"), "b");
    }
}

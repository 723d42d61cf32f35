//! Shell operators among several words: each could be meant as one, or as an argument.

use crate::builtin;
use crate::error::{Error, Result};
use crate::placeholder::{PlaceholderSyntax, is_escaped};
use crate::quote::{self, QuotePolicy, QuoteStyle, as_one_word, lossy};

use super::vocabulary;

/// The part of a word that a shell would read as an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// The whole word: `|`, `2>&1`.
    Whole,
    /// Bytes at its beginning: `>out`.
    First(usize),
    /// Its last byte: `x;`.
    Last,
}

impl Operator {
    fn find(word: &[u8], syntax: &PlaceholderSyntax) -> Option<Operator> {
        // `<b>` and `</p>` redirect nothing.
        let is_tag = word.starts_with(b"<") && word.ends_with(b">");
        if syntax.at_start(word).is_none() && !is_tag {
            if vocabulary::is_operator(word) {
                return Some(Operator::Whole);
            }
            let length = vocabulary::operator_length(word);
            // `'> '` quotes text: a redirection names a file.
            let has_more = word[length..]
                .iter()
                .any(|byte| !byte.is_ascii_whitespace());
            if length > 0 && has_more {
                return Some(Operator::First(length));
            }
        }
        ends_command(word, syntax).then_some(Operator::Last)
    }
}

/// `x;` and `x&`. With a blank in it, it is code in some language: `select 1;`.
fn ends_command(word: &[u8], syntax: &PlaceholderSyntax) -> bool {
    let Some((b';' | b'&', rest)) = word.split_last() else {
        return false;
    };
    let is_code = word.iter().any(u8::is_ascii_whitespace);
    let is_escaped = is_escaped(word, rest.len());
    let mut at = 0;
    while at < rest.len() {
        at += syntax.at_start(&word[at..]).map_or(1, |(_, length)| length);
    }
    !is_code && !is_escaped && at == rest.len()
}

/// # Errors
/// A word that is an operator to a shell, or begins or ends with one.
pub(crate) fn refuse(words: &[Vec<u8>], syntax: &PlaceholderSyntax) -> Result<()> {
    let has_placeholders = words.iter().any(|word| syntax.occur_in(word));
    let mut found = words.iter().enumerate().filter_map(|(at, word)| {
        let operator = Operator::find(word, syntax)?;
        // The value that is appended would be the next command: `printf '%s;'`.
        let is_before_value = at + 1 == words.len() && !has_placeholders;
        let is_text = operator == Operator::Last && is_before_value;
        (!is_text).then_some((word, operator))
    });
    match found.next() {
        Some((word, operator)) => Err(ambiguous(word, operator, words, syntax)),
        None => Ok(()),
    }
}

fn ambiguous(
    word: &[u8],
    operator: Operator,
    words: &[Vec<u8>],
    syntax: &PlaceholderSyntax,
) -> Error {
    let (mut line, mut literal) = (Vec::new(), Vec::new());
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            line.push(b' ');
            literal.push(b' ');
        }
        push_as_operator(word, syntax, &mut line);
        quote::push_quoted(
            word,
            QuoteStyle::Readable,
            QuotePolicy::Always,
            &mut literal,
        );
    }
    // With -q the first word is a program's name.
    let literal = match words.first().map(Vec::as_slice) {
        Some([builtin::MARK, ..]) => as_one_word(&literal),
        Some(word) if vocabulary::assigned_name(word).is_some() => as_one_word(&literal),
        _ => format!("-q {}", lossy(&literal)),
    };
    let alone = match operator {
        Operator::Whole => "alone ",
        Operator::First(_) | Operator::Last => "",
    };
    let (prun, line) = (syntax.prun(), as_one_word(&line));
    Error::new(format!(
        "'{}' {alone}among several words could be an operator or an argument",
        lossy(word)
    ))
    .hint(format!(
        "as an operator: {prun} {line}; as an argument: {prun} {literal}"
    ))
}

/// Appends a word for a line in which operators count.
fn push_as_operator(word: &[u8], syntax: &PlaceholderSyntax, line: &mut Vec<u8>) {
    match Operator::find(word, syntax) {
        Some(Operator::Whole) => line.extend_from_slice(word),
        // What follows the operator is a piece of a line.
        Some(Operator::First(_)) if word.iter().any(u8::is_ascii_whitespace) => {
            line.extend_from_slice(word);
        }
        Some(Operator::First(length)) => {
            line.extend_from_slice(&word[..length]);
            push_with_placeholders(&word[length..], syntax, line);
        }
        Some(Operator::Last) => {
            push_with_placeholders(&word[..word.len() - 1], syntax, line);
            line.extend_from_slice(&word[word.len() - 1..]);
        }
        None => {
            let name = vocabulary::assigned_name(word).map_or(0, |length| length + 1);
            line.extend_from_slice(&word[..name]);
            if name == 0 || name < word.len() {
                push_with_placeholders(&word[name..], syntax, line);
            }
        }
    }
}

/// Appends an argument, quoted but for the placeholders in it.
fn push_with_placeholders(word: &[u8], syntax: &PlaceholderSyntax, line: &mut Vec<u8>) {
    let mut text = 0;
    let mut at = 0;
    let quoted = |text: &[u8], line: &mut Vec<u8>| {
        if !text.is_empty() || word.is_empty() {
            quote::push_quoted(text, QuoteStyle::Readable, QuotePolicy::Always, line);
        }
    };
    while at < word.len() {
        let rest = &word[at..];
        let length = match rest[0] {
            b'\\' => syntax.escaped(&rest[1..]).map(|length| length + 1),
            _ => syntax.at_start(rest).map(|(_, length)| length),
        };
        let Some(length) = length else {
            at += 1;
            continue;
        };
        quoted(&word[text..at], line);
        line.extend_from_slice(&rest[..length]);
        at += length;
        text = at;
    }
    quoted(&word[text..], line);
}

#[cfg(test)]
mod tests {
    use crate::input::Row;
    use crate::placeholder::{
        CommandDialect, JobPosition, PlaceholderSpellings, RowShape, TemplateWord,
    };
    use crate::shell::lex::lex;

    use super::*;

    fn syntax(words: &[&str]) -> PlaceholderSyntax {
        let words = words.iter().map(|word| word.as_bytes());
        PlaceholderSyntax::choose(
            words,
            CommandDialect::Own,
            &PlaceholderSpellings::default(),
            &RowShape::of(1),
        )
    }

    fn found(word: &str) -> Option<Operator> {
        Operator::find(word.as_bytes(), &syntax(&[word]))
    }

    #[test]
    fn operators_begin_or_end_a_word() {
        for (word, length) in [
            (">o", 1),
            (">>o", 2),
            ("2>o", 2),
            ("&>o", 2),
            ("&>>o", 3),
            (">&o", 2),
            ("2>&1x", 3),
            ("|cat", 1),
            ("||x", 2),
            ("|& x", 2),
            ("&&x", 2),
            (";x", 1),
            ("<f", 1),
            ("<<E", 2),
            ("<{}", 1),
            (">{}", 1),
            (">| o", 2),
            ("> o", 1),
            ("<(x)", 1),
        ] {
            assert_eq!(found(word), Some(Operator::First(length)), "{word}");
        }
        for word in ["x;", "{};", "<>;", "x&", "x;;", r"\\;"] {
            assert_eq!(found(word), Some(Operator::Last), "{word}");
        }
    }

    #[test]
    fn inside_a_word_they_are_text() {
        for word in [
            "",
            "<>",
            "<2>x",
            "<.>",
            "<b>",
            "</p>",
            "a>b",
            "a|b",
            "a;b",
            "a&b",
            "->",
            "=>",
            "(a|b)",
            "select 1;",
            r"\;",
            r"\>x",
            "{}",
            "-o>",
            "2",
            "{=s/a/;=}",
            "a2>b",
        ] {
            assert_eq!(found(word), None, "{word}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_line_has_the_words(words in proptest::collection::vec("[ a'\"$\\\\*<>{}]{0,6}", 1..4)) {
            let words: Vec<Vec<u8>> = words.into_iter().map(String::into_bytes).collect();
            let slices = words.iter().map(Vec::as_slice);
            let syntax = PlaceholderSyntax::choose(slices, CommandDialect::Own, &PlaceholderSpellings::default(), &RowShape::of(1));
            let no_operators = words.iter().all(|word| Operator::find(word, &syntax).is_none());
            proptest::prop_assume!(no_operators);
            let mut line = b"x".to_vec();
            for word in &words {
                line.push(b' ');
                push_as_operator(word, &syntax, &mut line);
            }
            let lexed = lex(&line, &syntax);
            let split: Vec<_> = words
                .iter()
                .map(|word| TemplateWord::split(word, &syntax).joined().text(&Row::from_iter(["v"]), JobPosition::of(1, 1)))
                .collect();
            let read: Vec<_> = lexed.commands[0][1..]
                .iter()
                .map(|word| word.clone().joined().text(&Row::from_iter(["v"]), JobPosition::of(1, 1)))
                .collect();
            proptest::prop_assert_eq!(read, split, "{}", String::from_utf8_lossy(&line));
        }
    }
}

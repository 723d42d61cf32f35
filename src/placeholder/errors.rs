//! Errors in placeholders, with what to type instead.

use crate::error::Error;
use crate::expression::ExpressionError;
use crate::quote::lossy;

pub(crate) fn expression(spelling: &[u8], flaw: &ExpressionError) -> Error {
    let spelling = lossy(spelling);
    Error::new(format!("cannot understand '{spelling}': {flaw}"))
        .hint("a shell can do what expressions cannot: prun 'x=<>; echo \"${x%.*}\"' ::: a.b")
}

pub(crate) fn mixed(spelling: &[u8]) -> Error {
    let spelling = lossy(spelling);
    Error::new(format!(
        "'{spelling}' is text where the value is written '<>'"
    ))
    .hint("write '{}' for '<>', or choose what encloses expressions: --parens '<==>'")
}

/// Braces beside `<...>`.
pub(crate) fn two_families(spelling: &[u8], beside: &[u8], is_plus: bool) -> Error {
    let (spelling, beside) = (lossy(spelling), lossy(beside));
    let other = |text: &str, from: [char; 2], to: [&str; 2]| {
        let inner = text
            .strip_prefix(from[0])
            .and_then(|text| text.strip_suffix(from[1]));
        inner.map(|inner| format!("{}{inner}{}", to[0], to[1]))
    };
    let angles = other(&spelling, ['{', '}'], ["<", ">"]).unwrap_or_default();
    let option = if is_plus { "--plus and " } else { "" };
    let braces = other(&beside, ['<', '>'], ["{", "}"]);
    let braces = braces.map_or_else(String::new, |braces| {
        format!(", or '{braces}' for '{beside}'")
    });
    Error::new(format!(
        "'{spelling}' beside '{beside}': a command has placeholders in <...> or in {{...}}, not both"
    ))
    .hint(format!(
        "write {option}'{angles}' for '{spelling}'{braces}; \\{spelling} is text"
    ))
}

/// A form of `--plus` that nothing was said of.
pub(crate) fn without_plus(spelling: &[u8], prun: &str) -> Error {
    let spelling = lossy(spelling);
    Error::new(format!("'{spelling}' is no placeholder without --plus")).hint(format!(
        "{prun} --plus 'echo {spelling}' ::: a.b.c; \\{spelling} is text"
    ))
}

/// An expression in several words.
pub(crate) fn spread(expression: &[u8], line: &[u8]) -> Error {
    let expression = lossy(expression);
    Error::new(format!(
        "'{expression}' is several words, and so would be several arguments"
    ))
    .hint(format!("quote it: {}", lossy(line)))
}

pub(crate) fn group_beside_placeholders() -> Error {
    Error::new("'${...}' is a group to @replace and would be a value, as what is in braces is")
        .hint("write '<>' for the value, then braces are text")
}

pub(crate) fn unknown_name(spelling: &[u8], known: &[Vec<u8>]) -> Error {
    let known = known.iter().filter(|name| !name.is_empty());
    let known: Vec<String> = known.map(|name| lossy(name)).collect();
    let spelling = lossy(spelling);
    let names = if known.is_empty() {
        "there are none".to_owned()
    } else {
        format!("its names are {}", known.join(", "))
    };
    Error::new(format!("'{spelling}' is no name in the input"))
        .hint(format!("{names}; \\{spelling} is text"))
}

pub(crate) fn first_of_several(spelling: &[u8]) -> Error {
    let spelling = lossy(spelling);
    Error::new(format!(
        "'{spelling}' would stand for the first of several rows, and the others be lost"
    ))
    .hint("leave out -n, -N, -L, -X, -m, --xargs and -s: a job gets one row")
}

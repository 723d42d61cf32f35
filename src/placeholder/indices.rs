//! Check of placeholders with a number against the values that rows have.

use crate::error::{Error, Result};
use crate::quote::lossy;

use super::options::RowShape;
use super::source::{Placeholder, PlaceholderSubject};

/// Refuses an index that no row of this run can have.
pub(crate) fn check_index(
    placeholder: &Placeholder,
    spelling: &[u8],
    shape: &RowShape,
) -> Result<()> {
    let PlaceholderSubject::Nth(index) = placeholder.source else {
        return Ok(());
    };
    let needed = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    let arity = shape.arity;
    if needed <= arity || shape.varies {
        return Ok(());
    }
    let spelling = lossy(spelling);
    let error = Error::new(format!("'{spelling}' needs {}", nth_source(needed)));
    Err(error.hint(match (needed, spelling.starts_with('{')) {
        (2..=5, true) => format!("each ':::' is one source: {}", example(needed, ("{", "}"))),
        (_, true) => "each ':::' is one source: prun echo {1} {2} ::: a ::: b".to_owned(),
        (2..=5, false) => example(needed, ("<", ">")),
        (_, false) => "each ':::' is one source: prun 'echo <1> <2>' ::: a b ::: c d".to_owned(),
    }))
}

/// A command line that has as many sources as are needed.
fn example(sources: usize, (open, close): (&str, &str)) -> String {
    let placeholders = (1..=sources).map(|index| format!("{open}{index}{close}"));
    let placeholders: Vec<String> = placeholders.collect();
    let values: Vec<String> = ["a", "b", "c", "d", "e"]
        .iter()
        .take(sources)
        .map(|value| format!("::: {value}"))
        .collect();
    let (placeholders, values) = (placeholders.join(" "), values.join(" "));
    match open {
        "<" => format!("prun 'echo {placeholders}' {values}"),
        _ => format!("prun echo {placeholders} {values}"),
    }
}

fn nth_source(number: usize) -> String {
    let words = ["first", "second", "third", "fourth", "fifth"];
    match words.get(number - 1) {
        Some(word) => format!("a {word} input source"),
        None => format!("{number} input sources"),
    }
}

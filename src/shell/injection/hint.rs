//! Hints for commands in which a value is read again.

use crate::placeholder::PlaceholderSyntax;
use crate::quote::{self, QuotePolicy, QuoteStyle, as_one_word, lossy};
use crate::shell::lex::{self, LineSyntax};

/// The value's place in the commands of the tables.
const MARK: &str = "<>";

/// The hint that `safe` makes: a command with [`MARK`] for the value, which may have an
/// explanation before it: `read it from a file: cmd <>`. `forms` are those of the command
/// that was typed; `has_places` tells whether it has any.
pub(super) fn hint(safe: &str, syntax: &PlaceholderSyntax, has_placeholders: bool) -> String {
    let (why, command) = split(safe);
    let (prun, place) = match syntax.renamed_whole() {
        // The user's own text could be in the command, too.
        Some(own) if !command.replace(MARK, "").contains(&lossy(own)) => {
            (syntax.prun(), lossy(own))
        }
        None if has_placeholders => (syntax.prun(), lossy(syntax.whole())),
        _ => ("prun".to_owned(), MARK.to_owned()),
    };
    let line = if is_argv(command) {
        let mut quoted = Vec::new();
        let style = QuoteStyle::Readable;
        match place.as_str() {
            "{}" => quoted.extend_from_slice(b"{}"),
            place => quote::push_quoted(place.as_bytes(), style, QuotePolicy::Always, &mut quoted),
        }
        command.replace(MARK, &lossy(&quoted))
    } else {
        as_one_word(command.replace(MARK, &place).as_bytes())
    };
    format!("{why}{prun} {line}; --plain-values lets only plain words in")
}

/// The explanation, with the colon and the blank after it, and the command.
fn split(safe: &str) -> (&str, &str) {
    match safe.find(": ") {
        Some(at) if !safe[..at].contains(['<', '\'', '=']) => safe.split_at(at + 2),
        _ => ("", safe),
    }
}

/// Tells whether the command, typed as it stands, is its words and nothing else.
fn is_argv(command: &str) -> bool {
    let line = lex::lex(command.as_bytes(), &PlaceholderSyntax::NONE);
    let plain = command.replace(MARK, "x");
    let plain = lex::lex(plain.as_bytes(), &PlaceholderSyntax::NONE);
    let is_simple = plain.syntax == LineSyntax::Plain && plain.commands.len() == 1;
    is_simple && line.open.is_none()
}

#[cfg(test)]
mod tests {
    use crate::placeholder::{CommandDialect, PlaceholderSpellings, RenamedPlaceholder, RowShape};
    use crate::shell::injection::{find, table};

    use super::*;

    fn syntax(template: &str, own: Option<&str>) -> PlaceholderSyntax {
        let spellings = PlaceholderSpellings {
            renamed: own
                .map(|own| (RenamedPlaceholder::Value, own.into()))
                .into_iter()
                .collect(),
            ..PlaceholderSpellings::default()
        };
        PlaceholderSyntax::choose(
            [template.as_bytes()],
            CommandDialect::Own,
            &spellings,
            &RowShape::of(1),
        )
    }

    #[test]
    fn the_hint_has_the_users_own_placeholder() {
        let safe = "give it as an argument: sh -c 'ls \"$1\"' sh <>";
        for (template, own, expected) in [
            ("x <>", None, "prun sh -c 'ls \"$1\"' sh '<>'"),
            ("x {}", None, "prun sh -c 'ls \"$1\"' sh {}"),
            ("x {}", Some("{}"), "prun -I '{}' sh -c 'ls \"$1\"' sh {}"),
            ("x @@", Some("@@"), "prun -I @@ sh -c 'ls \"$1\"' sh @@"),
            ("x ;", Some(";"), "prun -I ';' sh -c 'ls \"$1\"' sh ';'"),
            ("x 1", Some("1"), "prun sh -c 'ls \"$1\"' sh '<>'"),
        ] {
            let hint = hint(safe, &syntax(template, own), true);
            let expected = format!(
                "give it as an argument: {expected}; --plain-values lets only plain words in"
            );
            assert_eq!(hint, expected);
        }
        let line = hint("x=<>; echo \"$x\"", &syntax("x {}", None), true);
        assert!(
            line.starts_with("prun 'x={}; echo \"$x\"'; --plain"),
            "{line}"
        );
        let unplaced = hint("ls <>", &syntax("x", None), false);
        assert!(unplaced.starts_with("prun ls '<>'; "), "{unplaced}");
    }

    #[test]
    fn no_hint_is_itself_a_second_parser() {
        for safe in table::hints() {
            let (_, command) = split(safe);
            let syntax = syntax("<>", None);
            let line = lex::lex(command.as_bytes(), &syntax);
            let found = find(command.as_bytes(), &line);
            assert!(found.is_empty(), "{safe}: {found:?}");
        }
    }
}

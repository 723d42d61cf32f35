use crate::placeholder::edit::ValueEdit;
use crate::placeholder::source::PlaceholderSubject;
use crate::placeholder::{CommandDialect, PlaceholderSpellings, RowShape};

use super::PlaceholderSyntax;
use super::*;

fn usual() -> PlaceholderSpellings {
    PlaceholderSpellings::default()
}

fn found(text: &str) -> Option<(PlaceholderSubject, ValueEdit, usize)> {
    let syntax = PlaceholderSyntax::choose(
        [b"<>".as_slice()],
        CommandDialect::Own,
        &usual(),
        &RowShape::of(1),
    );
    syntax
        .at_start(text.as_bytes())
        .map(|(placeholder, length)| (placeholder.source, placeholder.edit, length))
}

#[test]
fn only_known_forms_are_placeholders() {
    assert_eq!(
        found("<>x"),
        Some((PlaceholderSubject::All, ValueEdit::Keep, 2))
    );
    assert_eq!(
        found("<.>"),
        Some((PlaceholderSubject::All, ValueEdit::Stem, 3))
    );
    assert_eq!(
        found("</>"),
        Some((PlaceholderSubject::All, ValueEdit::Base, 3))
    );
    assert_eq!(
        found("<//>"),
        Some((PlaceholderSubject::All, ValueEdit::Directory, 4))
    );
    assert_eq!(
        found("</.>"),
        Some((PlaceholderSubject::All, ValueEdit::BaseStem, 4))
    );
    assert_eq!(
        found("<#>"),
        Some((PlaceholderSubject::Seq, ValueEdit::Keep, 3))
    );
    assert_eq!(
        found("<%>"),
        Some((PlaceholderSubject::Slot, ValueEdit::Keep, 3))
    );
    assert_eq!(
        found("<2/.>"),
        Some((PlaceholderSubject::Nth(2), ValueEdit::BaseStem, 5))
    );
    assert_eq!(
        found("<-1.>"),
        Some((PlaceholderSubject::Nth(-1), ValueEdit::Stem, 5))
    );
    for text in [
        "<foo>", "<0>", "<-0>", "<+1>", "<->", "<1#>", "<./>", "< >", "<", "<1", "{}",
    ] {
        assert_eq!(found(text), None, "{text}");
    }
    assert_eq!(found("<99999999999999999999>"), None);
}

#[test]
fn braces_are_placeholders_only_where_no_angle_form_is() {
    let own = |word: &str, replacement: Option<&str>| {
        PlaceholderSyntax::choose(
            [word.as_bytes()],
            CommandDialect::Own,
            &replacement.map_or_else(usual, |text| PlaceholderSpellings {
                renamed: vec![(RenamedPlaceholder::Value, text.into())],
                ..usual()
            }),
            &RowShape::of(1),
        )
    };
    assert!(own("a {}", None).at_start(b"{}").is_some());
    assert!(own("a {} <.>", None).at_start(b"{}").is_none());
    assert!(own("a {} \\<>", None).at_start(b"{}").is_some());
    assert!(own("a {}", None).escaped(b"<>").is_some());
    assert!(
        own("@replace '(a)' '${1}'", None)
            .at_start(b"{1}")
            .is_none()
    );
    assert!(own("@replace a ${1}{}", None).at_start(b"{1}").is_some());
    assert!(own("replace a ${1}", None).at_start(b"{1}").is_some());
    let named = own("X {.}", Some("X"));
    assert!(named.at_start(b"{}").is_none());
    assert!(named.at_start(b"{.}").is_some());
    assert_eq!(named.at_start(b"Xy"), Some((Placeholder::WHOLE, 1)));
    let gnu = PlaceholderSyntax::choose(
        [b"<> {}".as_slice()],
        CommandDialect::Gnu,
        &usual(),
        &RowShape::of(1),
    );
    assert!(gnu.at_start(b"<>").is_none());
    assert!(gnu.at_start(b"{}").is_some());
}

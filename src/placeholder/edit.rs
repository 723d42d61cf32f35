//! Edits of values: parts of a path, results of expressions.

use std::borrow::Cow;
use std::sync::Arc;

use crate::expression::{Expression, ExpressionContext, ExpressionOutcome};

/// Changes to a value. The results are those of GNU parallel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueEdit {
    Keep,
    /// The last dot of the base name and what follows it: `.bashrc` is left empty.
    Stem,
    /// Everything up to the last slash.
    Base,
    /// Everything but the last component, as dirname(1).
    Directory,
    /// [`ValueEdit::Base`], then [`ValueEdit::Stem`].
    BaseStem,
    /// The result of an expression.
    Computed(Arc<Expression>),
}

impl ValueEdit {
    const ALL: [ValueEdit; 5] = [
        ValueEdit::Keep,
        ValueEdit::Stem,
        ValueEdit::Base,
        ValueEdit::Directory,
        ValueEdit::BaseStem,
    ];

    /// The spelling of the edit inside of brackets.
    pub(crate) fn mark(&self) -> &'static str {
        match self {
            ValueEdit::Keep => "",
            ValueEdit::Stem => ".",
            ValueEdit::Base => "/",
            ValueEdit::Directory => "//",
            ValueEdit::BaseStem => "/.",
            ValueEdit::Computed(_) => "=",
        }
    }

    /// The edit that is written so.
    pub(crate) fn parse(mark: &[u8]) -> Option<ValueEdit> {
        let mut all = ValueEdit::ALL.into_iter();
        all.find(|edit| edit.mark().as_bytes() == mark)
    }

    /// Edits a value. An expression without a result gives an empty text: such a job is not
    /// run.
    pub(crate) fn apply<'v>(
        &self,
        value: &'v [u8],
        facts: &ExpressionContext<'_>,
    ) -> Cow<'v, [u8]> {
        Cow::Borrowed(match self {
            ValueEdit::Keep => value,
            ValueEdit::Stem => stem(value),
            ValueEdit::Base => base(value),
            ValueEdit::Directory => directory(value),
            ValueEdit::BaseStem => stem(base(value)),
            ValueEdit::Computed(expression) => {
                return match expression.apply(value, facts) {
                    ExpressionOutcome::Text(text) | ExpressionOutcome::Code(text) => {
                        Cow::Owned(text)
                    }
                    ExpressionOutcome::Skip | ExpressionOutcome::Error(_) => Cow::Borrowed(b""),
                };
            }
        })
    }
}

fn base(path: &[u8]) -> &[u8] {
    match memchr::memrchr(b'/', path) {
        Some(slash) => &path[slash + 1..],
        None => path,
    }
}

fn stem(path: &[u8]) -> &[u8] {
    match memchr::memrchr2(b'.', b'/', path) {
        Some(at) if path[at] == b'.' => &path[..at],
        _ => path,
    }
}

fn directory(path: &[u8]) -> &[u8] {
    let trimmed = without_trailing_slashes(path);
    if trimmed.is_empty() {
        return if path.is_empty() { b"." } else { b"/" };
    }
    match memchr::memrchr(b'/', trimmed) {
        None => b".",
        Some(slash) => match without_trailing_slashes(&trimmed[..slash]) {
            b"" => b"/",
            parent => parent,
        },
    }
}

fn without_trailing_slashes(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|&byte| byte != b'/');
    &path[..end.map_or(0, |last| last + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_edits_are_those_of_gnu_parallel() {
        let table: [(&str, [&str; 4]); 12] = [
            (
                "dir.d/a.tar.gz",
                ["dir.d/a.tar", "a.tar.gz", "dir.d", "a.tar"],
            ),
            ("/x/y.", ["/x/y", "y.", "/x", "y"]),
            (".bashrc", ["", ".bashrc", ".", ""]),
            ("/a/.b", ["/a/", ".b", "/a", ""]),
            ("a/b/", ["a/b/", "", "a", ""]),
            ("/", ["/", "", "/", ""]),
            ("", ["", "", ".", ""]),
            ("noext", ["noext", "noext", ".", "noext"]),
            ("./f.txt", ["./f", "f.txt", ".", "f"]),
            ("a..b", ["a.", "a..b", ".", "a."]),
            ("a//b", ["a//b", "b", "a", "b"]),
            ("//a", ["//a", "a", "/", "a"]),
        ];
        let facts = ExpressionContext {
            seq: 1,
            slot: 1,
            slots: 1,
            total: None,
            values: &crate::input::ByteStrings::default(),
        };
        for (value, expected) in table {
            let edits = [
                ValueEdit::Stem,
                ValueEdit::Base,
                ValueEdit::Directory,
                ValueEdit::BaseStem,
            ];
            for (edit, expected) in edits.into_iter().zip(expected) {
                let got = edit.apply(value.as_bytes(), &facts);
                assert_eq!(&*got, expected.as_bytes(), "{edit:?} of {value:?}");
            }
        }
    }
}

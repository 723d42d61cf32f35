//! Which texts are placeholders in one template.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::expression::{self, Shorthand, Shorthands, Use};

use super::brackets::{Brackets, identifier, is_escaped, parse};
use super::complaint;
use super::direct::Spread;
use super::edit::Edit;
use super::families::Numbered;
use super::placeholder::{Placeholder, Source};
use super::{Dialect, Names, Others, PerJob, Plus, Renamed, Repeat, Shape, Spellings};

/// Which texts are placeholders in one template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Forms {
    pub(super) brackets: Option<Brackets>,
    /// Spellings that take the place of usual ones.
    renamed: Vec<(Placeholder, Vec<u8>)>,
    /// What is around expressions.
    pub(super) parens: (Cow<'static, [u8]>, Cow<'static, [u8]>),
    shorthands: Shorthands,
    pub(super) plus: Plus,
    pub(super) dialect: Dialect,
    pub(super) names: Names,
    pub(super) numbered: Numbered,
    /// Whether what would be a placeholder in another template must have a backslash.
    pub(super) refuses_foreign: bool,
    repeat: Repeat,
}

impl Forms {
    /// No placeholder at all: the text of an input line.
    pub(super) const NONE: Forms = Forms {
        brackets: None,
        renamed: Vec::new(),
        parens: (Cow::Borrowed(b""), Cow::Borrowed(b"")),
        shorthands: Shorthands::NONE,
        plus: Plus::No,
        numbered: Numbered::Any,
        refuses_foreign: false,
        dialect: Dialect::Gnu,
        names: Names {
            known: Vec::new(),
            others: Others::Text,
            rows: PerJob::One,
        },
        repeat: Repeat::Values,
    };

    /// Chooses the brackets: braces are literal as soon as one `<...>` placeholder
    /// is there, or if all of them are groups to `@replace`.
    pub(super) fn choose<'a>(
        words: impl IntoIterator<Item = &'a [u8]>,
        dialect: Dialect,
        spellings: &Spellings,
        shape: &Shape,
    ) -> Forms {
        let words: Vec<&[u8]> = words.into_iter().collect();
        let angle = Forms::new(Brackets::Angle, dialect, spellings, shape);
        let brace = Forms::new(Brackets::Brace, dialect, spellings, shape);
        let has_angles = || words.iter().any(|word| angle.has_brackets(word));
        let are_groups = || matches!(brace.groups_and_places(&words), (1.., 0));
        match dialect == Dialect::Own && (has_angles() || are_groups()) {
            true => angle,
            false => brace,
        }
    }

    /// The same for a text in which what is no placeholder stays as it is.
    pub(super) fn with_foreign_text(self) -> Forms {
        Forms {
            refuses_foreign: false,
            ..self
        }
    }

    fn new(brackets: Brackets, dialect: Dialect, spellings: &Spellings, shape: &Shape) -> Forms {
        let renamed = spellings.renamed.iter();
        let renamed = renamed.filter(|(_, text)| !text.is_empty());
        let mut shorthands = match (spellings.plus, brackets) {
            (Plus::No, _) => Vec::new(),
            (Plus::Yes, Brackets::Angle) => Shorthand::plus(expression::Brackets::Angles),
            (Plus::Yes, Brackets::Brace) => Shorthand::plus(expression::Brackets::Braces),
        };
        shorthands.extend_from_slice(&spellings.shorthands);
        Forms {
            brackets: Some(brackets),
            renamed: renamed
                .map(|(what, text)| (what.placeholder(), text.clone()))
                .collect(),
            parens: match (&spellings.parens, brackets) {
                (Some((open, close)), _) => (Cow::Owned(open.clone()), Cow::Owned(close.clone())),
                (None, Brackets::Brace) => (Cow::Borrowed(b"{="), Cow::Borrowed(b"=}")),
                (None, Brackets::Angle) => (Cow::Borrowed(b""), Cow::Borrowed(b"")),
            },
            shorthands: Shorthands::new(shorthands),
            plus: spellings.plus,
            numbered: Numbered::of(shape),
            refuses_foreign: true,
            dialect,
            names: shape.names.clone(),
            repeat: shape.repeat,
        }
    }

    /// Whether a placeholder in the brackets of these forms is in `word`.
    fn has_brackets(&self, word: &[u8]) -> bool {
        (0..word.len()).any(|at| {
            let rest = &word[at..];
            let is_opening = rest[0] == b'<' && !is_escaped(word, at);
            is_opening
                && (self.bracketed(rest, Brackets::Angle).is_some()
                    || self.shorthands.at_start(rest).is_some())
        })
    }

    /// The placeholder that `text` begins with, and its length.
    pub(super) fn at_start(&self, text: &[u8]) -> Option<(Placeholder, usize)> {
        let renamed = self.renamed.iter().find(|(_, own)| text.starts_with(own));
        if let Some((placeholder, own)) = renamed {
            return Some((placeholder.clone(), own.len()));
        }
        if let Some(used) = self.computed(text) {
            let expression = used.expression.ok()?;
            let placeholder = Placeholder {
                source: used.index.map_or(Source::All, Source::Nth),
                edit: Edit::Computed(expression),
            };
            return Some((placeholder, used.length));
        }
        self.bracketed(text, self.brackets?)
    }

    /// The expression that `text` begins with.
    fn computed(&self, text: &[u8]) -> Option<Use> {
        let (open, close) = &self.parens;
        let used = self.shorthands.at_start(text);
        used.or_else(|| match open.is_empty() {
            true => None,
            false => expression::enclosed(text, open, close),
        })
    }

    /// # Errors
    /// An expression that cannot be understood, a field that does not exist.
    pub(super) fn check(&self, text: &[u8]) -> Result<()> {
        for at in (0..text.len()).filter(|&at| !is_escaped(text, at)) {
            let rest = &text[at..];
            if let Some(used) = self.computed(rest)
                && let Err(flaw) = &used.expression
            {
                return Err(complaint::expression(&rest[..used.length], flaw));
            }
            if self.dialect == Dialect::Own {
                self.refuse_code(rest)?;
            }
            if self.dialect == Dialect::Own
                && self.parens.0.is_empty()
                && let Some(length) = expression_of_braces(rest)
            {
                return Err(complaint::mixed(&rest[..length]));
            }
            if self.dialect == Dialect::Own
                && self.names.rows == PerJob::Several
                && let Some(brackets) = self.brackets
                && let Some((_, length)) = self.named(rest, brackets)
            {
                return Err(complaint::first_of_several(&rest[..length]));
            }
            if let Some(name) = self.unknown_name(rest) {
                return Err(complaint::unknown_name(name, &self.names.known));
            }
        }
        Ok(())
    }

    /// # Errors
    /// A text that begins with an expression whose result would be code.
    pub(super) fn refuse_code(&self, text: &[u8]) -> Result<()> {
        match self.computed(text) {
            Some(Use {
                expression: Ok(expression),
                length,
                ..
            }) if expression.can_unquote() => {
                let spelling = String::from_utf8_lossy(&text[..length]);
                let why =
                    format!("'{spelling}' would make a value code, which no shell reads here");
                Err(Error::new(why).hint("prun ::: 'echo a' 'echo b' runs values as command lines"))
            }
            _ => Ok(()),
        }
    }

    /// The length of the placeholder that `text` begins with, after a backslash
    /// that makes it literal; for GNU parallel the backslash is the shell's. `\<>` is
    /// literal among braces too: a shell would read a redirection there.
    pub(super) fn escaped(&self, text: &[u8]) -> Option<usize> {
        if self.dialect == Dialect::Gnu {
            return None;
        }
        self.at_start(text)
            .or_else(|| self.bracketed(text, Brackets::Angle))
            .or_else(|| parse(text, Brackets::Angle))
            .map(|(_, length)| length)
            .or_else(|| Some(self.unknown_name(text)?.len()))
            .or_else(|| self.foreign(text))
    }

    /// What several values become in the middle of an unquoted word.
    pub(super) fn spread(&self) -> Spread {
        match (self.repeat, self.dialect) {
            (Repeat::Words, _) => Spread::Each,
            (Repeat::Values, Dialect::Own) => Spread::Joined,
            (Repeat::Values, Dialect::Gnu) => Spread::Words,
        }
    }

    /// The spelling of the whole value that the user has chosen.
    pub(super) fn renamed_whole(&self) -> Option<&[u8]> {
        let mut renamed = self.renamed.iter();
        let whole = renamed.find(|(placeholder, _)| *placeholder == Placeholder::WHOLE);
        whole.map(|(_, text)| text.as_slice())
    }

    /// The text that stands for the whole value.
    pub(super) fn whole(&self) -> &[u8] {
        match (self.renamed_whole(), self.brackets) {
            (Some(text), _) => text,
            (None, Some(Brackets::Angle)) => b"<>",
            (None, _) => b"{}",
        }
    }

    /// A placeholder as it is written, for messages.
    pub(super) fn spelling(&self, placeholder: &Placeholder) -> Vec<u8> {
        let source = match placeholder.source {
            Source::All => String::new(),
            Source::Nth(index) => index.to_string(),
            Source::Seq => "#".to_owned(),
            Source::Slot => "%".to_owned(),
        };
        let edit = placeholder.edit.mark();
        match self.brackets {
            Some(Brackets::Brace) => format!("{{{source}{edit}}}").into_bytes(),
            _ => format!("<{source}{edit}>").into_bytes(),
        }
    }

    /// Whether any placeholder is in `text`.
    pub(super) fn occur_in(&self, text: &[u8]) -> bool {
        (0..text.len()).any(|at| self.at_start(&text[at..]).is_some())
    }

    pub(super) fn bracketed(
        &self,
        text: &[u8],
        brackets: Brackets,
    ) -> Option<(Placeholder, usize)> {
        let found = parse(text, brackets).or_else(|| self.named(text, brackets));
        found.filter(|(found, _)| {
            self.renamed
                .iter()
                .all(|(placeholder, _)| placeholder != found)
        })
    }

    /// A placeholder by the name of a value: `<name>`, `<name/.>`.
    fn named(&self, text: &[u8], brackets: Brackets) -> Option<(Placeholder, usize)> {
        let (open, close) = brackets.bytes();
        if text.first() != Some(&open) {
            return None;
        }
        let known = self.names.known.iter().zip(1..).find_map(|(name, index)| {
            let rest = text[1..].strip_prefix(name.as_slice())?;
            let mark = rest.iter().position(|&byte| byte == close)?;
            let placeholder = Placeholder {
                source: Source::Nth(index),
                edit: Edit::parse(&rest[..mark])?,
            };
            Some((placeholder, name.len() + mark + 2))
        });
        match self.names.others {
            Others::Places => known.or_else(|| {
                let name = identifier(text, brackets)?;
                let placeholder = Placeholder {
                    source: Source::Nth(1),
                    edit: Edit::Keep,
                };
                Some((placeholder, name.len() + 2))
            }),
            Others::Text | Others::Refused => known,
        }
    }

    /// The name in brackets that `text` begins with, that must be known and is not.
    fn unknown_name<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        if (self.names.others, self.dialect) != (Others::Refused, Dialect::Own) {
            return None;
        }
        let mut brackets = [Some(Brackets::Angle), self.brackets].into_iter().flatten();
        let name = brackets.find_map(|brackets| identifier(text, brackets))?;
        self.at_start(text)
            .is_none()
            .then(|| &text[..name.len() + 2])
    }
}

/// The length of an expression in braces, if it is one that does something.
fn expression_of_braces(text: &[u8]) -> Option<usize> {
    let used = expression::enclosed(text, b"{=", b"=}")?;
    let is_blank = text[2..used.length - 2].trim_ascii().is_empty();
    (used.expression.is_ok() && !is_blank).then_some(used.length)
}

impl Renamed {
    fn placeholder(self) -> Placeholder {
        let (source, edit) = match self {
            Renamed::Value => (Source::All, Edit::Keep),
            Renamed::Stem => (Source::All, Edit::Stem),
            Renamed::Base => (Source::All, Edit::Base),
            Renamed::BaseStem => (Source::All, Edit::BaseStem),
            Renamed::Directory => (Source::All, Edit::Directory),
            Renamed::Seq => (Source::Seq, Edit::Keep),
            Renamed::Slot => (Source::Slot, Edit::Keep),
        };
        Placeholder { source, edit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Spellings {
        Spellings::default()
    }

    fn found(text: &str) -> Option<(Source, Edit, usize)> {
        let forms = Forms::choose([b"<>".as_slice()], Dialect::Own, &usual(), &Shape::of(1));
        forms
            .at_start(text.as_bytes())
            .map(|(placeholder, length)| (placeholder.source, placeholder.edit, length))
    }

    #[test]
    fn only_known_forms_are_placeholders() {
        assert_eq!(found("<>x"), Some((Source::All, Edit::Keep, 2)));
        assert_eq!(found("<.>"), Some((Source::All, Edit::Stem, 3)));
        assert_eq!(found("</>"), Some((Source::All, Edit::Base, 3)));
        assert_eq!(found("<//>"), Some((Source::All, Edit::Directory, 4)));
        assert_eq!(found("</.>"), Some((Source::All, Edit::BaseStem, 4)));
        assert_eq!(found("<#>"), Some((Source::Seq, Edit::Keep, 3)));
        assert_eq!(found("<%>"), Some((Source::Slot, Edit::Keep, 3)));
        assert_eq!(found("<2/.>"), Some((Source::Nth(2), Edit::BaseStem, 5)));
        assert_eq!(found("<-1.>"), Some((Source::Nth(-1), Edit::Stem, 5)));
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
            Forms::choose(
                [word.as_bytes()],
                Dialect::Own,
                &replacement.map_or_else(usual, |text| Spellings {
                    renamed: vec![(Renamed::Value, text.into())],
                    ..usual()
                }),
                &Shape::of(1),
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
        let gnu = Forms::choose([b"<> {}".as_slice()], Dialect::Gnu, &usual(), &Shape::of(1));
        assert!(gnu.at_start(b"<>").is_none());
        assert!(gnu.at_start(b"{}").is_some());
    }
}

//! Syntax of the placeholders in one template.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::expression::{self, Shorthand, ShorthandTable, TagUse};

use super::brackets::{PlaceholderBrackets, identifier, is_escaped, parse};
use super::dialect::{CommandDialect, DialectRules, ValueSpread};
use super::edit::ValueEdit;
use super::errors;
use super::options::{
    NumberedForms, PlaceholderSpellings, RenamedPlaceholder, RowShape, UnknownNames, ValueNames,
};
use super::source::{Placeholder, PlaceholderSubject};

/// The texts that are placeholders in one template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlaceholderSyntax {
    pub(crate) brackets: Option<PlaceholderBrackets>,
    /// Spellings that take the place of usual ones.
    renamed: Vec<(Placeholder, Vec<u8>)>,
    /// Delimiters of expressions; empty if there are none.
    pub(crate) parens: (Cow<'static, [u8]>, Cow<'static, [u8]>),
    shorthands: ShorthandTable,
    pub(super) plus: bool,
    pub(super) rules: &'static DialectRules,
    pub(crate) names: ValueNames,
    pub(crate) numbered: NumberedForms,
    /// A text that would be a placeholder in another template needs a backslash.
    pub(crate) refuses_foreign: bool,
    spread: ValueSpread,
}

impl PlaceholderSyntax {
    /// No placeholder at all: the text of an input line.
    pub(crate) const NONE: PlaceholderSyntax = PlaceholderSyntax {
        brackets: None,
        renamed: Vec::new(),
        parens: (Cow::Borrowed(b""), Cow::Borrowed(b"")),
        shorthands: ShorthandTable::NONE,
        plus: false,
        numbered: NumberedForms::Any,
        refuses_foreign: false,
        rules: &DialectRules::GNU,
        names: ValueNames {
            known: Vec::new(),
            others: UnknownNames::Text,
            is_ambiguous: false,
        },
        spread: ValueSpread::Words,
    };

    /// Chooses the brackets: braces are literal as soon as one `<...>` placeholder
    /// is there, or if all of them are groups to `@replace`.
    pub(crate) fn choose<'a>(
        words: impl IntoIterator<Item = &'a [u8]>,
        dialect: CommandDialect,
        spellings: &PlaceholderSpellings,
        shape: &RowShape,
    ) -> PlaceholderSyntax {
        let words: Vec<&[u8]> = words.into_iter().collect();
        let angle = PlaceholderSyntax::new(PlaceholderBrackets::Angle, dialect, spellings, shape);
        let brace = PlaceholderSyntax::new(PlaceholderBrackets::Brace, dialect, spellings, shape);
        let has_angles = || words.iter().any(|word| angle.has_brackets(word));
        if dialect.rules().has_angles && shape.braces_are_text {
            return angle.with_foreign_text();
        }
        let are_groups = || matches!(brace.groups_and_placeholders(&words), (1.., 0));
        if dialect.rules().has_angles && (has_angles() || are_groups()) {
            angle
        } else {
            brace
        }
    }

    /// Lets texts that would be placeholders in another template stand as they are.
    pub(crate) fn with_foreign_text(self) -> PlaceholderSyntax {
        PlaceholderSyntax {
            refuses_foreign: false,
            ..self
        }
    }

    fn new(
        brackets: PlaceholderBrackets,
        dialect: CommandDialect,
        spellings: &PlaceholderSpellings,
        shape: &RowShape,
    ) -> PlaceholderSyntax {
        let renamed = spellings.renamed.iter();
        let renamed = renamed.filter(|(_, text)| !text.is_empty());
        let rules = dialect.rules();
        let mut shorthands = match brackets {
            _ if !spellings.plus => Vec::new(),
            PlaceholderBrackets::Angle => Shorthand::plus(expression::TagBrackets::Angles),
            PlaceholderBrackets::Brace => Shorthand::plus(expression::TagBrackets::Braces),
        };
        shorthands.extend_from_slice(&spellings.shorthands);
        PlaceholderSyntax {
            brackets: Some(brackets),
            renamed: renamed
                .map(|(what, text)| (what.placeholder(), text.clone()))
                .collect(),
            parens: match (&spellings.parens, brackets) {
                (Some((open, close)), _) => (Cow::Owned(open.clone()), Cow::Owned(close.clone())),
                (None, PlaceholderBrackets::Brace) => (Cow::Borrowed(b"{="), Cow::Borrowed(b"=}")),
                (None, PlaceholderBrackets::Angle) => (Cow::Borrowed(b""), Cow::Borrowed(b"")),
            },
            shorthands: ShorthandTable::new(shorthands),
            plus: spellings.plus,
            numbered: NumberedForms::of(shape),
            refuses_foreign: true,
            rules,
            names: shape.names.clone(),
            spread: if shape.repeats_words {
                ValueSpread::Each
            } else {
                rules.spread
            },
        }
    }

    /// Tells whether `word` has a placeholder in the brackets of this syntax.
    fn has_brackets(&self, word: &[u8]) -> bool {
        (0..word.len()).any(|at| {
            let rest = &word[at..];
            let is_opening = rest[0] == b'<' && !is_escaped(word, at);
            is_opening
                && (self.bracketed(rest, PlaceholderBrackets::Angle).is_some()
                    || self.shorthands.at_start(rest).is_some())
        })
    }

    /// The placeholder that `text` begins with, and its length.
    pub(crate) fn at_start(&self, text: &[u8]) -> Option<(Placeholder, usize)> {
        let renamed = self.renamed.iter().find(|(_, own)| text.starts_with(own));
        if let Some((placeholder, own)) = renamed {
            return Some((placeholder.clone(), own.len()));
        }
        if let Some(used) = self.computed(text) {
            let expression = used.expression.ok()?;
            let placeholder = Placeholder {
                source: used
                    .index
                    .map_or(PlaceholderSubject::All, PlaceholderSubject::Nth),
                edit: ValueEdit::Computed(expression),
            };
            return Some((placeholder, used.length));
        }
        self.bracketed(text, self.brackets?)
    }

    /// The expression that `text` begins with.
    fn computed(&self, text: &[u8]) -> Option<TagUse> {
        let (open, close) = &self.parens;
        let used = self.shorthands.at_start(text);
        used.or_else(|| {
            if open.is_empty() {
                None
            } else {
                expression::enclosed(text, open, close)
            }
        })
    }

    /// # Errors
    /// An expression that cannot be understood, a field that does not exist.
    pub(crate) fn check(&self, text: &[u8]) -> Result<()> {
        for at in (0..text.len()).filter(|&at| !is_escaped(text, at)) {
            let rest = &text[at..];
            if let Some(used) = self.computed(rest)
                && let Err(flaw) = &used.expression
            {
                return Err(errors::expression(&rest[..used.length], flaw));
            }
            if self.rules.is_strict {
                self.refuse_code(rest)?;
            }
            if self.rules.is_strict
                && self.parens.0.is_empty()
                && let Some(length) = expression_of_braces(rest)
            {
                return Err(errors::mixed(&rest[..length]));
            }
            if self.rules.is_strict
                && self.names.is_ambiguous
                && let Some(brackets) = self.brackets
                && let Some((_, length)) = self.named(rest, brackets)
            {
                return Err(errors::first_of_several(&rest[..length]));
            }
            if let Some(name) = self.unknown_name(rest) {
                return Err(errors::unknown_name(name, &self.names.known));
            }
        }
        Ok(())
    }

    /// # Errors
    /// A text that begins with an expression whose result would be code.
    pub(crate) fn refuse_code(&self, text: &[u8]) -> Result<()> {
        match self.computed(text) {
            Some(TagUse {
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
    pub(crate) fn escaped(&self, text: &[u8]) -> Option<usize> {
        if !self.rules.has_escapes {
            return None;
        }
        self.at_start(text)
            .or_else(|| self.bracketed(text, PlaceholderBrackets::Angle))
            .or_else(|| parse(text, PlaceholderBrackets::Angle))
            .map(|(_, length)| length)
            .or_else(|| Some(self.unknown_name(text)?.len()))
            .or_else(|| self.foreign(text))
    }

    /// Rendering of several values in the middle of an unquoted word.
    pub(crate) fn spread(&self) -> ValueSpread {
        self.spread
    }

    /// The spelling of the whole value that the user has chosen.
    pub(crate) fn renamed_whole(&self) -> Option<&[u8]> {
        let mut renamed = self.renamed.iter();
        let whole = renamed.find(|(placeholder, _)| *placeholder == Placeholder::WHOLE);
        whole.map(|(_, text)| text.as_slice())
    }

    /// The text that stands for the whole value.
    pub(crate) fn whole(&self) -> &[u8] {
        match (self.renamed_whole(), self.brackets) {
            (Some(text), _) => text,
            (None, Some(PlaceholderBrackets::Angle)) => b"<>",
            (None, _) => b"{}",
        }
    }

    /// A placeholder as it is written, for messages.
    pub(crate) fn spelling(&self, placeholder: &Placeholder) -> Vec<u8> {
        let source = match placeholder.source {
            PlaceholderSubject::All => String::new(),
            PlaceholderSubject::Nth(index) => index.to_string(),
            PlaceholderSubject::Seq => "#".to_owned(),
            PlaceholderSubject::Slot => "%".to_owned(),
        };
        let edit = placeholder.edit.mark();
        match self.brackets {
            Some(PlaceholderBrackets::Brace) => format!("{{{source}{edit}}}").into_bytes(),
            _ => format!("<{source}{edit}>").into_bytes(),
        }
    }

    /// Tells whether `text` has a placeholder.
    pub(crate) fn occur_in(&self, text: &[u8]) -> bool {
        (0..text.len()).any(|at| self.at_start(&text[at..]).is_some())
    }

    pub(crate) fn bracketed(
        &self,
        text: &[u8],
        brackets: PlaceholderBrackets,
    ) -> Option<(Placeholder, usize)> {
        let found = parse(text, brackets).or_else(|| self.named(text, brackets));
        found.filter(|(found, _)| {
            self.renamed
                .iter()
                .all(|(placeholder, _)| placeholder != found)
        })
    }

    /// A placeholder by the name of a value: `<name>`, `<name/.>`.
    fn named(&self, text: &[u8], brackets: PlaceholderBrackets) -> Option<(Placeholder, usize)> {
        let (open, close) = brackets.bytes();
        if text.first() != Some(&open) {
            return None;
        }
        let known = self.names.known.iter().zip(1..).find_map(|(name, index)| {
            let rest = text[1..].strip_prefix(name.as_slice())?;
            let mark = rest.iter().position(|&byte| byte == close)?;
            let placeholder = Placeholder {
                source: PlaceholderSubject::Nth(index),
                edit: ValueEdit::parse(&rest[..mark])?,
            };
            Some((placeholder, name.len() + mark + 2))
        });
        match self.names.others {
            UnknownNames::Placeholders => known.or_else(|| {
                let name = identifier(text, brackets)?;
                let placeholder = Placeholder {
                    source: PlaceholderSubject::Nth(1),
                    edit: ValueEdit::Keep,
                };
                Some((placeholder, name.len() + 2))
            }),
            UnknownNames::Text | UnknownNames::Refused => known,
        }
    }

    /// The name in brackets that `text` begins with, that must be known and is not.
    fn unknown_name<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        if self.names.others != UnknownNames::Refused || !self.rules.is_strict {
            return None;
        }
        let mut brackets = [Some(PlaceholderBrackets::Angle), self.brackets]
            .into_iter()
            .flatten();
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

impl RenamedPlaceholder {
    fn placeholder(self) -> Placeholder {
        let (source, edit) = match self {
            RenamedPlaceholder::Value => (PlaceholderSubject::All, ValueEdit::Keep),
            RenamedPlaceholder::Stem => (PlaceholderSubject::All, ValueEdit::Stem),
            RenamedPlaceholder::Base => (PlaceholderSubject::All, ValueEdit::Base),
            RenamedPlaceholder::BaseStem => (PlaceholderSubject::All, ValueEdit::BaseStem),
            RenamedPlaceholder::Directory => (PlaceholderSubject::All, ValueEdit::Directory),
            RenamedPlaceholder::Seq => (PlaceholderSubject::Seq, ValueEdit::Keep),
            RenamedPlaceholder::Slot => (PlaceholderSubject::Slot, ValueEdit::Keep),
        };
        Placeholder { source, edit }
    }
}

#[cfg(test)]
mod tests;

//! Placeholders: how they are written, which texts are placeholders in one template, and
//! what they yield for a row.

mod argument;
mod brackets;
mod check;
mod dialect;
mod edit;
pub(crate) mod errors;
pub(crate) mod indices;
mod options;
pub(crate) mod plain;
mod position;
mod source;
mod syntax;
mod text;
mod word;

pub(crate) use self::argument::{
    LONGEST_ARGUMENT, ValueError, check_argument, push_argument, push_values,
};
pub(crate) use self::brackets::{field_names, is_escaped};
pub(crate) use self::dialect::{CommandDialect, DialectRules, ValueSpread};
pub(crate) use self::options::{
    PlaceholderSpellings, RenamedPlaceholder, RowShape, UnknownNames, ValueNames,
};
pub(crate) use self::position::{JobPosition, RunContext};
pub(crate) use self::source::{ExpressionVerdict, Placeholder, PlaceholderSubject};
pub(crate) use self::syntax::PlaceholderSyntax;
pub(crate) use self::text::{RenderedText, TextTemplate};
pub(crate) use self::word::{TemplateWord, WordPart};

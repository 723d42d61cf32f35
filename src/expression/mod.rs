//! The small language of `{= EXPR =}`, of `--rpl` and of `--plus`: the part of Perl
//! that edits a value, with Perl's meaning.
//!
//! An expression reads and writes `$_`, which starts as the value and ends as the
//! result. It can compute; it cannot open files, start processes or see the
//! environment, so an expression from elsewhere is no program.
//!
//! Where it differs from Perl: text that is UTF-8 is edited by characters, `$` in a
//! pattern is the very end (never before a final newline), look-around and
//! back-references are refused, and reading a variable that was never set is an error.

mod arithmetic;
mod assign;
mod ast;
mod error;
mod escape;
mod eval;
mod float_text;
mod format;
mod functions;
mod infix;
mod interpolate;
mod lex;
mod limits;
mod parse;
mod pattern;
mod plus;
mod program;
mod quoted;
mod shorthand;
mod substitute;
mod term;
mod text;
mod transliterate;
mod value;

#[cfg(test)]
mod tests;

pub(crate) use error::ExpressionError;
pub(crate) use eval::{ExpressionContext, ExpressionOutcome};
pub(crate) use plus::TagBrackets;
pub(crate) use program::Expression;
pub(crate) use shorthand::{Shorthand, ShorthandTable, TagUse, enclosed};
pub(crate) use text::quoted_for_shell;
pub(crate) use value::leading_number;

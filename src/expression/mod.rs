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
mod eval;
mod format;
mod functions;
mod infix;
mod interpolate;
mod lex;
mod parse;
mod pattern;
mod plus;
mod quoted;
mod shorthand;
mod substitute;
mod term;
mod text;
mod transliterate;
mod value;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::input::ByteStrings;

use ast::{AstFunction, AstNode};
use eval::Evaluator;
use parse::ExpressionParser;

pub(crate) use plus::TagBrackets;
pub(crate) use shorthand::{Shorthand, ShorthandTable, TagUse, enclosed};
pub(crate) use text::quoted_for_shell;

/// The deepest tree that is evaluated: jobs are made on threads with small stacks.
const DEEPEST: usize = 32;

/// Why a text is no expression: `'system' is not known`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExpressionError(String);

impl ExpressionError {
    fn new(text: impl Into<String>) -> ExpressionError {
        ExpressionError(text.into())
    }

    fn unknown(word: &[u8]) -> ExpressionError {
        ExpressionError(format!("'{}' is not known", String::from_utf8_lossy(word)))
    }

    fn unreadable(text: &[u8]) -> ExpressionError {
        let text = String::from_utf8_lossy(text);
        ExpressionError(format!("'{text}' cannot be read"))
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ExpressionError {}

/// What an expression can ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExpressionContext<'a> {
    /// The number of the job, from 1: `seq()`.
    pub seq: u64,
    /// The slot of the job, from 1: `slot()`.
    pub slot: usize,
    /// How many slots there are.
    pub slots: usize,
    /// How many jobs there are, if that is known: `total_jobs()`.
    pub total: Option<u64>,
    /// The values of the job: `$arg[1]` is the first.
    pub values: &'a ByteStrings,
}

/// What became of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpressionOutcome {
    /// The text that stands for the value.
    Text(Vec<u8>),
    /// The same, for a shell to read: `uq()`.
    Code(Vec<u8>),
    /// The job is not to be run.
    Skip,
    /// The expression has no result for this value: `division by zero`.
    Flaw(String),
}

/// A text of the language, ready to be applied to values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expression {
    statements: Vec<AstNode>,
    /// How many variables there are, with `$_`.
    variables: usize,
    /// Whether `$1` or `$&` is read anywhere.
    reads_groups: bool,
}

impl Expression {
    /// Reads an expression. `groups` are the texts of `$$1`, `$$2`, ... of a shorthand
    /// with parameters, empty otherwise.
    ///
    /// # Errors
    ///
    /// The first word or character that is not of the language.
    pub(crate) fn parse(text: &[u8], groups: &[Vec<u8>]) -> Result<Expression, ExpressionError> {
        let mut parser = ExpressionParser::new(groups);
        let statements = parser.program(text)?;
        if statements.iter().any(|node| node.depth() > DEEPEST) {
            return Err(ExpressionError::new("it is nested too deeply"));
        }
        Ok(Expression {
            reads_groups: has(&statements, |node| matches!(node, AstNode::Group(_))),
            variables: parser.variables(),
            statements,
        })
    }

    /// What the expression makes of `value`.
    pub(crate) fn apply(&self, value: &[u8], facts: &ExpressionContext<'_>) -> ExpressionOutcome {
        let mut machine = Evaluator::new(value, facts, self.variables, self.reads_groups);
        match machine.run(&self.statements) {
            Ok(applied) => applied,
            Err(problem) => ExpressionOutcome::Flaw(problem),
        }
    }

    /// Whether it may say that a job is not to be run.
    pub(crate) fn can_skip(&self) -> bool {
        self.calls(AstFunction::Skip)
    }

    /// Whether its text may be for a shell to read.
    pub(crate) fn can_unquote(&self) -> bool {
        self.calls(AstFunction::Unquote)
    }

    /// Whether it asks how many jobs there are.
    pub(crate) fn needs_total(&self) -> bool {
        self.calls(AstFunction::TotalJobs)
    }

    /// Whether it asks for the slot of the job.
    pub(crate) fn needs_slot(&self) -> bool {
        self.calls(AstFunction::Slot)
    }

    /// Whether it asks for the number of the job.
    pub(crate) fn needs_seq(&self) -> bool {
        self.calls(AstFunction::Seq)
    }

    fn calls(&self, function: AstFunction) -> bool {
        has(
            &self.statements,
            |node| matches!(node, AstNode::Call(called, _) if *called == function),
        )
    }
}

/// Whether `found` is true of any node of the trees.
fn has(nodes: &[AstNode], found: impl Fn(&AstNode) -> bool) -> bool {
    nodes.iter().any(|node| node.any(&found))
}

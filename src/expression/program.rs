//! An expression that was read and can be applied to values.

use super::ast::{AstFunction, AstNode};
use super::error::ExpressionError;
use super::eval::{Evaluator, ExpressionContext, ExpressionOutcome};
use super::parse::ExpressionParser;

/// The deepest tree that is evaluated: jobs are made on threads with small stacks.
const DEEPEST: usize = 32;

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

//! An expression that was read and can be applied to values.

use super::ast::{AstFunction, AstNode};
use super::error::ExpressionError;
use super::eval::{Evaluator, ExpressionContext, ExpressionOutcome};
use super::parse::ExpressionParser;

/// The deepest tree that is evaluated: jobs are made on threads with small stacks.
const DEEPEST: usize = 32;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expression {
    statements: Vec<AstNode>,
    /// Number of variables, `$_` included.
    variables: usize,
    /// `$1` or `$&` is read somewhere.
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

    pub(crate) fn apply(&self, value: &[u8], context: &ExpressionContext<'_>) -> ExpressionOutcome {
        let mut evaluator = Evaluator::new(value, context, self.variables, self.reads_groups);
        match evaluator.run(&self.statements) {
            Ok(applied) => applied,
            Err(reason) => ExpressionOutcome::Error(reason),
        }
    }

    /// `skip()` may leave the job out.
    pub(crate) fn can_skip(&self) -> bool {
        self.calls(AstFunction::Skip)
    }

    /// `uq()` may make the text code for a shell.
    pub(crate) fn can_unquote(&self) -> bool {
        self.calls(AstFunction::Unquote)
    }

    pub(crate) fn needs_total(&self) -> bool {
        self.calls(AstFunction::TotalJobs)
    }

    pub(crate) fn needs_slot(&self) -> bool {
        self.calls(AstFunction::Slot)
    }

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

fn has(nodes: &[AstNode], found: impl Fn(&AstNode) -> bool) -> bool {
    nodes.iter().any(|node| node.any(&found))
}

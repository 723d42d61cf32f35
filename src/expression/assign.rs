//! Changes of variables.

use super::ast::{AstFunction, AstNode, BinaryOperator};
use super::eval::{EvalResult, Evaluator, limited, operated};
use super::value::ExpressionValue;
use super::{arithmetic, text};

impl Evaluator<'_> {
    /// Index of the variable that `node` is; an assignment in it is done first.
    pub(super) fn variable(&mut self, node: &AstNode) -> EvalResult<usize> {
        match node {
            AstNode::Variable(index) => Ok(*index),
            AstNode::Assign { target, .. } => {
                self.scalar(node)?;
                self.variable(target)
            }
            _ => Err("only a variable can be changed".to_owned()),
        }
    }

    pub(super) fn set(&mut self, index: usize, value: ExpressionValue) {
        self.variables[index] = value;
    }

    pub(super) fn text_at(&self, index: usize) -> Vec<u8> {
        self.variables[index].text()
    }

    pub(super) fn assign(
        &mut self,
        target: &AstNode,
        by: Option<BinaryOperator>,
        value: &AstNode,
    ) -> EvalResult<ExpressionValue> {
        let index = self.variable(target)?;
        let new = match by {
            None => self.scalar(value)?,
            Some(
                operator @ (BinaryOperator::And | BinaryOperator::Or | BinaryOperator::DefinedOr),
            ) => {
                let old = self.variables[index].clone();
                self.operate(operator, old, value)?
            }
            Some(operator) => {
                // The value may change the target, so it is computed first.
                let value = self.scalar(value)?;
                operated(operator, self.variables[index].clone(), &value)?
            }
        };
        self.set(index, new.clone());
        Ok(new)
    }

    pub(super) fn unpack(
        &mut self,
        variables: &[usize],
        list: &AstNode,
    ) -> EvalResult<ExpressionValue> {
        let mut values = Vec::new();
        self.list(list, &mut values)?;
        let count = values.len();
        let mut values = values.into_iter();
        for &index in variables {
            self.set(index, values.next().unwrap_or(ExpressionValue::Undefined));
        }
        Ok(ExpressionValue::count(count))
    }

    pub(super) fn step(
        &mut self,
        target: &AstNode,
        up: bool,
        gives_old: bool,
    ) -> EvalResult<ExpressionValue> {
        let index = self.variable(target)?;
        let old = self.variables[index].clone();
        let new = if up {
            arithmetic::increased(&old)
        } else {
            arithmetic::compute(BinaryOperator::Subtract, &old, &ExpressionValue::integer(1))?
        };
        self.set(index, new.clone());
        Ok(if gives_old { old } else { new })
    }

    pub(super) fn splice(
        &mut self,
        [target, offset, count, new]: &[AstNode; 4],
    ) -> EvalResult<ExpressionValue> {
        let index = self.variable(target)?;
        let offset = self.scalar(offset)?.number().integer();
        let count = match self.scalar(count)? {
            ExpressionValue::Undefined => None,
            count => Some(count.number().integer()),
        };
        let new = self.scalar(new)?.into_text();
        let mut text = self.text_at(index);
        let Some((start, end)) = text::span(&text, offset, count) else {
            return Err("substr() outside of the text".to_owned());
        };
        let old = text.splice(start..end, new).collect();
        self.set(index, limited(text)?);
        Ok(ExpressionValue::Text(old))
    }

    /// `chomp` cuts a final newline, `chop` any last character.
    pub(super) fn cut(
        &mut self,
        function: AstFunction,
        target: &AstNode,
    ) -> EvalResult<ExpressionValue> {
        let index = self.variable(target)?;
        let mut text = self.text_at(index);
        let end = match function {
            AstFunction::Chomp => text.len() - usize::from(text.ends_with(b"\n")),
            _ => text::prefix(&text, text::length(&text).saturating_sub(1)),
        };
        let cut = text.split_off(end);
        self.set(index, ExpressionValue::Text(text));
        Ok(match function {
            AstFunction::Chomp => ExpressionValue::count(cut.len()),
            _ => ExpressionValue::Text(cut),
        })
    }
}

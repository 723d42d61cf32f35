//! Changes of variables.

use super::ast::{AstFunction, AstNode, BinaryOperator};
use super::eval::{EvalResult, Evaluator, limited, operated};
use super::value::ExpressionValue;
use super::{arithmetic, text};

impl Evaluator<'_> {
    /// The variable that `node` is; it is assigned to first if that is part of it.
    pub(super) fn place(&mut self, node: &AstNode) -> EvalResult<usize> {
        match node {
            AstNode::Variable(place) => Ok(*place),
            AstNode::Assign { target, .. } => {
                self.scalar(node)?;
                self.place(target)
            }
            _ => Err("only a variable can be changed".to_owned()),
        }
    }

    /// Gives a variable its value.
    pub(super) fn set(&mut self, place: usize, value: ExpressionValue) {
        self.variables[place] = value;
    }

    /// The text of a variable.
    pub(super) fn text_at(&self, place: usize) -> Vec<u8> {
        self.variables[place].text()
    }

    pub(super) fn assign(
        &mut self,
        target: &AstNode,
        by: Option<BinaryOperator>,
        value: &AstNode,
    ) -> EvalResult<ExpressionValue> {
        let place = self.place(target)?;
        let new = match by {
            None => self.scalar(value)?,
            Some(
                operator @ (BinaryOperator::And | BinaryOperator::Or | BinaryOperator::DefinedOr),
            ) => {
                let old = self.variables[place].clone();
                self.operate(operator, old, value)?
            }
            Some(operator) => {
                // The value may change the target: that comes first.
                let value = self.scalar(value)?;
                operated(operator, self.variables[place].clone(), &value)?
            }
        };
        self.set(place, new.clone());
        Ok(new)
    }

    pub(super) fn unpack(
        &mut self,
        places: &[usize],
        list: &AstNode,
    ) -> EvalResult<ExpressionValue> {
        let mut values = Vec::new();
        self.list(list, &mut values)?;
        let count = values.len();
        let mut values = values.into_iter();
        for &place in places {
            self.set(place, values.next().unwrap_or(ExpressionValue::Undefined));
        }
        Ok(ExpressionValue::count(count))
    }

    pub(super) fn step(
        &mut self,
        target: &AstNode,
        up: bool,
        gives_old: bool,
    ) -> EvalResult<ExpressionValue> {
        let place = self.place(target)?;
        let old = self.variables[place].clone();
        let new = if up {
            arithmetic::increased(&old)
        } else {
            arithmetic::compute(BinaryOperator::Subtract, &old, &ExpressionValue::integer(1))?
        };
        self.set(place, new.clone());
        Ok(if gives_old { old } else { new })
    }

    pub(super) fn splice(
        &mut self,
        [target, offset, count, new]: &[AstNode; 4],
    ) -> EvalResult<ExpressionValue> {
        let place = self.place(target)?;
        let offset = self.scalar(offset)?.number().integer();
        let count = match self.scalar(count)? {
            ExpressionValue::Undefined => None,
            count => Some(count.number().integer()),
        };
        let new = self.scalar(new)?.into_text();
        let mut text = self.text_at(place);
        let Some((start, end)) = text::span(&text, offset, count) else {
            return Err("substr() outside of the text".to_owned());
        };
        let old = text.splice(start..end, new).collect();
        self.set(place, limited(text)?);
        Ok(ExpressionValue::Text(old))
    }

    /// `chomp` cuts a final newline, `chop` any last character.
    pub(super) fn cut(
        &mut self,
        function: AstFunction,
        target: &AstNode,
    ) -> EvalResult<ExpressionValue> {
        let place = self.place(target)?;
        let mut text = self.text_at(place);
        let end = match function {
            AstFunction::Chomp => text.len() - usize::from(text.ends_with(b"\n")),
            _ => text::prefix(&text, text::length(&text).saturating_sub(1)),
        };
        let cut = text.split_off(end);
        self.set(place, ExpressionValue::Text(text));
        Ok(match function {
            AstFunction::Chomp => ExpressionValue::count(cut.len()),
            _ => ExpressionValue::Text(cut),
        })
    }
}

//! Changes of variables.

use super::ast::{Function, Node, Operator};
use super::eval::{Machine, Result, limited, operated};
use super::value::Value;
use super::{arithmetic, text};

impl Machine<'_> {
    /// The variable that `node` is; it is assigned to first if that is part of it.
    pub(super) fn place(&mut self, node: &Node) -> Result<usize> {
        match node {
            Node::Variable(place) => Ok(*place),
            Node::Assign { target, .. } => {
                self.scalar(node)?;
                self.place(target)
            }
            _ => Err("only a variable can be changed".to_owned()),
        }
    }

    /// Gives a variable its value.
    pub(super) fn set(&mut self, place: usize, value: Value) {
        self.variables[place] = value;
    }

    /// The text of a variable.
    pub(super) fn text_at(&self, place: usize) -> Vec<u8> {
        self.variables[place].text()
    }

    pub(super) fn assign(
        &mut self,
        target: &Node,
        by: Option<Operator>,
        value: &Node,
    ) -> Result<Value> {
        let place = self.place(target)?;
        let new = match by {
            None => self.scalar(value)?,
            Some(operator @ (Operator::And | Operator::Or | Operator::DefinedOr)) => {
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

    pub(super) fn unpack(&mut self, places: &[usize], list: &Node) -> Result<Value> {
        let mut values = Vec::new();
        self.list(list, &mut values)?;
        let count = values.len();
        let mut values = values.into_iter();
        for &place in places {
            self.set(place, values.next().unwrap_or(Value::Undefined));
        }
        Ok(Value::count(count))
    }

    pub(super) fn step(&mut self, target: &Node, up: bool, gives_old: bool) -> Result<Value> {
        let place = self.place(target)?;
        let old = self.variables[place].clone();
        let new = match up {
            true => arithmetic::increased(&old),
            false => arithmetic::compute(Operator::Subtract, &old, &Value::integer(1))?,
        };
        self.set(place, new.clone());
        Ok(if gives_old { old } else { new })
    }

    pub(super) fn splice(&mut self, [target, offset, count, new]: &[Node; 4]) -> Result<Value> {
        let place = self.place(target)?;
        let offset = self.scalar(offset)?.number().integer();
        let count = match self.scalar(count)? {
            Value::Undefined => None,
            count => Some(count.number().integer()),
        };
        let new = self.scalar(new)?.into_text();
        let mut text = self.text_at(place);
        let Some((start, end)) = text::span(&text, offset, count) else {
            return Err("substr() outside of the text".to_owned());
        };
        let old = text.splice(start..end, new).collect();
        self.set(place, limited(text)?);
        Ok(Value::Text(old))
    }

    /// `chomp` cuts a final newline, `chop` any last character.
    pub(super) fn cut(&mut self, function: Function, target: &Node) -> Result<Value> {
        let place = self.place(target)?;
        let mut text = self.text_at(place);
        let end = match function {
            Function::Chomp => text.len() - usize::from(text.ends_with(b"\n")),
            _ => text::prefix(&text, text::length(&text).saturating_sub(1)),
        };
        let cut = text.split_off(end);
        self.set(place, Value::Text(text));
        Ok(match function {
            Function::Chomp => Value::count(cut.len()),
            _ => Value::Text(cut),
        })
    }
}

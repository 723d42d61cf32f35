//! The value of a tree.

use super::ast::{Function, Node, Operator};
use super::format::too_long;
use super::functions::{of_list, of_number, of_text};
use super::value::Value;
use super::{Applied, Facts, arithmetic, text};

/// The longest text that is made, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// The most steps that one value may take.
const MOST_STEPS: u64 = 5_000_000;

/// The evaluation of one expression for one value.
pub(super) struct Machine<'f> {
    facts: &'f Facts<'f>,
    variables: Vec<Value>,
    /// What the last pattern found; `$&` first.
    pub(super) groups: Vec<Option<Vec<u8>>>,
    /// Whether `groups` are read anywhere.
    pub(super) reads_groups: bool,
    skips: bool,
    steps: u64,
}

type Result<T> = std::result::Result<T, String>;

impl<'f> Machine<'f> {
    /// Ready to run with `value` in `$_`.
    pub(super) fn new(
        value: &[u8],
        facts: &'f Facts<'f>,
        variables: usize,
        reads_groups: bool,
    ) -> Machine<'f> {
        let mut all = vec![Value::Undefined; variables];
        all[0] = Value::Text(value.to_vec());
        Machine {
            facts,
            variables: all,
            groups: Vec::new(),
            reads_groups,
            skips: false,
            steps: 0,
        }
    }

    /// Runs all statements.
    pub(super) fn run(&mut self, statements: &[Node]) -> Result<Applied> {
        for statement in statements {
            self.scalar(statement)?;
        }
        if self.skips {
            return Ok(Applied::Skip);
        }
        let value = std::mem::replace(&mut self.variables[0], Value::Undefined);
        Ok(Applied::Text(value.into_text()))
    }

    /// Counts work, so that no expression runs for ever.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<()> {
        self.steps += 1 + bytes as u64 / 64;
        match self.steps > MOST_STEPS {
            true => Err("it takes too long".to_owned()),
            false => Ok(()),
        }
    }

    /// The value of `node` where one value is wanted.
    pub(super) fn scalar(&mut self, node: &Node) -> Result<Value> {
        self.spend(0)?;
        match node {
            Node::Constant(value) => Ok(value.clone()),
            Node::Variable(place) => Ok(self.variables[*place].clone()),
            Node::Group(number) => Ok(self.group(*number)),
            Node::Element(index) => {
                let index = self.scalar(index)?.number().integer();
                Ok(self.element(index))
            }
            Node::Values => Ok(Value::count(self.facts.values.len() + 1)),
            Node::LastIndex => Ok(Value::count(self.facts.values.len())),
            Node::Slice(_) | Node::Range(_) => Ok(self.last(node)?),
            Node::List(nodes) => self.last_of(nodes),
            Node::Join(nodes) => self.join(nodes),
            Node::Assign { target, by, value } => self.assign(target, *by, value),
            Node::Step {
                target,
                up,
                gives_old,
            } => self.step(target, *up, *gives_old),
            Node::Splice(parts) => self.splice(parts),
            Node::Binary(operator, operands) => self.binary(*operator, operands),
            Node::Not(operand) => Ok(Value::truth(!self.scalar(operand)?.is_true())),
            Node::Negate(operand) => Ok(arithmetic::negated(&self.scalar(operand)?)),
            Node::Choice(parts) => self.choice(parts),
            Node::Match {
                subject, pattern, ..
            } => self.matches(subject, pattern),
            Node::Substitute { .. } => self.substitute(node),
            Node::Transliterate { subject, table } => self.transliterate(subject, table),
            Node::Call(function, arguments) => self.call(*function, arguments),
            Node::Branch(arms) => self.branch(arms),
        }
    }

    /// The values of `node` where a list is wanted.
    pub(super) fn list(&mut self, node: &Node, out: &mut Vec<Value>) -> Result<()> {
        match node {
            Node::List(nodes) => {
                for node in nodes {
                    self.list(node, out)?;
                }
            }
            Node::Values => {
                out.extend((0..=self.facts.values.len()).map(|i| self.element(i as i64)))
            }
            Node::Slice(indexes) => {
                let mut places = Vec::new();
                self.list(indexes, &mut places)?;
                out.extend(
                    places
                        .iter()
                        .map(|place| self.element(place.number().integer())),
                );
            }
            Node::Range(ends) => {
                let first = self.scalar(&ends[0])?.number().integer();
                let last = self.scalar(&ends[1])?.number().integer();
                if last.saturating_sub(first) > 100_000 {
                    return Err("a range is too long".to_owned());
                }
                out.extend((first..=last).map(Value::integer));
            }
            Node::Call(Function::Reverse, arguments) => {
                let start = out.len();
                for argument in arguments {
                    self.list(argument, out)?;
                }
                out[start..].reverse();
            }
            Node::Match {
                subject,
                pattern,
                all,
            } => self.found(subject, pattern, *all, out)?,
            node => out.push(self.scalar(node)?),
        }
        Ok(())
    }

    fn last(&mut self, node: &Node) -> Result<Value> {
        let mut values = Vec::new();
        self.list(node, &mut values)?;
        Ok(values.pop().unwrap_or(Value::Undefined))
    }

    fn last_of(&mut self, nodes: &[Node]) -> Result<Value> {
        let mut last = Value::Undefined;
        for node in nodes {
            last = self.scalar(node)?;
        }
        Ok(last)
    }

    fn group(&self, number: usize) -> Value {
        match self.groups.get(number) {
            Some(Some(text)) => Value::Text(text.clone()),
            _ => Value::Undefined,
        }
    }

    /// `$arg[index]`: the first value is at 1, negative ones count from the end.
    fn element(&self, index: i64) -> Value {
        let index = match index < 0 {
            true => index + self.facts.values.len() as i64 + 1,
            false => index,
        };
        let place = index
            .checked_sub(1)
            .and_then(|place| usize::try_from(place).ok());
        match place.and_then(|place| self.facts.values.get(place)) {
            Some(value) => Value::Text(value.clone()),
            None => Value::Undefined,
        }
    }

    fn join(&mut self, nodes: &[Node]) -> Result<Value> {
        let mut joined = Vec::new();
        for node in nodes {
            joined.extend(self.scalar(node)?.into_text());
        }
        limited(joined)
    }

    fn choice(&mut self, [condition, then, otherwise]: &[Node; 3]) -> Result<Value> {
        match self.scalar(condition)?.is_true() {
            true => self.scalar(then),
            false => self.scalar(otherwise),
        }
    }

    fn branch(&mut self, arms: &[(Node, Vec<Node>)]) -> Result<Value> {
        for (condition, body) in arms {
            if self.scalar(condition)?.is_true() {
                return self.last_of(body);
            }
        }
        Ok(Value::Undefined)
    }

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

    fn assign(&mut self, target: &Node, by: Option<Operator>, value: &Node) -> Result<Value> {
        let place = self.place(target)?;
        let new = match by {
            None => self.scalar(value)?,
            Some(operator) => {
                let old = self.variables[place].clone();
                self.operate(operator, old, value)?
            }
        };
        self.set(place, new.clone());
        Ok(new)
    }

    fn step(&mut self, target: &Node, up: bool, gives_old: bool) -> Result<Value> {
        let place = self.place(target)?;
        let old = self.variables[place].clone();
        let new = match up {
            true => arithmetic::increased(&old),
            false => arithmetic::compute(Operator::Subtract, &old, &Value::integer(1))?,
        };
        self.set(place, new.clone());
        Ok(if gives_old { old } else { new })
    }

    fn splice(&mut self, [target, offset, count, new]: &[Node; 4]) -> Result<Value> {
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

    fn binary(&mut self, operator: Operator, [left, right]: &[Node; 2]) -> Result<Value> {
        let left = self.scalar(left)?;
        self.operate(operator, left, right)
    }

    /// The right operand is looked at only if it is needed.
    fn operate(&mut self, operator: Operator, left: Value, right: &Node) -> Result<Value> {
        let is_decided = match operator {
            Operator::And => !left.is_true(),
            Operator::Or => left.is_true(),
            Operator::DefinedOr => left != Value::Undefined,
            _ => {
                let right = self.scalar(right)?;
                return operated(operator, left, &right);
            }
        };
        if is_decided {
            Ok(left)
        } else {
            self.scalar(right)
        }
    }

    fn call(&mut self, function: Function, arguments: &[Node]) -> Result<Value> {
        use Function::*;
        match function {
            Seq => Ok(Value::integer(self.facts.seq)),
            Slot => Ok(Value::count(self.facts.slot)),
            Slots => Ok(Value::count(self.facts.slots)),
            TotalJobs => match self.facts.total {
                Some(total) => Ok(Value::integer(total)),
                None => Err("the number of jobs is not known".to_owned()),
            },
            Skip => {
                self.skips = true;
                Ok(Value::truth(true))
            }
            Chomp | Chop => self.cut(function, &arguments[0]),
            Abs | Exp | Int | Log | Sqrt => of_number(function, &self.scalar(&arguments[0])?),
            Ascending | Distinct | Join | Reverse | Sprintf => self.call_list(function, arguments),
            Index | Rindex | Substr => {
                let values = arguments.iter().map(|argument| self.scalar(argument));
                let values = values.collect::<Result<Vec<Value>>>()?;
                self.spend(sizes(&values))?;
                of_list(function, &values)
            }
            _ => {
                let value = self.scalar(&arguments[0])?;
                self.spend(size(&value))?;
                Ok(of_text(function, &value))
            }
        }
    }

    fn call_list(&mut self, function: Function, arguments: &[Node]) -> Result<Value> {
        let mut values = Vec::new();
        for argument in arguments {
            self.list(argument, &mut values)?;
        }
        if function == Function::Reverse && arguments.is_empty() {
            values.push(self.variables[0].clone());
        }
        if function == Function::Join
            && let Some((separator, rest)) = values.split_first()
        {
            let longest = size(separator).saturating_mul(rest.len());
            if longest.saturating_add(sizes(rest)) > LONGEST {
                return Err(too_long());
            }
        }
        self.spend(sizes(&values))?;
        of_list(function, &values)
    }

    /// `chomp` cuts a final newline, `chop` any last character.
    fn cut(&mut self, function: Function, target: &Node) -> Result<Value> {
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

fn operated(operator: Operator, left: Value, right: &Value) -> Result<Value> {
    match operator {
        Operator::Concatenate => {
            let mut text = left.into_text();
            text.extend(right.text());
            limited(text)
        }
        Operator::Repeat => {
            let count = usize::try_from(right.number().integer()).unwrap_or(0);
            let text = left.into_text();
            match text.len().saturating_mul(count) > LONGEST {
                true => Err(too_long()),
                false if text.is_empty() => Ok(Value::Text(text)),
                false => Ok(Value::Text(text.repeat(count))),
            }
        }
        Operator::Number(asked) => Ok(arithmetic::compare(asked, &left, right, false)),
        Operator::Text(asked) => Ok(arithmetic::compare(asked, &left, right, true)),
        operator => arithmetic::compute(operator, &left, right),
    }
}

/// The text, unless it is too long.
pub(super) fn limited(text: Vec<u8>) -> Result<Value> {
    match text.len() > LONGEST {
        true => Err(too_long()),
        false => Ok(Value::Text(text)),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        _ => 0,
    }
}

fn sizes(values: &[Value]) -> usize {
    values.iter().map(size).fold(0, usize::saturating_add)
}

//! The value of a tree.

use super::ast::{Function, Node, Operator};
use super::format::too_long;
use super::functions::{of_list, of_number, of_text};
use super::value::Value;
use super::{Applied, Facts, arithmetic};

/// The longest text that is made, in bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// The most steps that one value may take.
const MOST_STEPS: u64 = 5_000_000;

/// The evaluation of one expression for one value.
pub(super) struct Machine<'f> {
    facts: &'f Facts<'f>,
    pub(super) variables: Vec<Value>,
    /// What the last pattern found; `$&` first.
    pub(super) groups: Vec<Option<Vec<u8>>>,
    /// Whether `groups` are read anywhere.
    pub(super) reads_groups: bool,
    skips: bool,
    unquotes: bool,
    steps: u64,
}

/// A result, or why there is none.
pub(super) type Result<T> = std::result::Result<T, String>;

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
            unquotes: false,
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
        Ok(match self.unquotes {
            true => Applied::Code(value.into_text()),
            false => Applied::Text(value.into_text()),
        })
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
            Node::Slice(_) => self.last(node),
            Node::Range(_) => Err("a range is no single value".to_owned()),
            Node::List(nodes) => self.last_of(nodes),
            Node::Join(nodes) => self.join(nodes),
            Node::Assign { target, by, value } => self.assign(target, *by, value),
            Node::Unpack(places, list) => self.unpack(places, list),
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
            Some(value) => Value::Text(value.to_vec()),
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

    fn binary(&mut self, operator: Operator, [left, right]: &[Node; 2]) -> Result<Value> {
        let left = self.scalar(left)?;
        self.operate(operator, left, right)
    }

    /// The right operand is looked at only if it is needed.
    pub(super) fn operate(
        &mut self,
        operator: Operator,
        left: Value,
        right: &Node,
    ) -> Result<Value> {
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
            Unquote => {
                self.unquotes = true;
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
}

/// The result of an operator that looks at both operands.
pub(super) fn operated(operator: Operator, left: Value, right: &Value) -> Result<Value> {
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

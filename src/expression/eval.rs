//! The value of a tree.

use super::arithmetic;
use super::ast::{AstFunction, AstNode, BinaryOperator};
use super::functions::{of_list, of_number, of_text};
use super::limits::{LONGEST, too_long};
use super::value::ExpressionValue;
use crate::input::ByteStrings;

/// Steps of one value, to which [`Evaluator::spend`] adds.
const MOST_STEPS: u64 = 5_000_000;

/// Facts about a job that an expression can ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExpressionContext<'a> {
    /// The number of the job, from 1: `seq()`.
    pub seq: u64,
    /// The slot of the job, from 1: `slot()`.
    pub slot: usize,
    /// `slots()`.
    pub slots: usize,
    /// Number of jobs, if it is known: `total_jobs()`.
    pub total: Option<u64>,
    /// The values of the job: `$arg[1]` is the first.
    pub values: &'a ByteStrings,
}

/// Result of an expression for one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpressionOutcome {
    /// The text that stands for the value.
    Text(Vec<u8>),
    /// Text that is code for a shell: `uq()`.
    Code(Vec<u8>),
    /// The job is not to be run.
    Skip,
    /// The expression has no result for this value: `division by zero`.
    Error(String),
}

/// The evaluation of one expression for one value.
pub(super) struct Evaluator<'f> {
    context: &'f ExpressionContext<'f>,
    pub(super) variables: Vec<ExpressionValue>,
    /// Groups of the last match; `$&` first.
    pub(super) groups: Vec<Option<Vec<u8>>>,
    /// `$1` or `$&` is read somewhere.
    pub(super) reads_groups: bool,
    skips: bool,
    unquotes: bool,
    steps: u64,
}

/// Result, or the reason why there is none.
pub(super) type EvalResult<T> = std::result::Result<T, String>;

impl<'f> Evaluator<'f> {
    /// `$_` is `value`.
    pub(super) fn new(
        value: &[u8],
        context: &'f ExpressionContext<'f>,
        variables: usize,
        reads_groups: bool,
    ) -> Evaluator<'f> {
        let mut all = vec![ExpressionValue::Undefined; variables];
        all[0] = ExpressionValue::Text(value.to_vec());
        Evaluator {
            context,
            variables: all,
            groups: Vec::new(),
            reads_groups,
            skips: false,
            unquotes: false,
            steps: 0,
        }
    }

    pub(super) fn run(&mut self, statements: &[AstNode]) -> EvalResult<ExpressionOutcome> {
        for statement in statements {
            self.scalar(statement)?;
        }
        if self.skips {
            return Ok(ExpressionOutcome::Skip);
        }
        let value = std::mem::replace(&mut self.variables[0], ExpressionValue::Undefined);
        Ok(if self.unquotes {
            ExpressionOutcome::Code(value.into_text())
        } else {
            ExpressionOutcome::Text(value.into_text())
        })
    }

    /// Counts work, so that no expression runs for ever.
    pub(super) fn spend(&mut self, bytes: usize) -> EvalResult<()> {
        self.steps += 1 + bytes as u64 / 64;
        if self.steps > MOST_STEPS {
            Err("it takes too long".to_owned())
        } else {
            Ok(())
        }
    }

    /// The value of `node` where one value is wanted.
    pub(super) fn scalar(&mut self, node: &AstNode) -> EvalResult<ExpressionValue> {
        self.spend(0)?;
        match node {
            AstNode::Constant(value) => Ok(value.clone()),
            AstNode::Variable(index) => Ok(self.variables[*index].clone()),
            AstNode::Group(number) => Ok(self.group(*number)),
            AstNode::Element(index) => {
                let index = self.scalar(index)?.number().integer();
                Ok(self.element(index))
            }
            AstNode::Values => Ok(ExpressionValue::count(self.context.values.len() + 1)),
            AstNode::LastIndex => Ok(ExpressionValue::count(self.context.values.len())),
            AstNode::Slice(_) => self.last(node),
            AstNode::Range(_) => Err("a range is no single value".to_owned()),
            AstNode::List(nodes) => self.last_of(nodes),
            AstNode::Join(nodes) => self.join(nodes),
            AstNode::Assign { target, by, value } => self.assign(target, *by, value),
            AstNode::Unpack(variables, list) => self.unpack(variables, list),
            AstNode::Step {
                target,
                up,
                gives_old,
            } => self.step(target, *up, *gives_old),
            AstNode::Splice(parts) => self.splice(parts),
            AstNode::Binary(operator, operands) => self.binary(*operator, operands),
            AstNode::Not(operand) => Ok(ExpressionValue::truth(!self.scalar(operand)?.is_true())),
            AstNode::Negate(operand) => Ok(arithmetic::negated(&self.scalar(operand)?)),
            AstNode::Choice(parts) => self.choice(parts),
            AstNode::Match {
                subject, pattern, ..
            } => self.matches(subject, pattern),
            AstNode::Substitute { .. } => self.substitute(node),
            AstNode::Transliterate { subject, table } => self.transliterate(subject, table),
            AstNode::Call(function, arguments) => self.call(*function, arguments),
            AstNode::Branch(arms) => self.branch(arms),
        }
    }

    /// The values of `node` where a list is wanted.
    pub(super) fn list(
        &mut self,
        node: &AstNode,
        out: &mut Vec<ExpressionValue>,
    ) -> EvalResult<()> {
        match node {
            AstNode::List(nodes) => {
                for node in nodes {
                    self.list(node, out)?;
                }
            }
            AstNode::Values => {
                out.extend((0..=self.context.values.len()).map(|i| self.element(i as i64)))
            }
            AstNode::Slice(indexes) => {
                let mut values = Vec::new();
                self.list(indexes, &mut values)?;
                out.extend(
                    values
                        .iter()
                        .map(|index| self.element(index.number().integer())),
                );
            }
            AstNode::Range(ends) => {
                let first = self.scalar(&ends[0])?.number().integer();
                let last = self.scalar(&ends[1])?.number().integer();
                if last.saturating_sub(first) > 100_000 {
                    return Err("a range is too long".to_owned());
                }
                out.extend((first..=last).map(ExpressionValue::integer));
            }
            AstNode::Call(AstFunction::Reverse, arguments) => {
                let start = out.len();
                for argument in arguments {
                    self.list(argument, out)?;
                }
                out[start..].reverse();
            }
            AstNode::Match {
                subject,
                pattern,
                all,
            } => self.found(subject, pattern, *all, out)?,
            node => out.push(self.scalar(node)?),
        }
        Ok(())
    }

    fn last(&mut self, node: &AstNode) -> EvalResult<ExpressionValue> {
        let mut values = Vec::new();
        self.list(node, &mut values)?;
        Ok(values.pop().unwrap_or(ExpressionValue::Undefined))
    }

    fn last_of(&mut self, nodes: &[AstNode]) -> EvalResult<ExpressionValue> {
        let mut last = ExpressionValue::Undefined;
        for node in nodes {
            last = self.scalar(node)?;
        }
        Ok(last)
    }

    fn group(&self, number: usize) -> ExpressionValue {
        match self.groups.get(number) {
            Some(Some(text)) => ExpressionValue::Text(text.clone()),
            _ => ExpressionValue::Undefined,
        }
    }

    /// `$arg[index]`: the first value is at 1, negative ones count from the end.
    fn element(&self, index: i64) -> ExpressionValue {
        let index = if index < 0 {
            index + self.context.values.len() as i64 + 1
        } else {
            index
        };
        let position = index
            .checked_sub(1)
            .and_then(|position| usize::try_from(position).ok());
        match position.and_then(|position| self.context.values.get(position)) {
            Some(value) => ExpressionValue::Text(value.to_vec()),
            None => ExpressionValue::Undefined,
        }
    }

    fn join(&mut self, nodes: &[AstNode]) -> EvalResult<ExpressionValue> {
        let mut joined = Vec::new();
        for node in nodes {
            joined.extend(self.scalar(node)?.into_text());
        }
        limited(joined)
    }

    fn choice(
        &mut self,
        [condition, then, otherwise]: &[AstNode; 3],
    ) -> EvalResult<ExpressionValue> {
        if self.scalar(condition)?.is_true() {
            self.scalar(then)
        } else {
            self.scalar(otherwise)
        }
    }

    fn branch(&mut self, arms: &[(AstNode, Vec<AstNode>)]) -> EvalResult<ExpressionValue> {
        for (condition, body) in arms {
            if self.scalar(condition)?.is_true() {
                return self.last_of(body);
            }
        }
        Ok(ExpressionValue::Undefined)
    }

    fn binary(
        &mut self,
        operator: BinaryOperator,
        [left, right]: &[AstNode; 2],
    ) -> EvalResult<ExpressionValue> {
        let left = self.scalar(left)?;
        self.operate(operator, left, right)
    }

    /// The right operand is looked at only if it is needed.
    pub(super) fn operate(
        &mut self,
        operator: BinaryOperator,
        left: ExpressionValue,
        right: &AstNode,
    ) -> EvalResult<ExpressionValue> {
        let is_decided = match operator {
            BinaryOperator::And => !left.is_true(),
            BinaryOperator::Or => left.is_true(),
            BinaryOperator::DefinedOr => left != ExpressionValue::Undefined,
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

    fn call(
        &mut self,
        function: AstFunction,
        arguments: &[AstNode],
    ) -> EvalResult<ExpressionValue> {
        use AstFunction::*;
        match function {
            Seq => Ok(ExpressionValue::integer(self.context.seq)),
            Slot => Ok(ExpressionValue::count(self.context.slot)),
            Slots => Ok(ExpressionValue::count(self.context.slots)),
            TotalJobs => match self.context.total {
                Some(total) => Ok(ExpressionValue::integer(total)),
                None => Err("the number of jobs is not known".to_owned()),
            },
            Skip => {
                self.skips = true;
                Ok(ExpressionValue::truth(true))
            }
            Unquote => {
                self.unquotes = true;
                Ok(ExpressionValue::truth(true))
            }
            Chomp | Chop => self.cut(function, &arguments[0]),
            Abs | Exp | Int | Log | Sqrt => of_number(function, &self.scalar(&arguments[0])?),
            Ascending | Distinct | Join | Reverse | Sprintf => self.call_list(function, arguments),
            Index | Rindex | Substr => {
                let values = arguments.iter().map(|argument| self.scalar(argument));
                let values = values.collect::<EvalResult<Vec<ExpressionValue>>>()?;
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

    fn call_list(
        &mut self,
        function: AstFunction,
        arguments: &[AstNode],
    ) -> EvalResult<ExpressionValue> {
        let mut values = Vec::new();
        for argument in arguments {
            self.list(argument, &mut values)?;
        }
        if function == AstFunction::Reverse && arguments.is_empty() {
            values.push(self.variables[0].clone());
        }
        if function == AstFunction::Join
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
pub(super) fn operated(
    operator: BinaryOperator,
    left: ExpressionValue,
    right: &ExpressionValue,
) -> EvalResult<ExpressionValue> {
    match operator {
        BinaryOperator::Concatenate => {
            let mut text = left.into_text();
            text.extend(right.text());
            limited(text)
        }
        BinaryOperator::Repeat => {
            let count = usize::try_from(right.number().integer()).unwrap_or(0);
            let text = left.into_text();
            match text.len().saturating_mul(count) > LONGEST {
                true => Err(too_long()),
                false if text.is_empty() => Ok(ExpressionValue::Text(text)),
                false => Ok(ExpressionValue::Text(text.repeat(count))),
            }
        }
        BinaryOperator::Number(asked) => Ok(arithmetic::compare(asked, &left, right, false)),
        BinaryOperator::Text(asked) => Ok(arithmetic::compare(asked, &left, right, true)),
        operator => arithmetic::compute(operator, &left, right),
    }
}

/// Text of at most [`LONGEST`] bytes.
pub(super) fn limited(text: Vec<u8>) -> EvalResult<ExpressionValue> {
    if text.len() > LONGEST {
        Err(too_long())
    } else {
        Ok(ExpressionValue::Text(text))
    }
}

fn size(value: &ExpressionValue) -> usize {
    match value {
        ExpressionValue::Text(text) => text.len(),
        _ => 0,
    }
}

fn sizes(values: &[ExpressionValue]) -> usize {
    values.iter().map(size).fold(0, usize::saturating_add)
}

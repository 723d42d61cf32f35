//! From tokens to a tree: statements and operators.

use super::ast::{AstNode, BinaryOperator};
use super::error::ExpressionError;
use super::infix::{InfixKind, InfixOperator, infix, level};
use super::lex::{AstToken, tokens};

/// Tokens in one expression.
const MOST_TOKENS: usize = 400;

/// Nesting of brackets, blocks and quoted code.
const DEEPEST: usize = 48;

pub(super) struct ExpressionParser<'a> {
    pub(super) tokens: Vec<AstToken>,
    pub(super) at: usize,
    /// The names of the variables that were set so far; `$_` is the first.
    pub(super) names: Vec<Vec<u8>>,
    /// The texts of `$$1`, `$$2`, ...
    pub(super) groups: &'a [Vec<u8>],
    depth: usize,
    count: usize,
}

impl<'a> ExpressionParser<'a> {
    /// `groups` are the texts of `$$1`, `$$2`, ...
    pub(super) fn new(groups: &'a [Vec<u8>]) -> ExpressionParser<'a> {
        ExpressionParser {
            tokens: Vec::new(),
            at: 0,
            names: vec![b"_".to_vec()],
            groups,
            depth: 0,
            count: 0,
        }
    }

    /// Number of variables met so far, `$_` included.
    pub(super) fn variables(&self) -> usize {
        self.names.len()
    }

    /// All statements of `text`.
    pub(super) fn program(&mut self, text: &[u8]) -> Result<Vec<AstNode>, ExpressionError> {
        self.nested(text, ExpressionParser::statements)
    }

    /// Reads `text`, which is inside of the expression being read, by `read`.
    pub(super) fn nested<T>(
        &mut self,
        text: &[u8],
        read: fn(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        let tokens = tokens(text)?;
        self.count += tokens.len();
        if self.count > MOST_TOKENS {
            return Err(ExpressionError::new("it is too long"));
        }
        let outer = (std::mem::replace(&mut self.tokens, tokens), self.at);
        self.at = 0;
        let found = self.deeper(read)?;
        if let Some(token) = self.tokens.get(self.at) {
            return Err(unexpected(token));
        }
        (self.tokens, self.at) = outer;
        Ok(found)
    }

    /// Reads by `read` one level down.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ExpressionError::new("it is nested too deeply"));
        }
        let found = read(self);
        self.depth -= 1;
        found
    }

    pub(super) fn peek(&self) -> Option<&AstToken> {
        self.tokens.get(self.at)
    }

    pub(super) fn sees(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(AstToken::Sign(found)) if *found == sign)
    }

    fn sees_word(&self, word: &[u8]) -> bool {
        matches!(self.peek(), Some(AstToken::Word(found)) if found == word)
    }

    /// Passes `sign` if it is next.
    pub(super) fn pass(&mut self, sign: &str) -> bool {
        let sees = self.sees(sign);
        self.at += usize::from(sees);
        sees
    }

    fn pass_word(&mut self, word: &[u8]) -> bool {
        let sees = self.sees_word(word);
        self.at += usize::from(sees);
        sees
    }

    /// Passes `sign`, which has to be next.
    pub(super) fn need(&mut self, sign: &str) -> Result<(), ExpressionError> {
        if self.pass(sign) {
            Ok(())
        } else {
            Err(match self.peek() {
                Some(token) => unexpected(token),
                None => ExpressionError::new(format!("a '{sign}' is missing")),
            })
        }
    }

    /// Statements up to a closing brace or the end.
    fn statements(&mut self) -> Result<Vec<AstNode>, ExpressionError> {
        let mut statements = Vec::new();
        loop {
            while self.pass(";") {}
            if self.peek().is_none() || self.sees("}") {
                return Ok(statements);
            }
            if self.sees_word(b"if") || self.sees_word(b"unless") {
                statements.push(self.branch()?);
                continue;
            }
            statements.push(self.statement()?);
            if !self.sees("}") && self.peek().is_some() {
                self.need(";")?;
            }
        }
    }

    /// An expression, perhaps with an `if` after it.
    fn statement(&mut self) -> Result<AstNode, ExpressionError> {
        let body = self.expression(level::LOWEST)?;
        let negated = self.sees_word(b"unless");
        if !negated && !self.sees_word(b"if") {
            return Ok(body);
        }
        self.at += 1;
        let condition = self.expression(level::LOWEST)?;
        let condition = if negated {
            AstNode::Not(Box::new(condition))
        } else {
            condition
        };
        Ok(AstNode::Branch(vec![(condition, vec![body])]))
    }

    /// `if (CONDITION) { ... } elsif (CONDITION) { ... } else { ... }`
    fn branch(&mut self) -> Result<AstNode, ExpressionError> {
        let mut negated = self.sees_word(b"unless");
        let mut arms = Vec::new();
        self.at += 1;
        loop {
            self.need("(")?;
            let condition = self.deeper(|parser| parser.expression(level::LOWEST))?;
            self.need(")")?;
            let condition = if std::mem::take(&mut negated) {
                AstNode::Not(Box::new(condition))
            } else {
                condition
            };
            arms.push((condition, self.block()?));
            if !self.pass_word(b"elsif") {
                break;
            }
        }
        if self.pass_word(b"else") {
            arms.push((
                AstNode::Constant(super::value::ExpressionValue::truth(true)),
                self.block()?,
            ));
        }
        Ok(AstNode::Branch(arms))
    }

    fn block(&mut self) -> Result<Vec<AstNode>, ExpressionError> {
        self.need("{")?;
        let statements = self.deeper(ExpressionParser::statements)?;
        self.need("}")?;
        Ok(statements)
    }

    /// An expression of operators that bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<AstNode, ExpressionError> {
        let mut left = self.operand()?;
        let mut last = None;
        while let Some(infix) = self.peek().and_then(infix) {
            if infix.level < least {
                break;
            }
            let compares = matches!(infix.level, level::EQUALITY | level::ORDER);
            if compares && last.replace(infix.level) == Some(infix.level) {
                return Err(ExpressionError::new("comparisons cannot be chained"));
            }
            self.at += 1;
            left = self.joined(left, infix)?;
        }
        Ok(left)
    }

    /// `left`, an operator that was just passed, and what follows it.
    fn joined(&mut self, left: AstNode, infix: InfixOperator) -> Result<AstNode, ExpressionError> {
        let level = infix.level;
        match infix.kind {
            InfixKind::Comma => {
                let mut items = match left {
                    AstNode::List(items) => items,
                    first => vec![first],
                };
                if self.begins_operand() {
                    items.push(self.right(level + 1)?);
                }
                Ok(AstNode::List(items))
            }
            InfixKind::Choice => {
                let then = self.right(level::ASSIGNMENT)?;
                self.need(":")?;
                let otherwise = self.right(level)?;
                Ok(AstNode::Choice(Box::new([left, then, otherwise])))
            }
            InfixKind::Assign(by) => {
                let value = self.right(level)?;
                assignment(left, by, value)
            }
            InfixKind::Range => Ok(AstNode::Range(Box::new([left, self.right(level + 1)?]))),
            InfixKind::Bind { negated } => self.bound(left, negated),
            InfixKind::Step { up } => {
                need_variable(&left)?;
                Ok(AstNode::Step {
                    target: Box::new(left),
                    up,
                    gives_old: true,
                })
            }
            InfixKind::Binary(BinaryOperator::Power) => {
                let right = self.right(level::UNARY)?;
                Ok(AstNode::Binary(
                    BinaryOperator::Power,
                    Box::new([left, right]),
                ))
            }
            InfixKind::Binary(operator) => {
                let right = self.right(level + 1)?;
                Ok(AstNode::Binary(operator, Box::new([left, right])))
            }
        }
    }

    fn right(&mut self, least: u8) -> Result<AstNode, ExpressionError> {
        self.deeper(|parser| parser.expression(least))
    }
}

/// `target = value`, where the target may be a part of a text.
fn assignment(
    target: AstNode,
    by: Option<BinaryOperator>,
    value: AstNode,
) -> Result<AstNode, ExpressionError> {
    if let (AstNode::Call(super::ast::AstFunction::Substr, arguments), None) = (&target, by) {
        let mut arguments = arguments.clone();
        if arguments.len() == 2 {
            arguments.push(AstNode::Constant(super::value::ExpressionValue::Undefined));
        }
        arguments.push(value);
        return splice(arguments);
    }
    need_variable(&target)?;
    Ok(AstNode::Assign {
        target: Box::new(target),
        by,
        value: Box::new(value),
    })
}

/// `substr` with all of its four arguments.
pub(super) fn splice(arguments: Vec<AstNode>) -> Result<AstNode, ExpressionError> {
    need_variable(&arguments[0])?;
    match <[AstNode; 4]>::try_from(arguments) {
        Ok(arguments) => Ok(AstNode::Splice(Box::new(arguments))),
        Err(_) => Err(ExpressionError::unreadable(b"substr")),
    }
}

pub(super) fn need_variable(node: &AstNode) -> Result<(), ExpressionError> {
    if node.is_assignable() {
        Ok(())
    } else {
        Err(ExpressionError::new("only a variable can be changed"))
    }
}

/// Error about a token that cannot be where it is.
pub(super) fn unexpected(token: &AstToken) -> ExpressionError {
    match token {
        AstToken::Sign(sign) => ExpressionError::unreadable(sign.as_bytes()),
        AstToken::Word(word) | AstToken::Text { body: word, .. } => {
            ExpressionError::unreadable(word)
        }
        AstToken::Number(value) => ExpressionError::unreadable(&value.text()),
        AstToken::Scalar(name) => ExpressionError::unreadable(&[b"$", name.as_slice()].concat()),
        AstToken::Array(name) => ExpressionError::unreadable(&[b"@", name.as_slice()].concat()),
        AstToken::LastIndex(name) => {
            ExpressionError::unreadable(&[b"$#", name.as_slice()].concat())
        }
        AstToken::Parameter(name) => {
            ExpressionError::unreadable(&[b"$$", name.as_slice()].concat())
        }
        AstToken::Match(quoted)
        | AstToken::Substitute(quoted, _)
        | AstToken::Transliterate(quoted, _) => ExpressionError::unreadable(&quoted.body),
    }
}

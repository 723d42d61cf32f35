//! From tokens to a tree: statements and operators.

use super::Flaw;
use super::ast::{Comparison, Node, Operator};
use super::lex::{Token, tokens};

/// The most tokens in one expression.
const MOST_TOKENS: usize = 400;

/// The deepest nesting of brackets, blocks and quoted code.
const DEEPEST: usize = 48;

/// How tightly the tightest operator of each kind binds.
pub(super) mod level {
    pub(in super::super) const LOWEST: u8 = 0;
    pub(in super::super) const COMMA: u8 = 4;
    pub(in super::super) const ASSIGNMENT: u8 = 5;
    pub(in super::super) const EQUALITY: u8 = 10;
    pub(in super::super) const ORDER: u8 = 11;
    pub(in super::super) const UNARY_CALL: u8 = 13;
    pub(in super::super) const UNARY: u8 = 16;
}

/// Reads one expression.
pub(super) struct Parser<'a> {
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    /// The names of the variables that were set so far; `$_` is the first.
    pub(super) names: Vec<Vec<u8>>,
    /// The texts of `$$1`, `$$2`, ...
    pub(super) groups: &'a [Vec<u8>],
    depth: usize,
    count: usize,
}

impl<'a> Parser<'a> {
    /// `groups` are the texts of `$$1`, `$$2`, ...
    pub(super) fn new(groups: &'a [Vec<u8>]) -> Parser<'a> {
        Parser {
            tokens: Vec::new(),
            at: 0,
            names: vec![b"_".to_vec()],
            groups,
            depth: 0,
            count: 0,
        }
    }

    /// How many variables were met, with `$_`.
    pub(super) fn variables(&self) -> usize {
        self.names.len()
    }

    /// All statements of `text`.
    pub(super) fn program(&mut self, text: &[u8]) -> Result<Vec<Node>, Flaw> {
        self.nested(text, Parser::statements)
    }

    /// Reads `text`, which is inside of the expression being read, by `read`.
    pub(super) fn nested<T>(
        &mut self,
        text: &[u8],
        read: fn(&mut Self) -> Result<T, Flaw>,
    ) -> Result<T, Flaw> {
        let tokens = tokens(text)?;
        self.count += tokens.len();
        if self.count > MOST_TOKENS {
            return Err(Flaw::new("it is too long"));
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
        read: impl FnOnce(&mut Self) -> Result<T, Flaw>,
    ) -> Result<T, Flaw> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Flaw::new("it is nested too deeply"));
        }
        let found = read(self);
        self.depth -= 1;
        found
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Whether the next token is `sign`.
    pub(super) fn sees(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn sees_word(&self, word: &[u8]) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found == word)
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
    pub(super) fn need(&mut self, sign: &str) -> Result<(), Flaw> {
        match self.pass(sign) {
            true => Ok(()),
            false => Err(match self.peek() {
                Some(token) => unexpected(token),
                None => Flaw::new(format!("a '{sign}' is missing")),
            }),
        }
    }

    /// Statements up to a closing brace or the end.
    fn statements(&mut self) -> Result<Vec<Node>, Flaw> {
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
    fn statement(&mut self) -> Result<Node, Flaw> {
        let body = self.expression(level::LOWEST)?;
        let negated = self.sees_word(b"unless");
        if !negated && !self.sees_word(b"if") {
            return Ok(body);
        }
        self.at += 1;
        let condition = self.expression(level::LOWEST)?;
        let condition = match negated {
            true => Node::Not(Box::new(condition)),
            false => condition,
        };
        Ok(Node::Branch(vec![(condition, vec![body])]))
    }

    /// `if (CONDITION) { ... } elsif (CONDITION) { ... } else { ... }`
    fn branch(&mut self) -> Result<Node, Flaw> {
        let mut negated = self.sees_word(b"unless");
        let mut arms = Vec::new();
        self.at += 1;
        loop {
            self.need("(")?;
            let condition = self.deeper(|parser| parser.expression(level::LOWEST))?;
            self.need(")")?;
            let condition = match std::mem::take(&mut negated) {
                true => Node::Not(Box::new(condition)),
                false => condition,
            };
            arms.push((condition, self.block()?));
            if !self.pass_word(b"elsif") {
                break;
            }
        }
        if self.pass_word(b"else") {
            arms.push((
                Node::Constant(super::value::Value::truth(true)),
                self.block()?,
            ));
        }
        Ok(Node::Branch(arms))
    }

    fn block(&mut self) -> Result<Vec<Node>, Flaw> {
        self.need("{")?;
        let statements = self.deeper(Parser::statements)?;
        self.need("}")?;
        Ok(statements)
    }

    /// An expression of operators that bind at least as tightly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Result<Node, Flaw> {
        let mut left = self.operand()?;
        let mut last = None;
        while let Some(infix) = self.peek().and_then(infix) {
            if infix.level < least {
                break;
            }
            let compares = matches!(infix.level, level::EQUALITY | level::ORDER);
            if compares && last.replace(infix.level) == Some(infix.level) {
                return Err(Flaw::new("comparisons cannot be chained"));
            }
            self.at += 1;
            left = self.joined(left, infix)?;
        }
        Ok(left)
    }

    /// `left`, an operator that was just passed, and what follows it.
    fn joined(&mut self, left: Node, infix: Infix) -> Result<Node, Flaw> {
        let level = infix.level;
        match infix.kind {
            Kind::Comma => {
                let mut items = match left {
                    Node::List(items) => items,
                    first => vec![first],
                };
                if self.begins_operand() {
                    items.push(self.right(level + 1)?);
                }
                Ok(Node::List(items))
            }
            Kind::Choice => {
                let then = self.right(level::ASSIGNMENT)?;
                self.need(":")?;
                let otherwise = self.right(level)?;
                Ok(Node::Choice(Box::new([left, then, otherwise])))
            }
            Kind::Assign(by) => {
                let value = self.right(level)?;
                assignment(left, by, value)
            }
            Kind::Range => Ok(Node::Range(Box::new([left, self.right(level + 1)?]))),
            Kind::Bind { negated } => self.bound(left, negated),
            Kind::Step { up } => {
                need_place(&left)?;
                Ok(Node::Step {
                    target: Box::new(left),
                    up,
                    gives_old: true,
                })
            }
            Kind::Binary(Operator::Power) => {
                let right = self.right(level::UNARY)?;
                Ok(Node::Binary(Operator::Power, Box::new([left, right])))
            }
            Kind::Binary(operator) => {
                let right = self.right(level + 1)?;
                Ok(Node::Binary(operator, Box::new([left, right])))
            }
        }
    }

    fn right(&mut self, least: u8) -> Result<Node, Flaw> {
        self.deeper(|parser| parser.expression(least))
    }
}

/// An operator between two operands, or after one.
struct Infix {
    level: u8,
    kind: Kind,
}

enum Kind {
    Binary(Operator),
    Assign(Option<Operator>),
    Choice,
    Range,
    Comma,
    Bind { negated: bool },
    Step { up: bool },
}

/// The operator that `token` is where one is due.
fn infix(token: &Token) -> Option<Infix> {
    use Comparison::{AtLeast, AtMost, Equal, Greater, Less, Order, Unequal};
    use Operator::{Number, Text};
    let word = match token {
        Token::Sign(sign) => sign.as_bytes(),
        Token::Word(word) => word,
        _ => return None,
    };
    let assigned = word.strip_suffix(b"=").and_then(plain_operator);
    if let Some((_, operator)) = assigned {
        let kind = Kind::Assign(Some(operator));
        return Some(Infix { level: 5, kind });
    }
    if let Some((level, operator)) = plain_operator(word) {
        let kind = Kind::Binary(operator);
        return Some(Infix { level, kind });
    }
    let (level, kind) = match word {
        b"or" => (1, Kind::Binary(Operator::Or)),
        b"and" => (2, Kind::Binary(Operator::And)),
        b"," | b"=>" => (level::COMMA, Kind::Comma),
        b"=" => (level::ASSIGNMENT, Kind::Assign(None)),
        b"?" => (6, Kind::Choice),
        b".." => (7, Kind::Range),
        b"==" => (level::EQUALITY, Kind::Binary(Number(Equal))),
        b"!=" => (level::EQUALITY, Kind::Binary(Number(Unequal))),
        b"<=>" => (level::EQUALITY, Kind::Binary(Number(Order))),
        b"eq" => (level::EQUALITY, Kind::Binary(Text(Equal))),
        b"ne" => (level::EQUALITY, Kind::Binary(Text(Unequal))),
        b"cmp" => (level::EQUALITY, Kind::Binary(Text(Order))),
        b"<" => (level::ORDER, Kind::Binary(Number(Less))),
        b">" => (level::ORDER, Kind::Binary(Number(Greater))),
        b"<=" => (level::ORDER, Kind::Binary(Number(AtMost))),
        b">=" => (level::ORDER, Kind::Binary(Number(AtLeast))),
        b"lt" => (level::ORDER, Kind::Binary(Text(Less))),
        b"gt" => (level::ORDER, Kind::Binary(Text(Greater))),
        b"le" => (level::ORDER, Kind::Binary(Text(AtMost))),
        b"ge" => (level::ORDER, Kind::Binary(Text(AtLeast))),
        b"=~" => (15, Kind::Bind { negated: false }),
        b"!~" => (15, Kind::Bind { negated: true }),
        b"++" => (18, Kind::Step { up: true }),
        b"--" => (18, Kind::Step { up: false }),
        _ => return None,
    };
    Some(Infix { level, kind })
}

/// The operators that can be put before `=`, and how tightly they bind.
fn plain_operator(word: &[u8]) -> Option<(u8, Operator)> {
    Some(match word {
        b"||" => (8, Operator::Or),
        b"//" => (8, Operator::DefinedOr),
        b"&&" => (9, Operator::And),
        b"+" => (13, Operator::Add),
        b"-" => (13, Operator::Subtract),
        b"." => (13, Operator::Concatenate),
        b"*" => (14, Operator::Multiply),
        b"/" => (14, Operator::Divide),
        b"%" => (14, Operator::Modulo),
        b"x" => (14, Operator::Repeat),
        b"**" => (17, Operator::Power),
        _ => return None,
    })
}

/// `target = value`, where the target may be a part of a text.
fn assignment(target: Node, by: Option<Operator>, value: Node) -> Result<Node, Flaw> {
    if let (Node::Call(super::ast::Function::Substr, arguments), None) = (&target, by) {
        let mut arguments = arguments.clone();
        if arguments.len() == 2 {
            arguments.push(Node::Constant(super::value::Value::Undefined));
        }
        arguments.push(value);
        return splice(arguments);
    }
    need_place(&target)?;
    Ok(Node::Assign {
        target: Box::new(target),
        by,
        value: Box::new(value),
    })
}

/// `substr` with all of its four arguments.
pub(super) fn splice(arguments: Vec<Node>) -> Result<Node, Flaw> {
    need_place(&arguments[0])?;
    match <[Node; 4]>::try_from(arguments) {
        Ok(arguments) => Ok(Node::Splice(Box::new(arguments))),
        Err(_) => Err(Flaw::unreadable(b"substr")),
    }
}

/// A variable is due.
pub(super) fn need_place(node: &Node) -> Result<(), Flaw> {
    match node.is_place() {
        true => Ok(()),
        false => Err(Flaw::new("only a variable can be changed")),
    }
}

/// What to say about a token that cannot be where it is.
pub(super) fn unexpected(token: &Token) -> Flaw {
    match token {
        Token::Sign(sign) => Flaw::unreadable(sign.as_bytes()),
        Token::Word(word) | Token::Text { body: word, .. } => Flaw::unreadable(word),
        Token::Number(value) => Flaw::unreadable(&value.text()),
        Token::Scalar(name) => Flaw::unreadable(&[b"$", name.as_slice()].concat()),
        Token::Array(name) => Flaw::unreadable(&[b"@", name.as_slice()].concat()),
        Token::LastIndex(name) => Flaw::unreadable(&[b"$#", name.as_slice()].concat()),
        Token::Parameter(name) => Flaw::unreadable(&[b"$$", name.as_slice()].concat()),
        Token::Match(quoted) | Token::Substitute(quoted, _) | Token::Transliterate(quoted, _) => {
            Flaw::unreadable(&quoted.body)
        }
    }
}

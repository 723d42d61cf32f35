//! From tokens to a tree: operands.

use super::Flaw;
use super::ast::{Function, Node, Shape};
use super::lex::{Quoted, Token};
use super::parse::{Parser, level, need_place, splice, unexpected};
use super::pattern::{Flags, Pattern, lazy};
use super::transliterate::Transliteration;
use super::value::Value;

impl Parser<'_> {
    /// Whether an operand can begin with the next token.
    pub(super) fn begins_operand(&self) -> bool {
        match self.peek() {
            None => false,
            Some(Token::Sign(sign)) => matches!(*sign, "(" | "-" | "+" | "!" | "++" | "--"),
            Some(Token::Word(word)) => {
                !matches!(word.as_slice(), b"and" | b"or" | b"if" | b"unless")
                    && !matches!(
                        word.as_slice(),
                        b"eq" | b"ne" | b"lt" | b"gt" | b"le" | b"ge"
                    )
                    && word != b"cmp"
            }
            Some(_) => true,
        }
    }

    /// One operand, with the signs before it.
    pub(super) fn operand(&mut self) -> Result<Node, Flaw> {
        let Some(token) = self.peek().cloned() else {
            return Err(Flaw::new("its end is missing"));
        };
        self.at += 1;
        match token {
            Token::Number(value) => Ok(Node::Constant(value)),
            Token::Text { body, interpolates } => match interpolates {
                true => self.text(&body),
                false => Ok(Node::Constant(Value::Text(unescaped(&body)))),
            },
            Token::Match(quoted) => self.matching(Node::Variable(0), &quoted),
            Token::Substitute(quoted, text) => self.substitution(Node::Variable(0), &quoted, &text),
            Token::Transliterate(quoted, to) => transliteration(Node::Variable(0), &quoted, &to),
            Token::Scalar(name) => self.scalar(&name),
            Token::Array(name) => self.array(&name),
            Token::LastIndex(name) => match name.as_slice() {
                b"arg" => Ok(Node::LastIndex),
                _ => Err(Flaw::unknown(&[b"$#", name.as_slice()].concat())),
            },
            Token::Parameter(name) => Ok(Node::Constant(Value::Text(self.parameter(&name)))),
            Token::Word(word) => self.word(&word),
            Token::Sign(sign) => self.deeper(|parser| parser.prefixed(sign)),
        }
    }

    /// An operand after the sign before it.
    fn prefixed(&mut self, sign: &'static str) -> Result<Node, Flaw> {
        match sign {
            "(" => {
                if self.pass(")") {
                    return Ok(Node::List(Vec::new()));
                }
                if let Some(names) = self.unpacked_names() {
                    return self.unpacking(names);
                }
                let inside = self.expression(level::LOWEST)?;
                self.need(")")?;
                Ok(inside)
            }
            "!" => Ok(Node::Not(Box::new(self.expression(level::UNARY)?))),
            "+" => self.expression(level::UNARY),
            "-" => {
                if let Some(Token::Word(word)) = self.peek()
                    && Function::named(word).is_none()
                {
                    return Err(Flaw::unknown(&[b"-", word.as_slice()].concat()));
                }
                Ok(Node::Negate(Box::new(self.expression(level::UNARY)?)))
            }
            "++" | "--" => {
                let target = self.expression(18)?;
                need_place(&target)?;
                Ok(Node::Step {
                    target: Box::new(target),
                    up: sign == "++",
                    gives_old: false,
                })
            }
            _ => Err(Flaw::unreadable(sign.as_bytes())),
        }
    }

    /// `$name`, `$1`, `$arg[N]`, `$job->seq()`.
    pub(super) fn scalar(&mut self, name: &[u8]) -> Result<Node, Flaw> {
        if name == b"&" {
            return Ok(Node::Group(0));
        }
        if name[0].is_ascii_digit() {
            let number = str::from_utf8(name).ok().and_then(|name| name.parse().ok());
            return match number {
                Some(number) if (1..1000).contains(&number) => Ok(Node::Group(number)),
                _ => Err(Flaw::unknown(&[b"$", name].concat())),
            };
        }
        if name == b"arg" && self.pass("[") {
            let index = self.deeper(|parser| parser.expression(level::LOWEST))?;
            self.need("]")?;
            return Ok(Node::Element(Box::new(index)));
        }
        if name == b"job" && self.pass("->") {
            return match self.peek().cloned() {
                Some(Token::Word(word))
                    if matches!(Function::named(&word), Some((_, Shape::Nothing))) =>
                {
                    self.at += 1;
                    self.word(&word)
                }
                Some(token) => Err(unexpected(&token)),
                None => Err(Flaw::unreadable(b"->")),
            };
        }
        self.variable(name)
    }

    /// A variable that was set before, or is being set now.
    pub(super) fn variable(&mut self, name: &[u8]) -> Result<Node, Flaw> {
        if let Some(known) = self.names.iter().position(|known| known == name) {
            return Ok(Node::Variable(known));
        }
        let is_set = self.sees("=");
        if !is_set || name.contains(&b':') {
            let name = String::from_utf8_lossy(name);
            return Err(Flaw::new(format!("'${name}' is never set")));
        }
        self.names.push(name.to_vec());
        Ok(Node::Variable(self.names.len() - 1))
    }

    /// The variables of `($x, $y) =`, passed if that is what follows the bracket.
    fn unpacked_names(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        let mut at = self.at;
        loop {
            let Some(Token::Scalar(name)) = self.tokens.get(at) else {
                return None;
            };
            if !is_variable(name) {
                return None;
            }
            names.push(name.clone());
            at += 2;
            match self.tokens.get(at - 1) {
                Some(Token::Sign(",")) => {}
                Some(Token::Sign(")")) if self.tokens.get(at) == Some(&Token::Sign("=")) => break,
                _ => return None,
            }
        }
        self.at = at + 1;
        Some(names)
    }

    fn unpacking(&mut self, names: Vec<Vec<u8>>) -> Result<Node, Flaw> {
        let list = self.expression(level::ASSIGNMENT)?;
        let places = names.into_iter().map(|name| {
            let known = self.names.iter().position(|known| *known == name);
            known.unwrap_or_else(|| {
                self.names.push(name);
                self.names.len() - 1
            })
        });
        Ok(Node::Unpack(places.collect(), Box::new(list)))
    }

    /// `@arg`, `@arg[1..2]`.
    fn array(&mut self, name: &[u8]) -> Result<Node, Flaw> {
        if name != b"arg" {
            return Err(Flaw::unknown(&[b"@", name].concat()));
        }
        if !self.pass("[") {
            return Ok(Node::Values);
        }
        let list = self.deeper(|parser| parser.expression(level::LOWEST))?;
        self.need("]")?;
        Ok(Node::Slice(Box::new(list)))
    }

    /// The text of `$$1`; with `?`, as a pattern that takes as little as it can.
    pub(super) fn parameter(&self, name: &[u8]) -> Vec<u8> {
        let digits = name.strip_prefix(b"?").unwrap_or(name);
        let number = str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok());
        let group = number.and_then(|number| self.groups.get(number.checked_sub(1)?));
        let group = group.cloned().unwrap_or_default();
        match digits.len() < name.len() {
            true => lazy(&group),
            false => group,
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<Node, Flaw> {
        match word {
            b"my" => return self.declaration(),
            b"not" => {
                let operand = self.deeper(|parser| parser.expression(3))?;
                return Ok(Node::Not(Box::new(operand)));
            }
            _ => {}
        }
        let Some((function, shape)) = Function::named(word) else {
            return Err(Flaw::unknown(word));
        };
        let arguments = self.deeper(|parser| parser.arguments(shape))?;
        check_count(word, shape, &arguments)?;
        match (function, arguments.len()) {
            (Function::Substr, 4) => splice(arguments),
            _ => Ok(Node::Call(function, arguments)),
        }
    }

    fn declaration(&mut self) -> Result<Node, Flaw> {
        match self.peek().cloned() {
            Some(Token::Scalar(name)) if is_variable(&name) => {
                self.at += 1;
                self.variable(&name)
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                match self.unpacked_names() {
                    Some(names) => self.deeper(|parser| parser.unpacking(names)),
                    None => Err(Flaw::unreadable(b"my")),
                }
            }
            _ => Err(Flaw::unreadable(b"my")),
        }
    }

    fn arguments(&mut self, shape: Shape) -> Result<Vec<Node>, Flaw> {
        let takes_one = matches!(shape, Shape::One | Shape::Place);
        let arguments = if self.pass("(") {
            if self.pass(")") {
                Vec::new()
            } else {
                let inside = self.expression(level::LOWEST)?;
                self.need(")")?;
                items(inside)
            }
        } else if shape == Shape::Nothing || !self.begins_operand() {
            Vec::new()
        } else if takes_one {
            vec![self.expression(level::UNARY_CALL)?]
        } else {
            items(self.expression(level::COMMA)?)
        };
        let wants_value = takes_one && arguments.is_empty();
        Ok(if wants_value {
            vec![Node::Variable(0)]
        } else {
            arguments
        })
    }

    /// What follows `=~`.
    pub(super) fn bound(&mut self, subject: Node, negated: bool) -> Result<Node, Flaw> {
        let token = self.peek().cloned();
        let found = match token {
            Some(Token::Match(quoted)) => {
                self.at += 1;
                self.matching(subject, &quoted)?
            }
            Some(Token::Substitute(quoted, text)) => {
                self.at += 1;
                self.substitution(subject, &quoted, &text)?
            }
            Some(Token::Transliterate(quoted, to)) => {
                self.at += 1;
                transliteration(subject, &quoted, &to)?
            }
            _ => {
                let source = self.deeper(|parser| parser.expression(level::UNARY))?;
                let pattern = Pattern::new(source, Flags::default())?;
                Node::Match {
                    subject: Box::new(subject),
                    pattern: Box::new(pattern),
                    all: false,
                }
            }
        };
        Ok(match negated {
            true => Node::Not(Box::new(found)),
            false => found,
        })
    }

    fn matching(&mut self, subject: Node, quoted: &Quoted) -> Result<Node, Flaw> {
        let (flags, others) = Flags::split(&quoted.flags);
        known_flags(&others, b"g")?;
        Ok(Node::Match {
            subject: Box::new(subject),
            pattern: Box::new(Pattern::new(self.pattern(quoted)?, flags)?),
            all: others.contains(&b'g'),
        })
    }

    fn substitution(&mut self, subject: Node, quoted: &Quoted, to: &[u8]) -> Result<Node, Flaw> {
        let (flags, others) = Flags::split(&quoted.flags);
        known_flags(&others, b"ger")?;
        let gives_result = others.contains(&b'r');
        if !gives_result {
            need_place(&subject)?;
        }
        let pattern = Pattern::new(self.pattern(quoted)?, flags)?;
        let text = if others.contains(&b'e') {
            self.nested(to, |parser| parser.expression(level::LOWEST))?
        } else if quoted.interpolates {
            self.replacement(to)?
        } else {
            Node::Constant(Value::Text(to.to_vec()))
        };
        Ok(Node::Substitute {
            subject: Box::new(subject),
            pattern: Box::new(pattern),
            text: Box::new(text),
            all: others.contains(&b'g'),
            gives_result,
        })
    }
}

/// Whether a scalar is a variable, not a group.
fn is_variable(name: &[u8]) -> bool {
    !name.starts_with(b"&") && !name[0].is_ascii_digit() && !name.contains(&b':')
}

fn transliteration(subject: Node, quoted: &Quoted, to: &[u8]) -> Result<Node, Flaw> {
    known_flags(&quoted.flags, b"cdsr")?;
    let table = Transliteration::new(&quoted.body, to, &quoted.flags)?;
    if table.changes() {
        need_place(&subject)?;
    }
    Ok(Node::Transliterate {
        subject: Box::new(subject),
        table: Box::new(table),
    })
}

fn known_flags(flags: &[u8], known: &[u8]) -> Result<(), Flaw> {
    match flags.iter().find(|flag| !known.contains(flag)) {
        None => Ok(()),
        Some(&flag) => Err(Flaw::new(format!(
            "the flag '{}' is not known",
            char::from(flag)
        ))),
    }
}

/// The items of a list.
fn items(node: Node) -> Vec<Node> {
    match node {
        Node::List(items) => items,
        other => vec![other],
    }
}

fn check_count(word: &[u8], shape: Shape, arguments: &[Node]) -> Result<(), Flaw> {
    let count = arguments.len();
    let fits = match shape {
        Shape::Nothing => count == 0,
        Shape::One => count == 1,
        Shape::Place => count == 1 && arguments[0].is_place(),
        Shape::Several(least, most) => (least..=most).contains(&count),
        Shape::Any => true,
    };
    match fits {
        true => Ok(()),
        false => {
            let word = String::from_utf8_lossy(word);
            Err(Flaw::new(format!("'{word}' cannot take these arguments")))
        }
    }
}

/// What single quotes hold: a backslash stands for itself, unless two stand together.
fn unescaped(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len());
    let mut bytes = body.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        text.push(byte);
        if byte == b'\\' && bytes.peek() == Some(&b'\\') {
            bytes.next();
        }
    }
    text
}

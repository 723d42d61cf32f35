//! From tokens to a tree: operands.

use super::ast::{ArgumentShape, AstFunction, AstNode, ExpressionPattern, check_count, items};
use super::error::ExpressionError;
use super::infix::level;
use super::lex::{AstToken, QuotedOperand};
use super::parse::{ExpressionParser, need_variable, splice, unexpected};
use super::pattern::{PatternFlags, lazy};
use super::transliterate::CharacterTable;
use super::value::ExpressionValue;

impl ExpressionParser<'_> {
    pub(super) fn begins_operand(&self) -> bool {
        match self.peek() {
            None => false,
            Some(AstToken::Sign(sign)) => {
                matches!(*sign, "(" | "-" | "+" | "!" | "++" | "--")
            }
            Some(AstToken::Word(word)) => {
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
    pub(super) fn operand(&mut self) -> Result<AstNode, ExpressionError> {
        let Some(token) = self.peek().cloned() else {
            return Err(ExpressionError::new("its end is missing"));
        };
        self.at += 1;
        match token {
            AstToken::Number(value) => Ok(AstNode::Constant(value)),
            AstToken::Text { body, interpolates } => {
                if interpolates {
                    self.text(&body)
                } else {
                    Ok(AstNode::Constant(ExpressionValue::Text(unescaped(&body))))
                }
            }
            AstToken::Match(quoted) => self.matching(AstNode::Variable(0), &quoted),
            AstToken::Substitute(quoted, text) => {
                self.substitution(AstNode::Variable(0), &quoted, &text)
            }
            AstToken::Transliterate(quoted, to) => {
                transliteration(AstNode::Variable(0), &quoted, &to)
            }
            AstToken::Scalar(name) => self.scalar(&name),
            AstToken::Array(name) => self.array(&name),
            AstToken::LastIndex(name) => match name.as_slice() {
                b"arg" => Ok(AstNode::LastIndex),
                _ => Err(ExpressionError::unknown(&[b"$#", name.as_slice()].concat())),
            },
            AstToken::Parameter(name) => Ok(AstNode::Constant(ExpressionValue::Text(
                self.parameter(&name),
            ))),
            AstToken::Word(word) => self.word(&word),
            AstToken::Sign(sign) => self.deeper(|parser| parser.prefixed(sign)),
        }
    }

    /// An operand after the sign before it.
    fn prefixed(&mut self, sign: &'static str) -> Result<AstNode, ExpressionError> {
        match sign {
            "(" => {
                if self.pass(")") {
                    return Ok(AstNode::List(Vec::new()));
                }
                if let Some(names) = self.unpacked_names() {
                    return self.unpacking(names);
                }
                let inside = self.expression(level::LOWEST)?;
                self.need(")")?;
                Ok(inside)
            }
            "!" => Ok(AstNode::Not(Box::new(self.expression(level::UNARY)?))),
            "+" => self.expression(level::UNARY),
            "-" => {
                if let Some(AstToken::Word(word)) = self.peek()
                    && AstFunction::named(word).is_none()
                {
                    return Err(ExpressionError::unknown(&[b"-", word.as_slice()].concat()));
                }
                Ok(AstNode::Negate(Box::new(self.expression(level::UNARY)?)))
            }
            "++" | "--" => {
                let target = self.expression(18)?;
                need_variable(&target)?;
                Ok(AstNode::Step {
                    target: Box::new(target),
                    up: sign == "++",
                    gives_old: false,
                })
            }
            _ => Err(ExpressionError::unreadable(sign.as_bytes())),
        }
    }

    /// `$name`, `$1`, `$arg[N]`, `$job->seq()`.
    pub(super) fn scalar(&mut self, name: &[u8]) -> Result<AstNode, ExpressionError> {
        if name == b"&" {
            return Ok(AstNode::Group(0));
        }
        if name[0].is_ascii_digit() {
            let number = str::from_utf8(name).ok().and_then(|name| name.parse().ok());
            return match number {
                Some(number) if (1..1000).contains(&number) => Ok(AstNode::Group(number)),
                _ => Err(ExpressionError::unknown(&[b"$", name].concat())),
            };
        }
        if name == b"arg" && self.pass("[") {
            let index = self.deeper(|parser| parser.expression(level::LOWEST))?;
            self.need("]")?;
            return Ok(AstNode::Element(Box::new(index)));
        }
        if name == b"job" && self.pass("->") {
            return match self.peek().cloned() {
                Some(AstToken::Word(word))
                    if matches!(AstFunction::named(&word), Some((_, ArgumentShape::Nothing))) =>
                {
                    self.at += 1;
                    self.word(&word)
                }
                Some(token) => Err(unexpected(&token)),
                None => Err(ExpressionError::unreadable(b"->")),
            };
        }
        self.variable(name)
    }

    /// A variable that was set before, or is being set now.
    pub(super) fn variable(&mut self, name: &[u8]) -> Result<AstNode, ExpressionError> {
        if let Some(known) = self.names.iter().position(|known| known == name) {
            return Ok(AstNode::Variable(known));
        }
        let is_set = self.sees("=");
        if !is_set || name.contains(&b':') {
            let name = String::from_utf8_lossy(name);
            return Err(ExpressionError::new(format!("'${name}' is never set")));
        }
        self.names.push(name.to_vec());
        Ok(AstNode::Variable(self.names.len() - 1))
    }

    /// The variables of `($x, $y) =`, passed if that is what follows the bracket.
    fn unpacked_names(&mut self) -> Option<Vec<Vec<u8>>> {
        let mut names = Vec::new();
        let mut at = self.at;
        loop {
            let Some(AstToken::Scalar(name)) = self.tokens.get(at) else {
                return None;
            };
            if !is_variable(name) {
                return None;
            }
            names.push(name.clone());
            at += 2;
            match self.tokens.get(at - 1) {
                Some(AstToken::Sign(",")) => {}
                Some(AstToken::Sign(")")) if self.tokens.get(at) == Some(&AstToken::Sign("=")) => {
                    break;
                }
                _ => return None,
            }
        }
        self.at = at + 1;
        Some(names)
    }

    fn unpacking(&mut self, names: Vec<Vec<u8>>) -> Result<AstNode, ExpressionError> {
        let list = self.expression(level::ASSIGNMENT)?;
        let variables = names.into_iter().map(|name| {
            let known = self.names.iter().position(|known| *known == name);
            known.unwrap_or_else(|| {
                self.names.push(name);
                self.names.len() - 1
            })
        });
        Ok(AstNode::Unpack(variables.collect(), Box::new(list)))
    }

    /// `@arg`, `@arg[1..2]`.
    fn array(&mut self, name: &[u8]) -> Result<AstNode, ExpressionError> {
        if name != b"arg" {
            return Err(ExpressionError::unknown(&[b"@", name].concat()));
        }
        if !self.pass("[") {
            return Ok(AstNode::Values);
        }
        let list = self.deeper(|parser| parser.expression(level::LOWEST))?;
        self.need("]")?;
        Ok(AstNode::Slice(Box::new(list)))
    }

    /// The text of `$$1`; with `?`, as a pattern that takes as little as it can.
    pub(super) fn parameter(&self, name: &[u8]) -> Vec<u8> {
        let digits = name.strip_prefix(b"?").unwrap_or(name);
        let number = str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok());
        let group = number.and_then(|number| self.groups.get(number.checked_sub(1)?));
        let group = group.cloned().unwrap_or_default();
        if digits.len() < name.len() {
            lazy(&group)
        } else {
            group
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<AstNode, ExpressionError> {
        match word {
            b"my" => return self.declaration(),
            b"not" => {
                let operand = self.deeper(|parser| parser.expression(3))?;
                return Ok(AstNode::Not(Box::new(operand)));
            }
            _ => {}
        }
        let Some((function, shape)) = AstFunction::named(word) else {
            return Err(ExpressionError::unknown(word));
        };
        let arguments = self.deeper(|parser| parser.arguments(shape))?;
        check_count(word, shape, &arguments)?;
        match (function, arguments.len()) {
            (AstFunction::Substr, 4) => splice(arguments),
            _ => Ok(AstNode::Call(function, arguments)),
        }
    }

    fn declaration(&mut self) -> Result<AstNode, ExpressionError> {
        match self.peek().cloned() {
            Some(AstToken::Scalar(name)) if is_variable(&name) => {
                self.at += 1;
                self.variable(&name)
            }
            Some(AstToken::Sign("(")) => {
                self.at += 1;
                match self.unpacked_names() {
                    Some(names) => self.deeper(|parser| parser.unpacking(names)),
                    None => Err(ExpressionError::unreadable(b"my")),
                }
            }
            _ => Err(ExpressionError::unreadable(b"my")),
        }
    }

    fn arguments(&mut self, shape: ArgumentShape) -> Result<Vec<AstNode>, ExpressionError> {
        let takes_one = matches!(shape, ArgumentShape::One | ArgumentShape::Variable);
        let arguments = if self.pass("(") {
            if self.pass(")") {
                Vec::new()
            } else {
                let inside = self.expression(level::LOWEST)?;
                self.need(")")?;
                items(inside)
            }
        } else if shape == ArgumentShape::Nothing || !self.begins_operand() {
            Vec::new()
        } else if takes_one {
            vec![self.expression(level::UNARY_CALL)?]
        } else {
            items(self.expression(level::COMMA)?)
        };
        let wants_value = takes_one && arguments.is_empty();
        Ok(if wants_value {
            vec![AstNode::Variable(0)]
        } else {
            arguments
        })
    }

    /// The operator after `=~`.
    pub(super) fn bound(
        &mut self,
        subject: AstNode,
        negated: bool,
    ) -> Result<AstNode, ExpressionError> {
        let token = self.peek().cloned();
        let found = match token {
            Some(AstToken::Match(quoted)) => {
                self.at += 1;
                self.matching(subject, &quoted)?
            }
            Some(AstToken::Substitute(quoted, text)) => {
                self.at += 1;
                self.substitution(subject, &quoted, &text)?
            }
            Some(AstToken::Transliterate(quoted, to)) => {
                self.at += 1;
                transliteration(subject, &quoted, &to)?
            }
            _ => {
                let source = self.deeper(|parser| parser.expression(level::UNARY))?;
                let pattern = ExpressionPattern::new(source, PatternFlags::default())?;
                AstNode::Match {
                    subject: Box::new(subject),
                    pattern: Box::new(pattern),
                    all: false,
                }
            }
        };
        Ok(if negated {
            AstNode::Not(Box::new(found))
        } else {
            found
        })
    }

    fn matching(
        &mut self,
        subject: AstNode,
        quoted: &QuotedOperand,
    ) -> Result<AstNode, ExpressionError> {
        let (flags, others) = PatternFlags::split(&quoted.flags);
        known_flags(&others, b"g")?;
        Ok(AstNode::Match {
            subject: Box::new(subject),
            pattern: Box::new(ExpressionPattern::new(self.pattern(quoted)?, flags)?),
            all: others.contains(&b'g'),
        })
    }

    fn substitution(
        &mut self,
        subject: AstNode,
        quoted: &QuotedOperand,
        to: &[u8],
    ) -> Result<AstNode, ExpressionError> {
        let (flags, others) = PatternFlags::split(&quoted.flags);
        known_flags(&others, b"ger")?;
        let gives_result = others.contains(&b'r');
        if !gives_result {
            need_variable(&subject)?;
        }
        let pattern = ExpressionPattern::new(self.pattern(quoted)?, flags)?;
        let text = if others.contains(&b'e') {
            self.nested(to, |parser| parser.expression(level::LOWEST))?
        } else if quoted.interpolates {
            self.replacement(to)?
        } else {
            AstNode::Constant(ExpressionValue::Text(to.to_vec()))
        };
        Ok(AstNode::Substitute {
            subject: Box::new(subject),
            pattern: Box::new(pattern),
            text: Box::new(text),
            all: others.contains(&b'g'),
            gives_result,
        })
    }
}

/// A scalar is a variable or a group.
fn is_variable(name: &[u8]) -> bool {
    !name.starts_with(b"&") && !name[0].is_ascii_digit() && !name.contains(&b':')
}

fn transliteration(
    subject: AstNode,
    quoted: &QuotedOperand,
    to: &[u8],
) -> Result<AstNode, ExpressionError> {
    known_flags(&quoted.flags, b"cdsr")?;
    let table = CharacterTable::new(&quoted.body, to, &quoted.flags)?;
    if table.changes() {
        need_variable(&subject)?;
    }
    Ok(AstNode::Transliterate {
        subject: Box::new(subject),
        table: Box::new(table),
    })
}

fn known_flags(flags: &[u8], known: &[u8]) -> Result<(), ExpressionError> {
    match flags.iter().find(|flag| !known.contains(flag)) {
        None => Ok(()),
        Some(&flag) => Err(ExpressionError::new(format!(
            "the flag '{}' is not known",
            char::from(flag)
        ))),
    }
}

/// Text of single quotes: a backslash stands for itself, unless two stand together.
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

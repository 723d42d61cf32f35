//! From text to tokens. What a character means depends on whether an operand or an
//! operator is due: `/` begins a pattern or divides, `x` repeats or is a name.

use super::ast::{ArgumentShape, AstFunction};
use super::error::ExpressionError;
use super::quoted::QuotedCursor;
use super::value::{ExpressionNumber, ExpressionValue, leading_number};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum AstToken {
    Number(ExpressionValue),
    /// A quoted text; with `$_` and the like in it if it interpolates.
    Text {
        body: Vec<u8>,
        interpolates: bool,
    },
    /// `/PATTERN/FLAGS`
    Match(QuotedOperand),
    /// `s/PATTERN/TEXT/FLAGS`
    Substitute(QuotedOperand, Vec<u8>),
    /// `tr/FROM/TO/FLAGS`
    Transliterate(QuotedOperand, Vec<u8>),
    /// `$name`, without the dollar.
    Scalar(Vec<u8>),
    /// `@name`, without the sign.
    Array(Vec<u8>),
    /// `$#name`, without the signs.
    LastIndex(Vec<u8>),
    /// `$$1`, `$$?1`, without the dollars.
    Parameter(Vec<u8>),
    Word(Vec<u8>),
    Sign(&'static str),
}

/// Text between delimiters that flags follow.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QuotedOperand {
    pub(super) body: Vec<u8>,
    pub(super) flags: Vec<u8>,
    /// Variables are read in it.
    pub(super) interpolates: bool,
}

/// Longer signs before those that they begin with.
const SIGNS: [&str; 44] = [
    "**=", "||=", "&&=", "//=", "<=>", "=~", "!~", "==", "!=", "<=", ">=", "&&", "||", "//", "++",
    "--", "+=", "-=", "*=", "/=", ".=", "%=", "**", "..", "->", "=>", "+", "-", "*", "/", "%", ".",
    "<", ">", "=", "!", "?", ":", ",", ";", "(", ")", "[", "]",
];

/// Words that stand between two operands.
const WORD_OPERATORS: [&[u8]; 12] = [
    b"and", b"or", b"if", b"unless", b"eq", b"ne", b"lt", b"gt", b"le", b"ge", b"cmp", b"not",
];

/// The tokens of `text`.
pub(super) fn tokens(text: &[u8]) -> Result<Vec<AstToken>, ExpressionError> {
    let mut lexer = ExpressionLexer { rest: text };
    let mut tokens = Vec::new();
    let mut wants_operand = true;
    loop {
        lexer.skip_blanks();
        if lexer.rest.is_empty() {
            return Ok(tokens);
        }
        let token = if wants_operand {
            lexer.operand()?
        } else {
            lexer.operator()?
        };
        wants_operand = match &token {
            // Operators that stand before or after their operand.
            AstToken::Sign("++" | "--") => wants_operand,
            AstToken::Sign(sign) => !matches!(*sign, ")" | "]"),
            AstToken::Word(word) => {
                !matches!(AstFunction::named(word), Some((_, ArgumentShape::Nothing)))
            }
            _ => false,
        };
        tokens.push(token);
    }
}

struct ExpressionLexer<'a> {
    rest: &'a [u8],
}

impl<'a> ExpressionLexer<'a> {
    /// Passes white space and comments.
    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.rest.first() != Some(&b'#') {
                return;
            }
            let end = self.rest.iter().position(|&byte| byte == b'\n');
            self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
        }
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn operand(&mut self) -> Result<AstToken, ExpressionError> {
        let first = self.rest[0];
        match first {
            b'0'..=b'9' => self.number(),
            b'.' if self.rest.get(1).is_some_and(u8::is_ascii_digit) => self.number(),
            b'$' => self.scalar(),
            b'@' => self.array(),
            b'\'' | b'"' => self.quotes(b"q", Some(first == b'"')),
            b'/' => self.quotes(b"m", None),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word_or_quotes(),
            _ => self.sign(),
        }
    }

    fn operator(&mut self) -> Result<AstToken, ExpressionError> {
        let word = name(self.rest);
        if let [b'x', digits @ ..] = word
            && digits.iter().all(u8::is_ascii_digit)
        {
            self.take(1);
            let assigns = self.rest.starts_with(b"=")
                && !self.rest.starts_with(b"==")
                && !self.rest.starts_with(b"=~");
            if assigns {
                self.take(1);
            }
            return Ok(AstToken::Sign(if assigns { "x=" } else { "x" }));
        }
        if WORD_OPERATORS.contains(&word) {
            return Ok(AstToken::Word(self.take(word.len()).to_vec()));
        }
        if !word.is_empty() {
            return Err(ExpressionError::unreadable(word));
        }
        self.sign()
    }

    fn sign(&mut self) -> Result<AstToken, ExpressionError> {
        let signs = SIGNS.iter().chain(&["{", "}"]);
        let mut known = signs.filter(|sign| self.rest.starts_with(sign.as_bytes()));
        match known.next() {
            Some(sign) => {
                self.take(sign.len());
                Ok(AstToken::Sign(sign))
            }
            None => Err(ExpressionError::unreadable(first_character(self.rest))),
        }
    }

    /// A name; or quotes, if it is one of theirs and a delimiter follows.
    fn word_or_quotes(&mut self) -> Result<AstToken, ExpressionError> {
        let word = name(self.rest);
        if !matches!(word, b"q" | b"qq" | b"m" | b"s" | b"tr" | b"y") {
            return Ok(AstToken::Word(self.take(word.len()).to_vec()));
        }
        self.take(word.len());
        let blanks = self.rest.len() - self.rest.trim_ascii_start().len();
        match self.rest.get(blanks) {
            None | Some(b',' | b';' | b')') => Err(ExpressionError::unreadable(word)),
            Some(b'#') if blanks > 0 => Err(ExpressionError::unreadable(word)),
            Some(_) => {
                self.take(blanks);
                let interpolates = (word == b"q").then_some(false);
                self.quotes(word, interpolates.or((word == b"qq").then_some(true)))
            }
        }
    }

    /// The quoted text of the operator `word`; a plain text if it is known whether it
    /// interpolates.
    fn quotes(&mut self, word: &[u8], text: Option<bool>) -> Result<AstToken, ExpressionError> {
        let mut quotes = QuotedCursor::open(self.rest)?;
        let plain = quotes.delimiter() == b'\'';
        let body = quotes.part()?;
        if let Some(interpolates) = text {
            self.rest = quotes.rest();
            return Ok(AstToken::Text { body, interpolates });
        }
        let second = match word {
            b"m" => None,
            _ => Some(quotes.second_part()?),
        };
        self.rest = quotes.rest();
        let length = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic());
        let flags = self.take(length.count()).to_vec();
        let quoted = QuotedOperand {
            body,
            flags,
            interpolates: !plain,
        };
        Ok(match second {
            None => AstToken::Match(quoted),
            Some(text) if word == b"s" => AstToken::Substitute(quoted, text),
            Some(text) => AstToken::Transliterate(quoted, text),
        })
    }

    fn scalar(&mut self) -> Result<AstToken, ExpressionError> {
        if let Some(length) = parameter_length(self.rest) {
            return Ok(AstToken::Parameter(self.take(length)[2..].to_vec()));
        }
        if let Some(rest) = self.rest.strip_prefix(b"$#") {
            let name = name(rest);
            self.take(2 + name.len());
            return Ok(AstToken::LastIndex(name.to_vec()));
        }
        match scalar(self.rest) {
            Some((name, length)) => {
                self.take(length);
                Ok(AstToken::Scalar(name.to_vec()))
            }
            None => Err(ExpressionError::unreadable(
                &self.rest[..self.rest.len().min(2)],
            )),
        }
    }

    fn array(&mut self) -> Result<AstToken, ExpressionError> {
        let name = name(&self.rest[1..]);
        if name.is_empty() {
            return Err(ExpressionError::unreadable(b"@"));
        }
        self.take(1 + name.len());
        Ok(AstToken::Array(name.to_vec()))
    }

    fn number(&mut self) -> Result<AstToken, ExpressionError> {
        let radix = match self.rest {
            [b'0', b'x' | b'X', ..] => Some((2, 16)),
            [b'0', b'b' | b'B', ..] => Some((2, 2)),
            [b'0', b'0'..=b'7', ..] => Some((1, 8)),
            _ => None,
        };
        if let Some((skipped, radix)) = radix {
            let length = name(&[b"_", &self.rest[skipped..]].concat()).len() - 1;
            let typed = self.take(skipped + length);
            let digits: Vec<u8> = without_underscores(&typed[skipped..]);
            let digits = str::from_utf8(&digits).unwrap_or("");
            return match u64::from_str_radix(digits, radix) {
                Ok(number) => Ok(AstToken::Number(ExpressionValue::integer(number))),
                Err(_) => Err(ExpressionError::unreadable(typed)),
            };
        }
        let typed = self.take(decimal_length(self.rest));
        let number = leading_number(&without_underscores(typed));
        let is_finite =
            matches!(number, ExpressionNumber::Integer(_)) || number.float().is_finite();
        if is_finite {
            Ok(AstToken::Number(ExpressionValue::Number(number)))
        } else {
            Err(ExpressionError::unreadable(typed))
        }
    }
}

fn without_underscores(typed: &[u8]) -> Vec<u8> {
    typed.iter().copied().filter(|&byte| byte != b'_').collect()
}

/// The length of a decimal number; the dots of a range are not part of it.
fn decimal_length(text: &[u8]) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        let digits = rest
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'_'));
        digits.count()
    };
    let mut end = digits(0);
    if text.get(end) == Some(&b'.') && text.get(end + 1) != Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(text.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// The name that `text` begins with, with any `::`; empty if there is none.
pub(super) fn name(text: &[u8]) -> &[u8] {
    if text.first().is_none_or(u8::is_ascii_digit) {
        return b"";
    }
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let mut end = 0;
    loop {
        let rest = &text[end..];
        end += rest.iter().take_while(|byte| is_part(byte)).count();
        let joins = text[end..].starts_with(b"::") && text.get(end + 2).is_some_and(is_part);
        if !joins {
            return &text[..end];
        }
        end += 2;
    }
}

/// The name of the scalar that `text` begins with, and the length of all.
pub(super) fn scalar(text: &[u8]) -> Option<(&[u8], usize)> {
    let rest = text.strip_prefix(b"$")?;
    if let Some(inside) = rest.strip_prefix(b"{") {
        let end = inside.iter().position(|&byte| byte == b'}')?;
        let found = bare_name(&inside[..end]);
        let is_whole = end > 0 && found.len() == end;
        return is_whole.then_some((found, end + 3));
    }
    let found = bare_name(rest);
    (!found.is_empty()).then_some((found, 1 + found.len()))
}

/// A name, the number of a group, or `&`.
fn bare_name(text: &[u8]) -> &[u8] {
    match text.first() {
        Some(b'&') => &text[..1],
        Some(byte) if byte.is_ascii_digit() => {
            &text[..text.iter().take_while(|byte| byte.is_ascii_digit()).count()]
        }
        _ => name(text),
    }
}

/// The length of the `$$1` or `$$?1` that `text` begins with.
pub(super) fn parameter_length(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"$$")?;
    let digits = rest.strip_prefix(b"?").unwrap_or(rest);
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (count > 0).then(|| text.len() - digits.len() + count)
}

/// First character, or first byte, for a message.
fn first_character(text: &[u8]) -> &[u8] {
    let lengths = 1..=text.len().min(4);
    let mut prefixes = lengths.map(|length| &text[..length]);
    prefixes
        .find(|prefix| str::from_utf8(prefix).is_ok())
        .unwrap_or(&text[..1])
}

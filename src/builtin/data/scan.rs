//! JSON (RFC 8259) token by token. Nothing is kept of what was read, and nothing is
//! changed: numbers and strings are handed on as they are written.

use std::io::{self, Read};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonToken {
    /// `{` or `[`.
    Begin,
    /// `}` or `]`.
    End,
    Comma,
    Colon,
    /// A part of a name of a member; the quotes are among the parts.
    Key,
    /// A part of a string, a number, `true`, `false` or `null`.
    Scalar,
}

/// Receiver of tokens.
pub(super) trait JsonSink {
    fn token(&mut self, token: JsonToken, text: &[u8]) -> io::Result<()>;

    /// A whole value, which is in no other one, has come to its end.
    fn end_of_value(&mut self) -> io::Result<()>;
}

#[derive(Debug)]
pub(super) enum JsonError {
    /// The file cannot be read, or the sink cannot go on.
    Io(io::Error),
    /// The file is not JSON.
    Wrong { why: String, line: u64, column: u64 },
}

impl From<io::Error> for JsonError {
    fn from(error: io::Error) -> JsonError {
        JsonError::Io(error)
    }
}

/// Reader of a file of values.
pub(super) struct JsonScanner<R> {
    source: R,
    buffer: Vec<u8>,
    /// Range of the buffer that is still to be read.
    at: usize,
    filled: usize,
    /// Offset of the buffer in the file.
    base: u64,
    line: u64,
    /// Offset of the line in the file.
    line_start: u64,
}

impl<R: Read> JsonScanner<R> {
    /// Reads through this buffer, which has room for an escape at least.
    pub(super) fn new(source: R, buffer: Vec<u8>) -> JsonScanner<R> {
        JsonScanner {
            source,
            buffer,
            at: 0,
            filled: 0,
            base: 0,
            line: 1,
            line_start: 0,
        }
    }

    /// Reads the next value. There may be none left.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub(super) fn value(&mut self, sink: &mut dyn JsonSink) -> Result<bool, JsonError> {
        if self.base == 0 && self.at == 0 {
            self.drop_byte_order_mark()?;
        }
        if self.peek_solid()?.is_none() {
            return Ok(false);
        }
        // Closing brackets of the open objects and arrays.
        let mut ends = Vec::new();
        loop {
            let begun = match self.peek_solid()? {
                Some(b'{') => Some(b'}'),
                Some(b'[') => Some(b']'),
                _ => None,
            };
            match begun {
                None => self.scalar(sink)?,
                Some(end) => {
                    self.take(1, JsonToken::Begin, sink)?;
                    ends.push(end);
                    if self.peek_solid()? != Some(end) {
                        self.key_in(end, sink)?;
                        continue;
                    }
                }
            }
            while let Some(end) = ends.last().copied() {
                match self.peek_solid()? {
                    Some(byte) if byte == end => {
                        self.take(1, JsonToken::End, sink)?;
                        ends.pop();
                    }
                    Some(b',') => {
                        self.take(1, JsonToken::Comma, sink)?;
                        self.key_in(end, sink)?;
                        break;
                    }
                    _ => return self.expected(&format!("',' or '{}'", char::from(end))),
                }
            }
            if ends.is_empty() {
                sink.end_of_value()?;
                return Ok(true);
            }
        }
    }

    /// Reads the name of a member, if `end` is that of an object.
    fn key_in(&mut self, end: u8, sink: &mut dyn JsonSink) -> Result<(), JsonError> {
        if end != b'}' {
            return Ok(());
        }
        match self.peek_solid()? {
            Some(b'"') => self.string(JsonToken::Key, sink)?,
            _ => return self.expected("a name in quotes"),
        }
        match self.peek_solid()? {
            Some(b':') => self.take(1, JsonToken::Colon, sink),
            _ => self.expected("':'"),
        }
    }

    fn scalar(&mut self, sink: &mut dyn JsonSink) -> Result<(), JsonError> {
        match self.peek()? {
            Some(b'"') => return self.string(JsonToken::Scalar, sink),
            Some(b'-' | b'0'..=b'9') => self.number(sink)?,
            Some(b't') => self.literal(b"true", sink)?,
            Some(b'f') => self.literal(b"false", sink)?,
            Some(b'n') => self.literal(b"null", sink)?,
            _ => return self.expected("a value"),
        }
        match self.peek()? {
            Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'+' | b'-') => {
                self.wrong("the number or word does not end here")
            }
            _ => Ok(()),
        }
    }

    fn literal(&mut self, word: &[u8], sink: &mut dyn JsonSink) -> Result<(), JsonError> {
        for at in 0..word.len() {
            if !self.has(at + 1)? || self.buffer[self.at + at] != word[at] {
                self.at += at;
                return self.expected(&format!("'{}'", String::from_utf8_lossy(word)));
            }
        }
        self.take(word.len(), JsonToken::Scalar, sink)
    }

    fn number(&mut self, sink: &mut dyn JsonSink) -> Result<(), JsonError> {
        if self.peek()? == Some(b'-') {
            self.take(1, JsonToken::Scalar, sink)?;
        }
        match self.peek()? {
            Some(b'0') => self.take(1, JsonToken::Scalar, sink)?,
            _ => self.digits(sink)?,
        }
        if self.peek()? == Some(b'.') {
            self.take(1, JsonToken::Scalar, sink)?;
            self.digits(sink)?;
        }
        if matches!(self.peek()?, Some(b'e' | b'E')) {
            self.take(1, JsonToken::Scalar, sink)?;
            if matches!(self.peek()?, Some(b'+' | b'-')) {
                self.take(1, JsonToken::Scalar, sink)?;
            }
            self.digits(sink)?;
        }
        Ok(())
    }

    fn digits(&mut self, sink: &mut dyn JsonSink) -> Result<(), JsonError> {
        if !matches!(self.peek()?, Some(b'0'..=b'9')) {
            return self.expected("a digit");
        }
        while self.peek()?.is_some_and(|byte| byte.is_ascii_digit()) {
            let rest = &self.buffer[self.at..self.filled];
            let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            self.take(count, JsonToken::Scalar, sink)?;
        }
        Ok(())
    }

    /// Reads a string from its quote on.
    fn string(&mut self, token: JsonToken, sink: &mut dyn JsonSink) -> Result<(), JsonError> {
        self.take(1, token, sink)?;
        loop {
            let rest = &self.buffer[self.at..self.filled];
            let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            let run = rest.iter().position(is_special);
            let (valid, is_cut) = match std::str::from_utf8(&rest[..run.unwrap_or(rest.len())]) {
                Ok(text) => (text.len(), false),
                Err(error) if run.is_none() && error.error_len().is_none() => {
                    (error.valid_up_to(), true)
                }
                Err(error) => {
                    self.at += error.valid_up_to();
                    return self.wrong("this is not UTF-8");
                }
            };
            let special = run.map(|run| rest[run]);
            self.take(valid, token, sink)?;
            match special {
                Some(b'"') => return self.take(1, token, sink),
                Some(b'\\') => self.escape(token, sink)?,
                Some(_) => return self.wrong("a control character has to be escaped"),
                None if self.fill()? => {}
                None if is_cut => return self.wrong("this is not UTF-8"),
                None => return self.expected("'\"'"),
            }
        }
    }

    fn escape(&mut self, token: JsonToken, sink: &mut dyn JsonSink) -> Result<(), JsonError> {
        let letter = self.has(2)?.then(|| self.buffer[self.at + 1]);
        let length = match letter {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
            Some(b'u') => 6,
            _ => return self.wrong("there is no such escape"),
        };
        let has_all = self.has(length)?;
        let digits = self.buffer[..self.filled].get(self.at + 2..self.at + length);
        match digits {
            Some(digits) if has_all && digits.iter().all(u8::is_ascii_hexdigit) => {
                self.take(length, token, sink)
            }
            _ => self.wrong("\\u needs four hexadecimal digits"),
        }
    }

    /// Skips the mark that some programs begin UTF-8 with.
    fn drop_byte_order_mark(&mut self) -> io::Result<()> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        // More is read only if the first byte is that of a mark: a value is not waited for.
        let is_mark = self.peek()? == Some(MARK[0]) && self.has(MARK.len())?;
        if is_mark && self.buffer[..self.filled].starts_with(MARK) {
            self.at = MARK.len();
        }
        Ok(())
    }

    /// The next byte that is no space.
    fn peek_solid(&mut self) -> io::Result<Option<u8>> {
        while let Some(byte) = self.peek()? {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.base + self.at as u64 + 1;
                }
                b' ' | b'\t' | b'\r' => {}
                byte => return Ok(Some(byte)),
            }
            self.at += 1;
        }
        Ok(None)
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.has(1)?.then(|| self.buffer[self.at]))
    }

    /// Reads until `count` bytes are at hand, or returns false.
    fn has(&mut self, count: usize) -> io::Result<bool> {
        while self.filled - self.at < count {
            if !self.fill()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads more, unless this is the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.base += self.at as u64;
        self.filled -= self.at;
        self.at = 0;
        let count = self.source.read(&mut self.buffer[self.filled..])?;
        self.filled += count;
        Ok(count > 0)
    }

    /// Passes `count` bytes to the sink.
    fn take(
        &mut self,
        count: usize,
        token: JsonToken,
        sink: &mut dyn JsonSink,
    ) -> Result<(), JsonError> {
        sink.token(token, &self.buffer[self.at..self.at + count])?;
        self.at += count;
        Ok(())
    }

    /// Number of the current line.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Error about the value that was read last.
    pub(super) fn wrong_before(&self, why: &str) -> JsonError {
        JsonError::Wrong {
            why: why.to_owned(),
            line: self.line,
            column: self.base + self.at as u64 - self.line_start,
        }
    }

    fn expected<T>(&mut self, what: &str) -> Result<T, JsonError> {
        match self.peek()? {
            Some(_) => self.wrong(&format!("{what} is expected")),
            None => self.wrong(&format!("{what} is expected, but the file ends")),
        }
    }

    fn wrong<T>(&self, why: &str) -> Result<T, JsonError> {
        Err(JsonError::Wrong {
            why: why.to_owned(),
            line: self.line,
            column: self.base + self.at as u64 - self.line_start + 1,
        })
    }
}

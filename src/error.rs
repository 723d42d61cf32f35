//! Errors of prun itself. A failed job is never an [`Error`]: it is an outcome, and the
//! run goes on.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};

pub(crate) type Result<T> = std::result::Result<T, Error>;

/// Message for the person who typed the command: what failed, which thing, why, and,
/// where it helps, what to type next.
///
/// Printed as `prun: MESSAGE`, then `hint: HINT` if there is one. Every error ends prun
/// with [`crate::exit::ERROR`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    message: String,
    hint: Option<String>,
}

impl Error {
    /// A message in the house style: lower case, the thing in single quotes,
    /// no full stop, one line.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Error {
            message: message.into(),
            hint: None,
        }
    }

    /// Appends the system's reason: `cannot read 'list.txt': No such file or directory`.
    #[must_use]
    pub(crate) fn because(mut self, reason: &io::Error) -> Self {
        self.message.push_str(": ");
        self.message.push_str(&reason_text(reason));
        self
    }

    /// Prepends the place where it was found: `in $PRUN: ...`.
    #[must_use]
    pub(crate) fn within(self, place: &str) -> Self {
        Error {
            message: format!("in {place}: {}", self.message),
            ..self
        }
    }

    /// Adds what to type next, preferably a command line that works.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Message without the hint.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Prints the error to standard error in one write, so that it is not mixed
    /// with what jobs print there. A standard error that cannot take it is ignored:
    /// the exit status tells the same.
    pub(crate) fn report(&self) {
        let text = format!("{self}\n");
        let _ = io::stderr().write_all(&escape_controls(text.as_bytes()));
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "prun: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// Text of prun's own that is safe on a terminal, whatever names are in it: control bytes
/// except newline and tab become `\x1b`. Messages are the same where they are no terminal's.
pub(crate) fn escape_controls(text: &[u8]) -> Cow<'_, [u8]> {
    let is_control = |&byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\n' | b'\t');
    // U+0080 to U+009F, which commands some terminals as well.
    let is_c1 = |pair: &[u8]| matches!(pair, [0xc2, 0x80..=0x9f]);
    if !text.iter().any(is_control) && !text.windows(2).any(is_c1) {
        return Cow::Borrowed(text);
    }
    let mut escaped = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if is_control(&byte) {
            escaped.extend_from_slice(format!("\\x{byte:02x}").as_bytes());
        } else if let (0xc2, Some((&second @ 0x80..=0x9f, after))) = (byte, rest.split_first()) {
            escaped.extend_from_slice(format!("\\x{second:02x}").as_bytes());
            rest = after;
        } else {
            escaped.push(byte);
        }
    }
    Cow::Owned(escaped)
}

/// System's own words for an error number, without Rust's ` (os error 2)`.
pub(crate) fn reason_text(reason: &io::Error) -> String {
    let text = reason.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Bytes as one line of text that is safe on a terminal.
pub(crate) fn visible(bytes: &[u8]) -> String {
    let mut text = String::new();
    for c in String::from_utf8_lossy(bytes).chars() {
        match c {
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() => text.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn terminals_are_not_commanded() {
        assert_eq!(visible(b"a\x1b]0;x\x07\nb"), "a\\x1b]0;x\\x07\\nb");
    }

    #[test]
    fn control_bytes_are_shown() {
        for (text, escaped) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\x1b]0;x\x07\r\x7f", "\\x1b]0;x\\x07\\x0d\\x7f"),
            ("\u{9b}31m \u{a0}é", "\\x9b31m \u{a0}é"),
        ] {
            assert_eq!(&*escape_controls(text.as_bytes()), escaped.as_bytes());
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_has_no_control_bytes(text in prop::collection::vec(any::<u8>(), 0..20)) {
            let escaped = escape_controls(&text);
            let text = String::from_utf8_lossy(&escaped);
            prop_assert!(text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t')));
        }
    }

    #[test]
    fn a_message_names_the_reason_and_the_next_step() {
        let missing = io::Error::from_raw_os_error(2);
        let error = Error::new("cannot read 'list.txt'")
            .because(&missing)
            .hint("ls");
        assert_eq!(
            error.to_string(),
            "prun: cannot read 'list.txt': No such file or directory\nhint: ls"
        );
    }
}

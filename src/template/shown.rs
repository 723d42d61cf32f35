//! Values in the text of a command that a person reads, pastes, or finds in a job log. What
//! is read there is what the job got: no value ends what is around it or adds to it.

use std::borrow::Cow;

use crate::input::Row;
use crate::placeholder::JobPosition;
use crate::quote::{self, QuotePolicy, QuoteStyle};
use crate::shell::{QuoteContext, ValueReading, integer};

use super::command_text::{SlotFilling, ValueSlot};

impl ValueSlot {
    pub(super) fn show(
        &self,
        row: &Row,
        position: JobPosition,
        style: QuoteStyle,
        out: &mut Vec<u8>,
    ) {
        match self.filling {
            SlotFilling::Parameter(QuoteContext::Word) => {
                self.show_words(row, position, style, out)
            }
            SlotFilling::Quoted => self.placeholder.push_quoted(row, position, out),
            SlotFilling::Raw => out.extend_from_slice(&self.placeholder.joined(row, position)),
            SlotFilling::Parameter(context) => {
                self.part_from_minus(out);
                let joined = self.read(self.placeholder.joined(row, position));
                if separator(context).is_some() && extends_variable(out, &joined) {
                    separate(context, out);
                }
                match context {
                    QuoteContext::Body => self.show_lines(&joined, out),
                    QuoteContext::Double | QuoteContext::Single | QuoteContext::Ansi => {
                        if self.may_end_document(out, &joined) {
                            separate(context, out);
                        }
                        match context {
                            QuoteContext::Double => quote::in_double(&joined, out),
                            // A backslash at its end would take the end of the line away.
                            QuoteContext::Single if !self.delimiters.is_empty() => {
                                out.extend_from_slice(b"'$'");
                                quote::ansi(&joined, out);
                                out.extend_from_slice(b"''");
                            }
                            QuoteContext::Single => quote::in_single(&joined, out),
                            _ => quote::ansi(&joined, out),
                        }
                    }
                    _ => self.show_text(&joined, style, out),
                }
            }
        }
    }

    fn show_words(&self, row: &Row, position: JobPosition, style: QuoteStyle, out: &mut Vec<u8>) {
        for nth in 0..self.placeholder.count(row.values.len()) {
            if nth > 0 {
                out.push(b' ');
            }
            let text = self.read(self.placeholder.text(nth, row, position));
            self.show_text(&text, style, out);
        }
    }

    fn show_text(&self, text: &[u8], style: QuoteStyle, out: &mut Vec<u8>) {
        // A delimiter that is not quoted has no quotes in it.
        let (style, quote_policy) = match self.may_end_document(out, text) || text.contains(&b'\n')
        {
            true if !self.delimiters.is_empty() => (QuoteStyle::Readable, QuotePolicy::Never),
            _ => (style, self.quote_policy),
        };
        quote::push_quoted(text, style, quote_policy, out);
    }

    /// The body of a here-document ends at the first line that is its delimiter, before
    /// anything in it is expanded.
    fn show_lines(&self, text: &[u8], out: &mut Vec<u8>) {
        for (nth, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if nth > 0 {
                out.push(b'\n');
            }
            if self.may_end_document(out, line) {
                separate(QuoteContext::Body, out);
            }
            quote::in_document(line, out);
        }
    }

    /// Tells whether a line with this text in it could end a here-document, or could lose
    /// its tabs to it.
    fn may_end_document(&self, before: &[u8], line: &[u8]) -> bool {
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let mut delimiters = self.delimiters.iter();
        delimiters.any(|delimiter| {
            line.starts_with(b"\t")
                || contains(line, delimiter)
                || contains(delimiter, line)
                // ksh ends it at `E)`, too.
                || line.starts_with(b")") && contains(&before[start..], delimiter)
        })
    }

    /// Tells whether one of the values here begins with this byte.
    pub(super) fn begins_with(&self, byte: u8, row: &Row, position: JobPosition) -> bool {
        let mut values = 0..self.placeholder.count(row.values.len());
        values.any(|nth| self.placeholder.text(nth, row, position).first() == Some(&byte))
    }

    /// `3-<>` with -5 would be read as a decrement by some shells.
    pub(super) fn part_from_minus(&self, before: &mut Vec<u8>) {
        let calculates = self.filling == SlotFilling::Parameter(QuoteContext::Body);
        if calculates && self.reading == ValueReading::Integer && before.ends_with(b"-") {
            before.push(b' ');
        }
    }

    /// A number is shown as the shell gets it; what is no number is shown as it is.
    fn read<'a>(&self, text: Cow<'a, [u8]>) -> Cow<'a, [u8]> {
        match self.reading {
            ValueReading::Bytes | ValueReading::Number => text,
            ValueReading::Integer => match integer::canonical(&text) {
                Some(number) => Cow::Owned(number),
                None => text,
            },
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(text, part).is_some()
}

/// Syntax that adds nothing and parts a value from the text before it.
fn separator(context: QuoteContext) -> Option<&'static [u8]> {
    match context {
        QuoteContext::Double => Some(b"\"\""),
        QuoteContext::Single => Some(b"''"),
        QuoteContext::Ansi => Some(b"'$'"),
        QuoteContext::Body => Some(b"$()"),
        QuoteContext::Word | QuoteContext::Part | QuoteContext::Refused(_) => None,
    }
}

fn separate(context: QuoteContext, out: &mut Vec<u8>) {
    out.extend_from_slice(separator(context).unwrap_or_default());
}

/// Tells whether a value would become part of the expansion before it: of its name, as in
/// `$x<>`, or in zsh a subscript or a modifier of it.
fn extends_variable(before: &[u8], value: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let name = before.iter().rposition(|byte| !in_name(byte));
    if name.is_some_and(|at| before[at] == b'$' && at + 1 < before.len()) {
        return true;
    }
    let blank = before.iter().rposition(u8::is_ascii_whitespace);
    let word = &before[blank.map_or(0, |at| at + 1)..];
    matches!(value.first(), Some(b'[' | b':')) && word.contains(&b'$')
}

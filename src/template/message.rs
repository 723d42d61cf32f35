//! Message of a job to a worker that lives on (`--worker`): made of the row, and shown as what a
//! shell would have to send in its place.

use crate::input::Row;
use crate::placeholder::{JobPosition, Placeholder, RenderedText, TextTemplate, ValueError};
use crate::quote::{self, QuotePolicy, QuoteStyle};

/// Byte that ends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageFrame {
    Newline,
    /// `-0`
    Nul,
}

impl MessageFrame {
    pub(crate) fn byte(self) -> u8 {
        match self {
            MessageFrame::Newline => b'\n',
            MessageFrame::Nul => 0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            MessageFrame::Newline => "newline",
            MessageFrame::Nul => "NUL byte",
        }
    }

    /// Format by which printf(1) ends a text with the byte.
    fn printf(self) -> &'static [u8] {
        match self {
            MessageFrame::Newline => b"printf '%s\\n' ",
            MessageFrame::Nul => b"printf '%s\\0' ",
        }
    }
}

/// Template of the messages of all jobs.
#[derive(Debug)]
pub(crate) struct MessageTemplate {
    /// `--worker-send TEXT`; without it, the values joined by tabs.
    text: Option<TextTemplate>,
    frame: MessageFrame,
}

impl MessageTemplate {
    pub(crate) fn new(text: Option<TextTemplate>, frame: MessageFrame) -> MessageTemplate {
        MessageTemplate { text, frame }
    }

    /// Puts the message of one job into `out`, whose contents are dropped. It ends with the
    /// frame byte.
    ///
    /// # Errors
    /// A value holds the frame byte, or a tab that is not sent alone: the worker would take it for
    /// the end of the message or of the value.
    pub(super) fn write(
        &self,
        row: &Row,
        position: JobPosition,
        out: &mut Vec<u8>,
    ) -> Result<(), ValueError> {
        let seq = position.seq;
        if self.fill(row, position, out) {
            let name = self.frame.name();
            return Err(ValueError(format!(
                "input {seq} has a {name}, which would end the message to the worker"
            )));
        }
        let is_joined = self.text.is_none() && row.values.len() > 1;
        let holds_tab = |value: &[u8]| memchr::memchr(b'\t', value).is_some();
        if is_joined && row.values.iter().any(holds_tab) {
            return Err(ValueError(format!(
                "input {seq} has a tab, which would end the value in the message to the worker \
                 (--worker-send TEXT says how values are sent)"
            )));
        }
        if out.last() != Some(&self.frame.byte()) {
            out.push(self.frame.byte());
        }
        Ok(())
    }

    /// Puts the message, as it is before the frame byte is added, into `out`. Returns whether a
    /// value holds that byte.
    fn fill(&self, row: &Row, position: JobPosition, out: &mut Vec<u8>) -> bool {
        out.clear();
        let holds_frame = |value: &[u8]| memchr::memchr(self.frame.byte(), value).is_some();
        let mut is_split = false;
        let Some(text) = &self.text else {
            for (nth, value) in row.values.iter().enumerate() {
                if nth > 0 {
                    out.push(b'\t');
                }
                is_split |= holds_frame(value);
                out.extend_from_slice(value);
            }
            return is_split;
        };
        for part in text.parts(row, position) {
            match part {
                RenderedText::Text(bytes) => out.extend_from_slice(&bytes),
                RenderedText::Value(bytes) => {
                    is_split |= holds_frame(&bytes);
                    out.extend_from_slice(&bytes);
                }
            }
        }
        is_split
    }

    /// Appends a command that prints the message, and the pipe from it.
    pub(super) fn show(&self, row: &Row, position: JobPosition, out: &mut Vec<u8>) {
        let mut message = Vec::new();
        self.fill(row, position, &mut message);
        message.pop_if(|last| *last == self.frame.byte());
        out.extend_from_slice(self.frame.printf());
        quote::push_quoted(&message, QuoteStyle::Readable, QuotePolicy::Operand, out);
        out.extend_from_slice(b" | ");
    }

    /// The same with `<>` in place of the message.
    pub(super) fn generic_text(&self) -> Vec<u8> {
        [self.frame.printf(), b"<> | "].concat()
    }

    /// Tells whether a command, as [`MessageTemplate::show`] begins it, can be one of this
    /// template that sends it to `worker`.
    pub(super) fn fits(&self, command: &[u8], worker: &[u8]) -> bool {
        command.starts_with(self.frame.printf()) && command.ends_with(worker)
    }

    /// Its placeholders. Without a template, every value is sent as it is.
    pub(super) fn placeholders(&self) -> impl Iterator<Item = &Placeholder> {
        static WHOLE: Placeholder = Placeholder::WHOLE;
        let implied = self.text.is_none().then_some(&WHOLE);
        let typed = self.text.iter().flat_map(TextTemplate::placeholders);
        implied.into_iter().chain(typed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::placeholder::{CommandDialect, PlaceholderSpellings, RowShape};

    fn template(text: Option<&str>, frame: MessageFrame) -> MessageTemplate {
        let parse = |text: &str| {
            let usual = PlaceholderSpellings::default();
            let shape = RowShape::of(2);
            TextTemplate::parse(text.as_bytes(), CommandDialect::Own, &usual, &shape).unwrap()
        };
        MessageTemplate::new(text.map(parse), frame)
    }

    fn message(template: &MessageTemplate, values: &[&[u8]]) -> Result<Vec<u8>, String> {
        let mut out = b"old".to_vec();
        let row = Row::from_iter(values);
        let written = template.write(&row, JobPosition::of(7, 2), &mut out);
        written.map(|()| out).map_err(|ValueError(why)| why)
    }

    #[test]
    fn a_message_ends_with_one_frame_byte() {
        use MessageFrame::{Newline, Nul};
        let values: [&[u8]; 2] = [b"a b", b"$c"];
        let table: [(Option<&str>, MessageFrame, &[u8]); 8] = [
            (None, Newline, b"a b\t$c\n"),
            (None, Nul, b"a b\t$c\0"),
            (Some("<2>"), Newline, b"$c\n"),
            (Some("-x\n<1>\n-execute\n"), Newline, b"-x\na b\n-execute\n"),
            (Some("<1>\n"), Nul, b"a b\n\0"),
            (Some("<#>/<%>\\n"), Newline, b"7/2\\n\n"),
            (Some(""), Newline, b"\n"),
            (Some("\n\n"), Newline, b"\n\n"),
        ];
        for (text, frame, expected) in table {
            let sent = message(&template(text, frame), &values);
            assert_eq!(sent, Ok(expected.to_vec()), "{text:?}");
        }
    }

    #[test]
    fn a_value_with_the_frame_byte_is_refused_where_it_is_sent() {
        let why = "input 7 has a newline, which would end the message to the worker";
        let values: [&[u8]; 2] = [b"a", b"b\nc"];
        for (text, expected) in [
            (None, Err(why.to_owned())),
            (Some("<2>"), Err(why.to_owned())),
            (Some("<1>\n"), Ok(b"a\n".to_vec())),
        ] {
            let sent = message(&template(text, MessageFrame::Newline), &values);
            assert_eq!(sent, expected);
        }
        let nul = template(None, MessageFrame::Nul);
        assert_eq!(message(&nul, &values), Ok(b"a\tb\nc\0".to_vec()));
        let why = "input 7 has a NUL byte, which would end the message to the worker";
        assert_eq!(message(&nul, &[b"a\0b"]), Err(why.to_owned()));
    }

    #[test]
    fn a_message_is_shown_as_what_prints_it() {
        let shown = |template: MessageTemplate, values: [&str; 2]| {
            let mut out = Vec::new();
            template.show(&Row::from_iter(values), JobPosition::of(7, 2), &mut out);
            String::from_utf8(out).unwrap()
        };
        use MessageFrame::{Newline, Nul};
        for (text, frame, expected) in [
            (None, Newline, "printf '%s\\n' $'a b\\t$c' | "),
            (Some("<2>"), Nul, "printf '%s\\0' '$c' | "),
            (Some("<1>\n-e\n"), Newline, "printf '%s\\n' $'a b\\n-e' | "),
        ] {
            assert_eq!(shown(template(text, frame), ["a b", "$c"]), expected);
        }
    }

    proptest! {
        #[test]
        fn messages_are_cut_apart_by_the_frame_byte(
            rows in prop::collection::vec(
                prop::collection::vec(prop::sample::select(&b"ab\n\0\t"[..]), 0..6), 1..8
            ),
            is_nul: bool,
        ) {
            let frame = if is_nul { MessageFrame::Nul } else { MessageFrame::Newline };
            let template = template(None, frame);
            let mut stream = Vec::new();
            let mut accepted = Vec::new();
            for row in &rows {
                match message(&template, &[row]) {
                    Ok(message) => {
                        accepted.push(row.clone());
                        stream.extend(message);
                    }
                    Err(_) => prop_assert!(row.contains(&frame.byte())),
                }
            }
            let mut read: Vec<Vec<u8>> =
                stream.split(|byte| *byte == frame.byte()).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(read.pop(), Some(Vec::new()));
            prop_assert_eq!(read, accepted);
        }
    }
}

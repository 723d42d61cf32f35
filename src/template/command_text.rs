//! The text of a command with slots for values, and its two renderings: the
//! script that a shell runs, made once, and the line that a person reads.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::input::Row;
use crate::placeholder::{
    DialectRules, JobPosition, Placeholder, TemplateWord, ValueSpread, WordPart,
};
use crate::quote::{self, QuotePolicy, QuoteStyle};
use crate::shell::{
    PlaceholderSite, QuoteContext, ShellLine, ShellProgram, SiteContent, ValueReading,
};

/// A word that is a number to the shell: which one, and what kind of number.
pub(super) type NumericWord = (usize, ValueReading);

/// A command's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommandText {
    pub(super) chunks: Vec<CommandTextPart>,
    pub(super) style: QuoteStyle,
}

/// A piece of a command's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CommandTextPart {
    Text(Vec<u8>),
    Slot(ValueSlot),
    /// A word that is there once for each value. No such word is in it.
    Word(Vec<CommandTextPart>),
}

/// A position for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ValueSlot {
    pub(super) placeholder: Placeholder,
    pub(super) filling: SlotFilling,
    pub(super) reading: ValueReading,
    pub(super) quote_policy: QuotePolicy,
    /// The lines that would end the here-documents that it is in.
    pub(super) delimiters: Vec<Vec<u8>>,
}

/// Ways to put a value into a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlotFilling {
    /// A parameter of the shell.
    Parameter(QuoteContext),
    /// `--gnu`: quoted text, whatever is around; code if an expression says so.
    Quoted,
    /// `--gnu`, where a command begins: the value is shell text.
    Raw,
}

impl CommandText {
    /// The program of a line that was read, from a place in it on.
    pub(super) fn from_line(
        text: &[u8],
        line: &ShellLine,
        from: usize,
        rules: &DialectRules,
    ) -> CommandText {
        let mut command_text = CommandText::new(rules.quote_style);
        let mut at = from;
        let later = line.sites.iter().filter(|site| site.range.start >= from);
        let later: Vec<&PlaceholderSite> = later.collect();
        for sites in later.chunk_by(|one, next| one.word.is_some() && one.word == next.word) {
            let end = match &sites[0].word {
                None => sites[0].range.end,
                Some(word) => {
                    command_text.push(&text[at..word.start]);
                    at = word.start;
                    word.end
                }
            };
            let mut piece = CommandText::new(command_text.style);
            for site in sites {
                piece.push(&text[at..site.range.start]);
                piece.push_site(site, text, rules);
                at = site.range.end;
            }
            piece.push(&text[at..end]);
            at = end;
            match sites[0].word {
                None => command_text.append(piece),
                Some(_) => command_text
                    .chunks
                    .push(CommandTextPart::Word(piece.chunks)),
            }
        }
        command_text.push(&text[at..]);
        command_text
    }

    fn push_site(&mut self, site: &PlaceholderSite, text: &[u8], rules: &DialectRules) {
        match &site.what {
            SiteContent::Literal => {
                let literal = &text[site.range.start + 1..site.range.end];
                self.push(&literal_in(literal, site.context));
            }
            SiteContent::Placeholder(placeholder) => {
                let slot = slot(site, placeholder.clone(), rules);
                self.chunks.push(CommandTextPart::Slot(slot));
            }
        }
    }

    fn append(&mut self, other: CommandText) {
        for chunk in other.chunks {
            match chunk {
                CommandTextPart::Text(text) => self.push(&text),
                chunk => self.chunks.push(chunk),
            }
        }
    }

    pub(super) fn new(style: QuoteStyle) -> CommandText {
        CommandText {
            chunks: Vec::new(),
            style,
        }
    }

    /// The `NAME=value` words before a command.
    pub(super) fn from_environment(
        variables: &[(OsString, TemplateWord)],
        style: QuoteStyle,
    ) -> CommandText {
        let mut command_text = CommandText::new(style);
        for (name, value) in variables {
            command_text.push(name.as_bytes());
            command_text.push(b"=");
            command_text.push_word(value, QuotePolicy::Always, ValueReading::Bytes);
            command_text.push(b" ");
        }
        command_text
    }

    /// Appends words that are passed on exactly.
    pub(super) fn push_words(
        &mut self,
        words: &[TemplateWord],
        first: QuotePolicy,
        numbers: &[NumericWord],
    ) {
        for (at, word) in words.iter().enumerate() {
            if at > 0 {
                self.push(b" ");
            }
            let number = numbers.iter().find(|number| number.0 == at);
            let reading = number.map_or(ValueReading::Bytes, |number| number.1);
            self.push_word(
                word,
                if at == 0 { first } else { QuotePolicy::Always },
                reading,
            );
        }
    }

    /// Appends text.
    pub(super) fn push(&mut self, text: &[u8]) {
        match self.chunks.last_mut() {
            _ if text.is_empty() => {}
            Some(CommandTextPart::Text(last)) => last.extend_from_slice(text),
            _ => self.chunks.push(CommandTextPart::Text(text.to_vec())),
        }
    }

    /// Appends a word.
    pub(super) fn push_word(
        &mut self,
        word: &TemplateWord,
        quote_policy: QuotePolicy,
        reading: ValueReading,
    ) {
        let is_each = |part: &WordPart| matches!(part, WordPart::Placeholder(_, ValueSpread::Each));
        if word.parts.iter().any(is_each) {
            let mut piece = CommandText::new(self.style);
            piece.push_parts(word, quote_policy, reading);
            self.chunks.push(CommandTextPart::Word(piece.chunks));
        } else {
            self.push_parts(word, quote_policy, reading);
        }
    }

    fn push_parts(
        &mut self,
        word: &TemplateWord,
        quote_policy: QuotePolicy,
        reading: ValueReading,
    ) {
        let alone = word.parts.len() == 1;
        for part in &word.parts {
            match part {
                WordPart::Text(text) if text.is_empty() && !alone => {}
                WordPart::Text(text) => {
                    let mut quoted = Vec::new();
                    quote::push_quoted(text, self.style, quote_policy, &mut quoted);
                    self.push(&quoted);
                }
                WordPart::Placeholder(placeholder, spread) => {
                    self.chunks.push(CommandTextPart::Slot(ValueSlot {
                        placeholder: placeholder.clone(),
                        filling: SlotFilling::Parameter(match spread {
                            ValueSpread::Words => QuoteContext::Word,
                            ValueSpread::Joined | ValueSpread::Each => QuoteContext::Part,
                        }),
                        reading,
                        quote_policy,
                        delimiters: Vec::new(),
                    }))
                }
                WordPart::Code(_) => {}
            }
        }
    }

    pub(super) fn slots(&mut self) -> impl Iterator<Item = &mut ValueSlot> {
        self.chunks
            .iter_mut()
            .flat_map(|chunk| match chunk {
                CommandTextPart::Word(chunks) => chunks.as_mut_slice(),
                chunk => std::slice::from_mut(chunk),
            })
            .filter_map(|chunk| match chunk {
                CommandTextPart::Slot(slot) => Some(slot),
                CommandTextPart::Text(_) | CommandTextPart::Word(_) => None,
            })
    }

    /// Puts values in as quoted text where the shell has no parameters as prun writes them.
    pub(super) fn suit(&mut self, shell: &ShellProgram) {
        if shell.is_known() {
            return;
        }
        for slot in self.slots().filter(|slot| slot.filling != SlotFilling::Raw) {
            slot.filling = SlotFilling::Quoted;
        }
    }

    /// Appends the command as a person would type it.
    pub(super) fn show(&self, row: &Row, position: JobPosition, out: &mut Vec<u8>) {
        self.each_piece(row.values.len(), |piece| match piece {
            TextOrSlot::Text(text) => out.extend_from_slice(text),
            TextOrSlot::Slot(slot) => slot.show(row, position, self.style, out),
        });
    }

    /// Gives the pieces for a row of `len` values, in order: a word that is there once for
    /// each value is given so often.
    pub(super) fn each_piece(&self, len: usize, mut each: impl FnMut(TextOrSlot<'_>)) {
        for chunk in &self.chunks {
            match chunk {
                CommandTextPart::Text(text) => each(TextOrSlot::Text(text)),
                CommandTextPart::Slot(slot) => each(TextOrSlot::Slot(slot)),
                CommandTextPart::Word(parts) => {
                    for nth in 0..repetitions(parts, len) {
                        if nth > 0 {
                            each(TextOrSlot::Text(b" "));
                        }
                        for part in parts {
                            part.nth(nth, len, &mut each);
                        }
                    }
                }
            }
        }
    }
}

/// A piece of a command's text for one row.
pub(super) enum TextOrSlot<'a> {
    Text(&'a [u8]),
    Slot(&'a ValueSlot),
}

impl CommandTextPart {
    /// Gives the part of a word for the `nth` of several values.
    fn nth(&self, nth: usize, len: usize, each: &mut impl FnMut(TextOrSlot<'_>)) {
        match self {
            CommandTextPart::Text(text) => each(TextOrSlot::Text(text)),
            CommandTextPart::Slot(slot) if slot.placeholder.count(len) > 1 => {
                let placeholder = slot.placeholder.single(nth, len);
                each(TextOrSlot::Slot(&ValueSlot {
                    placeholder,
                    ..slot.clone()
                }));
            }
            CommandTextPart::Slot(slot) => each(TextOrSlot::Slot(slot)),
            // No such word is within another.
            CommandTextPart::Word(_) => {}
        }
    }

    pub(super) fn is_word(&self) -> bool {
        matches!(self, CommandTextPart::Word(_))
    }

    pub(super) fn fixed_length(&self) -> usize {
        match self {
            CommandTextPart::Text(text) => text.len(),
            CommandTextPart::Slot(_) => 0,
            CommandTextPart::Word(chunks) => chunks.iter().map(CommandTextPart::fixed_length).sum(),
        }
    }
}

/// Repetitions of a word in a row of `len` values.
fn repetitions(parts: &[CommandTextPart], len: usize) -> usize {
    let counts = parts.iter().map(|part| match part {
        CommandTextPart::Slot(slot) => slot.placeholder.count(len),
        CommandTextPart::Text(_) | CommandTextPart::Word(_) => 1,
    });
    counts.max().unwrap_or(1)
}

fn slot(site: &PlaceholderSite, placeholder: Placeholder, rules: &DialectRules) -> ValueSlot {
    let filling = match site.context {
        QuoteContext::Refused(_) => SlotFilling::Quoted,
        QuoteContext::Part if rules.spread == ValueSpread::Words => {
            SlotFilling::Parameter(QuoteContext::Word)
        }
        context => SlotFilling::Parameter(context),
    };
    ValueSlot {
        placeholder,
        filling,
        reading: site.reading,
        quote_policy: site.quote_policy,
        delimiters: site.delimiters.clone(),
    }
}

/// An escaped placeholder's text, for a shell to read as it is.
fn literal_in(text: &[u8], context: QuoteContext) -> Vec<u8> {
    let mut out = Vec::new();
    match context {
        QuoteContext::Word | QuoteContext::Part => {
            quote::push_quoted(text, QuoteStyle::Portable, QuotePolicy::Never, &mut out);
        }
        QuoteContext::Double => quote::in_double(text, &mut out),
        QuoteContext::Single => quote::in_single(text, &mut out),
        QuoteContext::Ansi => quote::ansi(text, &mut out),
        QuoteContext::Body => quote::in_document(text, &mut out),
        QuoteContext::Refused(_) => out.extend_from_slice(text),
    }
    out
}

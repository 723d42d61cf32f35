//! A program for a shell. Values are its positional parameters, so that nothing
//! in them is ever program text. The first line saves them: `set --` and functions
//! change `$1`.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::input::{ByteStrings, Row};
use crate::placeholder::{JobPosition, Placeholder, ValueError, push_argument, push_values};
use crate::quote;
use crate::shell::{DefinitionsPrologue, QuoteContext, ShellProgram, ValueReading, integer};

use super::command_text::{CommandText, SlotFilling, TextOrSlot, ValueSlot};

/// A shell script for rows of one length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShellScript {
    /// Saves the parameters.
    prologue: String,
    pub(super) body: ScriptBody,
    parameters: Vec<ScriptParameter>,
    /// All values follow the parameters that have names: the script knows them as `"$@"`.
    passes_all: bool,
}

/// More values than these are no parameters with names: a script must not grow with them.
const MOST_NAMED: usize = 9;

/// Parameters that are looked through for an equal one.
const MOST_COMPARED: usize = 64;

/// The script's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ScriptBody {
    /// Text that is the same for every job.
    Fixed(OsString),
    /// `--gnu`: some values are in the text.
    Varying(Vec<ScriptFragment>),
}

/// A piece of a script that is made for each job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ScriptFragment {
    Text(Vec<u8>),
    Quoted(Placeholder),
    Raw(Placeholder),
}

/// A positional parameter of the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ScriptParameter {
    placeholder: Placeholder,
    reading: ValueReading,
}

impl ShellScript {
    /// The script for rows of `len` values.
    pub(super) fn new(
        command_text: &CommandText,
        len: usize,
        definitions: &DefinitionsPrologue,
    ) -> ShellScript {
        let mut writer = ScriptWriter {
            len,
            name: definitions.parameter(),
            fragments: vec![Vec::new().into()],
            parameters: Vec::new(),
            passes_all: false,
        };
        command_text.each_piece(len, |piece| match piece {
            TextOrSlot::Text(text) => writer.text().extend_from_slice(text),
            TextOrSlot::Slot(slot) => writer.slot(slot),
        });
        writer.finish(definitions)
    }

    /// Appends the script, `$0` and the parameters.
    pub(super) fn push_to(
        &self,
        (row, position): (&Row, JobPosition),
        shell: &ShellProgram,
        argv: &mut ByteStrings,
    ) -> Result<(), ValueError> {
        match &self.body {
            ScriptBody::Fixed(text) => argv.push(text.as_bytes()),
            ScriptBody::Varying(fragments) => {
                let body = fill(fragments, row, position);
                let script = shell.definitions.before(self.prologue.as_bytes(), &body);
                push_argument(argv, &script, position)?;
            }
        }
        argv.push(shell.path.as_os_str().as_bytes());
        for parameter in &self.parameters {
            parameter.push_to(argv, row, position)?;
        }
        if self.passes_all {
            push_values(argv, row, position)?;
        }
        Ok(())
    }
}

impl ScriptParameter {
    fn push_to(
        &self,
        argv: &mut ByteStrings,
        row: &Row,
        position: JobPosition,
    ) -> Result<(), ValueError> {
        let text = self.placeholder.joined(row, position);
        match self.reading {
            ValueReading::Bytes => push_argument(argv, &text, position),
            ValueReading::Integer => match integer::canonical(&text) {
                Some(number) => push_argument(argv, &number, position),
                None => Err(not_a_number("an integer", &text, position)),
            },
            ValueReading::Number if integer::is_decimal(&text) => {
                push_argument(argv, &text, position)
            }
            ValueReading::Number => Err(not_a_number("a number", &text, position)),
        }
    }
}

fn not_a_number(what: &str, text: &[u8], position: JobPosition) -> ValueError {
    let (seq, text) = (position.seq, quote::excerpt(text));
    ValueError(format!(
        "input {seq} is not {what} where the shell calculates: {text}"
    ))
}

fn fill(fragments: &[ScriptFragment], row: &Row, position: JobPosition) -> Vec<u8> {
    let mut script = Vec::new();
    for fragment in fragments {
        match fragment {
            ScriptFragment::Text(text) => script.extend_from_slice(text),
            ScriptFragment::Raw(placeholder) => {
                script.extend_from_slice(&placeholder.joined(row, position))
            }
            ScriptFragment::Quoted(placeholder) => {
                placeholder.push_quoted(row, position, &mut script)
            }
        }
    }
    script
}

impl From<Vec<u8>> for ScriptFragment {
    fn from(text: Vec<u8>) -> ScriptFragment {
        ScriptFragment::Text(text)
    }
}

/// A script while it is written.
struct ScriptWriter {
    len: usize,
    /// Beginning of the names of parameters.
    name: String,
    fragments: Vec<ScriptFragment>,
    parameters: Vec<ScriptParameter>,
    passes_all: bool,
}

impl ScriptWriter {
    fn text(&mut self) -> &mut Vec<u8> {
        if !matches!(self.fragments.last(), Some(ScriptFragment::Text(_))) {
            self.fragments.push(Vec::new().into());
        }
        match self.fragments.last_mut() {
            Some(ScriptFragment::Text(text)) => text,
            _ => unreachable!("a text was just put at the end"),
        }
    }

    fn slot(&mut self, slot: &ValueSlot) {
        match slot.filling {
            SlotFilling::Raw => self
                .fragments
                .push(ScriptFragment::Raw(slot.placeholder.clone())),
            SlotFilling::Quoted => self
                .fragments
                .push(ScriptFragment::Quoted(slot.placeholder.clone())),
            SlotFilling::Parameter(QuoteContext::Word) => self.words(slot),
            SlotFilling::Parameter(QuoteContext::Part) => self.reference(slot, "\"", "\""),
            SlotFilling::Parameter(QuoteContext::Single) => self.reference(slot, "'\"", "\"'"),
            SlotFilling::Parameter(QuoteContext::Ansi) => self.reference(slot, "'\"", "\"$'"),
            SlotFilling::Parameter(_) => {
                slot.part_from_minus(self.text());
                self.reference(slot, "", "");
            }
        }
    }

    fn words(&mut self, slot: &ValueSlot) {
        let is_whole =
            slot.placeholder == Placeholder::WHOLE && slot.reading == ValueReading::Bytes;
        if is_whole && self.len > MOST_NAMED {
            self.passes_all = true;
            return self.text().extend_from_slice(b"\"$@\"");
        }
        for nth in 0..slot.placeholder.count(self.len) {
            let before = if nth > 0 { " \"" } else { "\"" };
            let one = ScriptParameter {
                placeholder: slot.placeholder.single(nth, self.len),
                reading: slot.reading,
            };
            self.parameter(one, before, "\"");
        }
    }

    fn reference(&mut self, slot: &ValueSlot, before: &str, after: &str) {
        let placeholder = match slot.placeholder.count(self.len) {
            1 => slot.placeholder.single(0, self.len),
            _ => slot.placeholder.clone(),
        };
        let reading = slot.reading;
        self.parameter(
            ScriptParameter {
                placeholder,
                reading,
            },
            before,
            after,
        );
    }

    fn parameter(&mut self, parameter: ScriptParameter, before: &str, after: &str) {
        // Looking through the parameters of very many values would take too long.
        let mut few = self.parameters.iter().take(MOST_COMPARED);
        let known = few.position(|other| *other == parameter);
        let number = 1 + known.unwrap_or_else(|| {
            self.parameters.push(parameter);
            self.parameters.len() - 1
        });
        let text = format!("{before}${{{}{number}}}{after}", self.name);
        self.text().extend_from_slice(text.as_bytes());
    }

    fn finish(self, definitions: &DefinitionsPrologue) -> ShellScript {
        let prologue = prologue(&self.name, self.parameters.len(), self.passes_all);
        let body = match self.fragments.as_slice() {
            [ScriptFragment::Text(text)] => {
                let script = definitions.before(prologue.as_bytes(), text);
                ScriptBody::Fixed(OsString::from_vec(script.into_owned()))
            }
            _ => ScriptBody::Varying(self.fragments),
        };
        ShellScript {
            prologue,
            body,
            parameters: self.parameters,
            passes_all: self.passes_all,
        }
    }
}

/// `_prun1=$1 _prun2=$2; set --; `
fn prologue(name: &str, count: usize, passes_all: bool) -> String {
    if count == 0 {
        return String::new();
    }
    let saved: Vec<String> = (1..=count)
        .map(|number| match number {
            1..=9 => format!("{name}{number}=${number}"),
            _ => format!("{name}{number}=${{{number}}}"),
        })
        .collect();
    let left = if passes_all {
        format!("shift {count}")
    } else {
        "set --".to_owned()
    };
    format!("{}; {left}; ", saved.join(" "))
}

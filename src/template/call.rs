//! Commands that call a built-in of prun's: their words become its arguments, with the
//! values marked as such.

use std::ffi::OsString;

use crate::builtin::arguments::Argument;
use crate::builtin::{self, Call, Plan};
use crate::error::Result;
use crate::input::Row;

use super::compose::command_name;
use super::direct::{Direct, Word};
use super::lex::{Line, Syntax};
use super::{BadValue, Command, Dialect, Options, Place, Words, complaint};

/// A call of a built-in.
#[derive(Debug)]
pub(super) struct CallJob {
    plan: Plan,
    direct: Direct,
}

impl CallJob {
    /// The call that these words are, the built-in's name first.
    pub(super) fn new(words: Vec<Word>, environment: &[(OsString, Word)]) -> Result<CallJob> {
        let name = words.first().map(Word::head).unwrap_or_default();
        if !environment.is_empty() {
            return Err(complaint::builtin_with_variables(name));
        }
        let unknown = words.iter().skip(1).map(Word::unknown_argument);
        Ok(CallJob {
            plan: Plan::new(name, unknown.collect())?,
            direct: Direct {
                environment: Vec::new(),
                words,
            },
        })
    }

    pub(super) fn call(&self, row: &Row, place: Place) -> std::result::Result<Call, BadValue> {
        let mut arguments: Vec<Argument> = Vec::new();
        for word in self.direct.words.iter().skip(1) {
            word.push_arguments(row, place, &mut arguments)?;
        }
        self.plan.call(arguments).map_err(BadValue)
    }

    /// What it would be if the built-in were a program.
    pub(super) fn command(
        &self,
        row: &Row,
        place: Place,
    ) -> std::result::Result<Command, BadValue> {
        self.direct.command(row, place)
    }
}

/// Whether words call a built-in.
pub(super) fn is_called(words: &[Word], options: &Options) -> bool {
    let is_parsed = options.dialect == Dialect::Own && options.quoting != Words::Literal;
    is_parsed && command_name(words).is_some_and(|name| name.first() == Some(&builtin::MARK))
}

/// The call that a line is, if a built-in is called in it.
///
/// # Errors
/// There is something else in the line.
pub(super) fn of_line(line: &Line, options: &Options) -> Result<Option<CallJob>> {
    let mut commands = line.commands.iter();
    let Some(words) = commands.find(|words| is_called(words, options)) else {
        return Ok(None);
    };
    if line.commands.len() > 1 || line.syntax != Syntax::Plain || line.open.is_some() {
        let name = command_name(words).unwrap_or_default();
        return Err(complaint::builtin_in_shell(name));
    }
    let mut words = words.clone();
    let environment = super::direct::take_environment(&mut words);
    CallJob::new(words, &environment).map(Some)
}

//! Commands that call a built-in of prun's: their words become its arguments, with the
//! values marked as such.

use std::ffi::OsString;

use crate::builtin::arguments::Argument;
use crate::builtin::{self, Call, Combined, Plan};
use crate::error::Result;
use crate::input::Row;

use super::compose::command_name;
use super::direct::{Direct, Word};
use super::lex::{Line, Syntax};
use super::outline::{Obstacle, Outline};
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

    /// The same for words that are all of the command.
    pub(super) fn alone(words: Vec<Word>, environment: &[(OsString, Word)]) -> Result<CallJob> {
        let job = CallJob::new(words, environment)?;
        job.plan.check_files().map(|()| job)
    }

    pub(super) fn call(&self, row: &Row, place: Place) -> std::result::Result<Call, BadValue> {
        let mut arguments: Vec<Argument> = Vec::new();
        for word in self.direct.words.iter().skip(1) {
            word.push_arguments(row, place, &mut arguments)?;
        }
        self.plan.call(arguments).map_err(BadValue)
    }

    /// The one result of all jobs, if the built-in makes one.
    pub(super) fn combined(&self) -> Option<Combined> {
        self.plan.combined()
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

impl PartialEq for CallJob {
    fn eq(&self, other: &CallJob) -> bool {
        self.direct == other.direct
    }
}

impl Eq for CallJob {}

/// Whether words call a built-in.
pub(super) fn is_called(words: &[Word], options: &Options) -> bool {
    let is_parsed = options.dialect == Dialect::Own && options.quoting != Words::Literal;
    is_parsed && command_name(words).is_some_and(|name| name.first() == Some(&builtin::MARK))
}

/// Whether a built-in is called anywhere in a line.
pub(super) fn calls(line: &Line, options: &Options) -> bool {
    line.commands.iter().any(|words| is_called(words, options))
}

/// What a line is that calls built-ins.
#[derive(Debug)]
pub(super) enum Called {
    /// One of them, and nothing else.
    Alone(CallJob),
    /// Some of them, redirections, commands: what prun runs as a shell would.
    Listed(Outline),
}

impl Called {
    /// The one result of all jobs, if they make one.
    pub(super) fn combined(&self) -> Option<Combined> {
        match self {
            Called::Alone(job) => job.combined(),
            Called::Listed(outline) => outline.combined(),
        }
    }
}

/// What a line is, if a built-in is called in it.
///
/// # Errors
/// There is something in the line that only a shell can do.
pub(super) fn of_line(line: &Line, options: &Options) -> Result<Option<Called>> {
    let mut commands = line.commands.iter();
    let Some(words) = commands.find(|words| is_called(words, options)) else {
        return Ok(None);
    };
    if line.commands.len() == 1 && line.syntax == Syntax::Plain && line.open.is_none() {
        let mut words = words.clone();
        let environment = super::direct::take_environment(&mut words);
        return CallJob::alone(words, &environment).map(|job| Some(Called::Alone(job)));
    }
    let name = command_name(words).unwrap_or_default();
    match Outline::with_calls(line, options) {
        Ok(outline) => Ok(Some(Called::Listed(outline))),
        Err(Obstacle::Syntax) => Err(complaint::builtin_in_shell(name)),
        Err(Obstacle::Command(command)) => Err(complaint::builtin_beside(name, &command)),
        Err(Obstacle::Device(path)) => Err(complaint::device_beside_builtin(name, &path)),
        Err(Obstacle::Call(error)) => Err(error),
    }
}

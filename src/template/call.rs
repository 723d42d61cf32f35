//! Commands that call a built-in of prun's: their words become its arguments, with the
//! values marked as such.

use std::ffi::OsString;

use crate::builtin::arguments::BuiltinArgument;
use crate::builtin::{self, BuiltinCall, BuiltinSpecialization, CombinedResult};
use crate::error::Result;
use crate::input::Row;

use super::argv::{ArgvTemplate, TemplateWord};
use super::lex::{LineSyntax, ShellLine};
use super::list_template::{ListError, ListTemplate};
use super::parse::command_name;
use super::{
    CommandDialect, JobPosition, PreparedCommand, TemplateOptions, ValueError, WordHandling, errors,
};

/// A call of a built-in.
#[derive(Debug)]
pub(super) struct BuiltinJob {
    plan: BuiltinSpecialization,
    direct: ArgvTemplate,
}

impl BuiltinJob {
    /// The call that these words are, the built-in's name first.
    pub(super) fn new(
        words: Vec<TemplateWord>,
        environment: &[(OsString, TemplateWord)],
    ) -> Result<BuiltinJob> {
        let name = words.first().map(TemplateWord::head).unwrap_or_default();
        if !environment.is_empty() {
            return Err(errors::builtin_with_variables(name));
        }
        let unknown = words.iter().skip(1).map(TemplateWord::unknown_argument);
        Ok(BuiltinJob {
            plan: BuiltinSpecialization::new(name, unknown.collect())?,
            direct: ArgvTemplate {
                environment: Vec::new(),
                words,
            },
        })
    }

    /// The same for words that are all of the command.
    pub(super) fn alone(
        words: Vec<TemplateWord>,
        environment: &[(OsString, TemplateWord)],
    ) -> Result<BuiltinJob> {
        let job = BuiltinJob::new(words, environment)?;
        job.plan.check_files().map(|()| job)
    }

    pub(super) fn call(
        &self,
        row: &Row,
        place: JobPosition,
    ) -> std::result::Result<BuiltinCall, ValueError> {
        let mut arguments: Vec<BuiltinArgument> = Vec::new();
        for word in self.direct.words.iter().skip(1) {
            word.push_arguments(row, place, &mut arguments)?;
        }
        self.plan.call(arguments).map_err(ValueError)
    }

    /// The one result of all jobs, if the built-in makes one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        self.plan.combined()
    }

    /// What it would be if the built-in were a program.
    pub(super) fn command(
        &self,
        row: &Row,
        place: JobPosition,
    ) -> std::result::Result<PreparedCommand, ValueError> {
        self.direct.command(row, place)
    }
}

impl PartialEq for BuiltinJob {
    fn eq(&self, other: &BuiltinJob) -> bool {
        self.direct == other.direct
    }
}

impl Eq for BuiltinJob {}

/// Whether words call a built-in.
pub(super) fn is_called(words: &[TemplateWord], options: &TemplateOptions) -> bool {
    let is_parsed =
        options.dialect == CommandDialect::Own && options.quoting != WordHandling::Literal;
    is_parsed && command_name(words).is_some_and(|name| name.first() == Some(&builtin::MARK))
}

/// Whether a built-in is called anywhere in a line.
pub(super) fn calls(line: &ShellLine, options: &TemplateOptions) -> bool {
    line.commands.iter().any(|words| is_called(words, options))
}

/// What a line is that calls built-ins.
#[derive(Debug)]
pub(super) enum BuiltinLine {
    /// One of them, and nothing else.
    Alone(BuiltinJob),
    /// Some of them, redirections, commands: what prun runs as a shell would.
    Listed(ListTemplate),
}

impl BuiltinLine {
    /// The one result of all jobs, if they make one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        match self {
            BuiltinLine::Alone(job) => job.combined(),
            BuiltinLine::Listed(outline) => outline.combined(),
        }
    }
}

/// What a line is, if a built-in is called in it.
///
/// # Errors
/// There is something in the line that only a shell can do.
pub(super) fn of_line(line: &ShellLine, options: &TemplateOptions) -> Result<Option<BuiltinLine>> {
    let mut commands = line.commands.iter();
    let Some(words) = commands.find(|words| is_called(words, options)) else {
        return Ok(None);
    };
    if line.commands.len() == 1 && line.syntax == LineSyntax::Plain && line.open.is_none() {
        let mut words = words.clone();
        let environment = super::argv::take_environment(&mut words);
        return BuiltinJob::alone(words, &environment).map(|job| Some(BuiltinLine::Alone(job)));
    }
    let name = command_name(words).unwrap_or_default();
    match ListTemplate::with_calls(line, options) {
        Ok(outline) => Ok(Some(BuiltinLine::Listed(outline))),
        Err(ListError::Syntax) => Err(errors::builtin_in_shell(name)),
        Err(ListError::Command(command)) => Err(errors::builtin_beside(name, &command)),
        Err(ListError::Device(path)) => Err(errors::device_beside_builtin(name, &path)),
        Err(ListError::Call(error)) => Err(error),
    }
}

//! Command lines that call built-ins of prun's.

use crate::builtin::CombinedResult;
use crate::error::Result;
use crate::shell::{LineSyntax, ShellLine, command_name};

use super::call::{BuiltinTemplate, is_called};
use super::list_template::{ListError, ListTemplate};
use super::options::TemplateOptions;
use super::{argv, errors};

/// A line that calls built-ins.
#[derive(Debug)]
pub(super) enum BuiltinLine {
    /// One built-in, and nothing else.
    Alone(BuiltinTemplate),
    /// Built-ins beside redirections and commands: prun runs them as a shell would.
    Listed(ListTemplate),
}

impl BuiltinLine {
    /// The one result of all jobs, if they make one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        match self {
            BuiltinLine::Alone(job) => job.combined(),
            BuiltinLine::Listed(template) => template.combined(),
        }
    }
}

/// Reads a line in which a built-in may be called; `None` if none is.
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
        let environment = argv::take_environment(&mut words);
        return BuiltinTemplate::alone(words, &environment, options)
            .map(|job| Some(BuiltinLine::Alone(job)));
    }
    let name = command_name(words).unwrap_or_default();
    match ListTemplate::with_calls(line, options) {
        Ok(template) => Ok(Some(BuiltinLine::Listed(template))),
        Err(ListError::Syntax) => Err(errors::builtin_in_shell(name)),
        Err(ListError::Command(command)) => Err(errors::builtin_beside(name, &command)),
        Err(ListError::Device(path)) => Err(errors::device_beside_builtin(name, &path)),
        Err(ListError::Call(error)) => Err(error),
    }
}

//! Commands that call a built-in of prun's: their words become its arguments, with the
//! values marked as such.

use std::ffi::OsString;

use crate::builtin::arguments::BuiltinArgument;
use crate::builtin::{self, BuiltinCall, BuiltinSpecialization, CombinedResult};
use crate::error::Result;
use crate::input::Row;
use crate::placeholder::{JobPosition, TemplateWord, ValueError};
use crate::shell::{ShellLine, command_name};

use super::errors;
use super::options::{TemplateOptions, WordHandling};

/// A call of a built-in.
#[derive(Debug)]
pub(super) struct BuiltinTemplate {
    specialization: BuiltinSpecialization,
    words: Vec<TemplateWord>,
}

impl BuiltinTemplate {
    /// The call that these words are, the built-in's name first.
    pub(super) fn new(
        words: Vec<TemplateWord>,
        environment: &[(OsString, TemplateWord)],
    ) -> Result<BuiltinTemplate> {
        let name = words.first().map(TemplateWord::head).unwrap_or_default();
        if !environment.is_empty() {
            return Err(errors::builtin_with_variables(name));
        }
        let unknown = words.iter().skip(1).map(TemplateWord::unknown_argument);
        Ok(BuiltinTemplate {
            specialization: BuiltinSpecialization::new(name, unknown.collect())?,
            words,
        })
    }

    /// A call that is all of the command.
    pub(super) fn alone(
        words: Vec<TemplateWord>,
        environment: &[(OsString, TemplateWord)],
        options: &TemplateOptions,
    ) -> Result<BuiltinTemplate> {
        let job = BuiltinTemplate::new(words, environment)?;
        if !options.shape.has_stdin {
            job.specialization.check_files()?;
        }
        Ok(job)
    }

    pub(super) fn call(
        &self,
        row: &Row,
        position: JobPosition,
    ) -> std::result::Result<BuiltinCall, ValueError> {
        let mut arguments: Vec<BuiltinArgument> = Vec::new();
        for word in self.words.iter().skip(1) {
            word.push_arguments(row, position, &mut arguments)?;
        }
        self.specialization.call(arguments).map_err(ValueError)
    }

    /// The one result of all jobs, if the built-in makes one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        self.specialization.combined()
    }
}

impl PartialEq for BuiltinTemplate {
    fn eq(&self, other: &BuiltinTemplate) -> bool {
        self.words == other.words
    }
}

impl Eq for BuiltinTemplate {}

pub(super) fn is_called(words: &[TemplateWord], options: &TemplateOptions) -> bool {
    let is_parsed =
        options.dialect.rules().has_builtins && options.quoting != WordHandling::Literal;
    is_parsed && command_name(words).is_some_and(|name| name.first() == Some(&builtin::MARK))
}

pub(super) fn calls(line: &ShellLine, options: &TemplateOptions) -> bool {
    line.commands.iter().any(|words| is_called(words, options))
}

//! Templates of rows that have commands of their own.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error;
use crate::input::Row;
use crate::input::row_settings::{RowCommand, RowShell};
use crate::placeholder::{RowShape, ValueError};
use crate::shell::ShellProgram;

use super::options::{TemplateOptions, WordHandling};
use super::parse;
use super::parsed_command::ParsedCommand;

/// Templates that are kept. Rows of one run have few different ones, or each its own.
const MOST_KEPT: usize = 64;

/// Templates with placeholders, by the command and the number of values.
type KeptTemplates<T> = HashMap<(RowCommand, usize), Arc<T>>;

/// Makes templates of the commands of rows, by the options of the run.
#[derive(Debug)]
pub(super) struct RowTemplates<T> {
    /// Makes a template of a command that was read, with or without `--plain-values`.
    make: fn(ParsedCommand, bool) -> T,
    /// Without words.
    options: TemplateOptions,
    kept: Mutex<KeptTemplates<T>>,
}

/// Template of a row's own command.
pub(super) struct RowTemplate<'r, T> {
    pub(super) template: Arc<T>,
    /// The values for it.
    pub(super) row: Cow<'r, Row>,
}

impl<T> RowTemplates<T> {
    pub(super) fn new(options: &TemplateOptions, make: fn(ParsedCommand, bool) -> T) -> Self {
        RowTemplates {
            make,
            options: TemplateOptions {
                words: Vec::new(),
                quoting: WordHandling::Parsed,
                shape: RowShape::default(),
                ..options.clone()
            },
            kept: Mutex::default(),
        }
    }

    /// The template of `command`, which is that of `row`.
    ///
    /// # Errors
    /// The command cannot be understood.
    pub(super) fn template<'r>(
        &self,
        command: &RowCommand,
        row: &'r Row,
    ) -> Result<RowTemplate<'r, T>, ValueError> {
        let (key, row) = match command {
            // A line is parsed for each job: its template is the same for all.
            RowCommand::Line(line) => {
                let row = Row::from_iter([line]);
                ((RowCommand::Line(Vec::new()), 1), Cow::Owned(row))
            }
            // Cheap to parse, and different for each row.
            RowCommand::Argv(_) => {
                return Ok(RowTemplate {
                    template: Arc::new(self.parse(command, 0)?),
                    row: Cow::Owned(Row::default()),
                });
            }
            RowCommand::Template { .. } => {
                ((command.clone(), row.values.len()), Cow::Borrowed(row))
            }
        };
        if let Some(template) = self.lock().get(&key) {
            let template = Arc::clone(template);
            return Ok(RowTemplate { template, row });
        }
        let template = Arc::new(self.parse(&key.0, key.1)?);
        let mut kept = self.lock();
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&template));
        Ok(RowTemplate { template, row })
    }

    fn parse(&self, command: &RowCommand, arity: usize) -> Result<T, ValueError> {
        let parsed = self.parsed(command, arity);
        let parsed = parsed.map_err(|error| ValueError(error.message().to_owned()))?;
        Ok((self.make)(parsed, self.options.plain_values))
    }

    fn parsed(&self, command: &RowCommand, arity: usize) -> error::Result<ParsedCommand> {
        let options = TemplateOptions {
            shape: RowShape {
                // Another row of the same table may have more values.
                varies: true,
                ..RowShape::of(arity)
            },
            ..self.options.clone()
        };
        match command {
            RowCommand::Line(_) => parse::compose(options),
            RowCommand::Argv(words) => parse::literal(&TemplateOptions {
                words: words.clone(),
                quoting: WordHandling::Literal,
                functions: BTreeSet::new(),
                ..options
            }),
            RowCommand::Template { words, shell } => parse::compose(TemplateOptions {
                words: words.clone(),
                shell: shell.as_ref().map_or(options.shell, program),
                ..options
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, KeptTemplates<T>> {
        // No change is half done when a holder of the lock panics.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The shell that a row asks for.
fn program(shell: &RowShell) -> ShellProgram {
    ShellProgram {
        is_asked: true,
        ..ShellProgram::new(shell.path.clone(), &shell.options, Vec::new())
    }
}

//! The ways to make one job's command: without a shell, by a script made once, or
//! from an input line that is itself a command.

use std::ffi::OsString;
use std::path::Path;

use crate::error;
use crate::input::Row;

use super::compose::{self, Runner};
use super::direct::{self, Direct, LONGEST_ARGUMENT, Word};
use super::placeholder::{Forms, Placeholder};
use super::program::Program;
use super::script::{Body, Script};
use super::{BadValue, Command, Options, Place};
use super::{complaint, lex, shell};

/// How a job's command is made.
#[derive(Debug)]
pub(super) enum Recipe {
    Direct(Direct),
    Shell(ShellJob),
    Lines(Lines),
}

impl Recipe {
    /// The shell that runs the jobs, or those of them that need one.
    pub(super) fn shell(&self) -> Option<&Path> {
        match self {
            Recipe::Direct(_) => None,
            Recipe::Shell(job) => Some(Path::new(&job.name)),
            Recipe::Lines(lines) => Some(lines.shell()),
        }
    }

    pub(super) fn command(&self, row: &Row, place: Place) -> Result<Command, BadValue> {
        match self {
            Recipe::Direct(direct) => direct.command(row, place),
            Recipe::Shell(job) => job.command(row, place),
            Recipe::Lines(lines) => lines.command(row, place),
        }
    }
}

/// A program for a shell.
#[derive(Debug)]
pub(super) struct ShellJob {
    launcher: Vec<OsString>,
    name: OsString,
    environment: Vec<(OsString, Word)>,
    program: Program,
    /// How many values the script below is for.
    arity: usize,
    script: Script,
}

impl ShellJob {
    pub(super) fn new(shell: &Path, program: &Program, arity: usize) -> error::Result<ShellJob> {
        let script = Script::new(program, arity);
        if let Body::Fixed(text) = &script.body
            && text.len() > LONGEST_ARGUMENT
        {
            return Err(complaint::too_long(text.len()));
        }
        Ok(ShellJob {
            launcher: shell::launcher(shell),
            name: shell.as_os_str().to_owned(),
            environment: Vec::new(),
            program: program.clone(),
            arity,
            script,
        })
    }

    pub(super) fn with_environment(self, environment: Vec<(OsString, Word)>) -> ShellJob {
        ShellJob {
            environment,
            ..self
        }
    }

    fn command(&self, row: &Row, place: Place) -> Result<Command, BadValue> {
        let odd;
        let script = if row.0.len() == self.arity {
            &self.script
        } else {
            // Rows with fewer values are few: the last of `-N`, short lines.
            odd = Script::new(&self.program, row.0.len());
            &odd
        };
        let mut argv = Vec::with_capacity(self.launcher.len() + 2 + script.parameter_count());
        argv.extend_from_slice(&self.launcher);
        script.push_to((row, place), &self.name, &mut argv)?;
        let environment = direct::environment(&self.environment, row, place)?;
        Ok(Command { argv, environment })
    }
}

/// No command: each row is a line that runs as it stands.
#[derive(Debug)]
pub(super) struct Lines {
    options: Options,
}

impl Lines {
    pub(super) fn new(options: Options) -> Lines {
        Lines { options }
    }

    fn shell(&self) -> &Path {
        &self.options.shell.path
    }

    /// The line of a row.
    pub(super) fn text(row: &Row, place: Place) -> Vec<u8> {
        Placeholder::WHOLE.joined(row, place).into_owned()
    }

    fn command(&self, row: &Row, place: Place) -> Result<Command, BadValue> {
        let text = Lines::text(row, place);
        let mut line = lex::lex(&text, &Forms::NONE);
        // An exported function without a bash: the shell says that it is not found.
        let usual = Runner::Shell(&self.options.shell.path);
        let runner = compose::runner(&line, &self.options).unwrap_or(usual);
        if let (true, Runner::Shell(shell)) = (!line.joins.is_empty(), runner)
            && !shell::joins_outputs(shell)
        {
            return Err(BadValue(complaint::BACKGROUND.to_owned()));
        }
        let text = direct::argument(text, place)?;
        let words = line.commands.pop().unwrap_or_default();
        match (runner, Direct::from_words(words)) {
            (Runner::Direct, Some(direct)) => direct.command(&Row::default(), place),
            (Runner::Direct, None) => Ok(run_line(&self.options.shell.path, text)),
            (Runner::Shell(shell), _) => Ok(run_line(shell, text)),
        }
    }
}

fn run_line(shell: &Path, line: OsString) -> Command {
    let mut argv = shell::launcher(shell);
    argv.push(line);
    argv.push(shell.as_os_str().to_owned());
    Command {
        argv,
        environment: Vec::new(),
    }
}

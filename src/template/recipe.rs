//! The ways to make one job's command: without a shell, by a script made once, or
//! from an input line that is itself a command.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::builtin::Combined;
use crate::error;
use crate::input::{Row, Strings};

use super::call::{self, CallJob, Called};
use super::compose::{self, Runner};
use super::definitions::Definitions;
use super::direct::{self, Direct, LONGEST_ARGUMENT, Word};
use super::forms::Forms;
use super::lex::{self, Line};
use super::outline::Outline;
use super::placeholder::Placeholder;
use super::program::Program;
use super::script::{Body, Script};
use super::{BadValue, Command, Options, Place, Shell, Words, Work};
use super::{complaint, quote, shell, withheld};

/// How a job's command is made.
#[derive(Debug)]
pub(super) enum Recipe {
    Direct(Direct),
    Call(CallJob),
    List(ListJob),
    /// A list that calls built-ins of prun's, so that no shell can run it.
    Inside(Outline),
    Shell(ShellJob),
    Lines(Lines),
}

impl Recipe {
    /// The shell that runs the jobs, or those of them that need one.
    pub(super) fn shell(&self) -> Option<&Path> {
        match self {
            Recipe::Direct(_) | Recipe::Call(_) | Recipe::List(_) | Recipe::Inside(_) => None,
            Recipe::Shell(job) => Some(Path::new(&job.name)),
            Recipe::Lines(lines) => Some(&lines.shell().path),
        }
    }

    /// How long the definitions are that the shell of each job reads first.
    pub(super) fn definitions(&self) -> usize {
        match self {
            Recipe::Direct(_) | Recipe::Call(_) | Recipe::List(_) | Recipe::Inside(_) => 0,
            Recipe::Shell(job) => job.definitions.len(),
            Recipe::Lines(lines) => lines.shell().definitions.len(),
        }
    }

    /// The one result of all jobs, if they make one.
    pub(super) fn combined(&self) -> Option<Combined> {
        match self {
            Recipe::Call(job) => job.combined(),
            Recipe::Inside(outline) => outline.combined(),
            Recipe::Direct(_) | Recipe::List(_) | Recipe::Shell(_) | Recipe::Lines(_) => None,
        }
    }

    pub(super) fn work(&self, row: &Row, place: Place) -> Result<Work, BadValue> {
        match self {
            Recipe::Call(job) => job.call(row, place).map(Work::Builtin),
            Recipe::List(job) => job.work(row, place),
            Recipe::Inside(outline) => inside(outline, row, place),
            Recipe::Lines(lines) => lines.work(row, place),
            Recipe::Direct(_) | Recipe::Shell(_) => self.by_shell(row, place, 0).map(Work::Command),
        }
    }

    /// One command, of a list from this pipeline on.
    pub(super) fn by_shell(
        &self,
        row: &Row,
        place: Place,
        from: usize,
    ) -> Result<Command, BadValue> {
        match self {
            Recipe::Direct(direct) => direct.command(row, place),
            // As what it would be if it were a program: for no job but a list is this asked.
            Recipe::Call(job) => job.command(row, place),
            Recipe::Inside(_) => Err(BadValue("no shell knows a built-in".to_owned())),
            Recipe::List(job) => job.rest[from].command(row, place),
            Recipe::Shell(job) => job.command(row, place),
            Recipe::Lines(lines) => lines.by_shell(row, place, from),
        }
    }

    /// Descriptors that a job needs beside those of a single process, as far as is known.
    pub(super) fn descriptors(&self) -> usize {
        match self {
            Recipe::List(job) => job.outline.descriptors(),
            Recipe::Inside(outline) => outline.descriptors(),
            Recipe::Direct(_) | Recipe::Call(_) | Recipe::Shell(_) | Recipe::Lines(_) => 0,
        }
    }
}

/// What is done for a row by a list that no shell can run.
fn inside(outline: &Outline, row: &Row, place: Place) -> Result<Work, BadValue> {
    let list = outline.list(row, place)?;
    let needs_shell = || BadValue(format!("input {} needs a shell", place.seq));
    list.map(Work::List).ok_or_else(needs_shell)
}

/// A list of commands, and what a shell gets where one has to run it.
#[derive(Debug)]
pub(super) struct ListJob {
    outline: Outline,
    /// The list from each pipeline on.
    rest: Vec<ShellJob>,
}

impl ListJob {
    /// `part` makes the program of the text from a place on.
    pub(super) fn new(
        outline: Outline,
        part: impl FnMut(usize) -> error::Result<ShellJob>,
    ) -> error::Result<ListJob> {
        let rest = outline.starts().into_iter().map(part);
        let rest = rest.collect::<error::Result<_>>()?;
        Ok(ListJob { outline, rest })
    }

    fn work(&self, row: &Row, place: Place) -> Result<Work, BadValue> {
        match self.outline.list(row, place)? {
            Some(list) => Ok(Work::List(list)),
            None => self.rest[0].command(row, place).map(Work::Command),
        }
    }
}

/// A program for a shell.
#[derive(Debug)]
pub(super) struct ShellJob {
    launcher: Strings,
    name: OsString,
    definitions: Definitions,
    environment: Vec<(OsString, Word)>,
    program: Program,
    /// How many values the script below is for.
    arity: usize,
    script: Script,
}

impl ShellJob {
    pub(super) fn new(
        shell: &Shell,
        program: &Program,
        arity: usize,
        forms: &Forms,
    ) -> error::Result<ShellJob> {
        let definitions = Definitions::of(shell);
        let script = Script::new(program, arity, &definitions);
        let length = match &script.body {
            Body::Fixed(text) => text.len(),
            Body::Varying(_) => definitions.len(),
        };
        definitions.check(length)?;
        if length > LONGEST_ARGUMENT {
            return Err(complaint::too_long(length, forms));
        }
        Ok(ShellJob {
            launcher: shell::launcher(shell),
            name: shell.path.as_os_str().to_owned(),
            definitions,
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
            odd = Script::new(&self.program, row.0.len(), &self.definitions);
            &odd
        };
        let mut argv = self.launcher.clone();
        script.push_to((row, place), (&self.name, &self.definitions), &mut argv)?;
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
    /// # Errors
    /// Definitions that leave no room for any line.
    pub(super) fn new(options: Options) -> error::Result<Lines> {
        let definitions = Definitions::of(&options.shell);
        definitions.check(definitions.len())?;
        Ok(Lines { options })
    }

    fn shell(&self) -> &Shell {
        &self.options.shell
    }

    /// The line of a row.
    pub(super) fn text(row: &Row, place: Place) -> Vec<u8> {
        Placeholder::WHOLE.joined(row, place).into_owned()
    }

    /// The same as the shell reads it.
    fn line(&self, row: &Row, place: Place) -> Result<Vec<u8>, BadValue> {
        let text = Lines::text(row, place);
        if self.options.quoting != Words::Shown {
            return Ok(text);
        }
        if withheld::withheld(&text).is_some() {
            return Err(complaint::withheld());
        }
        match quote::portable(&text, lex::lex(&text, &Forms::NONE).ansi) {
            Some(portable) => Ok(portable),
            None if shell::knows_ansi(&self.shell().path) => Ok(text),
            None => Err(complaint::ansi_in_document()),
        }
    }

    fn work(&self, row: &Row, place: Place) -> Result<Work, BadValue> {
        let text = self.line(row, place)?;
        let (text, line) = compose::read(&text, &Forms::NONE, &self.options);
        direct::check(&text, place)?;
        let (row, whole) = (Row::default(), &*text);
        let told = |error: error::Error| BadValue(error.message().to_owned());
        if let Some(called) = call::of_line(&line, &self.options).map_err(told)? {
            return match (called.combined(), called) {
                (Some(combined), _) => Err(complaint::one_result(&combined)),
                (None, Called::Alone(job)) => job.call(&row, place).map(Work::Builtin),
                (None, Called::Listed(outline)) => inside(&outline, &row, place),
            };
        }
        match (self.runner(&line)?, Lines::direct(&line)) {
            (Runner::Direct, Some(direct)) => direct.command(&row, place).map(Work::Command),
            (Runner::Direct, None) => run_line(self.shell(), whole, place).map(Work::Command),
            (Runner::Shell(shell), _) => run_line(shell, whole, place).map(Work::Command),
            (Runner::List(outline, shell), _) => Ok(match outline.list(&row, place)? {
                Some(list) => Work::List(list),
                None => Work::Command(run_line(shell, whole, place)?),
            }),
        }
    }

    fn by_shell(&self, row: &Row, place: Place, from: usize) -> Result<Command, BadValue> {
        let text = self.line(row, place)?;
        let (text, line) = compose::read(&text, &Forms::NONE, &self.options);
        match self.runner(&line)? {
            Runner::List(outline, shell) => run_line(shell, &text[outline.starts()[from]..], place),
            _ => match self.work(row, place)? {
                Work::Command(command) => Ok(command),
                Work::List(_) | Work::Builtin(_) => {
                    unreachable!("only a list is ever left to the shell")
                }
            },
        }
    }

    fn runner(&self, line: &Line) -> Result<Runner<'_>, BadValue> {
        // An exported function without a bash: the shell says that it is not found.
        let runner = compose::runner(line, &self.options).unwrap_or(Runner::Shell(self.shell()));
        match runner {
            Runner::Shell(shell)
                if !line.joins.is_empty() && !shell::joins_outputs(&shell.path) =>
            {
                Err(BadValue(complaint::BACKGROUND.to_owned()))
            }
            runner => Ok(runner),
        }
    }

    fn direct(line: &Line) -> Option<Direct> {
        Direct::from_words(line.commands.last().cloned().unwrap_or_default())
    }
}

fn run_line(shell: &Shell, line: &[u8], place: Place) -> Result<Command, BadValue> {
    let definitions = Definitions::of(shell);
    let mut argv = shell::launcher(shell);
    direct::push_argument(&mut argv, &definitions.before(b"", line), place)?;
    argv.push(shell.path.as_os_str().as_bytes());
    Ok(Command {
        argv,
        environment: Vec::new(),
    })
}

//! The ways to make one job's command: without a shell, by a script made once, or
//! from an input line that is itself a command.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::builtin::CombinedResult;
use crate::error;
use crate::input::{ByteStrings, Row};
use crate::placeholder::{
    JobPosition, LONGEST_ARGUMENT, Placeholder, PlaceholderSyntax, TemplateWord, ValueError,
    check_argument, push_argument,
};
use crate::shell::{self, DefinitionsPrologue, ShellLine, ShellProgram, lex};

use super::argv::{self, ArgvTemplate};
use super::builtin_line::{self, BuiltinLine};
use super::call::BuiltinTemplate;
use super::command_text::CommandText;
use super::list::{JobWork, PreparedCommand};
use super::list_template::ListTemplate;
use super::options::{TemplateOptions, WordHandling};
use super::runner::{self, CommandRunner};
use super::script::{ScriptBody, ShellScript};
use super::{errors, withheld_commands};

/// The kinds of commands, by how they run.
#[derive(Debug)]
pub(super) enum CommandKind {
    Direct(ArgvTemplate),
    Call(BuiltinTemplate),
    List(ListJob),
    /// A list that calls built-ins of prun's, so that no shell can run it.
    Inside(ListTemplate),
    Shell(ShellJob),
    Lines(LineCommands),
}

impl CommandKind {
    /// A program of its own, with the words of the last command of a line.
    pub(super) fn direct(line: &ShellLine, text: &[u8]) -> error::Result<CommandKind> {
        match ArgvTemplate::of_last(line) {
            Some(direct) => Ok(CommandKind::Direct(direct)),
            None => Err(errors::no_command(text)),
        }
    }

    /// The shell that runs the jobs, or those of them that need one.
    pub(super) fn shell(&self) -> Option<&Path> {
        match self {
            CommandKind::Direct(_)
            | CommandKind::Call(_)
            | CommandKind::List(_)
            | CommandKind::Inside(_) => None,
            CommandKind::Shell(job) => Some(Path::new(&job.name)),
            CommandKind::Lines(lines) => Some(&lines.shell().path),
        }
    }

    /// Length of the definitions that the shell of each job reads first, in bytes.
    pub(super) fn definitions(&self) -> usize {
        match self {
            CommandKind::Direct(_)
            | CommandKind::Call(_)
            | CommandKind::List(_)
            | CommandKind::Inside(_) => 0,
            CommandKind::Shell(job) => job.definitions.len(),
            CommandKind::Lines(lines) => lines.shell().definitions.len(),
        }
    }

    /// The one result of all jobs, if they make one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        match self {
            CommandKind::Call(job) => job.combined(),
            CommandKind::Inside(template) => template.combined(),
            CommandKind::Direct(_)
            | CommandKind::List(_)
            | CommandKind::Shell(_)
            | CommandKind::Lines(_) => None,
        }
    }

    pub(super) fn work(&self, row: &Row, position: JobPosition) -> Result<JobWork, ValueError> {
        match self {
            CommandKind::Call(job) => job.call(row, position).map(JobWork::Builtin),
            CommandKind::List(job) => job.work(row, position),
            CommandKind::Inside(template) => inside(template, row, position),
            CommandKind::Lines(lines) => lines.work(row, position),
            CommandKind::Direct(_) | CommandKind::Shell(_) => {
                self.by_shell(row, position, 0).map(JobWork::Command)
            }
        }
    }

    /// The command for a shell; of a list, the pipelines from `from` on.
    pub(super) fn by_shell(
        &self,
        row: &Row,
        position: JobPosition,
        from: usize,
    ) -> Result<PreparedCommand, ValueError> {
        match self {
            CommandKind::Direct(direct) => direct.command(row, position),
            // As what it would be if it were a program: for no job but a list is this asked.
            CommandKind::Call(job) => job.command(row, position),
            CommandKind::Inside(_) => Err(ValueError("no shell knows a built-in".to_owned())),
            CommandKind::List(job) => job.rest[from].command(row, position),
            CommandKind::Shell(job) => job.command(row, position),
            CommandKind::Lines(lines) => lines.by_shell(row, position, from),
        }
    }

    /// Descriptors that a job needs beside those of a single process, as far as is known.
    pub(super) fn descriptors(&self) -> usize {
        match self {
            CommandKind::List(job) => job.template.descriptors(),
            CommandKind::Inside(template) => template.descriptors(),
            CommandKind::Direct(_)
            | CommandKind::Call(_)
            | CommandKind::Shell(_)
            | CommandKind::Lines(_) => 0,
        }
    }
}

/// The work of a list that no shell can run.
fn inside(
    template: &ListTemplate,
    row: &Row,
    position: JobPosition,
) -> Result<JobWork, ValueError> {
    let list = template.list(row, position)?;
    let needs_shell = || ValueError(format!("input {} needs a shell", position.seq));
    list.map(JobWork::List).ok_or_else(needs_shell)
}

/// A list of commands, and what a shell gets where one has to run it.
#[derive(Debug)]
pub(super) struct ListJob {
    template: ListTemplate,
    /// The list from each pipeline on.
    rest: Vec<ShellJob>,
}

impl ListJob {
    /// `part` makes the program of the text from a place on.
    pub(super) fn new(
        template: ListTemplate,
        part: impl FnMut(usize) -> error::Result<ShellJob>,
    ) -> error::Result<ListJob> {
        let rest = template.starts().iter().copied().map(part);
        let rest = rest.collect::<error::Result<_>>()?;
        Ok(ListJob { template, rest })
    }

    fn work(&self, row: &Row, position: JobPosition) -> Result<JobWork, ValueError> {
        match self.template.list(row, position)? {
            Some(list) => Ok(JobWork::List(list)),
            None => self.rest[0].command(row, position).map(JobWork::Command),
        }
    }
}

/// A program for a shell.
#[derive(Debug)]
pub(super) struct ShellJob {
    launcher: ByteStrings,
    name: OsString,
    definitions: DefinitionsPrologue,
    environment: Vec<(OsString, TemplateWord)>,
    command_text: CommandText,
    /// Number of values that `script` is for.
    arity: usize,
    script: ShellScript,
}

impl ShellJob {
    pub(super) fn new(
        shell: &ShellProgram,
        command_text: &CommandText,
        arity: usize,
        syntax: &PlaceholderSyntax,
    ) -> error::Result<ShellJob> {
        let definitions = DefinitionsPrologue::of(shell);
        let script = ShellScript::new(command_text, arity, &definitions);
        let length = match &script.body {
            ScriptBody::Fixed(text) => text.len(),
            ScriptBody::Varying(_) => definitions.len(),
        };
        definitions.check(length)?;
        if length > LONGEST_ARGUMENT {
            return Err(errors::too_long(length, syntax));
        }
        Ok(ShellJob {
            launcher: shell::launcher(shell),
            name: shell.path.as_os_str().to_owned(),
            definitions,
            environment: Vec::new(),
            command_text: command_text.clone(),
            arity,
            script,
        })
    }

    pub(super) fn with_environment(self, environment: Vec<(OsString, TemplateWord)>) -> ShellJob {
        ShellJob {
            environment,
            ..self
        }
    }

    fn command(&self, row: &Row, position: JobPosition) -> Result<PreparedCommand, ValueError> {
        let odd;
        let script = if row.values.len() == self.arity {
            &self.script
        } else {
            // Rows with fewer values are few: the last of `-N`, short lines.
            odd = ShellScript::new(&self.command_text, row.values.len(), &self.definitions);
            &odd
        };
        let mut argv = self.launcher.clone();
        script.push_to((row, position), (&self.name, &self.definitions), &mut argv)?;
        let environment = argv::environment(&self.environment, row, position)?;
        Ok(PreparedCommand { argv, environment })
    }
}

/// No command: each row is a line that runs as it stands.
#[derive(Debug)]
pub(super) struct LineCommands {
    options: TemplateOptions,
}

impl LineCommands {
    /// # Errors
    /// Definitions that leave no room for any line.
    pub(super) fn new(options: TemplateOptions) -> error::Result<LineCommands> {
        let definitions = DefinitionsPrologue::of(&options.shell);
        definitions.check(definitions.len())?;
        Ok(LineCommands { options })
    }

    fn shell(&self) -> &ShellProgram {
        &self.options.shell
    }

    /// The line of a row.
    pub(super) fn text(row: &Row, position: JobPosition) -> Vec<u8> {
        Placeholder::WHOLE.joined(row, position).into_owned()
    }

    /// The line as the shell reads it.
    fn line(&self, row: &Row, position: JobPosition) -> Result<Vec<u8>, ValueError> {
        let text = LineCommands::text(row, position);
        if self.options.quoting != WordHandling::Shown {
            return Ok(text);
        }
        if withheld_commands::withheld(&text).is_some() {
            return Err(errors::withheld());
        }
        match shell::without_ansi_quotes(&text, lex::lex(&text, &PlaceholderSyntax::NONE).ansi) {
            Some(portable) => Ok(portable),
            None if shell::knows_ansi(&self.shell().path) => Ok(text),
            None => Err(errors::ansi_in_document()),
        }
    }

    fn work(&self, row: &Row, position: JobPosition) -> Result<JobWork, ValueError> {
        let text = self.line(row, position)?;
        let (text, line) = runner::read(&text, &PlaceholderSyntax::NONE, &self.options);
        check_argument(&text, position)?;
        let (row, whole) = (Row::default(), &*text);
        let told = |error: error::Error| ValueError(error.message().to_owned());
        if let Some(called) = builtin_line::of_line(&line, &self.options).map_err(told)? {
            return match (called.combined(), called) {
                (Some(combined), _) => Err(errors::one_result(&combined)),
                (None, BuiltinLine::Alone(job)) => job.call(&row, position).map(JobWork::Builtin),
                (None, BuiltinLine::Listed(template)) => inside(&template, &row, position),
            };
        }
        match (self.runner(&line)?, ArgvTemplate::of_last(&line)) {
            (CommandRunner::Direct, Some(direct)) => {
                direct.command(&row, position).map(JobWork::Command)
            }
            (CommandRunner::Direct, None) => {
                run_line(self.shell(), whole, position).map(JobWork::Command)
            }
            (CommandRunner::Shell(shell), _) => {
                run_line(shell, whole, position).map(JobWork::Command)
            }
            (CommandRunner::List(template, shell), _) => {
                Ok(match template.list(&row, position)? {
                    Some(list) => JobWork::List(list),
                    None => JobWork::Command(run_line(shell, whole, position)?),
                })
            }
        }
    }

    fn by_shell(
        &self,
        row: &Row,
        position: JobPosition,
        from: usize,
    ) -> Result<PreparedCommand, ValueError> {
        let text = self.line(row, position)?;
        let (text, line) = runner::read(&text, &PlaceholderSyntax::NONE, &self.options);
        match self.runner(&line)? {
            CommandRunner::List(template, shell) => {
                run_line(shell, &text[template.starts()[from]..], position)
            }
            _ => match self.work(row, position)? {
                JobWork::Command(command) => Ok(command),
                JobWork::List(_) | JobWork::Builtin(_) => {
                    unreachable!("only a list is ever left to the shell")
                }
            },
        }
    }

    fn runner(&self, line: &ShellLine) -> Result<CommandRunner<'_>, ValueError> {
        // An exported function without a bash: the shell says that it is not found.
        let runner =
            runner::runner(line, &self.options).unwrap_or(CommandRunner::Shell(self.shell()));
        match runner {
            CommandRunner::Shell(shell)
                if !line.joins.is_empty() && !shell::joins_outputs(&shell.path) =>
            {
                Err(ValueError(errors::BACKGROUND.to_owned()))
            }
            runner => Ok(runner),
        }
    }
}

fn run_line(
    shell: &ShellProgram,
    line: &[u8],
    position: JobPosition,
) -> Result<PreparedCommand, ValueError> {
    let definitions = DefinitionsPrologue::of(shell);
    let mut argv = shell::launcher(shell);
    push_argument(&mut argv, &definitions.before(b"", line), position)?;
    argv.push(shell.path.as_os_str().as_bytes());
    Ok(PreparedCommand {
        argv,
        environment: Vec::new(),
    })
}

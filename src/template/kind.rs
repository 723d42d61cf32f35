//! The ways to make one job's command: without a shell, by a script made once, or
//! from an input line that is itself a command.

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::builtin::CombinedResult;
use crate::error;
use crate::input::Row;
use crate::placeholder::{
    JobPosition, LONGEST_ARGUMENT, Placeholder, PlaceholderSyntax, TemplateWord, ValueError,
    check_argument, push_argument,
};
use crate::shell::{self, ShellLine, ShellProgram, lex};

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
    pub(super) fn shell(&self) -> Option<&ShellProgram> {
        match self {
            CommandKind::Direct(_)
            | CommandKind::Call(_)
            | CommandKind::List(_)
            | CommandKind::Inside(_) => None,
            CommandKind::Shell(job) => Some(&job.shell),
            CommandKind::Lines(lines) => Some(lines.shell()),
        }
    }

    /// Tells whether values stand in a script, not in arguments alone.
    pub(super) fn is_script(&self) -> bool {
        match self {
            CommandKind::Direct(_) | CommandKind::Call(_) => false,
            CommandKind::List(_)
            | CommandKind::Inside(_)
            | CommandKind::Shell(_)
            | CommandKind::Lines(_) => true,
        }
    }

    /// Tells whether a built-in is called, which no shell knows.
    pub(super) fn calls_builtins(&self) -> bool {
        matches!(self, CommandKind::Call(_) | CommandKind::Inside(_))
    }

    /// Tells whether it is one pipeline with a built-in.
    pub(super) fn is_one_pipeline(&self) -> bool {
        matches!(self, CommandKind::Inside(template) if template.is_one_pipeline())
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
            CommandKind::Direct(direct) => direct.command(row, position).map(JobWork::Command),
            CommandKind::Shell(job) => job.command(row, position).map(JobWork::Command),
        }
    }

    /// The command for a shell that runs the pipelines of a list from `from` on.
    pub(super) fn by_shell(
        &self,
        row: &Row,
        position: JobPosition,
        from: usize,
    ) -> Result<PreparedCommand, ValueError> {
        match self {
            CommandKind::List(job) => job.rest[from].command(row, position),
            CommandKind::Lines(lines) => lines.by_shell(row, position, from),
            CommandKind::Direct(_)
            | CommandKind::Call(_)
            | CommandKind::Inside(_)
            | CommandKind::Shell(_) => Err(no_list()),
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
    // Beside built-ins, `echo` is a program: it never needs a shell.
    let list = template.list(row, position)?;
    list.map(JobWork::List).ok_or_else(no_list)
}

/// Error that stays where only a list is ever left to a shell.
fn no_list() -> ValueError {
    ValueError("only a list can be left to a shell".to_owned())
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
    shell: ShellProgram,
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
        let definitions = &shell.definitions;
        let script = ShellScript::new(command_text, arity, definitions);
        let length = match &script.body {
            ScriptBody::Fixed(text) => text.len(),
            ScriptBody::Varying(_) => definitions.len(),
        };
        definitions.check(length)?;
        if length > LONGEST_ARGUMENT {
            return Err(errors::too_long(length, syntax));
        }
        Ok(ShellJob {
            shell: shell.clone(),
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
            odd = ShellScript::new(
                &self.command_text,
                row.values.len(),
                &self.shell.definitions,
            );
            &odd
        };
        let mut argv = self.shell.launcher.clone();
        script.push_to((row, position), &self.shell, &mut argv)?;
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
        let definitions = &options.shell.definitions;
        definitions.check(definitions.len())?;
        Ok(LineCommands { options })
    }

    fn shell(&self) -> &ShellProgram {
        &self.options.shell
    }

    /// The line of a row.
    pub(super) fn text(row: &Row, position: JobPosition) -> Cow<'_, [u8]> {
        Placeholder::WHOLE.joined(row, position)
    }

    /// The line as the shell reads it.
    fn line<'r>(&self, row: &'r Row, position: JobPosition) -> Result<Cow<'r, [u8]>, ValueError> {
        let text = LineCommands::text(row, position);
        if self.options.quoting != WordHandling::Shown {
            return Ok(text);
        }
        if withheld_commands::withheld(&text).is_some() {
            return Err(errors::withheld());
        }
        match shell::without_ansi_quotes(&text, lex::lex(&text, &PlaceholderSyntax::NONE).ansi) {
            Some(portable) => Ok(Cow::Owned(portable)),
            None if self.shell().knows_ansi() => Ok(text),
            None => Err(errors::ansi_in_document()),
        }
    }

    fn work(&self, row: &Row, position: JobPosition) -> Result<JobWork, ValueError> {
        let text = self.line(row, position)?;
        let (text, mut line) = runner::read(&text, &PlaceholderSyntax::NONE, &self.options);
        check_argument(&text, position)?;
        let row = Row::default();
        let told = |error: error::Error| ValueError(error.message().to_owned());
        if let Some(called) = builtin_line::of_line(&line, &self.options).map_err(told)? {
            return match (called.combined(), called) {
                (Some(combined), _) => Err(errors::one_result(&combined)),
                (None, BuiltinLine::Alone(job)) => job.call(&row, position).map(JobWork::Builtin),
                (None, BuiltinLine::Listed(template)) => inside(&template, &row, position),
            };
        }
        let command = match self.runner(&line)? {
            CommandRunner::Direct => match line.commands.pop().and_then(ArgvTemplate::from_words) {
                Some(direct) => direct.command(&row, position),
                None => run_line(self.shell(), &text, position),
            },
            CommandRunner::Shell(shell) => run_line(shell, &text, position),
            CommandRunner::List(template, shell) => match template.list(&row, position)? {
                Some(list) => return Ok(JobWork::List(list)),
                None => run_line(shell, &text, position),
            },
        };
        command.map(JobWork::Command)
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
            CommandRunner::Direct | CommandRunner::Shell(_) => Err(no_list()),
        }
    }

    fn runner(&self, line: &ShellLine) -> Result<CommandRunner<'_>, ValueError> {
        // An exported function without a bash: the shell says that it is not found.
        let runner =
            runner::runner(line, &self.options).unwrap_or(CommandRunner::Shell(self.shell()));
        match runner {
            CommandRunner::Shell(shell) if !line.joins.is_empty() && !shell.joins_outputs() => {
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
    let mut argv = shell.launcher.clone();
    push_argument(&mut argv, &shell.definitions.before(b"", line), position)?;
    argv.push(shell.path.as_os_str().as_bytes());
    Ok(PreparedCommand {
        argv,
        environment: Vec::new(),
    })
}

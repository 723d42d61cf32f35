//! Lists of commands that prun runs without a shell: what a line must be like, and what
//! becomes of it with the values of a row.

use std::collections::BTreeSet;

use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::input::Row;
use crate::placeholder::{JobPosition, TemplateWord, ValueError};
use crate::shell::{
    CommandContext, LineSyntax, ListOperator, PlaceholderSite, QuoteContext, Redirection,
    ShellLine, imitation, vocabulary,
};

use super::argv::ArgvTemplate;
use super::call::{self, BuiltinTemplate};
use super::errors;
use super::list::{
    CommandList, Pipeline, PipelineCondition, PipelineStage, StageAction, UnusualPrograms,
};
use super::options::TemplateOptions;

/// A list for all rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListTemplate {
    list: CommandList<ActionTemplate, TemplateWord>,
    /// Starts of the pipelines in the text; that of the first one is 0.
    starts: Vec<usize>,
}

type PipelineTemplate = Pipeline<ActionTemplate, TemplateWord>;

type StageTemplate = PipelineStage<ActionTemplate, TemplateWord>;

/// A simple command.
#[derive(Debug, PartialEq, Eq)]
enum ActionTemplate {
    Run(ArgvTemplate),
    /// A built-in of prun's.
    Call(BuiltinTemplate),
    Echo {
        command: ArgvTemplate,
        /// The shell prints a backslash as it stands, as bash does. Others may read `\t` as
        /// a tab.
        prints_backslashes: bool,
    },
    Status(u8),
}

/// Reasons why a line that calls a built-in of prun's cannot be run.
#[derive(Debug)]
pub(super) enum ListError {
    /// Something that only a shell does.
    Syntax,
    /// A command that only a shell knows.
    Command(Vec<u8>),
    /// A redirection to a device.
    Device(Vec<u8>),
    /// The call itself.
    Call(Error),
}

impl ListTemplate {
    pub(super) fn is_one_pipeline(&self) -> bool {
        self.list.pipelines.len() == 1
    }

    /// The list that a line is; `None` if it needs a shell. `functions` are the names of
    /// what is not a program, whatever it looks like.
    pub(super) fn of(
        line: &ShellLine,
        functions: &BTreeSet<Vec<u8>>,
        prints_backslashes: bool,
    ) -> Option<ListTemplate> {
        let refused = |site: &PlaceholderSite| matches!(site.context, QuoteContext::Refused(_));
        if line.syntax != LineSyntax::List || line.open.is_some() || line.sites.iter().any(refused)
        {
            return None;
        }
        let action = |words: &[TemplateWord], _: &_| {
            ActionTemplate::of(words, functions, prints_backslashes).ok_or(())
        };
        let template = ListTemplate::read(line, UnusualPrograms::ByShell, action).ok()?;
        let pipelines = &template.list.pipelines;
        let mut first = pipelines.first()?.stages.iter();
        let starts_process = first.any(|stage| matches!(stage.action, ActionTemplate::Run(_)));
        (starts_process && pipelines.iter().all(is_runnable)).then_some(template)
    }

    /// The list that a line is that calls built-ins of prun's, so that no shell can run it.
    pub(super) fn with_calls(
        line: &ShellLine,
        options: &TemplateOptions,
    ) -> Result<ListTemplate, ListError> {
        if line.syntax == LineSyntax::Shell || line.open.is_some() {
            return Err(ListError::Syntax);
        }
        let template = ListTemplate::read(line, UnusualPrograms::Fails, |words, context| {
            let action = ActionTemplate::beside_calls(words, options)?;
            match context.redirections.iter().find_map(device) {
                Some(device) => Err(ListError::Device(device.to_vec())),
                None => Ok(action),
            }
        })?;
        template.check_results().map_err(ListError::Call)?;
        Ok(template)
    }

    /// Sorts the commands of a line into pipelines.
    fn read<E>(
        line: &ShellLine,
        unusual: UnusualPrograms,
        mut action: impl FnMut(&[TemplateWord], &CommandContext) -> Result<ActionTemplate, E>,
    ) -> Result<ListTemplate, E> {
        let directory = directory(line);
        let skipped = usize::from(directory.is_some());
        let mut pipelines: Vec<PipelineTemplate> = Vec::new();
        let mut starts = vec![0];
        let mut before = ListOperator::Semicolon;
        for (words, context) in line.commands.iter().zip(&line.contexts).skip(skipped) {
            let stage = PipelineStage {
                action: action(words, context)?,
                redirections: context.redirections.clone(),
            };
            let when = match (before, pipelines.last_mut()) {
                (ListOperator::Pipe, Some(pipeline)) => {
                    pipeline.stages.push(stage);
                    before = context.operator;
                    continue;
                }
                (ListOperator::And, _) => PipelineCondition::AfterSuccess,
                (ListOperator::Or, _) => PipelineCondition::AfterFailure,
                _ => PipelineCondition::Always,
            };
            before = context.operator;
            if !pipelines.is_empty() {
                starts.push(context.start);
            }
            pipelines.push(Pipeline {
                when,
                stages: vec![stage],
            });
        }
        let list = CommandList {
            directory,
            pipelines,
            unusual,
        };
        Ok(ListTemplate { list, starts })
    }

    fn stages(&self) -> impl DoubleEndedIterator<Item = &StageTemplate> {
        let pipelines = self.list.pipelines.iter();
        pipelines.flat_map(|pipeline| &pipeline.stages)
    }

    /// The one result of all jobs, if the last command makes one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        self.stages().next_back()?.action.combined()
    }

    /// A result of all jobs goes where prun's own output does, and to no other command.
    fn check_results(&self) -> Result<(), Error> {
        let mut stages = self.stages();
        if let Some(last) = stages.next_back()
            && let Some(combined) = last.action.combined()
            && last.redirections.iter().any(|one| one.fd() == 1)
        {
            return Err(errors::one_result_redirected(&combined));
        }
        match stages.find_map(|stage| stage.action.combined()) {
            Some(combined) => Err(errors::one_result_in_list(&combined)),
            None => Ok(()),
        }
    }

    pub(super) fn starts(&self) -> &[usize] {
        &self.starts
    }

    /// Descriptors that a job needs beside those of a single process: pipes and watches of
    /// more stages, files that built-ins read; for more pipelines the ends that they will get,
    /// and the watch on the first process, which leads the group to the end; the directory.
    pub(super) fn descriptors(&self) -> usize {
        let files = |stage: &StageTemplate| match stage.action {
            ActionTemplate::Call(_) => 1 + stage.redirections.len(),
            _ => 0,
        };
        let need = |pipeline: &PipelineTemplate| {
            2 * (pipeline.stages.len() - 1) + pipeline.stages.iter().map(files).sum::<usize>()
        };
        let stages = self.list.pipelines.iter().map(need).max().unwrap_or(0);
        let pipelines = if self.list.pipelines.len() > 1 { 3 } else { 0 };
        stages + pipelines + usize::from(self.list.directory.is_some())
    }

    /// The list of one row; `None` if its values need a shell.
    pub(super) fn list(
        &self,
        row: &Row,
        position: JobPosition,
    ) -> Result<Option<CommandList>, ValueError> {
        let text = |word: &TemplateWord| word.text(row, position);
        let mut pipelines = Vec::with_capacity(self.list.pipelines.len());
        for pipeline in &self.list.pipelines {
            let mut stages = Vec::with_capacity(pipeline.stages.len());
            for stage in &pipeline.stages {
                let Some(action) = stage.action.action(row, position)? else {
                    return Ok(None);
                };
                let redirections = stage.redirections.iter().map(|one| one.try_map(text));
                stages.push(PipelineStage {
                    action,
                    redirections: redirections.collect::<Result<_, _>>()?,
                });
            }
            pipelines.push(Pipeline {
                when: pipeline.when,
                stages,
            });
        }
        Ok(Some(CommandList {
            directory: self.list.directory.as_ref().map(text).transpose()?,
            pipelines,
            unusual: self.list.unusual,
        }))
    }
}

/// The word of `cd WORD &&` at the beginning.
fn directory(line: &ShellLine) -> Option<TemplateWord> {
    match (line.commands.as_slice(), line.contexts.as_slice()) {
        ([first, _, ..], [context, ..]) => match first.as_slice() {
            [name, directory]
                if name.fixed() == Some(b"cd")
                    && context.redirections.is_empty()
                    && context.operator == ListOperator::And =>
            {
                Some(directory.clone().joined())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Tells whether prun can run it: the text of `echo` goes into a pipe at its beginning, or is
/// all that there is.
fn is_runnable(pipeline: &PipelineTemplate) -> bool {
    let is_alone = pipeline.stages.len() == 1;
    let mut stages = pipeline.stages.iter().enumerate();
    stages.all(|(at, stage)| match stage.action {
        ActionTemplate::Run(_) | ActionTemplate::Call(_) => true,
        ActionTemplate::Echo { .. } => is_alone || at == 0 && stage.redirections.is_empty(),
        ActionTemplate::Status(_) => is_alone && stage.redirections.is_empty(),
    })
}

impl ActionTemplate {
    fn of(
        words: &[TemplateWord],
        functions: &BTreeSet<Vec<u8>>,
        prints_backslashes: bool,
    ) -> Option<ActionTemplate> {
        let command = ArgvTemplate::from_words(words.to_vec())?;
        let name = command.words.first()?.fixed()?;
        if functions.contains(name) || command.environment.iter().any(|(name, _)| name == "PATH") {
            return None;
        }
        match name {
            b"echo" | b"true" | b":" | b"false" if !command.environment.is_empty() => None,
            b"echo" => Some(ActionTemplate::Echo {
                command,
                prints_backslashes,
            }),
            b"true" | b":" => Some(ActionTemplate::Status(0)),
            b"false" => Some(ActionTemplate::Status(1)),
            b"printf" | b"test" | b"[" => None,
            name if vocabulary::is_builtin(name) => None,
            _ => Some(ActionTemplate::Run(command)),
        }
    }

    /// The action of a command in a line that no shell knows all of: `echo` is a program
    /// there, too.
    fn beside_calls(
        words: &[TemplateWord],
        options: &TemplateOptions,
    ) -> Result<ActionTemplate, ListError> {
        let command = ArgvTemplate::from_words(words.to_vec()).ok_or(ListError::Syntax)?;
        if call::is_called(words, options) {
            let job = BuiltinTemplate::new(command.words, &command.environment);
            return job.map(ActionTemplate::Call).map_err(ListError::Call);
        }
        let name = command.words[0].fixed().unwrap_or_default();
        if options.functions.contains(name) || vocabulary::is_builtin(name) {
            return Err(ListError::Command(name.to_vec()));
        }
        Ok(ActionTemplate::Run(command))
    }

    /// The one result of all jobs, if it makes one.
    fn combined(&self) -> Option<CombinedResult> {
        match self {
            ActionTemplate::Call(job) => job.combined(),
            _ => None,
        }
    }

    /// The action for one row; `None` if its values need a shell.
    fn action(&self, row: &Row, position: JobPosition) -> Result<Option<StageAction>, ValueError> {
        Ok(Some(match self {
            ActionTemplate::Run(command) => StageAction::Run(command.command(row, position)?),
            ActionTemplate::Call(job) => StageAction::Call(job.call(row, position)?),
            ActionTemplate::Status(status) => StageAction::Status(*status),
            ActionTemplate::Echo {
                command,
                prints_backslashes,
            } => {
                let argv = command.command(row, position)?.argv;
                let text = imitation::echo(&argv, *prints_backslashes);
                return Ok(text.map(StageAction::Echo));
            }
        }))
    }
}

/// The device that a stream is redirected to. `/dev/stdout` would be prun's own.
fn device(redirection: &Redirection<TemplateWord>) -> Option<&[u8]> {
    let Redirection::File { path, .. } = redirection else {
        return None;
    };
    let path = path.fixed()?;
    (path.starts_with(b"/dev/") && path != b"/dev/null").then_some(path)
}

/// `text` with `>FILE 2>&1` for each `&>FILE`, which every shell understands.
pub(super) fn without_joins(text: &[u8], line: &ShellLine) -> Vec<u8> {
    let mut written = Vec::with_capacity(text.len() + 6);
    let mut at = 0;
    for join in &line.joins {
        written.extend_from_slice(&text[at..join.at]);
        written.extend_from_slice(&text[join.at + 1..join.end]);
        written.extend_from_slice(b" 2>&1");
        at = join.end;
    }
    written.extend_from_slice(&text[at..]);
    written
}

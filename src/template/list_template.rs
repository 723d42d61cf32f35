//! Lists of commands that prun runs without a shell: what a line must be like, and what
//! becomes of it with the values of a row.

use std::collections::BTreeSet;

use crate::builtin::CombinedResult;
use crate::error::Error;
use crate::input::Row;
use crate::placeholder::{JobPosition, TemplateWord, ValueError};
use crate::shell::{
    CommandContext, EchoEscapes, LexedRedirection, LineSyntax, ListOperator, PlaceholderSite,
    QuoteContext, RedirectionTarget, ShellLine, imitation, vocabulary,
};

use super::argv::ArgvTemplate;
use super::call::{self, BuiltinJob};
use super::errors;
use super::list::{
    CommandList, Pipeline, PipelineCondition, PipelineStage, Redirection, StageAction,
    UnusualPrograms,
};
use super::options::TemplateOptions;

/// A list for all rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ListTemplate {
    directory: Option<TemplateWord>,
    pipelines: Vec<PipelineTemplate>,
    unusual: UnusualPrograms,
}

/// A pipeline.
#[derive(Debug, PartialEq, Eq)]
struct PipelineTemplate {
    when: PipelineCondition,
    /// Where it begins in the text.
    start: usize,
    stages: Vec<StageTemplate>,
}

/// A simple command.
#[derive(Debug, PartialEq, Eq)]
struct StageTemplate {
    action: StageVerb,
    command: ArgvTemplate,
    redirections: Vec<LexedRedirection>,
}

/// What a simple command does.
#[derive(Debug, PartialEq, Eq)]
enum StageVerb {
    Program,
    /// It calls a built-in of prun's.
    Call(BuiltinJob),
    Echo(EchoEscapes),
    Status(u8),
}

/// Why a line that calls a built-in of prun's cannot be run.
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
    /// The list that a line is; `None` if it needs a shell. `functions` are the names of
    /// what is not a program, whatever it looks like.
    pub(super) fn of(
        line: &ShellLine,
        functions: &BTreeSet<Vec<u8>>,
        escapes: EchoEscapes,
    ) -> Option<ListTemplate> {
        let refused = |site: &PlaceholderSite| matches!(site.context, QuoteContext::Refused(_));
        if line.syntax != LineSyntax::List || line.open.is_some() || line.sites.iter().any(refused)
        {
            return None;
        }
        let stage = |words: &[TemplateWord], context: &_| {
            StageTemplate::of(words, context, functions, escapes).ok_or(())
        };
        let (directory, pipelines) = pipelines(line, stage).ok()?;
        let starts_process = pipelines
            .first()?
            .stages
            .iter()
            .any(StageTemplate::is_program);
        let runs = starts_process && pipelines.iter().all(PipelineTemplate::runs);
        runs.then_some(ListTemplate {
            directory,
            pipelines,
            unusual: UnusualPrograms::ByShell,
        })
    }

    /// The list that a line is that calls built-ins of prun's, so that no shell can run it.
    pub(super) fn with_calls(
        line: &ShellLine,
        options: &TemplateOptions,
    ) -> Result<ListTemplate, ListError> {
        if line.syntax == LineSyntax::Shell || line.open.is_some() {
            return Err(ListError::Syntax);
        }
        let stage =
            |words: &[TemplateWord], context: &_| StageTemplate::within(words, context, options);
        let (directory, pipelines) = pipelines(line, stage)?;
        let template = ListTemplate {
            directory,
            pipelines,
            unusual: UnusualPrograms::Fails,
        };
        template.check_results().map_err(ListError::Call)?;
        Ok(template)
    }

    fn stages(&self) -> impl DoubleEndedIterator<Item = &StageTemplate> {
        self.pipelines.iter().flat_map(|pipeline| &pipeline.stages)
    }

    /// The one result of all jobs, if the last command makes one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        self.stages().next_back()?.combined()
    }

    /// A result of all jobs goes where prun's own output does, and to no other command.
    fn check_results(&self) -> Result<(), Error> {
        let mut stages = self.stages();
        if let Some(last) = stages.next_back()
            && let Some(combined) = last.combined()
            && last
                .redirections
                .iter()
                .any(|redirection| redirection.fd == 1)
        {
            return Err(errors::one_result_redirected(&combined));
        }
        match stages.find_map(StageTemplate::combined) {
            Some(combined) => Err(errors::one_result_in_list(&combined)),
            None => Ok(()),
        }
    }

    /// Where the pipelines begin in the text, but for the first one: it begins with all
    /// that there is.
    pub(super) fn starts(&self) -> Vec<usize> {
        let starts = self.pipelines.iter().skip(1).map(|pipeline| pipeline.start);
        std::iter::once(0).chain(starts).collect()
    }

    /// Descriptors that a job needs beside those of a single process: pipes and watches of
    /// more stages, files that built-ins read; for more pipelines the ends that they will get,
    /// and the watch on the first process, which leads the group to the end; the directory.
    pub(super) fn descriptors(&self) -> usize {
        let files = |stage: &StageTemplate| match stage.action {
            StageVerb::Call(_) => 1 + stage.redirections.len(),
            _ => 0,
        };
        let need = |pipeline: &PipelineTemplate| {
            2 * (pipeline.stages.len() - 1) + pipeline.stages.iter().map(files).sum::<usize>()
        };
        let stages = self.pipelines.iter().map(need).max().unwrap_or(0);
        let pipelines = if self.pipelines.len() > 1 { 3 } else { 0 };
        stages + pipelines + usize::from(self.directory.is_some())
    }

    /// The list of one row; `None` if its values need a shell.
    pub(super) fn list(
        &self,
        row: &Row,
        position: JobPosition,
    ) -> Result<Option<CommandList>, ValueError> {
        let mut pipelines = Vec::with_capacity(self.pipelines.len());
        for pipeline in &self.pipelines {
            let mut stages = Vec::with_capacity(pipeline.stages.len());
            for stage in &pipeline.stages {
                match stage.stage(row, position)? {
                    Some(stage) => stages.push(stage),
                    None => return Ok(None),
                }
            }
            pipelines.push(Pipeline {
                when: pipeline.when,
                stages,
            });
        }
        let directory = self.directory.as_ref().map(|word| word.text(row, position));
        Ok(Some(CommandList {
            directory: directory.transpose()?,
            pipelines,
            unusual: self.unusual,
        }))
    }
}

/// The pipelines of a line, and the directory that they run in.
fn pipelines<E>(
    line: &ShellLine,
    mut stage: impl FnMut(&[TemplateWord], &CommandContext) -> Result<StageTemplate, E>,
) -> Result<(Option<TemplateWord>, Vec<PipelineTemplate>), E> {
    let mut commands = line.commands.as_slice();
    let mut contexts = line.contexts.as_slice();
    let directory = directory(commands, contexts);
    if directory.is_some() {
        (commands, contexts) = (&commands[1..], &contexts[1..]);
    }
    let mut pipelines: Vec<PipelineTemplate> = Vec::new();
    let mut before = ListOperator::Semicolon;
    for (words, context) in commands.iter().zip(contexts) {
        let stage = stage(words, context)?;
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
        pipelines.push(PipelineTemplate {
            when,
            start: context.start,
            stages: vec![stage],
        });
    }
    Ok((directory, pipelines))
}

/// The word of `cd WORD &&` at the beginning.
fn directory(commands: &[Vec<TemplateWord>], contexts: &[CommandContext]) -> Option<TemplateWord> {
    match (commands, contexts) {
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

impl PipelineTemplate {
    /// Whether prun can run it: what `echo` prints goes into a pipe at its beginning, or
    /// is all that there is.
    fn runs(&self) -> bool {
        let alone = self.stages.len() == 1;
        self.stages
            .iter()
            .enumerate()
            .all(|(at, stage)| match stage.action {
                StageVerb::Program | StageVerb::Call(_) => true,
                StageVerb::Echo(_) => alone || at == 0 && stage.redirections.is_empty(),
                StageVerb::Status(_) => alone && stage.redirections.is_empty(),
            })
    }
}

impl StageTemplate {
    fn of(
        words: &[TemplateWord],
        context: &CommandContext,
        functions: &BTreeSet<Vec<u8>>,
        escapes: EchoEscapes,
    ) -> Option<StageTemplate> {
        let command = ArgvTemplate::from_words(words.to_vec())?;
        let name = command.words.first()?.fixed()?;
        if functions.contains(name) || command.environment.iter().any(|(name, _)| name == "PATH") {
            return None;
        }
        let action = match name {
            b"echo" => StageVerb::Echo(escapes),
            b"true" | b":" => StageVerb::Status(0),
            b"false" => StageVerb::Status(1),
            b"printf" | b"test" | b"[" => return None,
            name if vocabulary::is_builtin(name) => return None,
            _ => StageVerb::Program,
        };
        if action != StageVerb::Program && !command.environment.is_empty() {
            return None;
        }
        Some(StageTemplate {
            action,
            command,
            redirections: context.redirections.clone(),
        })
    }

    /// The same where no shell knows all of the line, so that `echo` is a program, too.
    fn within(
        words: &[TemplateWord],
        context: &CommandContext,
        options: &TemplateOptions,
    ) -> Result<StageTemplate, ListError> {
        let command = ArgvTemplate::from_words(words.to_vec()).ok_or(ListError::Syntax)?;
        let action = if call::is_called(words, options) {
            let job = BuiltinJob::new(command.words.clone(), &command.environment);
            StageVerb::Call(job.map_err(ListError::Call)?)
        } else {
            let name = command.words[0].fixed().unwrap_or_default();
            if options.functions.contains(name) || vocabulary::is_builtin(name) {
                return Err(ListError::Command(name.to_vec()));
            }
            StageVerb::Program
        };
        let mut redirections = context.redirections.iter();
        if let Some(device) = redirections.find_map(device) {
            return Err(ListError::Device(device.to_vec()));
        }
        Ok(StageTemplate {
            action,
            command,
            redirections: context.redirections.clone(),
        })
    }

    /// The one result of all jobs, if it makes one.
    fn combined(&self) -> Option<CombinedResult> {
        match &self.action {
            StageVerb::Call(job) => job.combined(),
            StageVerb::Program | StageVerb::Echo(_) | StageVerb::Status(_) => None,
        }
    }

    fn is_program(&self) -> bool {
        self.action == StageVerb::Program
    }

    fn stage(&self, row: &Row, position: JobPosition) -> Result<Option<PipelineStage>, ValueError> {
        let action = match &self.action {
            StageVerb::Program => StageAction::Run(self.command.command(row, position)?),
            StageVerb::Call(job) => StageAction::Call(job.call(row, position)?),
            StageVerb::Status(status) => StageAction::Status(*status),
            StageVerb::Echo(escapes) => {
                match imitation::echo(&self.command.command(row, position)?.argv, *escapes) {
                    Some(text) => StageAction::Echo(text),
                    None => return Ok(None),
                }
            }
        };
        let redirections = self.redirections.iter();
        let redirections = redirections.map(|redirection| redirected(redirection, row, position));
        Ok(Some(PipelineStage {
            action,
            redirections: redirections.collect::<Result<_, _>>()?,
        }))
    }
}

/// The device that a stream is redirected to. `/dev/stdout` would be prun's own.
fn device(redirection: &LexedRedirection) -> Option<&[u8]> {
    let path = match &redirection.target {
        RedirectionTarget::File(_, word) => word.fixed()?,
        RedirectionTarget::Descriptor(_) => return None,
    };
    (path.starts_with(b"/dev/") && path != b"/dev/null").then_some(path)
}

fn redirected(
    redirection: &LexedRedirection,
    row: &Row,
    position: JobPosition,
) -> Result<Redirection, ValueError> {
    let fd = redirection.fd;
    Ok(match &redirection.target {
        RedirectionTarget::Descriptor(from) => Redirection::Copy { fd, from: *from },
        RedirectionTarget::File(access, word) => Redirection::File {
            fd,
            path: word.text(row, position)?,
            access: *access,
        },
    })
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

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
    sections: Vec<PipelineTemplate>,
    unusual: UnusualPrograms,
}

/// A pipeline.
#[derive(Debug, PartialEq, Eq)]
struct PipelineTemplate {
    when: PipelineCondition,
    /// Where it begins in the text.
    start: usize,
    steps: Vec<StageTemplate>,
}

/// A simple command.
#[derive(Debug, PartialEq, Eq)]
struct StageTemplate {
    verb: StageVerb,
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
        let refused = |spot: &PlaceholderSite| matches!(spot.setting, QuoteContext::Refused(_));
        if line.syntax != LineSyntax::List || line.open.is_some() || line.spots.iter().any(refused)
        {
            return None;
        }
        let step = |words: &[TemplateWord], setting: &_| {
            StageTemplate::of(words, setting, functions, escapes).ok_or(())
        };
        let (directory, sections) = sections(line, step).ok()?;
        let starts_process = sections
            .first()?
            .steps
            .iter()
            .any(StageTemplate::is_program);
        let runs = starts_process && sections.iter().all(PipelineTemplate::runs);
        runs.then_some(ListTemplate {
            directory,
            sections,
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
        let step =
            |words: &[TemplateWord], setting: &_| StageTemplate::within(words, setting, options);
        let (directory, sections) = sections(line, step)?;
        let outline = ListTemplate {
            directory,
            sections,
            unusual: UnusualPrograms::Fails,
        };
        outline.check_results().map_err(ListError::Call)?;
        Ok(outline)
    }

    fn steps(&self) -> impl DoubleEndedIterator<Item = &StageTemplate> {
        self.sections.iter().flat_map(|section| &section.steps)
    }

    /// The one result of all jobs, if the last command makes one.
    pub(super) fn combined(&self) -> Option<CombinedResult> {
        self.steps().next_back()?.combined()
    }

    /// A result of all jobs goes where prun's own output does, and to no other command.
    fn check_results(&self) -> Result<(), Error> {
        let mut steps = self.steps();
        if let Some(last) = steps.next_back()
            && let Some(combined) = last.combined()
            && last
                .redirections
                .iter()
                .any(|redirection| redirection.fd == 1)
        {
            return Err(errors::one_result_redirected(&combined));
        }
        match steps.find_map(StageTemplate::combined) {
            Some(combined) => Err(errors::one_result_in_list(&combined)),
            None => Ok(()),
        }
    }

    /// Where the pipelines begin in the text, but for the first one: it begins with all
    /// that there is.
    pub(super) fn starts(&self) -> Vec<usize> {
        let starts = self.sections.iter().skip(1).map(|section| section.start);
        std::iter::once(0).chain(starts).collect()
    }

    /// Descriptors that a job needs beside those of a single process: pipes and watches of
    /// more stages, files that built-ins read; for more pipelines the ends that they will get,
    /// and the watch on the first process, which leads the group to the end; the directory.
    pub(super) fn descriptors(&self) -> usize {
        let files = |step: &StageTemplate| match step.verb {
            StageVerb::Call(_) => 1 + step.redirections.len(),
            _ => 0,
        };
        let need = |section: &PipelineTemplate| {
            2 * (section.steps.len() - 1) + section.steps.iter().map(files).sum::<usize>()
        };
        let stages = self.sections.iter().map(need).max().unwrap_or(0);
        let pipelines = if self.sections.len() > 1 { 3 } else { 0 };
        stages + pipelines + usize::from(self.directory.is_some())
    }

    /// The list of one row; `None` if its values need a shell.
    pub(super) fn list(
        &self,
        row: &Row,
        place: JobPosition,
    ) -> Result<Option<CommandList>, ValueError> {
        let mut pipelines = Vec::with_capacity(self.sections.len());
        for section in &self.sections {
            let mut stages = Vec::with_capacity(section.steps.len());
            for step in &section.steps {
                match step.stage(row, place)? {
                    Some(stage) => stages.push(stage),
                    None => return Ok(None),
                }
            }
            pipelines.push(Pipeline {
                when: section.when,
                stages,
            });
        }
        let directory = self.directory.as_ref().map(|word| word.text(row, place));
        Ok(Some(CommandList {
            directory: directory.transpose()?,
            pipelines,
            unusual: self.unusual,
        }))
    }
}

/// The pipelines of a line, and the directory that they run in.
fn sections<E>(
    line: &ShellLine,
    mut step: impl FnMut(&[TemplateWord], &CommandContext) -> Result<StageTemplate, E>,
) -> Result<(Option<TemplateWord>, Vec<PipelineTemplate>), E> {
    let mut commands = line.commands.as_slice();
    let mut settings = line.settings.as_slice();
    let directory = directory(commands, settings);
    if directory.is_some() {
        (commands, settings) = (&commands[1..], &settings[1..]);
    }
    let mut sections: Vec<PipelineTemplate> = Vec::new();
    let mut before = ListOperator::Semicolon;
    for (words, setting) in commands.iter().zip(settings) {
        let step = step(words, setting)?;
        let when = match (before, sections.last_mut()) {
            (ListOperator::Pipe, Some(section)) => {
                section.steps.push(step);
                before = setting.operator;
                continue;
            }
            (ListOperator::And, _) => PipelineCondition::AfterSuccess,
            (ListOperator::Or, _) => PipelineCondition::AfterFailure,
            _ => PipelineCondition::Always,
        };
        before = setting.operator;
        sections.push(PipelineTemplate {
            when,
            start: setting.start,
            steps: vec![step],
        });
    }
    Ok((directory, sections))
}

/// The word of `cd WORD &&` at the beginning.
fn directory(commands: &[Vec<TemplateWord>], settings: &[CommandContext]) -> Option<TemplateWord> {
    match (commands, settings) {
        ([first, _, ..], [setting, ..]) => match first.as_slice() {
            [name, directory]
                if name.fixed() == Some(b"cd")
                    && setting.redirections.is_empty()
                    && setting.operator == ListOperator::And =>
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
        let alone = self.steps.len() == 1;
        self.steps
            .iter()
            .enumerate()
            .all(|(at, step)| match step.verb {
                StageVerb::Program | StageVerb::Call(_) => true,
                StageVerb::Echo(_) => alone || at == 0 && step.redirections.is_empty(),
                StageVerb::Status(_) => alone && step.redirections.is_empty(),
            })
    }
}

impl StageTemplate {
    fn of(
        words: &[TemplateWord],
        setting: &CommandContext,
        functions: &BTreeSet<Vec<u8>>,
        escapes: EchoEscapes,
    ) -> Option<StageTemplate> {
        let command = ArgvTemplate::from_words(words.to_vec())?;
        let name = command.words.first()?.fixed()?;
        if functions.contains(name) || command.environment.iter().any(|(name, _)| name == "PATH") {
            return None;
        }
        let verb = match name {
            b"echo" => StageVerb::Echo(escapes),
            b"true" | b":" => StageVerb::Status(0),
            b"false" => StageVerb::Status(1),
            b"printf" | b"test" | b"[" => return None,
            name if vocabulary::is_builtin(name) => return None,
            _ => StageVerb::Program,
        };
        if verb != StageVerb::Program && !command.environment.is_empty() {
            return None;
        }
        Some(StageTemplate {
            verb,
            command,
            redirections: setting.redirections.clone(),
        })
    }

    /// The same where no shell knows all of the line, so that `echo` is a program, too.
    fn within(
        words: &[TemplateWord],
        setting: &CommandContext,
        options: &TemplateOptions,
    ) -> Result<StageTemplate, ListError> {
        let command = ArgvTemplate::from_words(words.to_vec()).ok_or(ListError::Syntax)?;
        let verb = if call::is_called(words, options) {
            let job = BuiltinJob::new(command.words.clone(), &command.environment);
            StageVerb::Call(job.map_err(ListError::Call)?)
        } else {
            let name = command.words[0].fixed().unwrap_or_default();
            if options.functions.contains(name) || vocabulary::is_builtin(name) {
                return Err(ListError::Command(name.to_vec()));
            }
            StageVerb::Program
        };
        let mut redirections = setting.redirections.iter();
        if let Some(device) = redirections.find_map(device) {
            return Err(ListError::Device(device.to_vec()));
        }
        Ok(StageTemplate {
            verb,
            command,
            redirections: setting.redirections.clone(),
        })
    }

    /// The one result of all jobs, if it makes one.
    fn combined(&self) -> Option<CombinedResult> {
        match &self.verb {
            StageVerb::Call(job) => job.combined(),
            StageVerb::Program | StageVerb::Echo(_) | StageVerb::Status(_) => None,
        }
    }

    fn is_program(&self) -> bool {
        self.verb == StageVerb::Program
    }

    fn stage(&self, row: &Row, place: JobPosition) -> Result<Option<PipelineStage>, ValueError> {
        let action = match &self.verb {
            StageVerb::Program => StageAction::Run(self.command.command(row, place)?),
            StageVerb::Call(job) => StageAction::Call(job.call(row, place)?),
            StageVerb::Status(status) => StageAction::Status(*status),
            StageVerb::Echo(escapes) => {
                match imitation::echo(&self.command.command(row, place)?.argv, *escapes) {
                    Some(text) => StageAction::Echo(text),
                    None => return Ok(None),
                }
            }
        };
        let redirections = self.redirections.iter();
        let redirections = redirections.map(|redirection| redirected(redirection, row, place));
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
    place: JobPosition,
) -> Result<Redirection, ValueError> {
    let fd = redirection.fd;
    Ok(match &redirection.target {
        RedirectionTarget::Descriptor(from) => Redirection::Copy { fd, from: *from },
        RedirectionTarget::File(access, word) => Redirection::File {
            fd,
            path: word.text(row, place)?,
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

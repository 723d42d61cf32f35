//! Lists of commands that prun runs without a shell: what a line must be like, and what
//! becomes of it with the values of a row.

use std::collections::BTreeSet;

use crate::input::Row;

use super::call::CallJob;
use super::direct::{Direct, Word};
use super::lex::{CommandSetting, Line, Operator, Setting, Syntax, Target};
use super::list::{Action, List, Pipeline, Redirection, Stage, Unusual, When};
use super::{BadValue, Command, Options, Place, call, complaint, lex, table};
use crate::builtin::Combined;
use crate::error::Error;

/// What `echo` may print to a pipe that nobody reads yet.
const LONGEST_ECHO: usize = 4096;

/// A list for all rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outline {
    directory: Option<Word>,
    sections: Vec<Section>,
    unusual: Unusual,
}

/// A pipeline.
#[derive(Debug, PartialEq, Eq)]
struct Section {
    when: When,
    /// Where it begins in the text.
    start: usize,
    steps: Vec<Step>,
}

/// A simple command.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    verb: Verb,
    command: Direct,
    redirections: Vec<lex::Redirection>,
}

/// What a simple command does.
#[derive(Debug, PartialEq, Eq)]
enum Verb {
    Program,
    /// It calls a built-in of prun's.
    Call(CallJob),
    Echo(EchoEscapes),
    Status(u8),
}

/// What the shell's `echo` makes of a backslash in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EchoEscapes {
    /// bash prints it as it stands.
    Printed,
    /// Other shells may read `\t` as a tab.
    Unknown,
}

/// Why a line that calls a built-in of prun's cannot be run.
#[derive(Debug)]
pub(super) enum Obstacle {
    /// Something that only a shell does.
    Syntax,
    /// A command that only a shell knows.
    Command(Vec<u8>),
    /// A redirection to a device.
    Device(Vec<u8>),
    /// The call itself.
    Call(Error),
}

impl Outline {
    /// The list that a line is; `None` if it needs a shell. `functions` are the names of
    /// what is not a program, whatever it looks like.
    pub(super) fn of(
        line: &Line,
        functions: &BTreeSet<Vec<u8>>,
        escapes: EchoEscapes,
    ) -> Option<Outline> {
        let refused = |spot: &lex::Spot| matches!(spot.setting, Setting::Refused(_));
        if line.syntax != Syntax::List || line.open.is_some() || line.spots.iter().any(refused) {
            return None;
        }
        let step =
            |words: &[Word], setting: &_| Step::of(words, setting, functions, escapes).ok_or(());
        let (directory, sections) = sections(line, step).ok()?;
        let starts_process = sections.first()?.steps.iter().any(Step::is_program);
        let runs = starts_process && sections.iter().all(Section::runs);
        runs.then_some(Outline {
            directory,
            sections,
            unusual: Unusual::ByShell,
        })
    }

    /// The list that a line is that calls built-ins of prun's, so that no shell can run it.
    pub(super) fn with_calls(line: &Line, options: &Options) -> Result<Outline, Obstacle> {
        if line.syntax == Syntax::Shell || line.open.is_some() {
            return Err(Obstacle::Syntax);
        }
        let step = |words: &[Word], setting: &_| Step::within(words, setting, options);
        let (directory, sections) = sections(line, step)?;
        let outline = Outline {
            directory,
            sections,
            unusual: Unusual::Fails,
        };
        outline.check_results().map_err(Obstacle::Call)?;
        Ok(outline)
    }

    fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.sections.iter().flat_map(|section| &section.steps)
    }

    /// The one result of all jobs, if the last command makes one.
    pub(super) fn combined(&self) -> Option<Combined> {
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
            return Err(complaint::one_result_redirected(&combined));
        }
        match steps.find_map(Step::combined) {
            Some(combined) => Err(complaint::one_result_in_list(&combined)),
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
        let files = |step: &Step| match step.verb {
            Verb::Call(_) => 1 + step.redirections.len(),
            _ => 0,
        };
        let need = |section: &Section| {
            2 * (section.steps.len() - 1) + section.steps.iter().map(files).sum::<usize>()
        };
        let stages = self.sections.iter().map(need).max().unwrap_or(0);
        let pipelines = if self.sections.len() > 1 { 3 } else { 0 };
        stages + pipelines + usize::from(self.directory.is_some())
    }

    /// The list of one row; `None` if its values need a shell.
    pub(super) fn list(&self, row: &Row, place: Place) -> Result<Option<List>, BadValue> {
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
        Ok(Some(List {
            directory: directory.transpose()?,
            pipelines,
            unusual: self.unusual,
        }))
    }
}

/// The pipelines of a line, and the directory that they run in.
fn sections<E>(
    line: &Line,
    mut step: impl FnMut(&[Word], &CommandSetting) -> Result<Step, E>,
) -> Result<(Option<Word>, Vec<Section>), E> {
    let mut commands = line.commands.as_slice();
    let mut settings = line.settings.as_slice();
    let directory = directory(commands, settings);
    if directory.is_some() {
        (commands, settings) = (&commands[1..], &settings[1..]);
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut before = Operator::Semicolon;
    for (words, setting) in commands.iter().zip(settings) {
        let step = step(words, setting)?;
        let when = match (before, sections.last_mut()) {
            (Operator::Pipe, Some(section)) => {
                section.steps.push(step);
                before = setting.operator;
                continue;
            }
            (Operator::And, _) => When::AfterSuccess,
            (Operator::Or, _) => When::AfterFailure,
            _ => When::Always,
        };
        before = setting.operator;
        sections.push(Section {
            when,
            start: setting.start,
            steps: vec![step],
        });
    }
    Ok((directory, sections))
}

/// The word of `cd WORD &&` at the beginning.
fn directory(commands: &[Vec<Word>], settings: &[CommandSetting]) -> Option<Word> {
    match (commands, settings) {
        ([first, _, ..], [setting, ..]) => match first.as_slice() {
            [name, directory]
                if name.fixed() == Some(b"cd")
                    && setting.redirections.is_empty()
                    && setting.operator == Operator::And =>
            {
                Some(directory.clone().joined())
            }
            _ => None,
        },
        _ => None,
    }
}

impl Section {
    /// Whether prun can run it: what `echo` prints goes into a pipe at its beginning, or
    /// is all that there is.
    fn runs(&self) -> bool {
        let alone = self.steps.len() == 1;
        self.steps
            .iter()
            .enumerate()
            .all(|(at, step)| match step.verb {
                Verb::Program | Verb::Call(_) => true,
                Verb::Echo(_) => alone || at == 0 && step.redirections.is_empty(),
                Verb::Status(_) => alone && step.redirections.is_empty(),
            })
    }
}

impl Step {
    fn of(
        words: &[Word],
        setting: &CommandSetting,
        functions: &BTreeSet<Vec<u8>>,
        escapes: EchoEscapes,
    ) -> Option<Step> {
        let command = Direct::from_words(words.to_vec())?;
        let name = command.words.first()?.fixed()?;
        if functions.contains(name) || command.environment.iter().any(|(name, _)| name == "PATH") {
            return None;
        }
        let verb = match name {
            b"echo" => Verb::Echo(escapes),
            b"true" | b":" => Verb::Status(0),
            b"false" => Verb::Status(1),
            b"printf" | b"test" | b"[" => return None,
            name if table::is_builtin(name) => return None,
            _ => Verb::Program,
        };
        if verb != Verb::Program && !command.environment.is_empty() {
            return None;
        }
        Some(Step {
            verb,
            command,
            redirections: setting.redirections.clone(),
        })
    }

    /// The same where no shell knows all of the line, so that `echo` is a program, too.
    fn within(
        words: &[Word],
        setting: &CommandSetting,
        options: &Options,
    ) -> Result<Step, Obstacle> {
        let command = Direct::from_words(words.to_vec()).ok_or(Obstacle::Syntax)?;
        let verb = if call::is_called(words, options) {
            let job = CallJob::new(command.words.clone(), &command.environment);
            Verb::Call(job.map_err(Obstacle::Call)?)
        } else {
            let name = command.words[0].fixed().unwrap_or_default();
            if options.functions.contains(name) || table::is_builtin(name) {
                return Err(Obstacle::Command(name.to_vec()));
            }
            Verb::Program
        };
        let mut redirections = setting.redirections.iter();
        if let Some(device) = redirections.find_map(device) {
            return Err(Obstacle::Device(device.to_vec()));
        }
        Ok(Step {
            verb,
            command,
            redirections: setting.redirections.clone(),
        })
    }

    /// The one result of all jobs, if it makes one.
    fn combined(&self) -> Option<Combined> {
        match &self.verb {
            Verb::Call(job) => job.combined(),
            Verb::Program | Verb::Echo(_) | Verb::Status(_) => None,
        }
    }

    fn is_program(&self) -> bool {
        self.verb == Verb::Program
    }

    fn stage(&self, row: &Row, place: Place) -> Result<Option<Stage>, BadValue> {
        let action = match &self.verb {
            Verb::Program => Action::Run(self.command.command(row, place)?),
            Verb::Call(job) => Action::Call(job.call(row, place)?),
            Verb::Status(status) => Action::Status(*status),
            Verb::Echo(escapes) => match echo(&self.command.command(row, place)?, *escapes) {
                Some(text) => Action::Echo(text),
                None => return Ok(None),
            },
        };
        let redirections = self.redirections.iter();
        let redirections = redirections.map(|redirection| redirected(redirection, row, place));
        Ok(Some(Stage {
            action,
            redirections: redirections.collect::<Result<_, _>>()?,
        }))
    }
}

/// The device that a stream is redirected to. `/dev/stdout` would be prun's own.
fn device(redirection: &lex::Redirection) -> Option<&[u8]> {
    let path = match &redirection.target {
        Target::File(_, word) => word.fixed()?,
        Target::Descriptor(_) => return None,
    };
    (path.starts_with(b"/dev/") && path != b"/dev/null").then_some(path)
}

/// What `echo` prints; `None` if only the shell can tell.
fn echo(command: &Command, escapes: EchoEscapes) -> Option<Vec<u8>> {
    let words: Vec<&[u8]> = command.argv.iter().skip(1).collect();
    let begins_with_option = words.first().is_some_and(|first| first.starts_with(b"-"));
    let has_backslash = |word: &&[u8]| memchr::memchr(b'\\', word).is_some();
    let escaped = escapes == EchoEscapes::Unknown && words.iter().any(has_backslash);
    if begins_with_option || escaped {
        return None;
    }
    let mut text = words.join(&b' ');
    text.push(b'\n');
    (text.len() <= LONGEST_ECHO).then_some(text)
}

fn redirected(
    redirection: &lex::Redirection,
    row: &Row,
    place: Place,
) -> Result<Redirection, BadValue> {
    let fd = redirection.fd;
    Ok(match &redirection.target {
        Target::Descriptor(from) => Redirection::Copy { fd, from: *from },
        Target::File(access, word) => Redirection::File {
            fd,
            path: word.text(row, place)?,
            access: *access,
        },
    })
}

/// `text` with `>FILE 2>&1` for each `&>FILE`, which every shell understands.
pub(super) fn without_joins(text: &[u8], line: &Line) -> Vec<u8> {
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

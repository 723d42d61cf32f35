//! The command line: what was typed, as data. What it means is for `config` to
//! say.

mod absent;
mod completion;
pub(crate) mod eaten;
pub(crate) mod generate;
mod help;
pub(crate) mod options;
mod preset;
pub(crate) mod separators;
mod spellings;
mod text;
pub(crate) mod typed_line;
pub(crate) mod usage_error;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use clap::error::ErrorKind;

use crate::builtin;
use crate::error::{Error, Result};
use crate::os::host::{Host, HostEnvironment};
use crate::os::limits;
pub(crate) use options::Cli;
use preset::PresetOptions;
use separators::SourceSeparators;
use spellings::is_parallel;
use typed_line::TypedLine;

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CliAction {
    /// Run jobs.
    Run(Box<Cli>),
    /// Print this text: help, the version, generated files.
    Print(Vec<u8>),
}

/// Reads a command line, the program's name included, with the options that were set
/// before. Called by the name
/// `parallel`, prun is to do as GNU parallel does.
///
/// # Errors
/// Unknown options and bad values.
pub(crate) fn parse(argv: Vec<OsString>, host: &Host) -> Result<CliAction> {
    let gnu = argv.first().is_some_and(|name| is_parallel(name.as_ref()));
    let (mut head, mut sources) = SourceSeparators::default().cut(argv.clone(), 1)?;
    let mut cli = match read(&head, &host.environment) {
        Ok(cli) => cli,
        Err(error) => {
            let words = head[1..].to_vec();
            let line = TypedLine::new(words, 0, &sources, &SourceSeparators::default());
            return explain(&error, &head, &line);
        }
    };
    cli.template.gnu |= gnu;
    let PresetOptions {
        options: preset,
        command,
    } = preset::read(&cli, &host.environment)?;
    let separators = separators(&cli);
    let presets = preset.len();
    if !preset.is_empty() || separators != SourceSeparators::default() {
        let options = head.len() - cli.command.len();
        (head, sources) = separators.cut(argv, options)?;
        head.splice(1..1, preset);
        let mut typed = cli;
        let beside_semaphore = std::mem::take(&mut typed.beside_semaphore);
        cli = match spellings::read(&head) {
            Ok(cli) => cli,
            Err(error) => return explain(&error, &head, &TypedLine::default()),
        };
        cli.template.gnu |= gnu;
        cli.beside_semaphore = beside_semaphore;
        prefer_group(&mut cli, typed);
    }
    if let Some(action) = asked(&cli, host) {
        return action.map(CliAction::Print);
    }
    cli.blocks.imply_pipe(cli.template.gnu);
    if cli.failure.fail_fast {
        cli.failure.halt = "now,fail=1".parse().ok();
    }
    head.drain(..1 + presets);
    cli.typed_line = TypedLine::new(head, cli.command.len(), &sources, &separators);
    cli.command.splice(0..0, command);
    cli.sources = sources;
    Ok(CliAction::Run(Box::new(cli)))
}

/// Reads what was typed. It may be in GNU parallel's spelling though only what was set before
/// says so.
fn read(
    words: &[OsString],
    environment: &HostEnvironment,
) -> std::result::Result<Cli, clap::Error> {
    spellings::read(words).or_else(|error| {
        let Ok(cli) = spellings::read_as_gnu(words) else {
            return Err(error);
        };
        let preset = preset::read(&cli, environment).unwrap_or_default();
        if preset.options.iter().any(|word| word == "--gnu") {
            Ok(cli)
        } else {
            Err(error)
        }
    })
}

/// Whether what is printed is for a shell to run, as far as options that come first tell:
/// they may be what cannot be read.
pub(crate) fn is_for_shell(argv: &[OsString]) -> bool {
    let options = argv.iter().skip(1);
    let mut options = options.take_while(|word| word.as_bytes().starts_with(b"-"));
    options.any(|word| word == "--_parset" || word.as_bytes().starts_with(b"--_parset="))
}

/// How many values a job gets is said by several options: typed ones win over all that
/// were set before.
fn prefer_group(cli: &mut Cli, typed: Cli) {
    let (input, typed) = (&mut cli.input, typed.input);
    let counts = [typed.max_args, typed.max_replace_args, typed.max_lines];
    let fills = [typed.context_replace, typed.many, typed.xargs];
    if counts.iter().any(Option::is_some) || fills.contains(&true) {
        [input.max_args, input.max_replace_args, input.max_lines] = counts;
        [input.context_replace, input.many, input.xargs] = fills;
    }
}

/// The words that begin sources.
fn separators(cli: &Cli) -> SourceSeparators {
    let usual = SourceSeparators::default();
    SourceSeparators {
        values: cli.separators.arg_sep.clone().unwrap_or(usual.values),
        files: cli.separators.arg_file_sep.clone().unwrap_or(usual.files),
    }
}

/// What is only to be printed.
fn asked(cli: &Cli, host: &Host) -> Option<Result<Vec<u8>>> {
    /// The version of GNU parallel that `--gnu` stands in for.
    const LIKE: u32 = 20_221_122;
    if let Some(what) = cli.print.generate {
        return Some(generate::generate(what));
    }
    if cli.print.builtins {
        return Some(Ok(builtin::list().into_bytes()));
    }
    if let ([name, option], false) = (
        cli.command.as_slice(),
        cli.template.gnu || cli.template.quote,
    ) && option == "--help"
        && is_builtin(name)
    {
        return Some(builtin::explain(name.as_bytes()).map(String::into_bytes));
    }
    if cli.print.number_of_cpus {
        return Some(Ok(format!("{}\n", host.cpus).into_bytes()));
    }
    if cli.print.max_line_length_allowed {
        return Some(Ok(format!("{}\n", limits::arguments()).into_bytes()));
    }
    let wanted = cli.print.minversion?;
    Some(if wanted <= LIKE {
        Ok(format!("{LIKE}\n").into_bytes())
    } else {
        Err(Error::new(format!(
            "it does as GNU parallel {LIKE}, which is older than {wanted}"
        )))
    })
}

fn is_builtin(word: &OsStr) -> bool {
    word.as_bytes().first() == Some(&builtin::MARK)
}

/// clap reports help and version as errors, too.
fn explain(error: &clap::Error, words: &[OsString], line: &TypedLine) -> Result<CliAction> {
    match (error.kind(), help::name(words)) {
        (ErrorKind::DisplayHelp, Some(name)) => match help::explain(name) {
            // GNU parallel looks at nothing else once it is asked for help.
            Err(_) if spellings::is_gnu(words) => {
                Ok(CliAction::Print(error.render().to_string().into_bytes()))
            }
            explained => explained.map(CliAction::Print),
        },
        (ErrorKind::DisplayHelp | ErrorKind::DisplayVersion, _) => {
            Ok(CliAction::Print(error.render().to_string().into_bytes()))
        }
        _ => Err(usage_error::from_clap(error, words, line)),
    }
}

#[cfg(test)]
mod tests;

//! Other spellings of options, most of them GNU parallel's: they are understood, and not
//! shown in the help.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use clap::builder::NonEmptyStringValueParser;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};

use super::absent::ABSENT;
use super::options::Cli;

/// The identifier of all options that prun does not have.
const NOT_HERE: &str = "absent";

/// Options by their identifiers, in alphabetical order, and what else they are called.
const SPELLINGS: [(&str, &[&str]); 55] = [
    ("arg_file", &["argfile"]),
    ("arg_file_sep", &["argfilesep"]),
    ("arg_sep", &["argsep"]),
    ("basenameextensionreplace", &["bner"]),
    ("basenamereplace", &["bnr"]),
    ("block", &["block-size", "blocksize"]),
    ("block_timeout", &["blocktimeout", "bt"]),
    ("color", &["colour"]),
    (
        "color_failed",
        &[
            "cf",
            "color-fail",
            "colorfail",
            "colorfailed",
            "colour-fail",
            "colour-failed",
            "colourfail",
            "colourfailed",
        ],
    ),
    ("colsep", &["col-sep"]),
    (
        "compress_program",
        &[
            "compressprogram",
            "decompress-program",
            "decompressprogram",
            "use-compress-program",
            "usecompressprogram",
            "use-decompress-program",
            "usedecompressprogram",
        ],
    ),
    ("ctagstring", &["ctag-string"]),
    ("dirnamereplace", &["dnr"]),
    ("dry_run", &["dryrun", "dr"]),
    ("extensionreplace", &["er"]),
    ("files", &["output-as-files", "outputasfiles"]),
    ("generate", &["shell-completion", "shellcompletion"]),
    ("group_by", &["groupby"]),
    ("halt", &["halt-on-error", "haltonerror"]),
    ("id", &["semaphorename", "semaphore-name"]),
    // Shorter forms that --joblog-sync begins with, too.
    ("joblog", &["jl", "jobl", "joblo"]),
    ("jobs", &["max-procs", "maxprocs"]),
    ("keep_order", &["keeporder"]),
    ("latest_line", &["latestline"]),
    (
        "line_buffer",
        &["line-buffered", "linebuffer", "linebuffered"],
    ),
    ("link", &["xapply"]),
    ("max_args", &["maxargs"]),
    ("max_chars", &["maxchars"]),
    ("max_lines", &["maxlines"]),
    ("max_replace_args", &["maxreplaceargs"]),
    ("minversion", &["min-version"]),
    ("no_keep_order", &["nokeeporder", "nok", "no-k"]),
    ("no_run_if_empty", &["norunifempty"]),
    (
        "number_of_cpus",
        &[
            "numberofcpus",
            "number-of-cores",
            "numberofcores",
            "number-of-threads",
            "numberofthreads",
            "number-of-sockets",
            "numberofsockets",
        ],
    ),
    ("pipe", &["spreadstdin"]),
    ("pipepart", &["pipe-part"]),
    ("process_slot_var", &["processslotvar"]),
    ("regexp", &["regex"]),
    ("remove_rec_sep", &["removerecsep", "rrs"]),
    ("results", &["result", "res"]),
    ("resume_failed", &["resumefailed"]),
    ("retry_failed", &["retryfailed"]),
    ("round_robin", &["roundrobin", "round"]),
    ("semaphoretimeout", &["semaphore-timeout", "st"]),
    ("shellquote", &["shell-quote", "shell_quote"]),
    ("skip_first_line", &["skipfirstline"]),
    ("tagstring", &["tag-string"]),
    ("termseq", &["term-seq"]),
    ("tmpdir", &["tempdir"]),
    ("tmpl", &["template"]),
    ("total_jobs", &["totaljobs"]),
    (
        "transferfile",
        &[
            "tf",
            "transfer-file",
            "transfer-files",
            "transferfiles",
            "return",
            "trc",
            "basefile",
            "bf",
        ],
    ),
    (
        "use_cpus",
        &[
            "use-cores-instead-of-threads",
            "usecoresinsteadofthreads",
            "use-sockets-instead-of-threads",
            "usesocketsinsteadofthreads",
            "usecpusinsteadofcores",
        ],
    ),
    ("will_cite", &["nn", "no-notice", "nonotice", "willcite"]),
    ("workdir", &["workdir", "work-dir"]),
];

/// The command line as clap knows it.
pub(super) fn command() -> Command {
    let absent = ABSENT.iter().flat_map(|(names, _)| *names);
    let absent = absent.filter_map(|name| name.strip_prefix("--"));
    let absent = Arg::new(NOT_HERE)
        .long("absent-in-prun")
        .aliases(absent)
        .num_args(0..=1)
        .require_equals(true)
        .action(ArgAction::Append)
        .hide(true);
    // All in one go: `mut_arg` moves every option behind the one that it changes, which
    // for so many of them was most of what prun did before it started a job.
    let with_spellings =
        |arg: Arg| match SPELLINGS.binary_search_by_key(&arg.get_id().as_str(), |(id, _)| id) {
            Ok(found) => arg.aliases(SPELLINGS[found].1.iter().copied()),
            Err(_) => arg,
        };
    Cli::command().mut_args(with_spellings).arg(absent)
}

/// The same for `--gnu`, where options that may have a value take it from the next word, too.
fn gnu_command() -> Command {
    command().mut_args(|arg| match arg.get_id().as_str() {
        "replace" => arg.short('i').require_equals(false),
        "eof" => {
            let arg = arg.short_alias('e').num_args(0..=1);
            arg.default_missing_value("")
        }
        "header" => arg.value_parser(NonEmptyStringValueParser::new()),
        // Another option in prun's own way.
        "total" => arg.long("sum-of-jobs").hide(true),
        "total_jobs" => arg.alias("total"),
        _ => arg,
    })
}

/// Stands for the options that prun does not have.
pub(super) fn is_absent(arg: &Arg) -> bool {
    arg.get_id() == NOT_HERE
}

/// Reads words, the program's name included.
pub(super) fn read<W: Into<OsString> + Clone>(
    words: impl IntoIterator<Item = W>,
) -> Result<Cli, Error> {
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    if is_gnu(&words) {
        let cli = read_as_gnu(&words)?;
        if cli.template.gnu || is_named_parallel(&words) {
            return Ok(cli);
        }
        // The word is one of the command.
    }
    read_own(words)
}

/// Reads words as GNU parallel does.
pub(super) fn read_as_gnu(words: &[OsString]) -> Result<Cli, Error> {
    let mut cli = read_by(gnu_command(), words.to_vec())?;
    cli.blocks.imply_pipe(true);
    // Without --pipe, all but 0 mean one line.
    if let Some(header) = &mut cli.input.header
        && !cli.blocks.are_made()
        && header != "0"
    {
        *header = ":".to_owned();
    }
    Ok(cli)
}

fn read_by(mut command: Command, words: Vec<OsString>) -> Result<Cli, Error> {
    let is_called_sem = words.first().is_some_and(|name| is_sem(name.as_ref()));
    let matches = matches(&mut command, words)?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    cli.sharing.semaphore.semaphore |= is_called_sem;
    if cli.sharing.semaphore.is_asked() {
        cli.beside_semaphore = typed_names(&command, &matches);
    }
    Ok(cli)
}

/// Long names of the options that were typed.
fn typed_names(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let is_typed =
        |arg: &&Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    let typed = command.get_arguments().filter(is_typed);
    typed
        .filter_map(|arg| Some(arg.get_long()?.to_owned()))
        .collect()
}

/// Reads words in prun's own way. A number after `--total` is that of all jobs, as in GNU
/// parallel, and no command.
fn read_own(mut words: Vec<OsString>) -> Result<Cli, Error> {
    let is_number = |word: &OsString| {
        word.to_str()
            .is_some_and(|word| word.parse::<u64>().is_ok())
    };
    let has_number = |pair: &[OsString]| pair[0] == "--total" && is_number(&pair[1]);
    if !words.windows(2).any(has_number) {
        return read_by(command(), words);
    }
    let cli = read_by(command(), words.clone())?;
    let at = words.len() - cli.command.len();
    if words[at - 1] == "--total" && cli.command.first().is_some_and(is_number) {
        words[at - 1] = "--total-jobs".into();
        return read_by(command(), words);
    }
    Ok(cli)
}

/// What clap makes of the words. An option that only GNU parallel has is unknown by the name
/// that was typed, so that it can never be short for another.
fn matches(command: &mut Command, words: Vec<OsString>) -> Result<ArgMatches, Error> {
    let matches = match command.try_get_matches_from_mut(words.clone()) {
        Err(error) => match with_one_line(&error, words.clone()) {
            Some(words) => command.try_get_matches_from_mut(words)?,
            None => return Err(error),
        },
        Ok(matches) => matches,
    };
    if matches.value_source(NOT_HERE) != Some(ValueSource::CommandLine) {
        return Ok(matches);
    }
    let mut error = Error::new(ErrorKind::UnknownArgument).with_cmd(command);
    let typed = words.iter().find_map(|word| absent_name(word.to_str()?));
    let typed = typed.unwrap_or_default().to_owned();
    error.insert(ContextKind::InvalidArg, ContextValue::String(typed));
    Err(error)
}

/// The name in an option that may be short for one that is not here.
fn absent_name(word: &str) -> Option<&str> {
    let name = word.split('=').next()?;
    let mut names = ABSENT.iter().flat_map(|(names, _)| *names);
    let is_long = name.len() > 2 && name.starts_with("--");
    names
        .any(|absent| is_long && absent.starts_with(name))
        .then_some(name)
}

/// `-l` is one line if no number follows it: clap has taken the command for one, or misses it.
fn with_one_line(error: &Error, mut words: Vec<OsString>) -> Option<Vec<OsString>> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    if !text(ContextKind::InvalidArg)?.starts_with("--max-lines") {
        return None;
    }
    let is_bare = |word: &OsString| {
        let names = ["-l", "--max-lines", "--maxlines"];
        names.iter().any(|name| word == name)
    };
    let at = match error.kind() {
        ErrorKind::ValueValidation => {
            let value = OsStr::new(text(ContextKind::InvalidValue)?);
            words
                .windows(2)
                .position(|pair| is_bare(&pair[0]) && pair[1] == value)?
        }
        ErrorKind::InvalidValue => words.iter().position(is_bare)?,
        _ => return None,
    };
    words[at] = "-l1".into();
    Some(words)
}

/// `--gnu` among the words, or by the program's name.
pub(super) fn is_gnu(words: &[OsString]) -> bool {
    is_named_parallel(words) || words.iter().any(|word| word == "--gnu")
}

fn is_named_parallel(words: &[OsString]) -> bool {
    words.first().is_some_and(|name| is_parallel(name.as_ref()))
}

/// Whether a program of this name is to do as GNU parallel does.
pub(super) fn is_parallel(program: &Path) -> bool {
    program.file_name().is_some_and(|name| name == "parallel") || is_sem(program)
}

/// Whether a program of this name has a semaphore, without being asked for it.
fn is_sem(program: &Path) -> bool {
    program.file_name().is_some_and(|name| name == "sem")
}

#[cfg(test)]
mod tests;

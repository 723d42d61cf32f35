//! Options that are not typed each time: in `$PRUN`, in a profile or in a file that is
//! named. No file is read unless it is asked for, so a script does the same everywhere.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::options::Cli;
use super::separators::SourceSeparators;
use super::typed_line::TypedLine;
use super::{spellings, usage_error};
use crate::error::{Error, Result};
use crate::os::host::HostEnvironment;

/// What is read before the words of the command line, which win.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PresetOptions {
    /// Options: from files, then from variables.
    pub(super) options: Vec<OsString>,
    /// How a command begins; as GNU parallel only.
    pub(super) command: Vec<OsString>,
}

/// What was set before. `cli` is the command line as it stands.
///
/// # Errors
/// A file that cannot be read, words that are not options.
pub(super) fn read(cli: &Cli, environment: &HostEnvironment) -> Result<PresetOptions> {
    if cli.preset.plain {
        return Ok(PresetOptions::default());
    }
    let variable = match &environment.prun {
        // How many jobs a person likes to run says nothing of what others may run beside it.
        Some(_) if cli.sharing.semaphore.is_asked() => Vec::new(),
        Some(text) => words(text.as_encoded_bytes(), "$PRUN")?,
        None => Vec::new(),
    };
    let is_gnu = |words: &[OsString]| words.iter().any(|word| word == "--gnu");
    let gnu = cli.template.gnu || is_gnu(&variable);
    let profiles = cli.preset.profile.iter();
    let profiles: Vec<PathBuf> = profiles
        .map(|name| profile(name, gnu, environment))
        .collect();
    let mut texts = Vec::new();
    for path in cli.preset.config.iter().chain(&profiles) {
        let text = fs::read(path).map_err(|error| {
            Error::new(format!("cannot read '{}'", path.display())).because(&error)
        })?;
        let place = format!("'{}'", path.display());
        texts.push((words(&plain(&text), &place)?, place));
    }
    texts.push((variable, "$PRUN".to_owned()));
    let gnu = gnu || texts.iter().any(|(words, _)| is_gnu(words));
    if let (Some(text), true) = (&environment.parallel, gnu) {
        let place = "$PARALLEL";
        texts.push((words(text.as_encoded_bytes(), place)?, place.to_owned()));
    }
    let mut preset = PresetOptions::default();
    for (words, place) in texts {
        let command = check(&words, gnu, &place)?;
        // What follows the first word of a command belongs to it.
        if !preset.command.is_empty() {
            preset.command.extend(words);
            continue;
        }
        let mut options = words;
        preset.command = options.split_off(options.len() - command);
        if options.last().is_some_and(|word| word == "--") {
            options.pop();
        }
        preset.options.extend(options);
    }
    Ok(preset)
}

/// The file of a profile: `-J NAME`.
fn profile(name: &Path, gnu: bool, environment: &HostEnvironment) -> PathBuf {
    let home = environment.home.clone().unwrap_or_default();
    let dir = match (gnu, &environment.config_home) {
        (true, _) => PathBuf::from(home).join(".parallel"),
        (false, Some(dir)) => PathBuf::from(dir).join("prun"),
        (false, None) => PathBuf::from(home).join(".config/prun"),
    };
    match name.components().count() {
        1 => dir.join(name),
        _ => name.to_owned(),
    }
}

/// A text as it would be without what editors of other systems add: a byte order mark, and
/// carriage returns at the ends of lines.
fn plain(text: &[u8]) -> Vec<u8> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let lines = text.split(|byte| *byte == b'\n');
    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.collect::<Vec<_>>().join(&b'\n')
}

/// The words of a text, with quotes and comments as in a shell.
fn words(text: &[u8], place: &str) -> Result<Vec<OsString>> {
    let wrong = |what: &str| Error::new(what).within(place);
    let text = std::str::from_utf8(text).map_err(|_| wrong("text that is not UTF-8"))?;
    let words = shell_words::split(text).map_err(|_| wrong("a quote that is not closed"))?;
    Ok(words.into_iter().map(OsString::from).collect())
}

/// How many of the words, at their end, are a command.
fn check(words: &[OsString], gnu: bool, place: &str) -> Result<usize> {
    let wrong = |what: &str| Error::new(what).within(place);
    let program = if gnu { "parallel" } else { "prun" };
    let program = std::iter::once(OsString::from(program));
    let cli = spellings::read(program.chain(words.iter().cloned())).map_err(|error| {
        usage_error::from_clap(&error, words, &TypedLine::default()).within(place)
    })?;
    let (_, sources) =
        SourceSeparators::default().cut(words.to_vec(), words.len() - cli.command.len())?;
    match cli.command.first() {
        Some(_) if !sources.is_empty() => Err(wrong("there are sources").hint(
            "only options and the beginning of a command can stand there; sources are typed",
        )),
        Some(word) if !gnu => {
            let word = word.display();
            Err(wrong(&format!("'{word}' is no option"))
                .hint("only options can stand there; the command is typed"))
        }
        _ => Ok(cli.command.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Vec<OsString>, String> {
        let read = || {
            let words = words(text.as_bytes(), "$PRUN")?;
            check(&words, false, "$PRUN")?;
            Ok(words)
        };
        read().map_err(|error: Error| error.to_string())
    }

    #[test]
    fn options_are_words_with_quotes_and_comments() {
        let words = ["-j", "3", "--tagstring", "a b"].map(OsString::from);
        let text = "# my options\n-j 3 # slots\n\n --tagstring 'a b'\n";
        assert_eq!(read(text), Ok(words.into()));
        assert_eq!(read(""), Ok(Vec::new()));
    }

    #[test]
    fn what_is_no_option_is_told_with_its_place() {
        for (text, message) in [
            ("--nope", "prun: in $PRUN: unknown option '--nope'\n"),
            ("--delay x", "prun: in $PRUN: 'x' is not a length of time"),
            ("echo -k", "prun: in $PRUN: 'echo' is no option\n"),
            ("'a", "prun: in $PRUN: a quote that is not closed"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.starts_with(message.trim_end()), "{text}: {error}");
        }
    }
}

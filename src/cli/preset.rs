//! Options that are not typed each time: in `$PRUN`, in a profile or in a file that is
//! named. No file is read unless it is asked for, so a script does the same everywhere.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::flags::Cli;
use super::{spellings, usage_error};
use crate::error::{Error, Result};
use crate::os::world::Environment;

/// The words to read before those of the command line, which win: from files, then from
/// variables. `cli` is the command line as it stands.
///
/// # Errors
/// A file that cannot be read, words that are not options.
pub(super) fn words(cli: &Cli, environment: &Environment) -> Result<Vec<OsString>> {
    let mut words = Vec::new();
    if cli.plain {
        return Ok(words);
    }
    let profile = cli
        .profile
        .as_ref()
        .map(|name| profile(name, cli, environment));
    for path in cli.config.iter().chain(&profile) {
        let text = fs::read(path).map_err(|error| {
            Error::new(format!("cannot read '{}'", path.display())).because(&error)
        })?;
        words.extend(options(&plain(&text), &format!("'{}'", path.display()))?);
    }
    if let Some(text) = &environment.prun {
        words.extend(options(text.as_encoded_bytes(), "$PRUN")?);
    }
    let gnu = cli.gnu || words.iter().any(|word| word == "--gnu");
    if let (Some(text), true) = (&environment.parallel, gnu) {
        words.extend(options(text.as_encoded_bytes(), "$PARALLEL")?);
    }
    Ok(words)
}

/// The file of a profile: `-J NAME`.
fn profile(name: &Path, cli: &Cli, environment: &Environment) -> PathBuf {
    let home = environment.home.clone().unwrap_or_default();
    let dir = match (cli.gnu, &environment.config_home) {
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
fn options(text: &[u8], place: &str) -> Result<Vec<OsString>> {
    let wrong = |what: &str| Error::new(what).within(place);
    let text = std::str::from_utf8(text).map_err(|_| wrong("text that is not UTF-8"))?;
    let words = shell_words::split(text).map_err(|_| wrong("a quote that is not closed"))?;
    let words: Vec<OsString> = words.into_iter().map(OsString::from).collect();
    let program = std::iter::once(OsString::from("prun"));
    match spellings::read(program.chain(words.iter().cloned())) {
        Err(error) => Err(usage_error::from_clap(&error, &words).within(place)),
        Ok(cli) => match cli.command.first() {
            Some(word) => {
                let word = word.display();
                Err(wrong(&format!("'{word}' is no option"))
                    .hint("only options can stand there; the command is typed"))
            }
            None => Ok(words),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Vec<OsString>, String> {
        options(text.as_bytes(), "$PRUN").map_err(|error| error.to_string())
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

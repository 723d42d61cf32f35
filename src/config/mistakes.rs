//! Command lines that are hardly what was meant, with the line to type instead.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::parsed_cli::ParsedCli;
use crate::builtin;
use crate::cli::Cli;
use crate::cli::separators::SourceSeparators;
use crate::error::{Error, Result};
use crate::input::{InputSource, SourceOrigin};
use crate::placeholder::{self, CommandDialect};

/// # Errors
/// A separator without blanks, `-I ''`, a pipe with nothing before it, a value of an option
/// that became the command.
pub(super) fn check(cli: &Cli) -> Result<()> {
    check_separators(cli)?;
    if cli
        .template
        .replacement
        .as_ref()
        .is_some_and(|text| text.is_empty())
    {
        return Err(
            Error::new("-I needs a text: '' stands nowhere").hint("prun -I @@ 'echo @@' ::: a b")
        );
    }
    check_pipe(cli)?;
    check_color(cli)
}

/// `::` and `:::a` are hardly meant as arguments.
fn check_separators(cli: &Cli) -> Result<()> {
    let own = SourceSeparators::default();
    let is_usual = cli.separators.arg_sep.is_none() && cli.separators.arg_file_sep.is_none();
    if cli.template.quote || !is_usual {
        return Ok(());
    }
    let [values, files] = [&own.values, &own.files].map(|word| word.as_bytes());
    let meant = |word: &OsString| {
        let bytes = word.as_bytes();
        let behind = |separator: &[u8]| bytes.strip_prefix(separator).map(<[u8]>::to_vec);
        let (separator, rest) = match (behind(files), behind(values)) {
            _ if bytes.iter().any(u8::is_ascii_whitespace) => return None,
            (Some(rest), _) => ("::::", rest),
            (None, Some(rest)) => (":::", rest),
            (None, None) if bytes == b"::" => (":::", b"VALUE...".to_vec()),
            (None, None) => return None,
        };
        let rest = String::from_utf8_lossy(&rest).into_owned();
        Some((word.display().to_string(), format!("{separator} {rest}")))
    };
    match cli.command.iter().find_map(meant) {
        Some((word, meant)) => Err(Error::new(format!(
            "'{word}' looks like a separator, and is none"
        ))
        .hint(format!(
            "a blank is on both sides of one: prun COMMAND {meant}; as an argument: prun {}",
            literal(cli, &word)
        ))),
        None => Ok(()),
    }
}

/// How the word is an argument. With -q a built-in would be a program.
fn literal(cli: &Cli, word: &str) -> String {
    let name = cli.command.first().map(|name| name.as_bytes());
    match name {
        Some(name @ [builtin::MARK, ..]) => {
            format!("\"{} '{word}'\"", String::from_utf8_lossy(name))
        }
        _ => "-q".to_owned(),
    }
}

/// No shell knows what would be piped: the value, most likely.
fn check_pipe(cli: &Cli) -> Result<()> {
    let [command] = cli.command.as_slice() else {
        return Ok(());
    };
    let text = command.as_bytes().trim_ascii();
    let is_pipe = text.starts_with(b"|") && !text.starts_with(b"||");
    if !is_pipe || cli.template.quote {
        return Ok(());
    }
    let text = String::from_utf8_lossy(text);
    let own = cli
        .template
        .replacement
        .as_ref()
        .map(|own| own.to_string_lossy());
    let value = match &own {
        Some(own) => own,
        None if text.contains("{}") => "{}",
        None => "<>",
    };
    let line = &cli.typed_line;
    let meant = format!("echo {value} {text}");
    Err(
        Error::new(format!("there is nothing before '|' in '{text}'")).hint(line.replaced(
            line.command(),
            1,
            &[meant],
        )),
    )
}

/// `--color auto cmd` would run the command `auto`.
fn check_color(cli: &Cli) -> Result<()> {
    let line = &cli.typed_line;
    let (Some(option), Some(word)) = (line.options().last(), cli.command.first()) else {
        return Ok(());
    };
    let names = ["--color", "--colour", "--color-failed", "--colour-failed"];
    let values = ["auto", "always", "never"];
    let is_color = names.iter().any(|name| option == name);
    if !is_color || values.iter().all(|value| word != value) {
        return Ok(());
    }
    let (option, word) = (option.display(), word.display());
    let joined = format!("{option}={word}");
    Err(Error::new(format!(
        "'{word}' would be the command: '{option}' takes its value behind '='"
    ))
    .hint(line.replaced(line.command() - 1, 2, &[joined])))
}

/// A command that is a value is a program's name; commands are values without a command. To
/// be called before sources are taken from `cli`.
pub(super) fn tell_lines(cli: &Cli, dialect: CommandDialect, notices: &mut Vec<String>) {
    if dialect == CommandDialect::Gnu {
        return;
    }
    let [command] = cli.command.as_slice() else {
        return;
    };
    let is_value = ["{}", "<>"].iter().any(|value| command == value);
    let [
        InputSource {
            origin: SourceOrigin::Arguments(values),
            ..
        },
    ] = cli.sources.as_slice()
    else {
        return;
    };
    let is_line = |value: &&Vec<u8>| {
        let has_blanks = value.iter().any(u8::is_ascii_whitespace);
        has_blanks && !Path::new(OsStr::from_bytes(value)).exists()
    };
    if let (true, Some(value)) = (is_value, values.iter().find(is_line)) {
        let (value, line) = (String::from_utf8_lossy(value), &cli.typed_line);
        let none: [OsString; 0] = [];
        notices.push(format!(
            "prun: warning: '{value}' is the name of a program here, no command line\nhint: {}",
            line.replaced(line.command(), 1, &none)
        ));
    }
}

/// Names without a header, which are text.
pub(super) fn tell_names(typed: &ParsedCli<'_>, notices: &mut Vec<String>) {
    let cli = typed.cli;
    let is_table = cli.input.csv || cli.input.tsv || cli.input.colsep.is_some();
    let is_own = typed.dialect == CommandDialect::Own;
    if !is_own || !is_table || cli.input.header.is_some() || cli.command.len() < 2 {
        return;
    }
    let words = cli.command.iter().map(|word| word.as_bytes());
    if let Some(name) = placeholder::field_names(words).first() {
        let name = String::from_utf8_lossy(name);
        notices.push(format!(
            "prun: warning: <{name}> is text: names of columns come from a header\nhint: {}",
            cli.typed_line.with_options(&["--header", ":"])
        ));
    }
}

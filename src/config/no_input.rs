//! A run that has nothing to do where something was meant to be done.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use super::parsed_cli::ParsedCli;
use crate::error::{Error, Result};
use crate::input::Rows;
use crate::os::host::FileKind;
use crate::placeholder::CommandDialect;
use crate::status::EmptyInput;

/// What no input means. `is_implied` if values come from standard input for want of another
/// source.
///
/// # Errors
/// There is known to be no input, and `--fail-if-empty` forbids that.
pub(super) fn rule(
    typed: &ParsedCli<'_>,
    rows: &mut Rows,
    is_implied: bool,
    notices: &mut Vec<String>,
) -> Result<EmptyInput> {
    let cli = typed.cli;
    let is_exempt = typed.dialect == CommandDialect::Gnu || cli.input.no_run_if_empty;
    if is_implied && !is_exempt {
        if let Some(line) = double_dash(typed) {
            if typed.host.stdin.is_terminal() {
                notices.push(format!("hint: values on the command line: {line}"));
            }
            let error = Error::new(
                "there is no input: words after '--' belong to the command (with -r there may be none)",
            );
            return Ok(EmptyInput::Error(error.hint(line)));
        }
        if !cli.input.fail_if_empty {
            check(typed, rows)?;
        }
    }
    Ok(if cli.input.fail_if_empty {
        EmptyInput::Error(Error::new("there is no input"))
    } else {
        EmptyInput::Fine
    })
}

/// A command without a placeholder and without input may be one that was not meant to be run
/// for values at all: that it did nothing must not look like success.
fn check(typed: &ParsedCli<'_>, rows: &mut Rows) -> Result<()> {
    let cli = typed.cli;
    if cli.command.is_empty() || typed.host.stdin.kind != FileKind::Device {
        return Ok(());
    }
    for word in &cli.command {
        if typed.text(word.as_bytes())?.has_placeholders() {
            return Ok(());
        }
    }
    let why = if cli.sharing.worker {
        "there is no input: nothing is on standard input"
    } else {
        "there is no input: the command has no placeholder, and nothing is on standard input"
    };
    match rows.read_ahead(1)? {
        0 => Err(Error::new(why).hint(
            "values are given by ::: VALUE..., :::: FILE or a pipe; -r if there may be none",
        )),
        _ => Ok(()),
    }
}

/// The line to type instead of one as moreutils' parallel has it: `COMMAND -- VALUE...`, and
/// `-- COMMAND...` for commands that are run side by side.
///
/// With input such a line is an ordinary command (`ls | prun git checkout HEAD~ -- a`), and
/// what runs is what it says. Without input it can be either, and must not look like success.
fn double_dash(typed: &ParsedCli<'_>) -> Option<String> {
    let (line, command) = (&typed.cli.typed_line, &typed.cli.command);
    let is_dashes = |word: &OsString| word == "--";
    // No command begins with a dash: `prun -- gzip -9` is one command with its option.
    let begins_with_dash = |word: &OsString| word.as_bytes().starts_with(b"-");
    let are_commands =
        line.options().last().is_some_and(is_dashes) && !command.iter().any(begins_with_dash);
    let (at, values) = if are_commands {
        (line.command() - 1, command.as_slice())
    } else {
        let at = command.iter().position(is_dashes)?;
        (line.command() + at, &command[at + 1..])
    };
    let has_placeholders = |value: &OsString| {
        let text = typed.text(value.as_bytes());
        text.is_ok_and(|text| text.has_placeholders())
    };
    if values.is_empty() || values.iter().any(has_placeholders) {
        return None;
    }
    Some(line.replaced(at, 1, &[":::"]))
}

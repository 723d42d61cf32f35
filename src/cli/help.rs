//! `--help NAME`: the help of one option, of one built-in, or of one topic alone.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use clap::{Arg, Command};

use super::absent::ABSENT;
use super::text::{ENVIRONMENT, EXAMPLES, EXIT_STATUS, EXPRESSIONS, MORE_EXAMPLES, SIGNALS};
use super::typed_line::TypedLine;
use super::{spellings, usage_error};
use crate::builtin;
use crate::error::{Error, Result};

/// Parts of the help that are no options, by name.
pub(super) const TOPICS: [&str; 5] = [
    "examples",
    "expressions",
    "exit-status",
    "signals",
    "environment",
];

/// The word that help is wanted for: it stands behind `--help`. A separator of options
/// from the command is none.
pub(super) fn name(words: &[OsString]) -> Option<&OsStr> {
    let pair = words.windows(2).find(|pair| is_help(&pair[0]))?;
    (pair[1] != "--").then_some(&pair[1])
}

fn is_help(word: &OsStr) -> bool {
    word == "--help" || word == "-h"
}

/// The help of what has this name.
///
/// # Errors
/// Nothing has; the hint is what there is.
pub(super) fn explain(name: &OsStr) -> Result<Vec<u8>> {
    if name.as_bytes().first() == Some(&builtin::MARK) {
        return builtin::explain(name.as_bytes()).map(String::into_bytes);
    }
    let text = name.to_string_lossy();
    if let Some(text) = topic(&text) {
        return Ok(text.into_bytes());
    }
    let typed = text.split('=').next().unwrap_or_default();
    match options(typed).as_slice() {
        [option] => Ok(render(option).into_bytes()),
        [] if !typed.starts_with('-') && !is_known_elsewhere(typed) => Err(unknown(&text)),
        _ => Err(refusal(typed)),
    }
}

fn topic(name: &str) -> Option<String> {
    Some(match name {
        "examples" => format!("Examples:\n{EXAMPLES}\n{MORE_EXAMPLES}\n"),
        "expressions" => format!("Expressions:\n{EXPRESSIONS}\n"),
        "exit-status" => format!("Exit status:\n{EXIT_STATUS}\n"),
        "signals" => format!("Signals:\n{SIGNALS}\n"),
        "environment" => format!("Environment:\n{ENVIRONMENT}\n"),
        _ => return None,
    })
}

/// The identifiers of the options that a name stands for, with or without hyphens: the one
/// that has it, or those whose long names begin with it.
fn options(typed: &str) -> Vec<String> {
    let name = typed.trim_start_matches('-');
    let command = spellings::command();
    let here = || {
        let arguments = command.get_arguments();
        arguments.filter(|arg| !arg.is_positional() && !spellings::is_absent(arg))
    };
    let exact = here().find(|arg| {
        if typed.starts_with("--") {
            long_names(arg).any(|long| long == name)
        } else {
            long_names(arg).any(|long| long == name) || has_letter(arg, name)
        }
    });
    if let (Some(arg), false) = (exact, name.is_empty()) {
        return vec![arg.get_id().to_string()];
    }
    let is_short_for = |arg: &&Arg| {
        let mut names = arg.get_long().into_iter();
        name.len() > 1 && !arg.is_hide_set() && names.any(|long| long.starts_with(name))
    };
    let meant = here().filter(is_short_for);
    meant.map(|arg| arg.get_id().to_string()).collect()
}

fn long_names(arg: &Arg) -> impl Iterator<Item = &str> {
    let others = arg.get_all_aliases().unwrap_or_default();
    arg.get_long().into_iter().chain(others)
}

fn has_letter(arg: &Arg, name: &str) -> bool {
    let others = arg.get_all_short_aliases().unwrap_or_default();
    let mut letters = arg.get_short().into_iter().chain(others);
    letters.any(|letter| name == letter.to_string())
}

/// All others are hidden instead of left out: options refer to each other.
fn render(option: &str) -> String {
    let only = |arg: Arg| {
        if arg.get_id() == option {
            arg.hide(false).help_heading(None::<&str>)
        } else {
            arg.hide(true)
        }
    };
    let command: Command = spellings::command();
    let help = command.mut_args(only).help_template("{options}");
    let text = { help }.render_long_help().to_string();
    format!("{}\n", text.trim_end())
}

/// An option of GNU parallel that prun does not have.
fn is_known_elsewhere(name: &str) -> bool {
    let absent = ABSENT.iter().flat_map(|(names, _)| *names);
    let mut names = absent.filter_map(|option| option.strip_prefix("--"));
    names.any(|absent| absent == name)
}

/// What is said to an option that does not exist when it is used.
fn refusal(typed: &str) -> Error {
    let option = if typed.starts_with('-') {
        typed.to_owned()
    } else {
        format!("--{typed}")
    };
    let words = ["prun".to_owned(), option];
    match spellings::read(&words) {
        Err(error) => {
            usage_error::from_clap(&error, &words.map(OsString::from), &TypedLine::default())
        }
        Ok(_) => unknown(typed),
    }
}

fn unknown(name: &str) -> Error {
    let builtin = format!("@{name}");
    let error = Error::new(format!("there is no help on '{name}'"));
    match builtin::explain(builtin.as_bytes()) {
        Ok(_) => error.hint(format!("prun --help {builtin}")),
        Err(_) => error.hint(format!(
            "there is for options, for built-ins (prun --builtins), and for {}",
            TOPICS.join(", ")
        )),
    }
}

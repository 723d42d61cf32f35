//! clap's errors in prun's words: one line that says what is wrong, and a hint.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::absent::ABSENT;
use super::spellings;
use super::typed_line::TypedLine;
use crate::error::Error;

/// The error to show for words that clap refuses.
pub(super) fn from_clap(error: &clap::Error, words: &[OsString], line: &TypedLine) -> Error {
    // A value's own parser knows best what is wrong with it.
    let source = std::error::Error::source(error);
    if let Some(own) = source.and_then(|source| source.downcast_ref::<Error>()) {
        return own.clone();
    }
    let option = as_typed(option(error), words);
    if let (ErrorKind::UnknownArgument, Some(line)) = (error.kind(), line.without_bare_jobs()) {
        return Error::new("'-j' needs a number of jobs").hint(all_cpus(&line));
    }
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(error, &option),
        ErrorKind::InvalidValue => bad_value(error, &option, line),
        ErrorKind::ValueValidation => no_number(error, &option),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Error::new(format!("'{option}' takes no value")).hint(format!("leave it: {option}"))
        }
        ErrorKind::InvalidUtf8 => Error::new("the value of an option is not valid text"),
        _ => other(error),
    }
}

/// The hint for a line without its `-j`.
pub(crate) fn all_cpus(line: &str) -> String {
    format!("as many jobs as there are CPUs: {line}")
}

fn unknown(error: &clap::Error, option: &str) -> Error {
    let has_others = !shortened(option).is_empty();
    let is_meant = |name: &str| {
        let is_short = option.len() > 3 && !has_others && name.starts_with(option);
        name == option || is_short
    };
    let absent = |(names, _): &&(&[&str], &str)| names.iter().any(|name| is_meant(name));
    if option == "-i" {
        return unknown_placeholder();
    }
    if let Some((_, hint)) = ABSENT.iter().find(absent) {
        let message = format!("'{option}' is an option of GNU parallel that prun does not have");
        return Error::new(message).hint(*hint);
    }
    let unknown = Error::new(format!("unknown option '{option}'"));
    let mut meant = shortened(option);
    let suggestion = text(error, ContextKind::SuggestedArg);
    let is_shown = |name: &&str| shown().iter().any(|shown| shown == name);
    meant.extend(
        suggestion
            .filter(is_shown)
            .filter(|_| meant.is_empty())
            .map(str::to_owned),
    );
    if meant.is_empty() {
        unknown.hint("prun --help lists the options; -- ends them: prun -- COMMAND")
    } else {
        unknown.hint(format!("did you mean {}?", meant.join(" or ")))
    }
}

/// `xargs -i` and `xargs -I`.
fn unknown_placeholder() -> Error {
    Error::new("unknown option '-i'")
        .hint("{} is a placeholder without it; -I names another one: prun -I % 'cp % %.bak'")
}

/// The long options that the help shows.
fn shown() -> Vec<String> {
    let command = spellings::command();
    let options = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let names = options.flat_map(|arg| {
        let aliases = arg.get_visible_aliases().unwrap_or_default();
        arg.get_long().into_iter().chain(aliases)
    });
    names.map(|name| format!("--{name}")).collect()
}

/// The long options that begin so.
fn shortened(option: &str) -> Vec<String> {
    let mut names = shown();
    names.retain(|name| option.len() > 2 && name.starts_with(option));
    names
}

/// clap names an option by its long name: its letter, if that was typed.
fn as_typed(option: String, words: &[OsString]) -> String {
    let command = spellings::command();
    let long = option.strip_prefix("--");
    let arg = command.get_arguments().find(|arg| arg.get_long() == long);
    let Some(short) = arg
        .and_then(clap::Arg::get_short)
        .filter(|_| long.is_some())
    else {
        return option;
    };
    let is_short = |word: &OsString| {
        let word = word.to_string_lossy();
        word.starts_with('-') && !word.starts_with("--") && word.contains(short)
    };
    if words.iter().any(is_short) {
        format!("-{short}")
    } else {
        option
    }
}

/// What takes anything but a number tells by itself what is wrong.
fn no_number(error: &clap::Error, option: &str) -> Error {
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let source = std::error::Error::source(error).map(ToString::to_string);
    let range = source
        .as_deref()
        .and_then(|text| text.split_once(" is not in "));
    Error::new(format!("'{value}' is no value of '{option}'")).hint(match range {
        Some((_, range)) => format!("it takes a number in {range}"),
        None => "it takes a number".to_owned(),
    })
}

fn bad_value(error: &clap::Error, option: &str, line: &TypedLine) -> Error {
    match text(error, ContextKind::InvalidValue) {
        None | Some("") => {
            let header = (option == "--header").then(|| line.with_value(option, ":"));
            let needs = Error::new(format!("'{option}' needs a value"));
            match header.flatten() {
                Some(line) => needs.hint(line),
                None => needs.hint("prun --help says which values it takes"),
            }
        }
        Some(value) => {
            let bad = Error::new(format!("'{value}' is no value of '{option}'"));
            match values(error) {
                Some(values) => bad.hint(format!("it takes {values}")),
                None => bad,
            }
        }
    }
}

/// Whatever clap has to say that is not foreseen here: its first line.
fn other(error: &clap::Error) -> Error {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    Error::new(first.strip_prefix("error: ").unwrap_or(first)).hint("prun --help")
}

/// The option's name without the `<VALUE>` that clap shows with it.
fn option(error: &clap::Error) -> String {
    let shown = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let name = shown.split([' ', '=', '[']).next().unwrap_or_default();
    name.to_owned()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn values(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::ValidValue)? {
        ContextValue::Strings(values) => Some(values.join(", ")),
        _ => None,
    }
}

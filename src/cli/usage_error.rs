//! clap's errors in prun's words: one line that says what is wrong, and a hint.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::error::Error;

/// The error to show for a command line that clap refuses.
pub(super) fn from_clap(error: &clap::Error) -> Error {
    // A value's own parser knows best what is wrong with it.
    let source = std::error::Error::source(error);
    if let Some(own) = source.and_then(|source| source.downcast_ref::<Error>()) {
        return own.clone();
    }
    let option = option(error);
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(error, &option),
        ErrorKind::InvalidValue => bad_value(error, &option),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            Error::new(format!("'{option}' takes no value")).hint(format!("leave it: {option}"))
        }
        ErrorKind::InvalidUtf8 => Error::new("the value of an option is not valid text"),
        _ => other(error),
    }
}

/// Options of GNU parallel that prun does not have, and what does their work, if
/// anything.
const ABSENT: [(&[&str], &str); 11] = [
    (
        &["--memsuspend", "--noswap"],
        "--memfree 2G starts jobs only while so much memory is available",
    ),
    (
        &["--record-env"],
        "exported variables and functions reach the jobs without it",
    ),
    (
        &[
            "--pipe",
            "--pipepart",
            "--block",
            "--round-robin",
            "--recstart",
            "--recend",
        ],
        "prun does not split its input for jobs",
    ),
    (
        &["--slf", "--sshloginfile", "--onall", "--nonall"],
        "prun runs jobs on this machine only",
    ),
    (
        &["--semaphore", "--sem", "--fg"],
        "flock FILE COMMAND runs one command at a time",
    ),
    (
        &["--latest-line", "--ll"],
        "--progress shows what runs, --line-buffer --tag prints lines as they come",
    ),
    (
        &["--shellquote"],
        "--dry-run shows each command with its values quoted",
    ),
    (&["--citation"], "there is nothing to cite: leave it out"),
    (
        &["--filter"],
        "an expression leaves jobs out: prun 'echo {= skip() if $_ < 3 =}' ::: 1 2 3 4",
    ),
    (
        &["--tmux", "--tmuxpane"],
        "--line-buffer --tag prints the lines of all jobs as they come",
    ),
    (
        &["--sql", "--sqlmaster", "--sqlworker", "--sqlandworker"],
        "--results FILE.csv makes a table of what jobs print, --joblog FILE of how they end",
    ),
];

fn unknown(error: &clap::Error, option: &str) -> Error {
    if let Some((_, hint)) = ABSENT.iter().find(|(names, _)| names.contains(&option)) {
        let message = format!("'{option}' is an option of GNU parallel that prun does not have");
        return Error::new(message).hint(*hint);
    }
    let unknown = Error::new(format!("unknown option '{option}'"));
    match text(error, ContextKind::SuggestedArg) {
        Some(suggestion) => unknown.hint(format!("did you mean {suggestion}?")),
        None => unknown.hint("prun --help lists the options; -- ends them: prun -- COMMAND"),
    }
}

fn bad_value(error: &clap::Error, option: &str) -> Error {
    match text(error, ContextKind::InvalidValue) {
        None | Some("") => Error::new(format!("'{option}' needs a value"))
            .hint("prun --help says which values it takes"),
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

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
const ABSENT: [(&[&str], &str); 13] = [
    (
        &["--record-env", "--recordenv"],
        "exported variables and functions reach the jobs without it",
    ),
    (
        &["--memsuspend", "--noswap"],
        "--memfree SIZE starts jobs only while so much memory is available",
    ),
    (
        &[
            "--pipe",
            "--pipepart",
            "--block",
            "--round-robin",
            "--recstart",
            "--recend",
            "--cat",
            "--fifo",
            "--tee",
            "--shard",
            "--bin",
            "--group-by",
        ],
        "prun does not split its input for jobs: split(1) cuts a file into some for them",
    ),
    (
        &[
            "--slf",
            "--sshloginfile",
            "--ssh",
            "--ssh-delay",
            "--sshdelay",
            "--controlmaster",
            "-M",
            "--filter-hosts",
            "--filterhosts",
            "--rsync-opts",
            "--rsyncopts",
            "--hostgroups",
            "--hgrp",
        ],
        "prun runs jobs on this machine only: prun 'ssh <> uptime' ::: host1 host2 runs them there",
    ),
    (
        &["--semaphore", "--sem", "--fg", "--bg", "--id", "--wait"],
        "flock FILE COMMAND runs one command at a time",
    ),
    (
        &["--citation", "--bibtex"],
        "there is nothing to cite: leave it out",
    ),
    (
        &["--filter"],
        "an expression leaves jobs out: prun 'echo {= skip() if $_ < 3 =}' ::: 1 2 3 4",
    ),
    (
        &["--tmux", "--tmuxpane", "--tmux-pane", "--fg"],
        "--line-buffer --tag prints the lines of all jobs as they come",
    ),
    (
        &[
            "--sql",
            "--sqlmaster",
            "--sql-master",
            "--sqlworker",
            "--sql-worker",
            "--sqlandworker",
            "--sql-and-worker",
        ],
        "--results FILE.csv makes a table of what jobs print, --joblog FILE of how they end",
    ),
    (
        &["--tty", "--open-tty", "-o", "-p", "--interactive"],
        "jobs do not have the terminal: --dry-run shows the commands, to be run by hand",
    ),
    (
        &["--embed", "--session", "--shebang", "--shebang-wrap"],
        "a script calls prun as any program",
    ),
    (
        &["--show-limits", "--debug", "-D"],
        "--max-line-length-allowed tells how long a command line can be",
    ),
    (
        &["--tollef", "-g", "-W", "-B", "-T", "-U", "-H"],
        "leave it out",
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

//! Errors in commands, with what to type instead.

use crate::builtin::{self, CombinedResult};
use crate::error::Error;
use crate::expression::{Shorthand, ShorthandTable, TagBrackets};
use crate::placeholder::{self, PlaceholderSyntax, ValueError, ValueNames};
use crate::quote::{lossy, quoted};
use crate::shell::RefusalReason;

use super::options::WordHandling;

/// A hint for words that no line can be misread from.
fn as_it_stands(text: &[u8]) -> &'static str {
    // With -q the first word is a program's name.
    if text.trim_ascii_start().first() == Some(&builtin::MARK) {
        "a built-in takes every word as it stands if there are several"
    } else {
        "'prun -q' takes every word as it stands"
    }
}

pub(super) fn not_closed(text: &[u8], what: &str) -> Error {
    Error::new(format!(
        "the command line is not complete: {what} is not closed"
    ))
    .hint(as_it_stands(text))
}

/// The line ends where something must follow.
pub(super) fn incomplete(
    text: &[u8],
    last: &str,
    names: &ValueNames,
    syntax: &PlaceholderSyntax,
) -> Error {
    if let Some(error) = no_placeholder(text, names) {
        return error;
    }
    Error::new(format!(
        "the command line is not complete: nothing follows {last}"
    ))
    .hint(format!(
        "write {} where the value goes; {}",
        quoted(syntax.whole_beside(text)),
        as_it_stands(text)
    ))
}

/// A line that ends in what looks like a placeholder: to a shell it is redirections.
fn no_placeholder(text: &[u8], names: &ValueNames) -> Option<Error> {
    let text = text.trim_ascii_end().strip_suffix(b">")?;
    let start = memchr::memrchr(b'<', text)?;
    let inner = lossy(&text[start + 1..]);
    let is_name = |character: char| character.is_alphanumeric() || "_-./#%+:".contains(character);
    if inner.is_empty() || !inner.chars().all(is_name) {
        return None;
    }
    let spelling = format!("<{inner}>");
    let plus = ShorthandTable::new(Shorthand::plus(TagBrackets::Angles));
    let known = plus.at_start(spelling.as_bytes()).is_some();
    let error = |why| Error::new(format!("'{spelling}' is no placeholder{why}"));
    if !known && !names.known.is_empty() {
        return Some(placeholder::errors::unknown_name(
            spelling.as_bytes(),
            &names.known,
        ));
    }
    Some(if known {
        error(" without --plus").hint(format!("prun --plus 'echo {spelling}' ::: a.b.c"))
    } else {
        error(": names come from --header, --csv or --jsonl")
            .hint("the value is '<>', the second one '<2>', its base name '</>'")
    })
}

pub(super) fn no_command(text: &[u8]) -> Error {
    Error::new(format!("there is no command in '{}'", lossy(text)))
        .hint("prun 'NAME=<> printenv NAME' ::: a b")
}

/// `--plain-values` where commands come from input lines or from a job log.
pub(super) fn plain_without_command(quoting: WordHandling) -> Error {
    match quoting {
        WordHandling::Shown => {
            Error::new("--plain-values sees no values in the commands of a job log")
                .hint("--resume-failed, with the command and its values, runs failed jobs again")
        }
        WordHandling::Parsed | WordHandling::Literal => {
            Error::new("--plain-values needs a command: without one, each input is a command line")
                .hint("prun --plain-values 'sed -n <>p FILE' ::: 3 4")
        }
    }
}

/// A command of a job log that is not run from it.
pub(super) fn withheld() -> ValueError {
    ValueError(
        "the log has this command for reading only: run as text, its values could become code; \
         --resume-failed, with the command and its values, tries it again"
            .to_owned(),
    )
}

/// A newline for a shell that can have it only where it would end a here-document.
pub(super) fn ansi_in_document() -> ValueError {
    ValueError(
        "$'...' in a here-document is not known to this shell; choose it: --shell bash".to_owned(),
    )
}

/// Failure of a command with `&>` in a plain shell.
pub(super) const BACKGROUND: &str = "'&>' starts the command in the background in this shell";

pub(super) fn background() -> Error {
    Error::new(BACKGROUND).hint("write >FILE 2>&1, or choose the shell: --shell bash")
}

/// A line that stands where a program's name is expected.
pub(super) fn line_as_name(word: &[u8]) -> Error {
    let word = lossy(word);
    Error::new(format!("'{word}' is one of several words, and so would be a program's name"))
        .hint("values come after ':::', options before the command, and a command line is one word: prun 'sort <> | uniq' ::: a b")
}

/// A built-in in a line that only a shell can read.
pub(super) fn builtin_in_shell(name: &[u8]) -> Error {
    let name = lossy(name);
    Error::new(format!(
        "'{name}' runs inside prun: beside words and quotes, only |, &&, ||, ; and redirections can stand in its line"
    ))
    .hint(format!(
        "for the rest name the shell: sh -c '...' | {name}; a program of that name: ./{name}"
    ))
}

/// A command beside a built-in that only a shell knows.
pub(super) fn builtin_beside(name: &[u8], command: &[u8]) -> Error {
    let (name, command) = (lossy(name), lossy(command));
    Error::new(format!(
        "'{command}' needs a shell, and '{name}' runs inside prun"
    ))
    .hint(format!(
        "name the shell: sh -c '{command} ...' | {name}; a program of that name: ./{name}"
    ))
}

/// A redirection in a line with a built-in that needs a shell.
pub(super) fn device_beside_builtin(name: &[u8], path: &[u8]) -> Error {
    let (name, path) = (lossy(name), lossy(path));
    Error::new(format!(
        "'{name}' runs inside prun: streams cannot be redirected to '{path}'"
    ))
    .hint("a file, /dev/null, >&2 and 2>&1 are possible")
}

/// No placeholder among several commands, the second of which begins at `second`.
pub(super) fn no_placeholder_beside_builtin(
    text: &[u8],
    second: usize,
    syntax: &PlaceholderSyntax,
) -> Error {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || b"|&;".contains(byte);
    let first = &text[..second];
    let end = first
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(0, |at| at + 1);
    let place = syntax.whole_beside(text);
    let line = [&text[..end], b" ", place, &text[end..]].concat();
    Error::new("the command does not say where the value goes, and there are several in it").hint(
        format!(
            "write {} there: {} {}",
            quoted(place),
            syntax.prun(),
            quoted(&line)
        ),
    )
}

pub(super) fn builtin_with_variables(name: &[u8]) -> Error {
    let name = lossy(name);
    Error::new(format!(
        "'{name}' runs inside prun: variables cannot be set for it"
    ))
    .hint(format!("prun '{name} <>'"))
}

/// The result is there when all jobs have ended: no command of one can follow.
pub(super) fn one_result_in_list(combined: &CombinedResult) -> Error {
    let name = combined.name();
    Error::new(format!(
        "'{name}' makes one result of all jobs: only the last command of the line can do that"
    ))
    .hint("what reads the result comes after prun: prun 'zcat <> | @sort' ::: *.gz | tail")
}

pub(super) fn one_result_redirected(combined: &CombinedResult) -> Error {
    let name = combined.name();
    Error::new(format!(
        "'{name}' makes one result of all jobs: a job cannot redirect it"
    ))
    .hint("redirect what prun prints: prun '@sort <>' ::: a b > FILE")
}

pub(super) fn one_result(combined: &CombinedResult) -> ValueError {
    let name = combined.name();
    ValueError(format!(
        "'{name}' makes one result of all jobs: it cannot be one of several commands"
    ))
}

pub(super) fn no_append(text: &[u8], place: &str, syntax: &PlaceholderSyntax) -> Error {
    Error::new(format!(
        "the value cannot be added at the end of the command, {place}"
    ))
    .hint(format!(
        "write {} where the value goes",
        quoted(syntax.whole_beside(text))
    ))
}

pub(super) fn no_bash(function: &[u8]) -> Error {
    let name = lossy(function);
    Error::new(format!(
        "'{name}' is a bash function, and bash was not found"
    ))
    .hint("--shell names the shell: prun --shell /path/to/bash")
}

pub(super) fn too_long(length: usize, syntax: &PlaceholderSyntax) -> Error {
    Error::new(format!(
        "the command is {length} bytes; an argument can have 131071"
    ))
    .hint(format!(
        "put it in a file: {} {}",
        syntax.prun(),
        quoted(&[b"sh FILE ", syntax.whole()].concat())
    ))
}

pub(super) fn refused(spelling: &[u8], refusal: RefusalReason) -> Error {
    let spelling = lossy(spelling);
    let (place, hint) = match refusal {
        RefusalReason::Backquote => ("inside back-quotes", "write $(...) for `...`".to_owned()),
        RefusalReason::Comment => ("inside a comment", "leave the comment out".to_owned()),
        RefusalReason::Expansion => (
            "inside '${ }'",
            format!("give it a name first: f={spelling}; echo \"${{f%.gz}}\""),
        ),
        RefusalReason::Document => (
            "in a here-document whose delimiter is quoted",
            "leave the delimiter without quotes: <<EOF".to_owned(),
        ),
        RefusalReason::Delimiter => (
            "as the delimiter of a here-document",
            "write a fixed word there: <<EOF".to_owned(),
        ),
        RefusalReason::Descriptor => (
            "after '>&' or '<&', which bash expands twice",
            format!("for both outputs in one file write >{spelling} 2>&1"),
        ),
        RefusalReason::Pattern => (
            "in the parentheses of a pattern",
            format!("put blanks round an operator: ( cmd {spelling} )"),
        ),
        RefusalReason::Dollar => (
            "directly after '$'",
            format!("for a dollar sign before the value write \\${spelling}"),
        ),
        RefusalReason::ReadWrite => (
            "directly after a descriptor's number",
            format!(
                "for an argument put quotes between: 2\"\"{spelling}; '-I ,' makes ',' the placeholder"
            ),
        ),
        RefusalReason::Subscript => (
            "as an array's subscript",
            format!("for integers write a[$(({spelling}))]="),
        ),
        RefusalReason::Sequence => (
            "in a sequence of braces, which is expanded before values are",
            format!("for numbers write $(seq 1 {spelling})"),
        ),
        RefusalReason::Backslash => ("after a backslash", "leave the backslash out".to_owned()),
    };
    Error::new(format!("'{spelling}' cannot stand {place}")).hint(hint)
}

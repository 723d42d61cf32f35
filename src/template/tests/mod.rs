//! The rules of composing, by table.

mod dialects;
mod lines;
mod lists;
mod numbers;
mod row_commands;
mod second;
mod second_flow;
mod second_sweep;
mod words;

use std::collections::BTreeSet;

use crate::input::{ByteStrings, Row};
use crate::placeholder::{
    CommandDialect, JobPosition, PlaceholderSpellings, RunContext, ValueError,
};
use crate::shell::{FileAccess, ShellProgram};

use super::*;

pub(super) const PLACE: JobPosition = JobPosition {
    seq: 3,
    slot: 2,
    run: RunContext {
        slots: 8,
        total: Some(12),
    },
};

pub(super) fn options(words: &[&str], arity: usize) -> TemplateOptions {
    TemplateOptions {
        bash: Some(ShellProgram::named("/bin/bash")),
        functions: BTreeSet::from([b"exported".to_vec()]),
        ..TemplateOptions::fake(words, arity)
    }
}

pub(super) fn gnu(words: &[&str], arity: usize) -> TemplateOptions {
    TemplateOptions {
        dialect: CommandDialect::Gnu,
        ..options(words, arity)
    }
}

pub(super) fn literal(words: &[&str], arity: usize) -> TemplateOptions {
    TemplateOptions {
        quoting: WordHandling::Literal,
        ..options(words, arity)
    }
}

pub(super) fn row(values: &[&str]) -> Row {
    Row::from_iter(values)
}

/// The command for one row; of a list, that of a shell which runs all of it.
pub(super) fn command(
    template: &CommandTemplate,
    row: &Row,
) -> Result<PreparedCommand, ValueError> {
    match template.work(row, PLACE)? {
        JobWork::Command(command) => Ok(command),
        JobWork::List(_) => template.by_shell(row, PLACE, 0),
        JobWork::Builtin(_) => panic!("a built-in is no command"),
    }
}

/// The command for one row, as text; a fault is its message.
pub(super) fn argv(options: TemplateOptions, values: &[&str]) -> Vec<String> {
    let template = match CommandTemplate::parse(options) {
        Ok(template) => template,
        Err(error) => return vec![error.to_string()],
    };
    match command(&template, &row(values)) {
        Ok(command) => command
            .argv
            .iter()
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect(),
        Err(ValueError(message)) => vec![message],
    }
}

/// The script of a command line; `direct` if none is needed, or the fault.
pub(super) fn script(line: &str, arity: usize) -> String {
    let values: Vec<&str> = ["a", "b", "c"].into_iter().take(arity).collect();
    let argv = argv(options(&[line], arity), &values);
    match argv.as_slice() {
        [shell, flag, script, ..] if shell == "/bin/sh" && flag == "-c" => script.clone(),
        [fault] if fault.starts_with("prun: ") => fault.clone(),
        _ => "direct".to_owned(),
    }
}

pub(super) fn shown(options: TemplateOptions, values: &[&str]) -> String {
    let mut out = Vec::new();
    let template = CommandTemplate::parse(options).unwrap();
    template.show(&row(values), PLACE, &mut out);
    String::from_utf8(out).unwrap()
}

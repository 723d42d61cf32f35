//! Output of `--builtins` and `--help @NAME`.

use std::fmt::Write;

use super::arguments::{BuiltinOption, NUMBER};
use super::registry::{ALL, find};
use crate::error::Result;

/// Name and description of every built-in.
pub(crate) fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    ALL.iter().map(|spec| (spec.name, spec.about))
}

pub(crate) fn list() -> String {
    let widest = ALL.iter().map(|spec| spec.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for spec in ALL {
        let (name, about) = (spec.name, spec.about);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:widest$}  {about}");
    }
    text
}

pub(crate) fn explain(name: &[u8]) -> Result<String> {
    let spec = find(name)?;
    let (name, about, notes) = (spec.name, spec.about, spec.notes);
    let mut text = format!(
        "{about}\n\nUsage: prun [OPTIONS] {name} [OPTION]... [FILE]... ::: VALUE...\n\n{notes}\n"
    );
    if spec.flags.is_empty() {
        return Ok(text);
    }
    text.push_str("\nOptions:\n");
    let shown = || spec.flags.iter().filter(|flag| !flag.about.is_empty());
    let spellings: Vec<String> = shown().map(spelling).collect();
    let widest = spellings.iter().map(String::len).max().unwrap_or(0);
    for (spelling, flag) in spellings.iter().zip(shown()) {
        let _ = writeln!(text, "  {spelling:widest$}  {}", flag.about);
    }
    Ok(text)
}

fn spelling(flag: &BuiltinOption) -> String {
    let value = flag.value.map(|value| format!(" {value}"));
    let value = value.unwrap_or_default();
    match flag.short {
        Some(NUMBER) => format!("-{}", flag.value.unwrap_or("N")),
        Some(short) => format!("-{short}, --{}{value}", flag.long),
        None => format!("    --{}{value}", flag.long),
    }
}

//! Programs that find code in their words.

use super::super::direct::{Part, Word};
use super::scene::{Carry, Scene};
use super::table::{self, Operands, Reader};
use super::{Finding, file_name, is_named, is_option, program_position, takes_value};

/// `sh -c '… <> …'`, wherever it stands.
pub(super) fn anywhere(scene: &Scene, at: usize) -> Option<Finding> {
    let words = &scene.commands()[at];
    words.iter().enumerate().find_map(|(at, word)| {
        let name = file_name(word);
        let reader = table::ANYWHERE
            .iter()
            .find(|reader| is_named(reader, name))?;
        coded(scene, reader, name, &words[at + 1..])
    })
}

pub(super) fn as_program(scene: &Scene, at: usize) -> Option<Finding> {
    let words = &scene.commands()[at];
    let mut starts: Vec<usize> = program_position(words).into_iter().collect();
    // `env -S` is a program by itself.
    starts.extend(words.iter().position(|word| file_name(word) == "env"));
    starts.into_iter().find_map(|start| {
        let name = file_name(&words[start]);
        let mut readers = table::AS_PROGRAM.iter();
        let reader = readers.find(|reader| reader.names.contains(&name))?;
        coded(scene, reader, name, &words[start + 1..])
    })
}

/// What one program makes of its words.
fn coded(scene: &Scene, reader: &Reader, name: &str, words: &[Word]) -> Option<Finding> {
    let mut given = false;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if !is_option(word) {
            if reader.operands != Operands::Data {
                break;
            }
            at += 1;
            continue;
        }
        let (option, code, length) = option_code(reader, words, at);
        if let Some(code) = code
            && scene.carry(code) == Carry::Inside
            && !is_only_value(word, code, option)
        {
            let parser = format!("{name} {option}");
            return Some(Finding::new(parser, reader.language, reader.safe));
        }
        given |= code.is_some() || matches!(word.fixed(), Some(b"-f" | b"--file"));
        at += length
            + usize::from(matches!(word.fixed(), Some(b"-f")) && reader.operands == Operands::Code);
    }
    let operands = &words[at.min(words.len())..];
    let inputs = operands
        .iter()
        .position(|word| word.head().starts_with(b":::"));
    let operands = &operands[..inputs.unwrap_or(operands.len())];
    let inside = |word: &Word| scene.carry(word) == Carry::Inside;
    let found = match reader.operands {
        Operands::Code => !given && operands.first().is_some_and(inside),
        Operands::Line if is_exact(name, words) => false,
        Operands::Line => operands.iter().any(|word| match scene.carry(word) {
            Carry::No => false,
            Carry::Whole => operands.len() > 1,
            Carry::Inside => true,
        }),
        Operands::Lines => operands.iter().any(|word| inside(word) && has_blank(word)),
        Operands::Script => operands.first().is_some_and(|word| scene.is_printed(word)),
        Operands::Data | Operands::Command => false,
    };
    found.then(|| Finding::new(name, reader.language, reader.safe))
}

/// `watch -x` runs its words as they are.
fn is_exact(name: &str, words: &[Word]) -> bool {
    let exact = |word: &Word| matches!(word.fixed(), Some(b"-x" | b"--exec"));
    name == "watch" && words.iter().any(exact)
}

/// The option at this place, the word in which its code is, and how many words it takes.
pub(super) fn option_code<'w>(
    reader: &Reader,
    words: &'w [Word],
    at: usize,
) -> (&'static str, Option<&'w Word>, usize) {
    let word = &words[at];
    let head = word.head();
    for &option in reader.code {
        let text = option.as_bytes();
        let long = option.starts_with("--");
        let cluster = !long
            && text.len() == 2
            && head[1..].ends_with(&text[1..])
            && head[1..].iter().all(u8::is_ascii_alphabetic);
        if word.fixed().is_some() && (head == text || cluster) {
            return (option, words.get(at + 1), 2);
        }
        let glued = head
            .strip_prefix(text)
            .is_some_and(|rest| !long || rest.starts_with(b"="));
        if glued && head.len() > text.len() {
            return (option, Some(word), 1);
        }
    }
    match word.fixed() {
        Some(text) if takes_value(text, reader.values) => ("", None, 2),
        _ => ("", None, 1),
    }
}

/// `--command=<>`: what is glued to the option is a value and nothing else.
fn is_only_value(word: &Word, code: &Word, option: &str) -> bool {
    std::ptr::eq(word, code)
        && word.parts.len() == 2
        && word.head().strip_suffix(b"=") == Some(option.as_bytes())
}

fn has_blank(word: &Word) -> bool {
    word.parts.iter().any(|part| match part {
        Part::Text(text) => text.iter().any(u8::is_ascii_whitespace),
        Part::Place(..) | Part::Code(_) => false,
    })
}

//! Code that stands in a line as a text of its own: `sh -c 'eval "$1"' sh <>`. No value is
//! in it, but its variables and parameters may hold values.

use std::collections::BTreeSet;

use crate::placeholder::TemplateWord;
use crate::shell::vocabulary;

use super::options::TypedShellOptions;
use super::program_words::{file_name, is_named, program_position};
use super::table::{self, OperandMeaning, SinkLanguage};
use super::taint::{Taint, TaintedLine, parameter_names};

/// Code that a command of a line runs.
pub(super) struct InnerCode {
    pub(super) text: Vec<u8>,
    /// The variables that hold values in it.
    pub(super) variables: BTreeSet<Vec<u8>>,
    /// zsh runs it.
    pub(super) zsh: bool,
}

/// The code that a command has in its words.
pub(super) fn codes(tainted: &TaintedLine, at: usize) -> Vec<InnerCode> {
    /// Code in code in code: more of it would use up the stack.
    const DEEPEST: usize = 8;
    if tainted.depth() == DEEPEST {
        return Vec::new();
    }
    let words = &tainted.commands()[at];
    let evaluated = evaluated(tainted, words);
    evaluated.into_iter().chain(started(tainted, at)).collect()
}

/// `eval 'CODE'`, `trap 'CODE' EXIT`: all variables are there.
fn evaluated(tainted: &TaintedLine, words: &[TemplateWord]) -> Option<InnerCode> {
    let start = program_position(words)?;
    let arguments = &words[start + 1..];
    let code = match words[start].fixed()? {
        b"eval" => {
            let texts: Option<Vec<&[u8]>> = arguments.iter().map(TemplateWord::fixed).collect();
            texts?.join(&b' ')
        }
        b"trap" => arguments.first()?.fixed()?.to_vec(),
        _ => return None,
    };
    Some(InnerCode {
        text: code,
        variables: tainted.variables().clone(),
        zsh: tainted.line().zsh,
    })
}

/// `X=<> bash -c 'CODE' sh <>`: the code has what is exported, and parameters.
fn started(tainted: &TaintedLine, at: usize) -> Option<InnerCode> {
    let words = &tainted.commands()[at];
    let shells = |word: &TemplateWord| {
        let mut sinks = table::ANYWHERE.iter();
        sinks.find(|sink| {
            let is_script = sink.operands == OperandMeaning::Script;
            is_script && sink.language == SinkLanguage::Shell && is_named(sink, file_name(word))
        })
    };
    let (start, sink) = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| Some((at, shells(word)?)))?;
    let name = file_name(&words[start]);
    let typed = TypedShellOptions::read(sink, name, &words[start + 1..]);
    let (_, code) = typed.codes.first()?;
    let code = code.fixed()?.to_vec();
    let mut names: BTreeSet<Vec<u8>> = tainted.exported().map(<[u8]>::to_vec).collect();
    names.extend(words[..start].iter().filter_map(|word| {
        let length = vocabulary::assigned_name(word.head())?;
        tainted
            .has_value(word)
            .then(|| word.head()[..length].to_vec())
    }));
    let is_appended = words[..start].iter().any(|word| file_name(word) == "xargs");
    let given = typed.operands.iter().any(|word| tainted.has_value(word));
    if given || is_appended && tainted.input(at) != Taint::No {
        names.extend(parameter_names());
        names.insert(b"0".to_vec());
    }
    (!names.is_empty()).then_some(InnerCode {
        text: code,
        variables: names,
        zsh: name.starts_with("zsh"),
    })
}

//! Code that stands in a line as a text of its own: `sh -c 'eval "$1"' sh <>`. No value is
//! in it, but its variables and parameters may hold values.

use std::collections::BTreeSet;

use super::super::argv::TemplateWord;
use super::super::lex::{self, NumericContext};
use super::super::syntax::PlaceholderSyntax;
use super::super::table as shell_table;
use super::options::TypedShellOptions;
use super::table::{self, OperandMeaning, SinkLanguage};
use super::taint::{Taint, TaintedLine, parameter_names};
use super::{InjectionFinding, file_name, find_in_scene, is_named, program_position};

/// The text, the variables that hold values, and whether zsh runs it.
type InnerCode = (Vec<u8>, BTreeSet<Vec<u8>>, bool);

/// What such code reads again.
pub(super) fn in_code(scene: &TaintedLine, at: usize) -> Vec<InjectionFinding> {
    /// Code in code in code: more of it would use up the stack.
    const DEEPEST: usize = 8;
    if scene.depth() == DEEPEST {
        return Vec::new();
    }
    let words = &scene.commands()[at];
    let evaluated = evaluated(scene, words);
    let started = started(scene, at);
    let codes = evaluated.into_iter().chain(started);
    codes
        .flat_map(|(code, names, zsh)| {
            let numbers = NumericContext { zsh, many: false };
            let line = lex::lex_with(&code, &PlaceholderSyntax::NONE, numbers);
            find_in_scene(&TaintedLine::with(&code, &line, names, scene.depth() + 1))
        })
        .collect()
}

/// `eval 'CODE'`, `trap 'CODE' EXIT`: all variables are there.
fn evaluated(scene: &TaintedLine, words: &[TemplateWord]) -> Option<InnerCode> {
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
    Some((code, scene.variables().clone(), scene.line().zsh))
}

/// `X=<> bash -c 'CODE' sh <>`: the code has what is exported, and parameters.
fn started(scene: &TaintedLine, at: usize) -> Option<InnerCode> {
    let words = &scene.commands()[at];
    let shells = |word: &TemplateWord| {
        let mut readers = table::ANYWHERE.iter();
        readers.find(|reader| {
            let is_script = reader.operands == OperandMeaning::Script;
            is_script && reader.language == SinkLanguage::Shell && is_named(reader, file_name(word))
        })
    };
    let (start, reader) = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| Some((at, shells(word)?)))?;
    let name = file_name(&words[start]);
    let typed = TypedShellOptions::read(reader, name, &words[start + 1..]);
    let (_, code) = typed.codes.first()?;
    let code = code.fixed()?.to_vec();
    let mut names: BTreeSet<Vec<u8>> = scene.exported().map(<[u8]>::to_vec).collect();
    names.extend(words[..start].iter().filter_map(|word| {
        let length = shell_table::assigned_name(word.head())?;
        scene
            .has_value(word)
            .then(|| word.head()[..length].to_vec())
    }));
    let is_appended = words[..start].iter().any(|word| file_name(word) == "xargs");
    let given = typed.operands.iter().any(|word| scene.has_value(word));
    if given || is_appended && scene.input(at) != Taint::No {
        names.extend(parameter_names());
        names.insert(b"0".to_vec());
    }
    (!names.is_empty()).then_some((code, names, name.starts_with("zsh")))
}

//! Programs that find code on their standard input, and files that are scripts.

use crate::placeholder::TemplateWord;

use super::finding::InjectionFinding;
use super::options::TypedShellOptions;
use super::program_words::{file_name, host_position, is_named, program_position};
use super::table::{self, OperandMeaning, SinkLanguage};
use super::taint::{Taint, TaintedLine};

/// `echo 'echo <>' | sh`, `sh <<E`, `sh <(echo 'echo <>')`
pub(super) fn from_input(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    if tainted.input(at) != Taint::Inside {
        return None;
    }
    let words = &tainted.commands()[at];
    let start = program_position(words)?;
    let name = file_name(&words[start]);
    let arguments = &words[start + 1..];
    let carried = || {
        let carrier = table::CARRIERS.contains(&name).then_some(arguments)?;
        carrier.iter().enumerate().find_map(|(at, word)| {
            let name = file_name(word);
            let (language, safe) = reads_code(name, &carrier[at + 1..])?;
            Some((name, language, safe))
        })
    };
    let (name, language, safe) = match reads_code(name, arguments) {
        Some((language, safe)) => (name, language, safe),
        None => carried()?,
    };
    Some(InjectionFinding::new(name, language, safe))
}

/// `echo <> | xargs -I% sh -c 'echo %'`
pub(super) fn from_arguments(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    let xargs = words.iter().position(|word| file_name(word) == "xargs")?;
    let words = &words[xargs + 1..];
    let mark = words.iter().enumerate().find_map(|(at, word)| {
        match word.fixed()?.strip_prefix(b"-I")? {
            b"" => words.get(at + 1)?.fixed(),
            mark => Some(mark),
        }
    })?;
    let shell = words.iter().position(|word| {
        let name = file_name(word);
        let shells = table::ANYWHERE.iter().filter(|sink| sink.code == ["-c"]);
        shells.into_iter().any(|sink| is_named(sink, name))
    })?;
    let marked = |word: &TemplateWord| {
        let text = word.fixed().unwrap_or_default();
        text != mark && memchr::memmem::find(text, mark).is_some()
    };
    let code = words.get(shell + 2)?;
    let option = words[shell + 1].fixed()?;
    let found = option.ends_with(b"c") && marked(code) && tainted.input(at) != Taint::No;
    found.then(|| InjectionFinding::new("xargs", SinkLanguage::Shell, table::XARGS))
}

/// The language of the code that a program reads on its standard input.
fn reads_code(name: &str, arguments: &[TemplateWord]) -> Option<(SinkLanguage, &'static str)> {
    if name == "ssh" {
        let host = host_position(arguments)?;
        return (host + 1 == arguments.len()).then_some((SinkLanguage::Shell, table::STDIN));
    }
    if matches!(name, "make" | "gmake") {
        let mut pairs = arguments.windows(2);
        let input =
            |pair: &[TemplateWord]| pair[0].fixed() == Some(b"-f") && pair[1].fixed() == Some(b"-");
        return pairs
            .any(input)
            .then_some((SinkLanguage::Other, table::MAKE));
    }
    let mut sinks = table::ANYWHERE.iter().chain(&table::AS_PROGRAM);
    let sink = sinks.find(|sink| is_named(sink, name))?;
    let typed = TypedShellOptions::read(sink, name, arguments);
    let operand = typed.operands.first();
    let reads = match sink.operands {
        OperandMeaning::Script => {
            let from_input =
                |word: &TemplateWord| file_name(word) == "stdin" || word.fixed() == Some(b"-");
            typed.asks_for_input || typed.codes.is_empty() && operand.is_none_or(from_input)
        }
        OperandMeaning::Later => typed.codes.is_empty() && typed.operands.len() < 2,
        OperandMeaning::Line | OperandMeaning::Lines if name != "watch" => {
            matches!(name, "parallel" | "sem" | "prun" | "bsub") && operand.is_none()
        }
        OperandMeaning::Data => table::INPUT.contains(&name),
        _ => false,
    };
    let safe = match (sink.operands, sink.language) {
        (OperandMeaning::Script, SinkLanguage::Shell) if sink.code == ["-c"] => table::STDIN,
        _ => sink.safe,
    };
    reads.then_some((sink.language, safe))
}

/// `echo 'echo <>' >>FILE; sh FILE`
pub(super) fn from_file(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    let file = tainted.scripts().find(|file| runs(tainted, words, file))?;
    Some(script(file))
}

/// `echo 'echo <>' >>FILE.sh`
pub(super) fn written(tainted: &TaintedLine) -> Option<InjectionFinding> {
    let is_script = |file: &&[u8]| file.ends_with(b".sh") || file.ends_with(b".bash");
    tainted.scripts().find(is_script).map(script)
}

fn script(file: &[u8]) -> InjectionFinding {
    let name = if file.iter().any(|byte| b"<$`".contains(byte)) {
        "sh FILE".into()
    } else {
        String::from_utf8_lossy(file)
    };
    InjectionFinding::new(name, SinkLanguage::Shell, table::SCRIPT)
}

/// Tells whether a command runs this file as a script.
fn runs(tainted: &TaintedLine, words: &[TemplateWord], file: &[u8]) -> bool {
    let Some(start) = program_position(words) else {
        return false;
    };
    let mut sinks = table::ANYWHERE.iter();
    let name = file_name(&words[start]);
    let shell = matches!(name, "." | "source")
        || sinks.any(|sink| sink.operands == OperandMeaning::Script && is_named(sink, name));
    let named = |word: &TemplateWord| tainted.file_key(word) == file;
    named(&words[start]) || shell && words[start + 1..].iter().any(named)
}

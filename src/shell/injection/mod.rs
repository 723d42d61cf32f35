//! Commands that read a value as code again. No quoting makes it safe there; the person
//! is told, and told the form that is safe. `table` has the programs, `taint` tells where
//! values are.

mod finding;
mod hint;
mod inner;
mod numeric;
mod options;
mod program_words;
mod stream;
mod table;
mod taint;

use crate::placeholder::{PlaceholderSyntax, TemplateWord};

pub(crate) use self::finding::InjectionFinding;
use self::inner::InnerCode;
use self::program_words::{file_name, host_position, is_option, program_position};
use self::table::SinkLanguage;
use self::taint::{Taint, TaintedLine};
use super::lex::{self, NumericContext, ShellLine};
use super::vocabulary;

/// Finds the values of a line that are read again.
pub(crate) fn find(text: &[u8], line: &ShellLine) -> Vec<InjectionFinding> {
    match taint::with_forwarded(text, line) {
        Some(line) => find_in_line(&TaintedLine::new(text, &line)),
        None => find_in_line(&TaintedLine::new(text, line)),
    }
}

fn find_in_line(tainted: &TaintedLine) -> Vec<InjectionFinding> {
    let in_text = [numeric::in_text(tainted), stream::written(tainted)];
    let mut findings: Vec<InjectionFinding> = in_text.into_iter().flatten().collect();
    for at in 0..tainted.commands().len() {
        let found = [
            options::anywhere(tainted, at),
            options::as_program(tainted, at),
            builtin(tainted, at),
            remote(tainted, at),
            variable(tainted, at),
            make(tainted, at),
            numeric::in_command(tainted, at),
            stream::from_input(tainted, at),
            stream::from_arguments(tainted, at),
            stream::from_file(tainted, at),
        ];
        let found = found.into_iter().flatten();
        let inner = inner::codes(tainted, at)
            .into_iter()
            .flat_map(|code| find_in_code(tainted, code));
        for finding in found.chain(inner) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// Finds those in code that stands in a line as a text of its own.
fn find_in_code(outer: &TaintedLine, code: InnerCode) -> Vec<InjectionFinding> {
    let numbers = NumericContext {
        zsh: code.zsh,
        many: false,
    };
    let line = lex::lex_with(&code.text, &PlaceholderSyntax::NONE, numbers);
    let depth = outer.depth() + 1;
    find_in_line(&TaintedLine::with(&code.text, &line, code.variables, depth))
}

/// Finds those among words that are passed on as they are.
pub(crate) fn find_in_words(words: &[TemplateWord]) -> Vec<InjectionFinding> {
    find(b"", &ShellLine::of_words(words))
}

fn builtin(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    let start = program_position(words)?;
    let name = std::str::from_utf8(words[start].fixed()?).ok()?;
    let arguments = &words[start + 1..];
    let is_checked = |word: &TemplateWord| {
        let mut checked = tainted.numbers(at).map(|nth| &words[nth]);
        checked.any(|other| std::ptr::eq(other, word))
    };
    let carries = |word: &TemplateWord| tainted.taint_of(word) != Taint::No && !is_checked(word);
    let evaluating = table::EVALUATING.iter().find(|row| row.0 == name);
    let (found, safe) = match (evaluating, name) {
        (Some((_, safe)), "eval") => (arguments.iter().any(carries), *safe),
        // Files that commands print are read as well.
        (Some((_, safe)), "source" | ".") => (arguments.iter().any(carries), *safe),
        (Some((_, safe)), _) => (arguments.iter().any(carries), *safe),
        (None, "compgen" | "complete") => {
            let mut pairs = arguments.windows(2);
            let code = |word: &TemplateWord| matches!(word.fixed(), Some(b"-W" | b"-C"));
            let found = pairs.any(|pair| code(&pair[0]) && carries(&pair[1]));
            (found, table::WORDS)
        }
        (None, "printf" | "print" | "set" | "test" | "[" | "[[") => {
            let mut pairs = arguments.windows(2);
            let option: &[u8] = if name == "set" { b"-A" } else { b"-v" };
            let named =
                |pair: &[TemplateWord]| pair[0].fixed() == Some(option) && carries(&pair[1]);
            (pairs.any(named), table::DECLARE)
        }
        (None, name) if table::DECLARING.contains(&name) => {
            (declares_value(name, arguments, carries), table::DECLARE)
        }
        (None, _) => return None,
    };
    found.then(|| InjectionFinding::new(name, SinkLanguage::Shell, safe))
}

fn declares_value(
    name: &str,
    arguments: &[TemplateWord],
    carries: impl Fn(&TemplateWord) -> bool,
) -> bool {
    // Those of integers, arrays and references: they evaluate what is assigned.
    let mut options = arguments.iter().filter(|word| is_option(word));
    let evaluates = matches!(name, "integer" | "float" | "nameref")
        || options.any(|word| word.head().iter().any(|letter| b"aAinEF".contains(letter)));
    arguments.iter().any(|word| {
        let plain_value = !evaluates && vocabulary::assigned_name(word.head()).is_some();
        carries(word) && !plain_value
    })
}

const PROXIES: [&[u8]; 4] = [
    b"proxycommand",
    b"localcommand",
    b"knownhostscommand",
    b"remotecommand",
];

/// `PS4=<>`, `env EDITOR=<>`: variables that are run.
fn variable(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let mut words = tainted.commands()[at].iter();
    words.find_map(|word| {
        let name = &word.head()[..vocabulary::assigned_name(word.head())?];
        let found = table::VARIABLES.contains(&name) && tainted.taint_of(word) != Taint::No;
        let parser = || format!("{}=", String::from_utf8_lossy(name));
        found.then(|| InjectionFinding::new(parser(), SinkLanguage::Shell, table::VARIABLE))
    })
}

/// `X=<> make`, `export X=<>; make`: make expands what its environment has as it does its
/// own variables, unless the shell of a makefile is told to: `$$X`.
fn make(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    let start = program_position(words)?;
    if !matches!(file_name(&words[start]), "make" | "gmake") {
        return None;
    }
    let (before, arguments) = words.split_at(start);
    let is_left = |name: &[u8]| {
        let reference = [b"$$", name].concat();
        let mut texts = arguments.iter().map(TemplateWord::head);
        texts.any(|text| memchr::memmem::find(text, &reference).is_some())
    };
    let given = before.iter().filter_map(|word| {
        let name = &word.head()[..vocabulary::assigned_name(word.head())?];
        tainted.has_value(word).then_some(name)
    });
    let found = given.chain(tainted.exported()).any(|name| !is_left(name));
    found.then(|| InjectionFinding::new("make", SinkLanguage::Other, table::MAKE))
}

/// `ssh HOST … <> …`: the other side's shell reads it. Options run commands, too, and so
/// does git's configuration.
fn remote(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    let start = program_position(words)?;
    let arguments = &words[start + 1..];
    let context = |names: &[&[u8]]| {
        arguments.iter().any(|word| {
            let head = word.head().to_ascii_lowercase();
            let named = names.iter().any(|name| {
                let rest = head
                    .strip_prefix(b"-o")
                    .or(head.strip_prefix(b"-c"))
                    .unwrap_or(&head);
                rest.starts_with(name)
            });
            named && tainted.taint_of(word) == Taint::Inside
        })
    };
    let finding = |parser, safe| Some(InjectionFinding::new(parser, SinkLanguage::Shell, safe));
    match file_name(&words[start]) {
        "scp" | "sftp" if context(&PROXIES) => finding("scp -o", table::PROXY),
        "ssh" => {
            if context(&PROXIES) {
                return finding("ssh -o", table::PROXY);
            }
            let host = host_position(arguments)?;
            let mut command = arguments[host + 1..].iter();
            let found = command.any(|word| tainted.taint_of(word) != Taint::No);
            found.then(|| InjectionFinding::new("ssh", SinkLanguage::Shell, table::REMOTE))
        }
        "git" if context(&table::CONFIGURED) => finding("git -c", table::ALIAS),
        _ => None,
    }
}

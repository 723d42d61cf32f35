//! Commands that read a value as code again. No quoting makes it safe there; the person
//! is told, and told the form that is safe. `table` has the programs, `taint` tells where
//! values are.

mod hint;
mod inner;
mod numeric;
mod options;
mod stream;
mod table;
mod taint;

use super::argv::TemplateWord;
use super::lex::ShellLine;
use super::syntax::PlaceholderSyntax;
use super::table as shell_table;

use self::table::{CodeSink, SinkLanguage};
use self::taint::{Taint, TaintedLine};

/// A value that is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InjectionFinding {
    /// What reads it.
    parser: String,
    language: SinkLanguage,
    /// What to type instead, for [`hint::hint`].
    safe: &'static str,
}

impl InjectionFinding {
    fn new(
        parser: impl Into<String>,
        language: SinkLanguage,
        safe: &'static str,
    ) -> InjectionFinding {
        InjectionFinding {
            parser: parser.into(),
            language,
            safe,
        }
    }

    pub(super) fn message(&self) -> String {
        format!("the value is read again as code by '{}'", self.parser)
    }

    /// What to type instead. `has_places` tells whether the command has placeholders.
    pub(super) fn hint(&self, forms: &PlaceholderSyntax, has_places: bool) -> String {
        hint::hint(self.safe, forms, has_places)
    }

    /// Whether quotes mean there what they mean to a shell.
    pub(super) fn is_shell(&self) -> bool {
        self.language == SinkLanguage::Shell
    }
}

/// What reads values again in this line.
pub(super) fn find(text: &[u8], line: &ShellLine) -> Vec<InjectionFinding> {
    match taint::with_forwarded(text, line) {
        Some(line) => find_in_scene(&TaintedLine::new(text, &line)),
        None => find_in_scene(&TaintedLine::new(text, line)),
    }
}

fn find_in_scene(scene: &TaintedLine) -> Vec<InjectionFinding> {
    let in_text = [numeric::in_text(scene), stream::written(scene)];
    let mut findings: Vec<InjectionFinding> = in_text.into_iter().flatten().collect();
    for at in 0..scene.commands().len() {
        let found = [
            options::anywhere(scene, at),
            options::as_program(scene, at),
            builtin(scene, at),
            remote(scene, at),
            variable(scene, at),
            make(scene, at),
            numeric::in_command(scene, at),
            stream::from_input(scene, at),
            stream::from_arguments(scene, at),
            stream::from_file(scene, at),
        ];
        let found = found.into_iter().flatten();
        for finding in found.chain(inner::in_code(scene, at)) {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// The same for words that are passed on as they are.
pub(super) fn find_in_words(words: &[TemplateWord]) -> Vec<InjectionFinding> {
    find(b"", &ShellLine::of_words(words))
}

fn file_name(word: &TemplateWord) -> &str {
    let text = word.fixed().unwrap_or_default();
    let slash = memchr::memrchr(b'/', text);
    std::str::from_utf8(&text[slash.map_or(0, |slash| slash + 1)..]).unwrap_or_default()
}

/// `python` for `python3.11`.
fn unversioned(name: &str) -> &str {
    name.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.')
}

fn is_named(reader: &CodeSink, name: &str) -> bool {
    reader.names.contains(&name) || reader.names.contains(&unversioned(name))
}

/// Where the program's name stands: after variables, `sudo`, `timeout 5`.
fn program_position(words: &[TemplateWord]) -> Option<usize> {
    let mut at = 0;
    loop {
        let word = words.get(at)?;
        let name = file_name(word);
        if let Some((_, values, operands)) = table::WRAPPERS.iter().find(|row| row.0 == name) {
            let after = skip_options(&words[at + 1..], values) + operands;
            // `flock FILE -c 'cmd'`, and a wrapper alone.
            if words.get(at + 1 + after).is_none_or(is_option) {
                return Some(at);
            }
            at += after;
        } else if shell_table::assigned_name(word.head()).is_none() && !is_option(word) {
            // `time -p` is a keyword with an option.
            return Some(at);
        }
        at += 1;
    }
}

fn is_option(word: &TemplateWord) -> bool {
    word.head().starts_with(b"-")
}

/// How many words are options and their values; `values` are the letters that have one.
fn skip_options(words: &[TemplateWord], values: &str) -> usize {
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| is_option(word)) {
        at += match word.fixed() {
            Some(b"--") => return at + 1,
            Some(text) if takes_value(text, values) => 2,
            _ => 1,
        };
    }
    at
}

/// `-n` where `n` has a value; `-n5` has it with it.
fn takes_value(option: &[u8], values: &str) -> bool {
    match option {
        [b'-', b'-', ..] => {
            std::str::from_utf8(option).is_ok_and(|option| table::LONG_VALUES.contains(&option))
        }
        [b'-', letter] => values.as_bytes().contains(letter),
        _ => false,
    }
}

fn builtin(scene: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &scene.commands()[at];
    let start = program_position(words)?;
    let name = std::str::from_utf8(words[start].fixed()?).ok()?;
    let arguments = &words[start + 1..];
    let is_checked = |word: &TemplateWord| {
        let mut checked = scene.numbers(at).map(|nth| &words[nth]);
        checked.any(|other| std::ptr::eq(other, word))
    };
    let carries = |word: &TemplateWord| scene.carry(word) != Taint::No && !is_checked(word);
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
        let plain_value = !evaluates && shell_table::assigned_name(word.head()).is_some();
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
fn variable(scene: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let mut words = scene.commands()[at].iter();
    words.find_map(|word| {
        let name = &word.head()[..shell_table::assigned_name(word.head())?];
        let found = table::VARIABLES.contains(&name) && scene.carry(word) != Taint::No;
        let parser = || format!("{}=", String::from_utf8_lossy(name));
        found.then(|| InjectionFinding::new(parser(), SinkLanguage::Shell, table::VARIABLE))
    })
}

/// `X=<> make`, `export X=<>; make`: make expands what its environment has as it does its
/// own variables, unless the shell of a makefile is told to: `$$X`.
fn make(scene: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &scene.commands()[at];
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
        let name = &word.head()[..shell_table::assigned_name(word.head())?];
        scene.has_value(word).then_some(name)
    });
    let found = given.chain(scene.exported()).any(|name| !is_left(name));
    found.then(|| InjectionFinding::new("make", SinkLanguage::Other, table::MAKE))
}

/// `ssh HOST … <> …`: the other side's shell reads it. Options run commands, too, and so
/// does git's configuration.
fn remote(scene: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &scene.commands()[at];
    let start = program_position(words)?;
    let arguments = &words[start + 1..];
    let setting = |names: &[&[u8]]| {
        arguments.iter().any(|word| {
            let head = word.head().to_ascii_lowercase();
            let named = names.iter().any(|name| {
                let rest = head
                    .strip_prefix(b"-o")
                    .or(head.strip_prefix(b"-c"))
                    .unwrap_or(&head);
                rest.starts_with(name)
            });
            named && scene.carry(word) == Taint::Inside
        })
    };
    let finding = |parser, safe| Some(InjectionFinding::new(parser, SinkLanguage::Shell, safe));
    match file_name(&words[start]) {
        "scp" | "sftp" if setting(&PROXIES) => finding("scp -o", table::PROXY),
        "ssh" => {
            if setting(&PROXIES) {
                return finding("ssh -o", table::PROXY);
            }
            let host = host_position(arguments)?;
            let mut command = arguments[host + 1..].iter();
            let found = command.any(|word| scene.carry(word) != Taint::No);
            found.then(|| InjectionFinding::new("ssh", SinkLanguage::Shell, table::REMOTE))
        }
        "git" if setting(&table::CONFIGURED) => finding("git -c", table::ALIAS),
        _ => None,
    }
}

fn host_position(arguments: &[TemplateWord]) -> Option<usize> {
    let at = skip_options(arguments, "BbcDEeFIiJLlmOopQRSWw");
    (at < arguments.len()).then_some(at)
}

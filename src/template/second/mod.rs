//! Commands that read a value as code again. No quoting makes it safe there; the person
//! is told, and told the form that is safe. `table` has the programs, `scene` tells where
//! values are.

mod scene;
mod table;

use super::direct::{Part, Word};
use super::lex::Line;
use super::table as shell_table;

use self::scene::{Carry, Scene};
use self::table::{Language, Operands, Reader};

/// A value that is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// What reads it.
    parser: String,
    language: Language,
    /// What to type instead.
    pub(super) safe: &'static str,
}

impl Finding {
    fn new(parser: impl Into<String>, language: Language, safe: &'static str) -> Finding {
        Finding {
            parser: parser.into(),
            language,
            safe,
        }
    }

    pub(super) fn message(&self) -> String {
        format!("the value is read again as code by '{}'", self.parser)
    }

    pub(super) fn warning(&self) -> String {
        format!("{}\nhint: {}", self.message(), self.safe)
    }

    /// Whether quotes mean there what they mean to a shell.
    pub(super) fn is_shell(&self) -> bool {
        self.language == Language::Shell
    }
}

/// What reads values again in this line.
pub(super) fn find(text: &[u8], line: &Line) -> Vec<Finding> {
    let scene = Scene::new(text, line);
    let mut findings: Vec<Finding> = Vec::new();
    for at in 0..line.commands.len() {
        let found = [
            anywhere(&scene, at),
            as_program(&scene, at),
            builtin(&scene, at),
            remote(&scene, at),
            from_input(&scene, at),
            from_file(&scene, at),
        ];
        for finding in found.into_iter().flatten() {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

/// The same for words that are passed on as they are.
pub(super) fn find_in_words(words: &[Word]) -> Vec<Finding> {
    find(b"", &Line::of_words(words))
}

fn file_name(word: &Word) -> &str {
    let text = word.fixed().unwrap_or_default();
    let slash = memchr::memrchr(b'/', text);
    std::str::from_utf8(&text[slash.map_or(0, |slash| slash + 1)..]).unwrap_or_default()
}

/// `python` for `python3.11`.
fn unversioned(name: &str) -> &str {
    name.trim_end_matches(|character: char| character.is_ascii_digit() || character == '.')
}

fn is_named(reader: &Reader, name: &str) -> bool {
    reader.names.contains(&name) || reader.names.contains(&unversioned(name))
}

/// Where the program's name stands: after variables, `sudo`, `timeout 5`.
fn program_position(words: &[Word]) -> Option<usize> {
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
        } else if shell_table::assigned_name(word.head()).is_none() {
            return Some(at);
        }
        at += 1;
    }
}

fn is_option(word: &Word) -> bool {
    word.head().starts_with(b"-")
}

/// How many words are options and their values; `values` are the letters that have one.
fn skip_options(words: &[Word], values: &str) -> usize {
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

/// `sh -c '… <> …'`, wherever it stands.
fn anywhere(scene: &Scene, at: usize) -> Option<Finding> {
    let words = &scene.commands()[at];
    words.iter().enumerate().find_map(|(at, word)| {
        let name = file_name(word);
        let reader = table::ANYWHERE
            .iter()
            .find(|reader| is_named(reader, name))?;
        coded(scene, reader, name, &words[at + 1..])
    })
}

fn as_program(scene: &Scene, at: usize) -> Option<Finding> {
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
        Operands::Script | Operands::Data | Operands::Command => false,
    };
    found.then(|| Finding::new(name, reader.language, reader.safe))
}

/// `watch -x` runs its words as they are.
fn is_exact(name: &str, words: &[Word]) -> bool {
    let exact = |word: &Word| matches!(word.fixed(), Some(b"-x" | b"--exec"));
    name == "watch" && words.iter().any(exact)
}

/// The option at this place, the word in which its code is, and how many words it takes.
fn option_code<'w>(
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

fn builtin(scene: &Scene, at: usize) -> Option<Finding> {
    let words = &scene.commands()[at];
    let start = program_position(words)?;
    let name = std::str::from_utf8(words[start].fixed()?).ok()?;
    let arguments = &words[start + 1..];
    let carries = |word: &Word| scene.carry(word) != Carry::No;
    let places = |word: &Word| word.placeholders().any(super::Placeholder::is_value);
    let evaluating = table::EVALUATING.iter().find(|row| row.0 == name);
    let (found, safe) = match (evaluating, name) {
        (Some((_, safe)), "eval") => (arguments.iter().any(carries), *safe),
        // Files that commands print are read as well.
        (Some((_, safe)), "source" | ".") => (arguments.iter().any(carries), *safe),
        (Some((_, safe)), _) => (arguments.iter().any(places), *safe),
        (None, "printf" | "test" | "[" | "[[") => {
            let mut pairs = arguments.windows(2);
            let named = |pair: &[Word]| pair[0].fixed() == Some(b"-v") && places(&pair[1]);
            (pairs.any(named), table::DECLARE)
        }
        (None, name) if table::DECLARING.contains(&name) => {
            (declares_value(arguments, places), table::DECLARE)
        }
        (None, _) => return None,
    };
    found.then(|| Finding::new(name, Language::Shell, safe))
}

fn declares_value(arguments: &[Word], places: impl Fn(&Word) -> bool) -> bool {
    let options = arguments.iter().any(|word| word.head().starts_with(b"-"));
    arguments.iter().any(|word| {
        let plain_value = !options && shell_table::assigned_name(word.head()).is_some();
        places(word) && !plain_value
    })
}

/// `ssh HOST … <> …`: the other side's shell reads it. Options run commands, too, and so
/// does git's configuration.
fn remote(scene: &Scene, at: usize) -> Option<Finding> {
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
            named && scene.carry(word) == Carry::Inside
        })
    };
    let finding = |parser, safe| Some(Finding::new(parser, Language::Shell, safe));
    match file_name(&words[start]) {
        "ssh" => {
            if setting(&[b"proxycommand=", b"localcommand=", b"knownhostscommand="]) {
                return finding("ssh -o", table::PROXY);
            }
            let host = host_position(arguments)?;
            let mut command = arguments[host + 1..].iter();
            let found = command.any(|word| scene.carry(word) != Carry::No);
            found.then(|| Finding::new("ssh", Language::Shell, table::REMOTE))
        }
        "git"
            if setting(&[
                b"alias.",
                b"core.sshcommand=",
                b"core.pager=",
                b"core.editor=",
            ]) =>
        {
            finding("git -c", table::ALIAS)
        }
        _ => None,
    }
}

fn host_position(arguments: &[Word]) -> Option<usize> {
    let at = skip_options(arguments, "BbcDEeFIiJLlmOopQRSWw");
    (at < arguments.len()).then_some(at)
}

/// `echo 'echo <>' | sh`, `sh <<E`, `sh <(echo 'echo <>')`
fn from_input(scene: &Scene, at: usize) -> Option<Finding> {
    if scene.input(at) != Carry::Inside {
        return None;
    }
    let words = &scene.commands()[at];
    let start = program_position(words)?;
    let name = file_name(&words[start]);
    let arguments = &words[start + 1..];
    let carried = || {
        let carrier = table::CARRIERS.contains(&name).then_some(arguments)?;
        carrier.iter().enumerate().find_map(|(at, word)| {
            let name = file_name(word);
            reads_code(name, &carrier[at + 1..]).map(|language| (name, language))
        })
    };
    let (name, language) = match reads_code(name, arguments) {
        Some(language) => (name, language),
        None => carried()?,
    };
    Some(Finding::new(name, language, table::STDIN))
}

/// The language of the code that a program reads on its standard input.
fn reads_code(name: &str, arguments: &[Word]) -> Option<Language> {
    if name == "ssh" {
        let host = host_position(arguments)?;
        return (host + 1 == arguments.len()).then_some(Language::Shell);
    }
    if matches!(name, "make" | "gmake") {
        let mut pairs = arguments.windows(2);
        let input = |pair: &[Word]| pair[0].fixed() == Some(b"-f") && pair[1].fixed() == Some(b"-");
        return pairs.any(input).then_some(Language::Other);
    }
    let mut readers = table::ANYWHERE.iter().chain(&table::AS_PROGRAM);
    let reader = readers.find(|reader| is_named(reader, name))?;
    let operand = || {
        let at = skip_options(arguments, reader.values);
        arguments.get(at)
    };
    let reads = match reader.operands {
        Operands::Script => {
            let coded = (0..arguments.len())
                .take_while(|&at| is_option(&arguments[at]))
                .any(|at| option_code(reader, arguments, at).1.is_some());
            let asked = arguments
                .first()
                .is_some_and(|word| word.fixed() == Some(b"-s"));
            asked || !coded && operand().is_none_or(|word| file_name(word) == "stdin")
        }
        Operands::Line | Operands::Lines if name != "watch" => {
            matches!(name, "parallel" | "sem" | "prun" | "bsub") && operand().is_none()
        }
        Operands::Data => matches!(name, "at" | "batch"),
        _ => false,
    };
    reads.then_some(reader.language)
}

/// `echo 'echo <>' >>FILE.sh`, and any file that the line runs.
fn from_file(scene: &Scene, at: usize) -> Option<Finding> {
    if scene.output(at) != Carry::Inside {
        return None;
    }
    scene.outputs(at).find_map(|file| {
        let is_script = match file.parts.last() {
            Some(Part::Text(end)) => end.ends_with(b".sh") || end.ends_with(b".bash"),
            _ => false,
        };
        let run = || scene.commands().iter().any(|words| runs(words, file));
        let name = String::from_utf8_lossy(file.fixed().unwrap_or(b"sh FILE")).into_owned();
        (is_script || run()).then(|| Finding::new(name, Language::Shell, table::SCRIPT))
    })
}

/// Whether a command runs this file as a script.
fn runs(words: &[Word], file: &Word) -> bool {
    let Some(start) = program_position(words) else {
        return false;
    };
    let mut readers = table::ANYWHERE.iter();
    let name = file_name(&words[start]);
    let shell = matches!(name, "." | "source")
        || readers.any(|reader| reader.operands == Operands::Script && is_named(reader, name));
    let named = |word: &Word| {
        word.clone().joined() == *file
            || word.fixed().is_some_and(|text| {
                text.strip_prefix(b"./")
                    .is_some_and(|text| Some(text) == file.fixed())
            })
    };
    named(&words[start]) || shell && words[start + 1..].iter().any(named)
}

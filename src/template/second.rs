//! Commands that read their arguments as code again. No quoting makes a value safe
//! there; the person is told, and told the form that is safe.

use super::direct::{Part, Word};
use super::table;

/// A value that is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    /// What reads it.
    parser: String,
    /// What to type instead.
    pub(super) safe: String,
}

impl Finding {
    pub(super) fn message(&self) -> String {
        format!("the value is read again as code by '{}'", self.parser)
    }

    pub(super) fn warning(&self) -> String {
        format!("{}\nhint: {}", self.message(), self.safe)
    }
}

/// Programs that run the text after an option, and the safe way to use them.
const INTERPRETERS: [(&[u8], u8, &str); 18] = [
    (b"sh", b'c', SHELL),
    (b"bash", b'c', SHELL),
    (b"dash", b'c', SHELL),
    (b"ash", b'c', SHELL),
    (b"zsh", b'c', SHELL),
    (b"ksh", b'c', SHELL),
    (b"ksh93", b'c', SHELL),
    (b"mksh", b'c', SHELL),
    (b"fish", b'c', "fish -c 'echo $argv[1]' <>"),
    (b"su", b'c', "su USER -c 'echo \"$1\"' -- sh <>"),
    (b"python", b'c', PYTHON),
    (b"python3", b'c', PYTHON),
    (b"perl", b'e', PERL),
    (b"perl", b'E', PERL),
    (b"ruby", b'e', "ruby -e 'puts ARGV[0]' <>"),
    (b"node", b'e', "node -e 'console.log(process.argv[1])' <>"),
    (b"php", b'r', "php -r 'echo $argv[1];' <>"),
    (b"lua", b'e', "lua FILE <>"),
];
const SHELL: &str = "sh -c 'echo \"$1\"' sh <>";
const PYTHON: &str = "python3 -c 'import sys; print(sys.argv[1])' <>";
const PERL: &str = "perl -e 'print $ARGV[0]' <>";

/// Commands that run the command after them.
const WRAPPERS: [&[u8]; 10] = [
    b"builtin", b"command", b"env", b"exec", b"nice", b"nohup", b"setsid", b"sudo", b"time",
    b"timeout",
];

/// Built-in commands that evaluate any of their arguments.
const EVALUATING: [&[u8]; 9] = [
    b"alias", b"eval", b"let", b"read", b"unset", b"trap", b"source", b".", b"mapfile",
];

/// Built-in commands that evaluate the name in `NAME=value`, and the value too if
/// options ask for it.
const DECLARING: [&[u8]; 5] = [b"declare", b"typeset", b"local", b"export", b"readonly"];

/// What reads values again in these commands.
pub(super) fn find(commands: &[Vec<Word>]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for words in commands {
        for finding in [interpreter(words), builtin(words), remote(words)] {
            findings.extend(finding.filter(|finding| !findings.contains(finding)));
        }
    }
    findings
}

fn has_place(word: &Word) -> bool {
    word.placeholders()
        .any(super::placeholder::Placeholder::is_value)
}

/// Whether a value is inside the word; a word that is nothing else is the code
/// itself, and meant as such.
fn has_place_inside(word: &Word) -> bool {
    let texts = word.parts.iter().any(|part| match part {
        Part::Text(text) => !text.is_empty(),
        Part::Place(..) => false,
        Part::Code => true,
    });
    texts && has_place(word)
}

fn file_name(word: &Word) -> &[u8] {
    let text = word.fixed().unwrap_or_default();
    let slash = memchr::memrchr(b'/', text);
    &text[slash.map_or(0, |slash| slash + 1)..]
}

/// `sh -c '… <> …'`, wherever it stands: after `sudo`, `xargs`, `find -exec`.
fn interpreter(words: &[Word]) -> Option<Finding> {
    words.iter().enumerate().find_map(|(at, word)| {
        let name = file_name(word);
        let mut known = INTERPRETERS.iter().filter(|(known, ..)| *known == name);
        known.find_map(|&(_, letter, safe)| {
            let mut code = code_after(&words[at + 1..], letter);
            let inside = code.as_mut().is_some_and(|code| has_place_inside(code));
            inside.then(|| Finding {
                parser: format!("{} -{}", String::from_utf8_lossy(name), char::from(letter)),
                safe: safe.to_owned(),
            })
        })
    })
}

/// The word after the first option that ends in this letter: `-c`, `-ec`.
fn code_after(words: &[Word], letter: u8) -> Option<&Word> {
    let option = words.iter().position(|word| match word.fixed() {
        Some([b'-', letters @ ..]) => {
            letters.first() != Some(&b'-') && letters.last() == Some(&letter)
        }
        _ => false,
    })?;
    words.get(option + 1)
}

fn builtin(words: &[Word]) -> Option<Finding> {
    let start = program_position(words)?;
    let name = words[start].fixed()?;
    let arguments = &words[start + 1..];
    let unsafe_here = if EVALUATING.contains(&name) {
        arguments.iter().any(has_place)
    } else if DECLARING.contains(&name) {
        declares_value(arguments)
    } else if matches!(name, b"printf" | b"test" | b"[" | b"[[") {
        let mut pairs = arguments.windows(2);
        pairs.any(|pair| pair[0].fixed() == Some(b"-v") && has_place(&pair[1]))
    } else {
        false
    };
    unsafe_here.then(|| Finding {
        parser: String::from_utf8_lossy(name).into_owned(),
        safe: "put the value in a variable, and name that: x=<>; printf '%s\\n' \"$x\"".to_owned(),
    })
}

/// Where the program's name stands: after variables, `sudo`, `timeout 5`.
fn program_position(words: &[Word]) -> Option<usize> {
    let mut at = 0;
    loop {
        let word = words.get(at)?;
        if WRAPPERS.contains(&file_name(word)) {
            let options = words[at + 1..].iter();
            at += options.take_while(|word| is_option(word.head())).count();
        } else if table::assigned_name(word.head()).is_none() {
            return Some(at);
        }
        at += 1;
    }
}

/// `-n`, `5`, `10s`.
fn is_option(head: &[u8]) -> bool {
    matches!(head.first(), Some(b'-' | b'0'..=b'9'))
}

fn declares_value(arguments: &[Word]) -> bool {
    let options = arguments.iter().any(|word| word.head().starts_with(b"-"));
    arguments.iter().any(|word| {
        let plain_value = !options && table::assigned_name(word.head()).is_some();
        has_place(word) && !plain_value
    })
}

/// `ssh HOST … <> …`: the other side's shell reads it.
fn remote(words: &[Word]) -> Option<Finding> {
    let at = program_position(words).filter(|&at| file_name(&words[at]) == b"ssh")?;
    let arguments = &words[at + 1..];
    let host = host_position(arguments)?;
    arguments[host + 1..]
        .iter()
        .any(has_place)
        .then(|| Finding {
            parser: "ssh".to_owned(),
            safe:
                "send it on standard input: printf '%s\\n' <> | ssh HOST 'read -r x; echo \"$x\"'"
                    .to_owned(),
        })
}

fn host_position(arguments: &[Word]) -> Option<usize> {
    const WITH_VALUE: &[u8] = b"BbcDEeFIiJLlmOopQRSWw";
    let mut at = 0;
    while let Some(word) = arguments.get(at) {
        match word.head() {
            [b'-', letter] if WITH_VALUE.contains(letter) => at += 2,
            [b'-', _, ..] => at += 1,
            _ => return Some(at),
        }
    }
    None
}

//! Programs that find code in their words.

use crate::placeholder::{TemplateWord, WordPart};

use super::finding::InjectionFinding;
use super::program_words::{
    file_name, is_named, is_option, program_position, takes_value, unversioned,
};
use super::table::{self, CodeReader, OperandMeaning, SinkLanguage};
use super::taint::{Taint, TaintedLine};

/// `sh -c '… <> …'`, wherever it stands.
pub(super) fn anywhere(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    words.iter().enumerate().find_map(|(at, word)| {
        let name = file_name(word);
        let sink = table::ANYWHERE.iter().find(|sink| is_named(sink, name))?;
        coded(tainted, sink, name, &words[at + 1..])
    })
}

pub(super) fn as_program(tainted: &TaintedLine, at: usize) -> Option<InjectionFinding> {
    let words = &tainted.commands()[at];
    let mut starts: Vec<usize> = program_position(words).into_iter().collect();
    // `env -S` is a program by itself.
    starts.extend(words.iter().position(|word| file_name(word) == "env"));
    starts.into_iter().find_map(|start| {
        let name = file_name(&words[start]);
        let mut sinks = table::AS_PROGRAM.iter();
        let sink = sinks.find(|sink| sink.names.contains(&name))?;
        coded(tainted, sink, name, &words[start + 1..])
    })
}

/// Finds code among the words of one program.
fn coded(
    tainted: &TaintedLine,
    sink: &CodeReader,
    name: &str,
    words: &[TemplateWord],
) -> Option<InjectionFinding> {
    let typed = TypedShellOptions::read(sink, name, words);
    let inside = |word: &TemplateWord| tainted.taint_of(word) == Taint::Inside;
    let mut codes = typed.codes.iter();
    if let Some((option, _)) =
        codes.find(|(option, code)| inside(code) && !is_only_value(code, option))
    {
        let parser = format!("{name} {option}");
        return Some(InjectionFinding::new(parser, sink.language, sink.safe));
    }
    let given = !typed.codes.is_empty() || typed.has_file;
    let operands = typed.operands;
    let inputs = operands
        .iter()
        .position(|word| word.head().starts_with(b":::"));
    let operands = &operands[..inputs.unwrap_or(operands.len())];
    let commands = inputs.filter(|_| operands.is_empty());
    let found = match sink.operands {
        // Without a command, each input is one.
        OperandMeaning::Line | OperandMeaning::Lines if commands.is_some() => {
            typed.operands.iter().any(inside)
        }
        OperandMeaning::Code => !given && operands.first().is_some_and(inside),
        OperandMeaning::Line if is_exact(name, words) => false,
        OperandMeaning::Line => operands.iter().any(|word| match tainted.taint_of(word) {
            Taint::No => false,
            Taint::Whole => operands.len() > 1,
            Taint::Inside => true,
        }),
        OperandMeaning::Lines => operands.iter().any(|word| inside(word) && has_blank(word)),
        OperandMeaning::Script => operands
            .first()
            .is_some_and(|word| tainted.is_printed(word)),
        OperandMeaning::Later => operands.iter().skip(1).any(inside),
        OperandMeaning::Settings => operands.iter().any(|word| {
            let name = word.head().split(|byte| *byte == b'=').next();
            inside(word) && name.is_some_and(|name| name.len() < word.head().len())
        }),
        OperandMeaning::Data | OperandMeaning::Command => false,
    };
    found.then(|| InjectionFinding::new(name, sink.language, sink.safe))
}

/// `watch -x` runs its words as they are.
fn is_exact(name: &str, words: &[TemplateWord]) -> bool {
    let exact = |word: &TemplateWord| matches!(word.fixed(), Some(b"-x" | b"--exec"));
    name == "watch" && words.iter().any(exact)
}

/// The words of a program, told apart by the grammar of its options.
pub(super) struct TypedShellOptions<'w> {
    /// The options whose values are code, and the words with these.
    pub(super) codes: Vec<(&'static str, &'w TemplateWord)>,
    /// An option names a file that has the code.
    has_file: bool,
    /// `-s`: a shell reads code from its standard input.
    pub(super) asks_for_input: bool,
    /// The words after the options.
    pub(super) operands: &'w [TemplateWord],
}

impl<'w> TypedShellOptions<'w> {
    pub(super) fn read(
        sink: &CodeReader,
        name: &str,
        words: &'w [TemplateWord],
    ) -> TypedShellOptions<'w> {
        let mut typed = TypedShellOptions {
            codes: Vec::new(),
            has_file: false,
            asks_for_input: false,
            operands: &[],
        };
        let is_shell = sink.code == ["-c"] && sink.operands == OperandMeaning::Script;
        let at = if is_shell && sink.language == SinkLanguage::Shell {
            typed.shell(name, words)
        } else {
            typed.program(sink, words)
        };
        typed.operands = words.get(at..).unwrap_or_default();
        typed
    }

    /// The options of a shell: `-c` makes the first operand code, wherever the option
    /// stands, and `+c` does the same. How many words they are.
    fn shell(&mut self, name: &str, words: &'w [TemplateWord]) -> usize {
        let grammar = OptionGrammar::of(name);
        let mut is_code = false;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let head = word.head();
            if !matches!(head.first(), Some(b'-' | b'+')) {
                break;
            }
            at += 1;
            if matches!(head, b"--" | b"-") {
                break;
            }
            if head.starts_with(b"--") {
                let takes_word = matches!(head, b"--rcfile" | b"--init-file" | b"--emulate");
                at += usize::from(takes_word);
                continue;
            }
            let (letters, values) = grammar.cluster(&head[1..]);
            is_code |= letters.contains(&b'c');
            self.asks_for_input |= letters.contains(&b's');
            at += values;
            // zsh has no more options after it.
            if grammar == OptionGrammar::Zsh && letters.contains(&b'b') {
                break;
            }
        }
        if is_code && let Some(code) = words.get(at) {
            self.codes.push(("-c", code));
            at += 1;
        }
        at
    }

    fn program(&mut self, sink: &CodeReader, words: &'w [TemplateWord]) -> usize {
        let after_operands = matches!(
            sink.operands,
            OperandMeaning::Data | OperandMeaning::Settings
        );
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let is_plus = word.head().starts_with(b"+") && sink.code.contains(&"+");
            if word.fixed() == Some(b"--") {
                return at + 1;
            }
            if is_option(word) || is_plus {
                at += self.option(sink, words, at);
            } else if after_operands {
                at += 1;
            } else {
                break;
            }
        }
        match sink.operands {
            OperandMeaning::Settings => 0,
            _ => at,
        }
    }

    /// Reads the option at `at`; the words that it takes.
    fn option(&mut self, sink: &CodeReader, words: &'w [TemplateWord], at: usize) -> usize {
        let word = &words[at];
        let head = word.head();
        for &option in sink.code {
            let text = option.as_bytes();
            if word.fixed() == Some(text) && option != "+" {
                self.codes
                    .extend(words.get(at + 1).map(|code| (option, code)));
                return 2;
            }
            let is_long = text.len() > 2;
            let glued = head
                .strip_prefix(text)
                .filter(|_| text != b"-M" || head.len() > 2);
            if glued.is_some_and(|rest| !is_long || rest.starts_with(b"=")) {
                self.codes.push((option, word));
                return 1;
            }
        }
        if head.starts_with(b"--") {
            return 1 + usize::from(word.fixed().is_some_and(|text| takes_value(text, "")));
        }
        for (nth, &letter) in head.iter().enumerate().skip(1) {
            let is_last = nth + 1 == head.len() && word.fixed().is_some();
            if let Some(&option) = sink.code.iter().find(|option| is_letter(option, letter)) {
                let code = if is_last {
                    words.get(at + 1)
                } else {
                    Some(word)
                };
                self.codes.extend(code.map(|code| (option, code)));
                return 1 + usize::from(is_last);
            }
            if sink.values.as_bytes().contains(&letter) {
                self.has_file |= letter == b'f';
                return 1 + usize::from(is_last);
            }
            // What comes after these belongs to them.
            if sink.rest.as_bytes().contains(&letter) {
                return 1;
            }
        }
        1
    }
}

/// Grammar of the options in one word of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OptionGrammar {
    /// bash, dash, busybox: each `o`, and bash's `O`, takes the next word that is left, and
    /// the letters after it are options.
    Posix,
    /// The letters behind an `o` in its word are its value; without any, the next word is.
    Ksh,
    /// [`OptionGrammar::Ksh`], and `b` ends the options.
    Zsh,
}

impl OptionGrammar {
    fn of(name: &str) -> OptionGrammar {
        match unversioned(name) {
            "zsh" => OptionGrammar::Zsh,
            "ksh" | "mksh" => OptionGrammar::Ksh,
            _ => OptionGrammar::Posix,
        }
    }

    /// The letters that are options, and how many words they take as values.
    fn cluster(self, letters: &[u8]) -> (&[u8], usize) {
        if self == OptionGrammar::Posix {
            let values = letters.iter().filter(|letter| b"oO".contains(letter));
            return (letters, values.count());
        }
        match memchr::memchr(b'o', letters) {
            Some(at) => (&letters[..at], usize::from(at + 1 == letters.len())),
            None => (letters, 0),
        }
    }
}

fn is_letter(option: &str, letter: u8) -> bool {
    option.as_bytes() == [b'-', letter]
}

/// `--command=<>`: what is glued to the option is a value and nothing else.
fn is_only_value(code: &TemplateWord, option: &str) -> bool {
    code.parts.len() == 2 && code.head().strip_suffix(b"=") == Some(option.as_bytes())
}

fn has_blank(word: &TemplateWord) -> bool {
    word.parts.iter().any(|part| match part {
        WordPart::Text(text) => text.iter().any(u8::is_ascii_whitespace),
        WordPart::Placeholder(..) | WordPart::Code(_) => false,
    })
}

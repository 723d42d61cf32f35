//! Operands of simple commands that a shell calculates. zsh does so in many of its built-in
//! commands; in a subscript there, it runs code.

use crate::placeholder::{Placeholder, PlaceholderSubject, TemplateWord, ValueSpread, WordPart};
use crate::shell::vocabulary;

use super::line::ValueReading;

/// Facts that decide which operands are numbers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NumericContext {
    /// zsh runs the line.
    pub(crate) zsh: bool,
    /// A job may have another number of values than one.
    pub(crate) many: bool,
}

/// Variables that are numbers in bash, too.
const NUMBERS: [&[u8]; 2] = [b"OPTIND", b"RANDOM"];

/// Variables that are numbers in zsh alone.
const ZSH_NUMBERS: [&[u8]; 25] = [
    b"BAUD",
    b"COLUMNS",
    b"DIRSTACKSIZE",
    b"EGID",
    b"ERRNO",
    b"EUID",
    b"FUNCNEST",
    b"GID",
    b"HISTCMD",
    b"HISTSIZE",
    b"KEYTIMEOUT",
    b"LINENO",
    b"LINES",
    b"LISTMAX",
    b"LOGCHECK",
    b"MAILCHECK",
    b"PERIOD",
    b"SAVEHIST",
    b"SECONDS",
    b"SHLVL",
    b"TMOUT",
    b"TRY_BLOCK_ERROR",
    b"TRY_BLOCK_INTERRUPT",
    b"UID",
    b"ZLE_RPROMPT_INDENT",
];

impl NumericContext {
    /// The operands of a command that are calculated, and as what.
    pub(crate) fn operands(self, words: &[TemplateWord]) -> Vec<(usize, ValueReading)> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if self.is_number(word) {
                found.push((at, ValueReading::Integer));
            } else if vocabulary::extended_name(word.head()).is_none() {
                if !self.zsh {
                    break;
                }
                match word.fixed() {
                    Some(b"-" | b"builtin" | b"command" | b"do" | b"exec" | b"nocorrect")
                    | Some(b"noglob" | b"{") => {}
                    Some(b"repeat") => {
                        at += 1;
                        found.push((at, ValueReading::Integer));
                    }
                    _ => {
                        let (name, operands) = (word.fixed(), &words[at + 1..]);
                        let operands = self.of_builtin(name, operands).into_iter();
                        found.extend(operands.map(|(nth, reading)| (at + 1 + nth, reading)));
                        break;
                    }
                }
            }
            at += 1;
        }
        found.retain(|(at, _)| *at < words.len());
        found
    }

    fn is_number(self, word: &TemplateWord) -> bool {
        let head = word.head();
        let name = vocabulary::extended_name(head).map(|length| &head[..length]);
        name.is_some_and(|name| NUMBERS.contains(&name) || self.zsh && ZSH_NUMBERS.contains(&name))
    }

    /// The operands of a built-in command of zsh, by their place after its name.
    fn of_builtin(
        self,
        name: Option<&[u8]>,
        operands: &[TemplateWord],
    ) -> Vec<(usize, ValueReading)> {
        let all = |reading| (0..operands.len()).map(|at| (at, reading)).collect();
        match name {
            Some(b"break" | b"continue" | b"exit" | b"let" | b"logout" | b"return" | b"shift") => {
                all(ValueReading::Integer)
            }
            Some(b"printf") => self.printed(operands),
            Some(b"print") => {
                let mut words = operands.iter();
                match words.position(|word| word.fixed() == Some(b"-f")) {
                    Some(option) => shifted(self.printed(&operands[option + 1..]), option + 1),
                    None => Vec::new(),
                }
            }
            Some(b"float") => self.declared(operands, Some(ValueReading::Number)),
            Some(b"integer") => self.declared(operands, Some(ValueReading::Integer)),
            Some(b"declare" | b"export" | b"local" | b"private" | b"readonly" | b"typeset") => {
                self.declared(operands, None)
            }
            // A name that only the shell knows may be that of a test.
            Some(b"test" | b"[") | None => compared(operands),
            Some(_) => Vec::new(),
        }
    }

    /// Operands that are assigned to numbers.
    fn declared(
        self,
        operands: &[TemplateWord],
        reading: Option<ValueReading>,
    ) -> Vec<(usize, ValueReading)> {
        let options = operands.iter().map(TemplateWord::head);
        let options = options.filter(|head| head.starts_with(b"-"));
        let letters: Vec<u8> = options.flatten().copied().collect();
        let has = |wanted: &[u8]| letters.iter().any(|letter| wanted.contains(letter));
        let reading = match reading {
            Some(reading) => Some(reading),
            None if has(b"i") => Some(ValueReading::Integer),
            None if has(b"EF") => Some(ValueReading::Number),
            None => None,
        };
        let words = operands.iter().enumerate();
        words
            .filter(|(_, word)| vocabulary::extended_name(word.head()).is_some())
            .filter_map(|(at, word)| {
                let special = self.is_number(word).then_some(ValueReading::Integer);
                Some((at, reading.or(special)?))
            })
            .collect()
    }

    /// Operands that the conversions of a format calculate.
    fn printed(self, operands: &[TemplateWord]) -> Vec<(usize, ValueReading)> {
        let mut at = 0;
        if operands.first().and_then(TemplateWord::fixed) == Some(b"-v") {
            at = 2;
        }
        at += usize::from(operands.get(at).and_then(TemplateWord::fixed) == Some(b"--"));
        let Some((format, values)) = operands.get(at..).and_then(<[TemplateWord]>::split_first)
        else {
            return Vec::new();
        };
        let conversions = match format.fixed() {
            Some(format) => conversions(format),
            None => Some(vec![ValueReading::Integer]),
        };
        let strict = strictest(conversions.as_deref().unwrap_or(&[ValueReading::Integer]));
        let mut uneven = conversions.is_none();
        let mut found = Vec::new();
        for nth in 0..values.len() {
            // From a word on that may be none, or several, no one knows which is which.
            uneven = uneven || !self.is_one(&values[nth], &values[nth + 1..]);
            let reading = match conversions.as_deref() {
                Some([]) => ValueReading::Bytes,
                Some(readings) if !uneven => readings[nth % readings.len()],
                _ => strict,
            };
            if reading != ValueReading::Bytes {
                found.push((at + 1 + nth, reading));
            }
        }
        found
    }

    /// Tells whether a word is one operand, whatever the values; `later` are those after
    /// it.
    fn is_one(self, word: &TemplateWord, later: &[TemplateWord]) -> bool {
        match word.parts.as_slice() {
            [WordPart::Placeholder(placeholder, ValueSpread::Words | ValueSpread::Each)] => {
                match placeholder.source {
                    PlaceholderSubject::Seq | PlaceholderSubject::Slot => true,
                    PlaceholderSubject::All => !self.many,
                    // If it is missing, so are those of a higher number.
                    PlaceholderSubject::Nth(own) => {
                        let mut places = later.iter().flat_map(TemplateWord::placeholders);
                        let is_later = |other: &Placeholder| match other.source {
                            PlaceholderSubject::Nth(other) => own > 0 && other >= own,
                            PlaceholderSubject::Seq | PlaceholderSubject::Slot => true,
                            PlaceholderSubject::All => false,
                        };
                        !self.many || places.all(is_later)
                    }
                }
            }
            // `"$@"` may be any number of words.
            parts => !parts.iter().any(|part| {
                matches!(
                    part,
                    WordPart::Code(_) | WordPart::Placeholder(_, ValueSpread::Each)
                )
            }),
        }
    }
}

fn shifted(found: Vec<(usize, ValueReading)>, by: usize) -> Vec<(usize, ValueReading)> {
    found
        .into_iter()
        .map(|(at, reading)| (at + by, reading))
        .collect()
}

/// Both sides of the comparisons of `test`, and the descriptor of `-t`.
fn compared(operands: &[TemplateWord]) -> Vec<(usize, ValueReading)> {
    let mut found = Vec::new();
    for (at, word) in operands.iter().enumerate() {
        let text = word.fixed().unwrap_or_default();
        if is_comparison(text) {
            found.extend(at.checked_sub(1).map(|left| (left, ValueReading::Integer)));
        }
        if is_comparison(text) || text == b"-t" {
            found.push((at + 1, ValueReading::Integer));
        }
    }
    found.retain(|(at, _)| *at < operands.len());
    found
}

pub(super) fn is_comparison(raw: &[u8]) -> bool {
    matches!(raw, b"-eq" | b"-ne" | b"-lt" | b"-le" | b"-gt" | b"-ge")
}

/// Readings of the operands of a format; `None` if the format numbers them.
fn conversions(format: &[u8]) -> Option<Vec<ValueReading>> {
    let mut readings = Vec::new();
    let mut bytes = format.iter();
    while bytes.by_ref().any(|byte| *byte == b'%') {
        for byte in bytes.by_ref() {
            match byte {
                b'*' => readings.push(ValueReading::Integer),
                b'$' => return None,
                b'0'..=b'9' | b'-' | b'+' | b' ' | b'#' | b'\'' | b'.' => continue,
                b'h' | b'l' | b'L' | b'j' | b't' | b'z' => continue,
                b'%' => break,
                b'd' | b'i' | b'o' | b'u' | b'x' | b'X' => readings.push(ValueReading::Integer),
                b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
                    readings.push(ValueReading::Number);
                }
                _ => readings.push(ValueReading::Bytes),
            }
            if *byte != b'*' {
                break;
            }
        }
    }
    Some(readings)
}

/// The reading that satisfies every one of these.
fn strictest(readings: &[ValueReading]) -> ValueReading {
    let has = |reading| readings.contains(&reading);
    match (has(ValueReading::Integer), has(ValueReading::Number)) {
        (true, _) => ValueReading::Integer,
        (false, true) => ValueReading::Number,
        (false, false) => ValueReading::Bytes,
    }
}

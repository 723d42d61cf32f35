//! The arguments of built-ins, read as getopt_long(3) has it: options anywhere, short ones
//! together, long ones shortened, `--` before operands.
//!
//! A value is data: an argument that begins with one is never an option, whatever the
//! value looks like.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BuiltinArgument {
    /// Begins with typed text.
    Typed(Vec<u8>),
    /// Begins with a value.
    Value(Vec<u8>),
    /// Typed text up to a value that is not known yet.
    Unknown(Vec<u8>),
}

impl BuiltinArgument {
    /// Text as far as it is known.
    pub(crate) fn text(&self) -> &[u8] {
        match self {
            BuiltinArgument::Typed(text)
            | BuiltinArgument::Value(text)
            | BuiltinArgument::Unknown(text) => text,
        }
    }

    fn into_text(self) -> Vec<u8> {
        match self {
            BuiltinArgument::Typed(text)
            | BuiltinArgument::Value(text)
            | BuiltinArgument::Unknown(text) => text,
        }
    }

    /// May be an option.
    fn is_option(&self) -> bool {
        match self {
            BuiltinArgument::Typed(text) => text.len() > 1 && text[0] == b'-',
            BuiltinArgument::Value(_) => false,
            BuiltinArgument::Unknown(text) => text.starts_with(b"-"),
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(self, BuiltinArgument::Unknown(_))
    }
}

#[derive(Debug)]
pub(crate) struct BuiltinOption {
    /// `c` for `-c`; `0` stands for a number such as `-5`.
    pub short: Option<char>,
    /// `check` for `--check`; never empty: it is how the option is asked for.
    pub long: &'static str,
    /// Name of the value in the help, if it takes one.
    pub value: Option<&'static str>,
    /// Line of the help; empty for an option that is refused.
    pub about: &'static str,
}

impl BuiltinOption {
    /// Without a value.
    pub(crate) const fn switch(
        short: Option<char>,
        long: &'static str,
        about: &'static str,
    ) -> BuiltinOption {
        BuiltinOption {
            short,
            long,
            value: None,
            about,
        }
    }

    /// An option of the tool that is refused with a reason.
    pub(crate) const fn refused(short: char, long: &'static str) -> BuiltinOption {
        BuiltinOption::switch(Some(short), long, "")
    }

    /// With a value, which the help calls `value`.
    pub(crate) const fn with(
        short: Option<char>,
        long: &'static str,
        value: &'static str,
        about: &'static str,
    ) -> BuiltinOption {
        BuiltinOption {
            short,
            long,
            value: Some(value),
            about,
        }
    }
}

/// Short name of an option that is written as a number.
pub(crate) const NUMBER: char = '0';

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArgumentError {
    /// Reason, to be put after the built-in's name.
    Wrong(String),
    /// A value is needed to know. Meaning of that value if it is the last of the operands,
    /// none of which is a file then.
    NotYet(Option<String>),
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArgumentError::Wrong(text) => f.write_str(text),
            ArgumentError::NotYet(_) => f.write_str("a value is missing"),
        }
    }
}

/// Options and operands.
#[derive(Debug, Default)]
pub(crate) struct ParsedArguments {
    /// Options by their long names, in order.
    options: Vec<(&'static str, Vec<u8>)>,
    pub operands: Vec<BuiltinArgument>,
    /// An option cannot be told without a value.
    pub depends_on_values: bool,
}

impl ParsedArguments {
    /// Takes options from operands.
    ///
    /// # Errors
    /// An option that is not among `flags`, or one without the value that it needs.
    pub(crate) fn new(
        flags: &'static [BuiltinOption],
        arguments: Vec<BuiltinArgument>,
    ) -> Result<ParsedArguments, ArgumentError> {
        let mut parsed = ParsedArguments::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            if argument == BuiltinArgument::Typed(b"--".to_vec()) {
                parsed.operands.extend(arguments);
                break;
            }
            if !argument.is_option() {
                parsed.operands.push(argument);
                continue;
            }
            parsed.depends_on_values |= argument.is_unknown();
            let without_value = match argument.text().strip_prefix(b"--") {
                Some(name) => parsed.long(flags, name)?,
                None => parsed.short(flags, &argument)?,
            };
            if let Some(flag) = without_value {
                let value = arguments.next().ok_or_else(|| no_value(flag))?;
                parsed.depends_on_values |= value.is_unknown();
                parsed.options.push((flag.long, value.into_text()));
            }
        }
        Ok(parsed)
    }

    /// Reads a long option. Returns it if its value is the next argument.
    fn long(
        &mut self,
        flags: &'static [BuiltinOption],
        text: &[u8],
    ) -> Result<Option<&'static BuiltinOption>, ArgumentError> {
        let mut halves = text.splitn(2, |byte| *byte == b'=');
        let name = halves.next().unwrap_or_default();
        let value = halves.next();
        let begins = |flag: &&BuiltinOption| flag.long.as_bytes().starts_with(name);
        let mut candidates = flags.iter().filter(begins);
        let exact = |flag: &&BuiltinOption| flag.long.as_bytes() == name;
        let flag = match (flags.iter().find(exact), candidates.next()) {
            (Some(flag), _) => flag,
            (None, Some(flag)) if candidates.next().is_none() => flag,
            _ => return Err(no_option(&[b"--", name].concat())),
        };
        match (flag.value, value) {
            (None, Some(_)) => Err(ArgumentError::Wrong(format!(
                "'--{}' takes no value",
                flag.long
            ))),
            (Some(_), None) => Ok(Some(flag)),
            (_, value) => {
                let value = value.unwrap_or_default().to_vec();
                self.options.push((flag.long, value));
                Ok(None)
            }
        }
    }

    /// Reads a cluster of short options. Returns the last if its value is the next
    /// argument.
    fn short(
        &mut self,
        flags: &'static [BuiltinOption],
        argument: &BuiltinArgument,
    ) -> Result<Option<&'static BuiltinOption>, ArgumentError> {
        let mut rest = &argument.text()[1..];
        while let Some(&letter) = rest.first() {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let wanted = match digits {
                0 => char::from(letter),
                _ => NUMBER,
            };
            let flag = flags.iter().find(|flag| flag.short == Some(wanted));
            let flag = flag.ok_or_else(|| no_option(&[b'-', letter]))?;
            if digits > 0 {
                self.options.push((flag.long, rest[..digits].to_vec()));
                rest = &rest[digits..];
                continue;
            }
            rest = &rest[1..];
            if flag.value.is_none() {
                self.options.push((flag.long, Vec::new()));
            } else if rest.is_empty() && !argument.is_unknown() {
                return Ok(Some(flag));
            } else {
                self.options.push((flag.long, rest.to_vec()));
                break;
            }
        }
        Ok(None)
    }

    pub(crate) fn has(&self, long: &str) -> bool {
        self.options.iter().any(|(name, _)| *name == long)
    }

    /// The last of these options that was given.
    pub(crate) fn last(&self, among: &[&str]) -> Option<&'static str> {
        let mut names = self.options.iter().rev().map(|(name, _)| *name);
        names.find(|name| among.contains(name))
    }

    /// The value that the option was given last.
    pub(crate) fn value(&self, long: &str) -> Option<&[u8]> {
        let mut options = self.options.iter().rev();
        let found = options.find(|(name, _)| *name == long);
        found.map(|(_, value)| value.as_slice())
    }

    /// The number that the option was given last, read by [`number`].
    pub(crate) fn number(&self, long: &str) -> Result<Option<usize>, ArgumentError> {
        self.value(long).map(number).transpose()
    }

    /// All values of the option, in order.
    pub(crate) fn values<'a>(&'a self, long: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let options = self.options.iter();
        let found = options.filter(move |(name, _)| *name == long);
        found.map(|(_, value)| value.as_slice())
    }

    /// Takes the first of the operands, which is no file.
    ///
    /// # Errors
    /// There is none, or it is a value that is not there yet.
    pub(crate) fn take_operand(&mut self, what: &str) -> Result<Vec<u8>, ArgumentError> {
        match self.operands.first() {
            None => Err(ArgumentError::Wrong(format!("{what} is missing"))),
            Some(operand) if operand.is_unknown() => {
                let is_last = self.operands.len() == 1;
                Err(ArgumentError::NotYet(is_last.then(|| what.to_owned())))
            }
            Some(_) => Ok(self.operands.remove(0).into_text()),
        }
    }

    /// Operands behind the first `taken` ones.
    pub(crate) fn files(self, taken: usize) -> Vec<Vec<u8>> {
        let files = self.operands.into_iter().skip(taken);
        files.map(BuiltinArgument::into_text).collect()
    }
}

/// Reads digits, with or without a `+` before them, as strtoumax(3) does for the tools.
pub(crate) fn number(text: &[u8]) -> Result<usize, ArgumentError> {
    let number = decimal(text.strip_prefix(b"+").unwrap_or(text));
    number.ok_or_else(|| {
        let text = String::from_utf8_lossy(text);
        ArgumentError::Wrong(format!("'{text}' is no number"))
    })
}

/// Reads digits alone. A number that is too large is the largest.
pub(crate) fn decimal(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = str::from_utf8(digits).ok()?;
    Some(digits.parse().unwrap_or(usize::MAX))
}

fn no_option(spelling: &[u8]) -> ArgumentError {
    let spelling = String::from_utf8_lossy(spelling);
    ArgumentError::Wrong(format!("there is no option '{spelling}'"))
}

fn no_value(flag: &BuiltinOption) -> ArgumentError {
    let what = flag.value.unwrap_or_default();
    ArgumentError::Wrong(format!("'--{}' needs a value: {what}", flag.long))
}

#[cfg(test)]
mod tests;

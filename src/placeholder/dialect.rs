//! Rules that differ between commands of prun's own and those of GNU parallel (`--gnu`).

use crate::quote::QuoteStyle;

/// Whose rules compose the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandDialect {
    /// One word is a command line, several are an argument vector.
    Own,
    /// Words are joined by a space and parsed again by the shell.
    Gnu,
}

impl CommandDialect {
    pub(crate) fn rules(self) -> &'static DialectRules {
        match self {
            CommandDialect::Own => &DialectRules::OWN,
            CommandDialect::Gnu => &DialectRules::GNU,
        }
    }
}

/// The differences between the dialects, each by the name of what it decides.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DialectRules {
    /// The call of prun, for hints.
    pub call: &'static str,
    /// `<...>` are placeholders, too.
    pub has_angles: bool,
    /// A backslash before a placeholder makes it text.
    pub has_escapes: bool,
    /// Mistakes that would go on as text, or as a command that cannot work, are errors.
    pub is_strict: bool,
    /// Several words are one line.
    pub joins_words: bool,
    /// `@name` calls a built-in of prun's.
    pub has_builtins: bool,
    /// The first word may name a function, or a built-in of the shell, with `-q`, too.
    pub literal_functions: bool,
    /// Several values in the middle of a word.
    pub spread: ValueSpread,
    /// Quotes of values in commands as they are shown.
    pub quote_style: QuoteStyle,
}

impl DialectRules {
    const OWN: DialectRules = DialectRules {
        call: "prun",
        has_angles: true,
        has_escapes: true,
        is_strict: true,
        joins_words: false,
        has_builtins: true,
        literal_functions: false,
        spread: ValueSpread::Joined,
        quote_style: QuoteStyle::Readable,
    };

    pub(super) const GNU: DialectRules = DialectRules {
        call: "prun --gnu",
        has_angles: false,
        has_escapes: false,
        is_strict: false,
        joins_words: true,
        has_builtins: false,
        literal_functions: true,
        spread: ValueSpread::Words,
        quote_style: QuoteStyle::Gnu,
    };
}

/// Rendering of several values in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueSpread {
    /// Words of their own; none at all leave nothing.
    Words,
    /// One text with spaces between.
    Joined,
    /// The whole word once for each.
    Each,
}

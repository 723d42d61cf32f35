//! The one lexer of shell text. It finds words, quotes and operators, and for
//! every placeholder its setting. Deciding about direct execution,
//! placing values, appending and warning all read what it found.
//!
//! It never fails: what cannot take a value is a [`QuoteContext::Refused`], what is not
//! closed is told in [`ShellLine::open`], and the caller decides what that means.

mod command;
mod lexer;
mod line;
mod nested;
mod operands;
mod operator;
mod redirect;
mod test_words;
mod word;

use std::collections::BTreeSet;

use crate::placeholder::PlaceholderSyntax;

use self::command::ListEnd;
use self::lexer::ShellLexer;
pub(crate) use self::line::{
    AnsiQuoted, AppendPosition, CommandContext, FileAccess, LineSyntax, ListOperator,
    PlaceholderSite, QuoteContext, Redirection, RefusalReason, ShellLine, SiteContent,
    ValueReading, command_name,
};
pub(crate) use self::operands::NumericContext;

/// Reads `text` as a shell line.
pub(crate) fn lex(text: &[u8], syntax: &PlaceholderSyntax) -> ShellLine {
    lex_with(text, syntax, NumericContext::default())
}

/// Reads `text` as a line of a shell that may calculate in more places than others.
pub(crate) fn lex_with(
    text: &[u8],
    syntax: &PlaceholderSyntax,
    numbers: NumericContext,
) -> ShellLine {
    let mut lexer = ShellLexer {
        text,
        at: 0,
        end: text.len(),
        depth: 0,
        syntax,
        numbers,
        refusal: None,
        documents: Vec::new(),
        bodies: Vec::new(),
        not_arithmetic: BTreeSet::new(),
        line: ShellLine::default(),
    };
    let end = lexer.list(ListEnd::End);
    ShellLine {
        end,
        zsh: numbers.zsh,
        ..lexer.line
    }
}

#[cfg(test)]
mod tests;

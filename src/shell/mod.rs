//! Shells: their text as a lexer reads it, what they know, and where they, or programs that
//! they start, would read a value as code.

mod ansi_quotes;
pub(crate) mod bashisms;
mod definitions;
pub(crate) mod imitation;
pub(crate) mod injection;
pub(crate) mod integer;
pub(crate) mod lex;
pub(crate) mod operators;
mod program;
pub(crate) mod vocabulary;

pub(crate) use self::ansi_quotes::without_ansi_quotes;
pub(crate) use self::definitions::DefinitionsPrologue;
pub(crate) use self::lex::{
    AppendPosition, CommandContext, FileAccess, LineSyntax, ListOperator, NumericContext,
    PlaceholderSite, QuoteContext, Redirection, RefusalReason, ShellLine, SiteContent,
    ValueReading, command_name,
};
pub(crate) use self::program::ShellProgram;

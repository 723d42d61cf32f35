//! A line of shell text, as the lexer reads it.

use std::ffi::OsString;
use std::ops::Range;

use crate::placeholder::{Placeholder, TemplateWord};
use crate::quote::QuotePolicy;
use crate::shell::vocabulary;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileAccess {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
}

/// A line of shell text, as the lexer read it.
#[derive(Debug, Default, Clone)]
pub(crate) struct ShellLine {
    /// Placeholders and escaped placeholders, in order.
    pub(crate) sites: Vec<PlaceholderSite>,
    /// The simple commands, those of substitutions too.
    pub(crate) commands: Vec<Vec<TemplateWord>>,
    /// Surroundings of each command.
    pub(crate) contexts: Vec<CommandContext>,
    /// Highest kind of syntax in the line.
    pub(crate) syntax: LineSyntax,
    /// Position that an appended value would have.
    pub(crate) end: AppendPosition,
    /// Quote or bracket that is not closed.
    pub(crate) open: Option<&'static str>,
    /// Texts of here-documents and here-strings, each with the start of the command that
    /// reads it.
    pub(crate) here_texts: Vec<(usize, TemplateWord)>,
    pub(crate) functions: Vec<FunctionBody>,
    /// The compound commands that are closed, inner ones first.
    pub(crate) groups: Vec<CompoundGroup>,
    /// The compound command that is not closed. zsh has forms without an end.
    pub(crate) compound: Option<&'static str>,
    /// After what the rest of the line is missing.
    pub(crate) missing: Option<&'static str>,
    /// Syntax that only some shells know, in order.
    pub(crate) extensions: Vec<&'static str>,
    /// Each `&>`, which plain shells take for `&` and `>`.
    pub(crate) joins: Vec<JoinedRedirection>,
    /// Each `$'…'`, which dash does not know. Some may be there twice.
    pub(crate) ansi: Vec<AnsiQuoted>,
    /// zsh runs it.
    pub(crate) zsh: bool,
    /// Words of commands that are numbers to the shell: which command, which word.
    pub(crate) numbers: Vec<(usize, usize)>,
    /// Texts in which it calculates: `$((…))`, `$[…]`, `((…))`.
    pub(crate) arithmetic: Vec<Range<usize>>,
}

impl ShellLine {
    /// A command of words that are passed on as they are.
    pub(crate) fn of_words(words: &[TemplateWord]) -> ShellLine {
        ShellLine {
            commands: vec![words.to_vec()],
            ..ShellLine::default()
        }
    }
}

/// Kinds of syntax, each with those before it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LineSyntax {
    /// Words, quotes, backslashes.
    #[default]
    Plain,
    /// `|`, `&&`, `||`, `;`, and redirections of the first three descriptors.
    List,
    /// Another operator, an expansion, a pattern, a keyword.
    Shell,
}

/// Surroundings of a simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandContext {
    /// Start of the command in the text.
    pub(crate) start: usize,
    pub(crate) redirections: Vec<Redirection<TemplateWord>>,
    /// Operator that ends it.
    pub(crate) operator: ListOperator,
}

/// A compound command, as far as it is passed through a pipe or redirected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompoundGroup {
    /// Numbers of its simple commands.
    pub(crate) commands: Range<usize>,
    /// Redirections and operator behind it, and its start.
    pub(crate) context: CommandContext,
}

/// A function that a line defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionBody {
    pub(crate) name: Vec<u8>,
    /// The simple commands of its body, by their number.
    pub(crate) body: Range<usize>,
}

/// Operator between two simple commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListOperator {
    Pipe,
    And,
    Or,
    Semicolon,
    /// The end of the line, or something for a shell.
    End,
}

/// `2> file`, `2>&1`: where one of the descriptors 0 to 2 goes. `W` is the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Redirection<W = OsString> {
    File {
        fd: usize,
        path: W,
        access: FileAccess,
    },
    /// `fd` goes where `from` goes at this moment.
    Copy { fd: usize, from: usize },
}

impl<W> Redirection<W> {
    pub(crate) fn fd(&self) -> usize {
        match self {
            Redirection::File { fd, .. } | Redirection::Copy { fd, .. } => *fd,
        }
    }

    /// The same redirection with another file name.
    pub(crate) fn try_map<V, E>(
        &self,
        name: impl FnOnce(&W) -> Result<V, E>,
    ) -> Result<Redirection<V>, E> {
        Ok(match *self {
            Redirection::Copy { fd, from } => Redirection::Copy { fd, from },
            Redirection::File {
                fd,
                ref path,
                access,
            } => Redirection::File {
                fd,
                path: name(path)?,
                access,
            },
        })
    }
}

/// `&>`, `&>>`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JoinedRedirection {
    /// Start of the operator in the text.
    pub(crate) at: usize,
    /// End of the file's name in the text.
    pub(crate) end: usize,
}

/// Position at the end of a line.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppendPosition {
    /// In argument position of a simple command.
    Argument,
    /// Before any command.
    #[default]
    Command,
    /// Somewhere else: the text says where.
    Elsewhere(&'static str),
}

/// A placeholder in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlaceholderSite {
    pub(crate) range: Range<usize>,
    pub(crate) what: SiteContent,
    pub(crate) context: QuoteContext,
    pub(crate) reading: ValueReading,
    pub(crate) quote_policy: QuotePolicy,
    /// Range of its word, if that is repeated for each value.
    pub(crate) word: Option<Range<usize>>,
    /// The delimiters of the here-documents whose bodies it is in.
    pub(crate) delimiters: Vec<Vec<u8>>,
    /// Substitutions around it.
    pub(super) depth: usize,
}

/// Text of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SiteContent {
    /// A placeholder.
    Placeholder(Placeholder),
    /// `\<>`: the text after the backslash, as it is.
    Literal,
}

/// Quotes and syntax around a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuoteContext {
    /// A whole unquoted word: several values are several words.
    Word,
    /// Part of an unquoted word.
    Part,
    /// Inside `"…"`.
    Double,
    /// Inside `'…'`.
    Single,
    /// Inside `$'…'`.
    Ansi,
    /// The body of a here-document, or arithmetic: quotes mean nothing there.
    Body,
    /// No value can stand here.
    Refused(RefusalReason),
}

/// Interpretation of a value by the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueReading {
    /// Data.
    Bytes,
    /// An integer, and a shell runs code that stands in one.
    Integer,
    /// An integer or a decimal fraction, read in the same way.
    Number,
}

/// Reasons why no value can stand at a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalReason {
    Backquote,
    Comment,
    Expansion,
    Document,
    Delimiter,
    Descriptor,
    Pattern,
    Dollar,
    ReadWrite,
    Subscript,
    Sequence,
    /// GNU parallel alone, where a backslash does not make it literal.
    Backslash,
}

/// `$'…'`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnsiQuoted {
    pub(crate) range: Range<usize>,
    /// The quotes are in a substitution in a here-document.
    pub(crate) in_document: bool,
}

/// The first word after `NAME=value` words, if it is the same for every row.
pub(crate) fn command_name(words: &[TemplateWord]) -> Option<&[u8]> {
    words
        .iter()
        .find(|word| vocabulary::assigned_name(word.head()).is_none())
        .and_then(TemplateWord::fixed)
}

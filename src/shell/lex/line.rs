//! What the lexer finds in shell text.

use std::ffi::OsString;
use std::ops::Range;

use crate::placeholder::{Placeholder, TemplateWord};
use crate::quote::QuotePolicy;
use crate::shell::vocabulary;

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileAccess {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
}

/// What was found in one piece of shell text.
#[derive(Debug, Default, Clone)]
pub(crate) struct ShellLine {
    /// Placeholders and escaped placeholders, in order.
    pub(crate) sites: Vec<PlaceholderSite>,
    /// The simple commands, those of substitutions too.
    pub(crate) commands: Vec<Vec<TemplateWord>>,
    /// What else there is to each of them.
    pub(crate) contexts: Vec<CommandContext>,
    /// Whether only a shell can run it, as far as syntax goes.
    pub(crate) syntax: LineSyntax,
    /// Where an appended value would stand.
    pub(crate) end: AppendPosition,
    /// What is not closed.
    pub(crate) open: Option<&'static str>,
    /// What here-documents and here-strings give to commands: where the command begins.
    pub(crate) here_texts: Vec<(usize, TemplateWord)>,
    pub(crate) functions: Vec<FunctionBody>,
    /// The compound commands that are closed, inner ones first.
    pub(crate) groups: Vec<CompoundGroup>,
    /// The compound command that is not closed. zsh has forms without an end.
    pub(crate) compound: Option<&'static str>,
    /// After what the rest of the line is missing.
    pub(crate) missing: Option<&'static str>,
    /// What only some shells know, in order.
    pub(crate) extensions: Vec<&'static str>,
    /// Each `&>` in it, which plain shells take for `&` and `>`.
    pub(crate) joins: Vec<JoinedRedirection>,
    /// Each `$'…'` in it, which dash does not know. Some may be there twice.
    pub(crate) ansi: Vec<AnsiQuoted>,
    /// Whether zsh runs it.
    pub(crate) zsh: bool,
    /// Words of commands that are numbers to the shell: which command, which word.
    pub(crate) numbers: Vec<(usize, usize)>,
    /// Where it calculates: `$((…))`, `$[…]`, `((…))`.
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

/// Whether something in a line means more than its bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LineSyntax {
    /// Words, quotes, backslashes.
    #[default]
    Plain,
    /// Those, `|`, `&&`, `||`, `;`, and redirections of the first three descriptors.
    List,
    /// Another operator, an expansion, a pattern, a keyword.
    Shell,
}

/// What surrounds a simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandContext {
    /// Where it begins in the text.
    pub(crate) start: usize,
    pub(crate) redirections: Vec<Redirection<TemplateWord>>,
    /// What ends it.
    pub(crate) operator: ListOperator,
}

/// A compound command, as far as it is passed through a pipe or redirected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CompoundGroup {
    /// Its simple commands, by their number.
    pub(crate) commands: Range<usize>,
    /// What stands behind it; it begins where that does.
    pub(crate) context: CommandContext,
}

/// A function that a line defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionBody {
    pub(crate) name: Vec<u8>,
    /// The simple commands of its body, by their number.
    pub(crate) body: Range<usize>,
}

/// What stands between two simple commands.
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

    /// The same with another file name.
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
    /// Where the `&` is.
    pub(crate) at: usize,
    /// Where the file's name ends.
    pub(crate) end: usize,
}

/// Where the end of a line is.
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
    /// Where its word is, if that is there once for each value.
    pub(crate) word: Option<Range<usize>>,
    /// The delimiters of the here-documents whose bodies it is in.
    pub(crate) delimiters: Vec<Vec<u8>>,
    /// How many substitutions it is inside of.
    pub(super) depth: usize,
}

/// What a spot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SiteContent {
    /// A placeholder.
    Placeholder(Placeholder),
    /// `\<>`: the text after the backslash, as it is.
    Literal,
}

/// How the shell reads what stands at a spot.
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

/// What a shell makes of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueReading {
    /// Nothing: it is data.
    Bytes,
    /// An integer, and a shell runs code that stands in one.
    Integer,
    /// The same, but a decimal fraction is one, too.
    Number,
}

/// Why no value can stand at a spot.
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
    /// As GNU parallel only, where a backslash does not make it literal.
    Backslash,
}

/// `$'…'`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnsiQuoted {
    pub(crate) range: Range<usize>,
    /// Whether it is in a here-document, in a substitution.
    pub(crate) in_document: bool,
}

/// The first word after `NAME=value` words, if it is the same for every row.
pub(crate) fn command_name(words: &[TemplateWord]) -> Option<&[u8]> {
    words
        .iter()
        .find(|word| vocabulary::assigned_name(word.head()).is_none())
        .and_then(TemplateWord::fixed)
}

//! The one lexer of shell text. It finds words, quotes and operators, and for
//! every placeholder its setting. Deciding about direct execution,
//! placing values, appending and warning all read what it found.
//!
//! It never fails: what cannot take a value is a [`QuoteContext::Refused`], what is not
//! closed is told in [`ShellLine::open`], and the caller decides what that means.

mod command;
mod nested;
mod number;
mod operator;
mod redirect;
mod word;

use std::collections::BTreeSet;
use std::ops::Range;

use super::argv::TemplateWord;
use super::list::FileAccess;
use super::placeholder::Placeholder;
use super::syntax::PlaceholderSyntax;

pub(super) use self::number::NumericContext;
pub(super) use self::word::AnsiQuoted;

/// What was found in one piece of shell text.
#[derive(Debug, Default, Clone)]
pub(super) struct ShellLine {
    /// Placeholders and escaped placeholders, in order.
    pub(super) spots: Vec<PlaceholderSite>,
    /// The simple commands, those of substitutions too.
    pub(super) commands: Vec<Vec<TemplateWord>>,
    /// What else there is to each of them.
    pub(super) settings: Vec<CommandContext>,
    /// Whether only a shell can run it, as far as syntax goes.
    pub(super) syntax: LineSyntax,
    /// Where an appended value would stand.
    pub(super) end: AppendPosition,
    /// What is not closed.
    pub(super) open: Option<&'static str>,
    /// What here-documents and here-strings give to commands: where the command begins.
    pub(super) fed: Vec<(usize, TemplateWord)>,
    pub(super) functions: Vec<FunctionBody>,
    /// The compound commands that are closed, inner ones first.
    pub(super) groups: Vec<CompoundGroup>,
    /// The compound command that is not closed. zsh has forms without an end.
    pub(super) compound: Option<&'static str>,
    /// After what the rest of the line is missing.
    pub(super) missing: Option<&'static str>,
    /// What only some shells know, in order.
    pub(super) extensions: Vec<&'static str>,
    /// Each `&>` in it, which plain shells take for `&` and `>`.
    pub(super) joins: Vec<JoinedRedirection>,
    /// Each `$'…'` in it, which dash does not know. Some may be there twice.
    pub(super) ansi: Vec<AnsiQuoted>,
    /// Whether zsh runs it.
    pub(super) zsh: bool,
    /// Words of commands that are numbers to the shell: which command, which word.
    pub(super) numbers: Vec<(usize, usize)>,
    /// Where it calculates: `$((…))`, `$[…]`, `((…))`.
    pub(super) arithmetic: Vec<Range<usize>>,
}

impl ShellLine {
    /// A command of words that are passed on as they are.
    pub(super) fn of_words(words: &[TemplateWord]) -> ShellLine {
        ShellLine {
            commands: vec![words.to_vec()],
            ..ShellLine::default()
        }
    }
}

/// Whether something in a line means more than its bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LineSyntax {
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
pub(super) struct CommandContext {
    /// Where it begins in the text.
    pub(super) start: usize,
    pub(super) redirections: Vec<LexedRedirection>,
    /// What ends it.
    pub(super) operator: ListOperator,
}

/// A compound command, as far as it is passed through a pipe or redirected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CompoundGroup {
    /// Its simple commands, by their number.
    pub(super) commands: Range<usize>,
    /// What stands behind it; it begins where that does.
    pub(super) setting: CommandContext,
}

/// A function that a line defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FunctionBody {
    pub(super) name: Vec<u8>,
    /// The simple commands of its body, by their number.
    pub(super) body: Range<usize>,
}

/// What stands between two simple commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListOperator {
    Pipe,
    And,
    Or,
    Semicolon,
    /// The end of the line, or something for a shell.
    End,
}

/// A redirection of one of the first three descriptors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LexedRedirection {
    pub(super) fd: usize,
    pub(super) target: RedirectionTarget,
}

/// What a descriptor is redirected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RedirectionTarget {
    File(FileAccess, TemplateWord),
    Descriptor(usize),
}

/// `&>`, `&>>`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct JoinedRedirection {
    /// Where the `&` is.
    pub(super) at: usize,
    /// Where the file's name ends.
    pub(super) end: usize,
}

/// Where the end of a line is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum AppendPosition {
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
pub(super) struct PlaceholderSite {
    pub(super) range: Range<usize>,
    pub(super) what: SiteContent,
    pub(super) setting: QuoteContext,
    pub(super) reading: ValueReading,
    pub(super) bare: QuotePolicy,
    /// Where its word is, if that is there once for each value.
    pub(super) word: Option<Range<usize>>,
    /// The delimiters of the here-documents whose bodies it is in.
    pub(super) delimiters: Vec<Vec<u8>>,
    /// How many substitutions it is inside of.
    depth: usize,
}

/// What a spot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SiteContent {
    /// A placeholder.
    Place(Placeholder),
    /// `\<>`: the text after the backslash, as it is.
    Literal,
}

/// How the shell reads what stands at a spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteContext {
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
pub(super) enum ValueReading {
    /// Nothing: it is data.
    Bytes,
    /// An integer, and a shell runs code that stands in one.
    Integer,
    /// The same, but a decimal fraction is one, too.
    Number,
}

/// Whether a harmless value may be shown without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuotePolicy {
    Always,
    /// Where a command begins: a keyword or an assignment would be read there.
    UnlessKeyword,
    /// Inside `[[ ]]`: `-a` and `=` would be operators there.
    Operand,
    /// The text around it would change its meaning: `~<>`, `{1..<>}`, `<>>out`.
    Never,
}

/// Why no value can stand at a spot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RefusalReason {
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

/// Reads `text` as a shell line.
pub(super) fn lex(text: &[u8], forms: &PlaceholderSyntax) -> ShellLine {
    lex_with(text, forms, NumericContext::default())
}

/// The same for a shell that calculates in more places than others.
pub(super) fn lex_with(
    text: &[u8],
    forms: &PlaceholderSyntax,
    numbers: NumericContext,
) -> ShellLine {
    let mut lexer = ShellLexer {
        text,
        at: 0,
        end: text.len(),
        depth: 0,
        forms,
        numbers,
        refusal: None,
        documents: Vec::new(),
        bodies: Vec::new(),
        not_arithmetic: BTreeSet::new(),
        line: ShellLine::default(),
    };
    let end = lexer.list(command::ListEnd::End);
    ShellLine {
        end,
        zsh: numbers.zsh,
        ..lexer.line
    }
}

struct ShellLexer<'a> {
    text: &'a [u8],
    at: usize,
    /// Where reading stops: earlier than the text in a here-document's body.
    end: usize,
    depth: usize,
    forms: &'a PlaceholderSyntax,
    numbers: NumericContext,
    /// Set inside something where no value can stand.
    refusal: Option<RefusalReason>,
    /// Here-documents whose bodies begin after the next newline.
    documents: Vec<redirect::HereDocument>,
    /// The delimiters of those whose bodies are being read.
    bodies: Vec<Vec<u8>>,
    /// Where `$((` turned out to be a subshell in a substitution; without it
    /// nested ones would be read again and again.
    not_arithmetic: BTreeSet<usize>,
    line: ShellLine,
}

impl<'a> ShellLexer<'a> {
    /// Deeper nesting is not read: it would use up the stack.
    const DEEPEST: usize = 64;

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at.min(self.end)..self.end]
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn peek_second(&self) -> Option<u8> {
        self.rest().get(1).copied()
    }

    fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.end);
    }

    fn shell(&mut self) {
        self.line.syntax = LineSyntax::Shell;
    }

    /// An operator was found that a list may have.
    fn listed(&mut self) {
        self.line.syntax = self.line.syntax.max(LineSyntax::List);
    }

    /// Something was found that not every shell knows.
    fn extension(&mut self, what: &'static str) {
        if !self.line.extensions.contains(&what) {
            self.line.extensions.push(what);
        }
    }

    fn not_closed(&mut self, what: &'static str) {
        self.line.open.get_or_insert(what);
    }

    fn placeholder(&self) -> Option<(Placeholder, usize)> {
        self.forms.at_start(self.rest())
    }

    /// Records what stands here and steps over it.
    fn spot(&mut self, what: SiteContent, length: usize, setting: QuoteContext) {
        self.line.spots.push(PlaceholderSite {
            range: self.at..self.at + length,
            what,
            setting: self.refusal.map_or(setting, QuoteContext::Refused),
            reading: ValueReading::Bytes,
            bare: QuotePolicy::Always,
            word: None,
            delimiters: self.bodies.clone(),
            depth: self.depth,
        });
        self.skip(length);
    }

    /// Takes a placeholder or an escaped one. Everything between quotes and
    /// brackets goes through here, so that none is overlooked.
    fn take_spot(&mut self, setting: QuoteContext) -> Option<TakenSite<'a>> {
        if let Some((placeholder, length)) = self.placeholder() {
            self.spot(SiteContent::Place(placeholder.clone()), length, setting);
            return Some(TakenSite::Place(placeholder));
        }
        if self.peek() != Some(b'\\') {
            return None;
        }
        let after = &self.rest()[1..];
        if let Some(length) = self.forms.escaped(after) {
            self.spot(SiteContent::Literal, length + 1, setting);
            return Some(TakenSite::Literal(&after[..length]));
        }
        None
    }

    /// Reads something in which no value can stand.
    fn refusing(&mut self, refusal: RefusalReason, read: impl FnOnce(&mut Self)) {
        let outer = self.refusal.replace(self.refusal.unwrap_or(refusal));
        read(self);
        self.refusal = outer;
    }

    /// Reads something one level further in.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth == Self::DEEPEST {
            self.not_closed("nesting of more than 64 levels");
            self.at = self.end;
            return None;
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        Some(result)
    }
}

enum TakenSite<'a> {
    Place(Placeholder),
    Literal(&'a [u8]),
}

#[cfg(test)]
mod tests;

//! Commands: how words and operators go together, as far as needed to know
//! where a command begins, where its arguments are and where it ends.

use std::ops::Range;

use crate::placeholder::{PlaceholderSubject, TemplateWord, ValueSpread, WordPart};
use crate::quote::{self, QuotePolicy};
use crate::shell::vocabulary;

use super::lexer::ShellLexer;
use super::line::{
    AppendPosition, LineSyntax, ListOperator, PlaceholderSite, QuoteContext, Redirection,
    SiteContent, ValueReading,
};
use super::redirect::{PendingRedirection, is_descriptor};
use super::word::WordDraft;

/// End of a list of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListEnd {
    End,
    Parenthesis,
    /// A parenthesis too, but there are values inside, not commands.
    Array,
}

/// Kind of the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExpectedWord {
    Command,
    Argument,
    /// Between `for`, `select` or `function` and the body.
    Header,
    /// After `case`.
    Subject,
    /// The `in` of a `case`.
    In,
    /// A pattern of a `case`, up to its parenthesis.
    Pattern,
    /// Inside `[[ ]]`.
    Test,
    /// Redirections alone: after `fi`, `done`, `}`, `)`.
    Redirection,
}

/// The state of one list of commands.
pub(super) struct ListFrame {
    pub(super) close: ListEnd,
    pub(super) expect: ExpectedWord,
    pub(super) pending: Option<PendingRedirection>,
    /// The number before a redirection.
    pub(super) descriptor: Option<usize>,
    /// Open `case` commands.
    pub(super) cases: usize,
    /// Start of the simple command in the text.
    pub(super) start: Option<usize>,
    /// The simple command so far.
    pub(super) words: Vec<TemplateWord>,
    /// Sites of each word.
    pub(super) sites: Vec<Range<usize>>,
    pub(super) redirections: Vec<Redirection<TemplateWord>>,
    /// `[[ ]]`: sites of the last word.
    pub(super) left: Range<usize>,
    /// `[[ ]]`: reading that the last word asks of the next.
    pub(super) operand: ValueReading,
    /// `[[ ]]`: the next word is a pattern.
    pub(super) matches: bool,
    after_comment: Option<usize>,
    /// The operator after which a command must come.
    pub(super) missing: Option<&'static str>,
    /// The compound commands that are open, and how many commands came before each.
    compounds: Vec<(CompoundCommand, usize)>,
    /// The commands of a compound command that was just closed.
    pub(super) closed: Option<Range<usize>>,
}

/// A compound command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CompoundCommand {
    /// The word that it begins with.
    Keyword(&'static str),
    /// `for`, `select`, before their body: that may be in braces.
    Header(&'static str),
}

impl ShellLexer<'_> {
    /// Reads commands up to what closes them; where their end is.
    pub(super) fn list(&mut self, close: ListEnd) -> AppendPosition {
        let mut frame = ListFrame {
            close,
            expect: match close {
                ListEnd::Array => ExpectedWord::Header,
                ListEnd::End | ListEnd::Parenthesis => ExpectedWord::Command,
            },
            pending: None,
            descriptor: None,
            cases: 0,
            start: None,
            words: Vec::new(),
            sites: Vec::new(),
            redirections: Vec::new(),
            left: 0..0,
            operand: ValueReading::Bytes,
            matches: false,
            after_comment: None,
            missing: None,
            compounds: Vec::new(),
            closed: None,
        };
        while let Some(byte) = self.peek() {
            if self.placeholder().is_some() {
                self.word(&mut frame);
                continue;
            }
            match byte {
                b' ' | b'\t' => self.skip(1),
                b'\\' if self.peek_second() == Some(b'\n') => self.skip(2),
                b')' if frame.closes_here() => {
                    self.skip(1);
                    self.end_command(&mut frame, ListOperator::End);
                    return AppendPosition::Argument;
                }
                b'\n' => self.newline(&mut frame),
                b'#' => {
                    self.comment();
                    frame.after_comment = Some(self.at);
                }
                b'<' | b'>' if self.peek_second() == Some(b'(') => self.word(&mut frame),
                b'<' | b'>' | b';' | b'|' | b'&' | b'(' | b')' => self.operator(byte, &mut frame),
                _ => self.word(&mut frame),
            }
        }
        if close != ListEnd::End {
            self.not_closed("the '('");
        }
        let end = self.end_of(&frame);
        if close == ListEnd::End {
            self.incomplete(&frame);
        }
        self.end_command(&mut frame, ListOperator::End);
        end
    }

    /// Records what is missing at the end of the line.
    fn incomplete(&mut self, frame: &ListFrame) {
        self.line.missing = match frame.pending {
            Some(_) => Some("a redirection"),
            None => frame.missing,
        };
        match frame.compounds.last() {
            Some((CompoundCommand::Keyword(word) | CompoundCommand::Header(word), _)) => {
                self.line.compound = Some(word);
            }
            None if frame.expect == ExpectedWord::Test => self.not_closed("the '[['"),
            None => {}
        }
    }

    fn end_of(&self, frame: &ListFrame) -> AppendPosition {
        if frame.after_comment == Some(self.at) {
            return AppendPosition::Elsewhere("in a comment");
        }
        if !self.documents.is_empty() {
            return AppendPosition::Elsewhere("before a here-document's body");
        }
        if frame.pending.is_some() {
            return AppendPosition::Elsewhere("after a redirection");
        }
        match frame.expect {
            ExpectedWord::Argument => AppendPosition::Argument,
            ExpectedWord::Command if self.line.syntax == LineSyntax::Plain => {
                AppendPosition::Command
            }
            ExpectedWord::Command => AppendPosition::Elsewhere("where a command begins"),
            ExpectedWord::Redirection => AppendPosition::Elsewhere("after a compound command"),
            _ => AppendPosition::Elsewhere("inside a compound command"),
        }
    }

    fn word(&mut self, frame: &mut ListFrame) {
        if let Some(pending) = frame.pending.take() {
            return self.redirected(pending, frame);
        }
        let draft = self.read_word();
        frame.missing = None;
        frame.start.get_or_insert(draft.start);
        let raw = &self.text[draft.start..self.at];
        if draft.is_literal() && is_descriptor(raw) && matches!(self.peek(), Some(b'<' | b'>')) {
            return self.number(raw, frame);
        }
        match frame.expect {
            ExpectedWord::Command => self.command_word(draft, frame),
            ExpectedWord::Argument | ExpectedWord::Header => self.argument(draft, frame),
            ExpectedWord::Subject => {
                self.set_quote_policy(&draft, QuotePolicy::Always);
                frame.expect = ExpectedWord::In;
            }
            ExpectedWord::In => frame.expect = ExpectedWord::Pattern,
            ExpectedWord::Pattern => self.pattern(&draft, frame),
            ExpectedWord::Test => self.operand(draft, frame),
            ExpectedWord::Redirection => {
                // A shell knows these words behind a compound command, too: `{ (a) }`.
                let raw = &self.text[draft.start..self.at];
                if draft.is_literal() && vocabulary::ends_commands(raw) {
                    self.keyword(draft, frame);
                }
            }
        }
    }

    fn command_word(&mut self, draft: WordDraft, frame: &mut ListFrame) {
        let raw = &self.text[draft.start..self.at];
        if draft.is_literal() && quote::is_keyword(raw) {
            return self.keyword(draft, frame);
        }
        let name = vocabulary::name_length(raw);
        if name > 0 && (raw[name..].starts_with(b"=") || raw[name..].starts_with(b"+=")) {
            if raw[name] == b'+' {
                self.extension("NAME+=");
                self.shell();
            }
            self.set_quote_policy(&draft, QuotePolicy::Always);
            self.add_word(draft, frame);
            return;
        }
        if raw.contains(&b'=') {
            self.set_quote_policy(&draft, QuotePolicy::Never);
        } else {
            self.set_quote_policy(&draft, QuotePolicy::UnlessKeyword);
        }
        self.push_word(draft, frame);
        frame.expect = ExpectedWord::Argument;
    }

    fn keyword(&mut self, draft: WordDraft, frame: &mut ListFrame) {
        self.shell();
        let raw = &self.text[draft.start..self.at];
        frame.nest(raw, self.line.commands.len());
        match raw {
            b"[[" => self.extension("[["),
            b"function" => self.extension("function"),
            b"select" => self.extension("select"),
            b"coproc" => self.extension("coproc"),
            _ => {}
        }
        frame.expect = match &self.text[draft.start..self.at] {
            b"for" | b"select" | b"function" => ExpectedWord::Header,
            b"case" => {
                frame.cases += 1;
                ExpectedWord::Subject
            }
            b"[[" => {
                self.add_word(draft, frame);
                ExpectedWord::Test
            }
            b"fi" | b"done" | b"}" => ExpectedWord::Redirection,
            b"esac" => {
                frame.cases = frame.cases.saturating_sub(1);
                ExpectedWord::Redirection
            }
            _ => ExpectedWord::Command,
        };
    }

    fn argument(&mut self, draft: WordDraft, frame: &mut ListFrame) {
        let header = frame.expect == ExpectedWord::Header && frame.close != ListEnd::Array;
        let raw = &self.text[draft.start..self.at];
        if header && draft.is_literal() && (raw == b"do" || raw == b"{") {
            if raw == b"{" {
                self.function(frame);
            }
            frame.nest(raw, self.line.commands.len());
            frame.expect = ExpectedWord::Command;
            return;
        }
        self.set_quote_policy(&draft, QuotePolicy::Always);
        self.push_word(draft, frame);
    }

    /// Adds a word; if it is one placeholder, its values become words.
    fn push_word(&mut self, draft: WordDraft, frame: &mut ListFrame) {
        let alone = draft.is_placeholder();
        if alone
            && let Some(site) = self.line.sites.last_mut()
            && site.context == QuoteContext::Part
        {
            site.context = QuoteContext::Word;
        }
        if !alone && self.syntax.spread() == ValueSpread::Each {
            self.repeat(&draft);
        }
        frame.sites.push(self.sites_of(&draft));
        let mut word = draft.finish();
        if alone && let Some(WordPart::Placeholder(_, spread)) = word.parts.first_mut() {
            *spread = ValueSpread::Words;
        }
        frame.words.push(word);
    }

    /// The word is there once for each value, if all of them are in it and none is quoted.
    fn repeat(&mut self, draft: &WordDraft) {
        let range = draft.start..self.at;
        let sites = self.sites_of(draft);
        let is_each = |site: &PlaceholderSite| match &site.what {
            SiteContent::Placeholder(placeholder) => {
                site.context == QuoteContext::Part && placeholder.source == PlaceholderSubject::All
            }
            SiteContent::Literal => false,
        };
        if self.here(sites.clone()).any(|site| is_each(site)) {
            for site in &mut self.line.sites[sites] {
                site.word = Some(range.clone());
            }
        }
    }

    fn pattern(&mut self, draft: &WordDraft, frame: &mut ListFrame) {
        if draft.is_literal() && &self.text[draft.start..self.at] == b"esac" {
            frame.cases = frame.cases.saturating_sub(1);
            frame.close_compound(self.line.commands.len());
            frame.expect = ExpectedWord::Redirection;
        } else {
            self.set_quote_policy(draft, QuotePolicy::Always);
        }
    }

    pub(super) fn add_word(&mut self, draft: WordDraft, frame: &mut ListFrame) {
        frame.sites.push(self.sites_of(&draft));
        frame.words.push(draft.finish());
    }
}

impl ListFrame {
    /// Keeps account of compound commands; so many commands came before.
    fn nest(&mut self, keyword: &[u8], commands: usize) {
        let opened = match keyword {
            b"if" => CompoundCommand::Keyword("the 'if'"),
            b"while" => CompoundCommand::Keyword("the 'while'"),
            b"until" => CompoundCommand::Keyword("the 'until'"),
            b"case" => CompoundCommand::Keyword("the 'case'"),
            b"{" => CompoundCommand::Keyword("the '{'"),
            b"for" => CompoundCommand::Header("the 'for'"),
            b"select" => CompoundCommand::Header("the 'select'"),
            b"fi" | b"done" | b"esac" | b"}" => return self.close_compound(commands),
            b"do" => {
                if let Some((CompoundCommand::Header(word), before)) =
                    self.compounds.last().copied()
                {
                    self.compounds.pop();
                    self.compounds
                        .push((CompoundCommand::Keyword(word), before));
                }
                return;
            }
            _ => return,
        };
        let mut before = commands;
        if keyword == b"{"
            && let Some((CompoundCommand::Header(_), header)) = self.compounds.last()
        {
            before = *header;
            self.compounds.pop();
        }
        self.compounds.push((opened, before));
    }

    fn close_compound(&mut self, commands: usize) {
        let opened = self.compounds.pop();
        self.closed = opened.map(|(_, before)| before..commands);
    }

    fn closes_here(&self) -> bool {
        self.close != ListEnd::End
            && !matches!(self.expect, ExpectedWord::Pattern | ExpectedWord::Test)
    }
}

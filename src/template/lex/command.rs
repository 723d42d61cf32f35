//! Commands: how words and operators go together, as far as needed to know
//! where a command begins, where its arguments are and where it ends.

use std::ops::Range;

use super::super::direct::{Part, Spread, Word};
use super::super::placeholder::Source;
use super::super::table;

use super::number::is_comparison;
use super::redirect::{Pending, is_descriptor};
use super::word::Draft;
use super::{Bare, End, Lexer, Operator, Reading, Redirection, Setting, Spot, Syntax, What};

/// What ends a list of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    End,
    Parenthesis,
    /// A parenthesis too, but there are values inside, not commands.
    Array,
}

/// What the next word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
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
    /// Nothing but redirections: after `fi`, `done`, `}`, `)`.
    Redirection,
}

/// The state of one list of commands.
pub(super) struct Frame {
    pub(super) close: Close,
    pub(super) expect: Expect,
    pub(super) pending: Option<Pending>,
    /// The number before a redirection.
    pub(super) descriptor: Option<usize>,
    /// How many `case` commands are open.
    pub(super) cases: usize,
    /// Where the simple command begins.
    pub(super) start: Option<usize>,
    /// The simple command so far.
    pub(super) words: Vec<Word>,
    /// The spots of each of them.
    pub(super) spots: Vec<Range<usize>>,
    pub(super) redirections: Vec<Redirection>,
    /// In `[[ ]]`: the spots of the last word.
    left: Range<usize>,
    /// In `[[ ]]`: what the last word asks of the next.
    operand: Reading,
    /// In `[[ ]]`: whether the next word is a pattern.
    matches: bool,
    after_comment: Option<usize>,
    /// The operator after which a command must come.
    pub(super) missing: Option<&'static str>,
    /// The compound commands that are open, and how many commands came before each.
    compounds: Vec<(Compound, usize)>,
    /// The commands of a compound command that was just closed.
    pub(super) closed: Option<Range<usize>>,
}

/// A compound command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compound {
    /// The word that it begins with.
    Keyword(&'static str),
    /// `for`, `select`, before their body: that may be in braces.
    Header(&'static str),
}

impl Lexer<'_> {
    /// Reads commands up to what closes them; where their end is.
    pub(super) fn list(&mut self, close: Close) -> End {
        let mut frame = Frame {
            close,
            expect: match close {
                Close::Array => Expect::Header,
                Close::End | Close::Parenthesis => Expect::Command,
            },
            pending: None,
            descriptor: None,
            cases: 0,
            start: None,
            words: Vec::new(),
            spots: Vec::new(),
            redirections: Vec::new(),
            left: 0..0,
            operand: Reading::Bytes,
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
                    self.end_command(&mut frame, Operator::End);
                    return End::Argument;
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
        if close != Close::End {
            self.not_closed("the '('");
        }
        let end = self.end_of(&frame);
        if close == Close::End {
            self.incomplete(&frame);
        }
        self.end_command(&mut frame, Operator::End);
        end
    }

    /// Records what is missing at the end of the line.
    fn incomplete(&mut self, frame: &Frame) {
        self.line.missing = match frame.pending {
            Some(_) => Some("a redirection"),
            None => frame.missing,
        };
        match frame.compounds.last() {
            Some((Compound::Keyword(word) | Compound::Header(word), _)) => {
                self.line.compound = Some(word);
            }
            None if frame.expect == Expect::Test => self.not_closed("the '[['"),
            None => {}
        }
    }

    fn end_of(&self, frame: &Frame) -> End {
        if frame.after_comment == Some(self.at) {
            return End::Elsewhere("in a comment");
        }
        if !self.documents.is_empty() {
            return End::Elsewhere("before a here-document's body");
        }
        if frame.pending.is_some() {
            return End::Elsewhere("after a redirection");
        }
        match frame.expect {
            Expect::Argument => End::Argument,
            Expect::Command if self.line.syntax == Syntax::Plain => End::Command,
            Expect::Command => End::Elsewhere("where a command begins"),
            Expect::Redirection => End::Elsewhere("after a compound command"),
            _ => End::Elsewhere("inside a compound command"),
        }
    }

    fn word(&mut self, frame: &mut Frame) {
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
            Expect::Command => self.command_word(draft, frame),
            Expect::Argument | Expect::Header => self.argument(draft, frame),
            Expect::Subject => {
                self.set_bare(&draft, Bare::Always);
                frame.expect = Expect::In;
            }
            Expect::In => frame.expect = Expect::Pattern,
            Expect::Pattern => self.pattern(&draft, frame),
            Expect::Test => self.operand(draft, frame),
            Expect::Redirection => {
                // A shell knows these words behind a compound command, too: `{ (a) }`.
                let raw = &self.text[draft.start..self.at];
                if draft.is_literal() && table::ends_commands(raw) {
                    self.keyword(draft, frame);
                }
            }
        }
    }

    fn command_word(&mut self, draft: Draft, frame: &mut Frame) {
        let raw = &self.text[draft.start..self.at];
        if draft.is_literal() && table::is_keyword(raw) {
            return self.keyword(draft, frame);
        }
        let name = table::name_length(raw);
        if name > 0 && (raw[name..].starts_with(b"=") || raw[name..].starts_with(b"+=")) {
            if raw[name] == b'+' {
                self.extension("NAME+=");
                self.shell();
            }
            self.set_bare(&draft, Bare::Always);
            self.add_word(draft, frame);
            return;
        }
        if raw.contains(&b'=') {
            self.set_bare(&draft, Bare::Never);
        } else {
            self.set_bare(&draft, Bare::UnlessKeyword);
        }
        self.push_word(draft, frame);
        frame.expect = Expect::Argument;
    }

    fn keyword(&mut self, draft: Draft, frame: &mut Frame) {
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
            b"for" | b"select" | b"function" => Expect::Header,
            b"case" => {
                frame.cases += 1;
                Expect::Subject
            }
            b"[[" => {
                self.add_word(draft, frame);
                Expect::Test
            }
            b"fi" | b"done" | b"}" => Expect::Redirection,
            b"esac" => {
                frame.cases = frame.cases.saturating_sub(1);
                Expect::Redirection
            }
            _ => Expect::Command,
        };
    }

    fn argument(&mut self, draft: Draft, frame: &mut Frame) {
        let header = frame.expect == Expect::Header && frame.close != Close::Array;
        let raw = &self.text[draft.start..self.at];
        if header && draft.is_literal() && (raw == b"do" || raw == b"{") {
            if raw == b"{" {
                self.function(frame);
            }
            frame.nest(raw, self.line.commands.len());
            frame.expect = Expect::Command;
            return;
        }
        self.set_bare(&draft, Bare::Always);
        self.push_word(draft, frame);
    }

    /// Adds a word; if it is one placeholder, its values become words.
    fn push_word(&mut self, draft: Draft, frame: &mut Frame) {
        let alone = draft.is_placeholder();
        if alone
            && let Some(spot) = self.line.spots.last_mut()
            && spot.setting == Setting::Part
        {
            spot.setting = Setting::Word;
        }
        if !alone && self.forms.spread() == Spread::Each {
            self.repeat(&draft);
        }
        frame.spots.push(self.spots_of(&draft));
        let mut word = draft.finish();
        if alone && let Some(Part::Place(_, spread)) = word.parts.first_mut() {
            *spread = Spread::Words;
        }
        frame.words.push(word);
    }

    /// The word is there once for each value, if all of them are in it and none is quoted.
    fn repeat(&mut self, draft: &Draft) {
        let range = draft.start..self.at;
        let spots = self.spots_of(draft);
        let is_each = |spot: &Spot| match &spot.what {
            What::Place(place) => spot.setting == Setting::Part && place.source == Source::All,
            What::Literal => false,
        };
        if self.here(spots.clone()).any(|spot| is_each(spot)) {
            for spot in &mut self.line.spots[spots] {
                spot.word = Some(range.clone());
            }
        }
    }

    fn pattern(&mut self, draft: &Draft, frame: &mut Frame) {
        if draft.is_literal() && &self.text[draft.start..self.at] == b"esac" {
            frame.cases = frame.cases.saturating_sub(1);
            frame.close_compound(self.line.commands.len());
            frame.expect = Expect::Redirection;
        } else {
            self.set_bare(draft, Bare::Always);
        }
    }

    fn operand(&mut self, draft: Draft, frame: &mut Frame) {
        let is_pattern = std::mem::take(&mut frame.matches);
        let bare = if is_pattern {
            Bare::Never
        } else {
            Bare::Operand
        };
        self.set_bare(&draft, bare);
        let raw = &self.text[draft.start..self.at];
        let spots = self.spots_of(&draft);
        let before = std::mem::replace(&mut frame.operand, Reading::Bytes);
        if draft.is_literal() && raw == b"]]" {
            frame.expect = Expect::Redirection;
        } else if is_comparison(raw) {
            self.read_as_integer(frame.left.clone());
            frame.operand = Reading::Integer;
        } else if before == Reading::Integer {
            self.read_as_integer(spots.clone());
        } else if self.numbers.zsh && draft.is_literal() && raw == b"-t" {
            frame.operand = Reading::Integer;
        }
        frame.matches = draft.is_literal() && matches!(raw, b"=" | b"==" | b"!=" | b"=~");
        frame.left = spots;
        self.add_word(draft, frame);
    }

    fn add_word(&mut self, draft: Draft, frame: &mut Frame) {
        frame.spots.push(self.spots_of(&draft));
        frame.words.push(draft.finish());
    }

    fn read_as_integer(&mut self, spots: Range<usize>) {
        for spot in self.here(spots) {
            spot.reading = Reading::Integer;
        }
    }
}

impl Frame {
    /// Keeps account of compound commands; so many commands came before.
    fn nest(&mut self, keyword: &[u8], commands: usize) {
        let opened = match keyword {
            b"if" => Compound::Keyword("the 'if'"),
            b"while" => Compound::Keyword("the 'while'"),
            b"until" => Compound::Keyword("the 'until'"),
            b"case" => Compound::Keyword("the 'case'"),
            b"{" => Compound::Keyword("the '{'"),
            b"for" => Compound::Header("the 'for'"),
            b"select" => Compound::Header("the 'select'"),
            b"fi" | b"done" | b"esac" | b"}" => return self.close_compound(commands),
            b"do" => {
                if let Some((Compound::Header(word), before)) = self.compounds.last().copied() {
                    self.compounds.pop();
                    self.compounds.push((Compound::Keyword(word), before));
                }
                return;
            }
            _ => return,
        };
        let mut before = commands;
        if keyword == b"{"
            && let Some((Compound::Header(_), header)) = self.compounds.last()
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
        self.close != Close::End && !matches!(self.expect, Expect::Pattern | Expect::Test)
    }
}

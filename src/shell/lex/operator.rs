//! Operators: what ends a simple command, and what its redirections are.

use std::ops::Range;

use crate::placeholder::TemplateWord;
use crate::quote::QuotePolicy;

use super::command::{ExpectedWord, ListEnd, ListFrame};
use super::lexer::ShellLexer;
use super::line::{
    CommandContext, CompoundGroup, FunctionBody, JoinedRedirection, ListOperator, Redirection,
    RefusalReason,
};
use super::redirect::{PendingRedirection, descriptor_number};

impl ShellLexer<'_> {
    /// The simple command is over.
    pub(super) fn end_command(&mut self, frame: &mut ListFrame, operator: ListOperator) {
        let words = std::mem::take(&mut frame.words);
        let sites = std::mem::take(&mut frame.sites);
        let redirections = std::mem::take(&mut frame.redirections);
        let start = frame.start.take();
        if frame.close == ListEnd::Array {
            return;
        }
        // Nothing may stand at the beginning, and behind the last semicolon.
        let may_be_empty = match self.line.contexts.last() {
            None => operator == ListOperator::End,
            Some(last) => operator == ListOperator::End && last.operator == ListOperator::Semicolon,
        };
        if frame.pending.is_some() || words.is_empty() && !(may_be_empty && start.is_none()) {
            self.shell();
        }
        let context = CommandContext {
            start: start.unwrap_or(self.at),
            redirections,
            operator,
        };
        if !words.is_empty() {
            self.read_operands(&words, &sites);
            self.line.commands.push(words);
            self.line.contexts.push(context);
        } else if let Some(commands) = frame.closed.take() {
            self.group(commands, context);
        }
    }

    fn group(&mut self, commands: Range<usize>, context: CommandContext) {
        // Inner ones come first, so that the outermost is the body.
        let mut functions = self.line.functions.iter_mut().rev();
        if let Some(function) = functions.find(|one| one.body.start == commands.start) {
            function.body.end = commands.end;
        }
        self.line.groups.push(CompoundGroup { commands, context });
    }

    pub(super) fn newline(&mut self, frame: &mut ListFrame) {
        self.shell();
        self.skip(1);
        self.document_bodies();
        self.separate(frame, ListOperator::End);
    }

    /// A command may begin after this, unless patterns or a test go on.
    fn separate(&mut self, frame: &mut ListFrame, operator: ListOperator) {
        if frame.close == ListEnd::Array {
            return;
        }
        match frame.expect {
            ExpectedWord::Subject
            | ExpectedWord::In
            | ExpectedWord::Pattern
            | ExpectedWord::Test => {}
            _ => {
                self.end_command(frame, operator);
                frame.expect = ExpectedWord::Command;
            }
        }
    }

    pub(super) fn operator(&mut self, byte: u8, frame: &mut ListFrame) {
        match byte {
            b'(' => {
                frame.missing = None;
                self.parenthesis(frame);
            }
            b')' => {
                self.shell();
                self.skip(1);
                if frame.expect == ExpectedWord::Pattern {
                    frame.expect = ExpectedWord::Command;
                }
            }
            b'&' if self.rest().starts_with(b"&>") && frame.expect != ExpectedWord::Test => {
                self.join(frame);
            }
            b'<' | b'>' if frame.expect != ExpectedWord::Test => self.redirection(frame),
            b';' => self.semicolons(frame),
            _ => self.connective(frame),
        }
    }

    /// `&>`
    fn join(&mut self, frame: &mut ListFrame) {
        self.listed();
        frame.start.get_or_insert(self.at);
        let appends = self.rest().starts_with(b"&>>");
        frame.pending = Some(PendingRedirection::Both(self.at));
        self.skip(if appends { 3 } else { 2 });
    }

    /// `|`, `||`, `&&` and what begins like them.
    fn connective(&mut self, frame: &mut ListFrame) {
        let rest = self.rest();
        let second = rest.get(1).copied();
        let second = second.filter(|_| self.syntax.at_start(&rest[1..]).is_none());
        let operator = match (rest.first(), second) {
            (Some(b'|'), Some(b'|')) => Some(ListOperator::Or),
            (Some(b'&'), Some(b'&')) => Some(ListOperator::And),
            (Some(b'|'), Some(b'&')) => None,
            (Some(b'|'), _) => Some(ListOperator::Pipe),
            _ => None,
        };
        match operator {
            Some(_) => self.listed(),
            None => self.shell(),
        }
        let doubled = matches!(operator, Some(ListOperator::Or | ListOperator::And));
        frame.missing = match operator {
            Some(ListOperator::Pipe) => Some("'|'"),
            Some(ListOperator::Or) => Some("'||'"),
            Some(ListOperator::And) => Some("'&&'"),
            _ => frame.missing,
        };
        self.skip(if doubled { 2 } else { 1 });
        self.separate(
            frame,
            operator.unwrap_or(match rest {
                // Both outputs go on.
                [b'|', ..] => ListOperator::Pipe,
                _ => ListOperator::End,
            }),
        );
    }

    fn semicolons(&mut self, frame: &mut ListFrame) {
        let rest = self.rest();
        let length = [b";;&".as_slice(), b";;", b";&"]
            .iter()
            .find(|operator| rest.starts_with(operator))
            .map_or(1, |operator| operator.len());
        match length {
            1 => self.listed(),
            _ => self.shell(),
        }
        self.skip(length);
        self.separate(frame, ListOperator::Semicolon);
        if length > 1 && frame.cases > 0 {
            frame.expect = ExpectedWord::Pattern;
        }
    }

    fn parenthesis(&mut self, frame: &mut ListFrame) {
        self.shell();
        let double = self.peek_second() == Some(b'(');
        match frame.expect {
            ExpectedWord::Test
            | ExpectedWord::Pattern
            | ExpectedWord::Subject
            | ExpectedWord::In => self.skip(1),
            ExpectedWord::Command | ExpectedWord::Header
                if double && self.arithmetic_at(self.at, 2, b')') =>
            {
                self.extension("((");
                frame.expect = ExpectedWord::Redirection;
            }
            before => {
                let (open, commands) = (self.at, self.line.commands.len());
                let glued = !b" \t\n;|&()<>".contains(&self.text[self.at.saturating_sub(1)]);
                self.skip(1);
                if glued || before == ExpectedWord::Argument {
                    // zsh evaluates what stands in the parentheses of a pattern.
                    self.refusing(RefusalReason::Pattern, Self::parenthesized);
                } else {
                    self.parenthesized();
                }
                match before {
                    _ if self.text[open..self.at].trim_ascii_end() == b"()" => self.function(frame),
                    ExpectedWord::Command => {
                        frame.closed = Some(commands..self.line.commands.len())
                    }
                    _ => {}
                }
                frame.expect = match before {
                    // The name of a function came before, its body comes now.
                    ExpectedWord::Argument | ExpectedWord::Header => ExpectedWord::Command,
                    _ => ExpectedWord::Redirection,
                };
            }
        }
    }

    /// Takes the words that were just read for the name of a function.
    pub(super) fn function(&mut self, frame: &mut ListFrame) {
        frame.start = None;
        let words = std::mem::take(&mut frame.words);
        frame.sites.clear();
        let name = words
            .last()
            .and_then(TemplateWord::fixed)
            .map(<[u8]>::to_vec);
        let commands = self.line.commands.len();
        self.line.functions.extend(name.map(|name| FunctionBody {
            name,
            body: commands..commands,
        }));
    }

    fn parenthesized(&mut self) {
        self.deeper(|lexer| lexer.list(ListEnd::Parenthesis));
    }

    /// The number before a redirection's operator.
    pub(super) fn number(&mut self, raw: &[u8], frame: &mut ListFrame) {
        frame.descriptor = descriptor_number(raw);
        if frame.descriptor.is_none() {
            self.shell();
        }
    }

    fn redirection(&mut self, frame: &mut ListFrame) {
        self.listed();
        frame.start.get_or_insert(self.at);
        let usual = usize::from(self.peek() == Some(b'>'));
        let fd = frame.descriptor.take().unwrap_or(usual);
        frame.missing = None;
        frame.pending = Some(self.redirection_operator(fd));
    }

    /// Reads what a redirection's operator wants.
    pub(super) fn redirected(&mut self, pending: PendingRedirection, frame: &mut ListFrame) {
        let redirection = match pending {
            PendingRedirection::Delimiter(strips_tabs) => {
                self.shell();
                return self.delimiter(strips_tabs, frame.start.unwrap_or(self.at));
            }
            PendingRedirection::Text => {
                self.shell();
                self.extension("<<<");
                let draft = self.read_word();
                self.set_quote_policy(&draft, QuotePolicy::Always);
                let command = frame.start.unwrap_or(self.at);
                return self.line.here_texts.push((command, draft.finish()));
            }
            PendingRedirection::Descriptor(fd) => match self.descriptor() {
                Some(from) => Redirection::Copy { fd, from },
                None => return self.shell(),
            },
            PendingRedirection::Target(fd, access) => {
                let draft = self.read_word();
                self.set_quote_policy(&draft, QuotePolicy::Always);
                match access {
                    Some(access) => Redirection::File {
                        fd,
                        path: draft.finish().joined(),
                        access,
                    },
                    None => return self.shell(),
                }
            }
            PendingRedirection::Both(at) => {
                let draft = self.read_word();
                self.set_quote_policy(&draft, QuotePolicy::Always);
                let end = self.at;
                self.line.joins.push(JoinedRedirection { at, end });
                return;
            }
        };
        frame.redirections.push(redirection);
    }
}

//! Operands that the shell calculates, as the lexer meets them: those of simple commands,
//! and the words of `[[ ]]`.

use std::ops::Range;

use crate::placeholder::TemplateWord;
use crate::quote::QuotePolicy;

use super::command::{ExpectedWord, ListFrame};
use super::lexer::ShellLexer;
use super::line::ValueReading;
use super::operands::is_comparison;
use super::word::WordDraft;

impl ShellLexer<'_> {
    /// Marks the operands of a command that the shell calculates.
    pub(crate) fn read_operands(&mut self, words: &[TemplateWord], sites: &[Range<usize>]) {
        let command = self.line.commands.len();
        for (at, reading) in self.numbers.operands(words) {
            self.line.numbers.push((command, at));
            for site in self.here(sites[at].clone()) {
                site.reading = reading;
            }
        }
    }

    /// Reads a word of `[[ ]]`.
    pub(crate) fn operand(&mut self, draft: WordDraft, frame: &mut ListFrame) {
        let is_pattern = std::mem::take(&mut frame.matches);
        let quote_policy = if is_pattern {
            QuotePolicy::Never
        } else {
            QuotePolicy::Operand
        };
        self.set_quote_policy(&draft, quote_policy);
        let raw = &self.text[draft.start..self.at];
        let sites = self.sites_of(&draft);
        let before = std::mem::replace(&mut frame.operand, ValueReading::Bytes);
        if draft.is_literal() && raw == b"]]" {
            frame.expect = ExpectedWord::Redirection;
        } else if is_comparison(raw) {
            self.read_as_integer(frame.left.clone());
            frame.operand = ValueReading::Integer;
        } else if before == ValueReading::Integer {
            self.read_as_integer(sites.clone());
        } else if self.numbers.zsh && draft.is_literal() && raw == b"-t" {
            frame.operand = ValueReading::Integer;
        }
        frame.matches = draft.is_literal() && matches!(raw, b"=" | b"==" | b"!=" | b"=~");
        frame.left = sites;
        self.add_word(draft, frame);
    }

    fn read_as_integer(&mut self, sites: Range<usize>) {
        for site in self.here(sites) {
            site.reading = ValueReading::Integer;
        }
    }
}

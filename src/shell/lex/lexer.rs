//! The state of the lexer, and its steps.

use std::collections::BTreeSet;

use crate::placeholder::{Placeholder, PlaceholderSyntax};
use crate::quote::QuotePolicy;

use super::line::{
    LineSyntax, PlaceholderSite, QuoteContext, RefusalReason, ShellLine, SiteContent, ValueReading,
};
use super::operands::NumericContext;

pub(super) struct ShellLexer<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    /// End of the text that is read: earlier than its own in a here-document's body.
    pub(super) end: usize,
    pub(super) depth: usize,
    pub(super) syntax: &'a PlaceholderSyntax,
    pub(super) numbers: NumericContext,
    /// Set inside something where no value can stand.
    pub(super) refusal: Option<RefusalReason>,
    /// Bodies of these begin after the next newline.
    pub(super) documents: Vec<HereDocument>,
    /// The delimiters of those whose bodies are being read.
    pub(super) bodies: Vec<Vec<u8>>,
    /// Places at which `$((` turned out to be a subshell in a substitution; without them
    /// nested ones would be read again and again.
    pub(super) not_arithmetic: BTreeSet<usize>,
    pub(super) line: ShellLine,
}

impl<'a> ShellLexer<'a> {
    /// Deeper nesting is not read: it would use up the stack.
    pub(super) const DEEPEST: usize = 64;

    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text[self.at.min(self.end)..self.end]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    pub(super) fn peek_second(&self) -> Option<u8> {
        self.rest().get(1).copied()
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.at = (self.at + count).min(self.end);
    }

    pub(super) fn shell(&mut self) {
        self.line.syntax = LineSyntax::Shell;
    }

    /// An operator was found that a list may have.
    pub(super) fn listed(&mut self) {
        self.line.syntax = self.line.syntax.max(LineSyntax::List);
    }

    /// Something was found that not every shell knows.
    pub(super) fn extension(&mut self, what: &'static str) {
        if !self.line.extensions.contains(&what) {
            self.line.extensions.push(what);
        }
    }

    pub(super) fn not_closed(&mut self, what: &'static str) {
        self.line.open.get_or_insert(what);
    }

    pub(super) fn placeholder(&self) -> Option<(Placeholder, usize)> {
        self.syntax.at_start(self.rest())
    }

    /// Records what stands here and steps over it.
    pub(super) fn site(&mut self, what: SiteContent, length: usize, context: QuoteContext) {
        self.line.sites.push(PlaceholderSite {
            range: self.at..self.at + length,
            what,
            context: self.refusal.map_or(context, QuoteContext::Refused),
            reading: ValueReading::Bytes,
            quote_policy: QuotePolicy::Always,
            word: None,
            delimiters: self.bodies.clone(),
            depth: self.depth,
        });
        self.skip(length);
    }

    /// Takes a placeholder or an escaped one. Everything between quotes and
    /// brackets goes through here, so that none is overlooked.
    pub(super) fn take_site(&mut self, context: QuoteContext) -> Option<TakenSite<'a>> {
        if let Some((placeholder, length)) = self.placeholder() {
            self.site(
                SiteContent::Placeholder(placeholder.clone()),
                length,
                context,
            );
            return Some(TakenSite::Placeholder(placeholder));
        }
        if self.peek() != Some(b'\\') {
            return None;
        }
        let after = &self.rest()[1..];
        if let Some(length) = self.syntax.escaped(after) {
            self.site(SiteContent::Literal, length + 1, context);
            return Some(TakenSite::Literal(&after[..length]));
        }
        None
    }

    /// Reads something in which no value can stand.
    pub(super) fn refusing(&mut self, refusal: RefusalReason, read: impl FnOnce(&mut Self)) {
        let outer = self.refusal.replace(self.refusal.unwrap_or(refusal));
        read(self);
        self.refusal = outer;
    }

    /// Reads something one level further in.
    pub(super) fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
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

pub(super) enum TakenSite<'a> {
    Placeholder(Placeholder),
    Literal(&'a [u8]),
}

/// A here-document whose body is still to come.
#[derive(Debug)]
pub(super) struct HereDocument {
    pub(super) delimiter: Vec<u8>,
    /// `<<-`: without leading tabs.
    pub(super) strips_tabs: bool,
    /// The delimiter has no quotes: variables and placeholders count in the body.
    pub(super) is_expanded: bool,
    /// Start of its command in the text.
    pub(super) command: usize,
}

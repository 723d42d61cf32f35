//! Substitutions, expansions and arithmetic inside of words.

use crate::shell::vocabulary;

use super::command::ListEnd;
use super::lexer::ShellLexer;
use super::line::{QuoteContext, RefusalReason, ValueReading};
use super::word::WordDraft;

impl ShellLexer<'_> {
    pub(super) fn dollar(&mut self, context: QuoteContext, draft: &mut WordDraft) {
        self.shell();
        let at = self.at;
        self.skip(1);
        self.after_dollar(at, context, draft);
        if self.at == at + 1 {
            self.subscript(context, draft);
        }
        draft.code(at..self.at.max(self.end_of_name(at + 1)));
    }

    /// End of the name of a variable or parameter that begins here. The name is not
    /// skipped: as text it does no harm.
    fn end_of_name(&self, at: usize) -> usize {
        let rest = &self.text[at.min(self.end)..self.end];
        let parameter = matches!(rest.first(), Some(b'0'..=b'9' | b'@' | b'*'));
        at + vocabulary::name_length(rest).max(usize::from(parameter))
    }

    /// `$a[<>]`, a subscript in zsh.
    fn subscript(&mut self, context: QuoteContext, draft: &mut WordDraft) {
        let end = self.end_of_name(self.at);
        if !self.numbers.zsh || end == self.at || self.text[..self.end].get(end) != Some(&b'[') {
            return;
        }
        self.at = end + 1;
        self.refusing(RefusalReason::Subscript, |lexer| {
            lexer.subscript_body(context, draft)
        });
        self.line.arithmetic.push(end..self.at);
    }

    fn subscript_body(&mut self, context: QuoteContext, draft: &mut WordDraft) {
        while let Some(byte) = self.peek() {
            if self.take_site(context).is_some() {
                continue;
            }
            match byte {
                b'$' => self.dollar(context, draft),
                b']' => return self.skip(1),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b',' | b'+' | b'-' => {
                    self.skip(1);
                }
                _ => return,
            }
        }
    }

    fn after_dollar(&mut self, at: usize, context: QuoteContext, draft: &mut WordDraft) {
        if self.placeholder().is_some() {
            return self.refusing(RefusalReason::Dollar, |lexer| {
                lexer.take_site(context);
            });
        }
        match self.peek() {
            Some(b'(') if self.peek_second() == Some(b'(') && self.arithmetic_at(at, 2, b')') => {}
            Some(b'(') => self.substitution(b'(', draft),
            Some(b'[') => {
                self.arithmetic_at(at, 1, b']');
            }
            Some(b'{') => self.expansion(context),
            Some(b'\'') if context == QuoteContext::Part => self.ansi(draft),
            _ => {}
        }
    }

    /// `$(…)`, `<(…)`, `>(…)`, `NAME=(…)`: quotes begin anew inside.
    pub(super) fn substitution(&mut self, first: u8, draft: &mut WordDraft) {
        let start = self.at;
        let array = first == b'(' && self.at > 0 && self.text[self.at - 1] == b'=';
        if array {
            self.extension("NAME=(");
        } else if self.text[self.at] != b'$' && first != b'(' {
            self.extension("<(");
        }
        self.skip(if first == b'(' { 1 } else { 2 });
        let close = if array {
            ListEnd::Array
        } else {
            ListEnd::Parenthesis
        };
        self.deeper(|lexer| lexer.list(close));
        draft.code(start..self.at);
    }

    /// Reads arithmetic whose text begins `skipped` bytes from here, or nothing if
    /// what began at `start` is not arithmetic after all.
    pub(super) fn arithmetic_at(&mut self, start: usize, skipped: usize, close: u8) -> bool {
        if self.not_arithmetic.contains(&start) {
            return false;
        }
        let (at, sites) = (self.at, self.line.sites.len());
        let (commands, open) = (self.line.commands.len(), self.line.open);
        let (functions, groups) = (self.line.functions.len(), self.line.groups.len());
        self.skip(skipped);
        if self.deeper(|lexer| lexer.arithmetic(close)) == Some(true) {
            self.line.arithmetic.push(at..self.at);
            return true;
        }
        self.at = at;
        self.line.sites.truncate(sites);
        self.line.commands.truncate(commands);
        self.line.contexts.truncate(commands);
        self.line.functions.truncate(functions);
        self.line.groups.truncate(groups);
        self.line.numbers.retain(|(command, _)| *command < commands);
        self.line.open = open;
        self.not_arithmetic.insert(start);
        if close == b']' {
            self.not_closed("'$['");
            self.at = self.end;
        }
        false
    }

    /// Reads arithmetic up to the closing `))` or `]`; `false` if the text is none.
    fn arithmetic(&mut self, close: u8) -> bool {
        let mut inner = 0;
        let mut ignored = WordDraft::default();
        while let Some(byte) = self.peek() {
            if self.take_site(QuoteContext::Body).is_some() {
                let site = self.line.sites.last_mut().expect("it was just pushed");
                site.reading = ValueReading::Integer;
                continue;
            }
            match byte {
                b'$' => self.dollar(QuoteContext::Double, &mut ignored),
                b'`' => self.backquote(&mut ignored),
                b'\\' => self.skip(2),
                _ if byte == close && inner == 0 => {
                    let length = if close == b')' { 2 } else { 1 };
                    let closed = close == b']' || self.peek_second() == Some(b')');
                    self.skip(length);
                    return closed;
                }
                _ => {
                    inner = nesting(inner, byte, close);
                    self.skip(1);
                }
            }
        }
        false
    }

    /// `${…}`
    fn expansion(&mut self, context: QuoteContext) {
        self.skip(1);
        self.refusing(RefusalReason::Expansion, |lexer| {
            lexer.deeper(|lexer| lexer.expansion_body(context));
        });
    }

    fn expansion_body(&mut self, context: QuoteContext) {
        let mut ignored = WordDraft::default();
        while let Some(byte) = self.peek() {
            if self.take_site(context).is_some() {
                continue;
            }
            match byte {
                b'}' => return self.skip(1),
                b'\\' => self.skip(2),
                b'$' => self.dollar(context, &mut ignored),
                b'`' => self.backquote(&mut ignored),
                b'"' => self.double(&mut ignored),
                b'\'' if context == QuoteContext::Part => self.single_in_expansion(),
                _ => self.skip(1),
            }
        }
        self.not_closed("'${'");
    }

    fn single_in_expansion(&mut self) {
        self.skip(1);
        while let Some(byte) = self.peek() {
            if self.take_site(QuoteContext::Single).is_none() {
                self.skip(1);
                if byte == b'\'' {
                    return;
                }
            }
        }
        self.not_closed("the ' quote");
    }

    pub(super) fn backquote(&mut self, draft: &mut WordDraft) {
        self.shell();
        let start = self.at;
        self.skip(1);
        self.refusing(RefusalReason::Backquote, |lexer| {
            while let Some(byte) = lexer.peek() {
                if lexer.take_site(QuoteContext::Part).is_some() {
                    continue;
                }
                lexer.skip(if byte == b'\\' { 2 } else { 1 });
                if byte == b'`' {
                    return;
                }
            }
            lexer.not_closed("the back-quote");
        });
        draft.code(start..self.at);
    }

    pub(super) fn comment(&mut self) {
        self.shell();
        self.refusing(RefusalReason::Comment, |lexer| {
            while let Some(byte) = lexer.peek()
                && byte != b'\n'
            {
                if lexer.take_site(QuoteContext::Part).is_none() {
                    lexer.skip(1);
                }
            }
        });
    }
}

/// Brackets that are open after `byte`.
fn nesting(open: usize, byte: u8, close: u8) -> usize {
    match (byte, close) {
        (b'(', b')') | (b'[', b']') => open + 1,
        _ if byte == close => open - 1,
        _ => open,
    }
}

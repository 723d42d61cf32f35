//! Redirections, and the bodies of here-documents.

use crate::placeholder::{ValueSpread, WordPart};
use crate::shell::vocabulary;

use super::lexer::{HereDocument, ShellLexer};
use super::line::{FileAccess, QuoteContext, RefusalReason};
use super::word::WordDraft;

/// A redirection whose operator was read, before its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PendingRedirection {
    /// The name of a file for this descriptor; how it is opened, if that is known.
    Target(usize, Option<FileAccess>),
    /// `<<<`: a text.
    Text,
    /// The name of a file for both outputs; where the operator is.
    Both(usize),
    /// `>&`: bash expands this word twice.
    Descriptor(usize),
    /// `<<` and, with `true`, `<<-`, which strips leading tabs.
    Delimiter(bool),
}

impl ShellLexer<'_> {
    /// Reads the operator of a redirection of `fd`; what its word is.
    pub(super) fn redirection_operator(&mut self, fd: usize) -> PendingRedirection {
        let file = |access| PendingRedirection::Target(fd, Some(access));
        let operators: [(&[u8], PendingRedirection); 9] = [
            (b"<<<", PendingRedirection::Text),
            (b"<<-", PendingRedirection::Delimiter(true)),
            (b"<<", PendingRedirection::Delimiter(false)),
            (b"<&", PendingRedirection::Descriptor(fd)),
            (b"<>", PendingRedirection::Target(fd, None)),
            (b">>", file(FileAccess::Append)),
            (b">&", PendingRedirection::Descriptor(fd)),
            (b">|", file(FileAccess::Write)),
            (b"<", file(FileAccess::Read)),
        ];
        let rest = self.rest();
        // A placeholder wins over a longer operator: `cat <<>` reads the file.
        let cut = |length| (1..length).any(|at| self.syntax.at_start(&rest[at..]).is_some());
        let found = operators
            .into_iter()
            .find(|(operator, _)| rest.starts_with(operator) && !cut(operator.len()));
        let (length, pending) = match found {
            Some((operator, pending)) => (operator.len(), pending),
            None => (1, file(FileAccess::Write)),
        };
        self.skip(length);
        pending
    }

    /// The word after `>&`, if it is one of the first three descriptors.
    pub(super) fn descriptor(&mut self) -> Option<usize> {
        let mut draft = WordDraft::default();
        self.refusing(RefusalReason::Descriptor, |lexer| draft = lexer.read_word());
        let raw = &self.text[draft.start..self.at];
        descriptor_number(raw).filter(|_| draft.is_literal())
    }

    /// The word that ends a here-document. It is never expanded.
    pub(super) fn delimiter(&mut self, strips_tabs: bool, command: usize) {
        let mut draft = WordDraft::default();
        self.refusing(RefusalReason::Delimiter, |lexer| draft = lexer.read_word());
        let is_expanded = draft.is_literal();
        let mut delimiter = Vec::new();
        for part in draft.finish().parts {
            if let WordPart::Text(text) = part {
                delimiter.extend(text);
            }
        }
        self.documents.push(HereDocument {
            delimiter,
            strips_tabs,
            is_expanded,
            command,
        });
    }

    /// Reads the bodies that begin here, at the start of a line.
    pub(super) fn document_bodies(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let (body, next) = self.find_end(&document);
            let outer = std::mem::replace(&mut self.end, body);
            let mut draft = WordDraft::default();
            self.bodies.push(document.delimiter);
            if document.is_expanded {
                self.document_body(&mut draft);
            } else {
                self.refusing(RefusalReason::Document, |lexer| {
                    lexer.document_body(&mut draft)
                });
            }
            self.bodies.pop();
            self.line
                .here_texts
                .push((document.command, draft.finish()));
            self.end = outer;
            self.at = next;
        }
    }

    /// Finds the end of a body, and the start of the line after its delimiter.
    fn find_end(&self, document: &HereDocument) -> (usize, usize) {
        let mut start = self.at;
        while start < self.end {
            let rest = &self.text[start..self.end];
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let mut line = &rest[..length];
            if document.strips_tabs {
                let tabs = line.iter().take_while(|&&byte| byte == b'\t').count();
                line = &line[tabs..];
            }
            let next = (start + length + 1).min(self.end);
            if line == document.delimiter {
                return (start, next);
            }
            start = next;
        }
        (self.end, self.end)
    }

    fn document_body(&mut self, draft: &mut WordDraft) {
        while let Some(byte) = self.peek() {
            if let Some(taken) = self.take_site(QuoteContext::Body) {
                draft.taken(taken, ValueSpread::Joined);
                continue;
            }
            match byte {
                b'\\' => self.skip_escaped(),
                b'$' if self.refusal.is_none() => self.dollar(QuoteContext::Body, draft),
                b'`' if self.refusal.is_none() => self.backquote(draft),
                _ => {
                    draft.text(&[byte]);
                    self.skip(1);
                }
            }
        }
    }

    /// A backslash before a placeholder that it does not make literal stays alone.
    fn skip_escaped(&mut self) {
        self.skip(1);
        if self.placeholder().is_none() {
            self.skip(1);
        }
    }
}

/// `2` of `2>`, `{fd}` of `{fd}>`.
pub(super) fn is_descriptor(raw: &[u8]) -> bool {
    match raw {
        [b'{', name @ .., b'}'] => vocabulary::name_length(name) == name.len(),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

/// The descriptor that these bytes name, if it is one of the first three.
pub(super) fn descriptor_number(raw: &[u8]) -> Option<usize> {
    match raw {
        [digit @ b'0'..=b'2'] => Some(usize::from(digit - b'0')),
        _ => None,
    }
}

//! Words: pieces of text between blanks and operators, and the quotes in them.

use std::ops::Range;

use crate::placeholder::{TemplateWord, ValueSpread, WordPart};
use crate::quote::QuotePolicy;
use crate::shell::vocabulary;

use super::lexer::{ShellLexer, TakenSite};
use super::line::{AnsiQuoted, LineSyntax, PlaceholderSite, QuoteContext, RefusalReason};

/// A word while it is read.
#[derive(Debug, Default)]
pub(super) struct WordDraft {
    pub(super) start: usize,
    first_site: usize,
    parts: Vec<WordPart>,
    /// Quotes or backslashes are in the word.
    is_quoted: bool,
    /// Highest kind of syntax in the word.
    pub(super) syntax: LineSyntax,
}

impl WordDraft {
    pub(super) fn text(&mut self, bytes: &[u8]) {
        match self.parts.last_mut() {
            Some(WordPart::Text(text)) => text.extend_from_slice(bytes),
            _ => self.parts.push(WordPart::Text(bytes.to_vec())),
        }
    }

    pub(super) fn taken(&mut self, taken: TakenSite<'_>, spread: ValueSpread) {
        match taken {
            TakenSite::Placeholder(placeholder) => {
                self.parts.push(WordPart::Placeholder(placeholder, spread))
            }
            TakenSite::Literal(text) => {
                self.is_quoted = true;
                self.text(text);
            }
        }
    }

    /// Something whose text only the shell knows.
    pub(super) fn code(&mut self, range: Range<usize>) {
        self.syntax = LineSyntax::Shell;
        self.parts.push(WordPart::Code(range));
    }

    fn quote(&mut self) {
        self.is_quoted = true;
        self.text(b"");
    }

    /// Tells whether the word is its bytes, without quotes and placeholders.
    pub(super) fn is_literal(&self) -> bool {
        !self.is_quoted && matches!(self.parts.as_slice(), [WordPart::Text(_)])
    }

    /// Tells whether the word is one unquoted placeholder.
    pub(super) fn is_placeholder(&self) -> bool {
        matches!(self.parts.as_slice(), [WordPart::Placeholder(..)]) && !self.is_quoted
    }

    pub(super) fn finish(self) -> TemplateWord {
        TemplateWord { parts: self.parts }
    }
}

impl ShellLexer<'_> {
    /// Reads one word. It may be empty only if something else than a word is here.
    pub(super) fn read_word(&mut self) -> WordDraft {
        let mut draft = WordDraft {
            start: self.at,
            first_site: self.line.sites.len(),
            ..WordDraft::default()
        };
        while let Some(byte) = self.peek() {
            if self.placeholder().is_none() && self.ends_word(byte, &draft) {
                break;
            }
            self.piece(byte, &mut draft);
        }
        if draft.syntax == LineSyntax::Shell {
            self.shell();
        }
        if let Some(b'<' | b'>') = self.peek() {
            // An unquoted number before a redirection is a descriptor.
            draft.syntax = LineSyntax::Shell;
        }
        draft
    }

    fn ends_word(&self, byte: u8, draft: &WordDraft) -> bool {
        match byte {
            b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => true,
            b'<' | b'>' => self.peek_second() != Some(b'('),
            b'(' => !self.opens_array(draft),
            _ => false,
        }
    }

    /// `NAME=(` and `NAME+=(`.
    fn opens_array(&self, draft: &WordDraft) -> bool {
        let raw = &self.text[draft.start..self.at];
        let name = vocabulary::name_length(raw);
        name > 0 && matches!(&raw[name..], b"=" | b"+=")
    }

    /// Sites of a word that was just read, with those of substitutions in it.
    pub(super) fn sites_of(&self, draft: &WordDraft) -> Range<usize> {
        draft.first_site..self.line.sites.len()
    }

    /// The sites among these that are not inside a substitution.
    pub(super) fn here(
        &mut self,
        sites: Range<usize>,
    ) -> impl Iterator<Item = &mut PlaceholderSite> {
        let depth = self.depth;
        let sites = self.line.sites[sites].iter_mut();
        sites.filter(move |site| site.depth == depth)
    }

    fn piece(&mut self, byte: u8, draft: &mut WordDraft) {
        if let Some(refusal) = self.refusal_of_part(draft) {
            let start = self.at;
            self.refusing(refusal, |lexer| {
                lexer.take_site(QuoteContext::Part);
            });
            return draft.code(start..self.at);
        }
        if let Some(taken) = self.take_site(QuoteContext::Part) {
            return draft.taken(taken, self.syntax.spread());
        }
        match byte {
            b'\\' => self.backslash(draft),
            b'\'' => self.single(draft),
            b'"' => self.double(draft),
            b'$' => self.dollar(QuoteContext::Part, draft),
            b'`' => self.backquote(draft),
            b'<' | b'>' | b'(' => self.substitution(byte, draft),
            b']' => self.bracket_end(draft),
            _ => self.plain(byte, draft),
        }
    }

    /// `2<>`: the shell's operator, not a value.
    /// Why no value can stand here in a word, if so.
    fn refusal_of_part(&self, draft: &WordDraft) -> Option<RefusalReason> {
        let (_, length) = self.placeholder()?;
        if self.is_descriptor(draft) {
            return Some(RefusalReason::ReadWrite);
        }
        // zsh expands them after parameters.
        let is_sequence = !self.numbers.zsh && self.is_in_sequence(draft, length);
        is_sequence.then_some(RefusalReason::Sequence)
    }

    /// Tells whether the placeholder of this length is an end or the step of `{1..9}`.
    fn is_in_sequence(&self, draft: &WordDraft, length: usize) -> bool {
        let is_border = |byte: &u8| b"{},'\"\\ \t\n".contains(byte);
        let before = &self.text[draft.start..self.at];
        let after = &self.rest()[length..];
        let (Some(open), Some(close)) = (
            before.iter().rposition(is_border),
            after.iter().position(is_border),
        ) else {
            return false;
        };
        let is_open = before[open] == b'{' && !before[..open].ends_with(b"$");
        let has_dots = |text: &[u8]| text.windows(2).any(|pair| pair == b"..");
        is_open && after[close] == b'}' && (has_dots(&before[open..]) || has_dots(&after[..close]))
    }

    fn is_descriptor(&self, draft: &WordDraft) -> bool {
        let raw = &self.text[draft.start..self.at];
        self.rest().starts_with(b"<>") && !raw.is_empty() && raw.iter().all(u8::is_ascii_digit)
    }

    fn plain(&mut self, byte: u8, draft: &mut WordDraft) {
        let first = self.at == draft.start;
        let special = match byte {
            b'*' | b'?' | b'!' => true,
            // `{}` is never expanded.
            b'{' => self.peek_second() != Some(b'}'),
            b'}' => first || self.text[self.at - 1] != b'{',
            b'[' => !(first && self.is_alone()),
            b'~' => first || matches!(self.text[self.at - 1], b'=' | b':'),
            _ => false,
        };
        if special {
            draft.syntax = LineSyntax::Shell;
        }
        draft.text(&[byte]);
        self.skip(1);
    }

    /// Tells whether the byte here is a word of its own: the command `[`.
    fn is_alone(&self) -> bool {
        matches!(self.peek_second(), None | Some(b' ' | b'\t'))
    }

    /// `a[<>]=x`: a shell evaluates what stands between the brackets.
    fn bracket_end(&mut self, draft: &mut WordDraft) {
        draft.text(b"]");
        self.skip(1);
        if !self.rest().starts_with(b"=") && !self.rest().starts_with(b"+=") {
            return;
        }
        let raw = &self.text[draft.start..self.at];
        if raw.get(vocabulary::name_length(raw)) == Some(&b'[') {
            for site in self.here(self.sites_of(draft)) {
                site.context = QuoteContext::Refused(RefusalReason::Subscript);
            }
        }
    }

    fn backslash(&mut self, draft: &mut WordDraft) {
        draft.is_quoted = true;
        self.skip(1);
        if self.placeholder().is_some() {
            return self.refusing(RefusalReason::Backslash, |lexer| {
                let start = lexer.at;
                lexer.take_site(QuoteContext::Part);
                draft.code(start..lexer.at);
            });
        }
        match self.peek() {
            None => {
                draft.text(b"\\");
                self.not_closed("a final backslash");
            }
            Some(b'\n') => self.skip(1),
            Some(byte) => {
                draft.text(&[byte]);
                self.skip(1);
            }
        }
    }

    fn single(&mut self, draft: &mut WordDraft) {
        draft.quote();
        self.skip(1);
        while let Some(byte) = self.peek() {
            if let Some(taken) = self.take_site(QuoteContext::Single) {
                draft.taken(taken, ValueSpread::Joined);
                continue;
            }
            self.skip(1);
            if byte == b'\'' {
                return;
            }
            draft.text(&[byte]);
        }
        self.not_closed("the ' quote");
    }

    /// `$'…'`, the `$` already read.
    pub(super) fn ansi(&mut self, draft: &mut WordDraft) {
        let start = self.at - 1;
        self.skip(1);
        while let Some(byte) = self.peek() {
            if self.take_site(QuoteContext::Ansi).is_some() {
                continue;
            }
            match byte {
                b'\'' => {
                    self.skip(1);
                    draft.code(start..self.at);
                    self.extension("$'");
                    return self.line.ansi.push(AnsiQuoted {
                        range: start..self.at,
                        in_document: !self.bodies.is_empty(),
                    });
                }
                b'\\' => self.skip(2),
                _ => self.skip(1),
            }
        }
        self.not_closed("the $' quote");
    }

    pub(super) fn double(&mut self, draft: &mut WordDraft) {
        draft.quote();
        self.skip(1);
        while let Some(byte) = self.peek() {
            if let Some(taken) = self.take_site(QuoteContext::Double) {
                draft.taken(taken, ValueSpread::Joined);
                continue;
            }
            match byte {
                b'"' => return self.skip(1),
                b'\\' => self.backslash_in_double(draft),
                b'$' => self.dollar(QuoteContext::Double, draft),
                b'`' => self.backquote(draft),
                _ => {
                    draft.text(&[byte]);
                    self.skip(1);
                }
            }
        }
        self.not_closed("the \" quote");
    }

    fn backslash_in_double(&mut self, draft: &mut WordDraft) {
        self.skip(1);
        if self.placeholder().is_some() {
            return self.refusing(RefusalReason::Backslash, |lexer| {
                let start = lexer.at;
                lexer.take_site(QuoteContext::Double);
                draft.code(start..lexer.at);
            });
        }
        match self.peek() {
            Some(b'\n') => self.skip(1),
            Some(byte @ (b'$' | b'`' | b'"' | b'\\')) => {
                draft.text(&[byte]);
                self.skip(1);
            }
            _ => draft.text(b"\\"),
        }
    }

    /// Sets what showing a value may leave out in this word.
    pub(super) fn set_quote_policy(&mut self, draft: &WordDraft, quote_policy: QuotePolicy) {
        let quote_policy = match draft.syntax {
            LineSyntax::Shell => QuotePolicy::Never,
            LineSyntax::Plain | LineSyntax::List => quote_policy,
        };
        for site in self.here(self.sites_of(draft)) {
            site.quote_policy = quote_policy;
        }
    }
}

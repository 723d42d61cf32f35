//! Placeholders that a template cannot have: braces beside `<...>`, forms of `--plus`
//! without that option, expressions that are spread over several words. They would be text,
//! and nobody would be told.

use crate::error::{Error, Result};
use crate::quote::{self, QuotePolicy, QuoteStyle};

use super::brackets::{PlaceholderBrackets, is_escaped, parse};
use super::errors;
use super::options::NumberedForms;
use super::source::PlaceholderSubject;
use super::syntax::PlaceholderSyntax;

/// Forms of `--plus` that hold no text of the user's, without their brackets.
const PLUS: [&str; 11] = [
    "+/", "+.", "+..", "+...", "..", "...", "/..", "/...", "##", "0#", "0%",
];

/// The length of a form of `--plus`; it may have an index: `{2..}`.
fn plus_length(text: &[u8], brackets: PlaceholderBrackets) -> Option<usize> {
    /// Longer than any of them.
    const LONGEST: usize = 16;
    let (open, close) = brackets.bytes();
    let rest = text.strip_prefix(&[open])?;
    let end = rest.iter().take(LONGEST).position(|&byte| byte == close)?;
    let index = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let (body, digits) = (&rest[..end], rest.iter().take_while(|byte| index(byte)));
    let numbered = &body[digits.count().min(end)..];
    let known = |tag: &&str| tag.as_bytes() == body || tag.as_bytes() == numbered;
    PLUS.iter().any(known).then_some(end + 2)
}

impl PlaceholderSyntax {
    /// The length of what `text` begins with, if that would be a placeholder in another
    /// template.
    pub(crate) fn foreign(&self, text: &[u8]) -> Option<usize> {
        if !self.rules.is_strict || !self.refuses_foreign {
            return None;
        }
        let braces = || self.foreign_braces(text).filter(|_| self.has_angles());
        let plus = || {
            let mut brackets = [PlaceholderBrackets::Angle, PlaceholderBrackets::Brace].into_iter();
            let found = brackets.find_map(|brackets| plus_length(text, brackets));
            found.filter(|_| !self.plus || text[0] == b'{' && self.has_angles())
        };
        braces().or_else(plus)
    }

    fn has_angles(&self) -> bool {
        self.brackets == Some(PlaceholderBrackets::Angle)
    }

    fn foreign_braces(&self, text: &[u8]) -> Option<usize> {
        let (placeholder, length) = self.bracketed(text, PlaceholderBrackets::Brace)?;
        let is_named = parse(text, PlaceholderBrackets::Brace).is_none();
        let counts = match (placeholder.source, self.numbered) {
            // Without a header that was read, any word would be a name.
            _ if is_named => !self.names.known.is_empty(),
            (PlaceholderSubject::Nth(index), NumberedForms::UpTo(values)) => {
                usize::try_from(index.unsigned_abs()).is_ok_and(|index| index <= values)
            }
            _ => true,
        };
        counts.then_some(length)
    }

    /// # Errors
    /// Words of a command, or another text, in which something would be text that looks
    /// like a placeholder.
    pub(crate) fn check_families(&self, words: &[&[u8]]) -> Result<()> {
        let own = words.iter().find_map(|word| self.first_in(word));
        for word in words {
            let mut at = 0;
            while at < word.len() {
                let rest = &word[at..];
                if let Some((_, length)) = self.at_start(rest) {
                    at += length;
                    continue;
                }
                // `${1}` is the shell's.
                let is_text = is_escaped(word, at) || rest[0] == b'{' && word[..at].ends_with(b"$");
                match self.foreign(rest).filter(|_| !is_text) {
                    Some(length) => return Err(self.foreign_error(&rest[..length], own)),
                    None => at += 1,
                }
            }
        }
        Ok(())
    }

    /// The first placeholder in `text`, as it is written.
    fn first_in<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        (0..text.len())
            .filter(|at| !is_escaped(text, *at))
            .find_map(|at| {
                let (_, length) = self.at_start(&text[at..])?;
                Some(&text[at..at + length])
            })
    }

    fn foreign_error(&self, spelling: &[u8], own: Option<&[u8]>) -> Error {
        let beside = own.filter(|_| self.has_angles() && spelling[0] == b'{');
        let is_plus = !self.plus
            && (plus_length(spelling, PlaceholderBrackets::Angle).is_some()
                || plus_length(spelling, PlaceholderBrackets::Brace).is_some());
        match beside {
            Some(own) => errors::two_families(spelling, own, is_plus),
            None => errors::without_plus(spelling, &self.prun()),
        }
    }

    /// Counts placeholders in braces in a command that calls `@replace`: those behind a
    /// dollar (`${1}` is a group of its pattern), then the others.
    pub(crate) fn groups_and_placeholders(&self, words: &[&[u8]]) -> (usize, usize) {
        let mut commands = words
            .iter()
            .flat_map(|word| word.split(u8::is_ascii_whitespace));
        if !commands.any(|word| word == b"@replace") {
            return (0, 0);
        }
        let (mut groups, mut placeholders) = (0, 0);
        for word in words {
            for at in memchr::memchr_iter(b'{', word).filter(|at| !is_escaped(word, *at)) {
                match self.bracketed(&word[at..], PlaceholderBrackets::Brace) {
                    None => {}
                    Some(_) if word[..at].ends_with(b"$") => groups += 1,
                    Some(_) => placeholders += 1,
                }
            }
        }
        (groups, placeholders)
    }

    /// # Errors
    /// `${1}` to `@replace` beside `{}`: one is a group, the other a value.
    pub(crate) fn check_groups(&self, words: &[&[u8]]) -> Result<()> {
        let has_braces = self.brackets == Some(PlaceholderBrackets::Brace) && self.rules.is_strict;
        match self.groups_and_placeholders(words) {
            (1.., 1..) if has_braces => Err(errors::group_beside_placeholders()),
            _ => Ok(()),
        }
    }

    /// The words, those that an expression is spread over joined by a space, as GNU
    /// parallel joins them.
    pub(crate) fn with_whole_expressions(&self, words: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut joined: Vec<Vec<u8>> = Vec::with_capacity(words.len());
        let mut depth = 0;
        for word in words {
            match joined.last_mut().filter(|_| depth > 0) {
                Some(open) => {
                    open.push(b' ');
                    open.extend_from_slice(word);
                }
                None => joined.push(word.clone()),
            }
            depth = self.depth_after(word, depth);
        }
        joined
    }

    /// Counts the expressions that are open after `word`.
    fn depth_after(&self, word: &[u8], mut depth: usize) -> usize {
        let (open, close) = if self.parens.0.is_empty() {
            (b"{=".as_slice(), b"=}".as_slice())
        } else {
            (&*self.parens.0, &*self.parens.1)
        };
        let mut at = 0;
        while at < word.len() {
            let rest = &word[at..];
            let is_text = self.rules.has_escapes && is_escaped(word, at);
            at += if depth > 0 && rest.starts_with(close) {
                depth -= 1;
                close.len()
            } else if rest.starts_with(open) && !is_text {
                depth += 1;
                open.len()
            } else {
                1
            };
        }
        depth
    }

    /// # Errors
    /// An expression over several words, each of which would be an argument.
    pub(crate) fn check_spread(&self, words: &[Vec<u8>]) -> Result<()> {
        let mut depth = 0;
        let mut start = 0;
        for (at, word) in words.iter().enumerate() {
            if depth == 0 {
                start = at;
            }
            depth = self.depth_after(word, depth);
            if depth == 0 && at > start {
                let expression = words[start..=at].join(&b' ');
                if self.has_angles() && self.parens.0.is_empty() {
                    return Err(errors::mixed(&expression));
                }
                let joined = self.with_whole_expressions(words);
                let mut line = self.prun().into_bytes();
                for word in joined {
                    line.push(b' ');
                    quote::push_quoted(&word, QuoteStyle::Readable, QuotePolicy::Always, &mut line);
                }
                return Err(errors::spread(&expression, &line));
            }
        }
        Ok(())
    }

    /// The text that stands for the whole value where a command is to be changed: the user's
    /// own, or that of the placeholders in it.
    pub(crate) fn whole_beside(&self, text: &[u8]) -> &[u8] {
        match self.renamed_whole() {
            Some(own) => own,
            None if self.occur_in(text) => self.whole(),
            None => b"<>",
        }
    }

    /// The call of prun in which a placeholder is written as here.
    pub(crate) fn prun(&self) -> String {
        let mut line = self.rules.call.as_bytes().to_vec();
        if let Some(text) = self.renamed_whole() {
            line.extend_from_slice(b" -I ");
            quote::push_quoted(text, QuoteStyle::Readable, QuotePolicy::Always, &mut line);
        }
        String::from_utf8_lossy(&line).into_owned()
    }
}

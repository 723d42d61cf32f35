//! `--rpl 'TAG EXPR'`: a short way to write an expression in a command.

use std::sync::Arc;

use super::error::ExpressionError;
use super::pattern::{CompiledPattern, PatternFlags};
use super::program::Expression;

/// A tag and the expression that it stands for.
///
/// The tag may hold groups, each a pattern in parentheses; what they match is `$$1`,
/// `$$2`, ... in the expression: `{drop(.+?)} s/$$1//`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shorthand {
    /// The length of the tag: longer ones are looked for first.
    size: usize,
    /// Tag up to its groups; all of it if there are none.
    opening: Vec<u8>,
    parameters: Option<TagParameters>,
    source: Vec<u8>,
    /// The position that the expression begins with.
    index: Option<i32>,
    /// The expression, if it does not depend on groups.
    fixed: Result<Arc<Expression>, ExpressionError>,
}

/// Groups of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TagParameters {
    pattern: Arc<CompiledPattern>,
    /// Tag after its groups.
    closing: Vec<u8>,
}

/// One use of a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagUse {
    /// In bytes.
    pub length: usize,
    /// The position it asks for: 2 in `{2up}`, from the end if negative. 1 for what does
    /// not depend on a value, such as `{##}`: it stands there once, and also if there is
    /// no value.
    pub index: Option<i32>,
    /// Expression with the groups put in.
    pub expression: Result<Arc<Expression>, ExpressionError>,
}

impl Shorthand {
    /// Reads a definition. The tag ends at the first blank outside of its parentheses.
    ///
    /// # Errors
    ///
    /// A tag that is empty, or has groups that are no patterns. An expression that
    /// cannot be read is told where the tag is used: [`TagUse::expression`].
    pub(crate) fn parse(text: &[u8]) -> Result<Shorthand, ExpressionError> {
        let end = tag_length(text);
        let (tag, source) = (&text[..end], text[end..].trim_ascii());
        if tag.is_empty() {
            return Err(ExpressionError::new("the tag is missing"));
        }
        let groups = groups(tag);
        let parameters = match groups {
            None => None,
            Some((start, end)) => Some(TagParameters::new(&tag[start..end], &tag[end..])?),
        };
        let (index, source) = leading_index(source);
        Ok(Shorthand {
            size: tag.len(),
            opening: tag[..groups.map_or(tag.len(), |(start, _)| start)].to_vec(),
            parameters,
            source: source.to_vec(),
            index,
            fixed: Expression::parse(source, &[]).map(Arc::new),
        })
    }

    /// The use of the tag that `text` begins with. A tag that begins with a bracket may
    /// have a position after it: `{2up}`, `{-1up}`.
    pub(crate) fn at_start(&self, text: &[u8]) -> Option<TagUse> {
        if let Some(rest) = text.strip_prefix(self.opening.as_slice())
            && let Some(found) = self.used(text.len() - rest.len(), rest, self.index)
        {
            return Some(found);
        }
        let (bracket, opening) = self.opening.split_first()?;
        if !matches!(bracket, b'{' | b'<') {
            return None;
        }
        let inside = text.strip_prefix(&[*bracket])?;
        let (index, rest) = position(inside)?;
        let rest = rest.trim_ascii_start().strip_prefix(opening)?;
        self.used(text.len() - rest.len(), rest, Some(index))
    }

    /// The use that goes on with `rest` after `length` bytes.
    fn used(&self, length: usize, rest: &[u8], index: Option<i32>) -> Option<TagUse> {
        let Some(parameters) = &self.parameters else {
            let expression = self.fixed.clone();
            return Some(TagUse {
                length,
                index,
                expression,
            });
        };
        let (more, groups) = parameters.read(rest)?;
        Some(TagUse {
            length: length + more,
            index,
            expression: Expression::parse(&self.source, &groups).map(Arc::new),
        })
    }
}

impl TagParameters {
    fn new(groups: &[u8], closing: &[u8]) -> Result<TagParameters, ExpressionError> {
        let end: &[u8] = if closing.is_empty() { b"" } else { b"$" };
        let whole = [b"^(?:", groups, b")", end].concat();
        let (flags, _) = PatternFlags::split(b"s");
        Ok(TagParameters {
            pattern: Arc::new(CompiledPattern::new(&whole, flags)?),
            closing: closing.to_vec(),
        })
    }

    /// Texts of the groups, and their length with the closing of the tag. It ends at the
    /// first place that can close it, so that no tag reaches into the next.
    fn read(&self, text: &[u8]) -> Option<(usize, Vec<Vec<u8>>)> {
        let end = if self.closing.is_empty() {
            text.len()
        } else {
            memchr::memmem::find(text, &self.closing)?
        };
        let captures = self
            .pattern
            .regex_for(&text[..end])?
            .captures(&text[..end])?;
        let texts = captures.iter().skip(1);
        let texts =
            texts.map(|group| group.map_or_else(Vec::new, |found| found.as_bytes().to_vec()));
        let length = captures.get_match().end() + self.closing.len();
        Some((length, texts.collect()))
    }
}

/// Several shorthands, of which the one with the longest tag comes first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ShorthandTable(Vec<Shorthand>);

impl ShorthandTable {
    pub(crate) const NONE: ShorthandTable = ShorthandTable(Vec::new());

    /// The shorthands as they were given: a later one of the same tag counts.
    pub(crate) fn new(given: Vec<Shorthand>) -> ShorthandTable {
        let mut all = given;
        all.reverse();
        all.sort_by_key(|shorthand| std::cmp::Reverse(shorthand.size));
        ShorthandTable(all)
    }

    /// The use that `text` begins with.
    pub(crate) fn at_start(&self, text: &[u8]) -> Option<TagUse> {
        self.0.iter().find_map(|shorthand| shorthand.at_start(text))
    }
}

/// The expression between `open` and `close` that `text` begins with; it may have a
/// position: `{=2 uc =}`.
pub(crate) fn enclosed(text: &[u8], open: &[u8], close: &[u8]) -> Option<TagUse> {
    let rest = text.strip_prefix(open)?;
    let source = &rest[..memchr::memmem::find(rest, close)?];
    let length = open.len() + source.len() + close.len();
    let (index, source) = match position(source) {
        Some((index, source)) => (Some(index), source),
        None => (None, source),
    };
    Some(TagUse {
        length,
        index,
        expression: Expression::parse(source, &[]).map(Arc::new),
    })
}

/// The length of the tag that a definition begins with.
fn tag_length(text: &[u8]) -> usize {
    let first_blank = text.iter().position(u8::is_ascii_whitespace);
    let mut depth = 0_usize;
    let mut escaped = false;
    for (position, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => {}
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            byte if byte.is_ascii_whitespace() && depth == 0 => return position,
            _ => {}
        }
        escaped = *byte == b'\\' && !escaped;
    }
    match depth {
        0 => text.len(),
        // Parentheses that are not closed are no groups.
        _ => first_blank.unwrap_or(text.len()),
    }
}

/// Start and end of the groups of a tag.
fn groups(tag: &[u8]) -> Option<(usize, usize)> {
    let start = tag.iter().position(|&byte| byte == b'(')?;
    let end = tag.iter().rposition(|&byte| byte == b')')?;
    (start < end).then_some((start, end + 1))
}

/// A position before an expression, as in `1 $_ = seq()`.
fn leading_index(source: &[u8]) -> (Option<i32>, &[u8]) {
    if let Some((index, rest)) = position(source) {
        let trimmed = rest.trim_ascii_start();
        if trimmed.len() < rest.len() && trimmed.starts_with(b"$") {
            return (Some(index), trimmed);
        }
    }
    (None, source)
}

/// The position that `text` begins with, from 1 or from -1.
fn position(text: &[u8]) -> Option<(i32, &[u8])> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let count = digits
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (typed, rest) = text.split_at(text.len() - digits.len() + count);
    let index = str::from_utf8(typed).ok()?.parse().ok()?;
    (index != 0).then_some((index, rest))
}

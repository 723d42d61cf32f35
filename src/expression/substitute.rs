//! Patterns at work: `=~`, `s///`, `tr///`.

use std::sync::Arc;

use regex::bytes::{CaptureLocations, Regex};

use super::ast::{AstNode, ExpressionPattern};
use super::eval::{EvalResult, Evaluator, limited};
use super::limits::{LONGEST, too_long};
use super::pattern::CompiledPattern;
use super::text::step;
use super::transliterate::CharacterTable;
use super::value::ExpressionValue;

/// Iterates over the matches of a pattern.
struct MatchSearch<'s> {
    regex: &'s Regex,
    subject: &'s [u8],
    by_characters: bool,
    groups: CaptureLocations,
    at: usize,
}

impl<'s> MatchSearch<'s> {
    fn new(pattern: &'s CompiledPattern, subject: &'s [u8]) -> EvalResult<MatchSearch<'s>> {
        let Some(regex) = pattern.regex_for(subject) else {
            return Err("a pattern cannot be used".to_owned());
        };
        Ok(MatchSearch {
            regex,
            subject,
            by_characters: str::from_utf8(subject).is_ok(),
            groups: regex.capture_locations(),
            at: 0,
        })
    }

    /// The next match. As in Perl one of no length may follow another match directly.
    fn next(&mut self) -> Option<(usize, usize)> {
        if self.at > self.subject.len() {
            return None;
        }
        let found = self
            .regex
            .captures_read_at(&mut self.groups, self.subject, self.at)?;
        self.at = if found.is_empty() {
            found.end() + step(self.subject, found.end(), self.by_characters)
        } else {
            found.end()
        };
        Some((found.start(), found.end()))
    }

    fn texts(&self) -> Vec<Option<Vec<u8>>> {
        let ranges = (0..self.groups.len()).map(|number| self.groups.get(number));
        let text = |(start, end): (usize, usize)| self.subject[start..end].to_vec();
        ranges.map(|range| range.map(text)).collect()
    }
}

impl Evaluator<'_> {
    fn compiled(&mut self, pattern: &ExpressionPattern) -> EvalResult<Arc<CompiledPattern>> {
        if let Some(compiled) = pattern.fixed() {
            return Ok(Arc::clone(compiled));
        }
        let source = self.scalar(pattern.source())?;
        self.spend(LONGEST)?;
        pattern.compile(&source).map_err(|error| error.to_string())
    }

    /// `=~ /PATTERN/` where one value is wanted.
    pub(super) fn matches(
        &mut self,
        subject: &AstNode,
        pattern: &ExpressionPattern,
    ) -> EvalResult<ExpressionValue> {
        let subject = self.scalar(subject)?.into_text();
        let compiled = self.compiled(pattern)?;
        self.spend(subject.len())?;
        let mut search = MatchSearch::new(&compiled, &subject)?;
        let found = search.next().is_some();
        if found && self.reads_groups {
            self.groups = search.texts();
        }
        Ok(ExpressionValue::truth(found))
    }

    /// `=~ /PATTERN/` where a list is wanted: its groups, or `1` or all matches if it has
    /// none.
    pub(super) fn found(
        &mut self,
        subject: &AstNode,
        pattern: &ExpressionPattern,
        all: bool,
        out: &mut Vec<ExpressionValue>,
    ) -> EvalResult<()> {
        let subject = self.scalar(subject)?.into_text();
        let compiled = self.compiled(pattern)?;
        self.spend(subject.len())?;
        let mut search = MatchSearch::new(&compiled, &subject)?;
        while search.next().is_some() {
            self.spend(0)?;
            let texts = search.texts();
            let skipped = usize::from(texts.len() > 1);
            match texts.len() {
                1 if !all => out.push(ExpressionValue::truth(true)),
                _ => out.extend(texts.iter().skip(skipped).map(|text| match text {
                    Some(text) => ExpressionValue::Text(text.clone()),
                    None => ExpressionValue::Undefined,
                })),
            }
            if self.reads_groups {
                self.groups = texts;
            }
            if !all {
                break;
            }
        }
        Ok(())
    }

    /// `s///`: the number of replacements, or with `r` the result.
    pub(super) fn substitute(&mut self, node: &AstNode) -> EvalResult<ExpressionValue> {
        let AstNode::Substitute {
            subject,
            pattern,
            text,
            all,
            gives_result,
        } = node
        else {
            return Ok(ExpressionValue::Undefined);
        };
        let (index, old) = if *gives_result {
            (0, self.scalar(subject)?.into_text())
        } else {
            let index = self.variable(subject)?;
            (index, self.text_at(index))
        };
        let compiled = self.compiled(pattern)?;
        self.spend(old.len())?;
        let (new, count) = self.replaced(&compiled, &old, text, *all)?;
        if *gives_result {
            return limited(new);
        }
        if count > 0 {
            self.set(index, limited(new)?);
        }
        Ok(match count {
            0 => ExpressionValue::truth(false),
            count => ExpressionValue::count(count),
        })
    }

    fn replaced(
        &mut self,
        pattern: &CompiledPattern,
        old: &[u8],
        text: &AstNode,
        all: bool,
    ) -> EvalResult<(Vec<u8>, usize)> {
        let mut search = MatchSearch::new(pattern, old)?;
        let mut new = Vec::with_capacity(old.len());
        let (mut copied, mut count) = (0, 0);
        while let Some((start, end)) = search.next() {
            new.extend_from_slice(&old[copied..start]);
            copied = end;
            count += 1;
            if self.reads_groups {
                self.groups = search.texts();
            }
            new.extend(self.scalar(text)?.into_text());
            if new.len() > LONGEST {
                return Err(too_long());
            }
            if !all {
                break;
            }
        }
        new.extend_from_slice(&old[copied..]);
        Ok((new, count))
    }

    /// `tr///`: the number of characters found, or with `r` the result.
    pub(super) fn transliterate(
        &mut self,
        subject: &AstNode,
        table: &CharacterTable,
    ) -> EvalResult<ExpressionValue> {
        if !table.changes() {
            let old = self.scalar(subject)?.into_text();
            self.spend(old.len())?;
            let (new, count) = table.apply(&old);
            return if table.gives_result {
                limited(new)
            } else {
                Ok(ExpressionValue::count(count))
            };
        }
        let index = self.variable(subject)?;
        let old = self.text_at(index);
        self.spend(old.len())?;
        let (new, count) = table.apply(&old);
        self.set(index, limited(new)?);
        Ok(ExpressionValue::count(count))
    }
}

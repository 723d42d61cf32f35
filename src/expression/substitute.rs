//! Patterns at work: `=~`, `s///`, `tr///`.

use std::sync::Arc;

use regex::bytes::{CaptureLocations, Regex};

use super::ast::Node;
use super::eval::{LONGEST, Machine, Result, limited};
use super::format::too_long;
use super::pattern::{Compiled, Pattern};
use super::text::step;
use super::transliterate::Transliteration;
use super::value::Value;

/// Goes from one place that a pattern matches to the next.
struct Search<'s> {
    regex: &'s Regex,
    subject: &'s [u8],
    by_characters: bool,
    groups: CaptureLocations,
    at: usize,
}

impl<'s> Search<'s> {
    fn new(pattern: &'s Compiled, subject: &'s [u8]) -> Result<Search<'s>> {
        let Some(regex) = pattern.regex_for(subject) else {
            return Err("a pattern cannot be used".to_owned());
        };
        Ok(Search {
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
        self.at = match found.is_empty() {
            true => found.end() + step(self.subject, found.end(), self.by_characters),
            false => found.end(),
        };
        Some((found.start(), found.end()))
    }

    fn texts(&self) -> Vec<Option<Vec<u8>>> {
        let places = (0..self.groups.len()).map(|number| self.groups.get(number));
        let text = |(start, end): (usize, usize)| self.subject[start..end].to_vec();
        places.map(|place| place.map(text)).collect()
    }
}

impl Machine<'_> {
    fn compiled(&mut self, pattern: &Pattern) -> Result<Arc<Compiled>> {
        if let Some(compiled) = pattern.fixed() {
            return Ok(Arc::clone(compiled));
        }
        let source = self.scalar(pattern.source())?;
        self.spend(LONGEST)?;
        pattern.compile(&source).map_err(|flaw| flaw.to_string())
    }

    /// Whether the pattern is found.
    pub(super) fn matches(&mut self, subject: &Node, pattern: &Pattern) -> Result<Value> {
        let subject = self.scalar(subject)?.into_text();
        let compiled = self.compiled(pattern)?;
        self.spend(subject.len())?;
        let mut search = Search::new(&compiled, &subject)?;
        let found = search.next().is_some();
        if found && self.reads_groups {
            self.groups = search.texts();
        }
        Ok(Value::truth(found))
    }

    /// What the pattern finds: its groups, or all of it if there are none.
    pub(super) fn found(
        &mut self,
        subject: &Node,
        pattern: &Pattern,
        all: bool,
        out: &mut Vec<Value>,
    ) -> Result<()> {
        let subject = self.scalar(subject)?.into_text();
        let compiled = self.compiled(pattern)?;
        self.spend(subject.len())?;
        let mut search = Search::new(&compiled, &subject)?;
        while search.next().is_some() {
            self.spend(0)?;
            let texts = search.texts();
            let skipped = usize::from(texts.len() > 1);
            match texts.len() {
                1 if !all => out.push(Value::truth(true)),
                _ => out.extend(texts.iter().skip(skipped).map(|text| match text {
                    Some(text) => Value::Text(text.clone()),
                    None => Value::Undefined,
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

    /// `s///`: how many were replaced, or with `r` the result.
    pub(super) fn substitute(&mut self, node: &Node) -> Result<Value> {
        let Node::Substitute {
            subject,
            pattern,
            text,
            all,
            gives_result,
        } = node
        else {
            return Ok(Value::Undefined);
        };
        let (place, old) = match gives_result {
            true => (0, self.scalar(subject)?.into_text()),
            false => {
                let place = self.place(subject)?;
                (place, self.text_at(place))
            }
        };
        let compiled = self.compiled(pattern)?;
        self.spend(old.len())?;
        let (new, count) = self.replaced(&compiled, &old, text, *all)?;
        if *gives_result {
            return limited(new);
        }
        if count > 0 {
            self.set(place, limited(new)?);
        }
        Ok(match count {
            0 => Value::truth(false),
            count => Value::count(count),
        })
    }

    fn replaced(
        &mut self,
        pattern: &Compiled,
        old: &[u8],
        text: &Node,
        all: bool,
    ) -> Result<(Vec<u8>, usize)> {
        let mut search = Search::new(pattern, old)?;
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

    /// `tr///`: how many characters were found, or with `r` the result.
    pub(super) fn transliterate(
        &mut self,
        subject: &Node,
        table: &Transliteration,
    ) -> Result<Value> {
        if !table.changes() {
            let old = self.scalar(subject)?.into_text();
            self.spend(old.len())?;
            let (new, count) = table.apply(&old);
            return match table.gives_result {
                true => limited(new),
                false => Ok(Value::count(count)),
            };
        }
        let place = self.place(subject)?;
        let old = self.text_at(place);
        self.spend(old.len())?;
        let (new, count) = table.apply(&old);
        self.set(place, limited(new)?);
        Ok(Value::count(count))
    }
}

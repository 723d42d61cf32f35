//! Borders by regular expressions.

use std::fmt;

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::start;
use regex_automata::{Anchored, Span};

use super::scan::{BorderScan, FoundBorder};
use crate::blocks::lazy_state::{end_state, next_state, start_state};
use crate::blocks::record_pattern::RecordPattern;

/// Walks through an automaton a byte at a time, and keeps its state until there are more
/// bytes. A match is final when the automaton is dead: no byte can make it another one.
pub(in crate::blocks) struct PatternScan {
    pattern: RecordPattern,
    forward: Cache,
    reverse: Cache,
    /// Offset of the first byte of a match that is not yet found.
    from: usize,
    last_end: Option<usize>,
    /// Offset of the next byte to walk over, and the state there.
    position: usize,
    state: Option<LazyStateID>,
    /// End of the match that is not yet final.
    matched: Option<usize>,
    found: Option<usize>,
    /// Last byte that was forgotten.
    before: Option<u8>,
}

impl PatternScan {
    pub(in crate::blocks) fn new(pattern: RecordPattern) -> PatternScan {
        PatternScan {
            forward: pattern.spans().forward().create_cache(),
            reverse: pattern.spans().reverse().create_cache(),
            pattern,
            from: 0,
            last_end: None,
            position: 0,
            state: None,
            matched: None,
            found: None,
            before: None,
        }
    }

    fn byte_before(&self, bytes: &[u8], at: usize) -> Option<u8> {
        at.checked_sub(1).map_or(self.before, |at| Some(bytes[at]))
    }

    /// End of the next match, if it is final.
    fn match_end(&mut self, bytes: &[u8], is_ended: bool) -> Option<usize> {
        if self.position > bytes.len() {
            return None;
        }
        let pattern = self.pattern.clone();
        let dfa = pattern.spans().forward();
        let mut state = match self.state {
            Some(state) => state,
            None => self.start_state(dfa, bytes),
        };
        while self.position < bytes.len() && !state.is_dead() {
            if state.is_start() && self.skip(dfa, bytes) {
                state = self.start_state(dfa, bytes);
                if self.position == bytes.len() {
                    break;
                }
            }
            state = next_state(dfa, &mut self.forward, state, bytes[self.position]);
            if state.is_match() {
                self.matched = Some(self.position);
            }
            if !state.is_dead() {
                self.position += 1;
            }
        }
        self.state = Some(state);
        if state.is_dead() {
            return self.matched;
        }
        if !is_ended {
            return None;
        }
        if end_state(dfa, &mut self.forward, state).is_match() {
            self.matched = Some(bytes.len());
        }
        self.matched
    }

    /// Length of the match of a [prefix](RecordPattern::prefix), 0 if there is none; `None` if
    /// more bytes are needed to tell.
    pub(in crate::blocks) fn prefix(&mut self, bytes: &[u8], is_ended: bool) -> Option<usize> {
        let end = self.match_end(bytes, is_ended);
        let is_final = is_ended || self.state.is_some_and(|state| state.is_dead());
        is_final.then_some(end.unwrap_or(0))
    }

    /// Skips bytes with which no match can begin. Returns `false` if there are none.
    fn skip(&mut self, dfa: &DFA, bytes: &[u8]) -> bool {
        let Some(prefilter) = dfa.get_config().get_prefilter() else {
            return false;
        };
        let unseen = Span::from(self.position..bytes.len());
        let candidate = match prefilter.find(bytes, unseen) {
            Some(span) => span.start,
            // One may begin that is not there as a whole.
            None => (bytes.len() + 1).saturating_sub(prefilter.max_needle_len().max(1)),
        };
        if candidate <= self.position {
            return false;
        }
        self.position = candidate;
        true
    }

    fn start_state(&mut self, dfa: &DFA, bytes: &[u8]) -> LazyStateID {
        let before = self.byte_before(bytes, self.position);
        let config = start::Config::new().look_behind(before);
        start_state(dfa, &mut self.forward, &config)
    }

    /// Start of the match that ends here: the leftmost one.
    fn match_start(&mut self, bytes: &[u8], end: usize) -> usize {
        let pattern = self.pattern.clone();
        let dfa = pattern.spans().reverse();
        let config = start::Config::new()
            .look_behind(bytes.get(end).copied())
            .anchored(Anchored::Yes);
        let mut state = start_state(dfa, &mut self.reverse, &config);
        let mut start = end;
        for at in (self.from..=end).rev() {
            state = match self.byte_before(bytes, at) {
                Some(byte) => next_state(dfa, &mut self.reverse, state, byte),
                None => end_state(dfa, &mut self.reverse, state),
            };
            if state.is_match() {
                start = at;
            } else if state.is_dead() {
                break;
            }
        }
        start
    }

    /// Looks for the next match from here on.
    fn restart(&mut self, from: usize) {
        self.from = from;
        self.position = from;
        self.state = None;
        self.matched = None;
    }
}

impl BorderScan for PatternScan {
    fn next(&mut self, bytes: &[u8], is_ended: bool) -> Option<FoundBorder> {
        loop {
            let end = self.match_end(bytes, is_ended)?;
            let span = Span::from(self.match_start(bytes, end)..end);
            let before = self.byte_before(bytes, span.start);
            let after = bytes.get(end).copied();
            let border = self.pattern.border(bytes, span, before, after);
            if span.is_empty() && self.last_end == Some(end) {
                // Nothing after a match is no other match.
                self.restart(end + 1);
                continue;
            }
            self.last_end = Some(end);
            self.restart(end);
            if self.found.is_none_or(|found| border > found) {
                self.found = Some(border);
                return Some(FoundBorder {
                    at: border,
                    separator: span.range(),
                });
            }
        }
    }

    fn floor(&self) -> usize {
        if self.pattern.borders_at_end() {
            self.matched.unwrap_or(self.position)
        } else {
            self.from
        }
    }

    fn forget(&mut self, block: &[u8]) {
        let length = block.len();
        self.before = block.last().copied().or(self.before);
        self.from = self.from.saturating_sub(length);
        self.position = self.position.saturating_sub(length);
        self.matched = self.matched.map(|end| end.saturating_sub(length));
        self.last_end = self.last_end.and_then(|end| end.checked_sub(length));
        self.found = self.found.map(|found| found.saturating_sub(length));
    }
}

impl fmt::Debug for PatternScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PatternScan({:?})", self.pattern)
    }
}

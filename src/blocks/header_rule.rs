//! The header at the beginning of a stream (`--header`).

use std::sync::Arc;

use memchr::memchr_iter;
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson::Config;
use regex_automata::util::start;
use regex_automata::{Anchored, util::syntax};

use super::lazy_state::{end_state, next_state, start_state};
use super::record_pattern::{MOST_BYTES, with_reason};

/// Rule of where the header ends.
#[derive(Debug, Clone)]
pub(crate) enum HeaderRule {
    Lines(usize),
    /// It is the match at the beginning of the stream, which may be empty.
    Pattern(Arc<DFA>),
}

impl HeaderRule {
    /// # Errors
    /// The reason why the text is no regular expression of bytes.
    pub(crate) fn pattern(text: &str) -> Result<HeaderRule, String> {
        let syntax = syntax::Config::new().utf8(false).unicode(false);
        syntax::parse_with(text, &syntax).map_err(|error| error.to_string())?;
        let dfa = DFA::builder()
            .syntax(syntax)
            .thompson(Config::new().utf8(false).nfa_size_limit(Some(MOST_BYTES)))
            .configure(DFA::config().skip_cache_capacity_check(true))
            .build(text);
        let dfa = dfa.map_err(|error| with_reason(&error))?;
        Ok(HeaderRule::Pattern(Arc::new(dfa)))
    }

    /// Length of the header of a stream that begins with these bytes. `None`: more bytes may
    /// make another one.
    pub(crate) fn length(&self, bytes: &[u8], is_ended: bool) -> Option<usize> {
        match self {
            HeaderRule::Lines(0) => Some(0),
            HeaderRule::Lines(count) => {
                let newline = memchr_iter(b'\n', bytes).nth(count - 1);
                let end = newline.map(|newline| newline + 1);
                end.or(is_ended.then_some(bytes.len()))
            }
            HeaderRule::Pattern(dfa) => match_length(dfa, bytes, is_ended),
        }
    }
}

/// The match is final when the automaton is dead.
fn match_length(dfa: &DFA, bytes: &[u8], is_ended: bool) -> Option<usize> {
    let mut cache = dfa.create_cache();
    let anchored = start::Config::new().anchored(Anchored::Yes);
    let mut state = start_state(dfa, &mut cache, &anchored);
    let mut matched = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        state = next_state(dfa, &mut cache, state, byte);
        if state.is_match() {
            matched = at;
        }
        if state.is_dead() {
            return Some(matched);
        }
    }
    if is_ended && end_state(dfa, &mut cache, state).is_match() {
        matched = bytes.len();
    }
    is_ended.then_some(matched)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_the_same_however_the_stream_comes_in() {
        for (rule, stream, length) in [
            (HeaderRule::Lines(1), "ab\nc\n", 3),
            (HeaderRule::Lines(0), "ab\n", 0),
            (HeaderRule::Lines(3), "ab\nc", 4),
            (HeaderRule::Lines(usize::MAX), "ab\nc\n", 5),
            (HeaderRule::pattern(r"(#.*\n)*").unwrap(), "#a\n#b\nc\n", 6),
            (HeaderRule::pattern(r"(#.*\n)*").unwrap(), "#a\n#b", 3),
            (HeaderRule::pattern(r"(.*\n)?").unwrap(), "ab\nc\n", 3),
            (HeaderRule::pattern(r".*\n").unwrap(), "ab\nc\n", 3),
            (HeaderRule::pattern(r"a*?b").unwrap(), "aabb", 3),
            (HeaderRule::pattern(r"a|ab").unwrap(), "ab", 1),
            (HeaderRule::pattern("x").unwrap(), "ab\n", 0),
            (HeaderRule::pattern("").unwrap(), "ab\n", 0),
            (HeaderRule::pattern(r"ab\b").unwrap(), "ab\n", 2),
            (HeaderRule::pattern(r"\Aab").unwrap(), "ab\n", 2),
            (HeaderRule::pattern("é*").unwrap(), "ééa", 4),
        ] {
            let stream = stream.as_bytes();
            assert_eq!(rule.length(stream, true), Some(length), "{rule:?}");
            for end in 0..stream.len() {
                let early = rule.length(&stream[..end], false);
                assert!(early.is_none_or(|early| early == length), "{rule:?}: {end}");
            }
        }
    }
}

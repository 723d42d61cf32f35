//! States of an automaton that is made while it runs.
//!
//! It fails only for want of a cache, and of that there is no limit to how often it is filled
//! anew, or at a byte at which automata are told to give up, and these are not.

use regex_automata::hybrid::LazyStateID;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::util::start;

pub(super) fn start_state(dfa: &DFA, cache: &mut Cache, config: &start::Config) -> LazyStateID {
    match dfa.start_state(cache, config) {
        Ok(state) => state,
        Err(error) => unreachable!("{error}"),
    }
}

pub(super) fn next_state(
    dfa: &DFA,
    cache: &mut Cache,
    state: LazyStateID,
    byte: u8,
) -> LazyStateID {
    match dfa.next_state(cache, state, byte) {
        Ok(state) => state,
        Err(error) => unreachable!("{error}"),
    }
}

pub(super) fn end_state(dfa: &DFA, cache: &mut Cache, state: LazyStateID) -> LazyStateID {
    match dfa.next_eoi_state(cache, state) {
        Ok(state) => state,
        Err(error) => unreachable!("{error}"),
    }
}

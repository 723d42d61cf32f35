//! What a command takes for values, in bytes.

use super::Weight;
use super::direct::LONGEST_ARGUMENT;
use super::lex::Setting;
use super::program::{Chunk, Filling, Program};

/// How a command is given to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// As a program and its arguments.
    Arguments,
    /// As a script, which is one argument.
    Script,
}

impl Program {
    /// What values take in it.
    pub(super) fn weight(&self, by: Means) -> Weight {
        /// A blank.
        const SHOWN: usize = 1;
        /// A reference to a parameter, or the pointer to an argument and its end.
        const PASSED: usize = 32;
        let mut program = self.clone();
        let base: usize = self.chunks.iter().map(Chunk::fixed_length).sum();
        let values = program.holes().filter(|hole| hole.placeholder.is_value());
        let settings: Vec<Filling> = values.map(|hole| hole.filling).collect();
        let is_word = |filling: &Filling| *filling == Filling::Parameter(Setting::Word);
        let is_list = settings.iter().all(is_word) && !self.chunks.iter().any(Chunk::is_word);
        let words = self.chunks.iter().filter(|chunk| chunk.is_word());
        let context: usize = words.map(Chunk::fixed_length).sum();
        Weight {
            base,
            times: settings.len().max(1),
            shown: SHOWN + context,
            passed: PASSED + context,
            possible: match by {
                Means::Script if !is_list => LONGEST_ARGUMENT,
                Means::Script | Means::Arguments => usize::MAX,
            },
        }
    }
}

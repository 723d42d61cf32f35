//! Estimate of a command's size with values.

use crate::placeholder::LONGEST_ARGUMENT;
use crate::shell::QuoteContext;

use super::command_text::{CommandText, CommandTextPart, SlotFilling};

/// Bytes that a command takes for values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CommandSize {
    /// Without any.
    pub base: usize,
    /// Times that each value is there.
    pub times: usize,
    /// Each time, beside the value itself, in the command as it is shown.
    pub shown: usize,
    /// Each time, beside the value itself, in what the system is given.
    pub passed: usize,
    /// Limit of the bytes that are passed in all, if there is one beside the system's.
    pub possible: usize,
}

impl CommandText {
    pub(super) fn size(&self, is_script: bool) -> CommandSize {
        /// A blank.
        const SHOWN: usize = 1;
        /// A reference to a parameter, or the pointer to an argument and its end.
        const PASSED: usize = 32;
        let mut command_text = self.clone();
        let base: usize = self.chunks.iter().map(CommandTextPart::fixed_length).sum();
        let values = command_text
            .slots()
            .filter(|slot| slot.placeholder.is_value());
        let fillings: Vec<SlotFilling> = values.map(|slot| slot.filling).collect();
        let is_word =
            |filling: &SlotFilling| *filling == SlotFilling::Parameter(QuoteContext::Word);
        let is_list =
            fillings.iter().all(is_word) && !self.chunks.iter().any(CommandTextPart::is_word);
        let words = self.chunks.iter().filter(|chunk| chunk.is_word());
        let around: usize = words.map(CommandTextPart::fixed_length).sum();
        CommandSize {
            base,
            times: fillings.len().max(1),
            shown: SHOWN + around,
            passed: PASSED + around,
            possible: if is_script && !is_list {
                LONGEST_ARGUMENT
            } else {
                usize::MAX
            },
        }
    }
}

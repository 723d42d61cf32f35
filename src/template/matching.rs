//! Text that commands of one template have in common, whatever the values are.

use memchr::memmem;

use crate::placeholder::Placeholder;

use super::command_text::{CommandText, CommandTextPart};

impl CommandText {
    /// Tells whether a placeholder of this kind is in the text.
    pub(super) fn shows(&self, is: impl Fn(&Placeholder) -> bool) -> bool {
        let mut command_text = self.clone();
        command_text.slots().any(|slot| is(&slot.placeholder))
    }

    /// Tells whether a command could have this text, with anything for the values.
    pub(super) fn fits(&self, command: &[u8]) -> bool {
        let (first, between, last) = match self.chunks.as_slice() {
            [] => return command.is_empty(),
            [CommandTextPart::Text(text)] => return command == text,
            [_] => return true,
            [first, between @ .., last] => (first, between, last),
        };
        let rest = command.strip_prefix(first.text());
        let rest = rest.and_then(|rest| rest.strip_suffix(last.text()));
        // The first place for each leaves most room for those after it.
        let mut texts = between.iter().map(CommandTextPart::text);
        let rest = rest.and_then(|rest| {
            texts.try_fold(rest, |rest, text| {
                let at = memmem::find(rest, text)?;
                Some(&rest[at + text.len()..])
            })
        });
        rest.is_some()
    }

    /// The text with `<>` wherever a value goes.
    pub(super) fn generic_text(&self) -> Vec<u8> {
        let pieces = self.chunks.iter().map(|chunk| match chunk {
            CommandTextPart::Text(text) => text.as_slice(),
            CommandTextPart::Slot(_) | CommandTextPart::Word(_) => b"<>",
        });
        pieces.collect::<Vec<_>>().concat()
    }
}

impl CommandTextPart {
    /// The text that is the same whatever the values are.
    fn text(&self) -> &[u8] {
        match self {
            CommandTextPart::Text(text) => text,
            CommandTextPart::Slot(_) | CommandTextPart::Word(_) => b"",
        }
    }
}

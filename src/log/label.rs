//! Names of jobs for people: the values, or the text of `--tagstring`.

use std::sync::Arc;

use console::measure_text_width;

use crate::error::visible;
use crate::exec::capture::last_line::plain;
use crate::input::Row;
use crate::placeholder::{JobPosition, TextTemplate};
use crate::template::CommandTemplate;

/// Bytes of a row's values that are looked at from either end: more than any name shows.
const MAX_END: usize = 2 << 10;

/// Columns of a command.
const MAX_COMMAND: usize = 200;

/// Names of the jobs of a run.
#[derive(Debug)]
pub(crate) struct JobNames {
    template: Arc<CommandTemplate>,
    tag: Option<Arc<TextTemplate>>,
}

impl JobNames {
    /// Names by the text of `--tagstring`, if there is one.
    pub(crate) fn new(template: Arc<CommandTemplate>, tag: Option<Arc<TextTemplate>>) -> Self {
        JobNames { template, tag }
    }

    /// Tells whether a name depends on the slot that the job runs in.
    pub(crate) fn need_slot(&self) -> bool {
        self.tag.as_ref().is_some_and(|tag| tag.names_slot())
    }

    pub(crate) fn place(&self, seq: u64, slot: usize) -> JobPosition {
        self.template.position(seq, slot)
    }

    /// The name of the job of a row; its command if it has no values.
    pub(crate) fn name(&self, row: &Row, place: JobPosition) -> String {
        if let Some(tag) = &self.tag {
            return visible(&plain(&tag.render(row, place)).collect::<Vec<u8>>());
        }
        if row.values.is_empty() {
            visible(&self.command(row, place))
        } else {
            visible(&ends_of_values(row))
        }
    }

    /// The command of the job of a row, as a person would type it.
    pub(crate) fn command(&self, row: &Row, place: JobPosition) -> Vec<u8> {
        let mut command = Vec::new();
        self.template.show(row, place, &mut command);
        command
    }

    /// Tells whether `command` tells the job of a row from the others as well as its name does.
    pub(crate) fn is_named_by(&self, command: &[u8], row: &Row, place: JobPosition) -> bool {
        match &self.tag {
            Some(tag) => memchr::memmem::find(command, &tag.render(row, place)).is_some(),
            None => self.template.shows_values(row, command),
        }
    }
}

/// The values, joined by blanks. Of many only those at both ends are taken.
fn ends_of_values(row: &Row) -> Vec<u8> {
    let count = row.values.len();
    if row.values.size() + count <= 2 * MAX_END {
        return row.values.join(b" ");
    }
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    let mut values = row.values.iter();
    while head.len() < MAX_END
        && let Some(value) = values.next()
    {
        head.extend_from_slice(&value[..value.len().min(MAX_END)]);
        head.push(b' ');
    }
    for value in (0..count).rev().map(|nth| &row.values[nth]) {
        if tail.len() >= MAX_END {
            break;
        }
        let end = &value[value.len().saturating_sub(MAX_END)..];
        tail.splice(0..0, [b" ", end].concat());
    }
    [head, tail].concat()
}

/// A command that is safe on a terminal and not too long to be read.
pub(crate) fn shorten(command: &[u8]) -> String {
    cut_middle(&visible(command), MAX_COMMAND, "...")
}

/// The text in at most so many columns, its middle replaced by `mark` if it has more: what
/// tells jobs apart is at the end of a path as often as at its beginning.
pub(crate) fn cut_middle(text: &str, columns: usize, mark: &str) -> String {
    if measure_text_width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(measure_text_width(mark)) else {
        return String::new();
    };
    let tail = room / 2;
    let end = fitting(text.char_indices().rev().map(|(at, _)| &text[at..]), tail);
    let ends = text
        .char_indices()
        .map(|(at, c)| &text[..at + c.len_utf8()]);
    let beginning = fitting(ends, room - tail);
    format!("{beginning}{mark}{end}")
}

/// The last of the growing pieces that is not wider than so many columns.
fn fitting<'a>(pieces: impl Iterator<Item = &'a str>, columns: usize) -> &'a str {
    // A character without width belongs to the one before it.
    let fits = pieces.take_while(|piece| measure_text_width(piece) <= columns);
    fits.last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_middle_of_long_text_is_left_out() {
        for (text, columns, cut) in [
            ("dir/name.txt", 12, "dir/name.txt"),
            ("dir/name.txt", 11, "dir/n…e.txt"),
            ("dir/name.txt", 10, "dir/n….txt"),
            ("dir/name.txt", 2, "d…"),
            ("dir/name.txt", 1, "…"),
            ("dir/name.txt", 0, ""),
            ("日本語日本語", 9, "日本…本語"),
            ("日本語日本語", 8, "日本…語"),
            ("", 0, ""),
        ] {
            assert_eq!(cut_middle(text, columns, "…"), cut, "{columns}");
        }
    }

    #[test]
    fn names_of_many_values_show_both_ends() {
        let values = (0..100_000).map(|number| number.to_string());
        let name = ends_of_values(&values.collect());
        assert!(name.starts_with(b"0 1 2 ") && name.ends_with(b" 99998 99999"));
        assert!(name.len() < 3 * MAX_END);
        let name = ends_of_values(&[vec![b'x'; 1 << 20]].into_iter().collect());
        assert!(name.len() < 3 * MAX_END);
    }

    proptest! {
        #[test]
        fn cut_text_fits(text in "[a-c日é ]{0,30}", columns in 0usize..40) {
            let cut = cut_middle(&text, columns, "…");
            prop_assert!(measure_text_width(&cut) <= columns);
            prop_assert!(cut == text || measure_text_width(&text) > columns);
        }

        #[test]
        fn no_bytes_command_a_terminal(
            bytes in proptest::collection::vec(any::<u8>(), 0..60),
            text in "[a\\x1b\\x07\\x7f\u{80}-\u{9f}\n日]{0,20}",
        ) {
            for bytes in [bytes.as_slice(), text.as_bytes()] {
                let shown = visible(bytes);
                prop_assert!(!shown.chars().any(char::is_control), "{:?}", shown);
                prop_assert!(!shorten(bytes).chars().any(char::is_control));
            }
        }
    }
}

//! `--dry-run`: the commands instead of their execution, in input order, without a
//! pool.

use crate::error::Result;
use crate::exit::{self, End};
use crate::input::Rows;
use crate::output::print;
use crate::template::{Place, Template};

/// So much text is printed at once, unless the next row has to be waited for.
const BATCH: usize = 64 << 10;

/// Prints the command of every row. Returns how many there were, and how prun ends.
///
/// # Errors
/// Input cannot be read, standard output cannot be written.
pub fn run(mut rows: Rows, template: &Template) -> Result<(u64, End)> {
    let mut text = Vec::with_capacity(2 * BATCH);
    let mut place = Place { seq: 0, slot: 1 };
    while let Some(row) = rows.next() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                print(&text)?;
                return Err(error);
            }
        };
        place.seq += 1;
        template.show(&row, place, &mut text);
        text.push(b'\n');
        if text.len() >= BATCH || !rows.is_ready() {
            let end = print(&text)?;
            if end != End::Status(exit::SUCCESS) {
                return Ok((place.seq, end));
            }
            text.clear();
        }
    }
    Ok((place.seq, print(&text)?))
}

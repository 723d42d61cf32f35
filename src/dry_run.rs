//! `--dry-run` and `--shellquote`: the commands instead of their execution, in input
//! order, without a pool.

use std::io;
use std::os::fd::AsFd;

use crate::error::Result;
use crate::exit::{self, End};
use crate::input::Rows;
use crate::job::Outcome;
use crate::output::print;
use crate::output::results::Assignments;
use crate::output::writer::write_all;
use crate::tally::Tally;
use crate::template::{BadValue, Template};

/// So much text is printed at once, unless the next row has to be waited for.
const BATCH: usize = 64 << 10;

/// How commands are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As they are.
    Plainly,
    /// Quoted so many times, for a shell to read back as they are.
    Quoted(u8),
}

/// Prints the command of every row. Returns how many there were, and how prun ends: a
/// row that could not be run counts as failed. `variables` take the commands if they are
/// not simply printed.
///
/// # Errors
/// Input cannot be read, standard output cannot be written.
pub fn run(
    mut rows: Rows,
    template: &Template,
    shown: Shown,
    mut variables: Option<Assignments>,
) -> Result<(u64, End)> {
    let mut text = Vec::with_capacity(2 * BATCH);
    let mut refused = Tally::default();
    let mut count = 0;
    while let Some(next) = rows.next() {
        let (seq, row) = match next {
            Ok(next) => next,
            Err(error) => {
                print(&text)?;
                return Err(error);
            }
        };
        count += 1;
        let place = template.place(seq, 1);
        let begin = text.len();
        match shown {
            Shown::Plainly => {
                if let Err(BadValue(why)) = template.work(&row, place) {
                    refused.count(&Outcome::Refused(String::new()));
                    complain(&format!("prun: job {seq}: {why}\n"));
                }
                template.show(&row, place, &mut text);
            }
            Shown::Quoted(times) => text.extend(template.quote(&row, place, times)),
        }
        text.push(b'\n');
        if let Some(variables) = &mut variables {
            let command = text.split_off(begin);
            text.extend(variables.assign(&row, &command)?);
        }
        if text.len() >= BATCH || !rows.is_ready() {
            let end = print(&text)?;
            if end != End::Status(exit::SUCCESS) {
                return Ok((count, end));
            }
            text.clear();
        }
    }
    let end = match print(&text)? {
        End::Status(_) => End::Status(refused.status()),
        signal => signal,
    };
    Ok((count, end))
}

/// A standard error that cannot take it is no reason to print less.
fn complain(text: &str) {
    let _ = write_all(io::stderr().as_fd(), text.as_bytes());
}

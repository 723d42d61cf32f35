//! `--dry-run` and `--shellquote`: the commands instead of their execution, in input
//! order or in that of the waves of a plan, without a pool.

use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result, escape_controls};
use crate::exit::{self, RunExit};
use crate::input::job_stdin::FileRange;
use crate::input::{JobStdin, Row, Rows};
use crate::job::Outcome;
use crate::output::results::Assignments;
use crate::output::{print, write_all};
use crate::placeholder::{JobPosition, ValueError};
use crate::plan::Plan;
use crate::pool::JobTag;
use crate::quote;
use crate::tally::Tally;
use crate::template::CommandTemplate;

/// Bytes that are printed at once, unless the next row has to be waited for.
const BATCH: usize = 64 << 10;

/// Form of printed commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DryRunFormat {
    Plainly,
    /// With a pipe from the part of a file that the command reads (`--pipepart`).
    WithParts,
    /// Quoted so many times, for a shell to read back as they are.
    Quoted(u8),
}

/// Options of a dry run.
#[derive(Debug)]
pub(crate) struct DryRunOptions {
    pub shown: DryRunFormat,
    pub tag: JobTag,
    /// The variables that take them if they are not simply printed.
    pub variables: Option<Assignments>,
    /// Number of rows that were left out and count as failed.
    pub skipped: Arc<AtomicU64>,
    /// Plan whose jobs are the rows.
    pub plan: Option<Arc<Plan>>,
}

impl DryRunOptions {
    /// Appends what is printed for a row.
    fn push(
        &mut self,
        template: &CommandTemplate,
        (row, place): (&Row, JobPosition),
        text: &mut Vec<u8>,
    ) -> Result<()> {
        let begin = text.len();
        match self.shown {
            DryRunFormat::WithParts if template.calls_builtins() => return Err(no_part()),
            DryRunFormat::Plainly => template.show(row, place, text),
            DryRunFormat::WithParts => {
                push_part(&row.stdin, text)?;
                text.extend_from_slice(b" | (");
                template.show(row, place, text);
                text.push(b')');
            }
            DryRunFormat::Quoted(times) => text.extend(template.quote(row, place, times)),
        }
        text.push(b'\n');
        if let Some(tag) = self.tag.render(row, place) {
            let command = text.split_off(begin);
            for line in command.split_inclusive(|byte| *byte == b'\n') {
                text.extend_from_slice(&tag);
                text.push(b'\t');
                text.extend_from_slice(line);
            }
        }
        if let Some(variables) = &mut self.variables {
            let command = text.split_off(begin);
            text.extend(variables.assign(row, &command)?);
        }
        Ok(())
    }
}

/// Prints the command of every row. Returns how many there were, and how prun ends: a
/// row that could not be run counts as failed.
///
/// # Errors
/// Input cannot be read, standard output cannot be written.
pub(crate) fn run(
    mut rows: Rows,
    template: &CommandTemplate,
    mut printing: DryRunOptions,
) -> Result<(u64, RunExit)> {
    let mut text = Vec::with_capacity(2 * BATCH);
    let mut waves = PlanWaves::default();
    if let Some(plan) = printing.plan.take() {
        (waves, rows) = PlanWaves::order(&plan, rows)?;
    }
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
        for warning in rows.take_warnings() {
            complain(&format!("{warning}\n"));
        }
        let place = template.position(seq, 1);
        if !matches!(printing.shown, DryRunFormat::Quoted(_))
            && let Err(ValueError(why)) = template.work(&row, place)
        {
            refused.count(&Outcome::Refused(String::new()));
            complain(&format!("prun: job {seq}: {why}\n"));
        }
        waves.push_heading(seq, &mut text);
        printing.push(template, (&row, place), &mut text)?;
        if text.len() >= BATCH || !rows.is_ready() {
            let end = print(&text)?;
            if end != RunExit::Status(exit::SUCCESS) {
                return Ok((count, end));
            }
            text.clear();
        }
    }
    let end = match print(&text)? {
        RunExit::Status(_) => {
            refused.failed += printing.skipped.load(Ordering::Relaxed);
            RunExit::Status(refused.status())
        }
        signal => signal,
    };
    Ok((count, end))
}

/// Waves in which jobs of a plan may run side by side.
#[derive(Debug, Default)]
struct PlanWaves {
    /// The wave of the first job of each, by the number of the job.
    first: HashMap<u64, usize>,
}

impl PlanWaves {
    /// Puts rows, and the services that they need, in the order of waves.
    ///
    /// # Errors
    /// The rows cannot be read.
    fn order(plan: &Plan, rows: Rows) -> Result<(PlanWaves, Rows)> {
        let mut left = plan.by_index(rows)?;
        let waves = plan.graph.waves();
        let mut order: Vec<usize> = (0..waves.len()).collect();
        order.sort_by_key(|&index| (waves[index], index));
        // Those that need a service come after it.
        for &index in order.iter().rev().filter(|&&index| plan.is_service(index)) {
            let mut users = plan.graph.users(index).iter();
            if users.any(|&user| left[user].is_some()) {
                left[index] = Some(plan.jobs[index].row());
            }
        }
        let mut first = HashMap::new();
        let mut last = None;
        let mut rows = Vec::new();
        for index in order {
            if let Some(row) = left[index].take() {
                let number = plan.jobs[index].number;
                if last.replace(waves[index]) != Some(waves[index]) {
                    first.insert(number, waves[index] + 1);
                }
                rows.push((number, row));
            }
        }
        Ok((PlanWaves { first }, Rows::numbered(rows)))
    }

    /// Appends the heading of the wave that begins with a job, if one does.
    fn push_heading(&self, seq: u64, text: &mut Vec<u8>) {
        if let Some(wave) = self.first.get(&seq) {
            text.extend_from_slice(format!("# wave {wave}\n").as_bytes());
        }
    }
}

/// Appends a command that prints a part of a file.
fn push_part(stdin: &JobStdin, text: &mut Vec<u8>) -> Result<()> {
    let range = match stdin {
        JobStdin::FileRange(range) => range.path.as_ref().map(|path| (range, path)),
        _ => None,
    };
    let Some((range, path)) = range else {
        return Err(no_part());
    };
    let FileRange {
        header,
        start,
        length,
        ..
    } = &**range;
    let mut file = Vec::new();
    quote::single(path.as_os_str().as_bytes(), &mut file);
    let mut print = |command: String| {
        text.extend_from_slice(command.as_bytes());
        text.extend_from_slice(&file);
    };
    if header.is_empty() {
        print(format!("tail -c +{} -- ", start + 1));
        text.extend_from_slice(format!(" | head -c {length}").as_bytes());
    } else {
        print(format!("{{ head -c {} -- ", header.len()));
        print(format!("; tail -c +{} -- ", start + 1));
        text.extend_from_slice(format!(" | head -c {length}; }}").as_bytes());
    }
    Ok(())
}

/// Error of a command that no shell could run on a part of a file.
fn no_part() -> Error {
    Error::new("no shell can run this command on its part of the file").hint("leave out -vv")
}

/// A standard error that cannot take it is no reason to print less.
fn complain(text: &str) {
    let _ = write_all(io::stderr().as_fd(), &escape_controls(text.as_bytes()));
}

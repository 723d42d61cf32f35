//! Reading a job log: what an earlier run has done, so that it need not be done again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

use super::command_field::command_of;
use super::joblog;
use super::label::shorten;
use crate::error::{Error, Result};
use crate::exit;
use crate::input::{JobStdin, Row, Rows};
use crate::policy::statuses::SuccessStatuses;
use crate::template::{self, CommandTemplate};

/// Identity of a job in an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JobIdentity {
    /// Its command: equal commands are counted.
    Command,
    /// Its number, as in GNU parallel.
    Number,
    /// The number of the block that it reads (`--pipe`): all have the same command.
    Block,
}

/// Jobs of the log that are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DoneJobs {
    /// `--resume`: all that ended, however they did.
    Ended,
    /// `--resume-failed`: all that succeeded, with one of these statuses.
    Succeeded(SuccessStatuses),
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LogRecord {
    pub(super) seq: u64,
    exit: i32,
    signal: i32,
    /// Bytes of its block (`--pipe`), or of its part of a stream.
    sent: i64,
    pub(super) command: Vec<u8>,
    /// The log has the command only for people to read.
    is_withheld: bool,
}

impl LogRecord {
    fn parse(line: &[u8]) -> Option<LogRecord> {
        let mut fields = line.splitn(9, |&byte| byte == b'\t');
        let mut field = || fields.next();
        let seq = number(field()?)?;
        let [_host, start, runtime, sent, received] =
            [field()?, field()?, field()?, field()?, field()?];
        for time in [start, runtime] {
            let time: f64 = number(time)?;
            if !time.is_finite() {
                return None;
            }
        }
        let [sent, _received]: [i64; 2] = [number(sent)?, number(received)?];
        let (exit, signal) = (number(field()?)?, number(field()?)?);
        let command = command_of(field()?);
        let withheld = template::withheld(&command);
        Some(LogRecord {
            seq,
            exit,
            signal,
            sent,
            is_withheld: withheld.is_some(),
            command: withheld.unwrap_or(command),
        })
    }

    fn is_refused(&self) -> bool {
        self.is_withheld && self.exit == i32::from(exit::NOT_EXECUTABLE)
    }

    pub(super) fn is_success(&self, success: SuccessStatuses) -> bool {
        let status = u8::try_from(self.exit);
        self.signal == 0 && status.is_ok_and(|status| success.contains(status))
    }

    /// The command as the log has it.
    fn text(self) -> Vec<u8> {
        if self.is_withheld {
            template::withhold(&self.command)
        } else {
            self.command
        }
    }

    /// A job that a runner has ended itself, or refused, is for own mode to do again. GNU parallel
    /// has such records for time limits only.
    pub(super) fn is_done(&self, done: DoneJobs, identity: JobIdentity) -> bool {
        match (done, identity) {
            (DoneJobs::Succeeded(success), _) => self.is_success(success),
            (DoneJobs::Ended, JobIdentity::Command | JobIdentity::Block) => {
                self.exit != -1 && !self.is_refused()
            }
            (DoneJobs::Ended, JobIdentity::Number) => true,
        }
    }
}

fn number<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    std::str::from_utf8(field).ok()?.trim_start().parse().ok()
}

/// Reads the log's records. Returns the length of all whole lines in bytes: a line without
/// an end is one that was never written to its end.
///
/// # Errors
/// The file cannot be read, or a line is not one of a job log.
pub(super) fn read(path: &Path, file: &File, mut each: impl FnMut(LogRecord)) -> Result<u64> {
    let name = path.display();
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let (mut line, mut whole) = (Vec::new(), 0);
    for count in 1u64.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).map_err(|error| {
            Error::new(format!("cannot read the job log '{name}'")).because(&error)
        })?;
        let Some(text) = line.strip_suffix(b"\n") else {
            break;
        };
        whole += length as u64;
        match (count, LogRecord::parse(text)) {
            (1, _) if line == joblog::HEADER => {}
            (1, _) => {
                let message = format!("'{name}' is not a job log: line 1 is not its header");
                return Err(Error::new(message).hint("name the file that --joblog has written"));
            }
            (_, Some(record)) => each(record),
            (_, None) => {
                let message = format!("the job log '{name}' is damaged: line {count} is no record");
                return Err(Error::new(message).hint(format!(
                    "remove that line: sed -i {count}d '{name}'; if it was a job's, that job runs again"
                )));
            }
        }
    }
    Ok(whole)
}

/// Jobs that the log says are done.
#[derive(Debug)]
pub(crate) struct LogHistory {
    identity: JobIdentity,
    /// Numbers of done jobs of each kind, in order; those of which none is are there, too.
    done: Vec<(u64, u32)>,
    /// Bytes of the blocks by their numbers.
    blocks: HashMap<u64, i64>,
    /// Numbers that done jobs had in the runs that the log is of.
    pub numbers: HashSet<u64>,
}

impl LogHistory {
    /// Reads the log. Returns the length of its whole lines, too.
    ///
    /// # Errors
    /// The log cannot be read, a line is damaged, or no command in it is one of the template.
    pub(crate) fn read(
        path: &Path,
        file: &File,
        done: DoneJobs,
        by: JobIdentity,
        template: &CommandTemplate,
    ) -> Result<(LogHistory, u64)> {
        let mut first = None;
        let mut fits = by == JobIdentity::Number;
        let mut records: Vec<(u64, u64, bool)> = Vec::new();
        let mut blocks = HashMap::new();
        let whole = read(path, file, |record| {
            let key = match by {
                JobIdentity::Command => hash(&record.command),
                JobIdentity::Number | JobIdentity::Block => record.seq,
            };
            records.push((key, record.seq, record.is_done(done, by)));
            if by == JobIdentity::Block {
                blocks.insert(record.seq, record.sent);
            }
            fits = fits || template.fits(&record.command);
            first.get_or_insert(record.command);
        })?;
        if let (false, Some(first)) = (fits, first) {
            return Err(foreign(path, &first, template));
        }
        // The last record of each job counts.
        records.sort_by_key(|&(key, seq, _)| (key, seq));
        let jobs = records.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1));
        let mut done: Vec<(u64, u32)> = Vec::new();
        let mut numbers = HashSet::new();
        for &(key, seq, is_done) in jobs.filter_map(|job| job.last()) {
            if is_done {
                numbers.insert(seq);
            }
            match done.last_mut() {
                Some((last, count)) if *last == key => *count += u32::from(is_done),
                _ => done.push((key, u32::from(is_done))),
            }
        }
        let history = LogHistory {
            identity: by,
            done,
            blocks,
            numbers,
        };
        Ok((history, whole))
    }

    /// Leaves out the rows whose jobs are done. A block that is not that of the log is an
    /// error of the rows: what is done then would be unknown.
    pub(crate) fn apply(mut self, rows: &mut Rows, template: Arc<CommandTemplate>) {
        rows.try_keep(move |seq, row| {
            self.check_block(seq, &row.stdin)?;
            let key = match self.identity {
                JobIdentity::Command => hash(&shown(&template, seq, row)),
                JobIdentity::Number | JobIdentity::Block => seq,
            };
            let left = self.find(key).map(|at| &mut self.done[at].1);
            Ok(match left.filter(|left| **left > 0) {
                Some(left) => {
                    *left -= 1;
                    false
                }
                None => true,
            })
        });
    }

    fn check_block(&self, seq: u64, stdin: &JobStdin) -> Result<()> {
        let (Some(&then), Some(now)) = (self.blocks.get(&seq), stdin.length()) else {
            return Ok(());
        };
        if u64::try_from(then) == Ok(now) {
            return Ok(());
        }
        Err(Error::new(format!(
            "block {seq} is not that of the run before: it had {then} bytes, and has {now}"
        ))
        .hint("give the same input and the same options; without --resume, all blocks run"))
    }

    fn find(&self, key: u64) -> Option<usize> {
        self.done.binary_search_by_key(&key, |(key, _)| *key).ok()
    }
}

fn foreign(path: &Path, first: &[u8], template: &CommandTemplate) -> Error {
    let (first, own) = (shorten(first), shorten(&template.generic_text()));
    Error::new(format!(
        "the job log '{}' is another command's: the log has '{first}', this is '{own}'",
        path.display()
    ))
    .hint("give each command a log of its own")
}

/// The command as the log has it. The slot does not matter: whoever resumes has seen to it
/// that no command shows it.
pub(super) fn shown(template: &CommandTemplate, seq: u64, row: &Row) -> Vec<u8> {
    let mut command = Vec::new();
    template.show(row, template.position(seq, 1), &mut command);
    command
}

/// Hash of a command. Among a million, two are equal with a probability of 1 to 10^7.
fn hash(command: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    command.hash(&mut hasher);
    hasher.finish()
}

/// The commands of the jobs whose last records say that they failed, with their numbers
/// (`--retry-failed`). Returns the numbers of the others and the length of the log's whole
/// lines, too.
///
/// # Errors
/// The log cannot be read, or a line is damaged. The jobs have read what is not in it.
pub(crate) fn failed(
    path: &Path,
    file: &File,
    by: JobIdentity,
    success: SuccessStatuses,
) -> Result<(Rows, HashSet<u64>, u64)> {
    let mut failed = BTreeMap::new();
    let mut done = HashSet::new();
    let mut was_fed = false;
    let whole = read(path, file, |record| {
        was_fed |= record.sent > 0;
        let key = match by {
            // Inputs may have been added before it: then its number is another's, too.
            JobIdentity::Command => (record.seq, hash(&record.command)),
            JobIdentity::Number | JobIdentity::Block => (record.seq, 0),
        };
        if record.is_success(success) {
            failed.remove(&key);
            done.insert(record.seq);
        } else {
            done.remove(&record.seq);
            failed.insert(key, record.text());
        }
    })?;
    if was_fed {
        return Err(Error::new(format!(
            "the jobs of '{}' have read parts of a stream, which the log does not have",
            path.display()
        ))
        .hint("--resume-failed with the same options and the same input runs what failed"));
    }
    let row = |((seq, _), command)| (seq, Row::from_iter([command]));
    let rows = Rows::numbered(failed.into_iter().map(row).collect());
    Ok((rows, done, whole))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::command_field::push_field;
    use std::io::{Seek, Write};

    #[test]
    fn a_record_has_nine_columns() {
        let record = |line: &str| LogRecord::parse(line.as_bytes());
        let good = record("3\t:\t1795514979.918\t     0.003\t0\t6\t-1\t15\techo\ta").unwrap();
        assert_eq!((good.seq, good.exit, good.signal), (3, -1, 15));
        assert_eq!(good.command, b"echo\ta");
        for bad in [
            "",
            "3\t:\t1.0\t1.0\t0\t6\t0\t0",
            "x\t:\t1.0\t1.0\t0\t6\t0\t0\ta",
            "-1\t:\t1.0\t1.0\t0\t6\t0\t0\ta",
            "3\t:\tnan\t1.0\t0\t6\t0\t0\ta",
            "3\t:\t1.0\t1.0\t0\t\t0\t0\ta",
            "3\t:\t1.0\t1.0\t0\t6\t0x\t0\ta",
        ] {
            assert_eq!(record(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_log_that_is_cut_anywhere_has_its_whole_lines() {
        let record = "1\t:\t1795514979.918\t     0.003\t0\t6\t0\t0\t";
        let mut log = joblog::HEADER.to_vec();
        for command in ["echo a", "$'echo\\nb'", "echo \u{e9}", ""] {
            log.extend_from_slice(format!("{record}{command}\n").as_bytes());
        }
        for length in 0..=log.len() {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&log[..length]).unwrap();
            file.rewind().unwrap();
            let mut count = 0;
            let whole = read(Path::new("log"), &file, |_| count += 1).unwrap();
            let lines = log[..length].iter().filter(|&&byte| byte == b'\n').count();
            let end = memchr::memrchr(b'\n', &log[..length]).map_or(0, |at| at + 1);
            assert_eq!((count, whole), (lines.saturating_sub(1), end as u64));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_makes_it_panic(line in proptest::collection::vec(0u8.., 0..60)) {
            LogRecord::parse(&line);
        }

        #[test]
        fn a_record_is_read_as_it_was_written(
            seq in 0u64..,
            (exit, signal) in (-1..256, 0..65),
            sent in 0i64..,
            command in proptest::collection::vec(1u8.., 0..20),
        ) {
            let head = format!("{seq}\t:\t1795514979.918\t     0.003\t{sent}\t6\t{exit}\t{signal}\t");
            let mut line = head.into_bytes();
            push_field(&command, &mut line);
            let record = LogRecord::parse(&line).unwrap();
            proptest::prop_assert_eq!((record.seq, record.sent), (seq, sent));
            proptest::prop_assert_eq!((record.exit, record.signal), (exit, signal));
            proptest::prop_assert_eq!(record.text(), command);
        }
    }
}

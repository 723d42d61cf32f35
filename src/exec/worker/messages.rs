//! What is said about workers beside the outcomes of their jobs.

use crate::error::Error;
use crate::job::Outcome;

/// Longest command in a hint, in bytes: a message may be of any length.
const LONGEST_HINT: usize = 1 << 10;

/// Warning of a worker that has written more than its answer to job `seq`, or its answer before it
/// has read the message.
pub(super) fn out_of_step(seq: u64) -> String {
    format!(
        "prun: warning: job {seq}: the worker has not given one answer to one message and is replaced\nhint: --worker-end TEXT is for answers of several lines, which end with a line TEXT\n"
    )
}

/// Warning of a worker that has not written a byte before the time of job `seq` was over.
pub(super) fn silent(seq: u64, command: &[u8]) -> String {
    let command = String::from_utf8_lossy(command);
    format!(
        "prun: warning: job {seq}: the worker has written nothing until its time was over\nhint: if the program buffers its output: stdbuf -oL {command}\n"
    )
}

/// Error of several workers in a row without any answer. `words` is what the last one wrote to
/// standard error, and `line` does the same as its job.
pub(super) fn in_vain(workers: u32, outcome: &Outcome, words: &[u8], line: &[u8]) -> Error {
    let reason = match outcome {
        Outcome::NotFound(why) | Outcome::NotExecutable(why) | Outcome::Refused(why) => why.clone(),
        _ => {
            let words = String::from_utf8_lossy(words);
            let last = words.lines().rfind(|line| !line.trim().is_empty());
            let last = last.map_or_else(String::new, |line| format!(": {line}"));
            format!("{}{last}", outcome.describe())
        }
    };
    let message = format!("{workers} workers in a row have ended without an answer: {reason}");
    let error = Error::new(message);
    if line.len() > LONGEST_HINT {
        return error;
    }
    error.hint(String::from_utf8_lossy(line))
}

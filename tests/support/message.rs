//! Messages that many tests expect. `tests/messages.rs` holds the text of each to the letter.

/// The closing block: `failed("1 of 3, 1 not started", &["2: exit 3: false <2>"])`.
pub(crate) fn failed(counts: &str, jobs: &[&str]) -> String {
    let (counts, rest) = counts.split_at(counts.find(',').unwrap_or(counts.len()));
    let noun = if counts.ends_with(" of 1") {
        "job"
    } else {
        "jobs"
    };
    let jobs: String = jobs.iter().map(|job| format!("  job {job}\n")).collect();
    format!("prun: {counts} {noun} failed{rest}\n{jobs}")
}

/// After a job that was stopped: its output is not all that it would have printed.
pub(crate) fn cut_off(job: usize, signal: &str) -> String {
    format!("prun: job {job}: cut off by {signal}\n")
}

/// After the signal that ended the run; `rest` is `1 not started` or `none left to start`.
pub(crate) fn interrupted(signal: &str, stopped: usize, rest: &str) -> String {
    let noun = if stopped == 1 { "job" } else { "jobs" };
    format!("prun: {signal}: {stopped} {noun} stopped, {rest}\n")
}

/// The first job whose program is missing.
pub(crate) fn not_found(job: usize, program: &str) -> String {
    format!("prun: job {job}: {program}: command not found\n")
}

/// A job whose output another process still holds open.
pub(crate) fn left_process(job: usize) -> String {
    format!(
        "prun: warning: job {job} left a process holding its output\n\
         hint: --leak wait reads until it ends\n"
    )
}

/// A built-in that cannot be used as it was written.
pub(crate) fn builtin_error(name: &str, message: &str) -> String {
    format!("prun: {name}: {message}\nhint: prun --help {name}\n")
}

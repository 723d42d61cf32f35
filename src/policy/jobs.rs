//! Number of jobs at once: `-j`.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Limit of the number of jobs, above the number of process ids of Linux: a bigger number is a
/// slip of the finger, and this one is as good as no limit.
pub(crate) const MOST: usize = 4 * 1024 * 1024;

/// Number of jobs that `-j` asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JobLimit {
    /// `8`
    Count(usize),
    /// `+2`: added to the number of CPUs.
    Plus(usize),
    /// `-1`: taken from the number of CPUs, which leaves at least one.
    Minus(usize),
    /// `50%` of the CPUs, rounded up.
    Percent(f64),
    /// `0`
    Unlimited,
    /// Name of a file that holds one of the forms above.
    File(PathBuf),
}

impl JobLimit {
    /// Reads a number of jobs. Any other text is the name of a file. Space around a number is
    /// what a program has read and not cut off, such as `parsort`.
    pub(crate) fn parse(text: &OsStr) -> Self {
        let trimmed = text.to_str().map_or(text, |text| OsStr::new(text.trim()));
        number(trimmed).unwrap_or_else(|| JobLimit::File(text.into()))
    }

    /// Number of slots on so many CPUs; [`MOST`] without a limit. A file is read anew each
    /// time.
    ///
    /// # Errors
    /// No share of the CPUs at all, an absurdly high number, and what is neither a number of jobs
    /// nor a file that holds one.
    pub(crate) fn slots(&self, cpus: usize) -> Result<usize> {
        let slots = match self {
            JobLimit::Count(count) => Some(*count),
            JobLimit::Plus(count) => cpus.checked_add(*count),
            JobLimit::Minus(count) => Some(cpus.saturating_sub(*count).max(1)),
            JobLimit::Percent(percent) => Some((cpus as f64 * percent / 100.0).ceil() as usize),
            JobLimit::Unlimited => Some(MOST),
            JobLimit::File(_) => return self.read()?.slots(cpus),
        };
        match slots {
            Some(0) => Err(self.nothing_left(cpus)),
            Some(slots) if slots <= MOST => Ok(slots),
            _ => Err(Error::new("-j asks for more jobs than a system can run")
                .hint("-j0 runs as many as possible")),
        }
    }

    /// The form that a file holds; any other form as it is.
    ///
    /// # Errors
    /// A file that cannot be read, or holds no number of jobs.
    pub(crate) fn read(&self) -> Result<JobLimit> {
        match self {
            JobLimit::File(path) => from_file(path, &read(path)?),
            _ => Ok(self.clone()),
        }
    }

    /// Tells whether [`JobLimit::Minus`] leaves none of so many CPUs, and one job runs all the
    /// same: a script with `-j -2` is to run on small machines, too.
    pub(crate) fn is_raised(&self, cpus: usize) -> bool {
        matches!(self, JobLimit::Minus(count) if *count >= cpus)
    }

    /// The error for a number of jobs below one.
    pub(crate) fn nothing_left(&self, cpus: usize) -> Error {
        let s = if cpus == 1 { "" } else { "s" };
        Error::new(format!("-j {self} leaves no job to run on {cpus} CPU{s}"))
            .hint("-j1 runs one job at a time, -j0 as many as possible")
    }

    /// [`JobLimit::slots`] at a later time; none while a file is empty, as between the two
    /// steps of `echo 4 >FILE`.
    ///
    /// # Errors
    /// As for [`JobLimit::slots`].
    pub(crate) fn slots_again(&self, cpus: usize) -> Result<Option<usize>> {
        match self {
            JobLimit::File(path) => match read(path)? {
                text if text.trim().is_empty() => Ok(None),
                text => from_file(path, &text)?.slots(cpus).map(Some),
            },
            _ => self.slots(cpus).map(Some),
        }
    }
}

impl std::fmt::Display for JobLimit {
    /// Writes the form that was typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            JobLimit::Count(count) => write!(f, "{count}"),
            JobLimit::Plus(count) => write!(f, "+{count}"),
            JobLimit::Minus(count) => write!(f, "-{count}"),
            JobLimit::Percent(percent) => write!(f, "{percent}%"),
            JobLimit::Unlimited => f.write_str("0"),
            JobLimit::File(path) => write!(f, "{}", path.display()),
        }
    }
}

fn number(text: &OsStr) -> Option<JobLimit> {
    let text = text.to_str()?;
    if let Some(percent) = text.strip_suffix('%') {
        return decimal(percent).map(JobLimit::Percent);
    }
    if let Some(count) = text.strip_prefix('+') {
        return whole(count).map(JobLimit::Plus);
    }
    if let Some(count) = text.strip_prefix('-') {
        return whole(count).map(JobLimit::Minus);
    }
    match whole(text)? {
        0 => Some(JobLimit::Unlimited),
        count => Some(JobLimit::Count(count)),
    }
}

/// Reads digits only, while Rust would take a sign. A number that does not fit is the highest
/// one, which [`JobLimit::slots`] refuses.
fn whole(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

/// Reads digits and at most one point, while Rust would take `inf` and `1e9`.
fn decimal(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| plain)
}

fn read(path: &Path) -> Result<String> {
    let name = path.display();
    fs::read_to_string(path).map_err(|reason| match reason.kind() {
        io::ErrorKind::NotFound => {
            Error::new(format!("'{name}' is not a number of jobs")).hint(
                "write a number (-j8), more or fewer than the CPUs (-j+2, -j-1) or a share of them (-j50%)",
            )
        }
        _ => Error::new(format!("cannot read the number of jobs from '{name}'")).because(&reason),
    })
}

fn from_file(path: &Path, text: &str) -> Result<JobLimit> {
    let name = path.display();
    number(OsStr::new(text.trim()))
        .ok_or_else(|| Error::new(format!("the file '{name}' does not hold a number of jobs")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(text: &str, cpus: usize) -> Result<usize> {
        JobLimit::parse(OsStr::new(text)).slots(cpus)
    }

    #[test]
    fn every_form_counts_from_the_cpus() {
        for (text, cpus, expected) in [
            ("8", 2, 8),
            ("008", 2, 8),
            ("2\n", 4, 2),
            ("0", 2, MOST),
            ("+0", 2, 2),
            ("+3", 2, 5),
            ("-1", 2, 1),
            ("-2", 2, 1),
            ("-99", 2, 1),
            ("-99999999999999999999", 2, 1),
            ("-1", 8, 7),
            ("25%", 2, 1),
            ("50%", 2, 1),
            ("75%", 2, 2),
            ("100%", 3, 3),
            ("120%", 2, 3),
            ("150%", 2, 3),
            ("12.5%", 8, 1),
            ("0.1%", 1, 1),
        ] {
            assert_eq!(slots(text, cpus), Ok(expected), "{text} of {cpus}");
        }
    }

    #[test]
    fn nonsense_is_an_error_of_one_line() {
        for (text, message) in [
            ("abc", "'abc' is not a number of jobs"),
            ("1.5", "'1.5' is not a number of jobs"),
            ("", "'' is not a number of jobs"),
            ("+-1", "'+-1' is not a number of jobs"),
            ("inf%", "'inf%' is not a number of jobs"),
            ("0%", "-j 0% leaves no job to run on 2 CPUs"),
            ("99999999999", "-j asks for more jobs than a system can run"),
            (
                "999999999999%",
                "-j asks for more jobs than a system can run",
            ),
        ] {
            let error = slots(text, 2).unwrap_err().to_string();
            let first = error.lines().next().unwrap_or_default();
            assert_eq!(first, format!("prun: {message}"));
        }
    }

    #[test]
    fn a_file_holds_one_of_the_forms() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let jobs = JobLimit::parse(file.path().as_os_str());
        for (text, expected) in [
            ("3\n", Some(3)),
            (" 50% \n", Some(2)),
            ("x", None),
            ("", None),
        ] {
            fs::write(file.path(), text).unwrap();
            assert_eq!(jobs.slots(4).ok(), expected, "{text:?}");
            // An empty file is about to be written.
            let again = jobs.slots_again(4);
            assert_eq!(again.is_err(), text == "x", "{text:?}");
            assert_eq!(again.ok().flatten(), expected, "{text:?}");
        }
    }
}

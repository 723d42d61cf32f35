//! Pressure-stall information: how long tasks have waited for a resource (the kernel's
//! `Documentation/accounting/psi`).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::time::Duration;

/// Resource that tasks wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PressureResource {
    Cpu,
    Memory,
    Io,
}

impl PressureResource {
    /// The kernel's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            PressureResource::Cpu => "cpu",
            PressureResource::Memory => "memory",
            PressureResource::Io => "io",
        }
    }
}

/// Time for which some tasks have waited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct StallReading {
    /// Since the system or the control group came to be. Right up to the moment of the reading.
    pub total: Duration,
    /// Percent of the last ten seconds, with more weight on later ones. Computed every two
    /// seconds.
    pub average: f64,
}

/// File of one resource.
#[derive(Debug, Clone)]
pub(crate) struct PressureFile {
    path: PathBuf,
}

impl PressureFile {
    /// The first of these files that can be read.
    ///
    /// # Errors
    /// None of them can; the error is that of the last one.
    pub(super) fn first_readable(paths: impl Iterator<Item = PathBuf>) -> io::Result<Self> {
        let mut result = Err(io::ErrorKind::NotFound.into());
        for path in paths {
            let file = PressureFile { path };
            result = file.read().map(|_| file);
            if result.is_ok() {
                break;
            }
        }
        result
    }

    /// # Errors
    /// The file cannot be read, or is none of pressure.
    pub(crate) fn read(&self) -> io::Result<StallReading> {
        let text = fs::read_to_string(&self.path)?;
        parse(&text).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Asks the kernel to tell when some tasks have waited for `percent` of a second, or of two
    /// seconds if prun may not ask for less. `None` if it does not do that for prun.
    pub(crate) fn trigger(&self, percent: f64) -> Option<PressureTrigger> {
        const WINDOWS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true);
        let mut file = options
            .custom_flags(libc::O_NONBLOCK)
            .open(&self.path)
            .ok()?;
        if !is_of_kernel(&file) {
            return None;
        }
        let is_set = WINDOWS.iter().any(|window| {
            let text = trigger_text(percent, *window);
            file.write(text.as_bytes()).is_ok()
        });
        is_set.then_some(PressureTrigger { file })
    }
}

/// Descriptor that is ready for `POLLPRI` when there was pressure, once in a window.
#[derive(Debug)]
pub(crate) struct PressureTrigger {
    file: File,
}

impl AsFd for PressureTrigger {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Request to tell when some tasks have waited for `percent` of `window`. The kernel puts the end
/// of the text in the place of its last byte.
fn trigger_text(percent: f64, window: Duration) -> String {
    let stall = window.mul_f64(percent / 100.0).as_micros();
    format!("some {stall} {}\0", window.as_micros())
}

/// Tells whether a file is one of the kernel's. Another one, as tests have it, is not to be
/// written.
#[cfg(target_os = "linux")]
fn is_of_kernel(file: &File) -> bool {
    // The second is CGROUP2_SUPER_MAGIC of linux/magic.h.
    let kinds = [rustix::fs::PROC_SUPER_MAGIC, 0x6367_7270];
    rustix::fs::fstatfs(file).is_ok_and(|stat| kinds.contains(&stat.f_type))
}

#[cfg(not(target_os = "linux"))]
fn is_of_kernel(_: &File) -> bool {
    false
}

/// Parses the line `some avg10=1.50 avg60=0.40 avg300=0.10 total=123456`.
fn parse(text: &str) -> Option<StallReading> {
    let line = text.lines().find_map(|line| line.strip_prefix("some "))?;
    let field = |name| line.split(' ').find_map(|field| field.strip_prefix(name));
    Some(StallReading {
        total: Duration::from_micros(field("total=")?.parse().ok()?),
        average: field("avg10=")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_some_tasks_is_read() {
        let text = "some avg10=1.50 avg60=0.40 avg300=0.10 total=123456\n\
            full avg10=0.50 avg60=0.00 avg300=0.00 total=7\n";
        let reading = StallReading {
            total: Duration::from_micros(123_456),
            average: 1.5,
        };
        assert_eq!(parse(text), Some(reading));
        for text in [
            "",
            "full avg10=0.50 total=7\n",
            "some avg10=x total=7\n",
            "some avg10=1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_trigger_is_asked_for_in_microseconds() {
        let second = Duration::from_secs;
        assert_eq!(trigger_text(15.0, second(1)), "some 150000 1000000\0");
        assert_eq!(trigger_text(0.0001, second(1)), "some 1 1000000\0");
        assert_eq!(trigger_text(100.0, second(2)), "some 2000000 2000000\0");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn only_files_of_the_kernel_are_written() {
        assert!(is_of_kernel(&File::open("/proc/self/stat").unwrap()));
        assert!(!is_of_kernel(&tempfile::tempfile().unwrap()));
    }

    #[test]
    fn the_first_file_that_can_be_read_counts_and_is_never_written() {
        let root = tempfile::tempdir().unwrap();
        let path = |name| root.path().join(name);
        let text = "some avg10=0.00 total=1\n";
        fs::write(path("b"), text).unwrap();
        fs::write(path("c"), "some avg10=9.00 total=9\n").unwrap();
        let paths = ["a", "b", "c"].map(path);
        let file = PressureFile::first_readable(paths.into_iter()).unwrap();
        assert_eq!(file.path, path("b"));
        assert!(file.trigger(10.0).is_none());
        assert_eq!(fs::read_to_string(path("b")).unwrap(), text);
        let none = PressureFile::first_readable([path("a")].into_iter());
        assert_eq!(none.unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}

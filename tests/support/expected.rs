//! Expectations of a test, and their check.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use rustix::process::Signal;

use super::report;
use super::running::{Ended, Running, Session};
use super::test::{Case, Finished, Plan, TestDirs};

/// Expectations, checked when the program has ended.
pub(super) struct Expected {
    stdout: Text,
    stderr: Text,
    files: Vec<(PathBuf, Vec<u8>)>,
    survivors: bool,
    /// Temporary files may be left.
    leftovers: bool,
}

/// Expected content of a stream.
enum Text {
    Exactly(Vec<u8>),
    /// These lines, in whatever order.
    Lines(Vec<Vec<u8>>),
    /// Each of these pieces, somewhere.
    Has(Vec<Vec<u8>>),
    Anything,
}

enum Ending {
    Code(i32),
    Signal(Signal),
    Any,
}

impl Expected {
    /// Silence, and nothing left behind.
    pub(super) fn silence() -> Expected {
        Expected {
            stdout: Text::Exactly(Vec::new()),
            stderr: Text::Exactly(Vec::new()),
            files: Vec::new(),
            survivors: false,
            leftovers: false,
        }
    }
}

/// A stage of a test from which its end can be reached.
pub(crate) trait Stage: Sized {
    #[track_caller]
    fn finish(case: Case<Self>) -> Finished;
}

impl Stage for Plan {
    fn finish(case: Case<Plan>) -> Finished {
        case.start().wait()
    }
}

impl Stage for Running {
    fn finish(case: Case<Running>) -> Finished {
        case.wait()
    }
}

impl Stage for Ended {
    fn finish(case: Finished) -> Finished {
        case
    }
}

/// Stating expectations.
impl<S: Stage> Case<S> {
    /// Exactly these bytes on stdout.
    pub(crate) fn stdout(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.expected.stdout = Text::Exactly(bytes.as_ref().to_vec());
        self
    }

    /// These lines on stdout, each once, in whatever order.
    pub(crate) fn stdout_lines_any_order(mut self, lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| format!("{line}\n").into_bytes());
        self.expected.stdout = Text::Lines(lines.collect());
        self
    }

    /// These bytes somewhere on stdout; may be said several times.
    pub(crate) fn stdout_has(mut self, piece: impl AsRef<[u8]>) -> Self {
        self.expected.stdout.must_have(piece.as_ref());
        self
    }

    /// Whatever on stdout.
    pub(crate) fn stdout_any(mut self) -> Self {
        self.expected.stdout = Text::Anything;
        self
    }

    /// Exactly these bytes on stderr.
    pub(crate) fn stderr(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.expected.stderr = Text::Exactly(bytes.as_ref().to_vec());
        self
    }

    /// These bytes somewhere on stderr; may be said several times.
    pub(crate) fn stderr_has(mut self, piece: impl AsRef<[u8]>) -> Self {
        self.expected.stderr.must_have(piece.as_ref());
        self
    }

    /// Whatever on stderr.
    pub(crate) fn stderr_any(mut self) -> Self {
        self.expected.stderr = Text::Anything;
        self
    }

    /// A file with these bytes, after the end.
    pub(crate) fn check_file(mut self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Self {
        let file = (name.as_ref().to_owned(), bytes.as_ref().to_vec());
        self.expected.files.push(file);
        self
    }

    /// Processes may live on; they are killed after the checks.
    pub(crate) fn leaves_processes(mut self) -> Self {
        self.expected.survivors = true;
        self
    }

    /// Temporary files may stay.
    pub(crate) fn leaves_temporary_files(mut self) -> Self {
        self.expected.leftovers = true;
        self
    }

    /// Runs it to its end; it must return 0 and do all that was stated.
    #[track_caller]
    pub(crate) fn success(self) -> Output {
        self.check(Ending::Code(0))
    }

    /// Runs it as [`Case::success`] does; it must return `code`.
    #[track_caller]
    pub(crate) fn status(self, code: i32) -> Output {
        self.check(Ending::Code(code))
    }

    /// Runs it as [`Case::success`] does; it must be ended by this signal.
    #[track_caller]
    pub(crate) fn signaled(self, signal: Signal) -> Output {
        self.check(Ending::Signal(signal))
    }

    /// Runs it as [`Case::success`] does; it may return any status.
    #[track_caller]
    pub(crate) fn any_status(self) -> Output {
        self.check(Ending::Any)
    }

    /// Runs it to its end in time, and checks nothing else.
    #[track_caller]
    pub(crate) fn output(self) -> Output {
        S::finish(self).checked(|_, _| None)
    }

    #[track_caller]
    fn check(self, ending: Ending) -> Output {
        S::finish(self).checked(|finished, status| finished.problem(&ending, status))
    }
}

impl Finished {
    /// The output, or a panic with the first problem that there is.
    #[track_caller]
    fn checked(self, problem: impl FnOnce(&Self, ExitStatus) -> Option<String>) -> Output {
        let Some(status) = self.stage.status else {
            let limit = self.limit;
            let late = format!("it, or its output, did not end within {limit:?}");
            self.fail(&late, "killed by the test");
        };
        if let Some(problem) = problem(&self, status) {
            self.fail(&problem, &report::ending(status));
        }
        Output {
            status,
            stdout: self.stage.stdout,
            stderr: self.stage.stderr,
            dirs: self.dirs,
            _session: self.stage.session,
        }
    }

    #[track_caller]
    fn fail(&self, problem: &str, end: &str) -> ! {
        let Ended { stdout, stderr, .. } = &self.stage;
        panic!("{}", self.report(problem, end, stdout, stderr));
    }

    /// The first thing that is not as expected.
    fn problem(&self, ending: &Ending, status: ExitStatus) -> Option<String> {
        let (expected, ended) = (&self.expected, &self.stage);
        (ending.problem(status))
            .or_else(|| expected.stderr.problem("stderr", &ended.stderr))
            .or_else(|| expected.stdout.problem("stdout", &ended.stdout))
            .or_else(|| expected.files.iter().find_map(|file| self.wrong_file(file)))
            .or_else(|| self.leftovers())
            .or_else(|| self.survivors())
    }

    fn wrong_file(&self, (name, expected): &(PathBuf, Vec<u8>)) -> Option<String> {
        match fs::read(self.path(name)) {
            Err(error) => Some(format!("cannot read '{}': {error}", name.display())),
            Ok(got) => differing(&format!("file '{}'", name.display()), expected, &got),
        }
    }

    fn leftovers(&self) -> Option<String> {
        if self.expected.leftovers {
            return None;
        }
        let files = report::listing(&self.dirs.dir("tmp"));
        (!files.is_empty()).then(|| format!("temporary files are left:\n{files}"))
    }

    fn survivors(&self) -> Option<String> {
        if self.expected.survivors {
            return None;
        }
        let survivors = self.stage.session.survivors();
        let lines = survivors.iter().map(|(pid, command)| {
            let pid = pid.as_raw_nonzero();
            format!("  {pid} {command}\n")
        });
        let lines: String = lines.collect();
        (!lines.is_empty()).then(|| format!("processes are left:\n{lines}"))
    }
}

/// Result of a run. Its directory, and the processes that it left, last as long
/// as this value.
pub(crate) struct Output {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    dirs: TestDirs,
    _session: Session,
}

impl Output {
    /// The full path of a file in the working directory.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dirs.dir("work").join(name)
    }
}

impl Ending {
    fn problem(&self, status: ExitStatus) -> Option<String> {
        let (as_expected, expected) = match self {
            Ending::Any => return None,
            Ending::Code(code) => (status.code() == Some(*code), format!("exit {code}")),
            Ending::Signal(signal) => (
                status.signal() == Some(signal.as_raw()),
                format!("killed by signal {}", signal.as_raw()),
            ),
        };
        let got = report::ending(status);
        (!as_expected).then(|| format!("status: expected {expected}, got {got}"))
    }
}

impl Text {
    fn must_have(&mut self, piece: &[u8]) {
        match self {
            Text::Has(pieces) => pieces.push(piece.to_vec()),
            _ => *self = Text::Has(vec![piece.to_vec()]),
        }
    }

    fn problem(&self, stream: &str, got: &[u8]) -> Option<String> {
        match self {
            Text::Anything => None,
            Text::Exactly(expected) => differing(stream, expected, got),
            Text::Lines(lines) => {
                let mut got: Vec<&[u8]> = got.split_inclusive(|&byte| byte == b'\n').collect();
                let mut lines = lines.clone();
                lines.sort();
                got.sort();
                let stream = format!("{stream}, sorted,");
                differing(&stream, &lines.concat(), &got.concat())
            }
            Text::Has(pieces) => {
                let missing = pieces.iter().find(|piece| !has(got, piece))?;
                let missing = String::from_utf8_lossy(missing);
                Some(format!("{stream} has no {missing:?}"))
            }
        }
    }
}

fn differing(what: &str, expected: &[u8], got: &[u8]) -> Option<String> {
    let difference = || report::difference(expected, got);
    (expected != got).then(|| format!("{what} differs (- expected, + got):\n{}", difference()))
}

/// True if a piece is somewhere in the bytes.
pub(super) fn has(bytes: &[u8], piece: &[u8]) -> bool {
    memchr::memmem::find(bytes, piece).is_some()
}

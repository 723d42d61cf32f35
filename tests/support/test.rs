//! The `Test` builder: `Test::new().args(["echo", ":::", "a"]).stdout("a\n").success()`.
//!
//! A test that says nothing else checks strictly: stdout and stderr are empty, the
//! program ends within 10 seconds, no temporary file and no process is left.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::expected::{Expected, has};
use super::report;
use super::running::{Ended, Input, Running, Stream};
use super::terminal::{self, Size, Wiring};

const LIMIT: Duration = Duration::from_secs(10);

/// A run of the program and what is expected of it. The same expectations can be
/// stated before it starts, while it runs, and when it has ended.
#[must_use = "nothing is run and checked before success(), status(), signaled() or any_status()"]
pub(crate) struct Case<Stage> {
    pub(super) stage: Stage,
    pub(super) dirs: TestDirs,
    /// The command as a person would type it, for the report.
    title: String,
    pub(super) expected: Expected,
    pub(super) limit: Duration,
}

/// A program that is to be run.
pub(crate) type Test = Case<Plan>;

/// A program that runs.
pub(crate) type Child = Case<Running>;

/// A program that has ended.
pub(super) type Finished = Case<Ended>;

/// A program with its environment and its input.
pub(crate) struct Plan {
    program: Program,
    env: Vec<(OsString, OsString)>,
    input: Input,
    terminal: Option<(Wiring, Size)>,
}

enum Program {
    Prun(Vec<OsString>),
    Bash(String),
}

/// The directories of a test: `work` to run in, `tmp` for temporary files, `bin`
/// with `prun` and `probe`, all in one that is also the home.
pub(super) struct TestDirs {
    home: TempDir,
}

impl TestDirs {
    fn new() -> TestDirs {
        let home = tempfile::tempdir().expect("a temporary directory can be made");
        for dir in ["work", "tmp", "bin"] {
            fs::create_dir(home.path().join(dir)).expect("it is ours");
        }
        let bin = home.path().join("bin");
        symlink(env!("CARGO_BIN_EXE_prun"), bin.join("prun")).expect("it is ours");
        symlink(super::probe(), bin.join("probe")).expect("it is ours");
        TestDirs { home }
    }

    pub(super) fn dir(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Our programs, then everything that the person who runs the tests has.
    fn search_path(&self) -> OsString {
        let mut path = self.dir("bin").into_os_string();
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        path
    }
}

/// At any time.
impl<Stage> Case<Stage> {
    /// The full path of a file in the program's working directory.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dirs.dir("work").join(name)
    }

    /// All that is known about a run that failed.
    pub(super) fn report(&self, problem: &str, end: &str, stdout: &[u8], stderr: &[u8]) -> String {
        let dir = self.dirs.dir("work");
        format!(
            "{}\n\ncommand: {}\nstatus: {end}\ndirectory: {}\n{}stdout:\n{}stderr:\n{}",
            problem.trim_end(),
            self.title,
            dir.display(),
            report::listing(&dir),
            report::shown(stdout),
            report::shown(stderr),
        )
    }
}

/// Setting up.
impl Test {
    /// `prun`, without arguments yet, in a fresh directory and a bare environment.
    pub(crate) fn new() -> Test {
        Case {
            stage: Plan {
                program: Program::Prun(Vec::new()),
                env: Vec::new(),
                input: Input::Nothing,
                terminal: None,
            },
            dirs: TestDirs::new(),
            title: String::new(),
            expected: Expected::silence(),
            limit: LIMIT,
        }
    }

    /// `prun --gnu`.
    pub(crate) fn gnu() -> Test {
        Test::new().arg("--gnu")
    }

    /// Adds an argument.
    pub(crate) fn arg(self, arg: impl AsRef<OsStr>) -> Test {
        self.args([arg])
    }

    /// Adds arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Test {
        match &mut self.stage.program {
            Program::Prun(list) => list.extend(args.into_iter().map(|arg| arg.as_ref().into())),
            Program::Bash(_) => panic!("a line takes no arguments"),
        }
        self
    }

    /// Runs a line of bash instead, which finds `prun` and `probe` on its PATH.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Test {
        self.stage.program = Program::Bash(line.into());
        self
    }

    /// Bytes to read. Without it there is nothing to read: `/dev/null`.
    pub(crate) fn stdin(mut self, bytes: impl AsRef<[u8]>) -> Test {
        self.stage.input = Input::Bytes(bytes.as_ref().to_vec());
        self
    }

    /// A pipe to read that stays open; [`Child::feed`] writes to it.
    pub(crate) fn stdin_open(mut self) -> Test {
        self.stage.input = Input::Open;
        self
    }

    /// Makes a file, and the directories that it lies in.
    pub(crate) fn file(self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Test {
        let path = self.path(&name);
        let dir = path.parent().expect("a file lies in a directory");
        fs::create_dir_all(dir).expect("the directory is ours");
        fs::write(&path, bytes).expect("the directory is ours");
        self
    }

    /// Makes a program.
    pub(crate) fn executable(self, name: impl AsRef<Path>, script: &str) -> Test {
        let test = self.file(&name, script);
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(test.path(&name), mode).expect("the file is ours");
        test
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Test {
        self.stage.env.push((name.into(), value.into()));
        self
    }

    /// Makes stderr a terminal of this size; what is drawn arrives as stderr.
    pub(crate) fn tty(mut self, rows: u16, columns: u16) -> Test {
        self.stage.terminal = Some((Wiring::Stderr, Size { rows, columns }));
        self
    }

    /// Runs it at a terminal as at the prompt: all three streams, and Ctrl-C works
    /// (`feed(b"\x03")`). What is drawn arrives as stdout.
    pub(crate) fn terminal(mut self, rows: u16, columns: u16) -> Test {
        self.stage.terminal = Some((Wiring::Everything, Size { rows, columns }));
        self
    }

    /// Allows another time than 10 seconds.
    pub(crate) fn limit(mut self, limit: Duration) -> Test {
        self.limit = limit;
        self
    }

    /// Starts the program, and does not wait.
    #[track_caller]
    pub(crate) fn start(self) -> Child {
        let (command, title) = self.command();
        let running = Running::start(command, self.stage.input, self.stage.terminal, self.limit)
            .unwrap_or_else(|error| panic!("cannot start {title}: {error}"));
        Case {
            stage: running,
            dirs: self.dirs,
            title,
            expected: self.expected,
            limit: self.limit,
        }
    }

    /// The command under `setsid`, so that everything it starts can be found, with
    /// its title. Signals act on it as they do at a prompt, also where the tests run
    /// under `nohup` or in the background of a script, which ignore some.
    fn command(&self) -> (Command, String) {
        let mut command = Command::new("env");
        command.args(["--default-signal", "setsid"]);
        let mut title = "prun".to_owned();
        if matches!(self.stage.terminal, Some((Wiring::Everything, _))) {
            command.arg("--ctty");
        }
        match &self.stage.program {
            Program::Prun(args) => {
                command.arg(self.dirs.dir("bin/prun")).args(args);
                for arg in args {
                    title.push(' ');
                    title.push_str(&shell_words::quote(&arg.to_string_lossy()));
                }
            }
            Program::Bash(line) => {
                command.args(["bash", "-c", line]);
                title = format!("bash: {line}");
            }
        }
        command
            .current_dir(self.dirs.dir("work"))
            .env_clear()
            .env("PATH", self.dirs.search_path())
            .env("HOME", self.dirs.home.path())
            .env("TMPDIR", self.dirs.dir("tmp"))
            .env("LC_ALL", "C");
        match self.stage.terminal {
            Some(_) => command.env("TERM", "xterm"),
            None => command.env("COLUMNS", "80"),
        };
        command.envs(self.stage.env.iter().map(|(name, value)| (name, value)));
        (command, title)
    }
}

/// Acting while the program runs.
impl Child {
    /// The process that was started: prun, or bash for a line.
    pub(crate) fn pid(&self) -> Pid {
        self.stage.session.leader()
    }

    /// Sends a signal to that process alone.
    #[track_caller]
    pub(crate) fn signal(&self, signal: Signal) {
        if let Err(error) = kill_process(self.pid(), signal) {
            panic!("no signal could be sent to '{}': {error}", self.title);
        }
    }

    /// Waits until a file is there.
    #[track_caller]
    pub(crate) fn wait_for_file(&self, name: impl AsRef<Path>) {
        let path = self.path(&name);
        while !path.exists() {
            if Instant::now() > self.stage.deadline {
                self.give_up(&format!("no file '{}'", name.as_ref().display()));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until stdout has these bytes somewhere.
    #[track_caller]
    pub(crate) fn wait_for_stdout(&self, piece: impl AsRef<[u8]>) {
        self.wait_for(&self.stage.stdout, "stdout", piece.as_ref());
    }

    /// Waits until stderr has these bytes somewhere.
    #[track_caller]
    pub(crate) fn wait_for_stderr(&self, piece: impl AsRef<[u8]>) {
        self.wait_for(&self.stage.stderr, "stderr", piece.as_ref());
    }

    #[track_caller]
    fn wait_for(&self, stream: &Stream, name: &str, piece: &[u8]) {
        if !stream.wait(self.stage.deadline, |now| has(&now.bytes, piece)) {
            let piece = String::from_utf8_lossy(piece);
            self.give_up(&format!("no {piece:?} on {name}"));
        }
    }

    /// Writes to the open pipe, or types at the terminal.
    #[track_caller]
    pub(crate) fn feed(&mut self, bytes: impl AsRef<[u8]>) {
        let input = self.stage.input.as_mut();
        let input = input.expect("feed() needs stdin_open() or terminal()");
        let written = input.write_all(bytes.as_ref()).and_then(|()| input.flush());
        written.expect("the program reads its stdin");
    }

    /// Ends the open pipe.
    pub(crate) fn close_stdin(&mut self) {
        self.stage.input = None;
    }

    /// Changes the size of the terminal.
    #[track_caller]
    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        let screen = self.stage.screen.as_ref().expect("there is a terminal");
        terminal::resize(screen, Size { rows, columns }).expect("the terminal is ours");
    }

    /// Waits for the end; the expectations may be stated after it.
    pub(crate) fn wait(self) -> Finished {
        Case {
            stage: self.stage.finish(),
            dirs: self.dirs,
            title: self.title,
            expected: self.expected,
            limit: self.limit,
        }
    }

    #[track_caller]
    fn give_up(&self, problem: &str) -> ! {
        let (stdout, stderr) = (self.stage.stdout.bytes(), self.stage.stderr.bytes());
        panic!(
            "{}",
            self.report(problem, "still running", &stdout, &stderr)
        );
    }
}

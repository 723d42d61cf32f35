//! Parts that the tests share.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

pub(crate) use expected::Output;
pub(crate) use fake_system::{PUT, meminfo, set_memory, system};
pub(crate) use joblog::{ends, records};
pub(crate) use message::{builtin_error, cut_off, failed, interrupted, left_process, not_found};
pub(crate) use pattern::pattern;
pub(crate) use process::{
    LEAVE, check_gone, lives, pid_in, state, wait_for_state, wait_until_gone,
};
pub(crate) use rustix::process::Signal;
pub(crate) use test::{Child, Test};

/// Systems with a load and memory of a test's choice.
mod fake_system;

/// Expectations of a test, and their check.
mod expected;

/// A running program: its streams, its end, what it leaves behind.
mod running;

/// Report of a failed test.
mod report;

/// Job logs.
mod joblog;

/// Messages of prun.
mod message;

/// Bytes that say where they belong.
mod pattern;

/// Processes beside the one that was started.
mod process;

/// Pseudo terminals.
mod terminal;

/// The builder.
mod test;

/// The ways that prun can start a process, for `PRUN_START`: everything has to be the
/// same by each.
pub(crate) const STARTS: [&str; 2] = ["fast", "portable"];

/// Leaves the test, saying why, also where output of tests that pass is hidden:
/// `skip!("zsh is not installed")`.
macro_rules! skip {
    ($($reason:tt)*) => {{
        $crate::support::say_skipped(&format!($($reason)*));
        return;
    }};
}
pub(crate) use skip;

/// Path of a program that may be absent; without it, leaves the test:
/// `let jq = needed!("jq");`
macro_rules! needed {
    ($name:expr) => {
        match $crate::support::tool($name) {
            Some(path) => path,
            None => $crate::support::skip!("{} is not installed", $name),
        }
    };
}
pub(crate) use needed;

/// Prints `skipped: REASON` past the test runner's capture.
pub(crate) fn say_skipped(reason: &str) {
    say(&format!("skipped: {reason}\n"));
}

/// Prints past the test runner's capture.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Path of a program that may be absent.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file())
}

/// True if a line of bash succeeds: its programs may be absent or not permitted.
pub(crate) fn works(line: &str) -> bool {
    Command::new("bash")
        .args(["-c", line])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// True if strace(1) is installed and may make system calls fail.
pub(crate) fn can_inject() -> bool {
    works("strace -f -o /dev/null true")
}

/// True if `PRUN_FAULTS=full` asks for every fault at every place, not for a sample.
pub(crate) fn is_full() -> bool {
    env::var_os("PRUN_FAULTS").is_some_and(|wanted| wanted == "full")
}

/// The crate's own folder.
pub(crate) fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The helper program. `cargo test` has built it; `cargo test --test main` has not.
fn probe() -> &'static Path {
    static PROBE: LazyLock<PathBuf> = LazyLock::new(|| {
        let test = env::current_exe().expect("the test knows its own path");
        let profile = test
            .ancestors()
            .nth(2)
            .expect("tests lie in TARGET/PROFILE/deps");
        let probe = profile.join("examples/probe");
        if !probe.exists() {
            build_probe(profile);
        }
        probe
    });
    &PROBE
}

fn build_probe(profile: &Path) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--example", "probe", "--target-dir"])
        .arg(profile.parent().expect("a profile lies in the target dir"))
        .current_dir(crate_dir());
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.status().expect("cargo can be run");
    assert!(status.success(), "the helper program 'probe' did not build");
}

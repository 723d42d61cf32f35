//! `--semaphore`, and prun called by the name `sem`.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Child, Signal, Test, needed};

mod faults;
mod options;
mod queue;

/// A run that leaves its lock files.
fn test() -> Test {
    Test::new().leaves_temporary_files()
}

/// A line of bash, which finds `sem` and `lock`: prun in its own way for the id `x`.
fn line(text: &str) -> Test {
    let head = "lock() { prun --semaphore --id x \"$@\"; }\n\
                ln -s \"$(command -v prun)\" ../bin/sem\n";
    test().line(format!("{head}{text}"))
}

/// The lock file of the only semaphore below `directory`.
fn lock_file(directory: &Path) -> Option<PathBuf> {
    let semaphores = fs::read_dir(directory).ok()?;
    let mut files = semaphores.flatten().map(|entry| entry.path().join("lock"));
    files.find(|file| file.exists())
}

/// Waits until so many pruns are in the queue of the only semaphore of a test: each has a lock on
/// a byte from 2^62 on (proc_locks(5)).
#[track_caller]
fn wait_for_queue(child: &Child, length: usize) {
    use std::os::unix::fs::MetadataExt;
    const TICKETS: u64 = 1 << 62;
    let user = rustix::process::geteuid().as_raw();
    let locks = child.path("../tmp").join(format!("prun-{user}"));
    let patience = Instant::now() + Duration::from_secs(10);
    let count = || {
        let file = lock_file(&locks)?;
        let number = fs::metadata(file).ok()?.ino().to_string();
        let table = fs::read_to_string("/proc/locks").ok()?;
        let waiting = table.lines().filter(|line| {
            let mut fields = line.split_whitespace().rev();
            let (_, start, file) = (fields.next(), fields.next(), fields.next());
            let start = start.and_then(|start| start.parse().ok());
            let is_of_file = file.is_some_and(|file| file.rsplit(':').next() == Some(&number));
            !line.contains("->") && is_of_file && start.is_some_and(|start: u64| start >= TICKETS)
        });
        Some(waiting.count())
    };
    while count() != Some(length) {
        assert!(Instant::now() < patience, "{:?} are in the queue", count());
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn in_the_foreground_the_status_is_that_of_the_command() {
    for (command, status) in [
        (&["true"][..], 0),
        (&["exit 7"], 7),
        (&["sh", "-c", "exit 255"], 255),
        (&["sh", "-c", "kill -TERM $$"], 143),
        (&["sh", "-c", "kill -KILL $$"], 137),
        (&["false && true || exit 3"], 3),
    ] {
        test()
            .args(["--semaphore", "--fg"])
            .args(command)
            .status(status);
    }
    for (command, status, message) in [
        ("nonesuch", 127, "nonesuch: command not found"),
        (
            "./plain",
            126,
            "cannot execute './plain': Permission denied",
        ),
    ] {
        for way in ["--fg", "--bg"] {
            test()
                .file("plain", "text\n")
                .args(["--semaphore", way, command, "argument"])
                .stderr(format!("prun: {message}\n"))
                .status(status);
        }
    }
}

#[test]
fn one_word_is_a_line_and_several_are_arguments() {
    for (command, stdout) in [
        (&["echo 'a  b' | tr a-z A-Z"][..], "A  B\n"),
        (&["printf", "%s,", "a  b", "$HOME", "*"], "a  b,$HOME,*,"),
        (&["A='x  y'", "printenv", "A"], "'x  y'\n"),
        (&["echo <%> <#> $PRUN_SLOT"], "1 1 1\n"),
        (&["-q", "find", ".", "-exec", "echo", "{}", ";"], ".\n"),
        (&["-q", "printf", "%s", "<%>{}"], "1{}"),
        (&["--shell", "sh", "echo \\<> {1..2}"], "<> {1..2}\n"),
    ] {
        test()
            .args(["--semaphore", "--fg"])
            .args(command)
            .stdout(stdout)
            .success();
    }
}

#[test]
fn called_sem_it_composes_as_gnu_parallel() {
    line(
        "sem --fg echo 'a   b' '$PARALLEL_SEQ' $((1 + 1))\n\
         sem --fg 'echo \"a   b\"; exit 4' || echo $?\n\
         sem --fg -q printf '%s\\n' 'a   b;c'\n\
         sem --id y --fg -ku echo '{%} {#}'\n\
         echo text | sem --fg cat\n\
         echo text | sem --pipe --bg cat\n\
         sem --wait\n\
         prun --gnu --semaphore --fg echo 'a   b'",
    )
    .stdout("a b 1 2\na   b\n4\na   b;c\n1 1\ntext\ntext\na b\n")
    .success();
}

#[test]
fn in_the_background_prun_returns_when_the_command_has_started() {
    line(
        "lock 'probe await go; echo job' </dev/null\n\
         echo returned $?\n\
         lock --semaphoretimeout -0 true 2>/dev/null; echo $?\n\
         : >go\n\
         lock --wait; echo waited $?\n\
         lock 'exit 9'; lock --wait; echo $?",
    )
    .stdout("returned 0\n1\njob\nwaited 0\n0\n")
    .success();
}

#[test]
fn a_command_in_the_background_has_the_input_of_prun() {
    line("echo text | lock 'cat >copy'; lock --wait; cat copy")
        .stdout("text\n")
        .success();
    // A reader of its output does not wait for prun.
    line("echo $(lock 'exec >out 2>&1; probe await go'); : >go; lock --wait")
        .stdout("\n")
        .success();
}

#[test]
fn as_many_as_j_says_run_at_once() {
    line(
        "mkdir two\n\
         for n in 1 2; do lock -j2 \"probe meet two 2 && probe await go && echo $n >>log\"; done\n\
         lock -j2 --st -0 true 2>/dev/null; echo $?\n\
         lock -j3 --fg 'echo third <%>'\n\
         : >go; lock --wait; sort log",
    )
    .stdout("1\nthird 3\n1\n2\n")
    .success();
}

#[test]
fn all_who_have_a_slot_count_whatever_they_allow() {
    line(
        "lock -j2 'probe await one'; lock -j2 'probe await two; probe await three'\n\
         : >one; until lock -j2 --st -0 --fg true 2>/dev/null; do :; done\n\
         lock --st -0 --fg true 2>/dev/null; echo $?\n\
         : >two; : >three; lock --fg echo free",
    )
    .stdout("1\nfree\n")
    .success();
}

#[test]
fn a_limit_ends_the_wait() {
    line(
        "lock 'probe await go'\n\
         lock --semaphoretimeout -0.05 touch ran; echo $?\n\
         lock --st 0.05 --fg 'echo anyway'; echo $?\n\
         lock --wait --semaphore-timeout -50ms; echo $?\n\
         lock --wait --st 0.05; echo $?\n\
         : >go; lock --st 0 --fg echo free; ls",
    )
    .stdout("1\nanyway\n0\n1\n0\nfree\ngo\n")
    .stderr(
        "prun: the semaphore 'x' was not free within the time limit\n\
         prun: warning: the semaphore 'x' was not free within the time limit: the command runs \
         all the same\n\
         prun: the semaphore 'x' still has jobs after the time limit\n\
         prun: warning: the semaphore 'x' still has jobs after the time limit\n",
    )
    .success();
}

#[test]
fn who_has_it_enters_again() {
    line(
        "lock --fg 'prun --semaphore --id x --fg \"prun --semaphore --id x --fg echo inner\"\n\
         prun --semaphore --id x --wait\n\
         prun --semaphore --id y --fg \"prun --semaphore --id x --fg echo both\"\n\
         prun --semaphore --id x --st -0 echo background; echo $?'\n\
         lock --wait",
    )
    .stdout_lines_any_order(&["inner", "both", "background", "0"])
    .success();
    // The variable of a job that has ended opens nothing.
    line(
        "lock --fg 'echo \"$PRUN_SEMAPHORES\"' >old\n\
         lock 'probe await go'\n\
         PRUN_SEMAPHORES=$(cat old) prun --id x --st -0 true 2>/dev/null; echo $?\n\
         : >go; lock --wait",
    )
    .stdout("1\n")
    .success();
}

#[test]
fn what_a_job_starts_inside_of_its_semaphore_keeps_it() {
    line(
        "lock --fg 'prun --semaphore --id x \"probe await go\"'\n\
         lock --st -0 true 2>/dev/null; echo $?\n\
         : >go; lock --fg echo free",
    )
    .stdout("1\nfree\n")
    .success();
}

#[test]
fn a_process_that_a_job_leaves_does_not_keep_the_semaphore() {
    line("lock --fg 'sleep 60 >/dev/null 2>&1 & echo $! >left'; lock --st -0 --fg echo free; kill $(cat left)")
        .stdout("free\n")
        .success();
}

#[test]
fn each_id_is_a_semaphore_of_its_own_and_may_be_any_bytes() {
    line(
        "for id in a '' / ../../x $'\\n' \"$(printf 'b%.0s' {1..9999})\"; do\n\
         prun --semaphore --id=\"$id\" --st -0 'probe await go' || echo \"$id\"\n\
         done\n\
         prun --semaphore --st -0 'probe await go'\n\
         : >go; for id in a '' / ../../x $'\\n'; do prun --id=\"$id\" --wait; done; prun --wait\n\
         ls ..",
    )
    .stdout("bin\ntmp\nwork\n")
    .success();
    let child = test()
        .arg("--id")
        .arg(OsStr::from_bytes(b"\xff\xfe"))
        .args(["--fg", "echo", "bytes"]);
    child.stdout("bytes\n").success();
}

#[test]
fn the_usual_semaphore_is_that_of_the_terminal() {
    let mut child = line(
        "prun --semaphore 'probe await go'\n\
         prun --semaphore --st -0 true 2>/dev/null; echo same $?\n\
         setsid -w prun --semaphore --st -0 --fg echo other\n\
         : >go; prun --wait; cat; prun --fg cat; echo end",
    )
    .terminal(24, 80)
    .start();
    child.wait_for_stdout("other");
    child.feed(b"\x04");
    // In the foreground the command has the terminal.
    child.feed(b"typed\n");
    child.wait_for_stdout("typed\n");
    child.feed(b"\x04");
    child
        .stdout_has("same 1\n")
        .stdout_has("other\n")
        .stdout_has("end\n")
        .success();
}

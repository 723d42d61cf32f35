//! Lists of commands that prun runs as a shell would: each line is run by the shell, too,
//! and everything has to be the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::{Output, STARTS, Signal, Test, cut_off, interrupted, pattern, records};

/// A value that only careful placing keeps in one piece.
const VALUE: &str = "a 'b' $(c);\"d";

/// Lines that leave their traces in what they print, how they end and which files there
/// are.
const LINES: &[&str] = &[
    // Redirections.
    "cat <in",
    "cat < in",
    "cat 0<in >out",
    "probe args <> >out",
    ">out probe args <>",
    "probe args x >out <> 2>err",
    "probe args <> ><>",
    "probe args <> >>log; probe args 2 >>log; cat <log",
    "probe args <> >log; probe args 2 >|log; cat <log",
    "probe write 10 20 >out 2>err",
    "probe write 10 20 >both 2>&1",
    "probe write 10 0 2>&1 >out",
    "probe write 10 20 >&2",
    "probe write 10 20 2>&1",
    "probe write 10 20 1>&2 2>err",
    "probe write 5 5 >a >b 2>&1",
    "probe write 5 5 >/dev/null",
    "probe write 5 5 2>/dev/null",
    "A=1 B=<> sh -c 'echo \"$A $B\"' >out",
    "cat <none",
    "cat <none >out",
    "cat >none/out",
    "cat >in/out",
    "cat </dev/null >.",
    "cat <''",
    "cat >/dev/stdout",
    "cat <in >/dev/stderr",
    "probe args x >fifo-not; cat <fifo-not",
    // Pipelines.
    "cat in | cat",
    "cat in | sort -r | cat -n",
    "echo <> | cat",
    "echo <> x  y | wc -c",
    "echo | wc -c",
    "echo -n <> | cat",
    "echo 'a\\tb' | cat",
    "echo a | cat <in",
    "echo a | cat - in >out",
    "echo a | cat 2>&1 | cat >out",
    "probe write 100000 0 | probe exit 3",
    "probe exit 3 | cat",
    "probe exit 3 | probe exit 4",
    "probe exit 4 | probe exit 0",
    "cat in | none-such",
    "none-such | cat",
    "none-such 2>err | cat in | none-such-either",
    "cat in | ./none",
    "cat in | ./in",
    "./script <> | cat",
    "cat none | cat",
    "cat in | cat <none",
    "cat <none | cat in",
    "yes | head -n 2",
    "probe write 1000000 0 | head -c 5",
    "probe write 300000 300000 | probe count-lines",
    "probe write 5 5 2>&1 | wc -c",
    // Lists.
    "probe args 1; probe args 2; probe args <>",
    "probe args 1; probe args 2;",
    "probe exit 0 && probe args yes",
    "probe exit 2 && probe args yes",
    "probe exit 2 || probe args no",
    "probe exit 0 || probe args no",
    "probe exit 2 && probe args a || probe args b && probe args c",
    "probe exit 0 || probe args a && probe args b; probe exit 5",
    "probe exit 0 && probe exit 0 && probe exit 7 && probe args x",
    "probe exit 3 || probe exit 4 || probe exit 5",
    "probe exit 3; true",
    "probe exit 3; false",
    "probe exit 3 && :",
    "probe exit 3 || false || true && probe args x",
    "probe args 1 && echo <> && probe args 2 && echo end",
    "probe write 100000 0 && echo <> && probe write 100000 0",
    "probe args 1; echo one >&2; echo two 2>&1; echo <> >out; echo 3 >>out",
    "probe args 1; echo x >none/out; echo $?",
    "probe args 1; echo x >none/out; probe args 2",
    "probe args 1; echo x >/dev/full; probe args 2",
    "mkdir new && probe args x >new/file && cat <new/file",
    "probe args 1; cat <none; probe args 2",
    "probe args 1; cat <none && probe args 2 || probe args 3",
    "probe args 1; none-such <>; probe args <>",
    "cp script new; ./new <> && ./none",
    "probe args 1 | cat && probe args 2 | cat | cat; echo end",
    "A=1 probe args x && B=<> env | grep ^B=",
    // Directories.
    "cd dir && cat file",
    "cd dir && env | grep PWD= | sort",
    "cd ./dir//sub/. && env | grep -c ^PWD=.*/dir/sub",
    "cd dir && probe args <> >out; cat <out",
    "cd dir && ../script x",
    "cd dir && ./none",
    "cd dir/../dir && cat file",
    "cd link && env | grep -c ^PWD=.*/link",
    "cd none && probe args x",
    "cd in && probe args x",
    "cd '' && probe args x",
    "cd - >none/x && probe args x",
    "cd none && probe args x || probe args <>",
    "cd dir && cat <none; probe args <>",
    // Signals.
    "probe die 9 | cat",
    "probe die 11 | cat; probe args x",
    "probe die 13 | cat",
    "probe die 2 | cat",
    "probe die 15; probe args x",
    "probe die 1 || probe args x",
    "probe die 9 && probe args x",
    "cat in | probe die 9",
    "probe args 1; probe die 15",
    "probe die 10 | probe exit 1; echo <>",
    // Not for prun.
    "cat in | while read x; do echo \"$x\"; done",
    "cat in | (cat; exit 3)",
    "cat in 3>&1 | cat",
    "cat in | read x; echo $?",
    "printf '%s\\n' <> | cat",
    "test -f in && echo yes",
    "echo <> >out",
    "true && echo <>",
    "! cat none",
];

/// Everything that a run leaves, apart from the processes.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    stdout: String,
    stderr: String,
    status: i32,
    files: BTreeMap<String, String>,
}

fn prepared() -> Test {
    Test::new()
        .file("d/in", "3\n1\n2\n")
        .file("d/dir/file", "text\n")
        .file("d/dir/sub/file", "")
        .executable("d/script", "#!/bin/sh\nprintf '<%s>\\n' \"$@\"\n")
}

fn traces(output: &Output, status: i32) -> Traces {
    let mut files = BTreeMap::new();
    collect(&output.path("d"), "", &mut files);
    let dir = output.path("d");
    Traces {
        stdout: String::from_utf8_lossy(&output.stdout).replace(&*dir.to_string_lossy(), "HERE"),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        status,
        files,
    }
}

fn collect(dir: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).expect("the directory is there") {
        let entry = entry.expect("the directory is there");
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().expect("the file is there");
        if kind.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).expect("the file is ours");
            files.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

/// Result of the line in the shell.
fn by_shell(shell: &str, line: &str) -> Traces {
    let script = line.replace("<>", "\"$1\"");
    let words =
        [shell, "-c", &script, shell, VALUE].map(|word| shell_words::quote(word).into_owned());
    let output = prepared()
        .line(format!(
            "ln -s dir d/link; cd d && exec {} </dev/null",
            words.join(" ")
        ))
        .stdout_any()
        .stderr_any()
        .any_status();
    let status = output.status.code().expect("the shell was not killed");
    traces(&output, status)
}

/// Result of the line in prun.
fn by_prun(options: &[&str], line: &str, start: &str, shell: &str) -> Traces {
    // Without a value, the line is an input.
    let job: &[&str] = match line.contains("<>") {
        true => &[line, ":::", VALUE],
        false => &[":::", line],
    };
    let words = [options, &["--joblog", "../log"], job].concat();
    let words: Vec<_> = words.into_iter().map(shell_words::quote).collect();
    let output = prepared()
        .env("PRUN_START", start)
        .env("SHELL", shell)
        .env("PRUN_SHELL", shell)
        .line(format!(
            "ln -s dir d/link; cd d && exec prun {}",
            words.join(" ")
        ))
        .stdout_any()
        .stderr_any()
        .any_status();
    let record = records(&output.path("log")).remove(0);
    let signal: i32 = record[7].parse().expect("the column is a number");
    let status: i32 = record[6].parse().expect("the column is a number");
    let mut traces = traces(&output, status);
    if signal != 0 {
        // prun has its own way to tell how a job ended; dash prints it.
        traces.status = 128 + signal;
        traces.stderr.push_str(match signal {
            9 => "Killed\n",
            15 => "Terminated\n",
            12 => "User defined signal 2\n",
            _ => "",
        });
    }
    traces
}

#[test]
fn lists_are_run_as_dash_runs_them() {
    let mut problems = String::new();
    for line in LINES {
        let expected = by_shell("/bin/sh", line);
        for start in STARTS {
            let got = by_prun(&["--quiet"], line, start, "/bin/sh");
            if got != expected {
                problems += &format!("{line}, {start}\nsh:   {expected:?}\nprun: {got:?}\n\n");
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

/// bash has words of its own for processes that a signal has ended.
#[test]
fn lists_are_run_as_bash_runs_them() {
    let mut problems = String::new();
    for line in LINES.iter().filter(|line| line.contains("<>")) {
        for mode in [["--gnu", "-I<>"].as_slice(), &["--quiet"]] {
            let mut expected = by_shell("/bin/bash", line);
            let mut got = by_prun(mode, line, "fast", "/bin/bash");
            if line.contains("probe die") {
                expected.stderr.clear();
                got.stderr.clear();
            }
            if got != expected {
                problems += &format!("{line}, {mode:?}\nbash: {expected:?}\nprun: {got:?}\n\n");
            }
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
}

#[test]
fn a_program_without_its_interpreter_has_failed() {
    let why = "prun: ./bad: the interpreter that it names is missing\n";
    for (line, stdout) in [
        ("cat in | ./bad; probe args <>", "x\n"),
        ("probe args 1; ./bad || probe args <>", "1\nx\n"),
        ("./bad | cat; probe args <>", "x\n"),
    ] {
        let words = ["--quiet", line, ":::", "x"];
        let test = Test::new()
            .file("in", "")
            .executable("bad", "#!/none/such\n");
        let test = test.args(words).stdout(stdout);
        if line.starts_with("./bad") {
            test.stderr_has("bash: line 1: ./bad: cannot execute: required file not found\n")
                .success();
        } else {
            test.stderr(why).success();
        }
    }
}

/// Parent and group of each process of a job.
const WHO: &str =
    "#!/bin/sh\nread -r _ _ _ parent group _ </proc/$$/stat\necho $$ $parent $group >$1\n";

#[test]
fn prun_itself_starts_all_processes_of_a_list_in_one_group() {
    let lists = [
        "./who 1 | ./who 2 | cat <in; ./who <>; ./who 4 && env | grep ^PRUN_PID",
        "./who 1 | @cat | ./who 2 | @cat <in; ./who <>; ./who 4 && env | @grep ^PRUN_PID",
    ];
    for (start, line) in STARTS
        .into_iter()
        .flat_map(|start| lists.map(|line| (start, line)))
    {
        let output = Test::new()
            .env("PRUN_START", start)
            .file("in", "")
            .executable("who", WHO)
            .args([line, ":::", "3"])
            .stdout_any()
            .success();
        let prun = String::from_utf8_lossy(&output.stdout).replace("PRUN_PID=", "");
        let who = |n: usize| fs::read_to_string(output.path(n.to_string())).expect("it has run");
        let first = who(1);
        let (leader, _) = first.split_once(' ').expect("there are three numbers");
        for n in 1..=4 {
            let own = who(n);
            let (_, rest) = own.split_once(' ').expect("there are three numbers");
            assert_eq!(
                rest,
                format!("{} {leader}\n", prun.trim()),
                "{start}: {line}: {n}"
            );
        }
    }
}

#[test]
fn a_time_limit_ends_all_processes_of_a_list() {
    for line in [
        "probe linger | probe linger | probe linger; probe args <>",
        "probe args 1; probe linger | probe linger && probe args <>",
        "probe args 1 | cat; probe linger || probe args <>",
    ] {
        let stdout = if line.starts_with("probe args") {
            "1\n"
        } else {
            ""
        };
        for start in STARTS {
            Test::new()
                .env("PRUN_START", start)
                .args(["--timeout", "0.3", line, ":::", "x"])
                .stdout(stdout)
                .stderr_has("timed out")
                .status(1);
        }
    }
}

#[test]
fn a_list_that_is_being_stopped_starts_nothing_more() {
    let line = "probe args up && probe ignore-term ready; probe args <>";
    let child = Test::new()
        .args(["--line-buffer", line, ":::", "x"])
        .start();
    child.wait_for_file("ready");
    child.signal(Signal::TERM);
    child
        .stdout("up\n")
        .stderr(cut_off(1, "SIGKILL") + &interrupted("SIGTERM", 1, "none left to start"))
        .signaled(Signal::TERM);
}

#[test]
fn processes_that_end_early_hold_up_nothing() {
    // The first process leads the group, and is a zombie while the others run.
    let line = "probe exit 0 | cat - in; probe exit 0 | probe args <>; echo end";
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .file("in", "text\n")
            .args(["-k", line, ":::", "1", "2", "3"])
            .stdout("text\n1\nend\ntext\n2\nend\ntext\n3\nend\n")
            .success();
    }
}

#[test]
fn what_echo_prints_comes_after_what_was_there() {
    let line = "probe write 200000 0; echo <>; probe write 200000 0";
    let pattern = pattern(200_000);
    let whole = [&pattern[..], b"x\n", &pattern].concat();
    Test::new().args([line, ":::", "x"]).stdout(whole).success();
}

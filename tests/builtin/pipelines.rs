//! Built-ins in pipelines and lists, beside the same line of real tools run by a shell.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{odd_contents, with_fifo, with_odd_files};
use crate::support::{Child, STARTS, Signal, Test, failed, interrupted, needed, pattern};

/// Files for a line.
fn with_files(line: &str) -> Test {
    let names = ["lines", "huge", "empty", "invalid"];
    let contents = odd_contents().into_iter();
    let contents = contents.filter(|(name, _)| names.contains(name));
    let test = contents.fold(Test::new(), |test, (name, bytes)| test.file(name, bytes));
    if line.contains(".gz") {
        let gzip = "gzip -k lines huge empty invalid";
        assert!(shell(&test, gzip).status.success());
    }
    test
}

/// Result of a line that a shell runs in the directory of a test.
fn shell(test: &Test, line: &str) -> std::process::Output {
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", line])
        .current_dir(test.path(""))
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output();
    output.expect("bash can be run")
}

/// A line with a value, and what it is for a shell.
const LINES: &[(&str, &str)] = &[
    // Built-ins only.
    ("@cat <> | @count", "cat $f | wc"),
    ("@cat - <> - | @cat | @count -l", "cat - $f - | cat | wc -l"),
    ("@gunzip -c <>.gz | @count -lc", "gzip -dc $f.gz | wc -lc"),
    ("@gunzip -c <>.gz | @md5", "gzip -dc $f.gz | md5sum"),
    ("@gzip -c <> | @gunzip | @sha256 -b", "sha256sum -b < $f"),
    ("@xz -c <> | @unxz | @zstd | @unzstd | @cat", "cat $f"),
    ("@base64 <> | @unbase64 | @hex | @unhex", "cat $f"),
    ("@cat <> | @head -n3", "head -n3 $f"),
    ("@cat <> | @head -c -5", "head -c -5 $f"),
    ("@cat <> | @tail -n3 | @upper", "tail -n3 $f | tr a-z A-Z"),
    ("@tail -c7 <> | @cat - - <>", "tail -c7 $f | cat - - $f"),
    (
        "@cat <> | @head -v -n1 - lines",
        "cat $f | head -v -n1 - lines",
    ),
    ("@count | @cat", "wc | cat"),
    // With commands before, after and between them.
    ("cat <> | @md5", "cat $f | md5sum"),
    ("@cat <> | cat", "cat $f"),
    ("cat <> | @gzip | gzip -dc", "cat $f"),
    (
        "@gunzip -c <>.gz | sort | @count -l",
        "gzip -dc $f.gz | sort | wc -l",
    ),
    ("echo <> | @upper", "echo $f | tr a-z A-Z"),
    (
        "@cat <> | cat | cat | @cat | @cat | cat | @md5 -",
        "cat $f | md5sum -",
    ),
    // Redirections.
    ("@md5 < <>", "md5sum < $f"),
    ("@count < <>", "wc < $f"),
    ("@count <<>", "wc <$f"),
    ("@tail -n2 < <>", "tail -n2 < $f"),
    ("@upper <> > out; cat out", "tr a-z A-Z < $f"),
    (
        "@cat <> > out && @cat lines >> out && @md5 < out",
        "cat $f lines | md5sum",
    ),
    (
        "@cat <> | @cat > out | @count; @count < out",
        "cat $f > out | wc; wc < out",
    ),
    (
        "@cat <> 2>/dev/null >&2 | @count",
        "cat $f 2>/dev/null >&2 | wc",
    ),
    ("@cat <> none 2>&1 | @count -l", "cat $f none 2>&1 | wc -l"),
    (
        "@cat <> none &>out; @count -l out",
        "cat $f none &>out; wc -l out",
    ),
    // Lists.
    ("@cat <> && @count -l < <>", "cat $f && wc -l < $f"),
    ("@cat none || cat <>", "cat $f"),
    ("@cat <> ; cat <>; @cat <>", "cat $f $f $f"),
    ("mkdir -p d; cp <> d/x; @cat d/x | cat", "cat $f"),
    ("cd .. && @cat work/<> | cat", "cat $f"),
    ("X=1 env | @cat | grep -x X=1", "echo X=1"),
];

#[test]
fn they_do_what_tools_do_in_a_shell() {
    for (file, start) in ["lines", "huge", "empty", "invalid"]
        .into_iter()
        .zip(STARTS.into_iter().cycle())
    {
        for (line, tools) in LINES {
            let test = with_files(line).env("PRUN_START", start);
            let expected = shell(&test, &format!("f={file}; {tools}"));
            let values = if line.contains("<>") { "-N1" } else { "-N0" };
            test.args(["--quiet", "--halt", "soon,fail=1", values, line])
                .args([":::", file])
                .stdout(expected.stdout)
                .stderr_any()
                .status(match expected.status.code() {
                    // For bash, whoever is not read to the end has failed.
                    Some(141) => 0,
                    code => code.expect("it ends by itself"),
                });
        }
    }
}

#[test]
fn values_are_data() {
    let test = with_odd_files();
    let names = ["with space", "new\nline", "back\\slash", "-dash", "*star"];
    let mut expected = Vec::new();
    for name in names {
        expected.extend(std::fs::read(test.path(name)).expect("it is there"));
    }
    test.args(["-k", "@cat <> | @cat | cat > <>.out; @cat < <>.out", ":::"])
        .args(names)
        .stdout(expected)
        .success();
}

#[test]
fn the_value_has_its_place() {
    let message = "prun: the command does not say where the value goes, and there are several in it\nhint: write '<>' there: prun ";
    for (line, hint) in [
        ("@gunzip -c | @count -l", "'@gunzip -c <> | @count -l'"),
        ("cat|@count -l", "'cat <>|@count -l'"),
        ("@md5 && echo", "'@md5 <> && echo'"),
    ] {
        Test::new()
            .args([line, ":::", "x"])
            .stderr(format!("{message}{hint}\n"))
            .status(255);
        Test::new()
            .args(["--dry-run", "-N0", line, ":::", "x"])
            .stdout(format!("{line}\n"))
            .success();
    }
    Test::new()
        .file("x", "1\n")
        .args(["@cat > out; cat out", ":::", "x"])
        .stderr_has("where the value goes")
        .status(255);
    Test::new()
        .file("x", "1\n")
        .args(["-v", "@count -l 2>&1", ":::", "x"])
        .stdout("@count -l 2>&1 x\n1 x\n")
        .success();
}

#[test]
fn what_only_a_shell_can_do_is_told_before_any_job_starts() {
    let syntax = "'@md5' runs inside prun: beside words and quotes, only |, &&, ||, ; and redirections can stand in its line\nhint: for the rest name the shell: sh -c '...' | @md5; a program of that name: ./@md5\n";
    let device = "'@md5' runs inside prun: streams cannot be redirected to '/dev/stdout'\nhint: a file, /dev/null, >&2 and 2>&1 are possible\n";
    let export = "'export' needs a shell, and '@md5' runs inside prun\nhint: name the shell: sh -c 'export ...' | @md5; a program of that name: ./@md5\n";
    for (line, message) in [
        ("touch <>; @md5 *", syntax),
        ("touch <>; @md5 $HOME", syntax),
        ("touch <>; @md5 $(cat list)", syntax),
        ("touch <>; @md5 `cat list`", syntax),
        ("touch <>; (@md5 x)", syntax),
        ("touch <>; @md5 x &", syntax),
        ("touch <>; @md5 x 3>y", syntax),
        ("touch <>; @md5 x 2>&-", syntax),
        ("touch <>; @md5 <<< x", syntax),
        (
            "touch <>; @md5 x |",
            "the command line is not complete: nothing follows '|'\nhint: write '<>' where the value goes; 'prun -q' takes every word as it stands\n",
        ),
        ("touch <>; if true; then @md5 x; fi", syntax),
        ("touch <>; @md5 > /dev/stdout", device),
        ("touch <>; export X | @md5", export),
    ] {
        let output = Test::new()
            .args([line, ":::", "ran"])
            .stderr(format!("prun: {message}"))
            .status(255);
        assert!(!output.path("ran").exists(), "{line}");
    }
    Test::new()
        .line("f() { cat; }; export -f f; prun 'f <> | @md5' ::: a")
        .stderr_has("prun: 'f' needs a shell, and '@md5' runs inside prun\n")
        .status(255);
}

/// Every stage may fail, and the last one that has decides.
#[test]
fn the_last_failure_decides() {
    for (line, end, said) in [
        ("probe exit 3 | @cat | @cat", "exit 3", ""),
        ("@cat f | probe exit 3 | @cat", "exit 3", ""),
        ("@cat f | @cat | probe exit 3", "exit 3", ""),
        ("probe exit 3 | probe exit 4 | @cat", "exit 4", ""),
        ("@cat none | probe exit 4 | @cat", "exit 4", NONE),
        ("probe exit 4 | @cat none | @cat", "exit 1", NONE),
        ("@cat none | @cat | @cat", "exit 1", NONE),
        ("@cat f | @cat none | cat", "exit 1", NONE),
        ("@cat f | cat | @cat none", "exit 1", NONE),
        ("@cat none && echo no", "exit 1", NONE),
        (
            "@gunzip -c f | @cat",
            "exit 1",
            "@gunzip: cannot decompress 'f': unexpected end of file\n",
        ),
        (
            "cat f | @gunzip | cat",
            "exit 1",
            "@gunzip: cannot decompress '-': unexpected end of file\n",
        ),
        ("nope | @cat", "exit 127", "prun: nope: command not found\n"),
        (
            "@cat f | nope | @cat",
            "exit 127",
            "prun: nope: command not found\n",
        ),
        (
            "@cat f | nope",
            "exit 127",
            "prun: nope: command not found\n",
        ),
        (
            "@cat f | ./f | @cat",
            "exit 126",
            "prun: cannot execute './f': Permission denied\n",
        ),
        (
            "@cat < none | @cat",
            "exit 1",
            "prun: cannot read 'none': No such file or directory\n",
        ),
        (
            "@cat < none",
            "exit 1",
            "prun: cannot read 'none': No such file or directory\n",
        ),
        (
            "cat < d | @cat",
            "exit 1",
            "prun: cannot read 'd': Is a directory\n",
        ),
        (
            "@cat f > d",
            "exit 1",
            "prun: cannot write 'd': Is a directory\n",
        ),
        (
            "@cat f | @cat > none/x",
            "exit 1",
            "prun: cannot write 'none/x': No such file or directory\n",
        ),
        (
            "@cat f | sh -c 'kill -9 $$' | @cat",
            "killed by SIGKILL",
            "",
        ),
        ("@cat f | sh -c 'kill -PIPE $$'", "killed by SIGPIPE", ""),
    ] {
        Test::new()
            .file("f", "")
            .file("d/x", "")
            .args(["-N0", line, ":::", "1"])
            .stderr(said.to_owned() + &failed("1 of 1", &[&format!("1: {end}: {line}")]))
            .status(1);
    }
    Test::new()
        .args(["-N0", "cd none && @cat x | cat", ":::", "1"])
        .stderr(format!(
            "prun: job 1: cannot use the directory 'none': No such file or directory\n{}",
            failed("1 of 1", &["1: not started: cd none && @cat x | cat"])
        ))
        .status(1);
}

const NONE: &str = "@cat: cannot read 'none': No such file or directory\n";

#[test]
fn a_stage_that_is_not_read_to_its_end_has_not_failed() {
    let test = Test::new().file("big", vec![b'\n'; 3_000_000]);
    for line in [
        "@cat big | @head -n1",
        "@cat big | head -n1",
        "yes '' | @head -n1",
        "yes '' | @cat | @head -n1",
        "yes '' | @cat | cat | @cat | head -n1",
        "@cat big big | @gzip | @gunzip | @upper | @head -n1",
        "@cat big | sh -c 'exec <&-; echo'",
        "sh -c 'kill -PIPE $$' | echo | @cat",
    ] {
        let path = test
            .path("big")
            .into_os_string()
            .into_string()
            .expect("it is text");
        let line = line.replace("big", &path);
        Test::new()
            .args(["-N0", &line, ":::", "1"])
            .stdout("\n")
            .success();
    }
}

/// What a stage cannot tell any more is a failure all the same.
#[test]
fn a_failure_that_nobody_reads_of_is_one() {
    // The last stage reads no more before the first one lets the built-in go on.
    let line = "cat fifo | @cat - none 2>&1 | sh -c 'exec <&-; : > fifo'";
    with_fifo()
        .args(["-N0", line, ":::", "1"])
        .stderr(failed("1 of 1", &[&format!("1: exit 1: {line}")]))
        .status(1);
}

#[test]
fn both_streams_come_from_all_stages() {
    Test::new()
        .args([
            "-N0",
            "probe write 5 5 | @cat none - | sh -c 'echo sh >&2; cat' | @cat - nope",
            ":::",
            "1",
        ])
        .stdout(pattern(5))
        .stderr_has("@cat: cannot read 'none': No such file or directory\n")
        .stderr_has("@cat: cannot read 'nope': No such file or directory\n")
        .stderr_has("sh\n")
        .stderr_has(pattern(5))
        .status(1);
    Test::new()
        .file("f", "1\n")
        .args([
            "--ungroup",
            "--quiet",
            "@cat <> none | @upper && nope",
            ":::",
            "f",
        ])
        .stdout("1\n")
        .stderr(NONE)
        .status(1);
    Test::new()
        .file("f", "a\n")
        .args(["--ungroup", "--quiet", "@cat <> | @upper; nope", ":::", "f"])
        .stdout("A\n")
        .stderr("prun: nope: command not found\n")
        .status(1);
}

/// Runs a line with a lot of data, and checks prun's largest memory.
#[track_caller]
fn flat(line: &str, stdout: &str) {
    let output = Test::new()
        .limit(Duration::from_secs(120))
        .line(format!(
            "head -c 200000000 /dev/zero > zeros
             env time -f %M -o rss prun -N0 '{line}' ::: 1"
        ))
        .stdout(stdout)
        .success();
    let text = std::fs::read_to_string(output.path("rss")).expect("time wrote it");
    let kilobytes: u64 = text.trim().parse().expect("it is a number");
    assert!(kilobytes < 40 << 10, "{line}: {kilobytes} KiB");
}

#[test]
fn much_data_takes_little_memory() {
    needed!("time");
    flat("@cat zeros | @upper | @count -c", "200000000\n");
    flat(
        "head -c 200000000 zeros | @cat | cat | @count -c",
        "200000000\n",
    );
    // All are full until the last one reads.
    flat(
        "@cat zeros | @cat | cat | @cat | sh -c \"sleep .3; wc -c\"",
        "200000000\n",
    );
}

#[test]
fn a_time_limit_ends_all_stages() {
    for start in STARTS {
        for line in [
            "@cat fifo | @upper | @cat",
            "probe linger | @cat | @cat",
            "@cat zeros zeros | @cat | probe linger",
            "@cat zeros zeros | probe linger",
        ] {
            let test = with_fifo().env("PRUN_START", start);
            std::fs::write(test.path("zeros"), vec![0; 3_000_000]).expect("it is ours");
            test.args(["--timeout", ".2", "-N0", line, ":::", "1"])
                .stderr(failed(
                    "1 of 1",
                    &[&format!("1: timed out after 0.2s: {line}")],
                ))
                .status(1);
        }
    }
}

#[test]
fn a_signal_ends_all_stages() {
    for (line, start) in [
        ("@cat f fifo | @upper | @cat", "fast"),
        ("sh -c 'echo >&2; cat fifo' | @cat | probe linger", "fast"),
        (
            "sh -c 'echo >&2; cat fifo' | @cat | probe linger",
            "portable",
        ),
        (
            "@cat f zeros zeros | @cat | sh -c 'echo >&2; probe linger' | @cat",
            "fast",
        ),
    ] {
        let test = with_fifo().file("f", "x\n").env("PRUN_START", start);
        std::fs::write(test.path("zeros"), vec![0; 3_000_000]).expect("it is ours");
        let child = test
            .args(["--line-buffer", "-N0", line, ":::", "1"])
            .start();
        match line.contains("echo") {
            true => child.wait_for_stderr("\n"),
            false => child.wait_for_stdout("X\n"),
        }
        child.signal(Signal::INT);
        child
            .wait()
            .stdout_any()
            .stderr_has(interrupted("SIGINT", 1, "none left to start"))
            .signaled(Signal::INT);
    }
}

#[test]
fn a_halt_ends_all_stages() {
    with_fifo()
        .args([
            "-j2",
            "--halt",
            "now,fail=1",
            "@cat <> | cat | @upper",
            ":::",
            "fifo",
            "none",
        ])
        .stderr_has(failed("1 of 2, 1 stopped", &[]))
        .stderr_has(NONE)
        .status(1);
}

#[test]
fn lines_come_while_it_runs() {
    for line in [
        "@cat <> | @upper | @cat",
        "cat <> | @upper | cat",
        "cat <> | @cat | @upper",
        "@upper <>",
    ] {
        let child = with_fifo().file("start", "").line(format!(
            "exec 9<>go; prun --line-buffer --tag '{line}' ::: fifo &
                 exec 8>fifo; echo one >&8; read -r x < go2; echo two >&8; exec 8>&-; wait"
        ));
        let child = child_with_gate(child);
        child.wait_for_stdout("fifo\tONE\n");
        std::fs::write(child.path("go2"), "now\n").expect("somebody reads it");
        child.wait().stdout("fifo\tONE\nfifo\tTWO\n").success();
    }
}

fn child_with_gate(test: Test) -> Child {
    let status = Command::new("mkfifo").arg(test.path("go2")).status();
    assert!(status.expect("mkfifo can be run").success());
    test.start()
}

#[test]
fn many_small_jobs_come_in_order() {
    let numbers: Vec<String> = (1..=1000).map(|number| number.to_string()).collect();
    let mut expected = String::new();
    for number in &numbers {
        expected += &format!("{number}\tN{number}\n");
    }
    for (line, start) in [
        ("@cat n<> | @cat | @upper", "fast"),
        ("cat n<> | @upper", "fast"),
        ("cat n<> | @cat | cat | @upper", "portable"),
    ] {
        let mut test = Test::new();
        for number in &numbers {
            test = test.file(format!("n{number}"), format!("n{number}\n"));
        }
        test.env("PRUN_START", start)
            .args(["-k", "-j8", "--tag", line, ":::"])
            .args(&numbers)
            .limit(Duration::from_secs(60))
            .stdout(&expected)
            .success();
    }
}

#[test]
fn few_descriptors_are_enough() {
    let lines: String = (1..=40).map(|number| format!("{number}\n")).collect();
    for (line, start) in [
        ("echo <> | @upper | cat | @cat", "fast"),
        ("echo <> | @upper | cat | @cat", "portable"),
        ("echo <> | @cat | @cat", "fast"),
    ] {
        Test::new()
            .env("PRUN_START", start)
            .line(format!("ulimit -n 32; seq 40 | prun -j20 -k '{line}'"))
            .stdout(&lines)
            .stderr_has("ulimit -n")
            .success();
    }
}

#[test]
fn the_line_is_shown_and_logged_as_typed() {
    let test = || Test::new().file("a b", "x\n");
    test()
        .args(["--dry-run", "@cat <> | sort >out 2>&1", ":::", "a b"])
        .stdout("@cat 'a b' | sort >out 2>&1\n")
        .success();
    let output = test()
        .args([
            "-v",
            "--joblog",
            "log",
            "@cat <> | @upper | cat",
            ":::",
            "a b",
        ])
        .stdout("@cat 'a b' | @upper | cat\nX\n")
        .success();
    let log = std::fs::read_to_string(output.path("log")).expect("there is a log");
    let fields: Vec<&str> = log.lines().nth(1).expect("a job").split('\t').collect();
    assert_eq!(fields[5..], ["2", "0", "0", "@cat 'a b' | @upper | cat"]);
}

#[test]
fn elsewhere_the_shell_gets_the_line() {
    Test::new()
        .executable("@up", "#!/bin/sh\ntr a-z A-Z\n")
        .env("PATH", ".:/usr/bin:/bin")
        .args(["--gnu", "echo {} | @up", ":::", "x"])
        .stdout("X\n")
        .success();
}

#[test]
fn results_retries_and_several_values() {
    Test::new()
        .file("a", "1\n")
        .file("b", "2\n")
        .args(["-n2", "@cat <> | @count -l", ":::", "a", "b"])
        .stdout("2\n")
        .success();
    Test::new()
        .file("a", "1\n")
        .args([
            "--retries",
            "3",
            "--quiet",
            "echo x >> ran; @cat <> none | cat; @cat none",
            ":::",
            "a",
        ])
        .stdout("1\n")
        .stderr(NONE.repeat(2))
        .check_file("ran", "x\nx\nx\n")
        .status(1);
    Test::new()
        .file("d/f", "x\n")
        .args(["--wd", "d", "@cat <> | @upper > out; cat out", ":::", "f"])
        .stdout("X\n")
        .check_file("d/out", "X\n")
        .success();
}

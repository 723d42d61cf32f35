//! `--joblog`: one line per job, after its output, and never two runs in one file.

use std::fs;

use crate::support::{Output, Test, skip};

const HEADER: &str = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand";

/// The lines after the header, as columns.
#[track_caller]
fn rows(output: &Output) -> Vec<Vec<String>> {
    let text = fs::read_to_string(output.path("log")).expect("the log is text");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(HEADER));
    lines
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect()
}

/// Columns that depend on the job alone: number, bytes, status, signal, command.
#[track_caller]
fn steady(output: &Output) -> Vec<String> {
    let pick = |row: Vec<String>| [0, 5, 6, 7, 8].map(|at| row[at].clone()).join(" ");
    rows(output).into_iter().map(pick).collect()
}

#[test]
fn a_line_has_nine_columns() {
    let output = Test::new()
        .args(["-j1", "--joblog", "log", "printf out; echo e >&2; exit <>"])
        .args([":::", "0", "3"])
        .stdout("outout")
        .stderr_has("e\ne\n")
        .status(1);
    for (row, status) in rows(&output).iter().zip(["0", "3"]) {
        assert_eq!(row.len(), 9);
        assert_eq!(row[1], ":");
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let (seconds, fraction) = row[2].split_once('.').expect("a fraction");
        assert!(
            digits(seconds) && digits(fraction) && fraction.len() == 3,
            "{row:?}"
        );
        assert_eq!(row[3].len(), 10);
        let (seconds, fraction) = row[3].trim_start().split_once('.').expect("a fraction");
        assert!(
            digits(seconds) && digits(fraction) && fraction.len() == 3,
            "{row:?}"
        );
        assert_eq!(row[4], "0");
        assert_eq!(row[6], status);
    }
    assert_eq!(
        steady(&output),
        [
            "1 3 0 0 printf out; echo e >&2; exit 0",
            "2 3 3 0 printf out; echo e >&2; exit 3"
        ]
    );
}

#[test]
fn how_a_job_ended_is_told() {
    let rows = |args: &[&str]| {
        let output = Test::new()
            .executable("program", "#!/no/such/interpreter\n")
            .file("text", "")
            .args(["--joblog", "log", "-j1"])
            .args(args)
            .stdout_any()
            .stderr_any()
            .any_status();
        steady(&output)
    };
    assert_eq!(
        rows(&["kill -9 $$; : <>", ":::", "a"]),
        ["1 0 0 9 kill -9 $$; : a"]
    );
    assert_eq!(rows(&["nosuchcmd", ":::", "a"]), ["1 0 127 0 nosuchcmd a"]);
    assert_eq!(
        rows(&["nosuchcmd; : <>", ":::", "a"]),
        ["1 0 0 0 nosuchcmd; : a"]
    );
    assert_eq!(rows(&["./text", ":::", "a"]), ["1 0 126 0 ./text a"]);
    assert_eq!(
        rows(&["exit 255; <>", ":::", "a"]),
        ["1 0 255 0 exit 255; a"]
    );
    assert_eq!(
        rows(&[
            "--timeout",
            "0.1",
            "printf x; exec probe linger; : <>",
            ":::",
            "a"
        ]),
        ["1 1 -1 15 printf x; exec probe linger; : a"]
    );
}

#[test]
fn a_job_that_a_halt_ended_is_logged() {
    let job = "test <> = a && { touch runs; exec probe linger; }; probe await runs; exit 4";
    let output = Test::new()
        .args(["-j2", "--halt", "now,fail=1", "--joblog", "log", job])
        .args([":::", "a", "b"])
        .stderr_any()
        .status(4);
    let mut rows = steady(&output);
    rows.sort();
    let command = |value: &str| job.replace("<>", value);
    assert_eq!(
        rows,
        [
            format!("1 0 -1 15 {}", command("a")),
            format!("2 0 4 0 {}", command("b"))
        ]
    );
}

#[test]
fn a_command_stays_on_one_line_and_can_be_read_back() {
    let output = Test::new()
        .line(
            r"printf 'a\nb\0c\tX\0\033[1m\0it'\''s\\\0\377\0' | prun -0 -k --joblog log echo >ran
              tail -n +2 log | cut -f9- >commands; . ./commands >typed; cmp ran typed; wc -l <commands",
        )
        .stdout("5\n")
        .success();
    let log = fs::read(output.path("log")).expect("there is one");
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\n' | b'\t');
    assert!(!log.iter().any(is_control));
    let output = Test::new()
        .args(["--joblog", "log", "echo a\necho\t<>", ":::", "x"])
        .stdout("a\nx\n")
        .success();
    assert_eq!(steady(&output), [r"1 4 0 0 $'echo a\necho\tx'"]);
}

#[test]
fn lines_come_in_the_order_of_the_output() {
    let numbers = |mode: &str, job: &str| -> Vec<String> {
        let output = Test::new()
            .args(["-j2", "--joblog", "log", mode, job, ":::", "a", "b"])
            .stdout_any()
            .success();
        rows(&output)
            .into_iter()
            .map(|row| row[0].clone())
            .collect()
    };
    // The first job ends when the second one is in the log.
    let job = "test <> = b || until grep -q ^2 log; do sleep .01; done; echo <>";
    assert_eq!(numbers("--group", job), ["2", "1"]);
    // The first job ends after the second one has done all it does.
    let job = "test <> = b || probe await go; test <> = a || touch go; echo <>";
    assert_eq!(numbers("-k", job), ["1", "2"]);
}

#[test]
fn a_dash_is_standard_output() {
    let output = Test::new()
        .args(["-j1", "--joblog", "-", "echo", ":::", "a", "b"])
        .stdout_any()
        .success();
    let text = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!([lines[0], lines[1], lines[3]], [HEADER, "a", "b"]);
    assert!(lines[2].starts_with("1\t:\t") && lines[2].ends_with("\t0\t0\techo a"));
    assert!(lines[4].starts_with("2\t:\t") && lines[4].ends_with("\t0\t0\techo b"));
    assert_eq!(lines.len(), 5);
}

#[test]
fn a_pipe_or_the_output_itself_can_be_the_log() {
    for (end, before) in [
        ("| cat", ""),
        (">out; cat out", ""),
        (">>out; cat out", "before\n"),
    ] {
        Test::new()
            .line(format!(
                "echo before >out; prun --joblog /dev/stdout echo ::: a {end}"
            ))
            .stdout_has(format!("{before}{HEADER}\n"))
            .stdout_has("a\n")
            .stdout_has("\t0\t0\techo a\n")
            .success();
    }
    Test::new()
        .line("prun --joblog >(cut -f9 >&2) echo ::: a; wait")
        .stdout("a\n")
        .stderr("Command\necho a\n")
        .success();
}

#[test]
fn the_log_of_an_earlier_run_is_replaced() {
    let output = Test::new()
        .file("log", format!("{HEADER}\n").repeat(100))
        .args(["--joblog", "log", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
    assert_eq!(steady(&output), ["1 2 0 0 echo a"]);
    Test::new()
        .line("umask 027; prun --joblog log true ::: a; stat -c %a log")
        .stdout("640\n")
        .success();
}

#[test]
fn what_is_no_log_is_not_overwritten() {
    for (log, harm) in [
        ("notes", "it would be overwritten"),
        ("+notes", "nothing can be added to it"),
    ] {
        Test::new()
            .file("notes", "Seq\tmine\n")
            .args(["--joblog", log, "touch", ":::", "ran"])
            .stderr(format!(
                "prun: 'notes' is no job log: {harm}\n\
                 hint: remove it, or give the job log another name\n"
            ))
            .check_file("notes", "Seq\tmine\n")
            .status(255);
    }
    let output = Test::gnu()
        .file("log", "Seq\tmine\n")
        .args(["--joblog", "log", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
    assert_eq!(steady(&output), ["1 2 0 0 echo a"]);
    // A header that was cut off, and what prun prints to.
    let output = Test::new()
        .file("log", &HEADER[..9])
        .args(["--joblog", "log", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
    assert_eq!(steady(&output), ["1 2 0 0 echo a"]);
    Test::new()
        .line("echo before >err; prun --joblog err true ::: a 2>>err; cut -f9 err")
        .stdout("before\nCommand\ntrue a\n")
        .success();
}

#[test]
fn a_plus_before_the_name_adds_to_the_log() {
    for prun in ["prun", "prun --gnu"] {
        let output = Test::new()
            .line(format!(
                "for i in a b; do {prun} --joblog +log echo ::: $i; done"
            ))
            .stdout("a\nb\n")
            .success();
        assert_eq!(steady(&output), ["1 2 0 0 echo a", "1 2 0 0 echo b"]);
    }
    // A record that was cut off does not spoil the next one.
    let output = Test::new()
        .line("prun --joblog log echo ::: a; printf '2\\t:' >>log; prun --joblog +log echo ::: b")
        .stdout("a\nb\n")
        .success();
    assert_eq!(steady(&output), ["1 2 0 0 echo a", "1 2 0 0 echo b"]);
    Test::new()
        .line("prun --joblog +log echo ::: a; prun --joblog +log --resume echo ::: a b")
        .stdout("a\nb\n")
        .success();
}

#[test]
fn input_is_not_overwritten_with_a_log_or_with_results() {
    let input = |name: &str, input: &str| {
        format!(
            "prun: {name} is {input}, too: it would be overwritten\nhint: write to another file\n"
        )
    };
    for prun in ["prun", "prun --gnu"] {
        for (args, stderr) in [
            (
                "--joblog l echo :::: l",
                input("--joblog 'l'", "the input 'l'"),
            ),
            (
                "--joblog ./l echo ::: x :::: l",
                input("--joblog './l'", "the input 'l'"),
            ),
            (
                "--joblog l -a link echo",
                input("--joblog 'l'", "the input 'link'"),
            ),
            (
                "--joblog +l echo <l",
                input("--joblog 'l'", "standard input"),
            ),
            (
                "--joblog l --resume echo <l",
                input("--joblog 'l'", "standard input"),
            ),
            (
                "--results l.csv echo :::: l.csv",
                input("--results 'l.csv'", "the input 'l.csv'"),
            ),
            (
                "--results l.json echo <l.json",
                input("--results 'l.json'", "standard input"),
            ),
            (
                "--joblog r.csv --results r.csv echo ::: a",
                "prun: --joblog 'r.csv' and --results 'r.csv' are the same file\n\
                 hint: give each a file of its own\n"
                    .to_owned(),
            ),
            (
                "--joblog l.csv --results ./l.csv echo ::: a",
                "prun: --joblog 'l.csv' and --results './l.csv' are the same file\n\
                 hint: give each a file of its own\n"
                    .to_owned(),
            ),
        ] {
            Test::new()
                .line(format!(
                    "seq 3 >l; cp l l.csv; cp l l.json; ln -s l link; {prun} {args}; echo $?; cat l l.csv l.json | wc -l; ls"
                ))
                .stdout("255\n9\nl\nl.csv\nl.json\nlink\n")
                .stderr(stderr)
                .success();
        }
    }
    // What is no regular file cannot be overwritten.
    Test::new()
        .line("prun --joblog /dev/null echo ::: a </dev/null")
        .stdout("a\n")
        .success();
}

#[test]
fn a_log_that_cannot_be_written_is_an_error_before_any_job() {
    for (log, reason) in [
        ("nosuch/log", "No such file or directory"),
        (".", "Is a directory"),
        ("/dev/full", "No space left on device"),
    ] {
        let output = Test::new()
            .args(["--joblog", log, "touch", ":::", "ran"])
            .stderr(format!(
                "prun: cannot write the job log '{log}': {reason}\n"
            ))
            .status(255);
        assert!(!output.path("ran").exists());
    }
}

#[test]
fn a_log_that_becomes_full_is_an_error() {
    let mut unshare = std::process::Command::new("unshare");
    unshare.args(["-m", "sh", "-c", "mount -t tmpfs none /mnt 2>/dev/null"]);
    if !unshare.status().is_ok_and(|status| status.success()) {
        skip!("nothing can be mounted here");
    }
    let line = "mount -t tmpfs -o size=4k none d && seq 1000 | prun -j2 --joblog d/log true
        echo status $?; tail -n1 d/log | wc -c";
    Test::new()
        .file("line", line)
        .line("mkdir d; exec unshare -m bash ./line")
        .stdout_has("status 255\n")
        .stderr("prun: cannot write the job log 'd/log': No space left on device\n")
        .success();
}

#[test]
fn a_log_in_use_is_refused() {
    let output = Test::new()
        .line(
            "prun --joblog log 'touch runs; probe await go; echo <>' ::: a &
             probe await runs; prun --joblog log echo ::: b; echo status $?; touch go; wait",
        )
        .stdout("status 255\na\n")
        .stderr(
            "prun: the job log 'log' is in use by another run\n\
             hint: give each run a log of its own\n",
        )
        .success();
    assert_eq!(
        steady(&output),
        ["1 2 0 0 touch runs; probe await go; echo a"]
    );
}

#[test]
fn a_job_left_in_the_background_does_not_keep_the_log() {
    Test::new()
        .line(
            "prun --joblog log 'probe linger >/dev/null 2>&1 & echo <>' ::: a
             prun --joblog log echo ::: b",
        )
        .stdout("a\nb\n")
        .leaves_processes()
        .success();
}

#[test]
fn a_job_is_logged_only_when_its_output_was_taken() {
    for mode in ["--group", "-k"] {
        let output = Test::new()
            .line(format!(
                "prun -j1 {mode} --joblog log 'head -c 300000 /dev/zero; touch ran.<>' ::: a b c |
                 {{ probe await ran.c; cut -f1 log; wc -c; }}"
            ))
            .stdout("Seq\n900000\n")
            .success();
        assert_eq!(rows(&output).len(), 3);
    }
}

#[test]
fn a_log_that_a_dying_run_holds_is_waited_for() {
    Test::new()
        .line(
            "exec 9>>log; flock 9; sleep .1 9>&9 & exec 9>&-
             prun --joblog log echo ::: a",
        )
        .stdout("a\n")
        .success();
}

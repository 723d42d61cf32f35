//! `--resume`, `--resume-failed`, `--retry-failed`: what an earlier run has left to do.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::support::{Output, Signal, Test, ends, failed, records};

const HEADER: &str = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n";

/// A log with these records: `SEQ EXITVAL SIGNAL COMMAND`.
fn log(records: &[&str]) -> String {
    let mut log = HEADER.to_owned();
    for record in records {
        let fields: Vec<&str> = record.splitn(4, ' ').collect();
        let [seq, exit, signal, command] = fields[..] else {
            panic!("no record: {record}");
        };
        let _ = writeln!(
            log,
            "{seq}\t:\t1.000\t     0.001\t0\t0\t{exit}\t{signal}\t{command}"
        );
    }
    log
}

/// `SEQ EXITVAL COMMAND` of each record, in the order of the log.
#[track_caller]
fn told(output: &Output) -> Vec<String> {
    let records = records(&output.path("log"));
    let told = |fields: &Vec<String>| format!("{} {} {}", fields[0], fields[6], fields[8]);
    records.iter().map(told).collect()
}

/// Runs a line with this log; the options in it are written as `prun LOG ...`.
fn with_log(records: &[&str], line: &str) -> Test {
    Test::new()
        .file("log", log(records))
        .line(line.replace("LOG", "-j1 --joblog log"))
}

#[test]
fn jobs_that_ended_are_left_out() {
    let output = Test::new()
        .line(
            "prun -j1 --quiet --joblog log 'echo <>; exit <>' ::: 0 1
             prun -j1 --quiet --joblog log --resume 'echo <>; exit <>' ::: 0 1 2 3",
        )
        .stdout("0\n1\n2\n3\n")
        .status(2);
    assert_eq!(
        told(&output),
        [
            "1 0 echo 0; exit 0",
            "2 1 echo 1; exit 1",
            "3 2 echo 2; exit 2",
            "4 3 echo 3; exit 3"
        ]
    );
}

#[test]
fn failed_jobs_are_run_again_if_asked_for() {
    let output = with_log(
        &[
            "1 0 0 test a",
            "2 1 0 test b",
            "3 0 9 test c",
            "4 127 0 test d",
        ],
        "prun LOG --resume-failed test ::: a b c d e",
    )
    .success();
    assert_eq!(
        told(&output)[4..],
        ["2 0 test b", "3 0 test c", "4 0 test d", "5 0 test e"]
    );
}

#[test]
fn inputs_may_be_put_in_another_order_and_added() {
    let output = Test::new()
        .line(
            "prun -k --joblog log echo ::: a b c
             prun -k --joblog log --resume echo ::: x c a y b z",
        )
        .stdout("a\nb\nc\nx\ny\nz\n")
        .success();
    assert_eq!(
        told(&output)[3..],
        ["1 0 echo x", "4 0 echo y", "6 0 echo z"]
    );
}

#[test]
fn equal_commands_are_counted() {
    with_log(
        &["1 0 0 echo a", "2 0 0 echo a", "3 0 0 echo b"],
        "prun LOG --resume echo ::: a b a b a",
    )
    .stdout("b\na\n")
    .success();
    // Two jobs of one command, of which one failed first and succeeded then.
    with_log(
        &["1 1 0 echo a", "2 1 0 echo a", "1 0 0 echo a"],
        "prun LOG --resume-failed echo ::: a a",
    )
    .stdout("a\n")
    .success();
}

#[test]
fn the_last_of_several_records_counts() {
    let records = [
        "1 1 0 echo a",
        "1 2 0 echo a",
        "2 1 0 echo b",
        "1 0 0 echo a",
        "2 1 0 echo b",
    ];
    for gnu in ["", "--gnu"] {
        for (options, stdout) in [
            ("--resume echo ::: a b", ""),
            ("--resume-failed echo ::: a b", "b\n"),
            ("--retry-failed", "b\n"),
        ] {
            with_log(&records, &format!("prun {gnu} LOG {options}"))
                .stdout(stdout)
                .success();
        }
    }
}

#[test]
fn numbers_are_what_counts_with_gnu() {
    let output = with_log(
        &["1 0 0 other", "3 1 0 other"],
        "prun --gnu LOG --resume echo {#} ::: a b c d",
    )
    .stdout("2\n4\n")
    .success();
    assert_eq!(told(&output)[2..], ["2 0 echo 2", "4 0 echo 4"]);
    with_log(
        &["1 0 0 other", "3 1 0 other"],
        "prun --gnu LOG --resume-failed echo {} ::: a b c d",
    )
    .stdout("b\nc\nd\n")
    .success();
}

#[test]
fn a_job_that_prun_ended_is_not_done() {
    // A halt.
    let job = "test <> = a && { touch runs; exec probe linger; }; probe await runs; exit 4";
    let again = job.replace("exec probe linger", "echo again; exit");
    let output = Test::new()
        .args(["-j2", "--halt", "now,fail=1", "--joblog", "log", job])
        .args([":::", "a", "b"])
        .stderr_any()
        .status(4);
    assert_eq!(ends(&output.path("log")), ["1 -1 15", "2 4 0"]);
    let log = fs::read_to_string(output.path("log")).expect("it is text");
    Test::new()
        .file("log", log.replace("exec probe linger", "echo again; exit"))
        .args(["--joblog", "log", "--resume", &again, ":::", "a", "b"])
        .stdout("again\n")
        .success();
    // A time limit, which for GNU parallel is an end like any other.
    for (gnu, stdout) in [("", "a\n"), ("--gnu", "")] {
        with_log(
            &["1 -1 15 echo a"],
            &format!("prun {gnu} LOG --resume echo ::: a"),
        )
        .stdout(stdout)
        .success();
    }
}

#[test]
fn what_a_halt_ended_has_no_record_with_gnu() {
    let job = "test {} = a && { touch runs; exec probe linger; }; probe await runs; exit 4";
    let output = Test::gnu()
        .args(["-j2", "--halt", "now,fail=1", "--joblog", "log", job])
        .args([":::", "a", "b"])
        .status(4);
    assert_eq!(ends(&output.path("log")), ["2 4 0"]);
}

#[test]
fn after_the_death_of_prun_exactly_the_rest_is_run() {
    let job = "[ <> = 3 ] && [ ! -e up ] || { echo <>; exit; }; : >up; exec probe linger";
    let child = Test::new()
        .args([
            "-j1", "-k", "--joblog", "log", job, ":::", "1", "2", "3", "4",
        ])
        .start();
    child.wait_for_file("up");
    // The record of a job is written while the next one runs.
    child.wait_for_stdout("2\n");
    while fs::read_to_string(child.path("log")).is_ok_and(|log| log.lines().count() < 3) {
        std::thread::yield_now();
    }
    child.signal(Signal::KILL);
    let output = child.stdout("1\n2\n").signaled(Signal::KILL);
    let log = fs::read(output.path("log")).expect("there is one");
    Test::new()
        .file("log", &log)
        .file("up", "")
        .args([
            "-j1", "--joblog", "log", "--resume", job, ":::", "1", "2", "3", "4",
        ])
        .stdout("3\n4\n")
        .success();
}

#[test]
fn a_half_written_line_is_dropped_and_its_job_runs_again() {
    let whole = log(&["1 0 0 echo a", "2 0 0 echo b"]);
    for length in 0..=whole.len() {
        let done = whole[..length].matches('\n').count().saturating_sub(1);
        let output = Test::new()
            .file("log", &whole[..length])
            .args([
                "-j1", "--joblog", "log", "--resume", "echo", ":::", "a", "b",
            ])
            .stdout(["a\nb\n", "b\n", ""][done])
            .success();
        assert_eq!(told(&output), ["1 0 echo a", "2 0 echo b"], "{length}");
    }
}

#[test]
fn a_damaged_line_is_an_error() {
    let good = log(&["1 0 0 echo a"]);
    let run = |log: &str, option: &str| {
        let test = Test::new()
            .file("log", log)
            .args(["--joblog", "log", option]);
        match option {
            "--retry-failed" => test,
            _ => test.args(["echo", ":::", "a"]),
        }
    };
    for option in ["--resume", "--resume-failed", "--retry-failed"] {
        run(&format!("{good}\u{1}garbage\n{good}"), option)
            .stderr(
                "prun: the job log 'log' is damaged: line 3 is no record\n\
                 hint: remove that line: sed -i 3d 'log'; if it was a job's, that job runs again\n",
            )
            .status(255);
        run("a\nb\n", option)
            .stderr(
                "prun: 'log' is not a job log: line 1 is not its header\n\
                 hint: name the file that --joblog has written\n",
            )
            .status(255);
    }
}

#[test]
fn the_log_of_another_command_is_refused_before_any_job() {
    for input in ["::: a b", "< <(:)"] {
        with_log(
            &["1 0 0 echo 1", "2 0 0 echo 2"],
            &format!("prun LOG --resume touch {input}; ls"),
        )
        .stdout("log\n")
        .stderr(
            "prun: the job log 'log' is another command's: the log has 'echo 1', this is 'touch <>'\n\
             hint: give each command a log of its own\n",
        )
        .success();
    }
    // One that fits is enough.
    with_log(
        &["1 0 0 other 1", "1 1 0 echo 1"],
        "seq 2 -1 0 | prun LOG -k --resume echo",
    )
    .stdout("2\n0\n")
    .success();
}

#[test]
fn a_log_fits_whatever_the_inputs_are() {
    for (logged, command, input) in [
        ("echo a", "echo", "::: x"),
        ("echo 'a b' c", "echo", "::: x"),
        ("x=1; echo 'a b'z", "'x=1; echo <>z'", "::: x"),
        ("echo a b c d", "-n2 echo", "::: x y"),
        ("echo pa pb", "-X echo 'p<>'", "::: x"),
        ("A=1 printf a", "A=1 printf", "::: x"),
        ("ls -l", "", "::: echo"),
    ] {
        with_log(
            &[&format!("1 0 0 {logged}")],
            &format!("prun LOG --resume {command} {input} >out; echo $?"),
        )
        .stdout("0\n")
        .success();
    }
    for (logged, command) in [
        ("echox a", "echo"),
        ("echo a", "'echo <>z'"),
        ("echo", "echo"),
        ("aba", "'ab<>ba'"),
        ("x=1; echo 'a b'y", "'x=1; echo <>z'"),
        ("echo -a b", "'echo -a <> -c <>'"),
    ] {
        with_log(
            &[&format!("1 0 0 {logged}")],
            &format!("prun LOG --resume {command} ::: x"),
        )
        .stderr_has("prun: the job log 'log' is another command's: ")
        .status(255);
    }
}

#[test]
fn jobs_start_at_once_whether_or_not_the_log_has_them() {
    let mut child = Test::new()
        .file("log", log(&["1 0 0 echo b"]))
        .args(["-j1", "--joblog", "log", "--resume", "echo"])
        .stdin_open()
        .start();
    child.feed("a\n");
    child.wait_for_stdout("a\n");
    child.feed("b\nc\n");
    child.wait_for_stdout("c\n");
    child.close_stdin();
    child.stdout("a\nc\n").success();
}

#[test]
fn nothing_left_to_do_is_success_without_a_word() {
    for options in [
        "",
        "-k",
        "--fail-if-empty",
        "--gnu",
        "--gnu --fail-if-empty",
        "--progress",
    ] {
        let output = with_log(
            &["1 0 0 echo a", "2 0 0 echo b"],
            &format!("prun LOG {options} --resume echo ::: a b 2>err; echo $?; grep -v '^prun: 0 of 0 done$' err"),
        )
        .stdout("0\n")
        .any_status();
        assert_eq!(told(&output).len(), 2);
    }
    with_log(&["1 0 0 echo a"], "prun LOG --retry-failed --fail-if-empty").success();
    with_log(
        &["1 0 0 echo a"],
        "prun LOG --resume --fail-if-empty echo </dev/null",
    )
    .stderr("prun: there is no input\n")
    .status(255);
}

#[test]
fn a_log_that_is_empty_or_missing_has_nothing_done() {
    for line in ["", ": >log;"] {
        let output = Test::new()
            .line(format!("{line} prun --joblog log --resume echo ::: a"))
            .stdout("a\n")
            .success();
        assert_eq!(told(&output), ["1 0 echo a"]);
    }
    Test::new()
        .args(["--joblog", "log", "--retry-failed"])
        .stderr("prun: cannot read the job log 'log': No such file or directory\n")
        .status(255);
    Test::gnu()
        .args(["--joblog", "log", "--retry-failed"])
        .success();
}

#[test]
fn output_stays_in_order_where_numbers_are_left_out() {
    let (mut done, mut left) = (Vec::new(), String::new());
    for n in 1..=40u32 {
        match n {
            1..=3 | 10..=14 | 20 | 38.. => done.push(format!("{n} 0 0 job {n}")),
            _ => left.push_str(&format!("{n}\n")),
        }
    }
    let done: Vec<&str> = done.iter().map(String::as_str).collect();
    // Of each two jobs, the first ends last.
    let job = "#!/bin/sh\n[ $(($1 % 2)) = 1 ] || [ $1 -gt 34 ] || sleep .02; echo $1\n";
    for gnu in ["", "--gnu"] {
        let output = Test::new()
            .executable("bin/job", job)
            .file("log", log(&done))
            .line(format!(
                "PATH=$PWD/bin:$PATH; seq 40 | prun {gnu} -j4 -k --joblog log --resume job"
            ))
            .stdout(&left)
            .success();
        let numbers = records(&output.path("log")).into_iter().skip(done.len());
        let numbers: String = numbers.map(|fields| format!("{}\n", fields[0])).collect();
        assert_eq!(numbers, left);
    }
}

#[test]
fn the_only_job_left_prints_while_it_runs() {
    for mode in ["-k", "--group"] {
        let child = Test::new()
            .file("log", log(&["1 0 0 ./job a"]))
            .executable("job", "#!/bin/sh\necho $1; probe await go\n")
            .args([
                "-j2", mode, "--joblog", "log", "--resume", "./job", ":::", "a", "b",
            ])
            .start();
        child.wait_for_stdout("b\n");
        fs::write(child.path("go"), "").expect("the directory is ours");
        child.stdout("b\n").success();
    }
}

#[test]
fn only_jobs_that_run_are_counted() {
    with_log(
        &["1 0 0 exit 0", "2 0 0 exit 2"],
        "prun LOG --resume 'exit <>' ::: 0 2 3 4 || echo $?",
    )
    .stdout("2\n")
    .stderr(failed(
        "2 of 2",
        &["3: exit 3: exit 3", "4: exit 4: exit 4"],
    ))
    .success();
}

#[test]
fn a_dry_run_shows_what_would_run_and_leaves_the_log_alone() {
    let mut before = log(&["1 0 0 echo a", "2 1 0 echo b"]);
    before.push_str("3\t:\thalf");
    for (options, stdout) in [
        ("--resume echo ::: a b c", "echo c\n"),
        ("--resume-failed echo ::: a b c", "echo b\necho c\n"),
        ("--retry-failed", "echo b\n"),
    ] {
        Test::new()
            .file("log", &before)
            .line(format!(
                "chmod 400 log; prun --dry-run --joblog log {options}"
            ))
            .stdout(stdout)
            .check_file("log", &before)
            .success();
    }
    let output = Test::new()
        .args([
            "--dry-run",
            "--joblog",
            "log",
            "--resume",
            "echo",
            ":::",
            "a",
        ])
        .stdout("echo a\n")
        .success();
    assert!(!Path::new(&output.path("log")).exists());
}

#[test]
fn failed_commands_are_retried_with_their_numbers() {
    let output = with_log(
        &[
            "1 0 0 echo a",
            "3 1 0 echo $PRUN_SEQ '<>'",
            "2 -1 15 echo $PARALLEL_SEQ {#}",
        ],
        "echo in | prun LOG --retry-failed",
    )
    .stdout("{#}\n3 <>\n")
    .success();
    assert_eq!(
        told(&output)[3..],
        ["2 0 echo $PARALLEL_SEQ {#}", "3 0 echo $PRUN_SEQ '<>'"]
    );
}

#[test]
fn failed_builtins_are_retried() {
    let output = Test::new()
        .line(
            "prun --quiet --joblog log @sha256 ::: no 'b c' $'d\\te'; touch no b\\ c $'d\\te'
             prun -k --joblog log --retry-failed | cut -c-8",
        )
        .stdout("e3b0c442\ne3b0c442\ne3b0c442\n")
        .stderr_any()
        .success();
    assert_eq!(
        told(&output)[3..],
        [
            "1 0 @sha256 no",
            "2 0 @sha256 'b c'",
            "3 0 @sha256 $'d\\te'"
        ]
    );
}

#[test]
fn a_retried_job_gets_the_same_arguments() {
    let values = b"a\nb\0\t\0it's \"x\" $HOME `id`\0\\n\0\xff\xfe\0\x1b[1m\0-n\0 \0\xc3\xa9\r\0";
    for (prun, job) in [
        ("prun", "probe args -0 x '<>'"),
        ("prun", "'probe args -0 x <>; false'"),
        ("prun", "'probe args -0 x \"<>\"; false'"),
        ("prun --gnu", "'probe args -0 x {}; false'"),
        (
            "prun --shell bash",
            "'probe args -0 $'\\''x'\\'' <>; false'",
        ),
    ] {
        // In the first run, the program of that name fails.
        let output = Test::new()
            .file("values", values)
            .executable("bin/probe", "#!/bin/sh\nexit 1\n")
            .line(format!(
                "PATH=$PWD/bin:$PATH {prun} -j1 -0 --joblog log {job} <values 2>/dev/null
                 {prun} -j1 --joblog log --retry-failed >retried 2>/dev/null
                 while IFS= read -r -d '' value; do printf 'x\\0%s\\0' \"$value\"; done <values >wanted
                 cmp wanted retried; cut -f9- log | sed 1d | sort | uniq -c | grep -vc ' 2 '"
            ))
            .stdout("0\n")
            .any_status();
        assert_eq!(records_of_bytes(&output), 2 * 9 + 1, "{prun} {job}");
    }
}

fn records_of_bytes(output: &Output) -> usize {
    let log = fs::read(output.path("log")).expect("there is one");
    log.iter().filter(|&&byte| byte == b'\n').count()
}

#[test]
fn a_log_in_use_is_refused() {
    for option in [
        "--resume echo ::: b",
        "--resume-failed echo ::: b",
        "--retry-failed",
    ] {
        Test::new()
            .line(format!(
                "prun --joblog log 'touch runs; probe await go; echo <>' ::: a &
                 probe await runs; prun --joblog log {option}; echo status $?; touch go; wait"
            ))
            .stdout("status 255\na\n")
            .stderr(
                "prun: the job log 'log' is in use by another run\n\
                 hint: give each run a log of its own\n",
            )
            .success();
    }
}

#[test]
fn options_that_cannot_be_used_together_are_named() {
    let no_log = |option: &str| {
        format!(
            "prun: {option} needs --joblog\nhint: {option} --joblog FILE, as in the run before\n"
        )
    };
    let unreadable = |log: &str| {
        format!(
            "prun: cannot resume from the job log '{log}': it cannot be read again\n\
             hint: name a file that an earlier run has written\n"
        )
    };
    let number = |option: &str| {
        format!(
            "prun: {option} compares commands, and the job's number <#> differs when inputs are added\n\
             hint: write $PRUN_SEQ instead of <#>, here and in the run before\n"
        )
    };
    let command = "prun: --retry-failed and a command or input cannot go together: the log has the commands\n\
                   hint: leave them out, or use --resume-failed\n";
    for (args, stderr) in [
        ("--resume echo ::: a", no_log("--resume")),
        ("--resume-failed echo ::: a", no_log("--resume-failed")),
        ("--retry-failed", no_log("--retry-failed")),
        ("--gnu --resume echo ::: a", no_log("--resume")),
        ("--resume --joblog - echo ::: a", unreadable("-")),
        ("--resume --joblog /dev/null echo ::: a", unreadable("/dev/null")),
        ("--resume --joblog . echo ::: a", unreadable(".")),
        ("--retry-failed --joblog log echo", command.to_owned()),
        ("--retry-failed --joblog log ::: a", command.to_owned()),
        ("--retry-failed --joblog log -a log", command.to_owned()),
        (
            "--resume --resume-failed --joblog log echo ::: a",
            "prun: --resume and --resume-failed cannot go together\n\
             hint: --resume-failed alone runs what failed and what was not run\n"
                .to_owned(),
        ),
        (
            "--resume-failed --retry-failed --joblog log",
            "prun: --resume-failed and --retry-failed cannot go together\n\
             hint: --retry-failed runs the commands of the log; --resume-failed those of this command line\n"
                .to_owned(),
        ),
        (
            "--resume --joblog log echo <%> ::: a",
            "prun: --resume compares commands, and the slot's number <%> differs from run to run\n\
             hint: write $PRUN_SLOT instead of <%>, here and in the run before\n"
                .to_owned(),
        ),
        ("--resume --joblog log echo <#> ::: a", number("--resume")),
        ("--resume-failed --joblog log echo {=$_=seq()=} ::: a", number("--resume-failed")),
    ] {
        let output = Test::new().args(args.split(' ')).stderr(stderr).status(255);
        assert!(!output.path("log").exists(), "{args}");
    }
    Test::new()
        .line("mkfifo log; prun --joblog log --resume echo ::: a")
        .stderr(unreadable("log"))
        .status(255);
}

#[test]
fn with_gnu_the_strongest_option_counts_and_a_command_beside_it_does_not() {
    for (options, stdout) in [
        ("--resume --resume-failed echo new ::: a b", "new b\n"),
        ("--resume-failed --resume echo new ::: a b", "new b\n"),
        ("--retry-failed --resume echo new ::: a b", "old b\n"),
        ("--retry-failed echo new", "old b\n"),
    ] {
        with_log(
            &["1 0 0 echo old a", "2 1 0 echo old b"],
            &format!("prun --gnu LOG {options}"),
        )
        .stdout(stdout)
        .success();
    }
}

#[test]
fn a_long_log_is_read() {
    let mut log = HEADER.to_owned();
    for n in (1..100_000).filter(|n| n % 25_000 != 0) {
        let _ = writeln!(log, "{n}\t:\t1.000\t     0.001\t0\t0\t0\t0\techo {n}");
    }
    Test::new()
        .file("log", log)
        .line("seq 100000 | prun -k --joblog log --resume echo")
        .stdout("25000\n50000\n75000\n100000\n")
        .success();
}

#[test]
fn the_log_of_gnu_parallel_is_understood() {
    Test::new()
        .file("log", log(&["1 0 0 echo 'a\0b'", "2 1 0 echo 'c\0d'"]))
        .line("printf 'a\\nb\\0c\\nd\\0e\\0' | prun --gnu -0 -j1 --joblog log --resume-failed echo; prun --joblog log --retry-failed")
        .stdout("c\nd\ne\n")
        .success();
}

#[test]
fn failed_jobs_run_again_though_they_have_results() {
    Test::new()
        .line(
            "run() { prun --quiet --joblog log --results kept \"$@\" 'test -e <>' ::: a; }
             run; touch a; run --resume-failed && cut -f7 log",
        )
        .stdout("Exitval\n1\n0\n")
        .success();
}

/// Runs a script in which `$run` is prun with a log, with and without `--gnu`, and shows all
/// results.
#[track_caller]
fn check_results(script: &str, results: &str, warnings: &str) {
    for dialect in ["", "--gnu"] {
        let run = format!("prun {dialect} -j1 --quiet --joblog log");
        let mut script = script.replace("$run", &run);
        if dialect == "--gnu" {
            script = script
                .replace("<>", "{}")
                .replace("<.>", "{.}")
                .replace("<%>", "{%}");
        }
        Test::new()
            .line(format!(
                "{script}\ncd o; grep -r --exclude='*seq' '' . | LC_ALL=C sort"
            ))
            .stdout(results)
            .stderr(warnings)
            .success();
    }
}

#[test]
fn results_of_jobs_that_are_left_out_stay() {
    check_results(
        "$run --results 'o/<.>.txt' 'echo <>' ::: a.jpg
         $run --resume --results 'o/<.>.txt' 'echo <>' ::: a.jpg a.png",
        "./a.txt:a.jpg\n./a.txt~2:a.png\n",
        "prun: warning: job 2: 'o/a.txt' is taken: results are in 'o/a.txt~2'\n",
    );
    check_results(
        "run() { $run --resume --results o 'echo <> $PRUN_SEQ$PARALLEL_SEQ | cut -c1-3' ::: $@; }
         run a b; run a b a",
        "./1/a/stdout:a 1\n./1/a~3/stdout:a 3\n./1/b/stdout:b 2\n",
        "prun: warning: job 3: 'o/1/a' is taken: results are in 'o/1/a~3'\n",
    );
    // A name may come from the slot, or be that of another job's standard error.
    check_results(
        "run() { $run --resume --results 'o/<%>' 'echo <>' ::: $@; }
         run a; run a b",
        "./1:a\n./1~2:b\n",
        "prun: warning: job 2: 'o/1' is taken: results are in 'o/1~2'\n",
    );
    check_results(
        "run() { $run --resume --results 'o/<>' 'echo <>; echo <> >&2' ::: $@; }
         run a b.err; run a b.err a.err b",
        "./a.err:a\n./a.err~3.err:a.err\n./a.err~3:a.err\n./a:a\n./b.err.err:b.err\n\
         ./b.err:b.err\n./b~4.err:b\n./b~4:b\n",
        "prun: warning: job 3: 'o/a.err' is taken: results are in 'o/a.err~3'\n\
         prun: warning: job 4: 'o/b' is taken: results are in 'o/b~4'\n",
    );
}

#[test]
fn results_stay_when_jobs_have_got_other_numbers() {
    let run = "prun -j1 --joblog log --resume --results 'o/<#>' 'echo <>' :::";
    Test::new()
        .line(format!(
            "{run} a b; {run} x a b; cat o/1 o/2 o/1~1; ls o | wc -l"
        ))
        .stdout("a\nb\nx\n9\n")
        .stderr("prun: warning: job 1: 'o/1' is taken: results are in 'o/1~1'\n")
        .success();
}

#[test]
fn jobs_that_run_again_replace_their_own_results_alone() {
    check_results(
        "run() { $run --results o \"$@\" 'echo <>$(cat more); test -e more' ::: a b a; }
         run 2>first; echo 2 >more; run --resume-failed",
        "./1/a/stdout:a2\n./1/a~3/stdout:a2\n./1/b/stdout:b2\n",
        "prun: warning: job 3: 'o/1/a' is taken: results are in 'o/1/a~3'\n",
    );
    check_results(
        "echo 'mkdir d && echo $PRUN_SEQ$PARALLEL_SEQ | cut -c1' >work
         yes 'sh work' | head -n2 | $run --results o 2>first
         rmdir d; $run --retry-failed --results o",
        "./1/sh work/stdout:1\n./1/sh work~2/stdout:2\n",
        "prun: warning: job 2: 'o/1/sh work' is taken: results are in 'o/1/sh work~2'\n",
    );
}

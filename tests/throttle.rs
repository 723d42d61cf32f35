//! Conditions for a start, and changes while jobs run: `--load`, `--memfree`, `--limit`,
//! `-j FILE`, `--delay TIMEauto`.

use std::fs;

use crate::support::{PUT, Signal, Test, ends, failed, interrupted, meminfo, system};

#[test]
fn a_file_may_change_the_number_of_jobs_while_they_run() {
    // The first one runs alone, and meets nobody. The others find each other.
    let job = "case <> in 1) echo 3 >procs ;; *) probe meet . 3 ;; esac; echo <> >>ran";
    let output = Test::new()
        .file("procs", "1\n")
        .args(["-j", "procs", job, ":::", "1", "2", "3", "4"])
        .success();
    let ran = fs::read_to_string(output.path("ran")).expect("jobs have written it");
    assert!(ran.starts_with("1\n"), "{ran}");
    assert_eq!(ran.lines().count(), 4);
}

#[test]
fn a_file_may_lower_the_number_of_jobs() {
    let job = "case <> in 1|2|3) probe meet . 3; echo 1 >procs ;; esac
        mkdir lock.<> && set -- lock.* && echo <> $# >>ran; rmdir lock.<>";
    let output = Test::new()
        .file("procs", "3\n")
        .args(["-j", "procs", job, ":::"])
        .args((1..=8).map(|n| n.to_string()))
        .success();
    let ran = fs::read_to_string(output.path("ran")).expect("jobs have written it");
    assert_eq!(ran.lines().count(), 8, "{ran}");
    // One that was started with the first three's last ones may still meet them.
    for value in ["6", "7", "8"] {
        let alone = format!("{value} 1");
        assert!(ran.lines().any(|line| line == alone), "{ran}");
    }
}

#[test]
fn a_file_that_makes_no_sense_any_more_is_told_once() {
    for (spoil, why) in [
        (
            "echo x >procs",
            "the file 'procs' does not hold a number of jobs",
        ),
        ("rm -f procs", "'procs' is not a number of jobs"),
        ("echo 0% >procs", "-j 0% leaves no job to run on "),
    ] {
        let output = Test::new()
            .file("procs", "2\n")
            .args(["-j", "procs", "-k"])
            .args([format!("{spoil}; probe meet . 2; echo <>").as_str(), ":::"])
            .args(["1", "2", "3", "4"])
            .stdout("1\n2\n3\n4\n")
            .stderr_has(format!("prun: warning: {why}"))
            .stderr_has(": the number stays 2\n")
            .success();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn an_empty_file_is_one_that_is_being_written() {
    Test::new()
        .file("procs", "2\n")
        .args(["-j", "procs", "-k", ": >procs; probe meet . 2; echo <>"])
        .args([":::", "1", "2", "3", "4"])
        .stdout("1\n2\n3\n4\n")
        .success();
}

#[test]
fn a_delay_that_adapts_lets_every_job_run() {
    Test::new()
        .args(["-j2", "-k", "--delay", ".01auto", "echo <>; exit <>"])
        .args([":::", "0", "1", "0"])
        .stdout("0\n1\n0\n")
        .stderr(failed("1 of 3", &["2: exit 1: echo 1; exit 1"]))
        .status(1);
    Test::new()
        .args(["-j2", "-k", "--delay", "auto", "echo <>; exit <>"])
        .args([":::", "0", "1", "0"])
        .stdout("0\n1\n0\n")
        .stderr(failed("1 of 3", &["2: exit 1: echo 1; exit 1"]))
        .status(1);
    Test::new()
        .args(["--delay", "0auto", "echo", ":::", "1"])
        .stderr(
            "prun: '0auto' is no delay that could grow and shrink\n\
             hint: write the first one before auto, or none: --delay 0.1auto, --delay auto\n",
        )
        .status(255);
}

#[test]
fn a_busy_system_gets_no_more_jobs() {
    // It becomes busy with the first one.
    let job = format!(
        "{PUT} echo up.<>; [ <> = 1 ] || exit 0; put root/proc/stat 'procs_running 9'; probe await go"
    );
    let child = system(Test::new(), 0, 1024)
        .args(["-j4", "--lb", "--load", "1", &job, ":::", "1", "2"])
        .start();
    child.wait_for_stderr("prun: waiting to start a job: the load is 8, --load wants it below 1\n");
    fs::write(child.path("root/proc/stat"), "procs_running 1\n").expect("the directory is ours");
    child.wait_for_stdout("up.2");
    fs::write(child.path("go"), "").expect("the directory is ours");
    child
        .stdout("up.1\nup.2\n")
        .stderr("prun: waiting to start a job: the load is 8, --load wants it below 1\n")
        .success();
}

#[test]
fn a_system_that_swaps_gets_no_more_jobs() {
    let job = format!(
        "{PUT} n=6; until [ <> = 2 -o -e stop ]; do
           n=$((n + 1)); put root/proc/vmstat \"$(printf 'pswpin %d\\npswpout %d' $n $n)\"; sleep .05; done; : >up.<>; probe await up.2"
    );
    let child = system(Test::new(), 0, 1024)
        .file("root/proc/vmstat", "pswpin 5\npswpout 5\n")
        .args(["-j2", "--noswap", &job, ":::", "1", "2"])
        .start();
    let told = "prun: waiting to start a job: the system swaps in and out (--noswap)\n";
    child.wait_for_stderr(told);
    assert!(!child.path("up.2").exists());
    fs::write(child.path("stop"), "").expect("the directory is ours");
    child.stderr(told).success();
}

#[test]
fn one_job_at_a_time_runs_on_a_system_that_others_keep_busy() {
    let job = "mkdir lock && echo <>; rmdir lock";
    system(Test::new(), 99, 1024)
        .args(["-j4", "-k", "--load", "100%", job, ":::", "1", "2", "3"])
        .stdout("1\n2\n3\n")
        .success();
}

/// Threads of the machine that a container does not show do not count for GNU parallel.
#[test]
fn gnu_counts_the_threads_that_it_sees() {
    system(Test::gnu(), 99, 1024)
        .file(
            "root/proc/12/task/12/stat",
            "12 (busy) R 1 12 12 0 -1 4194304 0\n",
        )
        .args(["-j1", "--load", "2", "echo", ":::", "1", "2"])
        .stdout("1\n2\n")
        .success();
}

#[test]
fn an_idle_system_gets_as_many_jobs_as_make_it_busy() {
    // Nothing shows that they run; so each start is held back only until the last one has begun.
    system(Test::new(), 0, 1024)
        .args(["-j3", "--load", "100%", "probe meet . 3; echo <>", ":::"])
        .args(["1", "2", "3"])
        .stdout_lines_any_order(&["1", "2", "3"])
        .success();
}

#[test]
fn a_job_starts_when_memory_is_there() {
    let job = format!(
        "{PUT} [ <> = 1 ] && put root/proc/meminfo 'MemAvailable: 400 kB'
         mkdir lock.<> && set -- lock.* && echo <> $# >>ran; rmdir lock.<>
         put root/proc/meminfo 'MemAvailable: 600 kB'"
    );
    system(Test::new(), 0, 600)
        .args(["-j1", "--memfree", "512K", &job, ":::", "1", "2", "3"])
        .check_file("ran", "1 1\n2 1\n3 1\n")
        .success();
}

#[test]
fn the_youngest_job_gives_its_memory_back_and_runs_again() {
    // The second one starts when the first one runs, and so it is younger.
    let limit = "echo x >>asked; [ $(wc -l <asked) != 2 ] || probe await up.1";
    let job = format!(
        "{PUT} echo <> >>ran; echo begin <>; n=<>; case $n in
         1) : >up.1; probe await up.2 && put root/proc/meminfo 'MemAvailable: 255 kB'; probe await go ;;
         2) [ -e up.2 ] || {{ trap ': >gone; exit' TERM; : >up.2; while :; do sleep .01; done; }} ;;
         esac"
    );
    let child = system(Test::new(), 0, 1024)
        .args([
            "-j2",
            "-k",
            "--joblog",
            "log",
            "--memfree",
            "512K",
            "--limit",
            limit,
        ])
        .args([&job, ":::", "1", "2", "3"])
        .start();
    child.wait_for_file("gone");
    fs::write(child.path("root/proc/meminfo"), meminfo(1024)).expect("the directory is ours");
    child.wait_for_stderr("will run again\n");
    fs::write(child.path("go"), "").expect("the directory is ours");
    let output = child
        .stdout("begin 1\nbegin 2\nbegin 3\n")
        .stderr("prun: job 2 was stopped to make room and will run again\n")
        .check_file("ran", "1\n2\n2\n3\n")
        .success();
    let mut ends = ends(&output.path("log"));
    ends.sort();
    assert_eq!(ends, ["1 0 0", "2 0 0", "3 0 0"]);
}

#[test]
fn the_only_job_that_runs_is_not_stopped_for_want_of_memory() {
    let job = format!(
        "{PUT} put root/proc/meminfo 'MemAvailable: 1 kB'; : >low; probe await go; echo <>"
    );
    let child = system(Test::new(), 0, 1024)
        .args(["-j2", "--memfree", "512K", &job, ":::", "1"])
        .start();
    child.wait_for_file("low");
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.stdout("1\n").success();
}

#[test]
fn a_signal_ends_prun_while_a_start_is_held_back() {
    let child = system(Test::new(), 0, 100)
        .args(["--memfree", "512K", "echo", ":::", "1", "2"])
        .start();
    child.wait_for_stderr("100K of memory");
    child.signal(Signal::TERM);
    child
        .stderr(format!(
            "prun: waiting to start a job: 100K of memory is available, --memfree wants 512K\n{}",
            interrupted("SIGTERM", 0, "2 not started")
        ))
        .signaled(Signal::TERM);
}

#[test]
fn the_real_system_lets_jobs_run() {
    Test::new()
        .args(["-j2", "-k", "--load", "100000", "--memfree", "1k", "echo"])
        .args([":::", "1", "2", "3"])
        .stdout("1\n2\n3\n")
        .success();
}

#[test]
fn conditions_that_make_no_sense_are_refused() {
    for (option, value, message) in [
        (
            "--load",
            "x",
            "prun: 'x' is no value of '--load'\n\
             hint: write a number (--load 8), more or fewer than the CPUs (--load +1) or a share of them (--load 100%)\n",
        ),
        (
            "--memfree",
            "1Q",
            "prun: '1Q' is not an amount of memory\n\
             hint: 2G is 2 GiB, and so with K, M, T, P (k, m, g, t, p and MB, GB count in thousands)\n",
        ),
        (
            "--memfree",
            "1P",
            "prun: --memfree 1P would let no job start: there is 1M of memory in all\n\
             hint: --memfree 256K\n",
        ),
    ] {
        system(Test::new(), 0, 1024)
            .args([option, value, "echo", ":::", "1"])
            .stderr(message)
            .status(255);
    }
    for option in ["--load=1", "--memfree=1", "--memsuspend=1", "--noswap"] {
        let test = Test::new();
        let nowhere = test.path("nowhere");
        let name = option.split('=').next().unwrap_or_default();
        test.env("PRUN_ROOT", nowhere)
            .args([option, "echo", ":::", "1"])
            .stderr_has(format!(
                "prun: {name} cannot be used: this system does not tell "
            ))
            .stderr_has("\nhint: -j2 runs two jobs at once, --delay 1 starts one a second\n")
            .status(255);
    }
}

#[test]
fn a_job_that_takes_much_longer_than_others_is_stopped() {
    // It starts first, when nothing is known of the others.
    let job = "case <> in 1) : >up; sleep 60 ;; *) probe await up; echo <> ;; esac";
    let output = Test::new()
        .args(["-j2", "-k", "--timeout", "5000%", "--joblog", "log"])
        .args([job, ":::", "1", "2", "3"])
        .stdout("2\n3\n")
        .stderr_has("prun: 1 of 3 jobs failed\n  job 1: timed out: ")
        .status(1);
    let mut ends = ends(&output.path("log"));
    ends.sort();
    assert_eq!(ends, ["1 -1 15", "2 0 0", "3 0 0"]);
}

#[test]
fn a_share_that_is_none_is_refused() {
    Test::new()
        .args(["--timeout", "0%", "echo", ":::", "1"])
        .stderr(
            "prun: '0%' is not a share of the median run time\n\
             hint: --timeout 300% stops a job that takes three times as long as others\n",
        )
        .status(255);
}

#[test]
fn a_command_may_be_asked_before_each_start() {
    Test::new()
        .args(["-j2", "-k", "--limit", "echo asked; echo x >>asked", "echo"])
        .args([":::", "1", "2", "3"])
        .stdout("1\n2\n3\n")
        .check_file("asked", "x\nx\nx\n")
        .success();
}

#[test]
fn a_command_may_make_jobs_wait_for_each_other() {
    // The second job may start when the first one has said so.
    let limit = "if [ -e asked ]; then [ -e done ]; else : >asked; fi";
    let job = "[ <> = 1 ] && : >done; [ -e done ] && echo <> >>ran";
    Test::new()
        .args(["-j3", "--limit", limit, job, ":::", "1", "2"])
        .check_file("ran", "1\n2\n")
        .success();
}

#[test]
fn a_command_may_stop_the_youngest_job() {
    let limit = "echo x >>asked
         case $(wc -l <asked) in
         1) ;;
         2) probe await up.1 ;;
         *) probe await up.2; [ -e gone ] || exit 2 ;;
         esac";
    let job = "echo <> >>ran; n=<>; case $n in
         1) : >up.1; probe await go ;;
         2) [ -e up.2 ] || { trap ': >gone; exit' TERM; : >up.2; while :; do sleep .01; done; } ;;
         esac";
    let child = Test::new()
        .args(["-j3", "--limit", limit, job, ":::", "1", "2", "3"])
        .start();
    child.wait_for_stderr("will run again\n");
    fs::write(child.path("go"), "").expect("the directory is ours");
    let output = child
        .stderr("prun: job 2 was stopped to make room and will run again\n")
        .success();
    let ran = fs::read_to_string(output.path("ran")).expect("jobs have written it");
    let mut ran: Vec<&str> = ran.lines().collect();
    ran.sort_unstable();
    assert_eq!(ran, ["1", "2", "2", "3"]);
}

#[test]
fn a_command_that_is_missing_is_an_error() {
    Test::new()
        .args(["--limit", "exec 2>/dev/null; nosuch", "echo", ":::", "1"])
        .stderr(
            "prun: the command of --limit cannot be run\n\
             hint: --limit COMMAND ends with 0 (start), 1 (wait) or 2 (stop the youngest job)\n",
        )
        .status(255);
    Test::new()
        .args(["--limit", "mem 2G", "echo", ":::", "1"])
        .stderr(
            "prun: --limit 'mem 2G' is not a command that prun has\n\
             hint: --memfree 2G starts jobs only while so much memory is available\n",
        )
        .status(255);
}

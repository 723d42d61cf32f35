//! What holds starts back, and what changes while jobs run: `-j FILE`, `--delay TIMEauto`;
//! and SIGUSR1, which tells what runs.

use std::fs;

use crate::support::{Signal, Test};

/// What a job does that is to run until `go` is there.
const AWAIT: &str = ": >up.<>; probe await go";

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
        .stderr("prun: 1 of 3 jobs failed\n  job 2: exit 1: echo 1; exit 1\n")
        .status(1);
    Test::new()
        .args(["--delay", "auto", "echo", ":::", "1"])
        .stderr(
            "prun: 'auto' is no delay that could grow and shrink\n\
             hint: write the first one before auto: --delay 0.1auto\n",
        )
        .status(255);
}

#[test]
fn usr1_lists_the_running_jobs() {
    let child = Test::new()
        .args(["-j2", AWAIT, ":::", "1", "2", "3"])
        .start();
    child.wait_for_file("up.1");
    child.wait_for_file("up.2");
    child.signal(Signal::USR1);
    child.wait_for_stderr("prun: running job 1 for ");
    child.wait_for_stderr("prun: running job 2 for ");
    child.wait_for_stderr("s: : >up.1; probe await go\n");
    child.wait_for_stderr("s: : >up.2; probe await go\n");
    fs::write(child.path("go"), "").expect("the directory is ours");
    let output = child.stderr_any().success();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said.lines().count(), 2, "{said}");
}

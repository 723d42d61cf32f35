//! SIGUSR1 and SIGUSR2: another number of jobs at once, or what runs (`--status-on`).

use std::fs;

use crate::support::{Child, Signal, Test, ends, interrupted};

/// Command of a job that runs until `go` is there.
const AWAIT: &str = ": >up.<>; probe await go";

fn let_go(child: &Child) {
    fs::write(child.path("go"), "").expect("the directory is ours");
}

#[test]
fn usr1_raises_the_number_of_jobs_at_once() {
    let child = Test::new()
        .args(["-j1", AWAIT, ":::", "1", "2", "3"])
        .start();
    child.wait_for_file("up.1");
    for (at_once, up) in [("2", "up.2"), ("3", "up.3")] {
        child.signal(Signal::USR1);
        child.wait_for_stderr(format!("prun: running up to {at_once} jobs at once\n"));
        child.wait_for_file(up);
    }
    let_go(&child);
    child.stderr_any().success();
}

#[test]
fn usr2_lowers_the_number_of_jobs_at_once_and_jobs_in_the_queue_wait() {
    // The first two run; later ones must be alone.
    let job = "case <> in 1|2) : >up.<>; probe await go.<>;; \
        *) mkdir lock && [ -e alone ] && rmdir lock; esac";
    let child = Test::new()
        .args(["-j2", job, ":::"])
        .args((1..=12).map(|n| n.to_string()))
        .start();
    child.wait_for_file("up.1");
    child.wait_for_file("up.2");
    child.signal(Signal::USR2);
    child.wait_for_stderr("prun: running up to 1 job at once\n");
    fs::write(child.path("go.1"), "").expect("the directory is ours");
    // Never below one.
    child.signal(Signal::USR2);
    child.wait_for_stderr("prun: running up to 1 job at once\nprun: running up to 1 job at once\n");
    // A job that is started beside the second one fails.
    fs::write(child.path("alone"), "").expect("the directory is ours");
    fs::write(child.path("go.2"), "").expect("the directory is ours");
    child.stderr_any().success();
}

#[test]
fn the_number_is_told_but_with_quiet() {
    let child = Test::new()
        .args(["--quiet", "-j1", AWAIT, ":::", "1", "2"])
        .start();
    child.wait_for_file("up.1");
    child.signal(Signal::USR1);
    child.wait_for_file("up.2");
    let_go(&child);
    child.success();
}

#[test]
fn jobs_are_not_mixed_when_one_slot_becomes_two() {
    // With one slot, a job prints while it runs.
    let job = "echo begin <>; [ <> != 1 ] || probe await go; echo end <>; : >ended.<>";
    let child = Test::new().args(["-j1", job, ":::", "1", "2", "3"]).start();
    child.wait_for_stdout("begin 1\n");
    child.signal(Signal::USR1);
    child.wait_for_file("ended.3");
    let_go(&child);
    let output = child.stdout_any().stderr_any().success();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.starts_with("begin 1\nend 1\n"), "{printed}");
    for n in ["2", "3"] {
        assert!(
            printed.contains(&format!("begin {n}\nend {n}\n")),
            "{printed}"
        );
    }
}

#[test]
fn output_is_in_order_of_the_end_once_one_slot_has_become_two() {
    let job = "case <> in 1) : >up.1; probe await go.1;; 2) probe await go.2;; esac; echo <>";
    let child = Test::new().args(["-j1", job, ":::", "1", "2", "3"]).start();
    child.wait_for_file("up.1");
    child.signal(Signal::USR1);
    child.wait_for_stderr("prun: running up to 2 jobs at once\n");
    fs::write(child.path("go.1"), "").expect("the directory is ours");
    // The third one does not wait for the second.
    child.wait_for_stdout("1\n3\n");
    fs::write(child.path("go.2"), "").expect("the directory is ours");
    child.stdout("1\n3\n2\n").stderr_any().success();

    let child = Test::new()
        .args(["-k", "-j1", job, ":::", "1", "2", "3"])
        .start();
    child.wait_for_file("up.1");
    child.signal(Signal::USR1);
    child.wait_for_stderr("prun: running up to 2 jobs at once\n");
    for go in ["go.1", "go.2"] {
        fs::write(child.path(go), "").expect("the directory is ours");
    }
    child.stdout("1\n2\n3\n").stderr_any().success();
}

#[test]
fn a_file_counts_again_when_its_number_changes() {
    let job = "case <> in 1) mkdir three; : >up.1; probe await go;; 2) :;; 3|4) probe meet . 2;; \
        5) echo 3 >procs;; *) probe meet three 3; esac";
    let child = Test::new()
        .file("procs", "1\n")
        .args(["-j", "procs", job, ":::"])
        .args((1..=8).map(|n| n.to_string()))
        .start();
    child.wait_for_file("up.1");
    child.signal(Signal::USR1);
    child.wait_for_stderr("prun: running up to 2 jobs at once\n");
    // The ends of jobs, at which the file is read, do not change that: 3 and 4 meet.
    let_go(&child);
    child.stderr_any().success();
}

#[test]
fn a_number_that_is_fixed_stays() {
    let child = Test::new()
        .stdin("1\n2\n")
        .args([
            "--pipe",
            "--round-robin",
            "-j2",
            "cat >/dev/null; : >up.<#>; probe await go",
        ])
        .start();
    child.wait_for_file("up.1");
    child.signal(Signal::USR1);
    child.wait_for_stderr(
        "prun: warning: the number of jobs at once stays 2: the input is divided between them\n",
    );
    let_go(&child);
    child.stderr_any().success();
}

#[test]
fn a_signal_lists_the_running_jobs_if_it_is_asked_to() {
    for (options, signal) in [
        (["-j2", "--status-on", "USR1"], Signal::USR1),
        (["-j2", "--status-on", "SIGUSR2"], Signal::USR2),
        (["-j2", "--gnu", "-k"], Signal::USR1),
    ] {
        let child = Test::new()
            .args(options)
            .args([": >up.{}; probe await go", ":::", "1", "2", "3"])
            .start();
        child.wait_for_file("up.1");
        child.wait_for_file("up.2");
        child.signal(signal);
        child.wait_for_stderr("prun: running job 1 for ");
        child.wait_for_stderr("prun: running job 2 for ");
        child.wait_for_stderr("s: : >up.1; probe await go\n");
        child.wait_for_stderr("s: : >up.2; probe await go\n");
        let_go(&child);
        let output = child.stderr_any().success();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.lines().count(), 2, "{said}");
    }
}

#[test]
fn jobs_that_wait_for_a_retry_are_listed() {
    let child = Test::new()
        .args([
            "-j1",
            "--status-on",
            "USR1",
            "--retries",
            "2",
            "--retry-delay",
            "1h",
        ])
        .args([
            "--joblog",
            "log",
            ": >up.<>; [ <> = 2 ] && exec sleep 60; exit 7",
        ])
        .args([":::", "1", "3", "2"])
        .start();
    child.wait_for_file("up.2");
    child.signal(Signal::USR1);
    child.wait_for_stderr("prun: running job 3 for ");
    child.wait_for_stderr("prun: 2 jobs wait for a retry, the next one for 35");
    child.signal(Signal::TERM);
    let output = child
        .stderr_has(interrupted("SIGTERM", 1, "none left to start"))
        .signaled(Signal::TERM);
    assert_eq!(ends(&output.path("log")), ["1 7 0", "2 7 0", "3 -1 15"]);
}

#[test]
fn usr2_does_nothing_in_gnu_mode() {
    let child = Test::gnu()
        .args(["-j2", ": >up.{}; probe await go", ":::", "1", "2"])
        .start();
    child.wait_for_file("up.2");
    child.signal(Signal::USR2);
    let_go(&child);
    child.success();
}

#[test]
fn another_signal_cannot_list_the_jobs() {
    Test::new()
        .args(["--status-on", "TERM", "touch", ":::", "ran"])
        .stderr(
            "prun: 'TERM' is not a signal that lists the running jobs\n\
             hint: it can be USR1 or USR2: --status-on USR1\n",
        )
        .status(255);
}

//! Bugs of other runners.

use std::fs;
use std::time::Duration;

use crate::support::{Signal, Test, failed, left_process, needed, not_found, skip};

#[test]
fn several_files_give_all_their_lines_in_order() {
    let lines = |from: u32| -> String {
        let line = |number| format!("{number}\n");
        (from..from + 300).map(line).collect()
    };
    Test::new()
        .file("one", lines(0))
        .file("two", lines(300))
        .file("three", lines(600))
        .line("cat one two three | prun -k -j4 echo")
        .stdout(lines(0) + &lines(300) + &lines(600))
        .limit(Duration::from_secs(30))
        .success();
}

#[test]
fn blank_failed_and_late_jobs_do_not_stall_later_output() {
    Test::new()
        .args(["-k", "-j3", "--quiet", "--timeout", "0.3"])
        .stdin("echo 1\n\nexit 3\nprobe linger\n:\necho 6\n")
        .stdout("1\n6\n")
        .status(2);
}

#[test]
fn endless_input_ends_with_the_first_failure() {
    Test::new()
        .line("yes 'exit 3' | prun -j2 --quiet --halt now,fail=1; echo ${PIPESTATUS[*]}")
        .stdout("141 3\n")
        .stderr_any()
        .success();
    Test::new()
        .line("yes | prun -j2 --quiet --halt soon,fail=1 'exit 3; : <>'; echo ${PIPESTATUS[*]}")
        .stdout("141 3\n")
        .stderr_any()
        .success();
}

#[test]
fn a_time_limit_reaches_whoever_holds_the_output() {
    Test::new()
        .args(["--quiet", "--timeout", "0.3"])
        .args([
            "echo begun; probe linger & probe linger & wait; : <>",
            ":::",
            "a",
        ])
        .stdout("begun\n")
        .status(1);
    // The job itself has ended, and its child would write on.
    Test::new()
        .args(["probe hold pid; echo <>", ":::", "a"])
        .stdout("a\n")
        .stderr(left_process(1))
        .leaves_processes()
        .success();
}

#[test]
fn a_signal_to_the_runner_leaves_no_process() {
    let child = Test::new()
        .args([
            "-j2",
            "echo <>; touch runs.<>; probe linger & wait",
            ":::",
            "a",
            "b",
            "c",
        ])
        .start();
    child.wait_for_file("runs.a");
    child.wait_for_file("runs.b");
    child.signal(Signal::TERM);
    child
        .stdout_lines_any_order(&["a", "b"])
        .stderr_any()
        .signaled(Signal::TERM);
}

#[test]
fn output_without_a_final_newline_is_not_given_one() {
    for mode in ["--group", "-k", "--lb", "-u"] {
        Test::new()
            .args([mode, "-j1", "printf '1\\n%s' <>", ":::", "a", "b"])
            .stdout("1\na1\nb")
            .success();
    }
}

#[test]
fn a_missing_command_is_told_once() {
    let values: Vec<String> = (1..=1000).map(|number| number.to_string()).collect();
    let mut expected = not_found(1, "nosuchcmd") + &failed("1000 of 1000", &[]);
    for job in 1..=10 {
        expected += &format!("  job {job}: not found: nosuchcmd {job}\n");
    }
    expected += "  ... and 990 more\n";
    Test::new()
        .args(["-j1", "nosuchcmd"])
        .stdin(values.join("\n"))
        .stderr(expected)
        .status(101);
}

#[test]
fn the_default_number_of_jobs_is_what_the_process_may_use() {
    needed!("taskset");
    Test::new()
        .line("taskset -c 0 prun 'echo <%>; : <>' ::: a b c d")
        .stdout("1\n1\n1\n1\n")
        .success();
}

#[test]
fn a_quota_of_a_container_limits_the_default_number_of_jobs() {
    let root = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
        .into_iter()
        .find(|root| {
            let controllers = fs::read_to_string(format!("{root}/cgroup.subtree_control"));
            controllers.is_ok_and(|names| names.split_whitespace().any(|name| name == "cpu"))
        });
    let Some(root) = root else {
        skip!("no control group for CPUs can be made here");
    };
    let group = format!("{root}/prun-test-{}", std::process::id());
    if fs::create_dir(&group).is_err() {
        skip!("no control group can be made here");
    }
    let quota = fs::write(format!("{group}/cpu.max"), "50000 100000\n");
    let line = format!("echo $$ >{group}/cgroup.procs && prun 'echo <%>; : <>' ::: a b c d");
    let output = quota
        .is_ok()
        .then(|| Test::new().line(line).stdout_any().output());
    let _ = fs::remove_dir(&group);
    match output {
        Some(output) => assert_eq!(output.stdout, b"1\n1\n1\n1\n"),
        None => skip!("the quota of a control group cannot be set here"),
    }
}

#[test]
fn a_thousand_jobs_at_once_work() {
    let values: Vec<String> = (1..=1000).map(|number| number.to_string()).collect();
    Test::new()
        .args(["-k", "-j1000", "echo"])
        .stdin(values.join("\n"))
        .stdout(values.join("\n") + "\n")
        .limit(Duration::from_secs(60))
        .success();
}

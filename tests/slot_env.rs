//! `--slot-env`: values of variables by slots.

use std::fs;

use crate::support::{Child, STARTS, Signal, Test};

/// Command of a job that runs until `go` is there.
const AWAIT: &str = ": >up.<>; probe await go";

fn let_go(child: &Child) {
    fs::write(child.path("go"), "").expect("the directory is ours");
}

#[test]
fn each_of_the_jobs_at_once_has_a_value_of_its_own() {
    for start in STARTS {
        // As many run as there are values, whatever the number of CPUs.
        Test::new()
            .env("PRUN_START", start)
            .line(
                "prun --slot-env 'GPU=0,a b,=x' 'probe meet . 3; printenv GPU >value.<>' ::: 1 2 3
                 sort value.*",
            )
            .stdout("0\n=x\na b\n")
            .success();
    }
}

#[test]
fn two_jobs_at_once_never_have_the_same_value() {
    let values: Vec<String> = (1..=60).map(|n| n.to_string()).collect();
    Test::new()
        .args(["--slot-env", "D=a,b,c", "mkdir $D && rmdir $D; : <>", ":::"])
        .args(values)
        .success();
}

#[test]
fn the_shortest_list_bounds_the_number_of_jobs() {
    let lists = ["--slot-env", "A=1,2,3,4", "--slot-env", "B=x,y"];
    Test::new()
        .args(lists)
        .args(["-k", "probe meet . 2; echo $A$B >of.<>", ":::", "1", "2"])
        .success();
    Test::new()
        .args(lists)
        .args(["-j2", "-k", "printenv A B; : <>", ":::", "1"])
        .stdout("1\nx\n")
        .success();
    Test::new()
        .args(lists)
        .args(["-j1", "-k", "echo <> $A$B", ":::", "1", "2"])
        .stdout("1 1x\n2 1x\n")
        .success();
    for jobs in ["3", "0", "+9", "procs", "9999%"] {
        Test::new()
            .file("procs", "3\n")
            .args(lists)
            .args(["-j", jobs, "echo", ":::", "1"])
            .stderr(format!(
                "prun: -j {jobs} asks for more jobs at once than --slot-env B has values: 2\n\
                 hint: leave out -j {jobs}: the number is 2 then\n"
            ))
            .status(255);
    }
}

#[test]
fn the_number_of_jobs_is_not_raised_above_the_values() {
    let child = Test::new()
        .args(["--slot-env", "A=1,2", "-j1", AWAIT, ":::", "1", "2", "3"])
        .start();
    child.wait_for_file("up.1");
    child.signal(Signal::USR1);
    child.wait_for_file("up.2");
    child.signal(Signal::USR1);
    child.wait_for_stderr(
        "prun: warning: the number of jobs at once stays 2: --slot-env A has no more values\n",
    );
    let_go(&child);
    child.stderr_any().success();

    Test::new()
        .file("procs", "1\n")
        .args(["--slot-env", "A=1,2", "-j", "procs"])
        .args(["[ <> != 1 ] || echo 3 >procs", ":::", "1", "2", "3"])
        .stderr(
            "prun: warning: -j procs asks for more jobs at once than --slot-env A has values: 2: the number stays 1\n",
        )
        .success();
}

#[test]
fn a_built_in_has_no_environment() {
    Test::new()
        .args(["--slot-env", "A=1,2", "@upper", ":::", "x"])
        .stderr(
            "prun: --slot-env sets variables of processes, and a built-in is none\n\
             hint: leave out --slot-env\n",
        )
        .status(255);
    Test::new()
        .args([
            "-N0",
            "--slot-env",
            "A=x",
            "printenv A | @upper",
            ":::",
            "1",
        ])
        .stdout("X\n")
        .success();
}

#[test]
fn variables_that_something_else_sets_are_refused() {
    for (options, problem) in [
        (
            &["--slot-env", "A=1", "--slot-env", "A=2"][..],
            "--slot-env sets the variable 'A' twice\nhint: leave out one of them: --slot-env A=2",
        ),
        (
            &["--slot-env", "A=1", "--process-slot-var", "A"],
            "--slot-env and --process-slot-var both set the variable 'A'\nhint: leave out --process-slot-var",
        ),
        (
            &["--slot-env", "PATH=1,2"],
            "--slot-env would hide the variable 'PATH' that jobs need\n\
             hint: prun --slot-env GPU=0,1 'echo $GPU' ::: a b",
        ),
        (
            &["--slot-env", "PRUN_SLOT=1,2"],
            "--slot-env would hide the variable 'PRUN_SLOT' that jobs need\n\
             hint: prun --slot-env GPU=0,1 'echo $GPU' ::: a b",
        ),
        (
            &["--slot-env", "GPU="],
            "--slot-env GPU has no values\nhint: prun --slot-env GPU=0,1 'echo $GPU' ::: a b",
        ),
    ] {
        Test::new()
            .args(options)
            .args(["echo", ":::", "1"])
            .stderr(format!("prun: {problem}\n"))
            .status(255);
    }
}

#[test]
fn jobs_that_share_the_input_need_a_value_each() {
    Test::new()
        .stdin("x\n")
        .args(["--slot-env", "A=1,2", "--pipe", "--tee", "cat; : <>"])
        .args([":::", "1", "2", "3"])
        .stderr(
            "prun: jobs that share the input run at once: 3 of them, and --slot-env A has 2 values\n\
             hint: give it 3 values, or leave it out\n",
        )
        .status(255);
}

//! Jobs that do not behave: they leave processes, close or flood their output, are
//! missing or killed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::{
    Output, STARTS, Signal, Test, cut_off, ends, failed, interrupted, left_process, not_found,
    skip, tool,
};

/// True if the process whose number a job wrote to a file still lives.
fn lives(output: &Output, file: &str) -> bool {
    let pid = fs::read_to_string(output.path(file)).expect("the job has written it");
    Path::new("/proc").join(pid.trim()).exists()
}

#[test]
fn a_daemon_that_keeps_the_pipe_is_told_and_lives_on() {
    let output = Test::new()
        .args(["sleep 60 & echo $! >pid; echo started <>", ":::", "1"])
        .stdout("started 1\n")
        .stderr(left_process(1))
        .leaves_processes()
        .success();
    assert!(lives(&output, "pid"));
}

#[test]
fn a_leak_can_be_a_failure() {
    let output = Test::new()
        .args(["--leak", "fail", "--joblog", "log"])
        .args(["probe hold pid; echo <>", ":::", "1"])
        .stdout("1\n")
        .stderr_has(failed("1 of 1", &[]))
        .stderr_has("job 1: left a process holding its output")
        .leaves_processes()
        .status(1);
    assert!(lives(&output, "pid"));
    assert_eq!(ends(&output.path("log")), ["1 1 0"]);
}

#[test]
fn a_leak_can_be_waited_for() {
    Test::new()
        .args(["--leak", "wait"])
        .args(["(sleep .5; echo late) & echo early <>", ":::", "1"])
        .stdout("early 1\nlate\n")
        .success();
}

#[test]
fn what_a_daemon_writes_right_after_the_end_of_its_job_is_printed() {
    Test::new()
        .arg("(until grep -qs ') Z ' /proc/$$/stat; do :; done; echo late) & echo early <>")
        .args([":::", "1"])
        .stdout("early 1\nlate\n")
        .success();
}

#[test]
fn a_daemon_that_never_stops_writing_does_not_keep_prun() {
    Test::new()
        .arg("while :; do echo again; sleep .02; done & echo <>")
        .args([":::", "1"])
        .stdout_has("1\n")
        .stdout_has("again\n")
        .stderr(left_process(1))
        .success();
}

#[test]
fn a_job_that_ends_before_its_output_is_taken_loses_nothing() {
    // About as much as prun has on its way at once, so that the last bytes are still
    // in the job's pipe when it ends.
    let line = r#"
        for size in 1150000 1180000 1230000; do
            for mode in --line-buffer -k; do
                job="head -c $size /dev/zero | tr '\0' '\n'; : <>"
                prun $mode "$job" ::: 1 | (sleep 1; wc -c) &
            done
        done
        wait"#;
    let sizes = ["1150000", "1180000", "1230000"];
    Test::new()
        .line(line)
        .stdout_lines_any_order(&[sizes, sizes].concat())
        .success();
}

#[test]
fn a_daemon_without_the_pipe_is_no_leak() {
    let output = Test::new()
        .args([
            "sleep 60 >/dev/null 2>&1 & echo $! >pid; echo <>",
            ":::",
            "1",
        ])
        .stdout("1\n")
        .leaves_processes()
        .success();
    assert!(lives(&output, "pid"));
}

#[test]
fn a_job_that_closes_its_output_still_has_a_status() {
    let output = Test::new()
        .args(["--quiet", "--joblog", "log"])
        .args(["exec >&- 2>&-; sleep .2; exit <>", ":::", "3"])
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 3 0"]);
}

#[test]
fn a_job_without_any_open_descriptor_has_a_status() {
    Test::new()
        .args(["--quiet", "exec <&- >&- 2>&-; exit <>", ":::", "3", "0"])
        .status(1);
}

#[test]
fn the_last_line_stays_as_it_is() {
    Test::new()
        .args(["-k", "printf %s <>", ":::", "a", "b", "c"])
        .stdout("abc")
        .success();
}

#[test]
fn binary_output_is_exact() {
    Test::new()
        .line("prun -k 'head -c 1M /dev/urandom | tee f<>' ::: 1 2 >out && cat f1 f2 | cmp - out")
        .success();
}

/// Runs a line with `{time}` before prun, and returns the most memory that prun has
/// had, in KiB.
fn memory(line: &str, stdout: &str) -> Option<u64> {
    tool("time")?;
    let output = Test::new()
        .line(line.replace("{time}", "command time -f %M -o memory"))
        .stdout(stdout)
        .limit(Duration::from_secs(60))
        .success();
    let memory = fs::read_to_string(output.path("memory")).expect("time has written it");
    Some(memory.trim().parse().expect("it is a number"))
}

#[test]
fn much_output_needs_little_memory() {
    let job = "head -c 300000000 /dev/zero; : <>";
    let line = format!("{{time}} prun '{job}' ::: 1 | cmp -n 300000001 - /dev/zero; echo $?");
    // There is a byte less than compared.
    let line = format!("({line}) 2>&1 | grep -c 'EOF on - after byte 300000000'");
    let Some(memory) = memory(&line, "1\n") else {
        skip!("time is not installed");
    };
    assert!(memory < 50 << 10, "{memory} KiB");
}

#[test]
fn a_stream_of_any_length_needs_the_memory_of_its_blocks() {
    let line = "yes | head -c 300000000 | {time} prun --pipe -j2 --block 1M 'cat >/dev/null'";
    let Some(memory) = memory(line, "") else {
        skip!("time is not installed");
    };
    assert!(memory < 40 << 10, "{memory} KiB");
}

#[test]
fn much_output_behind_a_slow_job_needs_little_memory() {
    let job = "if [ <> = 1 ]; then probe await written; \
        else head -c 150000000 /dev/zero; : >written; fi";
    let line = format!("{{time}} prun -j2 -k '{job}' ::: 1 2 | wc -c");
    let Some(memory) = memory(&line, "150000000\n") else {
        skip!("time is not installed");
    };
    assert!(memory < 50 << 10, "{memory} KiB");
}

#[test]
fn a_huge_line_stays_whole_and_needs_little_memory() {
    let job = r#"head -c 60000000 /dev/zero | tr "\0" <>; echo"#;
    let line = format!(
        "{{time}} prun -j2 --line-buffer '{job}' ::: a b | tr '\\n' ' ' | tee out | wc -c
         tr -s ab <out | tr ' ' '\\n' | sort; rm out"
    );
    let Some(memory) = memory(&line, "120000002\na\nb\n") else {
        skip!("time is not installed");
    };
    assert!(memory < 50 << 10, "{memory} KiB");
}

#[test]
fn a_job_killed_by_a_signal_has_failed() {
    let output = Test::new()
        .args(["-k", "--joblog", "log"])
        .args(["probe die <>", ":::", "9", "15", "11"])
        .stderr(failed(
            "3 of 3",
            &[
                "1: killed by SIGKILL: probe die 9",
                "2: killed by SIGTERM: probe die 15",
                "3: killed by SIGSEGV: probe die 11",
            ],
        ))
        .status(3);
    assert_eq!(ends(&output.path("log")), ["1 0 9", "2 0 15", "3 0 11"]);
}

#[test]
fn a_missing_command_is_told_once() {
    let output = Test::new()
        .args(["-k", "--joblog", "log", "nosuchcmd", ":::", "1", "2"])
        .stderr(
            not_found(1, "nosuchcmd")
                + &failed(
                    "2 of 2",
                    &["1: not found: nosuchcmd 1", "2: not found: nosuchcmd 2"],
                ),
        )
        .status(2);
    assert_eq!(ends(&output.path("log")), ["1 127 0", "2 127 0"]);
}

#[test]
fn a_missing_command_is_told_once_for_any_number_of_jobs() {
    let values: Vec<String> = (1..=300).map(|n| n.to_string()).collect();
    let mut stderr = not_found(1, "./nosuchcmd") + &failed("300 of 300", &[]);
    for n in 1..=10 {
        stderr.push_str(&format!("  job {n}: not found: ./nosuchcmd {n}\n"));
    }
    stderr.push_str("  ... and 290 more\n");
    let output = Test::new()
        .args(["-k", "--joblog", "log", "./nosuchcmd", ":::"])
        .args(&values)
        .stderr(stderr)
        .status(101);
    let ended: Vec<String> = values.iter().map(|n| format!("{n} 127 0")).collect();
    assert_eq!(ends(&output.path("log")), ended);
}

#[test]
fn a_command_missing_in_a_shell_line_is_told_by_the_shell() {
    let output = Test::new()
        .args([
            "--shell",
            "sh",
            "--joblog",
            "log",
            ": <>; nosuchcmd",
            ":::",
            "1",
        ])
        .stderr_has("nosuchcmd: not found\n")
        .stderr_has(failed("1 of 1", &["1: exit 127: : 1; nosuchcmd"]))
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 127 0"]);
}

#[test]
fn a_file_that_is_not_executable_is_told() {
    let output = Test::new()
        .file("notes", "text\n")
        .args(["--joblog", "log", "./notes", ":::", "1"])
        .stderr(format!(
            "prun: job 1: cannot execute './notes': Permission denied\n{}",
            failed("1 of 1", &["1: cannot be executed: ./notes 1"])
        ))
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 126 0"]);
}

#[test]
fn a_script_without_an_interpreter_line_is_run_by_sh() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .executable("job", "echo \"$1\"\n")
            .args(["./job", "a b", ":::", "1"])
            .stdout("a b\n")
            .success();
    }
}

#[test]
fn a_missing_interpreter_is_told_as_such() {
    let output = Test::new()
        .executable("job", "#!/no/such/shell\n")
        .args(["-k", "--quiet", "--joblog", "log", "./job", ":::", "1", "2"])
        .stderr("prun: job 1: ./job: the interpreter that it names is missing\n")
        .status(2);
    assert_eq!(ends(&output.path("log")), ["1 127 0", "2 127 0"]);
}

#[test]
fn exit_255_is_just_a_failure() {
    let output = Test::new()
        .args([
            "-j1", "--joblog", "log", "exit <>", ":::", "255", "0", "254",
        ])
        .stderr(failed(
            "2 of 3",
            &["1: exit 255: exit 255", "3: exit 254: exit 254"],
        ))
        .status(2);
    assert_eq!(ends(&output.path("log")), ["1 255 0", "2 0 0", "3 254 0"]);
}

#[test]
fn jobs_do_not_eat_the_input() {
    Test::new()
        .args(["-k", "cat; echo got <>"])
        .stdin("a\nb\nc\n")
        .stdout("got a\ngot b\ngot c\n")
        .success();
}

#[test]
fn a_job_that_kills_its_group_kills_nobody_else() {
    Test::new()
        .args(["-j1", ":::", "kill 0", "echo alive"])
        .stdout("alive\n")
        .stderr(failed("1 of 2", &["1: killed by SIGTERM: kill 0"]))
        .status(1);
}

#[test]
fn jobs_that_end_at_the_same_moment_are_all_counted() {
    let output = Test::new()
        .args(["-j200", "--joblog", "log", "sleep", ":::"])
        .args(vec![".5"; 200])
        .success();
    let ended: Vec<String> = (1..=200).map(|n| format!("{n} 0 0")).collect();
    assert_eq!(ends(&output.path("log")), ended);
}

/// Prints the variables by which a job knows itself.
const INTRODUCE: &str = "env | grep -E '^(PRUN|PARALLEL)' | sort; :";

#[test]
fn a_job_knows_its_number_its_slot_and_prun() {
    let child = Test::new()
        .args(["-j1", INTRODUCE, ":::", "a", "b"])
        .start();
    let pid = child.pid().as_raw_nonzero();
    child
        .stdout(format!(
            "PRUN_PID={pid}\nPRUN_SEQ=1\nPRUN_SLOT=1\nPRUN_PID={pid}\nPRUN_SEQ=2\nPRUN_SLOT=1\n"
        ))
        .success();
}

#[test]
fn gnu_mode_adds_the_names_that_scripts_know() {
    let child = Test::gnu().args([INTRODUCE, ":::", "a"]).start();
    let pid = child.pid().as_raw_nonzero();
    child
        .stdout(format!(
            "PARALLEL_JOBSLOT0=0\nPARALLEL_JOBSLOT=1\nPARALLEL_PID={pid}\nPARALLEL_SEQ=1\nPARALLEL_SSHHOST=:\nPARALLEL_SSHLOGIN=:\n\
             PRUN_PID={pid}\nPRUN_SEQ=1\nPRUN_SLOT=1\n"
        ))
        .success();
}

#[test]
fn jobs_inherit_the_environment() {
    Test::new()
        .env("GREETING", "a b")
        .args(["printenv", "GREETING", "<1>", ":::", "HOME"])
        .stdout_has("a b\n")
        .success();
}

#[test]
fn three_variables_are_added_to_the_environment_and_none_is_changed() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line(
                "env | grep -v ^_= | sort >before
                 for job in env 'env; :' 'env | cat'; do
                   prun -N0 \"$job\" ::: 1 | grep -v ^_= | sort | diff before - | grep '^[<>]' | sed 's/PID=.*/PID/'
                 done",
            )
            .stdout("> PRUN_PID\n> PRUN_SEQ=1\n> PRUN_SLOT=1\n".repeat(3))
            .success();
    }
}

#[test]
fn a_job_that_stops_itself_goes_on_when_it_is_told_to() {
    let child = Test::new()
        .args([
            "echo $$ >pid.new; mv pid.new pid; kill -STOP $$; echo <>",
            ":::",
            "1",
        ])
        .start();
    child.wait_for_file("pid");
    let continue_it = "until grep -q ') T ' /proc/$(cat pid)/stat; do sleep .01; done; \
        kill -CONT $(cat pid)";
    Test::new()
        .line(format!("cd {}; {continue_it}", child.path("").display()))
        .success();
    child.stdout("1\n").success();
}

#[test]
fn a_job_can_signal_prun_itself() {
    Test::new()
        .args([
            "-j1",
            "echo a; kill -TERM $PRUN_PID; sleep 60; : <>",
            ":::",
            "1",
            "2",
        ])
        .stdout("a\n")
        .stderr(cut_off(1, "SIGTERM") + &interrupted("SIGTERM", 1, "1 not started"))
        .signaled(Signal::TERM);
}

//! `--events`: the run as lines of JSON.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::{fs, process};

use serde_json::Value;

use crate::support::{
    Output, Signal, Test, failed, needed, pid_in, set_memory, system, wait_for_state,
};

/// The events in a file.
#[track_caller]
fn events(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("events are text");
    assert!(text.ends_with('\n'), "{text}");
    let lines = text.lines().map(serde_json::from_str);
    lines.map(|line| line.expect("a line is JSON")).collect()
}

/// `EVENT KEY KEY ...` of each event in `log`.
#[track_caller]
fn told(output: &Output, keys: &[&str]) -> Vec<String> {
    let told = |event: &Value| {
        let keys = ["event"].iter().chain(keys);
        let values = keys.filter_map(|key| event.get(key));
        let values = values.map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        values.collect::<Vec<String>>().join(" ")
    };
    events(&output.path("log")).iter().map(told).collect()
}

fn keys(event: &Value) -> Vec<&str> {
    let object = event.as_object().expect("an event is an object");
    object.keys().map(String::as_str).collect()
}

#[test]
fn a_run_is_told_from_its_start_to_its_end() {
    let output = Test::new()
        .args(["-j1", "--events", "log", "printf out; echo e >&2; exit <>"])
        .args([":::", "0", "3"])
        .stdout("outout")
        .stderr_has("e\ne\n")
        .status(1);
    let events = events(&output.path("log"));
    assert_eq!(
        told(&output, &["seq", "status"]),
        [
            "run",
            "started 1",
            "finished 1 0",
            "delivered 1",
            "started 2",
            "finished 2 3",
            "delivered 2",
            "ended"
        ]
    );
    let of = |name: &str| events.iter().find(|event| event["event"] == name);
    for (name, expected) in [
        ("run", "event version time prun slots total"),
        ("started", "event time seq attempt slot host command"),
        (
            "finished",
            "event time seq attempt slot outcome status signal start runtime user system max_rss stdout stderr sent",
        ),
        ("delivered", "event time seq attempt"),
        (
            "ended",
            "event time elapsed total done failed stopped complete halted signal error",
        ),
    ] {
        assert_eq!(keys(of(name).expect(name)).join(" "), expected);
    }
    let run = of("run").expect("there is one");
    assert_eq!(
        [&run["version"], &run["slots"], &run["total"]].map(Value::as_u64),
        [Some(1), Some(1), Some(2)]
    );
    let finished = of("finished").expect("there is one");
    assert_eq!(
        ["attempt", "slot", "stdout", "stderr", "sent"].map(|key| finished[key].as_u64()),
        [Some(1), Some(1), Some(3), Some(2), Some(0)]
    );
    assert!(finished["max_rss"].as_u64().is_some_and(|size| size > 0));
    let times: Vec<f64> = events
        .iter()
        .filter_map(|event| event["time"].as_f64())
        .collect();
    assert_eq!(times.len(), events.len());
    let ended = of("ended").expect("there is one");
    assert_eq!([&ended["complete"], &ended["halted"]], [true, false]);
    assert_eq!([&ended["done"], &ended["failed"]], [2, 1]);
}

#[test]
fn a_start_is_told_when_the_attempt_runs_and_in_which_slot() {
    let mut child = Test::new()
        .args(["-j2", "--events", "log", "probe await go.<>"])
        .stdin_open()
        .start();
    child.feed("a\nb\n");
    let log = child.path("log");
    let wait_for_starts = |count| {
        let starts = |log: String| log.matches("\"started\"").count();
        while fs::read_to_string(&log).map_or(0, starts) < count {
            std::thread::yield_now();
        }
    };
    // Both run, and the third one waits for a slot.
    wait_for_starts(2);
    child.feed("c\n");
    fs::write(child.path("go.b"), "").expect("the directory is ours");
    wait_for_starts(3);
    for name in ["go.a", "go.c"] {
        fs::write(child.path(name), "").expect("the directory is ours");
    }
    child.close_stdin();
    let output = child.success();
    let events = events(&output.path("log"));
    let slot = |event: &str, command: &str| {
        let command = format!("probe await go.{command}");
        let started = events.iter().find(|event| event["command"] == *command);
        let seq = &started.expect("it has started")["seq"];
        let of_job = |one: &&Value| one["event"] == event && one["seq"] == *seq;
        events.iter().find(of_job).expect("it is there")["slot"].clone()
    };
    assert_ne!(slot("started", "a"), slot("started", "b"));
    assert_eq!(slot("started", "b"), slot("started", "c"));
    for job in ["a", "b", "c"] {
        assert_eq!(slot("started", job), slot("finished", job));
    }
}

#[test]
fn an_attempt_that_never_ran_has_a_start_and_an_end() {
    let output = Test::new()
        .args(["-j1", "--quiet", "--events", "log", "nosuchcmd", ":::", "a"])
        .stderr_any()
        .status(1);
    assert_eq!(
        told(&output, &["outcome", "status", "reason"]),
        [
            "run",
            "started",
            "finished not_found 127 nosuchcmd: command not found",
            "delivered",
            "ended"
        ]
    );
}

#[test]
fn how_jobs_ended_is_told() {
    let output = Test::new()
        .args(["-j1", "--quiet", "--timeout", "1", "--events", "log"])
        .stdin("kill -9 $$\nexec probe linger\n@nosuch\ntrue\n")
        .stderr_any()
        .status(3);
    let finished = told(&output, &["seq", "outcome", "status", "signal"]);
    let finished: Vec<&String> = finished
        .iter()
        .filter(|line| line.starts_with("finished"))
        .collect();
    assert_eq!(
        finished,
        [
            "finished 1 signal null 9",
            "finished 2 timeout null 15",
            "finished 3 refused 126 null",
            "finished 4 success 0 null"
        ]
    );
}

#[test]
fn output_is_delivered_after_the_end_and_in_order() {
    let job = "test <> = b || probe await go; test <> = a || touch go; echo <>";
    let output = Test::new()
        .args(["-j2", "-k", "--events", "log", job, ":::", "a", "b"])
        .stdout("a\nb\n")
        .success();
    let told = told(&output, &["seq"]);
    let at = |line: &str| told.iter().position(|one| one == line);
    assert!(at("finished 1") < at("delivered 1"), "{told:?}");
    assert!(at("finished 2") < at("delivered 2"), "{told:?}");
    assert!(at("delivered 1") < at("delivered 2"), "{told:?}");
}

#[test]
fn a_job_is_not_done_whose_record_is_lost() {
    // The log may have 1024 bytes.
    let output = Test::new()
        .line("ulimit -f 1; prun -j1 --joblog log --events - true ::: $(seq 60)")
        .stdout_any()
        .stderr_has("the job log 'log': File too large\n")
        .status(255);
    let told = String::from_utf8_lossy(&output.stdout);
    let log = fs::read_to_string(output.path("log")).expect("it was begun");
    let records = log.matches('\n').count() - 1;
    assert!(records > 5, "{log}");
    assert_eq!(told.matches("\"delivered\"").count(), records, "{told}");
}

#[test]
fn a_job_is_not_done_whose_results_are_lost() {
    for records in ["--joblog", "--events"] {
        let output = Test::new()
            .line(format!(
                "ulimit -f 1; prun -j1 --results out {records} - 'head -c 5000 /dev/zero; : <>' ::: a"
            ))
            .stdout_any()
            .stderr_has("File too large\n")
            .status(255);
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(
            !told.contains("\t:\t") && !told.contains("delivered"),
            "{told}"
        );
    }
}

#[test]
fn what_is_not_delivered_is_not_told_to_be() {
    let output = Test::new()
        .line("prun -j1 --events log --joblog jobs echo ::: 1 2 3 >/dev/full")
        .stderr("prun: cannot write standard output: No space left on device\n")
        .status(255);
    let events = events(&output.path("log"));
    assert!(events.iter().all(|event| event["event"] != "delivered"));
    let ended = events.last().expect("there are some");
    assert_eq!(ended["event"], "ended");
    assert_eq!(ended["complete"], false);
    assert_eq!(
        ended["error"],
        "cannot write standard output: No space left on device"
    );
    // While the reader of the first job's output waits, the job has ended.
    let output = Test::new()
        .line(
            "prun -j1 --events log 'head -c 300000 /dev/zero; touch ran.<>' ::: a b | {
               probe await ran.b; grep -c delivered log; wc -c; }",
        )
        .stdout("0\n600000\n")
        .success();
    assert_eq!(
        told(&output, &[])
            .iter()
            .filter(|event| *event == "delivered")
            .count(),
        2
    );
}

#[test]
fn retries_are_told() {
    let job = "test -e tried && exit 0; touch tried; exit 4; : <>";
    let output = Test::new()
        .args(["--retries", "2", "--events", "log", job, ":::", "a"])
        .success();
    assert_eq!(
        told(&output, &["seq", "attempt", "outcome"]),
        [
            "run",
            "started 1 1",
            "finished 1 1 failure",
            "retried 1 1",
            "started 1 2",
            "finished 1 2 success",
            "delivered 1 2",
            "ended"
        ]
    );
}

#[test]
fn a_halt_and_what_it_leaves_are_told() {
    let output = Test::new()
        .args(["-j1", "--halt", "now,fail=1", "--events", "log", "exit <>"])
        .args([":::", "3", "0"])
        .stderr_any()
        .status(3);
    let told = told(&output, &["seq", "complete", "halted"]);
    let mut after = told[1..].to_vec();
    after.retain(|line| line != "delivered 1");
    assert_eq!(
        after,
        [
            "started 1",
            "finished 1",
            "halted",
            "skipped 2",
            "ended false true"
        ]
    );
}

#[test]
fn an_interrupted_run_is_told() {
    let child = Test::new()
        .args([
            "-j1",
            "--events",
            "log",
            "touch runs; exec probe linger; : <>",
        ])
        .args([":::", "a", "b"])
        .start();
    child.wait_for_file("runs");
    child.signal(Signal::TERM);
    let output = child.stderr_any().signaled(Signal::TERM);
    let mut told = told(&output, &["seq", "outcome", "signal", "complete"]);
    // The signal may come between the start and the word of it.
    told[1..3].sort();
    assert_eq!(
        told,
        [
            "run",
            "skipped 2",
            "started 1",
            "finished 1 stopped 15",
            "delivered 1",
            "ended 15 false"
        ]
    );
}

#[test]
fn a_job_that_waits_for_memory_is_told() {
    let limit = "echo x >>asked; n=$(wc -l <asked); [ $n = 1 ] || probe await up.1";
    let child = system(Test::new(), 0, 1024)
        .args(["-j2", "--memsuspend", "256K", "--limit", limit, "--events"])
        .args(["log", "echo $$ >pid.<>; : >up.<>; probe await go", ":::"])
        .args(["1", "2"])
        .start();
    child.wait_for_file("up.2");
    let second = pid_in(child.path("pid.2"));
    set_memory(&child, 100);
    wait_for_state(second, "T");
    set_memory(&child, 1024);
    wait_for_state(second, "SR");
    fs::write(child.path("go"), "").expect("the directory is ours");
    let output = child.stderr_any().success();
    let mut told = told(&output, &["seq"]);
    told.retain(|line| line.starts_with("suspended") || line.starts_with("resumed"));
    assert_eq!(told, ["suspended 2", "resumed 2"]);
}

#[test]
fn sizes_that_prun_does_not_see_are_unknown() {
    let output = Test::new()
        .args(["-u", "--events", "log", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
    let events = events(&output.path("log"));
    let finished = events.iter().find(|event| event["event"] == "finished");
    let finished = finished.expect("there is one");
    assert_eq!(
        [&finished["stdout"], &finished["stderr"]],
        [&Value::Null; 2]
    );
    let output = Test::new()
        .args(["--pipe", "--events", "log", "cat"])
        .stdin("a\nb\n")
        .stdout("a\nb\n")
        .success();
    assert!(told(&output, &["sent"]).contains(&"finished 4".to_owned()));
}

#[test]
fn a_command_is_text_that_a_shell_reads_back() {
    let mut values: Vec<Vec<u8>> = (1..=255).map(|byte| vec![b'a', byte]).collect();
    values.push("it's é\u{85}".as_bytes().to_vec());
    let values = [values.join(&0), vec![0]].concat();
    // The text of the template itself is written as it stands.
    let template = b"true '\xff\n'; printf '%s\\0' <>".to_vec();
    let output = Test::new()
        .file("values", &values)
        .args(["-0", "-k", "--events", "log", "-a", "values"])
        .arg(OsString::from_vec(template))
        .stdout(&values)
        .success();
    let mut commands: Vec<(u64, String)> = events(&output.path("log"))
        .iter()
        .filter(|event| event["event"] == "started")
        .map(|event| {
            let command = event["command"].as_str().expect("it is text");
            (event["seq"].as_u64().expect("a number"), command.to_owned())
        })
        .collect();
    commands.sort();
    assert_eq!(commands.len(), 256);
    let script: String = commands
        .iter()
        .map(|(_, command)| {
            assert!(command.starts_with("$'"), "{command}");
            format!("eval {command}\n")
        })
        .collect();
    let bash = process::Command::new("bash")
        .env("LC_ALL", "C")
        .args(["-c", &script])
        .output()
        .expect("bash can be run");
    assert!(bash.stdout == values);
}

#[test]
fn events_go_to_standard_output_a_pipe_or_an_inherited_descriptor() {
    Test::new()
        .line("prun -j1 --results out --events - echo ::: a | grep -c '^{.*}$'")
        .stdout("5\n")
        .success();
    Test::new()
        .line("prun --events >(grep -c . >count) echo ::: a; probe await count; wait; cat count")
        .stdout("a\n5\n")
        .success();
    // The descriptor's own position counts: nothing before it is lost.
    Test::new()
        .line(
            "{ echo before >&3; prun --events /dev/fd/3 true ::: a; echo after >&3; } 3>log
             sed 's/:.*//' log",
        )
        .stdout("before\n{\"event\"\n{\"event\"\n{\"event\"\n{\"event\"\n{\"event\"\nafter\n")
        .success();
    Test::new()
        .line("prun --events /dev/stderr true ::: a 2>&1 | grep -c '^{'; prun --events /dev/null true ::: a")
        .stdout("5\n")
        .success();
}

#[test]
fn events_go_to_a_socket() {
    needed!("python3");
    const READER: &str = "
import socket, subprocess
ours, theirs = socket.socketpair()
name = f'/dev/fd/{theirs.fileno()}'
prun = subprocess.Popen(['prun', '--events', name, 'true', ':::', 'a'], pass_fds=[theirs.fileno()])
theirs.close()
print(len(ours.makefile().readlines()), prun.wait())
";
    Test::new()
        .file("read.py", READER)
        .line("python3 read.py")
        .stdout("5 0\n")
        .success();
}

#[test]
fn events_of_an_earlier_run_are_replaced_or_added_to() {
    let output = Test::new()
        .line(
            "for i in 1 2; do prun --events log true ::: a; done; wc -l <log
             printf '{\"event\"' >>log; prun --events +log true ::: a; wc -l <log",
        )
        .stdout("5\n10\n")
        .success();
    let told = told(&output, &[]);
    assert_eq!([&told[0], &told[5]], ["run", "run"]);
    for (log, harm) in [
        ("notes", "it would be overwritten"),
        ("+notes", "nothing can be added to it"),
    ] {
        Test::new()
            .file("notes", "{\"event\":\"mine\"}\n")
            .args(["--events", log, "touch", ":::", "ran"])
            .stderr(format!(
                "prun: 'notes' is no event log: {harm}\n\
                 hint: remove it, or give the event log another name\n"
            ))
            .check_file("notes", "{\"event\":\"mine\"}\n")
            .status(255);
    }
}

#[test]
fn two_runs_do_not_share_a_file() {
    Test::new()
        .line(
            "prun --events log 'touch runs; probe await go; echo <>' ::: a &
             probe await runs; prun --events log echo ::: b; echo status $?; touch go; wait",
        )
        .stdout("status 255\na\n")
        .stderr(
            "prun: the event log 'log' is in use by another run\n\
             hint: give each run a log of its own\n",
        )
        .success();
    for (args, stderr) in [
        (
            "--events l echo :::: l",
            "prun: --events 'l' is the input 'l', too: it would be overwritten\n\
             hint: write to another file\n",
        ),
        (
            "--events new --joblog ./new echo ::: a",
            "prun: --joblog './new' and --events 'new' are the same file\n\
             hint: give each a file of its own\n",
        ),
        (
            "--events - --joblog - echo ::: a",
            "prun: --events - and --joblog cannot both write to standard output\n\
             hint: give one of them the name of a file\n",
        ),
    ] {
        Test::new()
            .line(format!("seq 3 >l; prun {args}; echo $?; wc -l <l; ls"))
            .stdout("255\n3\nl\n")
            .stderr(stderr)
            .success();
    }
}

#[test]
fn what_cannot_be_written_is_an_error_before_any_job() {
    for (log, reason) in [
        ("nosuch/log", "No such file or directory"),
        (".", "Is a directory"),
        ("/dev/full", "No space left on device"),
        ("/dev/fd/77", "Bad file descriptor"),
        ("/dev/fd/0", "Bad file descriptor"),
    ] {
        let output = Test::new()
            .args(["--events", log, "touch", ":::", "ran"])
            .stderr(format!(
                "prun: cannot write the event log '{log}': {reason}\n"
            ))
            .status(255);
        assert!(!output.path("ran").exists());
    }
}

#[test]
fn a_reader_that_goes_away_is_an_error() {
    Test::new()
        .line(
            "yes | prun -j1 --events >(head -n1 >got; exec <&-; mv got first) \
               'probe await first; true <>' 2>err
             echo status ${PIPESTATUS[1]}; cut -c1-14 first; sed 's/[0-9][0-9]*/N/' err",
        )
        .stdout(
            "status 255\n{\"event\":\"run\"\n\
             prun: cannot write the event log '/dev/fd/N': Broken pipe\n",
        )
        .success();
}

#[test]
fn nothing_is_written_without_a_run() {
    let output = Test::new()
        .args(["--dry-run", "--events", "log", "echo", ":::", "a"])
        .stdout("echo a\n")
        .success();
    assert!(!output.path("log").exists());
}

#[test]
fn other_records_are_the_same_beside_it() {
    let output = Test::new()
        .line("prun -j1 --joblog jobs --events log 'exit <>' ::: 0 3; echo $?; cut -f1,7 jobs")
        .stdout("1\nSeq\tExitval\n1\t0\n2\t3\n")
        .stderr(failed("1 of 2", &["2: exit 3: exit 3"]))
        .success();
    assert_eq!(events(&output.path("log")).len(), 8);
}

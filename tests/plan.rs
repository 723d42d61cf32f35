//! `--plan`: jobs that need each other.

use serde_json::{Value, json};

use crate::support::{Test, failed, interrupted, records};

/// A test with a plan of these lines in the file `plan`.
pub(crate) fn plan(jobs: &[Value]) -> Test {
    let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
    Test::new().args(["--plan", "plan"]).file("plan", lines)
}

/// A job that prints its name when all of `needs` have.
fn job(name: &str, needs: &[&str]) -> Value {
    json!({ "name": name, "command": ["echo", name], "needs": needs })
}

/// A job of this command line.
pub(crate) fn line(name: &str, command: &str, needs: &[&str]) -> Value {
    json!({ "name": name, "command": command, "needs": needs })
}

#[test]
fn jobs_start_when_all_that_they_need_have_succeeded() {
    let jobs = [
        job("d", &["b", "c"]),
        job("c", &["a"]),
        job("b", &["c"]),
        job("a", &[]),
    ];
    for slots in ["1", "4"] {
        plan(&jobs)
            .arg("-j")
            .arg(slots)
            .stdout("a\nc\nb\nd\n")
            .success();
    }
}

#[test]
fn numbers_and_order_are_those_of_the_lines() {
    let seq = |name, needs: &[&str]| line(name, "echo $PRUN_SEQ", needs);
    let output = plan(&[seq("c", &["b"]), seq("b", &["a"]), seq("a", &[])])
        .args(["-k", "--tag", "--joblog", "log"])
        .stdout("c\t1\nb\t2\na\t3\n")
        .success();
    let records = records(&output.path("log"));
    let numbers: Vec<&str> = records.iter().map(|fields| fields[0].as_str()).collect();
    assert_eq!(numbers, ["1", "2", "3"]);
}

#[test]
fn lines_that_are_the_reverse_of_needs_are_kept_in_order() {
    let print = "head -c 3000000 /dev/zero | tr '\\0' x; echo";
    let jobs: Vec<Value> = (0..40)
        .map(|number| {
            let need = (number < 39).then(|| (number + 1).to_string());
            let needs: Vec<&str> = need.as_deref().into_iter().collect();
            line(&number.to_string(), &format!("{print} {number}"), &needs)
        })
        .collect();
    let expected: String = (0..40).map(|number| format!("{number}\n")).collect();
    let output = plan(&jobs).args(["-k", "-j2"]).stdout_any().success();
    let printed = String::from_utf8(output.stdout).unwrap().replace('x', "");
    assert_eq!(printed, expected);
}

#[test]
fn what_needs_a_job_that_has_failed_is_skipped() {
    let jobs = [
        line("a", "exit 3", &[]),
        job("b", &["a"]),
        job("c", &["b"]),
        job("d", &[]),
    ];
    for order in [&[][..], &["-k"]] {
        plan(&jobs)
            .args(order)
            .stdout("d\n")
            .stderr(format!(
                "prun: skipped 2 jobs that need 'a', which has failed: 'b', 'c'\n{}",
                failed("1 of 4, 2 skipped", &["1: exit 3: a: exit 3"])
            ))
            .status(3);
    }
}

#[test]
fn skipped_jobs_are_told_in_the_event_log_and_counted_in_summaries() {
    let jobs = [line("a", "false", &[]), job("b", &["a"])];
    let output = plan(&jobs)
        .args(["--events", "events", "--summary=json", "--quiet"])
        .stderr_any()
        .status(2);
    let events = std::fs::read_to_string(output.path("events")).unwrap();
    let events: Vec<Value> = events
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let skipped = events
        .iter()
        .find(|event| event["event"] == "skipped")
        .expect("it is told");
    assert_eq!(skipped["seq"], 2);
    let ended = events.last().unwrap();
    let counts = [
        &ended["total"],
        &ended["done"],
        &ended["failed"],
        &ended["skipped"],
    ];
    assert_eq!(counts, [2, 1, 1, 1]);
    let summary = String::from_utf8(output.stderr).unwrap();
    assert!(summary.contains("\"skipped\":1"), "{summary}");
}

#[test]
fn commands_are_lines_or_arguments_without_placeholders() {
    let jobs = [
        json!({ "name": "a", "command": ["printf", "%s|", "<>", "{}", "a b", "$HOME", ""] }),
        line("b", "x=1; echo \"<>$x\"", &["a"]),
        line("c", "echo b a | @grep -o a", &["b"]),
        json!({ "name": "d", "command": "echo \"$X\"; pwd", "env": { "X": "1 <>" }, "cwd": "sub",
                "needs": ["c"] }),
    ];
    let test = plan(&jobs).file("sub/x", "");
    let output = test.stdout_any().success();
    let printed = String::from_utf8(output.stdout.clone()).unwrap();
    let place = output.path("sub").canonicalize().unwrap();
    assert_eq!(
        printed,
        format!("<>|{{}}|a b|$HOME||<>1\na\n1 <>\n{}\n", place.display())
    );
}

#[test]
fn settings_of_a_job_go_before_options() {
    let jobs = [
        json!({ "name": "a", "command": "echo try >>a; exit 1", "retries": 3 }),
        json!({ "name": "b", "command": "exit 4", "ok_codes": [4] }),
        json!({ "name": "c", "command": "sleep 60", "timeout": 0.1 }),
        json!({ "name": "d", "command": "echo try >>d; exit 1" }),
    ];
    plan(&jobs)
        .args(["--retries", "2", "--timeout", "50"])
        .stderr_any()
        .check_file("a", "try\ntry\ntry\n")
        .check_file("d", "try\ntry\n")
        .status(3);
}

#[test]
fn jobs_of_the_same_key_run_one_at_a_time() {
    let work = "test ! -e busy && : >busy && sleep 0.05 && rm busy";
    let jobs: Vec<Value> = (0..4)
        .map(|number| json!({ "name": number.to_string(), "command": work, "key": "k" }))
        .chain([
            line("m1", "probe meet . 2", &[]),
            line("m2", "probe meet . 2", &[]),
        ])
        .collect();
    plan(&jobs).args(["-j8", "--quiet"]).success();
}

#[test]
fn a_dry_run_shows_waves() {
    let jobs = [
        line("test", "make test", &["web", "build"]),
        json!({ "name": "web", "command": ["serve", "a b"], "service": true, "needs": ["build"] }),
        line("build", "make", &[]),
        line("lint", "lint", &[]),
        json!({ "name": "unused", "command": "x", "service": true }),
    ];
    plan(&jobs)
        .arg("--dry-run")
        .stdout("# wave 1\nmake\nlint\n# wave 2\nserve 'a b'\n# wave 3\nmake test\n")
        .success();
}

#[test]
fn a_run_goes_on_where_an_earlier_one_has_stopped() {
    let jobs = [
        line("a", "echo a", &[]),
        line("b", "echo b; test -e ok", &["a"]),
        line("c", "echo c", &["b"]),
        line("d", "echo a", &["c"]),
    ];
    let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
    let run = "prun --quiet --joblog log --plan plan";
    Test::new()
        .file("plan", lines)
        .line(format!(
            "{run}; {run} --resume; echo $?; : >ok; {run} --resume-failed; {run} --resume-failed"
        ))
        .stdout("a\nb\n2\nb\nc\na\n")
        .stderr(
            "prun: skipped 2 jobs that need 'b', which has failed: 'c', 'd'\n\
             prun: skipped 2 jobs that need a job that has failed in the run before: 'c', 'd'\n",
        )
        .success();
}

#[test]
fn a_plan_may_come_from_standard_input() {
    let lines = format!("{}\n\n{}\n", job("b", &["a"]), job("a", &[]));
    Test::new()
        .args(["--plan", "-"])
        .stdin(lines)
        .stdout("a\nb\n")
        .success();
}

#[test]
fn plans_that_cannot_be_used_are_refused_before_anything_starts() {
    let first = "{\"name\":\"a\",\"command\":\"echo ran\"}";
    for (lines, expected) in [
        ("", "prun: 'plan' has no jobs\n"),
        (
            "no json",
            "prun: in 'plan', line 1: column 2: expected ident\n",
        ),
        (
            &format!("{first}\n{{\"name\":\"b\",\"command\":\"x\",\"neds\":[]}}"),
            "prun: in 'plan', line 2: the field 'neds' is unknown\nhint: the field 'needs' is known\n",
        ),
        (
            &format!("{first}\n{first}"),
            "prun: in 'plan', line 2: the name 'a' is that of line 1, too\n",
        ),
        (
            &format!("{first}\n{}\n{}", job("b", &["a", "c"]), job("c", &["b"])),
            "prun: in 'plan', jobs need each other in a circle: b -> c -> b\n",
        ),
        (
            &format!("{first}\n{}", job("b", &["c"])),
            "prun: in 'plan', line 2: it needs 'c', and no job has this name\n",
        ),
    ] {
        let test = Test::new().args(["--plan", "plan"]).file("plan", lines);
        test.stderr_has(expected).status(255);
    }
    Test::new()
        .args(["--plan", "none"])
        .stderr_has("prun: cannot read 'none': No such file or directory\n")
        .status(255);
    Test::new()
        .args(["--plan", "plan", "--max-record", "100"])
        .file("plan", format!("{}\n", "x".repeat(1 << 20)))
        .stderr_has("--max-record")
        .status(255);
}

#[test]
fn names_forge_no_lines() {
    let jobs = [
        line("a\nprun: b", "false", &[]),
        line("c\nprun: d", "true", &["a\nprun: b"]),
    ];
    plan(&jobs)
        .stderr_has("prun: skipped 'c\\nprun: d': it needs 'a\\nprun: b', which has failed\n")
        .status(2);
    let jobs = [
        json!({ "name": "s\nprun: t", "command": "exit 3", "service": true, "ready": { "line": "x" } }),
        line("a", "true", &["s\nprun: t"]),
    ];
    plan(&jobs)
        .stderr_has("prun: the service 's\\nprun: t' has failed: exit 3\n")
        .status(2);
}

#[test]
fn a_program_that_is_missing_in_the_directory_of_the_job_is_not_found() {
    let job = json!({ "name": "a", "command": ["./tool"], "cwd": "sub" });
    plan(&[job])
        .file("tool", "")
        .file("sub/x", "")
        .stderr_has("./tool: command not found\n")
        .status(1);
}

#[test]
fn services_that_nothing_needs_are_told() {
    let service = json!({ "name": "s", "command": "exit 3", "service": true });
    plan(&[service, job("a", &[])])
        .stdout("a\n")
        .stderr("prun: warning: no job needs, and so nothing starts: 's'\n")
        .success();
}

#[test]
fn options_without_meaning_are_refused() {
    for (options, other) in [
        (&["echo"][..], "a command or input"),
        (&[":::", "a"], "a command or input"),
        (&["-a", "plan"], "a command or input"),
        (&["--pipe"], "--pipe"),
        (&["-n2"], "-n"),
        (&["-X"], "-X"),
        (&["--shuf"], "--shuf"),
        (&["--retry-failed", "--joblog", "log"], "--retry-failed"),
        (&["-q"], "-q"),
        (&["--gnu"], "--gnu"),
        (&["--worker"], "--worker"),
    ] {
        plan(&[job("a", &[])])
            .args(options)
            .stderr_has(format!("prun: --plan and {other} cannot go together: "))
            .status(255);
    }
    plan(&[job("a", &[])])
        .args(["--resume", "--results", "out"])
        .stderr_has("prun: a plan is gone on with by its job log\n")
        .status(255);
}

#[test]
fn a_halt_gives_up_what_waits() {
    let jobs = [
        line("a", "exit 7", &[]),
        line("b", "exec sleep 60", &[]),
        job("c", &["b"]),
    ];
    plan(&jobs)
        .args(["-j2", "--halt", "now,fail=1"])
        .stderr_any()
        .status(7);
}

#[test]
fn ctrl_c_gives_up_what_waits() {
    let child = plan(&[line("a", ": >here; exec sleep 60", &[]), job("b", &["a"])]).start();
    child.wait_for_file("here");
    child.signal(crate::support::Signal::INT);
    child
        .stderr(interrupted("SIGINT", 1, "1 not started"))
        .signaled(crate::support::Signal::INT);
}

//! Services of plans, and their faults.

use serde_json::{Value, json};

use crate::plan::{line, plan};
use crate::support::{Signal, Test, check_gone, failed, needed, pid_in, wait_until_gone};

/// A service that writes its number to the file `pid`, and stays.
const STAY: &str = "echo $$ >pid.new; mv pid.new pid; exec sleep 60";

pub(crate) fn service(command: &str, ready: Value) -> Value {
    json!({ "name": "s", "command": command, "service": true, "ready": ready })
}

/// Message about the service, which has failed.
pub(crate) fn lost(how: &str) -> String {
    format!("prun: the service 's' has failed: {how}\n")
}

#[test]
fn jobs_run_while_a_service_does_which_takes_no_slot() {
    for ready in [
        Value::Null,
        json!({ "command": "test -e pid" }),
        json!({ "command": ["test", "-e", "pid"] }),
    ] {
        let check = "kill -0 $(cat pid) && echo lives";
        let wait = line("a", "probe await pid", &["s"]);
        let jobs = [service(STAY, ready), wait, line("b", check, &["s", "a"])];
        let output = plan(&jobs).arg("-j1").stdout("lives\n").success();
        check_gone(output.path("pid"));
    }
}

#[test]
fn a_line_of_either_stream_tells_that_a_service_is_ready() {
    for stream in ["", ">&2"] {
        let command = format!(
            "echo not yet {stream}; : >begun; probe await go; echo up {stream}; exec sleep 60"
        );
        let jobs = [
            service(&command, json!({ "line": "^up$" })),
            line("a", "test -e go && echo after", &["s"]),
            line("b", "probe await begun; : >go", &[]),
        ];
        plan(&jobs).arg("-j2").stdout("after\n").success();
    }
}

#[test]
fn a_port_tells_that_a_service_is_ready() {
    needed!("python3");
    for address in ["127.0.0.1", "::1"] {
        let server = format!(
            "import socket, sys\n\
             family = socket.AF_INET6 if ':' in '{address}' else socket.AF_INET\n\
             server = socket.create_server(('{address}', int(sys.argv[1])), family=family)\n\
             while True: server.accept()[0].sendall(b'hello')\n"
        );
        let free = std::net::TcpListener::bind((address, 0));
        let Ok(free) = free else {
            // A machine without IPv6.
            continue;
        };
        let port = free.local_addr().unwrap().port();
        drop(free);
        let ask = format!(
            "import socket; print(socket.create_connection(('{address}', {port})).recv(5).decode())"
        );
        let jobs = [
            json!({ "name": "s", "command": ["python3", "server.py", port.to_string()],
                    "service": true, "ready": { "port": port } }),
            json!({ "name": "a", "command": ["python3", "-c", ask], "needs": ["s"] }),
        ];
        plan(&jobs)
            .file("server.py", server)
            .stdout("hello\n")
            .success();
    }
}

#[test]
fn a_service_has_its_variables_and_directory_and_so_has_its_check() {
    let service = json!({
        "name": "s", "command": "echo \"$X\" >seen; exec sleep 60", "service": true,
        "env": { "X": "y" }, "cwd": "sub", "ready": { "command": "test \"$X$(cat seen)\" = yy" }
    });
    let output = plan(&[service, line("a", "cat sub/seen", &["s"])]).file("sub/x", "");
    output.stdout("y\n").success();
}

#[test]
fn services_end_after_those_that_need_them() {
    let stay = |name: &str| {
        format!("trap 'echo {name} >>ends; exit' TERM; : >{name}; while :; do sleep 0.01; done")
    };
    let jobs = [
        json!({ "name": "db", "command": stay("db"), "service": true,
                "ready": { "command": "test -e db" } }),
        json!({ "name": "web", "command": stay("web"), "service": true, "needs": ["db"],
                "ready": { "command": "test -e web" } }),
        line(
            "a",
            "test -e db && test -e web && test ! -e ends && echo fine",
            &["web"],
        ),
    ];
    plan(&jobs)
        .stdout("fine\n")
        .check_file("ends", "web\ndb\n")
        .success();
}

#[test]
fn a_service_that_nobody_needs_is_not_started() {
    let jobs = [
        service(": >started; exec sleep 60", Value::Null),
        line("a", "false", &[]),
        line("b", "true", &["a", "s"]),
    ];
    let output = plan(&jobs).stderr_any().status(2);
    assert!(!output.path("started").exists());
}

#[test]
fn the_output_of_a_service_is_shown_only_if_it_fails() {
    let noisy = "echo out; echo err >&2; : >said; exec sleep 60";
    let jobs = [
        service(noisy, json!({ "command": "test -e said" })),
        line("a", "echo a", &["s"]),
    ];
    plan(&jobs).stdout("a\n").success();
    let jobs = [
        service(
            "echo out; printf err >&2; exit 3",
            json!({ "command": "false" }),
        ),
        line("a", "echo a", &["s"]),
    ];
    let test = plan(&jobs).stderr(format!(
        "{}out\nerr\nprun: skipped 'a': it needs 's', which has failed\n{}",
        lost("exit 3; its output:"),
        failed(
            "1 of 2, 1 skipped",
            &["1: exit 3: s: echo out; printf err >&2; exit 3"]
        )
    ));
    test.status(2);
}

#[test]
fn a_service_that_floods_its_output_is_read_on() {
    let flood = "yes | head -c 2000000; echo the end; exit 3";
    let jobs = [
        service(flood, json!({ "line": "no such line" })),
        line("a", "true", &["s"]),
    ];
    let output = plan(&jobs).stderr_has("\nthe end\n").status(2);
    assert!(
        output.stderr.len() < 70_000,
        "{} bytes",
        output.stderr.len()
    );
    assert!(
        output
            .stderr
            .starts_with(lost("exit 3; the end of its output:").as_bytes())
    );
}

#[test]
fn a_service_that_ends_early_takes_its_jobs_with_it() {
    for (command, how) in [
        ("probe await a.runs; exit 0", "ended too early: exit 0"),
        ("probe await a.runs; exit 4", "exit 4"),
        ("probe await a.runs; kill -KILL $$", "killed by SIGKILL"),
    ] {
        let jobs = [
            service(command, Value::Null),
            line("a", ": >a.runs; exec sleep 60", &["s"]),
            line("b", "true", &["a"]),
            line("c", "echo c", &[]),
        ];
        let output = plan(&jobs)
            .args(["-j3", "--retries", "3"])
            .stdout("c\n")
            .stderr_any();
        let output = output.any_status();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(&lost(how)), "{said}");
        assert!(
            said.contains("  job 2: lost a service that it needs: a: : >a.runs; "),
            "{said}"
        );
        assert!(
            said.contains("prun: 2 of 4 jobs failed, 1 skipped\n"),
            "{said}"
        );
    }
}

#[test]
fn a_service_that_never_becomes_ready_is_ended_at_its_limit() {
    for (ready, limit) in [
        (json!({ "command": "false" }), "0.3"),
        (json!({ "command": "sleep 60" }), "0.3"),
        (json!({ "line": "never" }), "0.3"),
    ] {
        let mut service = service(STAY, ready);
        service["timeout"] = json!(limit);
        let output = plan(&[service, line("a", "echo a", &["s"])])
            .stderr_has(lost("timed out"))
            .status(2);
        check_gone(output.path("pid"));
    }
    // The limit of the command line is one for services without their own.
    plan(&[
        service(STAY, json!({ "line": "never" })),
        line("a", "echo a", &["s"]),
    ])
    .args(["--timeout", "0.3"])
    .stderr_has(lost("timed out"))
    .status(2);
}

#[test]
fn a_check_that_cannot_be_run_fails_the_service() {
    for (ready, why) in [
        (
            json!({ "command": ["no-such-program"] }),
            "no-such-program: command not found",
        ),
        (
            json!({ "command": "no-such-program | cat; exit 127" }),
            "exit 127",
        ),
    ] {
        let jobs = [service(STAY, ready), line("a", "echo a", &["s"])];
        plan(&jobs)
            .stderr_has(lost(&format!("its check cannot be made: {why}")))
            .status(2);
    }
    let jobs = [
        service("no-such-program", Value::Null),
        line("a", "echo a", &["s"]),
    ];
    plan(&jobs)
        .stderr_has(lost("no-such-program: command not found"))
        .status(2);
}

#[test]
fn a_service_that_ignores_the_signal_is_killed_after_the_grace() {
    let jobs = [
        service(
            "exec probe ignore-term up",
            json!({ "command": "test -e up" }),
        ),
        line("a", "echo a", &["s"]),
    ];
    plan(&jobs)
        .args(["--termseq", "TERM,50,KILL"])
        .stdout("a\n")
        .success();
}

#[test]
fn a_failed_service_counts_for_halt_once() {
    let jobs = [
        service("exit 5", json!({ "line": "x" })),
        line("a", "true", &["s"]),
        line("b", "exec sleep 60", &[]),
    ];
    plan(&jobs)
        .args(["-j2", "--halt", "now,fail=1"])
        .stderr_any()
        .status(5);
}

#[test]
fn ctrl_c_ends_services_in_every_phase() {
    for (ready, a) in [
        // While the check is made, while jobs run, while a job waits for its retry.
        (json!({ "command": "sleep 60" }), "true"),
        (json!({ "line": "never" }), "true"),
        (json!({ "command": "test -e pid" }), "exec sleep 60"),
        (json!({ "command": "test -e pid" }), "false"),
    ] {
        let child = plan(&[service(STAY, ready), line("a", a, &["s"])])
            .args(["--retries", "2", "--retry-delay", "60"])
            .start();
        child.wait_for_file("pid");
        child.signal(Signal::INT);
        let output = child.stderr_any().signaled(Signal::INT);
        check_gone(output.path("pid"));
    }
}

#[test]
fn a_second_signal_kills_services_at_once() {
    let jobs = [
        service(
            "trap ': >again' TERM; echo $$ >pid; while :; do sleep 0.01; done",
            json!({ "command": "test -s pid" }),
        ),
        line("a", ": >runs; exec sleep 60", &["s"]),
    ];
    let child = plan(&jobs).start();
    child.wait_for_file("runs");
    child.signal(Signal::TERM);
    child.wait_for_file("again");
    child.signal(Signal::INT);
    let output = child.stderr_any().signaled(Signal::TERM);
    check_gone(output.path("pid"));
}

#[test]
fn services_and_their_checks_die_with_prun() {
    let check = "echo $$ >check.new; mv check.new check; exec sleep 60";
    let child = plan(&[
        service(STAY, json!({ "command": check })),
        line("a", "true", &["s"]),
    ])
    .start();
    for file in ["pid", "check"] {
        child.wait_for_file(file);
    }
    child.signal(Signal::KILL);
    let output = child.stderr_any().signaled(Signal::KILL);
    for file in ["pid", "check"] {
        wait_until_gone(pid_in(output.path(file)));
    }
}

#[test]
fn a_run_that_goes_on_starts_services_only_for_those_that_are_left() {
    let jobs = [
        service(
            "echo started >>starts; exec sleep 60",
            json!({ "command": "test -e starts" }),
        ),
        line("a", "echo a", &["s"]),
        line("b", "test -e ok", &["s"]),
    ];
    let lines: String = jobs.iter().map(|job| format!("{job}\n")).collect();
    let run = "prun --quiet --joblog log --plan plan --resume-failed";
    Test::new()
        .file("plan", lines)
        .line(format!("{run}; : >ok; {run}; {run}"))
        .stdout("a\n")
        .check_file("starts", "started\nstarted\n")
        .success();
}

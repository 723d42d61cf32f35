//! Services of plans that cannot be what they are taken for.

use serde_json::json;

use crate::plan::{line, plan};
use crate::plan_services::{lost, service};
use crate::support::{check_gone, needed};

#[test]
fn a_port_that_another_process_has_is_no_sign_of_the_service() {
    for address in ["127.0.0.1", "::1"] {
        let Ok(other) = std::net::TcpListener::bind((address, 0)) else {
            // A machine without IPv6.
            continue;
        };
        let port = other.local_addr().unwrap().port();
        let jobs = [
            service(": >started; exec sleep 60", json!({ "port": port })),
            line("a", "echo a", &["s"]),
        ];
        let why = format!("port {port} is answered already, by another process");
        let output = plan(&jobs).stderr_has(lost(&why)).status(2);
        assert!(!output.path("started").exists());
    }
}

#[test]
fn processes_that_a_service_has_left_behind_are_killed() {
    let stay = "sh -c 'echo $$ >pid.new; mv pid.new pid; exec sleep 60'";
    for (start, output) in [
        ("", ""),
        ("", ">/dev/null 2>&1"),
        ("setsid", ""),
        ("setsid", ">/dev/null 2>&1"),
    ] {
        let command = format!("{start} {stay} {output} & probe await pid; exit 3");
        let jobs = [
            service(&command, json!({ "line": "never" })),
            line("a", "echo a", &["s"]),
        ];
        for leak in ["warn", "wait", "fail"] {
            let output = plan(&jobs)
                .args(["--leak", leak])
                .stderr_has(lost("exit 3"))
                .status(2);
            check_gone(output.path("pid"));
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains("holding its output"), "{said}");
        }
    }
}

#[test]
fn a_service_that_goes_to_the_background_is_told_to_stay() {
    let jobs = [
        service("sleep 60 & echo begun", json!({ "line": "never" })),
        line("a", "echo a", &["s"]),
    ];
    plan(&jobs)
        .stderr_has(format!(
            "{}begun\nhint: a service has to stay in the foreground\n",
            lost("ended too early: exit 0; its output:")
        ))
        .status(2);
}

#[test]
fn a_check_for_which_there_are_no_descriptors_fails_the_service() {
    needed!("prlimit");
    for ready in [json!({ "command": "false" }), json!({ "port": 1 })] {
        let stay = "prlimit --pid $PPID --nofile=3:3; : >limited; exec sleep 60";
        let jobs = [service(stay, ready), line("a", "echo a", &["s"])];
        plan(&jobs)
            .stderr_has("its check cannot be made: Too many open files\n")
            .status(2);
    }
}

//! prun takes tokens of a jobserver, and gives them back.

use std::fs;
use std::thread::available_parallelism;

use super::{FakeServer, STYLES, TOKENS, one_of, values};
use crate::support::{Child, Signal, Test, cut_off, interrupted};

/// The answer to a signal that asks for another number of jobs.
const STAYS: &str =
    "prun: warning: the number of jobs at once stays as it is: the jobserver of make decides\n";

/// A run of `prun OPTIONS` below a jobserver with three tokens.
fn below(style: &str, options: &str) -> (Test, FakeServer) {
    let test = Test::new();
    let server = FakeServer::new(&test, TOKENS);
    (test.line(format!("{style}prun {options}")), server)
}

#[test]
fn as_many_jobs_run_as_there_are_tokens_and_one_more() {
    for (_, style) in STYLES {
        let (test, mut server) = below(style, "'probe meet . 4; : <>' ::: 1 2 3 4");
        test.success();
        assert_eq!(server.take_all(), TOKENS);

        let job = one_of(4, ":");
        let (test, mut server) = below(style, &format!("-N0 '{job}' ::: {{1..60}}"));
        test.success();
        assert_eq!(server.take_all(), TOKENS);
    }
}

#[test]
fn without_a_token_one_job_runs_at_a_time() {
    for (_, style) in STYLES {
        let job = one_of(1, ":");
        let (test, mut server) = below(style, &format!("-N0 '{job}' ::: {{1..20}}"));
        server.take_all();
        test.success();
        assert_eq!(server.take_all(), b"");
    }
}

#[test]
fn the_flags_of_the_pipe_stay() {
    // What prun opens is its own, and jobs have what make has.
    let (test, _server) = below(
        STYLES[0].1,
        "-N0 'grep flags: /proc/self/fdinfo/{3,4} | cut -d: -f3 | xargs; printenv MAKEFLAGS' ::: 1",
    );
    test.stdout("0100000 0100001\n -j4 --jobserver-auth=3,4\n")
        .success();
}

#[test]
fn tokens_come_back_whatever_becomes_of_the_jobs() {
    let started = "probe meet . 4";
    for (options, job, status) in [
        ("", "kill -9 $$", 4),
        ("--retries 3", "exit 7", 4),
        ("--timeout 0.1", "probe linger", 4),
        ("--timeout-total 0.1", "probe linger", 124),
        ("--halt now,fail=1", "[ <> = 1 ] && exit 3; probe linger", 3),
        ("--halt soon,success=1", "true", 0),
        ("--wd jobserver", "true", 4),
    ] {
        for (_, style) in STYLES {
            let line = format!("{options} '{started}; {job}; : <>' ::: 1 2 3 4");
            let (test, mut server) = below(style, &line);
            test.stderr_any().status(status);
            assert_eq!(server.take_all(), TOKENS, "{options}");
        }
    }
}

/// A run below a jobserver whose four jobs run until they are ended.
fn started(style: &str) -> (Child, FakeServer) {
    let (test, server) = below(style, "-k 'echo <>; : >up.<>; probe linger' ::: 1 2 3 4 5");
    let child = test.start();
    for n in 1..=4 {
        child.wait_for_file(format!("up.{n}"));
    }
    (child, server)
}

#[test]
fn tokens_come_back_after_a_signal() {
    for (_, style) in STYLES {
        for (signal, name) in [
            (Signal::TERM, "SIGTERM"),
            (Signal::INT, "SIGINT"),
            (Signal::QUIT, "SIGQUIT"),
        ] {
            let (child, mut server) = started(style);
            assert_eq!(server.take_all(), b"");
            child.signal(signal);
            let cut = (1..=4).map(|job| cut_off(job, name)).collect::<String>();
            child
                .stdout("1\n2\n3\n4\n")
                .stderr(cut + &interrupted(name, 4, "1 not started"))
                .signaled(signal);
            assert_eq!(server.take_all(), TOKENS);
        }
    }
}

#[test]
fn tokens_come_back_as_the_last_jobs_end_after_hup() {
    for (_, style) in STYLES {
        let (test, mut server) = below(style, "': >up.<>; probe await go.<>' ::: 1 2 3 4 5");
        let child = test.start();
        for n in 1..=4 {
            child.wait_for_file(format!("up.{n}"));
        }
        child.signal(Signal::HUP);
        // An answer to a later signal tells that this one has had its effect.
        child.signal(Signal::USR1);
        child.wait_for_stderr(STAYS);
        for n in 1..=4 {
            fs::write(child.path(format!("go.{n}")), "").expect("the directory is ours");
        }
        child
            .stderr(STAYS.to_owned() + &interrupted("SIGHUP", 0, "1 not started"))
            .signaled(Signal::HUP);
        assert_eq!(server.take_all(), TOKENS);
    }
}

#[test]
fn tokens_come_back_after_an_error_of_pruns_own() {
    if !cfg!(debug_assertions) {
        // A release build provokes none.
        return;
    }
    for (_, style) in STYLES {
        let (test, mut server) = below(style, "'probe meet . 3; probe linger; : <>' ::: 1 2 3 4");
        test.env("PRUN_PANIC", "4")
            .stderr_has("prun: internal error: provoked")
            .status(255);
        assert_eq!(server.take_all(), TOKENS);
    }
}

#[test]
fn a_token_is_given_back_when_no_job_waits_for_it() {
    for (_, style) in STYLES {
        let (test, mut server) = below(style, "': >up.<>; probe await go.<>'");
        let mut child = test.stdin_open().start();
        child.feed("1\n2\n3\n4\n5\n");
        for n in 1..=4 {
            child.wait_for_file(format!("up.{n}"));
        }
        assert_eq!(server.take_all(), b"");
        // The fifth one takes over a token, and the next two are given back while it runs.
        for n in 1..=3 {
            fs::write(child.path(format!("go.{n}")), "").expect("the directory is ours");
        }
        child.wait_for_file("up.5");
        let mut back = Vec::new();
        back.extend([server.wait_for_token(), server.wait_for_token()]);
        assert_eq!(server.take_all(), b"");
        for n in 4..=5 {
            fs::write(child.path(format!("go.{n}")), "").expect("the directory is ours");
        }
        // It waits for input now, and holds none.
        back.push(server.wait_for_token());
        back.sort_unstable();
        assert_eq!(back, TOKENS);
        child.close_stdin();
        child.success();
    }
}

#[test]
fn a_job_starts_when_others_give_a_token_back() {
    for (_, style) in STYLES {
        let (test, mut server) = below(style, "': >up.<>; probe await up.2' ::: 1 2");
        server.take_all();
        let child = test.start();
        child.wait_for_file("up.1");
        server.put(b"z");
        child.success();
        assert_eq!(server.take_all(), b"z");
    }
}

#[test]
fn a_typed_number_of_jobs_takes_no_tokens() {
    for (_, style) in STYLES {
        for options in ["-j5", "-j0", "--gnu -j5"] {
            let (test, mut server) = below(
                style,
                &format!("{options} 'probe meet . 5; : {{}}' ::: 1 2 3 4 5"),
            );
            server.take_all();
            test.success();
        }
    }
}

#[test]
fn jobs_that_have_to_run_at_once_take_no_tokens() {
    for (_, style) in STYLES {
        let (test, mut server) =
            below(style, "--pipe --tee 'probe meet . 3; cat >of.<>' ::: 1 2 3");
        server.take_all();
        test.stdin("x\n").success();
    }
}

#[test]
fn a_jobserver_that_cannot_be_used_is_none() {
    let cpus = available_parallelism().expect("it is known").get();
    let job = format!("'probe meet . {cpus}; : <>' ::: {}", values(cpus).join(" "));
    for before in [
        "MAKEFLAGS=' -j9 --jobserver-auth=3,4'",
        "MAKEFLAGS=' -j9 --jobserver-auth=-2,-2'",
        "MAKEFLAGS=' -j9 --jobserver-auth=fifo:missing'",
        "MAKEFLAGS=' -j9 --jobserver-auth=fifo:file'",
        "MAKEFLAGS=' -j9 --jobserver-auth=5,5' 5<>file",
        "MAKEFLAGS=' -j9 --jobserver-auth=0,1' <jobserver",
        "MAKEFLAGS=' -j9 -- X=--jobserver-auth=fifo:jobserver'",
        "MAKEFLAGS=' -j9 --jobserver-auth=fifo:jobserver --jobserver-auth='",
        "MAKEFLAGS=' -j9'",
        "MAKEFLAGS=ks",
    ] {
        let test = Test::new();
        let _server = FakeServer::new(&test, b"");
        test.file("file", "++")
            .line(format!("{before} prun {job}"))
            .success();
    }
}

#[test]
fn the_announcement_of_cargo_and_that_of_old_makes_count_too() {
    for before in [
        "CARGO_MAKEFLAGS=\"-j --jobserver-fds=fifo:$PWD/jobserver\" MAKEFLAGS=k",
        "MAKEFLAGS='-j --jobserver-fds=3,3' 3<>jobserver",
        "MAKEFLAGS='-j --jobserver-fds=8,9 --jobserver-auth=3,4' 3<jobserver 4>jobserver",
    ] {
        let job = one_of(1, ":");
        let test = Test::new();
        let _server = FakeServer::new(&test, b"");
        test.line(format!("{before} prun -N0 '{job}' ::: 1 2 3 4 5 6 7 8"))
            .success();
    }
}

#[test]
fn signals_do_not_change_what_the_jobserver_decides() {
    let (test, _server) = below(STYLES[0].1, "-N0 ': >up; probe await go' ::: 1");
    let child = test.start();
    child.wait_for_file("up");
    child.signal(Signal::USR1);
    child.wait_for_stderr(STAYS);
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.stderr(STAYS).success();
}

#[test]
fn entries_of_a_queue_are_claimed_as_tokens_come() {
    for (_, style) in STYLES {
        let test = Test::new();
        let mut server = FakeServer::new(&test, TOKENS);
        test.line(format!(
            "prun --queue q --put 'probe meet . 4; prun --queue q --queue-status; : <>' ::: {{1..100}} && \
             {style}prun --queue q --halt now,done=1 | grep running | sort -u | tr -d 45"
        ))
        .stdout("running \n")
        .stderr_any()
        .status(0);
        assert_eq!(server.take_all(), TOKENS);
    }
}

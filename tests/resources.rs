//! When descriptors, processes or memory are short.

use std::fs::{self, File};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{
    STARTS, Signal, Test, can_inject, interrupted, is_full, pattern, skip, tool, works,
};

/// The numbers from 1, one a line.
fn lines(count: usize) -> String {
    (1..=count).map(|n| format!("{n}\n")).collect()
}

/// Runs `prun ARGS` with system calls that fail or wait as strace(1)'s `--inject` says. The
/// count in it is that of each thread.
fn with_injected(calls: &str, args: &str) -> Test {
    let names = calls.split(':').next().unwrap_or_default();
    Test::new().line(format!(
        "exec strace -f -o /dev/null -e trace={names} -e inject={calls} prun {args}"
    ))
}

/// Beginning of a command that runs as a user whom nobody else is: each test has numbers of its
/// own, from `base` on.
fn other_user(base: u32) -> Option<String> {
    let prun = env!("CARGO_BIN_EXE_prun");
    let user = base + std::process::id();
    let nobody = format!("setpriv --reuid={user} --regid={user} --clear-groups");
    let is_permitted = tool("setpriv").is_some() && works(&format!("{nobody} {prun} --version"));
    is_permitted.then_some(nobody)
}

#[test]
fn few_descriptors_are_enough() {
    for start in STARTS {
        let output = Test::new()
            .env("PRUN_START", start)
            .line("ulimit -n 16; seq 40 | prun -j20 -k 'echo <> >>ran; echo <>'; sort -n ran")
            .stdout(lines(40).repeat(2))
            .stderr_has("ulimit -n")
            .success();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.matches("warning").count(), 1, "{said}");
    }
}

#[test]
fn few_descriptors_are_enough_for_files_of_jobs() {
    for options in ["--wd d", "--cat", "--fifo", "--results results"] {
        let (shown, expected) = match options {
            "--wd d" => ("echo <>", lines(10)),
            "--results results" => ("echo <>", String::new()),
            _ => ("cat <<>", lines(10)),
        };
        let blocks = if shown == "echo <>" {
            ""
        } else {
            "--pipe --block 1"
        };
        for start in STARTS {
            Test::new()
                .env("PRUN_START", start)
                .line(format!(
                    "ulimit -n 20; seq 10 | prun -j20 -k {blocks} {options} '({shown})'"
                ))
                .stdout(&expected)
                .stderr_has("ulimit -n")
                .success();
        }
    }
}

/// Nothing else frees a descriptor while the only job waits for somebody to open its FIFO.
#[test]
fn too_few_descriptors_for_a_fifo_are_an_error() {
    for limit in 10..=20 {
        let output = Test::new()
            .line(format!(
                "ulimit -n {limit}; seq 3 | prun -j1 -k --pipe --block 1 --fifo 'cat <<>'"
            ))
            .stdout_any()
            .stderr_any()
            .any_status();
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => assert_eq!(output.stdout, lines(3).as_bytes(), "{limit}: {said}"),
            status => {
                assert_eq!(status, Some(255), "{limit}: {said}");
                assert!(said.contains("Too many open files"), "{limit}: {said}");
            }
        }
    }
}

#[test]
fn as_many_jobs_run_at_once_as_descriptors_allow() {
    let said = "prun: warning: running 6 at once instead of 100 jobs: only 64 files can be open\n\
         hint: ulimit -n 460\n";
    let run = |start, at_once| {
        let line =
            format!("ulimit -n 64; seq 40 | prun -j100 -k 'probe meet . {at_once}; (echo <>)'");
        Test::new().env("PRUN_START", start).line(line)
    };
    run("fast", 6).stdout(lines(40)).stderr(said).success();
    // For a moment, each start takes some more.
    let output = run("portable", 3)
        .stdout(lines(40))
        .stderr_has(said)
        .success();
    let more = String::from_utf8_lossy(&output.stderr[said.len()..]);
    assert!(more.matches("warning").count() <= 1, "{more}");
}

/// Memory of prun while so many jobs run: a build for tests takes half as much again for each
/// as a release build, which has 5 000 of them run in less than 150 MiB.
#[test]
fn many_jobs_at_once_take_little_memory() {
    let count = if is_full() { 5000 } else { 400 };
    let child = Test::new()
        .file("values", lines(count))
        .line(format!(
            "mkfifo gate; : >ready; exec 7<gate
             exec prun -j{count} --events events 'exec cat <&7; : <>' <values"
        ))
        .limit(Duration::from_secs(300))
        .start();
    child.wait_for_file("ready");
    // The jobs read until this is dropped.
    let gate = File::options().write(true).open(child.path("gate"));
    let gate = gate.expect("it is ours");
    let started = || {
        let events = fs::read_to_string(child.path("events")).unwrap_or_default();
        events.matches("\"event\":\"started\"").count()
    };
    let patience = Instant::now() + Duration::from_secs(200);
    while started() < count && Instant::now() < patience {
        sleep(Duration::from_millis(20));
    }
    let status = format!("/proc/{}/status", child.pid().as_raw_nonzero());
    let status = fs::read_to_string(status).expect("prun runs");
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let most = most.and_then(|most| most.trim().strip_suffix(" kB"));
    let most: usize = most.and_then(|most| most.parse().ok()).expect("it is told");
    assert_eq!(started(), count);
    drop(gate);
    child.success();
    assert!(most < (20 << 10) + 40 * count, "{most} KiB");
}

#[test]
fn the_soft_limit_is_raised_for_prun_and_not_for_jobs() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line("ulimit -Sn 64; seq 40 | prun -j40 'probe meet . 40; ulimit -Sn; : <>' | uniq")
            .stdout("64\n")
            .success();
    }
}

#[test]
fn a_job_without_descriptors_waits_for_room() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    for start in STARTS {
        let output = with_injected("pipe2:error=EMFILE:when=5..8", "-j4 -k echo ::: $(seq 40)")
            .env("PRUN_START", start)
            .stdout(lines(40))
            .stderr_any()
            .success();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.matches("fewer jobs").count() <= 1, "{said}");
    }
}

#[test]
fn a_job_without_a_process_waits_for_room() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    for start in STARTS {
        for error in ["EAGAIN", "ENOMEM"] {
            // The first ones are prun's own threads, without which there is nothing.
            let calls = format!("clone,clone3,fork,vfork:error={error}:when=6..9");
            let output = with_injected(&calls, "-j4 -k echo ::: $(seq 40)")
                .env("PRUN_START", start)
                .stdout(lines(40))
                .stderr_any()
                .success();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.matches("fewer jobs").count() <= 1, "{said}");
        }
    }
}

#[test]
fn a_later_step_of_a_job_waits_for_room() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    let steps = ["expr <> + 0"; 12].join("; ");
    for start in STARTS {
        for (calls, error) in [("clone,clone3,fork,vfork", "EAGAIN"), ("pipe2", "EMFILE")] {
            let calls = format!("{calls}:error={error}:when=6..9");
            let args = format!("'{steps} | expr <> + 0' ::: 1");
            let output = with_injected(&calls, &args)
                .env("PRUN_START", start)
                .stdout("1\n".repeat(12))
                .stderr_any()
                .success();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(said.matches("fewer jobs").count() <= 1, "{said}");
        }
    }
}

#[test]
fn a_slow_start_of_one_job_is_not_a_leak_of_another() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    for start in STARTS {
        // Until it executes its program, a new process has copies of all descriptors: the
        // second one has those of the first, and is not started before the first has ended.
        with_injected(
            "execve:delay_enter=500000",
            "-j2 -k --delay .4 echo ::: 1 2",
        )
        .env("PRUN_START", start)
        .stdout("1\n2\n")
        .success();
    }
}

#[test]
fn a_user_with_few_processes_gets_all_jobs_run() {
    let prun = env!("CARGO_BIN_EXE_prun");
    // A user of its own: the limit counts all processes of a user.
    let Some(nobody) = other_user(100_000) else {
        skip!("setpriv is not installed or not permitted");
    };
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line(format!(
                "cd /; exec {nobody} bash -c 'ulimit -u 14
             exec {prun} -j20 -v sleep ::: $(yes .05 | head -30)'"
            ))
            .stdout("sleep .05\n".repeat(30))
            .stderr_any()
            .success();
        // Room for one and a half pipelines beside prun's threads and its guard: more jobs could
        // each wait for the process that another one has.
        Test::new()
            .env("PRUN_START", start)
            .line(format!(
                "cd /; exec {nobody} bash -c 'ulimit -u 10
             exec {prun} -j2 \"sleep .0<>; echo x | cat\" ::: $(yes 5 | head -30)'"
            ))
            .stdout("x\n".repeat(30))
            .stderr_any()
            .success();
        // As many jobs as there is room for, each of which needs a second process.
        Test::new()
            .env("PRUN_START", start)
            .line(format!(
                "cd /; exec {nobody} bash -c 'ulimit -u 16
             exec {prun} -j0 \"sleep .0<>; echo x | cat\" ::: $(yes 5 | head -30)'"
            ))
            .stdout("x\n".repeat(30))
            .stderr_any()
            .success();
    }
}

#[test]
fn a_fork_bomb_is_ended_by_its_time_limit() {
    let prun = env!("CARGO_BIN_EXE_prun");
    // A user of its own: the limit counts all processes of a user.
    let Some(nobody) = other_user(300_000) else {
        skip!("setpriv is not installed or not permitted");
    };
    let bomb = "b() { b | b & }; b; while :; do :; done; : <>";
    Test::new()
        .line(format!(
            "cd /; exec {nobody} bash -c 'ulimit -u 50
             {prun} --quiet --timeout .3 --termseq KILL \"{bomb}\" ::: 1; echo $?'"
        ))
        .stdout("1\n")
        .stderr_any()
        .success();
}

#[test]
fn a_mask_that_takes_all_permissions_away_keeps_no_output_from_waiting() {
    let prun = env!("CARGO_BIN_EXE_prun");
    // To root, permissions mean nothing.
    let Some(nobody) = other_user(400_000) else {
        skip!("setpriv is not installed or not permitted");
    };
    for order in ["", "-k"] {
        Test::new()
            .line(format!(
                "cd /; exec {nobody} bash -c 'umask 777; export TMPDIR=/tmp
                 {prun} {order} -j2 \"head -c 3000000 /dev/zero; : <>\" ::: 1 2 | wc -c
                 echo ${{PIPESTATUS[0]}}'"
            ))
            .stdout("6000000\n0\n")
            .success();
    }
}

#[test]
fn jobs_that_must_run_at_once_say_that_processes_are_short() {
    let prun = env!("CARGO_BIN_EXE_prun");
    // A user of its own: the limit counts all processes of a user.
    let Some(nobody) = other_user(200_000) else {
        skip!("setpriv is not installed or not permitted");
    };
    for (mode, values) in [
        ("--tee", "::: {1..20}"),
        ("--round-robin -k -j20 --block 100k", ""),
        ("--shard 1 -j20", ""),
        ("--bin 1 -j20", ""),
    ] {
        for job in ["cat", "cat | cat"] {
            let line = format!(
                "exec {nobody} bash -c \"cd /; ulimit -u 20; {prun} --pipe --quiet {mode} '{job} >/dev/null; : <>' {values} <$PWD/input\""
            );
            let test = Test::new().file("input", pattern(8_000_000)).line(line);
            test.stderr("prun: cannot run all 20 jobs at once: Resource temporarily unavailable\nhint: ulimit -n and ulimit -u show the limits\n")
                .status(255);
        }
    }
    // Here others take the blocks of those that wait.
    let line = format!(
        "exec {nobody} bash -c \"cd /; ulimit -u 20; {prun} --pipe --quiet --round-robin -j20 'wc -c' <$PWD/input\" | paste -sd+ | bc"
    );
    let test = Test::new().file("input", pattern(8_000_000)).line(line);
    test.stdout("8000000\n").stderr_any().success();
}

#[test]
fn statuses_are_right_without_pidfds() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    for error in ["ENOSYS", "EPERM"] {
        // The other start gets a pidfd with the process.
        with_injected(
            &format!("pidfd_open:error={error}"),
            "--quiet -j2 -k 'echo <>; exit <>' ::: 0 3 0 4",
        )
        .env("PRUN_START", "portable")
        .stdout("0\n3\n0\n4\n")
        .status(2);
        with_injected(
            &format!("pidfd_open:error={error}"),
            "--quiet --timeout .3 'echo <>; sleep 60' ::: 1",
        )
        .env("PRUN_START", "portable")
        .stdout("1\n")
        .status(1);
    }
}

#[test]
fn as_process_1_prun_reaps_what_jobs_leave() {
    if !works("unshare -pf --mount-proc true") {
        skip!("unshare is not installed or not permitted");
    }
    for start in STARTS {
        let job = "(sh -c \"exec >&- 2>&-; : >gone\" &); probe await gone; \
        while grep -qs \") Z 1 \" /proc/[0-9]*/stat; do sleep .01; done; echo clean <>";
        Test::new()
            .env("PRUN_START", start)
            .line(format!("exec unshare -pf --mount-proc prun '{job}' ::: 1"))
            .stdout("clean 1\n")
            .success();
    }
}

#[test]
fn as_process_1_prun_ends_by_a_signal_as_far_as_it_can() {
    if !works("unshare -pf --mount-proc true") {
        skip!("unshare is not installed or not permitted");
    }
    Test::new()
        .line("exec unshare -pf --mount-proc prun -j1 'kill -TERM 1; sleep 60; : <>' ::: 1 2")
        .stderr(interrupted("SIGTERM", 1, "1 not started"))
        .status(143);
}

#[test]
fn a_small_address_space_is_enough() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line("ulimit -v 100000; prun echo ::: 1 2")
            .stdout_lines_any_order(&["1", "2"])
            .success();
    }
}

#[test]
fn a_job_that_runs_out_of_memory_is_one_failed_job() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line(
                "prun --quiet -k 'ulimit -v 20000; head -c 1 /dev/zero | tail -c 99M >/dev/null
             [ <> != 2 ] || kill -9 $$; echo <>' ::: 1 2 3",
            )
            .stdout("1\n3\n")
            .stderr_any()
            .status(1);
    }
}

#[test]
fn jobs_have_the_descriptors_that_prun_was_given_and_no_others() {
    for start in STARTS {
        let output = Test::new()
            .env("PRUN_START", start)
            .line("exec 7<.; probe fds >given; exec prun -j8 -k 'V=<> probe fds' ::: {1..40}")
            .stdout_any()
            .success();
        let given = fs::read_to_string(output.path("given")).expect("it was written");
        let given: String = given.split_inclusive('\n').skip(3).collect();
        assert!(given.contains("7 /"), "{given}");
        let open = String::from_utf8(output.stdout).expect("it is text");
        let jobs: Vec<&str> = open.split("0 /dev/null\n1 pipe:[").collect();
        assert_eq!((jobs.len(), jobs[0]), (41, ""), "{open}");
        for job in &jobs[1..] {
            let (_, rest) = job.split_once("]\n2 pipe:[").expect("stderr is a pipe");
            let (_, rest) = rest.split_once("]\n").expect("it has a number");
            assert_eq!(rest, given);
        }
    }
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line("ulimit -f 8; prun -k 'head -c 90000 /dev/zero; : <>' ::: 1 2 >out; echo $?")
            .stdout("255\n")
            .stderr("prun: cannot write standard output: File too large\n")
            .success();
    }
}

#[test]
fn output_that_may_not_wait_in_files_is_printed_all_the_same() {
    for order in ["", "-k"] {
        Test::new()
            .line(format!(
                "ulimit -f 8; prun -j3 {order} 'head -c 700000 /dev/zero; : <>' ::: 1 2 3 | wc -c
                 echo ${{PIPESTATUS[0]}}"
            ))
            .stdout("2100000\n0\n")
            .success();
    }
}

#[test]
fn jobs_meet_limits_as_without_prun() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line("ulimit -f 8; prun 'head -c 90000 /dev/zero >out.<>' ::: 1")
            .stderr_has("job 1: killed by SIGXFSZ: ")
            .status(1);
        Test::new()
            .env("PRUN_START", start)
            .line("trap '' XFSZ; ulimit -f 8; prun 'head -c 90000 /dev/zero >out.<>' ::: 1")
            .stderr_has("File too large\n")
            .status(1);
        Test::new()
            .env("PRUN_START", start)
            .line("ulimit -f 8; prun '@cat big big >out.<>' ::: 1")
            .file("big", [b'x'; 8000])
            .stderr_has("File too large\n")
            .status(1);
    }
}

#[test]
fn a_limit_on_cpu_time_ends_the_jobs_with_prun() {
    let child = Test::new()
        .args([": >up; sleep 60; : <>", ":::", "1"])
        .start();
    child.wait_for_file("up");
    child.signal(Signal::XCPU);
    child
        .stderr(
            "prun: the CPU time is used up\n\
             hint: ulimit -t shows the limit\n",
        )
        .status(255);
}

/// Process numbers come round within a run; a signal that is meant for a job that is
/// gone must not reach whoever has its number now.
#[test]
fn no_signal_reaches_a_process_that_got_the_number_of_a_job() {
    // Only in kernels since 6.14 is the limit that of the namespace.
    let own_limit = "unshare -pf --mount-proc bash -c 'echo 400 >/proc/sys/kernel/pid_max' && \
         test $(cat /proc/sys/kernel/pid_max) != 400";
    if !kernel_is_at_least(6, 14) || !works(own_limit) {
        skip!("a process namespace has no limit of its own here");
    }
    for start in STARTS {
        let script = "echo 400 >/proc/sys/kernel/pid_max; sleep 60 & decoy=$!; \
         seq 800 | prun --quiet -j8 --timeout .05 \"test \\$((<> % 40)) != 0 || sleep 60\"; \
         test $? -ge 20; echo $?; kill -0 $decoy && echo unharmed; kill $decoy";
        Test::new()
            .env("PRUN_START", start)
            .file("script", script)
            .line("exec unshare -pf --mount-proc bash script")
            // On a busy machine, the others may be too slow as well.
            .stdout("0\nunharmed\n")
            .success();
    }
}

fn kernel_is_at_least(major: u32, minor: u32) -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (major, minor)
}

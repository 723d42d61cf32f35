//! The job log where something goes wrong: the disk, another run, a killed run, the clock.

use std::fs;

use crate::support::{Output, Test, ends, needed, records};

/// Number of calls of a trace, of those that reached the system.
#[track_caller]
fn syncs(output: &Output) -> usize {
    let trace = fs::read_to_string(output.path("trace")).expect("strace wrote it");
    trace.matches("fdatasync(").count()
}

/// Runs `prun ARGS` under strace, which sees its calls of fdatasync.
fn traced(args: &str) -> Test {
    Test::new().line(format!(
        "mkfifo pipe; cat pipe >copy & strace -f -qq -o trace -e trace=fdatasync prun {args}
         status=$?; kill %1 2>&-; exit $status"
    ))
}

#[test]
fn the_log_is_on_the_disk_when_it_has_to_be() {
    needed!("strace");
    for (options, count) in [
        ("--joblog log", 1),
        ("--joblog log --joblog-sync end", 1),
        ("--joblog log --joblog-sync each", 3),
        ("--joblog log --joblog-sync 0", 3),
        ("--joblog log --joblog-sync 1h", 1),
        ("--joblog log --joblog-sync never", 0),
        ("--joblog /dev/null --joblog-sync each", 0),
        ("--joblog pipe --joblog-sync each", 0),
        ("--joblog - --results out", 0),
        ("--events log", 0),
        ("", 0),
    ] {
        let output = traced(&format!("{options} true ::: a b c"))
            .stdout_any()
            .success();
        assert_eq!(syncs(&output), count, "{options}");
    }
    // A run that is stopped has a log, too.
    let output = traced("--quiet -j1 --halt now,fail=1 --joblog log false ::: a b c").status(1);
    assert_eq!(syncs(&output), 1);
}

#[test]
fn a_record_is_on_the_disk_while_the_run_goes_on() {
    needed!("strace");
    for sync in ["each", "10ms"] {
        let output = traced(&format!(
            "-j1 --joblog log --joblog-sync {sync} \
             'test <> = a || until grep -q fdatasync trace; do sleep .01; done' ::: a b"
        ))
        .success();
        assert!(syncs(&output) >= 2);
    }
}

#[test]
fn a_log_that_the_disk_does_not_take_is_an_error() {
    needed!("strace");
    let inject = |error: &str, args: &str| {
        Test::new().line(format!(
            "strace -f -qq -o trace -e trace=fdatasync -e inject=fdatasync:error={error} prun {args}"
        ))
    };
    for sync in ["each", "1h", "end"] {
        inject(
            "EIO",
            &format!("--joblog log --joblog-sync {sync} true ::: a"),
        )
        .stderr("prun: cannot write the job log 'log': Input/output error\n")
        .status(255);
    }
    let output = inject(
        "EIO",
        "--joblog log --events events --summary=json true ::: a",
    )
    .stderr_has("prun: cannot write the job log 'log': Input/output error\n")
    .status(255);
    let events = fs::read_to_string(output.path("events")).expect("there are some");
    let ended = events.lines().last().unwrap_or_default();
    assert!(
        ended.contains("\"complete\":false") && ended.contains("Input/output error"),
        "{ended}"
    );
    // A file system that cannot do it.
    for error in ["EINVAL", "ENOSYS", "EOPNOTSUPP"] {
        inject(error, "--joblog log --joblog-sync each true ::: a").success();
    }
}

#[test]
fn when_the_disk_has_it_needs_a_log() {
    for (args, stderr) in [
        (
            "--joblog-sync each",
            "prun: --joblog-sync needs --joblog\nhint: --joblog FILE writes a job log\n",
        ),
        (
            "--joblog-sync each --joblog -",
            "prun: --joblog-sync and --joblog - cannot go together: standard output may be no file\n\
             hint: give the job log the name of a file\n",
        ),
        (
            "--joblog-sync often --joblog log",
            "prun: 'often' does not say when to write to the disk\n\
             hint: --joblog-sync takes each, end, never or a time such as 1s\n",
        ),
    ] {
        Test::new()
            .line(format!("prun {args} echo ::: a; echo $?; ls"))
            .stdout("255\n")
            .stderr(stderr)
            .success();
    }
}

#[test]
fn a_log_in_use_is_left_alone_by_every_way_to_write_it() {
    for second in [
        "--joblog log echo ::: b",
        "--joblog +log echo ::: b",
        "--joblog log --resume echo ::: b",
        "--joblog log --resume-failed echo ::: b",
        "--joblog log --retry-failed",
        "--gnu --joblog log echo ::: b",
        "--gnu --joblog log --resume echo ::: b",
    ] {
        let output = Test::new()
            .line(format!(
                "prun -j2 --joblog log 'test <> != 100 || {{ touch runs; probe await go; }}' ::: {{1..200}} &
                 probe await runs; prun {second}; echo status $?; touch go; wait"
            ))
            .stdout("status 255\n")
            .stderr(
                "prun: the job log 'log' is in use by another run\n\
                 hint: give each run a log of its own\n",
            )
            .success();
        let expected: Vec<String> = (1..=200).map(|seq| format!("{seq} 0 0")).collect();
        assert_eq!(ends(&output.path("log")), expected, "{second}");
    }
}

#[test]
fn several_runs_may_write_to_what_is_no_file() {
    Test::new()
        .line(
            "prun --joblog /dev/null 'touch runs; probe await go; echo <>' ::: a &
             probe await runs; prun --joblog /dev/null echo ::: b; touch go; wait",
        )
        .stdout("b\na\n")
        .success();
}

#[test]
fn a_killed_run_has_recorded_no_job_whose_output_was_not_taken() {
    // Two outputs fit in what is read and in the pipe, and the third one has to wait.
    let job = "head -c 100000 /dev/zero | tr '\\0' <>; touch ran.<>";
    for mode in ["-k", "--group", "-k --line-buffer"] {
        let output = Test::new()
            .line(format!(
                "mkfifo out; {{ head -c 150000; probe await killed; cat; }} <out >got &
                 prun -j2 {mode} --joblog log \"{job}\" ::: {{1..9}} >out & run=$!
                 probe await ran.3; until grep -q . got && test $(wc -l <log) -gt 1; do sleep .01; done
                 kill -9 $run; wait $run; touch killed; wait %1
                 cp log before; prun -k --quiet --joblog log --resume \"{job}\" ::: {{1..9}} >rest"
            ))
            .stderr_any()
            .success();
        let (got, rest) = (fs::read(output.path("got")), fs::read(output.path("rest")));
        let (got, rest) = (got.expect("it was read"), rest.expect("it was printed"));
        let recorded = records(&output.path("before"));
        assert!(!recorded.is_empty());
        for seq in 1..=9 {
            let count = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'0' + seq).count();
            let is_recorded = recorded.iter().any(|fields| fields[0] == seq.to_string());
            if is_recorded {
                assert_eq!((count(&got), count(&rest)), (100_000, 0), "{mode} {seq}");
            } else {
                assert_eq!(count(&rest), 100_000, "{mode} {seq}");
            }
        }
    }
}

#[test]
fn times_do_not_go_wrong_when_the_clock_is_set_back() {
    needed!("cc");
    // Each time that prun asks for the time of day, it is an hour earlier.
    const CLOCK: &str = "
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *time) {
    static long hours;
    long result = syscall(SYS_clock_gettime, clock, time);
    if (clock == CLOCK_REALTIME) time->tv_sec -= 3600 * ++hours;
    return result;
}
";
    let output = Test::new()
        .file("clock.c", CLOCK)
        .line(
            "cc -shared -fPIC -o clock.so clock.c && export LD_PRELOAD=$PWD/clock.so &&
             prun -j1 --timeout 8 --delay 1ms --joblog log --events events true ::: a b c",
        )
        .success();
    let records = records(&output.path("log"));
    let number = |field: &str| field.trim().parse::<f64>().expect("a number");
    let starts: Vec<f64> = records.iter().map(|fields| number(&fields[2])).collect();
    assert_eq!(starts.len(), 3);
    assert!(
        starts.windows(2).all(|two| two[0] - two[1] > 3000.0),
        "the clock goes on: {starts:?}"
    );
    for fields in &records {
        assert!((0.0..8.0).contains(&number(&fields[3])), "{fields:?}");
        assert_eq!([&fields[6], &fields[7]], ["0", "0"]);
    }
    let events = fs::read_to_string(output.path("events")).expect("there are some");
    for line in events.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        for key in ["runtime", "elapsed"] {
            let time = event.get(key).and_then(serde_json::Value::as_f64);
            assert!(time.is_none_or(|time| (0.0..8.0).contains(&time)), "{line}");
        }
    }
}

#[test]
fn a_log_that_is_cut_anywhere_is_gone_on_with() {
    let whole = "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n\
                 1\t:\t1.000\t     0.001\t0\t0\t3\t0\ttest a\n\
                 2\t:\t1.000\t     0.001\t0\t0\t0\t0\ttest 'b c'\n";
    let header = whole.find('\n').map_or(0, |at| at + 1);
    let first = whole[header..].find('\n').map_or(0, |at| header + at);
    // The whole log is tried at each byte in `log::resume`; here, around what matters.
    let borders = [0, 1, header - 1, header, header + 1, first, first + 1];
    for length in borders.into_iter().chain([whole.len() - 1, whole.len()]) {
        for option in ["--resume", "--resume-failed", "--gnu --resume"] {
            let output = Test::new()
                .file("log", &whole[..length])
                .line(format!(
                    "prun -j1 {option} --joblog log test ::: a 'b c' d; cp log once
                     prun -j1 {option} --joblog log test ::: a 'b c' d; cmp log once"
                ))
                .success();
            let mut seqs: Vec<String> = records(&output.path("log"))
                .iter()
                .map(|fields| fields[0].clone())
                .collect();
            seqs.sort();
            seqs.dedup();
            assert_eq!(seqs, ["1", "2", "3"], "{option} {length}");
        }
    }
}

#[test]
fn the_last_attempt_is_recorded_and_printed() {
    let output = Test::new()
        .args(["-j1", "--quiet", "--retries", "3", "--joblog", "log"])
        .args([
            "echo x >>tries; wc -l <tries; exit $(wc -l <tries); : <>",
            ":::",
            "a",
        ])
        .stdout("3\n")
        .status(1);
    let records = records(&output.path("log"));
    assert_eq!(records.len(), 1);
    assert_eq!([&records[0][5], &records[0][6]], ["2", "3"]);
}

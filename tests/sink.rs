//! Output that cannot be delivered, readers that are slow or gone, and how much memory
//! and disk is used meanwhile.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Output, Test, needed, pattern, skip};

/// More than a job keeps in memory.
const LARGE: usize = 3_000_000;

/// Memory that a run may take, however much output goes through it.
const MEMORY: u64 = 64 << 10;

/// True if file systems can be mounted in a name space of their own.
fn can_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["-m", "sh", "-c", "mount -t tmpfs none /mnt"]);
    unshare.stderr(Stdio::null());
    unshare.status().is_ok_and(|status| status.success())
}

/// Runs a line of bash with a file system of so many KiB at `d`.
fn with_small_disk(size: u32, line: &str) -> Test {
    Test::new().file("line", line).line(format!(
        "mkdir d; exec unshare -m bash -c 'mount -t tmpfs -o size={size}k none d && . ./line'"
    ))
}

/// Has run under `time -f %M -o rss`.
#[track_caller]
fn took_little_memory(output: &Output) {
    let text = fs::read_to_string(output.path("rss")).expect("time wrote it");
    let last = text.lines().last().unwrap_or_default();
    let kilobytes: u64 = last.parse().expect("a number");
    assert!(kilobytes <= MEMORY, "{kilobytes} KiB");
}

#[test]
fn a_full_disk_is_an_error() {
    for mode in ["--group", "-k", "--lb"] {
        let line = format!("prun -j1 {mode} --joblog log echo ::: 1 2 3 >/dev/full");
        let output = Test::new()
            .line(line)
            .stderr("prun: cannot write standard output: No space left on device\n")
            .status(255);
        let log = fs::read_to_string(output.path("log")).expect("there is one");
        assert_eq!(log.lines().count(), 1, "no job is recorded as done");
    }
    // The job itself writes nothing.
    Test::new()
        .line("prun -u -v true ::: 1 >/dev/full")
        .stderr("prun: cannot write standard output: No space left on device\n")
        .status(255);
    Test::new()
        .line("prun --dry-run echo ::: 1 >/dev/full")
        .stderr("prun: cannot write standard output: No space left on device\n")
        .status(255);
}

#[test]
fn a_full_disk_fails_a_job_that_prints_where_prun_does() {
    for command in ["cat <>", "@cat <>"] {
        let name = command.split(' ').next().unwrap_or_default();
        let said = match name {
            "cat" => "cat: write error: No space left on device\n",
            _ => "@cat: cannot write: No space left on device\n",
        };
        Test::new()
            .file("f", "text\n")
            .line(format!("prun --quiet -u '{command}' ::: f >/dev/full"))
            .stderr(said)
            .status(1);
    }
}

#[test]
fn a_disk_that_fills_up_on_the_way_is_an_error() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let line = "prun -j1 --joblog log 'head -c <> /dev/zero' ::: 50000 50001 50002 >d/out
         echo status $?; wc -c <d/out; cut -f1,9 log";
    with_small_disk(64, line)
        .stdout("status 255\n65536\nSeq\tCommand\n1\thead -c 50000 /dev/zero\n")
        .stderr("prun: cannot write standard output: No space left on device\n")
        .success();
}

#[test]
fn a_full_standard_error_is_an_error_if_a_job_wrote_there() {
    Test::new()
        .line("prun 'echo e >&2; : <>' ::: 1 2>/dev/full; echo $?")
        .stdout("255\n")
        .success();
    // What prun itself would say is not worth the run.
    Test::new()
        .line("prun false ::: 1 2>/dev/full; echo $?")
        .stdout("1\n")
        .success();
}

#[test]
fn a_closed_standard_output_is_an_error_before_any_job() {
    let output = Test::new()
        .line("prun touch ::: ran >&-")
        .stderr("prun: standard output is closed\n")
        .status(255);
    assert!(!output.path("ran").exists());
}

#[test]
fn a_closed_standard_error_does_not_end_the_run() {
    Test::new()
        .line("prun -k 'echo <>' ::: 1 2 2>&-")
        .stdout("1\n2\n")
        .success();
    Test::new()
        .line("prun -k --quiet 'echo <>; echo e >&2' ::: 1 2 2>&-; echo $?")
        .stdout("1\n2\n255\n")
        .success();
    Test::new()
        .line("prun -k 'echo <>; cat' ::: 1 2 <&-")
        .stdout("1\n2\n")
        .success();
}

#[test]
fn a_pipe_that_does_not_block_gets_every_byte() {
    needed!("python3");
    const READER: &str = "
import os, subprocess, sys, time
r, w = os.pipe()
os.set_blocking(w, False)
prun = subprocess.Popen(['prun', *sys.argv[1:]], stdout=w)
while not os.path.exists('ran.2'):
    time.sleep(0.002)
assert not os.get_blocking(w), 'the flag was changed'
os.close(w)
total = 0
while True:
    piece = os.read(r, 1 << 16)
    if not piece:
        break
    total += len(piece)
print(total, prun.wait())
";
    for mode in ["--group", "-k", "--lb"] {
        let job = "head -c 1000000 /dev/zero; touch ran.<>";
        Test::new()
            .file("read.py", READER)
            .line(format!("python3 read.py {mode} -j2 '{job}' ::: 1 2"))
            .stdout("2000000 0\n")
            .success();
    }
}

#[test]
fn a_reader_that_has_enough_ends_the_run() {
    for mode in ["--group", "-k", "--lb", "-u"] {
        Test::new()
            .line(format!(
                "yes | prun -j2 {mode} echo | head -n2; echo ${{PIPESTATUS[*]}}"
            ))
            .stdout("y\ny\n141 141 0\n")
            .success();
    }
    Test::new()
        .line("prun -k yes ::: 1 2 | head -n1; echo ${PIPESTATUS[*]}")
        .stdout("1\n141 0\n")
        .success();
    Test::new()
        .line("seq 1000000 | prun --dry-run echo | head -n1; echo ${PIPESTATUS[*]}")
        .stdout("echo 1\n141 141 0\n")
        .success();
}

#[test]
fn a_reader_that_leaves_ends_the_run_before_anything_is_written() {
    for mode in ["--group", "-k", "--lb", "-u"] {
        Test::new()
            .line(format!(
                "prun {mode} 'touch ran; exec probe linger; : <>' ::: a | probe await ran; echo ${{PIPESTATUS[*]}}"
            ))
            .stdout("141 0\n")
            .success();
    }
}

#[test]
fn a_terminal_that_hangs_up_ends_the_run_by_that_signal() {
    needed!("python3");
    const TERMINAL: &str = "
import os, subprocess
screen, line = os.openpty()
prun = subprocess.Popen(['prun', '--lb', 'echo 1; probe await go; echo 2; : <>', ':::', 'a'], stdout=line)
os.close(line)
assert os.read(screen, 1) == b'1'
os.close(screen)
open('go', 'w').close()
print(prun.wait())
";
    Test::new()
        .file("terminal.py", TERMINAL)
        .line("python3 terminal.py")
        .stdout("-1\n")
        .stderr_any()
        .success();
}

#[test]
fn a_slow_reader_takes_no_memory() {
    needed!("time");
    let output = Test::new()
        .line(
            "env time -f %M -o rss prun -k -j2 'head -c 100000000 /dev/zero; touch ran.<>' ::: 1 2 |
             { probe await ran.1; probe await ran.2; wc -c; }",
        )
        .limit(Duration::from_secs(60))
        .stdout("200000000\n")
        .success();
    took_little_memory(&output);
}

#[test]
fn much_output_behind_a_slow_job_takes_no_memory() {
    needed!("time");
    let job = "test <> = a && { probe await b.ran; echo a; }; test <> = b && { head -c 200000000 /dev/zero; touch b.ran; }; :";
    let output = Test::new()
        .line(format!(
            "env time -f %M -o rss prun -k -j2 '{job}' ::: a b | {{ head -n1; wc -c; }}"
        ))
        .limit(Duration::from_secs(60))
        .stdout_has("a\n")
        .success();
    took_little_memory(&output);
}

#[test]
fn much_output_of_one_job_arrives_and_takes_no_memory() {
    needed!("time");
    for mode in ["--group", "-k", "--lb"] {
        let output = Test::new()
            .line(format!(
                "env time -f %M -o rss prun {mode} 'head -c 200000000 /dev/zero; : <>' ::: a | wc -c"
            ))
            .limit(Duration::from_secs(60))
            .stdout("200000000\n")
            .success();
        took_little_memory(&output);
    }
}

#[test]
fn many_outputs_behind_a_slow_job_take_no_memory() {
    needed!("time");
    let job = "test <> = 1 && probe await ran.1000; head -c 100000 /dev/zero; touch ran.<>";
    let output = Test::new()
        .line(format!(
            "seq 1000 | env time -f %M -o rss prun -k -j2 '{job}' | wc -c"
        ))
        .limit(Duration::from_secs(60))
        .stdout("100000000\n")
        .success();
    took_little_memory(&output);
}

#[test]
fn a_full_disk_for_temporary_files_costs_no_output() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let both: Vec<u8> = [pattern(LARGE), pattern(LARGE)].concat();
    for mode in ["--group", "-k"] {
        let line = format!(
            "TMPDIR=$PWD/d prun {mode} -j2 'probe meet . 2; probe write {LARGE} 0; : <>' ::: a b"
        );
        with_small_disk(64, &line)
            .stdout(&both)
            .stderr_any()
            .success();
    }
    // The second one is full before the first one begins.
    let line = format!(
        "TMPDIR=$PWD/d prun -k -j2 'test <> = b || probe await b.runs; touch <>.runs; probe write {LARGE} 0' ::: a b"
    );
    with_small_disk(64, &line)
        .stdout(&both)
        .stderr_any()
        .success();
}

/// Sizes so close together that one of them leaves the last bytes in the pipe of a job
/// that has ended, whatever prun has taken before.
fn sizes(from: usize, to: usize) -> String {
    let sizes = (from..to).step_by(20_000);
    sizes.map(|size| format!("{size}\n")).collect()
}

#[test]
fn the_last_bytes_of_a_job_wait_for_a_slow_reader() {
    for mode in ["--group", "-k", "--lb"] {
        let sizes = sizes(1_040_000, 1_150_000);
        let expected: String = sizes
            .lines()
            .map(|size| format!("{size} {size}\n"))
            .collect();
        Test::new()
            .file("sizes", &sizes)
            .line(format!(
                "for n in $(cat sizes); do
                   prun {mode} \"yes | head -c $n; touch ran.$n; : <>\" ::: a |
                     {{ probe await ran.$n; sleep .4; echo $n $(wc -c); }} &
                 done | sort -n; wait"
            ))
            .limit(Duration::from_secs(30))
            .stdout(expected)
            .success();
    }
}

#[test]
fn the_last_bytes_of_a_job_wait_for_room_on_the_disk() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let sizes = sizes(280_000, 330_000);
    let expected: String = sizes
        .lines()
        .map(|size| format!("{size} {size}\n"))
        .collect();
    let job = "test <> = a && { probe await ran.$n; sleep .4; }; test <> = b && { yes | head -c $n; touch ran.$n; }; :";
    let line = format!(
        "for n in $(cat sizes); do
           mkdir t.$n; mount -t tmpfs -o size=64k none t.$n
           echo $n $(TMPDIR=$PWD/t.$n prun -k -j2 \"{job}\" ::: a b | wc -c) &
         done | sort -n; wait"
    );
    with_small_disk(64, &line)
        .file("sizes", &sizes)
        .limit(Duration::from_secs(30))
        .stdout(expected)
        .stderr_any()
        .success();
}

#[test]
fn a_missing_directory_for_temporary_files_matters_only_when_one_is_needed() {
    Test::new()
        .env("TMPDIR", "/no/such")
        .args(["-k", "echo", ":::", "a", "b"])
        .stdout("a\nb\n")
        .success();
    let output = Test::new()
        .env("TMPDIR", "/no/such")
        .arg(format!("probe write {LARGE} 0; : <>"))
        .args([":::", "a"])
        .output();
    match output.status.code() {
        Some(0) => assert!(output.stdout == pattern(LARGE)),
        status => {
            assert_eq!(status, Some(255));
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.contains("/no/such"), "{stderr}");
        }
    }
}

#[test]
fn temporary_files_have_no_name() {
    needed!("strace");
    let job = format!("probe write {LARGE} {LARGE}; : <>");
    Test::new()
        .line(format!(
            "strace -f -qq -o trace -e trace=openat prun -j2 '{job}' ::: a b >out 2>&1
             grep -c O_TMPFILE trace >count && ! grep -F \"$TMPDIR\" trace | grep -v O_TMPFILE; ls -A $TMPDIR"
        ))
        .success();
}

#[test]
fn a_directory_for_temporary_files_that_is_read_only_costs_no_output() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let read_only = "mount -o remount,ro d; export TMPDIR=$PWD/d;";
    for order in ["", "-k"] {
        let line = format!("{read_only} prun {order} -j2 'probe write {LARGE} 0; : <>' ::: a b");
        with_small_disk(64, &line)
            .stdout([pattern(LARGE), pattern(LARGE)].concat())
            .success();
    }
    // A file with a name is what was asked for.
    with_small_disk(
        64,
        &format!("{read_only} prun --files touch ::: ran; echo $?; ls ran 2>/dev/null"),
    )
    .stdout("255\n")
    .stderr_has("/d' for temporary files: Read-only file system\n")
    .status(2);
}

#[test]
fn files_with_names_are_new_and_for_their_owner_alone() {
    needed!("strace");
    let strace =
        "umask 0; strace -ff -qq -o trace -e trace=openat,mkdir,mkdirat,mknod,mknodat prun";
    for (options, job) in [
        ("--files", "echo"),
        ("--pipe --cat", "cat"),
        ("--pipe --fifo", "cat"),
        ("--wd ...", "pwd"),
    ] {
        let values = if options.starts_with("--pipe") {
            "</dev/stdin"
        } else {
            "::: 1"
        };
        let output = Test::new()
            .stdin("text\n")
            .line(format!(
                "{strace} {options} {job} {values}; cat trace.* | grep -F \"$TMPDIR\" >made; rm -rf $TMPDIR/*"
            ))
            .stdout_any()
            .success();
        let trace = fs::read_to_string(output.path("made")).expect("grep wrote it");
        let is_made = |call: &&str| {
            !call.contains("O_TMPFILE")
                && ["O_CREAT", "mkdir", "mknod"]
                    .iter()
                    .any(|made| call.contains(made))
                && !call.contains("EEXIST")
        };
        let made: Vec<&str> = trace.lines().filter(is_made).collect();
        assert!(!made.is_empty(), "{options}: {trace}");
        for call in made {
            let is_private = [
                "O_EXCL|O_CLOEXEC, 0600)",
                "mkdir(",
                "mkdirat(",
                "S_IFIFO|0600)",
            ];
            assert!(is_private.iter().any(|how| call.contains(how)), "{call}");
            assert!(
                !call.contains("mkdir") || call.contains(", 0700)"),
                "{call}"
            );
        }
    }
}

#[test]
fn a_link_in_place_of_a_fresh_directory_is_not_followed() {
    // With exec, the number of the process is known beforehand.
    for mode in ["", "--gnu"] {
        Test::new()
            .line(format!(
                "echo 'ln -s $PWD $TMPDIR/prun-$$-1; exec prun {mode} --wd ... \"touch x; :\" ::: 1' >run
                 bash run; ls; rm -r $TMPDIR/prun-*"
            ))
            .stdout("run\n")
            .success();
    }
}

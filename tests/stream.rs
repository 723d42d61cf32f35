//! Sources that cannot be read, that make prun wait, or that never end.

use std::fs;
use std::time::Duration;

use crate::support::{Test, needed};

#[test]
fn a_file_that_cannot_be_read_is_an_error_before_any_job() {
    let unreadable = [
        ("nosuch", "No such file or directory"),
        ("dir", "Is a directory"),
        ("/proc/self/mem", "Input/output error"),
    ];
    for (file, reason) in unreadable {
        for args in [&["touch", "::::", file][..], &["-a", file, "touch"]] {
            let output = Test::new()
                .file("dir/file", "")
                .args(args)
                .stderr(format!("prun: cannot read '{file}': {reason}\n"))
                .status(255);
            assert!(!output.path("1").exists());
        }
    }
    let output = Test::new()
        .args(["touch <1>", ":::", "ran", "::::", "nosuch"])
        .stderr("prun: cannot read 'nosuch': No such file or directory\n")
        .status(255);
    assert!(!output.path("ran").exists());
    Test::new()
        .args(["echo", "::::"])
        .stderr(
            "prun: '::::' needs a file of values\n\
             hint: prun COMMAND :::: FILE reads values from FILE; prun COMMAND ::: VALUE... takes them as they are\n",
        )
        .status(255);
}

#[test]
fn a_directory_on_standard_input_is_an_error() {
    Test::new()
        .line("prun echo <.")
        .stderr_has("prun: cannot read standard input: Is a directory\n")
        .status(255);
    Test::new()
        .line("prun --gnu echo <.")
        .stderr("prun: cannot read standard input: Is a directory\n")
        .status(255);
}

#[test]
fn input_that_breaks_off_is_an_error_after_the_jobs_that_it_gave() {
    needed!("strace");
    let inject = "strace -f -o trace -P list -e trace=read -e inject=read:error=EIO:when=2+";
    Test::new()
        .file("list", "a\n".repeat(3))
        .line(format!("{inject} prun -j2 echo <list; echo status $?"))
        .stdout("a\na\na\nstatus 255\n")
        .stderr_has("\nprun: cannot read standard input: Input/output error\n")
        .success();
}

#[test]
fn input_that_does_not_block_is_waited_for() {
    needed!("python3");
    const FEEDER: &str = "
import os, subprocess, time
r, w = os.pipe()
os.set_blocking(r, False)
prun = subprocess.Popen(['prun', '-k', 'touch <>.ran; echo <>'], stdin=r)
os.write(w, b'a\\n')
while not os.path.exists('a.ran'):
    time.sleep(0.002)
os.write(w, b'b\\nc')
os.close(w)
status = prun.wait()
assert not os.get_blocking(r), 'the flag was changed'
raise SystemExit(status)
";
    Test::new()
        .file("feed.py", FEEDER)
        .line("python3 feed.py")
        .stdout("a\nb\nc\n")
        .success();
}

#[test]
fn endless_input_is_read_only_a_little_ahead() {
    // The file's position is shared with prun: it tells how much was read.
    let output = Test::new()
        .line(
            "yes | head -c 40000000 >big; exec 3<big
             prun -j2 --halt now,done=100 true <&3; grep pos: /proc/self/fdinfo/3 >pos",
        )
        .stderr_any()
        .success();
    let text = fs::read_to_string(output.path("pos")).expect("grep wrote it");
    let pos: u64 = text["pos:".len()..].trim().parse().expect("a number");
    assert!((200..=1 << 20).contains(&pos), "{pos} bytes were read");

    Test::new()
        .line("yes | prun -j2 --halt soon,done=50 true; echo ${PIPESTATUS[*]}")
        .stdout("141 0\n")
        .stderr_any()
        .success();
}

#[test]
fn a_million_inputs_take_no_more_memory_than_a_few() {
    needed!("time");
    let output = Test::new()
        .line("seq 1000000 | env time -f %M -o rss prun --dry-run echo >out; tail -n1 out; wc -l <out")
        .limit(Duration::from_secs(120))
        .stdout("echo 1000000\n1000000\n")
        .success();
    let text = fs::read_to_string(output.path("rss")).expect("time wrote it");
    let kilobytes: u64 = text.trim().parse().expect("a number");
    assert!(kilobytes <= 16 << 10, "{kilobytes} KiB");
}

//! `--cgroup`, and limits of jobs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::Pid;

use crate::support::{STARTS, Signal, Test, check_gone, failed, needed, skip};

/// `sh hide NAME COMMAND...` starts a process that has nothing of its job but the control
/// group, and whose number is in the file NAME when it returns.
const HIDE: &str = "\
    env -i setsid sh -c 'echo $$ >$0.new; mv $0.new $0; exec sleep 60' $1 >/dev/null 2>&1 &
    probe await $1
    shift
    \"$@\"
";

/// Directories of control groups of version 2 and 1.
fn mounted() -> Vec<PathBuf> {
    let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
    let kinds = ["cgroup2", "cgroup"];
    let of_kind = kinds.iter().flat_map(|kind| {
        let lines = mounts
            .lines()
            .map(|line| line.split(' ').collect::<Vec<_>>());
        lines
            .filter(|fields| fields[2] == *kind)
            .map(|fields| PathBuf::from(fields[1]))
            .collect::<Vec<_>>()
    });
    of_kind.collect()
}

/// Directory of the group of this process in the hierarchy of version 2, if it may have groups
/// in it.
fn own_group() -> Option<PathBuf> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let group = mounted().first()?.join(path);
    let trial = group.join(format!("trial-{}", process::id()));
    let is_allowed = group.join("cgroup.procs").exists() && fs::create_dir(&trial).is_ok();
    let _ = fs::remove_dir(trial);
    is_allowed.then_some(group)
}

/// Leaves the test where control groups cannot be had.
macro_rules! needs_groups {
    () => {
        if own_group().is_none() {
            skip!("control groups are not mounted or not permitted");
        }
    };
}

/// Groups that a prun has left, in any hierarchy.
fn left_groups(prun: Pid) -> Vec<PathBuf> {
    let name = format!("prun-{}.", prun.as_raw_nonzero());
    let mut found = Vec::new();
    for mount in mounted() {
        find(&mount, &name, &mut found);
    }
    found
}

fn find(directory: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory && entry.file_name().to_string_lossy().starts_with(name) {
            found.push(entry.path());
        } else if is_directory {
            find(&entry.path(), name, found);
        }
    }
}

fn test() -> Test {
    Test::new().file("hide", HIDE)
}

#[test]
fn a_job_that_needs_too_much_memory_is_killed_and_told() {
    needs_groups!();
    for start in STARTS {
        test()
            .env("PRUN_START", start)
            .args(["-k", "--job-mem", "20M", ":::", "echo 1"])
            .arg("tail -n1 /dev/zero; exit 5")
            .arg("(tail -n1 /dev/zero) | cat; echo 3")
            .arg("exec tail -n1 /dev/zero")
            .stdout("1\n3\n")
            .stderr_has(failed(
                "3 of 4",
                &[
                    "2: exit 5: out of memory (--job-mem 20M): tail -n1 /dev/zero; exit 5",
                    "3: killed by SIGKILL: out of memory (--job-mem 20M): \
                     (tail -n1 /dev/zero) | cat; echo 3",
                    "4: killed by SIGKILL: out of memory (--job-mem 20M): exec tail -n1 /dev/zero",
                ],
            ))
            .status(3);
    }
}

/// What a built-in has gathered is kept only of the attempt that has lost no process.
#[test]
fn a_job_that_lost_a_process_adds_nothing_to_the_result_of_all() {
    needs_groups!();
    let job = "sh job <> | @sort";
    test()
        .file(
            "job",
            "[ -e tried.$1 ] || { : >tried.$1; (tail -n1 /dev/zero); }; echo $1\n",
        )
        .args(["--job-mem", "20M", "--retries", "2", job, ":::", "b", "a"])
        .stdout("a\nb\n")
        .stderr_any()
        .success();
}

#[test]
fn a_job_has_as_many_processes_and_cpus_as_it_may() {
    needs_groups!();
    let quota = "for group in $(sed -n 's/^[0-9]*:\\(cpu.*\\)*://p' /proc/self/cgroup); do
        cat /sys/fs/cgroup/cpu$group/cpu.cfs_quota_us /sys/fs/cgroup$group/cpu.max
        done 2>/dev/null; true";
    test()
        .args(["--job-cpus", "1.5", quota])
        .args([":::", "1"])
        .stdout_has("150000")
        .success();
    let child = test()
        .args(["--shell", "sh", "--job-pids", "3"])
        .args([
            "sleep 60 & sleep 60 & sleep 60 & sleep 60 & echo no; : <>",
            ":::",
            "1",
        ])
        .start();
    let prun = child.pid();
    child.stderr_has("annot fork").status(1);
    assert_eq!(left_groups(prun), [""; 0].map(PathBuf::from));
}

#[test]
fn nothing_of_a_job_outlives_it() {
    needs_groups!();
    needed!("setsid");
    for start in STARTS {
        let child = test()
            .env("PRUN_START", start)
            .args(["--cgroup", "-j2", ":::"])
            .args([
                "sh hide a true",
                "sh hide b true | cat",
                "sh hide c sh hide d exit",
            ])
            .start();
        let prun = child.pid();
        let output = child.success();
        for file in ["a", "b", "c", "d"] {
            check_gone(output.path(file));
        }
        assert_eq!(left_groups(prun), [""; 0].map(PathBuf::from));
    }
}

#[test]
fn a_time_limit_ends_all_of_a_job() {
    needs_groups!();
    needed!("setsid");
    let output = test()
        .args(["--cgroup", "--quiet", "--timeout", "3"])
        .args(["sh hide <> sleep 60; :", ":::", "a"])
        .status(1);
    check_gone(output.path("a"));
}

#[test]
fn all_of_a_job_dies_with_prun() {
    needs_groups!();
    needed!("setsid");
    let child = test()
        .args([
            "--cgroup",
            "-j2",
            "sh hide <>.a sh hide <>.b sleep 60; :",
            ":::",
            "1",
            "2",
        ])
        .start();
    let prun = child.pid();
    child.wait_for_file("1.b");
    child.wait_for_file("2.b");
    child.signal(Signal::KILL);
    let output = child.signaled(Signal::KILL);
    for file in ["1.a", "1.b", "2.a", "2.b"] {
        check_gone(output.path(file));
    }
    let patience = Instant::now() + Duration::from_secs(5);
    while !left_groups(prun).is_empty() {
        assert!(Instant::now() < patience, "{:?}", left_groups(prun));
        sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_run_that_may_not_make_groups_says_where() {
    needs_groups!();
    needed!("setpriv");
    Test::new()
        .line("exec setpriv --reuid=65534 --clear-groups prun --cgroup 'touch ran <>' ::: 1")
        .stderr_has("prun: cannot make a control group in '/sys/fs/cgroup")
        .stderr_has(": Permission denied\nhint: systemd-run --user --scope -p Delegate=yes prun ")
        .status(255);
}

#[test]
fn a_built_in_alone_has_no_group() {
    for option in ["--cgroup", "--job-mem=1G", "--job-cpus=1", "--job-pids=9"] {
        Test::new()
            .args([option, "@sha256", ":::", "1"])
            .stderr(
                "prun: control groups cannot be had for a command that runs inside prun\n\
                 hint: leave out --cgroup, --job-mem, --job-cpus and --job-pids\n",
            )
            .status(255);
    }
}

#[test]
fn memory_in_which_no_process_starts_is_refused() {
    for (typed, size) in [("0", "0"), ("100K", "100K")] {
        Test::new()
            .args(["--job-mem", typed, "echo", ":::", "1"])
            .stderr(format!(
                "prun: --job-mem {size} is too little: no process can be started in it\n\
                 hint: --job-mem 100M\n"
            ))
            .status(255);
    }
}

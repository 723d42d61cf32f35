//! Tests that need a process of their own: they count its descriptors and children, or
//! change it as other tests would notice.

use std::env;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::*;

/// Runs a test once more as the only one of a process: true in there.
fn is_alone(test: &str) -> bool {
    const ALONE: &str = "PRUN_TEST_ALONE";
    if env::var_os(ALONE).is_some() {
        return true;
    }
    let output = Command::new(env::current_exe().unwrap())
        .args([&format!("os::child::tests::alone::{test}"), "--exact"])
        .args(["--nocapture", "--test-threads=1"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let (out, err) = (output.stdout, String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8_lossy(&out);
    let passed = out.contains("test result: ok. 1 passed");
    assert!(output.status.success() && passed, "{out}{err}");
    if let Some(reason) = err.lines().find(|line| line.starts_with("skipped: ")) {
        say(reason);
    }
    false
}

/// Also where the output of tests that pass is hidden.
fn say(text: &str) {
    use std::io::Write;
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// How many descriptors are open, the one for looking included.
fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Neither a running child nor one that was not reaped.
fn assert_no_child() {
    // SAFETY: a null pointer asks for no status.
    let result = unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) };
    let error = io::Error::last_os_error();
    assert_eq!((result, error.raw_os_error()), (-1, Some(libc::ECHILD)));
}

#[test]
fn failed_starts_leave_nothing() {
    if !is_alone("failed_starts_leave_nothing") {
        return;
    }
    for method in METHODS {
        // What is opened once and kept is open from here on.
        end(sh(method, "exit 0"));
        let before = descriptors();
        for _ in 0..50 {
            let missing = Path::new("/no/such/program");
            assert_eq!(error_of(method, missing, &[]), Some(libc::ENOENT));
            assert_eq!(error_of(method, Path::new("/"), &[]), Some(libc::EACCES));
        }
        assert_eq!(descriptors(), before, "{method:?}");
        assert_no_child();
    }
}

#[test]
fn ended_children_leave_nothing() {
    if !is_alone("ended_children_leave_nothing") {
        return;
    }
    for method in METHODS {
        end(sh(method, "exit 0"));
        let before = descriptors();
        for status in 0..20 {
            let child = sh(method, &format!("exit {status}"));
            assert_eq!(end(child).2, ExitStatus::Exited(status));
        }
        assert_eq!(descriptors(), before, "{method:?}");
        assert_no_child();
    }
}

/// Lets the process have `free` descriptors more than it has, runs `act`, and takes the
/// limit back.
fn with_descriptors<T>(free: u64, act: impl FnOnce() -> T) -> T {
    // The lowest number that is free is the number in use: there are no gaps.
    let used = File::open("/dev/null").unwrap().as_raw_fd() as u64;
    let limit = getrlimit(Resource::Nofile);
    let small = Rlimit {
        current: Some(used + free),
        ..limit
    };
    setrlimit(Resource::Nofile, small).unwrap();
    let result = act();
    setrlimit(Resource::Nofile, limit).unwrap();
    result
}

#[test]
fn without_descriptors_nothing_runs_and_nothing_is_left() {
    if !is_alone("without_descriptors_nothing_runs_and_nothing_is_left") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("mark");
    for method in METHODS {
        end(sh(method, "exit 0"));
        let before = descriptors();
        let mut failures = 0;
        for free in 0..16 {
            let argv = [b"touch", mark.as_os_str().as_bytes()].iter().collect();
            let touch = Path::new("/usr/bin/touch");
            match with_descriptors(free, || captured(method, touch, &argv)) {
                Ok(child) => {
                    assert_eq!(end(child).2, ExitStatus::Exited(0));
                    fs::remove_file(&mark).unwrap();
                }
                Err(error) => {
                    assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{method:?}");
                    assert!(!mark.exists(), "{method:?}: it has run");
                    failures += 1;
                }
            }
            assert_eq!(descriptors(), before, "{method:?} with {free}");
            assert_no_child();
        }
        assert!((4..16).contains(&failures), "{method:?}: {failures}");
    }
}

/// A process namespace whose first process has ended takes no other: `ENOMEM`
/// (pid_namespaces(7)).
#[test]
fn no_memory_for_a_process_is_told_as_such() {
    if !is_alone("no_memory_for_a_process_is_told_as_such") {
        return;
    }
    for method in METHODS {
        // Each on a thread of its own, which alone gets the namespace.
        let thread = thread::spawn(move || {
            // SAFETY: it changes only where this thread's children will be.
            if unsafe { libc::unshare(libc::CLONE_NEWPID) } != 0 {
                return say("skipped: process namespaces cannot be made here");
            }
            // It is number 1 there, and its parent has no number.
            let expected = ("1 0\n".into(), String::new(), ExitStatus::Exited(0));
            assert_eq!(end(sh(method, "echo $$ $PPID")), expected);
            let error = error_of(method, Path::new("/bin/true"), &[]);
            assert_eq!(error, Some(libc::ENOMEM), "{method:?}");
        });
        thread.join().unwrap();
    }
    assert_no_child();
}

/// The folder of this process in the hierarchy of process limits, in version 1 of
/// control groups: there, single threads can be moved.
fn process_limits() -> Option<std::path::PathBuf> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.split_once(":pids:"))?.1;
    let folder = Path::new("/sys/fs/cgroup/pids").join(own.trim_start_matches('/'));
    folder.join("tasks").exists().then_some(folder)
}

#[test]
fn no_room_for_a_process_is_told_as_such() {
    if !is_alone("no_room_for_a_process_is_told_as_such") {
        return;
    }
    let unable = || say("skipped: the processes of a control group cannot be limited here");
    let Some(all) = process_limits() else {
        return unable();
    };
    let one = all.join(format!("prun.{}", std::process::id()));
    if fs::create_dir(&one).is_err() {
        return unable();
    }
    let number = rustix::thread::gettid().as_raw_nonzero().to_string();
    let moved = fs::write(one.join("pids.max"), "1")
        .and_then(|()| fs::write(one.join("tasks"), &number))
        .is_ok();
    let errors = moved.then(|| METHODS.map(|way| error_of(way, Path::new("/bin/true"), &[])));
    let _ = fs::write(all.join("tasks"), &number);
    fs::remove_dir(&one).unwrap();
    match errors {
        Some(errors) => assert_eq!(errors, [Some(libc::EAGAIN); 2]),
        None => unable(),
    }
    assert_no_child();
}

/// What one thread of the storm does: a third of its starts fail.
fn start_and_reap(method: StartMethod, thread: usize) {
    for round in 0..60 {
        let number = thread * 60 + round;
        match number % 3 {
            0 => {
                let error = error_of(method, Path::new("/no/such/program"), &[]);
                assert_eq!(error, Some(libc::ENOENT));
            }
            1 => {
                let script = format!("echo {number}; echo $GREETING >&2; exit {}", number % 200);
                let status = ExitStatus::Exited((number % 200) as u8);
                let expected = (format!("{number}\n"), "hello\n".into(), status);
                assert_eq!(end(sh(method, &script)), expected);
            }
            _ => {
                let (out, err, status) = end(sh(method, "kill -KILL $$"));
                assert_eq!(
                    (out + &err, status),
                    (String::new(), ExitStatus::Signaled(9))
                );
            }
        }
    }
}

/// Sends a signal to each of the threads in turn, until told to stop.
fn pester(threads: &Mutex<Vec<libc::pthread_t>>, over: &AtomicBool) {
    while !over.load(Ordering::SeqCst) {
        for &thread in threads.lock().unwrap().iter() {
            // SAFETY: the threads are joined only after this one.
            unsafe { libc::pthread_kill(thread, libc::SIGUSR1) };
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Lets `SIGALRM` come every millisecond, or no more.
fn set_timer(microseconds: libc::suseconds_t) {
    let time = libc::timeval {
        tv_sec: 0,
        tv_usec: microseconds,
    };
    let timer = libc::itimerval {
        it_interval: time,
        it_value: time,
    };
    // SAFETY: the first pointer is to a live variable, a null one asks for nothing.
    unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
}

#[test]
fn a_storm_of_signals_disturbs_no_start() {
    if !is_alone("a_storm_of_signals_disturbs_no_start") {
        return;
    }
    let came = [libc::SIGUSR1, libc::SIGALRM].map(|signal| {
        let count = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&count);
        // SAFETY: the action only adds to an atomic number.
        unsafe {
            signal_hook::low_level::register(signal, move || {
                counter.fetch_add(1, Ordering::SeqCst);
            })
        }
        .unwrap();
        count
    });
    for method in METHODS {
        let before = descriptors();
        let known = Arc::new(Mutex::new(Vec::new()));
        let over = Arc::new(AtomicBool::new(false));
        set_timer(1000);
        let starters: Vec<_> = (0..8)
            .map(|number| {
                let known = Arc::clone(&known);
                thread::spawn(move || {
                    // SAFETY: it has no conditions.
                    known.lock().unwrap().push(unsafe { libc::pthread_self() });
                    start_and_reap(method, number);
                })
            })
            .collect();
        let pest = {
            let (known, over) = (Arc::clone(&known), Arc::clone(&over));
            thread::spawn(move || pester(&known, &over))
        };
        while !starters.iter().all(thread::JoinHandle::is_finished) {
            thread::sleep(Duration::from_millis(1));
        }
        over.store(true, Ordering::SeqCst);
        pest.join().unwrap();
        set_timer(0);
        for starter in starters {
            starter.join().unwrap();
        }
        assert_no_child();
        // The fast start keeps one open.
        assert!(descriptors() - before <= 1, "{method:?}");
    }
    for count in came {
        assert!(count.load(Ordering::SeqCst) > 0, "no signal came");
    }
}

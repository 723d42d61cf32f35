//! Processes that a test knows by their numbers.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The process number that was written to a file.
#[track_caller]
pub(crate) fn pid_in(file: impl AsRef<Path>) -> Pid {
    let text = fs::read_to_string(file).expect("the process has written it");
    let number = text.trim().parse().expect("a process has a number");
    Pid::from_raw(number).expect("it is above 0")
}

/// Script for `sh leave NAME COMMAND...`: starts a process in a session of its own, whose
/// number is in the file NAME, and then runs the command.
pub(crate) const LEAVE: &str = "\
    setsid sh -c 'echo $$ >$0.new; mv $0.new $0; exec sleep 60' $1 >/dev/null 2>&1 &
    probe await $1
    shift
    \"$@\"
";

/// True unless it is gone. A zombie is dead, whenever its new parent reaps it.
pub(crate) fn lives(pid: Pid) -> bool {
    state(pid).is_some_and(|state| state != 'Z')
}

/// Waits until the process with the number in `file` is gone, which may be a little later
/// than prun.
#[track_caller]
pub(crate) fn check_gone(file: impl AsRef<Path>) {
    wait_until_gone(pid_in(&file));
}

/// Waits until a process is gone.
#[track_caller]
pub(crate) fn wait_until_gone(pid: Pid) {
    let patience = Instant::now() + Duration::from_secs(5);
    while lives(pid) {
        if Instant::now() > patience {
            let _ = kill_process(pid, Signal::KILL);
            panic!("process {} has survived", pid.as_raw_nonzero());
        }
        sleep(Duration::from_millis(2));
    }
}

/// State of a process's main thread, a letter of proc_pid_stat(5); none once it is reaped.
pub(crate) fn state(pid: Pid) -> Option<char> {
    stat(pid)?.chars().next()
}

/// Fields of proc_pid_stat(5) from the state on: `STATE PARENT GROUP SESSION ...`. Each test
/// asks this of every process there is, so it takes one read, which holds those few.
pub(super) fn stat(pid: Pid) -> Option<String> {
    let mut file = File::open(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let mut buffer = [0; 512];
    let length = file.read(&mut buffer).ok()?;
    let text = String::from_utf8_lossy(&buffer[..length]);
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.to_owned())
}

/// Waits until a process is in one of these states.
#[track_caller]
pub(crate) fn wait_for_state(pid: Pid, states: &str) {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        let now = state(pid);
        if now.is_some_and(|state| states.contains(state)) {
            return;
        }
        let pid = pid.as_raw_nonzero();
        assert!(
            Instant::now() < patience,
            "{pid} is in {now:?}, not in {states}"
        );
        sleep(Duration::from_millis(2));
    }
}

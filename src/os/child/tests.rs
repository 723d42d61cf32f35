use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use rustix::process::getpgid;

use super::*;

#[cfg(target_os = "linux")]
mod alone;

const METHODS: [StartMethod; 2] = [StartMethod::Fast, StartMethod::Portable];

/// A child whose output is read.
struct Captured {
    child: Child,
    stdout: io::PipeReader,
    stderr: io::PipeReader,
}

fn captured(method: StartMethod, program: &Path, argv: &ByteStrings) -> io::Result<Captured> {
    let (stdout, out_end) = io::pipe()?;
    let (stderr, err_end) = io::pipe()?;
    let start = ChildStart {
        program,
        argv,
        environment: &[("GREETING".into(), "hello".into())],
        streams: [None, Some(out_end.as_fd()), Some(err_end.as_fd())],
        directory: None,
        group: ChildGroup::Own,
        cgroup: None,
        lifetime: ChildLifetime::OfPrun,
    };
    let child = Child::start_by(method, &start)?;
    Ok(Captured {
        child,
        stdout,
        stderr,
    })
}

fn sh(method: StartMethod, script: &str) -> Captured {
    let argv = ["sh", "-c", script].iter().collect();
    let captured = captured(method, Path::new("/bin/sh"), &argv).unwrap();
    let is_fast = matches!(captured.child.reaper, ChildReaper::Nobody);
    assert_eq!(
        is_fast,
        method == StartMethod::Fast && HAS_FAST,
        "{method:?}"
    );
    captured
}

/// The fast start is made for this system.
const HAS_FAST: bool = cfg!(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
));

/// Waits for the end: both outputs, and the status.
fn end(mut captured: Captured) -> (String, String, ExitStatus) {
    let (mut out, mut err) = (String::new(), String::new());
    captured.stdout.read_to_string(&mut out).unwrap();
    captured.stderr.read_to_string(&mut err).unwrap();
    let status = captured.child.peek().unwrap().0;
    assert_eq!(captured.child.reap().unwrap().0, status);
    (out, err, status)
}

fn error_of(method: StartMethod, program: &Path, arguments: &[OsString]) -> Option<i32> {
    let arguments = arguments.iter().map(|word| word.as_bytes());
    let argv = [&b"job"[..]].into_iter().chain(arguments).collect();
    match captured(method, program, &argv) {
        Ok(child) => panic!("{method:?}: it ended by {:?}", end(child)),
        Err(error) => error.raw_os_error(),
    }
}

#[test]
fn both_streams_and_the_status_come_back() {
    for method in METHODS {
        let child = sh(method, "echo $GREETING; echo oops >&2; exit 3");
        let expected = ("hello\n".into(), "oops\n".into(), ExitStatus::Exited(3));
        assert_eq!(end(child), expected);
    }
}

#[test]
fn a_signal_is_not_an_exit() {
    for method in METHODS {
        let child = sh(method, "kill -9 $$");
        assert_eq!(end(child).2, ExitStatus::Signaled(9));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_leads_its_own_group_and_has_nothing_to_read() {
    let script = "cat; read -r pid name state parent group rest </proc/$$/stat
        echo $(($$ == group)) $parent";
    for method in METHODS {
        let expected = format!("1 {}\n", std::process::id());
        let child = sh(method, script);
        assert_eq!(end(child), (expected, String::new(), ExitStatus::Exited(0)));
    }
}

#[test]
fn a_child_reads_the_standard_input_that_it_is_given() {
    for method in METHODS {
        let (stdin, mut ours) = io::pipe().unwrap();
        let (mut stdout, theirs) = io::pipe().unwrap();
        let child = Child::start_by(
            method,
            &ChildStart {
                program: Path::new("/bin/sh"),
                argv: &["sh", "-c", "exec cat"].iter().collect(),
                environment: &[],
                streams: [Some(stdin.as_fd()), Some(theirs.as_fd()), None],
                directory: None,
                group: ChildGroup::Own,
                cgroup: None,
                lifetime: ChildLifetime::OfPrun,
            },
        );
        drop(theirs);
        ours.write_all(b"some bytes").unwrap();
        drop(ours);
        let mut text = String::new();
        stdout.read_to_string(&mut text).unwrap();
        assert_eq!(text, "some bytes", "{method:?}");
        assert_eq!(child.unwrap().reap().unwrap().0, ExitStatus::Exited(0));
    }
}

/// Runs a line of shell in a directory and in a process group.
fn sh_in(directory: &File, group: ChildGroup, method: StartMethod, script: &str) -> Child {
    let argv = ["sh", "-c", script].iter().collect();
    let start = ChildStart {
        program: Path::new("/bin/sh"),
        argv: &argv,
        environment: &[],
        streams: [None; 3],
        directory: Some(directory.as_fd()),
        group,
        cgroup: None,
        lifetime: ChildLifetime::OfPrun,
    };
    Child::start_by(method, &start).unwrap()
}

/// Each way to start the first child of a group, and the others.
fn pairs() -> impl Iterator<Item = (StartMethod, StartMethod)> {
    let pairs = METHODS.map(|first| METHODS.map(|others| (first, others)));
    pairs.into_iter().flatten()
}

const WAITS: &str = "kill -STOP $$";

#[test]
fn a_child_runs_where_it_is_told_in_the_group_that_it_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let place = File::open(dir.path()).unwrap();
    for (first, others) in pairs() {
        let leader = sh_in(&place, ChildGroup::Own, first, WAITS);
        assert_eq!(getpgid(Some(leader.pid)).unwrap(), leader.pid);
        let group = ChildGroup::Of(leader.pid);
        let writer = sh_in(&place, group, others, "echo >here");
        assert_eq!(writer.reap().unwrap().0, ExitStatus::Exited(0));
        fs::remove_file(dir.path().join("here")).unwrap();

        let members = [(); 3].map(|()| sh_in(&place, group, others, WAITS));
        for member in &members {
            assert_eq!(getpgid(Some(member.pid)).unwrap(), leader.pid);
        }
        kill_process_group(leader.pid, Signal::KILL).unwrap();
        for child in members.into_iter().chain([leader]) {
            assert_eq!(child.reap().unwrap().0, ExitStatus::Signaled(9));
        }
    }
}

#[test]
fn a_leader_that_has_ended_keeps_its_group() {
    let dir = tempfile::tempdir().unwrap();
    let place = File::open(dir.path()).unwrap();
    for (first, others) in pairs() {
        let leader = sh_in(&place, ChildGroup::Own, first, "exit 3");
        assert_eq!(leader.peek().unwrap().0, ExitStatus::Exited(3));
        let member = sh_in(&place, ChildGroup::Of(leader.pid), others, WAITS);
        assert_eq!(getpgid(Some(member.pid)).unwrap(), leader.pid);
        kill_process_group(leader.pid, Signal::KILL).unwrap();
        assert_eq!(member.reap().unwrap().0, ExitStatus::Signaled(9));
        assert_eq!(leader.reap().unwrap().0, ExitStatus::Exited(3));
    }
}

/// Makes a program while no child is between fork and exec: that would have a copy of
/// the descriptor it is written by, and a file open for writing cannot be executed.
fn program(path: &Path, text: &str, mode: u32) {
    let _nobody = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_is_wrong_with_a_program_is_told_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    program(&path("text"), "#!/bin/sh\n", 0o644);
    program(&path("bare"), "true\n", 0o755);
    program(&path("dangling"), "#!/no/such/shell\n", 0o755);
    for method in METHODS {
        let error = |name: &str| error_of(method, &path(name), &[]);
        assert_eq!(error("missing"), Some(libc::ENOENT), "{method:?}");
        assert_eq!(error("dangling"), Some(libc::ENOENT), "{method:?}");
        assert_eq!(error("text/job"), Some(libc::ENOTDIR), "{method:?}");
        assert_eq!(error("text"), Some(libc::EACCES), "{method:?}");
        assert_eq!(error("."), Some(libc::EACCES), "{method:?}");
    }
    // The portable start does with it what execvp(3) does.
    if HAS_FAST {
        let error = error_of(StartMethod::Fast, &path("bare"), &[]);
        assert_eq!(error, Some(libc::ENOEXEC));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_that_is_being_written_is_told_as_such() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("busy");
    program(&path, "#!/bin/sh\n", 0o755);
    let _writer = File::options().append(true).open(&path).unwrap();
    for method in METHODS {
        assert_eq!(error_of(method, &path, &[]), Some(libc::ETXTBSY));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn too_many_arguments_are_told_as_such() {
    // The kernel's limits: 128 KiB for one, with its end, and at most 6 MiB for all.
    let long = |length| OsString::from("x".repeat(length));
    for method in METHODS {
        let error = |arguments: &[OsString]| error_of(method, Path::new("/bin/true"), arguments);
        assert_eq!(error(&[long(128 << 10)]), Some(libc::E2BIG), "{method:?}");
        assert_eq!(
            error(&vec![long(100 << 10); 64]),
            Some(libc::E2BIG),
            "{method:?}"
        );
    }
}

#[test]
fn the_longest_argument_arrives() {
    let length = (128 << 10) - 1;
    for method in METHODS {
        let argv = ["sh", "-c", "echo ${#1}", "sh", &"x".repeat(length)]
            .iter()
            .collect();
        let child = captured(method, Path::new("/bin/sh"), &argv).unwrap();
        assert_eq!(end(child).0, format!("{length}\n"));
    }
}

#[test]
fn a_nul_byte_is_refused() {
    for method in METHODS {
        let arguments = [OsString::from("a\0b")];
        assert_eq!(error_of(method, Path::new("/bin/true"), &arguments), None);
    }
}

#[test]
fn a_thread_waits_where_there_are_no_pidfds() {
    let child = sh(StartMethod::Portable, "exit 3").child;
    let end = watch_by_thread(child.pid).unwrap();
    let mut byte = [0];
    assert_eq!(rustix::io::read(&end, &mut byte).unwrap(), 0);
    assert_eq!(child.peek().unwrap().0, ExitStatus::Exited(3));
    child.reap().unwrap();
}

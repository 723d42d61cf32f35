#![cfg(target_os = "linux")]

use super::*;
use std::fs;
use std::io::{Read, Write};
use std::process::Command;

fn file(path: &std::path::Path, fd: usize, access: FileAccess) -> Redirection {
    Redirection::File {
        fd,
        path: path.into(),
        access,
    }
}

fn opened(redirection: Redirection) -> Option<StandardStreams> {
    redirect([None, None, None], &[redirection], None).ok()
}

fn as_file(stream: &Option<Arc<OwnedFd>>) -> fs::File {
    let stream = stream.as_ref().expect("it was opened");
    stream.try_clone().expect("there is room").into()
}

#[test]
fn files_are_made_emptied_and_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    for (access, text, whole) in [
        (FileAccess::Write, "one", "one"),
        (FileAccess::Append, "two", "onetwo"),
        (FileAccess::Write, "three", "three"),
    ] {
        let streams = opened(file(&path, 1, access)).unwrap();
        as_file(&streams[1]).write_all(text.as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    }
    let streams = opened(file(&path, 0, FileAccess::Read)).unwrap();
    let mut read = String::new();
    as_file(&streams[0]).read_to_string(&mut read).unwrap();
    assert_eq!(read, "three");
}

#[test]
fn a_copy_is_of_what_the_other_one_is_then() {
    let dir = tempfile::tempdir().unwrap();
    let (path, before) = (
        dir.path().join("file"),
        Arc::new(fs::File::open("/dev/null").unwrap().into()),
    );
    let streams = redirect(
        [None, Some(Arc::clone(&before)), None],
        &[
            Redirection::Copy { fd: 2, from: 1 },
            file(&path, 1, FileAccess::Write),
        ],
        None,
    );
    let [_, stdout, stderr] = streams.unwrap();
    assert!(Arc::ptr_eq(&stderr.unwrap(), &before));
    assert!(!Arc::ptr_eq(&stdout.unwrap(), &before));
}

#[test]
fn what_a_shell_must_do_is_left_to_it() {
    let dir = tempfile::tempdir().unwrap();
    let in_dir = |name| dir.path().join(name);
    let made = Command::new("mkfifo").arg(in_dir("fifo")).status();
    assert!(made.unwrap().success());
    std::os::unix::fs::symlink("/dev/stdout", in_dir("link")).unwrap();
    for (path, access) in [
        (in_dir("none"), FileAccess::Read),
        (in_dir("none/file"), FileAccess::Write),
        (in_dir("fifo"), FileAccess::Read),
        (in_dir("fifo"), FileAccess::Write),
        (in_dir("link"), FileAccess::Append),
        (in_dir(""), FileAccess::Write),
        ("/dev/tty".into(), FileAccess::Write),
        ("/dev/stderr".into(), FileAccess::Append),
        ("/dev/fd/1".into(), FileAccess::Write),
        ("/dev/tcp/localhost/9".into(), FileAccess::Write),
        ("".into(), FileAccess::Read),
    ] {
        assert!(opened(file(&path, 1, access)).is_none(), "{path:?}");
    }
    assert!(opened(file("/dev/null".as_ref(), 1, FileAccess::Write)).is_some());
}

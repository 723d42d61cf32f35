//! Ranges of files as standard input.

use std::fs::File;
use std::io::Seek;

use super::*;
use crate::input::job_stdin::FileRange;

pub(super) fn file_with(bytes: &[u8]) -> Arc<File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    Arc::new(file)
}

pub(super) fn range(file: &Arc<File>, start: u64, length: u64) -> JobStdin {
    JobStdin::FileRange(Arc::new(FileRange {
        header: [].into(),
        file: Arc::clone(file),
        path: None,
        start,
        length,
        to_end: false,
    }))
}

/// The range from `start` to the end of a file of `size` bytes.
fn rest(file: &Arc<File>, start: u64, size: u64) -> JobStdin {
    JobStdin::FileRange(Arc::new(FileRange {
        header: [].into(),
        file: Arc::clone(file),
        path: None,
        start,
        length: size - start,
        to_end: true,
    }))
}

#[test]
pub(super) fn ranges_of_a_file_share_its_descriptor() {
    let block = block();
    let file = file_with(&block[..5 << 20]);
    for command in COPIES {
        for (start, length) in [(0, 5 << 20), ((1 << 20) + 3, (2 << 20) + 5), (7, 9), (7, 0)] {
            let ended = run(command, range(&file, start, length));
            assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
            let (start, end) = (start as usize, (start + length) as usize);
            assert!(ended.printed(&block[start..end]), "{command}");
            assert_eq!(ended.sent, length, "{command}");
        }
    }
    assert_eq!((&*file).stream_position().unwrap(), 0);
}

#[test]
fn a_file_that_has_become_shorter_fails_the_job() {
    let range_of_less = range(&file_with(&block()[..1 << 20]), 0, (1 << 20) + 1);
    let reason = "cannot read standard input: the file has become shorter";
    let ended = run("cat", range_of_less.clone());
    let given_up = format!("prun had to give it up: {reason}");
    assert_eq!(ended.outcome, Outcome::GivenUp(given_up));
    assert!(ended.sent > 0);
    let ended = run("@cat", range_of_less);
    assert_eq!(ended.outcome, Outcome::Exited(1));
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(said.ends_with("the file has become shorter\n"), "{said}");
    let short = range(&file_with(b"four"), 0, 5);
    assert_eq!(run("cat", short).outcome, Outcome::Refused(reason.into()));
}

#[test]
fn a_header_comes_before_the_bytes_of_the_file() {
    let bytes = &block()[..3 << 20];
    let file = file_with(bytes);
    for command in COPIES {
        for (start, to_end) in [(0, true), (5, false), (3 << 20, true)] {
            let range = FileRange {
                header: (*b"a\tb\n").into(),
                file: Arc::clone(&file),
                path: None,
                start,
                length: (3 << 20) - start,
                to_end,
            };
            let ended = run(command, JobStdin::FileRange(Arc::new(range)));
            assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
            let expected = [b"a\tb\n", &bytes[start as usize..]].concat();
            assert!(ended.printed(&expected), "{command}");
            assert_eq!(ended.sent, expected.len() as u64, "{command}");
        }
    }
}

#[test]
fn a_job_reads_a_whole_file_by_a_descriptor_of_its_own() {
    let bytes = &block()[..3 << 20];
    let file = file_with(bytes);
    (&*file).seek(io::SeekFrom::Start(7)).unwrap();
    let whole = rest(&file, 0, 3 << 20);
    for command in COPIES {
        let ended = run(command, whole.clone());
        assert_eq!(ended.outcome, Outcome::Exited(0), "{command}");
        assert!(ended.printed(bytes), "{command}");
        assert_eq!(ended.sent, 3 << 20, "{command}");
    }
    assert_eq!((&*file).stream_position().unwrap(), 7);
    // Two commands of one job share an offset, and two jobs do not.
    for _ in 0..2 {
        let ended = run("dd status=none bs=10 count=1; cat", whole.clone());
        assert!(ended.printed(bytes));
        let ended = run("dd status=none bs=10 count=1", whole.clone());
        assert!(ended.printed(&bytes[..10]));
        let sent = if cfg!(target_os = "linux") {
            10
        } else {
            3 << 20
        };
        assert!(ended.sent <= sent, "{}", ended.sent);
    }
}

#[test]
fn a_job_sees_no_more_of_a_file_than_its_range() {
    let file = file_with(b"one\ntwo\nthree\n");
    for (range, expected) in [
        (rest(&file, 4, 14), "two\nthree\n"),
        (range(&file, 0, 8), "one\ntwo\n"),
        (rest(&file, 0, 14), "one\ntwo\nthree\n"),
    ] {
        let ended = run("cat /dev/stdin", range.clone());
        assert!(ended.printed(expected.as_bytes()), "{expected}");
        let ended = run("sh -c tac", range);
        let backwards: String = expected.split_inclusive('\n').rev().collect();
        assert!(ended.printed(backwards.as_bytes()), "{expected}");
    }
}

#[test]
fn a_file_that_becomes_shorter_while_the_job_reads_it_fails_the_job() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    std::fs::write(&path, b"one\ntwo\n").unwrap();
    let reason = "cannot read standard input: the file has become shorter";
    let whole = rest(&Arc::new(File::open(&path).unwrap()), 0, 8);
    let shorten = format!("sh -c 'read line; truncate -s 3 {}; cat'", path.display());
    let given_up = format!("prun had to give it up: {reason}");
    let outcome = run(&shorten, whole.clone()).outcome;
    assert_eq!(outcome, Outcome::GivenUp(given_up));
    assert_eq!(run("cat", whole).outcome, Outcome::Refused(reason.into()));
}

//! Built-ins without a job around them.

use std::cell::{Cell, RefCell};
use std::os::fd::AsFd;

use crossbeam_channel::Sender;
use rustix::fs::CWD;

use super::*;

/// What a [`BuiltinIo`] needs: a sink that takes everything.
pub(in crate::builtin) struct TestIo {
    workers: WorkerThreads,
    wake: Wake,
    /// Dropped when the built-in is told to stop.
    held: RefCell<Option<Sender<()>>>,
    is_cancelled: Cell<bool>,
    written: RefCell<Vec<(OutputStream, Vec<u8>)>>,
}

impl TestIo {
    pub(in crate::builtin) fn new(width: usize) -> TestIo {
        let wake = Wake::new().unwrap();
        wake.attach();
        TestIo {
            workers: WorkerThreads::new(width, usize::MAX),
            wake,
            held: RefCell::default(),
            is_cancelled: Cell::new(false),
            written: RefCell::default(),
        }
    }

    /// The built-in is told to stop as soon as it asks.
    pub(in crate::builtin) fn cancelled(width: usize, held: Sender<()>) -> TestIo {
        let test = TestIo::new(width);
        test.held.replace(Some(held));
        test.is_cancelled.set(true);
        test
    }

    fn env(&self) -> BuiltinEnv<'_> {
        BuiltinEnv {
            name: "@test",
            seq: 1,
            directory: CWD,
            workers: &self.workers,
            wake: &self.wake,
            stdout: None,
            stderr: None,
            feeds_next_stage: false,
            reads_part: false,
        }
    }

    pub(in crate::builtin) fn stdio(&self) -> BuiltinIo<'_> {
        BuiltinIo::new(self.env(), self)
    }
}

impl BuiltinSink for TestIo {
    fn must_stop(&self) -> bool {
        if self.is_cancelled.get() {
            self.held.replace(None);
        }
        self.is_cancelled.get()
    }

    fn write(&self, stdio: &BuiltinIo<'_>, stream: OutputStream, bytes: &[u8]) -> io::Result<()> {
        stdio.check()?;
        self.written.borrow_mut().push((stream, bytes.to_vec()));
        Ok(())
    }

    fn open_stdin(&self) -> io::Result<Option<File>> {
        File::open("/dev/null").map(Some)
    }
}

#[test]
fn small_writes_wait_for_more_and_large_ones_do_not() {
    let test = TestIo::new(1);
    let stdio = test.stdio();
    let mut out = BufferedStdout::new(&stdio);
    out.write_all(b"a").unwrap();
    out.write_all(b"b").unwrap();
    assert_eq!(*test.written.borrow(), []);
    let large = vec![b'c'; CHUNK];
    out.write_all(&large).unwrap();
    stdio
        .wait_for_input(File::open("/dev/null").unwrap().as_fd())
        .unwrap();
    out.write_all(b"d").unwrap();
    stdio
        .wait_for_input(File::open("/dev/null").unwrap().as_fd())
        .unwrap();
    let expected = [b"ab".to_vec(), large, b"d".to_vec()];
    assert_eq!(
        *test.written.borrow(),
        expected.map(|bytes| (OutputStream::Stdout, bytes))
    );
}

#[test]
fn each_call_fails_after_a_stop() {
    let test = TestIo::new(1);
    let stdio = test.stdio();
    stdio.out(b"a").unwrap();
    test.is_cancelled.set(true);
    assert!(is_cancelled(&stdio.check().unwrap_err()));
    test.is_cancelled.set(false);
    for call in [
        stdio.check(),
        stdio.out(b"b"),
        stdio.err(b"c"),
        stdio.wait_for_wake(),
    ] {
        assert!(is_cancelled(&call.unwrap_err()));
    }
    assert_eq!(
        *test.written.borrow(),
        [(OutputStream::Stdout, b"a".to_vec())]
    );
    assert!(matches!(
        stdio.finish(Ok(0)),
        (Err(BuiltinStop::Cancelled), None)
    ));
}

#[test]
fn a_stream_that_cannot_be_written_stops_the_built_in() {
    let test = TestIo::new(1);
    let (full, (_, unread)) = (File::create("/dev/full").unwrap(), io::pipe().unwrap());
    let with_stdout = |fd| {
        let env = BuiltinEnv {
            stdout: Some(fd),
            ..test.env()
        };
        BuiltinIo::new(env, &test)
    };
    let stdio = with_stdout(full.as_fd());
    assert!(is_cancelled(&stdio.out(b"a").unwrap_err()));
    assert!(matches!(
        stdio.finish(Ok(0)).0,
        Err(BuiltinStop::WriteFailed)
    ));
    let message = b"@test: cannot write: No space left on device\n".to_vec();
    assert_eq!(*test.written.borrow(), [(OutputStream::Stderr, message)]);

    let stdio = with_stdout(unread.as_fd());
    assert!(is_cancelled(&stdio.out(b"a").unwrap_err()));
    assert!(matches!(
        stdio.finish(Ok(0)).0,
        Err(BuiltinStop::ReaderGone)
    ));
    assert_eq!(test.written.borrow().len(), 1);

    for stderr in [full.as_fd(), unread.as_fd()] {
        let env = BuiltinEnv {
            stderr: Some(stderr),
            ..test.env()
        };
        let stdio = BuiltinIo::new(env, &test);
        assert!(is_cancelled(&stdio.err(b"a").unwrap_err()));
        assert!(matches!(
            stdio.finish(Ok(0)).0,
            Err(BuiltinStop::WriteFailed)
        ));
    }
    assert_eq!(test.written.borrow().len(), 1);
}

#[test]
fn the_status_is_the_one_returned_or_that_of_a_failure() {
    let test = TestIo::new(1);
    let status = |result| test.stdio().finish(result).0.unwrap();
    assert_eq!(status(Ok(3)), 3);
    assert_eq!(status(Err(io::ErrorKind::InvalidData.into())), 1);
}

//! Pieces are worked on at once, and their results come in order.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Barrier};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use rustix::fs::CWD;

use super::{WorkerThreads, in_order};
use crate::builtin::builtin_io::{BuiltinIo, BuiltinStdin, is_over, over};
use crate::builtin::on_success::OnSuccess;
use crate::os::wake::Wake;

/// A port with nothing behind it.
pub(in crate::builtin) struct Quiet {
    workers: WorkerThreads,
    wake: Arc<Wake>,
    pending: RefCell<Vec<u8>>,
    /// The job is over after so many looks.
    looks: Cell<u32>,
    /// What is let go when it is.
    held: RefCell<Option<Sender<()>>>,
}

impl Quiet {
    pub(in crate::builtin) fn new(width: usize) -> Quiet {
        let wake = Arc::new(Wake::new().unwrap());
        wake.attach();
        Quiet {
            workers: WorkerThreads::new(width, usize::MAX),
            wake,
            pending: RefCell::default(),
            looks: Cell::new(u32::MAX),
            held: RefCell::default(),
        }
    }
}

impl BuiltinIo for Quiet {
    fn out(&self, _: &[u8]) -> io::Result<()> {
        self.check()
    }

    fn err(&self, _: &[u8]) -> io::Result<()> {
        self.check()
    }

    fn check(&self) -> io::Result<()> {
        let looks = self.looks.get();
        self.looks.set(looks.saturating_sub(1));
        match looks {
            0 => {
                self.held.replace(None);
                Err(over())
            }
            _ => Ok(()),
        }
    }

    fn wait(&self, _: BorrowedFd<'_>) -> io::Result<()> {
        self.check()
    }

    fn stdin(&self) -> io::Result<BuiltinStdin> {
        Ok(BuiltinStdin::File(File::open("/dev/null")?))
    }

    fn receive(&self, _: &mut [u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn pending(&self) -> &RefCell<Vec<u8>> {
        &self.pending
    }

    fn seq(&self) -> u64 {
        1
    }

    fn directory(&self) -> BorrowedFd<'_> {
        CWD
    }

    fn workers(&self) -> &WorkerThreads {
        &self.workers
    }

    fn waker(&self) -> Arc<Wake> {
        Arc::clone(&self.wake)
    }

    fn rest(&self) -> io::Result<()> {
        self.check()?;
        self.wake.poll(&mut Vec::new(), None).map(drop)
    }

    fn on_success(&self, _: OnSuccess) {}
}

/// Squares the numbers below `count` and hands them to `take`.
fn squares(
    port: &Quiet,
    count: u64,
    take: impl FnMut(u64) -> io::Result<ControlFlow<()>>,
) -> io::Result<()> {
    let mut numbers = 0..count;
    in_order(
        port,
        || Ok(numbers.next()),
        |number, _| number * number,
        take,
    )
    .map(drop)
}

#[test]
fn results_come_in_order_by_any_number_of_threads() {
    for width in [1, 2, 5] {
        for count in [0, 1, 3, 500] {
            let mut results = Vec::new();
            squares(&Quiet::new(width), count, |result| {
                results.push(result);
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
            let expected: Vec<u64> = (0..count).map(|number| number * number).collect();
            assert_eq!(results, expected, "{width} threads");
        }
    }
}

#[test]
fn pieces_are_worked_on_at_the_same_time() {
    let (barrier, mut pieces) = (Barrier::new(3), 0..3);
    let mut met = 0;
    in_order(
        &Quiet::new(3),
        || Ok(pieces.next()),
        |_, _| barrier.wait(),
        |_| {
            met += 1;
            Ok(ControlFlow::Continue(()))
        },
    )
    .map(drop)
    .unwrap();
    assert_eq!(met, 3);
}

#[test]
fn nothing_is_taken_after_a_break() {
    for width in [1, 3] {
        let mut results = Vec::new();
        squares(&Quiet::new(width), 1000, |result| {
            results.push(result);
            Ok(match result {
                9 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            })
        })
        .unwrap();
        assert_eq!(results, [0, 1, 4, 9]);
    }
}

#[test]
fn an_error_ends_it() {
    for width in [1, 3] {
        let port = Quiet::new(width);
        let refused = |_| Err(io::ErrorKind::WriteZero.into());
        let error = squares(&port, 1000, refused).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
        let mut numbers = (0..5_u64).map(Ok);
        let next = || match numbers.next() {
            None => Err(io::ErrorKind::UnexpectedEof.into()),
            number => number.transpose(),
        };
        let all = in_order(
            &port,
            next,
            |number, _| number,
            |_| Ok(ControlFlow::Continue(())),
        );
        assert_eq!(all.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}

#[test]
fn nobody_waits_for_a_job_that_is_over() {
    // The only piece is worked on until the job is over.
    let (held, other) = bounded::<()>(0);
    let port = Quiet::new(2);
    port.looks.set(0);
    port.held.replace(Some(held));
    let mut pieces = [other].into_iter();
    let ended = in_order(
        &port,
        || Ok(pieces.next()),
        |other, _| other.recv(),
        |_| Ok(ControlFlow::Continue(())),
    );
    assert!(is_over(&ended.unwrap_err()));
}

#[test]
fn threads_are_shared_between_those_that_run() {
    let workers = WorkerThreads::new(4, usize::MAX);
    let first = workers.enter();
    assert_eq!(workers.share(), 4);
    let others = [workers.enter(), workers.enter()];
    assert_eq!(workers.share(), 1);
    drop(others);
    assert_eq!(workers.share(), 4);
    drop(first);
}

#[test]
fn what_takes_long_to_be_dropped_does_not_add_up() {
    struct Slow(Receiver<()>, Sender<()>);
    impl Drop for Slow {
        fn drop(&mut self) {
            let _ = self.0.recv();
            let _ = self.1.send(());
        }
    }
    let workers = WorkerThreads::new(2, usize::MAX);
    let (goes, gone) = unbounded();
    let (ends, waiting): (Vec<_>, Vec<_>) = (0..3).map(|_| bounded::<()>(0)).unzip();
    let mut waiting = waiting.into_iter().map(|end| Slow(end, goes.clone()));
    // Nobody waits for the first two.
    workers.let_go(waiting.next());
    workers.let_go(waiting.next());
    let third = waiting.next();
    thread::scope(|scope| {
        let done = scope.spawn(|| {
            workers.let_go(third);
            gone.len()
        });
        // The third one is waited for: it ends only when it is let, and has ended then.
        drop(ends);
        assert!(done.join().unwrap() >= 1);
    });
}

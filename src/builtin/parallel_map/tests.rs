//! Pieces are worked on at once, and their results come in order.

use std::io;
use std::ops::ControlFlow;
use std::sync::Barrier;

use crossbeam_channel::bounded;

use super::parallel_map;
use crate::builtin::builtin_io::tests::TestIo;
use crate::builtin::builtin_io::{BuiltinIo, is_cancelled};

/// Squares the numbers below `count` and hands them to `take`.
fn squares(
    stdio: &BuiltinIo<'_>,
    count: u64,
    take: impl FnMut(u64) -> io::Result<ControlFlow<()>>,
) -> io::Result<()> {
    let mut numbers = 0..count;
    parallel_map(
        stdio,
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
            squares(&TestIo::new(width).stdio(), count, |result| {
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
    parallel_map(
        &TestIo::new(3).stdio(),
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
        squares(&TestIo::new(width).stdio(), 1000, |result| {
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
        let test = TestIo::new(width);
        let stdio = test.stdio();
        let refused = |_| Err(io::ErrorKind::WriteZero.into());
        let error = squares(&stdio, 1000, refused).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
        let mut numbers = (0..5_u64).map(Ok);
        let next = || match numbers.next() {
            None => Err(io::ErrorKind::UnexpectedEof.into()),
            number => number.transpose(),
        };
        let all = parallel_map(
            &stdio,
            next,
            |number, _| number,
            |_| Ok(ControlFlow::Continue(())),
        );
        assert_eq!(all.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }
}

#[test]
fn nobody_waits_for_a_job_that_is_cancelled() {
    // The only piece is worked on until the job is over.
    let (held, other) = bounded::<()>(0);
    let test = TestIo::cancelled(2, held);
    let stdio = test.stdio();
    let mut pieces = [other].into_iter();
    let ended = parallel_map(
        &stdio,
        || Ok(pieces.next()),
        |other, _| other.recv(),
        |_| Ok(ControlFlow::Continue(())),
    );
    assert!(is_cancelled(&ended.unwrap_err()));
}

//! Jobs that hold tokens of a jobserver.

use super::*;
use crate::os::jobserver::{JobserverStyle, TokenPipe};

/// A jobserver of so many tokens, and options of a run that takes them from it.
fn served(tokens: usize) -> (TokenPipe, PoolOptions) {
    let server = TokenPipe::serve(tokens, JobserverStyle::Fifo).unwrap();
    let client = TokenPipe::connect(&server.address().unwrap()).unwrap();
    let options = PoolOptions {
        slots: 1000,
        tokens: Some(Arc::new(client)),
        ..PoolOptions::default()
    };
    (server, options)
}

/// Takes all tokens that are there.
fn take_all(server: &TokenPipe) -> usize {
    std::iter::from_fn(|| server.take().unwrap().then_some(())).count()
}

#[test]
fn tokens_alone_bound_the_jobs_and_come_back() {
    for tokens in 0..4 {
        let (server, options) = served(tokens);
        let meeting = Meeting::default();
        let (result, _, most) = run(200, options, move |_| {
            Ok(Outcome::Exited(u8::from(!meeting.wait_for(tokens + 1))))
        });
        assert_eq!((result.tally.done, result.tally.failed), (200, 0));
        assert_eq!(most, tokens + 1);
        assert_eq!(take_all(&server), tokens);
    }
}

#[test]
fn a_token_that_is_given_back_later_lets_a_job_start() {
    let (server, options) = served(1);
    assert!(server.take().unwrap());
    let server = Arc::new(server);
    let giver = Arc::clone(&server);
    let meeting = Meeting::default();
    let (result, _, most) = run(2, options, move |job| {
        if job.seq == 1 {
            giver.give_back().unwrap();
        }
        Ok(Outcome::Exited(u8::from(!meeting.wait_for(2))))
    });
    assert_eq!((result.tally.failed, most), (0, 2));
    assert_eq!(take_all(&server), 1);
}

#[test]
fn a_token_is_held_only_while_as_many_jobs_run() {
    let (server, options) = served(1);
    let server = Arc::new(server);
    let seen = Arc::clone(&server);
    let both_run = Barrier::new(2);
    let (result, _, _) = run(2, options, move |job| {
        both_run.wait();
        // The other one has ended, and no job waits.
        while job.seq == 2 && !seen.take()? {
            seen.wait();
        }
        Ok(Outcome::Exited(0))
    });
    assert_eq!(result.tally.failed, 0);
    server.give_back().unwrap();
    assert_eq!(take_all(&server), 1);
}

#[test]
fn tokens_come_back_after_a_halt_and_after_denied_starts() {
    let (server, options) = served(3);
    let halted = PoolOptions {
        halt: "soon,fail=1".parse().unwrap(),
        ..options.clone()
    };
    let (result, _, _) = run(9, halted, |job| Ok(Outcome::Exited(u8::from(job.seq == 4))));
    assert!(result.tally.failed > 0);
    assert_eq!(take_all(&server), 3);
    for _ in 0..3 {
        server.give_back().unwrap();
    }
    let denials = AtomicUsize::new(0);
    let (result, _, _) = run(40, options, move |job| {
        if job.seq % 5 == 0 && denials.fetch_add(1, Ordering::SeqCst) < 6 {
            return Err(io::Error::from_raw_os_error(libc::EAGAIN));
        }
        Ok(Outcome::Exited(0))
    });
    assert_eq!((result.tally.done, result.tally.failed), (40, 0));
    assert_eq!(take_all(&server), 3);
}

//! Tokens of a jobserver: the first job that runs needs none, each other one holds one.
//!
//! A token is taken when a job could start but for it, and goes back as soon as fewer jobs run
//! than it allows: others wait for it. The dispatcher itself takes tokens, without waiting. A
//! thread waits for the pipe to have one, and takes none, so it can be left alone at the end.

use std::io;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::os::jobserver::TokenPipe;
use crate::pool::event::PoolEvent;
use crate::pool::thread::spawn;

/// Tokens that the running jobs hold.
pub(super) struct TokenPool {
    pipe: Arc<TokenPipe>,
    held: usize,
    events: Sender<PoolEvent>,
    /// Requests to the thread that waits, from the first one on.
    waiter: Option<Sender<()>>,
    /// The thread has a request that it has not answered.
    is_waiting: bool,
    /// The pipe cannot be used any more.
    has_failed: bool,
}

impl TokenPool {
    /// No token yet; `events` get [`PoolEvent::Token`] when there may be one.
    pub(super) fn new(pipe: Arc<TokenPipe>, events: Sender<PoolEvent>) -> Self {
        TokenPool {
            pipe,
            held: 0,
            events,
            waiter: None,
            is_waiting: false,
            has_failed: false,
        }
    }

    /// Jobs that may run at once by the tokens that are held.
    pub(super) fn allowed(&self) -> usize {
        self.held + 1
    }

    /// Tells whether one more job may run beside `running` others, and takes a token for it if
    /// need be. Asks for an event if there is none.
    ///
    /// # Errors
    /// The jobserver cannot be used any more, which is told once.
    pub(super) fn allows(&mut self, running: usize) -> io::Result<bool> {
        if running < self.allowed() {
            return Ok(true);
        }
        if self.has_failed || self.is_waiting {
            return Ok(false);
        }
        let is_taken = self.pipe.take().inspect_err(|_| self.has_failed = true)?;
        if is_taken {
            self.held += 1;
        } else {
            self.await_token();
        }
        Ok(is_taken)
    }

    /// Gives back what `running` jobs do not need.
    ///
    /// # Errors
    /// The jobserver cannot be used any more, which is told once.
    pub(super) fn release(&mut self, running: usize) -> io::Result<()> {
        let mut result = Ok(());
        while running.max(1) < self.allowed() {
            self.held -= 1;
            result = result.and(self.pipe.give_back());
        }
        self.told_once(result)
    }

    /// Makes up for tokens that were lost, as no job runs.
    ///
    /// # Errors
    /// The jobserver cannot be used any more, which is told once.
    pub(super) fn refill(&mut self) -> io::Result<()> {
        let result = self.pipe.refill();
        self.told_once(result)
    }

    fn told_once(&mut self, result: io::Result<()>) -> io::Result<()> {
        if self.has_failed {
            return Ok(());
        }
        self.has_failed = result.is_err();
        result
    }

    /// Takes note that the pipe has had a token.
    pub(super) fn arrived(&mut self) {
        self.is_waiting = false;
    }

    /// Without a thread, the end of a job is when a token is looked for again.
    fn await_token(&mut self) {
        if self.waiter.is_none() {
            let (requests, wanted) = unbounded();
            let (pipe, events) = (Arc::clone(&self.pipe), self.events.clone());
            let body = move || wait_for_tokens(&pipe, &wanted, &events);
            if spawn("tokens".to_owned(), body).is_ok() {
                self.waiter = Some(requests);
            }
        }
        let waiter = self.waiter.as_ref();
        self.is_waiting = waiter.is_some_and(|waiter| waiter.send(()).is_ok());
    }
}

fn wait_for_tokens(pipe: &TokenPipe, wanted: &Receiver<()>, events: &Sender<PoolEvent>) {
    while wanted.recv().is_ok() {
        pipe.wait();
        if events.send(PoolEvent::Token).is_err() {
            return;
        }
    }
}

//! Thread that waits for signals, and for the end of the reader of prun's output.

use std::io;
use std::os::fd::AsFd;
use std::time::Instant;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::event::PoolEvent;
use crate::os::guard;
use crate::os::signal::{SignalReceiver, children_again};

/// Time between two events about children, so that many short jobs cost few wake-ups.
const CHILDREN: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

/// Sends events until the run is over.
pub(super) fn watch(signals: &SignalReceiver, events: &Sender<PoolEvent>) {
    let stdout = io::stdout();
    let mut has_reader = true;
    let mut has_news_of_children = false;
    let begun = Instant::now();
    let mut has_guard = false;
    loop {
        let mut fds = vec![PollFd::from_borrowed_fd(signals.fd(), PollFlags::IN)];
        if has_reader {
            // Errors are told though nothing is asked for (poll(2)). This is how the end
            // of a reader is noticed while prun has nothing to write.
            fds.push(PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty()));
        }
        let until_guard = guard::DELAY.saturating_sub(begun.elapsed());
        let timeout = if has_guard {
            has_news_of_children.then_some(CHILDREN)
        } else {
            Timespec::try_from(until_guard).ok()
        };
        let ready = poll(&mut fds, timeout.as_ref());
        if !has_guard && begun.elapsed() >= guard::DELAY {
            has_guard = true;
            guard::start();
        }
        match ready {
            Ok(0) if !has_news_of_children => continue,
            Ok(0) => {
                has_news_of_children = children_again();
                if has_news_of_children && events.send(PoolEvent::Signal(libc::SIGCHLD)).is_err() {
                    return;
                }
                continue;
            }
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return,
        }
        let signalled = !fds[0].revents().is_empty();
        if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
            has_reader = false;
            if events.send(PoolEvent::HungUp).is_err() {
                return;
            }
        }
        if signalled {
            for signal in signals.read() {
                has_news_of_children |= signal == libc::SIGCHLD;
                if events.send(PoolEvent::Signal(signal)).is_err() {
                    return;
                }
            }
        }
    }
}

//! The thread that waits for what comes from outside: signals, and the end of whoever
//! reads prun's output.

use std::io;
use std::os::fd::AsFd;

use crossbeam_channel::Sender;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::event::Event;
use crate::os::signal::Signals;

/// Waits until the run is over.
pub fn watch(signals: &Signals, events: &Sender<Event>) {
    let stdout = io::stdout();
    let mut has_reader = true;
    loop {
        let mut fds = vec![PollFd::from_borrowed_fd(signals.fd(), PollFlags::IN)];
        if has_reader {
            // Errors are told though nothing is asked for (poll(2)). This is how the end
            // of a reader is noticed while prun has nothing to write.
            fds.push(PollFd::from_borrowed_fd(stdout.as_fd(), PollFlags::empty()));
        }
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(Errno::INTR) => continue,
            Err(_) => return,
        }
        let signalled = !fds[0].revents().is_empty();
        if fds.get(1).is_some_and(|fd| !fd.revents().is_empty()) {
            has_reader = false;
            if events.send(Event::HungUp).is_err() {
                return;
            }
        }
        if signalled {
            for signal in signals.read() {
                if events.send(Event::Signal(signal)).is_err() {
                    return;
                }
            }
        }
    }
}

//! A taker's wait: for entries, for its own jobs, and for takers that end.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags};

use super::takers::TakerDirectory;
use crate::error::{Error, Result};
use crate::os::file_watch::FileWatch;
use crate::os::wake::Wake;

/// What a taker waits for.
#[derive(Debug)]
pub(super) struct TakerWait {
    added: FileWatch,
    /// Wakes the taker when its own entries were marked.
    marked: Arc<Wake>,
    is_attached: bool,
    /// FIFOs of the other takers that have entries.
    others: BTreeMap<i64, OwnedFd>,
}

impl TakerWait {
    pub(super) fn new(takers: &TakerDirectory, marked: Arc<Wake>) -> TakerWait {
        TakerWait {
            added: FileWatch::new(&takers.added_path()),
            marked,
            is_attached: false,
            others: BTreeMap::new(),
        }
    }

    /// Begins another look at the queue: what has happened so far needs not wake its taker.
    pub(super) fn begin(&mut self) {
        if !std::mem::replace(&mut self.is_attached, true) {
            self.marked.attach();
        }
        self.added.clear();
    }

    /// Watches these takers. Returns those of them that have ended.
    ///
    /// # Errors
    /// A FIFO cannot be opened.
    pub(super) fn watch(&mut self, takers: &TakerDirectory, numbers: &[i64]) -> Result<Vec<i64>> {
        self.others.retain(|number, _| numbers.contains(number));
        let mut ended = Vec::new();
        for &number in numbers {
            if self.others.contains_key(&number) {
                continue;
            }
            match takers.watch(number) {
                Ok(Some(fifo)) => drop(self.others.insert(number, fifo)),
                Ok(None) => ended.push(number),
                Err(error) => {
                    let message = "cannot watch another taker of the queue";
                    return Err(Error::new(message).because(&error));
                }
            }
        }
        Ok(ended)
    }

    /// Sleeps until there may be something to do.
    ///
    /// # Errors
    /// The system cannot wait for so much.
    pub(super) fn sleep(&mut self) -> Result<()> {
        let mut fds = Vec::with_capacity(self.others.len() + 2);
        // A hang-up is told without being asked for.
        let fifos = self.others.values();
        fds.extend(fifos.map(|fifo| PollFd::new(fifo, PollFlags::empty())));
        self.added.add_to(&mut fds);
        let polled = self.marked.poll(&mut fds, self.added.interval());
        if let Err(error) = polled {
            return Err(Error::new("cannot wait for the queue").because(&error));
        }
        let hung_up = fds.iter().zip(self.others.keys());
        let hung_up = hung_up.filter(|(fd, _)| fd.revents().intersects(PollFlags::HUP));
        let hung_up: Vec<i64> = hung_up.map(|(_, &number)| number).collect();
        drop(fds);
        // The next look finds that they have ended.
        for number in hung_up {
            self.others.remove(&number);
        }
        Ok(())
    }
}

//! Marks of entries that have run.

use std::sync::Arc;

use super::file::SharedQueue;
use super::takers::TakerPresence;
use crate::error::Result;
use crate::job::Outcome;
use crate::observer::{Observer, ObserverAnswers, RecordStore, RecordTarget, RunEvent};
use crate::os::wake::Wake;

/// Observer that marks entries when their last attempts are over and all is written.
#[derive(Debug)]
pub(crate) struct QueueMarks {
    target: RecordTarget,
    _hold: QueueHold,
}

/// Keeps a queue open as long as the run lasts, and others from what this taker has.
#[derive(Debug)]
pub(crate) struct QueueHold {
    queue: Arc<SharedQueue>,
    presence: Arc<TakerPresence>,
}

impl QueueHold {
    pub(super) fn new(queue: Arc<SharedQueue>, presence: Arc<TakerPresence>) -> QueueHold {
        QueueHold { queue, presence }
    }
}

impl Drop for QueueHold {
    fn drop(&mut self) {
        self.queue.close();
        self.presence.leave();
    }
}

impl QueueMarks {
    /// Marks go to `target`, which is an [`EntryMarks`].
    pub(crate) fn new(target: RecordTarget, hold: QueueHold) -> QueueMarks {
        QueueMarks {
            target,
            _hold: hold,
        }
    }
}

impl Observer for QueueMarks {
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        if let RunEvent::OutputDelivered { record, .. } = event
            && !matches!(record.outcome, Outcome::Stopped(_))
        {
            let mark = EntryMark {
                seq: record.job.seq,
                is_done: record.outcome.is_success(),
            };
            answers.conclude(self.target, mark.encode().to_vec());
        }
    }
}

/// Mark of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct EntryMark {
    /// Number of the job.
    seq: u64,
    /// It has not failed.
    is_done: bool,
}

impl EntryMark {
    fn encode(self) -> [u8; 8] {
        (self.seq << 1 | u64::from(self.is_done)).to_le_bytes()
    }

    fn decode(record: [u8; 8]) -> EntryMark {
        let number = u64::from_le_bytes(record);
        EntryMark {
            seq: number >> 1,
            is_done: number & 1 == 1,
        }
    }
}

/// Marks that wait to be committed, and the connection that they go to.
#[derive(Debug)]
pub(crate) struct EntryMarks {
    queue: Arc<SharedQueue>,
    taker: i64,
    marks: Vec<EntryMark>,
    /// Woken after each commit.
    wake: Arc<Wake>,
}

impl EntryMarks {
    pub(super) fn new(queue: Arc<SharedQueue>, taker: i64, wake: Arc<Wake>) -> EntryMarks {
        EntryMarks {
            queue,
            taker,
            marks: Vec::new(),
            wake,
        }
    }
}

impl RecordStore for EntryMarks {
    fn add(&mut self, record: &[u8]) {
        let mark = record.try_into().map(EntryMark::decode);
        self.marks.extend(mark);
    }

    fn pending(&self) -> usize {
        self.marks.len()
    }

    fn commit(&mut self) -> Result<()> {
        let (taker, marks) = (self.taker, std::mem::take(&mut self.marks));
        let queue = Arc::clone(&self.queue);
        queue.with(|queue| {
            queue.change(|transaction| {
                let mut delete = transaction
                    .prepare("DELETE FROM entries WHERE state = 1 AND taker = ?1 AND seq = ?2")?;
                let mut fail = transaction.prepare(
                    "UPDATE entries SET state = 2, taker = NULL, seq = NULL
                 WHERE state = 1 AND taker = ?1 AND seq = ?2",
                )?;
                let mut done = 0;
                for mark in &marks {
                    let seq = mark.seq as i64;
                    if mark.is_done {
                        done += delete.execute((taker, seq))?;
                    } else {
                        fail.execute((taker, seq))?;
                    }
                }
                transaction.execute("UPDATE counters SET done = done + ?1", [done as i64])
            })
        })?;
        self.wake.wake();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back() {
        for seq in [1, 2, u64::MAX >> 1] {
            for is_done in [true, false] {
                let mark = EntryMark { seq, is_done };
                assert_eq!(EntryMark::decode(mark.encode()), mark);
            }
        }
    }
}

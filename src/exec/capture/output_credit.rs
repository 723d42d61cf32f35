//! How much of a job's output is on its way: a job waits when it is too much.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::exec::termination::slot_control::SlotControl;

/// Bytes of one job on their way to prun's output. Dropping it tells the job.
#[derive(Debug)]
pub(crate) struct OutputCredit {
    control: Arc<SlotControl>,
    bytes: usize,
}

impl OutputCredit {
    /// Counts `bytes` as on their way.
    pub(crate) fn new(control: &Arc<SlotControl>, bytes: u64) -> Self {
        let bytes = bytes as usize;
        control.in_flight.fetch_add(bytes, Ordering::SeqCst);
        OutputCredit {
            control: Arc::clone(control),
            bytes,
        }
    }
}

impl Drop for OutputCredit {
    fn drop(&mut self) {
        let before = self
            .control
            .in_flight
            .fetch_sub(self.bytes, Ordering::SeqCst);
        let share = self.control.share;
        if before >= share && before - self.bytes < share {
            self.control.wake.wake();
        }
    }
}

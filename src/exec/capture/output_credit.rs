//! Bound on the output of a job that is on its way to prun's output.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::exec::termination::slot_control::SlotControl;

/// Bytes of one job on their way to prun's output. When it is dropped, a job that waits
/// because they were too many goes on.
#[derive(Debug)]
pub(crate) struct OutputCredit {
    control: Arc<SlotControl>,
    bytes: usize,
}

impl OutputCredit {
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

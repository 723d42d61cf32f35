//! Number of jobs at once that the limit of open files allows.

/// Descriptors of a running job: two pipes, the watch on its end, and where
/// signals do not do it, the line to its slot.
const PER_JOB: usize = if cfg!(target_os = "linux") { 3 } else { 5 };

/// Descriptors of a job beside those while it is being started: the other ends.
const PER_START: usize = 2;

/// Descriptors of a job beside those, if it is fed: the pipe to its standard input, and the other
/// end while it is being started.
pub(crate) const FED: usize = 2;

/// The same if it reads a FIFO (`--fifo`): the FIFO itself, the pipe that ends the thread which
/// writes to it, two for that thread and for opening it once more, `/dev/null`.
pub(crate) const FED_BY_FIFO: usize = 6;

/// Descriptors for everything else.
const BESIDE: usize = 32;

/// Need of descriptors of the jobs of one command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DescriptorNeeds {
    per_job: usize,
    most_starts: usize,
}

impl DescriptorNeeds {
    /// Need of jobs that take `more` descriptors than a single process, when up to
    /// `most_starts` of them are started together.
    pub(crate) fn new(more: usize, most_starts: usize) -> Self {
        DescriptorNeeds {
            per_job: PER_JOB + more,
            most_starts,
        }
    }

    /// Descriptors that so many slots may need.
    pub(crate) fn wanted(&self, slots: usize) -> usize {
        let starting = slots.min(self.most_starts) * PER_START;
        let running = slots.saturating_mul(self.per_job);
        running.saturating_add(starting + BESIDE)
    }

    /// Slots that so many descriptors are enough for.
    pub(crate) fn slots(&self, limit: usize) -> usize {
        let left = limit.saturating_sub(BESIDE);
        let few = left / (self.per_job + PER_START);
        if few < self.most_starts {
            return few;
        }
        (left - self.most_starts * PER_START) / self.per_job
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slots_need_is_enough_for_them_and_for_no_more() {
        for more in 0..4 {
            let descriptors = DescriptorNeeds::new(more, 64);
            for slots in 1..1000 {
                assert_eq!(descriptors.slots(descriptors.wanted(slots)), slots);
            }
        }
    }
}

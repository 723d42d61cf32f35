//! Number of slots that may change while jobs run: `-j FILE`.

use crate::error::Result;
use crate::os::limits;
use crate::policy::descriptors::DescriptorNeeds;
use crate::policy::jobs::JobLimit;

/// File that holds the number of slots.
#[derive(Debug, Clone)]
pub(crate) struct SlotsFile {
    /// `-j FILE`.
    pub jobs: JobLimit,
    /// CPUs that its number may count from.
    pub cpus: usize,
    pub descriptors: DescriptorNeeds,
}

impl SlotsFile {
    /// Reads the number of slots, as far as they are possible; none while the file is empty,
    /// because whoever writes it has not written yet.
    ///
    /// # Errors
    /// The file cannot be read, or holds no number of jobs.
    pub(crate) fn read(&self) -> Result<Option<usize>> {
        let asked = self.jobs.slots_again(self.cpus)?;
        Ok(asked.map(|asked| fit(asked, self.descriptors).possible))
    }
}

/// Number of slots that the limit of open files allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlotCapacity {
    /// Slots, at most as many as were asked for.
    pub possible: usize,
    /// Limit of open files.
    pub limit: usize,
}

/// Raises the limit of open files for so many slots, as far as it can be raised.
pub(crate) fn fit(asked: usize, descriptors: DescriptorNeeds) -> SlotCapacity {
    let wanted = descriptors.wanted(asked);
    let limit = limits::raise_descriptors(wanted as u64);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let possible = if limit >= wanted {
        asked
    } else {
        descriptors.slots(limit).clamp(1, asked)
    };
    SlotCapacity { possible, limit }
}

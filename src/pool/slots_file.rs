//! A number of slots that may change while jobs run: `-j FILE`.

use crate::error::Result;
use crate::os::limits;
use crate::policy::descriptors::DescriptorNeeds;
use crate::policy::jobs::JobLimit;

/// The file, and what is needed to understand it.
#[derive(Debug, Clone)]
pub(crate) struct SlotsFile {
    /// What names the file.
    pub jobs: JobLimit,
    /// What its numbers may count from.
    pub cpus: usize,
    /// What jobs need.
    pub descriptors: DescriptorNeeds,
}

impl SlotsFile {
    /// How many slots it asks for now, as far as they are possible. None while it is
    /// empty: whoever writes it has not written yet.
    ///
    /// # Errors
    /// It cannot be read or makes no sense.
    pub(crate) fn read(&self) -> Result<Option<usize>> {
        let asked = self.jobs.slots_again(self.cpus)?;
        Ok(asked.map(|asked| fit(asked, self.descriptors).possible))
    }
}

/// How many slots can be had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlotCapacity {
    /// At most as many as were asked for.
    pub possible: usize,
    /// How many files can be open.
    pub limit: usize,
}

/// Makes room for so many slots as far as the limit of open files can be raised.
pub(crate) fn fit(asked: usize, descriptors: DescriptorNeeds) -> SlotCapacity {
    let wanted = descriptors.wanted(asked);
    let limit = limits::raise_descriptors(wanted as u64);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let possible = match limit >= wanted {
        true => asked,
        false => descriptors.slots(limit).clamp(1, asked),
    };
    SlotCapacity { possible, limit }
}

//! Number of slots that may change while jobs run: `-j FILE`.

use crate::error::{Error, Result};
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
    pub bound: Option<SlotBound>,
}

/// Bound on the number of slots, which no change during the run exceeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotBound {
    pub most: usize,
    /// The option that has a value for each of so many slots.
    pub owner: String,
}

impl SlotBound {
    /// # Errors
    /// `asked` is above the bound; `asker` says who asks.
    pub(crate) fn check(&self, asked: usize, asker: &str) -> Result<()> {
        let SlotBound { most, owner } = self;
        if asked <= *most {
            return Ok(());
        }
        let problem = format!("{asker} asks for more jobs at once than {owner} has values: {most}");
        Err(Error::new(problem).hint(format!("leave out {asker}: the number is {most} then")))
    }
}

impl SlotsFile {
    /// Reads the number of slots, as far as they are possible; none while the file is empty,
    /// because whoever writes it has not written yet.
    ///
    /// # Errors
    /// The file cannot be read, holds no number of jobs, or one that is above the bound.
    pub(crate) fn read(&self) -> Result<Option<usize>> {
        let Some(asked) = self.jobs.slots_again(self.cpus)? else {
            return Ok(None);
        };
        if let Some(bound) = &self.bound {
            bound.check(asked, &format!("-j {}", self.jobs))?;
        }
        Ok(Some(fit(asked, self.descriptors).possible))
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

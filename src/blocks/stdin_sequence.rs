//! Several sources of standard input, one after the other, and one that has nothing.

use std::collections::VecDeque;
use std::ops::Range;

use crate::error::Result;
use crate::input::JobStdin;
use crate::input::job_stdin::StdinSource;

/// Sources in the order of the files they read. No block has bytes of two.
#[derive(Debug)]
pub(crate) struct StdinSequence(pub VecDeque<Box<dyn StdinSource>>);

impl StdinSource for StdinSequence {
    fn next(&mut self) -> Result<Option<JobStdin>> {
        while let Some(source) = self.0.front_mut() {
            match source.next()? {
                None => drop(self.0.pop_front()),
                stdin => return Ok(stdin),
            }
        }
        Ok(None)
    }

    fn is_ready(&self) -> bool {
        self.0.front().is_none_or(|source| source.is_ready())
    }
}

/// Nothing for jobs that are only shown.
#[derive(Debug)]
pub(crate) struct NoStdin {
    pub jobs: Range<u64>,
    /// A run would know how many there are.
    pub is_total: bool,
}

impl StdinSource for NoStdin {
    fn next(&mut self) -> Result<Option<JobStdin>> {
        Ok(self.jobs.next().map(|_| JobStdin::Null))
    }

    fn total(&self) -> Option<u64> {
        self.is_total.then_some(self.jobs.end)
    }

    fn is_ready(&self) -> bool {
        true
    }
}

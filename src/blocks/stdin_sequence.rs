//! Several sources of standard input, one after the other, and one that has nothing.

use std::collections::VecDeque;

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

/// Nothing for so many jobs, which are only shown.
#[derive(Debug)]
pub(crate) struct NoStdin(pub u64);

impl StdinSource for NoStdin {
    fn next(&mut self) -> Result<Option<JobStdin>> {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        Ok(left.map(|_| JobStdin::Null))
    }

    fn is_ready(&self) -> bool {
        true
    }
}

//! Thread that makes jobs of rows. Standard input may keep it waiting for hours; it reads no
//! more rows than the dispatcher requests.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::event::PoolEvent;
use super::read_ahead::{self, ReadAhead};
use crate::error::{Error, Result};
use crate::input::{Row, Rows};
use crate::job::Job;

/// Source of a feeder's rows.
#[derive(Debug)]
pub(super) enum FeederInput {
    /// Input that is read no further than requested.
    Input(Box<Rows>),
    /// Input that another thread reads ahead (`--progress`).
    Ahead(Arc<ReadAhead>),
}

impl FeederInput {
    /// Waits for the next row. `wanted` of them can be used now.
    fn next(&mut self, wanted: usize) -> Option<Result<(u64, Row)>> {
        match self {
            FeederInput::Input(rows) => {
                rows.want(wanted);
                rows.next()
            }
            FeederInput::Ahead(ahead) => ahead.next(),
        }
    }

    fn is_ready(&self) -> bool {
        match self {
            FeederInput::Input(rows) => rows.is_ready(),
            FeederInput::Ahead(ahead) => ahead.is_ready(),
        }
    }
}

/// Hands out rows as jobs.
#[derive(Debug)]
pub(super) struct Feeder {
    source: FeederInput,
}

impl Feeder {
    pub(super) fn new(source: FeederInput) -> Self {
        Feeder { source }
    }

    /// Hands out as many jobs as `demand` requests, until the input or the run ends.
    pub(super) fn run(mut self, demand: &Receiver<usize>, events: &Sender<PoolEvent>) {
        while let Ok(mut wanted) = demand.recv() {
            while wanted > 0 {
                wanted += demand.try_iter().sum::<usize>();
                let mut jobs = Vec::new();
                let end = self.batch(wanted, &mut jobs);
                wanted -= jobs.len();
                if let FeederInput::Input(rows) = &mut self.source {
                    read_ahead::send_warnings(rows, events);
                }
                // An error means that the run is over.
                if !jobs.is_empty() && events.send(PoolEvent::Jobs(jobs)).is_err() {
                    return;
                }
                if let Some(error) = end {
                    let _ = events.send(PoolEvent::InputEnded(error));
                    return;
                }
            }
        }
    }

    /// Reads at least one job, and more without waiting for them. Returns the end of the input,
    /// if it has come, with its error.
    fn batch(&mut self, wanted: usize, jobs: &mut Vec<Job>) -> Option<Option<Error>> {
        while jobs.len() < wanted {
            match self.source.next(wanted - jobs.len()) {
                Some(Ok((seq, row))) => jobs.push(Job::new(seq, row)),
                Some(Err(error)) => return Some(Some(error)),
                None => return Some(None),
            }
            if !self.source.is_ready() {
                break;
            }
        }
        None
    }
}

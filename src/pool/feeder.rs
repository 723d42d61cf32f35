//! The thread that makes jobs of rows. Standard input may keep it waiting for hours; it is
//! asked for so many jobs at a time and hands out no more.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::event::PoolEvent;
use super::read_ahead::{self, ReadAhead};
use crate::error::{Error, Result};
use crate::input::{Row, Rows};
use crate::job::Job;

/// Where a feeder takes rows from.
#[derive(Debug)]
pub(super) enum RowSource {
    /// The input, read no further than asked for.
    Input(Box<Rows>),
    /// Rows that were read ahead.
    Ahead(Arc<ReadAhead>),
}

impl RowSource {
    fn next(&mut self) -> Option<Result<(u64, Row)>> {
        match self {
            RowSource::Input(rows) => rows.next(),
            RowSource::Ahead(ahead) => ahead.next(),
        }
    }

    fn is_ready(&self) -> bool {
        match self {
            RowSource::Input(rows) => rows.is_ready(),
            RowSource::Ahead(ahead) => ahead.is_ready(),
        }
    }
}

/// Hands out rows as jobs.
#[derive(Debug)]
pub(super) struct Feeder {
    source: RowSource,
}

impl Feeder {
    /// Nothing is handed out yet.
    pub(super) fn new(source: RowSource) -> Self {
        Feeder { source }
    }

    /// Hands out as many jobs as `demand` asks for, until the input ends or nobody asks.
    pub(super) fn run(mut self, demand: &Receiver<usize>, events: &Sender<PoolEvent>) {
        while let Ok(mut wanted) = demand.recv() {
            while wanted > 0 {
                wanted += demand.try_iter().sum::<usize>();
                let mut jobs = Vec::new();
                let end = self.batch(wanted, &mut jobs);
                wanted -= jobs.len();
                if let RowSource::Input(rows) = &mut self.source {
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

    /// Takes at least one job, and more as long as none has to be waited for. Returns
    /// how the input ended, if it did.
    fn batch(&mut self, wanted: usize, jobs: &mut Vec<Job>) -> Option<Option<Error>> {
        while jobs.len() < wanted {
            match self.source.next() {
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

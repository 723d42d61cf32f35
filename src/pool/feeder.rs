//! The thread that reads input. Standard input may keep it waiting for hours; it is
//! asked for so many jobs at a time and reads no further.

use crossbeam_channel::{Receiver, Sender};

use super::event::Event;
use crate::error::Error;
use crate::input::Rows;
use crate::job::Job;

/// Hands out rows as jobs.
#[derive(Debug)]
pub struct Feeder {
    rows: Rows,
}

impl Feeder {
    /// Nothing is read yet.
    pub fn new(rows: Rows) -> Self {
        Feeder { rows }
    }

    /// Reads as many jobs as `demand` asks for, until the input ends or nobody asks.
    pub fn run(mut self, demand: &Receiver<usize>, events: &Sender<Event>) {
        while let Ok(mut wanted) = demand.recv() {
            while wanted > 0 {
                wanted += demand.try_iter().sum::<usize>();
                let mut jobs = Vec::new();
                let end = self.batch(wanted, &mut jobs);
                wanted -= jobs.len();
                for warning in self.rows.take_warnings() {
                    let text = format!("{warning}\n").into_bytes();
                    let _ = events.send(Event::Remark(text));
                }
                // An error means that the run is over.
                if !jobs.is_empty() && events.send(Event::Jobs(jobs)).is_err() {
                    return;
                }
                if let Some(error) = end {
                    let _ = events.send(Event::InputEnded(error));
                    return;
                }
            }
        }
    }

    /// Takes at least one job, and more as long as none has to be waited for. Returns
    /// how the input ended, if it did.
    fn batch(&mut self, wanted: usize, jobs: &mut Vec<Job>) -> Option<Option<Error>> {
        while jobs.len() < wanted {
            match self.rows.next() {
                Some(Ok((seq, row))) => jobs.push(Job {
                    seq,
                    row,
                    attempt: 1,
                }),
                Some(Err(error)) => return Some(Some(error)),
                None => return Some(None),
            }
            if !self.rows.is_ready() {
                break;
            }
        }
        None
    }
}

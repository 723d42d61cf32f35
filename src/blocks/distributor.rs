//! Blocks dealt to jobs that run all the time.
//!
//! One thread reads blocks, and another one writes them to the pipes of the workers: bytes that
//! are there go to a worker even while the input stands still.

mod block_writer;
mod options;
mod record_sorter;
mod worker_stream;

#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::{mem, panic, vec};

use super::block_reader::BlockReader;
use crate::error::{Error, Result};
use crate::input::JobStdin;
use crate::input::job_stdin::{StdinSource, StdinStream};
use crate::os::wake::Wake;
use block_writer::BlockWriter;
pub(crate) use options::{DistributionMode, DistributionOptions};
use worker_stream::WorkerStream;

/// Most blocks that wait for the thread that writes. The number of buffers bounds them too.
const MOST_BLOCKS: usize = 64;

/// Standard inputs of workers. All of them must run at once with `--tee`, `--shard` and
/// `--bin`: one that does not read in the end holds the others back.
#[derive(Debug)]
pub(crate) struct SharedStreams {
    /// `None` if workers start with a block.
    total: Option<u64>,
    streams: vec::IntoIter<StdinStream>,
    /// Streams of workers that have got their first block.
    started: Receiver<StdinStream>,
    state: DistributionState,
}

#[derive(Debug)]
enum DistributionState {
    Ready(Box<Distribution>),
    Running(JoinHandle<Result<()>>),
    Ended,
}

#[derive(Debug)]
struct Distribution {
    reader: BlockReader,
    options: DistributionOptions,
    workers: Vec<WorkerStream>,
    starts: Sender<StdinStream>,
}

impl SharedStreams {
    /// # Errors
    /// There is no descriptor left.
    pub(crate) fn new(reader: BlockReader, options: DistributionOptions) -> Result<SharedStreams> {
        let must_read_all = !matches!(options.mode, DistributionMode::Tee);
        let open = |_| WorkerStream::open(must_read_all);
        let opened: io::Result<Vec<_>> = (0..options.workers.get()).map(open).collect();
        let opened = opened.map_err(|error| {
            let count = options.workers;
            Error::new(format!("cannot open the pipes of {count} jobs")).because(&error)
        })?;
        let (mut workers, mut streams): (Vec<_>, Vec<_>) = opened.into_iter().unzip();
        let total = (!options.starts_with_block).then_some(streams.len() as u64);
        if options.starts_with_block {
            let pairs = workers.iter_mut().zip(streams.drain(..));
            pairs.for_each(|(worker, stream)| worker.hold(stream));
        }
        let (starts, started) = channel();
        Ok(SharedStreams {
            total,
            streams: streams.into_iter(),
            started,
            state: DistributionState::Ready(Box::new(Distribution {
                reader,
                options,
                workers,
                starts,
            })),
        })
    }
}

impl StdinSource for SharedStreams {
    fn next(&mut self) -> Result<Option<JobStdin>> {
        let state = mem::replace(&mut self.state, DistributionState::Ended);
        self.state = match state {
            DistributionState::Ready(distribution) => {
                DistributionState::Running(distribution.start()?)
            }
            state => state,
        };
        if let Some(stream) = self.streams.next() {
            return Ok(Some(JobStdin::Stream(stream)));
        }
        if let Ok(stream) = self.started.recv() {
            return Ok(Some(JobStdin::Stream(stream)));
        }
        match mem::replace(&mut self.state, DistributionState::Ended) {
            DistributionState::Running(thread) => match thread.join() {
                Ok(end) => end.map(|()| None),
                Err(payload) => panic::resume_unwind(payload),
            },
            _ => Ok(None),
        }
    }

    fn total(&self) -> Option<u64> {
        self.total
    }

    fn is_ready(&self) -> bool {
        self.streams.len() > 0
    }
}

impl Distribution {
    /// Starts both threads, and returns the one that writes. The other one may wait for a
    /// stream that nobody wants any more: nobody joins it.
    fn start(self) -> Result<JoinHandle<Result<()>>> {
        let cannot_start = |error: io::Error| {
            Error::new("cannot start a thread that deals blocks").because(&error)
        };
        let wake = Arc::new(Wake::new().map_err(cannot_start)?);
        // Blocks that nobody receives any more are dropped with the receiver, so that the
        // reader gets their buffers: channels of crossbeam keep them.
        let (sender, blocks) = sync_channel(MOST_BLOCKS);
        let workers = (self.workers, self.starts);
        let writer = BlockWriter::new(self.options, workers, (blocks, Arc::clone(&wake)));
        let thread = Builder::new().name("block writer".to_owned());
        let thread = thread.spawn(|| writer.run()).map_err(cannot_start)?;
        let mut reader = self.reader;
        let builder = Builder::new().name("block reader".to_owned());
        let read = move || {
            while let Some(block) = reader.next_block().transpose() {
                let is_last = block.is_err();
                if sender.send(block).is_err() || is_last {
                    break;
                }
                wake.wake();
            }
            // The end is news too.
            drop(sender);
            wake.wake();
        };
        builder.spawn(read).map_err(cannot_start)?;
        Ok(thread)
    }
}

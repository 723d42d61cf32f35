//! The thread that writes blocks to the pipes of workers.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};

use super::options::{DistributionMode, DistributionOptions};
use super::record_sorter::{KeyRule, RecordSorter};
use super::worker_stream::{CHUNK, StreamPiece, WorkerStream};
use crate::error::{Error, Result};
use crate::input::block::Block;
use crate::input::job_stdin::StdinStream;
use crate::os::wake::Wake;

/// Most pieces that wait for a worker with `--tee`. The number of buffers bounds them too.
const MOST_PIECES: usize = 64;

#[derive(Debug)]
pub(super) struct BlockWriter {
    blocks: Receiver<Result<Block>>,
    /// Called when there is a block or no more block.
    wake: Arc<Wake>,
    workers: Vec<WorkerStream>,
    /// Where the streams of workers go that start with a block.
    starts: Sender<StdinStream>,
    rule: DealingRule,
    passes_header: bool,
    has_ended: bool,
    /// First error of the input.
    error: Option<Error>,
}

#[derive(Debug)]
enum DealingRule {
    RoundRobin {
        is_ordered: bool,
        /// The worker that is asked first.
        next: usize,
        /// Block that no worker could take yet.
        waiting: Option<Block>,
    },
    Tee,
    Sorted {
        sorter: RecordSorter,
        /// Bytes that may wait for the workers before the next block is sorted.
        bound: usize,
    },
}

impl BlockWriter {
    /// `blocks` come with what wakes the thread when there is one, `workers` with the place where
    /// the streams go that they hold.
    pub(super) fn new(
        options: DistributionOptions,
        (workers, starts): (Vec<WorkerStream>, Sender<StdinStream>),
        (blocks, wake): (Receiver<Result<Block>>, Arc<Wake>),
    ) -> BlockWriter {
        let sorted = |key, rule| DealingRule::Sorted {
            sorter: RecordSorter::new(key, rule, options.workers.get()),
            bound: options.block_size.saturating_mul(workers.len()),
        };
        let rule = match options.mode {
            DistributionMode::RoundRobin { is_ordered } => DealingRule::RoundRobin {
                is_ordered,
                next: 0,
                waiting: None,
            },
            DistributionMode::Tee => DealingRule::Tee,
            DistributionMode::Shard(key) => sorted(key, KeyRule::Hash),
            DistributionMode::Bin(key) => sorted(key, KeyRule::Number),
        };
        BlockWriter {
            blocks,
            wake,
            workers,
            starts,
            rule,
            passes_header: options.passes_header,
            has_ended: false,
            error: None,
        }
    }

    /// Writes until the input has ended and all is written, or nobody reads any more.
    ///
    /// # Errors
    /// The input cannot be read or divided, or a worker has ended with input left.
    pub(super) fn run(mut self) -> Result<()> {
        self.wake.attach();
        let written = self.deal_and_write();
        let written =
            written.map_err(|error| Error::new("cannot write to the jobs").because(&error));
        self.error.map_or(written, Err)?;
        let has_lost = |(number, worker): (usize, &WorkerStream)| {
            worker.has_lost_input().then(|| (number + 1).to_string())
        };
        let lost: Vec<_> = self
            .workers
            .iter()
            .enumerate()
            .filter_map(has_lost)
            .collect();
        let text = match lost.as_slice() {
            [] => return Ok(()),
            [one] => format!("worker {one} ended with input left"),
            all => format!("workers {} ended with input left", all.join(", ")),
        };
        Err(Error::new(text).hint("read all of the input: 'head -1; cat >/dev/null'"))
    }

    fn deal_and_write(&mut self) -> io::Result<()> {
        loop {
            let may_have_more = self.accept_blocks();
            if self.has_ended && !self.holds_block() {
                self.workers.iter_mut().for_each(WorkerStream::close);
            }
            if !self.workers.iter().any(WorkerStream::is_open) {
                self.lose_waiting();
                if self.has_ended || self.is_over_without_workers() {
                    return Ok(());
                }
            }
            self.write(may_have_more.then_some(Duration::ZERO))?;
        }
    }

    /// Nothing can come of more input. When all workers have ended and have read all that
    /// there was, only more input tells whether some was left.
    fn is_over_without_workers(&self) -> bool {
        matches!(self.rule, DealingRule::Tee)
            || self.workers.iter().any(WorkerStream::has_lost_input)
    }

    fn holds_block(&self) -> bool {
        matches!(&self.rule, DealingRule::RoundRobin { waiting, .. } if waiting.is_some())
    }

    /// Deals blocks that are there. Returns `true` if there may be more of them, which can wait
    /// until what was dealt is on its way.
    fn accept_blocks(&mut self) -> bool {
        let mut length = 0;
        while !self.has_ended && self.has_room() {
            if length >= CHUNK {
                return true;
            }
            match self.blocks.try_recv() {
                Ok(Ok(block)) => {
                    length += block.len();
                    if let Err(error) = self.deal(block) {
                        self.fail(error);
                    }
                }
                Ok(Err(error)) => self.fail(error),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => self.has_ended = true,
            }
        }
        false
    }

    /// What was dealt before an error is written.
    fn fail(&mut self, error: Error) {
        self.has_ended = true;
        self.error = Some(error);
    }

    /// Another block can be dealt.
    fn has_room(&self) -> bool {
        match &self.rule {
            DealingRule::RoundRobin { waiting, .. } => waiting.is_none(),
            DealingRule::Tee => {
                let has_room = |worker: &WorkerStream| worker.pieces() < MOST_PIECES;
                self.workers.iter().all(has_room)
            }
            DealingRule::Sorted { bound, .. } => {
                let pending: usize = self.workers.iter().map(WorkerStream::pending).sum();
                pending < *bound
            }
        }
    }

    fn deal(&mut self, block: Block) -> Result<()> {
        let header = block.header().filter(|_| self.passes_header);
        match &mut self.rule {
            DealingRule::RoundRobin { waiting, .. } => *waiting = Some(block),
            DealingRule::Tee => {
                for worker in &mut self.workers {
                    worker.begin(header);
                    worker.push(StreamPiece::Block(block.clone()));
                }
            }
            DealingRule::Sorted { sorter, .. } => {
                return sorter.sort(&block, self.passes_header, &mut self.workers);
            }
        }
        Ok(())
    }

    /// Waits until a worker can take something, has ended, or the thread is woken; writes what
    /// can be written.
    fn write(&mut self, timeout: Option<Duration>) -> io::Result<()> {
        for (index, flags) in self.poll(timeout)? {
            if flags.contains(PollFlags::OUT) && !flags.intersects(PollFlags::ERR) {
                self.give_waiting(index);
                self.workers[index].write()?;
            } else {
                // Its read end is closed. A block that waits is for another worker.
                self.workers[index].lose();
            }
        }
        Ok(())
    }

    /// Workers that something has happened to, beginning with the one that is asked first.
    fn poll(&self, timeout: Option<Duration>) -> io::Result<Vec<(usize, PollFlags)>> {
        let count = self.workers.len();
        let first = match self.rule {
            DealingRule::RoundRobin { next, .. } => next,
            _ => 0,
        };
        let mut indices = Vec::with_capacity(count);
        let mut fds = Vec::with_capacity(count + 1);
        for index in (first..count).chain(0..first) {
            let worker = &self.workers[index];
            let Some(pipe) = worker.pipe() else { continue };
            let wants_room = worker.pending() > 0 || self.can_take_waiting(index);
            let flags = if wants_room {
                PollFlags::OUT
            } else {
                PollFlags::empty()
            };
            indices.push(index);
            fds.push(PollFd::new(pipe, flags));
        }
        if !self.wake.poll(&mut fds, timeout)? {
            return Ok(Vec::new());
        }
        let polled = indices.into_iter().zip(fds.iter().map(PollFd::revents));
        Ok(polled.filter(|(_, flags)| !flags.is_empty()).collect())
    }

    /// The worker may get the block that waits, as soon as its pipe has room.
    fn can_take_waiting(&self, index: usize) -> bool {
        let DealingRule::RoundRobin {
            is_ordered,
            next,
            waiting: Some(_),
        } = &self.rule
        else {
            return false;
        };
        let count = self.workers.len();
        let worker = &self.workers[index];
        let mut before = (0..(index + count - next) % count).map(|nth| (next + nth) % count);
        let is_turn = !is_ordered || !before.any(|index| self.workers[index].is_open());
        worker.is_open() && worker.pending() == 0 && is_turn
    }

    /// The block that waits is lost by the worker that was to be asked first.
    fn lose_waiting(&mut self) {
        if let DealingRule::RoundRobin { next, waiting, .. } = &mut self.rule
            && let Some(block) = waiting.take()
        {
            self.workers[*next].push(StreamPiece::Block(block));
        }
    }

    fn give_waiting(&mut self, index: usize) {
        if !self.can_take_waiting(index) {
            return;
        }
        if let DealingRule::RoundRobin { next, waiting, .. } = &mut self.rule
            && let Some(block) = waiting.take()
        {
            *next = (index + 1) % self.workers.len();
            let worker = &mut self.workers[index];
            if let Some(stream) = worker.take_unstarted() {
                // Nobody starts jobs any more: the stream is closed here, and that is seen.
                let _ = self.starts.send(stream);
            }
            worker.begin(block.header().filter(|_| self.passes_header));
            worker.push(StreamPiece::Block(block));
        }
    }
}

//! The built-ins of a job's pipelines: each runs on a thread of its own, as a command would
//! run as a process, but no signal ends it. Threads are kept for the next job.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use crate::builtin::{OnSuccess, WorkerThreads};
use crate::exec::builtin::byte_channel::CancelSignal;
use crate::exec::builtin::stage::BuiltinStage;
use crate::os::child::{ExitStatus, ResourceUsage};
use crate::os::wake::Wake;

/// Enough for every built-in. Only what is used takes memory.
const STACK: usize = 256 << 10;

/// The filters of one job that run.
#[derive(Debug)]
pub(crate) struct RunningStages {
    running: usize,
    ends: (Sender<StageEnd>, Receiver<StageEnd>),
    /// Gone after a halt.
    halt: Option<Sender<Infallible>>,
    halted: CancelSignal,
    /// To wake them with.
    wakes: Vec<Arc<Wake>>,
    /// To wake the slot with.
    slot: Arc<Wake>,
    threads: Arc<StageThreads>,
    /// Those that were taken for filters which are to be started.
    reserved: Vec<StageThread>,
}

/// Threads that wait for work. There are never more than filters have run at once.
#[derive(Debug)]
pub(crate) struct StageThreads {
    idle: Mutex<Vec<StageThread>>,
    /// Those that share the work on large inputs.
    pub workers: WorkerThreads,
}

/// The line to one of them.
#[derive(Debug, Clone)]
struct StageThread {
    tasks: Sender<StageTask>,
    wake: Arc<Wake>,
}

/// What a thread does for a filter.
struct StageTask {
    filter: BuiltinStage,
    halted: CancelSignal,
    completion_guard: CompletionGuard,
}

/// How a filter has ended.
#[derive(Debug)]
pub(crate) struct StageEnd {
    /// Its place in the pipeline.
    pub at: usize,
    /// Its status.
    pub status: ExitStatus,
    /// What it used.
    pub usage: ResourceUsage,
    /// What is left to be done if the job succeeds.
    pub on_success: Option<OnSuccess>,
}

impl RunningStages {
    /// None yet. When one has ended, the slot is woken.
    pub(crate) fn new(slot: Arc<Wake>, threads: Arc<StageThreads>) -> RunningStages {
        let (halt, halted) = bounded(0);
        RunningStages {
            running: 0,
            ends: unbounded(),
            halt: Some(halt),
            halted,
            wakes: Vec::new(),
            slot,
            threads,
            reserved: Vec::new(),
        }
    }

    /// Takes threads for so many filters, before anything has happened.
    ///
    /// # Errors
    /// There is no room for a thread.
    pub(crate) fn reserve(&mut self, count: usize) -> io::Result<()> {
        while self.reserved.len() < count {
            self.reserved.push(StageThreads::take(&self.threads)?);
        }
        Ok(())
    }

    /// Starts one more.
    ///
    /// # Errors
    /// There is no room for a thread.
    pub(crate) fn start(&mut self, filter: BuiltinStage, at: usize) -> io::Result<()> {
        let thread = match self.reserved.pop() {
            Some(thread) => thread,
            None => StageThreads::take(&self.threads)?,
        };
        self.wakes.push(Arc::clone(&thread.wake));
        self.running += 1;
        let task = StageTask {
            filter,
            halted: self.halted.clone(),
            completion_guard: CompletionGuard::new(at, self.ends.0.clone(), Arc::clone(&self.slot)),
        };
        // A thread that is gone tells its end by dropping the task.
        let _ = thread.tasks.send(task);
        Ok(())
    }

    /// How many run.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// One that has ended since this was asked last.
    pub(crate) fn ended(&mut self) -> Option<StageEnd> {
        let end = self.ends.1.try_recv().ok()?;
        self.running -= 1;
        Some(end)
    }

    /// Ends those that run, and those that would be started.
    pub(crate) fn stop(&mut self) {
        self.halt = None;
        if self.running > 0 {
            self.wakes.iter().for_each(|wake| wake.wake());
        }
    }
}

impl Drop for RunningStages {
    /// Nothing was started: others can have the threads.
    fn drop(&mut self) {
        self.threads.idle().append(&mut self.reserved);
    }
}

impl StageThreads {
    /// None yet; `width` are for large inputs. A built-in holds `max_record` bytes of a line at most.
    pub(crate) fn new(width: usize, max_record: usize) -> StageThreads {
        StageThreads {
            idle: Mutex::default(),
            workers: WorkerThreads::new(width, max_record),
        }
    }

    /// One of them, or a new one.
    fn take(threads: &Arc<StageThreads>) -> io::Result<StageThread> {
        if let Some(thread) = threads.idle().pop() {
            return Ok(thread);
        }
        let (sender, tasks) = unbounded::<StageTask>();
        let thread = StageThread {
            tasks: sender,
            wake: Arc::new(Wake::new()?),
        };
        let (line, threads) = (thread.clone(), Arc::clone(threads));
        thread::Builder::new()
            .name("built-in".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                line.wake.attach();
                for task in tasks {
                    let completion_guard = task.perform(&line.wake, &threads.workers);
                    // Before anybody hears of the end and wants a thread for what comes next.
                    threads.idle().push(line.clone());
                    drop(completion_guard);
                }
            })?;
        Ok(thread)
    }

    /// Nothing can be half done when a holder of the lock panics.
    fn idle(&self) -> MutexGuard<'_, Vec<StageThread>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StageTask {
    fn perform(self, wake: &Wake, workers: &WorkerThreads) -> CompletionGuard {
        let StageTask {
            filter,
            halted,
            mut completion_guard,
        } = self;
        let before = ResourceUsage::of_thread();
        // Whoever reads or writes at its other ends hears of its end before the slot does.
        (completion_guard.end.status, completion_guard.end.on_success) =
            filter.run(halted, wake, workers);
        completion_guard.end.usage = ResourceUsage::of_thread().since(before);
        completion_guard
    }
}

/// Tells the slot of the end, whatever the end is.
struct CompletionGuard {
    end: StageEnd,
    ends: Sender<StageEnd>,
    slot: Arc<Wake>,
}

impl CompletionGuard {
    fn new(at: usize, ends: Sender<StageEnd>, slot: Arc<Wake>) -> CompletionGuard {
        let end = StageEnd {
            at,
            status: ExitStatus::Exited(1),
            usage: ResourceUsage::default(),
            on_success: None,
        };
        CompletionGuard { end, ends, slot }
    }
}

impl Drop for CompletionGuard {
    fn drop(&mut self) {
        let end = StageEnd {
            on_success: self.end.on_success.take(),
            ..self.end
        };
        // Nobody listens only when the job was given up.
        let _ = self.ends.send(end);
        self.slot.wake();
    }
}

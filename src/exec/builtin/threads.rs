//! Threads for the built-ins of pipelines: each runs on one of its own, as a command runs as
//! a process, but no signal ends it. Threads are kept for the next job.

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

/// Bytes of stack, enough for every built-in. Only those that are used take memory.
const STACK: usize = 256 << 10;

/// Built-ins of one job's pipeline that run.
#[derive(Debug)]
pub(crate) struct RunningStages {
    running: usize,
    ends: (Sender<StageEnd>, Receiver<StageEnd>),
    /// Dropped to disconnect `cancel_signal`.
    canceller: Option<Sender<Infallible>>,
    cancel_signal: CancelSignal,
    /// Wakes of the threads that were started.
    wakes: Vec<Arc<Wake>>,
    slot_wake: Arc<Wake>,
    threads: Arc<StageThreads>,
    /// Threads for stages that are to be started.
    reserved: Vec<StageThread>,
}

/// Threads of all jobs. There are never more of them than stages have run at once.
#[derive(Debug)]
pub(crate) struct StageThreads {
    idle: Mutex<Vec<StageThread>>,
    /// Threads that share the work on large inputs.
    pub workers: WorkerThreads,
}

/// Handle of a thread.
#[derive(Debug, Clone)]
struct StageThread {
    tasks: Sender<StageTask>,
    wake: Arc<Wake>,
}

struct StageTask {
    stage: BuiltinStage,
    cancel_signal: CancelSignal,
    completion_guard: CompletionGuard,
}

/// End of a built-in stage.
#[derive(Debug)]
pub(crate) struct StageEnd {
    /// Index of the stage in its pipeline.
    pub at: usize,
    pub status: ExitStatus,
    pub usage: ResourceUsage,
    pub on_success: Option<OnSuccess>,
}

impl RunningStages {
    /// `slot_wake` is woken each time a stage has ended.
    pub(crate) fn new(slot_wake: Arc<Wake>, threads: Arc<StageThreads>) -> RunningStages {
        let (canceller, cancel_signal) = bounded(0);
        RunningStages {
            running: 0,
            ends: unbounded(),
            canceller: Some(canceller),
            cancel_signal,
            wakes: Vec::new(),
            slot_wake,
            threads,
            reserved: Vec::new(),
        }
    }

    /// Takes threads for `count` stages, before any of them is started.
    ///
    /// # Errors
    /// No thread can be started.
    pub(crate) fn reserve(&mut self, count: usize) -> io::Result<()> {
        while self.reserved.len() < count {
            self.reserved.push(StageThreads::take(&self.threads)?);
        }
        Ok(())
    }

    /// # Errors
    /// No thread can be started.
    pub(crate) fn start(&mut self, stage: BuiltinStage, at: usize) -> io::Result<()> {
        let thread = match self.reserved.pop() {
            Some(thread) => thread,
            None => StageThreads::take(&self.threads)?,
        };
        self.wakes.push(Arc::clone(&thread.wake));
        self.running += 1;
        let task = StageTask {
            stage,
            cancel_signal: self.cancel_signal.clone(),
            completion_guard: CompletionGuard::new(
                at,
                self.ends.0.clone(),
                Arc::clone(&self.slot_wake),
            ),
        };
        // If the thread is gone, the guard is dropped with the task and tells the end.
        let _ = thread.tasks.send(task);
        Ok(())
    }

    /// Number of stages that run.
    pub(crate) fn running(&self) -> usize {
        self.running
    }

    /// Takes the end of a stage that has ended, if there is one.
    pub(crate) fn take_ended(&mut self) -> Option<StageEnd> {
        let end = self.ends.1.try_recv().ok()?;
        self.running -= 1;
        Some(end)
    }

    /// Ends the stages that run, and those that would be started.
    pub(crate) fn stop(&mut self) {
        self.canceller = None;
        if self.running > 0 {
            self.wakes.iter().for_each(|wake| wake.wake());
        }
    }
}

impl Drop for RunningStages {
    /// Leaves threads that were not used to other jobs.
    fn drop(&mut self) {
        self.threads.idle().append(&mut self.reserved);
    }
}

impl StageThreads {
    /// The arguments are those of [`WorkerThreads::new`].
    pub(crate) fn new(width: usize, max_record: usize) -> StageThreads {
        StageThreads {
            idle: Mutex::default(),
            workers: WorkerThreads::new(width, max_record),
        }
    }

    /// Takes an idle thread or starts one.
    fn take(threads: &Arc<StageThreads>) -> io::Result<StageThread> {
        if let Some(thread) = threads.idle().pop() {
            return Ok(thread);
        }
        let (sender, tasks) = unbounded::<StageTask>();
        let thread = StageThread {
            tasks: sender,
            wake: Arc::new(Wake::new()?),
        };
        let (own, threads) = (thread.clone(), Arc::clone(threads));
        thread::Builder::new()
            .name("built-in".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                own.wake.attach();
                for task in tasks {
                    let completion_guard = task.perform(&own.wake, &threads.workers);
                    // Before the slot hears of the end and wants a thread for the next stage.
                    threads.idle().push(own.clone());
                    drop(completion_guard);
                }
            })?;
        Ok(thread)
    }

    /// A holder of the lock that panics leaves nothing half done.
    fn idle(&self) -> MutexGuard<'_, Vec<StageThread>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StageTask {
    fn perform(self, wake: &Wake, workers: &WorkerThreads) -> CompletionGuard {
        let mut completion_guard = self.completion_guard;
        let before = ResourceUsage::of_thread();
        // The stages around it hear of its end before the slot does.
        let (status, on_success) = self.stage.run(self.cancel_signal, wake, workers);
        let end = &mut completion_guard.end;
        (end.status, end.on_success) = (status, on_success);
        end.usage = ResourceUsage::of_thread().since(before);
        completion_guard
    }
}

/// Tells the slot of a stage's end when it is dropped, also by a panic.
struct CompletionGuard {
    end: StageEnd,
    ends: Sender<StageEnd>,
    slot_wake: Arc<Wake>,
}

impl CompletionGuard {
    fn new(at: usize, ends: Sender<StageEnd>, slot_wake: Arc<Wake>) -> CompletionGuard {
        let end = StageEnd {
            at,
            status: ExitStatus::Exited(1),
            usage: ResourceUsage::default(),
            on_success: None,
        };
        CompletionGuard {
            end,
            ends,
            slot_wake,
        }
    }
}

impl Drop for CompletionGuard {
    fn drop(&mut self) {
        let end = StageEnd {
            on_success: self.end.on_success.take(),
            ..self.end
        };
        // The receiver is gone if the job was given up.
        let _ = self.ends.send(end);
        self.slot_wake.wake();
    }
}

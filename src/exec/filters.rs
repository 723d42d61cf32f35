//! The built-ins of a job's pipelines: each runs on a thread of its own, as a command would
//! run as a process, but no signal ends it. Threads are kept for the next job.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::filter::Filter;
use super::link::Halted;
use crate::builtin::{Pledge, Workers};
use crate::os::child::{Status, Usage};
use crate::os::wake::Wake;

/// Enough for every built-in. Only what is used takes memory.
const STACK: usize = 256 << 10;

/// The filters of one job that run.
#[derive(Debug)]
pub struct Filters {
    running: usize,
    ends: (Sender<End>, Receiver<End>),
    /// Gone after a halt.
    halt: Option<Sender<Infallible>>,
    halted: Halted,
    /// To wake them with.
    wakes: Vec<Arc<Wake>>,
    /// To wake the slot with.
    slot: Arc<Wake>,
    threads: Arc<Threads>,
    /// Those that were taken for filters which are to be started.
    reserved: Vec<Thread>,
}

/// Threads that wait for work. There are never more than filters have run at once.
#[derive(Debug)]
pub struct Threads {
    idle: Mutex<Vec<Thread>>,
    /// Those that share the work on large inputs.
    pub workers: Workers,
}

/// The line to one of them.
#[derive(Debug, Clone)]
struct Thread {
    tasks: Sender<Task>,
    wake: Arc<Wake>,
}

/// What a thread does for a filter.
struct Task {
    filter: Filter,
    halted: Halted,
    farewell: Farewell,
}

/// How a filter has ended.
#[derive(Debug)]
pub struct End {
    /// Its place in the pipeline.
    pub at: usize,
    /// Its status.
    pub status: Status,
    /// What it used.
    pub usage: Usage,
    /// What is left to be done if the job succeeds.
    pub pledge: Option<Pledge>,
}

impl Filters {
    /// None yet. When one has ended, the slot is woken.
    pub fn new(slot: Arc<Wake>, threads: Arc<Threads>) -> Filters {
        let (halt, halted) = bounded(0);
        Filters {
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
    pub fn reserve(&mut self, count: usize) -> io::Result<()> {
        while self.reserved.len() < count {
            self.reserved.push(Threads::take(&self.threads)?);
        }
        Ok(())
    }

    /// Starts one more.
    ///
    /// # Errors
    /// There is no room for a thread.
    pub fn start(&mut self, filter: Filter, at: usize) -> io::Result<()> {
        let thread = match self.reserved.pop() {
            Some(thread) => thread,
            None => Threads::take(&self.threads)?,
        };
        self.wakes.push(Arc::clone(&thread.wake));
        self.running += 1;
        let task = Task {
            filter,
            halted: self.halted.clone(),
            farewell: Farewell::new(at, self.ends.0.clone(), Arc::clone(&self.slot)),
        };
        // A thread that is gone tells its end by dropping the task.
        let _ = thread.tasks.send(task);
        Ok(())
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running
    }

    /// One that has ended since this was asked last.
    pub fn ended(&mut self) -> Option<End> {
        let end = self.ends.1.try_recv().ok()?;
        self.running -= 1;
        Some(end)
    }

    /// Ends those that run, and those that would be started.
    pub fn stop(&mut self) {
        self.halt = None;
        if self.running > 0 {
            self.wakes.iter().for_each(|wake| wake.wake());
        }
    }
}

impl Drop for Filters {
    /// Nothing was started: others can have the threads.
    fn drop(&mut self) {
        self.threads.idle().append(&mut self.reserved);
    }
}

impl Threads {
    /// None yet; `width` are for large inputs. A built-in holds `max_record` bytes of a line at most.
    pub fn new(width: usize, max_record: usize) -> Threads {
        Threads {
            idle: Mutex::default(),
            workers: Workers::new(width, max_record),
        }
    }

    /// One of them, or a new one.
    fn take(threads: &Arc<Threads>) -> io::Result<Thread> {
        if let Some(thread) = threads.idle().pop() {
            return Ok(thread);
        }
        let (sender, tasks) = unbounded::<Task>();
        let thread = Thread {
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
                    let farewell = task.perform(&line.wake, &threads.workers);
                    // Before anybody hears of the end and wants a thread for what comes next.
                    threads.idle().push(line.clone());
                    drop(farewell);
                }
            })?;
        Ok(thread)
    }

    /// Nothing can be half done when a holder of the lock panics.
    fn idle(&self) -> MutexGuard<'_, Vec<Thread>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Task {
    fn perform(self, wake: &Arc<Wake>, workers: &Workers) -> Farewell {
        let Task {
            filter,
            halted,
            mut farewell,
        } = self;
        let before = Usage::of_thread();
        // Whoever reads or writes at its other ends hears of its end before the slot does.
        (farewell.end.status, farewell.end.pledge) = filter.run(halted, Arc::clone(wake), workers);
        farewell.end.usage = Usage::of_thread().since(before);
        farewell
    }
}

/// Tells the slot of the end, whatever the end is.
struct Farewell {
    end: End,
    ends: Sender<End>,
    slot: Arc<Wake>,
}

impl Farewell {
    fn new(at: usize, ends: Sender<End>, slot: Arc<Wake>) -> Farewell {
        let end = End {
            at,
            status: Status::Exited(1),
            usage: Usage::default(),
            pledge: None,
        };
        Farewell { end, ends, slot }
    }
}

impl Drop for Farewell {
    fn drop(&mut self) {
        let end = End {
            pledge: self.end.pledge.take(),
            ..self.end
        };
        // Nobody listens only when the job was given up.
        let _ = self.ends.send(end);
        self.slot.wake();
    }
}

//! The jobs of a plan: held back until all that they need is there, then taken as the queue
//! requests them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::error::{Result, visible};
use crate::input::Rows;
use crate::job::Job;
use crate::plan::Plan;
use crate::plan::progress::PlanProgress;
use crate::pool::event::PoolEvent;
use crate::pool::options::PlanOptions;
use crate::pool::run_setup::RunSetup;
use crate::pool::services::{ServiceContext, Services};

/// Jobs that are named where many are skipped.
const MOST_NAMED: usize = 5;

/// Run of a plan.
pub(super) struct PlanRun {
    pub plan: Arc<Plan>,
    pub options: PlanOptions,
    pub progress: PlanProgress,
    pub services: Services,
    /// Jobs that are held back, by their indices.
    pub held: Vec<Option<Job>>,
    /// Indices of jobs that may start, and that the queue has not requested.
    pub startable: BinaryHeap<Reverse<usize>>,
    /// Requests of the queue.
    requests: Receiver<usize>,
    /// Number of jobs that were requested.
    requested: usize,
    pub has_ended: bool,
}

impl PlanRun {
    /// A run that has not begun. Returns the sender for requests of the queue, too.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub(super) fn new(
        options: PlanOptions,
        rows: Rows,
        setup: &Arc<RunSetup>,
        events: &Sender<PoolEvent>,
    ) -> Result<(PlanRun, Sender<usize>)> {
        let plan = Arc::clone(&options.plan);
        let found = plan.by_index(rows)?.into_iter().zip(&plan.jobs);
        let held = found.map(|(row, job)| Some(Job::new(job.number, row?)));
        let held: Vec<Option<Job>> = held.collect();
        let (sender, requests) = unbounded();
        let context = ServiceContext {
            plan: Arc::clone(&plan),
            setup: Arc::clone(setup),
            events: events.clone(),
        };
        let run = PlanRun {
            progress: PlanProgress::new(&plan, &options.earlier),
            services: Services::new(context),
            plan,
            options,
            held,
            startable: BinaryHeap::new(),
            requests,
            requested: 0,
            has_ended: false,
        };
        Ok((run, sender))
    }

    /// Number of jobs that are to run, services not counted.
    pub(super) fn jobs(&self) -> u64 {
        self.held.iter().flatten().count() as u64
    }

    /// Takes the jobs that may start, the first ones of the plan first, as many as the queue has
    /// requested.
    pub(super) fn take_requested(&mut self) -> Vec<Job> {
        self.requested += self.requests.try_iter().sum::<usize>();
        let mut jobs = Vec::new();
        while jobs.len() < self.requested
            && let Some(Reverse(index)) = self.startable.pop()
        {
            jobs.extend(self.held[index].take());
        }
        self.requested -= jobs.len();
        jobs
    }

    /// Tells whether job `seq` has lost a service that it needs.
    pub(super) fn is_bereft(&self, seq: u64) -> bool {
        let index = self.plan.index(seq);
        index.is_some_and(|index| self.progress.is_bereft(index))
    }

    /// Tells whether job `seq` waits for what it needs.
    pub(super) fn holds(&self, seq: u64) -> bool {
        let index = self.plan.index(seq);
        index.is_some_and(|index| self.held[index].is_some())
    }

    /// The name of a job, as one line.
    pub(super) fn name(&self, index: usize) -> String {
        visible(self.plan.jobs[index].name.as_bytes())
    }

    fn names(&self, indices: &[usize]) -> String {
        let named = indices.iter().take(MOST_NAMED);
        let named: Vec<String> = named.map(|&job| format!("'{}'", self.name(job))).collect();
        let more = if indices.len() > MOST_NAMED {
            ", ..."
        } else {
            ""
        };
        named.join(", ") + more
    }

    /// Words about services that nothing in the plan needs, if there are any.
    pub(super) fn describe_unneeded(&self) -> Option<String> {
        let unneeded = self.plan.unneeded_services();
        (!unneeded.is_empty()).then(|| {
            format!(
                "prun: warning: no job needs, and so nothing starts: {}\n",
                self.names(&unneeded)
            )
        })
    }

    /// Words about jobs that are skipped, because of the job at `root` or of earlier ones.
    pub(super) fn describe_skipped(&self, skipped: &[usize], root: Option<usize>) -> String {
        let cause = match root {
            Some(root) => format!("'{}', which has failed", self.name(root)),
            None => "a job that has failed in the run before".to_owned(),
        };
        if let [only] = skipped {
            return format!("prun: skipped '{}': it needs {cause}\n", self.name(*only));
        }
        format!(
            "prun: skipped {} jobs that need {cause}: {}\n",
            skipped.len(),
            self.names(skipped)
        )
    }
}

//! How far a run of a plan has come: who may start, who never will, which services are needed.
//!
//! Each need is looked at a bounded number of times in the whole run, however many jobs there
//! are.

use std::mem;
use std::sync::Arc;

use super::Plan;

/// Progress of a run. What follows from news is collected for [`PlanProgress::take_step`].
#[derive(Debug)]
pub(crate) struct PlanProgress {
    plan: Arc<Plan>,
    jobs: Vec<JobProgress>,
    /// Jobs, services not counted, that have not been started and are not over.
    waiting: usize,
    step: PlanStep,
}

/// Progress of one job, which may be a service.
#[derive(Debug)]
struct JobProgress {
    state: JobState,
    /// Number of jobs that it needs and that have not succeeded...
    missing_jobs: usize,
    /// ...and of services that are not ready.
    missing_services: usize,
    /// Number of those that need it and are not over.
    users: usize,
    /// A service that someone waits for who has no other needs.
    is_wanted: bool,
    /// It was told that it has lost what it needs.
    is_bereft: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JobState {
    Waiting,
    Started,
    Over,
}

/// What follows from news, by indices of jobs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PlanStep {
    /// Jobs that may start.
    pub startable: Vec<usize>,
    /// Services that have to be started.
    pub starting: Vec<usize>,
    /// Services that were started and that nobody needs any more.
    pub ending: Vec<usize>,
    /// Jobs that will never start.
    pub skipped: Vec<usize>,
    /// Jobs and services that were started and have lost a service.
    pub bereft: Vec<usize>,
}

/// What an earlier run has made of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EarlierEnd {
    Succeeded,
    Failed,
}

impl PlanProgress {
    /// The start of a run: `earlier` tells which jobs it leaves out.
    pub(crate) fn new(plan: &Arc<Plan>, earlier: &[(usize, EarlierEnd)]) -> PlanProgress {
        let count = |job: usize, is_service| {
            let needs = plan.graph.needs(job).iter();
            needs
                .filter(|&&need| plan.is_service(need) == is_service)
                .count()
        };
        let jobs = (0..plan.jobs.len()).map(|job| JobProgress {
            state: JobState::Waiting,
            missing_jobs: count(job, false),
            missing_services: count(job, true),
            users: plan.graph.users(job).len(),
            is_wanted: false,
            is_bereft: false,
        });
        let mut progress = PlanProgress {
            jobs: jobs.collect(),
            waiting: plan.jobs.iter().filter(|job| job.service.is_none()).count(),
            plan: Arc::clone(plan),
            step: PlanStep::default(),
        };
        // A service that nobody needs never starts, and so needs nobody.
        for job in 0..progress.jobs.len() {
            let state = progress.jobs[job].state;
            if progress.jobs[job].users == 0 && plan.is_service(job) && state == JobState::Waiting {
                progress.ended(job);
            }
        }
        for &(job, _) in earlier {
            progress.enter(job, JobState::Started);
        }
        for &(job, end) in earlier {
            match end {
                EarlierEnd::Succeeded => progress.succeeded(job),
                EarlierEnd::Failed => progress.failed(job),
            }
        }
        for job in 0..progress.jobs.len() {
            if progress.jobs[job].missing_jobs == 0 {
                progress.may_go_on(job);
            }
        }
        progress
    }

    /// Takes what has followed since this was called last.
    pub(crate) fn take_step(&mut self) -> PlanStep {
        mem::take(&mut self.step)
    }

    /// Number of jobs that wait for others.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Takes note that a job has succeeded.
    pub(crate) fn succeeded(&mut self, job: usize) {
        self.enter(job, JobState::Over);
        let plan = Arc::clone(&self.plan);
        for &user in plan.graph.users(job) {
            self.jobs[user].missing_jobs -= 1;
            if self.jobs[user].missing_jobs == 0 {
                self.may_go_on(user);
            }
        }
        self.release(job);
    }

    /// Takes note that a service is ready.
    pub(crate) fn ready(&mut self, service: usize) {
        let plan = Arc::clone(&self.plan);
        for &user in plan.graph.users(service) {
            let progress = &mut self.jobs[user];
            progress.missing_services -= 1;
            if progress.missing_services == 0 && progress.missing_jobs == 0 {
                self.may_go_on(user);
            }
        }
    }

    /// Takes note that a job has failed, or that a service has ended which was not to end. Those
    /// that need it never start, nor those that need these.
    pub(crate) fn failed(&mut self, job: usize) {
        let plan = Arc::clone(&self.plan);
        self.enter(job, JobState::Over);
        let mut lost = vec![job];
        while let Some(job) = lost.pop() {
            for &user in plan.graph.users(job) {
                match self.jobs[user].state {
                    JobState::Waiting => {
                        self.enter(user, JobState::Over);
                        if !plan.is_service(user) {
                            self.step.skipped.push(user);
                        }
                        lost.push(user);
                    }
                    JobState::Started => {
                        if !mem::replace(&mut self.jobs[user].is_bereft, true) {
                            self.step.bereft.push(user);
                        }
                    }
                    JobState::Over => {}
                }
            }
            self.release(job);
        }
    }

    /// Takes note of a job that will not go on, or of a service that has ended as it should.
    pub(crate) fn ended(&mut self, job: usize) {
        self.enter(job, JobState::Over);
        self.release(job);
    }

    /// Takes note that nothing starts any more. Returns the jobs that wait.
    pub(crate) fn give_up(&mut self) -> Vec<usize> {
        let mut given_up = Vec::new();
        for job in 0..self.jobs.len() {
            if self.jobs[job].state == JobState::Waiting {
                if !self.plan.is_service(job) {
                    given_up.push(job);
                }
                self.ended(job);
            }
        }
        given_up
    }

    /// Tells whether a job or a service has lost what it needs.
    pub(crate) fn is_bereft(&self, job: usize) -> bool {
        self.jobs[job].is_bereft
    }

    fn enter(&mut self, job: usize, state: JobState) {
        let before = mem::replace(&mut self.jobs[job].state, state);
        if before == JobState::Waiting && !self.plan.is_service(job) {
            self.waiting -= 1;
        }
    }

    /// Starts a job that needs no other jobs any more, or lets the services start that it needs.
    fn may_go_on(&mut self, job: usize) {
        let plan = Arc::clone(&self.plan);
        let mut going_on = vec![job];
        while let Some(job) = going_on.pop() {
            let is_service = plan.is_service(job);
            let progress = &self.jobs[job];
            if progress.state != JobState::Waiting || is_service && !progress.is_wanted {
                continue;
            }
            if progress.missing_services == 0 {
                self.enter(job, JobState::Started);
                let started = if is_service {
                    &mut self.step.starting
                } else {
                    &mut self.step.startable
                };
                started.push(job);
                continue;
            }
            for &need in plan.graph.needs(job) {
                let service = &mut self.jobs[need];
                if plan.is_service(need)
                    && !mem::replace(&mut service.is_wanted, true)
                    && service.missing_jobs == 0
                {
                    going_on.push(need);
                }
            }
        }
    }

    /// Takes note that a job needs its services no more.
    fn release(&mut self, job: usize) {
        let plan = Arc::clone(&self.plan);
        let mut released = vec![job];
        while let Some(job) = released.pop() {
            for &need in plan.graph.needs(job) {
                self.jobs[need].users -= 1;
                if self.jobs[need].users > 0 || !plan.is_service(need) {
                    continue;
                }
                match self.jobs[need].state {
                    JobState::Waiting => {
                        self.enter(need, JobState::Over);
                        released.push(need);
                    }
                    JobState::Started => self.step.ending.push(need),
                    JobState::Over => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! Runs of plans without processes.

use std::collections::BTreeSet;

use super::*;
use crate::input::{Row, Rows};
use proptest::prelude::*;

/// A plan of jobs by what they need; those of `services` are services.
fn plan(needs: &[Vec<usize>], services: &[usize]) -> Arc<Plan> {
    let rows = needs.iter().enumerate().map(|(job, needs)| {
        let needs: Vec<String> = needs.iter().map(|need| format!("\"{need}\"")).collect();
        let line = format!(
            "{{\"name\":\"{job}\",\"command\":\"x\",\"needs\":[{}],\"service\":{}}}",
            needs.join(","),
            services.contains(&job)
        );
        (job as u64 + 1, Row::from_iter([line]))
    });
    Arc::new(Plan::read(Rows::numbered(rows.collect()), "plan").unwrap())
}

fn step(progress: &mut PlanProgress) -> PlanStep {
    progress.take_step()
}

#[test]
fn jobs_start_when_all_that_they_need_has_succeeded() {
    let plan = plan(&[vec![1, 2], vec![2], vec![]], &[]);
    let mut progress = PlanProgress::new(&plan, &[]);
    assert_eq!(
        (step(&mut progress).startable, progress.waiting()),
        (vec![2], 2)
    );
    progress.succeeded(2);
    assert_eq!(step(&mut progress).startable, [1]);
    progress.succeeded(1);
    assert_eq!(
        (step(&mut progress).startable, progress.waiting()),
        (vec![0], 0)
    );
    progress.succeeded(0);
    assert_eq!(step(&mut progress), PlanStep::default());
}

#[test]
fn a_service_starts_for_jobs_that_lack_nothing_else_and_ends_with_the_last() {
    // 0: service; 1, 2 need it, 2 needs 3, too; nobody needs service 4.
    let needs = [vec![], vec![0], vec![0, 3], vec![], vec![]];
    let plan = plan(&needs, &[0, 4]);
    let mut progress = PlanProgress::new(&plan, &[]);
    let first = step(&mut progress);
    assert_eq!((first.startable, first.starting), (vec![3], vec![0]));
    progress.ready(0);
    assert_eq!(step(&mut progress).startable, [1]);
    progress.succeeded(1);
    progress.succeeded(3);
    assert_eq!(step(&mut progress).startable, [2]);
    progress.failed(2);
    assert_eq!(step(&mut progress).ending, [0]);
    progress.ended(0);
    assert_eq!(
        (step(&mut progress), progress.waiting()),
        (PlanStep::default(), 0)
    );
}

#[test]
fn a_service_that_is_lost_takes_with_it_what_needs_it() {
    // 0: service; 1 runs and 2 waits for 3; 4 needs 2.
    let needs = [vec![], vec![0], vec![0, 3], vec![], vec![2]];
    let plan = plan(&needs, &[0]);
    let mut progress = PlanProgress::new(&plan, &[]);
    progress.ready(0);
    assert_eq!(step(&mut progress).startable, [3, 1]);
    progress.failed(0);
    let lost = step(&mut progress);
    assert_eq!((lost.skipped, lost.bereft), (vec![2, 4], vec![1]));
    assert!(progress.is_bereft(1) && !progress.is_bereft(3));
    progress.failed(1);
    progress.succeeded(3);
    assert_eq!(step(&mut progress), PlanStep::default());
}

#[test]
fn services_of_services_end_one_after_the_other() {
    let plan = plan(&[vec![], vec![0], vec![1]], &[0, 1]);
    let mut progress = PlanProgress::new(&plan, &[]);
    assert_eq!(step(&mut progress).starting, [0]);
    progress.ready(0);
    assert_eq!(step(&mut progress).starting, [1]);
    progress.ready(1);
    assert_eq!(step(&mut progress).startable, [2]);
    progress.succeeded(2);
    assert_eq!(step(&mut progress).ending, [1]);
    progress.ended(1);
    assert_eq!(step(&mut progress).ending, [0]);
}

#[test]
fn jobs_of_an_earlier_run_count() {
    let plan = plan(&[vec![], vec![0], vec![], vec![2], vec![]], &[4]);
    let earlier = [(0, EarlierEnd::Succeeded), (2, EarlierEnd::Failed)];
    let mut progress = PlanProgress::new(&plan, &earlier);
    let first = step(&mut progress);
    assert_eq!((first.startable, first.skipped), (vec![1], vec![3]));
    assert_eq!(progress.waiting(), 0);
}

#[test]
fn a_service_that_nobody_needs_keeps_no_other_one_alive() {
    // 0: service; 1 needs it, and so do services 2 and 3, of which 3 needs 2.
    let plan = plan(&[vec![], vec![0], vec![0], vec![2, 0]], &[0, 2, 3]);
    let mut progress = PlanProgress::new(&plan, &[]);
    assert_eq!(step(&mut progress).starting, [0]);
    progress.ready(0);
    assert_eq!(step(&mut progress).startable, [1]);
    progress.succeeded(1);
    assert_eq!(step(&mut progress).ending, [0]);
}

#[test]
fn a_run_that_is_given_up_needs_no_services() {
    let plan = plan(&[vec![], vec![0], vec![1]], &[0]);
    let mut progress = PlanProgress::new(&plan, &[]);
    assert_eq!(step(&mut progress).starting, [0]);
    assert_eq!(progress.give_up(), [1, 2]);
    assert_eq!(step(&mut progress).ending, [0]);
}

/// What happens to one job after the other, in the order of `choices`, in a run of a plan whose
/// jobs need only earlier ones.
struct Simulation<'a> {
    plan: &'a Plan,
    progress: PlanProgress,
    running: BTreeSet<usize>,
    ready: BTreeSet<usize>,
    ending: BTreeSet<usize>,
    succeeded: BTreeSet<usize>,
    failed: BTreeSet<usize>,
    skipped: BTreeSet<usize>,
    started: BTreeSet<usize>,
}

impl Simulation<'_> {
    fn apply_step(&mut self) {
        let step = self.progress.take_step();
        for job in step.startable.into_iter().chain(step.starting) {
            assert!(self.started.insert(job), "{job} starts twice");
            for need in self.plan.graph.needs(job) {
                let is_met = self.succeeded.contains(need) || self.ready.contains(need);
                assert!(is_met, "{job} starts without {need}");
            }
            self.running.insert(job);
        }
        for service in step.ending {
            assert!(self.running.contains(&service) && self.ending.insert(service));
            let users = self.plan.graph.users(service);
            assert!(users.iter().all(|user| !self.running.contains(user)));
        }
        self.skipped.extend(step.skipped);
        for job in step.bereft {
            assert!(self.running.contains(&job), "{job} does not run");
        }
    }

    /// Lets something happen to a job that runs: the `fate` is one of how it may end.
    fn advance(&mut self, job: usize, fate: u8) {
        let is_bereft = self.progress.is_bereft(job);
        match (self.plan.is_service(job), fate) {
            (true, 0..4) if !self.ready.contains(&job) && !self.ending.contains(&job) => {
                self.ready.insert(job);
                self.progress.ready(job);
                return self.apply_step();
            }
            (true, 0..6) if !self.ending.contains(&job) && !is_bereft => return,
            (true, _) if self.ending.contains(&job) => self.progress.ended(job),
            (false, 0..6) if !is_bereft => {
                self.succeeded.insert(job);
                self.progress.succeeded(job);
            }
            _ => {
                self.failed.insert(job);
                self.progress.failed(job);
            }
        }
        self.ready.remove(&job);
        self.running.remove(&job);
        self.apply_step();
    }
}

/// What each job of a plan needs, of those before it, and whether it is a service.
fn any_plan() -> impl Strategy<Value = Vec<(Vec<usize>, bool)>> {
    (1..14usize).prop_flat_map(|count| {
        let each = |job: usize| {
            let needs = prop::collection::btree_set(0..job.max(1), 0..4);
            let needs =
                needs.prop_map(move |needs| needs.into_iter().filter(|&n| n < job).collect());
            (needs, prop::bool::weighted(0.3))
        };
        (0..count).map(each).collect::<Vec<_>>()
    })
}

proptest! {
    #[test]
    fn every_run_comes_to_its_end(
        jobs in any_plan(),
        fates in prop::collection::vec((any::<prop::sample::Index>(), 0..7u8), 0..200),
    ) {
        let needs: Vec<Vec<usize>> = jobs.iter().map(|(needs, _)| needs.clone()).collect();
        let services: Vec<usize> = (0..jobs.len()).filter(|&job| jobs[job].1).collect();
        let plan = plan(&needs, &services);
        let mut run = Simulation {
            plan: &plan,
            progress: PlanProgress::new(&plan, &[]),
            running: BTreeSet::new(),
            ready: BTreeSet::new(),
            ending: BTreeSet::new(),
            succeeded: BTreeSet::new(),
            failed: BTreeSet::new(),
            skipped: BTreeSet::new(),
            started: BTreeSet::new(),
        };
        run.apply_step();
        for (which, fate) in fates {
            if !run.running.is_empty() {
                let job = *which.get(&run.running.iter().copied().collect::<Vec<_>>());
                run.advance(job, fate);
            }
        }
        // Whatever is left goes well.
        let mut rounds = 0;
        while let Some(&job) = run.running.iter().nth(rounds % run.running.len().max(1)) {
            run.advance(job, 0);
            rounds += 1;
            prop_assert!(rounds < 1000, "it hangs");
        }
        prop_assert_eq!(run.progress.waiting(), 0);
        for job in (0..jobs.len()).filter(|job| !services.contains(job)) {
            let ends = [&run.succeeded, &run.failed, &run.skipped];
            let count = ends.iter().filter(|ends| ends.contains(&job)).count();
            prop_assert_eq!(count, 1, "job {} is over {} times", job, count);
        }
        // Who was skipped needed someone who has failed or was skipped, and nobody else was.
        let mut lost = run.failed.clone();
        for (job, needed) in needs.iter().enumerate() {
            if needed.iter().any(|need| lost.contains(need)) && !run.succeeded.contains(&job) {
                lost.insert(job);
            }
        }
        for job in &run.skipped {
            prop_assert!(lost.contains(job), "{} was skipped", job);
        }
    }
}

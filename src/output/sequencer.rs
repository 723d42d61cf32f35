//! Who may print now. It decides and holds; it writes nothing.

use std::collections::{BTreeMap, VecDeque};

use super::Order;
use crate::job::Report;
use crate::spool::{Overflow, Spool};

/// A job that is over, with the output that it still has.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub report: Report,
    /// What is left of its standard output.
    pub stdout: Spool,
    /// What is left of its standard error.
    pub stderr: Spool,
    /// What goes before the name of its file, if that is printed instead.
    pub tag: Vec<u8>,
}

impl Finished {
    fn seq(&self) -> u64 {
        self.report.job.seq
    }

    /// Makes room in memory; where the disk is full, the output stays where it is.
    fn settle(&mut self, overflow: &mut Overflow) -> bool {
        self.stdout.settle(overflow).is_ok() && self.stderr.settle(overflow).is_ok()
    }
}

/// Puts finished jobs in order, and decides which running job has the floor.
#[derive(Debug)]
pub struct Sequencer {
    order: Order,
    /// In input order: the job whose turn it is. Otherwise: the job that has to print
    /// while it runs, because the disk is full, so that all others wait.
    floor: Option<u64>,
    /// In input order: the jobs after that one. Some numbers are nobody's.
    later: VecDeque<u64>,
    held: BTreeMap<u64, Finished>,
    /// Jobs that need the floor to go on.
    blocked: VecDeque<u64>,
    overflow: Overflow,
    /// Whether memory is short and the disk is full.
    pressed: bool,
}

impl Sequencer {
    /// Nothing has finished yet.
    pub fn new(order: Order) -> Self {
        Sequencer {
            order,
            floor: None,
            later: VecDeque::new(),
            held: BTreeMap::new(),
            blocked: VecDeque::new(),
            overflow: Overflow::default(),
            pressed: false,
        }
    }

    /// There is such a job. They come in input order.
    pub fn expect(&mut self, seq: u64) {
        match (self.order, self.floor) {
            (Order::Finished, _) => {}
            (Order::Input, None) => self.floor = Some(seq),
            (Order::Input, Some(_)) => self.later.push_back(seq),
        }
    }

    /// The job that may print while it runs.
    pub fn floor(&self) -> Option<u64> {
        self.floor
    }

    /// Whether outputs pile up in memory because the disk is full.
    pub fn is_pressed(&self) -> bool {
        self.pressed
    }

    /// Takes a job that is over and returns the jobs that may be printed now, in order.
    pub fn finished(&mut self, finished: Finished) -> Vec<Finished> {
        let seq = finished.seq();
        self.blocked.retain(|&blocked| blocked != seq);
        if self.floor.is_some_and(|floor| floor != seq) {
            self.held.insert(seq, finished);
            return Vec::new();
        }
        let mut printable = vec![finished];
        match self.order {
            Order::Input => {
                self.floor = self.later.pop_front();
                while let Some(finished) = self.floor.and_then(|next| self.held.remove(&next)) {
                    printable.push(finished);
                    self.floor = self.later.pop_front();
                }
            }
            Order::Finished => {
                printable.extend(std::mem::take(&mut self.held).into_values());
                self.floor = self.blocked.pop_front();
            }
        }
        printable
    }

    /// A running job cannot go on without printing, or may as well print.
    pub fn ask_for_floor(&mut self, seq: u64) {
        match (self.order, self.floor) {
            (Order::Finished, None) => self.floor = Some(seq),
            (Order::Finished, Some(floor)) if floor != seq && !self.blocked.contains(&seq) => {
                self.blocked.push_back(seq);
            }
            _ => {}
        }
    }

    /// How many finished jobs wait for their turn.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Jobs before `seq` that have not finished never will: it is the turn of `seq`.
    /// Returns those that waited for them.
    pub fn skip_to(&mut self, seq: u64) -> Vec<Finished> {
        if self.order == Order::Finished {
            return Vec::new();
        }
        let later = self.held.split_off(&seq);
        while self.floor.is_some_and(|floor| floor < seq) {
            self.floor = self.later.pop_front();
        }
        std::mem::replace(&mut self.held, later)
            .into_values()
            .collect()
    }

    /// Makes room in memory for a job that has to wait: moves its output to disk.
    pub fn settle(&mut self, finished: &mut Finished) {
        self.pressed = !finished.settle(&mut self.overflow);
    }

    /// Nothing more will finish: returns what still waits for jobs that never ran, in
    /// order.
    pub fn rest(&mut self) -> Vec<Finished> {
        std::mem::take(&mut self.held).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Row;
    use crate::job::{Job, Outcome};
    use crate::os::child::Usage;
    use crate::spool::Budget;
    use std::sync::Arc;
    use std::time::{Duration, SystemTime};

    fn finished(seq: u64) -> Finished {
        let budget = Arc::new(Budget::default());
        Finished {
            report: Report {
                job: Job {
                    seq,
                    row: Row::default(),
                    attempt: 1,
                },
                slot: 1,
                outcome: Outcome::Exited(0),
                started: SystemTime::UNIX_EPOCH,
                runtime: Duration::ZERO,
                usage: Usage::default(),
                received: 0,
                leaked: false,
                cut: false,
                last_words: Vec::new(),
                last_output: Vec::new(),
            },
            stdout: Spool::new(&budget),
            stderr: Spool::new(&budget),
            tag: Vec::new(),
        }
    }

    /// A sequencer in input order that knows of these jobs.
    fn expecting(jobs: &[u64]) -> Sequencer {
        let mut sequencer = Sequencer::new(Order::Input);
        for &seq in jobs {
            sequencer.expect(seq);
        }
        sequencer
    }

    /// All orders in which `rest` can follow `done`.
    fn permutations(done: &[u64], rest: &[u64], each: &mut impl FnMut(&[u64])) {
        if rest.is_empty() {
            each(done);
        }
        for &next in rest {
            let done = [done, &[next]].concat();
            let rest: Vec<u64> = rest.iter().copied().filter(|&n| n != next).collect();
            permutations(&done, &rest, each);
        }
    }

    #[test]
    fn input_order_holds_whatever_the_order_of_ends() {
        // Numbers are left out at the beginning, in the middle, and none.
        for jobs in [[1, 2, 3, 4, 5], [3, 4, 7, 8, 20]] {
            in_all_orders(jobs);
        }
    }

    fn in_all_orders(jobs: [u64; 5]) {
        permutations(&[], &jobs, &mut |order| {
            let mut sequencer = expecting(&jobs);
            let printed: Vec<u64> = order
                .iter()
                .flat_map(|&seq| sequencer.finished(finished(seq)))
                .map(|finished| finished.seq())
                .collect();
            assert_eq!(printed, jobs);
            assert_eq!(sequencer.floor(), None);
            sequencer.expect(30);
            assert_eq!(sequencer.floor(), Some(30));
        });
    }

    #[test]
    fn jobs_behind_one_that_never_ran_are_not_lost() {
        let mut sequencer = expecting(&[1, 2, 3]);
        assert!(sequencer.finished(finished(3)).is_empty());
        assert!(sequencer.finished(finished(2)).is_empty());
        let rest: Vec<u64> = sequencer.rest().iter().map(Finished::seq).collect();
        assert_eq!(rest, [2, 3]);
    }

    #[test]
    fn a_turn_that_nobody_takes_is_skipped() {
        let mut sequencer = expecting(&[1, 2, 3, 4, 5]);
        assert!(sequencer.finished(finished(2)).is_empty());
        assert!(sequencer.finished(finished(5)).is_empty());
        let skipped = sequencer.skip_to(4);
        let skipped: Vec<u64> = skipped.iter().map(Finished::seq).collect();
        assert_eq!((skipped, sequencer.floor()), (vec![2], Some(4)));
        assert_eq!(sequencer.finished(finished(4)).len(), 2);
    }

    #[test]
    fn a_blocked_job_prints_before_those_that_ended_meanwhile() {
        let mut sequencer = Sequencer::new(Order::Finished);
        assert_eq!(sequencer.finished(finished(1)).len(), 1);
        sequencer.ask_for_floor(2);
        sequencer.ask_for_floor(3);
        assert_eq!(sequencer.floor(), Some(2));
        assert!(sequencer.finished(finished(4)).is_empty());
        let printed: Vec<u64> = sequencer
            .finished(finished(2))
            .iter()
            .map(Finished::seq)
            .collect();
        assert_eq!(printed, [2, 4]);
        assert_eq!(sequencer.floor(), Some(3));
    }
}

//! The order of output: which job may print now, and what has to wait.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::finished_attempt::FinishedAttempt;
use super::mode::OutputOrder;
use crate::spool::SpoolFile;

/// Puts finished jobs in order, and decides which running job has the turn.
#[derive(Debug)]
pub(crate) struct OutputSequencer {
    order: OutputOrder,
    /// In input order: the job whose turn it is. Otherwise: the job that has to print
    /// while it runs, because the disk is full, so that all others wait.
    turn: Option<u64>,
    /// In input order: the jobs after that one. Some numbers are nobody's.
    later: VecDeque<u64>,
    /// In input order: those of them that will not finish.
    absent: BTreeSet<u64>,
    held: BTreeMap<u64, FinishedAttempt>,
    /// Jobs that need the turn to go on.
    blocked: VecDeque<u64>,
    overflow: SpoolFile,
    /// Memory is short and the disk is full.
    pressed: bool,
}

impl OutputSequencer {
    pub(crate) fn new(order: OutputOrder) -> Self {
        OutputSequencer {
            order,
            turn: None,
            later: VecDeque::new(),
            absent: BTreeSet::new(),
            held: BTreeMap::new(),
            blocked: VecDeque::new(),
            overflow: SpoolFile::default(),
            pressed: false,
        }
    }

    /// Adds a job that will finish. Jobs come in input order.
    pub(crate) fn expect(&mut self, seq: u64) {
        match (self.order, self.turn) {
            (OutputOrder::Finished, _) => {}
            (OutputOrder::Input, None) => self.turn = Some(seq),
            (OutputOrder::Input, Some(_)) => self.later.push_back(seq),
        }
    }

    /// The job that may print while it runs.
    pub(crate) fn turn(&self) -> Option<u64> {
        self.turn
    }

    /// Tells whether outputs pile up in memory because the disk is full.
    pub(crate) fn is_pressed(&self) -> bool {
        self.pressed
    }

    /// Takes a job that is over and returns the jobs that may be printed now, in order.
    pub(crate) fn finished(&mut self, finished: FinishedAttempt) -> Vec<FinishedAttempt> {
        let seq = finished.seq();
        self.blocked.retain(|&blocked| blocked != seq);
        if self.turn.is_some_and(|turn| turn != seq) {
            self.held.insert(seq, finished);
            return Vec::new();
        }
        let mut printable = vec![finished];
        match self.order {
            OutputOrder::Input => {
                self.turn = self.next_turn();
                printable.extend(self.take_printable());
            }
            OutputOrder::Finished => {
                printable.extend(std::mem::take(&mut self.held).into_values());
                self.turn = self.blocked.pop_front();
            }
        }
        printable
    }

    /// Takes note of a job that will not finish. Returns the jobs that waited for it alone, in
    /// order.
    pub(crate) fn pass_over(&mut self, seq: u64) -> Vec<FinishedAttempt> {
        match (self.order, self.turn) {
            (OutputOrder::Finished, _) => {}
            (OutputOrder::Input, Some(turn)) if turn == seq => {
                self.turn = self.next_turn();
                return self.take_printable();
            }
            (OutputOrder::Input, _) => drop(self.absent.insert(seq)),
        }
        Vec::new()
    }

    /// The next job in input order that may finish.
    fn next_turn(&mut self) -> Option<u64> {
        let mut next = self.later.pop_front();
        while next.is_some_and(|next| self.absent.remove(&next)) {
            next = self.later.pop_front();
        }
        next
    }

    /// Passes the turn on as long as the job has finished that has it. Returns these jobs.
    fn take_printable(&mut self) -> Vec<FinishedAttempt> {
        let mut printable = Vec::new();
        while let Some(finished) = self.turn.and_then(|next| self.held.remove(&next)) {
            printable.push(finished);
            self.turn = self.next_turn();
        }
        printable
    }

    /// Gives the turn, now or later, to a job that cannot go on without printing, or may as well
    /// print.
    pub(crate) fn request_turn(&mut self, seq: u64) {
        match (self.order, self.turn) {
            (OutputOrder::Finished, None) => self.turn = Some(seq),
            (OutputOrder::Finished, Some(turn)) if turn != seq && !self.blocked.contains(&seq) => {
                self.blocked.push_back(seq);
            }
            _ => {}
        }
    }

    /// Gives up the order of the input, if it was kept. The running job `printing` may have
    /// printed: the others wait for its end. Returns the jobs that may be printed now.
    pub(crate) fn give_up_order(&mut self, printing: Option<u64>) -> Vec<FinishedAttempt> {
        if self.order == OutputOrder::Finished {
            return Vec::new();
        }
        self.order = OutputOrder::Finished;
        self.later.clear();
        self.turn = printing;
        match printing {
            Some(_) => Vec::new(),
            None => std::mem::take(&mut self.held).into_values().collect(),
        }
    }

    /// Number of finished jobs that wait for their turn.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// Gives the turn to `seq`: jobs before it that have not finished never will. Returns those
    /// that waited for them.
    pub(crate) fn skip_to(&mut self, seq: u64) -> Vec<FinishedAttempt> {
        if self.order == OutputOrder::Finished {
            return Vec::new();
        }
        let later = self.held.split_off(&seq);
        while self.turn.is_some_and(|turn| turn < seq) {
            self.turn = self.next_turn();
        }
        std::mem::replace(&mut self.held, later)
            .into_values()
            .collect()
    }

    /// Makes room in memory for a job that has to wait: moves its output to disk.
    pub(crate) fn settle(&mut self, finished: &mut FinishedAttempt) {
        self.pressed = !finished.settle(&mut self.overflow);
    }

    /// Moves the output of an attempt that has to wait out of files of its own.
    pub(crate) fn give_up_files(&mut self, finished: &mut FinishedAttempt) {
        self.pressed = !finished.give_up_files(&mut self.overflow);
    }

    /// Returns the jobs that still wait for others that never ran, in order, when no more will
    /// finish.
    pub(crate) fn rest(&mut self) -> Vec<FinishedAttempt> {
        std::mem::take(&mut self.held).into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Outcome;

    fn finished(seq: u64) -> FinishedAttempt {
        FinishedAttempt::fake(seq, Outcome::Exited(0), b"")
    }

    /// A sequencer in input order that knows of these jobs.
    fn expecting(jobs: &[u64]) -> OutputSequencer {
        let mut sequencer = OutputSequencer::new(OutputOrder::Input);
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
            assert_eq!(sequencer.turn(), None);
            sequencer.expect(30);
            assert_eq!(sequencer.turn(), Some(30));
        });
    }

    #[test]
    fn jobs_behind_one_that_never_ran_are_not_lost() {
        let mut sequencer = expecting(&[1, 2, 3]);
        assert!(sequencer.finished(finished(3)).is_empty());
        assert!(sequencer.finished(finished(2)).is_empty());
        let rest: Vec<u64> = sequencer.rest().iter().map(FinishedAttempt::seq).collect();
        assert_eq!(rest, [2, 3]);
    }

    #[test]
    fn jobs_that_will_not_finish_hold_nobody_up() {
        let mut sequencer = expecting(&[1, 2, 3, 4, 5]);
        assert!(sequencer.finished(finished(3)).is_empty());
        assert!(sequencer.pass_over(2).is_empty() && sequencer.pass_over(4).is_empty());
        let printed = sequencer.pass_over(1);
        let printed: Vec<u64> = printed.iter().map(FinishedAttempt::seq).collect();
        assert_eq!((printed, sequencer.turn()), (vec![3], Some(5)));
        assert_eq!(sequencer.finished(finished(5)).len(), 1);
        assert!(sequencer.absent.is_empty());
    }

    #[test]
    fn a_turn_that_nobody_takes_is_skipped() {
        let mut sequencer = expecting(&[1, 2, 3, 4, 5]);
        assert!(sequencer.finished(finished(2)).is_empty());
        assert!(sequencer.finished(finished(5)).is_empty());
        let skipped = sequencer.skip_to(4);
        let skipped: Vec<u64> = skipped.iter().map(FinishedAttempt::seq).collect();
        assert_eq!((skipped, sequencer.turn()), (vec![2], Some(4)));
        assert_eq!(sequencer.finished(finished(4)).len(), 2);
    }

    #[test]
    fn a_blocked_job_prints_before_those_that_ended_meanwhile() {
        let mut sequencer = OutputSequencer::new(OutputOrder::Finished);
        assert_eq!(sequencer.finished(finished(1)).len(), 1);
        sequencer.request_turn(2);
        sequencer.request_turn(3);
        assert_eq!(sequencer.turn(), Some(2));
        assert!(sequencer.finished(finished(4)).is_empty());
        let printed: Vec<u64> = sequencer
            .finished(finished(2))
            .iter()
            .map(FinishedAttempt::seq)
            .collect();
        assert_eq!(printed, [2, 4]);
        assert_eq!(sequencer.turn(), Some(3));
    }
}

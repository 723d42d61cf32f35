//! Who needs whom: cycles, and waves of jobs that can run side by side.

/// Jobs by their indices, from 0, and what they need.
#[derive(Debug, Default)]
pub(crate) struct NeedGraph {
    needs: Vec<Vec<usize>>,
    users: Vec<Vec<usize>>,
}

/// Way of a search through one job: whether it was seen, and is gone through at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    Unseen,
    Open,
    Closed,
}

impl NeedGraph {
    /// A graph of jobs by the indices of the jobs that each needs, none of them twice.
    pub(crate) fn new(needs: Vec<Vec<usize>>) -> NeedGraph {
        let mut users = vec![Vec::new(); needs.len()];
        for (user, needs) in needs.iter().enumerate() {
            for &need in needs {
                users[need].push(user);
            }
        }
        NeedGraph { needs, users }
    }

    pub(crate) fn len(&self) -> usize {
        self.needs.len()
    }

    /// The jobs that `job` needs.
    pub(crate) fn needs(&self, job: usize) -> &[usize] {
        &self.needs[job]
    }

    /// The jobs that need `job`.
    pub(crate) fn users(&self, job: usize) -> &[usize] {
        &self.users[job]
    }

    /// Jobs of which each needs the next one, and the last one the first, if there are any.
    pub(crate) fn find_cycle(&self) -> Option<Vec<usize>> {
        let mut visits = vec![Visit::Unseen; self.len()];
        // The way from the job at which the search began, with the next need to follow of each.
        let mut way: Vec<(usize, usize)> = Vec::new();
        for start in 0..self.len() {
            if visits[start] == Visit::Unseen {
                visits[start] = Visit::Open;
                way.push((start, 0));
            }
            while let Some((job, next)) = way.last_mut() {
                let Some(&need) = self.needs[*job].get(*next) else {
                    visits[*job] = Visit::Closed;
                    way.pop();
                    continue;
                };
                *next += 1;
                match visits[need] {
                    Visit::Unseen => {
                        visits[need] = Visit::Open;
                        way.push((need, 0));
                    }
                    Visit::Open => {
                        let jobs = way.iter().map(|(job, _)| *job);
                        return Some(jobs.skip_while(|job| *job != need).collect());
                    }
                    Visit::Closed => {}
                }
            }
        }
        None
    }

    /// The wave of each job, from 0: one after the last wave of those that it needs. The graph
    /// has no cycle.
    pub(crate) fn waves(&self) -> Vec<usize> {
        let mut waves = vec![0; self.len()];
        let mut missing: Vec<usize> = self.needs.iter().map(Vec::len).collect();
        let mut free: Vec<usize> = (0..self.len()).filter(|&job| missing[job] == 0).collect();
        while let Some(job) = free.pop() {
            for &user in &self.users[job] {
                waves[user] = waves[user].max(waves[job] + 1);
                missing[user] -= 1;
                if missing[user] == 0 {
                    free.push(user);
                }
            }
        }
        waves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cycle_is_found_in_the_order_of_needs() {
        for (needs, cycle) in [
            (vec![vec![1], vec![2], vec![0]], Some(vec![0, 1, 2])),
            (vec![vec![1], vec![2], vec![1]], Some(vec![1, 2])),
            (vec![vec![], vec![1]], Some(vec![1])),
            (vec![vec![1, 2], vec![2], vec![]], None),
            (vec![], None),
        ] {
            assert_eq!(
                NeedGraph::new(needs.clone()).find_cycle(),
                cycle,
                "{needs:?}"
            );
        }
    }

    #[test]
    fn a_chain_needs_no_stack() {
        let needs = (0..100_000).map(|job: usize| job.checked_sub(1).into_iter().collect());
        let graph = NeedGraph::new(needs.collect());
        assert_eq!(graph.find_cycle(), None);
        assert_eq!(graph.waves().last(), Some(&99_999));
    }

    /// Needs of up to twelve jobs, of any others.
    fn any_needs() -> impl Strategy<Value = Vec<Vec<usize>>> {
        (0..12usize).prop_flat_map(|count| {
            let needs = prop::collection::btree_set(0..count.max(1), 0..3);
            let needs = needs.prop_map(|needs| needs.into_iter().collect());
            prop::collection::vec(needs, count)
        })
    }

    /// Tells whether jobs can be taken away one after the other, each without needs by then.
    fn is_sound(needs: &[Vec<usize>]) -> bool {
        let mut gone = vec![false; needs.len()];
        for _ in needs {
            for (job, needs) in needs.iter().enumerate() {
                gone[job] = gone[job] || needs.iter().all(|&need| gone[need]);
            }
        }
        gone.iter().all(|gone| *gone)
    }

    proptest! {
        #[test]
        fn cycles_are_found_and_are_cycles(needs in any_needs()) {
            let graph = NeedGraph::new(needs.clone());
            let cycle = graph.find_cycle();
            prop_assert_eq!(cycle.is_none(), is_sound(&needs));
            for (at, job) in cycle.iter().flatten().enumerate() {
                let cycle = cycle.as_ref().unwrap();
                let next = cycle[(at + 1) % cycle.len()];
                prop_assert!(needs[*job].contains(&next));
            }
        }

        #[test]
        fn waves_are_as_early_as_can_be(needs in any_needs()) {
            let graph = NeedGraph::new(needs.clone());
            prop_assume!(graph.find_cycle().is_none());
            let waves = graph.waves();
            for (job, needs) in needs.iter().enumerate() {
                let last = needs.iter().map(|&need| waves[need]).max();
                prop_assert_eq!(waves[job], last.map_or(0, |last| last + 1));
            }
        }
    }
}

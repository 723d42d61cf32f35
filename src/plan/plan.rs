//! All lines of a plan together.

use std::collections::HashMap;
use std::sync::Arc;

use super::entry::{PlanEntry, PlanJob};
use super::graph::NeedGraph;
use crate::error::{Error, Result, visible};
use crate::input::{Row, Rows};

/// Names of a cycle that are shown.
const MOST_SHOWN: usize = 20;

/// Jobs that need each other, of which none needs itself, not even by others.
#[derive(Debug)]
pub(crate) struct Plan {
    /// In the order of the lines.
    pub jobs: Vec<PlanJob>,
    pub graph: NeedGraph,
}

impl Plan {
    /// Reads a plan of which each row is a line; `file` is what the user calls it. Blank lines
    /// are no jobs.
    ///
    /// # Errors
    /// The lines cannot be read, one cannot be understood, a name is unknown or that of two jobs,
    /// jobs need each other in a circle.
    pub(crate) fn read(rows: Rows, file: &str) -> Result<Plan> {
        let mut entries = Vec::new();
        for row in rows {
            let (number, row) = row?;
            let line = row.values.join(b"");
            if line.trim_ascii().is_empty() {
                continue;
            }
            let entry = PlanEntry::read(number, &line);
            entries.push(entry.map_err(|error| error.within(&place(file, number)))?);
        }
        if entries.is_empty() {
            return Err(Error::new(format!("{file} has no jobs"))
                .hint("each line is an object: {\"name\": \"a\", \"command\": \"make a\"}"));
        }
        let needs = needs(&entries, file)?;
        let jobs: Vec<PlanJob> = entries.into_iter().map(|entry| entry.job).collect();
        let graph = NeedGraph::new(needs);
        match graph.find_cycle() {
            Some(cycle) => Err(circular(&jobs, &cycle, file)),
            None => Ok(Plan { jobs, graph }),
        }
    }

    /// Tells whether `job` is a service.
    pub(crate) fn is_service(&self, job: usize) -> bool {
        self.jobs[job].service.is_some()
    }

    /// Services that nothing in the plan needs.
    pub(crate) fn unneeded_services(&self) -> Vec<usize> {
        let services = (0..self.jobs.len()).filter(|&job| self.is_service(job));
        services
            .filter(|&job| self.graph.users(job).is_empty())
            .collect()
    }

    /// Tells whether a job has a key of its own.
    pub(crate) fn has_keys(&self) -> bool {
        self.jobs.iter().any(|job| job.settings.key.is_some())
    }

    /// Index of the job with a number, if there is one.
    pub(crate) fn index(&self, number: u64) -> Option<usize> {
        let search = self.jobs.binary_search_by_key(&number, |job| job.number);
        search.ok()
    }

    /// Those of the rows that are jobs, by the indices of these.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub(crate) fn by_index(&self, rows: Rows) -> Result<Vec<Option<Row>>> {
        let mut found: Vec<Option<Row>> = self.jobs.iter().map(|_| None).collect();
        for next in rows {
            let (number, row) = next?;
            if let Some(index) = self.index(number) {
                found[index] = Some(row);
            }
        }
        Ok(found)
    }

    /// Number and row of each job; services have none, as they are no jobs of the run.
    pub(crate) fn rows(&self) -> Vec<(u64, Row)> {
        let jobs = self.jobs.iter().filter(|job| job.service.is_none());
        jobs.map(|job| (job.number, job.row())).collect()
    }
}

impl PlanJob {
    /// The row of the job: its name is the only value.
    pub(crate) fn row(&self) -> Row {
        Row {
            settings: Some(Arc::clone(&self.settings)),
            ..Row::from_iter([&self.name])
        }
    }
}

fn place(file: &str, number: u64) -> String {
    format!("{file}, line {number}")
}

/// Indices of the jobs that each needs.
fn needs(entries: &[PlanEntry], file: &str) -> Result<Vec<Vec<usize>>> {
    let mut indices: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let (name, number) = (entry.job.name.as_str(), entry.job.number);
        if let Some(earlier) = indices.insert(name, index) {
            let earlier = entries[earlier].job.number;
            let name = visible(name.as_bytes());
            let problem = format!("the name '{name}' is that of line {earlier}, too");
            return Err(Error::new(problem).within(&place(file, number)));
        }
    }
    let find = |entry: &PlanEntry| {
        let mut needs = Vec::with_capacity(entry.needs.len());
        for name in &entry.needs {
            let Some(&need) = indices.get(name.as_str()) else {
                let name = visible(name.as_bytes());
                let problem = format!("it needs '{name}', and no job has this name");
                return Err(Error::new(problem).within(&place(file, entry.job.number)));
            };
            needs.push(need);
        }
        needs.sort_unstable();
        needs.dedup();
        Ok(needs)
    };
    entries.iter().map(find).collect()
}

fn circular(jobs: &[PlanJob], cycle: &[usize], file: &str) -> Error {
    let mut names: Vec<&str> = cycle.iter().map(|&job| jobs[job].name.as_str()).collect();
    names.extend(names.first().copied());
    if names.len() > MOST_SHOWN {
        let last = names.split_off(names.len() - MOST_SHOWN / 2);
        names.truncate(MOST_SHOWN / 2);
        names.push("...");
        names.extend(last);
    }
    let way = visible(names.join(" -> ").as_bytes());
    Error::new(format!(
        "in {file}, jobs need each other in a circle: {way}"
    ))
    .hint("take one of these needs away")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a plan of these lines.
    fn read(lines: &[&str]) -> Result<Plan> {
        let rows = lines.iter().zip(1..);
        let rows = rows.map(|(line, number)| (number, Row::from_iter([line])));
        Plan::read(Rows::numbered(rows.collect()), "'p'")
    }

    fn fault(lines: &[&str]) -> String {
        read(lines).unwrap_err().message().to_owned()
    }

    #[test]
    fn numbers_are_those_of_lines() {
        let lines = [
            r#"{"name":"a","command":"x"}"#,
            " ",
            r#"{"name":"s","command":"x","service":true}"#,
            r#"{"name":"b","command":"x","needs":["a","s","a"]}"#,
        ];
        let plan = read(&lines).unwrap();
        let numbers: Vec<u64> = plan.rows().iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 4]);
        assert_eq!((plan.index(3), plan.index(2)), (Some(1), None));
        assert_eq!(plan.graph.needs(2), [0, 1]);
        assert_eq!(plan.rows()[1].1.values[0], *b"b");
    }

    #[test]
    fn what_is_wrong_among_lines_is_told() {
        let line = |name: &str, need: &str| {
            format!(r#"{{"name":"{name}","command":"x","needs":["{need}"]}}"#)
        };
        let cases = [
            (vec![], "'p' has no jobs"),
            (
                vec!["{}".to_owned()],
                "in 'p', line 1: the field 'name' is missing",
            ),
            (
                vec![line("a", "a")],
                "in 'p', jobs need each other in a circle: a -> a",
            ),
            (
                vec![line("a", "b"), line("b", "c"), line("c", "b")],
                "in 'p', jobs need each other in a circle: b -> c -> b",
            ),
            (
                vec![line("a", "b"), line("a", "b")],
                "in 'p', line 2: the name 'a' is that of line 1, too",
            ),
            (
                vec![line("a", "b")],
                "in 'p', line 1: it needs 'b', and no job has this name",
            ),
            (
                vec![line("a", "b\\n")],
                "in 'p', line 1: it needs 'b\\n', and no job has this name",
            ),
            (
                vec![line("a\\n", "a\\n")],
                "in 'p', jobs need each other in a circle: a\\n -> a\\n",
            ),
            (
                vec![line("a\\n", "b"), line("a\\n", "b")],
                "in 'p', line 2: the name 'a\\n' is that of line 1, too",
            ),
        ];
        for (lines, expected) in cases {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(fault(&lines), expected);
        }
    }

    #[test]
    fn a_long_circle_is_cut() {
        let count = 1000;
        let lines = (0..count).map(|job| {
            let need = (job + 1) % count;
            format!(r#"{{"name":"{job}","command":"x","needs":["{need}"]}}"#)
        });
        let lines: Vec<String> = lines.collect();
        let fault = fault(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(
            fault.contains(": 0 -> 1 -> ") && fault.ends_with(" -> 999 -> 0"),
            "{fault}"
        );
        assert!(
            fault.contains(" -> ... -> ") && fault.len() < 300,
            "{fault}"
        );
    }
}

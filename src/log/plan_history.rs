//! What an earlier run of a plan has done, by its job log.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

use super::resume::{DoneJobs, JobIdentity, LogRecord, read, shown};
use crate::error::Result;
use crate::input::Row;
use crate::plan::Plan;
use crate::plan::progress::EarlierEnd;
use crate::policy::statuses::SuccessStatuses;
use crate::template::CommandTemplate;

/// Jobs that are not to be done again.
#[derive(Debug)]
pub(crate) struct PlanHistory {
    /// By their indices in the plan.
    pub ends: Vec<(usize, EarlierEnd)>,
    /// Their numbers.
    pub numbers: HashSet<u64>,
}

impl PlanHistory {
    /// Reads the log. A job is one of it if its line has the same number and the same command as
    /// then. Returns the length of the log's whole lines, too.
    ///
    /// # Errors
    /// The log cannot be read, or a line is damaged.
    pub(crate) fn read(
        path: &Path,
        file: &File,
        plan: &Plan,
        (done, success): (DoneJobs, SuccessStatuses),
        template: &CommandTemplate,
    ) -> Result<(PlanHistory, u64)> {
        // The last record of each job counts.
        let mut records: HashMap<u64, LogRecord> = HashMap::new();
        let whole = read(path, file, |record| {
            records.insert(record.seq, record);
        })?;
        let mut history = PlanHistory {
            ends: Vec::new(),
            numbers: HashSet::new(),
        };
        for (number, row) in plan.rows() {
            let record = records.get(&number);
            let same = record.filter(|record| record.command == shown(template, number, &row));
            let end = same.and_then(|record| end(record, &row, (done, success)));
            if let (Some(end), Some(index)) = (end, plan.index(number)) {
                history.ends.push((index, end));
                history.numbers.insert(number);
            }
        }
        Ok((history, whole))
    }
}

/// The end of a job in the earlier run; `None` if it is to be done again.
fn end(
    record: &LogRecord,
    row: &Row,
    (done, success): (DoneJobs, SuccessStatuses),
) -> Option<EarlierEnd> {
    let own = row
        .settings
        .as_ref()
        .and_then(|settings| settings.ok_codes.as_deref());
    let success = own.map_or(success, SuccessStatuses::from);
    if record.is_success(success) {
        return Some(EarlierEnd::Succeeded);
    }
    let has_ended = done == DoneJobs::Ended && record.is_done(done, JobIdentity::Command);
    has_ended.then_some(EarlierEnd::Failed)
}

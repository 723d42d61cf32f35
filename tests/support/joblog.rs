//! Reading job logs.

use std::fs;
use std::path::Path;

/// `SEQ EXITVAL SIGNAL` of each job in a log, sorted by number.
#[track_caller]
pub(crate) fn ends(log: &Path) -> Vec<String> {
    let mut ends: Vec<(u64, String)> = records(log)
        .iter()
        .map(|fields| {
            let seq = fields[0].parse().expect("a job has a number");
            (seq, format!("{seq} {} {}", fields[6], fields[7]))
        })
        .collect();
    ends.sort();
    ends.into_iter().map(|(_, end)| end).collect()
}

/// The nine fields of each record, in the order of the log.
#[track_caller]
pub(crate) fn records(log: &Path) -> Vec<Vec<String>> {
    let text = fs::read_to_string(log).expect("there is a log of text");
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand")
    );
    let records: Vec<Vec<String>> = lines
        .map(|line| line.splitn(9, '\t').map(str::to_owned).collect())
        .collect();
    for record in &records {
        assert_eq!(record.len(), 9, "{record:?}");
    }
    records
}

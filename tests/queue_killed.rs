//! A queue with several putters and takers at once, of which the takers are killed: every entry
//! is done at least once, none is lost, and none that was marked as done is started again.
//!
//! The moments are drawn from a seed. The test tries a few, with `PRUN_FAULTS=full` a hundred.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::queue::queue;
use crate::support::is_full;

const TAKERS: usize = 4;

/// Entries of each of four putters.
const ENTRIES: usize = 100;

/// Latest moment at which a taker is killed, in milliseconds.
const LATEST: u64 = 250;

const JOB: &str = "echo <> >>started; echo <>";

/// Taker number `$1` that is killed at each of the other moments, and then takes what is left.
const TAKER: &str = "taker() {
    out=out.$1; shift
    for moment; do
        prun --queue Q --follow -j2 \"$JOB\" >>$out 2>>err & pid=$!
        sleep .$moment; kill -9 $pid; { wait $pid; } 2>/dev/null
    done
    prun --queue Q -j2 \"$JOB\" >>$out 2>>err
}";

const PUTTERS: &str = "
    seq 1 100 | q --put & putters=$!
    seq 101 200 | q --put --queue-max 20 & putters+=\" $!\"
    q --put --priority 5 ::: $(seq 201 300) & putters+=\" $!\"
    for n in $(seq 301 20 381); do seq $n $((n+19)) | q --put --priority -1 || exit; done &
    putters+=\" $!\"";

fn numbers(text: &[u8]) -> Vec<usize> {
    let text = String::from_utf8_lossy(text);
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_default()
}

/// The queue at one moment.
struct Snapshot {
    /// Entries that had started once and were no longer in the queue.
    done: BTreeSet<usize>,
    /// Length of the record of starts after that.
    length: usize,
}

/// Values of the entries that the queue still has.
fn left(directory: &Path) -> rusqlite::Result<BTreeSet<usize>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let connection = Connection::open_with_flags(directory.join("Q"), flags)?;
    let mut select = connection.prepare("SELECT vals FROM entries")?;
    let values = select.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    // One value, after its length.
    values.map(|value| Ok(numbers(&value?[4..])[0])).collect()
}

fn look(directory: &Path) -> Option<Snapshot> {
    let started = directory.join("started");
    let mut done: BTreeSet<usize> = numbers(&read(&started)).into_iter().collect();
    for entry in left(directory).ok()? {
        done.remove(&entry);
    }
    Some(Snapshot {
        done,
        length: read(&started).len(),
    })
}

fn watch(directory: &Path, is_over: &AtomicBool) -> Vec<Snapshot> {
    let mut snapshots = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        snapshots.extend(look(directory));
        thread::sleep(Duration::from_millis(20));
    }
    snapshots
}

#[test]
fn takers_that_are_killed_lose_nothing() {
    let kills = if is_full() { 25 } else { 2 };
    let mut random = fastrand::Rng::with_seed(17);
    let takers = (1..=TAKERS).map(|taker| {
        let moments = (0..kills).map(|_| format!(" {:03}", random.u64(..LATEST)));
        format!(
            "taker {taker}{} & takers+=\" $!\"\n",
            moments.collect::<String>()
        )
    });
    let script = format!(
        "{TAKER}\n{PUTTERS}\n{}\nwait $putters || echo putters $?; wait $takers
         prun --queue Q \"$JOB\" >>out.1 2>>err; echo $?; q --queue-status; cat err",
        takers.collect::<String>()
    );
    let child = queue(&script)
        .env("JOB", JOB)
        .limit(Duration::from_secs(if is_full() { 120 } else { 10 }))
        .start();
    let directory = child.path("");
    let is_over = AtomicBool::new(false);
    let (output, snapshots) = thread::scope(|scope| {
        let watching = scope.spawn(|| watch(&directory, &is_over));
        let all = TAKERS * ENTRIES;
        let output = child
            .stdout(format!("0\nwaiting 0\nrunning 0\ndone {all}\nfailed 0\n"))
            .success();
        is_over.store(true, Ordering::Relaxed);
        (output, watching.join().expect("it does not panic"))
    });
    let outputs = (1..=TAKERS).map(|taker| read(&output.path(format!("out.{taker}"))));
    let delivered: BTreeSet<usize> = outputs.flat_map(|text| numbers(&text)).collect();
    assert_eq!(delivered, (1..=TAKERS * ENTRIES).collect());
    let started = read(&output.path("started"));
    for Snapshot { done, length } in &snapshots {
        let again = numbers(&started[*length..]);
        let again: Vec<&usize> = again.iter().filter(|entry| done.contains(entry)).collect();
        assert!(again.is_empty(), "{again:?} were done");
    }
    assert!(snapshots.iter().any(|snapshot| !snapshot.done.is_empty()));
    let connection = Connection::open(output.path("Q")).expect("it can be opened");
    let check = connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(check.expect("it can be read"), "ok");
}

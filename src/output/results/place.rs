//! Which files a job's results are in: a function of its values and, only where two
//! jobs would share a name, of its number.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::Arc;

use super::encode::{self, LONGEST};
use super::pattern::Pattern;
use super::store::Base;
use crate::input::Row;
use crate::template::{Dialect, Place};

/// A path below the directory of results is at most so long, so that programs can open
/// it (`PATH_MAX` is 4096).
const LONGEST_PATH: usize = 3000;

/// How a directory of results is laid out.
#[derive(Debug)]
pub enum Layout {
    /// `1/a/2/b/stdout`
    Tree {
        /// Names of values instead of their numbers, as far as there are any.
        names: Vec<Vec<u8>>,
        /// After so many values GNU parallel begins again; 0 is never.
        period: usize,
    },
    /// As a text with placeholders says.
    Pattern(Pattern),
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// `stdout`, `stderr` and `seq` in a directory of that name.
    Inside,
    /// Standard output; beside it, with `.err` and `.seq`, the others.
    Beside,
}

impl Files {
    /// How long a name may be.
    pub(super) fn limit(self) -> usize {
        match self {
            Files::Inside => LONGEST,
            Files::Beside => LONGEST - ".err".len(),
        }
    }
}

/// Where the results of one job are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The directories and the name.
    pub(super) path: Vec<Vec<u8>>,
    /// Where they begin.
    pub(super) root: Root,
    /// What the name stands for.
    pub(super) files: Files,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// In the directory of results, which it cannot leave.
    Base,
    /// In the working directory: a value says where.
    Relative,
    /// In the root directory: a value says where.
    Absolute,
}

impl Spot {
    /// The path from where it begins.
    pub(super) fn joined(&self) -> PathBuf {
        OsStr::from_bytes(&self.path.join(&b'/')).into()
    }

    fn keys(&self, owners: &Owners) -> Vec<u64> {
        let mut path = self.path.join(&b'/');
        path.insert(0, self.root as u8);
        let ends: &[&[u8]] = match self.files {
            Files::Inside => &[b""],
            Files::Beside => &[b"", b".err", b".seq"],
        };
        let ends = ends.iter();
        ends.map(|end| owners.state.hash_one([&path, *end].concat()))
            .collect()
    }
}

/// Which job has which name. A name is a hash here: where two share one, the later job
/// has a longer name than it needs.
#[derive(Debug, Default)]
struct Owners {
    jobs: HashMap<u64, u64>,
    state: RandomState,
}

impl Owners {
    /// Gives a job a name unless another one has it.
    fn claim(&mut self, spot: &Spot, seq: u64) -> bool {
        if self.has_other(spot, seq) {
            return false;
        }
        let keys = spot.keys(self);
        self.jobs.extend(keys.into_iter().map(|key| (key, seq)));
        true
    }

    /// Whether another job has it.
    fn has_other(&self, spot: &Spot, seq: u64) -> bool {
        let mut keys = spot.keys(self).into_iter();
        keys.any(|key| self.jobs.get(&key).is_some_and(|owner| *owner != seq))
    }
}

/// Finds the place of each job's results.
#[derive(Debug)]
pub struct Places {
    layout: Layout,
    dialect: Dialect,
    pub(super) base: Arc<Base>,
    owners: Owners,
}

/// The place that a job has got.
#[derive(Debug)]
pub struct Found {
    /// The place.
    pub spot: Spot,
    /// What has to be said of it.
    pub warning: Option<String>,
}

impl Places {
    /// Nothing is placed yet.
    pub(super) fn new(layout: Layout, dialect: Dialect, base: Arc<Base>) -> Self {
        Places {
            layout,
            dialect,
            base,
            owners: Owners::default(),
        }
    }

    /// Keeps the name for a job that is about to run, so that the earlier of two jobs
    /// has it, whichever ends first.
    pub fn reserve(&mut self, row: &Row, seq: u64) {
        let names_slot = match &self.layout {
            Layout::Tree { .. } => false,
            Layout::Pattern(pattern) => pattern.names_slot(),
        };
        if !names_slot {
            self.find(row, Place { seq, slot: 0 });
        }
    }

    /// Where the results of a job go. The same job is given the same place again.
    pub fn find(&mut self, row: &Row, place: Place) -> Found {
        let seq = place.seq;
        let first = self.spot(row, place);
        let mut spot = first.clone();
        while !self.owners.claim(&spot, seq) {
            spot = distinct(&spot, seq);
        }
        let warning = (spot != first).then(|| {
            format!(
                "prun: warning: job {seq}: '{}' is taken: results are in '{}'\n",
                self.base.path_of(&first).display(),
                self.base.path_of(&spot).display()
            )
        });
        Found { spot, warning }
    }

    /// Whether complete results of this row are there, from this run or from an earlier one.
    /// Then their place is taken. Of rows with the same values, the first one is asked for
    /// first.
    pub fn has(&mut self, row: &Row, place: Place) -> bool {
        let seq = place.seq;
        let first = self.spot(row, place);
        let second = distinct(&first, seq);
        let free = |spot: &Spot| !self.owners.has_other(spot, seq);
        let mut complete = [first, second]
            .into_iter()
            .filter(free)
            .filter(|spot| self.base.sequence(spot).is_some());
        match complete.next() {
            Some(spot) => self.owners.claim(&spot, seq),
            None => false,
        }
    }

    /// The place that the job would have if it were the only one.
    fn spot(&self, row: &Row, place: Place) -> Spot {
        match &self.layout {
            Layout::Tree { names, period } => {
                let path = match self.dialect {
                    Dialect::Own => own_tree(row, place.seq, names),
                    Dialect::Gnu => gnu_tree(row, names, *period),
                };
                Spot {
                    path,
                    root: Root::Base,
                    files: Files::Inside,
                }
            }
            Layout::Pattern(pattern) => pattern.spot(row, place, self.dialect),
        }
    }
}

/// The same place with the job's number in its name.
fn distinct(spot: &Spot, seq: u64) -> Spot {
    let mut other = spot.clone();
    let limit = spot.files.limit();
    match other.path.last_mut() {
        Some(name) => *name = encode::distinct(name, seq, limit),
        None => other.path.push(encode::distinct(b"", seq, limit)),
    }
    other
}

/// A row without values is told from others by its number alone.
fn own_tree(row: &Row, seq: u64, names: &[Vec<u8>]) -> Vec<Vec<u8>> {
    if row.0.is_empty() {
        return vec![seq.to_string().into_bytes()];
    }
    let of = |bytes: &[u8]| encode::shortened(encode::component(bytes, Dialect::Own), LONGEST);
    let mut path = Vec::new();
    let mut length = 0;
    for (nth, value) in row.0.iter().enumerate() {
        let pair = [key(nth, names, &of), of(value)];
        length += pair[0].len() + pair[1].len() + 2;
        if length > LONGEST_PATH {
            let rest = row.0[nth..]
                .iter()
                .flat_map(|value| [of(value), vec![b'/']]);
            let rest: Vec<Vec<u8>> = rest.collect();
            path.push(format!("{}-{}", nth + 1, row.0.len()).into_bytes());
            path.push(format!("%~{:032x}", encode::hash(&rest.concat())).into_bytes());
            break;
        }
        path.extend(pair);
    }
    path
}

/// GNU parallel has no component for an empty value.
fn gnu_tree(row: &Row, names: &[Vec<u8>], period: usize) -> Vec<Vec<u8>> {
    let of = |bytes: &[u8]| encode::component(bytes, Dialect::Gnu);
    if row.0.is_empty() {
        return vec![b"1".to_vec(), b"\\0noarg".to_vec()];
    }
    let values = row.0.iter().enumerate();
    let path = values.flat_map(|(nth, value)| {
        let nth = nth.checked_rem(period).unwrap_or(nth);
        [key(nth, names, &of), of(value)]
    });
    path.filter(|name| !name.is_empty()).collect()
}

fn key(nth: usize, names: &[Vec<u8>], of: &impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    match names.get(nth) {
        Some(name) => of(name),
        None => (nth + 1).to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{Job, Outcome, Report};
    use crate::os::child::Usage;
    use crate::output::sequencer::Finished;
    use crate::spool::{Budget, Spool};
    use std::time::{Duration, SystemTime};

    fn row(values: &[&str]) -> Row {
        Row(values
            .iter()
            .map(|value| value.as_bytes().to_vec())
            .collect())
    }

    fn tree(directory: &std::path::Path, dialect: Dialect) -> Places {
        let layout = Layout::Tree {
            names: vec![b"x".to_vec(), b"..".to_vec()],
            period: 2,
        };
        Places::new(layout, dialect, Arc::new(Base::make(directory).unwrap()))
    }

    fn finished(seq: u64, outcome: Outcome) -> Finished {
        let budget = Arc::new(Budget::default());
        Finished {
            report: Report {
                job: Job {
                    seq,
                    row: Row::default(),
                    attempt: 1,
                },
                slot: 1,
                outcome,
                started: SystemTime::UNIX_EPOCH,
                runtime: Duration::ZERO,
                usage: Usage::default(),
                received: 0,
                leaked: false,
                last_words: Vec::new(),
            },
            stdout: Spool::of(&budget, b"out"),
            stderr: Spool::new(&budget),
            tag: Vec::new(),
        }
    }

    fn at(seq: u64) -> Place {
        Place { seq, slot: 1 }
    }

    #[test]
    fn trees_have_a_name_and_a_value_in_turn() {
        let directory = tempfile::tempdir().unwrap();
        let path = |dialect, values: &[&str]| {
            let places = tree(directory.path(), dialect);
            let spot = places.spot(&row(values), at(7));
            String::from_utf8(spot.path.join(&b'/')).unwrap()
        };
        assert_eq!(
            path(Dialect::Own, &["a/b", "", "c"]),
            "x/a%2Fb/%2E./%empty/3/c"
        );
        assert_eq!(path(Dialect::Gnu, &["a/b", "", "c"]), "x/a\\_b/\\.\\./x/c");
        assert_eq!(path(Dialect::Own, &[]), "7");
        assert_eq!(path(Dialect::Gnu, &[]), "1/\\0noarg");
    }

    #[test]
    fn many_values_make_a_path_that_can_be_opened() {
        let directory = tempfile::tempdir().unwrap();
        let places = tree(directory.path(), Dialect::Own);
        let mut values = vec!["value"; 2000];
        let one = places.spot(&row(&values), at(1)).joined();
        values[1999] = "other";
        let other = places.spot(&row(&values), at(1)).joined();
        assert!(one.as_os_str().len() < 3100);
        assert_ne!(one, other);
    }

    #[test]
    fn the_earlier_job_has_the_name() {
        let directory = tempfile::tempdir().unwrap();
        let mut places = tree(directory.path(), Dialect::Own);
        places.reserve(&row(&["a"]), 1);
        places.reserve(&row(&["a"]), 2);
        let later = places.find(&row(&["a"]), at(2));
        let earlier = places.find(&row(&["a"]), at(1));
        assert!(later.spot.joined().ends_with("a~2") && later.warning.is_some());
        assert!(earlier.spot.joined().ends_with("a") && earlier.warning.is_none());
    }

    #[test]
    fn complete_results_are_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let mut places = tree(directory.path(), Dialect::Own);
        let write = |places: &mut Places, seq, outcome| {
            let found = places.find(&row(&["a"]), at(seq));
            let base = Arc::clone(&places.base);
            base.write(&found.spot, &finished(seq, outcome)).unwrap();
        };
        assert!(!places.has(&row(&["a"]), at(1)));
        write(&mut places, 1, Outcome::Exited(3));
        write(&mut places, 2, Outcome::Exited(0));
        write(&mut places, 3, Outcome::Stopped(15));
        let mut places = tree(directory.path(), Dialect::Own);
        assert!(places.has(&row(&["a"]), at(1)));
        assert!(places.has(&row(&["a"]), at(2)));
        assert!(!places.has(&row(&["a"]), at(3)));
        assert!(!places.has(&row(&["b"]), at(4)));
        // The same values are the same results, whatever their number is by now.
        let mut places = tree(directory.path(), Dialect::Own);
        assert!(places.has(&row(&["a"]), at(9)));
        assert!(!places.has(&row(&["a"]), at(10)));
    }
}

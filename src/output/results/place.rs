//! Which files a job's results are in: a function of its values and, only where two
//! jobs would share a name, of its number.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::encode::{self, LONGEST};
use super::pattern::ResultsPattern;
use super::store::ResultsRoot;
use super::tree;
use crate::input::Row;
use crate::placeholder::{CommandDialect, JobPosition, RunContext};

/// How a directory of results is laid out.
#[derive(Debug)]
pub(crate) enum ResultsLayout {
    /// `1/a/2/b/stdout`
    Tree {
        /// Names of values instead of their numbers, as far as there are any.
        names: Vec<Vec<u8>>,
        /// After so many values GNU parallel begins again; 0 is never.
        period: usize,
    },
    /// As a text with placeholders says.
    Pattern(ResultsPattern),
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameMeaning {
    /// `stdout`, `stderr` and `seq` in a directory of that name.
    Inside,
    /// Standard output; beside it, with `.err` and `.seq`, the others.
    Beside,
}

impl NameMeaning {
    /// How long a name may be.
    pub(super) fn limit(self) -> usize {
        match self {
            NameMeaning::Inside => LONGEST,
            NameMeaning::Beside => LONGEST - ".err".len(),
        }
    }
}

/// Where the results of one job are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResultsLocation {
    /// The directories and the name.
    pub(super) path: Vec<Vec<u8>>,
    /// Where they begin.
    pub(super) root: PathRoot,
    /// What the name stands for.
    pub(super) files: NameMeaning,
}

/// Where a path begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathRoot {
    /// In the directory of results, which it cannot leave.
    Base,
    /// In the working directory: a value says where.
    Relative,
    /// In the root directory: a value says where.
    Absolute,
}

impl ResultsLocation {
    /// The path from where it begins.
    pub(super) fn joined(&self) -> PathBuf {
        OsStr::from_bytes(&self.path.join(&b'/')).into()
    }

    fn keys(&self, owners: &NameOwners) -> Vec<u64> {
        let mut path = self.path.join(&b'/');
        path.insert(0, self.root as u8);
        let ends: &[&[u8]] = match self.files {
            NameMeaning::Inside => &[b""],
            NameMeaning::Beside => &[b"", b".err", b".seq"],
        };
        let ends = ends.iter();
        ends.map(|end| owners.state.hash_one([&path, *end].concat()))
            .collect()
    }
}

/// Which job has which name. A name is a hash here: where two share one, the later job
/// has a longer name than it needs.
#[derive(Debug, Default)]
struct NameOwners {
    jobs: HashMap<u64, u64>,
    state: RandomState,
}

impl NameOwners {
    /// Gives a job a name unless another one has it.
    fn claim(&mut self, spot: &ResultsLocation, seq: u64) -> bool {
        if self.has_other(spot, seq) {
            return false;
        }
        let keys = spot.keys(self);
        self.jobs.extend(keys.into_iter().map(|key| (key, seq)));
        true
    }

    /// Whether another job has it.
    fn has_other(&self, spot: &ResultsLocation, seq: u64) -> bool {
        let mut keys = spot.keys(self).into_iter();
        keys.any(|key| self.jobs.get(&key).is_some_and(|owner| *owner != seq))
    }
}

/// Finds the place of each job's results.
#[derive(Debug)]
pub(crate) struct ResultsLocator {
    layout: ResultsLayout,
    dialect: CommandDialect,
    pub(super) base: Arc<ResultsRoot>,
    run: RunContext,
    owners: NameOwners,
}

/// The place that a job has got.
#[derive(Debug)]
pub(crate) struct LocatedResults {
    /// The place.
    pub spot: ResultsLocation,
    /// What has to be said of it.
    pub warning: Option<String>,
}

impl ResultsLocator {
    /// Nothing is placed yet.
    pub(super) fn new(
        layout: ResultsLayout,
        dialect: CommandDialect,
        base: Arc<ResultsRoot>,
        run: RunContext,
    ) -> Self {
        ResultsLocator {
            layout,
            dialect,
            base,
            run,
            owners: NameOwners::default(),
        }
    }

    /// Where a job runs.
    pub(crate) fn place(&self, seq: u64, slot: usize) -> JobPosition {
        JobPosition {
            seq,
            slot,
            run: self.run,
        }
    }

    /// Keeps the name for a job that is about to run, so that the earlier of two jobs
    /// has it, whichever ends first.
    pub(crate) fn reserve(&mut self, row: &Row, seq: u64) {
        let names_slot = match &self.layout {
            ResultsLayout::Tree { .. } => false,
            ResultsLayout::Pattern(pattern) => pattern.names_slot(),
        };
        if !names_slot {
            self.find(row, self.place(seq, 0));
        }
    }

    /// Where the results of a job go. The same job is given the same place again.
    pub(crate) fn find(&mut self, row: &Row, place: JobPosition) -> LocatedResults {
        let seq = place.seq;
        let first = self.spot(row, place);
        let mut spot = first.clone();
        while self.is_input(&spot, row) || !self.owners.claim(&spot, seq) {
            spot = distinct(&spot, seq);
        }
        let warning = (spot != first).then(|| {
            format!(
                "prun: warning: job {seq}: '{}' is taken: results are in '{}'\n",
                self.base.path_of(&first).display(),
                self.base.path_of(&spot).display()
            )
        });
        LocatedResults { spot, warning }
    }

    /// Tells which rows have no complete results yet, for those that are to be left out.
    pub(crate) fn unkept(
        places: &Arc<Mutex<ResultsLocator>>,
    ) -> impl FnMut(u64, &Row) -> bool + Send + 'static + use<> {
        let places = Arc::clone(places);
        move |seq, row| {
            // Nothing can be half done when a holder of the lock panics.
            let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
            let place = places.place(seq, 0);
            !places.has(row, place)
        }
    }

    /// Whether complete results of this row are there, from this run or from an earlier one.
    /// Then their place is taken. Of rows with the same values, the first one is asked for
    /// first.
    pub(crate) fn has(&mut self, row: &Row, place: JobPosition) -> bool {
        let seq = place.seq;
        let first = self.spot(row, place);
        let second = distinct(&first, seq);
        let free =
            |spot: &ResultsLocation| !self.is_input(spot, row) && !self.owners.has_other(spot, seq);
        let mut complete = [first, second]
            .into_iter()
            .filter(free)
            .filter(|spot| self.base.sequence(spot).is_some());
        match complete.next() {
            Some(spot) => self.owners.claim(&spot, seq),
            None => false,
        }
    }

    /// Whether results there would overwrite a file that a value names: `<.>.txt` for `a.txt`.
    fn is_input(&self, spot: &ResultsLocation, row: &Row) -> bool {
        if matches!(self.layout, ResultsLayout::Tree { .. }) {
            return false;
        }
        let mut paths = self.base.files_of(spot).into_iter();
        paths.any(|path| {
            let values = row.0.iter().map(OsStr::from_bytes);
            values.map(Path::new).any(|value| is_same(value, &path))
        })
    }

    /// The place that the job would have if it were the only one.
    fn spot(&self, row: &Row, place: JobPosition) -> ResultsLocation {
        match &self.layout {
            ResultsLayout::Tree { names, period } => {
                let path = match self.dialect {
                    CommandDialect::Own => tree::own(row, place.seq, names),
                    CommandDialect::Gnu => tree::gnu(row, names, *period),
                };
                ResultsLocation {
                    path,
                    root: PathRoot::Base,
                    files: NameMeaning::Inside,
                }
            }
            ResultsLayout::Pattern(pattern) => pattern.spot(row, place, self.dialect),
        }
    }
}

/// Whether two paths are spelled the same, but for `./` and `//`.
fn is_same(one: &Path, other: &Path) -> bool {
    let names = |path| Path::components(path).filter(|name| *name != Component::CurDir);
    names(one).eq(names(other))
}

/// The same place with the job's number in its name.
fn distinct(spot: &ResultsLocation, seq: u64) -> ResultsLocation {
    let mut other = spot.clone();
    let limit = spot.files.limit();
    match other.path.last_mut() {
        Some(name) => *name = encode::distinct(name, seq, limit),
        None => other.path.push(encode::distinct(b"", seq, limit)),
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{AttemptRecord, HostName, Job, Outcome};
    use crate::os::child::ResourceUsage;
    use crate::output::sequencer::FinishedJob;
    use crate::spool::{Spool, SpoolBudget};
    use std::time::{Duration, SystemTime};

    fn row(values: &[&str]) -> Row {
        Row::from_iter(values)
    }

    fn tree(directory: &std::path::Path, dialect: CommandDialect) -> ResultsLocator {
        let layout = ResultsLayout::Tree {
            names: vec![b"x".to_vec(), b"..".to_vec()],
            period: 2,
        };
        let base = Arc::new(ResultsRoot::make(directory).unwrap());
        ResultsLocator::new(layout, dialect, base, RunContext::default())
    }

    fn finished(seq: u64, outcome: Outcome) -> FinishedJob {
        let budget = Arc::new(SpoolBudget::default());
        FinishedJob {
            report: AttemptRecord {
                job: Job::new(seq, Row::default()),
                slot: 1,
                host: HostName::local(),
                outcome,
                started: SystemTime::UNIX_EPOCH,
                runtime: Duration::ZERO,
                usage: ResourceUsage::default(),
                sent: 0,
                received: 0,
                leaked: false,
                cut: false,
                last_words: Vec::new(),
                last_output: Vec::new(),
            },
            stdout: Spool::of(&budget, b"out"),
            stderr: Spool::new(&budget),
            tag: Vec::new(),
        }
    }

    fn at(seq: u64) -> JobPosition {
        JobPosition {
            seq,
            slot: 1,
            run: RunContext::default(),
        }
    }

    #[test]
    fn the_earlier_job_has_the_name() {
        let directory = tempfile::tempdir().unwrap();
        let mut places = tree(directory.path(), CommandDialect::Own);
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
        let mut places = tree(directory.path(), CommandDialect::Own);
        let write = |places: &mut ResultsLocator, seq, outcome| {
            let found = places.find(&row(&["a"]), at(seq));
            let base = Arc::clone(&places.base);
            base.write(&found.spot, &finished(seq, outcome)).unwrap();
        };
        assert!(!places.has(&row(&["a"]), at(1)));
        write(&mut places, 1, Outcome::Exited(3));
        write(&mut places, 2, Outcome::Exited(0));
        write(&mut places, 3, Outcome::Stopped(15));
        let mut places = tree(directory.path(), CommandDialect::Own);
        assert!(places.has(&row(&["a"]), at(1)));
        assert!(places.has(&row(&["a"]), at(2)));
        assert!(!places.has(&row(&["a"]), at(3)));
        assert!(!places.has(&row(&["b"]), at(4)));
        // The same values are the same results, whatever their number is by now.
        let mut places = tree(directory.path(), CommandDialect::Own);
        assert!(places.has(&row(&["a"]), at(9)));
        assert!(!places.has(&row(&["a"]), at(10)));
    }
}

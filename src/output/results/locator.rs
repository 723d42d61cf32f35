//! Files of a job's results: a function of its values and, only where two
//! jobs would share a name, of its number.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::encode::{self, PathNaming};
use super::location::{NameMeaning, PathRoot, ResultsLocation};
use super::pattern::ResultsPattern;
use super::root::ResultsRoot;
use super::tree;
use crate::input::Row;
use crate::job::AttemptRecord;
use crate::placeholder::{JobPosition, RunContext};

/// Layout of a directory of results.
#[derive(Debug)]
pub(crate) enum ResultsLayout {
    /// `1/a/2/b/stdout`
    Tree {
        /// Names of values instead of their numbers, as far as there are any.
        names: Vec<Vec<u8>>,
        /// After so many values GNU parallel begins again; 0 is never.
        period: usize,
    },
    /// Names by a text with placeholders.
    Pattern(ResultsPattern),
}

impl ResultsLayout {
    /// The directory that all results are below; `name` is that of a tree.
    pub(super) fn directory<'a>(&'a self, name: &'a Path) -> &'a Path {
        match self {
            ResultsLayout::Tree { .. } => name,
            ResultsLayout::Pattern(pattern) => Path::new(OsStr::from_bytes(pattern.directory())),
        }
    }
}

/// Jobs by the names that they have. A name is a hash here: where two share one, the later job
/// has a longer name than it needs.
#[derive(Debug, Default)]
struct NameOwners {
    jobs: HashMap<u64, u64>,
    state: RandomState,
}

impl NameOwners {
    fn keys(&self, location: &ResultsLocation) -> Vec<u64> {
        let mut path = location.path.join(&b'/');
        path.insert(0, location.root as u8);
        let ends: &[&[u8]] = match location.files {
            NameMeaning::Inside => &[b""],
            NameMeaning::Beside => &[b"", b".err", b".seq"],
        };
        let ends = ends.iter();
        ends.map(|end| self.state.hash_one([&path, *end].concat()))
            .collect()
    }

    /// Gives a job a name unless another one has it.
    fn claim(&mut self, location: &ResultsLocation, seq: u64) -> bool {
        if self.has_other(location, seq) {
            return false;
        }
        let keys = self.keys(location);
        self.jobs.extend(keys.into_iter().map(|key| (key, seq)));
        true
    }

    /// Tells whether the job itself has the name.
    fn is_owner(&self, location: &ResultsLocation, seq: u64) -> bool {
        let mut keys = self.keys(location).into_iter();
        keys.all(|key| self.jobs.get(&key) == Some(&seq))
    }

    /// Tells whether another job has the name.
    fn has_other(&self, location: &ResultsLocation, seq: u64) -> bool {
        let mut keys = self.keys(location).into_iter();
        keys.any(|key| self.jobs.get(&key).is_some_and(|owner| *owner != seq))
    }
}

/// Finds the location of each job's results.
#[derive(Debug)]
pub(crate) struct ResultsLocator {
    layout: ResultsLayout,
    naming: PathNaming,
    base: Arc<ResultsRoot>,
    run: RunContext,
    owners: NameOwners,
    /// Numbers that jobs had in an earlier run whose results stay as they are.
    done: HashSet<u64>,
}

/// Location that a job has got.
#[derive(Debug)]
pub(super) struct LocatedResults {
    pub location: ResultsLocation,
    /// Line for standard error if it is not the one that the job would have alone.
    pub warning: Option<String>,
}

impl ResultsLocator {
    pub(super) fn new(
        layout: ResultsLayout,
        naming: PathNaming,
        base: Arc<ResultsRoot>,
        run: RunContext,
    ) -> Self {
        ResultsLocator {
            layout,
            naming,
            base,
            run,
            owners: NameOwners::default(),
            done: HashSet::new(),
        }
    }

    /// Keeps complete results of jobs that had one of these numbers in an earlier run. Rows
    /// cannot tell their names: they may have got other numbers since, or be left out of the
    /// input, and a name may depend on the slot.
    pub(super) fn keep_results_of(&mut self, done: HashSet<u64>) {
        self.done = done;
    }

    fn position(&self, seq: u64, slot: usize) -> JobPosition {
        JobPosition {
            seq,
            slot,
            run: self.run,
        }
    }

    /// Keeps the name for a job that is about to run, unless that depends on its slot.
    pub(super) fn reserve(&mut self, row: &Row, seq: u64) {
        let names_slot = match &self.layout {
            ResultsLayout::Tree { .. } => false,
            ResultsLayout::Pattern(pattern) => pattern.names_slot(),
        };
        if !names_slot {
            self.locate(row, self.position(seq, 0));
        }
    }

    /// Location of the results of a job that has ended.
    pub(super) fn find(&mut self, record: &AttemptRecord) -> LocatedResults {
        let position = self.position(record.job.seq, record.slot);
        self.locate(&record.job.row, position)
    }

    /// The same job is given the same location again.
    fn locate(&mut self, row: &Row, position: JobPosition) -> LocatedResults {
        let seq = position.seq;
        let first = self.location(row, position);
        let mut location = first.clone();
        let mut mark = String::new();
        while self.is_input(&location, row)
            || self.is_done(&location, seq)
            || !self.owners.claim(&location, seq)
        {
            mark += &format!("~{seq}");
            location = distinct(&first, &mark);
        }
        let warning = (location != first).then(|| {
            format!(
                "prun: warning: job {seq}: '{}' is taken: results are in '{}'\n",
                self.base.path_of(&first).display(),
                self.base.path_of(&location).display()
            )
        });
        LocatedResults { location, warning }
    }

    /// Tells which rows have no complete results yet, for those that are to be left out.
    pub(crate) fn unkept(
        locator: &Arc<Mutex<ResultsLocator>>,
    ) -> impl FnMut(u64, &Row) -> bool + Send + 'static + use<> {
        let locator = Arc::clone(locator);
        move |seq, row| {
            let mut locator = lock(&locator);
            let position = locator.position(seq, 0);
            !locator.has(row, position)
        }
    }

    /// Tells whether complete results of this row are there, from this run or from an earlier
    /// one. Then their location is taken. Of rows with the same values, the first one is asked for
    /// first.
    fn has(&mut self, row: &Row, position: JobPosition) -> bool {
        let seq = position.seq;
        let first = self.location(row, position);
        let second = distinct(&first, &format!("~{seq}"));
        let free = |location: &ResultsLocation| {
            !self.is_input(location, row) && !self.owners.has_other(location, seq)
        };
        let mut complete = [first, second]
            .into_iter()
            .filter(free)
            .filter(|location| self.base.sequence(location).is_some());
        match complete.next() {
            Some(location) => self.owners.claim(&location, seq),
            None => false,
        }
    }

    /// Tells whether a job of an earlier run that is done has its results there.
    fn is_done(&self, location: &ResultsLocation, seq: u64) -> bool {
        !self.done.is_empty()
            && !self.owners.is_owner(location, seq)
            && overlapping(location)
                .iter()
                .filter_map(|location| self.base.sequence(location))
                .any(|number| self.done.contains(&number))
    }

    /// Tells whether results there would overwrite a file that a value names: `<.>.txt` for
    /// `a.txt`.
    fn is_input(&self, location: &ResultsLocation, row: &Row) -> bool {
        if matches!(self.layout, ResultsLayout::Tree { .. }) {
            return false;
        }
        let mut paths = self.base.files_of(location).into_iter();
        paths.any(|path| {
            let values = row.values.iter().map(OsStr::from_bytes);
            values.map(Path::new).any(|value| is_same(value, &path))
        })
    }

    /// Location that the job would have if it were the only one.
    fn location(&self, row: &Row, position: JobPosition) -> ResultsLocation {
        match &self.layout {
            ResultsLayout::Tree { names, period } => {
                let path = match self.naming {
                    PathNaming::Percent => tree::percent(row, position.seq, names),
                    PathNaming::Backslash => tree::backslash(row, names, *period),
                };
                ResultsLocation {
                    path,
                    root: PathRoot::Base,
                    files: NameMeaning::Inside,
                }
            }
            ResultsLayout::Pattern(pattern) => pattern.location(row, position, self.naming),
        }
    }
}

/// Locks, also after a panic: no holder can leave anything half done.
pub(super) fn lock(locator: &Mutex<ResultsLocator>) -> MutexGuard<'_, ResultsLocator> {
    locator.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells whether two paths are spelled the same, but for `./` and `//`.
fn is_same(one: &Path, other: &Path) -> bool {
    let names = |path| Path::components(path).filter(|name| *name != Component::CurDir);
    names(one).eq(names(other))
}

/// Locations of which a file is one of this location, too.
fn overlapping(location: &ResultsLocation) -> Vec<ResultsLocation> {
    let mut locations = vec![location.clone()];
    if let (NameMeaning::Beside, [directories @ .., name]) = (location.files, &location.path[..]) {
        let ends = [b".err".as_slice(), b".seq"].into_iter();
        let names = ends.flat_map(|end| {
            let shorter = name.strip_suffix(end).map(<[u8]>::to_vec);
            shorter.into_iter().chain([[name, end].concat()])
        });
        locations.extend(names.map(|name| ResultsLocation {
            path: [directories, &[name]].concat(),
            ..*location
        }));
    }
    locations
}

/// The same location with a mark at the end of its name.
fn distinct(location: &ResultsLocation, mark: &str) -> ResultsLocation {
    let mut other = location.clone();
    let limit = location.files.limit();
    match other.path.last_mut() {
        Some(name) => *name = encode::distinct(name, mark, limit),
        None => other.path.push(encode::distinct(b"", mark, limit)),
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::Outcome;
    use crate::output::FinishedAttempt;

    fn row(values: &[&str]) -> Row {
        Row::from_iter(values)
    }

    fn tree(directory: &std::path::Path, naming: PathNaming) -> ResultsLocator {
        let layout = ResultsLayout::Tree {
            names: vec![b"x".to_vec(), b"..".to_vec()],
            period: 2,
        };
        let base = Arc::new(ResultsRoot::make(directory).unwrap());
        ResultsLocator::new(layout, naming, base, RunContext::default())
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
        let mut locator = tree(directory.path(), PathNaming::Percent);
        locator.reserve(&row(&["a"]), 1);
        locator.reserve(&row(&["a"]), 2);
        let later = locator.locate(&row(&["a"]), at(2));
        let earlier = locator.locate(&row(&["a"]), at(1));
        assert!(later.location.joined().ends_with("a~2") && later.warning.is_some());
        assert!(earlier.location.joined().ends_with("a") && earlier.warning.is_none());
    }

    #[test]
    fn complete_results_are_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let mut locator = tree(directory.path(), PathNaming::Percent);
        let write = |locator: &mut ResultsLocator, seq, outcome| {
            let found = locator.locate(&row(&["a"]), at(seq));
            let base = Arc::clone(&locator.base);
            base.write(
                &found.location,
                &FinishedAttempt::fake(seq, outcome, b"out"),
            )
            .unwrap();
        };
        assert!(!locator.has(&row(&["a"]), at(1)));
        write(&mut locator, 1, Outcome::Exited(3));
        write(&mut locator, 2, Outcome::Exited(0));
        write(&mut locator, 3, Outcome::Stopped(15));
        let mut locator = tree(directory.path(), PathNaming::Percent);
        assert!(locator.has(&row(&["a"]), at(1)));
        assert!(locator.has(&row(&["a"]), at(2)));
        assert!(!locator.has(&row(&["a"]), at(3)));
        assert!(!locator.has(&row(&["b"]), at(4)));
        // The same values are the same results, whatever their number is by now.
        let mut locator = tree(directory.path(), PathNaming::Percent);
        assert!(locator.has(&row(&["a"]), at(9)));
        assert!(!locator.has(&row(&["a"]), at(10)));
    }
}

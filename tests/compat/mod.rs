//! `prun --gnu` against a corpus of small scripts, with what GNU parallel 20221122 made of
//! them.
//!
//! A case is `cases/NAME.case`, run by bash in an empty directory with the tool as `$P`:
//! three header lines (area, priority, what is compared), then the script. Beside it are
//! `.status`, `.expected` (standard output) and `.stderr`, as far as they are compared.
//! `exceptions` names the cases that do not pass, each with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, thread};

use crate::support::{Output, Test, crate_dir, say, skip, tool};

/// The programs that cases use beside the most common ones.
const TOOLS: [&str; 3] = ["awk", "perl", "ps"];

/// Cases that run at a time: most of them wait for something.
const AT_ONCE: usize = 6;

#[derive(Debug)]
struct Case {
    path: PathBuf,
    area: String,
    priority: String,
    compare: String,
}

impl Case {
    fn read(path: PathBuf) -> Case {
        let text = fs::read_to_string(&path).expect("the case can be read");
        let header = |key: &str| {
            let begin = format!("# {key}: ");
            let mut lines = text.lines().take(3);
            let value = lines.find_map(|line| line.strip_prefix(&begin));
            value
                .unwrap_or_else(|| panic!("{path:?}: no {key}"))
                .to_owned()
        };
        Case {
            area: header("area"),
            priority: header("priority"),
            compare: header("compare"),
            path,
        }
    }

    fn name(&self) -> String {
        let stem = self.path.file_stem().expect("it has a name");
        stem.to_string_lossy().into_owned()
    }

    fn beside(&self, suffix: &str) -> Vec<u8> {
        let path = self.path.with_extension(suffix);
        fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
    }

    /// Why it does not pass, if it does not.
    fn problem(&self) -> Option<String> {
        // What the harness says of a case that hangs is its panic's message.
        let run = || self.run();
        let output = match panic::catch_unwind(run) {
            Ok(output) => output,
            Err(_) => return Some("it did not end".to_owned()),
        };
        let status = match (output.status.code(), output.status.signal()) {
            (Some(code), _) => code,
            (None, signal) => 128 + signal.unwrap_or(0),
        };
        let wanted = String::from_utf8_lossy(&self.beside("status"))
            .trim()
            .to_owned();
        let mut problems = Vec::new();
        if status.to_string() != wanted {
            problems.push(format!("status {status} instead of {wanted}"));
        }
        let same_stdout = match self.compare.as_str() {
            "status-only" => true,
            "stdout-sorted" => sorted(&output.stdout) == sorted(&self.beside("expected")),
            _ => output.stdout == self.beside("expected"),
        };
        if !same_stdout {
            let got = String::from_utf8_lossy(&output.stdout);
            problems.push(format!("another standard output: {got:?}"));
        }
        if self.compare == "stdout+stderr" && output.stderr != self.beside("stderr") {
            let got = String::from_utf8_lossy(&output.stderr);
            problems.push(format!("another standard error: {got:?}"));
        }
        (!problems.is_empty()).then(|| problems.join(", "))
    }

    fn run(&self) -> Output {
        let path = self.path.to_string_lossy();
        let script = shell_words::quote(&path);
        Test::new()
            .env("P", "prun --gnu")
            .env("SHELL", "/bin/bash")
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .line(format!("exec bash {script}"))
            .stdout_any()
            .stderr_any()
            .leaves_processes()
            .leaves_temporary_files()
            .any_status()
    }
}

fn sorted(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').collect();
    lines.sort();
    lines
}

fn cases(dir: &Path) -> Vec<Case> {
    let entries = fs::read_dir(dir).expect("the corpus is there");
    let paths = entries.map(|entry| entry.expect("the corpus can be read").path());
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension() == Some("case".as_ref()))
        .collect();
    paths.sort();
    paths.into_iter().map(Case::read).collect()
}

/// The cases that are known not to pass: `NAME: REASON`, a line each.
fn exceptions(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).expect("the list can be read");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let names = lines.map(|line| {
        let (name, reason) = line
            .split_once(": ")
            .unwrap_or_else(|| panic!("no reason: {line}"));
        assert!(!reason.trim().is_empty(), "no reason: {line}");
        name.to_owned()
    });
    names.collect()
}

/// Passed and all, by area and priority; `all` for either.
fn score(cases: &[Case], failed: &BTreeMap<String, String>) -> String {
    let mut table: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for case in cases {
        for area in [&case.area, "all"] {
            for priority in [&case.priority, "all"] {
                let (passed, all) = table.entry((area, priority)).or_default();
                *passed += usize::from(!failed.contains_key(&case.name()));
                *all += 1;
            }
        }
    }
    let mut lines = format!(
        "{:<12}{:>9}{:>9}{:>9}{:>9}\n",
        "compat", "A", "B", "C", "all"
    );
    let areas: BTreeSet<&str> = table
        .keys()
        .map(|(area, _)| *area)
        .filter(|area| *area != "all")
        .collect();
    for area in areas.into_iter().chain(["all"]) {
        lines += &format!("{area:<12}");
        for priority in ["A", "B", "C", "all"] {
            let cell = table.get(&(area, priority));
            let cell = cell.map_or("-".to_owned(), |(passed, all)| format!("{passed}/{all}"));
            lines += &format!("{cell:>9}");
        }
        lines.push('\n');
    }
    lines
}

#[test]
fn scripts_for_gnu_parallel_do_the_same() {
    if let Some(missing) = TOOLS.into_iter().find(|name| tool(name).is_none()) {
        skip!("{missing} is not installed");
    }
    let dir = crate_dir().join("tests/compat");
    let cases = cases(&dir.join("cases"));
    let failed = Mutex::new(BTreeMap::new());
    let queue = Mutex::new(cases.iter());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("no case panics").next();
                    let Some(case) = next else { return };
                    if let Some(problem) = case.problem() {
                        let mut failed = failed.lock().expect("no case panics");
                        failed.insert(case.name(), problem);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no case panics");
    say(&score(&cases, &failed));
    let known = exceptions(&dir.join("exceptions"));
    let names: BTreeSet<String> = cases.iter().map(Case::name).collect();
    let mut problems = String::new();
    for (name, problem) in failed.iter().filter(|(name, _)| !known.contains(*name)) {
        problems += &format!("{name}: {problem}\n");
    }
    for name in known.iter().filter(|name| !failed.contains_key(*name)) {
        let what = match names.contains(name) {
            true => "it passes, and is no exception any more",
            false => "there is no such case",
        };
        problems += &format!("{name}: {what}\n");
    }
    assert!(problems.is_empty(), "\n{problems}");
}

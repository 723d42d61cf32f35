//! `tests/faults.md` and the promises of the README: every fault has its row, every promise
//! its test, and each test that they name is there.

use std::fs;

use crate::support::crate_dir;

/// Letters of the catalogue, and how many faults each has.
const FAULTS: &[(char, usize)] = &[
    ('S', 14),
    ('J', 22),
    ('O', 11),
    ('F', 13),
    ('L', 13),
    ('I', 19),
    ('X', 11),
    ('R', 12),
    ('P', 9),
    ('E', 8),
    ('Q', 17),
    ('M', 8),
    ('W', 12),
    ('N', 14),
];

/// Begins the last cell of a row without a test.
const UNTESTED: &str = "none: ";

fn text(file: &str) -> String {
    let path = crate_dir().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Rows of the catalogue: number, fault, tests.
fn rows(catalogue: &str) -> Vec<[&str; 3]> {
    let rows = catalogue.lines().filter_map(|line| {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let cells: Vec<&str> = line.split(" | ").collect();
        let number = cells.first()?.get(1..)?.parse::<usize>().is_ok();
        number.then(|| {
            cells
                .try_into()
                .unwrap_or_else(|_| panic!("three cells: {line}"))
        })
    });
    rows.collect()
}

/// Names of tests in a text: `` `module::test` ``.
fn named_tests(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| {
            let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':');
            name.contains("::") && name.chars().all(is_word)
        })
        .collect()
}

/// True if there is such a test. Its module is a file in `tests`, or in `src` for a unit test, or
/// the last part of it is a module inside of that file.
fn is_there(name: &str) -> bool {
    let (module, test) = name.rsplit_once("::").unwrap_or_default();
    let path = module.replace("::", "/");
    let outer = path.rsplit_once('/').map_or("", |(outer, _)| outer);
    let files = ["tests", "src"].into_iter().flat_map(|folder| {
        let file = move |path: &str, end: &str| format!("{folder}/{path}{end}");
        let modules = [path.as_str(), outer].into_iter();
        modules.flat_map(move |path| [file(path, ".rs"), file(path, "/mod.rs")])
    });
    let is_defined = |file: String| {
        let source = fs::read_to_string(crate_dir().join(file)).unwrap_or_default();
        let lines = source.lines().map(str::trim_start);
        lines
            .into_iter()
            .any(|line| line.starts_with(&format!("fn {test}(")))
    };
    files.into_iter().any(is_defined)
}

#[track_caller]
fn assert_all_are_there(names: &[&str]) {
    for name in names {
        assert!(is_there(name), "there is no test '{name}'");
    }
}

#[test]
fn every_fault_has_a_test_or_a_reason() {
    let catalogue = text("tests/faults.md");
    let rows = rows(&catalogue);
    let numbers: Vec<&str> = rows.iter().map(|[number, ..]| *number).collect();
    let wanted: Vec<String> = FAULTS
        .iter()
        .flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}{n}")))
        .collect();
    assert_eq!(numbers, wanted);
    for [number, fault, tests] in rows {
        assert!(!fault.trim().is_empty(), "{number} has no words");
        let names = named_tests(tests);
        assert!(
            !names.is_empty() || tests.len() > UNTESTED.len() && tests.starts_with(UNTESTED),
            "{number} has neither a test nor a reason: {tests}"
        );
        assert_all_are_there(&names);
    }
}

#[test]
fn every_promise_has_a_test() {
    let readme = text("README.md");
    let (_, section) = readme
        .split_once("\n## What prun promises\n")
        .expect("the README has the promises");
    let section = section.split("\n## ").next().unwrap_or_default();
    let promises: Vec<&str> = section.split("\n- ").skip(1).collect();
    assert!(!promises.is_empty());
    for promise in promises {
        let names = named_tests(promise);
        assert!(!names.is_empty(), "no test holds this promise: {promise}");
        assert_all_are_there(&names);
    }
    assert_all_are_there(&named_tests(&text("SECURITY.md")));
}

#[test]
fn a_test_that_is_not_there_is_noticed() {
    let here = "fault_catalogue::a_test_that_is_not_there_is_noticed";
    let row = "| S1 | SIGTERM | `signals::gone`, `error::tests::gone`, 'text' |\n| a | b |\n";
    assert_eq!(rows(row).len(), 1);
    assert_eq!(
        named_tests(rows(row)[0][2]),
        ["signals::gone", "error::tests::gone"]
    );
    assert!(!is_there("signals::gone") && !is_there("gone::gone"));
    assert!(is_there(here) && is_there("error::tests::control_bytes_are_shown"));
}

//! The module as a whole: sources in, rows out.

use std::fs;

use super::{InputOptions, InputSource, Row, Rows, SourceJoin, SourceOrigin, open};
use crate::error::Result;

fn arguments(join: SourceJoin, values: &[&str]) -> InputSource {
    let values = values.iter().map(|value| value.as_bytes().to_vec());
    InputSource {
        origin: SourceOrigin::Arguments(values.collect()),
        join,
    }
}

fn product(values: &[&str]) -> InputSource {
    arguments(SourceJoin::Product, values)
}

fn linked(values: &[&str]) -> InputSource {
    arguments(SourceJoin::Linked, values)
}

fn options(sources: Vec<InputSource>) -> InputOptions {
    InputOptions {
        sources,
        ..InputOptions::default()
    }
}

fn text(row: &Row) -> String {
    String::from_utf8_lossy(&row.values.join(b" ")).into_owned()
}

/// Each row as its values joined by spaces. A total known at the start is true.
fn rows(options: InputOptions) -> Vec<String> {
    let rows = open(options).unwrap();
    let total = rows.total();
    let rows: Vec<String> = rows.map(|next| text(&next.unwrap().1)).collect();
    assert!(total.is_none_or(|total| total == rows.len() as u64));
    rows
}

fn wrapped(sources: Vec<InputSource>) -> Vec<String> {
    rows(InputOptions {
        link: true,
        ..options(sources)
    })
}

/// A source that reads a temporary file with these bytes.
fn file(bytes: &[u8]) -> (tempfile::NamedTempFile, InputSource) {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), bytes).unwrap();
    let source = InputSource {
        origin: SourceOrigin::File(file.path().to_owned()),
        join: SourceJoin::Product,
    };
    (file, source)
}

#[test]
fn the_first_source_varies_slowest() {
    let sources = vec![product(&["a", "b"]), product(&["1", "2"])];
    assert_eq!(rows(options(sources)), ["a 1", "a 2", "b 1", "b 2"]);

    let sources = vec![
        product(&["a", "b"]),
        product(&["1", "2"]),
        product(&["x", "y"]),
    ];
    let expected = [
        "a 1 x", "a 1 y", "a 2 x", "a 2 y", "b 1 x", "b 1 y", "b 2 x", "b 2 y",
    ];
    assert_eq!(rows(options(sources)), expected);
}

#[test]
fn linked_sources_end_with_the_shorter() {
    let sources = vec![product(&["a", "b", "c"]), linked(&["1", "2"])];
    assert_eq!(rows(options(sources)), ["a 1", "b 2"]);
}

#[test]
fn links_and_products_mix() {
    let sources = vec![
        product(&["1", "2"]),
        product(&["a", "b"]),
        linked(&["x", "y"]),
    ];
    let expected = ["1 a x", "1 b y", "2 a x", "2 b y"];
    assert_eq!(rows(options(sources)), expected);

    let sources = vec![
        product(&["1", "2"]),
        linked(&["x", "y"]),
        product(&["a", "b"]),
    ];
    let expected = ["1 x a", "1 x b", "2 y a", "2 y b"];
    assert_eq!(rows(options(sources)), expected);
}

#[test]
fn a_link_with_nothing_before_it_stands_alone() {
    assert_eq!(rows(options(vec![linked(&["a", "b"])])), ["a", "b"]);
}

#[test]
fn shorter_sources_start_again_when_wrapped() {
    let sources = vec![product(&["a", "b", "c"]), product(&["1", "2"])];
    assert_eq!(wrapped(sources), ["a 1", "b 2", "c 1"]);

    let sources = vec![
        product(&["a"]),
        product(&["1", "2", "3", "4"]),
        linked(&["x", "y", "z"]),
    ];
    assert_eq!(wrapped(sources), ["a 1 x", "a 2 y", "a 3 z", "a 4 x"]);
}

#[test]
fn an_empty_source_among_several_gives_no_rows() {
    let none: [String; 0] = [];
    for sources in [
        vec![product(&["a", "b"]), product(&[])],
        vec![product(&[]), product(&["a", "b"])],
        vec![product(&["a"]), linked(&[])],
        vec![product(&["a"]), product(&["b"]), linked(&[])],
    ] {
        assert_eq!(rows(options(sources.clone())), none, "{sources:?}");
        assert_eq!(wrapped(sources.clone()), none, "{sources:?}");
    }
    assert_eq!(rows(options(vec![product(&[])])), none);
}

#[test]
fn files_give_lines_whatever_their_bytes() {
    let (_file, source) = file(b"a\r\n\n \xff\xfe\nlast");
    let rows: Vec<Row> = open(options(vec![source]))
        .unwrap()
        .map(|next| next.unwrap().1)
        .collect();
    let values = [&b"a\r"[..], b"", b" \xff\xfe", b"last"];
    assert_eq!(rows, values.map(|value| Row::from_iter([value])));
}

#[test]
fn files_combine_like_arguments() {
    let (_first, one) = file(b"a\nb\n");
    let (_second, two) = file(b"1\n2\n");
    let both = vec![one, two];
    assert_eq!(rows(options(both.clone())), ["a 1", "a 2", "b 1", "b 2"]);
    assert_eq!(wrapped(both), ["a 1", "b 2"]);
}

#[test]
fn a_total_is_known_from_the_start_or_the_end() {
    let sources = vec![product(&["a", "b"]), product(&["1", "2", "3"])];
    assert_eq!(open(options(sources)).unwrap().total(), Some(6));

    let (_file, source) = file(b"1\n2\n");
    let mut rows = open(options(vec![source])).unwrap();
    assert_eq!(rows.total(), None);
    assert_eq!(rows.by_ref().count(), 2);
    assert_eq!(rows.total(), Some(2));
}

#[test]
fn arguments_are_always_ready_and_a_file_once_it_is_read() {
    let rows = open(options(vec![product(&["a"]), product(&["1"])])).unwrap();
    assert!(rows.is_ready());

    let (_file, source) = file(b"1\n2\n");
    let mut rows = open(options(vec![source])).unwrap();
    assert!(!rows.is_ready());
    rows.next();
    assert!(rows.is_ready());
}

#[test]
fn what_cannot_be_read_is_named_before_any_row() {
    for (path, message) in [
        (
            "/no/such/file",
            "prun: cannot read '/no/such/file': No such file or directory",
        ),
        ("/", "prun: cannot read '/': Is a directory"),
    ] {
        let source = InputSource {
            origin: SourceOrigin::File(path.into()),
            join: SourceJoin::Product,
        };
        let error = open(options(vec![source])).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn standard_input_is_one_source_only() {
    let stdin = |origin| InputSource {
        origin,
        join: SourceJoin::Product,
    };
    let sources = vec![
        stdin(SourceOrigin::Stdin),
        stdin(SourceOrigin::File("-".into())),
    ];
    let error = open(options(sources)).unwrap_err();
    assert!(error.to_string().contains("two sources"));
}

#[test]
fn a_read_error_comes_once_and_last() {
    // The first page of a process's memory is not there: reading it fails.
    let source = InputSource {
        origin: SourceOrigin::File("/proc/self/mem".into()),
        join: SourceJoin::Product,
    };
    let mut rows = open(options(vec![source])).unwrap();
    let error = rows.next().unwrap().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("prun: cannot read '/proc/self/mem': ")
    );
    assert_eq!(rows.next(), None);
}

#[test]
fn a_slow_source_is_not_waited_for_when_its_partner_has_ended() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fifo");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    // Opened for both, so that neither end waits and no end of file ever comes.
    let both = fs::OpenOptions::new().read(true).write(true).open(&path);
    let mut both = both.unwrap();
    std::io::Write::write_all(&mut both, b"1\n").unwrap();

    let endless = InputSource {
        origin: SourceOrigin::File(path),
        join: SourceJoin::Product,
    };
    assert_eq!(rows(options(vec![endless, linked(&["a"])])), ["1 a"]);
}

/// A file with the numbers from 1.
fn numbers(last: u32) -> (tempfile::NamedTempFile, InputSource) {
    let text: String = (1..=last).map(|number| format!("{number}\n")).collect();
    file(text.as_bytes())
}

fn numbered(rows: Rows) -> Vec<String> {
    let row = |next: Result<(u64, Row)>| {
        let (number, row) = next.unwrap();
        format!("{number}:{}", text(&row))
    };
    rows.map(row).collect()
}

#[test]
fn rows_that_filters_refuse_keep_their_numbers() {
    let (_file, source) = numbers(12);
    let mut rows = open(options(vec![source])).unwrap();
    rows.keep(|number, _| number % 2 == 0);
    // It sees what the first filter has left.
    let mut seen = Vec::new();
    rows.keep(move |number, row| {
        seen.push(number);
        assert_eq!(text(row), number.to_string());
        seen.len() % 3 != 0
    });
    assert_eq!(rows.total(), None);
    assert_eq!(numbered(rows), ["2:2", "4:4", "8:8", "10:10"]);
}

#[test]
fn the_number_of_kept_rows_is_known_at_the_end() {
    let mut rows = open(options(vec![product(&["a", "b", "c"])])).unwrap();
    rows.keep(|number, _| number != 2);
    assert_eq!(rows.by_ref().count(), 2);
    assert_eq!(rows.total(), Some(2));
}

#[test]
fn with_a_filter_a_row_is_ready_only_if_one_is_left_that_it_does_not_refuse() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fifo");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let both = fs::OpenOptions::new().read(true).write(true).open(&path);
    let mut both = both.unwrap();
    let endless = InputSource {
        origin: SourceOrigin::File(path),
        join: SourceJoin::Product,
    };
    let mut rows = open(options(vec![endless])).unwrap();
    rows.keep(|_, row| text(row) != "no");
    std::io::Write::write_all(&mut both, b"1\nno\n2\nno\nno\n").unwrap();
    assert_eq!(rows.next().unwrap().unwrap().0, 1);
    assert!(rows.is_ready());
    assert_eq!(rows.next().unwrap().unwrap().0, 3);
    // Whoever asks now has to wait: what is at hand was refused.
    assert!(!rows.is_ready());
}

#[test]
fn rows_are_looked_at_without_being_lost() {
    let (_file, source) = numbers(4);
    let mut rows = open(options(vec![source])).unwrap();
    rows.keep(|number, _| number != 2);
    assert_eq!(rows.read_ahead(1).unwrap(), 1);
    assert_eq!(rows.read_ahead(1).unwrap(), 1);
    assert_eq!(rows.read_ahead(3).unwrap(), 3);
    assert_eq!(rows.read_all().unwrap(), 4);
    assert_eq!(numbered(rows), ["1:1", "3:3", "4:4"]);

    let made = [7, 9].map(|number| (number, Row::from_iter([b"x"])));
    let rows = Rows::numbered(made.to_vec());
    assert_eq!(rows.total(), Some(2));
    assert_eq!(numbered(rows), ["7:x", "9:x"]);
}

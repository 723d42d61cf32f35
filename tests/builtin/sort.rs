//! `@sort` beside sort(1).

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::{odd_contents, run_tool, runner, with_odd_files};
use crate::support::{Test, builtin_error};

/// Sorts files as sort(1) does, on one job and on several, with much memory and with little.
#[track_caller]
fn as_sort(test: impl Fn() -> Test, options: &[&str], files: &[&str]) {
    let runs: [&[&str]; 3] = [
        &["-j1", "@sort"],
        &["-j8", "-n2", "@sort"],
        &["-j8", "@sort", "-S64K"],
    ];
    for run in runs {
        let test = test();
        let shell = "LC_ALL=C exec sort \"$@\"";
        let args = [&["-c", shell, "sh"], options, &["--"], files].concat();
        let printed = run_tool(&test, Path::new("/bin/sh"), &args);
        assert_eq!(printed.status, 0, "sort {options:?}");
        test.args(run)
            .args(options)
            .arg(":::")
            .args(files)
            .stdout(printed.stdout)
            .success();
    }
}

const OPTIONS: &[&[&str]] = &[
    &[],
    &["-r"],
    &["-u"],
    &["-n"],
    &["-nr"],
    &["-nu"],
    &["-ns"],
    &["-rs"],
    &["-k2"],
    &["-k2,2", "-s"],
    &["-k2,2", "-u"],
    &["-k1,1", "-r", "-u"],
    &["-k", "2n"],
    &["-k2nr,2", "-k1,1"],
    &["-t,", "-k2,2"],
    &["-t,", "-k2,2n", "-k3r", "-s"],
    &["-t", ",", "-k2,2", "-u", "-r"],
    &["-t ", "-n", "-k3", "-k1,2r"],
    &["--key=2", "--numeric-sort", "--reverse", "--stable"],
    &["-f"],
    &["-b", "-u"],
    &["-h", "-r"],
    &["-V"],
    &["-z"],
    &["-z", "-k1.2,2.3b", "-u"],
    &["-t\\0", "-k2"],
    &["-k2.2"],
    &["-b", "-k2.2,2.3"],
    &["-t,", "-k2.1b,2.2b", "-k1.3fr"],
    &["-k2h,2", "-k1,1V", "-s"],
    &["-k2,18446744073709551616", "-S+9M"],
];

#[test]
fn odd_files_are_sorted_as_by_sort() {
    let names: Vec<&str> = odd_contents().into_iter().map(|(name, _)| name).collect();
    for options in OPTIONS.iter().step_by(2) {
        as_sort(with_odd_files, options, &names);
    }
    for name in names {
        as_sort(with_odd_files, &[], &[name]);
    }
}

fn with_tables() -> Test {
    let table = |seed: u64, count: u64| -> Vec<u8> {
        let mut state = seed;
        let mut next = move |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below
        };
        let mut line = || {
            let (one, other, third) = (next(50), next(2000), next(7));
            match next(3) {
                0 => format!("{one},-{other}.{third},x {third}\n"),
                1 => format!("{third}  {one}\t{other}\n"),
                _ => format!("{other} {one},{third} ,{one}\n"),
            }
        };
        (0..count).flat_map(|_| line().into_bytes()).collect()
    };
    Test::new()
        .file("a", table(1, 3000))
        .file("b", table(2, 3000))
        .file("c", table(3, 1))
        .file("d", table(4, 6000))
        .file("e", "")
}

#[test]
fn tables_are_sorted_as_by_sort() {
    for options in OPTIONS {
        as_sort(with_tables, options, &["d", "a", "e", "c", "b", "a"]);
    }
}

#[test]
fn many_runs_are_merged_in_several_steps() {
    let lines: Vec<u8> = (0..200_000_u64)
        .flat_map(|number| format!("{}\n", number * 7919 % 150_011).into_bytes())
        .collect();
    for options in [&["-n"][..], &["-nu"], &["-s", "-k2"]] {
        let test = Test::new().file("many", &lines);
        let args = [
            &["-c", "LC_ALL=C exec sort \"$@\"", "sh", "many", "many"],
            options,
        ]
        .concat();
        let printed = run_tool(&test, Path::new("/bin/sh"), &args);
        test.args(["-j2", "@sort", "-S64K"])
            .args(options)
            .args([":::", "many", "many"])
            .stdout(printed.stdout)
            .success();
    }
}

#[test]
fn lines_that_begin_alike_are_sorted_as_by_sort() {
    let lines = |numbers: std::ops::Range<u32>| -> String {
        let numbers = numbers.map(|number| number * 7919 % 1009);
        numbers
            .map(|number| format!("2026-11-24 {number:b} x\n"))
            .collect()
    };
    let test = || {
        Test::new()
            .file("one", lines(0..900))
            .file("other", lines(500..1600))
            .file("short", "2026-11-24 1\n2026-11-24 \n2026-11-24 \0\n")
            .file("unlike", "2026\n")
    };
    for options in [&[][..], &["-r"], &["-u"], &["-k2"]] {
        as_sort(test, options, &["one", "short", "other"]);
        as_sort(test, options, &["one", "unlike", "other", "short"]);
    }
}

#[test]
fn many_small_jobs_are_merged() {
    let names: Vec<String> = (0..400).map(|number| number.to_string()).collect();
    let mut test = Test::new();
    for name in &names {
        test = test.file(name, format!("{name}\nx\n"));
    }
    let mut expected: Vec<String> = names.iter().map(|name| format!("{name}\n")).collect();
    expected.push("x\n".to_owned());
    expected.sort();
    test.args(["-j8", "@sort", "-u", ":::"])
        .args(&names)
        .stdout(expected.concat())
        .success();
}

#[test]
fn any_lines_are_sorted_as_by_sort() {
    let config = Config {
        cases: 16,
        failure_persistence: None,
        ..Config::default()
    };
    let line = prop_oneof![
        "[ab ,]{0,6}",
        "-?[0-9]{0,3}(\\.[0-9]{0,3})?[ ,]?[ab]{0,2}",
        "[ \t]{0,2}[0-9a ]{0,5}",
    ];
    let lines = prop::collection::vec(line, 0..40);
    let strategy = (lines, 0..OPTIONS.len());
    let ran = runner(config).run(&strategy, |(lines, option)| {
        let text = lines.join("\n");
        let (one, other) = text.split_at(text.len() / 2);
        let test = || Test::new().file("one", one).file("other", other);
        as_sort(test, OPTIONS[option], &["other", "one"]);
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
}

/// Options as they may be put together.
fn any_options() -> impl Strategy<Value = Vec<String>> {
    let letters = "[bfr]{0,2}[nhV]?";
    let place = || {
        (
            "[1-3]",
            prop_oneof![Just(""), Just(".1"), Just(".2"), Just(".3")],
        )
    };
    let key = (place(), letters, prop::option::of((place(), letters))).prop_map(
        |((field, char), letters, end)| {
            let end = end.map(|((field, char), letters)| format!(",{field}{char}{letters}"));
            format!("-k{field}{char}{letters}{}", end.unwrap_or_default())
        },
    );
    let all = prop_oneof![
        Just(""),
        Just("-n"),
        Just("-h"),
        Just("-V"),
        Just("-b"),
        Just("-f")
    ];
    let ties = prop_oneof![
        Just(""),
        Just("-s"),
        Just("-u"),
        Just("-r"),
        Just("-ru"),
        Just("-rs")
    ];
    let lines = prop_oneof![Just(""), Just("-z"), Just("-t,"), Just("-t "), Just("-b")];
    (all, ties, lines, prop::collection::vec(key, 0..3)).prop_map(|(all, ties, lines, keys)| {
        let others = [all, ties, lines].map(str::to_owned);
        let mut options: Vec<String> = others.into_iter().chain(keys).collect();
        options.retain(|option| !option.is_empty() && !has_two_kinds(option));
        options
    })
}

/// Options that sort(1) refuses.
fn has_two_kinds(key: &str) -> bool {
    let mut kinds: Vec<char> = key.chars().filter(|char| "nhV".contains(*char)).collect();
    kinds.dedup();
    kinds.len() > 1
}

#[test]
fn any_options_are_as_those_of_sort() {
    let config = Config {
        cases: 48,
        failure_persistence: None,
        ..Config::default()
    };
    let line = prop_oneof![
        "[abAB ,]{0,6}",
        "[ ,]{0,2}-?[0-2]{0,2}(\\.[0-2]{0,2})?[kKMGmx]?[ ,]{1,2}[ab]{0,2}[ ,]?[0-9]{0,2}[KM]?",
        "[a.~ 01Z-]{0,8}",
        "[ab]{0,2}[0-2]{0,2}(\\.[a~][b0]{0,1}){0,2}[ \n\0]{0,1}[aB1]{0,2}",
    ];
    let strategy = (prop::collection::vec(line, 0..40), any_options());
    let ran = runner(config).run(&strategy, |(lines, options)| {
        let is_zero = options.iter().any(|option| option == "-z");
        let text = lines.join(if is_zero { "\0" } else { "\n" });
        let (one, other) = text.split_at(text.len() / 2);
        let test = || Test::new().file("one", one).file("other", other);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        as_sort(test, &options, &["other", "one"]);
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_cannot_be_sorted_is_told() {
    Test::new()
        .file("a", "b\na\n")
        .args(["--quiet", "-k", "@sort", ":::", "a", "missing", "."])
        .stdout("a\nb\n")
        .stderr(
            "@sort: cannot read 'missing': No such file or directory
@sort: cannot read '.': Is a directory
",
        )
        .status(2);
    for (options, message) in [
        (
            &["-k0"][..],
            "'0' is no key: F[.C][,F[.C]], each with letters of bfr and one of nhV at most",
        ),
        (
            &["-t,,"],
            "',,' is not one byte: it cannot be between fields",
        ),
        (&["-S", "x"], "'x' is no number"),
        (
            &["-S", "18446744073709551616"],
            "'18446744073709551616' is too large",
        ),
        (&["-g"], "there is no option '-g'"),
        (
            &["-nV"],
            "only one of -n, -h and -V can be: how lines are compared",
        ),
    ] {
        Test::new()
            .arg("@sort")
            .args(options)
            .args([":::", "x"])
            .stderr(builtin_error("@sort", message))
            .status(255);
    }
}

/// A job that finds no room for what it sorts fails, and the others have their result.
#[test]
fn no_room_for_temporary_files_is_told() {
    let long: Vec<u8> = (0..100_000_u64)
        .flat_map(|number| format!("{number}\n").into_bytes())
        .collect();
    let test = Test::new().file("long", long).file("short", "b\na\n");
    test.line("TMPDIR=/dev/null prun --quiet -k @sort -S64K ::: short long")
        .stdout("a\nb\n")
        .stderr("@sort: cannot use a temporary file: Not a directory\n")
        .status(1);
}

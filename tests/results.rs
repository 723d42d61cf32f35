//! `--results` and `--files`: output that is kept in files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::Signal;

use crate::support::{Output, Test, interrupted, pattern, skip, tool};

/// All files below a directory, by their paths in it, sorted, each with its bytes.
#[track_caller]
fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    fn collect(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).expect("it is a directory") {
            let path = entry.expect("it can be read").path();
            match path.is_dir() {
                true => collect(&path, found),
                false => found.push(path),
            }
        }
    }
    let mut found = Vec::new();
    collect(directory, &mut found);
    found.sort();
    let shown = found.into_iter().map(|path| {
        let name = path.strip_prefix(directory).expect("it is below");
        let bytes = fs::read(&path).expect("it can be read");
        (name.to_str().expect("it is text").to_owned(), bytes)
    });
    shown.collect()
}

/// The names of the files of that kind.
#[track_caller]
fn names(output: &Output, directory: &str, kind: &str) -> Vec<String> {
    let files = files(&output.path(directory)).into_iter();
    let names = files.map(|(name, _)| name);
    names.filter(|name| name.ends_with(kind)).collect()
}

fn own(pairs: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, bytes)| ((*name).to_owned(), bytes.as_bytes().to_vec()))
        .collect()
}

const BOTH: &str = "echo out <>; echo err <> >&2";

/// Columns whose values differ from run to run are left out: the start and the duration.
const ROWS: &str = "import csv, sys
for row in csv.reader(sys.stdin, delimiter=sys.argv[1]):
    print(row[:2] + row[4:])";

fn with_python(line: &str) -> Option<Test> {
    tool("python3")?;
    Some(Test::new().file("rows.py", ROWS).line(line))
}

#[test]
fn each_job_has_a_directory() {
    let output = Test::new()
        .args(["--results", "res", BOTH, ":::", "a", "b"])
        .success();
    let expected = own(&[
        ("1/a/seq", "1"),
        ("1/a/stderr", "err a\n"),
        ("1/a/stdout", "out a\n"),
        ("1/b/seq", "2"),
        ("1/b/stderr", "err b\n"),
        ("1/b/stdout", "out b\n"),
    ]);
    assert_eq!(files(&output.path("res")), expected);
}

#[test]
fn sources_and_names_make_directories() {
    let output = Test::new()
        .args(["--results", "deep/res", "echo <1><2>"])
        .args([":::", "a", "b", ":::", "X"])
        .success();
    let expected = ["1/a/2/X/stdout", "1/b/2/X/stdout"];
    assert_eq!(names(&output, "deep/res", "stdout"), expected);
    let output = Test::new()
        .args(["--results", "res", "--header", ":", "echo <x><y>"])
        .args([":::", "x", "1", ":::", "y", "2"])
        .success();
    assert_eq!(names(&output, "res", "stdout"), ["x/1/y/2/stdout"]);
    let output = Test::new()
        .args(["--results", "res", "-N0", "echo", ":::", "x", "y"])
        .success();
    assert_eq!(names(&output, "res", "stdout"), ["1/stdout", "2/stdout"]);
}

#[test]
fn what_is_stored_has_no_tags() {
    for option in ["--tag", "--line-buffer", "-k"] {
        Test::new()
            .args([option, "--results", "res", BOTH, ":::", "a"])
            .check_file("res/1/a/stdout", "out a\n")
            .check_file("res/1/a/stderr", "err a\n")
            .success();
    }
    Test::new()
        .args(["-v", "--results", "res", "echo", ":::", "a"])
        .check_file("res/1/a/stdout", "echo a\na\n")
        .success();
}

#[test]
fn gnu_stores_output_however_it_would_be_printed() {
    for option in ["-u", "--lb", "--group", "--tag"] {
        Test::gnu()
            .args([option, "--results", "res", "echo out {}", ":::", "a"])
            .check_file("res/1/a/stdout", "out a\n")
            .success();
    }
    let output = Test::gnu()
        .args([
            "--results",
            "res",
            "-N2",
            "echo",
            ":::",
            "a",
            "b",
            ":::",
            "x",
        ])
        .success();
    assert_eq!(names(&output, "res", "seq"), ["1/a/2/x/1/b/2/x/seq"]);
}

#[test]
fn patterns_name_the_files() {
    let output = Test::new()
        .args(["--results", "out/<.>.txt", BOTH, ":::", "a.c", "b"])
        .success();
    let expected = own(&[
        ("a.txt", "out a.c\n"),
        ("a.txt.err", "err a.c\n"),
        ("a.txt.seq", "1"),
        ("b.txt", "out b\n"),
        ("b.txt.err", "err b\n"),
        ("b.txt.seq", "2"),
    ]);
    assert_eq!(files(&output.path("out")), expected);
    let output = Test::new()
        .args(["--results", "log/</.>", "echo", ":::", "in/a.txt"])
        .success();
    assert_eq!(names(&output, "log", ""), ["a", "a.err", "a.seq"]);
    let output = Test::new()
        .args(["--results", "res/<#>/", "echo", ":::", "a", "b"])
        .success();
    let expected = [
        "1/seq", "1/stderr", "1/stdout", "2/seq", "2/stderr", "2/stdout",
    ];
    assert_eq!(names(&output, "res", ""), expected);
    Test::new()
        .args(["--results", "<.>.out", "echo", ":::", "d/a.c"])
        .check_file("d/a.out", "d/a.c\n")
        .success();
    // Placeholders say more than the end of the name.
    Test::new()
        .args(["--results", "out/<>.csv", "echo", ":::", "a"])
        .check_file("out/a.csv", "a\n")
        .success();
}

#[test]
fn no_value_leads_out_of_the_directory() {
    let values = [
        "../../x", "/etc/y", ".", "..", "", "a/b", "100%", ".h", "c\x01d",
    ];
    let output = Test::new()
        .args(["--results", "r", "echo <#>", ":::"])
        .args(values)
        .success();
    let expected = [
        "1/%2E/stdout",
        "1/%2E./stdout",
        "1/%2E.%2F..%2Fx/stdout",
        "1/%2Eh/stdout",
        "1/%2Fetc%2Fy/stdout",
        "1/%empty/stdout",
        "1/100%25/stdout",
        "1/a%2Fb/stdout",
        "1/c%01d/stdout",
    ];
    assert_eq!(names(&output, "r", "stdout"), expected);
    assert_eq!(fs::read_dir(output.path("")).unwrap().count(), 1);

    let output = Test::new()
        .args(["--results", "a/r/<>/o", "echo <#>", ":::"])
        .args(["../../esc", "x/y", "/etc/z", ".."])
        .success();
    let expected = ["%2E./%2E./esc/o", "%2E./o", "etc/z/o", "x/y/o"];
    assert_eq!(names(&output, "a/r", "/o"), expected);
    assert_eq!(fs::read_dir(output.path("a")).unwrap().count(), 1);

    let output = Test::gnu()
        .args(["--results", "r", "echo {#}", ":::"])
        .args(["..", ".", "a/b", "a\\b", "c\td"])
        .success();
    let expected = [
        "1/\\./stdout",
        "1/\\.\\./stdout",
        "1/a\\\\b/stdout",
        "1/a\\_b/stdout",
        "1/c\\td/stdout",
    ];
    assert_eq!(names(&output, "r", "stdout"), expected);
    let output = Test::gnu()
        .args([
            "--results",
            "a/r/{}/o",
            "echo {#}",
            ":::",
            "../../esc",
            "x/y",
        ])
        .success();
    let expected = ["%2E%2E/%2E%2E/esc/o", "x/y/o"];
    assert_eq!(names(&output, "a/r", "/o"), expected);
    assert_eq!(fs::read_dir(output.path("a")).unwrap().count(), 1);
}

#[test]
fn long_values_have_names_of_their_own() {
    let long = "z".repeat(300);
    let values = [format!("{long}1"), format!("{long}2")];
    for pattern in ["r/", "r/<>", "r/<>/"] {
        let output = Test::new()
            .args(["--results", pattern, "echo", ":::"])
            .args(&values)
            .success();
        let numbers = names(&output, "r", "seq");
        assert_eq!(numbers.len(), 2, "{pattern}: {numbers:?}");
    }
}

#[test]
fn jobs_with_the_same_name_are_all_kept() {
    let output = Test::new()
        .args(["-j1", "--results", "r", "echo <#>", ":::", "a", "a"])
        .stderr("prun: warning: job 2: 'r/1/a' is taken: results are in 'r/1/a~2'\n")
        .check_file("r/1/a/stdout", "1\n")
        .check_file("r/1/a~2/stdout", "2\n")
        .success();
    assert_eq!(names(&output, "r", "seq").len(), 2);
    for (mode, pattern) in [("--plain", "out/<>.txt"), ("--gnu", "out/{}.txt")] {
        Test::new()
            .args([mode, "-j1", "--results", pattern, "echo", ":::", "a", "a"])
            .stderr("prun: warning: job 2: 'out/a.txt' is taken: results are in 'out/a.txt~2'\n")
            .check_file("out/a.txt", "a\n")
            .check_file("out/a.txt~2", "a\n")
            .check_file("out/a.txt~2.seq", "2")
            .success();
    }
    // A value may name a file that the job reads.
    Test::new()
        .file("a.txt", "mine")
        .args(["--results", "<.>.txt", "cat", ":::", "./a.txt"])
        .stderr("prun: warning: job 1: './a.txt' is taken: results are in './a.txt~1'\n")
        .check_file("a.txt", "mine")
        .check_file("a.txt~1", "mine")
        .success();
    // One job's standard error is not the other's standard output.
    Test::new()
        .args(["-j1", "--results", "out/<>", "echo", ":::", "a", "a.err"])
        .stderr("prun: warning: job 2: 'out/a.err' is taken: results are in 'out/a.err~2'\n")
        .check_file("out/a.err", "")
        .check_file("out/a.err~2", "a.err\n")
        .success();
    // The warning tells of the name also where results cannot be written.
    Test::new()
        .file("r/1/a~2", "")
        .args(["-j1", "--results", "r", "echo <#>", ":::", "a", "a"])
        .stderr(
            "prun: warning: job 2: 'r/1/a' is taken: results are in 'r/1/a~2'\n\
             prun: cannot make 'r/1/a~2': Not a directory\n",
        )
        .status(255);
}

#[test]
fn the_earlier_of_two_jobs_has_the_name_whichever_ends_first() {
    let command = "test <#> = 2 || probe await r/1/a~2/seq; echo <#>";
    Test::new()
        .args(["-j2", "--results", "r", command, ":::", "a", "a"])
        .stderr("prun: warning: job 2: 'r/1/a' is taken: results are in 'r/1/a~2'\n")
        .check_file("r/1/a/stdout", "1\n")
        .check_file("r/1/a~2/stdout", "2\n")
        .success();
}

#[test]
fn symbolic_links_are_not_followed() {
    let test = Test::new().file("s/1/README", "").file("away/README", "");
    symlink(test.path("away"), test.path("s/1/a")).unwrap();
    let output = test
        .args(["--results", "s", "echo", ":::", "a"])
        .stderr("prun: cannot make 's/1/a': Not a directory\n")
        .status(255);
    assert_eq!(names(&output, "away", ""), ["README"]);

    let test = Test::new().file("s/1/a/README", "").file("victim", "mine");
    symlink(test.path("victim"), test.path("s/1/a/stdout")).unwrap();
    test.args(["--results", "s", "echo", ":::", "a"])
        .check_file("s/1/a/stdout", "a\n")
        .check_file("victim", "mine")
        .success();
}

#[test]
fn results_of_an_earlier_run_are_replaced() {
    Test::new()
        .line("prun --results r 'seq 9; :' ::: a; prun --results r 'echo b; :' ::: a")
        .check_file("r/1/a/stdout", "b\n")
        .success();
}

#[test]
fn the_last_try_counts() {
    let command = "echo <> >>all; n=$(wc -l <all); echo <> $n; test $n -eq 3";
    Test::new()
        .args(["--retries", "5", "--results", "r", command, ":::", "a"])
        .check_file("r/1/a/stdout", "a 3\n")
        .check_file("all", "a\na\na\n")
        .success();
}

#[test]
fn a_job_that_fails_has_results() {
    Test::new()
        .args(["--quiet", "--results", "r", "echo <>; exit 3", ":::", "a"])
        .check_file("r/1/a/stdout", "a\n")
        .check_file("r/1/a/seq", "1")
        .status(1);
}

#[test]
fn a_job_that_is_cut_off_has_no_number() {
    let child = Test::new()
        .args([
            "--results",
            "r",
            "echo begun; : >ready; sleep 100; :",
            ":::",
            "a",
        ])
        .stderr_has(interrupted("SIGINT", 1, "none left to start"))
        .start();
    child.wait_for_file("ready");
    assert!(
        !child.path("r/1").exists(),
        "nothing is written before the end"
    );
    child.signal(Signal::INT);
    let output = child.wait().signaled(Signal::INT);
    assert_eq!(names(&output, "r", ""), ["1/a/stderr", "1/a/stdout"]);
}

#[test]
fn many_jobs_have_distinct_files() {
    let output = Test::new()
        .line("seq 500 | prun -j8 --results r echo")
        .success();
    let files = files(&output.path("r"));
    assert_eq!(files.len(), 1500);
    for (name, bytes) in files {
        let value = name.split('/').nth(1).unwrap();
        let expected = match name.rsplit('/').next().unwrap() {
            "stdout" => format!("{value}\n"),
            "seq" => value.to_owned(),
            _ => String::new(),
        };
        assert_eq!(bytes, expected.as_bytes(), "{name}");
    }
}

#[test]
fn bytes_are_exact() {
    let bytes = pattern(1_000_000);
    Test::new()
        .file("in", &bytes)
        .args(["--results", "r", "cat <>; cat <> >&2", ":::", "in"])
        .check_file("r/1/in/stdout", &bytes)
        .check_file("r/1/in/stderr", &bytes)
        .success();
}

#[test]
fn much_output_takes_little_memory() {
    if !Path::new("/usr/bin/time").exists() || tool("python3").is_none() {
        skip!("/usr/bin/time or python3 is not installed");
    }
    const READ: &str = "import csv, json, sys
csv.field_size_limit(1 << 30)
with open('o.csv', newline='') as table: row = list(csv.reader(table))[1]
with open('o.json') as table: line = json.loads(table.read())
for text in row[10], line['Stdout']: print(len(text), text.count('\"'), text.count('\\n'))";
    let output = Test::new()
        .file("read.py", READ)
        .line(
            "yes 'some words, then one \"between quotes\" and more of them, as usual' | head -c 40000000 >in
             for r in d o.csv o.json; do
                 /usr/bin/time -a -f %M -o rss prun --results $r 'cat <>' ::: in
             done
             cmp in d/1/in/stdout; python3 read.py",
        )
        .stdout("40000000 1230770 615384\n40000000 1230770 615384\n")
        .limit(std::time::Duration::from_secs(60))
        .success();
    let rss = fs::read_to_string(output.path("rss")).unwrap();
    for kilobytes in rss.lines() {
        assert!(kilobytes.parse::<u64>().unwrap() <= 32 << 10, "{rss}");
    }
}

#[test]
fn tables_can_be_read_back() {
    let line = "prun -k --results -.csv 'printf %s <1>; echo e <2> >&2; exit 3' \
                ::: a 'b,\"c' $' d\\n' $'\\xff' ::: X | python3 -X utf8 -c \"
import csv, io, sys
text = io.TextIOWrapper(sys.stdin.buffer, 'utf-8', 'surrogateescape', newline='')
for row in csv.reader(text): print(ascii(row[:2] + row[4:8] + row[9:]))\"";
    let Some(test) = with_python(line) else {
        skip!("python3 is not installed");
    };
    test.stdout(
        "['Seq', 'Host', 'Send', 'Receive', 'Exitval', 'Signal', 'V1', 'V2', 'Stdout', 'Stderr']
['1', ':', '0', '1', '3', '0', 'a', 'X', 'a', 'e X\\n']
['2', ':', '0', '4', '3', '0', 'b,\"c', 'X', 'b,\"c', 'e X\\n']
['3', ':', '0', '3', '3', '0', ' d\\n', 'X', ' d\\n', 'e X\\n']
['4', ':', '0', '1', '3', '0', '\\udcff', 'X', '\\udcff', 'e X\\n']\n",
    )
    .stderr_any()
    .success();
}

#[test]
fn tables_stay_rectangular_in_their_named_columns() {
    let line = "printf '%s\\n' 'b c' a 'c d e' | prun -k -j2 -C' ' --results t.tsv echo
                python3 rows.py $'\\t' <t.tsv";
    let Some(test) = with_python(line) else {
        skip!("python3 is not installed");
    };
    test.stdout(
        "['Seq', 'Host', 'Send', 'Receive', 'Exitval', 'Signal', 'Command', 'V1', 'V2', 'Stdout', 'Stderr']
['1', ':', '0', '4', '0', '0', 'echo b c', 'b', 'c', 'b c\\n', '']
['2', ':', '0', '2', '0', '0', 'echo a', 'a', '', 'a\\n', '']
['3', ':', '0', '6', '0', '0', 'echo c d e', 'c', 'd', 'c d e\\n', '', 'e']\n",
    )
    .success();
    // However many the first job to end has.
    let line = "prun -N2 --header : --results t.csv echo ::: x a b c; python3 rows.py , <t.csv | cut -d, -f8-11 | head -1";
    let test = with_python(line).expect("it was there before");
    test.stdout(" 'x', 'V2', 'Stdout', 'Stderr']\n").success();
}

#[test]
fn json_is_valid_and_loses_no_byte() {
    const READ: &str = "import json, os, sys
for line in sys.stdin.buffer:
    row = json.loads(line.decode())
    out = row['Stdout'].encode('utf-8', 'surrogateescape')
    print(list(row), row['Seq'], ascii(row['V']), out == open('in', 'rb').read(), ascii(row['Stderr']))";
    let line = "prun --results -.json 'cat <>; printf \"\\303\" >&2' ::: in | python3 read.py";
    let Some(test) = with_python(line) else {
        skip!("python3 is not installed");
    };
    let mut bytes = "é€𝄞\"\\\u{7f}\u{80}".as_bytes().to_vec();
    bytes.extend(0..=255u8);
    bytes.extend(pattern(300_000));
    bytes.extend(b"\xed\xa0\x80\xf0\x9d\x84");
    test.file("in", &bytes)
        .file("read.py", READ)
        .stdout(
            "['Seq', 'Host', 'Starttime', 'JobRuntime', 'Send', 'Receive', 'Exitval', 'Signal', \
             'Command', 'V', 'Stdout', 'Stderr'] 1 ['in'] True '\\udcc3'\n",
        )
        .success();
}

#[test]
fn a_table_replaces_an_older_one() {
    let output = Test::new()
        .file("t.json", "old\n")
        .args(["--results", "t.json", "echo", ":::", "a"])
        .success();
    let text = fs::read_to_string(output.path("t.json")).unwrap();
    assert!(text.starts_with("{ \"Seq\": 1, \"Host\": \":\", \"Starttime\": "));
    assert!(text.ends_with(
        "\"Send\": 0, \"Receive\": 2, \"Exitval\": 0, \"Signal\": 0, \"Command\": \"echo a\", \
         \"V\": [ \"a\" ], \"Stdout\": \"a\\u000a\", \"Stderr\": \"\" }\n"
    ));
}

#[test]
fn names_of_files_are_printed_instead_of_output() {
    let line = "prun -k --tag --files 'echo out <>; echo err <> >&2' ::: a b >names
                while read -r tag file; do
                    case $file in $TMPDIR/prun*.out) echo $tag $(cat $file);; esac
                done <names";
    Test::new()
        .line(line)
        .stdout("a out a\nb out b\n")
        .stderr("a\terr a\nb\terr b\n")
        .leaves_temporary_files()
        .success();
    Test::new()
        .line("mkdir d; prun -k --tmpdir d --files0 echo ::: a b | xargs -0 cat; ls d | wc -l")
        .stdout("a\nb\n2\n")
        .success();
    Test::gnu()
        .args(["-u", "--files", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
    Test::new()
        .line("prun --gnu -k --files --results r echo ::: a b")
        .stdout("r/1/a/stdout\nr/1/b/stdout\n")
        .success();
}

#[test]
fn only_the_last_try_leaves_a_file() {
    Test::new()
        .line("mkdir d; prun --quiet --retries 3 --tmpdir d --files 'echo <>; false' ::: a | wc -l; ls d | wc -l")
        .stdout("1\n1\n")
        .success();
}

#[test]
fn temporary_files_go_where_they_are_told() {
    // More than a job keeps in memory: it waits in a file without a name.
    let command = "head -c 3000000 /dev/zero; ls -l /proc/$PRUN_PID/fd | grep -c /d/ >count; : <>";
    Test::new()
        .line(format!(
            "mkdir d; prun --compress --compress-program x --decompress-program y \\
             --tmpdir $PWD/d --results r '{command}' ::: a; ls d"
        ))
        .check_file("count", "1\n")
        .success();
    for option in ["--files", "-k"] {
        let output = Test::new()
            .args(["--tmpdir", "nope", option, "touch", ":::", "ran"])
            .stderr("prun: cannot use 'nope' for temporary files: No such file or directory\n")
            .status(255);
        assert!(!output.path("ran").exists());
    }
    Test::new()
        .env("TMPDIR", "nope")
        .args(["--files", "touch", ":::", "ran"])
        .stderr("prun: cannot use 'nope' for temporary files: No such file or directory\n")
        .status(255);
}

#[test]
fn what_cannot_be_used_is_known_before_any_job() {
    for (name, message) in [
        ("file", "cannot use 'file' for results: File exists"),
        ("file/x", "cannot use 'file/x' for results: Not a directory"),
        ("file/<>", "cannot use 'file/' for results: File exists"),
        (
            "nope/t.csv",
            "cannot write 'nope/t.csv': No such file or directory",
        ),
    ] {
        let output = Test::new()
            .file("file", "")
            .args(["--results", name, "touch", ":::", "ran"])
            .stderr(format!("prun: {message}\n"))
            .status(255);
        assert!(!output.path("ran").exists());
    }
}

#[test]
fn options_that_contradict_each_other_are_errors() {
    let table: [(&[&str], &str); 8] = [
        (
            &["-u", "--results", "r"],
            "--ungroup and --results cannot go together: prun does not see ungrouped output\nhint: leave out --ungroup",
        ),
        (
            &["-u", "--files"],
            "--ungroup and --files cannot go together: prun does not see ungrouped output\nhint: leave out --ungroup",
        ),
        (
            &["--files", "--results", "r"],
            "--results and --files cannot go together: both say where output is kept\nhint: leave out --files: --results names the files",
        ),
        (
            &["--joblog", "-", "--results", "-.csv"],
            "--results and --joblog cannot both write to standard output\nhint: give one of them the name of a file",
        ),
        (
            &["--results", "<>"],
            "--results '<>' would overwrite the files that it names\nhint: --results '<>.out'",
        ),
        (
            &["--results", "r/<>/../x"],
            "'..' behind a placeholder in --results 'r/<>/../x'\nhint: name the directory in front of it",
        ),
        (
            &["--results", ""],
            "--results needs a name\nhint: --results DIR",
        ),
        (
            &["--results", "r/<2>"],
            "'<2>' needs a second input source\nhint: prun 'echo <1> <2>' ::: a ::: b",
        ),
    ];
    for (options, message) in table {
        let output = Test::new()
            .args(options)
            .args(["touch", ":::", "ran"])
            .stderr(format!("prun: {message}\n"))
            .status(255);
        assert!(!output.path("ran").exists() && !output.path("r").exists());
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    for name in ["r", "r/<>", "r.csv", "-.json"] {
        let output = Test::new()
            .args(["--dry-run", "--results", name, "echo", ":::", "a"])
            .stdout("echo a\n")
            .success();
        assert_eq!(fs::read_dir(output.path("")).unwrap().count(), 0);
    }
}

/// True if file systems can be mounted in a name space of their own.
fn can_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["-m", "sh", "-c", "mount -t tmpfs none /mnt"]);
    unshare.stderr(Stdio::null());
    unshare.status().is_ok_and(|status| status.success())
}

/// The line, with a file system of 64 KiB at `d`.
fn with_small_disk(line: &str) -> Test {
    Test::new()
        .file("line", line)
        .line("mkdir d; exec unshare -m bash -c 'mount -t tmpfs -o size=64k none d && . ./line'")
}

#[test]
fn a_full_disk_is_an_error_and_leaves_no_half_results() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let line = "prun -j1 --joblog log --results d/r 'head -c <> /dev/zero' ::: 20000 90001 20002
                echo status $?; find d/r -type f | sort; cut -f1,9 log";
    with_small_disk(line)
        .stdout(
            "status 255\nd/r/1/20000/seq\nd/r/1/20000/stderr\nd/r/1/20000/stdout
Seq\tCommand\n1\thead -c 20000 /dev/zero\n",
        )
        .stderr("prun: cannot write 'd/r/1/90001/stdout': No space left on device\n")
        .success();
    let line =
        "prun -j1 --joblog log --results d/t.csv 'head -c <> /dev/zero' ::: 20000 90001 20002
                echo status $?; tail -n +2 d/t.csv | cut -c1; cut -f1,9 log";
    with_small_disk(line)
        .stdout("status 255\n1\nSeq\tCommand\n1\thead -c 20000 /dev/zero\n")
        .stderr("prun: cannot write 'd/t.csv': No space left on device\n")
        .success();
    let line = "prun -j1 --tmpdir d --files 'head -c <> /dev/zero' ::: 90001
                echo status $?; ls d";
    with_small_disk(line)
        .stdout("status 255\n")
        .stderr("prun: cannot write a file in 'd': No space left on device\n")
        .success();
}

#[test]
fn output_that_has_no_room_to_wait_is_an_error() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    for jobs in ["-j1", "-j2"] {
        let line = format!(
            "prun {jobs} --joblog log --tmpdir d --results r 'head -c 9000000 /dev/zero; : <>' ::: a b
             echo status $?; wc -l <log; find r -name seq"
        );
        with_small_disk(&line)
            .stdout("status 255\n1\n")
            .stderr_has("for temporary files\nhint: --tmpdir DIR names a place with more room\n")
            .success();
    }
}

#[test]
fn standard_output_that_cannot_take_a_table_is_an_error() {
    for results in ["--results -.csv", "--results -.json"] {
        Test::new()
            .line(format!(
                "prun -j1 --joblog log {results} echo ::: 1 2 >/dev/full; echo $?; wc -l <log"
            ))
            .stdout("255\n1\n")
            .stderr("prun: cannot write standard output: No space left on device\n")
            .success();
    }
    Test::new()
        .line("prun --results /dev/full/x.csv echo ::: 1; echo $?")
        .stdout("255\n")
        .stderr("prun: cannot write '/dev/full/x.csv': Not a directory\n")
        .success();
    Test::new()
        .line("prun -j1 --results -.csv 'seq 100000; : <>' ::: 1 2 3 | head -n1 | cut -c1-3; echo ${PIPESTATUS[0]}")
        .stdout("Seq\n141\n")
        .success();
}

#[test]
fn results_tell_what_is_done() {
    let first = "prun --quiet --results out 'echo <>; exit <>' ::: 0 1";
    // Of two jobs with the same values only one has results.
    let second = "prun -j1 --quiet --resume --results out 'echo <> >> ran' ::: 0 1 2 1";
    let output = Test::new()
        .line(format!(
            "{first}; prun --dry-run --resume --results out echo ::: 0 1 2; {second}"
        ))
        .stdout("echo 2\n")
        .stderr("prun: warning: job 4: 'out/1/1' is taken: results are in 'out/1/1~4'\n")
        .check_file("ran", "2\n1\n")
        .check_file("out/1/1/stdout", "1\n")
        .success();
    assert!(output.path("out/1/1~4/seq").exists());
}

#[test]
fn a_job_without_complete_results_runs_again() {
    let line = "prun --results out echo ::: a b; rm out/1/b/seq; \
                prun --resume --results out 'touch ran.<>' ::: a b; echo ran.*";
    Test::new().line(line).stdout("ran.b\n").success();
}

#[test]
fn a_table_is_gone_on_with() {
    let run = |more: &str| {
        format!("prun --quiet -j1 --joblog log --results t.csv {more} 'printf \"<>\\n\"; exit <>'")
    };
    // What an earlier run has left of a row is cut off.
    let line = format!(
        "{} ::: 0 1; printf '9,:,\"cut\\n\\noff' >> t.csv; {} ::: 0 1 2; cut -d, -f1,10- t.csv",
        run(""),
        run("--resume")
    );
    Test::new()
        .line(line)
        .stdout("Seq,V1,Stdout,Stderr\n1,0,\"0\n\"\n2,1,\"1\n\"\n3,2,\"2\n\"\n")
        .success();
    let line = "prun --joblog log --results t.json echo ::: a; printf '{ \"Seq\": 9' >> t.json; \
                prun --joblog log --resume --results t.json echo ::: a b; grep -c '^{.*}$' t.json";
    Test::new().line(line).stdout("2\n").success();
}

#[test]
fn what_cannot_tell_what_is_done_needs_a_log() {
    for (option, results) in [("--resume", "t.csv"), ("--resume-failed", "out")] {
        Test::new()
            .args([option, "--results", results, "echo", ":::", "a"])
            .stderr(format!(
                "prun: {option} needs --joblog\n\
                 hint: {option} --joblog FILE, as in the run before\n"
            ))
            .status(255);
    }
}

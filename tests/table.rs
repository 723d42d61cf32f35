//! Values that are rows of a table: `--colsep`, `--csv`, `--jsonl`, `--header`, and which
//! values count.

use crate::support::Test;

/// Each case: arguments, standard input, and the jobs' lines in input order.
type Cases<'a> = &'a [(&'a [&'a str], &'a str, &'a str)];

#[track_caller]
fn check(cases: Cases) {
    for (args, input, expected) in cases {
        Test::new()
            .file("table.csv", "name,size\n\"a, \"\"b\"\"\",1\n\"c\nd\",2\n")
            .arg("-k")
            .args(*args)
            .stdin(input)
            .stdout(expected)
            .success();
    }
}

#[track_caller]
fn check_refused(cases: &[(&[&str], &str)]) {
    for (args, message) in cases {
        Test::new()
            .args(*args)
            .args(["echo", ":::", "a"])
            .stderr(message)
            .status(255);
    }
}

#[test]
fn columns_are_cut_at_a_regular_expression_or_a_byte() {
    check(&[
        (&["-C", ",", "echo <2>-<1>"], "a , b\nc,d,e\n", "b-a\nd-c\n"),
        (&["--colsep", "[,;]+", "echo <2>"], "a,;b\n", "b\n"),
        (&["-C", "|", "echo <-1>", ":::", "a|b|c", "d"], "", "c\nd\n"),
        (
            &["-C", r"\t", "echo <1>[<2>]"],
            "a\tb c\nd\n",
            "a[b c]\nd[]\n",
        ),
        // All columns of all sources, in order.
        (
            &["-C", ":", "echo <3>-<1>", ":::", "a:b", ":::", "1:2"],
            "",
            "1-a\n",
        ),
        (&["-C", ",", "printf", "%s;"], "a,b b\nc\n", "a;b b;c;"),
    ]);
}

#[test]
fn a_word_of_a_missing_column_vanishes_and_is_empty_within_another() {
    check(&[(
        &["-C", ",", "probe args <1> <2> x<2>"],
        "a,b\nc\n",
        "a\nb\nxb\nc\nx\n",
    )]);
}

#[test]
fn blanks_around_columns_are_cut_off_unless_told_otherwise() {
    check(&[
        (&["-C", ",", "echo '<1>|<2>'"], " a , b \n", "a|b\n"),
        (
            &["-C", ",", "--trim", "n", "echo '<1>|<2>'"],
            " a , b\n",
            " a | b\n",
        ),
        (&["--trim", "l", "echo '|<>|'"], " a \n", "|a |\n"),
        (&["--trim", "r", "echo '|<>|'"], " a \n", "| a|\n"),
        (&["--trim", "lr", "echo '|<>|'"], " a \n", "|a|\n"),
        (&["echo '|<>|'"], " a \n", "| a |\n"),
    ]);
}

#[test]
fn csv_has_quotes_newlines_and_other_separators() {
    check(&[
        (
            &[
                "--csv",
                "--header",
                ":",
                "echo '<size>: <name>'",
                "::::",
                "table.csv",
            ],
            "",
            "1: a, \"b\"\n2: c\nd\n",
        ),
        (
            &["--csv", "echo '<2>'"],
            "a,\"b \"\"c\"\r\n\nd,e",
            "b \"c\ne\n",
        ),
        (
            &["--csv", "-C", ";", "echo <2>", ":::", "a;\"b;c\""],
            "",
            "b;c\n",
        ),
        (&["--csv", "-C", r"\t", "echo <2>"], "a\tb\n", "b\n"),
    ]);
}

#[test]
fn csv_that_is_cut_off_is_no_value() {
    let run = |input: &str| {
        Test::new()
            .args(["--csv", "-k", "echo '<1>|<2>'"])
            .stdin(input)
    };
    run("x,y\na,\"b\nc,d\ne,f\n")
        .stdout("x|y\n")
        .stderr(
            "prun: value 2 of standard input: a quote is not closed\n\
             hint: in CSV a quote within quotes is written twice: \"5\"\" disk\"\n",
        )
        .status(255);
    // Quotes elsewhere are bytes as any.
    run("5\" disk,y\n").stdout("5\" disk|y\n").success();
    run("a,b").stdout("a|b\n").success();
    Test::new()
        .args(["--csv", "echo <1>", ":::", "a,\"b"])
        .stderr("prun: value 1 of the arguments: it is not one record of CSV\n")
        .status(255);
}

#[test]
fn a_record_of_csv_starts_its_job_before_the_next_is_there() {
    let mut test = Test::new()
        .args(["--csv", "echo <2>"])
        .stdin_open()
        .stdout("b\nd\n")
        .start();
    test.feed("a,b\n");
    test.wait_for_stdout("b\n");
    test.feed("c,d\n");
    test.close_stdin();
    test.success();
}

#[test]
fn the_fields_of_json_have_names() {
    let lines = "{\"id\": 1.50, \"who\": \"a b\", \"o\": [1, null]}\n\
                 {\"who\": \"$(x) \\u00e9\\n;\", \"id\": null, \"more\": 1}\n";
    check(&[
        (
            &["--jsonl", "printf '[%s]' <id> <who> <o>"],
            lines,
            "[1.50][a b][[1,null]][][$(x) \u{e9}\n;][]",
        ),
        (
            &["--jsonl", "echo <who/.>", ":::", r#"{"who": "a/b.c"}"#],
            "",
            "b\n",
        ),
        (&["--jsonl", "echo {who}"], r#"{"who": "w"}"#, "w\n"),
        (
            &["--jsonl", "echo <a.b> <a.b/.>"],
            r#"{"a": {"b": "x/y.z"}}"#,
            "x/y.z y\n",
        ),
        (&["--jsonl", "echo <id>"], "", ""),
        (
            &["--jsonl", "echo <a>"],
            "\u{feff}{\"a\": 1}\n\n{\"a\": 2}\n \n",
            "1\n2\n",
        ),
    ]);
}

#[test]
fn a_field_need_not_be_there_in_the_first_line() {
    let test = || Test::new().arg("--jsonl").stdin("{\"a\": 1, \"b c\": 2}");
    let told = |name: &str| {
        format!(
            "prun: warning: the first object has no field '{name}': <{name}> is empty where it is missing\n\
             hint: \\<{name}> is text\n"
        )
    };
    let lines = "{\"a\": 1}\n{\"x\": 2, \"a\": 3}\n{\"x\": {\"y\": 4}}\n";
    for (args, names, stdout) in [
        (&["echo <a>-<x>"][..], &["x"][..], "1-\n3-2\n-{\"y\":4}\n"),
        (&["printf", "(%s)", "<x.y>"], &["x.y"], "()()(4)"),
        (
            &["--tagstring", "<x/>", "echo <a>"],
            &["x"],
            "\t1\n2\t3\n{\"y\":4}\t\n",
        ),
        (&["echo <y>-<x.y>"], &["y", "x.y"], "-\n-\n-4\n"),
    ] {
        Test::new()
            .args(["--jsonl", "-k"])
            .args(args)
            .stdin(lines)
            .stdout(stdout)
            .stderr(names.iter().map(|name| told(name)).collect::<String>())
            .success();
    }
    // It is not known whose field it would be.
    Test::new()
        .args([
            "--jsonl",
            "echo <x>",
            ":::",
            "{\"a\":1}",
            ":::",
            "{\"b\":1}",
        ])
        .stderr(
            "prun: '<x>' is no name in the input\n\
             hint: its names are a, b; \\<x> is text\n",
        )
        .status(255);
    // In braces there can be anything.
    test()
        .args(["awk", "{print}"])
        .stderr(
            "prun: '{print}' is no name in the input\n\
             hint: its names are a, b c; \\{print} is text\n",
        )
        .status(255);
    test()
        .arg("echo '\\<x>' <b c> {x}")
        .stdout("<x> 2 {x}\n")
        .success();
}

#[test]
fn a_name_that_the_header_does_not_have_is_no_redirection() {
    Test::new()
        .file("total", "precious\n")
        .args(["--csv", "--header", ":", "cat <siz> total"])
        .stdin("name,size\nfoo,3\n")
        .stderr(
            "prun: '<siz>' is no name in the input\n\
             hint: its names are name, size; \\<siz> is text\n",
        )
        .check_file("total", "precious\n")
        .status(255);
}

#[test]
fn a_line_that_is_no_json_object_ends_the_run() {
    Test::new()
        .args(["--jsonl", "-k", "echo <a>"])
        .stdin("{\"a\": 1}\n2\n{\"a\": 3}\n")
        .stdout("1\n")
        .stderr(
            "prun: value 2 of standard input: it is no JSON object\n\
             hint: each line is one object: {\"name\": \"a\", \"size\": 3}\n",
        )
        .status(255);
}

#[test]
fn a_header_names_columns_and_sources() {
    check(&[
        (
            &[
                "--header",
                ":",
                "echo <x>-<y/.>-<1>",
                ":::",
                "x",
                "1",
                "2",
                ":::",
                "y",
                "a/3.c",
            ],
            "",
            "1-3-1\n2-3-2\n",
        ),
        (
            &["--header", ":", "echo '<full name>=<n>'"],
            "full name\tn\na b\t1\n",
            "a b=1\n",
        ),
        (
            &["--header", ":", "-C", ",", "echo {n}{full name}"],
            "full name, n\nab,1\n",
            "1ab\n",
        ),
        // A backslash makes text of what would be a name.
        (
            &["--header", ":", "-q", "echo", "<n>\\<m>"],
            "n\n1\n",
            "1<m>\n",
        ),
        (&["--header", ":", "echo", "<n>"], "n\n", ""),
    ]);
}

#[test]
fn files_can_be_named_by_themselves() {
    check(&[(
        &[
            "--header",
            "0",
            "echo '<table.csv>=<1>'",
            "::::",
            "table.csv",
        ],
        "",
        "name,size=name,size\n\"a, \"\"b\"\"\",1=\"a, \"\"b\"\"\",1\n\"c=\"c\nd\",2=d\",2\n",
    )]);
}

#[test]
fn some_values_do_not_count() {
    check(&[
        (&["-r", "echo", ":::", "a", "", " \t", "b"], "", "a\nb\n"),
        (&["--no-run-if-empty", "echo"], "\na\n \n", "a\n"),
        (&["-E", "END", "echo"], "a\nEND\nb\n", "a\n"),
        (&["--eof=x", "echo", ":::", "a", "x", "b"], "", "a\n"),
        (&["--skip-first-line", "echo"], "a\nb\n", "b\n"),
        (&["-r", "echo"], "\n", ""),
    ]);
}

#[test]
fn a_shuffled_input_is_complete() {
    let output = Test::new()
        .args(["--shuf", "-k", "echo <#>:<>"])
        .stdin("a\nb\nc\nd\n")
        .stdout_any()
        .success();
    let text = String::from_utf8(output.stdout).expect("it is text");
    let mut values: Vec<&str> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let (seq, value) = line.split_once(':').expect("a number and a value");
        assert_eq!(seq, number.to_string());
        values.push(value);
    }
    values.sort_unstable();
    assert_eq!(values, ["a", "b", "c", "d"]);
}

#[test]
fn other_words_can_begin_sources() {
    check(&[
        (
            &["--arg-sep", "//", "echo", ":::", "//", "a", "b"],
            "",
            "::: a\n::: b\n",
        ),
        (
            &[
                "--arg-file-sep=,",
                "--csv",
                "echo <2>",
                ",",
                "table.csv",
                ":::",
                "x",
            ],
            "",
            "size\n1\n2\n",
        ),
    ]);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let separator = "hint: --colsep names the byte between columns: prun --csv --colsep ';'\n";
    let object =
        "hint: each line is an object whose fields have names: prun --jsonl 'echo <name>'\n";
    check_refused(&[
        (
            &["--csv", "-0"],
            &format!("prun: --csv and --null cannot go together\n{separator}"),
        ),
        (
            &["--tsv", "-0"],
            &format!("prun: --tsv and --null cannot go together\n{separator}"),
        ),
        (
            &["--csv", "-C", ",,"],
            "prun: ',,' cannot separate columns of --csv: it is not one byte\n\
             hint: prun --csv --colsep ';' :::: table.csv\n",
        ),
        (
            &["--jsonl", "-C", ","],
            &format!("prun: --jsonl and --colsep cannot go together\n{object}"),
        ),
        (
            &["--jsonl", "--header", ":"],
            &format!("prun: --jsonl and --header cannot go together\n{object}"),
        ),
        (
            &["-C", "[["],
            "prun: '[[' is not a regular expression\n\
             hint: a backslash makes a character stand for itself: --colsep '\\|'\n",
        ),
    ]);
}

#[test]
fn a_name_does_not_stand_for_one_of_several_rows() {
    for args in [["--jsonl", "-n2"], ["--jsonl", "-X"]] {
        Test::new()
            .args(args)
            .args(["echo <a>"])
            .stdin("{\"a\":1}\n{\"a\":2}\n")
            .stderr(
                "prun: '<a>' would stand for the first of several rows, and the others be lost\n\
                 hint: leave out -n, -N, -L, -X, -m, --xargs and -s: a job gets one row\n",
            )
            .status(255);
    }
    // Without a name all of them are there.
    check(&[(
        &["--header", ":", "-n2", "echo"],
        "x\na\nb\nc\n",
        "a b\nc\n",
    )]);
}

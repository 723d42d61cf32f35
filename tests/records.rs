//! Lines, records and values that are longer than what prun holds, and text as editors of
//! other systems write it.

use crate::support::Test;

const MARK: &str = "\u{feff}";

#[test]
fn a_line_longer_than_the_bound_fails_its_job_alone() {
    let long = "x".repeat(3 << 20);
    for command in [
        "@uniq",
        "@cut -c1",
        "@grep x",
        "@replace x y",
        "@tail -n1",
        "@sort",
        "@freq",
        "@sum",
        "@sha256 -c",
    ] {
        Test::new()
            .file("long", &long)
            .args([
                "--max-record",
                "1M",
                &format!("{command} <>"),
                ":::",
                "long",
            ])
            .stderr_has("line longer than 1 MiB; --max-record allows more")
            .status(1);
    }
    Test::new()
        .file("long", &long)
        .args(["--max-record", "4M", "@count -c <>", ":::", "long"])
        .stdout_has("3145728")
        .success();
}

#[test]
fn json_and_csv_hold_one_value_or_row_only() {
    let json = format!("[{}1]", "1,".repeat(1 << 20));
    let csv = format!("a\n\"{}", "x\n".repeat(1 << 20));
    for command in ["@json --pick /0 json", "@csv csv", "@csv --from-json rows"] {
        Test::new()
            .file("json", &json)
            .file("rows", format!("{{\"a\":{json}}}"))
            .file("csv", &csv)
            .args(["--max-record", "1M", "-N0", command, ":::", "a"])
            .stderr_has("line longer than 1 MiB")
            .status(1);
    }
}

#[test]
fn a_record_of_the_input_is_bounded_too() {
    let long = "x\n".repeat(2 << 20);
    let tables = [
        (
            "--csv",
            format!("a\n\"{long}"),
            "cannot read standard input",
        ),
        (
            "--jsonl",
            long.replace('\n', " "),
            "cannot read standard input",
        ),
        (
            "--colsep=,",
            long.replace('\n', ","),
            "cannot read standard input",
        ),
    ];
    for (option, input, message) in tables {
        Test::new()
            .args(["--max-record", "1M", option, "true <1>"])
            .stdin(&input)
            .stderr_has(message)
            .stderr_has("a value is longer than 1048576 bytes; --max-record allows more")
            .status(255);
    }
}

#[test]
fn no_result_is_printed_where_no_job_succeeded() {
    Test::new()
        .args(["@sum", ":::", "1", "2"])
        .stderr_has(
            "prun: no result of @sum: no job succeeded\n\
             hint: values are names of files; to take the values themselves: prun 'echo <> | @sum'\n",
        )
        .status(2);
    Test::new()
        .args(["echo <> | @sum", ":::", "1", "2"])
        .stdout("3\n")
        .success();
}

#[test]
fn settings_may_come_from_an_editor_of_another_system() {
    Test::new()
        .file("settings", format!("{MARK}-k\r\n--tagstring '<>'\r\n"))
        .args(["--config", "settings", "echo <>", ":::", "a"])
        .stdout("a\ta\n")
        .success();
}

#[test]
fn json_may_begin_with_a_byte_order_mark() {
    Test::new()
        .file("json", format!("{MARK}{{\"a\": 1}}\n"))
        .args(["@json -c <>", ":::", "json"])
        .stdout("{\"a\":1}\n")
        .success();
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_value() {
    let list = || Test::new().file("list", format!("{MARK}a,b\nc,d\n"));
    list()
        .args(["-k", "echo <>", "::::", "list"])
        .stdout("a,b\nc,d\n")
        .success();
    list()
        .args(["-C,", "--header", ":", "-a", "list", "echo <a>"])
        .stdout("c\n")
        .success();
    Test::new()
        .arg("echo <>")
        .stdin(format!("{MARK}a\n"))
        .stdout("a\n")
        .success();
    Test::new()
        .args(["-0", "echo <>"])
        .stdin(format!("{MARK}a\0"))
        .stdout(format!("{MARK}a\n"))
        .success();
    Test::gnu()
        .arg("echo")
        .stdin(format!("{MARK}a\n"))
        .stdout(format!("{MARK}a\n"))
        .success();
}

#[test]
fn a_value_longer_than_the_bound_is_an_error() {
    Test::new()
        .args(["--max-record", "1M", "echo <>"])
        .stdin("x".repeat(3 << 20))
        .stderr_has("prun: cannot read standard input: a value is longer than 1048576 bytes")
        .status(255);
}

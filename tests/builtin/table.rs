//! Tables, beside Python's csv module.

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::{beside, runner, with_odd_files};
use crate::support::{Test, builtin_error, needed};

const TABLES: [(&str, &str); 8] = [
    ("nothing", ""),
    ("names", "a,b\n"),
    ("plain", "a,b,c\n1,2,3\n4,,6"),
    (
        "quoted",
        "a,\"b c\",d\r\n\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\"\r\n\"\",\" \",é\r\n",
    ),
    ("blank", "a,b\n\n1,2\n\n\n3,4\n"),
    ("controls", "a,b\n\u{1}\t,\u{7f}\u{2028}\n"),
    ("tabs", "a\tb\n1,2\t\"3\t4\"\n"),
    ("one", "a\n1\n\"\"\n2\n"),
];

fn with_tables() -> Test {
    let long = format!(
        "a,b\n{},\"{}\"\n",
        "x".repeat(1 << 20),
        "y\n".repeat(1 << 18)
    );
    let rows: String = (0..30_000)
        .map(|at| format!("{at},\"{at} \"\"x\"\"\"\n"))
        .collect();
    let files = TABLES
        .into_iter()
        .fold(with_odd_files(), |test, (name, text)| test.file(name, text));
    files
        .file("long", long)
        .file("rows", format!("a,b\n{rows}"))
}

const TO_JSON: &str = "
import csv, json, sys
csv.field_size_limit(1 << 30)
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    for row in csv.DictReader(file, delimiter=sys.argv[2]):
        print(json.dumps(row, ensure_ascii=False, separators=(',', ':')))
";

const PICK: &str = "
import csv, sys
csv.field_size_limit(1 << 30)
wanted = [int(at) for at in sys.argv[3].split(',')]
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    out = csv.writer(sys.stdout, delimiter=sys.argv[2], lineterminator='\\n')
    for row in csv.reader(file, delimiter=sys.argv[2]):
        if row:
            out.writerow([row[at - 1] for at in wanted])
";

#[test]
fn tables_are_those_of_python() {
    let python = needed!("python3");
    for name in TABLES
        .map(|(name, _)| name)
        .into_iter()
        .chain(["long", "rows"])
    {
        let delimiter = if name == "tabs" { "\t" } else { "," };
        let picked = if name == "one" { "1,1" } else { "2,1,2" };
        let args = ["-c", TO_JSON, name, delimiter];
        let words = ["@csv", "--to-json", "-d", delimiter, name];
        beside(with_tables(), (&python, &args), &words);
        let args = ["-c", PICK, name, delimiter, picked];
        let words = ["@csv", "--pick", picked, "--delimiter", delimiter, name];
        beside(with_tables(), (&python, &args), &words);
        with_tables()
            .args(["@csv", "-d", delimiter, ":::", name])
            .success();
    }
}

#[test]
fn columns_are_picked_by_name() {
    let test = || {
        let file = Test::new().file("f", "id,name,2\n1,\"a,b\",x\n2,,y\n");
        file.arg("--quiet")
    };
    test()
        .args(["@csv", "--pick", "name,id", ":::", "f"])
        .stdout("name,id\n\"a,b\",1\n,2\n")
        .success();
    test()
        .args(["@csv", "--pick", "3,id", "--to-json", ":::", "f"])
        .stdout("{\"2\":\"x\",\"id\":\"1\"}\n{\"2\":\"y\",\"id\":\"2\"}\n")
        .success();
    test()
        .args(["@csv", "--pick", "4", ":::", "f"])
        .stderr("@csv: wrong in 'f': line 1: there is no column '4'\n")
        .status(1);
    test()
        .args(["@csv", "--pick", "id,id", "--to-json", ":::", "f"])
        .stderr("@csv: wrong in 'f': line 1: the name \"id\" is there twice\n")
        .status(1);
}

#[test]
fn tables_that_are_not_in_order_are_told() {
    let invalid = Test::new().file("f", b"a\n\"x\ny\"\n\xff\n".as_slice());
    invalid
        .args(["--quiet", "@csv", "--to-json", ":::", "f"])
        .stdout("{\"a\":\"x\\ny\"}\n")
        .stderr("@csv: wrong in 'f': line 4: a field is not UTF-8\n")
        .status(1);
    Test::new()
        .file("short", "a,b\n1,2\n3\n")
        .file("long", "a,b\n\"1\n\",2\n1,2,3\n")
        .args([
            "--quiet", "-k", "-j1", "@csv", ":::", "short", "long", "missing", ".",
        ])
        .stderr(
            "@csv: wrong in 'short': line 3: number of fields: 1, in the first row: 2
@csv: wrong in 'long': line 4: number of fields: 3, in the first row: 2
@csv: cannot read 'missing': No such file or directory
@csv: cannot read '.': Is a directory
",
        )
        .status(4);
}

#[test]
fn objects_become_rows() {
    let text = r#"{"a":"x,\"y\"\n","b":1.0,"c":null,"d":[1, {"e": true}]}
{"d":false,"a":""}"#;
    let expected = "a,b,c,d\n\"x,\"\"y\"\"\n\",1.0,,\"[1,{\"\"e\"\":true}]\"\n,,,false\n";
    for text in [
        text.to_owned(),
        format!("[{}]", text.replace("}\n{", "},\n{")),
    ] {
        Test::new()
            .file("f", text)
            .args(["@csv", "--from-json", ":::", "f"])
            .stdout(expected)
            .success();
    }
    for (text, line, why) in [
        (
            "{\"a\":1}\n{\"b\":1}",
            2,
            "the first object has no name 'b'",
        ),
        ("{\"a\":1,\"a\":2}", 1, "the name 'a' is there twice"),
        ("{}", 1, "the first object has no names"),
        ("\n[[1]]", 2, "an object was expected"),
        ("[1]", 1, "an object was expected"),
        ("\"x\"", 1, "an object was expected"),
        ("{\"a\":\"\\ud800\"}", 1, "a string has half a character"),
        ("{\"a\":1,}", 1, "column 8: a name in quotes is expected"),
    ] {
        Test::new()
            .file("f", text)
            .args(["--quiet", "@csv", "--from-json", ":::", "f"])
            .stdout_any()
            .stderr(format!("@csv: wrong in 'f': line {line}: {why}\n"))
            .status(1);
    }
}

#[test]
fn what_became_json_comes_back() {
    let fields = prop::collection::vec(
        prop::sample::select(vec!["a", "\"", ",", "\n", "\r", " ", "é", "'"]),
        0..4,
    );
    let rows = prop::collection::vec((fields.clone(), fields), 1..5);
    let mut runner = runner(Config::with_cases(40));
    let result = runner.run(&rows, |rows| {
        let quoted = |field: &Vec<&str>| format!("\"{}\"", field.concat().replace('"', "\"\""));
        let row =
            |(one, other): &(Vec<&str>, Vec<&str>)| format!("{},{}\n", quoted(one), quoted(other));
        let table: String = rows.iter().map(row).collect();
        let table = format!("one,two\n{table}");
        let output = |test: Test, args: &[&str]| {
            let test = test.args(args).args([":::", "f"]).stdout_any().success();
            test.stdout
        };
        let plain = output(Test::new().file("f", &table), &["@csv", "--pick", "1,2"]);
        let json = output(Test::new().file("f", &table), &["@csv", "--to-json"]);
        let back = output(Test::new().file("f", json), &["@csv", "--from-json"]);
        prop_assert_eq!(back, plain);
        Ok(())
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn what_cannot_be_done_with_a_table_is_told() {
    for (args, message) in [
        (&["-d", ",,"][..], "what is between fields is one byte"),
        (&["-d", "\""], "quotes and newlines are not between fields"),
        (
            &["--to-json", "--from-json"],
            "'--to-json' does not go with '--from-json'",
        ),
        (
            &["--pick", "a", "--from-json"],
            "'--pick' does not go with '--from-json'",
        ),
    ] {
        Test::new()
            .arg("@csv")
            .args(args)
            .args([":::", "f"])
            .stderr(builtin_error("@csv", message))
            .status(255);
    }
}

//! Data with a structure, beside the tools.

use super::{beside, odd_contents};
use crate::support::{Test, builtin_error, needed};

const JSON: [(&str, &str); 10] = [
    ("none", ""),
    ("space", " \n\t\r\n"),
    ("object", r#"{"b":1,"a":[1,2,{"c":null}],"":{},"e":[]}"#),
    ("lines", "{\"a\":1}\n{\"a\":2}\r\n[]\n\"x\"\n"),
    ("several", "1 true\"a\"[2]{\"\":false}null"),
    ("strings", r#"["","\"\\\b\f\n\r\t","é€😀","\u0001"]"#),
    (
        "escapes",
        r#"{"\u00E9\u007f":"\uD834\uDD1E\u0022\u005c\/\u0041\u001F\b\u000a\uffff"}"#,
    ),
    ("numbers", "[0,-1,12345,1.5,-0.25,100]"),
    ("nested", "[[[[],[[]]],{\"a\":{\"b\":{}}}]]"),
    ("spaced", " [ 1 ,\n\n 2 , { \"a\" : \"b c\" } ] \n"),
];

fn with_json() -> Test {
    let long = format!("[\"{}\",{}1]", "é".repeat(600_000), "1,".repeat(300_000));
    let files = JSON.into_iter();
    files.fold(Test::new().file("long", long), |test, (name, text)| {
        test.file(name, text)
    })
}

#[test]
fn layouts_are_those_of_jq() {
    let jq = needed!("jq");
    let mut names = JSON.map(|(name, _)| name).to_vec();
    for name in &names {
        beside(
            with_json(),
            (&jq, &[".", name]),
            &["@json", "--pretty", name],
        );
        beside(
            with_json(),
            (&jq, &["-c", ".", name]),
            &["@json", "-c", name],
        );
        let check = Test::new().file(
            "f",
            JSON.iter()
                .find(|(of, _)| of == name)
                .map_or("", |(_, text)| *text),
        );
        check.args(["@json", ":::", "f"]).success();
    }
    // jq takes files for one text.
    names.retain(|name| *name != "several");
    names.push("long");
    beside(
        with_json(),
        (&jq, &[&[".", "--"], &names[..]].concat()),
        &[&["@json", "-p", "--"], &names[..]].concat(),
    );
    beside(
        with_json(),
        (&jq, &[&["-c", "."], &names[..]].concat()),
        &[&["@json", "--compact"], &names[..]].concat(),
    );
}

#[test]
fn picked_values_are_those_of_jq() {
    let jq = needed!("jq");
    for (filter, pointer, name) in [
        (".", "", "object"),
        (".a", "/a", "object"),
        (".a[2].c", "/a/2/c", "object"),
        (".[\"\"]", "/", "object"),
        (".[1]", "/1", "strings"),
        (".[2]", "/2", "strings"),
        (".[2].a", "/2/a", "spaced"),
        (".[0]", "/0", "long"),
    ] {
        for options in ["-r", "-c", "-cr"] {
            let args = [options, filter, name];
            let words = ["@json", options, "--pick", pointer, name];
            beside(with_json(), (&jq, &args), &words);
        }
        beside(
            with_json(),
            (&jq, &[filter, name]),
            &["@json", "--pick", pointer, name],
        );
    }
}

#[test]
fn what_is_not_json_is_told() {
    Test::new()
        .file("a", "{\"a\": 1,\n \"b\" 2}\n")
        .file("b", "[1, 2")
        .file("c", "{}\n")
        .file("d", "{\"a\": \"\u{e9}\n\"}")
        .args([
            "--quiet", "-k", "-j1", "@json", ":::", "a", "b", "c", "d", "missing", ".",
        ])
        .stderr(
            "@json: wrong in 'a': line 2, column 6: ':' is expected
@json: wrong in 'b': line 1, column 6: ',' or ']' is expected, but the file ends
@json: wrong in 'd': line 1, column 10: a control character has to be escaped
@json: cannot read 'missing': No such file or directory
@json: cannot read '.': Is a directory
",
        )
        .status(5);
    for (name, _) in odd_contents() {
        Test::new()
            .args(["--quiet", "-N0", "@json", "--", name, ":::", "x"])
            .file(name, "[}")
            .stderr_has("line 1, column 2: a value is expected\n")
            .status(1);
    }
    let invalid = Test::new().file("f", b"[1]\n[\"a\xff\"]".as_slice());
    invalid
        .args(["--quiet", "@json", "-c", ":::", "f"])
        .stdout("[1]\n[\"")
        .stderr("@json: wrong in 'f': line 2, column 4: this is not UTF-8\n")
        .status(1);
}

#[test]
fn numbers_and_names_stay_as_they_are() {
    let text = r#"{"z":1.0,"a":1E400,"z":-0,"\u00e9\/":12345678901234567890123}"#;
    let file = || Test::new().file("f", text).arg("--quiet");
    file()
        .args(["@json", "-c", ":::", "f"])
        .stdout(text.replace(r"\u00e9\/", "é/") + "\n")
        .success();
    file()
        .args(["@json", "--pick", "/é~1", ":::", "f"])
        .stdout("12345678901234567890123\n")
        .success();
    // Of two, the last.
    file()
        .args(["@json", "--pick", "/z", ":::", "f"])
        .stdout("-0\n")
        .success();
}

#[test]
fn a_value_that_is_not_there_is_told_once() {
    Test::new()
        .file("f", "{\"a\":\"x\\ny\"}\n{\"b\":1}\n{}\n{\"a\":[1]}\n")
        .args(["--quiet", "@json", "-r", "-c", "--pick", "/a", ":::", "f"])
        .stdout("x\ny\n[1]\n")
        .stderr(
            "@json: wrong in 'f': line 2, column 7: nothing is there in the value that ends here\n",
        )
        .status(1);
    for (args, message) in [
        (
            &["--pick", "a/b"][..],
            "'a/b' is no JSON pointer: write '/a/b'",
        ),
        (&["-r"], "'--raw' goes with '--pick'"),
    ] {
        Test::new()
            .arg("@json")
            .args(args)
            .args([":::", "f"])
            .stderr(builtin_error("@json", message))
            .status(255);
    }
}

//! Which words are a line, which are arguments, and what becomes of values.

use crate::placeholder::RenamedPlaceholder;

use super::*;

#[test]
fn one_word_is_a_line_and_several_are_arguments() {
    let table: [(&[&str], &[&str]); 18] = [
        (&["gzip"], &["gzip", "v"]),
        (&["gzip -9"], &["gzip", "-9", "v"]),
        (&["gzip -9 <>"], &["gzip", "-9", "v"]),
        (&["gzip -9 '<>' \"x<>\""], &["gzip", "-9", "v", "xv"]),
        (&["a\\ b {}"], &["a b", "v"]),
        (&["echo \\<> <>"], &["echo", "<>", "v"]),
        (&["echo \\{} {}"], &["echo", "{}", "v"]),
        (&["echo '\\<>' \"\\<>\""], &["echo", "<>", "<>", "v"]),
        (&["echo <#> <%>"], &["echo", "3", "2"]),
        (&["[ -f <> ]"], &["[", "-f", "v", "]"]),
        (&["echo", "a b", "$x"], &["echo", "a b", "$x", "v"]),
        (&["echo", "\\<>", "<>x"], &["echo", "<>", "vx"]),
        (&["A=1", "env", "<>"], &["env", "v"]),
        (&["if", "x"], &["if", "x", "v"]),
        (&["echo", "<0>", "<foo>"], &["echo", "<0>", "<foo>", "v"]),
        (&["<>", "--version"], &["v", "--version"]),
        (
            &["find", "<>", "-exec", "\\{}", "+"],
            &["find", "v", "-exec", "{}", "+"],
        ),
        (&["echo", "{1}", "{.}"], &["echo", "v", "v"]),
    ];
    for (words, expected) in table {
        assert_eq!(argv(options(words, 1), &["v"]), expected, "{words:?}");
    }
}

#[test]
fn several_values_are_several_arguments_or_one_text() {
    let table: [(&[&str], &[&str]); 11] = [
        (&["echo"], &["echo", "a 1", "b"]),
        (&["echo <>"], &["echo", "a 1", "b"]),
        (&["echo x<>"], &["echo", "xa 1 b"]),
        (&["echo '<>'"], &["echo", "a 1 b"]),
        (&["echo", "<>", "<>y"], &["echo", "a 1", "b", "a 1 by"]),
        (&["echo <2> <-2>"], &["echo", "b", "a 1"]),
        (&["echo <2><1>"], &["echo", "ba 1"]),
        (&["echo <.>"], &["echo", "a 1", "b"]),
        (&["echo <#>"], &["echo", "3"]),
        (&["V=<>", "env"], &["env"]),
        (&["echo", "{2}"], &["echo", "b"]),
    ];
    for (words, expected) in table {
        assert_eq!(
            argv(options(words, 2), &["a 1", "b"]),
            expected,
            "{words:?}"
        );
    }
    let gnu_table: [(&str, &[&str]); 3] = [
        ("echo x{}y", &["echo", "xa 1", "by"]),
        ("echo {3}", &["echo"]),
        ("echo :{3}:", &["echo", "::"]),
    ];
    for (line, expected) in gnu_table {
        assert_eq!(argv(gnu(&[line], 2), &["a 1", "b"]), expected, "{line}");
    }
}

#[test]
fn a_missing_value_leaves_nothing_or_an_empty_text() {
    let table: [(&str, &[&str]); 3] = [
        ("echo <2> x", &["echo", "x"]),
        ("echo -<2>- \"<2>\"", &["echo", "--", ""]),
        ("<2>", &["input 3 names no command"]),
    ];
    for (line, expected) in table {
        assert_eq!(argv(options(&[line], 2), &["a"]), expected, "{line}");
    }
    let shell = argv(options(&["echo <2> x<2> <1>; :"], 2), &["a"]);
    assert_eq!(
        shell[2..],
        [
            r#"_prun1=$1 _prun2=$2; set --; echo  x"${_prun1}" "${_prun2}"; :"#,
            "/bin/sh",
            "",
            "a"
        ]
    );
}

#[test]
fn leading_assignments_are_the_environment() {
    let table: [(&[&str], &str); 4] = [
        (&["A=x <>", "env"], "x v"),
        (&["A=<> env"], "v"),
        (&["A=", "env"], ""),
        (&["A=1", "cd", "<>"], "1"),
    ];
    for (words, value) in table {
        let template = CommandTemplate::parse(options(words, 1)).unwrap();
        let command = command(&template, &row(&["v"])).unwrap();
        assert_eq!(
            command.environment,
            [("A".into(), value.into())],
            "{words:?}"
        );
    }
    for words in [
        ["A=1", "B=<>"].as_slice(),
        &["A=1"],
        &["A=<>"],
        &[""],
        &["  "],
    ] {
        let fault = &argv(options(words, 1), &["v"])[0];
        assert!(
            fault.starts_with("prun: there is no command"),
            "{words:?} {fault}"
        );
    }
    assert_eq!(argv(literal(&["A=1"], 1), &["v"]), ["A=1", "v"]);
}

#[test]
fn operators_among_words_are_refused_with_both_spellings() {
    for operator in [
        "|", "||", "&", "&&", ";", ">", ">>", "<", "2>", "2>&1", "&>", "(", "|&",
    ] {
        let fault = argv(options(&["grep", "a b", operator, "x"], 1), &["v"]).remove(0);
        let as_operator = format!("prun \"grep 'a b' {operator} x\"");
        let as_argument = format!("prun -q grep 'a b' '{operator}' x");
        assert!(fault.contains(&as_operator), "{fault}");
        assert!(fault.contains(&as_argument), "{fault}");
    }
    assert_eq!(argv(literal(&["grep", ">"], 1), &["v"]), ["grep", ">", "v"]);
    assert_eq!(argv(options(&["grep", "<>"], 1), &[">"]), ["grep", ">"]);
}

#[test]
fn builtins_and_functions_among_words_get_a_script() {
    let values = ["v 1"];
    assert_eq!(
        argv(options(&["cd", "it's", "x<>"], 1), &values),
        [
            "/bin/sh",
            "-c",
            r#"_prun1=$1; set --; cd 'it'\''s' x"${_prun1}""#,
            "/bin/sh",
            "v 1"
        ]
    );
    let argv_of = |words: &[&str]| argv(options(words, 1), &values);
    assert_eq!(argv_of(&["exported", "x"])[0], "/bin/bash");
    assert_eq!(argv_of(&["exported"])[0], "/bin/bash");
    assert_eq!(argv_of(&["echo <> | exported x"])[0], "/bin/bash");
    assert_eq!(argv(literal(&["cd", "x"], 1), &values), ["cd", "x", "v 1"]);
    let no_bash = TemplateOptions {
        bash: None,
        ..options(&["exported"], 1)
    };
    assert!(argv(no_bash, &values)[0].contains("bash was not found"));
}

#[test]
fn a_replacement_takes_the_place_of_the_whole_value() {
    let named = |words: &[&str]| TemplateOptions {
        spellings: PlaceholderSpellings {
            renamed: vec![(RenamedPlaceholder::Value, b"@".to_vec())],
            ..PlaceholderSpellings::default()
        },
        ..options(words, 1)
    };
    assert_eq!(
        argv(named(&["echo", "@", "x@", "{}", "{.}"]), &["a.b"]),
        ["echo", "a.b", "xa.b", "{}", "a"]
    );
    assert_eq!(
        argv(named(&["echo", "<>", "<.>", "{}"]), &["a.b"]),
        ["echo", "<>", "a", "{}"]
    );
    assert_eq!(argv(named(&["echo @ \\@"]), &["a.b"]), ["echo", "a.b", "@"]);
    assert!(argv(named(&["echo @ 3<>f"]), &["v"])[2].ends_with("echo \"${_prun1}\" 3<>f"));
}

#[test]
fn without_a_command_each_row_is_one() {
    assert_eq!(argv(options(&[], 1), &["echo 'a b'"]), ["echo", "a b"]);
    assert_eq!(
        argv(options(&[], 1), &["echo <> {}; x"]),
        ["/bin/sh", "-c", "echo <> {}; x", "/bin/sh"]
    );
    assert_eq!(argv(options(&[], 2), &["echo", "a"]), ["echo", "a"]);
    assert_eq!(argv(options(&[], 1), &[""])[2], "");
    assert_eq!(argv(options(&[], 1), &["echo 'a"])[2], "echo 'a");
    assert_eq!(argv(options(&[], 1), &["exported a"])[0], "/bin/bash");
    assert_eq!(shown(options(&[], 1), &["a  b"]), "a  b");
    let nested = "$(".repeat(100_000);
    assert_eq!(
        argv(options(&[], 1), &[&nested[..100_000]])[2],
        &nested[..100_000]
    );
    let arithmetic = "$((".repeat(30_000);
    assert_eq!(argv(options(&[], 1), &[&arithmetic])[2], arithmetic);
}

#[test]
fn values_that_no_argument_can_hold_fail_their_job() {
    let long = "x".repeat(131_072);
    let table = [
        (
            long.as_str(),
            "input 3 is 131072 bytes; an argument can have 131071",
        ),
        ("a\0b", "input 3 contains a NUL byte; use -0"),
    ];
    for (value, message) in table {
        for words in [["echo"].as_slice(), &["echo <> |cat"], &["A=<>", "b"], &[]] {
            assert_eq!(argv(options(words, 1), &[value]), [message], "{words:?}");
        }
    }
    assert_eq!(argv(options(&["echo"], 1), &[&long[1..]])[1].len(), 131_071);
    assert!(CommandTemplate::parse(options(&[&format!("a '{long}' |b <>")], 1)).is_err());
}

#[test]
fn an_index_needs_its_source() {
    let fault = script("a <3>", 2);
    assert_eq!(
        fault,
        "prun: '<3>' needs a third input source\n\
         hint: prun 'echo <1> <2> <3>' ::: a ::: b ::: c"
    );
    for words in [["a", "x<-3>"].as_slice(), &["a {3.}"], &["a '<3>'; b"]] {
        assert!(
            CommandTemplate::parse(options(words, 2)).is_err(),
            "{words:?}"
        );
    }
    assert!(CommandTemplate::parse(literal(&["a", "<3>"], 2)).is_err());
    assert!(CommandTemplate::parse(gnu(&["a {3}"], 2)).is_ok());
    assert!(CommandTemplate::parse(options(&["a \\<3>"], 2)).is_ok());
}

#[test]
fn operands_of_a_test_are_shown_as_a_person_types_them() {
    let table = [
        ("[[ <> == x ]]", "abc", "[[ abc == x ]]"),
        ("[[ -f <> && 3 -lt <> ]]", "7", "[[ -f 7 && 3 -lt 7 ]]"),
        ("[[ -n <> ]]", "-a", "[[ -n '-a' ]]"),
        ("[[ <> ]]", "=", "[[ '=' ]]"),
        ("[[ <> ]]", "a b", "[[ 'a b' ]]"),
        // A pattern, and a regular expression, whose dot means any letter.
        ("[[ x == <> ]]", "a.b", "[[ x == 'a.b' ]]"),
        ("[[ x =~ <> ]]", "a.b", "[[ x =~ 'a.b' ]]"),
        ("[[ x == <>* && <> ]]", "a", "[[ x == 'a'* && a ]]"),
    ];
    for (line, value, expected) in table {
        let bash = TemplateOptions {
            shell: ShellProgram::named("/bin/bash"),
            ..options(&[line], 1)
        };
        assert_eq!(shown(bash, &[value]), expected, "{line}");
    }
}

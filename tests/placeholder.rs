//! Placeholders: forms of a value, numbers, sources, braces.

use crate::support::Test;

#[track_caller]
fn check(cases: &[(&[&str], &str)]) {
    for (args, expected) in cases {
        Test::new().arg("-k").args(*args).stdout(expected).success();
    }
}

/// A value, then the same without extension, base name, directory, and base name
/// without extension.
const PATHS: [[&str; 5]; 13] = [
    [
        "dir.d/a.tar.gz",
        "dir.d/a.tar",
        "a.tar.gz",
        "dir.d",
        "a.tar",
    ],
    ["/x/y.", "/x/y", "y.", "/x", "y"],
    [".bashrc", "", ".bashrc", ".", ""],
    ["/a/.b", "/a/", ".b", "/a", ""],
    ["a/b/", "a/b/", "", "a", ""],
    ["/", "/", "", "/", ""],
    ["", "", "", ".", ""],
    ["noext", "noext", "noext", ".", "noext"],
    ["./f.txt", "./f", "f.txt", ".", "f"],
    ["a..b", "a.", "a..b", ".", "a."],
    ["/x", "/x", "x", "/", "x"],
    ["a b/it's.x y", "a b/it's", "it's.x y", "a b", "it's"],
    ["dir.d/noext", "dir.d/noext", "noext", "dir.d", "noext"],
];

#[test]
fn a_path_can_be_edited() {
    for forms in PATHS {
        let expected = format!("({})", forms.join(")("));
        for format in [
            ["<>", "<.>", "</>", "<//>", "</.>"],
            ["<1>", "<1.>", "<1/>", "<1//>", "<1/.>"],
            ["{}", "{.}", "{/}", "{//}", "{/.}"],
            ["{-1}", "{-1.}", "{-1/}", "{-1//}", "{-1/.}"],
        ] {
            let text = expected.as_str();
            Test::new()
                .args(["printf", "(%s)(%s)(%s)(%s)(%s)"])
                .args(format)
                .args([":::", forms[0]])
                .stdout(text)
                .success();
            let line = format.map(|form| format!("\"{form}\"")).join(" ");
            Test::new()
                .arg(format!("printf '(%s)(%s)(%s)(%s)(%s)' {line} | cat"))
                .args([":::", forms[0]])
                .stdout(text)
                .success();
        }
    }
}

#[test]
fn the_gnu_mode_edits_paths_alike() {
    for forms in PATHS {
        Test::gnu()
            .args(["printf", "'(%s)(%s)(%s)(%s)(%s)'"])
            .args(["{}", "{.}", "{/}", "{//}", "{/.}"])
            .args([":::", forms[0]])
            .stdout(format!("({})", forms.join(")(")))
            .success();
    }
}

#[test]
fn jobs_and_slots_have_numbers() {
    check(&[
        (
            &["-j1", "echo <#> <%> <>", ":::", "a", "b"],
            "1 1 a\n2 1 b\n",
        ),
        (
            &["-j1", "echo {#} {%} {}", ":::", "a", "b"],
            "1 1 a\n2 1 b\n",
        ),
    ]);
    // Both run at once, so that each has a slot of its own.
    Test::new()
        .args(["-j2", "probe meet . 2; echo <%>", ":::", "a", "b"])
        .stdout_lines_any_order(&["1", "2"])
        .success();
    Test::new()
        .args(["-j2", "-k", "echo $PRUN_SEQ $PRUN_SLOT; : <>", ":::", "a"])
        .stdout("1 1\n")
        .success();
}

#[test]
fn sources_have_numbers_from_both_ends() {
    check(&[
        (
            &["echo <2>-<1>-<-1>-<-2>", ":::", "a", ":::", "b"],
            "b-a-b-a\n",
        ),
        (
            &["echo", "<2/.>", "<1>", ":::", "a", ":::", "x/b.c"],
            "b a\n",
        ),
        (&["echo <1>", ":::", "a", ":::", "b", "c"], "a\na\n"),
        (
            &["probe args '<>' <>", ":::", "a b", ":::", "c"],
            "a b c\na b\nc\n",
        ),
        (&["echo <><>", ":::", "q"], "qq\n"),
        (&["echo <1><2>", ":::", "a", ":::", "b"], "ab\n"),
    ]);
}

#[test]
fn a_source_that_does_not_exist_is_an_error() {
    Test::new()
        .args(["echo <2>", ":::", "a"])
        .stderr("prun: '<2>' needs a second input source\nhint: prun 'echo <1> <2>' ::: a ::: b\n")
        .status(255);
    for (args, spelling) in [
        (&["echo <-3>", ":::", "a", ":::", "b"][..], "<-3>"),
        (&["echo", "<3/.>", ":::", "a", ":::", "b"], "<3/.>"),
        (&["echo <7>"], "<7>"),
        (&["--tagstring", "<2>", "echo", ":::", "a"], "<2>"),
    ] {
        Test::new()
            .args(args)
            .stderr_has(format!("prun: '{spelling}' needs "))
            .stderr_has("\nhint: ")
            .status(255);
    }
    Test::new()
        .args(["echo", "{3}", ":::", "a"])
        .stderr_has("prun: '{3}' needs a third input source\nhint: ")
        .status(255);
}

#[test]
fn braces_are_placeholders_only_without_the_other_kind() {
    check(&[
        (&["echo {} {1} {#}", ":::", "a"], "a a 1\n"),
        (&[r"echo \{} \{1} <>", ":::", "a"], "{} {1} a\n"),
        (&["echo", r"\{}", "<#>", ":::", "a"], "{} 1\n"),
        (&[r"echo \{.} '\{/}' <>", ":::", "a"], "{.} {/} a\n"),
        (&["awk '{print $1}' <<E\n<>\nE\n", ":::", "a b"], "a\n"),
        (&["echo {2} a{4} {-2} <>", ":::", "a"], "{2} a{4} {-2} a\n"),
        (&["awk '{print}' <<E\n<>\nE\n", ":::", "a b"], "a b\n"),
        (
            &["echo '{\"a\": {\"b\": 1}}' <>", ":::", "a"],
            "{\"a\": {\"b\": 1}} a\n",
        ),
        (&["f() { echo ${1} ${#}; }; f <>", ":::", "a"], "a 1\n"),
        (&["echo {print} {a b} <>", ":::", "a"], "{print} {a b} a\n"),
        (&["echo {a} { } {+} {}", ":::", "x"], "{a} { } {+} x\n"),
        (
            &["echo '<a>' '< >' '<+>' <>", ":::", "x"],
            "<a> < > <+> x\n",
        ),
    ]);
}

#[test]
fn braces_beside_the_other_kind_are_refused() {
    for (form, other) in [
        ("{}", "<>"),
        ("{.}", "<.>"),
        ("{/}", "</>"),
        ("{//}", "<//>"),
        ("{/.}", "</.>"),
        ("{#}", "<#>"),
        ("{%}", "<%>"),
        ("{1}", "<1>"),
        ("{-1/.}", "<-1/.>"),
        ("{..}", "--plus and '<..>"),
        ("{+.}", "--plus and '<+.>"),
        ("{##}", "--plus and '<##>"),
    ] {
        let other = other.trim_start_matches('\'');
        let quote = if other.starts_with("--") { "" } else { "'" };
        let expected = format!(
            "prun: '{form}' beside '<>': a command has placeholders in <...> or in {{...}}, not both\n\
             hint: write {quote}{other}' for '{form}', or '{{}}' for '<>'; \\{form} is text\n"
        );
        let line = format!("cp <> 'x{form}'");
        let words = ["cp".to_owned(), "<>".to_owned(), format!("x{form}")];
        for args in [&[line][..], &words] {
            Test::new()
                .args(args)
                .args([":::", "a", "b"])
                .stderr(&expected)
                .status(255);
        }
        Test::new()
            .args(["--tagstring", &format!("<> {form}"), "echo", ":::", "a"])
            .stderr(&expected)
            .status(255);
    }
    Test::new()
        .args(["echo <1> {2}", ":::", "a", ":::", "b"])
        .stderr_has("prun: '{2}' beside '<1>': ")
        .status(255);
    Test::new()
        .args(["--csv", "--header", ":", "echo <n> {m}"])
        .stdin("n,m\n1,2\n")
        .stderr_has("prun: '{m}' beside '<n>': ")
        .status(255);
    for brackets in ["{..}", "<##>", "{+/}", "<...>", "{0#}"] {
        for command in [format!("echo x{brackets}y"), format!("echo '{brackets}'")] {
            Test::new()
                .args([&command, ":::", "a"])
                .stderr_has(format!(
                    "prun: '{brackets}' is no placeholder without --plus\n"
                ))
                .status(255);
        }
    }
}

#[test]
fn the_text_of_a_file_keeps_its_braces() {
    Test::new()
        .file("t", "<> {1} {} \\{1}\n")
        .args(["--tmpl", "t=o.<#>", "cat o.<#>; : <>", ":::", "a"])
        .stdout("a {1} {} \\{1}\n")
        .success();
}

#[test]
fn an_expression_in_several_words_is_refused() {
    Test::new()
        .args(["echo", "{=", "s/a/b/", "=}", ":::", "a"])
        .stderr(
            "prun: '{= s/a/b/ =}' is several words, and so would be several arguments\n\
             hint: quote it: prun echo '{= s/a/b/ =}'\n",
        )
        .status(255);
    Test::new()
        .args(["echo", "<>", "x{=", "s/a/b/", "=}", ":::", "a"])
        .stderr_has("' is text where the value is written '<>'\nhint: ")
        .status(255);
    check(&[
        (&["echo", "{= s/a/b/ =}", ":::", "a"], "b\n"),
        (&["echo", "{=", "x", ":::", "a"], "{= x a\n"),
        (&["-q", "echo", "{=", "x", "=}", ":::", "a"], "{= x =} a\n"),
    ]);
}

#[test]
fn a_backslash_makes_a_placeholder_text() {
    check(&[
        (&[r"echo \<> <>", ":::", "a"], "<> a\n"),
        (&["echo", r"\<>", "<>", ":::", "a"], "<> a\n"),
        (&[r#"echo "\<>" '\<>' <>"#, ":::", "a"], "<> <> a\n"),
    ]);
}

#[test]
fn another_placeholder_can_be_chosen() {
    check(&[
        (
            &["-I", ",", "echo ,x, '<>' '{}' <#>", ":::", "a"],
            "axa <> {} 1\n",
        ),
        (
            &["-I", "XX", "echo", "XX", "XX.gz", ":::", "a b"],
            "a b a b.gz\n",
        ),
        (
            &["-I", "%", "probe", "args", "%", "<.>", ":::", "a.b"],
            "a.b\na\n",
        ),
    ]);
    Test::new()
        .args(["-I", "%", "probe", "args", "%", "{}", "<>", ":::", "a"])
        .stdout("a\n{}\n<>\n")
        .success();
}

#[test]
fn a_value_is_not_looked_at_again() {
    check(&[
        (
            &["echo", ":::", "<>", "{}", "{.}", "{#}", "{1}", "<2>", "<#>"],
            "<>\n{}\n{.}\n{#}\n{1}\n<2>\n<#>\n",
        ),
        (&["echo <2> <1>", ":::", "<2>", ":::", "<1>"], "<1> <2>\n"),
        (
            &["echo {1}{2} | cat", ":::", "{2}", ":::", "{1}"],
            "{2}{1}\n",
        ),
    ]);
}

//! GNU composition, and commands as they are shown.

use super::*;

#[test]
fn gnu_composition() {
    let of = |words: &[&str], values: &[&str]| argv(gnu(words, values.len()), values);
    assert_eq!(of(&["echo", "a  b"], &["v"]), ["echo", "a", "b", "v"]);
    assert_eq!(
        of(&["echo", "'a  b'", "<x"], &["v"])[2],
        "_prun1=$1; set --; echo 'a  b' <x \"${_prun1}\""
    );
    assert_eq!(
        of(&["echo", "|", "cat", "<>"], &["v"])[2],
        "_prun1=$1; set --; echo | cat <> \"${_prun1}\""
    );
    assert_eq!(of(&["{} x"], &["echo a|cat"])[2], "echo a|cat x");
    assert_eq!(of(&["{} {}"], &["a b"])[2..], ["a b a b", "/bin/sh"]);
    assert_eq!(of(&["{#} x"], &["v"]), ["3", "x"]);
    assert_eq!(
        of(&["echo `echo {}`"], &["it's"])[2],
        "echo `echo 'it'\"'\"'s'`"
    );
    assert_eq!(of(&["echo x #"], &["a b"])[2], "echo x # 'a b'");
    assert_eq!(of(&["echo ${1}"], &["a"])[2], "echo $a");
    assert_eq!(of(&["echo \\{}"], &["a"])[2], "echo \\a");
    assert_eq!(
        of(&["echo ;"], &["a", "b"])[2],
        "_prun1=$1 _prun2=$2; set --; echo ; \"${_prun1}\" \"${_prun2}\""
    );
    assert_eq!(of(&["echo \"{}\""], &["a b"]), ["echo", "a b"]);
    assert_eq!(of(&[], &["echo  a"]), ["echo", "a"]);
    let quoted = TemplateOptions {
        quoting: WordHandling::Literal,
        ..gnu(&["echo", "a  b", "*", "{}x"], 1)
    };
    assert_eq!(argv(quoted, &["v"]), ["echo", "a  b", "*", "vx"]);
    assert_eq!(shown(gnu(&["echo {}"], 1), &["a:b"]), "echo 'a:b'");
}

#[test]
fn commands_are_shown_as_a_person_would_type_them() {
    let table: [(&[&str], &str, &str); 16] = [
        (&["echo <>"], "a", "echo a"),
        (&["echo <>"], "a b", "echo 'a b'"),
        (&["echo"], "it's", r"echo 'it'\''s'"),
        (&["echo <>"], "a\nb", r"echo $'a\nb'"),
        (&["echo \"<>\""], "a$b", r#"echo "a\$b""#),
        (&["echo \"<>\""], "\n", r#"echo ""$'\n'"""#),
        (&["echo \"$x<>\""], "v", r#"echo "$x""v""#),
        (&["echo '<>'"], "it's", r"echo 'it'\''s'"),
        (&["<> x"], "if", "'if' x"),
        (&["<> x"], "A=1", "'A=1' x"),
        (&["echo <>>out"], "2", "echo '2'>out"),
        (&["echo ~<>"], "root", "echo ~'root'"),
        (&["echo", "a b", "<>x", ""], "v", "echo 'a b' vx ''"),
        (&["A=<>", "b"], "v", "A=v b"),
        (&["echo $((<>))"], "010", "echo $((10))"),
        (&["cd", "<>"], "v", "cd v"),
    ];
    for (words, value, expected) in table {
        assert_eq!(shown(options(words, 1), &[value]), expected, "{words:?}");
    }
    assert_eq!(
        shown(options(&["echo <> x<>"], 2), &["a", "b c"]),
        "echo a 'b c' x'a b c'"
    );
}

use crate::support::Test;

/// A line for bash, and what it prints for the value.
const LINES: [(&str, &str, &str); 17] = [
    (r"x=1; echo <>", r"a\tb", "a\\tb\n"),
    (r"echo <> | cat", r"a\tb", "a\\tb\n"),
    (r"echo <>", r"a\tb\c", "a\\tb\\c\n"),
    ("echo {1..3} <>", "v", "1 2 3 v\n"),
    ("echo <>{,.bak}", "f", "f f.bak\n"),
    ("echo f{<>,.bak}", "a b", "fa b f.bak\n"),
    ("[ <> == b ] || echo other", "a", "other\n"),
    ("[[ <> == a* ]] && echo yes", "abc", "yes\n"),
    ("a=(x <>); echo ${#a[@]} ${a[1]}", "v w", "2 v w\n"),
    ("cat <<< <>", "a  b", "a  b\n"),
    ("[ -n \"$RANDOM\" ] && echo <>", "v", "v\n"),
    ("printf '%q\\n' <>", "a b", "a\\ b\n"),
    ("{ (echo <>) }", "v", "v\n"),
    ("if (true) then echo <>; fi | cat", "v", "v\n"),
    ("{ if true; then echo <>; fi }", "v", "v\n"),
    ("for x in <>; do (echo $x) done", "v", "v\n"),
    ("case a in a) (echo <>) esac", "v", "v\n"),
];

#[test]
fn bash_runs_what_needs_a_shell() {
    for (line, value, printed) in LINES {
        Test::new()
            .args([line, ":::", value])
            .stdout(printed)
            .success();
    }
}

/// The programs of these names print their help; a shell's commands do not.
#[test]
fn programs_named_like_commands_of_the_shell_do_what_those_do() {
    for line in ["echo <>", "echo", "x=1; echo <>"] {
        Test::new()
            .args([line, ":::", "--help"])
            .stdout("--help\n")
            .success();
        Test::new()
            .args([line, ":::", "--version"])
            .stdout("--version\n")
            .success();
    }
    Test::new()
        .args(["true", ":::", "--help"])
        .stdout("")
        .success();
    Test::new()
        .args(["--quiet", "false", ":::", "--version"])
        .status(1);
    Test::new()
        .args(["printf '%(%Y)T\\n' <>", ":::", "0"])
        .env("TZ", "UTC")
        .stdout("1970\n")
        .success();
    Test::new()
        .args(["-N0", "[ -v HOME ]", ":::", "x"])
        .success();
}

#[test]
fn exported_functions_and_odd_names_reach_the_jobs() {
    Test::new()
        .line("f() { echo \"f $1\"; }; export -f f; prun 'x=1; f <>' ::: v")
        .stdout("f v\n")
        .success();
    Test::new()
        .line("env A-B=odd prun 'x=1; env | grep ^A-B; echo <>' ::: v")
        .stdout("A-B=odd\nv\n")
        .success();
}

#[test]
fn a_shell_may_have_options() {
    Test::new()
        .args(["--quiet", "--shell", "bash -o pipefail"])
        .args(["exit <> | cat", ":::", "3"])
        .status(1);
    Test::new()
        .args([
            "--shell",
            "bash -o pipefail",
            "echo <> $0 | cat",
            ":::",
            "v",
        ])
        .stdout_has("v /")
        .success();
    Test::new()
        .args(["--shell", "no-such -o x", "echo <>", ":::", "v"])
        .stderr("prun: cannot use the shell 'no-such -o x': no such program\nhint: --shell bash\n")
        .status(255);
}

#[test]
fn a_plain_shell_is_there_when_asked_for() {
    Test::new()
        .args(["--shell", "sh", "x=1; echo <> {1..2}", ":::", "v"])
        .stdout("v {1..2}\n")
        .success();
}

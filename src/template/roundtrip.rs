//! Real shells give every value back, byte for byte, and run nothing that stands
//! in one. A shell that is not installed is left out.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

use crate::input::{ByteStrings, Row};
use crate::placeholder::CommandDialect;
use crate::shell::ShellProgram;

use super::tests::{PLACE, command, gnu, options};
use super::*;

/// A line, and what it prints around the value.
type RoundtripCase = (&'static str, &'static str, &'static str);

const EVERYWHERE: [RoundtripCase; 23] = [
    ("printf '%s\\0' <> | cat", "", "\0"),
    ("printf '%s\\0' \"<>\";:", "", "\0"),
    ("printf '%s\\0' '<>';:", "", "\0"),
    ("printf '%s\\0' a<>b\"c\"'d' | cat", "a", "bcd\0"),
    ("printf '%s\\0' \"a '<>' b\"; :", "a '", "' b\0"),
    ("printf '%s\\0' 'a \"<>\" b'; :", "a \"", "\" b\0"),
    ("printf '%s\\0' \"$(printf '%sx' <>)\"", "", "x\0"),
    (
        "printf '%s\\0' \"a$(printf '%s' \"$(printf '%s)' \"<>\")\")\"",
        "a",
        ")\0",
    ),
    (
        "printf '%s\\0' \"$(case y in y) printf '%sx' '<>';; esac)\"",
        "",
        "x\0",
    ),
    ("cat <<E\n-<>- \"' $((1+1)) \\$\nE\n", "-", "- \"' 2 $\n"),
    ("cat <<-E; printf '%s' x\n\t-<>-\n\tE\n", "-", "-\nx"),
    (
        "cat <<'E' >/dev/null; printf '%s\\0' <>\n$x `\nE\n:",
        "",
        "\0",
    ),
    ("f() { set -- z; printf '%s\\0' <>; }; f y", "", "\0"),
    ("set -- p q; x=<>; printf '%s\\0' \"$x\"", "", "\0"),
    ("for i in <>; do printf '%s\\0' \"$i\"; done", "", "\0"),
    ("case <> in '') ;; *) ;; esac; printf '%s\\0' <>", "", "\0"),
    ("if :; then printf '%s\\0' <>; fi", "", "\0"),
    ("{ printf '%s\\0' <>; }", "", "\0"),
    ("( printf '%s\\0' \"<>\" )", "", "\0"),
    ("X=<>; export X; printf '%s\\0' \"$X\"", "", "\0"),
    ("X=<> env | grep -q X; printf '%s\\0' <>", "", "\0"),
    (
        "printf '%s\\0' >/dev/null x; printf '%s\\0' \\<>\"\\<>\"<>",
        "<><>",
        "\0",
    ),
    ("# a 'comment\nprintf '%s\\0' <> # another\n", "", "\0"),
];

/// What dash and busybox do not have.
const LARGE_SHELLS: [RoundtripCase; 6] = [
    ("printf '%s\\0' $'a\\'<>\\nb';:", "a'", "\nb\0"),
    ("cat <(printf '%s\\0' <>)", "", "\0"),
    ("cat <<< <>", "", "\n"),
    ("a=(<>); printf '%s\\0' \"${a[@]}\"", "", "\0"),
    ("[[ <> == x* ]]; printf '%s\\0' <>", "", "\0"),
    ("[[ -n <> && ( x < <> ) ]]; printf '%s\\0' <>", "", "\0"),
];

const NASTY: [&[u8]; 10] = [
    b"",
    b"a b",
    b"it's",
    b"$(touch pwn)",
    b"x\"; touch pwn; \"",
    b"`touch pwn`",
    b"'; touch pwn; '",
    b"a\nb\\\n\n",
    b"\x01\x7f\xff\xc3\xa9\x80\\",
    b"-n ~ * {} <> ${_prun1} !",
];

fn find(shell: &str) -> Option<PathBuf> {
    let paths = ["/bin", "/usr/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(shell));
    paths.into_iter().find(|path| path.exists())
}

/// Values made mostly of what shells read.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let special = proptest::sample::select(b"<>{} \t\n'\"\\$`(){}[]<>|&;*?!#~=%-ax1".as_slice());
    vec(prop_oneof![3 => special, 1 => 1..=255u8], 0..20)
}

struct RoundtripSandbox(tempfile::TempDir);

impl RoundtripSandbox {
    fn new() -> RoundtripSandbox {
        RoundtripSandbox(tempfile::tempdir().unwrap())
    }

    /// What the command prints, if it complains about nothing.
    fn output(&self, argv: &ByteStrings) -> Vec<u8> {
        let output = process::Command::new(OsStr::from_bytes(&argv[0]))
            .args(argv.iter().skip(1).map(OsStr::from_bytes))
            .env_clear()
            .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8")])
            .current_dir(self.0.path())
            .stdin(process::Stdio::null())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        // bash tells where it would draw a NUL into a text; there is none here.
        assert_eq!(stderr, "", "{:?}", argv.get(2));
        output.stdout
    }

    fn assert_untouched(&self) {
        let mut files = std::fs::read_dir(self.0.path()).unwrap();
        assert!(files.next().is_none(), "a value was run");
    }
}

fn with_shell(line: &str, shell: &Path) -> CommandTemplate {
    let shell = ShellProgram {
        is_asked: true,
        ..ShellProgram::new(shell.to_owned(), &[], Vec::new())
    };
    CommandTemplate::parse(TemplateOptions {
        shell,
        ..options(&[line], 1)
    })
    .unwrap()
}

fn around((_, before, after): RoundtripCase, value: &[u8]) -> Vec<u8> {
    [before.as_bytes(), value, after.as_bytes()].concat()
}

fn check(
    template: &CommandTemplate,
    case: RoundtripCase,
    value: &[u8],
    sandbox: &RoundtripSandbox,
) {
    let row = Row::from_iter([value]);
    let command = command(template, &row).unwrap();
    let output = sandbox.output(&command.argv);
    assert!(
        output == around(case, value),
        "{} with {value:?}: {output:?}",
        case.0
    );
}

/// So many cases, or as many as `PROPTEST_CASES` asks for.
fn without_file(cases: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").map(|_| Config::default().cases);
    Config {
        failure_persistence: None,
        ..Config::with_cases(asked.unwrap_or(cases))
    }
}

fn gives_back(shell: &str, cases: &[RoundtripCase]) {
    let Some(path) = find(shell) else { return };
    let sandbox = RoundtripSandbox::new();
    let templates: Vec<(CommandTemplate, RoundtripCase)> = cases
        .iter()
        .map(|case| (with_shell(case.0, &path), *case))
        .collect();
    for (at, (template, case)) in templates.iter().enumerate() {
        for value in [NASTY[at % NASTY.len()], NASTY[(at * 3 + 1) % NASTY.len()]] {
            check(template, *case, value, &sandbox);
        }
    }
    let mut runner = TestRunner::new(without_file(60));
    let strategy = (0..templates.len(), value());
    let property = |(at, value): (usize, Vec<u8>)| {
        let (template, case) = &templates[at];
        check(template, *case, &value, &sandbox);
        Ok(())
    };
    runner.run(&strategy, property).unwrap();
    sandbox.assert_untouched();
}

#[test]
fn dash_gives_values_back() {
    gives_back("dash", &EVERYWHERE);
}

#[test]
fn busybox_gives_values_back() {
    gives_back("busybox", &EVERYWHERE);
}

#[test]
fn bash_gives_values_back() {
    gives_back("bash", &EVERYWHERE);
    gives_back("bash", &LARGE_SHELLS);
}

#[test]
fn zsh_gives_values_back() {
    gives_back("zsh", &EVERYWHERE);
    gives_back("zsh", &LARGE_SHELLS);
}

#[test]
fn ksh93_gives_values_back() {
    gives_back("ksh93", &EVERYWHERE);
    gives_back("ksh93", &LARGE_SHELLS);
}

#[test]
fn numbers_are_the_same_in_every_shell() {
    let sandbox = RoundtripSandbox::new();
    let table = [("010", "11"), ("-5", "-4"), ("+08", "9"), ("0", "1")];
    for shell in ["dash", "bash", "zsh", "ksh93", "busybox"] {
        let Some(path) = find(shell) else { continue };
        let template = with_shell("echo $((<>+1)) $((3-<>-3+<>+<>+1))", &path);
        for (value, sum) in table {
            let row = Row::from_iter([value]);
            let command = command(&template, &row).unwrap();
            let output = sandbox.output(&command.argv);
            assert_eq!(
                String::from_utf8_lossy(&output),
                format!("{sum} {sum}\n"),
                "{shell}"
            );
        }
    }
}

/// What bash prints when the commands are typed as they are shown.
fn typed(templates: &[CommandTemplate], value: &[u8], sandbox: &RoundtripSandbox) -> Vec<u8> {
    let row = Row::from_iter([value]);
    let mut typed = Vec::new();
    for template in templates {
        template.show(&row, PLACE, &mut typed);
        typed.push(b'\n');
    }
    let argv = [&b"/bin/bash"[..], b"-c", &typed];
    sandbox.output(&argv.iter().collect())
}

#[test]
fn shown_commands_do_the_same() {
    if find("bash").is_none() {
        return;
    }
    let sandbox = RoundtripSandbox::new();
    let direct: [RoundtripCase; 4] = [
        ("printf '%s\\0' <>", "", "\0"),
        ("printf '%s\\0' x<>=\"<>\"", "", "\0"),
        ("printf %s\\\\0 \"<>\"'<>'", "", "\0"),
        ("printf '%s\\0' <.>'</>'", "", "\0"),
    ];
    let cases = direct[..1].iter().chain(&EVERYWHERE).chain(&LARGE_SHELLS);
    // In the body of a here-document a value stands as it is; `<<-` would take tabs away.
    let cases: Vec<RoundtripCase> = cases
        .copied()
        .filter(|case| !case.0.contains("<<-"))
        .collect();
    let bash = Path::new("/bin/bash");
    let templates: Vec<CommandTemplate> =
        cases.iter().map(|case| with_shell(case.0, bash)).collect();
    let property = |value: Vec<u8>| {
        let expected: Vec<u8> = cases
            .iter()
            .flat_map(|case| around(*case, &value))
            .collect();
        assert!(typed(&templates, &value, &sandbox) == expected, "{value:?}");
        for (line, ..) in &direct[1..] {
            let template = [CommandTemplate::parse(options(&[line], 1)).unwrap()];
            let row = Row::from_iter([&value]);
            let command = command(&template[0], &row).unwrap();
            let job = sandbox.output(&command.argv);
            assert_eq!(typed(&template, &value, &sandbox), job, "{line} {value:?}");
        }
        Ok(())
    };
    for value in NASTY {
        let _: TestCaseResult = property(value.to_vec());
    }
    let mut runner = TestRunner::new(without_file(24));
    runner.run(&value(), property).unwrap();
    sandbox.assert_untouched();
}

#[test]
fn values_do_not_end_the_documents_of_shown_commands() {
    let sandbox = RoundtripSandbox::new();
    let lines = [
        "cat <<E\n<>\nE\necho end",
        "cat <<E\nE<>\n<>E\n<>\n\nE\necho end",
        "x=1; cat <<-E\n\t$x<>\n\tE\necho end",
        "cat <<E\n$(echo '\n<>\n' \"\n<>\n\" <>\necho \\\n<>\n)\nE\necho end",
        "cat <<E\n$(cat <<F\n<>\nF\n)\nE\necho end",
        "x=1; set -- a b; printf '%s\\n' \"$x<>\" \"$@<>\" \"$1<>\" \"${x}<>\" $x<>; echo end",
    ];
    let texts = proptest::sample::select(vec!["E", "F", "\n", "\t", "a", "[2]", ":t", ")", "\\"]);
    let values = vec(texts, 0..6).prop_map(|texts| texts.concat());
    for shell in ["bash", "zsh", "ksh93"] {
        let Some(path) = find(shell) else { continue };
        let templates = lines.map(|line| with_shell(line, &path));
        let property = |(at, value): (usize, String)| {
            // ksh93 leaves `$()` as it is behind the delimiter, and mixes up a document in
            // which a line ends with an escaped backslash and the next one begins with
            // something to expand, whoever writes it.
            let is_mixed_up = lines[at].contains("E<>") || format!("{value}\n").contains("\\\n");
            if shell == "ksh93" && is_mixed_up {
                return Ok(());
            }
            let row = Row::from_iter([&value]);
            let job = command(&templates[at], &row).unwrap();
            let mut typed = Vec::new();
            templates[at].show(&row, PLACE, &mut typed);
            let argv = [path.as_os_str().as_bytes(), b"-c", &typed];
            let (job, typed) = (
                sandbox.output(&job.argv),
                sandbox.output(&argv.iter().collect()),
            );
            assert_eq!(typed, job, "{shell}: {} with {value:?}", lines[at]);
            Ok(())
        };
        let mut runner = TestRunner::new(without_file(40));
        let cases = (0..lines.len(), values.clone());
        runner.run(&cases, property).unwrap();
    }
    sandbox.assert_untouched();
}

#[test]
fn gnu_composition_gives_values_back() {
    let sandbox = RoundtripSandbox::new();
    let cases: [RoundtripCase; 5] = [
        ("printf '%s\\0'", "", "\0"),
        ("printf '%s\\0' a{}b", "a", "b\0"),
        ("printf '%s\\0' \"{}\" | cat", "", "\0"),
        ("x=1; printf '%s\\0' a'-'{}", "a-", "\0"),
        ("printf '%sx\\0' `:` \"${x:-}\"{}", "", "x\0"),
    ];
    for case in cases {
        let template = CommandTemplate::parse(gnu(&[case.0], 1)).unwrap();
        for value in NASTY {
            check(&template, case, value, &sandbox);
        }
    }
    sandbox.assert_untouched();
}

proptest! {
    #[test]
    fn any_template_and_row_are_taken(
        words in vec(value(), 0..4),
        values in vec(value(), 0..4),
        arity in 0..4usize,
        flags in any::<(bool, bool)>(),
    ) {
        let options = TemplateOptions {
            words,
            dialect: if flags.0 { CommandDialect::Own } else { CommandDialect::Gnu },
            quoting: if flags.1 { WordHandling::Parsed } else { WordHandling::Literal },
            ..options(&[], arity)
        };
        if let Ok(template) = CommandTemplate::parse(options) {
            let row = Row::from_iter(values);
            let _ = command(&template, &row);
            template.show(&row, PLACE, &mut Vec::new());
        }
    }

    #[test]
    fn literal_words_are_passed_on_exactly(words in vec("[^<{]{0,8}", 1..5)) {
        let literal = TemplateOptions {
            words: words.iter().map(|word| word.clone().into_bytes()).collect(),
            quoting: WordHandling::Literal,
            ..options(&[], 0)
        };
        let template = CommandTemplate::parse(literal).unwrap();
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        if !words.iter().any(|word| word.contains(&0)) {
            let command = command(&template, &Row::default()).unwrap();
            let argv: Vec<&[u8]> = command.argv.iter().collect();
            prop_assert_eq!(argv, words);
        }
    }
}

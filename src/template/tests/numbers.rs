//! Places where shells calculate: a real shell runs nothing that stands in a value there.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

/// Lines that shells calculate in, or may be taken for such.
const LINES: [&str; 104] = [
    "test <> -lt 3",
    "test 3 -lt '<>'",
    "[ <> -lt 3 ]",
    "[ 3 -gt 1<> ]",
    "[ ! <> -eq 1 ]",
    "[ a = a -a <> -eq 1 ]",
    "[ -t <> ]",
    "[[ -t <> ]]",
    "[[ -v <> ]]",
    "test -v <>",
    "[[ <> -lt 3 ]]",
    "[[ -n a && 3 -ge \"<>\" ]]",
    "exit <>",
    "exit \"3<>\"",
    "exit",
    "return <>",
    "f() { return <>; }; f",
    "f() { return $1; }; f <>",
    "n=<>; exit $n",
    "n=<>; exit n",
    "n=<>; test $n -lt 3",
    "n=<>; printf '%d' \"$n\"",
    "for n in <>; do exit $n; done",
    "exit $(echo <>)",
    "shift <>",
    "shift -p <>",
    "logout <>",
    "break <>",
    "for i in 1; do continue <>; done",
    "while :; do break <>; done",
    "printf %d <>",
    "printf '%d\\n'",
    "printf '%s %d' x <>",
    "printf '%5.2f' <>",
    "printf '%x' \"<>\"",
    "printf '%e%g' 1 <>",
    "printf '%*s' <> x",
    "printf '%.*s' <> x",
    "printf '%1$d' <>",
    "printf '%2$d' 1 <>",
    "printf '%s %s %i' 1 2 3 4 5 <>",
    "printf '<>' <>",
    "printf \"%<>\" <>",
    "printf -v x %d <>",
    "printf -v <> x",
    "printf -- '%d' <>",
    "x=; printf '%s %d' $x <>",
    "x=; printf '%d %s' $x <>",
    "print -f %d <>",
    "print -v <> a",
    "print -r -- <>",
    "builtin printf %d <>",
    "noglob printf %d <>",
    "command test <> -lt 3",
    "repeat <> do :; done",
    "repeat <>; do :; done",
    "repeat 1 exit <>",
    "repeat 1; do exit <>; done",
    "repeat 1 { exit <> }",
    "integer x=<>",
    "integer <>",
    "integer x; x=<>",
    "float x=<>",
    "float -F 3 x=<>",
    "float x; x=<>",
    "typeset -i x=<>",
    "typeset -i 10 x=<>",
    "typeset -F x=<>",
    "typeset -E 3 x=<>",
    "typeset -i x; x=<>",
    "typeset -L <> x=abc",
    "typeset <>",
    "export <>",
    "declare -i x; x+=<>",
    "local -i x=<>",
    "let x=<>",
    "let <>",
    "x=<>; let 'x > 1'",
    "set -A <> a",
    "unset <>",
    "read <> </dev/null",
    "a=(1 2); echo $a[<>]",
    "a=(1 2); echo \"$a[<>]\"",
    "a=(1 2); echo \"$a[1,<>]\"",
    "a=(1 2); n=<>; echo $a[n] $a[$n]",
    "set -- a b; echo $@[<>] $1[<>]",
    "a=(1 2); a[<>]=3",
    "a=(1 2); echo ${a[<>]}",
    "RANDOM=<>",
    "RANDOM=<> env",
    "OPTIND=<>; :",
    "SECONDS=<>; :",
    "export COLUMNS=<>",
    "HISTSIZE=<> :",
    "UID=<>",
    "GID=<>; :",
    "SHLVL=<> :",
    "vared <>",
    "zparseopts <>",
    "echo *(.[<>])",
    "(( x = <> ))",
    "echo $[ <> ]",
    "for (( i = <>; i < 1; i++ )); do :; done",
    "if test <> -lt 3; then :; fi",
];

/// Each is code in a subscript; zsh evaluates only that of an array that exists.
const HOSTILE: [&str; 6] = [
    "path[$(touch pwn)]",
    "a[$(touch pwn)]",
    "1+path[$(touch pwn)]",
    "x=path[`touch pwn`]",
    "%d",
    "-path[$(touch pwn)]",
];

fn by(shell: &str, line: &str) -> Option<CommandTemplate> {
    let path = ["/bin", "/usr/bin"].map(|folder| Path::new(folder).join(shell));
    let path = path.into_iter().find(|path| path.exists())?;
    let shell = ShellProgram {
        is_asked: true,
        ..ShellProgram::named(path.to_str().unwrap())
    };
    CommandTemplate::parse(TemplateOptions {
        shell,
        ..options(&[line], 1)
    })
    .ok()
}

#[test]
fn shells_run_no_value_as_a_number() {
    let sandbox = tempfile::tempdir().unwrap();
    let mut checked = 0;
    for shell in ["zsh", "bash", "ksh93", "dash"] {
        for line in LINES {
            // One that is refused or warned of is not promised anything.
            let template = by(shell, line).filter(|template| template.warnings().is_empty());
            let Some(template) = template else { continue };
            for value in HOSTILE {
                let row = Row::from_iter([value]);
                let Ok(command) = command(&template, &row) else {
                    checked += 1;
                    continue;
                };
                let argv = command.argv.iter().map(OsStr::from_bytes);
                let argv: Vec<&OsStr> = argv.collect();
                let status = Command::new(argv[0])
                    .args(&argv[1..])
                    .current_dir(sandbox.path())
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status();
                status.unwrap();
                assert!(
                    !sandbox.path().join("pwn").exists(),
                    "{shell}: {line}: {value}"
                );
            }
        }
    }
    assert!(checked > 0, "no shell is installed");
}

#[test]
fn zsh_is_given_integers_only() {
    for line in [
        "test <> -lt 3",
        "exit <>",
        "repeat <> do :; done",
        "printf '%s %d' x <>",
    ] {
        let Some(template) = by("zsh", line) else {
            return;
        };
        assert!(template.warnings().is_empty(), "{line}");
        let told = |value| {
            template
                .work(&Row::from_iter([value]), PLACE)
                .unwrap_err()
                .0
        };
        assert_eq!(
            told("x"),
            "input 3 is not an integer where the shell calculates: 'x'"
        );
        assert!(template.work(&Row::from_iter(["7"]), PLACE).is_ok());
    }
    let float = by("zsh", "printf '%.1f %s' <> <>x").unwrap();
    assert!(float.work(&Row::from_iter(["-1.5"]), PLACE).is_ok());
    assert!(float.work(&Row::from_iter(["1e"]), PLACE).is_err());
    for line in [
        "printf '%s' <>",
        "test <> = a",
        "[ -n <> ]",
        "echo *[<>]",
        "echo exit <>",
    ] {
        let template = by("zsh", line).unwrap();
        assert!(
            template.work(&Row::from_iter(["x"]), PLACE).is_ok(),
            "{line}"
        );
    }
    for line in [
        "zsh -c 'exit $1' zsh <>",
        "n=<>; eval 'exit $n'",
        "n=<>; exit $n",
        "n=<>; test 1 -lt $n",
        "integer x; x=<>",
        "print -v <> a",
    ] {
        assert_eq!(by("zsh", line).unwrap().warnings().len(), 1, "{line}");
    }
}

//! Lines that run a value, made of each way to a second parser and each such parser, run
//! by real shells: what runs a value is warned of.

use std::path::Path;
use std::process::{Command, Stdio};

use super::*;

/// Ways that a value takes, and what names it then. `PARSER` is where it is read again.
const CARRIERS: [(&str, &str); 64] = [
    ("PARSER", "<>"),
    ("x=<>; PARSER", "$x"),
    ("x=\"<>\"; PARSER", "${x}"),
    ("x='<>'; y=$x; PARSER", "$y"),
    ("x=a; x+=<>; PARSER", "$x"),
    ("x=<>; y=${x%.c}; PARSER", "$y"),
    ("x=<>; y=${z:-$x}; PARSER", "$y"),
    ("x=<>; : ${y:=$x}; PARSER", "$y"),
    ("x=<>; : ${y=$x}; PARSER", "$y"),
    ("export x=<>; PARSER", "$x"),
    ("readonly x=<>; PARSER", "$x"),
    ("typeset x=<>; PARSER", "$x"),
    ("declare x; x=<>; PARSER", "$x"),
    ("f() { local x=$1; PARSER; }; f <>", "$x"),
    ("f() { PARSER; }; f <>", "$1"),
    ("f() { PARSER; }; f a <>", "$2"),
    ("f() { PARSER; }; f <>", "$*"),
    ("f() { shift; PARSER; }; f a <>", "$1"),
    ("f() { g \"$1\"; }; g() { PARSER; }; f <>", "$1"),
    ("function f { PARSER; }; f <>", "$1"),
    ("f() { x=<>; }; f; PARSER", "$x"),
    ("set -- <>; PARSER", "$1"),
    ("set -- a <>; shift; PARSER", "$1"),
    ("set -- <>; for x; do PARSER; done", "$x"),
    ("set -- <>; for x in \"$@\"; do PARSER; done", "$x"),
    ("for x in <>; do PARSER; done", "$x"),
    ("for x in a \"<>\"; do PARSER; done", "$x"),
    ("select x in <>; do PARSER; break; done <<< 1", "$x"),
    ("set -- -a <>; getopts a: o; PARSER", "$OPTARG"),
    ("getopts a: o -a <>; PARSER", "$OPTARG"),
    ("a=(<>); PARSER", "${a[0]}"),
    ("a=(x <>); PARSER", "${a[@]}"),
    ("a[0]=<>; PARSER", "${a[0]}"),
    ("a=(x); a+=(<>); PARSER", "${a[*]}"),
    ("typeset -A m; m[k]=<>; PARSER", "${m[k]}"),
    ("x=<>; r=x; PARSER", "${!r}"),
    ("x=<>; typeset -n r=x; PARSER", "$r"),
    ("printf -v x %s <>; PARSER", "$x"),
    ("echo <> >f; PARSER", "$(cat f)"),
    ("f=t; echo <> >\"$f\"; PARSER", "$(cat \"$f\")"),
    ("{ echo a; echo <>; } >f; cp f g; PARSER", "$(cat g)"),
    ("g() { read -r x; PARSER; }; echo <> | g", "$x"),
    ("echo <> >f; PARSER", "$(<f)"),
    ("echo \"<>\" >>./f; x=$(< f); PARSER", "$x"),
    ("echo <> >f; read -r x <f; PARSER", "$x"),
    ("echo <> | tee f >/dev/null; x=$(tail -n1 f); PARSER", "$x"),
    ("cat >f <<E\n<>\nE\nread -r x <f\nPARSER", "$x"),
    ("read -r x <<E\n<>\nE\nPARSER", "$x"),
    ("read -r x <<< <>; PARSER", "$x"),
    ("read -r x < <(echo <>); PARSER", "$x"),
    ("read -r <<< <>; PARSER", "$REPLY"),
    ("IFS= read -ra a <<< <>; PARSER", "${a[0]}"),
    ("mapfile -t a <<< <>; PARSER", "${a[0]}"),
    ("readarray -t <<< <>; PARSER", "${MAPFILE[0]}"),
    ("x=$(echo <>); PARSER", "$x"),
    ("x=$(cat <<E\n<>\nE\n); PARSER", "$x"),
    ("PARSER", "$(echo <>)"),
    ("y=<>; PARSER", "`echo $y`"),
    ("x=$(echo <> | sed s/z/y/ | tr z y); PARSER", "$x"),
    ("g() { echo <>; }; PARSER", "$(g)"),
    ("g() { echo \"$1\"; }; PARSER", "$(g <>)"),
    ("echo <> | while read -r x; do PARSER; done", "$x"),
    ("echo <> | { read -r x; PARSER; }", "$x"),
    ("echo <> | cat | (read -r x; PARSER)", "$x"),
];

/// What reads a value again; `VALUE` names it.
const PARSERS: [&str; 80] = [
    "eval \"echo VALUE\"",
    "eval echo VALUE",
    "eval 'x=1;' \"echo VALUE\"",
    "sh -c \"echo VALUE\"",
    "bash -euo pipefail -c \"echo VALUE\"",
    "bash -c -- \"echo VALUE\"",
    "bash +e -c \"echo VALUE\" x",
    "env A=1 bash -c \"echo VALUE\"",
    "command eval \"echo VALUE\"",
    "builtin eval \"echo VALUE\"",
    "trap \"echo VALUE\" EXIT",
    "echo $(( VALUE + 1 ))",
    "echo $(( 1 + VALUE ))",
    "(( VALUE > 3 ))",
    "if (( 1 < VALUE )); then :; fi",
    "for (( i = VALUE; i < 0; i++ )); do :; done",
    "[[ VALUE -eq 1 ]]",
    "[[ 1 -lt \"VALUE\" ]]",
    "let \"n = VALUE\"",
    "echo ${v[VALUE]}",
    "echo \"${s:VALUE:1}\"",
    "v[VALUE]=1",
    "typeset -i n; n=VALUE",
    "typeset -i n=VALUE",
    "readonly -i n=VALUE",
    "export -i n=VALUE",
    "integer n=VALUE",
    "float n=VALUE",
    "printf -v \"VALUE\" y",
    "unset \"VALUE\"",
    "read -r \"VALUE\" <<< 1",
    "source <(echo \"echo VALUE\")",
    ". <(echo \"echo VALUE\")",
    "bash <(echo \"echo VALUE\")",
    "sh < <(echo \"echo VALUE\")",
    "echo \"echo VALUE\" | sh",
    "printf 'echo %s\\n' \"VALUE\" | bash",
    "echo \"echo VALUE\" | cat | sed s/z/y/ | tr z y | sh",
    "{ echo \"echo VALUE\"; true; } | sh",
    "(echo \"echo VALUE\"; echo b) | bash",
    "for i in 1 2; do echo \"echo VALUE\"; true; done | sh",
    "if true; then echo \"echo VALUE\"; else echo b; fi | sh",
    "case x in x) echo \"echo VALUE\";; *) echo b;; esac | sh",
    "{ echo \"echo VALUE\"; echo b; } | cat | bash -s x",
    "sh <<E\necho VALUE\nE\n:",
    "cat <<E | sh\necho VALUE\nE\n:",
    "h() { sh <<E\necho VALUE\nE\n}\nh",
    "h() { cat <<E\necho VALUE\nE\n}\nh | sh",
    "bash <<< \"echo VALUE\"",
    "echo \"echo VALUE\" >s; sh s",
    "echo \"echo VALUE\" >s; sh -c \"$(cat s)\"",
    "echo \"echo VALUE\" >s; eval \"$(<s)\"",
    "bash -c 'eval \"echo $1\"' bash \"VALUE\"",
    "bash -c '(( $1 > 3 ))' bash \"VALUE\"",
    "V=VALUE bash -c '[[ $V -eq 1 ]]'",
    "z=VALUE; eval 'eval \"echo $z\"'",
    "[[ -v \"VALUE\" ]]",
    "test -v \"VALUE\"",
    "exec bash -c \"echo VALUE\"",
    "echo \"VALUE\" | xargs -I% sh -c 'echo %'",
    "xargs -I % sh -c 'echo %' <<< \"VALUE\"",
    "sh /dev/stdin <<< \"echo VALUE\"",
    "{ echo \"echo VALUE\"; } >s; . ./s",
    "for i in 1; do echo \"echo VALUE\"; done >s; bash s",
    "echo \"echo VALUE\" | tee s | cat; sh <s",
    "echo \"echo VALUE\" >s; mv s t; chmod +x t; ./t",
    "f=u; echo \"echo VALUE\" >$f; sh $f",
    "h() { eval \"$*\"; }; h \"echo VALUE\"",
    "h() { sh; }; echo \"echo VALUE\" | h",
    "declare \"v[VALUE]=1\"",
    "echo $[ VALUE + 1 ]",
    "while (( VALUE )); do break; done",
    "until [[ VALUE -eq 1 ]]; do break; done",
    "echo ${s:0:VALUE}",
    "n=$(( VALUE )); echo $n",
    "echo \"n=VALUE\" >s; source ./s",
    "eval \"$(printf 'n=%s' \"VALUE\")\"",
    "while read -r l; do eval \"$l\"; done <<< \"echo VALUE\"",
    "{ cat | sh; } <<< \"echo VALUE\"",
    "(sh) < <(echo \"echo VALUE\")",
];

/// What does run its value.
const RUNNING: [&str; 3] = [
    "eval \"echo <>\"",
    "echo \"echo <>\" | sh",
    "sh -c \"echo <>\"",
];

/// What people type, and no value is run by.
const EVERYDAY: [&str; 48] = [
    "gzip -9 <>",
    "echo <> | sed 's/a/b/' | tr a b",
    "x=<>; echo \"$x\" >log; cat log",
    "f=<>; n=$(wc -l <\"$f\"); if (( n > 3 )); then echo \"$f\"; fi",
    "f=<>; n=$(stat -c %s \"$f\"); (( n > 3 )) && echo \"$f\"",
    "n=$(echo <> | wc -c); echo $(( n + 1 ))",
    "for f in <>; do echo \"$f\"; done | sort",
    "for f in <>; do gzip -c \"$f\" >\"$f.gz\"; done",
    "if [ -f <> ]; then cat <>; else echo no; fi | wc -l",
    "if [[ <> == *.c ]]; then echo c; fi",
    "[[ -n <> && -f <> ]] || echo none",
    "{ echo <>; echo b; } | sort -u",
    "{ echo <>; echo b; } >list; wc -l list",
    "(cd / && ls <>) 2>&1 | head",
    "while read -r l; do echo \"$l\"; done < <>",
    "echo <> | while read -r l; do echo \"$l\"; done",
    "read -r a b <<< <>; echo \"$b $a\"",
    "mapfile -t lines < <>; echo \"${#lines[@]}\"",
    "IFS=, read -ra parts <<< <>; printf '%s\\n' \"${parts[@]}\"",
    "case <> in *.gz) echo gz ;; *) echo <> ;; esac",
    "cat <<E\nDear <>,\nE",
    "cat <<E >letter\nDear <>,\nE\nwc letter",
    "f() { echo \"$1\"; }; f <> | sort",
    "f() { local x=$1; echo \"${x%.*}\"; }; f <>",
    "f() { cat <<E\nto $1\nE\n}\nf <> | wc",
    "set -- <>; echo \"$1\" \"$#\"",
    "set -- -a <>; while getopts a: o; do echo \"$OPTARG\"; done",
    "a=(<>); echo \"${a[0]}\" \"${#a[@]}\"",
    "declare -A m; m[k]=<>; echo \"${m[k]}\"",
    "x=<>; echo \"${x##*/}\" \"${x%.*}\" \"${x//a/b}\"",
    "x=<>; echo \"${x:0:3}\" \"${x:-none}\" \"${#x}\"",
    "x=<>; y=\"a $x\"; printf '%s\\n' \"$y\"",
    "export X=<>; sh -c 'echo \"$X\"'",
    "X=<> bash -c 'printf \"%s\\n\" \"$X\"'",
    "sh -c 'for f; do echo \"$f\"; done' sh <>",
    "bash -c 'n=$(wc -c <\"$1\"); (( n > 3 ))' bash <>",
    "echo <> | xargs -d '\\n' sh -c 'echo \"$1\"' sh",
    "find . -name <> -exec echo \\{} +",
    "x=$(basename <> .txt); echo \"$x\"",
    "d=$(mktemp -d) && echo <> >\"$d/x\" && cat \"$d/x\"; rm -r \"$d\"",
    "trap 'echo end' EXIT; echo <>",
    "x=<>; trap 'echo \"$x\"' EXIT",
    "x=<>; eval 'echo \"$x\"'",
    "echo 'echo \"$1\"' >s; sh s <>",
    "i=0; for f in <>; do i=$((i + 1)); echo \"$i $f\"; done",
    "diff <(sort <>) <(echo <>)",
    "printf '%s\\n' <> | tee log | grep -c x",
    "awk -v x=<> 'BEGIN { print length(x) }'",
];

const VALUES: [&str; 8] = [
    "a[$(touch pwn)]",
    "$(touch pwn)",
    ";touch pwn;",
    "`touch pwn`",
    "';touch pwn;'",
    "\";touch pwn;\"",
    "1,a[$(touch pwn)]",
    "a[`touch pwn`]=1",
];

fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for (before, value) in CARRIERS {
        for parser in PARSERS {
            lines.push(before.replace("PARSER", &parser.replace("VALUE", value)));
        }
    }
    lines
}

fn find(shell: &str) -> Option<String> {
    let paths = ["/bin", "/usr/bin"].map(|folder| format!("{folder}/{shell}"));
    paths.into_iter().find(|path| Path::new(path).exists())
}

/// What to run of a line; nothing if it is refused.
fn parsed(line: &str, shell: &str) -> Option<CommandTemplate> {
    let template = CommandTemplate::parse(TemplateOptions {
        shell: ShellProgram::named(shell),
        ..options(&[line], 1)
    });
    template.ok()
}

fn quoted(word: &[u8]) -> String {
    let text = String::from_utf8_lossy(word);
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A line of a script that runs the command in a folder of its own.
fn step(at: usize, argv: &ByteStrings) -> String {
    let words = |from| {
        let words: Vec<String> = argv.iter().skip(from).map(quoted).collect();
        words.join(" ")
    };
    // A process less for each of them.
    let run = match argv.iter().nth(1) {
        Some(b"-c") if argv.len() > 3 => format!("set -- {}; eval {}", words(4), quoted(&argv[2])),
        _ => words(0),
    };
    format!("(cd {at} || exit; {run}; exit)\n")
}

/// Which of the lines run a value.
fn run<'l>(shell: &str, lines: &[&'l str], values: &[&str]) -> Vec<&'l str> {
    let sandbox = tempfile::tempdir().unwrap();
    let mut script = String::new();
    for (at, line) in lines.iter().enumerate() {
        std::fs::create_dir(sandbox.path().join(at.to_string())).unwrap();
        let Some(template) = parsed(line, shell) else {
            continue;
        };
        for &value in values {
            if let Ok(command) = command(&template, &row(&[value])) {
                script += &step(at, &command.argv);
            }
        }
    }
    std::fs::write(sandbox.path().join("script"), script).unwrap();
    Command::new(shell)
        .arg("script")
        .env_clear()
        .envs([("PATH", "/usr/bin:/bin"), ("LC_ALL", "C.UTF-8")])
        .current_dir(sandbox.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let ran = |at: usize| sandbox.path().join(at.to_string()).join("pwn").exists();
    let numbered = lines.iter().enumerate();
    numbered
        .filter(|(at, _)| ran(*at))
        .map(|(_, line)| *line)
        .collect()
}

#[test]
fn what_runs_a_value_is_warned_of() {
    let lines = lines();
    let is_silent = |line: &&str| {
        let template = parsed(line, "/bin/bash");
        template.is_none_or(|template| template.warnings().is_empty())
    };
    let silent: Vec<&str> = lines.iter().map(String::as_str).filter(is_silent).collect();
    // Those that have the value itself where a shell calculates: it must be a number there.
    assert!(silent.len() < lines.len() / 50, "{silent:#?}");
    for shell in ["bash", "dash", "zsh", "ksh93"] {
        let Some(shell) = find(shell) else { continue };
        let ran = run(&shell, &silent, &VALUES);
        assert!(ran.is_empty(), "{shell}: {ran:#?}");
    }
}

#[test]
fn everyday_lines_are_not_warned_of() {
    let warned: Vec<&str> = EVERYDAY
        .into_iter()
        .filter(|line| parsed(line, "/bin/bash").is_none_or(|line| !line.warnings().is_empty()))
        .collect();
    assert!(warned.is_empty(), "{warned:#?}");
    for shell in ["bash", "dash", "zsh", "ksh93"] {
        let Some(shell) = find(shell) else { continue };
        let ran = run(&shell, &EVERYDAY, &VALUES[..3]);
        assert!(ran.is_empty(), "{shell}: {ran:#?}");
    }
}

#[test]
fn the_values_do_run() {
    for shell in ["bash", "dash", "zsh", "ksh93"] {
        let Some(shell) = find(shell) else { continue };
        let ran = run(&shell, &RUNNING, &VALUES[..2]);
        assert_eq!(ran, RUNNING, "{shell}");
    }
}

//! Hints are command lines: each is typed in place of the one that was refused, and run
//! with values that would do harm as code.

use crate::support::{Test, say_skipped, tool};

/// Output of a hint's command.
#[derive(Clone, Copy, PartialEq)]
enum Prints {
    /// Each value, and a newline.
    Lines,
    /// Each value.
    Joined,
    /// Something else, or values that it fails for.
    Anything,
}

use Prints::{Anything, Joined, Lines};

/// A command in which a value is read again, the program that its hint needs, and what the
/// hint prints.
const CASES: [(&str, &str, Prints); 57] = [
    ("sh -c 'x <>'", "sh", Lines),
    ("bash -c 'x <>'", "bash", Lines),
    ("fish -c 'x <>'", "fish", Lines),
    ("su root -c 'x <>'", "su", Lines),
    // Through a terminal.
    ("script -c 'x <>' f", "script", Anything),
    ("flock f -c 'x <>'", "flock", Lines),
    ("python3 -c 'x(<>)'", "python3", Lines),
    ("perl -e 'print \"<>\"'", "perl", Lines),
    ("ruby -e 'puts \"<>\"'", "ruby", Lines),
    ("node -e 'f(\"<>\")'", "node", Lines),
    ("php -r 'echo \"<>\";'", "php", Lines),
    ("lua -e 'print(\"<>\")'", "lua", Lines),
    ("Rscript -e 'cat(\"<>\")'", "Rscript", Lines),
    ("awk '/<>/'", "awk", Lines),
    ("sed 's/a/<>/' f", "perl", Lines),
    ("env -S 'x <>'", "env", Lines),
    ("watch 'x <>'", "watch", Anything),
    ("bsub 'x <>'", "bsub", Anything),
    ("sbatch --wrap 'x <>'", "sbatch", Anything),
    ("echo 'x <>' | qsub", "qsub", Anything),
    ("echo 'x <>' | at now", "at", Anything),
    // echo has options.
    ("parallel 'x <>'", "parallel", Anything),
    ("prun 'x <>'", "prun", Anything),
    ("sg root -c 'x <>'", "sg", Lines),
    ("screen 'x <>'", "screen", Anything),
    ("tar xf f --to-command='x <>'", "tar", Lines),
    ("echo 'x: <>' | make -f -", "make", Lines),
    ("eval x <>", "sh", Lines),
    ("trap <> EXIT", "sh", Lines),
    ("alias x=<>", "sh", Lines),
    ("unset <>", "sh", Lines),
    ("export <>", "sh", Lines),
    (". <>", "sh", Anything),
    ("let x=<>", "sh", Anything),
    ("echo 'x <>' | sh", "sh", Joined),
    ("echo <> | xargs -I% sh -c 'x %'", "xargs", Lines),
    ("echo 'x <>' >job.sh", "sh", Lines),
    ("ssh host x <>", "sh", Lines),
    ("ssh -o ProxyCommand='x <>' host", "sh", Lines),
    ("git -c alias.x='!x <>' x", "git", Lines),
    ("split --filter='x <>' f", "split", Lines),
    ("vim -c 'x <>'", "vim", Anything),
    ("gdb -ex 'x <>'", "gdb", Anything),
    ("ed f <<E\nr <>\nE", "perl", Lines),
    ("dc -e '<> x'", "perl", Anything),
    ("sqlite3 db \"select '<>'\"", "python3", Lines),
    ("hyperfine 'x <>'", "hyperfine", Anything),
    ("compgen -W 'x <>'", "bash", Anything),
    ("zip -TT 'x <>' f", "zip", Anything),
    ("PS4='x <>' sh -x s", "git", Anything),
    ("emacs --eval '(x \"<>\")'", "emacs", Anything),
    ("gnuplot -e 'x=\"<>\"'", "gnuplot", Anything),
    ("rust-parallel -s 'x <>'", "rust-parallel", Anything),
    ("X=<> make", "make", Lines),
    ("make X=<>", "make", Lines),
    ("bash -c '(( $1 > 3 ))' bash <>", "bash", Anything),
    ("x=<>; [[ $x -eq 1 ]]", "bash", Anything),
];

/// Programs that start slowly get the first six.
const VALUES: [&str; 25] = [
    "a; touch pwned",
    "$(touch pwned)`touch pwned`",
    "-e`touch pwned`",
    "\");require(\"fs\").openSync(\"pwned\",\"w\");(\"",
    "--eval=$(shell touch pwned)",
    "it's  \"x\" \\n %s $HOME ",
    "plain",
    "; touch pwned",
    "`touch pwned`",
    "$(shell touch pwned)",
    "a\ntouch pwned",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "a[$(touch pwned)]",
    "\");system(\"touch pwned\");(\"",
    "-esystem(\"touch pwned\")",
    "-ctouch pwned",
    "-n",
    "-c",
    "--",
    "/e; e touch pwned",
    "@{[`touch pwned`]}",
    "{}",
    ":::",
    "x=1",
];

/// The hint's command, ready to run.
fn hint(stderr: &[u8]) -> String {
    let stderr = String::from_utf8_lossy(stderr).into_owned();
    let hint = stderr.lines().find_map(|line| line.strip_prefix("hint: "));
    let hint = hint.unwrap_or_else(|| panic!("no hint: {stderr}"));
    let (hint, option) = hint.rsplit_once("; ").expect("an option is named, too");
    assert_eq!(option, "--plain-values lets only plain words in");
    let start = hint.find("prun ").expect("a hint is a command");
    assert!(start == 0 || hint[..start].ends_with(": "), "{hint}");
    hint[start..]
        .replace("USER", "root")
        .replace("GROUP", "root")
}

/// Messages of prun about `command`.
fn refused(options: &[&str], command: &str) -> String {
    let output = Test::new()
        .arg("--strict")
        .args(options)
        .args([command, ":::", "a"])
        .stderr_any()
        .status(255);
    hint(&output.stderr)
}

#[track_caller]
fn run(hint: &str, prints: Prints) {
    let starts_slowly = [
        "python3 ",
        "node ",
        "parallel ",
        "watch ",
        "script ",
        "tar ",
        "gdb ",
        "vim ",
        "hyperfine ",
    ];
    let values = match starts_slowly.iter().any(|name| hint.contains(name)) {
        true => &VALUES[..6],
        false => &VALUES,
    };
    let rest = hint.strip_prefix("prun ").expect("hints begin so");
    let end = if rest.contains("watch ") {
        "--timeout 0.5"
    } else {
        ""
    };
    let line = format!(
        "PATH=$PWD/bin:$PATH; echo a >m; tar -cf archive m; \
         mkdir -p ~/.config/fish ~/.local/share/fish; \
         prun -0 -k -a values --strict -j8 {end} {}",
        match rest.contains("tar ") {
            true => rest.replace("FILE", "archive"),
            false => rest.to_owned(),
        }
    );
    let file = match hint.contains("perl ") {
        true => "a\n",
        false => "printf '%s\\n' \"$1\"\n",
    };
    let test = Test::new()
        .env("TERM", "xterm")
        .file("values", values.join("\0") + "\0")
        .file("FILE", file)
        .executable("bin/ssh", SSH)
        .executable("bin/nc", "#!/bin/sh\nprintf '%s\\n' \"$2\"\n")
        .limit(std::time::Duration::from_secs(60))
        .line(line);
    let output = match prints {
        Lines => test.stdout(values.join("\n") + "\n").success(),
        Joined => test.stdout(values.concat()).success(),
        Anything => test.stdout_any().stderr_any().any_status(),
    };
    assert!(!output.path("pwned").exists(), "{hint}");
}

/// A host is a shell that reads its words, and a proxy a command for it.
const SSH: &str = "#!/bin/sh
case $2 in ProxyCommand=*) exec sh -c \"${2#*=}\" ;; esac
shift
exec sh -c \"$*\"
";

#[test]
fn what_is_typed_instead_of_a_second_parser_runs_no_value() {
    run_hints(&CASES[..30]);
}

#[test]
fn what_is_typed_instead_of_other_parsers_runs_no_value() {
    run_hints(&CASES[30..]);
}

fn run_hints(cases: &[(&str, &str, Prints)]) {
    for &(command, needed, prints) in cases {
        let rootly = matches!(needed, "su" | "sg") && !rustix::process::getuid().is_root();
        let hint = refused(&[], command);
        match tool(needed) {
            _ if needed == "prun" => run(&hint, prints),
            Some(_) if !rootly => run(&hint, prints),
            _ => say_skipped(&format!("{needed} is not there to run a hint")),
        }
    }
}

#[test]
fn hints_have_the_placeholder_that_was_typed() {
    for (options, own) in [
        (&[][..], "{}"),
        (&["-I", "@@"], "@@"),
        (&["-I{}"], "{}"),
        (&["-I", "<v>"], "<v>"),
        (&["-I", ";;"], ";;"),
        (&["-I", "1"], "1"),
    ] {
        for (command, _, prints) in CASES.iter().filter(|case| case.1 == "sh") {
            let command = command.replace("<>", own);
            run(&refused(options, &command), *prints);
        }
    }
}

#[test]
fn what_is_missing_is_told_with_the_placeholder_that_was_typed() {
    for (words, hint) in [
        (
            &["echo <> |"][..],
            "write '<>' where the value goes; 'prun -q'",
        ),
        (&["echo {} |"], "write '{}' where the value goes; 'prun -q'"),
        (
            &["-I", "@@", "echo @@ |"],
            "write '@@' where the value goes; 'prun -q'",
        ),
        (
            &["-I{}", "echo &&"],
            "write '{}' where the value goes; 'prun -q'",
        ),
        (&["echo a # b"], "write '<>' where the value goes\n"),
        (&["-I{}", "echo a # b"], "write '{}' where the value goes\n"),
        (
            &["-I", "it's", "echo a # b"],
            "write 'it'\\''s' where the value goes\n",
        ),
        (
            &["@gzip -c | cat"],
            "write '<>' there: prun '@gzip -c <> | cat'\n",
        ),
        (
            &["-I{}", "@gzip -c | cat"],
            "write '{}' there: prun -I '{}' '@gzip -c {} | cat'\n",
        ),
    ] {
        Test::new()
            .args(words)
            .args([":::", "a"])
            .stderr_has(format!("\nhint: {hint}"))
            .status(255);
    }
    // What the script has besides makes it too long.
    let long = format!("echo @@; : {}", "x".repeat(131_050));
    Test::new()
        .args(["-I", "@@", &long, ":::", "a"])
        .stderr_has("\nhint: put it in a file: prun -I @@ 'sh FILE @@'\n")
        .status(255);
}

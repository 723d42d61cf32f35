//! Programs that read some of their words as code, with a safe command for each.

/// Language of the code that a program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SinkLanguage {
    /// A shell, or what splits words as a shell does.
    Shell,
    Other,
}

/// A program that runs the text in some of its words.
#[derive(Debug)]
pub(super) struct CodeReader {
    /// A name without its version: `python` is `python3.11`, too.
    pub(super) names: &'static [&'static str],
    /// Options whose value is code.
    pub(super) code: &'static [&'static str],
    /// Letters of other options that have a value.
    pub(super) values: &'static str,
    /// Letters of options that have the rest of their word as a value, if there is any.
    pub(super) rest: &'static str,
    /// Meaning of the words that are no options.
    pub(super) operands: OperandMeaning,
    pub(super) language: SinkLanguage,
    /// A safe command in its place.
    pub(super) safe: &'static str,
}

/// Meaning of the operands of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OperandMeaning {
    /// The first is a file of code; without one, code comes from standard input.
    Script,
    /// The first one is code, unless an option gave it.
    Code,
    /// Data, and options may come after them.
    Data,
    /// All together are one command line.
    Line,
    /// Each may be a command line.
    Lines,
    /// A command of its own: options end.
    Command,
    /// The first is data, those after it are code.
    Later,
    /// Words with `NAME=` are code, wherever they stand.
    Settings,
}

use OperandMeaning::{Code, Command, Data, Later, Line, Lines, Script, Settings};
use SinkLanguage::{Other, Shell};

const SHELL: &str = "sh -c 'printf \"%s\\n\" \"$1\"' sh <>";
const TERMINAL: &str = "tmux new-window -e X=<> 'printf \"%s\\n\" \"$X\"'";
const BATCH: &str = "give the value to a script as its argument: sbatch FILE <>";
const GDB: &str = "X=<> gdb --batch -ex 'python import os; print(os.environ[\"X\"])'";
const QUEUE: &str = "a job has the environment: X=<> qsub -V FILE";
const PARALLEL: &str = "printf '%s\\0' <> | parallel -0 echo";
pub(super) const MAKE: &str = "X=<> make --eval='x:; @printf \"%s\\n\" \"$$X\"' x";

const fn sink(
    names: &'static [&'static str],
    (code, values): (&'static [&'static str], &'static str),
    operands: OperandMeaning,
    language: SinkLanguage,
    safe: &'static str,
) -> CodeReader {
    CodeReader {
        names,
        code,
        values,
        rest: "",
        operands,
        language,
        safe,
    }
}

impl CodeReader {
    const fn rest(self, rest: &'static str) -> CodeReader {
        CodeReader { rest, ..self }
    }
}

/// Programs that are found anywhere in a command: after `sudo`, `xargs`, `find -exec`.
#[rustfmt::skip]
pub(super) const ANYWHERE: [CodeReader; 16] = [
    sink(&["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"], (&["-c"], "oO"), Script, Shell, SHELL),
    sink(&["fish"], (&["-c", "--command"], ""), Script, Shell, "X=<> fish -c 'printf \"%s\\n\" \"$X\"'"),
    sink(&["su", "runuser"], (&["-c", "--command", "--session-command"], "gGswu"), Data, Shell, "su USER -c 'printf \"%s\\n\" \"$1\"' -- sh <>"),
    sink(&["script"], (&["-c", "--command"], "BEIOTmo"), Data, Shell, "X=<> script -qc 'printf \"%s\\n\" \"$X\"' /dev/null"),
    sink(&["flock"], (&["-c", "--command"], "wE"), Data, Shell, "flock FILE printf '%s\\n' <>"),
    sink(&["python", "pypy"], (&["-c"], "WXQ"), Script, Other, "python3 -c 'import sys; print(sys.argv[1])' <>"),
    sink(&["perl"], (&["-e", "-E", "-M", "-m"], "I"), Script, Other, "perl -e 'print \"$ARGV[0]\\n\"' -- <>").rest("iFxCDV"),
    sink(&["ruby"], (&["-e"], "IrCE"), Script, Other, "ruby -e 'puts ARGV[0]' -- <>").rest("iFxKTW"),
    sink(&["node", "nodejs", "bun"], (&["-e", "-p", "-pe", "--eval", "--print"], "rC"), Script, Other, "X=<> node -e 'console.log(process.env.X)'"),
    sink(&["php"], (&["-r", "-B", "-R", "-E"], "cdzSt"), Script, Other, "php -r 'echo $argv[1], \"\\n\";' -- <>"),
    sink(&["lua", "luajit"], (&["-e"], "l"), Script, Other, "X=<> lua -e 'print(os.getenv(\"X\"))'"),
    sink(&["Rscript"], (&["-e"], ""), Script, Other, "X=<> Rscript -e 'writeLines(Sys.getenv(\"X\"))'"),
    sink(&["awk", "gawk", "mawk", "nawk"], (&["-e", "--source"], "Fvif"), Code, Other, "X=<> awk 'BEGIN { print ENVIRON[\"X\"] }'"),
    sink(&["sed", "gsed"], (&["-e", "--expression"], "lf"), Code, Other, "X=<> perl -pe 's/a/$ENV{X}/' FILE").rest("i"),
    sink(&["split"], (&["--filter"], "abClnt"), Data, Shell, "the command has the environment: X=<> split --filter='printf \"%s\\n\" \"$X\"' FILE"),
    sink(&["gdb", "lldb"], (&["-ex", "--ex", "-iex", "--eval-command", "-eval-command", "-o", "-O"], "xpcds"), Data, Other, GDB),
];

/// Programs that are found only where a program's name stands.
#[rustfmt::skip]
pub(super) const AS_PROGRAM: [CodeReader; 22] = [
    sink(&["env"], (&["-S", "--split-string"], "uC"), Command, Shell, "env NAME=x printf '%s\\n' <>"),
    sink(&["watch"], (&[], "n"), Line, Shell, "watch -x printf '%s\\n' <>"),
    sink(&["bsub"], (&[], "aBcCDeEfFgGiJkLmMnoOpPqRsSTuUvwWX"), Line, Shell, "a job has the environment: X=<> bsub 'printf \"%s\\n\" \"$X\"'"),
    sink(&["parallel", "sem", "env_parallel", "rush"], (&[], PARALLEL_VALUES), Line, Shell, PARALLEL),
    sink(&["prun"], (&[], PARALLEL_VALUES), Lines, Shell, "printf '%s\\0' <> | prun -0 echo"),
    sink(&["rust-parallel"], (&[], "dijrt"), Lines, Shell, "printf '%s\\0' <> | rust-parallel -0 echo"),
    sink(&["qsub"], (&[], "abcCeEjklmMNopPqrStuvVwWxX"), Script, Shell, QUEUE),
    sink(&["sbatch"], (&["--wrap"], "aAcCdDeGiJkLmMnNopqtwx"), Script, Shell, BATCH),
    sink(&["at", "batch"], (&[], "qf"), Data, Shell, "a job has the environment: export X=<>; echo 'printf %s \"$X\"' | at now"),
    sink(&["sg"], (&["-c"], ""), Lines, Shell, "X=<> sg GROUP -c 'printf \"%s\\n\" \"$X\"'"),
    sink(&["tmux"], (&[], ""), Lines, Shell, TERMINAL),
    sink(&["screen"], (&[], ""), Lines, Shell, "screen -dm printf '%s\\n' <>"),
    sink(&["tar", "gtar", "bsdtar"], (&["--to-command", "--checkpoint-action", "--use-compress-program", "-I", "--rsh-command", "--info-script", "-F"], "fCTXgbKNV"), Data, Shell, "the command has the environment: X=<> tar -xf FILE --to-command='printf \"%s\\n\" \"$X\"'"),
    sink(&["make", "gmake"], (&["--eval", "-E"], "CIloWf"), Settings, Other, MAKE).rest("j"),
    sink(&["vim", "vi", "nvim", "gvim", "ex", "view", "vimdiff"], (&["-c", "--cmd", "+"], "sSuUTwW"), Data, Other, "X=<> vim -es -c 'put =$X' -c '%print' -c 'qa!' FILE"),
    sink(&["emacs"], (&["--eval", "--execute", "-eval"], "lqQ"), Data, Other, "X=<> emacs --batch --eval '(princ (getenv \"X\"))'"),
    sink(&["ed", "red"], (&[], "p"), Data, Other, "X=<> perl -pe 's/a/$ENV{X}/' FILE"),
    sink(&["dc"], (&["-e", "--expression"], "f"), Data, Other, "X=<> perl -e 'print $ENV{X} + 1'"),
    sink(&["gnuplot"], (&["-e"], ""), Script, Other, "gnuplot -c FILE <>"),
    sink(&["sqlite3"], (&["-cmd", "--cmd"], ""), Later, Other, "python3 -c 'import sqlite3, sys; print(sqlite3.connect(\":memory:\").execute(\"select ?\", sys.argv[1:]).fetchone()[0])' <>"),
    sink(&["hyperfine"], (&["-p", "--prepare", "-c", "--cleanup", "-s", "--setup", "-C", "--conclude"], "wmMrSiLDPun"), Lines, Shell, "the command has the environment: X=<> hyperfine 'printf \"%s\\n\" \"$X\"'"),
    sink(&["zip"], (&["-TT", "--unzip-command"], "bnit"), Data, Shell, "the command has the environment: X=<> zip -T -TT 'unzip -P \"$X\" -tqq' FILE.zip FILE"),
];

/// Options of `parallel` and of prun that have a value.
const PARALLEL_VALUES: &str = "aCdEIjJLnNPsSU";

/// Long options that have a value, of `parallel` and of programs that run another one.
pub(super) const LONG_VALUES: [&str; 27] = [
    "--adjustment",
    "--arg-file",
    "--basefile",
    "--colsep",
    "--delay",
    "--env",
    "--group",
    "--halt",
    "--jobs",
    "--joblog",
    "--kill-after",
    "--load",
    "--max-args",
    "--max-chars",
    "--max-procs",
    "--profile",
    "--results",
    "--retries",
    "--return",
    "--signal",
    "--sshlogin",
    "--tagstring",
    "--timeout",
    "--tmpdir",
    "--user",
    "--workdir",
    "--chdir",
];

/// Commands that run the command after them: the letters of their options that have a
/// value, and how many operands come first.
pub(super) const WRAPPERS: [(&str, &str, usize); 20] = [
    ("builtin", "", 0),
    ("chroot", "", 1),
    ("chrt", "", 1),
    ("command", "", 0),
    ("doas", "uC", 0),
    ("env", "uC", 0),
    ("exec", "a", 0),
    ("flock", "wE", 1),
    ("ionice", "cn", 0),
    ("nice", "n", 0),
    ("nohup", "", 0),
    ("setsid", "", 0),
    ("stdbuf", "ioe", 0),
    ("strace", "eo", 0),
    ("sudo", "CDghpRrTtUu", 0),
    ("taskset", "", 1),
    ("time", "fo", 0),
    ("timeout", "ks", 1),
    ("unbuffer", "", 0),
    ("xargs", "adEILnPs", 0),
];

/// Programs that start another one somewhere else; it reads their standard input.
pub(super) const CARRIERS: [&str; 9] = [
    "docker", "kubectl", "lxc", "nsenter", "oc", "podman", "rsh", "ssh", "srun",
];

const CODE: &str = "put the value in a variable, and name that in single quotes: x=<>; eval 'printf \"%s\\n\" \"$x\"'";
const NAME: &str = "put the value in a variable, and name that: x=<>; printf '%s\\n' \"$x\"";
pub(super) const INTEGER: &str = "only an integer is let in there: echo $((<> + 1))";
const SOURCE: &str = "run the file by a shell of its own: sh -- <>";

/// Built-in commands that evaluate any of their arguments.
pub(super) const EVALUATING: [(&str, &str); 13] = [
    ("alias", CODE),
    ("eval", CODE),
    ("trap", CODE),
    ("source", SOURCE),
    (".", SOURCE),
    ("let", INTEGER),
    ("read", NAME),
    ("unset", NAME),
    ("mapfile", NAME),
    ("readarray", NAME),
    ("vared", NAME),
    ("zparseopts", NAME),
    ("zpty", CODE),
];

/// Variables whose values shells and programs run, or expand as a shell does.
pub(super) const VARIABLES: [&[u8]; 27] = [
    b"BASH_ENV",
    b"BROWSER",
    b"EDITOR",
    b"ENV",
    b"FCEDIT",
    b"GIT_ASKPASS",
    b"GIT_EDITOR",
    b"GIT_EXTERNAL_DIFF",
    b"GIT_PAGER",
    b"GIT_SEQUENCE_EDITOR",
    b"GIT_SSH_COMMAND",
    b"LESSCLOSE",
    b"LESSOPEN",
    b"MAKEFLAGS",
    b"MANPAGER",
    b"NODE_OPTIONS",
    b"PAGER",
    b"PERL5OPT",
    b"PROMPT_COMMAND",
    b"PS0",
    b"PS1",
    b"PS2",
    b"PS4",
    b"RSYNC_RSH",
    b"RUBYOPT",
    b"SHELLOPTS",
    b"VISUAL",
];
pub(super) const VARIABLE: &str =
    "the command has the environment: X=<> GIT_SSH_COMMAND='ssh -p \"$X\"' git fetch";

/// Programs besides shells that run what they read and take no program as an argument.
pub(super) const INPUT: [&str; 7] = ["at", "batch", "dc", "ed", "ex", "gdb", "red"];

pub(super) const WORDS: &str =
    "put the value in a variable, and name that in single quotes: x=<>; compgen -W '$x'";
pub(super) const CONFIGURED: [&[u8]; 20] = [
    b"alias.",
    b"browser.",
    b"core.askpass=",
    b"core.editor=",
    b"core.fsmonitor=",
    b"core.gitproxy=",
    b"core.hookspath=",
    b"core.pager=",
    b"core.sshcommand=",
    b"credential.",
    b"diff.",
    b"difftool.",
    b"filter.",
    b"gpg.",
    b"interactive.difffilter=",
    b"merge.",
    b"mergetool.",
    b"pager.",
    b"sequence.editor=",
    b"uploadpack.packobjectshook=",
];

/// Built-in commands that evaluate the name in `NAME=value`, and the value too if
/// options ask for it.
pub(super) const DECLARING: [&str; 8] = [
    "declare", "export", "float", "integer", "local", "nameref", "readonly", "typeset",
];
pub(super) const DECLARE: &str = NAME;

/// Programs that print their arguments, or what is made of them.
pub(super) const PRINTING: [&str; 9] = [
    "basename", "dirname", "echo", "find", "ls", "print", "printf", "readlink", "realpath",
];

/// Programs that print what they read.
#[rustfmt::skip]
pub(super) const PASSING: [&str; 32] = [
    "awk", "cat", "column", "cut", "dd", "egrep", "expand", "fgrep", "fmt", "fold", "gawk", "grep",
    "gsed", "head", "iconv", "jq", "yq", "mawk", "nl", "paste", "perl", "pv", "rev", "sed", "shuf", "sort",
    "sponge", "tac", "tail", "tee", "tr", "uniq",
];

/// Passing programs that print more than they read.
pub(super) const EDITING: [&str; 8] = ["awk", "gawk", "gsed", "mawk", "nl", "paste", "perl", "sed"];

pub(super) const STDIN: &str =
    "the value can be an argument: echo 'printf %s \"$1\"' | sh -s -- <>";
pub(super) const XARGS: &str =
    "let xargs append it: printf '%s\\0' <> | xargs -0 sh -c 'printf \"%s\\n\" \"$1\"' sh";
pub(super) const SCRIPT: &str = "let the script take the value as its argument: sh FILE <>";
pub(super) const REMOTE: &str =
    "send it on standard input: printf %s <> | ssh HOST 'x=$(cat); printf \"%s\\n\" \"$x\"'";
pub(super) const PROXY: &str =
    "the command has the environment: X=<> ssh -o ProxyCommand='nc -- \"$X\" 22' HOST";
pub(super) const ALIAS: &str =
    "the command has the environment: X=<> git -c alias.x='!printf \"%s\\n\" \"$X\"' x";

/// All texts of what to type instead.
#[cfg(test)]
pub(super) fn hints() -> Vec<&'static str> {
    let sinks = ANYWHERE.iter().chain(&AS_PROGRAM);
    let evaluating = EVALUATING.iter().map(|row| row.1);
    let others = [
        MAKE, DECLARE, STDIN, XARGS, SCRIPT, REMOTE, PROXY, ALIAS, VARIABLE, WORDS,
    ];
    let sinks = sinks.map(|sink| sink.safe);
    sinks.chain(evaluating).chain(others).collect()
}

//! `prun --gnu` beside GNU parallel itself, where that is installed: the same output, the
//! same messages of the shell, the same exit status.

use std::process::Command;
use std::time::Duration;

use crate::support::{Test, skip};

fn is_installed() -> bool {
    let version = Command::new("parallel").arg("--version").output();
    version.is_ok_and(|output| output.stdout.starts_with(b"GNU parallel"))
}

/// Jobs that succeeded, failed, were killed, and timed out.
const LOG: &str = "\
Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand
2\t:\t1.000\t     0.001\t0\t0\t3\t0\techo old 2
1\t:\t1.000\t     0.001\t0\t0\t0\t0\techo old 1
4\t:\t1.000\t     0.001\t0\t0\t0\t9\techo 'old  4'
5\t:\t1.000\t     0.001\t0\t0\t-1\t15\techo old 5
2\t:\t1.000\t     0.001\t0\t0\t1\t0\techo old 2
";

/// Runs each line of arguments with both; `one` and `two` are files of values, `log` is a
/// job log.
#[track_caller]
fn same(cases: &[&str]) {
    if !is_installed() {
        skip!("GNU parallel is not installed");
    }
    for case in cases {
        let output = Test::new()
            .file("gnu/one", "a\nb\n")
            .file("gnu/two", "1\n2\n3\n")
            .file("own/one", "a\nb\n")
            .file("own/two", "1\n2\n3\n")
            .file("gnu/log", LOG)
            .file("own/log", LOG)
            .env("PARALLEL_SHELL", "/bin/bash")
            .line(format!(
                "cd gnu; {{ parallel {case}
                 }} >../gnu.out 2>../gnu.err; echo $? >>../gnu.out
                 cd ../own; {{ prun --gnu {case}
                 }} >../own.out 2>../own.err; echo $? >>../own.out"
            ))
            .limit(Duration::from_secs(30))
            .success();
        let read = |name: &str| {
            let bytes = std::fs::read(output.path(name)).expect("bash made it");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        assert_eq!(
            read("own.out"),
            read("gnu.out"),
            "stdout and status of: {case}"
        );
        assert_eq!(read("own.err"), read("gnu.err"), "stderr of: {case}");
    }
}

#[test]
fn commands_are_composed_alike() {
    same(&[
        r#"-k echo "a  b" ::: x "y  z""#,
        r#"-k echo "'a  b'" {} ::: x"#,
        r#"-k echo {} "|" tr a-z A-Z ::: x y"#,
        r"-k echo pre{}post ::: 'a  b'",
        r#"-k -q echo "a  b" '*' '$HOME' {} ::: x"#,
        r"-k '{}' ::: 'echo a | tr a b' 'exit 3'",
        r"-k ::: 'echo a' 'exit 2' 'echo b; exit 1'",
        r"-k echo '>' f ::: x",
        r#"-k 'f() { echo "$1"; }; f {}' ::: 'x y'"#,
        r"-k 'for i in 1 2; do echo $i {}; done' ::: a",
        r"-k 'echo $(( {} + 1 ))' ::: 1 2",
    ]);
}

#[test]
fn values_are_put_alike() {
    same(&[
        r#"-k echo ::: '$(id)' "it's" '*' '~' 'a  b' ';' '' -n '{}' '{#}' '<>'"#,
        r#"-k printf "'(%s)'" {} {.} {/} {//} {/.} ::: dir.d/a.tar.gz /x/y. .bashrc a/b/ / ''"#,
        r"-k echo {2.} {1/} {-1} {-2//} ::: a/b.c ::: d/e.f",
        r"-k echo :{3}: {a} { } {+} {}{} ::: q",
        r"-k echo {#} {%} ::: a",
        r"-k -I ,, echo ,, {} ::: a b",
        r"-k 'echo {} > f.{}; cat f.{}' ::: 'a b'",
        r"-k 'echo `echo {}`' ::: 'a b'",
        r"-k 'echo ${HOME:+{}}' ::: a",
        r"-k 'echo a # {}' ::: x",
        r#"-k "sh -c 'echo \$1' _ {}" ::: 'a  b'"#,
        r#"-k --dry-run echo {} x ::: a 'b c' "it's""#,
    ]);
}

#[test]
fn a_value_in_the_text_for_another_shell_is_quoted_alike() {
    same(&[
        r#"-k 'sh -c "printf \"(%s)\" {}"' ::: 'a  b'"#,
        r#"-k 'eval "echo {}"' ::: 'a;b'"#,
    ]);
}

#[test]
fn a_value_that_a_shell_reads_later_is_quoted_alike() {
    same(&[
        r#"-k 'echo "echo {}" | sh' ::: 'a;b' 'c  d'"#,
        r#"-k 'echo "echo {}" >job{#}; sh job{#}' ::: 'a;b' 'c  d'"#,
        r#"-k 'echo "echo {}" >{#}.sh; cat {#}.sh' ::: 'a;b' 'c  d'"#,
        r#"-k 'x="echo {}"; eval "$x"' ::: 'a;b' 'c  d'"#,
        r#"-k 'bash -c "$(echo echo {})"' ::: 'a;b'"#,
        r#"-k 'bash <<< "echo {}"' ::: 'a;b' 'c  d'"#,
        "-k 'sh <<E\necho {}\nE\n' ::: 'a;b' 'c  d'",
        r#"-k 'f() { eval "$1"; }; f "echo {}"' ::: 'a;b' 'c  d'"#,
        r#"-k 'for i in 1 2; do echo "echo $i {}"; done | sh' ::: 'a;b'"#,
        r#"-k 'env -S "echo {}"' ::: 'a;b' 'c  d'"#,
        r#"-k 'echo {} | sh' ::: 'echo a;echo b'"#,
    ]);
    for tool in ["flock", "script"] {
        if crate::support::tool(tool).is_none() {
            skip!("flock or script is not installed");
        }
    }
    same(&[
        r#"-k 'flock . -c "echo {}"' ::: 'a;b' 'c  d'"#,
        r#"-k 'script -qec "echo {}" /dev/null </dev/null' ::: 'a;b' 'c  d'"#,
    ]);
}

#[test]
fn sources_are_combined_alike() {
    same(&[
        r"-k echo {1} {2} ::: a b ::: 1 2",
        r"-k echo ::: a b c :::+ 1 2",
        r"-k echo ::: 1 2 ::: a b :::+ x y",
        r"--link -k echo ::: a b c ::: 1 2",
        r"-k echo :::: one two",
        r"-k -a one -a two echo",
        r"-k echo :::: one ::: x",
        r"-k echo ::: ",
        r"-k echo <two",
        r#"-k -d , printf "'(%s)'" < <(printf 'a,b\n')"#,
        r"-k -0 echo < <(printf 'a\0\0b')",
        r"-k echo < <(printf 'a\n\nb')",
    ]);
}

#[test]
fn output_and_status_are_alike() {
    same(&[
        r"-k --tag echo {} ::: a b ::: c",
        r"-k --tagstring {#}-{/} echo {} ::: x/a y/b",
        r"-k -v echo ::: a 'b c'",
        r"-u echo ::: a",
        r"-k 'echo o{}; echo e{} >&2' ::: a b",
        r#"-k "exit {}" ::: 0 1 2 255"#,
        r"-k 'kill -9 $$; : {}' ::: 1",
        r"-k --retries 3 'echo x >>r; exit 1; {}' ::: a",
        r"-k 'nosuchcmd; : {}' ::: a",
    ]);
}

#[test]
fn runs_are_resumed_alike() {
    same(&[
        "-j1 --joblog log --resume echo {} {#} ::: a b c d e f; cut -f1,7- log",
        "-j1 --joblog log --resume-failed echo {} {#} ::: a b c d e f; cut -f1,7- log",
        "-j1 --joblog log --resume --resume-failed 'echo {}; exit 2' ::: a b c d e f; echo $?",
        "-j1 --joblog log --resume 'exit {}' ::: 1 1 1 1 1 1 1 || echo $?",
        "-k -j4 --joblog log --resume-failed echo ::: a b c d e f g h",
        "-j1 --joblog log --dry-run --resume-failed echo ::: a b c d e f",
        "-j1 --joblog log --retry-failed echo new ::: a b",
        "-j1 --tag --joblog log --retry-failed",
        "-j1 --joblog log --resume echo ::: a",
        "-j1 --joblog new --resume echo ::: a; cut -f1,7- new",
        "-j1 --joblog new --retry-failed; cut -f1,7- new",
    ]);
}

#[test]
fn commands_are_tagged_alike() {
    same(&[
        "-k --tag -v echo ::: a b",
        "-k --tag --dry-run echo ::: a b",
        r#"-k --tagstring 'x{}' --dry-run 'printf "%s\n" {}' ::: a b"#,
        "-k --tagstring 'x{}' -v 'echo {};echo c' ::: a b",
        "-k --tag -v --line-buffer echo ::: a b",
        "-k --tag -v -u echo ::: a",
        "-k --tag --shellquote echo ::: a b",
        "-k --tag -v true ::: a b",
    ]);
}

#[test]
fn lines_are_counted_alike() {
    same(&[
        "-j1 -L1 -X echo :::: two",
        "-j1 -L2 -X echo x{} :::: two",
        "-j1 -X -L2 echo x :::: two",
        "-j1 -L2 -m echo x{} :::: two",
        "-j1 -l echo x :::: two",
        "-j1 -l2 echo x :::: two",
        "-j1 -L0 echo x :::: two",
        "-j1 -L0 echo x{}y '{#}' :::: two",
    ]);
}

#[test]
fn names_are_taken_alike() {
    same(&[
        "-k --header 1 echo {1} {h1} ::: h1 a b c",
        "-k --header 2 echo {1} {h1} ::: h1 a b c",
        "-k --header , echo :::: two ::: x y z",
        r"-k --header '.*\n' echo {h2} ::: h2 a",
        "--results r --header : echo ::: b 1 ::: a 2 ::: 10 3 ::: B 4; find r -name seq",
        "--results r --header : echo ::: 2x 1 ::: 10x 2 ::: 9 3 ::: _u 4; find r -name seq",
        "--results r --header : echo ::: b 1 ::: b 2; find r -name seq",
        "--results r echo ::: 1 ::: 2 ::: 3 ::: 4 ::: 5 ::: 6 ::: 7 ::: 8 ::: 9 ::: 10; find r -name seq",
    ]);
}

#[test]
fn jobs_that_are_left_out_count_alike() {
    same(&[
        r#"-k 'echo {= $_ eq "b" and skip() =} {#}' ::: a b c"#,
        r#"-k 'echo {= $_ ne "x" and skip() =}' ::: a b c"#,
        r#"-k --retries 3 'echo {= $_ eq "b" and skip() =}' ::: a b c"#,
        "-k --plus 'echo {uniq}' ::: a b ::: a b",
    ]);
}

#[test]
fn what_is_not_quoted_is_code_alike() {
    same(&[
        "-k 'echo {= uq(); =} x' ::: 'a  b' '$(echo hi)'",
        r#"-k 'echo {= $_="x  y"; uq() =}' ::: a"#,
        r#"-k 'echo {= $_ eq "b  c" and uq() =} {}' ::: 'a  b' 'b  c'"#,
        "-k --dry-run 'echo {= uq() =}' ::: 'a  b'",
    ]);
}

#[test]
fn blocks_are_dealt_alike() {
    same(&[
        "-k --pipe -N1 'echo {}; cat' ::: a b <two",
        "-k --pipe -N1 'echo {1}{2}; cat' ::: a b c d :::+ e f g h <two",
        "-k -j2 --pipe --round-robin -N1 'echo x{}; cat' <two",
        "-k -j2 --pipe --round-robin -N1 'echo {}; cat' ::: a b c <two",
        "-k -j4 --pipe --round-robin 'echo x{}; cat' <two",
        "-k -j4 --pipe --round-robin 'echo x{}; cat' </dev/null",
        "-k -j3 --pipe --bin 1 'echo {}; cat' ::: a b c <two",
        "-k -j3 --pipe --bin 1 'echo {}; cat' ::: a b <two",
        "-k -j3 --pipe --tee 'echo {}; cat' ::: a b <two",
        "-k --round-robin echo <two",
        "-k --pipe --tee cat ::: a b <two",
        "-k --pipe -q -N1 cat ::: a b <two",
        "-k --cat wc -l <two | cut -c1",
        r#"-k -N1 --pipe --recend '"\n"' 'cat; echo' <two"#,
        r#"-k -N1 --pipe --recend '"","' 'cat; echo' < <(printf '%s' 'a,b"","c')"#,
        "-k --pipe -N2 --tag 'echo x{}; cat' <two",
        "-k --pipe -L2 -N1 cat <two",
        "-k --pipe --header 1 -N1 'cat; echo' <two",
        "-k --pipe --group-by 1 -N1 'cat; echo' <two",
        "-k --pipe --recstart 2 -N1 'cat; echo' <two",
        "-k --pipe --rrs -N1 'cat; echo' <two",
        "-k --pipepart --block 10 -a two 'cat; echo'",
        "-j2 --pipe --round-robin -k -N1 --joblog log cat <two; cut -f1,5-9 log",
    ]);
}

//! Several values for one job: `-n`, `-N`, `-L`, `-X`, `-m`, `--xargs`, `-s`.

use crate::support::{Test, ends, tool};

/// Each case: arguments, and the jobs' lines in input order for the values a b c d e.
#[track_caller]
fn check(cases: &[(&[&str], &str)]) {
    for (args, expected) in cases {
        Test::new()
            .args(["-k", "-j2"])
            .args(*args)
            .args([":::", "a", "b", "c", "d", "e"])
            .stdout(expected)
            .success();
    }
}

#[test]
fn so_many_values_go_to_each_job() {
    check(&[
        (&["-n2", "echo"], "a b\nc d\ne\n"),
        (&["-n", "2", "echo x<>y"], "xay xby\nxcy xdy\nxey\n"),
        (&["-n2", "echo '<>'"], "a b\nc d\ne\n"),
        (&["-N2", "echo <2>+<1>"], "b+a\nd+c\n+e\n"),
        (
            &["--max-args=9", "probe", "args", "<>", "x<.>"],
            "a\nb\nc\nd\ne\nxa\nxb\nxc\nxd\nxe\n",
        ),
        (&["-N2", "probe args <1> <2>"], "a\nb\nc\nd\ne\n"),
        (&["-n2", "echo <> | tr a-z A-Z"], "A B\nC D\nE\n"),
        (&["-n2", "--tag", "echo"], "a b\ta b\nc d\tc d\ne\te\n"),
    ]);
}

#[test]
fn no_value_runs_the_command_once_for_each() {
    check(&[
        (&["-N0", "echo", "hi"], "hi\nhi\nhi\nhi\nhi\n"),
        (&["-n0", "echo <#>[<>]"], "1[]\n2[]\n3[]\n4[]\n5[]\n"),
    ]);
}

#[test]
fn an_index_above_the_number_of_values_is_refused() {
    Test::new()
        .args(["-N2", "echo <3>", ":::", "a", "b"])
        .stderr(
            "prun: '<3>' needs a third input source\n\
             hint: prun 'echo <1> <2> <3>' ::: a ::: b ::: c\n",
        )
        .status(255);
}

#[test]
fn lines_go_on_after_a_blank() {
    Test::new()
        .args(["-k", "-L2", "echo"])
        .stdin("a \nb\nc\nd\te\nf\n")
        .stdout("a b c\nd\te f\n")
        .success();
}

#[test]
fn command_lines_are_filled_and_their_last_values_spread_over_the_slots() {
    check(&[
        (&["-X", "echo"], "a b c\nd e\n"),
        (&["-X", "echo x<>y"], "xay xby xcy\nxdy xey\n"),
        (&["-m", "echo x<>y"], "xa b cy\nxd ey\n"),
        (&["--xargs", "echo"], "a b c d e\n"),
        (&["--xargs", "-n2", "echo"], "a b\nc d\ne\n"),
        (&["-j1", "-s12", "echo"], "a b c\nd e\n"),
        (&["-X", "echo <> | tr a-z A-Z"], "A B C\nD E\n"),
        (&["-X", "for x in <>; do echo $x; done"], "a\nb\nc\nd\ne\n"),
    ]);
}

#[test]
fn every_value_arrives_however_many_there_are() {
    let values: String = (1..=60_000).map(|n| format!("{n}\n")).collect();
    for args in [
        &["-k", "-X", "printf '%s\\n' <>"][..],
        &["-k", "--xargs", "printf", "%s\\n"],
        // One script with all words in it: it must fit into one argument.
        &["-k", "-X", "printf '%s\\n' <>''; :"],
        &["-k", "-X", "-s", "100000000", "printf '%s\\n'"],
    ] {
        Test::new()
            .args(args)
            .stdin(&values)
            .stdout(&values)
            .success();
    }
}

#[test]
fn the_environment_takes_its_share_of_what_the_system_allows() {
    let values: String = (1..=100_000).map(|n| format!("{n}\n")).collect();
    // All arguments and variables together may take a quarter of the stack's limit.
    let line = "ulimit -s 8192; prun -k --xargs -s 9999999 printf '%s\\n' < values";
    Test::new()
        .line(line)
        .file("values", &values)
        .env("MUCH", "x".repeat(120_000))
        .stdout(&values)
        .success();
}

#[test]
fn a_value_that_is_too_long_fails_its_own_job_alone() {
    let long = "x".repeat(200_000);
    Test::new()
        .args(["-k", "-j1", "-X", "--quiet", "echo"])
        .stdin(format!("a\n{long}\nb\n"))
        .stdout("a\nb\n")
        .stderr("prun: job 2: input 2 is 200000 bytes; an argument can have 131071\n")
        .status(1);
}

#[test]
fn what_leaves_no_room_for_values_is_refused() {
    Test::new()
        .args(["-s", "4", "echo", ":::", "a"])
        .stderr(
            "prun: a command line of 4 bytes has no room for values: the command itself has 5\n\
             hint: give more by -s, or leave it out\n",
        )
        .status(255);
}

#[test]
fn two_ways_to_say_how_many_are_refused() {
    for (args, one, other) in [
        (["-L2", "-N2"], "-L", "-N"),
        (["-L2", "-X"], "-L", "-X"),
        (["-m", "-L2"], "-L", "-m"),
    ] {
        Test::new()
            .args(args)
            .args(["echo", ":::", "a"])
            .stderr(format!(
                "prun: {one} and {other} both say how many values a job gets\n\
                 hint: leave out {one} or {other}\n"
            ))
            .status(255);
    }
}

#[test]
fn groups_are_those_of_xargs() {
    if tool("xargs").is_none() {
        crate::support::skip!("xargs is not installed");
    }
    let values: String = (1..=50).map(|n| format!("v{n}\n")).collect();
    for count in [1, 3, 7, 50, 99] {
        let line = format!(
            "prun -k -n{count} echo < v > ours; xargs -n{count} echo < v > theirs; cmp ours theirs"
        );
        Test::new().line(line).file("v", &values).success();
    }
}

#[test]
fn no_more_values_than_the_system_takes_go_to_a_job() {
    for (options, command) in [
        ("-n 300000", "echo"),
        ("-N 300000", "echo"),
        ("-L 300000", "echo"),
        ("-n 300000 -E 20001", "'echo a<>; :'"),
        ("-n 300000", "'echo <> | cat'"),
        ("--gnu -n 300000", "echo"),
    ] {
        Test::new()
            .line(format!(
                "seq 300000 >in; prun {options} -j1 {command} <in >out; echo $?
                 tr -d a <out | tr ' ' '\\n' >back; cmp -n $(wc -c <back) back in; tail -n1 back | grep -v 300000; [ $(wc -l <out) -lt 30 ] || wc -l out"
            ))
            .stdout(if options.contains("-E") { "0\n20000\n" } else { "0\n" })
            .success();
    }
    // Few values are as many as was said, and their jobs can be counted.
    Test::new()
        .line("seq 1000 | prun -n 250 --progress -j1 echo 2>/dev/null | wc -l; prun -k -N300 'echo <300>' :::: <(seq 600)")
        .stdout("4\n300\n600\n")
        .success();
}

#[test]
fn what_is_typed_wins_over_what_was_set_before() {
    for (set, typed, expected) in [("-n2", "-N3", "a b c\n"), ("-X", "-n2", "a b\nc\n")] {
        Test::new()
            .env("PRUN", set)
            .args(["-k", typed, "echo", ":::", "a", "b", "c"])
            .stdout(expected)
            .success();
    }
}

#[test]
fn little_room_for_arguments_is_shared_with_the_environment() {
    let values: String = (1..=60_000).map(|n| format!("{n}\n")).collect();
    // A quarter of the stack's limit is 256 KiB, of which the variable takes 120 000 bytes.
    for options in ["--xargs", "-X", "-n 60000"] {
        let output = Test::new()
            .line(format!(
                "ulimit -s 1024; prun -k -j1 -s 9999999 --joblog log {options} printf '%s\\n' <values"
            ))
            .file("values", &values)
            .env("MUCH", "x".repeat(120_000))
            .stdout(&values)
            .success();
        assert!(ends(&output.path("log")).len() > 1, "{options}");
    }
}

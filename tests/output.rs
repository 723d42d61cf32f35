//! Bytes that arrive on standard output and standard error, in which order, and byte for
//! byte.

use std::fs;
use std::time::Duration;

use crate::support::{Test, pattern};

#[test]
fn a_job_is_printed_as_a_whole_when_it_ends() {
    let job = "echo <>1; probe await <>; echo <>2";
    let child = Test::new().args(["-j2", job, ":::", "a", "b"]).start();
    fs::write(child.path("b"), "").expect("the directory is ours");
    child.wait_for_stdout("b1\nb2\n");
    fs::write(child.path("a"), "").expect("the directory is ours");
    child.stdout("b1\nb2\na1\na2\n").success();
    // Neither goes on before the other has written.
    let output = Test::new()
        .args(["-j2", "echo <>1; probe meet . 2; echo <>2", ":::", "a", "b"])
        .stdout_any()
        .success();
    let orders: [&[u8]; 2] = [b"a1\na2\nb1\nb2\n", b"b1\nb2\na1\na2\n"];
    assert!(orders.contains(&&output.stdout[..]));
}

#[test]
fn standard_output_comes_whole_before_standard_error() {
    Test::new()
        .line("prun 'echo e1 >&2; echo o1; echo e2 >&2; echo o2; : <>' ::: a 2>&1")
        .stdout("o1\no2\ne1\ne2\n")
        .success();
    Test::new()
        .line("prun -k -j2 'echo e<> >&2; echo o<>' ::: a b 2>&1")
        .stdout("oa\nea\nob\neb\n")
        .success();
}

#[test]
fn keep_order_prints_in_the_order_of_the_input() {
    // Each waits for the one behind it.
    let chain = "test <> = 6 || probe await done.$((<> + 1)); echo <>; echo e<> >&2; touch done.<>";
    Test::new()
        .args(["-k", "-j6", chain, ":::", "1", "2", "3", "4", "5", "6"])
        .stdout("1\n2\n3\n4\n5\n6\n")
        .stderr("e1\ne2\ne3\ne4\ne5\ne6\n")
        .success();
}

#[test]
fn keep_order_prints_the_job_whose_turn_it_is_while_it_runs() {
    let child = Test::new()
        .args([
            "-k",
            "-j2",
            "echo <>1; probe await <>; echo <>2",
            ":::",
            "a",
            "b",
        ])
        .start();
    child.wait_for_stdout("a1\n");
    fs::write(child.path("b"), "").expect("the directory is ours");
    fs::write(child.path("a"), "").expect("the directory is ours");
    child.stdout("a1\na2\nb1\nb2\n").success();
}

#[test]
fn keep_order_does_not_wait_for_a_job_that_was_not_run_well() {
    Test::new()
        .args(["-k", "-j3", "--quiet", "echo <>; test -z <> || exit <>"])
        .stdin("0\n7\n\nx\0\n0\n")
        .stdout("0\n7\n\n0\n")
        .stderr(
            "prun: warning: value 3 of standard input is empty\n\
             hint: -r leaves empty values out: prun -k -j3 --quiet -r 'echo <>; test -z <> || exit <>'\n\
             prun: job 4: input 4 contains a NUL byte; use -0\n",
        )
        .status(2);
    Test::new()
        .args(["-k", "--quiet", "--timeout", "0.2"])
        .args([
            "echo <>1; test <> != b || probe linger; echo <>2",
            ":::",
            "a",
            "b",
            "c",
        ])
        .stdout("a1\na2\nb1\nc1\nc2\n")
        .status(1);
}

#[test]
fn only_the_last_try_is_printed() {
    let job = "echo <>1; test -e <> || { touch <>; echo e >&2; exit 3; }; echo <>2";
    for mode in ["--group", "-k"] {
        Test::new()
            .args([mode, "-j1", "--retries", "3", job, ":::", "a", "b"])
            .stdout("a1\na2\nb1\nb2\n")
            .success();
    }
}

#[test]
fn line_buffer_prints_whole_lines_while_jobs_run() {
    let child = Test::new()
        .args(["-j2", "--line-buffer"])
        .args(["printf '<>1\n<>'; probe await go; echo 2", ":::", "a", "b"])
        .start();
    child.wait_for_stdout("a1\n");
    child.wait_for_stdout("b1\n");
    fs::write(child.path("go"), "").expect("the directory is ours");
    child
        .stdout_lines_any_order(&["a1", "b1", "a2", "b2"])
        .success();
    let child = Test::new()
        .args(["--lb", "echo e >&2; probe await go; : <>", ":::", "a"])
        .start();
    child.wait_for_stderr("e\n");
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.stderr("e\n").success();
}

#[test]
fn line_buffer_with_keep_order_lets_the_first_job_through() {
    let child = Test::new()
        .args([
            "-k",
            "-j2",
            "--lb",
            "echo <>1; touch <>.ran; probe await <>; echo <>2",
        ])
        .args([":::", "a", "b"])
        .start();
    child.wait_for_stdout("a1\n");
    child.wait_for_file("b.ran");
    fs::write(child.path("b"), "").expect("the directory is ours");
    fs::write(child.path("a"), "").expect("the directory is ours");
    child.stdout("a1\na2\nb1\nb2\n").success();
}

#[test]
fn line_buffer_keeps_a_huge_line_whole() {
    let job = "probe write 3000000 0 | tr '\\n' <>; echo";
    let output = Test::new()
        .args(["-j2", "--lb", job, ":::", "a", "b"])
        .stdout_any()
        .success();
    let mut lines: Vec<&[u8]> = output.stdout.split(|&byte| byte == b'\n').collect();
    lines.sort();
    let line = |end: u8| -> Vec<u8> {
        let byte = |byte| if byte == b'\n' { end } else { byte };
        pattern(3_000_000).into_iter().map(byte).collect()
    };
    assert!(lines == [&b""[..], &line(b'a'), &line(b'b')]);
}

#[test]
fn ungrouped_jobs_have_the_streams_themselves() {
    Test::new()
        .args(["-u", "-j1", "probe write 300000 200000; : <>", ":::", "a"])
        .stdout(pattern(300_000))
        .stderr(pattern(200_000))
        .success();
    // A file is not a pipe: the job sees the very same.
    Test::new()
        .line("prun -u 'probe fds; : <>' ::: a >out; grep '^1 ' out >&2; rm out")
        .stderr_has("/work/out\n")
        .success();
}

#[test]
fn bytes_arrive_as_they_were_written() {
    Test::new()
        .args(["-k", "printf '%s' <>", ":::", "a", "b", "c"])
        .stdout("abc")
        .success();
    Test::new()
        .args([
            "-k",
            r"printf 'a\0\377\r\n\033[1m%s' <>; printf '\0e' >&2",
            ":::",
            "x",
            "y",
        ])
        .stdout(b"a\0\xff\r\n\x1b[1mxa\0\xff\r\n\x1b[1my")
        .stderr(b"\0e\0e")
        .success();
    Test::new()
        .args(["--lb", r"printf 'a\0b\n\nno end%s' <>", ":::", "x"])
        .stdout(b"a\0b\n\nno endx")
        .success();
    for mode in ["--group", "-k", "--lb", "-u"] {
        Test::new()
            .args([mode, "probe write 3000001 2000001; : <>", ":::", "a"])
            .stdout(pattern(3_000_001))
            .stderr(pattern(2_000_001))
            .success();
    }
}

#[test]
fn many_jobs_that_end_at_once_are_all_printed() {
    let numbers: Vec<String> = (1..=500).map(|number| number.to_string()).collect();
    Test::new()
        .args(["-k", "-j100", "echo"])
        .stdin(numbers.join("\n"))
        .stdout(numbers.join("\n") + "\n")
        .limit(Duration::from_secs(30))
        .success();
}

/// Texts before lines.
mod tag {
    use super::*;

    #[test]
    fn each_line_begins_with_the_values() {
        Test::new()
            .args(["-k", "--tag", "printf '1\n\n2\n'; echo e >&2; : <>"])
            .args([":::", "a", ":::", "b c", "d"])
            .stdout("a b c\t1\na b c\t\na b c\t2\na d\t1\na d\t\na d\t2\n")
            .stderr("a b c\te\na d\te\n")
            .success();
        Test::new()
            .args([
                "-k",
                "--tagstring",
                "<#>:</>",
                "echo <>",
                ":::",
                "x/a",
                "y/b",
            ])
            .stdout("1:a\tx/a\n2:b\ty/b\n")
            .success();
        Test::new()
            .args(["--lb", "--tag", "echo 1; echo 2; : <>", ":::", "a"])
            .stdout("a\t1\na\t2\n")
            .success();
        Test::gnu()
            .args(["-k", "--tagstring", "{#}:{/}", "echo {}", ":::", "x/a"])
            .stdout("1:a\tx/a\n")
            .success();
    }

    #[test]
    fn no_output_has_no_tag_and_the_last_line_gets_no_end() {
        Test::new()
            .args(["--tag", "true", ":::", "a", "b"])
            .success();
        Test::new()
            .args(["--tag", "--quiet", "false", ":::", "a"])
            .status(1);
        Test::new()
            .args(["-k", "--tag", "printf '1\n%s' <>", ":::", "a"])
            .stdout("a\t1\na\ta")
            .success();
    }

    #[test]
    fn control_bytes_are_exact_in_a_file_and_visible_on_a_terminal() {
        Test::new()
            .args(["--tag", "echo x; : <>", ":::", "\x1b]0;t\x07"])
            .stdout("\x1b]0;t\x07\tx\n")
            .success();
        Test::new()
            .args([
                "--tag",
                "printf '\\033[1mx\\n'; : <>",
                ":::",
                "\x1b]0;t\x07\r",
            ])
            .terminal(24, 80)
            .stdout("\\x1b]0;t\\x07\\x0d\t\x1b[1mx\n")
            .success();
    }

    #[test]
    fn a_long_line_has_one_tag() {
        let line = "x".repeat(1 << 20);
        Test::new()
            .args([
                "--tag",
                "head -c 1048576 /dev/zero | tr '\\0' x; echo; : <>",
                ":::",
                "a",
            ])
            .stdout(format!("a\t{line}\n"))
            .success();
    }
}

#[test]
fn the_streams_may_be_the_same_file() {
    Test::new()
        .line("prun -j4 'echo o; echo e >&2; : <>' ::: $(seq 50) >f 2>&1; sort f | uniq -c")
        .stdout("     50 e\n     50 o\n")
        .success();
    Test::new()
        .line("prun -k 'echo o<>; echo e<> >&2' ::: 1 2 >>f 2>>f; cat f")
        .stdout("o1\ne1\no2\ne2\n")
        .success();
}

#[test]
fn a_tab_can_be_written_in_a_tag() {
    Test::new()
        .args(["--tagstring", r"<>\tx", "echo", ":::", "a"])
        .stdout("a\tx\ta\n")
        .success();
}

//! Parts of files: dry runs that print them, and shares of what is left.

use crate::support::Test;

fn lines(count: usize) -> String {
    (1..=count).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_dry_run_prints_commands_that_read_their_parts() {
    for header in ["", "--header : "] {
        let options = format!("{header}--block 700 -k");
        let line = |more| format!("prun --pipepart -a 'the input' {options} {more} 'cat; echo'");
        let test = Test::new().file("the input", lines(500));
        test.line(format!(
            "{} | sh >got; {} | cmp - got",
            line("--dry-run -vv"),
            line("")
        ))
        .success();
    }
}

#[test]
fn a_command_that_no_shell_runs_on_its_part_is_not_printed() {
    let refused =
        "prun: no shell can run this command on its part of the file\nhint: leave out -vv\n";
    for command in ["@count -l", "@cat | wc -l"] {
        Test::new()
            .file("input", lines(3))
            .line(format!(
                "prun --pipepart -a input --dry-run -vv '{command}'"
            ))
            .stderr(refused)
            .status(255);
    }
    for option in ["--cat", "--fifo"] {
        Test::new()
            .file("input", lines(3))
            .line(format!("prun --pipepart -a input --dry-run -vv {option} 'wc -l <>'"))
            .stderr(format!(
                "prun: {option} and --dry-run -vv cannot go together: the file of a block is there only while its job runs\n\
                 hint: leave out -vv\n"
            ))
            .status(255);
    }
}

/// A stream is cut at the last border within a share, and what that leaves may make one block more.
#[test]
fn shares_are_of_what_is_left_however_blocks_are_cut() {
    for (line, jobs) in [
        ("prun --pipepart -a input --block -2 -j2 JOB", 4),
        (
            "prun --pipepart -a input --block -2 -j2 --remove-rec-sep JOB",
            5,
        ),
        ("prun --pipepart -a input --csv --block -3 -j1 JOB", 4),
        ("prun --pipe --block -2 -j2 --remove-rec-sep JOB <input", 5),
        (
            "(read x; read x; prun --pipe --block -1 -j3 --csv JOB) <input",
            3,
        ),
    ] {
        Test::new()
            .file("input", lines(3000))
            .line(line.replace("JOB", "'cat >/dev/null; echo x'"))
            .stdout("x\n".repeat(jobs))
            .success();
    }
    Test::new()
        .line("seq 9 | prun --pipe --block -1 cat")
        .stderr_has("prun: blocks for each slot are made of a file whose size is known\n")
        .status(255);
}

#[test]
fn a_builtin_takes_its_values_beside_a_stream() {
    Test::new()
        .stdin(lines(100))
        .line("prun --pipe --tee -k '@grep -c <>' ::: 1 99")
        .stdout("20\n1\n")
        .success();
    Test::new()
        .stdin(lines(100))
        .line("prun --pipe --tee -k @grep -c ::: 1 99")
        .stdout("20\n1\n")
        .success();
}

#[test]
fn a_file_keeps_nobody_waiting() {
    Test::new()
        .file("input", lines(3))
        .line("prun --pipepart -a input --block-timeout 1 cat")
        .stderr(
            "prun: --pipepart and --block-timeout cannot go together: a file does not keep anybody waiting\n\
             hint: leave out --pipepart or --block-timeout\n",
        )
        .status(255);
}

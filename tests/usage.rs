//! What prun says to a command line that it cannot use.

use crate::support::{Signal, Test};

/// Runs `prun ARGS ::: a` and expects an error with these lines.
#[track_caller]
fn refused(args: &[&str], message: &str) {
    Test::new()
        .args(args)
        .args(["touch", ":::", "ran"])
        .stderr(format!("{message}\n"))
        .status(255);
}

#[test]
fn a_number_of_jobs_that_makes_no_sense_is_refused() {
    for jobs in ["abc", "1.5", "", "-1000%", "8x", "+", "-", "%", "1e3"] {
        let hint = "hint: write a number (-j8), more or fewer than the CPUs (-j+2, -j-1) or a share of them (-j50%)";
        refused(
            &["-j", jobs],
            &format!("prun: '{jobs}' is not a number of jobs\n{hint}"),
        );
    }
    refused(
        &["-j99999999999"],
        "prun: -j asks for more jobs than a system can run\nhint: -j0 runs as many as possible",
    );
    for jobs in ["-99", "0%"] {
        Test::new()
            .args(["-j", jobs, "touch", ":::", "ran"])
            .stderr_has(format!("prun: -j {jobs} leaves no job to run on "))
            .stderr_has("\nhint: -j1 runs one job at a time, -j0 as many as possible\n")
            .status(255);
    }
}

#[test]
fn an_unknown_option_is_an_error_with_a_hint() {
    refused(
        &["--keep-ordr"],
        "prun: unknown option '--keep-ordr'\nhint: did you mean --keep-order?",
    );
    refused(
        &["-Z"],
        "prun: unknown option '-Z'\nhint: prun --help lists the options; -- ends them: prun -- COMMAND",
    );
    refused(
        &["--tag=x"],
        "prun: '--tag' takes no value\nhint: leave it: --tag",
    );
    refused(
        &["--leak", "x"],
        "prun: 'x' is no value of '--leak'\nhint: it takes warn, wait, fail",
    );
    Test::new()
        .arg("--joblog")
        .stderr("prun: '--joblog' needs a value\nhint: prun --help says which values it takes\n")
        .status(255);
}

#[test]
fn options_end_at_the_first_word_that_is_none() {
    Test::new()
        .args(["probe", "args", "-k", "--tag", ":::", "a"])
        .stdout("-k\n--tag\na\n")
        .success();
    Test::new()
        .args(["--", "probe", "args", ":::", "a"])
        .stdout("a\n")
        .success();
}

#[test]
fn later_options_win_and_names_may_be_shortened() {
    Test::new()
        .args(["-j1", "-j2", "probe meet . 2 && echo met <>"])
        .args([":::", "a", "b"])
        .stdout_lines_any_order(&["met a", "met b"])
        .success();
    Test::new()
        .args(["--keep", "--dry", "echo", ":::", "a"])
        .stdout("echo a\n")
        .success();
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    for option in ["--keep-order", "--tag", "--tagstring"] {
        let args = match option {
            "--tagstring" => vec!["-u", "--tagstring=T"],
            option => vec!["-u", option],
        };
        refused(
            &args,
            &format!(
                "prun: --ungroup and {option} cannot go together: prun does not see ungrouped output\n\
                 hint: --line-buffer {option} prints each line as it comes"
            ),
        );
    }
    Test::gnu()
        .args(["-u", "-k", "--tag", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
}

#[test]
fn neither_command_nor_input_at_a_terminal_is_an_error() {
    Test::new()
        .terminal(24, 80)
        .stdout_has("prun: neither a command nor input\n")
        .stdout_has("hint: ")
        .status(255);
}

#[test]
fn input_from_the_terminal_is_announced() {
    let mut child = Test::new().args(["-k", "echo"]).terminal(24, 80).start();
    child.wait_for_stdout("prun: reading input from the terminal");
    child.feed("a\n");
    child.wait_for_stdout("a\n");
    child.feed("\x04");
    child
        .stdout("prun: reading input from the terminal, one value per line\na\n")
        .success();
}

#[test]
fn an_interrupt_at_the_terminal_ends_the_run() {
    let mut child = Test::new()
        .args(["touch ready; exec probe linger; : <>", ":::", "a"])
        .terminal(24, 80)
        .start();
    child.wait_for_file("ready");
    child.feed("\x03");
    child.stdout_any().signaled(Signal::INT);
}

#[test]
fn the_name_parallel_means_the_gnu_mode() {
    Test::new()
        .line(r#"ln -s "$(command -v prun)" parallel; ./parallel -k echo "a  b" ::: x "y  z""#)
        .stdout("a b x\na b y  z\n")
        .success();
}

#[test]
fn an_option_that_only_gnu_parallel_has_is_told_as_such() {
    for option in ["--pipe", "--slf", "--memsuspend", "--noswap", "--filter"] {
        Test::new()
            .args([option, "echo", ":::", "a"])
            .stderr_has(format!(
                "prun: '{option}' is an option of GNU parallel that prun does not have\nhint: "
            ))
            .status(255);
    }
}

#[test]
fn a_command_line_followed_by_words_is_taken_for_a_forgotten_separator() {
    Test::new()
        .file("f", "")
        .args(["sort <>", "f"])
        .stderr_has("prun: 'sort <>' is one of several words, and so would be a program's name\n")
        .stderr_has("hint: values come after ':::'")
        .status(255);
}

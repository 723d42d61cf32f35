//! Messages about command lines that cannot be used.

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
fn options_that_would_do_nothing_are_refused() {
    let count = |one: &str, other: &str| {
        format!(
            "prun: {one} and {other} both say how many values a job gets\n\
             hint: leave out {one} or {other}"
        )
    };
    for (args, message) in [
        (vec!["-X", "-m"], count("-X", "-m")),
        (vec!["-m", "--xargs"], count("-m", "--xargs")),
        (vec!["-n2", "-N3"], count("-n", "-N")),
        (vec!["-N3", "-n2"], count("-n", "-N")),
        (vec!["-L3", "-n2"], count("-L", "-n")),
        (
            vec!["--plain", "-J", "x"],
            "prun: --plain and --profile cannot go together: one ignores files of options, the other names one\n\
             hint: leave out --plain or --profile".to_owned(),
        ),
        (
            vec!["--plain", "--config", "x"],
            "prun: --plain and --config cannot go together: one ignores files of options, the other names one\n\
             hint: leave out --plain or --config".to_owned(),
        ),
        (
            vec!["--leak", "fail", "-u"],
            "prun: --leak and --ungroup cannot go together: prun does not see ungrouped output\n\
             hint: leave out --leak or --ungroup".to_owned(),
        ),
        (
            vec!["-I", ""],
            "prun: -I needs a text: '' stands nowhere\nhint: prun -I @@ 'echo @@' ::: a b".to_owned(),
        ),
        (
            vec!["--process-slot-var", "PRUN_SLOT"],
            "prun: --process-slot-var PRUN_SLOT would hide the variable 'PRUN_SLOT' that jobs need\n\
             hint: prun --process-slot-var SLOT 'echo $SLOT' ::: a b".to_owned(),
        ),
    ] {
        refused(&args, &message);
    }
    Test::gnu()
        .args(["-X", "-m", "-n2", "-N3", "--leak", "fail", "-u"])
        .args(["--plain", "-J", "x", "echo", ":::", "a", "b", "c"])
        .stdout("a b c\n")
        .success();
}

#[test]
fn what_is_no_number_is_told_with_the_option_as_it_was_typed() {
    for (args, value, option) in [
        (vec!["-n", "x"], "x", "-n"),
        (vec!["-N", "echo"], "echo", "-N"),
        (vec!["--max-args=x"], "x", "--max-args"),
        (vec!["--total-jobs", "1e3"], "1e3", "--total-jobs"),
        (vec!["--nice", "x"], "x", "--nice"),
    ] {
        refused(
            &args,
            &format!("prun: '{value}' is no value of '{option}'\nhint: it takes a number"),
        );
    }
    refused(
        &["--nice", "40"],
        "prun: '40' is no value of '--nice'\nhint: it takes a number in -20..=19",
    );
}

#[test]
fn only_options_that_the_help_shows_are_suggested() {
    refused(
        &["--re", "3"],
        "prun: unknown option '--re'\n\
         hint: did you mean --recend or --recstart or --regexp or --remove-rec-sep or --results or --retries or --retry-on or --retry-delay or --resume or --resume-failed or --retry-failed?",
    );
    refused(
        &["--retrun", "3"],
        "prun: unknown option '--retrun'\nhint: prun --help lists the options; -- ends them: prun -- COMMAND",
    );
}

#[test]
fn no_flag_of_gnu_parallel_is_completed_to_an_option_with_a_value() {
    const OF_BLOCKS: [&str; 4] = ["cat", "fifo", "pipe-part", "regexp"];
    // Those that take no value, but for the ones that do something else than run jobs.
    let flags = [
        "resume",
        "silent",
        "keep-order",
        "group",
        "ungroup",
        "latest-line",
        "line-buffer",
        "tmux",
        "tmux-pane",
        "null",
        "quote",
        "plus",
        "noswap",
        "tag",
        "ctag",
        "color",
        "color-failed",
        "onall",
        "filter-hosts",
        "filter-host",
        "controlmaster",
        "transfer",
        "cleanup",
        "ctrl-c",
        "no-ctrl-c",
        "compress",
        "open-tty",
        "dry-run",
        "progress",
        "eta",
        "bar",
        "shuf",
        "recordenv",
        "tollef",
        "gnu",
        "link",
        "xapply",
        "citation",
        "will-cite",
        "nn",
        "nonotice",
        "no-run-if-empty",
        "verbose",
        "interactive",
        "xargs",
        "pipe",
        "pipe-part",
        "cat",
        "fifo",
        "round-robin",
        "regexp",
        "skip-first-line",
        "csv",
        "keep-order",
        "plain",
        "semaphore",
        "fg",
        "bg",
        "wait",
        "sem",
        "lb",
        "ll",
        "quiet",
        "debug",
        "embed",
        "hostgroups",
        "show-limits",
    ];
    for flag in flags {
        let output = Test::new()
            .args([&format!("--{flag}"), "echo", ":::", "only"])
            .stdout_any()
            .stderr_any()
            .any_status();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let ran = String::from_utf8_lossy(&output.stdout).contains("only");
        let is_absent = text.contains("that prun does not have") || text.contains("unknown option");
        let is_of_semaphore = text.contains("--semaphore runs one command, and takes no values");
        // Such a flag is a whole name, and not short for another one.
        let is_of_blocks = OF_BLOCKS.contains(&flag)
            && (text.contains(" and values cannot go together") || text.contains(" needs --pipe"));
        assert!(
            ran || is_absent || is_of_blocks || is_of_semaphore || flag.starts_with("resume"),
            "--{flag}: {text}"
        );
    }
}

#[test]
fn where_an_option_was_found_is_told_first() {
    for (options, message) in [
        ("--nope", "unknown option '--nope'"),
        (
            "--tollef",
            "'--tollef' is an option of GNU parallel that prun does not have",
        ),
        ("-n x", "'x' is no value of '-n'"),
    ] {
        for variable in ["PRUN", "PARALLEL"] {
            Test::gnu()
                .env(variable, options)
                .args(["echo", ":::", "a"])
                .stderr_has(format!("prun: in ${variable}: {message}\nhint: "))
                .status(255);
        }
    }
}

#[test]
fn a_closed_standard_input_is_not_empty_input() {
    let message = "prun: standard input is closed\n\
                   hint: values can be typed or be in a file: prun COMMAND ::: VALUE...; prun COMMAND :::: FILE\n";
    for line in [
        "prun echo <&-",
        "prun echo :::: - <&-",
        "prun --gnu echo <&-",
    ] {
        Test::new().line(line).stderr(message).status(255);
    }
    Test::new()
        .line("prun echo ::: a <&-")
        .stdout("a\n")
        .success();
}

#[test]
fn a_word_like_a_separator_is_refused() {
    for (word, meant) in [
        ("::", "::: VALUE..."),
        (":::a", "::: a"),
        ("::::f", ":::: f"),
    ] {
        Test::new()
            .args(["echo", word, "x"])
            .stderr(format!(
                "prun: '{word}' looks like a separator, and is none\n\
                 hint: a blank is on both sides of one: prun COMMAND {meant}; as an argument: prun -q\n"
            ))
            .status(255);
        Test::new()
            .args(["@grep", word, "x"])
            .stderr_has(format!("as an argument: prun \"@grep '{word}'\"\n"))
            .status(255);
        Test::new()
            .args(["-q", "echo", word, ":::", "x"])
            .stdout(format!("{word} x\n"))
            .success();
        Test::gnu()
            .args(["echo", word, ":::", "x"])
            .stdout(format!("{word} x\n"))
            .success();
    }
    Test::new()
        .args(["echo", "::1", "a::", ":::", "x"])
        .stdout("::1 a:: x\n")
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
    for option in ["--slf", "--ssh", "--filter"] {
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

#[test]
fn operators_glued_to_words_are_refused_with_both_spellings() {
    for (words, operator, as_operator, as_argument) in [
        (
            &["cmd", "{}", ">o.{}"][..],
            ">o.{}",
            "'cmd {} >o.{}'",
            "cmd '{}' '>o.{}'",
        ),
        (
            &["echo", "{};", "echo", "b"],
            "{};",
            "'echo {}; echo b'",
            "echo '{};' echo b",
        ),
        (&["a", "<>", "2>e"], "2>e", "'a <> 2>e'", "a '<>' '2>e'"),
        (&["a", "&>o", "<>"], "&>o", "'a &>o <>'", "a '&>o' '<>'"),
        (
            &["a", "x y", "|wc"],
            "|wc",
            "\"a 'x y' |wc\"",
            "a 'x y' '|wc'",
        ),
        (&["a", "<>", "> o"], "> o", "'a <> > o'", "a '<>' '> o'"),
        (&["a", "<>;"], "<>;", "'a <>;'", "a '<>;'"),
        (&["a", "x;", "b"], "x;", "'a x; b'", "a 'x;' b"),
        (&["a", "<>&"], "<>&", "'a <>&'", "a '<>&'"),
    ] {
        let output = Test::new()
            .args(words)
            .args([":::", "v"])
            .stderr(format!(
                "prun: '{operator}' among several words could be an operator or an argument\n\
                 hint: as an operator: prun {as_operator}; as an argument: prun -q {as_argument}\n"
            ))
            .status(255);
        assert!(!output.path("o.v").exists());
    }
    for words in [
        &["echo", "a>b", "x;y", "(a|b)", "<b>", "->"][..],
        &["-q", "echo", ">o", "x;", "|y"],
        &["-I", ";;", "echo", ";;"],
        &["printf", "%s;"],
    ] {
        Test::new()
            .args(words)
            .args([":::", "v"])
            .stdout_any()
            .success();
    }
}

#[test]
fn a_command_without_anything_to_run_for_is_an_error() {
    Test::new()
        .args(["touch", "ran"])
        .stderr("prun: there is no input: the command has no placeholder, and nothing is on standard input\nhint: values are given by ::: VALUE..., :::: FILE or a pipe; -r if there may be none\n")
        .status(255);
    Test::new().args(["-r", "touch", "ran"]).success();
    Test::new().args(["touch <>"]).success();
    Test::new().args(["touch", "ran"]).stdin("").success();
    Test::gnu().args(["touch", "ran"]).success();
}

#[test]
fn times_and_sizes_have_the_units_that_people_type() {
    for option in [
        ["--delay", "5ms"],
        ["--timeout", "5min"],
        ["--memfree", "1kB"],
        ["--memsuspend", "1kB"],
        ["-s", "4KiB"],
    ] {
        Test::new()
            .args(option)
            .args(["echo", ":::", "a"])
            .stdout("a\n")
            .success();
    }
}

#[test]
fn options_of_other_runners_are_told_as_what_they_are_here() {
    refused(
        &["-i"],
        "prun: unknown option '-i'\nhint: {} is a placeholder without it; -I names another one: prun -I % 'cp % %.bak'",
    );
    refused(
        &["--rate", "5"],
        "prun: '5' is not a number of starts in a time\nhint: write N/s, N/min, N/h or N/TIME: --rate 10/s, --rate 3/10s",
    );
}

#[test]
fn fail_fast_ends_the_run_at_the_first_failure() {
    Test::new()
        .args([
            "-j1",
            "--quiet",
            "--fail-fast",
            "echo <>; exit <>",
            ":::",
            "3",
            "4",
        ])
        .stdout("3\n")
        .status(3);
}

#[test]
fn tabs_separate_columns_of_tsv() {
    Test::new()
        .args(["--tsv", "--header", ":", "echo <n>-<2>"])
        .stdin("n\tm\na b\t\"c \"\"d\"\"\"\n")
        .stdout("a b-c \"d\"\n")
        .success();
}

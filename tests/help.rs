//! `--help` with a name behind it, and the examples that it shows.

use crate::support::Test;

/// Output of `--help NAME`.
fn explained(name: &str) -> String {
    let output = Test::new().args(["--help", name]).stdout_any().success();
    String::from_utf8(output.stdout).expect("help is text")
}

#[test]
fn an_option_is_explained_alone_by_each_of_its_names() {
    let text = explained("joblog");
    assert!(text.starts_with(
        "      --joblog <FILE>\n          Write a log to FILE, with one line per job\n"
    ));
    assert!(text.ends_with(" is not a job log.\n"), "{text}");
    assert_eq!(text.matches("      --").count(), 1, "{text}");
    for name in ["--joblog", "--joblog=FILE", "jobl", "--jl"] {
        assert_eq!(explained(name), text, "{name}");
    }
    for names in [
        &["-k", "k", "keep-order", "--keep"][..],
        &["-j", "-P", "--jobs", "jobs", "max-procs"],
        &["bar", "--progress"],
        // No others list it.
        &["--will-cite", "nn"],
    ] {
        let text = explained(names[0]);
        for name in names {
            assert_eq!(&explained(name), &text, "{name}");
        }
    }
}

#[test]
fn an_option_that_others_begin_like_is_explained_itself() {
    let text = explained("resume");
    assert!(text.starts_with("      --resume\n"), "{text}");
    assert!(!text.contains("--resume-failed\n"), "{text}");
}

#[test]
fn a_topic_is_a_part_of_the_help() {
    // So wide, no line of a topic is broken.
    let wide = Test::new().env("COLUMNS", "100").arg("--help").stdout_any();
    let whole = String::from_utf8(wide.success().stdout).expect("help is text");
    for topic in ["expressions", "exit-status", "signals", "environment"] {
        let text = explained(topic);
        assert!(whole.contains(&text), "{topic}");
    }
    let examples = explained("examples");
    let shown = whole
        .split_once("\nExamples:\n")
        .expect("it has examples")
        .1;
    let shown = shown.split("\n\n").next().unwrap_or_default();
    assert!(examples.starts_with(&format!("Examples:\n{shown}\n")));
}

#[test]
fn a_name_without_help_is_an_error() {
    for (name, message) in [
        (
            "foo",
            "there is no help on 'foo'\n\
             hint: there is for options, for built-ins (prun --builtins), and for \
             examples, expressions, exit-status, signals, environment",
        ),
        (
            "gzip",
            "there is no help on 'gzip'\nhint: prun --help @gzip",
        ),
        (
            "--keep-ordr",
            "unknown option '--keep-ordr'\nhint: did you mean --keep-order?",
        ),
        (
            "re",
            "unknown option '--re'\nhint: did you mean --recend or --recstart or --regexp or \
             --remove-rec-sep or --results or --retries or --retry-on or --retry-delay or \
             --resume or --resume-failed or --retry-failed?",
        ),
    ] {
        Test::new()
            .args(["--help", name])
            .stderr(format!("prun: {message}\n"))
            .status(255);
    }
    for name in ["--tollef", "tollef"] {
        Test::new()
            .args(["--help", name])
            .stderr_has("'--tollef' is an option of GNU parallel that prun does not have\nhint: ")
            .status(255);
    }
    Test::gnu()
        .args(["--help", "foo"])
        .stdout_has("Usage: prun [OPTIONS]")
        .success();
}

#[test]
fn examples_are_command_lines() {
    let examples = explained("examples");
    let lines = examples.lines().filter_map(|line| line.strip_prefix("  "));
    let mut count = 0;
    for line in lines {
        let (command, remark) = line.split_once("  ").expect("each has a remark");
        assert!(line.len() <= 78 && !remark.is_empty(), "{line}");
        let output = Test::new()
            .file("a.log", "")
            .file("a.png", "")
            .file("a.iso", "")
            .file("a.gz", "")
            .file("a.log.gz", "")
            .file("dir/x", "")
            .file("commands.txt", "true\n")
            .file("names.txt", "a\n")
            .file("urls", "a\n")
            .file("t.csv", "city\nBerne\n")
            .file("big.log", "a\n")
            .file("x.fa", ">a\n")
            .env("PRUN", "--dry-run")
            .line(command)
            .stdout_any()
            .success();
        assert!(!output.stdout.is_empty(), "{line}");
        count += 1;
    }
    assert!(count > 10, "{examples}");
}

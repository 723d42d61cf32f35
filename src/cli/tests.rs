//! Command lines and what is read from them. Each case says only what differs from
//! a bare `prun`.

use super::*;
use crate::exec::termination::LeakPolicy;
use crate::exec::termination::signal_sequence::{SignalSequence, SignalStep};
use crate::input::{InputSource, SourceJoin, SourceOrigin};
use crate::policy::delay::StartDelay;
use crate::policy::halt::{HaltReason, HaltRule, HaltThreshold, HaltUrgency};
use crate::policy::jobs::JobLimit;
use crate::policy::retry::RetryLimit;
use crate::policy::timeout::TimeLimit;
use clap::CommandFactory;
use options::input::DelimiterArg;
use std::time::Duration;

/// Words separated by single spaces.
fn action(line: &str) -> Result<CliAction> {
    parse(line.split(' ').map(OsString::from).collect(), &Host::test())
}

#[track_caller]
fn cli(line: &str) -> Cli {
    match action(line) {
        Ok(CliAction::Run(cli)) => Cli {
            typed_line: TypedLine::default(),
            ..*cli
        },
        other => panic!("{line}: {other:?}"),
    }
}

#[track_caller]
fn error(line: &str) -> String {
    action(line).unwrap_err().to_string()
}

#[track_caller]
fn printed(line: &str) -> String {
    match action(line) {
        Ok(CliAction::Print(text)) => String::from_utf8(text).unwrap(),
        other => panic!("{line}: {other:?}"),
    }
}

/// Declares tests: a command line and the fields in which it differs.
macro_rules! reads {
    ($($name:ident: $line:literal => { $($($field:ident).+: $value:expr),* $(,)? })*) => {
        $(
            #[test]
            fn $name() {
                #[allow(unused_mut)]
                let mut expected = Cli::default();
                $(expected.$($field).+ = $value;)*
                assert_eq!(cli($line), expected);
            }
        )*
    };
}

fn words(line: &str) -> Vec<OsString> {
    line.split(' ').map(OsString::from).collect()
}

fn values(join: SourceJoin, values: &[&str]) -> InputSource {
    let values = values.iter().map(|value| value.as_bytes().to_vec());
    let origin = SourceOrigin::Arguments(values.collect());
    InputSource { origin, join }
}

reads! {
    nothing: "prun" => {}
    a_command: "prun echo a" => { command: words("echo a") }
    a_command_keeps_its_options: "prun -k grep -k --help -- x" => {
        output.keep_order: true,
        command: words("grep -k --help -- x"),
    }
    two_hyphens_end_options: "prun -k -- -x -k" => { output.keep_order: true, command: words("-x -k") }
    two_hyphens_after_the_command_are_its_own: "prun rm -- -f" => { command: words("rm -- -f") }
    a_single_hyphen_is_a_word: "prun - -k" => { command: words("- -k") }
    sources_are_not_options: "prun cat ::: -k --help :::+ x" => {
        command: words("cat"),
        sources: vec![
            values(SourceJoin::Product, &["-k", "--help"]),
            values(SourceJoin::Linked, &["x"]),
        ],
    }
    joined_short: "prun -j8" => { running.jobs: Some(JobLimit::Count(8)) }
    clustered_shorts: "prun -k0j3 x" => {
        output.keep_order: true,
        input.null: true,
        running.jobs: Some(JobLimit::Count(3)),
        command: words("x"),
    }
    jobs_below_the_cpus: "prun -j -1" => { running.jobs: Some(JobLimit::Minus(1)) }
    jobs_below_the_cpus_joined: "prun -j-1" => { running.jobs: Some(JobLimit::Minus(1)) }
    jobs_above_the_cpus: "prun -j+2" => { running.jobs: Some(JobLimit::Plus(2)) }
    jobs_by_share: "prun --jobs 50%" => { running.jobs: Some(JobLimit::Percent(50.0)) }
    jobs_by_the_name_of_xargs: "prun -P 4" => { running.jobs: Some(JobLimit::Count(4)) }
    jobs_without_limit: "prun -j0" => { running.jobs: Some(JobLimit::Unlimited) }
    the_last_number_of_jobs_counts: "prun -j1 -j2 --jobs=3" => { running.jobs: Some(JobLimit::Count(3)) }
    flags_may_be_repeated: "prun -k -k --tag --tag" => { output.keep_order: true, output.tag: true }
    files_add_up: "prun -a f --arg-file g -a -" => {
        input.arg_file: vec!["f".into(), "g".into(), "-".into()],
    }
    a_delimiter_with_an_escape: r"prun -d \t" => { input.delimiter: Some(DelimiterArg(b"\t".to_vec())) }
    a_delimiter_may_be_a_hyphen: "prun -d -" => { input.delimiter: Some(DelimiterArg(b"-".to_vec())) }
    nul_after_a_delimiter: "prun -d, -0" => { input.null: true }
    a_delimiter_after_nul: "prun -0 -d," => { input.delimiter: Some(DelimiterArg(b",".to_vec())) }
    the_last_output_mode_counts: "prun --group -u --lb" => { output.line_buffer: true }
    ungroup_after_line_buffer: "prun --line-buffer -u" => { output.ungroup: true }
    group_again: "prun -u --group" => { output.group: true }
    abbreviated: "prun --keep --line --halt-on never" => {
        output.keep_order: true,
        output.line_buffer: true,
        failure.halt: Some(HaltRule::Never),
    }
    abbreviated_with_two_spellings: "prun --dry --term KILL" => {
        running.dry_run: true,
        running.termseq: Some(SignalSequence([SignalStep {
            signal: 9,
            grace: Duration::ZERO,
        }].into())),
    }
    tag_is_not_short_for_tagstring: "prun --tag --tagstring -x" => {
        output.tag: true,
        output.tagstring: Some("-x".into()),
    }
    spellings_of_gnu_parallel: "prun --keeporder --linebuffer --result d --total 3 --retryfailed" => {
        output.keep_order: true,
        output.line_buffer: true,
        output.results: Some("d".into()),
        input.total_jobs: Some(3),
        log.retry_failed: true,
    }
    old_names: "prun --xapply --dryrun --term-seq TERM,2000,KILL" => {
        input.link: true,
        running.dry_run: true,
        running.termseq: Some(SignalSequence::default()),
    }
    old_halt: "prun --halt -1" => {
        failure.halt: Some(HaltRule::When {
            urgency: HaltUrgency::Soon,
            reason: HaltReason::Success,
            threshold: HaltThreshold::Count(1),
        }),
    }
    times: "prun --timeout 1.5 --delay 2m" => {
        running.timeout: Some(TimeLimit::After(Duration::from_millis(1500))),
        running.delay: Some(StartDelay::Fixed(Duration::from_secs(120))),
    }
    retries_without_end: "prun --retries 0" => { failure.retries: Some(RetryLimit::Endless) }
    leaks: "prun --leak fail" => { failure.leak: Some(LeakPolicy::Fail) }
    commands_shown: "prun -vvt" => { output.show_command: 2, output.show_start: true }
    one_display_by_three_names: "prun --bar --eta --progress" => { observers.progress: true }
    a_placeholder: "prun -I -- echo --" => {
        template.replacement: Some("--".into()),
        command: words("echo --"),
    }
    called_parallel: "/usr/bin/parallel -k" => { template.gnu: true, output.keep_order: true }
}

#[test]
fn silent_options_are_accepted() {
    assert!(matches!(
        action("prun --will-cite --silent"),
        Ok(CliAction::Run(_))
    ));
}

#[test]
fn errors_say_what_and_what_next() {
    for (line, message) in [
        (
            "prun --keep-ordr x",
            "prun: unknown option '--keep-ordr'\nhint: did you mean --keep-order?",
        ),
        (
            "prun -Z x",
            "prun: unknown option '-Z'\nhint: prun --help lists the options; -- ends them: prun -- COMMAND",
        ),
        (
            "prun -j",
            "prun: '-j' needs a value\nhint: prun --help says which values it takes",
        ),
        (
            "prun --leak x",
            "prun: 'x' is no value of '--leak'\nhint: it takes warn, wait, fail",
        ),
        (
            "prun --tag=x",
            "prun: '--tag' takes no value\nhint: leave it: --tag",
        ),
        (
            "prun --retries x",
            "prun: 'x' is not a number of tries\nhint: --retries 3 tries a failing job three times in all, --retries 0 without end",
        ),
    ] {
        assert_eq!(error(line), message, "{line}");
    }
}

#[test]
fn errors_are_two_lines_at_most() {
    for line in [
        "prun --ta x",
        "prun --timeout 5x",
        "prun --timeout",
        "prun -d",
        "prun -kZ",
        "prun --",
        "prun --halt later",
        "prun --termseq FOO",
        "prun -j 1 --leak",
        "prun --generate x",
        "prun --version=3",
    ] {
        if let Err(error) = action(line) {
            assert!(error.to_string().lines().count() <= 2, "{line}: {error}");
            assert!(!error.to_string().contains("''"), "{line}: {error}");
        } else {
            assert_eq!(line, "prun --");
        }
    }
}

#[test]
fn option_values_that_are_not_text_are_refused() {
    use std::os::unix::ffi::OsStringExt;
    let argv = vec![
        "prun".into(),
        "--timeout".into(),
        OsString::from_vec(vec![0xff]),
    ];
    assert!(parse(argv, &Host::test()).is_err());
}

#[test]
fn the_version_is_one_line() {
    let version = format!("prun {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(printed("prun -V"), version);
    assert_eq!(printed("prun --version"), version);
}

#[test]
fn help_has_headings_examples_and_more_when_asked() {
    let short = printed("prun -h");
    let long = printed("prun --help");
    for heading in [
        "Input:", "Command:", "Running:", "Output:", "Failure:", "Log:", "Other:",
    ] {
        assert!(short.contains(&format!("\n{heading}\n")), "{heading}");
        assert!(long.contains(&format!("\n{heading}\n")), "{heading}");
    }
    assert!(short.contains("\nExamples:\n"));
    assert!(long.contains("\nExit status:\n"));
    assert!(!long.contains("--will-cite"));
}

#[test]
fn short_help_fits() {
    for argument in Cli::command().get_arguments() {
        let help = argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        assert!(
            (1..=60).contains(&help.len()),
            "{}: {help}",
            argument.get_id()
        );
    }
}

#[test]
fn the_table_of_options_is_sound() {
    spellings::command().debug_assert();
}

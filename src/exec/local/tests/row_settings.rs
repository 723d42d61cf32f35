//! Jobs whose rows bring settings of their own.

use super::*;
use crate::input::row_settings::{RowCommand, RowSettings, RowTimeout};

/// Runs a job of these settings beside a command of the run that fails.
fn run_with(settings: RowSettings) -> (Outcome, String) {
    let executor = executor("false", Duration::from_secs(60));
    let mut job = job(JobStdin::Null);
    job.row.settings = Some(Arc::new(settings));
    let ended = attempt(&*executor, &job, OutputDestination::Capture);
    let printed = String::from_utf8(ended.stdout.tail(1000).to_vec()).unwrap();
    (ended.outcome, printed)
}

/// Settings of a row whose command is this line.
fn line(text: &str) -> RowSettings {
    RowSettings {
        command: Some(RowCommand::Line(text.into())),
        ..RowSettings::default()
    }
}

#[test]
fn every_kind_of_job_has_the_variables_and_the_directory() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap();
    std::fs::write(place.join("here"), "found\n").unwrap();
    for (command, expected) in [
        ("printenv A", "x y\n"),
        ("sh -c 'echo \"$A\"'", "x y\n"),
        ("printenv A && cat here", "x y\nfound\n"),
        ("for i in 1; do echo \"$A\"; cat here; done", "x y\nfound\n"),
        ("A=own printenv A", "own\n"),
        ("cat here", "found\n"),
        ("@cat here", "found\n"),
        ("@cat here | cat", "found\n"),
        (
            "printenv PRUN_SEQ >&2; printenv PWD",
            place.to_str().unwrap(),
        ),
    ] {
        let settings = RowSettings {
            environment: vec![("A".into(), "x y".into()), ("PRUN_SEQ".into(), "0".into())],
            directory: Some(place.clone()),
            ..line(command)
        };
        let (outcome, printed) = run_with(settings);
        assert_eq!(outcome, Outcome::Exited(0), "{command}");
        assert_eq!(printed.trim_end(), expected.trim_end(), "{command}");
    }
}

#[test]
fn a_directory_that_is_not_there_fails_the_job() {
    let settings = RowSettings {
        directory: Some("no such place".into()),
        ..line("true")
    };
    let why = "cannot use the directory 'no such place': No such file or directory";
    assert_eq!(run_with(settings).0, Outcome::Refused(why.to_owned()));
}

#[test]
fn limits_of_the_row_go_before_those_of_the_run() {
    let settings = RowSettings {
        ok_codes: Some(vec![3, 4]),
        ..line("exit 4")
    };
    assert_eq!(run_with(settings).0, Outcome::Accepted(4));
    for command in ["sleep 60", "sleep 60; true"] {
        let settings = RowSettings {
            timeout: Some(RowTimeout::After(Duration::from_millis(50))),
            ..line(command)
        };
        assert_eq!(run_with(settings).0, Outcome::TimedOut(libc::SIGTERM));
    }
}

#[test]
fn without_a_command_of_its_own_a_row_has_that_of_the_run() {
    assert_eq!(run_with(RowSettings::default()).0, Outcome::Exited(1));
}

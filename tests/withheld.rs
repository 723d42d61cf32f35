//! `--retry-failed` runs no value as code that the run before has not.

use std::time::Duration;

use crate::support::{Output, Test, failed, records, say_skipped, tool};

/// The last record's `Exitval` and `Command`.
#[track_caller]
fn last(output: &Output) -> String {
    let log = std::fs::read_to_string(output.path("log")).expect("there is a log");
    let fields: Vec<&str> = log.lines().last().unwrap_or_default().split('\t').collect();
    format!("{}\t{}", fields[6], fields[8..].join("\t"))
}

/// Makes a log by a command that `LOG` stands in for `--joblog log` in, and then runs what
/// failed from it. Nothing makes a file `pwn`.
#[track_caller]
fn retried(command: &str, again: &str) -> Output {
    Test::new()
        .line(format!(
            "{{ {}\n{again} --retry-failed --joblog log; }} >out 2>err
             test ! -e pwn",
            command.replace("LOG", "--joblog log")
        ))
        .success()
}

const WITHHELD: &str = "126\tsh -c 'exit 126' 'not to be run as text: ";

#[test]
fn refused_jobs_are_not_run_from_a_log() {
    let mut line = [
        "prun LOG 'echo $(( <> ))' ::: 'a[$(touch pwn)]'",
        "prun LOG 'x=1\ncat <<E\n$(( <> ))\nE' ::: $'1\\nE\\ntouch pwn\\n'",
        "prun --gnu LOG -d '\\0' 'echo $(( {} ))' ::: $'x\\'\\ntouch pwn\\n'",
        "prun LOG --plain-values 'eval echo <>' ::: '$(touch pwn)'",
        "prun LOG --plain-values \"eval echo '<>'\" ::: \"'; touch pwn; '\" '\\'",
    ]
    .join("\n")
    .replace("LOG", "--quiet --joblog +log");
    let mut again = vec!["prun --quiet".to_owned(), "prun --gnu".to_owned()];
    for shell in ["dash", "bash", "zsh", "ksh93", "busybox"] {
        match tool(shell) {
            Some(path) => again.push(format!("prun --quiet --shell {}", path.display())),
            None => say_skipped(&format!("{shell} is not installed")),
        }
    }
    if tool("parallel").is_some() {
        again.push("PARALLEL_SHELL=/bin/dash parallel".to_owned());
        again.push("PARALLEL_SHELL=/bin/bash parallel".to_owned());
    }
    for again in &again {
        line.push_str(&format!("\n{again} --retry-failed --joblog log; "));
        line.push_str("test ! -e pwn || exit 9");
    }
    let output = Test::new()
        .line(line)
        .stdout_any()
        .stderr_any()
        .limit(Duration::from_secs(30))
        .success();
    let records = records(&output.path("log"));
    assert!(records.len() > 6);
    for record in records {
        let found = format!("{}\t{}", record[6], record[8]);
        assert!(found.starts_with(WITHHELD), "{found}");
    }
}

#[test]
fn a_refused_job_can_be_tried_again_through_its_check() {
    let not_integer =
        "prun: job 2: input 2 is not an integer where the shell calculates: 'it'\\''s'\n";
    let output = Test::new()
        .line(
            "prun -j1 --quiet --joblog log 'echo $(( <> ))' ::: 1 'it'\\''s'
             prun -j1 --retry-failed --joblog log
             prun -j1 --quiet --joblog log --resume 'echo $(( <> ))' ::: 1 'it'\\''s' 2
             prun -j1 --quiet --joblog log --resume-failed 'echo $(( <> ))' ::: 1 'it'\\''s' 2",
        )
        .stdout("1\n2\n")
        .stderr(format!(
            "{not_integer}\
             prun: job 2: the log has this command for reading only: run as text, its values \
             could become code; --resume-failed, with the command and its values, tries it again\n\
             {}{not_integer}{not_integer}",
            failed(
                "1 of 1",
                &["2: not started: sh -c 'exit 126' 'not to be run as text: echo $(( it\\x27s ))'"]
            )
        ))
        .status(1);
    let command = r"echo $(( it\x27s ))'";
    assert_eq!(last(&output), format!("{WITHHELD}{command}"));
}

#[test]
fn a_value_ends_no_document_of_a_log() {
    for command in [
        "prun LOG 'cat <<E; false\n<>\nE' ::: $'x\\nE\\ntouch pwn'",
        "prun LOG 'cat <<-E; false\n\t<>\n\tE' ::: $'x\\n\\tE\\ntouch pwn'",
        "prun LOG 'cat <<E; false\n$(echo <>)\nE' ::: $'x\\nE\\ntouch pwn'",
        "prun --gnu -d '\\0' LOG 'cat <<E; false\n$(echo {})\nE' ::: $'x\\nE\\ntouch pwn'",
        "prun LOG 'cat <<E; false\nE<>\ntouch pwn\nE' ::: ''",
        "prun --gnu LOG 'cat <<E; false\n{}\ntouch pwn\nE' ::: E",
    ] {
        for again in ["prun", "prun --shell sh"] {
            retried(command, again);
        }
    }
}

#[test]
fn a_program_is_no_builtin_when_it_is_run_again() {
    for command in [
        "prun -q LOG eval '<>' ::: 'touch pwn'",
        "prun LOG '<>' 'touch pwn' ::: eval",
        "prun LOG 'e<>' 'touch pwn' ::: val",
        "prun LOG '<>' f ::: @gzip",
        "prun LOG '<> f | false' ::: @gzip",
        "prun LOG @grep x '<>' ::: -f/etc/passwd",
        "prun LOG '@gzip -c <> | false' ::: --help",
    ] {
        let output = retried(command, "prun");
        assert!(last(&output).starts_with(WITHHELD), "{command}");
    }
}

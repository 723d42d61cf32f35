//! `--worker`: jobs that are messages to processes that live on.

use std::fs;

use crate::support::{Test, ends, failed, needed, records};

mod endings;
mod faults;
mod options;

/// A worker that does what each message says.
fn obeying(options: &[&str], messages: &[&str]) -> Test {
    let test = Test::new().args(["--worker", "-k", "-j1"]).args(options);
    test.args(["probe obey", ":::"]).args(messages)
}

#[test]
fn values_are_sent_and_answers_are_the_output() {
    Test::new()
        .args([
            "--worker", "-k", "--tag", "cat", ":::", "$a b", "'", "*", "",
        ])
        .stdout("$a b\t$a b\n'\t'\n*\t*\n\t\n")
        .success();
}

#[test]
fn values_are_joined_by_tabs() {
    Test::new()
        .args(["--worker", "-k", "-j2", "sed", "-u", "s/\\t/|/g"])
        .args([":::", "a b", "$c", ":::", "1", "2"])
        .stdout("a b|1\na b|2\n$c|1\n$c|2\n")
        .success();
}

#[test]
fn several_rows_are_one_message() {
    Test::new()
        .args(["--worker", "-k", "-j1", "-n2", "sed -u 's/\\t/|/g'"])
        .args([":::", "1", "2", "3"])
        .stdout("1|2\n3\n")
        .success();
}

#[test]
fn one_process_answers_all_jobs_of_a_slot() {
    let output = Test::new()
        .args(["--worker", "-k", "-j1", "probe obey"])
        .args([":::", "pid", "pid", "pid"])
        .stdout_any()
        .success();
    let pids: Vec<&str> = std::str::from_utf8(&output.stdout)
        .expect("numbers are text")
        .lines()
        .collect();
    assert_eq!(pids.len(), 3);
    assert!(pids.iter().all(|pid| *pid == pids[0]), "{pids:?}");
}

#[test]
fn each_slot_has_a_process() {
    Test::new()
        .args(["--worker", "-j3"])
        .arg("read x; probe meet . 3 && echo $x $PRUN_SLOT <%>")
        .args([":::", "a", "a", "a"])
        .stdout_lines_any_order(&["a 1 1", "a 2 2", "a 3 3"])
        .success();
}

#[test]
fn a_worker_is_started_again_after_its_number_of_jobs() {
    let output = Test::new()
        .args(["--worker", "-k", "-j1", "--worker-jobs", "2", "probe obey"])
        .args([":::", "pid", "pid", "pid", "pid", "pid"])
        .stdout_any()
        .success();
    let text = String::from_utf8(output.stdout).expect("numbers are text");
    let pids: Vec<&str> = text.lines().collect();
    assert_eq!(pids.len(), 5);
    assert_eq!((pids[0], pids[2]), (pids[1], pids[3]));
    assert!(pids[0] != pids[2] && pids[2] != pids[4] && pids[0] != pids[4]);
}

#[test]
fn what_is_said_on_stderr_belongs_to_the_job_that_runs() {
    Test::new()
        .args(["--worker", "-k", "-j1", "--tag", "probe obey"])
        .args([":::", "warn one", "halves two", "say three"])
        .stdout("warn one\twarned\nhalves two\ttwo\nsay three\tthree\n")
        .stderr("warn one\tone\nhalves two\thalf of two\n")
        .success();
}

#[test]
fn what_is_said_after_the_last_answer_is_printed() {
    Test::new()
        .args(["--worker", "cat; echo bye >&2", ":::", "1"])
        .stdout("1\n")
        .stderr("bye\n")
        .success();
}

#[test]
fn bytes_of_messages_and_answers_are_counted() {
    let output = obeying(&["--joblog", "log"], &["say abc", "bytes 70000"])
        .stdout_any()
        .success();
    assert_eq!(output.stdout.len(), 4 + 70001);
    let counts = |record: Vec<String>| [record[4].clone(), record[5].clone()];
    let counts: Vec<[String; 2]> = records(&output.path("log"))
        .into_iter()
        .map(counts)
        .collect();
    assert_eq!(counts, [["8", "4"], ["12", "70001"]]);
}

#[test]
fn an_answer_ends_with_a_line() {
    Test::new()
        .args(["--worker", "-k", "-j1", "--worker-end", "end"])
        .args(["while read x; do printf '%s\\nends\\n\\nend\\n' $x; done"])
        .args([":::", "1", "2"])
        .stdout("1\nends\n\n2\nends\n\n")
        .success();
}

#[test]
fn a_message_is_made_by_a_template() {
    Test::new()
        .args(["--worker", "-k", "-j1", "--worker-end", "."])
        .args(["--worker-send", "a <2> \\n\nb <1> <#>\n.", "cat"])
        .args([":::", "1", "2", ":::", "x"])
        .stdout("a x \\n\nb 1 1\na x \\n\nb 2 2\n")
        .success();
}

#[test]
fn nul_bytes_end_messages_and_answers() {
    Test::new()
        .args(["-0", "--worker", "-k", "-j1", "sed", "-uz", "s/^/x/"])
        .stdin("a\nb\0c\0")
        .stdout("xa\nbxc")
        .success();
}

#[test]
fn a_value_that_would_end_the_message_fails_its_job() {
    Test::new()
        .args([
            "--worker",
            "-k",
            "-j1",
            "-d",
            "\\0",
            "--quiet",
            "probe obey",
        ])
        .stdin("say a\0say b\nc\0say d\0")
        .stdout("a\nd\n")
        .stderr("prun: job 2: input 2 has a newline, which would end the message to the worker\n")
        .status(1);
}

#[test]
fn a_message_has_no_limit() {
    let value = "x".repeat(3 << 20);
    Test::new()
        .args(["--worker", "-k", "-j1", "probe obey"])
        .stdin(format!("length {value}\nsay b\n"))
        .stdout(format!("{}\nb\n", 3 << 20))
        .success();
}

#[test]
fn an_answer_has_no_limit() {
    let output = obeying(&[], &["bytes 9000000", "say b"])
        .stdout_any()
        .success();
    assert_eq!(output.stdout.len(), 9_000_001 + 2);
    assert!(output.stdout.ends_with(b"\nb\n"));
}

#[test]
fn real_programs_are_workers() {
    needed!("bc");
    Test::new()
        .args(["--worker", "-k", "--worker-send", "sqrt(<>)", "bc", "-l"])
        .args([":::", "4", "2"])
        .stdout("2.00000000000000000000\n1.41421356237309504880\n")
        .success();
}

#[test]
fn git_is_a_worker() {
    needed!("git");
    let line = "git init -q . && echo hi >f && git add f && \
        prun --worker -k --worker-send ':<>' git cat-file --batch-check ::: f nosuch";
    Test::new()
        .line(line)
        .stdout("45b983be36b73c0788dc9cbcb76cbb80fc7bb057 blob 3\n:nosuch missing\n")
        .success();
}

#[test]
fn exiftool_is_a_worker() {
    needed!("exiftool");
    Test::new()
        .file("a.txt", "hello\n")
        .file("b c.txt", "")
        .args(["--worker", "-k", "--worker-end", "{ready}"])
        .args(["--worker-send", "-s3\n-FileName\n-FileSize\n<>\n-execute\n"])
        .args(["exiftool", "-stay_open", "True", "-@", "-"])
        .args([":::", "a.txt", "b c.txt"])
        .stdout("a.txt\n6 bytes\nb c.txt\n0 bytes\n")
        .success();
}

#[test]
fn python_and_jq_are_workers() {
    needed!("python3");
    needed!("jq");
    Test::new()
        .file(
            "double.py",
            "import sys\nfor line in sys.stdin:\n    print(2 * int(line))\n",
        )
        .args(["--worker", "-k", "python3", "-u", "double.py"])
        .args([":::", "1", "21"])
        .stdout("2\n42\n")
        .success();
    Test::new()
        .args(["--worker", "-k", "jq", "--unbuffered", "-c", ".a"])
        .args([":::", "{\"a\":1}", "{\"a\":[2, 3]}"])
        .stdout("1\n[2,3]\n")
        .success();
}

#[test]
fn jobs_of_workers_are_retried() {
    let options = ["--retries", "2", "--joblog", "log"];
    let output = obeying(&options, &["say a", "exit 3", "say c"])
        .stdout("a\nc\n")
        .stderr(failed(
            "1 of 3",
            &["2: exit 3 after 2 tries: printf '%s\\n' 'exit 3' | probe obey"],
        ))
        .status(1);
    assert_eq!(ends(&output.path("log")), ["1 0 0", "2 3 0", "3 0 0"]);
}

#[test]
fn answers_are_kept_in_files() {
    Test::new()
        .args(["--worker", "--results", "out", "probe obey"])
        .args([":::", "say a", "warn b"])
        .check_file("out/1/say a/stdout", "a\n")
        .check_file("out/1/warn b/stderr", "b\n")
        .success();
}

#[test]
fn a_message_is_sent_again_by_resume() {
    let run =
        |inputs: &str| format!("prun --worker -k --joblog log --resume probe obey ::: {inputs}");
    let first = run("'say a' 'say b'");
    let second = run("'say b' 'say c' 'say a'");
    Test::new()
        .line(format!("{first}; {second}"))
        .stdout("a\nb\nc\n")
        .success();
}

#[test]
fn the_temporary_directory_of_a_template_file_goes_with_its_job() {
    let output = Test::new()
        .file("conf", "value <>\n")
        .args(["--worker", "-k", "--tmpl", "conf=conf.<#>", "--cleanup"])
        .args(["--worker-send", "conf.<#>"])
        .args([
            "while read -r name; do cat \"$name\"; done",
            ":::",
            "1",
            "2",
        ])
        .stdout("value 1\nvalue 2\n")
        .success();
    assert!(!output.path("conf.1").exists());
    assert!(fs::exists(output.path("conf")).is_ok_and(|exists| exists));
}

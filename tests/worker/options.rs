//! Options beside `--worker`.

use crate::support::Test;

#[test]
fn what_would_be_done_can_be_pasted() {
    Test::new()
        .line(
            "prun --dry-run --worker --worker-send 'sqrt(<>)' bc -l ::: 4 9 >script; cat script; \
             prun --dry-run -0 --worker 'sed -uz s/^/x/; true' ::: 'a b'",
        )
        .stdout(
            "printf '%s\\n' 'sqrt(4)' | bc -l\nprintf '%s\\n' 'sqrt(9)' | bc -l\n\
             printf '%s\\0' 'a b' | (sed -uz s/^/x/; true)\n",
        )
        .success();
}

#[test]
fn commands_are_printed_with_their_messages() {
    Test::new()
        .args(["--worker", "-v", "-j1", "cat", ":::", "a", "b"])
        .stdout("printf '%s\\n' a | cat\na\nprintf '%s\\n' b | cat\nb\n")
        .success();
}

#[test]
fn the_command_of_a_worker_is_the_same_for_all_jobs() {
    let hint = "hint: --worker-send TEXT sends it for each job: \
        prun --worker --worker-send 'sqrt(<>)' bc -l ::: 2 3\n";
    for (command, what) in [("bc <>", "a value"), ("bc <#>", "the number of the job")] {
        Test::new()
            .args(["--worker", command, ":::", "1"])
            .stderr(format!(
                "prun: the command of a worker is started once, and cannot have {what} in it\n{hint}"
            ))
            .status(255);
    }
}

#[test]
fn options_of_workers_need_one() {
    for option in [
        ["--worker-send", "a"],
        ["--worker-end", "b"],
        ["--worker-jobs", "3"],
    ] {
        let [name, value] = option;
        Test::new()
            .args(option)
            .args(["cat", ":::", "1"])
            .stderr(format!(
                "prun: {name} needs --worker\nhint: prun {name} {value} --worker cat ::: 1\n"
            ))
            .status(255);
    }
}

#[test]
fn what_cannot_be_a_worker_is_refused() {
    let cases: [(&[&str], &str); 12] = [
        (&["@upper"], "--worker needs a program"),
        (&[], "--worker needs a command"),
        (&["--pipe", "cat"], "--worker and --pipe cannot go together"),
        (
            &["--dry-run", "--tty", "cat"],
            "--worker and --tty cannot go together",
        ),
        (&["-u", "cat"], "--worker and --ungroup cannot go together"),
        (
            &["--cgroup", "cat"],
            "--worker and --cgroup cannot go together",
        ),
        (
            &["--job-mem", "1G", "cat"],
            "--worker and --job-mem cannot go together",
        ),
        (&["-X", "cat"], "--worker and -X cannot go together"),
        (
            &["--leak", "wait", "cat"],
            "--worker and --leak cannot go together",
        ),
        (
            &["--ok-codes", "3", "cat"],
            "--worker and --ok-codes cannot go together",
        ),
        (
            &["--total", "cat"],
            "--worker and --total cannot go together",
        ),
        (
            &["-0", "--worker-end", "x", "cat"],
            "--worker-end and --null cannot go together",
        ),
    ];
    for (args, message) in cases {
        Test::new()
            .arg("--worker")
            .args(args)
            .args([":::", "1"])
            .stderr_has(format!("prun: {message}"))
            .stderr_has("\nhint: ")
            .status(255);
    }
}

#[test]
fn a_worker_has_one_directory() {
    Test::new()
        .args(["--worker", "--wd", "<>", "cat", ":::", "1"])
        .stderr_has("prun: a worker has one directory, and --workdir names one for each job\n")
        .status(255);
    Test::new()
        .args(["--worker", "--wd", "there", "pwd; cat", ":::", "1"])
        .stdout_has("/work/there\n")
        .stderr_any()
        .any_status();
}

#[test]
fn an_end_of_answers_is_one_line() {
    Test::new()
        .args(["--worker", "--worker-end", "a\nb", "cat", ":::", "1"])
        .stderr(
            "prun: --worker-end has a newline: no line can be that\n\
             hint: --worker-end TEXT names one line\n",
        )
        .status(255);
}

#[test]
fn an_entry_with_a_command_of_its_own_is_not_sent() {
    Test::new()
        .line(
            "prun --queue q --put ::: a && prun --queue q --put 'echo <>' ::: b && \
             prun --queue q --worker -k -j1 --quiet cat",
        )
        .stdout("a\n")
        .stderr("prun: job 2: input 2 has a command of its own, which no worker runs\n")
        .status(1);
}

#[test]
fn an_entry_of_another_directory_is_not_sent() {
    Test::new()
        .line(
            "mkdir other && (cd other && prun --queue ../q --put ::: a) && \
             prun --queue q --put ::: b && prun --queue q --worker -k -j1 --quiet cat",
        )
        .stdout("b\n")
        .stderr("prun: job 1: input 1 has a directory of its own, and the worker another one\n")
        .status(1);
}

#[test]
fn a_tab_is_no_part_of_one_of_several_values() {
    Test::new()
        .args(["--worker", "--quiet", "-k", "-j1", "cat"])
        .args([":::", "a\tb", "a", ":::", "c"])
        .stdout("a\tc\n")
        .stderr(
            "prun: job 1: input 1 has a tab, which would end the value in the message to the \
             worker (--worker-send TEXT says how values are sent)\n",
        )
        .status(1);
    Test::new()
        .args(["--worker", "--worker-send", "<1>\t<2>", "cat"])
        .args([":::", "a\tb", ":::", "c"])
        .stdout("a\tb\tc\n")
        .success();
    Test::new()
        .args(["--worker", "cat", ":::", "a\tb"])
        .stdout("a\tb\n")
        .success();
}

#[test]
fn a_worker_without_input_is_an_error() {
    Test::new()
        .args(["--worker", "cat"])
        .stderr(
            "prun: there is no input: nothing is on standard input\n\
             hint: values are given by ::: VALUE..., :::: FILE or a pipe; -r if there may be none\n",
        )
        .status(255);
}

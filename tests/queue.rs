//! `--queue`: jobs in a file that several runs share.

use std::fs;

use crate::support::{Output, Test, failed, interrupted, records};

/// Runs a line of bash in which `q` stands for `prun --queue Q`.
pub(crate) fn queue(line: &str) -> Test {
    Test::new().line(format!("q() {{ prun --queue Q \"$@\"; }}; {line}"))
}

/// The line that `--queue-status --json` prints.
pub(crate) fn counts(waiting: u32, running: u32, done: u32, failed: u32) -> String {
    format!("{{\"waiting\":{waiting},\"running\":{running},\"done\":{done},\"failed\":{failed}}}\n")
}

#[track_caller]
fn commands(output: &Output, log: &str) -> Vec<String> {
    let records = records(&output.path(log));
    let mut commands: Vec<_> = records.iter().map(|fields| fields[8].clone()).collect();
    commands.sort();
    commands
}

#[test]
fn what_was_put_is_run_once() {
    queue("q --put 'echo \"<>\"' ::: a 'b  c' $'d\\ne'; q -k; q; q --queue-status --json")
        .stdout(format!("a\nb  c\nd\ne\n{}", counts(0, 0, 3, 0)))
        .success();
}

#[test]
fn a_status_is_four_numbers() {
    queue("q --put ::: true false 'exit 7'; q --queue-status; q --quiet; q --queue-status")
        .stdout("waiting 3\nrunning 0\ndone 0\nfailed 0\nwaiting 0\nrunning 0\ndone 1\nfailed 2\n")
        .success();
}

#[test]
fn an_entrys_own_command_wins_and_others_have_the_takers() {
    let put =
        "q --put 'echo own <> <#>' ::: a; q --put ::: b; q --put 'echo two <2> <1>' ::: c ::: d";
    queue(&format!("{put}; q -k 'echo taker <>'"))
        .stdout("own a 1\ntaker b\ntwo d c\n")
        .success();
    // Without any command, values are the command line.
    queue("q --put ::: 'echo a  b' 'x=c; echo $x'; q -k")
        .stdout("a b\nc\n")
        .success();
}

#[test]
fn values_are_data() {
    let values = "$'\\xff' '$(touch ran)' '`touch ran`' \"a'b\" ' ' ''";
    let printed = b"\xff|$(touch ran)|`touch ran`|a'b| ||";
    for line in [
        "q --put \"printf '%s|' <>\" ::: $VALUES; q -k",
        "q --put ::: $VALUES; q -k \"printf '%s|' <>\"",
        "q --put printf '%s|' ::: $VALUES; q -k",
    ] {
        queue(&line.replace("$VALUES", values))
            .stdout(printed)
            .success();
    }
}

#[test]
fn a_putters_shell_goes_with_the_command() {
    queue(
        "q --shell bash --put 'echo ${0##*/} ${BASH_VERSION:+bash} <>' ::: a
         PRUN_SHELL='bash -u' q --put 'echo $- <>' ::: b; q -k --shell sh | grep -c u",
    )
    .stdout("1\n")
    .success();
    queue("q --shell bash --put 'echo ${BASH_VERSION:+bash} <>' ::: a; q --shell sh")
        .stdout("bash a\n")
        .success();
    queue("q --shell nosuchshell --put 'echo <>' ::: a")
        .stderr_has("cannot use the shell 'nosuchshell'")
        .status(255);
}

#[test]
fn jobs_run_where_they_were_put() {
    let output = queue(
        "mkdir 'a b' c; cd 'a b'; prun --queue ../Q --put 'pwd; echo $PWD; touch <>' ::: x; cd ../c
         prun --queue ../Q",
    )
    .stdout_any()
    .success();
    assert!(output.path("a b/x").exists());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let here = output.path("a b").canonicalize().expect("it is there");
    assert_eq!(text, format!("{0}\n{0}\n", here.display()));
}

#[test]
fn a_directory_that_is_gone_fails_its_job_alone() {
    let output = queue(
        "mkdir d; (cd d; prun --queue ../Q --put echo ::: a); rmdir d; q --put echo ::: b
         q -k 2>err; echo $?; q --queue-status --json",
    )
    .stdout(format!("b\n1\n{}", counts(0, 0, 1, 1)))
    .success();
    let err = fs::read_to_string(output.path("err")).expect("it was written");
    let directory = output.path("d");
    assert!(
        err.contains(&format!(
            "cannot use the directory '{}': No such file or directory",
            directory.display()
        )),
        "{err}"
    );
}

#[test]
fn higher_priorities_go_first_and_equals_by_order() {
    queue(
        "q --put echo ::: a b; q --put --priority 5 echo ::: c d; q --put --priority -5 echo ::: e
         q --put --priority 5 echo ::: f; q -j1",
    )
    .stdout("c\nd\nf\na\nb\ne\n")
    .success();
}

#[test]
fn a_failed_entry_stays_until_it_is_asked_for() {
    let line = "q --put 'test -e ok && echo <>' ::: a; q --quiet; echo $?; q; echo $?
        touch ok; q --retry-failed; echo $?; q --queue-status --json";
    queue(line)
        .stdout(format!("1\n0\na\n0\n{}", counts(0, 0, 1, 0)))
        .success();
}

#[test]
fn only_the_end_of_the_last_attempt_counts() {
    queue(
        "q --put 'echo x >>runs; test $(wc -l <runs) = 3 && echo <>' ::: a; q --retries 3
         q --queue-status --json; q --put false ::: b; q --quiet --retries 2
         q --queue-status --json",
    )
    .stdout(format!("a\n{}{}", counts(0, 0, 1, 0), counts(0, 0, 1, 1)))
    .success();
}

#[test]
fn log_order_tags_results_and_events_are_as_ever() {
    let output = queue(
        "q --put 'echo <>' ::: a b; q -k --joblog log --results out --events events; cat out/1/*/stdout",
    )
    .stdout_any()
    .success();
    assert_eq!(commands(&output, "log"), ["echo a", "echo b"]);
    queue("q --put 'test <> = 1 && probe await go; touch go; echo <>' ::: 1 2; q -j2 -k --tag")
        .stdout("1\t1\n2\t2\n")
        .success();
    queue(
        "q --put 'exit <>' ::: 3; q --put false ::: x; q -j1 --halt soon,fail=1; echo $?
           q --queue-status --json",
    )
    .stdout(format!("3\n{}", counts(1, 0, 0, 1)))
    .stderr(failed(
        "1 of 1, rest of the input not read",
        &["1: exit 3: exit 3"],
    ))
    .success();
}

#[test]
fn a_time_limit_is_a_failure() {
    queue("q --put 'probe linger; : <>' ::: a; q --quiet --timeout 0.1; q --queue-status --json")
        .stdout(counts(0, 0, 0, 1))
        .success();
}

#[test]
fn one_taker_has_an_entry_and_leaves_the_rest_to_others() {
    // Each taker waits for the job of the other one.
    queue(
        "q --put 'touch at.<>; test <> = 1 && probe await at.2; probe await at.1; echo <>' ::: 1 2
         q -j1 >one & q -j1 >two; wait; sort one two; q --queue-status --json",
    )
    .stdout(format!("1\n2\n{}", counts(0, 0, 2, 0)))
    .success();
}

#[test]
fn a_job_may_put_more() {
    queue(
        "export -f q; q --put 'echo <>; test <> = 4 || q --put ./more ::: $((<>+1))' ::: 1
         printf '#!/bin/bash\necho more $1; test $1 = 4 || q --put ./more ::: $(($1+1))' >more
         chmod +x more; q -j3 | sort -s -k2; q --queue-status --json",
    )
    .stdout(format!("1\nmore 2\nmore 3\nmore 4\n{}", counts(0, 0, 4, 0)))
    .success();
}

#[test]
fn a_follower_waits_for_more() {
    queue(
        "prun --queue Q --follow 'echo <>; touch seen.<>' >out & probe await Q-takers/1
         for n in 1 2 3; do q --put ::: $n; probe await seen.$n; done
         kill -HUP %1; { wait %1; } 2>/dev/null; echo $?; cat out; ls Q-takers; q --queue-status --json",
    )
    .stdout(format!("129\n1\n2\n3\nadded\ntaken\n{}", counts(0, 0, 3, 0)))
    .stderr(interrupted("SIGHUP", 0, "the rest not started"))
    .success();
}

#[test]
fn a_waiting_taker_does_nothing() {
    // A context switch is what any look at the queue would take.
    queue(
        "prun --queue Q --follow cat & F=$!; probe await Q-takers/1
         s() { cat /proc/$F/task/*/status | grep ctxt; }
         until b=$(s); test \"$a\" = \"$b\"; do a=$b; sleep .1; done
         sleep .5; test \"$(s)\" = \"$b\" && echo asleep; kill $F; wait",
    )
    .stdout("asleep\n")
    .stderr(interrupted("SIGTERM", 0, "the rest not started"))
    .success();
}

#[test]
fn a_full_queue_makes_putters_wait() {
    queue(
        "q --put :::; seq 5 | q --put --queue-max 2 & one=$!
         until q --queue-status | grep -q 'waiting 2'; do :; done; q --queue-status --json
         seq 6 9 | q --put --queue-max 2 & two=$!
         prun --queue Q -k --follow 'echo <>; test <> != 9 || touch all' >out & F=$!
         probe await all; wait $one && wait $two; echo $?; kill -HUP $F; { wait $F; } 2>/dev/null
         sort out; q --queue-status --json",
    )
    .stdout(format!(
        "{}0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n{}",
        counts(2, 0, 0, 0),
        counts(0, 0, 9, 0)
    ))
    .stderr(interrupted("SIGHUP", 0, "the rest not started"))
    .success();
}

#[test]
fn what_comes_slowly_is_put_as_it_comes() {
    queue(
        "mkfifo pipe; q --put <pipe & exec 3>pipe; echo a >&3
         until q --queue-status 2>&- | grep -q 'waiting 1'; do :; done; q 'echo <>'
         echo b >&3; exec 3>&-; wait %1; echo $?; q 'echo <>'",
    )
    .stdout("a\n0\nb\n")
    .success();
}

#[test]
fn what_a_taker_had_waits_again_when_it_is_killed() {
    queue(
        "q --put 'echo <>; test -e second || { touch first; exec probe linger; }' ::: a
         prun --queue Q --follow & F=$!; probe await first; q --queue-status --json
         prun --queue Q --follow >out & probe await Q-takers/2; touch second; kill -9 $F; { wait $F; } 2>&-
         until grep -q a out; do :; done; kill -HUP %2; wait %2; q --queue-status --json",
    )
    .stdout(format!("{}{}", counts(0, 1, 0, 0), counts(0, 0, 1, 0)))
    .stderr_any()
    .success();
    // Without anybody who follows, they wait for the next one.
    queue(
        "q --put 'echo <>; test -e second || { touch first; exec probe linger; }' ::: a b
         prun --queue Q -j2 & F=$!; probe await first; kill -9 $F; { wait $F; } 2>&-; touch second
         q --queue-status --json; q -k; q --queue-status --json; ls Q-takers",
    )
    .stdout(format!(
        "{}a\nb\n{}added\ntaken\n",
        counts(2, 0, 0, 0),
        counts(0, 0, 2, 0)
    ))
    .stderr_any()
    .success();
}

#[test]
fn what_a_signal_or_a_halt_stops_waits_again() {
    queue(
        "mkdir m; q --put 'test <> = 1 || exec probe linger; probe meet m 2; exit 3' ::: 1
         q --put 'probe meet m 2; : <>; exec probe linger' ::: 2 3
         q -j2 --quiet --halt now,fail=1; echo $?; q --queue-status --json",
    )
    .stdout(format!("3\n{}", counts(2, 0, 0, 1)))
    .stderr_any()
    .success();
}

#[test]
fn output_that_is_lost_marks_nothing() {
    queue("q --put echo ::: a b; q >/dev/full; echo $?; q --queue-status --json; q -k")
        .stdout(format!("255\n{}a\nb\n", counts(2, 0, 0, 0)))
        .stderr("prun: cannot write standard output: No space left on device\n")
        .success();
    queue("q --put 'echo <>' ::: a; q --joblog /dev/full; echo $?; q --queue-status --json")
        .stdout_has(counts(1, 0, 0, 0))
        .stderr_any()
        .success();
}

#[test]
fn inputs_are_put_as_they_would_be_run() {
    queue(
        "q --put --link 'echo <2><1>' ::: a b ::: 1 2; printf 'x,y\n' | q --put --csv 'echo <2>'
         printf 'r\\0s' | q --put -0 'echo <>'; q --put -n2 ::: t u v; q --put --dry-run 'echo <>' ::: w
         q -k echo",
    )
    .stdout("echo w\n1a\n2b\ny\nr\ns\nt u\nv\n")
    .success();
}

#[test]
fn no_input_puts_nothing() {
    queue("q --put echo :::; echo $?; q --put --fail-if-empty echo :::; echo $?; q --queue-status --json")
        .stdout(format!("0\n255\n{}", counts(0, 0, 0, 0)))
        .stderr("prun: there is no input\n")
        .success();
    queue("q --put :::; q --fail-if-empty; echo $?")
        .stdout("255\n")
        .stderr("prun: there is no input\n")
        .success();
}

#[test]
fn a_queue_is_found_by_any_name() {
    queue(
        "mkdir d; ln -s d/real Q; q --put echo ::: a; ls d; prun --queue d/real
         ln -s Q other; prun --queue other --queue-status --json; q --put echo ::: b
         cd d; prun --queue ../other; touch empty; prun --queue empty --put ::: a
         prun --queue file:x --put echo ::: c; ls file:x; prun --queue file:x",
    )
    .stdout(format!(
        "real\nreal-takers\na\n{}b\nfile:x\nc\n",
        counts(0, 0, 1, 0)
    ))
    .success();
}

#[test]
fn takers_of_a_queue_that_was_removed_are_no_takers_of_the_next() {
    queue(
        "q --put 'touch old; probe await leave' ::: x; prun --queue Q 2>err & F=$!; probe await old
         rm Q Q-wal Q-shm; q --put 'touch new; probe await second; echo ran <> >>ran' ::: x
         prun --queue Q & probe await new; touch leave; wait $F
         q --queue-status --json; prun --queue Q & touch second; wait; cat ran; ls Q-takers",
    )
    .stdout(format!("{}ran x\nadded\ntaken\n", counts(0, 1, 0, 0)))
    .success();
}

//! `--pipe` and `--pipepart` when something goes wrong: jobs that read nothing, input that
//! changes, limits of the system.

use crate::support::{Test, pattern};

/// Lines of 16 bytes, more than all pipes and blocks in memory hold.
const LONG: usize = 8_000_000;

/// What a worker that ends too early is told by.
fn left(workers: &str) -> String {
    format!(
        "prun: {workers} ended with input left\nhint: read all of the input: 'head -1; cat >/dev/null'\n"
    )
}

#[test]
fn a_worker_that_ends_with_input_left_is_an_error_and_others_go_on() {
    let line = |order| {
        format!(
            "cat input | prun --pipe --round-robin {order} -j3 --block 100k 'if [ <#> = 2 ]; then head -c1 >/dev/null; exec <&-; : >dead; else probe await dead; cat >out.<#>; fi'
             echo $?; tail -c16 -q out.1 out.3 | sort | tail -n1"
        )
    };
    for order in ["", "-k"] {
        let input = pattern(LONG);
        let last = String::from_utf8(input[LONG - 16..].to_vec()).unwrap();
        let test = Test::new().file("input", &input).line(line(order));
        test.stdout(format!("255\n{last}"))
            .stderr(left("worker 2"))
            .success();
    }
    let test = Test::new().file("input", pattern(LONG));
    test.line("cat input | prun --pipe --round-robin -j2 --block 100k 'head -c1 >/dev/null'")
        .stderr(left("workers 1, 2"))
        .status(255);
}

#[test]
fn what_a_worker_leaves_in_its_pipe_is_left_too() {
    for mode in ["--round-robin", "--round-robin -k"] {
        let line = format!(
            "{{ seq 3; probe await dead; }} | prun --pipe --recend '' --block 6 {mode} -j1 'head -c1 >/dev/null; exec <&-; : >dead'"
        );
        let test = Test::new().line(line);
        test.stderr(left("worker 1")).status(255);
    }
}

#[test]
fn one_dead_reader_of_all_leaves_the_others_theirs() {
    let test = Test::new().file("input", pattern(LONG));
    test.line(
        "cat input | prun --pipe --tee -k '[ <> != 2 ] || exit 0; cat | cmp - input' ::: 1 2 3",
    )
    .success();
}

#[test]
fn a_halt_is_not_followed_by_an_error_of_stopped_workers() {
    for mode in ["--round-robin", "--round-robin -k", "--shard 1", "--bin 1"] {
        for input in ["cat input |", "<input"] {
            let line = format!(
                "{input} prun --pipe {mode} -j3 --quiet --halt now,fail=1 'if [ <#> = 2 ]; then exit 7; fi; exec sleep 99'"
            );
            let test = Test::new().file("input", pattern(LONG)).line(line);
            test.status(7);
        }
    }
}

#[test]
fn jobs_that_must_run_at_once_say_that_files_are_short() {
    for (line, said) in [
        (
            "ulimit -n 64; prun --pipe --tee 'wc -l; : <>' ::: $(seq 40) <input",
            "prun: cannot run all 40 jobs at once: only 64 files can be open\nhint: ulimit -n 432\n",
        ),
        (
            "ulimit -n 64; prun --pipe 'wc -l; : <>' ::: $(seq 40) <input",
            "prun: cannot run all 40 jobs at once: only 64 files can be open\nhint: ulimit -n 432\n",
        ),
        (
            "prun --pipe -j2 --tee 'wc -l; : <>' ::: 1 2 3 <input",
            "prun: jobs that share the input run at once: 3 of them, and 2 may run\nhint: give -j 3, or leave -j out\n",
        ),
    ] {
        let test = Test::new().file("input", pattern(LONG)).line(line);
        test.stderr(said).status(255);
    }
}

#[test]
fn fewer_workers_run_where_files_are_short() {
    for mode in ["--round-robin", "--round-robin -k", "--shard 1"] {
        let line = format!(
            "ulimit -n 64; cat input | prun --pipe {mode} -j40 wc -c | {{ read a; read b; read c; read d; echo $((a+b+c+d)); }}"
        );
        let test = Test::new().file("input", pattern(LONG)).line(line);
        test.stdout(format!("{LONG}\n"))
            .stderr("prun: warning: running 4 at once instead of 40 jobs: only 64 files can be open\nhint: ulimit -n 312\n")
            .success();
    }
}

#[test]
fn without_a_place_for_files_jobs_that_must_run_at_once_do_not_hang() {
    for (mode, values) in [("--tee", "::: 1 2 3"), ("--round-robin -k -j3", "")] {
        let line = format!(
            "yes | head -c 100M | prun --pipe {mode} 'cat; : <>' {values} | wc -c; echo ${{PIPESTATUS[2]}}"
        );
        let test = Test::new().env("TMPDIR", "/nonexistent").line(line);
        test.stdout_any()
            .stderr_has(
                "no room for temporary files\nhint: --tmpdir DIR names a place with more room\n",
            )
            .success();
    }
}

use std::time::Duration;

use crate::support::Test;

/// Prints more than waits in memory for one job, and leaves a file when it has.
const LOUD: &str = "head -c 240000 /dev/zero; : >done/<>";

/// Succeeds once so many files are in `done`.
const ENOUGH: &str = "mkdir -p done; until [ $(ls done | wc -l) -ge 100 ]; do sleep .01; done";

#[test]
fn a_retried_job_runs_though_others_wait_for_its_turn_in_memory() {
    let job = format!("if [ <> = 1 ]; then {ENOUGH}; exit 1; else {LOUD}; fi");
    Test::new()
        .env("TMPDIR", "/nonexistent")
        .line(format!(
            "mkdir done; prun --quiet -k -j8 --retries 2 '{job}' ::: $(seq 200) | wc -c; echo ${{PIPESTATUS[0]}}"
        ))
        .stdout(format!("{}\n1\n", 199 * 240_000))
        .success();
}

#[test]
fn without_a_place_for_files_nothing_is_lost() {
    for order in ["", "-k"] {
        Test::new()
            .env("TMPDIR", "/nonexistent")
            .line(format!(
                "prun {order} -j4 'head -c 1000000 /dev/zero; head -c 700000 /dev/zero >&2; : <>' \
                 ::: 1 2 3 4 5 6 2>err | wc -c; wc -c <err"
            ))
            .stdout("6000000\n4200000\n")
            .success();
    }
}

#[test]
fn whoever_asks_three_times_does_not_wait_for_a_reader_that_has_stopped() {
    Test::new()
        .line(
            "mkfifo out; exec 3<>out
             prun -j1 ': >up; yes; : <>' ::: 1 >out & prun=$!
             probe await up
             for ask in 1 2 3; do kill -TERM $prun; sleep .2; done
             wait $prun; echo $?",
        )
        .stdout("143\n")
        .stderr_any()
        .success();
}

#[test]
fn jobs_wait_for_a_reader_that_has_stopped_and_all_run() {
    Test::new()
        .limit(Duration::from_secs(20))
        .line(
            "ulimit -n 64; prun -j2 'head -c 300000 /dev/zero; : <>' ::: $(seq 100) |
             { sleep 3; wc -c; }; echo ${PIPESTATUS[0]}",
        )
        .stdout("30000000\n0\n")
        .stderr_any()
        .success();
}

#[test]
fn a_display_may_stand_over_a_line_that_does_not_end() {
    Test::new()
        .terminal(10, 60)
        .args(["-k", "-j2", "--bar"])
        .arg("if [ <> = 1 ]; then probe await go; else printf 'a\\n'; head -c 900000 /dev/zero | tr '\\0' x; : >go; fi")
        .args([":::", "1", "2"])
        .stdout_has("a\nxxx")
        .success();
}

//! Killed processes, signals, and directories that are not one's own.

use super::*;
use crate::support::{is_full, skip, works};

#[test]
fn a_job_has_the_semaphore_though_prun_was_killed() {
    for way in ["--fg", "--bg"] {
        line(&format!(
            "lock {way} 'echo $PPID >supervisor; : >up; probe await go; echo done >>log' &\n\
             probe await up; kill -9 $(cat supervisor); wait 2>/dev/null\n\
             lock --st -0 true 2>/dev/null; echo $?\n\
             lock --fg 'echo next >>log' & lock --fg 'echo next >>log' & : >go; wait; cat log"
        ))
        .stdout("1\ndone\nnext\nnext\n")
        .stderr_any()
        .success();
    }
}

/// Processes are killed at any moment. The jobs try a lock of their own, which is always free if
/// no two are inside at once. They give it back themselves: the kernel may release the semaphore of
/// a process that is exiting, and whose prun is dead, before its other files.
#[test]
fn no_death_lets_two_in_or_keeps_all_out() {
    needed!("flock");
    let rounds = if is_full() { 1000 } else { 50 };
    for slots in [1, 2] {
        let locks: Vec<String> = (0..slots)
            .map(|n| format!("{{ exec 9>j{n} && flock -n 9; }}"))
            .collect();
        let job = format!(
            "{} || echo overlap >>bad; echo ran >>log; exec 9>&-",
            locks.join(" || ")
        );
        let script = format!(
            "job='{job}'\n\
             for round in $(seq {rounds}); do\n\
             pids=()\n\
             for way in --fg --bg --fg; do\n\
             prun --semaphore --id x -j{slots} $way \"$job\" 2>/dev/null & pids+=($!)\n\
             done\n\
             for i in $(seq $((RANDOM % 200))); do :; done\n\
             kill -9 ${{pids[RANDOM % 3]}} 2>/dev/null\n\
             pgrep -s 0 -x prun | shuf -n1 | xargs -r kill -9 2>/dev/null\n\
             wait\n\
             done 2>/dev/null\n\
             lock --wait; cat bad 2>/dev/null; [ $(wc -l <log) -gt {rounds} ] && echo some ran"
        );
        line(&script)
            .limit(Duration::from_secs(300))
            .stdout("some ran\n")
            .stderr_any()
            .success();
    }
}

/// A counter in a file, which each job reads and then writes.
#[test]
fn no_update_of_a_counter_is_lost() {
    let rounds = if is_full() { 2000 } else { 200 };
    line(&format!(
        "echo 0 >count\n\
         job='read n <count; echo $((n + 1)) >new; mv new count; echo $((n + 1)) >>log'\n\
         for round in $(seq {rounds}); do\n\
         pids=()\n\
         for way in --fg --bg --fg; do\n\
         prun --semaphore --id x $way \"$job\" 2>/dev/null & pids+=($!)\n\
         done\n\
         for i in $(seq $((RANDOM % 300))); do :; done\n\
         kill -9 ${{pids[RANDOM % 3]}} 2>/dev/null\n\
         wait\n\
         done 2>/dev/null\n\
         lock --wait; seq $(cat count) | cmp - log && [ $(cat count) -ge {rounds} ] && echo exact"
    ))
    .limit(Duration::from_secs(300))
    .stdout("exact\n")
    .stderr_any()
    .success();
}

#[test]
fn signals_are_passed_on() {
    let job = "trap 'echo term' TERM; trap 'echo usr1' USR1; : >up; while :; do sleep 0.01; done";
    let child = test().args(["--semaphore", "--fg", job]).start();
    child.wait_for_file("up");
    child.signal(Signal::USR1);
    child.wait_for_stdout("usr1\n");
    child.signal(Signal::TERM);
    child.wait_for_stdout("term\n");
    // The second one kills.
    child.signal(Signal::INT);
    // The shell says so when its sleep has ended.
    let child = child.stdout("usr1\nterm\n").stderr_any();
    child.signaled(Signal::TERM);
}

#[test]
fn a_job_that_does_not_end_is_killed_after_the_grace() {
    let job = "trap '' INT; : >up; while :; do sleep 0.01; done";
    let child = test().args(["--semaphore", "--fg", job]).start();
    child.wait_for_file("up");
    child.signal(Signal::INT);
    child.signaled(Signal::INT);
}

#[test]
fn after_a_hangup_the_job_can_finish() {
    let child = test()
        .args(["--semaphore", "--fg", ": >up; probe await go; echo done"])
        .start();
    child.wait_for_file("up");
    child.signal(Signal::HUP);
    fs::write(child.path("go"), "").expect("the directory is ours");
    child.stdout("done\n").signaled(Signal::HUP);
}

#[test]
fn a_key_ends_the_command_and_whoever_called_prun() {
    let mut child = line("prun --fg 'trap \"echo key; exit 3\" INT; echo up; while :; do sleep 0.01; done'; echo $?; prun --fg 'echo up2; exec sleep 60'; echo not reached")
        .terminal(24, 80)
        .start();
    child.wait_for_stdout("up\n");
    child.feed(b"\x03");
    child.wait_for_stdout("up2\n");
    child.feed(b"\x03");
    child
        .stdout_has("key\n3\n")
        .stdout_any()
        .signaled(Signal::INT);
}

#[test]
fn a_command_in_the_background_that_wants_the_terminal_is_ended() {
    let child = line("prun --semaphore 'cat </dev/tty'; prun --wait; echo end")
        .terminal(24, 80)
        .start();
    child
        .stdout(
            "prun: the command wanted the terminal, and was killed\n\
             hint: --fg lets it have the terminal\nend\n",
        )
        .success();
}

#[test]
fn locks_are_kept_in_a_directory_that_is_ones_own() {
    let own = rustix::process::geteuid().as_raw();
    let hint = "hint: a directory of your own can take its place: \
                mkdir -pm 700 ~/.locks; export TMPDIR=~/.locks\n";
    for (setup, why) in [
        (
            "mkdir elsewhere; ln -s $PWD/elsewhere $D",
            "it is a symbolic link",
        ),
        ("ln -s $PWD/nowhere $D", "it is a symbolic link"),
        (": >$D", "it is no directory"),
    ] {
        let test = line(&format!(
            "D=$TMPDIR/prun-{own}; {setup}; lock touch ran; echo $?; ls"
        ));
        let output = test.stdout_any().stderr_any().success();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.ends_with(&format!("prun-{own}' for locks: {why}\n{hint}")),
            "{text}"
        );
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            !stdout.contains("ran") && stdout.starts_with("255\n"),
            "{stdout}"
        );
    }
    line(&format!("D=$TMPDIR/prun-{own}; mkdir -m 770 $D; lock touch ran; echo $?; chmod 700 $D; lock --fg echo fine; ls"))
        .stdout("255\nfine\n")
        .stderr_has(format!("prun-{own}' for locks: other users can use it\nhint: chmod 700 "))
        .success();
}

#[test]
fn the_directory_of_another_user_is_refused() {
    needed!("setpriv");
    let other = "setpriv --reuid=65534 --clear-groups";
    if !works(&format!("{other} true")) || rustix::process::geteuid().as_raw() != 0 {
        skip!("only root can be another user");
    }
    line("mkdir $TMPDIR/prun-0; chown 65534 $TMPDIR/prun-0; lock touch ran; echo $?; ls")
        .stdout("255\n")
        .stderr_has("prun-0' for locks: it belongs to another user\nhint: ")
        .success();
    // A runtime directory that was inherited from another user is not used.
    line("mkdir run; chown 65534 run; XDG_RUNTIME_DIR=$PWD/run lock --fg echo ran; ls run")
        .stdout("ran\n")
        .success();
}

#[test]
fn the_runtime_directory_is_preferred() {
    Test::new()
        .line("mkdir run; export XDG_RUNTIME_DIR=$PWD/run; prun --id x --fg true; ls run; stat -c %a run/prun; XDG_RUNTIME_DIR=run prun --id y --fg true")
        .stdout("prun\n700\n")
        .leaves_temporary_files()
        .success();
}

#[test]
fn files_that_nobody_uses_are_removed() {
    line(
        "count() { ls $TMPDIR/prun-*/ | wc -l; }\n\
         lock 'probe await go'\n\
         for id in a b c; do prun --id $id --fg -j2 true; done; count\n\
         lock --st -0 true 2>/dev/null; echo $?\n\
         : >go; lock --wait; prun --id d --fg true; count; prun --id d --fg true; count",
    )
    .stdout("2\n1\n1\n1\n")
    .success();
}

#[test]
fn the_files_are_not_for_those_who_clean_up() {
    needed!("flock");
    line(
        "lock 'probe await go'; flock -nx $TMPDIR/prun-* true || echo kept\n\
         : >go; lock --wait; until flock -nx $TMPDIR/prun-* true; do :; done",
    )
    .stdout("kept\n")
    .success();
}

//! Queues where something goes wrong: the disk, permissions, other programs, other versions.

use std::fs;
use std::process::{Command, Stdio};

use crate::queue::{counts, queue};
use crate::support::{Test, interrupted, needed, skip};

/// True if file systems can be mounted in a name space of their own.
fn can_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(["-m", "sh", "-c", "mount -t tmpfs none /mnt"]);
    unshare.stderr(Stdio::null());
    unshare.status().is_ok_and(|status| status.success())
}

/// Runs lines of bash in a name space where file systems can be mounted.
fn mounting(lines: &str) -> Test {
    Test::new()
        .file("line", lines)
        .line("mkdir d; exec unshare -m bash ./line")
}

#[test]
fn a_full_disk_loses_nothing_that_was_put() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let output = mounting(
        "mount -t tmpfs -o size=400k none d
         seq 100000 | prun --queue d/q --put 2>err; echo $?
         mount -o remount,size=100m d; prun --queue d/q --queue-status --json
         sqlite3 d/q 'pragma integrity_check' || echo ok
         prun --queue d/q true
         prun --queue d/q --queue-status --json",
    )
    .stdout_any()
    .stderr_any()
    .limit(std::time::Duration::from_secs(30))
    .any_status();
    let err = fs::read_to_string(output.path("err")).expect("it was written");
    let (message, hint) = err.split_once('\n').expect("two lines");
    assert!(
        message.starts_with("prun: cannot write the queue 'd/q': "),
        "{err}"
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("255"));
    let status = lines.next().expect("the status");
    let added = hint
        .strip_prefix("hint: the first ")
        .and_then(|hint| hint.split(' ').next());
    let added: u32 = added.expect(hint).parse().expect(hint);
    assert!(added > 0, "{err}");
    assert_eq!(format!("{status}\n"), counts(added, 0, 0, 0));
    assert_eq!(lines.next(), Some("ok"));
    let status = lines.next().map(|line| format!("{line}\n"));
    assert_eq!(status, Some(counts(0, 0, added, 0)));
}

#[test]
fn a_disk_that_becomes_full_stops_a_taker_and_loses_nothing() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let output = mounting(
        "mount -t tmpfs -o size=400k none d; prun --queue d/q --put ::: a b
         head -c 400k /dev/zero >d/fill 2>&-
         prun --queue d/q 'echo <>' 2>err; echo $?; rm d/fill
         prun --queue d/q -k 'echo again <>'; prun --queue d/q --queue-status --json",
    )
    .stdout_any()
    .success();
    let err = fs::read_to_string(output.path("err")).expect("it was written");
    assert!(err.contains("the queue 'd/q'"), "{err}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("255\n"), "{text}");
    assert!(
        text.ends_with(&format!("again a\nagain b\n{}", counts(0, 0, 2, 0))),
        "{text}"
    );
}

#[test]
fn what_cannot_be_written_is_told() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    mounting(
        "mount -t tmpfs none d; prun --queue d/q --put ::: a; mount -o remount,ro d
         prun --queue d/q --put ::: b; echo $?; prun --queue d/q echo; echo $?
         prun --queue d/none --put ::: b; echo $?
         mount -o remount,rw d; prun --queue d/q 'echo <>'",
    )
    .stdout("255\n255\n255\na\n")
    .stderr(
        "prun: cannot write the queue 'd/q': Read-only file system\n\
         prun: cannot write the queue 'd/q': Read-only file system\n\
         prun: cannot write the queue 'd/none', whose directory has to be writable: Read-only file system\n",
    )
    .success();
    queue(
        "q --put ::: a; prun --queue none echo; echo $?; prun --queue no/ne --put ::: a; echo $?
           prun --queue none --queue-status; prun --queue . --put ::: a; ls",
    )
    .stdout("255\n255\nQ\nQ-takers\n")
    .stderr(
        "prun: cannot open the queue 'none': No such file or directory\n\
             hint: --put makes it: prun --queue FILE --put COMMAND ::: VALUE\n\
             prun: cannot open the queue 'no/ne': No such file or directory\n\
             prun: cannot open the queue 'none': No such file or directory\n\
             hint: --put makes it: prun --queue FILE --put COMMAND ::: VALUE\n\
             prun: cannot open the queue '.': Is a directory\n",
    )
    .success();
}

#[test]
fn a_file_that_is_no_queue_is_left_alone() {
    let text = "a line of text that is longer than a hundred bytes, so that it could be the head of a database of SQLite\n";
    for option in ["--put", "echo", "--queue-status"] {
        let output = Test::new()
            .file("Q", text)
            .args(["--queue", "Q"])
            .arg(option)
            .args((option == "--put").then_some(":::"))
            .stderr(
                "prun: 'Q' is not a queue of prun: it is no SQLite database\n\
                 hint: --queue FILE makes a new file: name one that is not there\n",
            )
            .status(255);
        assert_eq!(
            fs::read_to_string(output.path("Q")).expect("it is there"),
            text
        );
    }
}

#[test]
fn what_is_no_regular_file_is_left_alone() {
    for name in ["fifo", "/dev/null"] {
        queue(&format!(
            "mkfifo fifo; prun --queue {name} --put ::: a; echo $?; prun --queue {name} echo; echo $?
             prun --queue {name} --queue-status; echo $?; ls; ls -d {name}-*"
        ))
        .stdout("255\n255\n255\nfifo\n")
        .stderr(
            format!("prun: cannot open the queue '{name}': it is no regular file\n").repeat(3)
                + &format!("ls: cannot access '{name}-*': No such file or directory\n"),
        )
        .status(2);
    }
}

#[test]
fn a_queue_with_two_names_is_refused() {
    queue("q --put ::: a; ln Q b; prun --queue b echo; q --put ::: b; rm b; q 'echo <>'; ls")
        .stdout("a\nQ\nQ-takers\n")
        .stderr(["b", "Q"].map(|name| format!(
            "prun: the queue '{name}' has more than one name\n\
             hint: find \"$(stat -c %m {name})\" -xdev -samefile {name} finds its hard links: keep one\n"
        )).concat())
        .success();
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    needed!("sqlite3");
    queue(
        "sqlite3 Q 'create table t (x)'; cp Q before; q --put ::: a; echo $?; q echo; q --queue-status
         cmp Q before; ls",
    )
    .stdout("255\nQ\nbefore\n")
    .stderr(
        "prun: 'Q' is not a queue of prun: it is the database of another program\n\
         hint: --queue FILE makes a new file: name one that is not there\n"
            .repeat(3),
    )
    .success();
    queue("sqlite3 Q 'pragma application_id = 7; pragma user_version = 1'; q --put ::: a")
        .stderr_has("it is the database of another program")
        .status(255);
}

#[test]
fn a_queue_of_a_newer_version_is_left_alone() {
    needed!("sqlite3");
    queue("q --put ::: a; sqlite3 Q 'pragma user_version = 2'; q --put ::: b; echo $?; q echo; echo $?")
        .stdout("255\n255\n")
        .stderr(
            "prun: the queue 'Q' has version 2, and this prun knows version 1\n\
             hint: prun --version; a newer prun has written to it\n"
                .repeat(2),
        )
        .success();
}

#[test]
fn a_queue_that_another_program_locks_is_told_and_loses_nothing() {
    needed!("sqlite3");
    let hint = "hint: fuser -v Q tells which programs have it open\n";
    let locked = format!("prun: the queue 'Q' is locked by another program\n{hint}");
    queue(
        "q --put ::: a; mkfifo pipe; sqlite3 Q <pipe & exec 3>pipe
         echo \"begin exclusive; select writefile('locked', 1);\" >&3; probe await locked
         q --put ::: b; echo $?; q --queue-status --json; echo 'commit;' >&3; exec 3>&-; wait
         q -k 'echo <>'",
    )
    .stdout_has("255\n")
    .stdout_has("a\n")
    .stderr(locked)
    .limit(std::time::Duration::from_secs(30))
    .success();
}

#[test]
fn many_may_make_a_queue_at_once() {
    queue(
        "for n in 1 2 3 4 5 6; do q --put echo ::: $n & puts+=\" $!\"; done
         prun --queue Q --follow >out & F=$!; for p in $puts; do wait $p || echo $?; done
         until test $(wc -l <out) = 6; do :; done; kill -HUP $F; { wait $F; } 2>/dev/null; sort out",
    )
    .stdout("1\n2\n3\n4\n5\n6\n")
    .stderr(interrupted("SIGHUP", 0, "the rest not started"))
    .success();
}

#[test]
fn a_damaged_entry_is_told() {
    needed!("sqlite3");
    queue("q --put ::: a; sqlite3 Q \"update entries set vals = x'ff'\"; q echo")
        .stderr("prun: the queue 'Q' is damaged\n")
        .status(255);
}

#[test]
fn a_mark_that_cannot_be_written_is_an_error() {
    if !can_mount() {
        skip!("nothing can be mounted here");
    }
    let output = mounting(
        "mount -t tmpfs -o size=400k none d; prun --queue d/q --put ::: a
         prun --queue d/q 'head -c 400k /dev/zero >d/fill 2>/dev/null; echo <>' 2>err; echo $?
         rm d/fill; prun --queue d/q --queue-status --json; prun --queue d/q 'echo again <>'",
    )
    .stdout(format!("a\n255\n{}again a\n", counts(1, 0, 0, 0)))
    .success();
    let err = fs::read_to_string(output.path("err")).expect("it was written");
    assert!(
        err.starts_with("prun: cannot write the queue 'd/q': "),
        "{err}"
    );
}

#[test]
fn a_directory_of_another_user_is_refused() {
    if !rustix::process::getuid().is_root() {
        skip!("files cannot be given away");
    }
    queue("q --put ::: a; chown 12345 Q-takers; q echo; echo $?; rm -r Q-takers; ln -s . Q-takers; q echo")
        .stdout("255\n")
        .stderr(
            "prun: cannot use the directory 'Q-takers': it belongs to another user\n\
             prun: cannot use the directory 'Q-takers': Not a directory\n",
        )
        .status(255);
}

#[test]
fn what_others_put_into_the_directory_hangs_nobody() {
    let refused = |name: &str| {
        format!("prun: cannot use the directory 'Q-takers': '{name}' in it is no regular file\n")
    };
    queue(
        "q --put ::: a; cd Q-takers; rm added; mkfifo added; cd ..; q echo; echo $?
         rm Q-takers/added; rm Q-takers/taken; mkdir Q-takers/taken; q --put ::: b; echo $?
         rmdir Q-takers/taken; ln -sf ../Q Q-takers/added; q echo; echo $?; rm Q-takers/added
         mkdir Q-takers/1; q -k 'echo <>; ls Q-takers'",
    )
    .stdout("255\n255\n255\na\n1\n2\nadded\ntaken\n")
    .stderr(refused("added") + &refused("taken") + &refused("added"))
    .success();
}

#[test]
fn nobody_waits_for_a_queue_that_was_removed() {
    let queue_removed = "prun: the queue 'Q' was removed\n";
    let directory_removed = "prun: the directory 'Q-takers' of the queue was removed\n";
    for (removal, message) in [
        ("rm Q Q-wal Q-shm; q --put true ::: x; q", queue_removed),
        ("rm -r Q-takers", directory_removed),
    ] {
        queue(&format!(
            "prun --queue Q --follow true & F=$!; probe await Q-takers/1; {removal}; wait $F"
        ))
        .stderr(message)
        .status(255);
        queue(&format!(
            "q --put ::: a; q --put --queue-max 2 ::: b c & P=$!
             until q --queue-status | grep -q 'waiting 2'; do :; done; {removal}; wait $P"
        ))
        .stderr(message)
        .status(255);
    }
    queue(
        "mkfifo pipe; q --put <pipe & P=$!; exec 3>pipe; echo a >&3
         until q --queue-status 2>&- | grep -q 'waiting 1'; do :; done
         rm Q Q-wal Q-shm; echo b >&3; exec 3>&-; wait $P",
    )
    .stderr(queue_removed)
    .status(255);
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    for (options, message) in [
        ("--follow echo", "--follow needs --queue"),
        ("--put echo ::: a", "--put needs --queue"),
        ("--queue-status", "--queue-status needs --queue"),
        ("--queue Q --json", "--json needs --queue-status"),
        ("--queue Q --priority 1 echo", "--priority needs --put"),
        ("--queue Q --queue-max 1 echo", "--queue-max needs --put"),
        (
            "--gnu --queue Q echo",
            "--queue and --gnu cannot go together",
        ),
        (
            "--queue Q --put --follow ::: a",
            "--put and --follow cannot go together",
        ),
        (
            "--queue Q --put --retry-failed ::: a",
            "--put and --retry-failed cannot go together",
        ),
        (
            "--queue Q --queue-status echo",
            "--queue-status and a command or input cannot go together",
        ),
        (
            "--queue Q echo ::: a",
            "--queue without --put and values cannot go together",
        ),
        (
            "--queue Q --csv echo",
            "--queue without --put and --csv cannot go together",
        ),
        (
            "--queue Q --shuf echo",
            "--queue without --put and --shuf cannot go together",
        ),
        (
            "--queue Q --resume --joblog l echo",
            "--queue and --resume cannot go together",
        ),
        (
            "--queue Q --pipe cat",
            "--queue and --pipe cannot go together",
        ),
        (
            "--queue Q --dry-run echo",
            "--queue without --put and --dry-run cannot go together",
        ),
        (
            "--queue Q --halt soon,fail=9% echo",
            "--queue without --put and --halt with a percentage",
        ),
        (
            "--queue Q --put --joblog l echo ::: a",
            "--put and --joblog cannot go together",
        ),
        (
            "--queue Q --put -n2 echo ::: a b",
            "--put with a command and -n cannot go together",
        ),
        (
            "--queue Q --put --header : echo :::",
            "--put and --header cannot go together",
        ),
        (
            "--queue Q --put -I @ echo @ ::: a",
            "--put and -I cannot go together",
        ),
        (
            "--queue Q --put --shell sh ::: a",
            "--put without a command and --shell cannot go together",
        ),
        (
            "--queue Q '@count -l <> | @sum'",
            "--queue runs each job for itself: @sum makes one result of all jobs",
        ),
        (
            "--queue Q 'echo {= skip() =}'",
            "--queue runs each job for itself: skip() leaves out inputs",
        ),
        (
            "--queue Q 'echo {= total_jobs() =}'",
            "with --queue, nobody knows how many jobs there will be",
        ),
        (
            "--queue Q --plus --tagstring {##} echo",
            "with --queue, nobody knows how many jobs there will be",
        ),
    ] {
        let output = Test::new()
            .line(format!("prun {options}"))
            .stderr_has(format!("prun: {message}"))
            .status(255);
        assert!(!output.path("Q").exists(), "{options}");
    }
}

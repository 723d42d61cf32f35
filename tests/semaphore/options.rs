//! Options beside a semaphore.

use super::*;

#[test]
fn what_one_command_has_no_use_for_is_refused() {
    let own = "hint: a prun of its own has all options: prun --semaphore prun OPTION... COMMAND ::: VALUE...\n";
    for option in [
        "--tag",
        "--retries=3",
        "-k",
        "--joblog=log",
        "-a=list",
        "--timeout=1",
        "-n=1",
    ] {
        let name = match option {
            "-k" => "--keep-order",
            "-a=list" => "--arg-file",
            "-n=1" => "--max-args",
            option => option.split('=').next().expect("there is a first part"),
        };
        let option = option.replace("-a=", "-a").replace("-n=", "-n");
        Test::new()
            .args([&option, "--id", "x", "touch", "ran"])
            .stderr(format!(
                "prun: {name} and --semaphore cannot go together: prun only starts the command\n{own}"
            ))
            .status(255);
    }
    for option in ["--tag", "--retries=3", "--joblog=log"] {
        Test::gnu()
            .args([option, "--semaphore", "touch", "ran"])
            .stderr_has("--semaphore cannot go together: prun only starts the command\n")
            .status(255);
    }
}

#[test]
fn what_is_missing_or_too_much_is_told() {
    let command = "hint: prun --semaphore --id NAME COMMAND; prun --semaphore --id NAME --wait\n";
    for (args, message) in [
        (
            &["--semaphore"][..],
            format!("--semaphore needs a command\n{command}"),
        ),
        (
            &["--id", "x"],
            format!("--semaphore needs a command\n{command}"),
        ),
        (
            &["--gnu", "--fg"],
            format!("--semaphore needs a command\n{command}"),
        ),
        (
            &["--fg", "touch", ":::", "ran"],
            "--semaphore runs one command, and takes no values\n\
             hint: a prun of its own takes them: prun --semaphore prun COMMAND ::: VALUE...\n"
                .to_owned(),
        ),
        (
            &["--wait", "touch", "ran"],
            "--wait runs no command: it waits for others\n\
             hint: prun --semaphore --wait && COMMAND\n"
                .to_owned(),
        ),
        (
            &["--wait", "--fg"],
            "--wait runs no command, and so none by --fg or --bg\n\
             hint: prun --semaphore --wait\n"
                .to_owned(),
        ),
        (
            &["--bg", "--fg", "touch", "ran"],
            "--fg and --bg cannot go together\nhint: leave out --fg or --bg\n".to_owned(),
        ),
        (
            &["--fg", "@gzip", "x"],
            "--semaphore runs a command, and no built-in of prun\n\
             hint: a prun of its own runs it: prun --semaphore prun @gzip ::: FILE...\n"
                .to_owned(),
        ),
        (
            &["--fg", "touch", "<>"],
            "a placeholder stands for a value, and --semaphore has none\n\
             hint: a backslash makes it text: prun --semaphore 'echo \\<>'\n"
                .to_owned(),
        ),
    ] {
        Test::new()
            .args(args)
            .stderr(format!("prun: {message}"))
            .status(255);
    }
    Test::new()
        .args(["--semaphoretimeout", "soon", "--fg", "touch", "ran"])
        .stderr_has("prun: 'soon' is not a length of time")
        .status(255);
    Test::new()
        .args(["-j", "nofile", "--fg", "touch", "ran"])
        .stderr_has("prun: ")
        .status(255);
}

#[test]
fn options_from_elsewhere_do_not_open_it() {
    line(
        "lock 'probe await go'\n\
         PRUN='-j8 --tag' prun --semaphore --id x --st -0 true 2>/dev/null; echo $?\n\
         echo '-j8' >two; prun --config two --id x --fg echo two\n\
         PARALLEL='-j8 --tag' sem --id x --fg echo as gnu\n\
         : >go; lock --wait",
    )
    .stdout("1\ntwo\nas gnu\n")
    .success();
}

#[test]
fn a_dry_run_shows_the_command_and_takes_nothing() {
    Test::new()
        .args(["--semaphore", "--dry-run", "touch", "a  b"])
        .stdout("touch 'a  b'\n")
        .success();
}

#[test]
fn spellings_of_gnu_parallel_are_understood() {
    for id in ["--id", "--semaphorename", "--semaphore-name"] {
        for limit in ["--st", "--semaphoretimeout", "--semaphore-timeout"] {
            line(&format!(
                "lock 'probe await go'; prun {id} x {limit} -0 true 2>/dev/null; echo $?; : >go; lock --wait"
            ))
            .stdout("1\n")
            .success();
        }
    }
}

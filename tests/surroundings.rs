//! Directory and niceness of jobs, and options that are not typed.

use rustix::process::getpriority_process;

use crate::support::{STARTS, Test, failed, left_process};

#[test]
fn jobs_run_in_the_directory_that_is_named() {
    for start in STARTS {
        let output = Test::new()
            .env("PRUN_START", start)
            .args([
                "-k",
                "--wd",
                "new/<>",
                "probe args <> >out; cat out",
                ":::",
                "a",
                "b c",
            ])
            .stdout("a\nb c\n")
            .success();
        assert!(output.path("new/b c/out").exists());
    }
}

#[test]
fn commands_without_a_shell_run_there_as_well() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .file("d/in", "text\n")
            .executable(
                "d/script",
                "#!/bin/sh\ncat \"$1\"; echo \"${PWD##*/} ${OLDPWD##*/}\"\n",
            )
            .args(["--wd", "d", "./script", ":::", "in"])
            .stdout("text\nd work\n")
            .success();
        Test::new()
            .env("PRUN_START", start)
            .file("d/e/in", "text\n")
            .args([
                "--wd",
                "d",
                "cd e && cat in | cat - <> >out && cat <out",
                ":::",
                "in",
            ])
            .stdout("text\ntext\n")
            .success();
    }
}

#[test]
fn each_job_can_have_a_fresh_directory() {
    Test::new()
        .line(
            "prun -k --wd ... 'ls; probe args <> ><>; cat *' ::: a b
             rm -r \"$TMPDIR\"/prun-*-1-* \"$TMPDIR\"/prun-*-2-*",
        )
        .stdout("a\nb\n")
        .success();
}

#[test]
fn a_directory_that_cannot_be_used_fails_its_job_only() {
    Test::new()
        .file("file", "")
        .args(["-k", "--wd", "<>", "echo", ":::", "dir", "file"])
        .stdout("dir\n")
        .stderr(format!(
            "prun: job 2: cannot use the directory 'file': File exists\n{}",
            failed("1 of 2", &["2: not started: echo file"])
        ))
        .status(1);
}

#[test]
fn jobs_have_the_niceness_that_is_asked_for() {
    const LOWEST: i32 = 19;
    // Only a privileged process can ask for less than it has.
    let own = getpriority_process(None).expect("it is ours");
    let asked = (own + 5).min(LOWEST);
    let beyond = (asked + 10).min(LOWEST);
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .args(["-k", "--nice", &asked.to_string(), "nice <>", ":::", "nice"])
            .stdout(format!("{beyond}\n"))
            .success();
        Test::new()
            .env("PRUN_START", start)
            .line(format!(
                "prun --nice {asked} 'nice; (nice); nice <>' ::: nice; nice"
            ))
            .stdout(format!("{asked}\n{asked}\n{beyond}\n{own}\n"))
            .success();
    }
}

#[test]
fn options_can_be_set_before() {
    let typed = ["--tagstring", "typed", "echo", ":::", "a"];
    Test::new()
        .env("PRUN", "--tag -k # for all")
        .args(["echo", ":::", "a"])
        .stdout("a\ta\n")
        .success();
    Test::new()
        .env("PRUN", "--tagstring 'from it'")
        .args(typed)
        .stdout("typed\ta\n")
        .success();
    Test::new()
        .env("PRUN", "--tag")
        .args(["--plain", "echo", ":::", "a"])
        .stdout("a\n")
        .success();
    // Another program's variable means nothing to prun itself.
    Test::new()
        .env("PARALLEL", "--tag")
        .args(["echo", ":::", "a"])
        .stdout("a\n")
        .success();
    Test::gnu()
        .env("PARALLEL", "--tag")
        .args(["echo", ":::", "a"])
        .stdout("a\ta\n")
        .success();
}

#[test]
fn files_of_options_are_read_when_they_are_named() {
    Test::new()
        .file("options", "# Mine.\n-k --tag\n")
        .args(["--config", "options", "echo", ":::", "a", "b"])
        .stdout("a\ta\nb\tb\n")
        .success();
    Test::new()
        .line("mkdir -p ~/.config/prun; echo --tag >~/.config/prun/mine; prun -J mine echo ::: a")
        .stdout("a\ta\n")
        .success();
    Test::new()
        .args(["--config", "none", "echo", ":::", "a"])
        .stderr("prun: cannot read 'none': No such file or directory\n")
        .status(255);
    Test::new()
        .env("PRUN", "--nope")
        .args(["echo", ":::", "a"])
        .stderr_has("prun: in $PRUN: unknown option '--nope'\nhint: ")
        .status(255);
}

#[test]
fn only_this_host_can_be_named() {
    Test::gnu()
        .args(["-k", "-S", "1/:", "echo {} {%}", ":::", "a", "b"])
        .stdout("a 1\nb 1\n")
        .success();
    Test::gnu()
        .args(["-S", "-oProxyCommand=touch ran", "echo", ":::", "a"])
        .stderr_any()
        .status(255);
    Test::gnu()
        .args(["-S", "server,:", "echo", ":::", "a"])
        .stderr(
            "prun: 'server,:' is another host\n\
             hint: prun runs jobs on this machine only: leave -S out, or write -S :\n",
        )
        .status(255);
}

#[test]
fn the_slot_has_a_name_of_the_users() {
    Test::new()
        .args([
            "-j1",
            "--process-slot-var",
            "GPU",
            "echo $GPU-$PRUN_SLOT-<>",
        ])
        .args([":::", "a", "b"])
        .stdout("0-1-a\n0-1-b\n")
        .success();
    for name in ["", "A=B"] {
        Test::new()
            .args(["--process-slot-var", name, "echo", ":::", "a"])
            .stderr(format!(
                "prun: '{name}' is no name of a variable\n\
                 hint: prun --process-slot-var SLOT 'echo $SLOT' ::: a b\n"
            ))
            .status(255);
    }
}

#[test]
fn files_are_filled_for_each_job() {
    let run = || Test::new().file("form", "name=<>\n{}<p>\n");
    let output = run()
        .args(["-k", "--tmpl", "form=d/<#>.conf", "cat d/<#>.conf"])
        .args([":::", "$(x) 'y'", "<>"])
        .stdout("name=$(x) 'y'\n{}<p>\nname=<>\n{}<p>\n")
        .success();
    assert!(output.path("d/2.conf").exists());
    let output = run()
        .args([
            "--cleanup",
            "--tmpl=form=<#>",
            "cat <#>; exit 1; :",
            ":::",
            "a",
        ])
        .arg("b")
        .stdout_lines_any_order(&["name=a", "{}<p>", "name=b", "{}<p>"])
        .stderr_any()
        .status(2);
    assert!(!output.path("1").exists());
}

#[test]
fn a_file_that_cannot_be_filled_is_told() {
    let run = |tmpl: &str| {
        Test::new()
            .file("form", "<>")
            .file("taken", "")
            .args(["--quiet", "--tmpl", tmpl, "echo", ":::", "a"])
    };
    run("none=<#>")
        .stderr("prun: cannot read 'none': No such file or directory\n")
        .status(255);
    run("form=out")
        .stderr(
            "prun: 'out' would be the same file for every job\n\
             hint: --tmpl 'form=<#>.out'\n",
        )
        .status(255);
    run("form=d/out")
        .stderr(
            "prun: 'd/out' would be the same file for every job\n\
             hint: --tmpl 'form=d/<#>.out'\n",
        )
        .status(255);
    // What a job is for, and what its file is made from, is not written over.
    Test::new()
        .file("form", "<>")
        .file("keep", "precious")
        .args(["-j1", "--quiet", "--cleanup", "--tmpl", "form=<>", "echo"])
        .args([":::", "keep", "form", "new"])
        .stdout("new\n")
        .stderr(
            "prun: job 1: 'keep' would be overwritten by --tmpl\n\
             prun: job 2: 'form' would be overwritten by --tmpl\n",
        )
        .check_file("keep", "precious")
        .check_file("form", "<>")
        .status(2);
    run("form")
        .stderr(
            "prun: --tmpl 'form' names no file to write\n\
             hint: --tmpl 'conf=conf.<#>' fills the placeholders of conf\n",
        )
        .status(255);
    run("form=taken/<#>")
        .stderr("prun: job 1: cannot write 'taken/1': Not a directory\n")
        .status(1);
}

#[test]
fn help_on_a_closed_standard_output_is_an_error() {
    for option in ["--help", "--version", "--builtins", "--generate man"] {
        Test::new()
            .line(format!("exec prun {option} >&-"))
            .stderr("prun: standard output is closed\n")
            .status(255);
    }
}

#[test]
fn a_daemon_that_goes_on_printing_does_not_hold_prun_for_ever() {
    Test::new()
        .args(["(while echo x; do sleep .01; done) & echo <>", ":::", "1"])
        .stdout_has("1\n")
        .stderr_has(left_process(1))
        .leaves_processes()
        .success();
}

#[test]
fn a_directory_that_is_gone_keeps_no_job_from_running() {
    for start in STARTS {
        Test::new()
            .env("PRUN_START", start)
            .line("mkdir d; cd d; rmdir ../d; prun -k --shell sh echo ::: 1 2; prun --shell sh 'echo <> | cat; :' ::: 3")
            .stdout("1\n2\n3\n")
            .stderr_any()
            .success();
    }
}

#[test]
fn nothing_is_needed_of_the_environment_and_nothing_is_written_at_home() {
    for line in [
        "unset HOME; prun -k echo ::: 1 2",
        "HOME=/no/such prun -k echo ::: 1 2",
        "exec env -i PATH=\"$PATH\" prun -k echo ::: 1 2",
        "exec env LC_ALL=xx_YY.none LANG=none TERM= COLUMNS=0 LINES=x prun -k echo ::: 1 2",
    ] {
        Test::new().line(line).stdout("1\n2\n").success();
    }
    Test::new()
        .line("ls -A ~ >before; prun --joblog log --resume echo ::: 1; ls -A ~ | cmp - before")
        .stdout("1\n")
        .success();
}

#[test]
fn without_proc_and_on_a_read_only_system_jobs_run() {
    let mut unshare = std::process::Command::new("unshare");
    unshare.args(["-m", "sh", "-c", "mount -t tmpfs none /mnt 2>/dev/null"]);
    if !unshare.status().is_ok_and(|status| status.success()) {
        crate::support::skip!("nothing can be mounted here");
    }
    for start in STARTS {
        let script = "mount -t tmpfs none /proc; mount -t tmpfs -o ro none .; cd \"$PWD\"
            prun --quiet -k 'echo <> | cat; exit <>' ::: 0 3; echo $?
            prun --quiet --timeout .3 'echo <>; sleep 60' ::: 1; echo $?
            prun --joblog log echo ::: 1; echo $?";
        Test::new()
            .env("PRUN_START", start)
            .file("script", script)
            .line("exec unshare -m bash script")
            .stdout("0\n3\n1\n1\n1\n255\n")
            .stderr("prun: cannot write the job log 'log': Read-only file system\n")
            .success();
    }
}

#[test]
fn values_of_the_environment_are_in_no_log() {
    let output = Test::new()
        .env("SECRET", "hunter2")
        .args(["--joblog", "log", "--results", "results", "--summary"])
        .args([
            "test ${#SECRET} = 7 && printenv <> >/dev/null",
            ":::",
            "SECRET",
        ])
        .stderr_any()
        .success();
    let log = std::fs::read_to_string(output.path("log")).expect("the log is text");
    assert!(log.contains("SECRET") && !log.contains("hunter2"), "{log}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hunter2"));
}

#[test]
fn programs_are_searched_in_the_path_alone() {
    for start in STARTS {
        // Neither direct commands nor those of a shell line nor stages that prun starts.
        for job in ["mine", "mine; : <>", "mine | cat", "(mine <>)"] {
            Test::new()
                .env("PRUN_START", start)
                .executable("mine", "#!/bin/sh\necho mine\n")
                .args(["--quiet", "--shell", "sh", job, ":::", "1"])
                .stderr_any()
                .any_status();
        }
        Test::new()
            .env("PRUN_START", start)
            .executable("d/mine", "#!/bin/sh\necho mine\n")
            .line("PATH=$PATH:d; prun mine ::: 1")
            .stdout("mine\n")
            .success();
    }
}

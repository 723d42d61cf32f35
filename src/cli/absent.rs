//! Options that GNU parallel has and prun has not.

/// Options of GNU parallel that prun does not have, and what does their work, if
/// anything.
pub(super) const ABSENT: [(&[&str], &str); 14] = [
    (
        &["--record-env", "--recordenv"],
        "exported variables and functions reach the jobs without it",
    ),
    (
        &[
            "--slf",
            "--sshloginfile",
            "--ssh",
            "--ssh-delay",
            "--sshdelay",
            "--controlmaster",
            "-M",
            "--filter-hosts",
            "--filterhosts",
            "--rsync-opts",
            "--rsyncopts",
            "--hostgroups",
            "--hgrp",
            "--hostgrp",
            "--hostgroup",
            "--filter-host",
        ],
        "prun runs jobs on this machine only: prun 'ssh <> uptime' ::: host1 host2 runs them there",
    ),
    (
        &["--citation", "--bibtex"],
        "there is nothing to cite: leave it out",
    ),
    (
        &["--filter"],
        "an expression leaves jobs out: prun 'echo {= skip() if $_ < 3 =}' ::: 1 2 3 4",
    ),
    (
        &["--tmux", "--tmuxpane", "--tmux-pane"],
        "--line-buffer --tag prints the lines of all jobs as they come",
    ),
    (
        &[
            "--sql",
            "--sqlmaster",
            "--sql-master",
            "--sqlworker",
            "--sql-worker",
            "--sqlandworker",
            "--sql-and-worker",
        ],
        "--results FILE.csv makes a table of what jobs print, --joblog FILE of how they end",
    ),
    (
        &["--open-tty", "--opentty", "-o"],
        "--tty gives one job at a time the terminal",
    ),
    (
        &["-p", "--interactive"],
        "--dry-run shows the commands, to be run by hand",
    ),
    (
        &[
            "--embed",
            "--session",
            "--shebang",
            "--hashbang",
            "--shebang-wrap",
            "--shebangwrap",
            "--_test",
        ],
        "a script calls prun as any program",
    ),
    (
        &["--show-limits", "--showlimits", "--debug", "-D"],
        "--max-line-length-allowed tells how long a command line can be",
    ),
    (
        &[
            "--tollef", "--bug", "-g", "-W", "-B", "-T", "-U", "-H", "-Y",
        ],
        "leave it out",
    ),
    (
        &["--exit", "-x"],
        "a value that does not fit fails its job: leave it out",
    ),
    (
        &["--linkinputsource", "--xapplyinputsource"],
        "sources are linked by :::+ or all of them by --link",
    ),
    (&["-e"], "-E S ends the input at the value S"),
];

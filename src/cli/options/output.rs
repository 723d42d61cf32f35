//! When and where the output of jobs is printed or kept.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum, ValueHint};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Print output in the order of the input
    ///
    /// Jobs still run in parallel and may end in any order.
    #[arg(short = 'k', long)]
    pub keep_order: bool,

    /// Print output in the order in which jobs end: undo -k
    #[arg(long, overrides_with = "keep_order", hide = true)]
    pub no_keep_order: bool,

    /// Print a job's output when the job ends (default)
    #[arg(long, overrides_with_all = ["ungroup", "line_buffer", "latest_line"])]
    pub group: bool,

    /// Print each line of output as soon as it is complete
    #[arg(long, visible_alias = "lb", overrides_with_all = ["group", "ungroup"])]
    pub line_buffer: bool,

    /// Let jobs write to prun's output directly, unsynchronized
    #[arg(short = 'u', long, overrides_with_all = ["group", "line_buffer"])]
    pub ungroup: bool,

    /// Give one job at a time access to the terminal
    ///
    /// The job reads from the terminal and writes to it directly. Ctrl-C and Ctrl-Z reach the job
    /// first and then prun. This implies -j1 -u, and -j is ignored. Without this option, a job that
    /// reads from the terminal or changes its settings is stopped and fails. Built-ins, which begin
    /// with @, cannot use the terminal.
    #[arg(long, overrides_with_all = ["group", "line_buffer"])]
    pub tty: bool,

    /// Show the latest line of running jobs; print the last one
    ///
    /// On a terminal, each running job has one line on the screen that shows the latest line it has
    /// printed. A carriage return ends a line as well, so that a progress display of the job is
    /// shown. Empty lines are ignored. When a job ends, its last line is printed, but at most 64
    /// KiB of it. Standard error is printed completely.
    #[arg(long, visible_alias = "ll", overrides_with = "group")]
    pub latest_line: bool,

    /// Prefix each line of output with the values of its job
    #[arg(long)]
    pub tag: bool,

    /// Prefix each line of output with S
    ///
    /// S may contain placeholders: --tagstring '<#> </>'.
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    pub tagstring: Option<OsString>,

    /// Print the output of each job in a color of its own
    ///
    /// Colors are used only on a terminal and if $NO_COLOR is not set. --color=always and
    /// --color=never override this.
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        value_enum,
        hide_possible_values = true
    )]
    pub color: Option<ColorWhen>,

    /// Like --tag, and print each tag in the color of its job
    ///
    /// WHEN is auto, always or never, as with --color.
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        value_enum,
        hide_possible_values = true
    )]
    pub ctag: Option<ColorWhen>,

    /// Like --tagstring, in the color of the job
    #[arg(
        long,
        value_name = "S",
        allow_hyphen_values = true,
        overrides_with = "tagstring",
        hide = true
    )]
    pub ctagstring: Option<OsString>,

    /// Print the output of failed jobs in white on red
    ///
    /// WHEN is auto, always or never, as with --color.
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        value_enum,
        hide_possible_values = true
    )]
    pub color_failed: Option<ColorWhen>,

    /// Save the output of each job to files in DIR
    ///
    /// The files are DIR/1/VALUE/stdout, DIR/1/VALUE/stderr and DIR/1/VALUE/seq, which contains the
    /// number of the job. Further values add 2/VALUE and so on to the path. With --header, names
    /// replace the numbers. Nothing is printed. The files of a job are written when it has ended.
    /// seq is written last: if it exists, the other two are complete.
    ///
    /// If DIR contains placeholders, as in out/<>.txt, it is the name of the file for standard
    /// output. The other two have the same name with .err and .seq. If DIR ends with /, the three
    /// files are in that directory.
    ///
    /// If DIR ends with .csv or .tsv, it is a table with one row per job and the columns Seq, Host,
    /// Starttime, JobRuntime, Send, Receive, Exitval, Signal, Command, V1 and so on, Stdout,
    /// Stderr. If a row has more values than the first row, the additional values follow Stderr. If
    /// DIR ends with .json, it has one JSON object per line with the same keys. A byte that is not
    /// valid UTF-8 becomes a lone surrogate, \udc80 to \udcff, as with surrogateescape in Python.
    /// The names -.csv, -.tsv and -.json mean standard output.
    ///
    /// Values cannot name files outside DIR: a slash in a value is written %2F, % is written %25,
    /// and control bytes and a leading dot are encoded in the same way. If DIR contains
    /// placeholders, slashes in values make subdirectories. If DIR begins with a placeholder, as
    /// <.>.out does, the value decides where the file is. If two jobs would use the same name, ~
    /// and the job number are appended to the name of the later one, and prun warns.
    #[arg(long, value_name = "DIR", allow_hyphen_values = true, value_hint = ValueHint::AnyPath)]
    pub results: Option<OsString>,

    /// Save each job's output to a file, and print the file's name
    ///
    /// The files are in $TMPDIR, in /tmp, or in the directory that --tmpdir names. prun does not
    /// remove them. Standard error is printed as usual.
    #[arg(long)]
    pub files: bool,

    /// Like --files, but end the names with a NUL byte
    #[arg(long)]
    pub files0: bool,

    /// Use DIR for temporary files instead of $TMPDIR
    ///
    /// Large output is kept there until it can be printed.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub tmpdir: Option<PathBuf>,

    /// Print only the sum of the numbers that jobs print
    ///
    /// prun --pipe --total '@grep -c ERROR' counts lines in all blocks. It is the same as | @sum
    /// behind the command. Only jobs that succeed count.
    #[arg(long)]
    pub total: bool,

    /// Print each command before its output
    #[arg(short = 'v', action = ArgAction::Count)]
    pub show_command: u8,

    /// Do not print commands: undo -v
    #[arg(long, overrides_with = "show_command", hide = true)]
    pub silent: bool,

    /// Print each command to standard error when it starts
    #[arg(short = 't', long = "verbose")]
    pub show_start: bool,

    /// Print the output as values of variables, for parset
    #[arg(long = "_parset", value_name = "VARIABLES", hide = true)]
    pub parset: Option<String>,
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal.
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

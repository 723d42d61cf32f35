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
    /// The jobs run in any order, as without this option.
    #[arg(short = 'k', long)]
    pub keep_order: bool,

    /// Undo -k
    #[arg(long, overrides_with = "keep_order", hide = true)]
    pub no_keep_order: bool,

    /// Print a job's output when it ends (the default)
    #[arg(long, overrides_with_all = ["ungroup", "line_buffer", "latest_line"])]
    pub group: bool,

    /// Print whole lines as soon as jobs write them
    #[arg(long, visible_alias = "lb", overrides_with_all = ["group", "ungroup"])]
    pub line_buffer: bool,

    /// Let jobs write directly, mixed as it comes
    #[arg(short = 'u', long, overrides_with_all = ["group", "line_buffer"])]
    pub ungroup: bool,

    /// Give one job at a time the terminal
    ///
    /// It reads the terminal and writes to it directly; Ctrl-C and Ctrl-Z are for it first, then
    /// for prun. As with -j1 -u, whatever -j says. Other jobs never have the terminal: one that
    /// reads or sets it is ended and has failed. Commands that begin with @ do not have it.
    #[arg(long, overrides_with_all = ["group", "line_buffer"])]
    pub tty: bool,

    /// Print the last line of a job only; show it while it runs
    ///
    /// On a terminal, each running job has a line on the screen with what it has printed last. A
    /// carriage return ends a line, too, so that of a job's own progress the latest state is
    /// shown; empty lines do not count. When a job ends, its last line is printed, up to 64 KiB of
    /// it. Standard error is printed whole.
    #[arg(long, visible_alias = "ll", overrides_with = "group")]
    pub latest_line: bool,

    /// Begin each line of output with the job's values
    #[arg(long)]
    pub tag: bool,

    /// Begin each line of output with S
    ///
    /// S may have placeholders: --tagstring '<#> </>'.
    #[arg(long, value_name = "S", allow_hyphen_values = true)]
    pub tagstring: Option<OsString>,

    /// Print each job's output in a colour of its own
    ///
    /// Only on a terminal, unless --color=always says otherwise or $NO_COLOR is set.
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

    /// As --tag, with each tag in the colour of its job
    ///
    /// Colours are for terminals, as with --color.
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

    /// As --tagstring, in the colour of the job
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
    /// Colours are for terminals, as with --color.
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

    /// Keep each job's output in files below DIR
    ///
    /// They are DIR/1/VALUE/stdout, stderr and seq, which holds the number of the job; further
    /// values follow as 2/VALUE and so on, and --header gives names instead of numbers. Nothing
    /// is printed. The files of a job are written when it has ended, seq last: where that is,
    /// they are complete.
    ///
    /// If DIR has placeholders, as in out/<>.txt, it names the standard output; the others are
    /// beside it, with .err and .seq. If it ends in /, it names a directory with the three files.
    ///
    /// If DIR ends in .csv or .tsv, it is a table with one row per job: Seq, Host, Starttime,
    /// JobRuntime, Send, Receive, Exitval, Signal, Command, V1 and so on, Stdout, Stderr. In a
    /// row with more values than the first, the rest follows Stderr. If it ends in .json, it has
    /// one JSON object per line with the same keys; there a byte that is no part of UTF-8 is a
    /// lone surrogate, \udc80 to \udcff, as Python's surrogateescape has it. -.csv, -.tsv and
    /// -.json are standard output.
    ///
    /// No value leads out of DIR: a slash is %2F there, % is %25, and control bytes and a dot in
    /// front are written so, too. Below the fixed beginning of a pattern, slashes of values make
    /// directories. A pattern that begins with a placeholder, as <.>.out, goes where that value
    /// says. Of two jobs with the same name the later one has ~ and its number behind it, and a
    /// warning tells so.
    #[arg(long, value_name = "DIR", allow_hyphen_values = true, value_hint = ValueHint::AnyPath)]
    pub results: Option<OsString>,

    /// Keep each job's output in a file and print its name
    ///
    /// The file is in $TMPDIR or /tmp, or where --tmpdir says, and stays there. Standard error is
    /// printed as usual.
    #[arg(long)]
    pub files: bool,

    /// The same as --files; names end with a NUL byte
    #[arg(long)]
    pub files0: bool,

    /// Put temporary files into DIR instead of $TMPDIR
    ///
    /// Much output waits there until it can be printed.
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub tmpdir: Option<PathBuf>,

    /// Print each command before its output
    #[arg(short = 'v', action = ArgAction::Count)]
    pub show_command: u8,

    /// Undo -v
    #[arg(long, overrides_with = "show_command", hide = true)]
    pub silent: bool,

    /// Print each command on standard error as it starts
    #[arg(short = 't', long = "verbose")]
    pub show_start: bool,

    /// Print outputs as values of variables, for parset
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

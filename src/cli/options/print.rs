//! Options that print something and run no job.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use clap::{ArgAction, Args, ValueEnum};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Other")]
pub(crate) struct PrintArgs {
    /// Print help; --help prints more than -h
    ///
    /// --help NAME explains one option (--help joblog), one built-in (--help @gzip) or one of these
    /// topics: examples, expressions, exit-status, signals, environment.
    #[arg(short = 'h', long, action = ArgAction::Help)]
    pub help: Option<bool>,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub version: Option<bool>,

    /// List the built-in commands, which begin with @
    ///
    /// A built-in does the work of a well-known program inside prun, without a process of its own,
    /// and takes the options of that program: prun @sha256 ::: *.iso. --help @NAME explains one.
    /// With -q or --gnu, @NAME is the name of a program.
    ///
    /// Built-ins can be used in pipelines, with each other and with programs, in lists of commands,
    /// and with redirections: prun '@gunzip -c <> | sort | @gzip > <.>.sorted.gz' ::: *.gz. No
    /// shell runs such a line, so that no other shell syntax is possible in it. A line with several
    /// commands needs a placeholder. A built-in without a file argument reads the output of the
    /// command before it in the pipeline. The first one reads nothing. The pipeline fails if one of
    /// its commands fails, and has the exit status of the last one that failed. A command that is
    /// stopped because a later one needs no more input has not failed.
    #[arg(long)]
    pub builtins: bool,

    /// Print the manual page or completions for a shell
    ///
    /// Save the output where the system looks for it: for bash in
    /// ~/.local/share/bash-completion/completions/prun, for zsh in a file _prun in a directory of
    /// $fpath, for fish in ~/.config/fish/completions/prun.fish, and the manual page in
    /// ~/.local/share/man/man1/prun.1. For example: prun --generate zsh >DIR/_prun.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub generate: Option<GenerateArg>,

    /// Print the number of CPUs
    #[arg(long, hide = true)]
    pub number_of_cpus: bool,

    /// Print the maximum length of a command line
    #[arg(long, alias = "maxlinelengthallowed", hide = true)]
    pub max_line_length_allowed: bool,

    /// Print the version of GNU parallel that --gnu imitates
    #[arg(long, value_name = "VERSION", hide = true)]
    pub minversion: Option<u32>,
}

/// What `--generate` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GenerateArg {
    /// The manual page, in roff.
    Man,
    /// Completions for bash.
    Bash,
    /// Completions for zsh.
    Zsh,
    /// Completions for fish.
    Fish,
    /// Completions for elvish.
    Elvish,
    /// Completions for PowerShell.
    Powershell,
}

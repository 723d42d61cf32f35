//! Options that print something and run no job.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use clap::{ArgAction, Args, ValueEnum};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Other")]
pub(crate) struct PrintArgs {
    /// Print help; --help explains more than -h
    ///
    /// A name behind it is explained alone: an option (--help joblog), a built-in (--help @gzip)
    /// or one of examples, expressions, exit-status, signals, environment.
    #[arg(short = 'h', long, action = ArgAction::Help)]
    pub help: Option<bool>,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub version: Option<bool>,

    /// List the built-ins: commands that begin with @
    ///
    /// They do inside prun what a well-known program does in a process of its own, and take its
    /// options: prun @sha256 ::: *.iso. --help @NAME explains one. With -q and --gnu, @NAME is
    /// a program's name.
    ///
    /// They can stand in pipelines with each other and with commands, in lists and before
    /// redirections: prun '@gunzip -c <> | sort | @gzip > <.>.sorted.gz' ::: *.gz. No shell
    /// runs such a line, so that nothing else of a shell can be in it, and one with several
    /// commands has to say where the value goes. A built-in without a file reads what the
    /// stage before it writes; the first one reads nothing. If a stage fails, so does the
    /// pipeline: the last one that does gives its status. One that is ended because a later
    /// one has read enough has not failed.
    #[arg(long)]
    pub builtins: bool,

    /// Print a manual page or a shell's completions
    ///
    /// They belong where the system looks for them: those of bash in the file
    /// ~/.local/share/bash-completion/completions/prun, of zsh in a file _prun in a directory
    /// of $fpath, of fish in ~/.config/fish/completions/prun.fish, the manual page in
    /// ~/.local/share/man/man1/prun.1, as by prun --generate zsh >DIR/_prun.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub generate: Option<GenerateArg>,

    /// Print how many CPUs there are
    #[arg(long, hide = true)]
    pub number_of_cpus: bool,

    /// Print how long a command line can be
    #[arg(long, alias = "maxlinelengthallowed", hide = true)]
    pub max_line_length_allowed: bool,

    /// Print the version of GNU parallel that it stands in for
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

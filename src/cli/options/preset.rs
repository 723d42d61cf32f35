//! Options that are set before the command line is read.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Other")]
pub(crate) struct PresetArgs {
    /// Read more options from FILE
    ///
    /// FILE contains options with quotes and comments as in a shell. Options on the command line
    /// override those in $PRUN, and those override FILE.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Vec<PathBuf>,

    /// Read more options from ~/.config/prun/NAME
    ///
    /// With --gnu, the file is ~/.parallel/NAME. This option may be given more than once. Later
    /// files override earlier ones.
    #[arg(short = 'J', long, value_name = "NAME")]
    pub profile: Vec<PathBuf>,

    /// Ignore $PRUN and files with options
    #[arg(long)]
    pub plain: bool,
}

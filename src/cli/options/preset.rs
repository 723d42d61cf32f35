//! Options that are set before the command line is read.

use std::path::PathBuf;

use clap::{Args, ValueHint};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Other")]
pub(crate) struct PresetArgs {
    /// Read options from FILE as well
    ///
    /// Words, quotes and comments as in a shell. The command line wins over $PRUN, and that over
    /// files.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Vec<PathBuf>,

    /// Read options from ~/.config/prun/NAME as well
    ///
    /// With --gnu, from ~/.parallel/NAME. May be given more than once: later ones win.
    #[arg(short = 'J', long, value_name = "NAME")]
    pub profile: Vec<PathBuf>,

    /// Ignore $PRUN and files of options
    #[arg(long)]
    pub plain: bool,
}

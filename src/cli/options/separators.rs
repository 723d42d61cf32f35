//! The words that begin values and files of values.

use std::ffi::OsString;

use clap::Args;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Input")]
pub(crate) struct SeparatorArgs {
    /// Use WORD instead of ::: before values
    #[arg(long, value_name = "WORD")]
    pub arg_sep: Option<OsString>,

    /// Use WORD instead of :::: before files of values
    #[arg(long, value_name = "WORD")]
    pub arg_file_sep: Option<OsString>,
}

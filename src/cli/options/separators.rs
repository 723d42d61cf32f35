//! The words that begin values and files of values.

use std::ffi::OsString;

use clap::Args;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Input")]
pub(crate) struct SeparatorArgs {
    /// WORD begins values, instead of :::
    #[arg(long, value_name = "WORD")]
    pub arg_sep: Option<OsString>,

    /// WORD begins files of values, instead of ::::
    #[arg(long, value_name = "WORD")]
    pub arg_file_sep: Option<OsString>,
}

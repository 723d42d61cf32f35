//! Options of GNU parallel that scripts have: most do nothing here, and none is shown.

use std::ffi::OsString;
use std::str::FromStr;

use clap::Args;

use crate::error::Error;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Other")]
pub(crate) struct CompatArgs {
    /// No effect: there is no citation notice
    #[arg(long, hide = true)]
    pub will_cite: bool,

    /// No effect: temporary files are not compressed
    #[arg(long, hide = true)]
    pub compress: bool,

    /// No effect: temporary files are not compressed
    #[arg(long, value_name = "PROGRAM", hide = true)]
    pub compress_program: Option<OsString>,

    /// No effect: jobs get all exported variables and functions
    #[arg(long, value_name = "NAME", hide = true)]
    pub env: Vec<OsString>,

    /// Run jobs on this host, the only one possible: `:` or `N/:`
    #[arg(short = 'S', long, value_name = "HOSTS", hide = true)]
    pub sshlogin: Option<LocalHostArg>,

    /// Run the command once, without input, on this host
    #[arg(long, hide = true)]
    pub nonall: bool,

    /// Run the jobs on this host; --tag prints its name
    #[arg(long, hide = true)]
    pub onall: bool,

    /// No effect: jobs run where the files are
    #[arg(long, hide = true)]
    pub transfer: bool,

    /// No effect: jobs run where the files are
    #[arg(long, value_name = "FILE", hide = true)]
    pub transferfile: Vec<OsString>,

    /// No effect: -j counts CPUs
    #[arg(long = "use-cpus-instead-of-cores", hide = true)]
    pub use_cpus: bool,

    /// No effect: signals to prun reach its jobs
    #[arg(long = "ctrl-c", aliases = ["ctrlc", "no-ctrl-c", "no-ctrlc", "noctrlc"], hide = true)]
    pub ctrl_c: bool,
}

/// `-S :` or `-S N/:`: this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LocalHostArg {
    /// `4` of `4/:`
    pub slots: Option<usize>,
}

impl FromStr for LocalHostArg {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let slots = match text.strip_suffix(':').map(|rest| rest.strip_suffix('/')) {
            Some(None) if text == ":" => return Ok(LocalHostArg { slots: None }),
            Some(Some(slots)) => slots.parse().ok().filter(|slots| *slots > 0),
            _ => None,
        };
        match slots {
            Some(slots) => Ok(LocalHostArg { slots: Some(slots) }),
            None => Err(Error::new(format!("'{text}' is another host"))
                .hint("prun runs jobs on this machine only: leave -S out, or write -S :")),
        }
    }
}

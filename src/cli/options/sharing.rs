//! Jobs that share something with others: a key, so far.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::os::jobserver::JobserverStyle;
use crate::policy::rate::StartRate;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Jobs that share")]
pub(crate) struct SharingArgs {
    /// Run jobs of the same key one at a time: --key '<1>'
    ///
    /// TEXT contains placeholders, and what they make of it for a job is the key of the job: --key
    /// '<2>' is the second value, --key '<//>' the directory. The jobs of a key start in the order
    /// of the input. A job that has to wait for its key is overtaken by jobs of other keys: prun
    /// reads on until there is one that can start, but no further than 16384 waiting jobs or 8 MiB
    /// of their values. A job that waits for a retry (--retry-delay) does not hold its key.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub key: Option<OsString>,

    /// Run up to N jobs of the same key at once (default: 1)
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        value_parser = clap::value_parser!(u64).range(1..=4_194_304)
    )]
    pub per_key: Option<u64>,

    /// Start at most N jobs of a key in a time: 5/s, 30/min
    ///
    /// The starts of a key are evenly spaced, and one that comes late is not made up for. Retries
    /// count as well. N/TIME is as for --rate. If 65536 keys wait for the time of their next start,
    /// other keys wait, too.
    #[arg(long, value_name = "N/TIME", allow_hyphen_values = true)]
    pub key_rate: Option<StartRate>,

    /// Give each slot its own value of a variable: GPU=0,1
    ///
    /// Jobs of slot 1 have the first value in their environment, those of slot 2 the second one,
    /// and so on: with --slot-env CUDA_VISIBLE_DEVICES=0,1,2,3, each of four jobs has a GPU to
    /// itself. A value that is there twice is that of two slots. The option can be given more than
    /// once. -j defaults to the number of values, of the shortest list, and cannot be higher.
    #[arg(long, value_name = "NAME=V1,V2", allow_hyphen_values = true)]
    pub slot_env: Vec<OsString>,

    /// Share -j with make, cargo and ninja that jobs run
    ///
    /// prun is the jobserver of what runs below it: with -j8, the jobs and what their makes run are
    /// 8 at once in all. A job counts as one, and a make in it takes a token for each command that
    /// it runs beside its first. A make that has -j on its own command line does not share. STYLE
    /// is pipe, the default, which every make and cargo knows, or fifo, which ninja knows from 1.13
    /// on; makes before 4.4 end with an error if they find a fifo. If prun itself runs below make
    /// -jN, jobs and makes share the tokens of that one instead, whatever STYLE is.
    #[arg(
        long,
        value_name = "STYLE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "pipe",
        value_parser = PossibleValuesParser::new(["pipe", "fifo"]).map(jobserver_style),
        hide_possible_values = true
    )]
    pub jobserver: Option<JobserverStyle>,
}

fn jobserver_style(text: String) -> JobserverStyle {
    match text.as_str() {
        "fifo" => JobserverStyle::Fifo,
        _ => JobserverStyle::Pipe,
    }
}

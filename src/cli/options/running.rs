//! How many jobs run at once, when they start and end, and what their processes find.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueHint};

use crate::exec::termination::signal_sequence::SignalSequence;
use crate::policy::delay::StartDelay;
use crate::policy::jobs::JobLimit;
use crate::policy::load::LoadThreshold;
use crate::policy::memory::MemorySize;
use crate::policy::timeout::TimeLimit;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunningArgs {
    /// Run N jobs at once: 8, +2, -1, 50%, 0 for no limit
    ///
    /// +2 and -1 count from the number of CPUs, though one job always runs, 50% is a share of
    /// them, rounded up, and 0 is as many as the system allows. N may also be a file that holds one of these; it is read again
    /// whenever a job ends, so that the number can be changed while jobs run. The default is 100%: as many jobs as there are CPUs that prun may use, a container's quota included.
    #[arg(
        short = 'j',
        visible_short_alias = 'P',
        long,
        value_name = "N",
        allow_hyphen_values = true,
        value_parser = OsStringValueParser::new().map(|text| JobLimit::parse(&text))
    )]
    pub jobs: Option<JobLimit>,

    /// Stop a job after TIME: 10, 500ms, 1.5s, 2m, 1h30m, 1d
    ///
    /// It gets the signals of --termseq and counts as failed. The output that it has written is
    /// printed. On Linux, processes that have left its process group, as by setsid, are killed
    /// after it if they still have its environment.
    ///
    /// A percentage, as in 300%, is a share of the median time of the jobs that have succeeded so
    /// far; before the first one there is no limit.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub timeout: Option<TimeLimit>,

    /// Wait TIME between two starts
    ///
    /// With auto behind it, as in 0.1auto, TIME becomes longer by 30 % after each failure and
    /// shorter by 10 % after each success.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub delay: Option<StartDelay>,

    /// Start a job only while the load is below L
    ///
    /// L is a number of threads that run or wait for a disk, in the whole system: 8, 100% of the
    /// CPUs, +1 or -1 from their number; 0 means nearly idle. While it is too high, running jobs
    /// go on, and one job at a time starts all the same. With --gnu only threads that ps(1) shows
    /// count, and no job starts.
    #[arg(long, value_name = "L", allow_hyphen_values = true)]
    pub load: Option<LoadThreshold>,

    /// Start a job only while SIZE memory is available
    ///
    /// SIZE is a number of bytes with K, M, G, T or P (or KiB, MiB and so on) for powers of 1024,
    /// or k, m, g, t or p (or kB, MB and so on) for powers of 1000. A limit of the control group counts. Below half of SIZE, the youngest job
    /// is stopped and run again later; that is no failure and no try. So output is printed when
    /// a job ends, also with --line-buffer.
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memfree: Option<MemorySize>,

    /// Start a job only if COMMAND agrees
    ///
    /// A shell runs it before each start. Its exit status says what to do: 0 start the job, 1
    /// wait and ask again in a second or when a job ends, 2 do that and stop the youngest job,
    /// which is run again later as with --memfree.
    #[arg(
        long,
        value_name = "COMMAND",
        allow_hyphen_values = true,
        value_hint = ValueHint::CommandString
    )]
    pub limit: Option<OsString>,

    /// Signals that end a job: TERM,2000,KILL
    ///
    /// Signals and milliseconds in turn. Each signal goes to all processes of the job, which has
    /// so much time before the next one.
    #[arg(long, value_name = "SEQ")]
    pub termseq: Option<SignalSequence>,

    /// Run each job in the directory DIR, made if it is missing
    ///
    /// DIR may hold placeholders. The name ... stands for a fresh directory for each job, below
    /// $TMPDIR or /tmp. With --gnu it is removed when the job has ended.
    #[arg(long = "wd", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub workdir: Option<OsString>,

    /// Give jobs the variable NAME: their slot, from 0
    ///
    /// The same as $PRUN_SLOT, but counted from 0: --process-slot-var CUDA_VISIBLE_DEVICES.
    #[arg(long, value_name = "NAME")]
    pub process_slot_var: Option<OsString>,

    /// Run jobs at this niceness: 19 is the lowest priority
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(i32).range(-20..=19)
    )]
    pub nice: Option<i32>,

    /// Print each command quoted, as one word for a shell
    ///
    /// Nothing is run. Without a command these are the values. Twice quotes twice.
    #[arg(long, action = ArgAction::Count)]
    pub shellquote: u8,

    /// Print the commands instead of running them
    #[arg(long)]
    pub dry_run: bool,
}

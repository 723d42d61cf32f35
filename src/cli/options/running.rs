//! Number of jobs at once, when they start and end, and the surroundings of their processes.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{ArgAction, Args, ValueHint};

use crate::exec::termination::signal_sequence::SignalSequence;
use crate::policy::delay::StartDelay;
use crate::policy::duration;
use crate::policy::jobs::JobLimit;
use crate::policy::load::LoadThreshold;
use crate::policy::memory::MemorySize;
use crate::policy::pressure::PressureLimits;
use crate::policy::rate::StartRate;
use crate::policy::timeout::TimeLimit;
use crate::policy::user_signals::StatusSignal;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Running")]
pub(crate) struct RunningArgs {
    /// Run up to N jobs in parallel: 8, +2, -1, 50%, 0
    ///
    /// The default is 100%: one job for each CPU that prun may use. A CPU quota of the container is
    /// taken into account. +2 and -1 count from the number of CPUs, 50% is half of them, rounded
    /// up, and 0 runs as many jobs as the system allows. At least one job always runs. N may also
    /// be the name of a file that contains one of these. prun reads it again whenever a job ends,
    /// so that the number can be changed during the run. The signal USR1 raises the number by 1,
    /// and USR2 lowers it.
    ///
    /// Below make -jN, in a recipe that begins with + or names $(MAKE), the default is what the
    /// jobserver of make allows: one job, and one more for each token that is free. See also
    /// --jobserver.
    #[arg(
        short = 'j',
        visible_short_alias = 'P',
        long,
        value_name = "N",
        allow_hyphen_values = true,
        value_parser = OsStringValueParser::new().map(|text| JobLimit::parse(&text))
    )]
    pub jobs: Option<JobLimit>,

    /// List the running jobs on this signal: USR1, USR2
    ///
    /// prun writes a line about each running job to standard error, for example after kill -USR1
    /// PID. The signal does not change the number of jobs then.
    #[arg(long, value_name = "SIGNAL")]
    pub status_on: Option<StatusSignal>,

    /// Stop a job after TIME: 10, 500ms, 1.5s, 2m, 1h30m, 1d
    ///
    /// The job gets the signals of --termseq and counts as failed. What it has written until then
    /// is printed. On Linux, processes that have left the process group of the job, as with setsid,
    /// are killed as well if they still have its environment.
    ///
    /// A percentage such as 300% refers to the median run time of the jobs that have succeeded so
    /// far. There is no limit until the first job has succeeded.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub timeout: Option<TimeLimit>,

    /// Stop the whole run after TIME
    ///
    /// No more jobs are started, the running ones get the signals of --termseq, and the exit status
    /// is 124. In the job log they are jobs that prun has stopped: --resume runs them again. Time
    /// during which prun is stopped does not count, nor does the time in which input is read that
    /// has to be there before the first job, as with --shuf or --header.
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        value_parser = duration::parse
    )]
    pub timeout_total: Option<Duration>,

    /// Wait TIME between the starts of two jobs
    ///
    /// If TIME ends with auto, as in 0.1auto, the delay grows by 30 % after each failure and
    /// shrinks by 10 % after each success. auto alone begins without a delay, and has one of 0.1
    /// seconds after the first failure.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub delay: Option<StartDelay>,

    /// Start at most N jobs in a time: 10/s, 30/min, 100/h, 3/10s
    ///
    /// The starts are evenly spaced. Retries count as well. With --delay, both are kept. A start
    /// that comes late is made up for if it is not later than 50 ms.
    #[arg(long, value_name = "N/TIME", allow_hyphen_values = true)]
    pub rate: Option<StartRate>,

    /// Start jobs only while the system load is below L
    ///
    /// The load is the number of threads in the whole system that are running or waiting for a
    /// disk. L is such a number (8), a percentage of the CPUs (100%) or a number relative to the
    /// CPUs (+1, -1). 0 means that the system is nearly idle. While the load is too high, running
    /// jobs continue, and new jobs start one at a time. With --gnu, only threads that ps(1) shows
    /// are counted, and no new job starts.
    #[arg(long, value_name = "L", allow_hyphen_values = true)]
    pub load: Option<LoadThreshold>,

    /// Start jobs only while SIZE memory is available
    ///
    /// SIZE is a number of bytes. The suffixes K, M, G, T and P (or KiB, MiB and so on) stand for
    /// powers of 1024, and k, m, g, t and p (or kB, MB and so on) for powers of 1000. A memory
    /// limit of the control group is taken into account. If less than half of SIZE is available,
    /// the youngest job is killed and run again later. That does not count as a failure or as a
    /// retry. Therefore output is printed only when a job ends, even with --line-buffer.
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memfree: Option<MemorySize>,

    /// Suspend jobs while less than twice SIZE memory is available
    ///
    /// Below twice SIZE, the youngest jobs are stopped by SIGSTOP, the more the less memory is
    /// available; below SIZE, all but the oldest. They go on, the oldest first, when more is
    /// available, which is often at the end of another job. No job starts meanwhile, or while less
    /// than SIZE is available. Time limits do not count the time for which a job is suspended. SIZE
    /// is written as for --memfree. If no job needs more than SIZE, all of them end without running
    /// out of memory.
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub memsuspend: Option<MemorySize>,

    /// Start no job while the system swaps memory in and out
    ///
    /// The system does so if pages were moved in both directions between two readings of
    /// /proc/vmstat that are a second apart. While it swaps, and during the first second, new jobs
    /// start one at a time; with --gnu, none starts.
    #[arg(long)]
    pub noswap: bool,

    /// Start jobs only while tasks rarely wait: cpu=15,mem=5,io=20
    ///
    /// LIMITS are percentages of the time for which some tasks had to wait for a CPU, for memory or
    /// for a disk, as the kernel measures it (pressure-stall information): of the control group of
    /// prun if it has these files, else of the system. Jobs start while the last second was below
    /// each limit. At first, as many start as there are CPUs, and their number can double each
    /// second. While there is too much pressure, running jobs continue, and new jobs start one at
    /// a time.
    #[arg(long, value_name = "LIMITS", allow_hyphen_values = true)]
    pub pressure: Option<PressureLimits>,

    /// Run COMMAND before each start to decide whether to start
    ///
    /// A shell runs COMMAND. Its exit status decides: 0 starts the job, 1 waits and asks again
    /// after a second or when a job ends, 2 also kills the youngest job, which is run again later
    /// as with --memfree.
    #[arg(
        long,
        value_name = "COMMAND",
        allow_hyphen_values = true,
        value_hint = ValueHint::CommandString
    )]
    pub limit: Option<OsString>,

    /// Signals that stop a job, and pauses: TERM,2000,KILL
    ///
    /// SEQ alternates between signals and milliseconds to wait. Each signal is sent to all
    /// processes of the job.
    #[arg(long, value_name = "SEQ")]
    pub termseq: Option<SignalSequence>,

    /// Run jobs in the directory DIR, and create it if necessary
    ///
    /// DIR may contain placeholders. The name ... creates a new directory for each job in $TMPDIR
    /// or /tmp. With --gnu, that directory is removed when the job has ended.
    #[arg(long = "wd", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub workdir: Option<OsString>,

    /// Set the variable NAME to the number of the slot, from 0
    ///
    /// The value is that of $PRUN_SLOT minus 1, for example to choose a GPU: --process-slot-var
    /// CUDA_VISIBLE_DEVICES.
    #[arg(long, value_name = "NAME")]
    pub process_slot_var: Option<OsString>,

    /// Run jobs with niceness N; 19 is the lowest priority
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(i32).range(-20..=19)
    )]
    pub nice: Option<i32>,

    /// Print commands quoted for a shell instead of running them
    ///
    /// Without a command, the values are printed. If the option is given twice, they are quoted
    /// twice.
    #[arg(long, action = ArgAction::Count)]
    pub shellquote: u8,

    /// Print the commands instead of running them
    #[arg(long)]
    pub dry_run: bool,
}

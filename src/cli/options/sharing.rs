//! Jobs that share something with others: a key, the slots of a semaphore, a plan.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};

use crate::os::jobserver::JobserverStyle;
use crate::policy::rate::StartRate;
use crate::semaphore::WaitLimit;

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Jobs that share")]
pub(crate) struct SharingArgs {
    #[command(flatten)]
    pub semaphore: SemaphoreArgs,

    /// Run jobs of the same key one at a time: --key '<1>'
    ///
    /// TEXT contains placeholders, and what they make of it for a job is the key of the job: --key
    /// '<2>' is the second value, --key '<//>' the directory. The jobs of a key start in the order
    /// of the input. A job that has to wait for its key is overtaken by jobs of other keys: prun
    /// reads on until there is one that can start, but no further than 16384 waiting jobs or 8 MiB
    /// of their values. With --queue, it takes no more than two jobs for each slot to find one. A
    /// job that waits for a retry (--retry-delay) does not hold its key.
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
    /// count as well. N/TIME is as for --rate. If 65536 keys, or 8 MiB of them, wait for their time,
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

    /// Run the jobs of FILE, which need each other
    ///
    /// FILE has one JSON object per line: {"name": "test", "command": "make test", "needs":
    /// ["build"]}. - is standard input. A job starts when the jobs that it needs have succeeded.
    /// If one has failed, the jobs that need it are skipped, and count as failed. The command is a
    /// command line, or an array of a program and its arguments; it has no placeholders. Other
    /// fields: env (an object of variables), cwd (a directory), timeout, retries, ok_codes (an
    /// array) and key, which go before the options of the same name.
    ///
    /// With "service": true, the jobs that need it start when it is ready, and it is ended when
    /// none of them is left. It takes no slot, and starts when a job waits for nothing else. "ready"
    /// is {"command": "..."} (it is run every 0.1 s until it succeeds), {"line": REGEX} (the service
    /// prints such a line) or {"port": N} (it listens on 127.0.0.1 or ::1, and nobody did before);
    /// without it, a service is ready when it runs. timeout is the time that it has to become
    /// ready. A service stays in the foreground. If it ends too early, the jobs that need it are
    /// ended, and fail, and what it has left behind is killed. Its output is printed on standard
    /// error if it has failed.
    ///
    /// The number of a job is that of its line, and its name is its value: --tag prints it.
    /// --dry-run prints the commands in waves. --resume counts jobs as done by number and command.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,

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

    /// Start the command once per slot and send it the values
    ///
    /// The command lives on from job to job. Each job writes its values to the standard input of
    /// the command, with tabs between them and a newline behind them, and reads one line from its
    /// standard output, which is the output of the job. With -0, messages and answers end with a
    /// NUL byte instead. The command has no placeholder for values, but may have <%>. prun --worker
    /// bc -l ::: 1+1 2+2 starts bc once for each slot. What the command writes to standard error
    /// belongs to the job that runs. A command that ends before its answer is complete has failed
    /// the job, and is started again for the next one. $PRUN_SEQ is the number of the job for which
    /// it was started.
    ///
    /// The command must write each answer at once: sed -u, jq --unbuffered, python3 -u, stdbuf -oL
    /// COMMAND. A command that does not answer keeps its job waiting; --timeout ends both.
    #[arg(long)]
    pub worker: bool,

    /// Send TEXT to the worker: --worker-send 'sqrt(<1>)'
    ///
    /// TEXT may contain placeholders. A newline (with -0, a NUL byte) is added if it does not end
    /// with one. Escapes such as \n are not interpreted: $'...' makes newlines in bash. Without this
    /// option, several values of a job must not have tabs in them.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub worker_send: Option<OsString>,

    /// The worker's answer ends with a line that is TEXT
    ///
    /// The answer is everything before that line, which is not printed. Without this option, an
    /// answer is one line.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub worker_end: Option<OsString>,

    /// Start the worker again after N jobs
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub worker_jobs: Option<u64>,
}

fn jobserver_style(text: String) -> JobserverStyle {
    match text.as_str() {
        "fifo" => JobserverStyle::Fifo,
        _ => JobserverStyle::Pipe,
    }
}

/// Each of them asks for a semaphore.
#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Jobs that share")]
pub(crate) struct SemaphoreArgs {
    /// Run the command while at most -jN others of its --id run
    ///
    /// prun --semaphore COMMAND runs one command, without values. It waits until fewer than N
    /// commands of the same --id run, whoever has started them (-jN, default 1: one at a time),
    /// starts it in the background, and returns. Waiting prun processes get in by order of arrival.
    /// The job inherits a lock, which counts until its main process has ended, even if prun is
    /// killed. A job that calls prun --semaphore with the same --id does not wait for itself. Called
    /// by the name sem, prun does the same with --gnu. --id, --fg, --bg, --wait and
    /// --semaphoretimeout do not need --semaphore beside them.
    #[arg(long)]
    pub semaphore: bool,

    /// Use the semaphore of this name, any text
    ///
    /// Semaphores belong to the user: the same name of another user is another semaphore. Without
    /// --id it is that of the terminal, and without a terminal one of the user.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub id: Option<OsString>,

    /// Wait for the command of --semaphore; exit as it does
    ///
    /// The exit status is that of the command, or 128+N if signal N has ended it. Signals to prun
    /// are passed on to the command, but for HUP, after which it can finish.
    #[arg(long)]
    pub fg: bool,

    /// Run the command of --semaphore in the background (default)
    #[arg(long)]
    pub bg: bool,

    /// Wait until no command of the semaphore runs
    ///
    /// Commands that were waiting before count as well. The exit status is 0, whatever the commands
    /// have returned.
    #[arg(long)]
    pub wait: bool,

    /// Wait at most TIME, then run anyway; -TIME: give up
    ///
    /// After a positive time the command runs though the semaphore is not free. After a negative one
    /// such as -10 or -0.5s prun ends with exit status 1, and the command is not run; -0 does not
    /// wait at all. 0 is no limit.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub semaphoretimeout: Option<WaitLimit>,
}

impl SemaphoreArgs {
    pub(crate) fn is_asked(&self) -> bool {
        let flags = [self.semaphore, self.fg, self.bg, self.wait];
        flags.contains(&true) || self.id.is_some() || self.semaphoretimeout.is_some()
    }
}

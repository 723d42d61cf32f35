//! prun runs one command per input through a bounded pool of processes.
//!
//! Data flows one way:
//!
//! ```text
//! argv -> Cli -> Config -> Rows -> Job -> Executor -> AttemptEnd -> AttemptRecord -> RunResult -> RunExit
//! ```
//!
//! [`cli`] reads what was typed, and [`config`] decides what it means. [`input`] makes rows
//! of values, and [`template`] makes a command from a row. In the [`pool`], a feeder reads
//! rows ahead, each slot is a thread that runs one job after the other by an
//! [`Executor`](exec::executor::Executor), and one dispatcher owns the state of the run: it starts jobs, applies
//! the rules of [`policy`], and puts finished jobs in order. Captured output and records go
//! to the one thread that writes ([`output::writer`]). Whatever watches the run (job log,
//! progress, closing block) is an [`observer`] of one stream of events.
//!
//! Each module imports only from those that are listed above it:
//!
//! - [`error`]: what prun itself could not do
//! - [`exit`]: the exit statuses
//! - [`os`]: processes, signals, descriptors: the only place with `unsafe`
//! - [`builtin`]: transforms that need no process
//! - [`input`]: where values come from
//! - [`job`]: a job and how it ended
//! - [`tally`]: counts of jobs
//! - [`policy`]: rules: when to halt, retry, wait or time out, how many at once
//! - [`plan`]: jobs that need each other
//! - [`expression`]: what `{= =}` computes
//! - [`blocks`]: a stream cut at borders of records, for jobs to read
//! - [`quote`]: a text as a word that a shell reads back
//! - [`placeholder`]: `<>` and its relatives, and what they yield for a row
//! - [`shell`]: shell text: its lexer, what shells know, where a value would be code
//! - [`template`]: from a command line and values to a command
//! - [`spool`]: captured bytes, in memory or on disk
//! - [`exec`]: running one attempt
//! - [`observer`]: what happens in a run, told to those that watch it
//! - [`queue`]: a durable queue of rows that several runs share
//! - [`output`]: the order of output, the one thread that writes, results in files
//! - [`log`]: observers (remarks, job log, event log, closing block, `--summary`, progress display), and
//!   what an earlier log says of jobs (`--resume`)
//! - [`pool`]: slots, feeder and dispatcher
//! - [`dry_run`]: what `--dry-run` prints
//! - [`semaphore`]: one command under a lock that several pruns share (`--semaphore`)
//! - [`status`]: what the exit status is
//! - [`cli`]: what was typed
//! - [`config`]: what it means; opens input, logs and results

// The story is for those who read the code.
#![allow(rustdoc::private_intra_doc_links)]

mod error;

mod exit;

mod os;

mod builtin;

mod input;

mod job;

mod tally;

mod policy;

mod plan;

mod expression;

mod blocks;

mod quote;

mod placeholder;

mod shell;

mod template;

mod spool;

mod exec;

mod observer;

mod queue;

mod output;

mod log;

mod pool;

mod dry_run;

mod semaphore;

mod status;

mod cli;

mod config;

pub use exit::RunExit;
pub use os::host::Host;

use std::ffi::OsString;
use std::io;
use std::os::fd::AsFd;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use cli::CliAction;
use config::Config;
use config::queue::QueueUse;
use dry_run::DryRunOptions;
use error::{Result, escape_controls};
use input::Rows;
use observer::Observers;
use os::clock::Clock;
use os::job_cgroup::RunCgroup;
use output::results::{Assignments, ResultsForm, ResultsOutput};
use output::write_all;
use pool::{RunIo, RunSetup};
use queue::PutOptions;
use status::ExitPolicy;

/// Does what the command line says.
pub fn run(argv: Vec<OsString>, host: &Host) -> RunExit {
    os::internal_error::end_on_panic();
    os::signal::survive_file_limit();
    let for_shell = cli::is_for_shell(&argv);
    let end = match try_run(argv, host) {
        Ok(end) => end,
        Err(error) => {
            error.report();
            RunExit::Status(exit::ERROR)
        }
    };
    if for_shell {
        tell_shell(end);
    }
    end
}

/// Tells the status to a shell: a shell function evaluates what is printed, and returns it.
fn tell_shell(end: RunExit) {
    let status = match end {
        RunExit::Status(status) => status,
        RunExit::Signal(signal) => exit::SIGNALED.wrapping_add(signal as u8),
    };
    // Without a reader nobody asks.
    let _ = output::print(format!("return {status}\n").as_bytes());
}

fn try_run(argv: Vec<OsString>, host: &Host) -> Result<RunExit> {
    let for_shell = cli::is_for_shell(&argv);
    let cli = match cli::parse(argv, host)? {
        // No shell must run it.
        CliAction::Print(text) if for_shell => {
            let _ = write_all(io::stderr().as_fd(), &text);
            return Ok(RunExit::Status(exit::ERROR));
        }
        CliAction::Print(text) => return output::print(&text),
        CliAction::Run(cli) => *cli,
    };
    if cli.sharing.semaphore.is_asked() {
        let options = config::semaphore(&cli, host)?;
        options.notices.iter().for_each(|notice| notify(notice));
        return semaphore::run(options, &host.environment);
    }
    if let Some(status) = config::queue::status(&cli)? {
        return output::print(status.as_bytes());
    }
    let mut config = Config::resolve(cli, host)?;
    for notice in &config.notices {
        notify(notice);
    }
    for warning in config.template.warnings() {
        notify(&format!("prun: warning: {warning}"));
    }
    if let (Some(QueueUse::Put(options)), None) = (&config.queue, config.dry_run) {
        return put(options, &mut config.rows, &config.rule);
    }
    let variables = config
        .results
        .as_ref()
        .and_then(ResultsForm::variables)
        .cloned();
    let log = config.open_log()?;
    let events = config.open_events()?;
    let results = config.open_results()?;
    if let Some(variables) = &variables {
        output::print(variables.head().as_bytes())?;
    }
    let mut observers = config.list_observers((log, events), results.as_ref());
    config.take_from_queue(&mut observers)?;
    let end = run_jobs(config, (observers, results), variables.clone());
    if let Some(variables) = &variables {
        output::print(variables.tail().as_bytes())?;
    }
    end
}

/// Puts rows into a queue instead of running them.
fn put(options: &PutOptions, rows: &mut Rows, rule: &ExitPolicy) -> Result<RunExit> {
    let count = queue::put(options, rows, |warning| notify(&warning))?;
    rule.check_input(count)
        .map(|()| RunExit::Status(exit::SUCCESS))
}

fn run_jobs(
    config: Config,
    (observers, results): (Observers, Option<ResultsOutput>),
    variables: Option<Assignments>,
) -> Result<RunExit> {
    let template = config.template;
    if let Some(shown) = config.dry_run {
        let printing = DryRunOptions {
            shown,
            tag: config.tag,
            variables,
            skipped: config.skipped,
            plan: config.pool.plan.map(|plan| plan.plan),
        };
        let (count, end) = dry_run::run(config.rows, &template, printing)?;
        return config.rule.check_input(count).map(|()| end);
    }
    let clock = Arc::new(Clock::new());
    let cgroup = config.cgroup.as_ref().map(RunCgroup::create);
    let cgroup = cgroup.transpose()?.map(Arc::new);
    let io = RunIo {
        rows: config.rows,
        results,
        progress: config.progress,
        observers,
    };
    let setup = RunSetup {
        executor: exec::open(config.executor, &template, &clock, cgroup.as_ref()),
        template,
        clock,
        tag: config.tag,
        options: config.pool,
        budget: Arc::default(),
    };
    let result = pool::run(setup, io);
    if let Some(cgroup) = cgroup {
        cgroup.remove();
    }
    let mut result = result?;
    result.tally.failed += config.skipped.load(Ordering::Relaxed);
    Ok(end(&result, &config.rule))
}

/// A signal says more than an error, and an error more than a status.
fn end(result: &pool::RunResult, rule: &ExitPolicy) -> RunExit {
    let error = result.error.clone().or_else(|| rule.check(&result.tally));
    if let Some(error) = &error {
        error.report();
    }
    match (result.signal, error) {
        (Some(signal), _) => RunExit::Signal(signal),
        (None, Some(_)) => RunExit::Status(exit::ERROR),
        (None, None) => RunExit::Status(rule.status(&result.halted, &result.tally)),
    }
}

impl RunExit {
    /// Ends the process: gives `main` the exit status, or dies by the signal.
    pub fn take_effect(self) -> ExitCode {
        match self {
            RunExit::Status(status) => status.into(),
            RunExit::Signal(signal) => {
                os::signal::die(signal);
                // Still here: the signal does not end PID 1 of a container.
                exit::SIGNALED.wrapping_add(signal as u8).into()
            }
        }
    }
}

/// Says something before the first job starts. A standard error that cannot take it
/// does not keep jobs from running.
fn notify(text: &str) {
    let text = format!("{text}\n");
    let _ = write_all(io::stderr().as_fd(), &escape_controls(text.as_bytes()));
}

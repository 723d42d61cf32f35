//! Tests of the program as its user meets it: the real binary, in a fresh directory.

/// The `Test` builder that all others use.
mod support;

/// The builder itself: what it runs, what it notices, what it says.
mod harness;

/// Modules import downwards only; each file keeps to the house rules.
mod layering;

/// The man page and the completions are what the binary prints.
mod generated;

/// Every fault and every promise has its test.
mod fault_catalogue;

/// Each example in the README prints what the README shows.
mod readme;

/// Control groups of jobs.
mod cgroup;
/// Composing and running a command.
mod command;
/// Composition as in GNU parallel.
mod gnu;
/// Several values for one job.
mod groups;
/// The death of prun, and the guard of its jobs.
mod guard;
/// Sources of values and how they are combined.
mod input;
/// Lists of commands, beside the shell.
mod list;
/// Blocks of input for each job.
mod pipe;
/// Programs that call `parallel --pipe`.
mod pipe_clients;
mod pipe_faults;
mod pipe_parts;
/// Placeholders.
mod placeholder;
/// Which shell runs a line, and what runs as a shell would without one.
mod shell;
/// Placeholders beside the usual.
mod shorthand;
/// Commands that are shown.
mod show;
/// Sources that break off, make wait or never end.
mod stream;
/// Values with columns.
mod table;
/// Command lines that cannot be used.
mod usage;

/// Completion by the tab key, in real shells.
mod completions;

/// `--help` with a name behind it.
mod help;

/// Command lines that hints show.
mod hints;

/// Values are data.
mod values;

/// Commands that begin with `@`.
mod builtin;

/// Output of jobs, and its order.
mod output;
mod pasted;

/// Colours.
mod color;

/// `--latest-line`.
mod latest;
/// The progress display.
mod progress;

/// Output that cannot be delivered, and what waiting for it costs.
mod sink;

/// Output that is kept in files.
mod results;

/// The job log.
mod joblog;

mod joblog_faults;

/// `--events`.
mod events;

/// `--resume`, `--resume-failed`, `--retry-failed`.
mod resume;

/// Commands of a job log that must not be run as text.
mod withheld;

/// The closing block and the exit status.
mod summary;

/// The text of messages.
mod messages;

/// Bugs of other runners.
mod regression;

/// Long lines, and text as editors of other systems write it.
mod records;

/// `--gnu` against what GNU parallel made of a corpus of scripts.
mod compat;

/// Differences between `--gnu` and the own mode.
mod differences;
mod env_parallel;

/// `--gnu` beside GNU parallel itself.
mod against_gnu;

/// Tokens of make.
mod jobserver;

/// Values of variables by slots.
mod slot_env;

/// Signals to prun: what becomes of the jobs, of their output, and of prun.
mod signals;

/// Descriptors, signals and limits of a job, by each way to start a process.
mod start;

/// Directories of jobs, and options that are not typed.
mod surroundings;

/// Jobs that do not behave: they leave processes, close or flood their output, are
/// missing or killed.
mod jobs;

/// `--timeout`, `--timeout-total` and `--termseq`.
mod timeout;

/// Jobs that are stopped.
mod stopped;

/// Processes that leave their job's process group, and lose their parent.
mod orphans;

/// `--ok-codes`.
mod ok_codes;

/// `--retries`, `--retry-on`, `--retry-delay`.
mod retry;

/// Warnings about a command before any job.
mod second;

/// `--halt`.
mod halt;

/// `-j`, slots, `--delay` and `--rate`.
mod slots;

/// Jobs that share a key.
mod keys;

/// Conditions for a start: load, memory, a changing number of jobs.
mod throttle;

/// Starts by the pressure of the system.
mod psi;

/// What running jobs do when memory becomes short.
mod memory;
/// SIGUSR1 and SIGUSR2.
mod user_signals;

/// Output that piles up: a full disk, a reader that has stopped.
mod pressure;

/// When descriptors, processes or memory are short.
mod resources;

/// `--semaphore` and `sem`.
mod semaphore;

/// System calls that fail, at every place of a run.
mod injection;

/// Runs that are ended at any moment, and gone on with.
mod killed;

/// Jobs that need each other.
mod plan;
mod plan_service_faults;
mod plan_services;

/// `--queue`.
mod queue;
mod queue_faults;
mod queue_killed;
/// Processes that live on from job to job.
mod worker;

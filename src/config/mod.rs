//! What the command line means: every default, every conflict, in one place. A function
//! of what was typed, of the facts about the machine, and of a header in the input.

mod arguments;
mod columns;
mod combined;
mod command;
mod conflicts;
mod files;
mod input;
mod log;
mod misread;
mod no_input;
mod output;
mod results;
mod skipped;
mod slots;
mod suspect;
mod throttle;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use self::files::InputFiles;
use self::log::{CommandOrigin, JobLogSetup};
use crate::cli::{Cli, eaten};
use crate::dry_run::DryRunFormat;
use crate::error::{Error, Result};
use crate::exec::ExecutorKind;
use crate::exec::capture::ReleaseBoundary;
use crate::exec::communicate::AttemptLimits;
use crate::exec::local::{self, JobVariables, WorkdirPolicy};
use crate::exec::start::spawn_limit::MOST_STARTS;
use crate::exec::termination::LeakPolicy;
use crate::input::Rows;
use crate::log::progress::{self, ProgressOutput};
use crate::os::host::Host;
use crate::os::{niceness, startup, terminal};
use crate::output::results::ResultsForm;
use crate::placeholder::{
    CommandDialect, PlaceholderSpellings, RowShape, RunContext, TextTemplate,
};
use crate::policy::descriptors::DescriptorNeeds;
use crate::policy::halt::HaltRule;
use crate::policy::timeout::TimeLimit;
use crate::pool::{self, ColorScope, JobTag};
use crate::status::{EmptyInput, ExitPolicy};
use crate::template::CommandTemplate;

/// What will happen, by stage.
pub(crate) struct Config {
    /// Where values come from.
    pub rows: Rows,
    /// What is run.
    pub template: Arc<CommandTemplate>,
    /// How it is shown, if it is not run.
    pub dry_run: Option<DryRunFormat>,
    /// How many jobs an expression has left out so far that count as failed.
    pub skipped: Arc<AtomicU64>,
    /// What their processes find.
    pub executor: ExecutorKind,
    /// How they are run.
    pub pool: pool::PoolOptions,
    /// What goes before lines.
    pub tag: JobTag,
    /// The job log, and what it is good for.
    pub joblog: JobLogSetup,
    /// Where output goes instead of being printed.
    pub results: Option<ResultsForm>,
    /// Where progress is shown.
    pub progress: Option<progress::ProgressOptions>,
    /// What the exit status is.
    pub rule: ExitPolicy,
    /// What to say before the first job starts.
    pub notices: Vec<String>,
}

/// What was typed, and what its texts are read by.
struct ParsedCli<'a> {
    cli: &'a Cli,
    dialect: CommandDialect,
    spellings: PlaceholderSpellings,
    shape: RowShape,
    host: &'a Host,
}

impl ParsedCli<'_> {
    /// Reads a text with placeholders.
    fn text(&self, text: &[u8]) -> Result<TextTemplate> {
        TextTemplate::parse(text, self.dialect, &self.spellings, &self.shape)
    }

    /// Reads the text of a file with placeholders.
    fn document(&self, text: &[u8]) -> Result<TextTemplate> {
        TextTemplate::document(text, self.dialect, &self.spellings, &self.shape)
    }
}

impl Config {
    /// Decides what was meant.
    ///
    /// # Errors
    /// Options that contradict each other, a shell or a standard output that cannot be
    /// used, a `<>` that the user's shell took for a redirection.
    pub(crate) fn resolve(mut cli: Cli, host: &Host) -> Result<Config> {
        check_stdout()?;
        open_terminal(&mut cli)?;
        let dialect = dialect(&cli, host)?;
        let mut notices = Vec::new();
        let joblog = JobLogSetup::resolve(&mut cli, dialect)?;
        let inputs = InputFiles::of(&cli);
        misread::tell_lines(&cli, dialect, &mut notices);
        let reads_stdin =
            cli.input.arg_file.is_empty() && cli.sources.is_empty() && !cli.compat.nonall;
        let from_log = joblog.commands() == CommandOrigin::Yes;
        let (mut rows, shape) = match from_log {
            true => (Rows::numbered(Vec::new()), RowShape::of(1)),
            false => input::open(&mut cli, dialect, host, &mut notices)?,
        };
        let typed = ParsedCli {
            spellings: command::spellings(&cli)?,
            cli: &cli,
            dialect,
            shape,
            host,
        };
        results::use_for_temporary_files(cli.output.tmpdir.as_deref())?;
        let results = results::form(&typed)?;
        joblog.needs_results(results.as_ref())?;
        inputs.check(&joblog, results.as_ref())?;
        let mut template = template(&typed, &joblog, results.as_ref())?;
        let reads_stdin = reads_stdin && !from_log;
        let empty = no_input::rule(&typed, &mut rows, reads_stdin, &mut notices)?;
        misread::tell_names(&typed, &mut notices);
        rows.set_hints(suspect::hints(&cli, dialect, &template));
        let descriptors = DescriptorNeeds::new(template.descriptors(), MOST_STARTS);
        let slots = slots::count(&cli, descriptors, host, &mut notices)?;
        rows.group(input::group(&cli, &template.weight(), slots)?);
        let tag = output::tag(&typed)?;
        let names_total = results.as_ref().is_some_and(ResultsForm::needs_total);
        let needs_total = template.needs_total() || tag.needs_total() || names_total;
        let total = total(&cli, &mut rows, needs_total)?;
        template.set_run(RunContext { slots, total });
        let template = Arc::new(template);
        let skipped = skipped::leave_out(&mut rows, &template, dialect);
        let (pool, progress) = pool_options(&typed, slots, &joblog, results.as_ref())?;
        Ok(Config {
            rule: rule(&typed, pool.halt, empty),
            tag: JobTag {
                source: tag,
                escapes_controls: host.stdout.is_terminal(),
            },
            template,
            dry_run: dry_run(&cli),
            skipped,
            executor: ExecutorKind::Local(job_options(&typed, slots)?),
            pool: pool::PoolOptions {
                slots_file: slots::file(&cli, descriptors, host),
                ..pool
            },
            joblog,
            results,
            rows,
            progress,
            notices,
        })
    }
}

/// Whose ways are followed. What can be wrong in prun's own only is looked for.
fn dialect(cli: &Cli, host: &Host) -> Result<CommandDialect> {
    if cli.template.gnu {
        return Ok(CommandDialect::Gnu);
    }
    eaten::check(&cli.command, &host.stdin, &host.stdout)?;
    conflicts::check(cli)?;
    misread::check(cli)?;
    Ok(CommandDialect::Own)
}

/// What makes commands, if it goes with what becomes of their output.
fn template(
    typed: &ParsedCli<'_>,
    joblog: &JobLogSetup,
    results: Option<&ResultsForm>,
) -> Result<CommandTemplate> {
    let template = CommandTemplate::parse(command::options(typed, joblog.commands())?)?;
    joblog.check_template(&template)?;
    if let Some(combined) = template.combined() {
        let halt = typed.cli.failure.halt.unwrap_or_default();
        combined::check(&combined, joblog, results, halt)?;
    }
    Ok(template)
}

/// How commands are shown, if they are not to be run.
fn dry_run(cli: &Cli) -> Option<DryRunFormat> {
    match (cli.running.shellquote, cli.running.dry_run) {
        (0, false) => None,
        (0, true) => Some(DryRunFormat::Plainly),
        (times, _) => Some(DryRunFormat::Quoted(times)),
    }
}

/// How many jobs there are, if commands can tell.
fn total(cli: &Cli, rows: &mut Rows, is_needed: bool) -> Result<Option<u64>> {
    match (cli.input.total_jobs, is_needed) {
        (Some(total), _) => {
            rows.assume_total(total);
            Ok(Some(total))
        }
        (None, true) => rows.read_all().map(Some),
        (None, false) => Ok(None),
    }
}

fn rule(typed: &ParsedCli<'_>, halt: HaltRule, empty: EmptyInput) -> ExitPolicy {
    ExitPolicy {
        dialect: typed.dialect,
        halt,
        empty,
    }
}

/// How jobs are run, and where progress is shown.
fn pool_options(
    typed: &ParsedCli<'_>,
    slots: usize,
    joblog: &JobLogSetup,
    results: Option<&ResultsForm>,
) -> Result<(pool::PoolOptions, Option<progress::ProgressOptions>)> {
    let (cli, host) = (typed.cli, typed.host);
    let mode = match results {
        None => output::mode(cli, typed.dialect)?,
        Some(form) => results::mode(cli, form),
    };
    let progress = output::progress(typed, mode);
    let (color_scope, color_failed) = match results {
        None => (
            output::color_scope(cli, host),
            output::color_failed(cli, host),
        ),
        Some(_) => (ColorScope::Nothing, false),
    };
    let options = pool::PoolOptions {
        niceness: niceness(cli)?,
        slots,
        slots_file: None,
        retry: cli.failure.retries.unwrap_or_default(),
        halt: cli.failure.halt.unwrap_or_default(),
        waits_for_records: typed.dialect == CommandDialect::Gnu && slots == 1 && joblog.is_wanted(),
        signal_sequence: cli.running.termseq.clone().unwrap_or_default(),
        throttle: throttle::conditions(cli, typed.dialect, host)?,
        timeout_percent: match cli.running.timeout {
            Some(TimeLimit::Percent(percent)) => Some(percent),
            _ => None,
        },
        delay: cli.running.delay.unwrap_or_default(),
        mode,
        release_boundary: match progress.map(|progress| progress.surface) {
            Some(ProgressOutput::SharedTerminal) => ReleaseBoundary::Lines,
            _ => ReleaseBoundary::Anywhere,
        },
        print_command: output::print_command(cli),
        color_scope,
        color_failed,
        verbosity: output::verbosity(cli, typed.dialect),
    };
    Ok((options, progress))
}

/// What the processes of jobs find.
fn job_options(typed: &ParsedCli<'_>, slots: usize) -> Result<local::ExecOptions> {
    let cli = typed.cli;
    Ok(local::ExecOptions {
        limits: AttemptLimits {
            // As for timeout(1), no time is no limit.
            timeout: match cli.running.timeout {
                Some(TimeLimit::After(limit)) if !limit.is_zero() => Some(limit),
                _ => None,
            },
            signal_sequence: cli.running.termseq.clone().unwrap_or_default(),
            leak: cli.failure.leak.unwrap_or(LeakPolicy::Warn),
        },
        variables: match typed.dialect {
            CommandDialect::Own => JobVariables::Own,
            CommandDialect::Gnu => JobVariables::Gnu,
        },
        workdir: workdir(typed)?,
        slot_variable: slot_variable(cli)?,
        template_files: command::template_files(typed)?,
        width: slots.min(typed.host.cpus),
        max_record: input::max_record(typed.cli),
    })
}

/// What `--tty` means.
fn open_terminal(cli: &mut Cli) -> Result<()> {
    if !cli.output.tty {
        return Ok(());
    }
    cli.output.ungroup = true;
    match cli.running.dry_run {
        true => Ok(()),
        false => terminal::open()
            .map_err(|error| Error::new("--tty: prun itself has no terminal").because(&error)),
    }
}

/// A file opened later must not become standard output.
fn check_stdout() -> Result<()> {
    match startup::was_open(1) {
        true => Ok(()),
        false => Err(Error::new("standard output is closed")),
    }
}

fn slot_variable(cli: &Cli) -> Result<Option<OsString>> {
    match &cli.running.process_slot_var {
        Some(name) if name.is_empty() || name.as_bytes().contains(&b'=') => {
            let name = name.display();
            Err(Error::new(format!("'{name}' is no name of a variable"))
                .hint("prun --process-slot-var SLOT 'echo $SLOT' ::: a b"))
        }
        name => Ok(name.clone()),
    }
}

fn niceness(cli: &Cli) -> Result<Option<i32>> {
    if let Some(niceness) = cli.running.nice {
        niceness::check(niceness).map_err(|error| {
            Error::new(format!("cannot run jobs at niceness {niceness}")).because(&error)
        })?;
    }
    Ok(cli.running.nice)
}

fn workdir(typed: &ParsedCli<'_>) -> Result<WorkdirPolicy> {
    let Some(name) = &typed.cli.running.workdir else {
        return Ok(WorkdirPolicy::Inherited);
    };
    if name == "..." {
        let tmpdir = typed.host.environment.tmpdir.as_deref();
        return Ok(WorkdirPolicy::Fresh(
            tmpdir.unwrap_or(OsStr::new("/tmp")).into(),
        ));
    }
    typed.text(name.as_bytes()).map(WorkdirPolicy::Named)
}

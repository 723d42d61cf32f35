//! What the command line means: every default, every conflict, in one place. A function
//! of what was typed, of the facts about the machine, and of a header in the input.

mod arguments;
mod block_source;
mod blocks;
mod columns;
mod command;
mod conflict;
mod conflicts;
mod exec;
mod files;
mod input;
mod job_limits;
mod jobserver;
mod key;
mod log;
mod mistakes;
mod no_input;
mod observers;
mod open;
mod option_tests;
mod output;
mod parsed_cli;
mod plan;
mod pool;
pub(crate) mod queue;
mod queue_conflicts;
mod record_rule;
mod results;
mod semaphore;
mod sharing_conflicts;
mod skipped;
mod slot_env;
mod slot_setup;
mod slots;
mod suspect;
mod throttle;
mod worker;
mod worker_conflicts;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use self::files::InputFiles;
use self::log::JobLogSetup;
use self::parsed_cli::ParsedCli;
use self::queue::QueueUse;
pub(crate) use self::semaphore::semaphore;
use crate::cli::options::observers::ObserverArgs;
use crate::cli::{Cli, eaten};
use crate::dry_run::DryRunFormat;
use crate::error::{Error, Result};
use crate::exec::ExecutorKind;
use crate::exec::start::spawn_limit::MOST_STARTS;
use crate::input::Rows;
use crate::log::progress::ProgressOptions;
use crate::os::host::Host;
use crate::os::job_cgroup::JobLimits;
use crate::os::{startup, terminal};
use crate::output::results::ResultsForm;
use crate::placeholder::{CommandDialect, RowShape};
use crate::plan::Plan;
use crate::policy::descriptors::DescriptorNeeds;
use crate::policy::halt::HaltRule;
use crate::pool::{JobTag, KeyOptions, PoolOptions};
use crate::status::{EmptyInput, ExitPolicy};
use crate::template::CommandTemplate;

/// What will happen, by stage.
pub(crate) struct Config {
    pub rows: Rows,
    /// `--queue`: where rows go, or come from.
    pub queue: Option<QueueUse>,
    pub template: Arc<CommandTemplate>,
    /// `--dry-run`, `--shellquote`.
    pub dry_run: Option<DryRunFormat>,
    /// How many jobs an expression has left out so far that count as failed.
    pub skipped: Arc<AtomicU64>,
    /// Place where jobs run, with the limits and surroundings of an attempt.
    pub executor: ExecutorKind,
    /// Limits of jobs that run in control groups (`--cgroup`).
    pub cgroup: Option<JobLimits>,
    pub pool: PoolOptions,
    /// `--tag`, `--tagstring`.
    pub tag: JobTag,
    pub joblog: JobLogSetup,
    /// Where output goes instead of being printed.
    pub results: Option<ResultsForm>,
    /// Which observers there are.
    pub observers: ObserverArgs,
    /// Where progress is shown.
    pub progress: Option<ProgressOptions>,
    /// What the exit status is.
    pub rule: ExitPolicy,
    /// What to say before the first job starts.
    pub notices: Vec<String>,
}

impl Config {
    /// Decides what was meant.
    ///
    /// # Errors
    /// Options that contradict each other, a shell or a standard output that cannot be
    /// used, a `<>` that the user's shell took for a redirection.
    pub(crate) fn resolve(mut cli: Cli, host: &Host) -> Result<Config> {
        prepare_streams(&mut cli)?;
        let dialect = dialect(&cli, host)?;
        conflicts::check(&cli)?;
        let mut notices = Vec::new();
        let joblog = JobLogSetup::resolve(&mut cli, dialect)?;
        let inputs = InputFiles::of(&cli);
        mistakes::tell_lines(&cli, dialect, &mut notices);
        let reads_values = !joblog.has_commands() && input::is_stdin_implied(&cli);
        let plan = plan::read(&cli, host, &joblog, &mut notices)?;
        let kept = (&joblog, plan.as_deref());
        let (mut rows, shape) = open_rows(&mut cli, dialect, host, kept, &mut notices)?;
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
        inputs.check(&joblog, cli.observers.events.as_deref(), results.as_ref())?;
        let mut template = template(&typed, &joblog)?;
        let empty = no_input::rule(&typed, &mut rows, reads_values, &mut notices)?;
        mistakes::tell_names(&typed, &mut notices);
        rows.set_hints(suspect::hints(&cli, dialect, &template));
        let descriptors = descriptor_needs(&cli, &template);
        let (slots, variables) =
            slots::resolve(&typed, (&template, descriptors), &mut rows, &mut notices)?;
        divide(&typed, &template, slots.spread, &mut rows)?;
        let tag = output::tag(&typed)?;
        let key = key::options(&typed, plan.as_deref())?;
        let needs_total =
            template.needs_total() || names_total(&tag, key.as_ref(), results.as_ref());
        let total = total(&cli, &mut rows, needs_total)?;
        template.set_run(slots.context(total));
        let template = Arc::new(template);
        let skipped = skipped::leave_out(&mut rows, &template, dialect);
        let executor = exec::options(&typed, slots.width(), variables)?;
        let (mut pool, progress) = pool::options(&typed, slots, key, &joblog, results.as_ref())?;
        pool.plan = plan::options(&typed, plan);
        Ok(Config {
            queue: queue::resolve(&typed, &template)?,
            rule: rule(&typed, pool.halt, empty),
            cgroup: job_limits::limits(&cli, &template)?,
            tag,
            template,
            dry_run: dry_run(&cli),
            skipped,
            executor: worker::executor(&typed, executor)?,
            pool,
            joblog,
            results,
            rows,
            observers: cli.observers.clone(),
            progress,
            notices,
        })
    }
}

/// Dialect of the command line. In prun's own, mistakes that only it can have are refused.
fn dialect(cli: &Cli, host: &Host) -> Result<CommandDialect> {
    if cli.template.gnu {
        return Ok(CommandDialect::Gnu);
    }
    eaten::check(&cli.command, &host.stdin, &host.stdout)?;
    mistakes::check(cli)?;
    Ok(CommandDialect::Own)
}

/// Parses the command, and refuses one that `--resume` or one result for all jobs does not go
/// with.
fn template(typed: &ParsedCli<'_>, joblog: &JobLogSetup) -> Result<CommandTemplate> {
    let mut template = CommandTemplate::parse(command::options(typed, joblog.has_commands())?)?;
    worker::set_message(typed, &mut template)?;
    joblog.check_template(&template)?;
    if typed.cli.output.total && !template.is_one_sum() {
        return Err(Error::new("--total sums up one command or pipeline")
            .hint("a shell makes one of several: prun --total \"sh -c '...' sh <>\""));
    }
    if let Some(combined) = template.combined() {
        conflicts::check_combined(typed.cli, &combined)?;
    }
    Ok(template)
}

/// Opens the rows, of a plan if there is one, and tells what is known of them.
fn open_rows(
    cli: &mut Cli,
    dialect: CommandDialect,
    host: &Host,
    (joblog, plan): (&JobLogSetup, Option<&Plan>),
    notices: &mut Vec<String>,
) -> Result<(Rows, RowShape)> {
    if let Some(plan) = plan {
        Ok((Rows::numbered(plan.rows()), RowShape::of(1)))
    } else if joblog.has_commands() {
        Ok((Rows::numbered(Vec::new()), RowShape::of(1)))
    } else if cli.queue.is_taken() {
        Ok(queue::rows())
    } else if cli.blocks.are_made() {
        blocks::open_values(cli, host, notices)
    } else {
        input::open(cli, dialect, host, notices)
    }
}

/// Says how many values, or which block, each job gets.
fn divide(
    typed: &ParsedCli<'_>,
    template: &CommandTemplate,
    slots: usize,
    rows: &mut Rows,
) -> Result<()> {
    if typed.cli.blocks.are_made() {
        return blocks::feed(typed, slots, rows);
    }
    rows.group(input::group(typed.cli, &template.size(), slots)?);
    Ok(())
}

fn descriptor_needs(cli: &Cli, template: &CommandTemplate) -> DescriptorNeeds {
    let groups = job_limits::descriptors(cli);
    let more = template.descriptors() + blocks::descriptors(cli) + groups;
    let more = more + worker::descriptors(cli);
    DescriptorNeeds::new(more, MOST_STARTS)
}

/// Form in which commands are shown instead of being run.
fn dry_run(cli: &Cli) -> Option<DryRunFormat> {
    match (cli.running.shellquote, cli.running.dry_run) {
        (0, false) => None,
        (0, true) if block_source::shows_parts(cli) => Some(DryRunFormat::WithParts),
        (0, true) => Some(DryRunFormat::Plainly),
        (times, _) => Some(DryRunFormat::Quoted(times)),
    }
}

/// Tells whether a text beside the command contains the number of all jobs.
fn names_total(tag: &JobTag, key: Option<&KeyOptions>, results: Option<&ResultsForm>) -> bool {
    tag.source.needs_total()
        || key.is_some_and(|key| key.text.needs_total())
        || results.is_some_and(ResultsForm::needs_total)
}

/// How many jobs there are, if commands can tell.
fn total(cli: &Cli, rows: &mut Rows, is_needed: bool) -> Result<Option<u64>> {
    // GNU parallel starts no job before it knows what share of all one is.
    let is_share = cli.failure.halt.is_some_and(|halt| halt.is_share());
    let is_needed = is_needed || cli.template.gnu && is_share;
    match (cli.input.total_jobs, is_needed) {
        (Some(total), _) => {
            rows.assume_total(total);
            Ok(Some(total))
        }
        (None, true) if cli.queue.is_taken() => Err(queue::unknown_total()),
        (None, true) if rows.have_stdin() => blocks::total(rows).map(Some),
        (None, true) => rows.read_all().map(Some),
        (None, false) => Ok(None),
    }
}

fn rule(typed: &ParsedCli<'_>, halt: HaltRule, empty: EmptyInput) -> ExitPolicy {
    ExitPolicy {
        reports_share: typed.cli.template.gnu,
        timeout_is_error: typed.cli.template.gnu,
        halt,
        empty,
    }
}

/// Checks standard output, and opens the terminal for `--tty`.
fn prepare_streams(cli: &mut Cli) -> Result<()> {
    check_stdout()?;
    if !cli.output.tty {
        return Ok(());
    }
    cli.output.ungroup = true;
    if cli.running.dry_run {
        Ok(())
    } else {
        terminal::open()
            .map_err(|error| Error::new("--tty: prun itself has no terminal").because(&error))
    }
}

/// A file opened later must not become standard output.
fn check_stdout() -> Result<()> {
    if startup::was_open(1) {
        Ok(())
    } else {
        Err(Error::new("standard output is closed"))
    }
}

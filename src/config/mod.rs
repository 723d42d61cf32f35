//! What the command line means: every default, every conflict, in one place. A function
//! of what was typed, of the facts about the machine, and of a header in the input.

mod arguments;
mod clash;
mod columns;
mod combined;
mod command;
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

use self::files::Inputs;
use self::log::{JobLogs, Logged};
use crate::cli::{Cli, eaten};
use crate::dry_run::Shown;
use crate::error::{Error, Result};
use crate::exec::capture::Cut;
use crate::exec::communicate::Limits;
use crate::exec::gate::MOST_STARTS;
use crate::exec::local::{self, Variables, Workdir};
use crate::exec::over::Leak;
use crate::input::Rows;
use crate::log::progress::{self, Surface};
use crate::os::world::World;
use crate::os::{niceness, startup, terminal};
use crate::output::results::Form;
use crate::policy::descriptors::Descriptors;
use crate::policy::halt::Halt;
use crate::policy::timeout::Timeout;
use crate::pool::{self, Failed, Pace, Paint, Tag, TagBytes};
use crate::status::{Empty, Rule};
use crate::template::{Dialect, Run, Shape, Spellings, Template, Text};

/// What will happen, by stage.
#[derive(Debug)]
pub struct Config {
    /// Where values come from.
    pub rows: Rows,
    /// What is run.
    pub template: Arc<Template>,
    /// How it is shown, if it is not run.
    pub dry_run: Option<Shown>,
    /// How many jobs an expression has left out so far that count as failed.
    pub skipped: Arc<AtomicU64>,
    /// What their processes find.
    pub jobs: local::Options,
    /// How they are run.
    pub pool: pool::Options,
    /// What goes before lines.
    pub tag: Tag,
    /// Control bytes in that.
    pub tag_bytes: TagBytes,
    /// The job log, and what it is good for.
    pub joblog: JobLogs,
    /// Where output goes instead of being printed.
    pub results: Option<Form>,
    /// Where progress is shown.
    pub progress: Option<progress::Options>,
    /// What the exit status is.
    pub rule: Rule,
    /// What to say before the first job starts.
    pub notices: Vec<String>,
}

/// What was typed, and what its texts are read by.
struct Typed<'a> {
    cli: &'a Cli,
    dialect: Dialect,
    spellings: Spellings,
    shape: Shape,
    world: &'a World,
}

impl Typed<'_> {
    /// Reads a text with placeholders.
    fn text(&self, text: &[u8]) -> Result<Text> {
        Text::parse(text, self.dialect, &self.spellings, &self.shape)
    }

    /// Reads the text of a file with placeholders.
    fn document(&self, text: &[u8]) -> Result<Text> {
        Text::document(text, self.dialect, &self.spellings, &self.shape)
    }
}

impl Config {
    /// Decides what was meant.
    ///
    /// # Errors
    /// Options that contradict each other, a shell or a standard output that cannot be
    /// used, a `<>` that the user's shell took for a redirection.
    pub fn resolve(mut cli: Cli, world: &World) -> Result<Config> {
        check_stdout()?;
        open_terminal(&mut cli)?;
        let dialect = dialect(&cli, world)?;
        let mut notices = Vec::new();
        let joblog = JobLogs::resolve(&mut cli, dialect)?;
        let inputs = Inputs::of(&cli);
        if dialect == Dialect::Own {
            misread::tell_lines(&cli, &mut notices);
        }
        let reads_stdin = cli.arg_file.is_empty() && cli.sources.is_empty() && !cli.nonall;
        let (mut rows, shape) = match joblog.commands() {
            Logged::Yes => (Rows::numbered(Vec::new()), Shape::of(1)),
            Logged::No => input::open(&mut cli, dialect, world, &mut notices)?,
        };
        let typed = Typed {
            spellings: command::spellings(&cli)?,
            cli: &cli,
            dialect,
            shape,
            world,
        };
        if let Some(directory) = &cli.tmpdir {
            results::use_for_temporary_files(directory)?;
        }
        let results = results::form(&typed)?;
        joblog.needs_results(results.as_ref())?;
        inputs.check(&joblog, results.as_ref())?;
        let mut template = template(&typed, &joblog, results.as_ref())?;
        let reads_stdin = reads_stdin && joblog.commands() == Logged::No;
        let empty = no_input::rule(&typed, &mut rows, reads_stdin, &mut notices)?;
        if dialect == Dialect::Own {
            misread::tell_names(&typed, &mut notices);
        }
        rows.set_hints(suspect::hints(&cli, dialect, &template));
        let descriptors = Descriptors::new(template.descriptors(), MOST_STARTS);
        let slots = slots::count(&cli, descriptors, world, &mut notices)?;
        rows.group(input::group(&cli, &template.weight(), slots)?);
        let tag = output::tag(&typed)?;
        let names_total = results.as_ref().is_some_and(Form::needs_total);
        let needs_total = template.needs_total() || tag.needs_total() || names_total;
        template.set_run(Run {
            slots,
            total: total(&cli, &mut rows, needs_total)?,
        });
        let template = Arc::new(template);
        let skipped = skipped::leave_out(&mut rows, &template, dialect);
        let (pool, progress) = pool_options(&typed, slots, &joblog, results.as_ref())?;
        Ok(Config {
            rule: rule(&typed, pool.halt, empty),
            tag,
            tag_bytes: match world.stdout.is_terminal() {
                true => TagBytes::Visible,
                false => TagBytes::Exact,
            },
            template,
            dry_run: dry_run(&cli),
            skipped,
            jobs: job_options(&typed, slots)?,
            pool: pool::Options {
                slots_file: slots::file(&cli, descriptors, world),
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
fn dialect(cli: &Cli, world: &World) -> Result<Dialect> {
    if cli.gnu {
        return Ok(Dialect::Gnu);
    }
    eaten::check(&cli.command, &world.stdin, &world.stdout)?;
    clash::check(cli)?;
    misread::check(cli)?;
    Ok(Dialect::Own)
}

/// What makes commands, if it goes with what becomes of their output.
fn template(typed: &Typed<'_>, joblog: &JobLogs, results: Option<&Form>) -> Result<Template> {
    let template = Template::parse(command::options(typed, joblog.commands())?)?;
    joblog.check_template(&template)?;
    if let Some(combined) = template.combined() {
        let halt = typed.cli.halt.unwrap_or_default();
        combined::check(&combined, joblog, results, halt)?;
    }
    Ok(template)
}

/// How commands are shown, if they are not to be run.
fn dry_run(cli: &Cli) -> Option<Shown> {
    match (cli.shellquote, cli.dry_run) {
        (0, false) => None,
        (0, true) => Some(Shown::Plainly),
        (times, _) => Some(Shown::Quoted(times)),
    }
}

/// How many jobs there are, if commands can tell.
fn total(cli: &Cli, rows: &mut Rows, is_needed: bool) -> Result<Option<u64>> {
    match (cli.total_jobs, is_needed) {
        (Some(total), _) => {
            rows.promise(total);
            Ok(Some(total))
        }
        (None, true) => rows.read_all().map(Some),
        (None, false) => Ok(None),
    }
}

fn rule(typed: &Typed<'_>, halt: Halt, empty: Empty) -> Rule {
    Rule {
        dialect: typed.dialect,
        halt,
        empty,
    }
}

/// How jobs are run, and where progress is shown.
fn pool_options(
    typed: &Typed<'_>,
    slots: usize,
    joblog: &JobLogs,
    results: Option<&Form>,
) -> Result<(pool::Options, Option<progress::Options>)> {
    let (cli, world) = (typed.cli, typed.world);
    let mode = match results {
        None => output::mode(cli, typed.dialect)?,
        Some(form) => results::mode(cli, form),
    };
    let progress = output::progress(typed, mode);
    let (paint, failed) = match results {
        None => (output::paint(cli, world), output::failed(cli, world)),
        Some(_) => (Paint::Nothing, Failed::AsOthers),
    };
    let options = pool::Options {
        niceness: niceness(cli)?,
        slots,
        slots_file: None,
        retry: cli.retries.unwrap_or_default(),
        halt: cli.halt.unwrap_or_default(),
        pace: match (typed.dialect, slots, joblog.is_wanted()) {
            (Dialect::Gnu, 1, true) => Pace::Recorded,
            _ => Pace::Free,
        },
        ladder: cli.termseq.clone().unwrap_or_default(),
        conditions: throttle::conditions(cli, typed.dialect, world)?,
        timeout_percent: match cli.timeout {
            Some(Timeout::Percent(percent)) => Some(percent),
            _ => None,
        },
        delay: cli.delay.unwrap_or_default(),
        mode,
        cut: match progress.map(|progress| progress.surface) {
            Some(Surface::SharedTerminal) => Cut::Lines,
            _ => Cut::Anywhere,
        },
        announce: output::announce(cli),
        paint,
        failed,
        voice: output::voice(cli, typed.dialect),
    };
    Ok((options, progress))
}

/// What the processes of jobs find.
fn job_options(typed: &Typed<'_>, slots: usize) -> Result<local::Options> {
    let cli = typed.cli;
    Ok(local::Options {
        limits: Limits {
            // As for timeout(1), no time is no limit.
            timeout: match cli.timeout {
                Some(Timeout::After(limit)) if !limit.is_zero() => Some(limit),
                _ => None,
            },
            ladder: cli.termseq.clone().unwrap_or_default(),
            leak: cli.leak.unwrap_or(Leak::Warn),
        },
        variables: match typed.dialect {
            Dialect::Own => Variables::Own,
            Dialect::Gnu => Variables::Gnu,
        },
        workdir: workdir(typed)?,
        slot_variable: slot_variable(cli)?,
        fills: command::fills(typed)?,
        width: slots.min(typed.world.cpus),
        max_record: input::max_record(typed.cli),
    })
}

/// What `--tty` means.
fn open_terminal(cli: &mut Cli) -> Result<()> {
    if !cli.tty {
        return Ok(());
    }
    cli.ungroup = true;
    match cli.dry_run {
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
    match &cli.process_slot_var {
        Some(name) if name.is_empty() || name.as_bytes().contains(&b'=') => {
            let name = name.display();
            Err(Error::new(format!("'{name}' is no name of a variable"))
                .hint("prun --process-slot-var SLOT 'echo $SLOT' ::: a b"))
        }
        name => Ok(name.clone()),
    }
}

fn niceness(cli: &Cli) -> Result<Option<i32>> {
    if let Some(niceness) = cli.nice {
        niceness::check(niceness).map_err(|error| {
            Error::new(format!("cannot run jobs at niceness {niceness}")).because(&error)
        })?;
    }
    Ok(cli.nice)
}

fn workdir(typed: &Typed<'_>) -> Result<Workdir> {
    let Some(name) = &typed.cli.workdir else {
        return Ok(Workdir::Inherited);
    };
    if name == "..." {
        let tmpdir = typed.world.environment.tmpdir.as_deref();
        return Ok(Workdir::Fresh(tmpdir.unwrap_or(OsStr::new("/tmp")).into()));
    }
    typed.text(name.as_bytes()).map(Workdir::Named)
}

//! What the command line means: every default, every conflict, in one place. A function
//! of what was typed, of the facts about the machine, and of a header in the input.

mod combined;
mod command;
mod input;
mod log;
mod output;
mod results;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;
use std::time::Duration;

use self::log::JobLogs;
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
use crate::os::{limits, niceness, startup};
use crate::output::results::Form;
use crate::policy::descriptors::Descriptors;
use crate::policy::jobs::{Jobs, MOST};
use crate::pool::{self, Failed, Pace, Paint, Tag, TagBytes};
use crate::status::{Empty, Rule};
use crate::template::{Dialect, Run, Shape, Spellings, Template, Text, Words};

/// What will happen, by stage.
#[derive(Debug)]
pub struct Config {
    /// Where values come from.
    pub rows: Rows,
    /// What is run.
    pub template: Arc<Template>,
    /// How it is shown, if it is not run.
    pub dry_run: Option<Shown>,
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
    pub progress: Option<(Surface, progress::Rows)>,
    /// What the exit status is.
    pub rule: Rule,
    /// What to say before the first job starts.
    pub notices: Vec<String>,
}

impl Config {
    /// Decides what was meant.
    ///
    /// # Errors
    /// Options that contradict each other, a shell or a standard output that cannot be
    /// used, a `<>` that the user's shell took for a redirection.
    pub fn resolve(mut cli: Cli, world: &World) -> Result<Config> {
        check_stdout()?;
        let dialect = match cli.gnu {
            true => Dialect::Gnu,
            false => Dialect::Own,
        };
        if dialect == Dialect::Own {
            eaten::check(&cli.command, &world.stdin, &world.stdout)?;
        }
        let mut notices = Vec::new();
        let joblog = JobLogs::resolve(&mut cli, dialect)?;
        let (mut rows, shape) = match joblog.gives_commands() {
            true => (Rows::numbered(Vec::new()), Shape::of(1)),
            false => input::open(&mut cli, dialect, world, &mut notices)?,
        };
        if let Some(directory) = &cli.tmpdir {
            results::use_for_temporary_files(directory)?;
        }
        let spellings = command::spellings(&cli)?;
        let results = results::form(&cli, dialect, (&spellings, &shape), world)?;
        joblog.needs_results(results.as_ref())?;
        let mode = match &results {
            None => output::mode(&cli, dialect)?,
            Some(form) => results::mode(&cli, form),
        };
        let progress = output::progress(&cli, mode, world);
        let limits = Limits {
            // As for timeout(1), no time is no limit.
            timeout: cli.timeout.filter(|limit| !limit.is_zero()),
            ladder: cli.termseq.clone().unwrap_or_default(),
            leak: cli.leak.unwrap_or(Leak::Warn),
        };
        let mut options = command::options(&cli, dialect, spellings.clone(), shape.clone(), world)?;
        if joblog.gives_commands() {
            options.quoting = Words::Shown;
        }
        let mut template = Template::parse(options)?;
        joblog.check_template(&template)?;
        let halt = cli.halt.unwrap_or_default();
        if let Some(combined) = template.combined() {
            combined::check(&combined, &joblog, results.as_ref(), halt)?;
        }
        let descriptors = Descriptors::new(template.descriptors(), MOST_STARTS);
        let slots = slots(&cli, descriptors, world, &mut notices)?;
        rows.group(input::group(&cli, &template.weight(), slots)?);
        let tag = output::tag(&cli, dialect, &spellings, &shape)?;
        if let Some(total) = cli.total_jobs {
            rows.promise(total);
        }
        let names_total = results.as_ref().is_some_and(Form::needs_total);
        let needs_total = template.needs_total() || tag.needs_total() || names_total;
        template.set_run(Run {
            slots,
            total: match (cli.total_jobs, needs_total) {
                (None, true) => Some(rows.read_all()?),
                (promised, _) => promised,
            },
        });
        let template = Arc::new(template);
        if template.can_skip() {
            let template = Arc::clone(&template);
            rows.keep(move |seq, row| !template.skips(row, template.place(seq, 1)));
        }
        let pool = pool::Options {
            niceness: niceness(&cli)?,
            slots,
            retry: cli.retries.unwrap_or_default(),
            halt,
            pace: match (dialect, slots, joblog.is_wanted()) {
                (Dialect::Gnu, 1, true) => Pace::Recorded,
                _ => Pace::Free,
            },
            ladder: limits.ladder.clone(),
            delay: cli.delay.unwrap_or(Duration::ZERO),
            mode,
            cut: match progress {
                Some((Surface::SharedTerminal, _)) => Cut::Lines,
                _ => Cut::Anywhere,
            },
            announce: output::announce(&cli),
            paint: match results {
                None => output::paint(&cli, world),
                Some(_) => Paint::Nothing,
            },
            failed: match results {
                None => output::failed(&cli, world),
                Some(_) => Failed::AsOthers,
            },
            voice: output::voice(&cli, dialect),
        };
        Ok(Config {
            rule: Rule {
                dialect,
                halt: pool.halt,
                empty: match cli.fail_if_empty {
                    true => Empty::Error,
                    false => Empty::Fine,
                },
            },
            tag,
            tag_bytes: match world.stdout.is_terminal() {
                true => TagBytes::Visible,
                false => TagBytes::Exact,
            },
            template,
            dry_run: match (cli.shellquote, cli.dry_run) {
                (0, false) => None,
                (0, true) => Some(Shown::Plainly),
                (times, _) => Some(Shown::Quoted(times)),
            },
            jobs: local::Options {
                limits,
                variables: match dialect {
                    Dialect::Own => Variables::Own,
                    Dialect::Gnu => Variables::Gnu,
                },
                workdir: workdir(&cli, dialect, &spellings, &shape, world)?,
                slot_variable: slot_variable(&cli)?,
                fills: command::fills(&cli, dialect, &spellings, &shape)?,
            },
            joblog,
            results,
            rows,
            pool,
            progress,
            notices,
        })
    }
}

/// A file opened later must not become standard output.
fn check_stdout() -> Result<()> {
    match startup::was_open(1) {
        true => Ok(()),
        false => Err(Error::new("standard output is closed")),
    }
}

fn slots(
    cli: &Cli,
    descriptors: Descriptors,
    world: &World,
    notices: &mut Vec<String>,
) -> Result<usize> {
    let host = cli.sshlogin.and_then(|host| host.slots);
    let asked = match (&cli.jobs, host) {
        (_, Some(slots)) => slots,
        (Some(jobs), None) => jobs.slots(world.cpus)?,
        (None, None) => world.cpus,
    };
    let wanted = descriptors.wanted(asked);
    let limit = limits::raise_descriptors(wanted as u64);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if limit >= wanted {
        return Ok(asked);
    }
    let possible = descriptors.slots(limit).clamp(1, asked);
    let is_number = cli.jobs != Some(Jobs::Unlimited) && asked < MOST;
    if is_number && possible < asked && !cli.gnu {
        notices.push(format!(
            "prun: warning: running {possible} at once instead of {asked} jobs: only {limit} files can be open\nhint: ulimit -n {wanted}"
        ));
    }
    Ok(possible)
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

fn workdir(
    cli: &Cli,
    dialect: Dialect,
    spellings: &Spellings,
    shape: &Shape,
    world: &World,
) -> Result<Workdir> {
    let Some(name) = &cli.workdir else {
        return Ok(Workdir::Inherited);
    };
    if name == "..." {
        let tmpdir = world.environment.tmpdir.as_deref();
        return Ok(Workdir::Fresh(tmpdir.unwrap_or(OsStr::new("/tmp")).into()));
    }
    Text::parse(name.as_bytes(), dialect, spellings, shape).map(Workdir::Named)
}

//! What the command line means: every default, every conflict, in one place. A function
//! of what was typed, of the facts about the machine, and of a header in the input.

mod command;
mod input;
mod output;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::cli::{Cli, eaten};
use crate::error::{Error, Result};
use crate::exec::capture::Cut;
use crate::exec::communicate::Limits;
use crate::exec::gate::MOST_STARTS;
use crate::exec::local::{self, Variables, Workdir};
use crate::exec::over::Leak;
use crate::input::Rows;
use crate::log::joblog::{self, JobLog};
use crate::log::progress::Surface;
use crate::os::world::World;
use crate::os::{limits, niceness, startup};
use crate::output::Mode;
use crate::policy::descriptors::Descriptors;
use crate::policy::jobs::{Jobs, MOST};
use crate::pool::{self, Log, Tag, TagBytes};
use crate::status::{Empty, Rule};
use crate::template::{Dialect, Shape, Spellings, Template, Text};

/// What will happen, by stage.
#[derive(Debug)]
pub struct Config {
    /// Where values come from.
    pub rows: Rows,
    /// What is run.
    pub template: Template,
    /// Whether it is only shown.
    pub dry_run: bool,
    /// What their processes find.
    pub jobs: local::Options,
    /// How they are run.
    pub pool: pool::Options,
    /// What goes before lines.
    pub tag: Tag,
    /// Control bytes in that.
    pub tag_bytes: TagBytes,
    /// The name of the job log.
    pub joblog: Option<PathBuf>,
    /// Where progress is shown.
    pub progress: Option<Surface>,
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
        let (mut rows, shape) = input::open(&mut cli, dialect, world, &mut notices)?;
        let spellings = command::spellings(&cli)?;
        let mode = output::mode(&cli, dialect)?;
        let surface = output::surface(world);
        let progress = (cli.progress && mode != Mode::Live).then_some(surface);
        let limits = Limits {
            // As for timeout(1), no time is no limit.
            timeout: cli.timeout.filter(|limit| !limit.is_zero()),
            ladder: cli.termseq.clone().unwrap_or_default(),
            leak: cli.leak.unwrap_or(Leak::Warn),
        };
        let options = command::options(&cli, dialect, spellings.clone(), shape.clone(), world)?;
        let template = Template::parse(options)?;
        let descriptors = Descriptors::new(template.descriptors(), MOST_STARTS);
        let slots = slots(&cli, descriptors, world, &mut notices)?;
        rows.group(input::group(&cli, &template.weight(), slots)?);
        let pool = pool::Options {
            niceness: niceness(&cli)?,
            slots,
            retry: cli.retries.unwrap_or_default(),
            halt: cli.halt.unwrap_or_default(),
            ladder: limits.ladder.clone(),
            delay: cli.delay.unwrap_or(Duration::ZERO),
            mode,
            cut: match progress {
                Some(Surface::SharedTerminal) => Cut::Lines,
                _ => Cut::Anywhere,
            },
            announce: output::announce(&cli),
            paint: output::paint(&cli, world),
            failed: output::failed(&cli, world),
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
            tag: output::tag(&cli, dialect, &spellings, &shape)?,
            tag_bytes: match world.stdout.is_terminal() {
                true => TagBytes::Visible,
                false => TagBytes::Exact,
            },
            template,
            dry_run: cli.dry_run,
            jobs: local::Options {
                limits,
                variables: match dialect {
                    Dialect::Own => Variables::Own,
                    Dialect::Gnu => Variables::Gnu,
                },
                workdir: workdir(&cli, dialect, &spellings, &shape, world)?,
                slot_variable: slot_variable(&cli)?,
            },
            joblog: cli.joblog,
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

/// Opens the job log before any job starts.
///
/// # Errors
/// It cannot be written, or another run writes it.
pub fn open_log(path: Option<PathBuf>, template: &Arc<Template>) -> Result<Log> {
    let Some(path) = path else {
        return Ok(Log::None);
    };
    let log = JobLog::new(Arc::clone(template));
    if path == Path::new("-") || joblog::is_open_as(&path, 1) {
        return Ok(Log::Stdout(log));
    }
    let file = joblog::create(&path)?;
    let name = String::from_utf8_lossy(&path.into_os_string().into_vec()).into_owned();
    Ok(Log::File(log, file, name))
}

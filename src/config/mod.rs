//! What the command line means: every default, every conflict, in one place. A function
//! of what was typed, of the facts about the machine, and of a header in the input.

mod input;
mod results;

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
use crate::exec::programs;
use crate::input::Rows;
use crate::log::joblog::{self, JobLog};
use crate::log::progress::Surface;
use crate::os::world::World;
use crate::os::{limits, niceness, startup};
use crate::output::results::Form;
use crate::output::{Mode, Order};
use crate::policy::descriptors::Descriptors;
use crate::policy::jobs::{Jobs, MOST};
use crate::pool::{self, Announce, Log, Tag, TagBytes, Voice};
use crate::status::{Empty, Rule};
use crate::template::{
    self, Dialect, Shape, Shell, ShellChoice, Strictness, Template, Text, Words,
};

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
    /// Where output goes instead of being printed.
    pub results: Option<Form>,
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
        if let Some(directory) = &cli.tmpdir {
            results::use_for_temporary_files(directory)?;
        }
        let results = results::form(&cli, dialect, &shape, world)?;
        let mode = match &results {
            None => mode(&cli, dialect)?,
            Some(form) => results::mode(&cli, form),
        };
        let surface = surface(world);
        let progress = (cli.progress && mode != Mode::Live).then_some(surface);
        let limits = Limits {
            // As for timeout(1), no time is no limit.
            timeout: cli.timeout.filter(|limit| !limit.is_zero()),
            ladder: cli.termseq.clone().unwrap_or_default(),
            leak: cli.leak.unwrap_or(Leak::Warn),
        };
        let options = template_options(&cli, dialect, shape.clone(), world)?;
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
            announce: announce(&cli),
            voice: voice(&cli, dialect),
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
            tag: tag(&cli, dialect, &shape)?,
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
                workdir: workdir(&cli, dialect, &shape, world)?,
            },
            results,
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

fn template_options(
    cli: &Cli,
    dialect: Dialect,
    shape: Shape,
    world: &World,
) -> Result<template::Options> {
    let bytes = |text: &OsString| text.as_bytes().to_vec();
    Ok(template::Options {
        words: cli.command.iter().map(bytes).collect(),
        dialect,
        quoting: match cli.quote {
            true => Words::Literal,
            false => Words::Parsed,
        },
        replacement: cli.replacement.as_ref().map(bytes),
        shell: shell(cli, dialect, world)?,
        bash: match world.environment.functions.is_empty() {
            true => None,
            false => find_program(OsStr::new("bash")),
        },
        functions: world.environment.functions.clone(),
        strictness: match cli.strict {
            true => Strictness::Refuse,
            false => Strictness::Warn,
        },
        shape,
    })
}

/// `--shell`, then the variables of the mode, then `/bin/sh`.
fn shell(cli: &Cli, dialect: Dialect, world: &World) -> Result<Shell> {
    let environment = &world.environment;
    let (name, choice) = match (&cli.shell, dialect) {
        (Some(name), _) => (Some(name), ShellChoice::Asked),
        (None, Dialect::Own) => (environment.prun_shell.as_ref(), ShellChoice::Default),
        (None, Dialect::Gnu) => {
            let name = environment.parallel_shell.as_ref();
            (name.or(environment.shell.as_ref()), ShellChoice::Default)
        }
    };
    let path = match name {
        None => PathBuf::from("/bin/sh"),
        Some(name) => find_program(name).ok_or_else(|| {
            Error::new(format!(
                "cannot use the shell '{}': no such program",
                name.display()
            ))
            .hint("--shell bash")
        })?,
    };
    Ok(Shell { path, choice })
}

/// The file that a program's name stands for.
fn find_program(name: &OsStr) -> Option<PathBuf> {
    programs::search(name).ok()
}

/// # Errors
/// Options that contradict each other; GNU parallel ignores some of them.
fn mode(cli: &Cli, dialect: Dialect) -> Result<Mode> {
    let order = match cli.keep_order {
        true => Order::Input,
        false => Order::Finished,
    };
    match (cli.ungroup, cli.line_buffer) {
        (true, _) if dialect == Dialect::Own => {
            let other = [
                (cli.keep_order, "--keep-order"),
                (cli.tag, "--tag"),
                (cli.tagstring.is_some(), "--tagstring"),
            ];
            match other.into_iter().find(|(given, _)| *given) {
                Some((_, name)) => Err(Error::new(format!(
                    "--ungroup and {name} cannot go together: prun does not see ungrouped output"
                ))
                .hint(format!("--line-buffer {name} prints each line as it comes"))),
                None => Ok(Mode::Live),
            }
        }
        (true, _) => Ok(Mode::Live),
        (false, true) => Ok(Mode::Lines(order)),
        (false, false) => Ok(Mode::Grouped(order)),
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

fn niceness(cli: &Cli) -> Result<Option<i32>> {
    if let Some(niceness) = cli.nice {
        niceness::check(niceness).map_err(|error| {
            Error::new(format!("cannot run jobs at niceness {niceness}")).because(&error)
        })?;
    }
    Ok(cli.nice)
}

fn workdir(cli: &Cli, dialect: Dialect, shape: &Shape, world: &World) -> Result<Workdir> {
    let Some(name) = &cli.workdir else {
        return Ok(Workdir::Inherited);
    };
    if name == "..." {
        let tmpdir = world.environment.tmpdir.as_deref();
        return Ok(Workdir::Fresh(tmpdir.unwrap_or(OsStr::new("/tmp")).into()));
    }
    let replacement = cli.replacement.as_ref().map(|text| text.as_bytes());
    Text::parse(name.as_bytes(), dialect, replacement, shape).map(Workdir::Named)
}

fn announce(cli: &Cli) -> Announce {
    match (cli.show_command, cli.show_start) {
        (0, false) => Announce::Nowhere,
        (0, true) => Announce::AtStart,
        _ => Announce::WithOutput,
    }
}

fn voice(cli: &Cli, dialect: Dialect) -> Voice {
    match (dialect, cli.quiet) {
        (Dialect::Gnu, _) => Voice::Silent,
        (Dialect::Own, true) => Voice::Quiet,
        (Dialect::Own, false) => Voice::Normal,
    }
}

fn tag(cli: &Cli, dialect: Dialect, shape: &Shape) -> Result<Tag> {
    match &cli.tagstring {
        Some(text) => {
            let replacement = cli.replacement.as_ref().map(|text| text.as_bytes());
            let text = with_tabs(text.as_bytes());
            Text::parse(&text, dialect, replacement, shape).map(Tag::Text)
        }
        None if cli.tag => Ok(Tag::Values),
        None => Ok(Tag::None),
    }
}

/// As in GNU parallel, `\t` in a tag is a tab.
fn with_tabs(text: &[u8]) -> Vec<u8> {
    let mut tabbed = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"\\t") {
        tabbed.extend_from_slice(&rest[..at]);
        tabbed.push(b'\t');
        rest = &rest[at + 2..];
    }
    tabbed.extend_from_slice(rest);
    tabbed
}

fn surface(world: &World) -> Surface {
    let dumb = world.environment.term.as_deref() == Some(OsStr::new("dumb"));
    match (
        world.stderr.is_terminal() && !dumb,
        world.stdout.is_terminal(),
    ) {
        (false, _) => Surface::Plain,
        (true, true) => Surface::SharedTerminal,
        (true, false) => Surface::Terminal,
    }
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

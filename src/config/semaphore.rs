//! From options to a semaphore: `--semaphore`, `sem`.

use super::parsed_cli::ParsedCli;
use super::{check_stdout, command, slots};
use crate::cli::{Cli, eaten};
use crate::error::{Error, Result};
use crate::input::Row;
use crate::os::host::Host;
use crate::os::terminal;
use crate::placeholder::{CommandDialect, RowShape, RunContext};
use crate::semaphore::{
    JobPlacement, MOST_SLOTS, SemaphoreAction, SemaphoreId, SemaphoreJob, SemaphoreOptions,
};
use crate::template::CommandTemplate;
use std::os::unix::ffi::OsStrExt;

/// Long names of the options that mean something to the one command of a semaphore.
const MEANT: [&str; 18] = [
    "semaphore",
    "id",
    "fg",
    "bg",
    "wait",
    "semaphoretimeout",
    "jobs",
    "dry-run",
    "gnu",
    "shell",
    "quote",
    "strict",
    "plus",
    "rpl",
    "parens",
    "config",
    "profile",
    "plain",
];

/// What scripts for GNU parallel have beside them: the job has prun's own streams, and one has
/// no order.
const HARMLESS: [&str; 8] = [
    "ungroup",
    "group",
    "line-buffer",
    "keep-order",
    "pipe",
    "will-cite",
    "env",
    "silent",
];

/// Decides what was meant.
///
/// # Errors
/// Options and input that one command has no use for, no command, no number of slots.
pub(crate) fn semaphore(cli: &Cli, host: &Host) -> Result<SemaphoreOptions> {
    check_stdout()?;
    check(cli)?;
    let dialect = if cli.template.gnu {
        CommandDialect::Gnu
    } else {
        eaten::check(&cli.command, &host.stdin, &host.stdout)?;
        CommandDialect::Own
    };
    let mut notices = Vec::new();
    let args = &cli.sharing.semaphore;
    let slots = match &cli.running.jobs {
        Some(jobs) => slots::number_of_jobs(jobs, cli, host, &mut notices)? as u64,
        None => 1,
    };
    let action = if args.wait {
        SemaphoreAction::WaitForAll
    } else {
        let template = template(cli, dialect, host, slots)?;
        notices.extend(
            template
                .warnings()
                .iter()
                .map(|text| format!("prun: warning: {text}")),
        );
        action(template, cli)
    };
    Ok(SemaphoreOptions {
        id: match &args.id {
            Some(name) => SemaphoreId::named(name.as_bytes()),
            None => SemaphoreId::usual(terminal::controlling()),
        },
        slots: slots.min(MOST_SLOTS),
        limit: args.semaphoretimeout.filter(|limit| limit.is_limit()),
        action,
        notices,
    })
}

fn template(
    cli: &Cli,
    dialect: CommandDialect,
    host: &Host,
    slots: u64,
) -> Result<CommandTemplate> {
    let typed = ParsedCli {
        spellings: command::spellings(cli)?,
        cli,
        dialect,
        shape: RowShape {
            braces_are_text: true,
            ..RowShape::of(0)
        },
        host,
    };
    let mut template = CommandTemplate::parse(command::options(&typed, false)?)?;
    if template.calls_builtins() {
        return Err(
            Error::new("--semaphore runs a command, and no built-in of prun")
                .hint("a prun of its own runs it: prun --semaphore prun @gzip ::: FILE..."),
        );
    }
    if template.has_values() && dialect == CommandDialect::Own {
        return Err(
            Error::new("a placeholder stands for a value, and --semaphore has none")
                .hint("a backslash makes it text: prun --semaphore 'echo \\<>'"),
        );
    }
    template.set_run(RunContext {
        slots: slots as usize,
        total: Some(1),
    });
    Ok(template)
}

fn action(template: CommandTemplate, cli: &Cli) -> SemaphoreAction {
    if cli.running.dry_run {
        let mut text = Vec::new();
        template.show(&Row::default(), template.position(1, 1), &mut text);
        text.push(b'\n');
        return SemaphoreAction::Show(text);
    }
    SemaphoreAction::Run(Box::new(SemaphoreJob {
        template,
        placement: if cli.sharing.semaphore.fg {
            JobPlacement::Foreground
        } else {
            JobPlacement::Background
        },
        parallel_variables: cli.template.gnu,
    }))
}

/// # Errors
/// Something would be ignored.
fn check(cli: &Cli) -> Result<()> {
    let args = &cli.sharing.semaphore;
    let is_meant =
        |name: &str| MEANT.contains(&name) || cli.template.gnu && HARMLESS.contains(&name);
    let mut names = cli.beside_semaphore.iter();
    if let Some(name) = names.find(|name| !is_meant(name)) {
        return Err(Error::new(format!(
            "--{name} and --semaphore cannot go together: prun only starts the command"
        ))
        .hint("a prun of its own has all options: prun --semaphore prun OPTION... COMMAND ::: VALUE..."));
    }
    if !cli.sources.is_empty() {
        return Err(
            Error::new("--semaphore runs one command, and takes no values")
                .hint("a prun of its own takes them: prun --semaphore prun COMMAND ::: VALUE..."),
        );
    }
    // GNU parallel takes both for --fg.
    if args.fg && args.bg && !cli.template.gnu {
        return Err(Error::new("--fg and --bg cannot go together").hint("leave out --fg or --bg"));
    }
    match (args.wait, cli.command.is_empty()) {
        (true, false) => Err(Error::new("--wait runs no command: it waits for others")
            .hint("prun --semaphore --wait && COMMAND")),
        (true, true) if args.fg || args.bg => Err(Error::new(
            "--wait runs no command, and so none by --fg or --bg",
        )
        .hint("prun --semaphore --wait")),
        (false, true) => Err(Error::new("--semaphore needs a command")
            .hint("prun --semaphore --id NAME COMMAND; prun --semaphore --id NAME --wait")),
        _ => Ok(()),
    }
}

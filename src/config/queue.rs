//! From options to a queue that several runs share: what is put into it, or taken from it.

use std::os::unix::ffi::OsStrExt;

use super::command;
use super::parsed_cli::ParsedCli;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::input::Rows;
use crate::placeholder::RowShape;
use crate::queue::{self, EntryCommand, PutOptions, StatusForm, TakeOptions};
use crate::template::CommandTemplate;

/// Use of a queue by a run.
#[derive(Debug)]
pub(crate) enum QueueUse {
    /// `--put`
    Put(PutOptions),
    Take(TakeOptions),
}

/// What `--queue-status` prints, if it is given.
///
/// # Errors
/// Other options are given, or the queue cannot be read.
pub(crate) fn status(cli: &Cli) -> Result<Option<String>> {
    let (true, Some(file)) = (cli.queue.queue_status, &cli.queue.queue) else {
        return Ok(None);
    };
    super::conflicts::check(cli)?;
    let form = if cli.queue.json {
        StatusForm::Json
    } else {
        StatusForm::Lines
    };
    queue::status(file, form).map(Some)
}

/// Rows that are not known yet, and what is known of them: nothing.
pub(super) fn rows() -> (Rows, RowShape) {
    let shape = RowShape {
        varies: true,
        ..RowShape::of(1)
    };
    (Rows::numbered(Vec::new()), shape)
}

/// # Errors
/// The command is one that a queue has no place for.
pub(super) fn resolve(
    typed: &ParsedCli<'_>,
    template: &CommandTemplate,
) -> Result<Option<QueueUse>> {
    let args = &typed.cli.queue;
    let Some(file) = args.queue.clone() else {
        return Ok(None);
    };
    check_template(template)?;
    Ok(Some(if args.put {
        QueueUse::Put(PutOptions {
            file,
            priority: args.priority.unwrap_or_default(),
            limit: args.queue_max,
            command: entry_command(typed)?,
            directory: working_directory()?,
        })
    } else {
        QueueUse::Take(TakeOptions {
            file,
            follow: args.follow,
            retry_failed: typed.cli.log.retry_failed,
            directory: working_directory()?,
        })
    }))
}

/// Error of a text that names the number of all jobs.
pub(super) fn unknown_total() -> Error {
    let message = "with --queue, nobody knows how many jobs there will be";
    Error::new(message).hint("leave out total_jobs()")
}

fn check_template(template: &CommandTemplate) -> Result<()> {
    let problem = if let Some(combined) = template.combined() {
        format!("{} makes one result of all jobs", combined.name())
    } else if template.can_skip() {
        "skip() leaves out inputs".to_owned()
    } else if template.needs_total() {
        return Err(unknown_total());
    } else {
        return Ok(());
    };
    Err(
        Error::new(format!("--queue runs each job for itself: {problem}"))
            .hint("put that into a run of its own, without --queue"),
    )
}

fn entry_command(typed: &ParsedCli<'_>) -> Result<Option<EntryCommand>> {
    let words = &typed.cli.command;
    if words.is_empty() {
        return Ok(None);
    }
    Ok(Some(EntryCommand {
        words: words.iter().map(|word| word.as_bytes()).collect(),
        shell: command::asked_shell(typed)?.unwrap_or_default(),
    }))
}

fn working_directory() -> Result<Vec<u8>> {
    let directory = std::env::current_dir().map_err(|error| {
        Error::new("cannot tell the working directory for the queue").because(&error)
    })?;
    Ok(directory.as_os_str().as_bytes().to_vec())
}

//! From options to processes that live on: `--worker`, what is sent to them, where an answer ends.

use std::os::unix::ffi::OsStrExt;

use super::parsed_cli::ParsedCli;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::exec::ExecutorKind;
use crate::exec::local::ExecOptions;
use crate::exec::worker::{AnswerEnd, WorkerOptions};
use crate::placeholder::RowShape;
use crate::template::{CommandTemplate, MessageFrame, MessageTemplate};

/// Descriptors of a worker beside those of other processes: the pipe to its standard input.
pub(super) fn descriptors(cli: &Cli) -> usize {
    usize::from(cli.sharing.worker)
}

/// Shape of the rows as far as the command is concerned: values are not appended to that of a
/// worker.
pub(super) fn shape(typed: &ParsedCli<'_>) -> RowShape {
    RowShape {
        needs_placeholder: typed.shape.needs_placeholder || typed.cli.sharing.worker,
        ..typed.shape.clone()
    }
}

/// Gives the template the messages, if its command is that of a worker.
///
/// # Errors
/// The command is no process that could live on, or differs from job to job.
pub(super) fn set_message(typed: &ParsedCli<'_>, template: &mut CommandTemplate) -> Result<()> {
    if !typed.cli.sharing.worker {
        return Ok(());
    }
    if typed.cli.command.is_empty() {
        return Err(
            Error::new("--worker needs a command to which values are sent")
                .hint("prun --worker bc -l ::: 1+1 2+2"),
        );
    }
    if template.calls_builtins() {
        return Err(Error::new(
            "--worker needs a program: a built-in is no process that could live on",
        )
        .hint("leave out --worker: a built-in needs no process for each job"));
    }
    let word = if template.has_values() {
        "a value"
    } else if template.shows_seq() {
        "the number of the job"
    } else {
        let text = typed.cli.sharing.worker_send.as_ref();
        let text = text.map(|text| typed.text(text.as_bytes())).transpose()?;
        template.set_message(MessageTemplate::new(text, frame(typed.cli)));
        return Ok(());
    };
    Err(Error::new(format!(
        "the command of a worker is started once, and cannot have {word} in it"
    ))
    .hint("--worker-send TEXT sends it for each job: prun --worker --worker-send 'sqrt(<>)' bc -l ::: 2 3"))
}

/// The executor of the run.
///
/// # Errors
/// Workers cannot have a directory for each job.
pub(super) fn executor(typed: &ParsedCli<'_>, options: ExecOptions) -> Result<ExecutorKind> {
    let (sharing, frame) = (&typed.cli.sharing, frame(typed.cli));
    if !sharing.worker {
        return Ok(ExecutorKind::Local(options));
    }
    if options.workdir.differs() {
        return Err(
            Error::new("a worker has one directory, and --workdir names one for each job")
                .hint("prun --worker --workdir DIR COMMAND"),
        );
    }
    let answer_end = match (&sharing.worker_end, frame) {
        (Some(text), _) if text.as_bytes().contains(&b'\n') => {
            return Err(
                Error::new("--worker-end has a newline: no line can be that")
                    .hint("--worker-end TEXT names one line"),
            );
        }
        (Some(text), _) => AnswerEnd::Line(text.as_bytes().to_vec()),
        (None, MessageFrame::Newline) => AnswerEnd::Newline,
        (None, MessageFrame::Nul) => AnswerEnd::Nul,
    };
    let workers = WorkerOptions {
        answer_end,
        most_jobs: sharing.worker_jobs,
        signals: options.limits.timeout_signals.clone(),
    };
    Ok(ExecutorKind::Worker(options, workers))
}

fn frame(cli: &Cli) -> MessageFrame {
    if cli.input.null {
        MessageFrame::Nul
    } else {
        MessageFrame::Newline
    }
}

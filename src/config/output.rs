//! From options to output: how jobs are kept apart, what goes before their lines.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use super::blocks;
use super::parsed_cli::ParsedCli;
use crate::cli::Cli;
use crate::cli::options::output::ColorWhen;
use crate::error::Result;
use crate::log::progress::{self, ProgressOutput, ProgressRows};
use crate::log::remarks::Verbosity;
use crate::os::host::Host;
use crate::output::{OutputMode, OutputOrder};
use crate::placeholder::{CommandDialect, PlaceholderSpellings, TextTemplate};
use crate::pool::{ColorScope, JobTag, PrintCommand, TagSource};

pub(super) fn mode(cli: &Cli) -> OutputMode {
    let order = if cli.output.keep_order {
        OutputOrder::Input
    } else {
        OutputOrder::Finished
    };
    if cli.output.latest_line {
        OutputMode::Latest(order)
    } else if cli.output.ungroup {
        OutputMode::Live
    } else if cli.output.line_buffer {
        OutputMode::Lines(order)
    } else {
        OutputMode::Grouped(order)
    }
}

pub(super) fn print_command(cli: &Cli) -> PrintCommand {
    match (cli.output.show_command, cli.output.show_start) {
        (0, false) => PrintCommand::Nowhere,
        (0, true) => PrintCommand::AtStart,
        _ => PrintCommand::WithOutput,
    }
}

pub(super) fn verbosity(cli: &Cli, dialect: CommandDialect) -> Verbosity {
    match (dialect, cli.observers.quiet) {
        (CommandDialect::Gnu, _) => Verbosity::Silent,
        (CommandDialect::Own, true) => Verbosity::Quiet,
        (CommandDialect::Own, false) => Verbosity::Normal,
    }
}

pub(super) fn tag(typed: &ParsedCli<'_>) -> Result<JobTag> {
    Ok(JobTag {
        source: tag_source(typed)?,
        escapes_controls: typed.host.stdout.is_terminal(),
    })
}

fn tag_source(typed: &ParsedCli<'_>) -> Result<TagSource> {
    let cli = typed.cli;
    if (cli.compat.onall || cli.compat.nonall) && cli.output.tag {
        return typed.text(b":").map(Arc::new).map(TagSource::Text);
    }
    match cli
        .output
        .ctagstring
        .as_ref()
        .or(cli.output.tagstring.as_ref())
    {
        Some(text) if text.is_empty() && typed.dialect == CommandDialect::Gnu => {
            Ok(TagSource::None)
        }
        Some(text) => {
            let text = typed.text(&unescaped(text.as_bytes()))?;
            Ok(TagSource::Text(Arc::new(text)))
        }
        None if (cli.output.tag || cli.output.ctag.is_some())
            && cli.blocks.are_made()
            && typed.dialect == CommandDialect::Own
            && (typed.shape.arity == 0 || blocks::stdin_file(cli).is_some()) =>
        {
            block_number(typed).map(Arc::new).map(TagSource::Text)
        }
        None if cli.output.tag || cli.output.ctag.is_some() => Ok(TagSource::Values),
        None => Ok(TagSource::None),
    }
}

/// Number of the block, whatever placeholders are called.
fn block_number(typed: &ParsedCli<'_>) -> Result<TextTemplate> {
    let spellings = PlaceholderSpellings::default();
    TextTemplate::parse(b"<#>", typed.dialect, &spellings, &typed.shape)
}

/// GNU parallel's escapes in a tag: `\t \n \r` and octal numbers of one or three digits. A
/// backslash before anything else is itself.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match byte {
            b'\\' => tag_escape(after),
            _ => None,
        };
        let (byte, length) = escaped.unwrap_or((byte, 0));
        plain.push(byte);
        rest = &after[length..];
    }
    plain
}

/// The byte that an escape stands for, and how many bytes follow its backslash.
fn tag_escape(after: &[u8]) -> Option<(u8, usize)> {
    let octal = |length: usize| {
        let digits = std::str::from_utf8(after.get(..length)?).ok()?;
        let byte = u8::from_str_radix(digits, 8).ok()?;
        digits
            .starts_with(|c: char| c.is_ascii_digit())
            .then_some((byte, length))
    };
    match after.first()? {
        b't' => Some((b'\t', 1)),
        b'n' => Some((b'\n', 1)),
        b'r' => Some((b'\r', 1)),
        _ => octal(3).or_else(|| octal(1)),
    }
}

/// Where progress is shown and what of running jobs; nothing if it is not.
pub(super) fn progress(
    typed: &ParsedCli<'_>,
    mode: OutputMode,
) -> Option<progress::ProgressOptions> {
    let is_wanted = typed.cli.observers.progress;
    let surface = surface(typed.host);
    let rows = match (mode, surface) {
        (OutputMode::Live, _) => return None,
        (OutputMode::Latest(_), ProgressOutput::Plain) if !is_wanted => return None,
        (OutputMode::Latest(_), _) => ProgressRows::LatestLines,
        _ if !is_wanted => return None,
        _ => ProgressRows::Names,
    };
    Some(progress::ProgressOptions {
        surface,
        rows,
        closing: is_wanted && typed.dialect == CommandDialect::Own,
    })
}

fn surface(host: &Host) -> ProgressOutput {
    let dumb = host.environment.term.as_deref() == Some(OsStr::new("dumb"));
    match (
        host.stderr.is_terminal() && !dumb,
        host.stdout.is_terminal(),
    ) {
        (false, _) => ProgressOutput::Plain,
        (true, true) if host.shares_output => ProgressOutput::SharedTerminal,
        (true, _) => ProgressOutput::Terminal,
    }
}

/// What has the job's colour.
pub(super) fn color_scope(cli: &Cli, host: &Host) -> ColorScope {
    let tag = cli
        .output
        .ctag
        .or(cli.output.ctagstring.as_ref().map(|_| ColorWhen::Auto));
    if has_colors(cli.output.color, host) {
        ColorScope::Lines
    } else if has_colors(tag, host) {
        ColorScope::Tag
    } else {
        ColorScope::Nothing
    }
}

pub(super) fn color_failed(cli: &Cli, host: &Host) -> bool {
    has_colors(cli.output.color_failed, host)
}

fn has_colors(when: Option<ColorWhen>, host: &Host) -> bool {
    match when {
        None | Some(ColorWhen::Never) => false,
        Some(ColorWhen::Always) => true,
        Some(ColorWhen::Auto) => {
            let environment = &host.environment;
            let is_dumb = environment.term.as_deref() == Some(OsStr::new("dumb"));
            let both = host.stdout.is_terminal() && host.stderr.is_terminal();
            both && !is_dumb && environment.no_color.is_none()
        }
    }
}

//! From options to output: how jobs are kept apart, what goes before their lines.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

use super::Typed;
use crate::cli::Cli;
use crate::cli::flags::When;
use crate::error::{Error, Result};
use crate::log::progress::{self, Rows, Surface};
use crate::os::world::World;
use crate::output::{Mode, Order};
use crate::pool::{Announce, Failed, Paint, Tag, Voice};
use crate::template::Dialect;

/// # Errors
/// Options that contradict each other; GNU parallel ignores some of them.
pub(super) fn mode(cli: &Cli, dialect: Dialect) -> Result<Mode> {
    let order = match cli.keep_order {
        true => Order::Input,
        false => Order::Finished,
    };
    match (cli.ungroup, cli.line_buffer) {
        _ if cli.latest_line => {
            if dialect == Dialect::Own {
                check_latest_line(cli)?;
            }
            Ok(Mode::Latest(order))
        }
        (true, _) if dialect == Dialect::Own => {
            let other = [
                (cli.keep_order, "--keep-order"),
                (cli.tag, "--tag"),
                (cli.tagstring.is_some(), "--tagstring"),
                (cli.color.is_some(), "--color"),
                (cli.ctag.is_some(), "--ctag"),
                (cli.color_failed.is_some(), "--color-failed"),
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

/// GNU parallel lets `--latest-line` win.
fn check_latest_line(cli: &Cli) -> Result<()> {
    let other = [
        (cli.ungroup, "--ungroup"),
        (cli.line_buffer, "--line-buffer"),
    ];
    match other.into_iter().find(|(given, _)| *given) {
        Some((_, name)) => Err(Error::new(format!(
            "--latest-line and {name} cannot go together: one prints the last line, the other all"
        ))
        .hint(format!("leave out {name} or --latest-line"))),
        None => Ok(()),
    }
}

pub(super) fn announce(cli: &Cli) -> Announce {
    match (cli.show_command, cli.show_start) {
        (0, false) => Announce::Nowhere,
        (0, true) => Announce::AtStart,
        _ => Announce::WithOutput,
    }
}

pub(super) fn voice(cli: &Cli, dialect: Dialect) -> Voice {
    match (dialect, cli.quiet) {
        (Dialect::Gnu, _) => Voice::Silent,
        (Dialect::Own, true) => Voice::Quiet,
        (Dialect::Own, false) => Voice::Normal,
    }
}

pub(super) fn tag(typed: &Typed<'_>) -> Result<Tag> {
    let cli = typed.cli;
    if (cli.onall || cli.nonall) && cli.tag {
        return typed.text(b":").map(Arc::new).map(Tag::Text);
    }
    match cli.ctagstring.as_ref().or(cli.tagstring.as_ref()) {
        Some(text) if text.is_empty() && typed.dialect == Dialect::Gnu => Ok(Tag::None),
        Some(text) => {
            let text = typed.text(&unescaped(text.as_bytes()))?;
            Ok(Tag::Text(Arc::new(text)))
        }
        None if cli.tag || cli.ctag.is_some() => Ok(Tag::Values),
        None => Ok(Tag::None),
    }
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
pub(super) fn progress(typed: &Typed<'_>, mode: Mode) -> Option<progress::Options> {
    let is_wanted = typed.cli.progress;
    let surface = surface(typed.world);
    let rows = match (mode, surface) {
        (Mode::Live, _) => return None,
        (Mode::Latest(_), Surface::Plain) if !is_wanted => return None,
        (Mode::Latest(_), _) => Rows::LatestLines,
        _ if !is_wanted => return None,
        _ => Rows::Names,
    };
    Some(progress::Options {
        surface,
        rows,
        closing: is_wanted && typed.dialect == Dialect::Own,
    })
}

fn surface(world: &World) -> Surface {
    let dumb = world.environment.term.as_deref() == Some(OsStr::new("dumb"));
    match (
        world.stderr.is_terminal() && !dumb,
        world.stdout.is_terminal(),
    ) {
        (false, _) => Surface::Plain,
        (true, true) if world.shares_output => Surface::SharedTerminal,
        (true, _) => Surface::Terminal,
    }
}

/// What has the job's colour.
pub(super) fn paint(cli: &Cli, world: &World) -> Paint {
    let tag = cli.ctag.or(cli.ctagstring.as_ref().map(|_| When::Auto));
    if has_colors(cli.color, world) {
        Paint::Lines
    } else if has_colors(tag, world) {
        Paint::Tag
    } else {
        Paint::Nothing
    }
}

/// What the output of failed jobs looks like.
pub(super) fn failed(cli: &Cli, world: &World) -> Failed {
    match has_colors(cli.color_failed, world) {
        true => Failed::Red,
        false => Failed::AsOthers,
    }
}

fn has_colors(when: Option<When>, world: &World) -> bool {
    match when {
        None | Some(When::Never) => false,
        Some(When::Always) => true,
        Some(When::Auto) => {
            let environment = &world.environment;
            let is_dumb = environment.term.as_deref() == Some(OsStr::new("dumb"));
            let both = world.stdout.is_terminal() && world.stderr.is_terminal();
            both && !is_dumb && environment.no_color.is_none()
        }
    }
}

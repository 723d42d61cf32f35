//! From `MAKEFLAGS` and `--jobserver` to the tokens that jobs hold.

use std::ffi::OsString;
use std::sync::Arc;

use super::slot_setup::are_typed;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::os::host::Host;
use crate::os::jobserver::TokenPipe;
use crate::policy::jobs::JobLimit;
use crate::policy::makeflags;
use crate::template::CommandTemplate;

/// Variables that announce a jobserver: that of make(1), and that of cargo(1), which looks
/// there first.
pub(super) const ANNOUNCED_IN: [&str; 2] = ["MAKEFLAGS", "CARGO_MAKEFLAGS"];

/// The jobserver that prun was started below, if jobs are to hold its tokens: with a typed
/// `-j` only if `--jobserver` asks for it, and not for jobs that all run at once anyway.
pub(super) fn outer(cli: &Cli, host: &Host) -> Option<Arc<TokenPipe>> {
    let is_default = !cli.template.gnu && !are_typed(cli);
    let is_wanted = is_default || cli.sharing.jobserver.is_some();
    if !is_wanted || cli.output.tty || cli.blocks.are_streams() || is_shown(cli) {
        return None;
    }
    let environment = &host.environment;
    let variables = [&environment.makeflags, &environment.cargo_makeflags];
    let announced = variables.into_iter().flatten();
    announced
        .filter_map(|variable| makeflags::jobserver(variable))
        .find_map(|auth| TokenPipe::connect(&auth))
        .map(Arc::new)
}

/// A jobserver of prun's own, for so many jobs, if `--jobserver` asks for one.
///
/// # Errors
/// It would have no effect or no end, or the system denies it.
pub(super) fn own(
    cli: &Cli,
    template: &CommandTemplate,
    outer: Option<&Arc<TokenPipe>>,
    slots: usize,
) -> Result<Option<Arc<TokenPipe>>> {
    let Some(style) = cli.sharing.jobserver else {
        return Ok(None);
    };
    let problem = if template.is_one_builtin() {
        "--jobserver is for processes, and a built-in is none"
    } else if cli.blocks.are_streams() {
        "--jobserver is not for jobs that share the input: they run at once, and cannot wait for tokens"
    } else if outer.is_none() && cli.running.jobs == Some(JobLimit::Unlimited) {
        "--jobserver and -j 0 cannot go together: there is no limit to share"
    } else {
        if outer.is_some() || is_shown(cli) {
            return Ok(None);
        }
        let pipe = TokenPipe::serve(slots - 1, style).map_err(|error| {
            Error::new(format!("cannot make a jobserver for {slots} jobs")).because(&error)
        })?;
        return Ok(Some(Arc::new(pipe)));
    };
    Err(Error::new(problem).hint("prun --jobserver -j8 'make -C <>' ::: dir1 dir2"))
}

/// Variables by which jobs learn of a jobserver of prun's own.
pub(super) fn variables(own: &TokenPipe, slots: usize, host: &Host) -> Vec<(OsString, OsString)> {
    let Some(auth) = own.address() else {
        return Vec::new();
    };
    let makeflags = host.environment.makeflags.as_deref();
    let text = makeflags::announcing(makeflags, slots, &auth);
    ANNOUNCED_IN
        .map(|name| (name.into(), text.clone()))
        .to_vec()
}

/// Tells whether commands are shown instead of being run.
fn is_shown(cli: &Cli) -> bool {
    cli.running.dry_run || cli.running.shellquote > 0
}

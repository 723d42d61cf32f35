//! From `--plan` to the jobs of a plan.

use std::path::Path;
use std::sync::Arc;

use super::input::max_record;
use super::log::JobLogSetup;
use super::parsed_cli::ParsedCli;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::input::{self, InputOptions, InputSource, SourceJoin, SourceOrigin};
use crate::os::host::Host;
use crate::os::startup;
use crate::plan::Plan;
use crate::policy::timeout::TimeLimit;
use crate::pool::PlanOptions;

/// Reads the plan, if there is one.
///
/// # Errors
/// It cannot be read or understood, or jobs need each other in a circle.
pub(super) fn read(
    cli: &Cli,
    host: &Host,
    joblog: &JobLogSetup,
    notices: &mut Vec<String>,
) -> Result<Option<Arc<Plan>>> {
    let Some(path) = &cli.sharing.plan else {
        return Ok(None);
    };
    if joblog.continues() && joblog.path.is_none() {
        let error = Error::new("a plan is gone on with by its job log");
        return Err(error.hint("--resume --joblog FILE, as in the run before"));
    }
    let (origin, title) = if path == Path::new("-") {
        if !startup::was_open(0) {
            return Err(Error::new("standard input is closed").hint("prun --plan FILE"));
        }
        if host.stdin.is_terminal() {
            notices.push("prun: reading the plan from the terminal, one job per line".to_owned());
        }
        (SourceOrigin::Stdin, "standard input".to_owned())
    } else {
        let title = format!("'{}'", path.display());
        (SourceOrigin::File(path.clone()), title)
    };
    let rows = input::open(InputOptions {
        sources: vec![InputSource {
            origin,
            join: SourceJoin::Product,
        }],
        drop_byte_order_mark: true,
        max_record: max_record(cli),
        ..InputOptions::default()
    })?;
    Plan::read(rows, &title).map(|plan| Some(Arc::new(plan)))
}

/// How a plan is run.
pub(super) fn options(typed: &ParsedCli<'_>, plan: Option<Arc<Plan>>) -> Option<PlanOptions> {
    Some(PlanOptions {
        plan: plan?,
        limit: match typed.cli.running.timeout {
            Some(TimeLimit::After(limit)) => Some(limit),
            _ => None,
        },
        earlier: Vec::new(),
    })
}

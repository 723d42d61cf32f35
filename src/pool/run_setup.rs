//! What a run is made of: the constants that its threads share, and its input and output.

use std::sync::Arc;

use crate::error::visible;
use crate::exec::executor::Executor;
use crate::input::{Row, Rows};
use crate::log::progress::ProgressOptions;
use crate::observer::Observers;
use crate::os::clock::Clock;
use crate::output::results::ResultsOutput;
use crate::placeholder::{JobPosition, TextTemplate};
use crate::spool::SpoolBudget;
use crate::template::CommandTemplate;

use super::options::PoolOptions;

/// Constants of a run, shared by the dispatcher and the slots.
pub(crate) struct RunSetup {
    pub template: Arc<CommandTemplate>,
    pub executor: Arc<dyn Executor>,
    /// Clock that the executor uses, too.
    pub clock: Arc<Clock>,
    pub tag: JobTag,
    pub options: PoolOptions,
    /// Memory for captured output.
    pub budget: Arc<SpoolBudget>,
}

/// Input and output of a run.
pub(crate) struct RunIo {
    pub rows: Rows,
    /// Place of jobs' output that is not printed (`--results`).
    pub results: Option<ResultsOutput>,
    /// The progress display, which is one of the observers.
    pub progress: Option<ProgressOptions>,
    pub observers: Observers,
}

/// Tag before each line of a job's output.
#[derive(Debug)]
pub(crate) struct JobTag {
    pub source: TagSource,
    /// Control bytes are made visible, because a terminal would obey them.
    pub escapes_controls: bool,
}

/// Text of the tag.
#[derive(Debug)]
pub(crate) enum TagSource {
    None,
    /// `--tag`: the values.
    Values,
    /// `--tagstring TEXT`
    Text(Arc<TextTemplate>),
}

impl JobTag {
    pub(crate) fn render(&self, row: &Row, position: JobPosition) -> Option<Vec<u8>> {
        let text = match &self.source {
            TagSource::None => return None,
            TagSource::Values => row.values.join(b" "),
            TagSource::Text(text) => text.render(row, position),
        };
        if self.escapes_controls {
            return Some(visible(&text).into_bytes());
        }
        Some(text)
    }
}

impl TagSource {
    /// The text of `--tagstring`.
    pub(crate) fn text(&self) -> Option<Arc<TextTemplate>> {
        match self {
            TagSource::None | TagSource::Values => None,
            TagSource::Text(text) => Some(Arc::clone(text)),
        }
    }

    /// Tells whether the tag contains the number of all jobs.
    pub(crate) fn needs_total(&self) -> bool {
        matches!(self, TagSource::Text(text) if text.needs_total())
    }
}

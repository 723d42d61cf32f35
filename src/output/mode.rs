//! Separation and order of the output of several jobs.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputMode {
    /// `--ungroup`: jobs write where prun would.
    Live,
    /// `--line-buffer`: line by line.
    Lines(OutputOrder),
    /// `--group`: job by job.
    Grouped(OutputOrder),
    /// `--latest-line`: job by job, of standard output the last line only.
    Latest(OutputOrder),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputOrder {
    /// By the end of the jobs.
    Finished,
    /// `--keep-order`: that of the input.
    Input,
}

impl OutputMode {
    /// The order of whole jobs in this mode.
    pub(crate) fn order(self) -> OutputOrder {
        match self {
            OutputMode::Live => OutputOrder::Finished,
            OutputMode::Lines(order) | OutputMode::Grouped(order) | OutputMode::Latest(order) => {
                order
            }
        }
    }
}

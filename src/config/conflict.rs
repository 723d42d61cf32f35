//! Two options that cannot go together.

use super::option_tests::OptionTest;
use crate::cli::Cli;
use crate::error::{Error, Result};

/// Any of `options` beside any of `others`: of each, the first that is given is named.
pub(super) struct Conflict {
    pub options: &'static [OptionTest],
    pub others: &'static [OptionTest],
    /// Follows `ONE and OTHER` in the message.
    pub problem: &'static str,
    /// `{one}` and `{other}` stand for the names.
    pub hint: &'static str,
}

pub(super) const LEAVE_EITHER: &str = "leave out {one} or {other}";

/// The first of these options that is given.
pub(super) fn given(options: &[OptionTest], cli: &Cli) -> Option<&'static str> {
    let option = options.iter().find(|(_, is_given)| is_given(cli));
    option.map(|(name, _)| *name)
}

impl Conflict {
    /// # Errors
    /// Both parts are given.
    pub(super) fn check(&self, cli: &Cli) -> Result<()> {
        match given(self.options, cli).zip(given(self.others, cli)) {
            Some((one, other)) => Err(self.error(one, other)),
            None => Ok(()),
        }
    }

    /// Message about two of its options.
    pub(super) fn error(&self, one: &str, other: &str) -> Error {
        let hint = self.hint.replace("{one}", one).replace("{other}", other);
        Error::new(format!("{one} and {other} {}", self.problem)).hint(hint)
    }
}

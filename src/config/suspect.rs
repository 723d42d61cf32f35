//! Hints for values that are hardly what was meant.

use crate::cli::Cli;
use crate::input::suspect::SuspectHints;
use crate::placeholder::CommandDialect;
use crate::template::CommandTemplate;

/// Lines that leave such values out. GNU parallel says nothing of them.
pub(super) fn hints(
    cli: &Cli,
    dialect: CommandDialect,
    template: &CommandTemplate,
) -> SuspectHints {
    if dialect == CommandDialect::Gnu {
        return SuspectHints::default();
    }
    let line = &cli.typed_line;
    SuspectHints {
        // Values that end in NUL are names of files as they are, not lines of text.
        carriage_return: (!cli.input.null).then(|| {
            let line = line.with_options(&["--trim", "r"]);
            format!("--trim r cuts it off: {line}")
        }),
        // An empty line among commands does nothing, and one that is counted is no value.
        empty: template.has_values().then(|| {
            let line = line.with_options(&["-r"]);
            format!("-r leaves empty values out: {line}")
        }),
    }
}

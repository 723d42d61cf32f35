//! The command line: what was typed, as data. What it means is for `config` to
//! say.

pub mod eaten;
pub mod flags;
pub mod generate;
pub mod separators;
mod text;
mod usage_error;

use std::ffi::OsString;
use std::path::Path;

use clap::Parser;
use clap::error::ErrorKind;

use crate::error::Result;
pub use flags::{Cli, Generate};

/// What a command line asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Run jobs.
    Run(Box<Cli>),
    /// Print this text: help, the version, generated files.
    Print(Vec<u8>),
}

/// Reads a command line, the program's name included. Called by the name
/// `parallel`, prun is to do as GNU parallel does.
///
/// # Errors
/// Unknown options and bad values.
pub fn parse(argv: Vec<OsString>) -> Result<Action> {
    let gnu = argv.first().is_some_and(|name| is_parallel(name.as_ref()));
    let (head, sources) = separators::cut(argv)?;
    let mut cli = match Cli::try_parse_from(head) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    if let Some(what) = cli.generate {
        return generate::generate(what).map(Action::Print);
    }
    cli.sources = sources;
    cli.gnu |= gnu;
    Ok(Action::Run(Box::new(cli)))
}

fn is_parallel(program: &Path) -> bool {
    program.file_name().is_some_and(|name| name == "parallel")
}

/// clap reports help and version as errors, too.
fn explain(error: &clap::Error) -> Result<Action> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            Ok(Action::Print(error.render().to_string().into_bytes()))
        }
        _ => Err(usage_error::from_clap(error)),
    }
}

#[cfg(test)]
mod tests;

//! What `--results`, `--files` and `--tmpdir` mean.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::parsed_cli::ParsedCli;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::os::host::Host;
use crate::output::results::{
    Assignments, FieldSeparator, NameTerminator, PathNaming, ResultsForm, ResultsLayout,
    ResultsPattern, RowNotation, TableWidth,
};
use crate::output::{OutputMode, OutputOrder};
use crate::placeholder::{CommandDialect, RowShape};

/// Where output is kept; nothing if it is printed.
pub(super) fn form(typed: &ParsedCli<'_>) -> Result<Option<ResultsForm>> {
    let (cli, dialect, shape, host) = (typed.cli, typed.dialect, &typed.shape, typed.host);
    if let Some(text) = &cli.output.parset {
        if dialect == CommandDialect::Own {
            return Err(Error::new("--_parset is of GNU parallel alone")
                .hint("prun --gnu does as that does"));
        }
        return Assignments::parse(text).map(|variables| Some(ResultsForm::Variables(variables)));
    }
    let end = match (cli.output.files0, cli.output.files) {
        (true, _) => Some(NameTerminator::Nul),
        (false, true) => Some(NameTerminator::Newline),
        (false, false) => None,
    };
    let Some(name) = &cli.output.results else {
        // GNU parallel prints output directly then.
        let end = end.filter(|_| !cli.output.ungroup);
        return end.map(|end| files(cli, end, host)).transpose();
    };
    if name.is_empty() && dialect == CommandDialect::Own {
        return Err(Error::new("--results needs a name").hint("--results DIR"));
    }
    let name = name.as_bytes();
    let text = typed.text(name)?;
    let is_pattern = text.has_placeholders();
    if let Some(form) =
        rows(name, dialect, shape).filter(|_| !is_pattern || dialect == CommandDialect::Gnu)
    {
        return Ok(Some(form));
    }
    let layout = if is_pattern {
        ResultsLayout::Pattern(ResultsPattern::new(text, name)?)
    } else {
        ResultsLayout::Tree {
            names: shape.names.known.clone(),
            period: shape.period,
        }
    };
    Ok(Some(ResultsForm::Directory {
        layout,
        name: PathBuf::from(OsStr::from_bytes(name)),
        naming: if dialect == CommandDialect::Gnu {
            PathNaming::Backslash
        } else {
            PathNaming::Percent
        },
        names: end,
    }))
}

/// A table, if the name says that it is one.
fn rows(typed: &[u8], dialect: CommandDialect, shape: &RowShape) -> Option<ResultsForm> {
    let dot = typed.iter().rposition(|&byte| byte == b'.')?;
    let separated = |separator| RowNotation::Separated {
        separator,
        names: shape.names.known.clone(),
        width: match dialect {
            CommandDialect::Own => TableWidth::Filled(shape.arity),
            CommandDialect::Gnu => TableWidth::Ragged,
        },
    };
    let notation = match &typed[dot..] {
        b".csv" => separated(FieldSeparator::Comma),
        b".tsv" => separated(FieldSeparator::Tab),
        b".json" => RowNotation::Json,
        _ => return None,
    };
    Some(ResultsForm::Rows {
        notation,
        file: match &typed[..dot] {
            b"-" => None,
            _ => Some(PathBuf::from(OsStr::from_bytes(typed))),
        },
    })
}

fn files(cli: &Cli, end: NameTerminator, host: &Host) -> Result<ResultsForm> {
    let tmpdir = host.environment.tmpdir.as_deref();
    let directory = match (&cli.output.tmpdir, tmpdir) {
        (Some(directory), _) => directory.clone(),
        (None, Some(directory)) => directory.into(),
        (None, None) => "/tmp".into(),
    };
    check_directory(&directory)?;
    Ok(ResultsForm::Files {
        directory,
        affixes: if cli.template.gnu {
            ("par", ".par")
        } else {
            ("prun", ".out")
        },
        end,
    })
}

/// Kept output is whole when it is written. Files have no order, and are there the
/// sooner the better.
pub(super) fn mode(cli: &Cli, form: &ResultsForm) -> OutputMode {
    OutputMode::Grouped(match form {
        ResultsForm::Directory { names: None, .. } => OutputOrder::Finished,
        _ if cli.output.keep_order => OutputOrder::Input,
        _ => OutputOrder::Finished,
    })
}

/// # Errors
/// No file can be made in the directory.
pub(super) fn use_for_temporary_files(directory: Option<&Path>) -> Result<()> {
    let Some(directory) = directory else {
        return Ok(());
    };
    check_directory(directory)?;
    // It was set before only in a test.
    let _ = tempfile::env::override_temp_dir(directory);
    Ok(())
}

/// # Errors
/// No file can be made in the directory.
fn check_directory(directory: &Path) -> Result<()> {
    match tempfile::tempfile_in(directory) {
        Ok(_) => Ok(()),
        Err(error) => {
            let name = directory.display();
            Err(Error::new(format!("cannot use '{name}' for temporary files")).because(&error))
        }
    }
}

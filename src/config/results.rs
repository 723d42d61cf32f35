//! What `--results`, `--files` and `--tmpdir` mean.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Config, ParsedCli};
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::os::host::Host;
use crate::output::results::{
    self, Assignments, ExistingTable, FieldSeparator, NameTerminator, ResultsForm, ResultsLayout,
    ResultsLocator, ResultsOutput, ResultsPattern, RowNotation, TableWidth,
};
use crate::output::{OutputMode, OutputOrder};
use crate::placeholder::{CommandDialect, RowShape};
use crate::status::EmptyInput;

/// Where output is kept; nothing if it is printed.
pub(super) fn form(typed: &ParsedCli<'_>) -> Result<Option<ResultsForm>> {
    let (cli, dialect, shape, host) = (typed.cli, typed.dialect, &typed.shape, typed.host);
    if dialect == CommandDialect::Own {
        check(cli)?;
    }
    if let Some(text) = &cli.output.parset {
        check_variables(cli, dialect)?;
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
        return end.map(|end| files(cli, dialect, end, host)).transpose();
    };
    let name = name.as_bytes();
    let text = typed.text(name)?;
    let is_pattern = text.has_placeholders();
    if let Some(form) =
        rows(name, dialect, shape).filter(|_| !is_pattern || dialect == CommandDialect::Gnu)
    {
        if dialect == CommandDialect::Own {
            check_stdout(cli, &form)?;
        }
        return Ok(Some(form));
    }
    let layout = match is_pattern {
        true => ResultsLayout::Pattern(ResultsPattern::new(text, name)?),
        false => ResultsLayout::Tree {
            names: shape.names.known.clone(),
            period: shape.period,
        },
    };
    Ok(Some(ResultsForm::Directory {
        layout,
        name: PathBuf::from(std::ffi::OsStr::from_bytes(name)),
        dialect,
        names: end,
    }))
}

/// What goes to the shell as values of variables goes nowhere else, and nothing else does.
fn check_variables(cli: &Cli, dialect: CommandDialect) -> Result<()> {
    if dialect == CommandDialect::Own {
        return Err(
            Error::new("--_parset is of GNU parallel alone").hint("prun --gnu does as that does")
        );
    }
    let other = [
        (cli.output.results.is_some(), "--results"),
        (cli.output.files, "--files"),
        (cli.output.files0, "--files0"),
        (
            cli.log.joblog.as_deref() == Some(Path::new("-")),
            "--joblog -",
        ),
    ];
    match other.into_iter().find(|(given, _)| *given) {
        Some((_, name)) => Err(Error::new(format!(
            "parset and {name} cannot go together: output goes to variables"
        ))
        .hint(format!("leave out {name}"))),
        None => Ok(()),
    }
}

fn check(cli: &Cli) -> Result<()> {
    let files = match (cli.output.files, cli.output.files0) {
        (_, true) => Some("--files0"),
        (true, false) => Some("--files"),
        (false, false) => None,
    };
    let results = cli.output.results.as_ref().map(|_| "--results");
    match (results, files, cli.output.ungroup) {
        (Some(results), Some(files), _) => Err(Error::new(format!(
            "{results} and {files} cannot go together: both say where output is kept"
        ))
        .hint(format!("leave out {files}: --results names the files"))),
        (results, files, true) if results.or(files).is_some() => {
            let name = results.or(files).unwrap_or_default();
            Err(Error::new(format!(
                "--ungroup and {name} cannot go together: prun does not see ungrouped output"
            ))
            .hint("leave out --ungroup"))
        }
        (results, files, _) if cli.output.latest_line && results.or(files).is_some() => {
            let name = results.or(files).unwrap_or_default();
            Err(Error::new(format!(
                "--latest-line and {name} cannot go together: one keeps the last line, the other all"
            ))
            .hint(format!("leave out {name} or --latest-line")))
        }
        _ if cli
            .output
            .results
            .as_ref()
            .is_some_and(|name| name.is_empty()) =>
        {
            Err(Error::new("--results needs a name").hint("--results DIR"))
        }
        _ => Ok(()),
    }
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
            _ => Some(PathBuf::from(std::ffi::OsStr::from_bytes(typed))),
        },
    })
}

fn check_stdout(cli: &Cli, form: &ResultsForm) -> Result<()> {
    let has_log = cli.log.joblog.as_deref() == Some(Path::new("-"));
    match form {
        ResultsForm::Rows { file: None, .. } if has_log => Err(Error::new(
            "--results and --joblog cannot both write to standard output",
        )
        .hint("give one of them the name of a file")),
        _ => Ok(()),
    }
}

fn files(
    cli: &Cli,
    dialect: CommandDialect,
    end: NameTerminator,
    host: &Host,
) -> Result<ResultsForm> {
    let tmpdir = host.environment.tmpdir.as_deref();
    let directory = match (&cli.output.tmpdir, tmpdir) {
        (Some(directory), _) => directory.clone(),
        (None, Some(directory)) => directory.into(),
        (None, None) => "/tmp".into(),
    };
    check_directory(&directory)?;
    Ok(ResultsForm::Files {
        directory,
        dialect,
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

impl Config {
    /// Opens what results are written to, before any job starts. Without a job log, jobs
    /// that have results are left out if an earlier run is gone on with.
    ///
    /// # Errors
    /// A directory that cannot be made, a file that cannot be written.
    pub(crate) fn open_results(&mut self) -> Result<Option<ResultsOutput>> {
        let Some(form) = self.results.take() else {
            return Ok(None);
        };
        let tells = self.joblog.goes_on() && !self.joblog.is_wanted();
        // Without a run nothing is made, only looked at.
        if self.dry_run.is_some() && !(tells && form.is_there()) {
            return Ok(None);
        }
        let earlier = match self.joblog.goes_on() {
            true => ExistingTable::Continued,
            false => ExistingTable::Replaced,
        };
        let keeping = results::open(form, earlier, &self.template)?;
        if let (true, Some(places)) = (tells, &keeping.places) {
            self.rows.keep(ResultsLocator::unkept(places));
            self.rule.empty = EmptyInput::Fine;
        }
        Ok(Some(keeping))
    }
}

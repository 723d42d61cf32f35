//! The files that prun reads and writes: none may be both, and none be written twice.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::log::{self, JobLogSetup};
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::input::SourceOrigin;
use crate::output::results::ResultsForm;

/// What tells a file from others, whatever its name is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FileIdentity {
    /// Its device and inode.
    There(u64, u64),
    /// It is not there yet: the directory's device and inode, and its name in there.
    New(u64, u64, PathBuf),
}

impl FileIdentity {
    /// Nothing for what is no regular file: a pipe, a terminal, `/dev/null`.
    fn of(path: &Path) -> Option<FileIdentity> {
        match fs::metadata(path) {
            Ok(status) => status
                .is_file()
                .then(|| FileIdentity::There(status.dev(), status.ino())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let directory = match path.parent()? {
                    empty if empty.as_os_str().is_empty() => Path::new("."),
                    directory => directory,
                };
                let status = fs::metadata(directory).ok()?;
                let name = path.file_name()?.into();
                Some(FileIdentity::New(status.dev(), status.ino(), name))
            }
            Err(_) => None,
        }
    }

    fn of_open(file: impl AsFd) -> Option<FileIdentity> {
        let file = File::from(file.as_fd().try_clone_to_owned().ok()?);
        let status = file.metadata().ok()?;
        status
            .is_file()
            .then(|| FileIdentity::There(status.dev(), status.ino()))
    }
}

/// The files that input is read from, with what they are called.
#[derive(Debug)]
pub(super) struct InputFiles(Vec<(String, FileIdentity)>);

impl InputFiles {
    /// Those of the command line, and standard input.
    pub(super) fn of(cli: &Cli) -> InputFiles {
        let sources = cli
            .sources
            .iter()
            .filter_map(|source| match &source.origin {
                SourceOrigin::File(path) => Some(path),
                SourceOrigin::Arguments(_) | SourceOrigin::Stdin => None,
            });
        let files = cli
            .input
            .arg_file
            .iter()
            .chain(sources)
            .chain(&cli.sharing.plan);
        let files = files.filter_map(|path| {
            let name = format!("the input '{}'", path.display());
            FileIdentity::of(path).map(|identity| (name, identity))
        });
        let stdin = FileIdentity::of_open(io::stdin());
        let stdin = stdin.map(|identity| ("standard input".to_owned(), identity));
        InputFiles(files.chain(stdin).collect())
    }

    /// # Errors
    /// The job log, the event log or the table of results would be written over input, or over
    /// each other.
    pub(super) fn check(
        &self,
        joblog: &JobLogSetup,
        events: Option<&Path>,
        results: Option<&ResultsForm>,
    ) -> Result<()> {
        let table = match results {
            Some(ResultsForm::Rows { file, .. }) => file.as_deref(),
            _ => None,
        };
        let events = events.map(|typed| log::path(typed).0);
        let events = events.as_deref().filter(|path| !log::is_stdout(path));
        let outputs = [
            ("--joblog", joblog.file()),
            ("--events", events),
            ("--results", table),
        ];
        let outputs = outputs.into_iter().filter_map(|(option, path)| {
            let name = format!("{option} '{}'", path?.display());
            Some((name, FileIdentity::of(path?)?))
        });
        let outputs: Vec<(String, FileIdentity)> = outputs.collect();
        for (name, identity) in &outputs {
            if let Some((input, _)) = self.0.iter().find(|(_, input)| input == identity) {
                return Err(
                    Error::new(format!("{name} is {input}, too: it would be overwritten"))
                        .hint("write to another file"),
                );
            }
        }
        for (nth, (one, same)) in outputs.iter().enumerate() {
            let later = &outputs[nth + 1..];
            if let Some((other, _)) = later.iter().find(|(_, identity)| identity == same) {
                return Err(Error::new(format!("{one} and {other} are the same file"))
                    .hint("give each a file of its own"));
            }
        }
        Ok(())
    }
}

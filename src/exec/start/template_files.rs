//! Files that are written for each job, before it starts: `--tmpl`.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::launcher::StartError;
use crate::input::Row;
use crate::job::Outcome;
use crate::placeholder::{JobPosition, TextTemplate};

/// A text with placeholders and the name of the file that it fills.
#[derive(Debug)]
pub(crate) struct TemplateFile {
    pub contents: TextTemplate,
    pub name: TextTemplate,
    /// The file that the contents are from.
    pub source: PathBuf,
    /// `--cleanup`: removed when the job has ended.
    pub is_temporary: bool,
}

/// The files of one job. Those that are to be removed are, when this is dropped.
#[derive(Debug, Default)]
pub(crate) struct RenderedFiles(Vec<PathBuf>);

impl RenderedFiles {
    /// Writes all files of a job.
    ///
    /// # Errors
    /// A file cannot be written.
    pub(crate) fn write(
        files: &[TemplateFile],
        row: &Row,
        place: JobPosition,
    ) -> Result<RenderedFiles, StartError> {
        let mut rendered = RenderedFiles::default();
        for file in files {
            let path = PathBuf::from(OsString::from_vec(file.name.render(row, place)));
            let values = row
                .values
                .iter()
                .map(|value| Path::new(OsStr::from_bytes(value)));
            let precious = values.chain([file.source.as_path()]);
            if let Some(precious) = precious.into_iter().find(|other| is_same(other, &path)) {
                let precious = precious.display();
                let why = format!("'{precious}' would be overwritten by --tmpl");
                return Err(StartError::Job(Outcome::Refused(why)));
            }
            write(&path, &file.contents.render(row, place))
                .map_err(|error| StartError::of_file("write", &path, error))?;
            if file.is_temporary {
                rendered.0.push(path);
            }
        }
        Ok(rendered)
    }
}

/// Tells whether both names are of one file.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.exists() => {
            fs::create_dir_all(parent)?;
        }
        _ => {}
    }
    fs::write(path, contents)
}

impl Drop for RenderedFiles {
    fn drop(&mut self) {
        for path in &self.0 {
            // The job may have moved it.
            let _ = fs::remove_file(path);
        }
    }
}

//! Files that are compressed or decompressed, in place or to standard output.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};

use rustix::fs::{AtFlags, FileType, Stat, statat};

use super::codec::{self, Codec};
use super::format::{CompressionFormat, LinkPolicy};
use super::settings::{CompressionEffort, CompressionSettings};
use super::small::{self, SMALL};
use crate::builtin::atomic_file::{self, AtomicFile, ModificationTime, OverwritePolicy};
use crate::builtin::builtin_input::BuiltinInput;
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, CHUNK, complain, is_cancelled};
use crate::builtin::files::named;
use crate::builtin::transform::Transform;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CompressionMode {
    Compress,
    Decompress,
    Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CompressionTarget {
    Stdout,
    /// File beside the source, which stays.
    Beside,
    /// File beside the source, which is removed.
    Instead,
}

#[derive(Debug)]
pub(super) struct CompressFile {
    pub(super) format: &'static CompressionFormat,
    pub(super) name: &'static str,
    pub(super) work: CompressionMode,
    pub(super) level: i32,
    pub(super) effort: CompressionEffort,
    pub(super) target: CompressionTarget,
    pub(super) existing: OverwritePolicy,
    pub(super) is_named: bool,
}

enum CompressFileError {
    /// The source cannot be read, or the job was cancelled.
    Source(io::Error),
    /// The file of this name cannot be written.
    Target(Vec<u8>, io::Error),
    /// Reason in the contents or the kind of the file, and the status for it.
    Refused(String, u8),
    /// Decompressed, but something else follows in the file.
    Garbage,
}

impl Transform for CompressFile {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut status = 0;
        for file in named(files) {
            if let Err(error) = self.process(file, stdio) {
                status = self.worse(status, self.report(file, error, stdio)?);
            }
        }
        Ok(status)
    }
}

impl CompressFile {
    /// Reports an error and returns the status for it.
    fn report(
        &self,
        file: &[u8],
        error: CompressFileError,
        stdio: &BuiltinIo<'_>,
    ) -> io::Result<u8> {
        let name = self.name;
        match error {
            CompressFileError::Source(error) => {
                complain(stdio, &format!("{name}: cannot read"), file, error)?;
                Ok(1)
            }
            CompressFileError::Target(target, error) => {
                complain(stdio, &format!("{name}: cannot write"), &target, error)?;
                Ok(1)
            }
            CompressFileError::Garbage => {
                let why = io::Error::other(GARBAGE);
                complain(stdio, &format!("{name}: warning:"), file, why)?;
                Ok(self.format.statuses.garbage)
            }
            CompressFileError::Refused(why, status) => {
                let what = match self.work {
                    CompressionMode::Compress => "compress",
                    CompressionMode::Decompress | CompressionMode::Test => "decompress",
                };
                let what = format!("{name}: cannot {what}");
                complain(stdio, &what, file, io::Error::other(why))?;
                Ok(status)
            }
        }
    }

    /// Status of two files.
    fn worse(&self, one: u8, other: u8) -> u8 {
        let rank = |status: &u8| match *status {
            0 => 0,
            status if Some(status) == self.format.statuses.warning => 1,
            status => status + 1,
        };
        std::cmp::max_by_key(one, other, rank)
    }

    fn process(&self, file: &[u8], stdio: &BuiltinIo<'_>) -> Result<(), CompressFileError> {
        let suffixed = self.suffixed_name(file, stdio);
        let file = suffixed.as_deref().unwrap_or(file);
        // Otherwise the next stage of a pipeline would read nothing.
        let is_printed =
            self.target == CompressionTarget::Stdout || file == b"-" || stdio.feeds_next_stage();
        let is_in_place = !is_printed && self.work != CompressionMode::Test;
        let in_place = if is_in_place {
            Some((self.examine(file, stdio)?, self.target_name(file)?))
        } else {
            None
        };
        let source = BuiltinInput::open(file, stdio).map_err(CompressFileError::Source)?;
        let stat = in_place.as_ref().map(|(stat, _)| stat);
        let settings = self.settings(file, &source, stat);
        match &in_place {
            Some((stat, target)) => {
                self.transcode_into_file((file, target), (source, &settings), stat, stdio)
            }
            None if self.work == CompressionMode::Test => {
                self.transcode(source, &settings, &mut io::sink())
            }
            None => {
                let mut out = BufferedStdout::new(stdio);
                let result = self.transcode(source, &settings, &mut out);
                out.flush().map_err(CompressFileError::Source)?;
                result
            }
        }
    }

    fn settings(
        &self,
        file: &[u8],
        source: &BuiltinInput<'_>,
        stat: Option<&Stat>,
    ) -> CompressionSettings {
        let base = file.rsplit(|byte| *byte == b'/').next().unwrap_or(file);
        let is_named = self.is_named && file != b"-";
        CompressionSettings {
            level: self.level,
            effort: self.effort,
            name: is_named.then(|| base.to_vec()),
            time: if is_named {
                stat.map_or_else(|| source.modified(), |stat| stat.st_mtime)
            } else {
                0
            },
        }
    }

    fn refused<T>(&self, why: &str, status: u8) -> Result<T, CompressFileError> {
        Err(CompressFileError::Refused(why.to_owned(), status))
    }

    /// The file that gunzip(1) takes instead of one that does not exist.
    fn suffixed_name(&self, file: &[u8], stdio: &BuiltinIo<'_>) -> Option<Vec<u8>> {
        if self.format.codec != Codec::Gzip
            || self.work == CompressionMode::Compress
            || file == b"-"
        {
            return None;
        }
        let there = |name: &[u8]| atomic_file::exists(stdio.directory(), name);
        let other = [file, self.format.suffixes[0].0.as_bytes()].concat();
        (!there(file) && there(&other)).then_some(other)
    }

    fn target_name(&self, file: &[u8]) -> Result<Vec<u8>, CompressFileError> {
        let CompressionFormat {
            suffixes,
            statuses,
            codec,
            ..
        } = self.format;
        let suffix = suffixes
            .iter()
            .find(|(suffix, _)| file.len() > suffix.len() && file.ends_with(suffix.as_bytes()));
        match (self.work, suffix, statuses.suffixed) {
            (CompressionMode::Compress, Some(_), Some(_))
                if self.existing == OverwritePolicy::Replaced => {}
            (CompressionMode::Compress, Some((suffix, _)), Some(status)) => {
                return self.refused(&format!("its name ends with {suffix} already"), status);
            }
            (CompressionMode::Compress, _, _) => {}
            (_, Some((suffix, after)), _) => {
                let stem = &file[..file.len() - suffix.len()];
                return Ok([stem, after.as_bytes()].concat());
            }
            (_, None, _) if *codec == Codec::Bzip2 => return Ok([file, b".out"].concat()),
            (_, None, _) => {
                let why = format!("its name does not end with {}", suffixes[0].0);
                return self.refused(&why, statuses.skipped);
            }
        }
        Ok([file, suffixes[0].0.as_bytes()].concat())
    }

    /// Refuses files that the tool would not replace.
    fn examine(&self, file: &[u8], stdio: &BuiltinIo<'_>) -> Result<Stat, CompressFileError> {
        let skipped = self.format.statuses.skipped;
        let look = |flags| {
            let stat = statat(stdio.directory(), file, flags);
            stat.map_err(|error| CompressFileError::Source(error.into()))
        };
        let itself = look(AtFlags::SYMLINK_NOFOLLOW)?;
        let stat = look(AtFlags::empty())?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {}
            FileType::Directory => return self.refused("Is a directory", skipped),
            _ => return self.refused("it is no regular file", skipped),
        }
        if self.existing == OverwritePolicy::Replaced {
            return Ok(stat);
        }
        let (symbolic, hard) = match (self.format.links, self.target) {
            (LinkPolicy::Refused, _)
            | (LinkPolicy::RefusedToRemove, CompressionTarget::Instead) => (true, true),
            (LinkPolicy::SymbolicRefused, _) => (true, false),
            _ => (false, false),
        };
        let is_symbolic = FileType::from_raw_mode(itself.st_mode) == FileType::Symlink;
        if symbolic && is_symbolic {
            // gzip(1) does not warn but fail.
            let status = if self.format.codec == Codec::Gzip {
                1
            } else {
                skipped
            };
            return self.refused("it is a symbolic link", status);
        }
        if hard && stat.st_nlink > 1 {
            return self.refused("it has another name", skipped);
        }
        Ok(stat)
    }

    fn transcode_into_file(
        &self,
        (file, target): (&[u8], &[u8]),
        (source, settings): (BuiltinInput<'_>, &CompressionSettings),
        stat: &Stat,
        stdio: &BuiltinIo<'_>,
    ) -> Result<(), CompressFileError> {
        let written = |error| CompressFileError::Target(target.to_vec(), error);
        let exists = || {
            let why = format!(
                "'{}' exists; -f replaces it",
                String::from_utf8_lossy(target)
            );
            CompressFileError::Refused(why, self.format.statuses.exists)
        };
        if self.existing == OverwritePolicy::Kept && atomic_file::exists(stdio.directory(), target)
        {
            return Err(exists());
        }
        let mut target_file = AtomicFile::new(stdio.directory(), target).map_err(written)?;
        let mut sink = ErrorKeepingWriter {
            file: &mut target_file.file,
            failed: None,
        };
        let result = self.transcode(source, settings, &mut sink);
        if let Some(error) = sink.failed {
            return Err(written(error));
        }
        let garbage = match result {
            Err(CompressFileError::Garbage) => Some(CompressFileError::Garbage),
            other => other.map(|()| None)?,
        };
        match target_file.commit(stat, self.existing, ModificationTime::Original) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(exists()),
            committed => committed.map_err(written)?,
        }
        // The data behind the compressed part are nowhere else.
        if self.target == CompressionTarget::Instead && garbage.is_none() {
            atomic_file::remove(stdio.directory(), file).map_err(written)?;
        }
        garbage.map_or(Ok(()), Err)
    }

    fn compress(
        &self,
        mut source: BuiltinInput<'_>,
        settings: &CompressionSettings,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (codec, stdio) = (self.format.codec, source.stdio());
        if source.size.is_none_or(|size| size > SMALL) {
            let mut source = BufReader::with_capacity(CHUNK, source);
            return codec.compress(&mut source, out, settings, stdio);
        }
        let mut bytes = Vec::with_capacity(source.buffer_size(SMALL as usize));
        source.read_to_end(&mut bytes)?;
        match small::compress(codec, &bytes, settings)? {
            Some(compressed) => out.write_all(&compressed),
            None => codec.compress(&mut bytes.as_slice(), out, settings, stdio),
        }
    }

    fn transcode(
        &self,
        source: BuiltinInput<'_>,
        settings: &CompressionSettings,
        out: &mut dyn Write,
    ) -> Result<(), CompressFileError> {
        let codec = self.format.codec;
        if self.work == CompressionMode::Compress {
            let compressed = self.compress(source, settings, out);
            return compressed.map_err(|error| match error.raw_os_error() {
                None if !is_cancelled(&error) => CompressFileError::Refused(error.to_string(), 1),
                _ => CompressFileError::Source(error),
            });
        }
        let capacity = source.buffer_size(CHUNK);
        let mut source = BufReader::with_capacity(capacity, source);
        let corrupt =
            |why: &str| CompressFileError::Refused(why.to_owned(), self.format.statuses.corrupt);
        match codec.begins(&mut source, self.format.magic) {
            Ok(true) => {}
            Ok(false) => return Err(corrupt("it is not in this format")),
            Err(error) => return Err(CompressFileError::Source(error)),
        }
        match codec.decompress(&mut source, out) {
            Ok(codec::TrailingData::Nothing) => Ok(()),
            Ok(codec::TrailingData::Garbage) => Err(CompressFileError::Garbage),
            Err(error) if error.raw_os_error().is_some() || is_cancelled(&error) => {
                Err(CompressFileError::Source(error))
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(corrupt("unexpected end of file"))
            }
            Err(_) => Err(corrupt("its data are corrupt")),
        }
    }
}

const GARBAGE: &str = "something else follows the compressed data, so it is kept";

/// A file that keeps its error: a codec does not tell errors of its output from others.
struct ErrorKeepingWriter<'a> {
    file: &'a mut File,
    failed: Option<io::Error>,
}

impl Write for ErrorKeepingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                let error = error.raw_os_error().map(io::Error::from_raw_os_error);
                self.failed = error.or(Some(io::ErrorKind::Other.into()));
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

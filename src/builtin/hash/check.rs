//! `--check`: lines of checksums are read back and compared.

use std::io::{self, BufRead, BufReader, Read, Write};

use data_encoding::HEXLOWER_PERMISSIVE;

use super::algorithm::HashAlgorithm;
use super::name::{escape, unescape};
use crate::builtin::builtin_input::{BuiltinInput, too_long};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, CHUNK, is_cancelled};
use crate::builtin::files::named;
use crate::builtin::transform::Transform;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckVerbosity {
    /// Failures, successes, the number of malformed lines.
    Everything,
    /// `--warn`: the malformed lines, too.
    BadLines,
    /// `--quiet`: no successes.
    Failures,
    /// `--status`: files that cannot be read.
    Nothing,
}

#[derive(Debug)]
pub(super) struct ChecksumCheck {
    pub(super) algorithm: &'static HashAlgorithm,
    pub(super) verbosity: CheckVerbosity,
    /// `--strict`: a malformed line is a failure.
    pub(super) is_strict: bool,
    pub(super) ignores_missing: bool,
}

#[derive(Debug, Default)]
struct CheckCounts {
    lines: u64,
    bad_lines: u64,
    proper: u64,
    unreadable: u64,
    mismatches: u64,
    matches: u64,
}

/// A single space goes before names; the first line decides.
type ReversedFormat = Option<bool>;

impl Transform for ChecksumCheck {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let mut status = 0;
        let mut reversed = None;
        for file in named(files) {
            if !self.check_file(file, stdio, &mut reversed)? {
                status = 1;
            }
        }
        Ok(status)
    }
}

impl ChecksumCheck {
    fn check_file(
        &self,
        list: &[u8],
        stdio: &BuiltinIo<'_>,
        reversed: &mut ReversedFormat,
    ) -> io::Result<bool> {
        let source = match BuiltinInput::open(list, stdio) {
            Ok(source) => source,
            Err(error) => return self.algorithm.complain(stdio, list, error).map(|()| false),
        };
        let mut lines = BufReader::with_capacity(CHUNK, source);
        let mut found = CheckCounts::default();
        let mut out = BufferedStdout::new(stdio);
        let mut line = Vec::new();
        loop {
            line.clear();
            let most = stdio.workers().max_record();
            let limit = (most as u64).saturating_add(1);
            let read = match (&mut lines).take(limit).read_until(b'\n', &mut line) {
                Ok(_) if line.len() > most => Err(too_long(most)),
                read => read,
            };
            match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    out.flush()?;
                    return self.algorithm.complain(stdio, list, error).map(|()| false);
                }
            }
            found.lines += 1;
            if line.starts_with(b"#") {
                continue;
            }
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            match split(line, self.algorithm, reversed) {
                Some((name, sum)) => {
                    found.proper += 1;
                    self.check_line(&name, &sum, &mut found, (&mut out, stdio))?;
                }
                None => {
                    found.bad_lines += 1;
                    if self.verbosity == CheckVerbosity::BadLines {
                        out.flush()?;
                        self.report_bad_line(list, found.lines, stdio)?;
                    }
                }
            }
        }
        out.flush()?;
        self.conclude(list, &found, stdio)
    }

    fn check_line(
        &self,
        name: &[u8],
        sum: &[u8],
        found: &mut CheckCounts,
        (out, stdio): (&mut BufferedStdout<'_>, &BuiltinIo<'_>),
    ) -> io::Result<()> {
        let verdict: &[u8] = match self.algorithm.sum(name, stdio) {
            Ok(actual) if actual == sum => {
                found.matches += 1;
                match self.verbosity {
                    CheckVerbosity::Failures | CheckVerbosity::Nothing => return Ok(()),
                    CheckVerbosity::Everything | CheckVerbosity::BadLines => b"OK",
                }
            }
            Ok(_) => {
                found.mismatches += 1;
                b"FAILED"
            }
            Err(error) if is_cancelled(&error) => return Err(error),
            Err(error) if self.ignores_missing && error.kind() == io::ErrorKind::NotFound => {
                return Ok(());
            }
            Err(error) => {
                found.unreadable += 1;
                out.flush()?;
                self.algorithm.complain(stdio, name, error)?;
                b"FAILED open or read"
            }
        };
        if self.verbosity == CheckVerbosity::Nothing {
            return Ok(());
        }
        // Unlike in a list, backslashes and carriage returns do not count unless there is a
        // newline.
        if let Some(escaped) = escape(name).filter(|_| name.contains(&b'\n')) {
            out.write_all(b"\\")?;
            out.write_all(&escaped)?;
        } else {
            out.write_all(name)?;
        }
        out.write_all(b": ")?;
        out.write_all(verdict)?;
        out.write_all(b"\n")
    }

    fn report_bad_line(&self, list: &[u8], line: u64, stdio: &BuiltinIo<'_>) -> io::Result<()> {
        let HashAlgorithm { name, tag, .. } = self.algorithm;
        let list = shown(list);
        let text = format!("{name}: {list}: {line}: improperly formatted {tag} checksum line\n");
        stdio.err(text.as_bytes())
    }

    /// Reports the counts. Returns true if all is well.
    fn conclude(
        &self,
        list: &[u8],
        found: &CheckCounts,
        stdio: &BuiltinIo<'_>,
    ) -> io::Result<bool> {
        let name = self.algorithm.name;
        let list = shown(list);
        if found.proper == 0 {
            let text = format!("{name}: {list}: no properly formatted checksum lines found\n");
            return stdio.err(text.as_bytes()).map(|()| false);
        }
        let nothing_verified = self.ignores_missing && found.matches == 0;
        if self.verbosity != CheckVerbosity::Nothing {
            let mut text = String::new();
            let mut warn = |count: u64, one: &str, many: &str| match count {
                0 => {}
                1 => text.push_str(&format!("{name}: WARNING: 1 {one}\n")),
                _ => text.push_str(&format!("{name}: WARNING: {count} {many}\n")),
            };
            warn(
                found.bad_lines,
                "line is improperly formatted",
                "lines are improperly formatted",
            );
            warn(
                found.unreadable,
                "listed file could not be read",
                "listed files could not be read",
            );
            warn(
                found.mismatches,
                "computed checksum did NOT match",
                "computed checksums did NOT match",
            );
            if nothing_verified {
                text.push_str(&format!("{name}: {list}: no file was verified\n"));
            }
            stdio.err(text.as_bytes())?;
        }
        let failed =
            found.mismatches + found.unreadable > 0 || self.is_strict && found.bad_lines > 0;
        Ok(!failed && !nothing_verified)
    }
}

/// A list's name in a message.
fn shown(list: &[u8]) -> String {
    match list {
        b"-" => "'standard input'".to_owned(),
        name => String::from_utf8_lossy(name).into_owned(),
    }
}

/// The name and the sum of a line; `None` if it is none.
fn split(
    line: &[u8],
    algorithm: &HashAlgorithm,
    reversed: &mut ReversedFormat,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let line = line.trim_ascii_start();
    let (line, is_escaped) = match line.strip_prefix(b"\\") {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (name, sum) = match line.strip_prefix(algorithm.tag.as_bytes()) {
        Some(rest) => split_tagged(rest)?,
        None => split_plain(line, algorithm, reversed)?,
    };
    if sum.len() != algorithm.length {
        return None;
    }
    if is_escaped {
        Some((unescape(name)?, sum))
    } else {
        Some((name.to_vec(), sum))
    }
}

/// ` (NAME) = SUM`, or `(NAME)= SUM`.
fn split_tagged(rest: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let rest = rest.strip_prefix(b"(")?;
    let end = rest.iter().rposition(|byte| *byte == b')')?;
    let sum = rest[end + 1..].trim_ascii_start().strip_prefix(b"=")?;
    Some((
        &rest[..end],
        HEXLOWER_PERMISSIVE.decode(sum.trim_ascii_start()).ok()?,
    ))
}

/// `SUM  NAME`, or `SUM *NAME`, or `SUM NAME` if the first line is such a one.
fn split_plain<'a>(
    line: &'a [u8],
    algorithm: &HashAlgorithm,
    reversed: &mut ReversedFormat,
) -> Option<(&'a [u8], Vec<u8>)> {
    let digits = 2 * algorithm.length;
    let (sum, rest) = line.split_at_checked(digits)?;
    // A malformed line decides nothing about those after it.
    let sum = HEXLOWER_PERMISSIVE.decode(sum).ok()?;
    let rest = rest.strip_prefix(b" ").or(rest.strip_prefix(b"\t"))?;
    let name = match rest {
        [b' ' | b'*', name @ ..] if !name.is_empty() => match *reversed {
            Some(true) => rest,
            _ => {
                *reversed = Some(false);
                name
            }
        },
        [] => return None,
        _ if *reversed == Some(false) => return None,
        _ => {
            *reversed = Some(true);
            rest
        }
    };
    Some((name, sum))
}

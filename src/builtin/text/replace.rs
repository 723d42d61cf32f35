//! `@replace`: replaces the matches of a pattern.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::util::interpolate;
use regex_automata::util::iter::Searcher;
use rustix::fs::{AtFlags, FileType, Stat, statat};

use super::lines::{body, each_block};
use super::pattern::{MatchBounds, PatternOptions, outside_characters, regex};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::atomic_file::{AtomicFile, ModificationTime, OverwritePolicy};
use crate::builtin::builtin_input::BuiltinInput;
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, complain, is_cancelled};
use crate::builtin::files::each_file;
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static REPLACE: BuiltinSpec = BuiltinSpec {
    name: "@replace",
    about: "Files with every match of a pattern replaced",
    notes: "\
@replace RE TEXT [FILE]... prints what sed -E 's/RE/TEXT/g' prints. RE is a pattern as @grep
has it, but of alternatives the first that matches is taken, not the longest. TEXT is as for
Rust's regex crate: $1 or ${1} is a group, ${name} a named one, $0 the match, $$ a dollar.
Beside such braces a value is <>, not {}. A match is within a line.
With --in-place a file is written beside the old one, under another name until it is complete,
and gets its mode and owner. A file without a match is not touched. Statuses are 0, and 2 if a
file could not be read or written.",
    flags: &[
        BuiltinOption::switch(None, "in-place", "Change the files, print nothing"),
        BuiltinOption::switch(
            Some('F'),
            "fixed-strings",
            "RE and TEXT stand for themselves",
        ),
        BuiltinOption::switch(Some('i'), "ignore-case", "Capitals are as small letters"),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let pattern = parsed.take_operand("the pattern")?;
    let text = parsed.take_operand("the text that replaces what matches")?;
    let is_literal = parsed.has("fixed-strings");
    let options = PatternOptions {
        is_literal,
        ignores_case: parsed.has("ignore-case"),
        bounds: MatchBounds::Anything,
    };
    let regex = regex(&pattern, options)?;
    if !is_literal {
        check_groups(&regex, &text)?;
    }
    let has_groups = !is_literal && text.contains(&b'$');
    Ok(Box::new(ReplaceTransform {
        regex,
        text,
        has_groups,
        is_in_place: parsed.has("in-place"),
    }))
}

/// A group that is not in the pattern would silently be empty.
fn check_groups(regex: &Regex, text: &[u8]) -> Result<(), ArgumentError> {
    let mut missing = None;
    let append = |index: usize, _: &mut Vec<u8>| {
        if index >= regex.captures_len() {
            missing = Some(index.to_string());
        }
    };
    let mut unknown = None;
    let name_to_index = |name: &str| {
        let index = regex.group_info().to_index(Default::default(), name);
        if index.is_none() {
            unknown = Some(name.to_owned());
        }
        index
    };
    interpolate::bytes(text, append, name_to_index, &mut Vec::new());
    match unknown.or(missing) {
        None => Ok(()),
        Some(name) => Err(ArgumentError::Wrong(format!(
            "the pattern has no group '{name}'; $$ is a dollar, ${{1}}a is group 1 and an a"
        ))),
    }
}

#[derive(Debug)]
struct ReplaceTransform {
    regex: Regex,
    text: Vec<u8>,
    /// There are groups to be put into the text.
    has_groups: bool,
    is_in_place: bool,
}

enum ReplaceError {
    /// The file cannot be read, or the job was cancelled.
    Source(io::Error),
    /// The file cannot be written.
    Target(io::Error),
}

impl From<io::Error> for ReplaceError {
    fn from(error: io::Error) -> ReplaceError {
        ReplaceError::Source(error)
    }
}

impl Transform for ReplaceTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        // A last line without a newline gets one if something follows.
        let mut is_unfinished = false;
        let replace = |file: &[u8], out: &mut BufferedStdout<'_>| {
            if self.is_in_place {
                return self.in_place(file, stdio);
            }
            let mut replacer = BlockReplacer::new(self);
            each_block(file, stdio, |block| {
                let block = replacer.replaced(block).unwrap_or(block);
                if is_unfinished {
                    out.write_all(b"\n")?;
                }
                is_unfinished = !block.ends_with(b"\n");
                out.write_all(block)?;
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(())
        };
        let failed = each_file(files, stdio, replace, |file, error| match error {
            ReplaceError::Source(error) => complain(stdio, "@replace: cannot read", file, error),
            ReplaceError::Target(error) => complain(stdio, "@replace: cannot write", file, error),
        })?;
        Ok(2 * failed)
    }
}

impl ReplaceTransform {
    fn in_place(&self, file: &[u8], stdio: &BuiltinIo<'_>) -> Result<(), ReplaceError> {
        let stat = examine(file, stdio)?;
        let mut replacer = BlockReplacer::new(self);
        let mut new_file = None;
        let mut failed = None;
        let mut passed = 0;
        let read = each_block(file, stdio, |block| {
            let replaced = replacer.replaced(block);
            let result = match (&mut new_file, replaced) {
                (None, None) => Ok(()),
                (Some(new_file), replaced) => write(new_file, replaced.unwrap_or(block)),
                (None, Some(replaced)) => begin(file, passed, stdio).and_then(|mut begun| {
                    let result = write(&mut begun, replaced);
                    new_file = Some(begun);
                    result
                }),
            };
            passed += block.len() as u64;
            Ok(match result {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            })
        });
        read?;
        match (failed, new_file) {
            (Some(error), _) => Err(error),
            (None, None) => Ok(()),
            (None, Some(new_file)) => new_file
                .commit(&stat, OverwritePolicy::Replaced, ModificationTime::Now)
                .map_err(ReplaceError::Target),
        }
    }
}

/// Refuses files that cannot be replaced.
fn examine(file: &[u8], stdio: &BuiltinIo<'_>) -> Result<Stat, ReplaceError> {
    let refused = |why: &str| Err(ReplaceError::Target(io::Error::other(why.to_owned())));
    if file == b"-" {
        return refused("it is standard input");
    }
    let stat = statat(stdio.directory(), file, AtFlags::SYMLINK_NOFOLLOW);
    let stat = stat.map_err(|error| ReplaceError::Source(error.into()))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(stat),
        FileType::Directory => Err(ReplaceError::Source(rustix::io::Errno::ISDIR.into())),
        FileType::Symlink => refused("it is a symbolic link"),
        _ => refused("it is no regular file"),
    }
}

/// Begins the new file with the first `length` bytes, which hold no match.
fn begin<'a>(
    file: &[u8],
    length: u64,
    stdio: &'a BuiltinIo<'a>,
) -> Result<AtomicFile<'a>, ReplaceError> {
    let mut new_file = AtomicFile::new(stdio.directory(), file).map_err(ReplaceError::Target)?;
    let mut source = BuiltinInput::open(file, stdio)?.take(length);
    let copied = io::copy(&mut source, &mut new_file.file);
    match copied {
        Ok(_) => Ok(new_file),
        Err(error) if is_cancelled(&error) => Err(ReplaceError::Source(error)),
        Err(error) => Err(ReplaceError::Target(error)),
    }
}

fn write(new_file: &mut AtomicFile<'_>, bytes: &[u8]) -> Result<(), ReplaceError> {
    new_file.file.write_all(bytes).map_err(ReplaceError::Target)
}

struct BlockReplacer<'a> {
    replace: &'a ReplaceTransform,
    captures: Captures,
    buffer: Vec<u8>,
}

impl BlockReplacer<'_> {
    fn new(replace: &ReplaceTransform) -> BlockReplacer<'_> {
        BlockReplacer {
            replace,
            captures: replace.regex.create_captures(),
            buffer: Vec::new(),
        }
    }

    /// The block after replacing, if it has a match.
    fn replaced(&mut self, block: &[u8]) -> Option<&[u8]> {
        let ReplaceTransform {
            regex,
            text,
            has_groups,
            ..
        } = self.replace;
        let lines = body(block);
        let (buffer, captures) = (&mut self.buffer, &mut self.captures);
        buffer.clear();
        let mut copied = 0;
        let mut is_changed = false;
        let mut searcher = Searcher::new(Input::new(lines));
        while let Some(found) = searcher.advance(|input| {
            Ok(outside_characters(input, |input| {
                if !has_groups {
                    return regex.search(input);
                }
                regex.search_captures(input, captures);
                captures.get_match()
            }))
        }) {
            is_changed = true;
            buffer.extend_from_slice(&lines[copied..found.start()]);
            if *has_groups {
                captures.interpolate_bytes_into(lines, text, buffer)
            } else {
                buffer.extend_from_slice(text)
            }
            copied = found.end();
        }
        if !is_changed {
            return None;
        }
        buffer.extend_from_slice(&block[copied..]);
        Some(buffer)
    }
}

//! `@replace`: what matches a pattern becomes another text.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use regex_automata::Input;
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;
use regex_automata::util::interpolate;
use regex_automata::util::iter::Searcher;
use rustix::fs::{AtFlags, FileType, Stat, statat};

use super::lines::{body, each_block};
use super::named;
use super::pattern::{Bounds, Letters, Meaning, Syntax, outside_characters, regex};
use crate::builtin::arguments::{Flag, Parsed, Problem};
use crate::builtin::place::{Existing, Place, Times};
use crate::builtin::{Out, Port, Source, Spec, Transform, complain, is_over};

pub(in crate::builtin) static REPLACE: Spec = Spec {
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
        Flag::switch(None, "in-place", "Change the files, print nothing"),
        Flag::switch(
            Some('F'),
            "fixed-strings",
            "RE and TEXT stand for themselves",
        ),
        Flag::switch(Some('i'), "ignore-case", "Capitals are as small letters"),
    ],
    build,
};

fn build(parsed: &mut Parsed) -> Result<Box<dyn Transform>, Problem> {
    let pattern = parsed.take_operand("the pattern")?;
    let text = parsed.take_operand("the text that replaces what matches")?;
    let is_literal = parsed.has("fixed-strings");
    let meaning = Meaning {
        syntax: match is_literal {
            true => Syntax::Literal,
            false => Syntax::Regex,
        },
        letters: match parsed.has("ignore-case") {
            true => Letters::AnyCase,
            false => Letters::Exact,
        },
        bounds: Bounds::Anything,
    };
    let regex = regex(&pattern, meaning)?;
    if !is_literal {
        check_groups(&regex, &text)?;
    }
    let has_groups = !is_literal && text.contains(&b'$');
    Ok(Box::new(Replace {
        regex,
        text,
        has_groups,
        is_in_place: parsed.has("in-place"),
    }))
}

/// A group that is not in the pattern would be nothing, in silence.
fn check_groups(regex: &Regex, text: &[u8]) -> Result<(), Problem> {
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
        Some(name) => Err(Problem::Wrong(format!(
            "the pattern has no group '{name}'; $$ is a dollar, ${{1}}a is group 1 and an a"
        ))),
    }
}

#[derive(Debug)]
struct Replace {
    regex: Regex,
    text: Vec<u8>,
    /// Whether there are groups to be put into the text.
    has_groups: bool,
    is_in_place: bool,
}

/// What went wrong with a file.
enum Trouble {
    /// It cannot be read, or the job is over.
    Source(io::Error),
    /// It cannot be written.
    Target(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Trouble {
        Trouble::Source(error)
    }
}

impl Transform for Replace {
    fn run(&self, files: &[Vec<u8>], port: &dyn Port) -> io::Result<u8> {
        let mut status = 0;
        let mut printer = Printer {
            out: Out::new(port),
            is_unfinished: false,
        };
        for file in named(files) {
            let result = match self.is_in_place {
                true => self.in_place(file, port),
                false => self
                    .print(file, port, &mut printer)
                    .map_err(Trouble::Source),
            };
            let (what, error) = match result {
                Ok(()) => continue,
                Err(Trouble::Source(error)) => ("@replace: cannot read", error),
                Err(Trouble::Target(error)) => ("@replace: cannot write", error),
            };
            status = 2;
            printer.out.flush()?;
            complain(port, what, file, error)?;
        }
        printer.out.flush()?;
        Ok(status)
    }
}

/// Prints files one after the other.
struct Printer<'a> {
    out: Out<'a>,
    /// Whether the last line had no newline: it gets one if something follows.
    is_unfinished: bool,
}

impl Printer<'_> {
    fn print(&mut self, block: &[u8]) -> io::Result<()> {
        if self.is_unfinished {
            self.out.write_all(b"\n")?;
        }
        self.is_unfinished = !block.ends_with(b"\n");
        self.out.write_all(block)
    }
}

impl Replace {
    fn print(&self, file: &[u8], port: &dyn Port, printer: &mut Printer<'_>) -> io::Result<()> {
        let mut worker = Worker::new(self);
        each_block(file, port, |block| {
            printer.print(worker.replaced(block).unwrap_or(block))?;
            Ok(ControlFlow::Continue(()))
        })
    }

    fn in_place(&self, file: &[u8], port: &dyn Port) -> Result<(), Trouble> {
        let stat = examine(file, port)?;
        let mut worker = Worker::new(self);
        let mut place = None;
        let mut failed = None;
        let mut passed = 0;
        let read = each_block(file, port, |block| {
            let replaced = worker.replaced(block);
            let result = match (&mut place, replaced) {
                (None, None) => Ok(()),
                (Some(place), replaced) => write(place, replaced.unwrap_or(block)),
                (None, Some(replaced)) => begin(file, passed, port).and_then(|mut begun| {
                    let result = write(&mut begun, replaced);
                    place = Some(begun);
                    result
                }),
            };
            passed += block.len() as u64;
            Ok(match result {
                Ok(()) => ControlFlow::Continue(()),
                Err(trouble) => {
                    failed = Some(trouble);
                    ControlFlow::Break(())
                }
            })
        });
        read?;
        match (failed, place) {
            (Some(trouble), _) => Err(trouble),
            (None, None) => Ok(()),
            (None, Some(place)) => place
                .fill(&stat, Existing::Replaced, Times::Now)
                .map_err(Trouble::Target),
        }
    }
}

/// Looks whether a file can be replaced by another one.
fn examine(file: &[u8], port: &dyn Port) -> Result<Stat, Trouble> {
    let refused = |why: &str| Err(Trouble::Target(io::Error::other(why.to_owned())));
    if file == b"-" {
        return refused("it is standard input");
    }
    let stat = statat(port.directory(), file, AtFlags::SYMLINK_NOFOLLOW);
    let stat = stat.map_err(|error| Trouble::Source(error.into()))?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(stat),
        FileType::Directory => Err(Trouble::Source(rustix::io::Errno::ISDIR.into())),
        FileType::Symlink => refused("it is a symbolic link"),
        _ => refused("it is no regular file"),
    }
}

/// Begins the new file with what comes before the first match.
fn begin<'a>(file: &[u8], length: u64, port: &'a dyn Port) -> Result<Place<'a>, Trouble> {
    let mut place = Place::new(port.directory(), file).map_err(Trouble::Target)?;
    let mut source = Source::open(file, port)?.take(length);
    let copied = io::copy(&mut source, &mut place.file);
    match copied {
        Ok(_) => Ok(place),
        Err(error) if is_over(&error) => Err(Trouble::Source(error)),
        Err(error) => Err(Trouble::Target(error)),
    }
}

fn write(place: &mut Place<'_>, bytes: &[u8]) -> Result<(), Trouble> {
    place.file.write_all(bytes).map_err(Trouble::Target)
}

/// Replaces in one block after the other.
struct Worker<'a> {
    replace: &'a Replace,
    captures: Captures,
    buffer: Vec<u8>,
}

impl Worker<'_> {
    fn new(replace: &Replace) -> Worker<'_> {
        Worker {
            replace,
            captures: replace.regex.create_captures(),
            buffer: Vec::new(),
        }
    }

    /// The block as it is to be, if that is not as it is.
    fn replaced(&mut self, block: &[u8]) -> Option<&[u8]> {
        let Replace {
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
            match has_groups {
                true => captures.interpolate_bytes_into(lines, text, buffer),
                false => buffer.extend_from_slice(text),
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

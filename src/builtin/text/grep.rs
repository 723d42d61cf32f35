//! `@grep`: lines that match a pattern.

use std::io::{self, Write};
use std::ops::ControlFlow;

use memchr::{memchr, memchr_iter, memrchr};
use regex_automata::{Input, Span};

use super::lines::{blocks, body};
use super::named;
use super::pattern::{Bounds, Letters, Meaning, Pattern, Syntax};
use crate::builtin::arguments::{Flag, Parsed, Problem};
use crate::builtin::parts::{Cut, Part, in_parts};
use crate::builtin::port::CHUNK;
use crate::builtin::{Out, Port, Source, Spec, Transform, complain, is_over};

pub(in crate::builtin) static GREP: Spec = Spec {
    name: "@grep",
    about: "Lines that match a pattern, as grep -E prints them",
    notes: "\
@grep RE [FILE]... prints what grep -a -E prints, whatever bytes are in a file, and has its
statuses: 0 if a line matched, 1 if none did, 2 if a file could not be read.
RE is a pattern of Rust's regex crate. That is as in POSIX for the most part; there are \\d and
lazy operators, no back-references, and a backslash in brackets escapes. Text is taken for
UTF-8; -w finds no word beside bytes that are none. -o prints the longest match, as POSIX has
it, unless lazy operators ask for short ones.",
    flags: &[
        Flag::with(
            Some('e'),
            "regexp",
            "RE",
            "A pattern; may be given several times",
        ),
        Flag::switch(Some('F'), "fixed-strings", "Patterns stand for themselves"),
        Flag::switch(Some('i'), "ignore-case", "Capitals are as small letters"),
        Flag::switch(Some('w'), "word-regexp", "Match whole words only"),
        Flag::switch(Some('x'), "line-regexp", "Match whole lines only"),
        Flag::switch(Some('v'), "invert-match", "Lines that do not match"),
        Flag::switch(Some('c'), "count", "Print how many lines"),
        Flag::switch(
            Some('l'),
            "files-with-matches",
            "Print names of files with a line",
        ),
        Flag::switch(Some('q'), "quiet", "Print nothing, stop at the first line"),
        Flag::switch(
            Some('o'),
            "only-matching",
            "Print what matched, not the line",
        ),
        Flag::with(Some('m'), "max-count", "N", "Stop after N lines of a file"),
        Flag::switch(Some('n'), "line-number", "Number of the line before it"),
        Flag::switch(Some('H'), "with-filename", "Name of the file before lines"),
        Flag::switch(Some('h'), "no-filename", "No names, however many files"),
    ],
    build,
};

fn build(parsed: &mut Parsed) -> Result<Box<dyn Transform>, Problem> {
    let mut patterns: Vec<Vec<u8>> = parsed.values("regexp").map(<[u8]>::to_vec).collect();
    if patterns.is_empty() {
        patterns.push(parsed.take_operand("a pattern")?);
    }
    let bounds = match (parsed.has("line-regexp"), parsed.has("word-regexp")) {
        (true, _) => Bounds::Lines,
        (_, true) => Bounds::Words,
        _ => Bounds::Anything,
    };
    let meaning = Meaning {
        syntax: match parsed.has("fixed-strings") {
            true => Syntax::Literal,
            false => Syntax::Regex,
        },
        letters: match parsed.has("ignore-case") {
            true => Letters::AnyCase,
            false => Letters::Exact,
        },
        bounds,
    };
    let most = parsed.value("max-count").map(|text| {
        let number = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        let text = String::from_utf8_lossy(text);
        number.ok_or_else(|| Problem::Wrong(format!("'{text}' is no number")))
    });
    let shown = ["quiet", "files-with-matches", "count", "only-matching"];
    let shown = shown.into_iter().find(|long| parsed.has(long));
    Ok(Box::new(Grep {
        pattern: Pattern::new(patterns.iter().map(Vec::as_slice), meaning)?,
        is_inverted: parsed.has("invert-match"),
        most: most.transpose()?.unwrap_or(u64::MAX),
        shown: match shown {
            Some("quiet") => Shown::Nothing,
            Some("files-with-matches") => Shown::Names,
            Some("count") => Shown::Counts,
            Some(_) => Shown::Matches,
            None => Shown::Lines,
        },
        is_numbered: parsed.has("line-number"),
        prefixes: match parsed.last(&["with-filename", "no-filename"]) {
            Some("with-filename") => Some(true),
            Some(_) => Some(false),
            None => None,
        },
    }))
}

#[derive(Debug)]
struct Grep {
    pattern: Pattern,
    is_inverted: bool,
    /// So many lines of a file at most.
    most: u64,
    shown: Shown,
    is_numbered: bool,
    /// Whether names go before lines; if nothing was said, those of several files do.
    prefixes: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Names,
    Counts,
    Matches,
    Lines,
}

impl Transform for Grep {
    fn run(&self, files: &[Vec<u8>], port: &dyn Port) -> io::Result<u8> {
        if self.most == 0 {
            return Ok(1);
        }
        let (mut any_selected, mut any_failed) = (false, false);
        let is_named = self.prefixes.unwrap_or(files.len() > 1);
        let mut out = Out::new(port);
        for file in named(files) {
            let name = match file {
                b"-" => b"(standard input)",
                file => file,
            };
            let prefix = match is_named {
                true => [name, b":"].concat(),
                false => Vec::new(),
            };
            let mut scan = Scan::new(self, &prefix, &mut out);
            let result = scan.file(file, port);
            let is_open = !matches!(&result, Err(error) if !is_read_error(error));
            any_selected |= scan.count > 0;
            match self.shown {
                Shown::Nothing if any_selected => return Ok(0),
                Shown::Names if scan.count > 0 => scan.print(name)?,
                Shown::Counts if is_open => scan.print_count()?,
                _ => {}
            }
            if let Err(error) = result {
                any_failed = true;
                out.flush()?;
                complain(port, "@grep: cannot read", file, error)?;
            }
        }
        out.flush()?;
        Ok(match (any_failed, any_selected) {
            (true, _) => 2,
            (false, true) => 0,
            (false, false) => 1,
        })
    }
}

/// One file on its way through, or a part of it.
struct Scan<'a> {
    grep: &'a Grep,
    out: &'a mut dyn Write,
    /// What goes before each line.
    prefix: &'a [u8],
    /// How many lines were selected; some, where nobody needs to know how many.
    count: u64,
    /// How many lines were passed, if they are numbered.
    line: u64,
}

impl<'a> Scan<'a> {
    fn new(grep: &'a Grep, prefix: &'a [u8], out: &'a mut dyn Write) -> Scan<'a> {
        Scan {
            grep,
            out,
            prefix,
            count: 0,
            line: 0,
        }
    }

    /// Looks for lines in a file.
    fn file(&mut self, file: &[u8], port: &dyn Port) -> io::Result<()> {
        let mut source = Source::open(file, port)?;
        if self.is_local() && self.parts(&source)?.is_break() {
            return Ok(());
        }
        let buffer = source.buffer(CHUNK);
        blocks(&mut source, buffer, |block| self.block(block))
    }

    /// Whether it does not matter what comes before a part, and what is printed of a part is
    /// not much more than it.
    fn is_local(&self) -> bool {
        let is_short = match self.grep.shown {
            Shown::Nothing | Shown::Names | Shown::Counts => true,
            Shown::Matches | Shown::Lines => self.prefix.is_empty(),
        };
        is_short && !self.grep.is_numbered && self.grep.most == u64::MAX
    }

    /// Looks for lines in parts of a large file at once.
    fn parts(&mut self, source: &Source<'_>) -> io::Result<ControlFlow<()>> {
        let (grep, prefix) = (self.grep, self.prefix);
        let work = |mut part: Part<'_>| {
            let mut out = Vec::new();
            let mut scan = Scan::new(grep, prefix, &mut out);
            let read = blocks(&mut part, vec![0; CHUNK], |block| scan.block(block));
            let count = scan.count;
            (out, count, read)
        };
        in_parts(source, Cut::Lines, work, |(out, count, read)| {
            self.count += count;
            self.out.write_all(&out)?;
            read?;
            Ok(match grep.shown {
                Shown::Nothing | Shown::Names if count > 0 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            })
        })
    }

    /// Looks for lines in a block.
    fn block(&mut self, block: &[u8]) -> io::Result<ControlFlow<()>> {
        let text = body(block);
        // What comes before these places has been searched, and printed or passed.
        let (mut searched, mut passed) = (0, 0);
        while searched <= text.len() {
            let found = self.matching_line(text, searched);
            let next = found.map_or(text.len() + 1, |line| line.end + 1);
            let selected = match (self.grep.is_inverted, found) {
                (false, Some(line)) => line,
                (false, None) => break,
                (true, Some(line)) => Span::from(searched..line.start.saturating_sub(1)),
                (true, None) => Span::from(searched..text.len()),
            };
            // Between two lines that match there may be none.
            let is_empty =
                self.grep.is_inverted && found.is_some_and(|line| line.start == searched);
            if !is_empty {
                self.pass(&text[passed..selected.start]);
                passed = selected.end + 1;
                if self.take(text, selected)?.is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            searched = next;
        }
        self.pass(block.get(passed..).unwrap_or_default());
        Ok(ControlFlow::Continue(()))
    }

    /// The first line that matches, from the beginning of a line on.
    fn matching_line(&self, text: &[u8], from: usize) -> Option<Span> {
        let input = Input::new(text).range(from..).earliest(true);
        let at = self.grep.pattern.regex.search_half(&input)?.offset();
        let start = memrchr(b'\n', &text[from..at]).map_or(from, |end| from + end + 1);
        let end = memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
        Some(Span { start, end })
    }

    /// Goes past lines that are not selected.
    fn pass(&mut self, lines: &[u8]) {
        if self.grep.is_numbered {
            self.line += memchr_iter(b'\n', lines).count() as u64;
        }
    }

    /// Prints what is wanted of selected lines that follow each other.
    fn take(&mut self, text: &[u8], lines: Span) -> io::Result<ControlFlow<()>> {
        let grep = self.grep;
        let is_plain = grep.shown == Shown::Lines && !grep.is_numbered && self.prefix.is_empty();
        if is_plain && grep.most == u64::MAX {
            self.count += 1;
            self.print(&text[lines.range()])?;
            return Ok(ControlFlow::Continue(()));
        }
        let mut start = lines.start;
        loop {
            let end = memchr(b'\n', &text[start..lines.end]).map_or(lines.end, |end| start + end);
            self.line += 1;
            self.count += 1;
            match grep.shown {
                Shown::Nothing | Shown::Names => return Ok(ControlFlow::Break(())),
                Shown::Counts => {}
                Shown::Matches if grep.is_inverted => {}
                Shown::Matches => self.print_matches(text, Span::from(start..end))?,
                Shown::Lines => self.print_line(&text[start..end])?,
            }
            if self.count == grep.most {
                return Ok(ControlFlow::Break(()));
            }
            if end == lines.end {
                return Ok(ControlFlow::Continue(()));
            }
            start = end + 1;
        }
    }

    fn print_matches(&mut self, text: &[u8], line: Span) -> io::Result<()> {
        let mut rest = line;
        while rest.start <= rest.end {
            let Some(found) = self.grep.pattern.find(text, rest) else {
                break;
            };
            rest.start = found.end;
            if found.is_empty() {
                rest.start += 1;
            } else {
                self.print_line(&text[found.range()])?;
            }
        }
        Ok(())
    }

    /// Prints a line, or a part of it, with what goes before it.
    fn print_line(&mut self, line: &[u8]) -> io::Result<()> {
        self.out.write_all(self.prefix)?;
        if self.grep.is_numbered {
            write!(self.out, "{}:", self.line)?;
        }
        self.print(line)
    }

    fn print_count(&mut self) -> io::Result<()> {
        self.out.write_all(self.prefix)?;
        writeln!(self.out, "{}", self.count)
    }

    fn print(&mut self, line: &[u8]) -> io::Result<()> {
        self.out.write_all(line)?;
        self.out.write_all(b"\n")
    }
}

/// Whether a file could be opened, though not read: its lines are counted all the same.
fn is_read_error(error: &io::Error) -> bool {
    is_over(error) || error.kind() == io::ErrorKind::IsADirectory
}

//! Searches one file a block at a time.

use std::io::{self, Write};
use std::ops::ControlFlow;

use memchr::{memchr, memchr_iter, memrchr};
use regex_automata::{Input, Span};

use super::context::GrepContext;
use crate::builtin::builtin_input::BuiltinInput;
use crate::builtin::builtin_io::{BuiltinIo, CHUNK};
use crate::builtin::parallel_file::{FileCut, FilePart, PIECE, in_parts};
use crate::builtin::text::lines::{blocks, body, each};
use crate::builtin::text::pattern::LinePattern;

#[derive(Debug)]
pub(super) struct GrepOptions {
    pub(super) pattern: LinePattern,
    pub(super) is_inverted: bool,
    /// `-m`: selected lines of a file at most.
    pub(super) most: u64,
    pub(super) shown: GrepOutput,
    pub(super) is_numbered: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrepOutput {
    /// `-q`
    Nothing,
    /// `-l`
    Names,
    /// `-c`
    Counts,
    /// `-o`
    Matches,
    Lines,
}

/// The search in a file, or in a part of it.
pub(super) struct GrepScan<'a> {
    options: &'a GrepOptions,
    out: &'a mut dyn Write,
    /// Name that is printed before each line.
    prefix: Option<&'a [u8]>,
    /// Number of selected lines; at least 1 where nobody needs the number.
    pub(super) count: u64,
    /// Number of lines passed so far, if they are numbered.
    line: u64,
    pub(super) context: Option<GrepContext>,
}

/// Separator of a prefix and a selected line.
const SELECTED: u8 = b':';
/// Separator of a prefix and a line of context.
const AROUND: u8 = b'-';

impl<'a> GrepScan<'a> {
    pub(super) fn new(
        options: &'a GrepOptions,
        prefix: Option<&'a [u8]>,
        out: &'a mut dyn Write,
    ) -> GrepScan<'a> {
        GrepScan {
            options,
            out,
            prefix,
            count: 0,
            line: 0,
            context: None,
        }
    }

    pub(super) fn file(&mut self, file: &[u8], stdio: &BuiltinIo<'_>) -> io::Result<()> {
        let mut source = BuiltinInput::open(file, stdio)?;
        if self.is_local() && self.parts(&source)?.is_break() {
            return Ok(());
        }
        let buffer = source.buffer(CHUNK);
        let most = stdio.workers().max_record();
        blocks(&mut source, buffer, most, |block| self.block(block))
    }

    /// Parts can be searched at the same time: the output for a part depends on nothing
    /// before it, and is not much larger than the part.
    fn is_local(&self) -> bool {
        let is_short = match self.options.shown {
            GrepOutput::Nothing | GrepOutput::Names | GrepOutput::Counts => true,
            GrepOutput::Matches | GrepOutput::Lines => self.prefix.is_none(),
        };
        let is_counted = self.options.is_numbered || self.options.most < u64::MAX;
        is_short && !is_counted && self.context.is_none()
    }

    /// Searches parts of a large file at the same time.
    fn parts(&mut self, source: &BuiltinInput<'_>) -> io::Result<ControlFlow<()>> {
        let (options, prefix) = (self.options, self.prefix);
        let most = source.stdio().workers().max_record();
        let work = |mut part: FilePart<'_>| {
            let mut out = Vec::new();
            let mut scan = GrepScan::new(options, prefix, &mut out);
            let read = blocks(&mut part, vec![0; PIECE], most, |block| scan.block(block));
            let count = scan.count;
            (out, count, read)
        };
        in_parts(source, FileCut::Lines, work, |(out, count, read)| {
            self.count += count;
            self.out.write_all(&out)?;
            read?;
            Ok(match options.shown {
                GrepOutput::Nothing | GrepOutput::Names if count > 0 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            })
        })
    }

    fn block(&mut self, block: &[u8]) -> io::Result<ControlFlow<()>> {
        if self.count == self.options.most {
            return self.print_after(block);
        }
        let text = body(block);
        // The text before these positions has been searched, and printed or passed.
        let (mut searched, mut passed) = (0, 0);
        while searched <= text.len() {
            let found = self.matching_line(text, searched);
            let next = found.map_or(text.len() + 1, |line| line.end + 1);
            let selected = match (self.options.is_inverted, found) {
                (false, Some(line)) => line,
                (false, None) => break,
                (true, Some(line)) => Span::from(searched..line.start.saturating_sub(1)),
                (true, None) => Span::from(searched..text.len()),
            };
            // Between two lines that match there may be none.
            let is_empty =
                self.options.is_inverted && found.is_some_and(|line| line.start == searched);
            if !is_empty {
                self.pass(&text[passed..selected.start])?;
                passed = selected.end + 1;
                if let Some(last) = self.take(text, selected)? {
                    return self.print_after(block.get(last + 1..).unwrap_or_default());
                }
            }
            searched = next;
        }
        self.pass(block.get(passed..).unwrap_or_default())?;
        Ok(ControlFlow::Continue(()))
    }

    /// The first line that matches, from the beginning of a line on.
    fn matching_line(&self, text: &[u8], from: usize) -> Option<Span> {
        let input = Input::new(text).range(from..).earliest(true);
        let at = self.options.pattern.regex.search_half(&input)?.offset();
        let start = memrchr(b'\n', &text[from..at]).map_or(from, |end| from + end + 1);
        let end = memchr(b'\n', &text[at..]).map_or(text.len(), |end| at + end);
        Some(Span { start, end })
    }

    /// Passes lines that are not selected.
    fn pass(&mut self, mut lines: &[u8]) -> io::Result<()> {
        if let Some(context) = &mut self.context {
            let (after, rest) = context.pass(lines);
            self.print_around(after)?;
            lines = rest;
        }
        if self.options.is_numbered {
            self.line += memchr_iter(b'\n', lines).count() as u64;
        }
        Ok(())
    }

    /// Passes lines behind the last selected one, until no context is wanted.
    fn print_after(&mut self, lines: &[u8]) -> io::Result<ControlFlow<()>> {
        if !self.context.as_ref().is_some_and(GrepContext::is_pending) {
            return Ok(ControlFlow::Break(()));
        }
        self.pass(lines)?;
        Ok(ControlFlow::Continue(()))
    }

    /// Prints the lines before one that is selected.
    fn print_before(&mut self) -> io::Result<()> {
        let Some(context) = &mut self.context else {
            return Ok(());
        };
        let (held, has_gap) = context.select();
        if has_gap {
            self.print(b"--")?;
        }
        if self.options.is_numbered {
            self.line -= each(&held).count() as u64;
        }
        self.print_around(&held)
    }

    /// Prints adjacent selected lines. Returns the end of the last one if no more are to be
    /// selected.
    fn take(&mut self, text: &[u8], lines: Span) -> io::Result<Option<usize>> {
        let options = self.options;
        let is_plain =
            options.shown == GrepOutput::Lines && !options.is_numbered && self.prefix.is_none();
        if is_plain && options.most == u64::MAX && self.context.is_none() {
            self.count += 1;
            self.print(&text[lines.range()])?;
            return Ok(None);
        }
        let mut start = lines.start;
        loop {
            let end = memchr(b'\n', &text[start..lines.end]).map_or(lines.end, |end| start + end);
            self.print_before()?;
            self.line += 1;
            self.count += 1;
            match options.shown {
                GrepOutput::Nothing | GrepOutput::Names => return Ok(Some(end)),
                GrepOutput::Counts => {}
                GrepOutput::Matches if options.is_inverted => {}
                GrepOutput::Matches => self.print_matches(text, (start..end).into(), SELECTED)?,
                GrepOutput::Lines => self.print_line(&text[start..end], SELECTED)?,
            }
            if self.count == options.most {
                return Ok(Some(end));
            }
            if end == lines.end {
                return Ok(None);
            }
            start = end + 1;
        }
    }

    /// Prints lines of context.
    fn print_around(&mut self, lines: &[u8]) -> io::Result<()> {
        for line in each(lines) {
            self.line += 1;
            match self.options.shown {
                GrepOutput::Lines => self.print_line(line, AROUND)?,
                // These are the lines that match.
                GrepOutput::Matches if self.options.is_inverted => {
                    self.print_matches(line, (0..line.len()).into(), AROUND)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn print_matches(&mut self, text: &[u8], line: Span, mark: u8) -> io::Result<()> {
        let mut rest = line;
        while rest.start <= rest.end {
            let Some(found) = self.options.pattern.find(text, rest) else {
                break;
            };
            rest.start = found.end;
            if found.is_empty() {
                rest.start += 1;
            } else {
                self.print_line(&text[found.range()], mark)?;
            }
        }
        Ok(())
    }

    /// Prints a line, or a part of it, with its prefix.
    fn print_line(&mut self, line: &[u8], mark: u8) -> io::Result<()> {
        self.print_name(mark)?;
        if self.options.is_numbered {
            write!(self.out, "{}{}", self.line, char::from(mark))?;
        }
        self.print(line)
    }

    fn print_name(&mut self, mark: u8) -> io::Result<()> {
        let Some(name) = self.prefix else {
            return Ok(());
        };
        self.out.write_all(name)?;
        self.out.write_all(&[mark])
    }

    pub(super) fn print_count(&mut self) -> io::Result<()> {
        self.print_name(SELECTED)?;
        writeln!(self.out, "{}", self.count)
    }

    pub(super) fn print(&mut self, line: &[u8]) -> io::Result<()> {
        self.out.write_all(line)?;
        self.out.write_all(b"\n")
    }
}

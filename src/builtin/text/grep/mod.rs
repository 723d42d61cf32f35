//! `@grep`: lines that match a pattern.

mod context;
mod scan;

use std::io::{self, Write};

use super::pattern::{LinePattern, MatchBounds, PatternOptions};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, NUMBER, ParsedArguments};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, complain, is_cancelled};
use crate::builtin::files::named;
use crate::builtin::transform::{BuiltinSpec, Transform};
use context::{ContextSize, GrepContext};
use scan::{GrepOptions, GrepOutput, GrepScan};

pub(in crate::builtin) static GREP: BuiltinSpec = BuiltinSpec {
    name: "@grep",
    about: "Lines that match a pattern, as grep -E prints them",
    notes: "\
@grep RE [FILE]... prints what grep -a -E prints, whatever bytes are in a file, and has its
statuses: 0 if a line matched, 1 if none did, 2 if a file could not be read. A block of --pipe in
which nothing matches is no failure, unless -q or more commands ask.
RE is as there in a UTF-8 locale, with what Rust's regex crate has beyond it: \\d, \\t and \\pL,
lazy operators such as a*?, flags such as (?i). A backslash escapes in brackets, too: [\\d\\]].
There are no back-references, and an operator such as * needs something to repeat. -o prints the
longest match, as POSIX has it, unless lazy operators ask for short ones. -i goes by Unicode,
where the sign of Kelvin is a k. Text is taken for UTF-8: beside bytes that are none, -w finds
no word, and \\b and \\B may find another place. With -w an empty match counts, which grep passes
over where a longer one begins.",
    flags: &[
        BuiltinOption::with(
            Some('e'),
            "regexp",
            "RE",
            "A pattern; may be given several times",
        ),
        BuiltinOption::switch(Some('F'), "fixed-strings", "Patterns stand for themselves"),
        BuiltinOption::switch(Some('i'), "ignore-case", "Capitals are as small letters"),
        BuiltinOption::switch(Some('w'), "word-regexp", "Match whole words only"),
        BuiltinOption::switch(Some('x'), "line-regexp", "Match whole lines only"),
        BuiltinOption::switch(Some('v'), "invert-match", "Lines that do not match"),
        BuiltinOption::switch(Some('c'), "count", "Print how many lines"),
        BuiltinOption::switch(
            Some('l'),
            "files-with-matches",
            "Print names of files with a line",
        ),
        BuiltinOption::switch(Some('q'), "quiet", "Print nothing, stop at the first line"),
        BuiltinOption::switch(
            Some('o'),
            "only-matching",
            "Print what matched, not the line",
        ),
        BuiltinOption::with(Some('m'), "max-count", "N", "Stop after N lines of a file"),
        BuiltinOption::with(Some('A'), "after-context", "N", "N lines after it, too"),
        BuiltinOption::with(Some('B'), "before-context", "N", "N lines before it, too"),
        BuiltinOption::with(Some('C'), "context", "N", "N lines before and after it"),
        BuiltinOption::with(Some(NUMBER), "number", "N", "The same as -C N"),
        BuiltinOption::switch(Some('n'), "line-number", "Number of the line before it"),
        BuiltinOption::switch(Some('H'), "with-filename", "Name of the file before lines"),
        BuiltinOption::switch(Some('h'), "no-filename", "No names, however many files"),
        BuiltinOption::switch(Some('E'), "extended-regexp", "Patterns are so anyway"),
        BuiltinOption::switch(Some('a'), "text", "Files are taken so anyway"),
        BuiltinOption::refused('P', "perl-regexp"),
        BuiltinOption::refused('G', "basic-regexp"),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    check_syntax(parsed)?;
    let mut patterns: Vec<Vec<u8>> = parsed.values("regexp").map(<[u8]>::to_vec).collect();
    if patterns.is_empty() {
        patterns.push(parsed.take_operand("a pattern")?);
    }
    let bounds = match (parsed.has("line-regexp"), parsed.has("word-regexp")) {
        (true, _) => MatchBounds::Lines,
        (_, true) => MatchBounds::Words,
        _ => MatchBounds::Anything,
    };
    let options = PatternOptions {
        is_literal: parsed.has("fixed-strings"),
        ignores_case: parsed.has("ignore-case"),
        bounds,
    };
    let shown = ["quiet", "files-with-matches", "count", "only-matching"];
    let shown = match shown.into_iter().find(|long| parsed.has(long)) {
        Some("quiet") => GrepOutput::Nothing,
        Some("files-with-matches") => GrepOutput::Names,
        Some("count") => GrepOutput::Counts,
        Some(_) => GrepOutput::Matches,
        None => GrepOutput::Lines,
    };
    let most = parsed.number("max-count")?;
    let context = context_size(parsed)?;
    Ok(Box::new(GrepTransform {
        options: GrepOptions {
            pattern: LinePattern::new(patterns.iter().map(Vec::as_slice), options)?,
            is_inverted: parsed.has("invert-match"),
            most: most.map_or(u64::MAX, |most| most as u64),
            shown,
            is_numbered: parsed.has("line-number"),
        },
        context: context.filter(|_| matches!(shown, GrepOutput::Lines | GrepOutput::Matches)),
        prefixes: match parsed.last(&["with-filename", "no-filename"]) {
            Some("with-filename") => Some(true),
            Some(_) => Some(false),
            None => None,
        },
    }))
}

/// Refuses other syntaxes.
fn check_syntax(parsed: &ParsedArguments) -> Result<(), ArgumentError> {
    let wrong = |why: &str| Err(ArgumentError::Wrong(why.to_owned()));
    match parsed.last(&["perl-regexp", "basic-regexp"]) {
        Some("perl-regexp") => {
            wrong("patterns are as grep -E has them, not -P: there are \\d and a*?, no look-around")
        }
        Some(_) => {
            wrong("patterns are as grep -E has them, not -G: groups are (a|b), not \\(a\\|b\\)")
        }
        None if parsed.has("extended-regexp") && parsed.has("fixed-strings") => {
            wrong("-E and -F do not go together: -F takes patterns for plain text")
        }
        None => Ok(()),
    }
}

/// `-A`, `-B`, `-C`
fn context_size(parsed: &ParsedArguments) -> Result<Option<ContextSize>, ArgumentError> {
    let both = parsed.last(&["context", "number"]);
    let both = parsed.number(both.unwrap_or("context"))?;
    let before = parsed.number("before-context")?.or(both);
    let after = parsed.number("after-context")?.or(both);
    Ok(before.or(after).map(|_| ContextSize {
        before: before.unwrap_or(0),
        after: after.unwrap_or(0),
    }))
}

#[derive(Debug)]
struct GrepTransform {
    options: GrepOptions,
    context: Option<ContextSize>,
    /// `-H`, `-h`: names go before lines; if nothing was said, those of several files do.
    prefixes: Option<bool>,
}

impl Transform for GrepTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        if self.options.most == 0 {
            return Ok(1);
        }
        let (mut any_selected, mut any_failed) = (false, false);
        let is_named = self.prefixes.unwrap_or(files.len() > 1);
        let mut out = BufferedStdout::new(stdio);
        for file in named(files) {
            let name = match file {
                b"-" => b"(standard input)",
                file => file,
            };
            let mut scan = GrepScan::new(&self.options, is_named.then_some(name), &mut out);
            scan.context = self
                .context
                .map(|size| GrepContext::new(size, any_selected));
            let result = scan.file(file, stdio);
            let is_open = !matches!(&result, Err(error) if !is_read_error(error));
            any_selected |= scan.count > 0;
            match self.options.shown {
                GrepOutput::Nothing if any_selected => return Ok(0),
                GrepOutput::Names if scan.count > 0 => scan.print(name)?,
                GrepOutput::Counts if is_open => scan.print_count()?,
                _ => {}
            }
            if let Err(error) = result {
                any_failed = true;
                out.flush()?;
                complain(stdio, "@grep: cannot read", file, error)?;
            }
        }
        out.flush()?;
        // Asked for by -q, a status is an answer, and no failure.
        let may_be_none = files.is_empty()
            && stdio.reads_part()
            && !matches!(self.options.shown, GrepOutput::Nothing);
        Ok(match (any_failed, any_selected || may_be_none) {
            (true, _) => 2,
            (false, true) => 0,
            (false, false) => 1,
        })
    }
}

/// The file could be opened, though not read: its lines are counted all the same.
fn is_read_error(error: &io::Error) -> bool {
    is_cancelled(error) || error.kind() == io::ErrorKind::IsADirectory
}

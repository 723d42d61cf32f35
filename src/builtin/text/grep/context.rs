//! Lines around those that are selected.

use std::mem;

use memchr::{memchr_iter, memrchr_iter};

use crate::builtin::text::lines::{body, each};

/// Number of lines around a selected one to be printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct ContextSize {
    pub(super) before: usize,
    pub(super) after: usize,
}

/// Lines of a file that were not selected.
#[derive(Debug)]
pub(super) struct GrepContext {
    size: ContextSize,
    /// Number of lines that are still to be printed.
    pending: usize,
    /// The last lines that were not printed, and before them others that are not wanted.
    held: Vec<u8>,
    /// Start of the wanted lines in `held`.
    start: usize,
    /// Number of wanted lines in `held`.
    count: usize,
    /// Lines are left out before the wanted ones.
    has_gap: bool,
    /// A line was selected, in this file or one before it.
    has_selected: bool,
}

impl GrepContext {
    pub(super) fn new(size: ContextSize, has_selected: bool) -> GrepContext {
        GrepContext {
            size,
            pending: 0,
            held: Vec::new(),
            start: 0,
            count: 0,
            has_gap: true,
            has_selected,
        }
    }

    /// Lines after a selected one are still to be printed.
    pub(super) fn is_pending(&self) -> bool {
        self.pending > 0
    }

    /// Splits lines that are not selected into those to be printed now and others, which
    /// are held as far as they may be printed later.
    pub(super) fn pass<'t>(&mut self, lines: &'t [u8]) -> (&'t [u8], &'t [u8]) {
        let (after, rest) = lines.split_at(first_lines(lines, self.pending));
        self.pending -= each(after).count();
        self.hold(rest);
        (after, rest)
    }

    fn hold(&mut self, lines: &[u8]) {
        let kept = last_lines(lines, self.size.before);
        if kept.len() < lines.len() {
            self.held.clear();
            (self.start, self.count) = (0, 0);
            self.has_gap = true;
        }
        self.held.extend_from_slice(kept);
        self.count += each(kept).count();
        if self.count > self.size.before {
            let extra = self.count - self.size.before;
            self.start += first_lines(&self.held[self.start..], extra);
            self.count = self.size.before;
            self.has_gap = true;
        }
        // Seldom, since many lines may be wanted.
        if self.start > self.held.len() / 2 {
            self.held.drain(..self.start);
            self.start = 0;
        }
    }

    /// Selects a line: returns the lines before it, and true if lines are left out before
    /// those.
    pub(super) fn select(&mut self) -> (Vec<u8>, bool) {
        let has_gap = self.has_gap && self.has_selected;
        self.has_gap = false;
        self.has_selected = true;
        self.pending = self.size.after;
        self.held.drain(..self.start);
        (self.start, self.count) = (0, 0);
        (mem::take(&mut self.held), has_gap)
    }
}

/// Length of the first `count` lines, or of all if there are fewer.
fn first_lines(lines: &[u8], count: usize) -> usize {
    let Some(last) = count.checked_sub(1) else {
        return 0;
    };
    let end = memchr_iter(b'\n', lines).nth(last);
    end.map_or(lines.len(), |end| end + 1)
}

/// The last `count` lines, or all if there are fewer.
fn last_lines(lines: &[u8], count: usize) -> &[u8] {
    let Some(first) = count.checked_sub(1) else {
        return &[];
    };
    let before = memrchr_iter(b'\n', body(lines)).nth(first);
    before.map_or(lines, |end| &lines[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_both_ends() {
        for (lines, count, first, last) in [
            ("", 2, "", ""),
            ("a\nb\nc\n", 0, "", ""),
            ("a\nb\nc\n", 2, "a\nb\n", "b\nc\n"),
            ("a\nb\nc", 1, "a\n", "c"),
            ("\n\n\n", 2, "\n\n", "\n\n"),
            ("a\nb", 5, "a\nb", "a\nb"),
        ] {
            let length = first_lines(lines.as_bytes(), count);
            assert_eq!(&lines[..length], first, "{lines:?}");
            assert_eq!(last_lines(lines.as_bytes(), count), last.as_bytes());
        }
    }

    #[test]
    fn no_more_lines_are_held_than_are_wanted() {
        let size = ContextSize {
            before: 2,
            after: 1,
        };
        let mut context = GrepContext::new(size, false);
        context.pass(b"a\nb\nc\n");
        context.pass(b"d\n");
        assert_eq!(context.select(), (b"c\nd\n".to_vec(), false));
        assert_eq!(context.pass(b"e\nf\n"), (&b"e\n"[..], &b"f\n"[..]));
        context.pass(b"g\n");
        assert_eq!(context.select(), (b"f\ng\n".to_vec(), false));
        context.pass(b"h\ni\n");
        context.pass(b"j\nk\n");
        assert_eq!(context.select(), (b"j\nk\n".to_vec(), true));
    }
}

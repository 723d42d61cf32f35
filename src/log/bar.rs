//! What the progress display looks like on a terminal: the bytes that draw it, made by
//! indicatif in memory.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use console::measure_text_width;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::tally::Tally;

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Lines.
    pub rows: usize,
    /// Columns that are filled: one is left free, since some terminals wrap a full line.
    pub columns: usize,
}

impl Size {
    /// The size of the terminal on standard error.
    pub fn of_stderr() -> Self {
        match rustix::termios::tcgetwinsize(io::stderr()) {
            Ok(size) if size.ws_col > 1 && size.ws_row > 0 => Size {
                rows: size.ws_row.into(),
                columns: usize::from(size.ws_col) - 1,
            },
            _ => Size {
                rows: 24,
                columns: 79,
            },
        }
    }
}

/// What stands on the terminal now.
#[derive(Debug)]
pub struct Bar {
    /// The size it was drawn for.
    pub size: Size,
    /// Columns of each line.
    widths: Vec<usize>,
    ink: Ink,
    multi: MultiProgress,
    bar: ProgressBar,
    text: Arc<Mutex<String>>,
}

impl Bar {
    /// Nothing is drawn yet.
    pub fn new(size: Size) -> Self {
        let ink = Ink {
            size,
            drawing: Arc::default(),
        };
        let multi =
            MultiProgress::with_draw_target(ProgressDrawTarget::term_like(Box::new(ink.clone())));
        let bar = multi.add(ProgressBar::no_length());
        Bar {
            size,
            widths: Vec::new(),
            ink,
            multi,
            bar,
            text: Arc::default(),
        }
    }

    /// What draws `text`, with a graph of the counts before its first line.
    pub fn draw(&mut self, text: String, tally: &Tally) -> Vec<u8> {
        let graph = match tally.total {
            Some(_) if self.size.columns >= 60 => "[{bar:20}] {text}",
            _ => "{text}",
        };
        let graph_width = if graph.len() > 10 { 23 } else { 0 };
        self.widths = text.lines().map(measure_text_width).collect();
        if let Some(first) = self.widths.first_mut() {
            *first += graph_width;
        }
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = text;
        let shared = Arc::clone(&self.text);
        let style = ProgressStyle::with_template(graph)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ")
            .with_key("text", move |_: &_, out: &mut dyn Write| {
                let text = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let _ = out.write_str(&text);
            });
        self.bar.set_style(style);
        self.bar.update(|state| {
            if let Some(total) = tally.total {
                state.set_len(total);
            }
            state.set_pos(tally.done);
        });
        self.ink.take()
    }

    /// What erases it.
    pub fn erase(self) -> Vec<u8> {
        let size = Size::of_stderr();
        if size != self.size {
            return self.erase_resized(size);
        }
        // Writing into memory does not fail.
        let _ = self.multi.clear();
        self.ink.take()
    }

    /// What erases lines that the terminal has wrapped since to another width.
    fn erase_resized(self, size: Size) -> Vec<u8> {
        let columns = size.columns + 1;
        let lines: usize = self
            .widths
            .iter()
            .map(|&width| width.max(1).div_ceil(columns))
            .sum();
        let up = match lines {
            0 | 1 => String::new(),
            lines => format!("\x1b[{}A", lines - 1),
        };
        format!("{up}\r\x1b[J").into_bytes()
    }
}

/// A terminal that is a piece of memory.
///
/// indicatif writes each line and then so many blanks that the terminal wraps. That
/// would make one long line of the display, which falls apart when the terminal is
/// resized, so here the blanks become an erased rest of the line and a newline.
#[derive(Debug, Clone)]
struct Ink {
    size: Size,
    drawing: Arc<Mutex<Drawing>>,
}

#[derive(Debug, Default)]
struct Drawing {
    bytes: Vec<u8>,
    next: Next,
}

/// What indicatif writes next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Next {
    #[default]
    FirstLine,
    Line,
    Blanks,
}

impl Ink {
    fn drawing(&self) -> MutexGuard<'_, Drawing> {
        self.drawing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.drawing().bytes)
    }

    /// Moves the cursor, which ends a round of lines.
    fn go(&self, count: usize, direction: char) -> io::Result<()> {
        let mut drawing = self.drawing();
        drawing.next = Next::FirstLine;
        if count > 0 {
            drawing.add(&format!("\x1b[{count}{direction}"));
        }
        Ok(())
    }
}

impl Drawing {
    fn add(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }
}

impl TermLike for Ink {
    fn width(&self) -> u16 {
        self.size.columns as u16 + 1
    }

    fn height(&self) -> u16 {
        self.size.rows as u16
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.go(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.go(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.go(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.go(n, 'D')
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.drawing().add(&format!("{line}\r\n"));
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let mut drawing = self.drawing();
        match drawing.next {
            _ if text == "\r" => drawing.add(text),
            Next::Blanks => {
                drawing.add("\x1b[K");
                drawing.next = Next::Line;
            }
            next => {
                if next == Next::Line {
                    drawing.add("\r\n");
                }
                drawing.add(text);
                drawing.next = Next::Blanks;
            }
        }
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.drawing().add("\r\x1b[2K");
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

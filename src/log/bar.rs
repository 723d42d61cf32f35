//! What the progress display looks like on a terminal: the bytes that draw it, made by
//! indicatif in memory.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use console::measure_text_width;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use crate::tally::Tally;

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Lines.
    pub rows: usize,
    /// Columns that can be filled.
    pub columns: usize,
}

impl Size {
    /// The size of the terminal on standard error.
    pub fn of_stderr() -> Self {
        // One column is left free: a line that is filled makes some terminals wrap.
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
            bytes: Arc::default(),
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
        // Writing into memory does not fail.
        let _ = self.multi.clear();
        self.ink.take()
    }

    /// What erases lines that the terminal has wrapped since to another width.
    pub fn erase_resized(self, size: Size) -> Vec<u8> {
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
#[derive(Debug, Clone)]
struct Ink {
    size: Size,
    bytes: Arc<Mutex<Vec<u8>>>,
}

impl Ink {
    fn add(&self, text: &str) -> io::Result<()> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn go(&self, count: usize, direction: char) -> io::Result<()> {
        match count {
            0 => Ok(()),
            _ => self.add(&format!("\x1b[{count}{direction}")),
        }
    }
}

impl TermLike for Ink {
    fn width(&self) -> u16 {
        self.size.columns as u16
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
        self.add(line)?;
        self.add("\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

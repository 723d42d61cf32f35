//! The text of a command with places for values, and its two renderings: the
//! script that a shell runs, made once, and the line that a person reads.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::input::Row;

use super::direct::{Part, Spread, Word};
use super::lex::{Bare, Line, Reading, Setting, Spot, What};
use super::placeholder::Placeholder;
use super::quote::{self, Style};
use super::{Dialect, Place, shell};

/// A word that is a number to the shell: which one, and what kind of number.
pub(super) type Number = (usize, Reading);

/// A command's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) chunks: Vec<Chunk>,
    pub(super) style: Style,
}

/// A piece of a command's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chunk {
    Text(Vec<u8>),
    Hole(Hole),
    /// A word that is there once for each value. No such word is in it.
    Word(Vec<Chunk>),
}

/// Where a value goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hole {
    pub(super) placeholder: Placeholder,
    pub(super) filling: Filling,
    pub(super) reading: Reading,
    pub(super) bare: Bare,
    /// The lines that would end the here-documents that it is in.
    pub(super) delimiters: Vec<Vec<u8>>,
}

/// How a value gets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filling {
    /// As a parameter of the shell.
    Parameter(Setting),
    /// As GNU parallel does it: quoted text, whatever is around; code if an expression says so.
    Quoted,
    /// As GNU parallel does it where a command begins: the value is shell text.
    Raw,
}

impl Program {
    /// The program of a line that was read, from a place in it on.
    pub(super) fn from_line(text: &[u8], line: &Line, from: usize, dialect: Dialect) -> Program {
        let mut program = Program::new(Style::of(dialect));
        let mut at = from;
        let later = line.spots.iter().filter(|spot| spot.range.start >= from);
        let later: Vec<&Spot> = later.collect();
        for spots in later.chunk_by(|one, next| one.word.is_some() && one.word == next.word) {
            let end = match &spots[0].word {
                None => spots[0].range.end,
                Some(word) => {
                    program.push(&text[at..word.start]);
                    at = word.start;
                    word.end
                }
            };
            let mut piece = Program::new(program.style);
            for spot in spots {
                piece.push(&text[at..spot.range.start]);
                piece.push_spot(spot, text, dialect);
                at = spot.range.end;
            }
            piece.push(&text[at..end]);
            at = end;
            match spots[0].word {
                None => program.append(piece),
                Some(_) => program.chunks.push(Chunk::Word(piece.chunks)),
            }
        }
        program.push(&text[at..]);
        program
    }

    fn push_spot(&mut self, spot: &Spot, text: &[u8], dialect: Dialect) {
        match &spot.what {
            What::Literal => {
                let literal = &text[spot.range.start + 1..spot.range.end];
                self.push(&literal_in(literal, spot.setting));
            }
            What::Place(placeholder) => {
                let hole = hole(spot, placeholder.clone(), dialect);
                self.chunks.push(Chunk::Hole(hole));
            }
        }
    }

    fn append(&mut self, other: Program) {
        for chunk in other.chunks {
            match chunk {
                Chunk::Text(text) => self.push(&text),
                chunk => self.chunks.push(chunk),
            }
        }
    }

    pub(super) fn new(style: Style) -> Program {
        Program {
            chunks: Vec::new(),
            style,
        }
    }

    /// The `NAME=value` words before a command.
    pub(super) fn from_environment(variables: &[(OsString, Word)], style: Style) -> Program {
        let mut program = Program::new(style);
        for (name, value) in variables {
            program.push(name.as_bytes());
            program.push(b"=");
            program.push_word(value, Bare::Always, Reading::Bytes);
            program.push(b" ");
        }
        program
    }

    /// Appends words that are passed on exactly.
    pub(super) fn push_words(&mut self, words: &[Word], first: Bare, numbers: &[Number]) {
        for (at, word) in words.iter().enumerate() {
            if at > 0 {
                self.push(b" ");
            }
            let number = numbers.iter().find(|number| number.0 == at);
            let reading = number.map_or(Reading::Bytes, |number| number.1);
            self.push_word(word, if at == 0 { first } else { Bare::Always }, reading);
        }
    }

    /// Appends text.
    pub(super) fn push(&mut self, text: &[u8]) {
        match self.chunks.last_mut() {
            _ if text.is_empty() => {}
            Some(Chunk::Text(last)) => last.extend_from_slice(text),
            _ => self.chunks.push(Chunk::Text(text.to_vec())),
        }
    }

    /// Appends a word.
    pub(super) fn push_word(&mut self, word: &Word, bare: Bare, reading: Reading) {
        let is_each = |part: &Part| matches!(part, Part::Place(_, Spread::Each));
        if word.parts.iter().any(is_each) {
            let mut piece = Program::new(self.style);
            piece.push_parts(word, bare, reading);
            self.chunks.push(Chunk::Word(piece.chunks));
        } else {
            self.push_parts(word, bare, reading);
        }
    }

    fn push_parts(&mut self, word: &Word, bare: Bare, reading: Reading) {
        let alone = word.parts.len() == 1;
        for part in &word.parts {
            match part {
                Part::Text(text) if text.is_empty() && !alone => {}
                Part::Text(text) => {
                    let mut quoted = Vec::new();
                    quote::unquoted(text, self.style, bare, &mut quoted);
                    self.push(&quoted);
                }
                Part::Place(placeholder, spread) => self.chunks.push(Chunk::Hole(Hole {
                    placeholder: placeholder.clone(),
                    filling: Filling::Parameter(match spread {
                        Spread::Words => Setting::Word,
                        Spread::Joined | Spread::Each => Setting::Part,
                    }),
                    reading,
                    bare,
                    delimiters: Vec::new(),
                })),
                Part::Code(_) => {}
            }
        }
    }

    pub(super) fn holes(&mut self) -> impl Iterator<Item = &mut Hole> {
        self.chunks
            .iter_mut()
            .flat_map(|chunk| match chunk {
                Chunk::Word(chunks) => chunks.as_mut_slice(),
                chunk => std::slice::from_mut(chunk),
            })
            .filter_map(|chunk| match chunk {
                Chunk::Hole(hole) => Some(hole),
                Chunk::Text(_) | Chunk::Word(_) => None,
            })
    }

    /// Puts values in as quoted text where the shell has no parameters as prun writes them.
    pub(super) fn suit(&mut self, shell: &Path) {
        if shell::is_known(shell) {
            return;
        }
        for hole in self.holes().filter(|hole| hole.filling != Filling::Raw) {
            hole.filling = Filling::Quoted;
        }
    }

    /// Appends the command as a person would type it.
    pub(super) fn show(&self, row: &Row, place: Place, out: &mut Vec<u8>) {
        self.each_piece(row.0.len(), |piece| match piece {
            Piece::Text(text) => out.extend_from_slice(text),
            Piece::Hole(hole) => hole.show(row, place, self.style, out),
        });
    }

    /// Gives the pieces for a row of `len` values, in order: a word that is there once for
    /// each value is given so often.
    pub(super) fn each_piece(&self, len: usize, mut each: impl FnMut(Piece<'_>)) {
        for chunk in &self.chunks {
            match chunk {
                Chunk::Text(text) => each(Piece::Text(text)),
                Chunk::Hole(hole) => each(Piece::Hole(hole)),
                Chunk::Word(parts) => {
                    for nth in 0..repetitions(parts, len) {
                        if nth > 0 {
                            each(Piece::Text(b" "));
                        }
                        for part in parts {
                            part.nth(nth, len, &mut each);
                        }
                    }
                }
            }
        }
    }
}

/// What comes next in a command's text.
pub(super) enum Piece<'a> {
    Text(&'a [u8]),
    Hole(&'a Hole),
}

impl Chunk {
    /// Gives the part of a word for the `nth` of several values.
    fn nth(&self, nth: usize, len: usize, each: &mut impl FnMut(Piece<'_>)) {
        match self {
            Chunk::Text(text) => each(Piece::Text(text)),
            Chunk::Hole(hole) if hole.placeholder.count(len) > 1 => {
                let placeholder = hole.placeholder.single(nth, len);
                each(Piece::Hole(&Hole {
                    placeholder,
                    ..hole.clone()
                }));
            }
            Chunk::Hole(hole) => each(Piece::Hole(hole)),
            // No such word is within another.
            Chunk::Word(_) => {}
        }
    }

    pub(super) fn is_word(&self) -> bool {
        matches!(self, Chunk::Word(_))
    }

    pub(super) fn fixed_length(&self) -> usize {
        match self {
            Chunk::Text(text) => text.len(),
            Chunk::Hole(_) => 0,
            Chunk::Word(chunks) => chunks.iter().map(Chunk::fixed_length).sum(),
        }
    }
}

/// How often a word is there in a row of `len` values.
fn repetitions(parts: &[Chunk], len: usize) -> usize {
    let counts = parts.iter().map(|part| match part {
        Chunk::Hole(hole) => hole.placeholder.count(len),
        Chunk::Text(_) | Chunk::Word(_) => 1,
    });
    counts.max().unwrap_or(1)
}

fn hole(spot: &Spot, placeholder: Placeholder, dialect: Dialect) -> Hole {
    let filling = match (spot.setting, dialect) {
        (Setting::Refused(_), _) => Filling::Quoted,
        (Setting::Part, Dialect::Gnu) => Filling::Parameter(Setting::Word),
        (setting, _) => Filling::Parameter(setting),
    };
    Hole {
        placeholder,
        filling,
        reading: spot.reading,
        bare: spot.bare,
        delimiters: spot.delimiters.clone(),
    }
}

/// An escaped placeholder's text, for a shell to read as it is.
fn literal_in(text: &[u8], setting: Setting) -> Vec<u8> {
    let mut out = Vec::new();
    match setting {
        Setting::Word | Setting::Part => {
            quote::unquoted(text, Style::Portable, Bare::Never, &mut out);
        }
        Setting::Double => quote::in_double(text, &mut out),
        Setting::Single => quote::in_single(text, &mut out),
        Setting::Ansi => quote::ansi(text, &mut out),
        Setting::Body => quote::in_document(text, &mut out),
        Setting::Refused(_) => out.extend_from_slice(text),
    }
    out
}

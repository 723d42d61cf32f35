//! From the words of a command line to the command of one job. Values are data:
//! they are placed, never parsed.
//!
//! `compose` decides what the words are. A command line is read by `lex`, which
//! finds every `placeholder` and what is around it. What comes out is a `recipe`:
//! arguments (`direct`), or a `script` whose parameters are the values. The
//! `program`, the command's text with holes, is what scripts are written from and
//! what people are shown. `second` tells where a value would be read as code again.

mod call;
mod complaint;
mod compose;
mod direct;
mod edit;
mod integer;
mod lex;
mod list;
mod outline;
mod placeholder;
mod program;
#[cfg(test)]
mod proof;
mod quote;
mod recipe;
mod script;
mod second;
mod shell;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::Result;
use crate::input::Row;

pub use self::list::{Access, Action, List, Pipeline, Redirection, Stage, When, Work};
use self::program::Program;
use self::recipe::{Lines, Recipe};
pub use self::text::Text;

/// Whose rules compose the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// One word is a command line, several are an argument vector.
    Own,
    /// Words are joined by a space and parsed again by the shell.
    Gnu,
}

/// How the words of the command are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// Shell syntax in them counts.
    Parsed,
    /// `-q`: every word is an argument as it stands.
    Literal,
}

/// Which shell runs what needs one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// Path or name of the shell.
    pub path: PathBuf,
    /// Whether the user named it.
    pub choice: ShellChoice,
}

/// Where the shell's name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellChoice {
    /// Nobody asked for it: it is left out where it is not needed.
    Default,
    /// `--shell`, `$PRUN_SHELL`: it always runs the command.
    Asked,
}

/// What to do with a value that a second parser will read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// One warning at the start.
    Warn,
    /// `--strict`: an error before any job starts.
    Refuse,
}

/// What several values in the middle of a word become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Repeat {
    /// One text with spaces between; as GNU parallel, words that part there.
    #[default]
    Values,
    /// The whole word once for each (`-N`, `-X`).
    Words,
}

/// What is known of rows before there are any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shape {
    /// How many values most rows have.
    pub arity: usize,
    /// Whether the others may have more.
    pub length: Length,
    /// The names of values, in order, if there are any.
    pub names: Vec<Vec<u8>>,
    /// What several values in a word become.
    pub repeat: Repeat,
}

/// Whether all rows have the same number of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Length {
    /// At most as many as is known.
    #[default]
    Fixed,
    /// Any number: columns.
    Varying,
}

impl Shape {
    /// Rows of that many values.
    pub fn of(arity: usize) -> Shape {
        Shape {
            arity,
            ..Shape::default()
        }
    }
}

/// What a command takes for values, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// Without any.
    pub base: usize,
    /// How often each value is there.
    pub times: usize,
    /// Each time, beside the value itself.
    pub each: usize,
}

/// What the command line says about the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The command's words; none if each row is a command line.
    pub words: Vec<Vec<u8>>,
    /// Whose rules compose it.
    pub dialect: Dialect,
    /// How its words are read.
    pub quoting: Words,
    /// `-I S`: the only text that stands for the whole value.
    pub replacement: Option<Vec<u8>>,
    /// The shell.
    pub shell: Shell,
    /// The shell for exported functions, if it was found.
    pub bash: Option<PathBuf>,
    /// Names of the bash functions in the environment.
    pub functions: BTreeSet<Vec<u8>>,
    /// Second parsers.
    pub strictness: Strictness,
    /// The rows.
    pub shape: Shape,
}

/// Where and when a job runs, as far as its command can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The job's number, from 1 in input order.
    pub seq: u64,
    /// The slot's number, from 1.
    pub slot: usize,
}

/// What is executed for one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments.
    pub argv: Vec<OsString>,
    /// Variables that leading `NAME=value` words set.
    pub environment: Vec<(OsString, OsString)>,
}

/// Why a row cannot be made into a command: the job fails, the run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadValue(pub String);

/// A parsed command, ready to take values.
#[derive(Debug)]
pub struct Template {
    recipe: Recipe,
    /// The command's text; none if each row is a line.
    program: Option<Program>,
    warnings: Vec<String>,
}

impl Template {
    /// Parses the command once for all jobs.
    ///
    /// # Errors
    /// What would be wrong for every job: a place where no value can stand, a
    /// source that does not exist, an operator among several words.
    pub fn parse(options: Options) -> Result<Template> {
        compose::compose(options)
    }

    /// Whether a shell runs the command that knows less than bash does.
    pub fn needs_plain_shell(&self) -> bool {
        self.recipe
            .shell()
            .is_some_and(|shell| !shell::is_bash(shell))
    }

    /// What the user should know before the first job starts. A text may have a
    /// second line, a hint.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Descriptors that a job needs beside those of a single process, as far as is known
    /// before there are values.
    pub fn descriptors(&self) -> usize {
        self.recipe.descriptors()
    }

    /// What values take in the command.
    pub fn weight(&self) -> Weight {
        match &self.program {
            Some(program) => program.weight(),
            None => Weight {
                base: 0,
                times: 1,
                each: 1,
            },
        }
    }

    /// What is run for one job.
    ///
    /// # Errors
    /// The row has a value that no argument can hold, or that cannot stand where
    /// the template puts it.
    pub fn work(&self, row: &Row, place: Place) -> std::result::Result<Work, BadValue> {
        self.recipe.work(row, place)
    }

    /// The same work as one command: pipelines of a [`List`], from this one on, are for the
    /// shell.
    ///
    /// # Errors
    /// As [`Template::work`].
    pub fn by_shell(
        &self,
        row: &Row,
        place: Place,
        from: usize,
    ) -> std::result::Result<Command, BadValue> {
        self.recipe.by_shell(row, place, from)
    }

    /// Appends the command as a person would type it, values quoted.
    pub fn show(&self, row: &Row, place: Place, out: &mut Vec<u8>) {
        match &self.program {
            Some(program) => program.show(row, place, out),
            None => out.extend_from_slice(&Lines::text(row, place)),
        }
    }
}

//! From the words of a command line to the command of one job. Values are data:
//! they are placed, never parsed.
//!
//! `compose` decides what the words are. A command line is read by `lex`, which
//! finds every `placeholder` and what is around it. What comes out is a `recipe`:
//! arguments (`direct`), or a `script` whose parameters are the values. The
//! `program`, the command's text with holes, is what scripts are written from and
//! what people are shown. `second` tells where a value would be read as code again.

mod brackets;
mod call;
mod complaint;
mod compose;
mod definitions;
mod direct;
mod edit;
mod families;
mod forms;
mod imitation;
mod indices;
mod integer;
mod lex;
mod likeness;
mod list;
mod operators;
mod options;
mod outline;
mod placeholder;
mod plain;
mod portable;
mod program;
#[cfg(test)]
mod proof;
mod quote;
mod recipe;
mod script;
mod second;
mod shell;
mod shown;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod weight;
mod withheld;

use std::ffi::OsString;

use memchr::memmem;

use crate::builtin::{self, Combined};
use crate::error::Result;
use crate::expression::{Expression, Facts};
use crate::input::{Row, Strings};

pub use self::brackets::field_names;
use self::lex::Bare;
pub use self::list::{Access, Action, List, Pipeline, Redirection, Stage, Unusual, When, Work};
pub use self::options::{
    Dialect, Length, Names, Options, Others, PerJob, Plus, Renamed, Repeat, Shape, Shell,
    ShellChoice, Spellings, Strictness, Words,
};
use self::placeholder::{Placeholder, Verdict};
use self::program::{Hole, Piece, Program};
use self::quote::Style;
use self::recipe::{Lines, Recipe};
pub use self::text::{Part, Text};
use self::weight::Means;
pub use self::withheld::{push_escaped, unescaped, withheld, withhold};

impl Place {
    /// A job of a run of which nothing is known.
    #[cfg(test)]
    pub fn of(seq: u64, slot: usize) -> Place {
        Place {
            seq,
            slot,
            run: Run::default(),
        }
    }

    fn facts<'a>(&self, row: &'a Row) -> Facts<'a> {
        Facts {
            seq: self.seq,
            slot: self.slot,
            slots: self.run.slots,
            total: self.run.total,
            values: &row.0,
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
    /// Each time, beside the value itself, in the command as it is shown.
    pub shown: usize,
    /// Each time, beside the value itself, in what the system is given.
    pub passed: usize,
    /// What that may have in all, if there is a limit beside the system's.
    pub possible: usize,
}

/// Where and when a job runs, as far as its command can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The job's number, from 1 in input order.
    pub seq: u64,
    /// The slot's number, from 1.
    pub slot: usize,
    /// Among how many it is.
    pub run: Run,
}

/// How many jobs there are, as far as their commands can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Run {
    /// How many run at once.
    pub slots: usize,
    /// How many there are in all, if that is known.
    pub total: Option<u64>,
}

/// What is executed for one job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments.
    pub argv: Strings,
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
    /// Its placeholders that have expressions.
    computed: Vec<Placeholder>,
    /// Those whose values must be plain.
    plain: Vec<Placeholder>,
    warnings: Vec<String>,
    run: Run,
}

impl Template {
    /// Parses the command once for all jobs.
    ///
    /// # Errors
    /// What would be wrong for every job: a place where no value can stand, a
    /// source that does not exist, an operator among several words.
    pub fn parse(options: Options) -> Result<Template> {
        let plain_values = options.plain_values;
        let mut template = compose::compose(options)?;
        if plain_values {
            let holes = template.program.iter_mut().flat_map(Program::holes);
            template.plain = holes.map(|hole| hole.placeholder.clone()).collect();
        }
        Ok(template)
    }

    /// Whether a shell runs the command that knows less than bash does.
    pub fn needs_plain_shell(&self) -> bool {
        self.recipe
            .shell()
            .is_some_and(|shell| !shell::is_bash(shell))
    }

    fn new(recipe: Recipe, mut program: Option<Program>, warnings: Vec<String>) -> Template {
        let holes = program.iter_mut().flat_map(Program::holes);
        let placeholders = holes.map(|hole| hole.placeholder.clone());
        Template {
            computed: placeholders
                .filter(|placeholder| placeholder.expression().is_some())
                .collect(),
            recipe,
            program,
            plain: Vec::new(),
            warnings,
            run: Run::default(),
        }
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.computed.iter().filter_map(Placeholder::expression)
    }

    /// The one result of all jobs, if they make one instead of output of their own.
    pub fn combined(&self) -> Option<Combined> {
        self.recipe.combined()
    }

    /// One built-in of prun's alone, which takes the values for its own arguments.
    pub fn is_one_builtin(&self) -> bool {
        matches!(self.recipe, Recipe::Call(_))
    }

    /// Whether it asks how many jobs there are.
    pub fn needs_total(&self) -> bool {
        self.expressions().any(Expression::needs_total)
    }

    /// Whether it may say that a row is not to be run.
    pub fn can_skip(&self) -> bool {
        self.expressions().any(Expression::can_skip)
    }

    /// Whether it says that a row is not to be run.
    pub fn skips(&self, row: &Row, place: Place) -> bool {
        let mut computed = self.computed.iter();
        computed.any(|placeholder| placeholder.verdict(row, place) == Verdict::Skip)
    }

    fn check(&self, row: &Row, place: Place) -> std::result::Result<(), BadValue> {
        for placeholder in &self.computed {
            if let Verdict::Flaw(why) = placeholder.verdict(row, place) {
                return Err(BadValue(format!("input {}: {why}", place.seq)));
            }
        }
        plain::check(&self.plain, row, place)
    }

    /// From now on, commands can tell how many jobs there are.
    pub fn set_run(&mut self, run: Run) {
        self.run = run;
    }

    /// How many jobs there are, as far as commands can tell.
    pub fn run(&self) -> Run {
        self.run
    }

    /// Where a job runs.
    pub fn place(&self, seq: u64, slot: usize) -> Place {
        Place {
            seq,
            slot,
            run: self.run,
        }
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
        let nothing = Program::new(Style::Portable);
        let program = self.program.as_ref().unwrap_or(&nothing);
        let mut weight = program.weight(match self.recipe {
            Recipe::Direct(_) | Recipe::Call(_) => Means::Arguments,
            Recipe::List(_) | Recipe::Inside(_) | Recipe::Shell(_) | Recipe::Lines(_) => {
                Means::Script
            }
        });
        weight.base += self.recipe.definitions();
        weight
    }

    /// What is run for one job.
    ///
    /// # Errors
    /// The row has a value that no argument can hold, or that cannot stand where
    /// the template puts it.
    pub fn work(&self, row: &Row, place: Place) -> std::result::Result<Work, BadValue> {
        self.check(row, place)?;
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

    /// Tells whether values stand in the command: not the number of the job alone, nor lines
    /// that are commands themselves.
    pub fn has_values(&self) -> bool {
        self.shows(Placeholder::is_value)
    }

    /// Whether the command's text depends on the slot that it runs in.
    pub fn shows_slot(&self) -> bool {
        self.shows(Placeholder::is_slot)
    }

    /// Whether the command's text depends on the number of the job.
    pub fn shows_seq(&self) -> bool {
        self.shows(Placeholder::is_seq)
    }

    fn shows(&self, is: impl Fn(&Placeholder) -> bool) -> bool {
        let program = self.program.as_ref();
        program.is_some_and(|program| program.shows(is))
    }

    /// Whether a command, as [`Template::show`] has it, could be one of this template with
    /// some values or other.
    pub fn fits(&self, command: &[u8]) -> bool {
        let program = self.program.as_ref();
        program.is_none_or(|program| program.fits(command))
    }

    /// The command with `<>` wherever a value goes.
    pub fn outline(&self) -> Vec<u8> {
        let program = self.program.as_ref();
        program.map_or_else(|| b"<>".to_vec(), Program::outline)
    }

    /// Whether every value of a row stands in the command of [`Template::show`], quoted or as
    /// it is.
    pub fn shows_values(&self, row: &Row, command: &[u8]) -> bool {
        row.0.iter().all(|value| {
            let mut quoted = Vec::new();
            quote::unquoted(value, Style::Readable, Bare::Always, &mut quoted);
            [value, &quoted]
                .iter()
                .any(|text| memmem::find(command, text).is_some())
        })
    }

    /// The command as one word, quoted so many times.
    pub fn quote(&self, row: &Row, place: Place, times: u8) -> Vec<u8> {
        let style = match &self.program {
            Some(program) if program.style == Style::Gnu => Style::Gnu,
            _ => Style::Portable,
        };
        let mut text = Vec::new();
        self.show(row, place, &mut text);
        for _ in 0..times {
            let unquoted = std::mem::take(&mut text);
            quote::unquoted(&unquoted, style, Bare::Always, &mut text);
        }
        text
    }

    /// Whether the command's text, read as a command, does what the job does. Where a job
    /// is not made by a shell, a value may be the name of something that a shell or prun
    /// has itself; to a built-in, a value is never an option.
    pub fn is_readable(&self, row: &Row, place: Place) -> bool {
        let is_read = |hole: &Hole| match self.recipe {
            Recipe::Call(_) | Recipe::Inside(_) => !hole.begins_with(b'-', row, place),
            _ => hole.bare != Bare::UnlessKeyword || !hole.begins_with(builtin::MARK, row, place),
        };
        let is_named = match &self.recipe {
            Recipe::Direct(direct) => direct.is_program(row, place),
            _ => true,
        };
        let mut readable = true;
        if let Some(program) = &self.program {
            program.each_piece(row.0.len(), |piece| match piece {
                Piece::Text(_) => {}
                Piece::Hole(hole) => readable = readable && is_read(hole),
            });
        }
        is_named && readable
    }

    /// Appends the command as a person would type it, values quoted.
    pub fn show(&self, row: &Row, place: Place, out: &mut Vec<u8>) {
        match &self.program {
            Some(program) => program.show(row, place, out),
            None => out.extend_from_slice(&Lines::text(row, place)),
        }
    }
}

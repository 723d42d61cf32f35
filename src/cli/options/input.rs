//! Where values come from, how they are cut, and how many of them a job gets.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};

use crate::error::Error;
use crate::input::delimiter;
use crate::input::value_cleanup::TrimSides;
use crate::policy::memory::{self, MemorySize};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Read values from FILE, one per line
    ///
    /// The name - means standard input. This option may be given more than once: prun then runs
    /// every combination of the values, and the first file varies slowest. It is the same as ::::
    /// FILE after the command.
    #[arg(short = 'a', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub arg_file: Vec<PathBuf>,

    /// Values end with a NUL byte, as from find -print0
    ///
    /// With --worker, messages and answers end with a NUL byte as well; -d '\0' is for values alone.
    #[arg(short = '0', long, overrides_with = "delimiter")]
    pub null: bool,

    /// Values end with S instead of a newline
    ///
    /// S is any text. The escapes \n \t \0 and \x2c are understood. One newline at the very end of
    /// the input is not part of the last value.
    #[arg(
        short = 'd',
        long,
        value_name = "S",
        allow_hyphen_values = true,
        value_parser = OsStringValueParser::new().try_map(parse_delimiter),
        overrides_with = "null"
    )]
    pub delimiter: Option<DelimiterArg>,

    /// Pair up the sources instead of combining them
    ///
    /// The first values of all sources make the first job, the second values make the second job,
    /// and so on. A source that is shorter than the others starts again from its beginning.
    #[arg(long)]
    pub link: bool,

    /// Split values into columns at the regular expression RE
    ///
    /// The columns are <1>, <2> and so on. Blanks around a column are removed.
    #[arg(short = 'C', long, value_name = "RE", allow_hyphen_values = true)]
    pub colsep: Option<String>,

    /// Read input as CSV: columns separated by commas, with quotes
    ///
    /// The columns are <1>, <2> and so on. A quoted column may contain commas and newlines.
    /// --colsep names another separator of one byte. --header : takes the names of the columns from
    /// the first record.
    #[arg(long)]
    pub csv: bool,

    /// Read input as CSV with tabs instead of commas
    #[arg(long)]
    pub tsv: bool,

    /// Read one JSON object per line; <name> is one of its fields
    ///
    /// <a.b> is the field b of the object in the field a. Strings are inserted without their
    /// quotes, null and missing fields as nothing, and everything else as JSON. prun warns if a
    /// field is missing in the first object. A line that is not a JSON object is an error.
    #[arg(long)]
    pub jsonl: bool,

    /// Take column names from the first line of each source
    ///
    /// If a column is called x, then <x>, <x.>, <x/> and so on are placeholders. Columns are
    /// separated by tabs unless --colsep, --csv or --tsv says otherwise. With --header 0 the
    /// columns are named after the files they come from.
    ///
    /// With --pipe, the header is put before every block: one line (:), so many lines (2), or what
    /// a regular expression matches at the beginning of the input ('(#.*\n)*').
    #[arg(long, value_name = ":")]
    pub header: Option<String>,

    /// Remove blanks around values: n, l, r, lr
    ///
    /// n removes none, l those on the left, r those on the right, and lr those on both sides. The
    /// default is n, and lr for columns.
    #[arg(
        long,
        value_name = "WHERE",
        value_parser = PossibleValuesParser::new(TRIM_VALUES.map(with_help)).map(trim_sides),
        hide_possible_values = true
    )]
    pub trim: Option<TrimSides>,

    /// Skip values that are empty or blank
    #[arg(short = 'r', long)]
    pub no_run_if_empty: bool,

    /// Stop reading a source at the value S
    #[arg(short = 'E', long, value_name = "S", allow_hyphen_values = true)]
    pub eof: Option<OsString>,

    /// Skip the first line of each file
    #[arg(long, hide = true)]
    pub skip_first_line: bool,

    /// Use the values in random order
    ///
    /// All input is read before the first job starts.
    #[arg(long)]
    pub shuf: bool,

    /// Pass up to N values to each job
    ///
    /// A job gets fewer values if N of them do not fit into a command line of the system. A word
    /// that contains a placeholder is repeated for each value. With 0, the command runs once per
    /// value but the value is not passed to it.
    #[arg(short = 'n', long, value_name = "N")]
    pub max_args: Option<usize>,

    /// Pass up to N values to each job, as <1>, <2> and so on
    ///
    /// Apart from that, it does the same as -n. With --pipe, each block has N records, whatever
    /// their length.
    #[arg(short = 'N', long, value_name = "N")]
    pub max_replace_args: Option<usize>,

    /// Pass up to N lines of input to each job
    ///
    /// A line that ends with a blank continues on the next line. With --pipe, N lines are one
    /// record.
    #[arg(short = 'L', visible_short_alias = 'l', long, value_name = "N")]
    pub max_lines: Option<usize>,

    /// Pass as many values to each job as fit in a command line
    ///
    /// A word that contains a placeholder is repeated for each value. The last values are divided
    /// among all slots, so that none is idle.
    #[arg(short = 'X', long)]
    pub context_replace: bool,

    /// Like -X, but repeat only the placeholder, not its word
    ///
    /// With -m, the word a<>b becomes a1 2b for the values 1 and 2. With -X it becomes a1b a2b.
    #[arg(short = 'm')]
    pub many: bool,

    /// Like -m, but do not divide the last values among the slots
    #[arg(long)]
    pub xargs: bool,

    /// Limit command lines to N bytes, and fill them like -X
    #[arg(
        short = 's',
        long,
        value_name = "N",
        value_parser = OsStringValueParser::new().try_map(line_length)
    )]
    pub max_chars: Option<usize>,

    /// Allow lines and records of up to SIZE bytes (default 64M)
    ///
    /// This limits how much memory prun uses. A longer value in the input is an error, and the job
    /// of a built-in that reads a longer line fails. Lines that are up to a few hundred thousand
    /// bytes longer may still be accepted.
    #[arg(long, value_name = "SIZE")]
    pub max_record: Option<MemorySize>,

    /// Say in advance that there will be N jobs
    ///
    /// Without this option, prun reads all input before the first job starts if a command uses
    /// <##>, and reads ahead for --progress.
    #[arg(long, value_name = "N")]
    pub total_jobs: Option<u64>,

    /// Fail if there is no input
    ///
    /// Without this option, prun runs nothing and exits with status 0.
    #[arg(long)]
    pub fail_if_empty: bool,
}

/// Bytes that end a value. A type of its own, because clap takes a plain `Vec` for an option
/// with several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DelimiterArg(pub Vec<u8>);

fn parse_delimiter(text: OsString) -> Result<DelimiterArg, Error> {
    delimiter::parse(text.as_bytes()).map(DelimiterArg)
}

const TRIM_VALUES: [(&str, &str); 5] = [
    ("n", "Nothing"),
    ("l", "On the left"),
    ("r", "On the right"),
    ("lr", "On both sides"),
    ("rl", "The same"),
];

fn with_help((value, help): (&'static str, &'static str)) -> PossibleValue {
    PossibleValue::new(value).help(help)
}

/// Called only with one of [`TRIM_VALUES`].
fn trim_sides(name: String) -> TrimSides {
    match name.as_str() {
        "l" => TrimSides::Left,
        "r" => TrimSides::Right,
        "lr" | "rl" => TrimSides::Both,
        _ => TrimSides::Nothing,
    }
}

fn line_length(text: OsString) -> Result<usize, Error> {
    let shown = text.to_string_lossy();
    let size = memory::bytes(&shown).and_then(|bytes| usize::try_from(bytes).ok());
    size.ok_or_else(|| {
        Error::new(format!("'{shown}' is not a length of a command line"))
            .hint("write bytes, as in -s 4096 or -s 4KiB")
    })
}

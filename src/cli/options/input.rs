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
    /// The name - is standard input. May be given more than once: every combination of the
    /// values is made, the first file varying slowest. The same as :::: FILE.
    #[arg(short = 'a', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub arg_file: Vec<PathBuf>,

    /// Values end with a NUL byte, as from find -print0
    #[arg(short = '0', long, overrides_with = "delimiter")]
    pub null: bool,

    /// Values end with S instead of a newline
    ///
    /// S is any text, with the escapes \n \t \0 \x2c and so on. One newline at the very end of
    /// the input does not belong to the last value.
    #[arg(
        short = 'd',
        long,
        value_name = "S",
        allow_hyphen_values = true,
        value_parser = OsStringValueParser::new().try_map(parse_delimiter),
        overrides_with = "null"
    )]
    pub delimiter: Option<DelimiterArg>,

    /// Take sources side by side instead of combining them
    ///
    /// The first values of all sources make the first job, and so on. A source that ends before
    /// the others starts again.
    #[arg(long)]
    pub link: bool,

    /// Cut values into columns at RE, a regular expression
    ///
    /// The columns are <1>, <2> and so on; blanks around them are cut off.
    #[arg(short = 'C', long, value_name = "RE", allow_hyphen_values = true)]
    pub colsep: Option<String>,

    /// Values are records of CSV: commas, quotes
    ///
    /// The columns are <1>, <2> and so on. A record may have newlines in quotes. --colsep names
    /// another byte between columns, --header the first record as their names.
    #[arg(long)]
    pub csv: bool,

    /// The same as --csv, with tabs between columns
    #[arg(long)]
    pub tsv: bool,

    /// Each line is a JSON object; <name> is one of its fields
    ///
    /// <a.b> is the field b of the object in a. Text is put in as it is, null and a missing field
    /// as nothing, everything else as JSON. A field that the first line lacks is told of, and
    /// so is a line that is no object: that is an error.
    #[arg(long)]
    pub jsonl: bool,

    /// The first value of each source names its columns
    ///
    /// So the name x makes <x>, <x.>, <x/> and so on placeholders. Columns are separated by tabs
    /// unless --colsep says otherwise. With --header 0 the names are those of the files.
    #[arg(long, value_name = ":", value_parser = [":", "0"], hide_possible_values = true)]
    pub header: Option<String>,

    /// Cut off blanks of values: n, l, r, lr
    ///
    /// None, those on the left, on the right, on both sides. The default is n, and lr for columns.
    #[arg(
        long,
        value_name = "WHERE",
        value_parser = PossibleValuesParser::new(TRIM_VALUES.map(with_help)).map(trim_sides),
        hide_possible_values = true
    )]
    pub trim: Option<TrimSides>,

    /// Leave out values that are empty or blank
    #[arg(short = 'r', long)]
    pub no_run_if_empty: bool,

    /// The value S ends its source
    #[arg(short = 'E', long, value_name = "S", allow_hyphen_values = true)]
    pub eof: Option<OsString>,

    /// Leave out the first line of each file
    #[arg(long, hide = true)]
    pub skip_first_line: bool,

    /// Take the values in random order
    ///
    /// All of them are read before the first job starts.
    #[arg(long)]
    pub shuf: bool,

    /// Give each job up to N values
    ///
    /// If they do not fit into what the system takes, it gets fewer.
    ///
    /// A word that holds a placeholder is repeated for each value. 0 gives none: the command runs
    /// once for each.
    #[arg(short = 'n', long, value_name = "N")]
    pub max_args: Option<usize>,

    /// The same as -n; <1>, <2> are the values
    #[arg(short = 'N', long, value_name = "N")]
    pub max_replace_args: Option<usize>,

    /// Give each job up to N lines
    ///
    /// A line with a blank at its end goes on in the next one.
    #[arg(short = 'L', visible_short_alias = 'l', long, value_name = "N")]
    pub max_lines: Option<usize>,

    /// Give each job as many values as fit in a command line
    ///
    /// A word that holds a placeholder is repeated for each value. The last values are spread
    /// over all slots.
    #[arg(short = 'X', long)]
    pub context_replace: bool,

    /// The same as -X, but only the placeholder is repeated
    #[arg(short = 'm')]
    pub many: bool,

    /// The same as -m, but the last values are not spread
    #[arg(long)]
    pub xargs: bool,

    /// A command line has at most N bytes; as -X
    #[arg(
        short = 's',
        long,
        value_name = "N",
        value_parser = OsStringValueParser::new().try_map(line_length)
    )]
    pub max_chars: Option<usize>,

    /// Hold at most SIZE of one line or record (64M)
    ///
    /// This bounds memory: a job of a built-in that meets a longer line fails, and a longer
    /// value in the input is an error. Up to a few hundred thousand bytes more may be let pass.
    #[arg(long, value_name = "SIZE")]
    pub max_record: Option<MemorySize>,

    /// There are N jobs
    ///
    /// This is for <##>, which would have to read all of the input first, and for --progress,
    /// which then does not read ahead.
    #[arg(long, value_name = "N")]
    pub total_jobs: Option<u64>,

    /// It is an error if there is no input
    ///
    /// Without this option nothing is run and the exit status is 0.
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

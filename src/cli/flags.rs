//! Every option: its names, its help, its heading. Data only; what the options
//! mean together is decided in `config`.
//!
//! The doc comments here are the help: the first line is what `-h` shows, the
//! rest follows in `--help` and in the manual page.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Parser, ValueEnum, ValueHint};

use super::text::{
    ABOUT, ENVIRONMENT, EXAMPLES, EXIT_STATUS, EXPRESSIONS, LONG_ABOUT, SIGNALS, USAGE,
};
use super::typed_line::TypedLine;
use crate::error::Error;
use crate::exec::termination::LeakPolicy;
use crate::exec::termination::signal_sequence::SignalSequence;
use crate::input::{InputSource, delimiter};
use crate::policy::delay::StartDelay;
use crate::policy::halt::HaltRule;
use crate::policy::jobs::JobLimit;
use crate::policy::load::LoadThreshold;
use crate::policy::memory::{self, MemorySize};
use crate::policy::retry::RetryLimit;
use crate::policy::timeout::TimeLimit;

/// What was typed.
#[derive(Debug, Clone, PartialEq, Parser)]
#[command(
    name = "prun",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    override_usage = USAGE,
    after_help = format!("Examples:\n{EXAMPLES}"),
    after_long_help = format!(
        "Examples:\n{EXAMPLES}\n\nExpressions:\n{EXPRESSIONS}\n\nExit status:\n{EXIT_STATUS}\n\nSignals:\n{SIGNALS}\n\nEnvironment:\n{ENVIRONMENT}"
    ),
    args_override_self = true,
    infer_long_args = true,
    max_term_width = 100,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(crate) struct Cli {
    /// The command and its arguments
    #[arg(
        value_name = "COMMAND",
        trailing_var_arg = true,
        value_hint = ValueHint::CommandWithArguments,
        hide = true
    )]
    pub command: Vec<OsString>,

    /// What follows the separators, which clap never sees.
    #[arg(skip)]
    pub sources: Vec<InputSource>,

    /// The line as it was typed.
    #[arg(skip)]
    pub typed_line: TypedLine,

    /// Read values from FILE, one per line
    ///
    /// The name - is standard input. May be given more than once: every combination of the
    /// values is made, the first file varying slowest. The same as :::: FILE.
    #[arg(
        short = 'a',
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = "Input"
    )]
    pub arg_file: Vec<PathBuf>,

    /// Values end with a NUL byte, as from find -print0
    #[arg(
        short = '0',
        long,
        overrides_with = "delimiter",
        help_heading = "Input"
    )]
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
        overrides_with = "null",
        help_heading = "Input"
    )]
    pub delimiter: Option<DelimiterArg>,

    /// Take sources side by side instead of combining them
    ///
    /// The first values of all sources make the first job, and so on. A source that ends before
    /// the others starts again.
    #[arg(long, help_heading = "Input")]
    pub link: bool,

    /// Cut values into columns at RE, a regular expression
    ///
    /// The columns are <1>, <2> and so on; blanks around them are cut off.
    #[arg(
        short = 'C',
        long,
        value_name = "RE",
        allow_hyphen_values = true,
        help_heading = "Input"
    )]
    pub colsep: Option<String>,

    /// Values are records of CSV: commas, quotes
    ///
    /// The columns are <1>, <2> and so on. A record may have newlines in quotes. --colsep names
    /// another byte between columns, --header the first record as their names.
    #[arg(long, help_heading = "Input")]
    pub csv: bool,

    /// The same as --csv, with tabs between columns
    #[arg(long, help_heading = "Input")]
    pub tsv: bool,

    /// Each line is a JSON object; <name> is one of its fields
    ///
    /// <a.b> is the field b of the object in a. Text is put in as it is, null and a missing field
    /// as nothing, everything else as JSON. A field that the first line lacks is told of, and
    /// so is a line that is no object: that is an error.
    #[arg(long, help_heading = "Input")]
    pub jsonl: bool,

    /// The first value of each source names its columns
    ///
    /// So the name x makes <x>, <x.>, <x/> and so on placeholders. Columns are separated by tabs
    /// unless --colsep says otherwise. With --header 0 the names are those of the files.
    #[arg(
        long,
        value_name = ":",
        value_parser = [":", "0"],
        hide_possible_values = true,
        help_heading = "Input"
    )]
    pub header: Option<String>,

    /// Cut off blanks of values: n, l, r, lr
    ///
    /// None, those on the left, on the right, on both sides. The default is n, and lr for columns.
    #[arg(
        long,
        value_name = "WHERE",
        value_enum,
        hide_possible_values = true,
        help_heading = "Input"
    )]
    pub trim: Option<TrimArg>,

    /// Leave out values that are empty or blank
    #[arg(short = 'r', long, help_heading = "Input")]
    pub no_run_if_empty: bool,

    /// The value S ends its source
    #[arg(
        short = 'E',
        long,
        value_name = "S",
        allow_hyphen_values = true,
        help_heading = "Input"
    )]
    pub eof: Option<OsString>,

    /// Leave out the first line of each file
    #[arg(long, hide = true)]
    pub skip_first_line: bool,

    /// Take the values in random order
    ///
    /// All of them are read before the first job starts.
    #[arg(long, help_heading = "Input")]
    pub shuf: bool,

    /// Give each job up to N values
    ///
    /// If they do not fit into what the system takes, it gets fewer.
    ///
    /// A word that holds a placeholder is repeated for each value. 0 gives none: the command runs
    /// once for each.
    #[arg(short = 'n', long, value_name = "N", help_heading = "Input")]
    pub max_args: Option<usize>,

    /// The same as -n; <1>, <2> are the values
    #[arg(short = 'N', long, value_name = "N", help_heading = "Input")]
    pub max_replace_args: Option<usize>,

    /// Give each job up to N lines
    ///
    /// A line with a blank at its end goes on in the next one.
    #[arg(
        short = 'L',
        visible_short_alias = 'l',
        long,
        value_name = "N",
        help_heading = "Input"
    )]
    pub max_lines: Option<usize>,

    /// Give each job as many values as fit in a command line
    ///
    /// A word that holds a placeholder is repeated for each value. The last values are spread
    /// over all slots.
    #[arg(short = 'X', long, help_heading = "Input")]
    pub context_replace: bool,

    /// The same as -X, but only the placeholder is repeated
    #[arg(short = 'm', help_heading = "Input")]
    pub many: bool,

    /// The same as -m, but the last values are not spread
    #[arg(long, help_heading = "Input")]
    pub xargs: bool,

    /// A command line has at most N bytes; as -X
    #[arg(
        short = 's',
        long,
        value_name = "N",
        value_parser = OsStringValueParser::new().try_map(line_length),
        help_heading = "Input"
    )]
    pub max_chars: Option<usize>,

    /// Hold at most SIZE of one line or record (64M)
    ///
    /// This bounds memory: a job of a built-in that meets a longer line fails, and a longer
    /// value in the input is an error. Up to a few hundred thousand bytes more may be let pass.
    #[arg(long, value_name = "SIZE", help_heading = "Input")]
    pub max_record: Option<MemorySize>,

    /// There are N jobs
    ///
    /// This is for <##>, which would have to read all of the input first, and for --progress,
    /// which then does not read ahead.
    #[arg(long, value_name = "N", help_heading = "Input")]
    pub total_jobs: Option<u64>,

    /// It is an error if there is no input
    ///
    /// Without this option nothing is run and the exit status is 0.
    #[arg(long, help_heading = "Input")]
    pub fail_if_empty: bool,

    /// Fill the placeholders in FILE and write NAME for each job
    ///
    /// NAME has placeholders itself, so that each job has a file of its own:
    /// --tmpl 'conf=conf.<#>' 'run conf.<#>'. The files stay, unless --cleanup is given.
    #[arg(long, value_name = "FILE=NAME", help_heading = "Command")]
    pub tmpl: Vec<OsString>,

    /// S is the placeholder, instead of <> and {}
    ///
    /// Then it is the only text that stands for the whole value.
    #[arg(
        short = 'I',
        value_name = "S",
        allow_hyphen_values = true,
        help_heading = "Command"
    )]
    pub replacement: Option<OsString>,

    /// More placeholders: <..> </..> <+.> <:2> <#pre> <%.ext> ...
    ///
    /// <..> and <...> are the value without two and three extensions, <+/> its directory and <+.>
    /// its extension; <:-default>, <:2>, <:1:3>, <#prefix>, <%suffix>, <^a>, <,A> and, with braces,
    /// {/from/to} edit it as in bash; <##> is the number of jobs, <0#> the job's number with zeros
    /// before it, <uniq> leaves out jobs that have the same value twice. The same with braces.
    #[arg(long, help_heading = "Command")]
    pub plus: bool,

    /// A placeholder of your own: '<up> $_ = uc($_)'
    ///
    /// DEFINITION is the placeholder, a blank and an expression. What a group of parentheses in
    /// the placeholder matches is $$1 in the expression: --rpl '<cut(.+)> s/$$1//'.
    #[arg(long, value_name = "DEFINITION", help_heading = "Command")]
    pub rpl: Vec<OsString>,

    /// PARENS enclose expressions, instead of {= and =}
    ///
    /// The first half of PARENS opens an expression, the second half closes it. The usual ones
    /// are placeholders as {} is: where <> stands, they are text.
    #[arg(long, value_name = "PARENS", help_heading = "Command")]
    pub parens: Option<OsString>,

    /// The same as -I, with {} unless S is said
    #[arg(
        long,
        value_name = "S",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "{}",
        hide = true
    )]
    pub replace: Option<OsString>,

    /// S is the placeholder for the value without its extension
    #[arg(long, value_name = "S", hide = true)]
    pub extensionreplace: Option<OsString>,

    /// S is the placeholder for the base name
    #[arg(long, value_name = "S", hide = true)]
    pub basenamereplace: Option<OsString>,

    /// S is the placeholder for the base name without its extension
    #[arg(long, value_name = "S", hide = true)]
    pub basenameextensionreplace: Option<OsString>,

    /// S is the placeholder for the directory
    #[arg(long, value_name = "S", hide = true)]
    pub dirnamereplace: Option<OsString>,

    /// S is the placeholder for the number of the job
    #[arg(long, value_name = "S", hide = true)]
    pub seqreplace: Option<OsString>,

    /// S is the placeholder for the number of the slot
    #[arg(long, value_name = "S", hide = true)]
    pub slotreplace: Option<OsString>,

    /// Every word of the command is an argument as it stands
    ///
    /// Shell operators among the words are then plain text: prun -q grep '>' ::: *.txt.
    #[arg(short = 'q', long, help_heading = "Command")]
    pub quote: bool,

    /// Run the command with the shell SH
    ///
    /// By default a command that needs a shell is run by $PRUN_SHELL or bash, or by /bin/sh
    /// where there is no bash, and one that needs none is executed directly. Pipes,
    /// redirections, && || ; and a leading cd between simple commands need none. SH may have
    /// options: --shell 'bash -o pipefail'. --shell sh starts faster where sh is a small shell.
    #[arg(
        long,
        value_name = "SH",
        value_hint = ValueHint::CommandName,
        help_heading = "Command"
    )]
    pub shell: Option<OsString>,

    /// Refuse commands that parse a value a second time
    ///
    /// A placeholder inside the text for sh -c, eval or ssh is read again as shell code, and so
    /// would be whatever a value contains. By default there is a warning. With --plain-values
    /// such commands are accepted. The manual page has a list of what is not followed.
    #[arg(long, help_heading = "Command")]
    pub strict: bool,

    /// Fail jobs whose values are not plain words
    ///
    /// A plain value has letters, digits and _ . / : @ % + , = - only, does not begin with - and
    /// is not empty. A job fails before it starts if a value that its command uses, a column or a
    /// named field as well as each value of a list, is not plain, or what a placeholder makes of
    /// it is not. To a shell, such a value is a word and nothing else, so that it can stand where
    /// values are read again as code: prun --plain-values 'sed -n <>p FILE' ::: 3 4. In other
    /// languages a word may be a name or a command.
    #[arg(long, help_heading = "Command")]
    pub plain_values: bool,

    /// Compose commands as GNU parallel does
    ///
    /// The words are joined by spaces and parsed again by the shell, and only braces are
    /// placeholders. This is also in force when prun is called by the name parallel. What
    /// env_parallel has in $PARALLEL_ENV is read by each job's shell, and parset works.
    #[arg(long, help_heading = "Command")]
    pub gnu: bool,

    /// Run N jobs at once: 8, +2, -1, 50%, 0 for no limit
    ///
    /// +2 and -1 count from the number of CPUs, though one job always runs, 50% is a share of
    /// them, rounded up, and 0 is as many as the system allows. N may also be a file that holds one of these; it is read again
    /// whenever a job ends, so that the number can be changed while jobs run. The default is 100%: as many jobs as there are CPUs that prun may use, a container's quota included.
    #[arg(
        short = 'j',
        visible_short_alias = 'P',
        long,
        value_name = "N",
        allow_hyphen_values = true,
        value_parser = OsStringValueParser::new().map(|text| JobLimit::parse(&text)),
        help_heading = "Running"
    )]
    pub jobs: Option<JobLimit>,

    /// Stop a job after TIME: 10, 500ms, 1.5s, 2m, 1h30m, 1d
    ///
    /// It gets the signals of --termseq and counts as failed. The output that it has written is
    /// printed. On Linux, processes that have left its process group, as by setsid, are killed
    /// after it if they still have its environment.
    ///
    /// A percentage, as in 300%, is a share of the median time of the jobs that have succeeded so
    /// far; before the first one there is no limit.
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Running"
    )]
    pub timeout: Option<TimeLimit>,

    /// Wait TIME between two starts
    ///
    /// With auto behind it, as in 0.1auto, TIME becomes longer by 30 % after each failure and
    /// shorter by 10 % after each success.
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        help_heading = "Running"
    )]
    pub delay: Option<StartDelay>,

    /// Start a job only while the load is below L
    ///
    /// L is a number of threads that run or wait for a disk, in the whole system: 8, 100% of the
    /// CPUs, +1 or -1 from their number; 0 means nearly idle. While it is too high, running jobs
    /// go on, and one job at a time starts all the same. With --gnu only threads that ps(1) shows
    /// count, and no job starts.
    #[arg(
        long,
        value_name = "L",
        allow_hyphen_values = true,
        help_heading = "Running"
    )]
    pub load: Option<LoadThreshold>,

    /// Start a job only while SIZE memory is available
    ///
    /// SIZE is a number of bytes with K, M, G, T or P (or KiB, MiB and so on) for powers of 1024,
    /// or k, m, g, t or p (or kB, MB and so on) for powers of 1000. A limit of the control group counts. Below half of SIZE, the youngest job
    /// is stopped and run again later; that is no failure and no try. So output is printed when
    /// a job ends, also with --line-buffer.
    #[arg(
        long,
        value_name = "SIZE",
        allow_hyphen_values = true,
        help_heading = "Running"
    )]
    pub memfree: Option<MemorySize>,

    /// Start a job only if COMMAND agrees
    ///
    /// A shell runs it before each start. Its exit status says what to do: 0 start the job, 1
    /// wait and ask again in a second or when a job ends, 2 do that and stop the youngest job,
    /// which is run again later as with --memfree.
    #[arg(
        long,
        value_name = "COMMAND",
        allow_hyphen_values = true,
        value_hint = ValueHint::CommandString,
        help_heading = "Running"
    )]
    pub limit: Option<OsString>,

    /// Signals that end a job: TERM,2000,KILL
    ///
    /// Signals and milliseconds in turn. Each signal goes to all processes of the job, which has
    /// so much time before the next one.
    #[arg(long, value_name = "SEQ", help_heading = "Running")]
    pub termseq: Option<SignalSequence>,

    /// Run each job in the directory DIR, made if it is missing
    ///
    /// DIR may hold placeholders. The name ... stands for a fresh directory for each job, below
    /// $TMPDIR or /tmp. With --gnu it is removed when the job has ended.
    #[arg(
        long = "wd",
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        help_heading = "Running"
    )]
    pub workdir: Option<OsString>,

    /// Give jobs the variable NAME: their slot, from 0
    ///
    /// The same as $PRUN_SLOT, but counted from 0: --process-slot-var CUDA_VISIBLE_DEVICES.
    #[arg(long, value_name = "NAME", help_heading = "Running")]
    pub process_slot_var: Option<OsString>,

    /// Run jobs at this niceness: 19 is the lowest priority
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(i32).range(-20..=19),
        help_heading = "Running"
    )]
    pub nice: Option<i32>,

    /// Print each command quoted, as one word for a shell
    ///
    /// Nothing is run. Without a command these are the values. Twice quotes twice.
    #[arg(long, action = ArgAction::Count, help_heading = "Running")]
    pub shellquote: u8,

    /// Print the commands instead of running them
    #[arg(long, help_heading = "Running")]
    pub dry_run: bool,

    /// Print output in the order of the input
    ///
    /// The jobs run in any order, as without this option.
    #[arg(short = 'k', long, help_heading = "Output")]
    pub keep_order: bool,

    /// Undo -k
    #[arg(long, overrides_with = "keep_order", hide = true)]
    pub no_keep_order: bool,

    /// Print a job's output when it ends (the default)
    #[arg(
        long,
        overrides_with_all = ["ungroup", "line_buffer", "latest_line"],
        help_heading = "Output"
    )]
    pub group: bool,

    /// Print whole lines as soon as jobs write them
    #[arg(
        long,
        visible_alias = "lb",
        overrides_with_all = ["group", "ungroup"],
        help_heading = "Output"
    )]
    pub line_buffer: bool,

    /// Let jobs write directly, mixed as it comes
    #[arg(
        short = 'u',
        long,
        overrides_with_all = ["group", "line_buffer"],
        help_heading = "Output"
    )]
    pub ungroup: bool,

    /// Give one job at a time the terminal
    ///
    /// It reads the terminal and writes to it directly; Ctrl-C and Ctrl-Z are for it first, then
    /// for prun. As with -j1 -u, whatever -j says. Other jobs never have the terminal: one that
    /// reads or sets it is ended and has failed. Commands that begin with @ do not have it.
    #[arg(long, overrides_with_all = ["group", "line_buffer"], help_heading = "Output")]
    pub tty: bool,

    /// Print the last line of a job only; show it while it runs
    ///
    /// On a terminal, each running job has a line on the screen with what it has printed last. A
    /// carriage return ends a line, too, so that of a job's own progress the latest state is
    /// shown; empty lines do not count. When a job ends, its last line is printed, up to 64 KiB of
    /// it. Standard error is printed whole.
    #[arg(
        long,
        visible_alias = "ll",
        overrides_with = "group",
        help_heading = "Output"
    )]
    pub latest_line: bool,

    /// Begin each line of output with the job's values
    #[arg(long, help_heading = "Output")]
    pub tag: bool,

    /// Begin each line of output with S
    ///
    /// S may have placeholders: --tagstring '<#> </>'.
    #[arg(
        long,
        value_name = "S",
        allow_hyphen_values = true,
        help_heading = "Output"
    )]
    pub tagstring: Option<OsString>,

    /// Print each job's output in a colour of its own
    ///
    /// Only on a terminal, unless --color=always says otherwise or $NO_COLOR is set.
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        value_enum,
        hide_possible_values = true,
        help_heading = "Output"
    )]
    pub color: Option<ColorWhen>,

    /// As --tag, with each tag in the colour of its job
    ///
    /// Colours are for terminals, as with --color.
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        value_enum,
        hide_possible_values = true,
        help_heading = "Output"
    )]
    pub ctag: Option<ColorWhen>,

    /// As --tagstring, in the colour of the job
    #[arg(
        long,
        value_name = "S",
        allow_hyphen_values = true,
        overrides_with = "tagstring",
        hide = true
    )]
    pub ctagstring: Option<OsString>,

    /// Print the output of failed jobs in white on red
    ///
    /// Colours are for terminals, as with --color.
    #[arg(
        long,
        value_name = "WHEN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        value_enum,
        hide_possible_values = true,
        help_heading = "Output"
    )]
    pub color_failed: Option<ColorWhen>,
    /// Keep each job's output in files below DIR
    ///
    /// They are DIR/1/VALUE/stdout, stderr and seq, which holds the number of the job; further
    /// values follow as 2/VALUE and so on, and --header gives names instead of numbers. Nothing
    /// is printed. The files of a job are written when it has ended, seq last: where that is,
    /// they are complete.
    ///
    /// If DIR has placeholders, as in out/<>.txt, it names the standard output; the others are
    /// beside it, with .err and .seq. If it ends in /, it names a directory with the three files.
    ///
    /// If DIR ends in .csv or .tsv, it is a table with one row per job: Seq, Host, Starttime,
    /// JobRuntime, Send, Receive, Exitval, Signal, Command, V1 and so on, Stdout, Stderr. In a
    /// row with more values than the first, the rest follows Stderr. If it ends in .json, it has
    /// one JSON object per line with the same keys; there a byte that is no part of UTF-8 is a
    /// lone surrogate, \udc80 to \udcff, as Python's surrogateescape has it. -.csv, -.tsv and
    /// -.json are standard output.
    ///
    /// No value leads out of DIR: a slash is %2F there, % is %25, and control bytes and a dot in
    /// front are written so, too. Below the fixed beginning of a pattern, slashes of values make
    /// directories. A pattern that begins with a placeholder, as <.>.out, goes where that value
    /// says. Of two jobs with the same name the later one has ~ and its number behind it, and a
    /// warning tells so.
    #[arg(
        long,
        value_name = "DIR",
        allow_hyphen_values = true,
        value_hint = ValueHint::AnyPath,
        help_heading = "Output"
    )]
    pub results: Option<OsString>,

    /// Keep each job's output in a file and print its name
    ///
    /// The file is in $TMPDIR or /tmp, or where --tmpdir says, and stays there. Standard error is
    /// printed as usual.
    #[arg(long, help_heading = "Output")]
    pub files: bool,

    /// The same as --files; names end with a NUL byte
    #[arg(long, help_heading = "Output")]
    pub files0: bool,

    /// Put temporary files into DIR instead of $TMPDIR
    ///
    /// Much output waits there until it can be printed.
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        help_heading = "Output"
    )]
    pub tmpdir: Option<PathBuf>,

    /// Print each command before its output
    #[arg(
        short = 'v',
        action = ArgAction::Count,
        help_heading = "Output"
    )]
    pub show_command: u8,

    /// Undo -v
    #[arg(long, overrides_with = "show_command", hide = true)]
    pub silent: bool,

    /// Print each command on standard error as it starts
    #[arg(short = 't', long = "verbose", help_heading = "Output")]
    pub show_start: bool,

    /// Show how far the run is, on standard error
    ///
    /// On a terminal, the last lines show how many jobs are done and failed, the time left, and
    /// the values (or the --tagstring) of the jobs that have run longest; what jobs print goes
    /// above them. Elsewhere a line is printed every ten seconds. A line stays at the end:
    /// 60 jobs, 2 failed, 12.3 s. To know how many jobs there are, the input is read ahead, up
    /// to 256 MiB of it, which wait in a temporary file.
    #[arg(long, visible_aliases = ["bar", "eta"], help_heading = "Output")]
    pub progress: bool,

    /// Do not list the failed jobs at the end
    #[arg(long, help_heading = "Output")]
    pub quiet: bool,

    /// When to stop early: now,fail=1 or soon,fail=10%
    ///
    /// never, or WHEN,WHY=N. WHEN is now (end the running jobs) or soon (let them end). WHY is
    /// fail, success or done. N is a number of jobs or a percentage of all. The older forms 0, 1,
    /// 2, -1, -2 and N% are understood.
    #[arg(
        long,
        value_name = "RULE",
        allow_hyphen_values = true,
        overrides_with = "fail_fast",
        help_heading = "Failure"
    )]
    pub halt: Option<HaltRule>,

    /// End all jobs as soon as one fails; as --halt now,fail=1
    #[arg(long, overrides_with = "halt", help_heading = "Failure")]
    pub fail_fast: bool,

    /// Try a failing job up to N times, 0 without end
    ///
    /// N counts all tries. Only the output of the last one is printed.
    #[arg(
        long,
        value_name = "N",
        allow_hyphen_values = true,
        help_heading = "Failure"
    )]
    pub retries: Option<RetryLimit>,

    /// If a job's output stays open: warn, wait or fail
    ///
    /// A process that a job has left in the background can hold the job's output open. It is read
    /// until it is silent for 0.1 s, for 2 s at most, so that it holds prun no longer. Then: warn
    /// prints a warning and goes on, wait waits for it, fail makes the job fail.
    #[arg(
        long,
        value_name = "WHAT",
        value_parser = PossibleValuesParser::new(["warn", "wait", "fail"]).map(leak),
        hide_possible_values = true,
        help_heading = "Failure"
    )]
    pub leak: Option<LeakPolicy>,

    /// Write one line per job to FILE
    ///
    /// Nine columns separated by tabs, as GNU parallel writes them: Seq, Host, Starttime,
    /// JobRuntime, Send, Receive, Exitval, Signal, Command. The name - is standard output. With +
    /// before the name, lines are added to those that are there; without it, the log of an earlier
    /// run is replaced. A file that is no job log is left alone.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = "Log"
    )]
    pub joblog: Option<PathBuf>,

    /// Leave out the jobs that the job log has as done
    ///
    /// Needs --joblog, and adds to that file. Jobs are known by their commands, so inputs may be
    /// added, removed and put in another order. A job that failed is done; one that prun ended,
    /// because of --timeout, --halt or a signal, is not. Jobs with several values, as from -n, -L
    /// or -X, are compared whole: an input before them that is new changes them all. A log in
    /// which no command could be one of this run is refused. With --gnu, jobs are known by their
    /// numbers.
    #[arg(long, help_heading = "Log")]
    pub resume: bool,

    /// Like --resume, but run failed jobs again
    #[arg(long, help_heading = "Log")]
    pub resume_failed: bool,

    /// Run the job log's failed commands again
    ///
    /// Needs --joblog, and neither a command nor input: the commands come from the log, and keep
    /// their numbers. A shell runs them; those that begin with @ are built-ins.
    #[arg(long, help_heading = "Log")]
    pub retry_failed: bool,

    /// Read options from FILE as well
    ///
    /// Words, quotes and comments as in a shell. The command line wins over $PRUN, and that over
    /// files.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        help_heading = "Other"
    )]
    pub config: Vec<PathBuf>,

    /// Read options from ~/.config/prun/NAME as well
    ///
    /// With --gnu, from ~/.parallel/NAME. May be given more than once: later ones win.
    #[arg(short = 'J', long, value_name = "NAME", help_heading = "Other")]
    pub profile: Vec<PathBuf>,

    /// Ignore $PRUN and files of options
    #[arg(long, help_heading = "Other")]
    pub plain: bool,

    /// WORD begins values, instead of :::
    #[arg(long, value_name = "WORD", help_heading = "Input")]
    pub arg_sep: Option<OsString>,

    /// WORD begins files of values, instead of ::::
    #[arg(long, value_name = "WORD", help_heading = "Input")]
    pub arg_file_sep: Option<OsString>,

    /// Print help; --help explains more than -h
    ///
    /// A name behind it is explained alone: an option (--help joblog), a built-in (--help @gzip)
    /// or one of examples, expressions, exit-status, signals, environment.
    #[arg(short = 'h', long, action = ArgAction::Help, help_heading = "Other")]
    pub help: Option<bool>,

    /// Print the version
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = "Other")]
    pub version: Option<bool>,

    /// List the built-ins: commands that begin with @
    ///
    /// They do inside prun what a well-known program does in a process of its own, and take its
    /// options: prun @sha256 ::: *.iso. --help @NAME explains one. With -q and --gnu, @NAME is
    /// a program's name.
    ///
    /// They can stand in pipelines with each other and with commands, in lists and before
    /// redirections: prun '@gunzip -c <> | sort | @gzip > <.>.sorted.gz' ::: *.gz. No shell
    /// runs such a line, so that nothing else of a shell can be in it, and one with several
    /// commands has to say where the value goes. A built-in without a file reads what the
    /// stage before it writes; the first one reads nothing. If a stage fails, so does the
    /// pipeline: the last one that does gives its status. One that is ended because a later
    /// one has read enough has not failed.
    #[arg(long, help_heading = "Other")]
    pub builtins: bool,

    /// Print a manual page or a shell's completions
    ///
    /// They belong where the system looks for them: those of bash in the file
    /// ~/.local/share/bash-completion/completions/prun, of zsh in a file _prun in a directory
    /// of $fpath, of fish in ~/.config/fish/completions/prun.fish, the manual page in
    /// ~/.local/share/man/man1/prun.1, as by prun --generate zsh >DIR/_prun.
    #[arg(long, value_name = "WHAT", value_enum, help_heading = "Other")]
    pub generate: Option<GenerateArg>,

    /// Nothing: there is no notice to silence
    #[arg(long, hide = true)]
    pub will_cite: bool,

    /// Nothing: output that waits is not compressed
    #[arg(long, hide = true)]
    pub compress: bool,

    /// Nothing, too
    #[arg(long, value_name = "PROGRAM", hide = true)]
    pub compress_program: Option<OsString>,

    /// Nothing: all exported variables and functions reach the jobs
    #[arg(long, value_name = "NAME", hide = true)]
    pub env: Vec<OsString>,

    /// The local host alone: `:`, `N/:`
    #[arg(short = 'S', long, value_name = "HOSTS", hide = true)]
    pub sshlogin: Option<LocalHostArg>,

    /// Print outputs as values of variables, for parset
    #[arg(long = "_parset", value_name = "VARIABLES", hide = true)]
    pub parset: Option<String>,

    /// Run the command once, without input, on the local host
    #[arg(long, hide = true)]
    pub nonall: bool,

    /// Run the jobs on the local host, whose name is the tag
    #[arg(long, hide = true)]
    pub onall: bool,

    /// Nothing, too
    #[arg(long, hide = true)]
    pub transfer: bool,

    /// Nothing: files are where the jobs run
    #[arg(long, value_name = "FILE", hide = true)]
    pub transferfile: Vec<OsString>,

    /// Remove what --tmpl has written when the job ends
    #[arg(long, hide = true)]
    pub cleanup: bool,

    /// Print how many CPUs there are
    #[arg(long, hide = true)]
    pub number_of_cpus: bool,

    /// Nothing: a CPU is what can run a job
    #[arg(long = "use-cpus-instead-of-cores", hide = true)]
    pub use_cpus: bool,

    /// Nothing: signals to prun reach its jobs
    #[arg(long = "ctrl-c", aliases = ["ctrlc", "no-ctrl-c", "no-ctrlc", "noctrlc"], hide = true)]
    pub ctrl_c: bool,

    /// Print how long a command line can be
    #[arg(long, alias = "maxlinelengthallowed", hide = true)]
    pub max_line_length_allowed: bool,

    /// Print the version of GNU parallel that it stands in for
    #[arg(long, value_name = "VERSION", hide = true)]
    pub minversion: Option<u32>,
}

/// The bytes that end a value. A type of its own, because clap takes a plain
/// `Vec` for an option with several values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DelimiterArg(pub Vec<u8>);

/// What `-S` may name: this host, with how many slots if that is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LocalHostArg {
    /// `4` of `4/:`
    pub slots: Option<usize>,
}

impl FromStr for LocalHostArg {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let slots = match text.strip_suffix(':').map(|rest| rest.strip_suffix('/')) {
            Some(None) if text == ":" => return Ok(LocalHostArg { slots: None }),
            Some(Some(slots)) => slots.parse().ok().filter(|slots| *slots > 0),
            _ => None,
        };
        match slots {
            Some(slots) => Ok(LocalHostArg { slots: Some(slots) }),
            None => Err(Error::new(format!("'{text}' is another host"))
                .hint("prun runs jobs on this machine only: leave -S out, or write -S :")),
        }
    }
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal.
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

/// What `--trim` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TrimArg {
    /// Nothing.
    N,
    /// On the left.
    L,
    /// On the right.
    R,
    /// On both sides.
    Lr,
    /// The same.
    Rl,
}

/// What `--generate` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GenerateArg {
    /// The manual page, in roff.
    Man,
    /// Completions for bash.
    Bash,
    /// Completions for zsh.
    Zsh,
    /// Completions for fish.
    Fish,
    /// Completions for elvish.
    Elvish,
    /// Completions for PowerShell.
    Powershell,
}

fn parse_delimiter(text: OsString) -> Result<DelimiterArg, Error> {
    delimiter::parse(text.as_bytes()).map(DelimiterArg)
}

/// Only ever called with one of the possible values.
fn line_length(text: OsString) -> Result<usize, Error> {
    let shown = text.to_string_lossy();
    let size = memory::bytes(&shown).and_then(|bytes| usize::try_from(bytes).ok());
    size.ok_or_else(|| {
        Error::new(format!("'{shown}' is not a length of a command line"))
            .hint("write bytes, as in -s 4096 or -s 4KiB")
    })
}

fn leak(name: String) -> LeakPolicy {
    match name.as_str() {
        "wait" => LeakPolicy::Wait,
        "fail" => LeakPolicy::Fail,
        _ => LeakPolicy::Warn,
    }
}

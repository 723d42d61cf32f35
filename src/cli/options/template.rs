//! How the words of the command are read, and what its placeholders look like.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;

use clap::{Args, ValueHint};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Command")]
pub(crate) struct TemplateArgs {
    /// Fill in the template FILE for each job, and write it to NAME
    ///
    /// Placeholders in FILE are replaced by the values of the job. NAME needs a placeholder, too,
    /// so that each job has a file of its own: --tmpl 'conf=conf.<#>' 'run conf.<#>'. The files are
    /// kept unless --cleanup is given.
    #[arg(long, value_name = "FILE=NAME")]
    pub tmpl: Vec<OsString>,

    /// Use S as the placeholder instead of <> and {}
    ///
    /// S is then the only text that stands for the whole value.
    #[arg(short = 'I', value_name = "S", allow_hyphen_values = true)]
    pub replacement: Option<OsString>,

    /// More placeholders: <..> </..> <+.> <:2> <#pre> <%.ext> ...
    ///
    /// <..> and <...> are the value without two or three extensions, <+/> is its directory, and
    /// <+.> its extension. <:-default> <:2> <:1:3> <#prefix> <%suffix> <^a> <,A> and, with braces,
    /// {/from/to} edit the value as bash edits a parameter. <##> is the total number of jobs, <0#>
    /// the number of the job with leading zeros, and <uniq> skips jobs that have the same value
    /// twice. All of them can be written with braces instead.
    #[arg(long)]
    pub plus: bool,

    /// Define a placeholder: '<up> $_ = uc($_)'
    ///
    /// DEFINITION is the placeholder, a blank, and an expression. In the expression, $$1 is the
    /// text that the first pair of parentheses in the placeholder matches: --rpl '<cut(.+)>
    /// s/$$1//'.
    #[arg(long, value_name = "DEFINITION")]
    pub rpl: Vec<OsString>,

    /// Enclose expressions in PARENS instead of {= and =}
    ///
    /// The first half of PARENS begins an expression, and the second half ends it. {= and =} are
    /// plain text in a command that contains <> or another placeholder of that form.
    #[arg(long, value_name = "PARENS")]
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

    /// Pass every word of the command on exactly as it is
    ///
    /// Shell operators in the words are then plain text: prun -q grep '>' ::: *.txt.
    #[arg(short = 'q', long)]
    pub quote: bool,

    /// Run the command with the shell SH
    ///
    /// A command that needs a shell is run by $PRUN_SHELL or bash by default, or by /bin/sh if bash
    /// is not installed. A command that needs no shell is executed directly. Pipes, redirections,
    /// && || ; and a leading cd between simple commands need none. SH may include options: --shell
    /// 'bash -o pipefail'. --shell sh starts faster on systems where sh is a small shell.
    #[arg(long, value_name = "SH", value_hint = ValueHint::CommandName)]
    pub shell: Option<OsString>,

    /// Reject commands that would run part of a value as code
    ///
    /// If a placeholder is in text that sh -c, eval or ssh reads as shell code, so is the value,
    /// whatever it contains. By default prun only warns. With --plain-values such commands are
    /// accepted. The section VALUES THAT ARE READ AGAIN of the manual page says what prun does not
    /// detect.
    #[arg(long)]
    pub strict: bool,

    /// Fail jobs whose values contain special characters
    ///
    /// A plain value consists of letters, digits and _ . / : @ % + , = - only. It does not begin
    /// with - and is not empty. A job fails before it starts if a value that its command uses is
    /// not plain, or if the text that replaces a placeholder is not. This includes columns, named
    /// fields and each value of a list. To a shell, a plain value is a word and nothing else, so
    /// that it is safe where values are read again as code: prun --plain-values 'sed -n <>p FILE'
    /// ::: 3 4. In other languages a word may be a name or a command.
    #[arg(long)]
    pub plain_values: bool,

    /// Behave like GNU parallel
    ///
    /// The words of the command are joined by spaces and parsed again by the shell, and only
    /// placeholders with braces are replaced. prun also does this when it is called by the name
    /// parallel. Each job's shell reads what env_parallel has put into $PARALLEL_ENV, and parset
    /// works.
    #[arg(long)]
    pub gnu: bool,

    /// Remove the files of --tmpl when their job has ended
    #[arg(long, hide = true)]
    pub cleanup: bool,
}

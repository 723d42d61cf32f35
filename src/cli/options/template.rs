//! How the words of the command are read, and what its placeholders look like.

// Placeholders look like HTML to rustdoc.
#![allow(rustdoc::invalid_html_tags)]

use std::ffi::OsString;

use clap::{Args, ValueHint};

#[derive(Debug, Clone, PartialEq, Default, Args)]
#[group(skip)]
#[command(next_help_heading = "Command")]
pub(crate) struct TemplateArgs {
    /// Fill the placeholders in FILE and write NAME for each job
    ///
    /// NAME has placeholders itself, so that each job has a file of its own:
    /// --tmpl 'conf=conf.<#>' 'run conf.<#>'. The files stay, unless --cleanup is given.
    #[arg(long, value_name = "FILE=NAME")]
    pub tmpl: Vec<OsString>,

    /// S is the placeholder, instead of <> and {}
    ///
    /// Then it is the only text that stands for the whole value.
    #[arg(short = 'I', value_name = "S", allow_hyphen_values = true)]
    pub replacement: Option<OsString>,

    /// More placeholders: <..> </..> <+.> <:2> <#pre> <%.ext> ...
    ///
    /// <..> and <...> are the value without two and three extensions, <+/> its directory and <+.>
    /// its extension; <:-default>, <:2>, <:1:3>, <#prefix>, <%suffix>, <^a>, <,A> and, with braces,
    /// {/from/to} edit it as in bash; <##> is the number of jobs, <0#> the job's number with zeros
    /// before it, <uniq> leaves out jobs that have the same value twice. The same with braces.
    #[arg(long)]
    pub plus: bool,

    /// A placeholder of your own: '<up> $_ = uc($_)'
    ///
    /// DEFINITION is the placeholder, a blank and an expression. What a group of parentheses in
    /// the placeholder matches is $$1 in the expression: --rpl '<cut(.+)> s/$$1//'.
    #[arg(long, value_name = "DEFINITION")]
    pub rpl: Vec<OsString>,

    /// PARENS enclose expressions, instead of {= and =}
    ///
    /// The first half of PARENS opens an expression, the second half closes it. The usual ones
    /// are placeholders as {} is: where <> stands, they are text.
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

    /// Every word of the command is an argument as it stands
    ///
    /// Shell operators among the words are then plain text: prun -q grep '>' ::: *.txt.
    #[arg(short = 'q', long)]
    pub quote: bool,

    /// Run the command with the shell SH
    ///
    /// By default a command that needs a shell is run by $PRUN_SHELL or bash, or by /bin/sh
    /// where there is no bash, and one that needs none is executed directly. Pipes,
    /// redirections, && || ; and a leading cd between simple commands need none. SH may have
    /// options: --shell 'bash -o pipefail'. --shell sh starts faster where sh is a small shell.
    #[arg(long, value_name = "SH", value_hint = ValueHint::CommandName)]
    pub shell: Option<OsString>,

    /// Refuse commands that parse a value a second time
    ///
    /// A placeholder inside the text for sh -c, eval or ssh is read again as shell code, and so
    /// would be whatever a value contains. By default there is a warning. With --plain-values
    /// such commands are accepted. The manual page has a list of what is not followed.
    #[arg(long)]
    pub strict: bool,

    /// Fail jobs whose values are not plain words
    ///
    /// A plain value has letters, digits and _ . / : @ % + , = - only, does not begin with - and
    /// is not empty. A job fails before it starts if a value that its command uses, a column or a
    /// named field as well as each value of a list, is not plain, or what a placeholder makes of
    /// it is not. To a shell, such a value is a word and nothing else, so that it can stand where
    /// values are read again as code: prun --plain-values 'sed -n <>p FILE' ::: 3 4. In other
    /// languages a word may be a name or a command.
    #[arg(long)]
    pub plain_values: bool,

    /// Compose commands as GNU parallel does
    ///
    /// The words are joined by spaces and parsed again by the shell, and only braces are
    /// placeholders. This is also in force when prun is called by the name parallel. What
    /// env_parallel has in $PARALLEL_ENV is read by each job's shell, and parset works.
    #[arg(long)]
    pub gnu: bool,

    /// Remove what --tmpl has written when the job ends
    #[arg(long, hide = true)]
    pub cleanup: bool,
}

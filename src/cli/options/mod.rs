//! Every option: its names, its help, its heading. Data only: what the options mean is
//! decided in `config`. Each heading of the help has its own file.
//!
//! The doc comments of the fields are the help: the first line is what `-h` shows, the rest
//! follows in `--help` and in the manual page.

pub(crate) mod blocks;
pub(crate) mod compat;
pub(crate) mod failure;
pub(crate) mod input;
pub(crate) mod job_limits;
pub(crate) mod log;
pub(crate) mod observers;
pub(crate) mod output;
pub(crate) mod preset;
pub(crate) mod print;
pub(crate) mod queue;
pub(crate) mod running;
pub(crate) mod separators;
pub(crate) mod sharing;
pub(crate) mod template;

use std::ffi::OsString;

use clap::{Parser, ValueHint};

use blocks::BlockArgs;
use compat::CompatArgs;
use failure::FailureArgs;
use input::InputArgs;
use job_limits::JobLimitArgs;
use log::LogArgs;
use observers::ObserverArgs;
use output::OutputArgs;
use preset::PresetArgs;
use print::PrintArgs;
use queue::QueueArgs;
use running::RunningArgs;
use separators::SeparatorArgs;
use sharing::SharingArgs;
use template::TemplateArgs;

use super::text::{
    ABOUT, ENVIRONMENT, EXAMPLES, EXIT_STATUS, EXPRESSIONS, LONG_ABOUT, SIGNALS, USAGE,
};
use super::typed_line::TypedLine;
use crate::input::InputSource;

/// The command line as it was typed.
#[derive(Debug, Clone, PartialEq, Default, Parser)]
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

    /// Sources after the separators, which clap never sees.
    #[arg(skip)]
    pub sources: Vec<InputSource>,

    /// Long names of the typed options if a semaphore is asked for, to which most mean nothing.
    #[arg(skip)]
    pub beside_semaphore: Vec<String>,

    /// The words themselves, for hints.
    #[arg(skip)]
    pub typed_line: TypedLine,

    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub blocks: BlockArgs,

    #[command(flatten)]
    pub template: TemplateArgs,

    #[command(flatten)]
    pub running: RunningArgs,

    #[command(flatten)]
    pub job_limits: JobLimitArgs,

    #[command(flatten)]
    pub sharing: SharingArgs,

    #[command(flatten)]
    pub queue: QueueArgs,

    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub observers: ObserverArgs,

    #[command(flatten)]
    pub failure: FailureArgs,

    #[command(flatten)]
    pub log: LogArgs,

    #[command(flatten)]
    pub preset: PresetArgs,

    #[command(flatten)]
    pub separators: SeparatorArgs,

    #[command(flatten)]
    pub print: PrintArgs,

    #[command(flatten)]
    pub compat: CompatArgs,
}

//! From the words of a command line to the command of one job. Values are data: they are
//! placed, never parsed.
//!
//! `parse` decides what the words are. A command line is read by the lexer of
//! [`crate::shell`], which finds every placeholder and what is around it. What comes out is
//! a `CommandKind`: arguments (`argv`), a built-in (`call`), a list of commands
//! (`list_template`), or a `script` whose parameters are the values. The `command_text` is
//! what scripts are written from and what people are shown.

mod argv;
mod builtin_line;
mod call;
mod command_template;
mod command_text;
mod errors;
mod kind;
mod list;
mod list_template;
mod matching;
mod message;
mod options;
mod parse;
mod parsed_command;
#[cfg(test)]
mod roundtrip;
mod row_templates;
mod runner;
mod script;
mod shown;
mod size_estimate;
#[cfg(test)]
mod tests;
mod warnings;
mod withheld_commands;
mod worker_command;

pub(crate) use self::command_template::CommandTemplate;
pub(crate) use self::list::{
    CommandList, JobWork, Pipeline, PipelineCondition, PipelineStage, PreparedCommand, StageAction,
    UnusualPrograms,
};
pub(crate) use self::message::{MessageFrame, MessageTemplate};
pub(crate) use self::options::{TemplateOptions, WordHandling};
pub(crate) use self::size_estimate::CommandSize;
pub(crate) use self::withheld_commands::{push_escaped, unescaped, withheld, withhold};

//! The result of reading the command's words.

use super::command_text::CommandText;
use super::kind::CommandKind;

/// A command that was read.
#[derive(Debug)]
pub(super) struct ParsedCommand {
    pub(super) kind: CommandKind,
    /// None if each row is a line.
    pub(super) text: Option<CommandText>,
    pub(super) warnings: Vec<String>,
}

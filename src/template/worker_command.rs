//! A command that lives on and gets the values of each job by a message (`--worker`).

use crate::input::Row;
use crate::placeholder::{JobPosition, ValueError};

use super::command_template::CommandTemplate;
use super::kind::CommandKind;
use super::list::{JobWork, PreparedCommand};
use super::message::MessageTemplate;

impl CommandTemplate {
    /// Makes the command that of a worker, which gets the values of each job by a message.
    pub(crate) fn set_message(&mut self, message: MessageTemplate) {
        for placeholder in message.placeholders() {
            if placeholder.expression().is_some() {
                self.computed.push(placeholder.clone());
            }
            if self.plain_values {
                self.plain.push(placeholder.clone());
            }
        }
        self.message = Some(message);
    }

    /// Puts the message of one job to the worker into `out`, whose contents are dropped.
    ///
    /// # Errors
    /// An expression cannot be computed, a value holds the byte that ends messages, or the row has
    /// a command or a directory of its own.
    pub(crate) fn message(
        &self,
        row: &Row,
        position: JobPosition,
        out: &mut Vec<u8>,
    ) -> Result<(), ValueError> {
        if self.of_row(row).is_some() {
            let seq = position.seq;
            return Err(ValueError(format!(
                "input {seq} has a command of its own, which no worker runs"
            )));
        }
        let own_directory = row.settings.as_ref().and_then(|own| own.directory.as_ref());
        if own_directory.is_some() {
            let seq = position.seq;
            return Err(ValueError(format!(
                "input {seq} has a directory of its own, and the worker another one"
            )));
        }
        self.check(row, position)?;
        match &self.message {
            Some(message) => message.write(row, position, out),
            None => Ok(()),
        }
    }

    /// The command of a worker, which holds no values.
    ///
    /// # Errors
    /// A word of it cannot be an argument.
    pub(crate) fn worker_command(
        &self,
        position: JobPosition,
    ) -> Result<PreparedCommand, ValueError> {
        let row = Row::default();
        match self.kind.work(&row, position)? {
            JobWork::Command(command) => Ok(command),
            JobWork::List(_) | JobWork::Builtin(_) => self.kind.by_shell(&row, position, 0),
        }
    }

    /// The command of a worker, as a person would type it.
    pub(crate) fn show_worker(&self, position: JobPosition, out: &mut Vec<u8>) {
        let Some(text) = &self.text else {
            return;
        };
        // What comes behind the first command would not read the pipe.
        let is_one = matches!(self.kind, CommandKind::Direct(_));
        let (open, close): (&[u8], &[u8]) = if is_one { (b"", b"") } else { (b"(", b")") };
        out.extend_from_slice(open);
        text.show(&Row::default(), position, out);
        out.extend_from_slice(close);
    }

    /// The worker's command in a run that does not show the slot.
    pub(super) fn shown_worker(&self) -> Vec<u8> {
        let mut command = Vec::new();
        self.show_worker(self.position(1, 1), &mut command);
        command
    }
}

//! Commands that run without a shell: words whose parts are put together for
//! each row.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::input::{ByteStrings, Row};
use crate::placeholder::{JobPosition, TemplateWord, ValueError, WordPart};
use crate::shell::{ShellLine, imitation, vocabulary};
use crate::{builtin, quote};

use super::list::PreparedCommand;

/// A command without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArgvTemplate {
    pub(super) environment: Vec<(OsString, TemplateWord)>,
    pub(super) words: Vec<TemplateWord>,
}

impl ArgvTemplate {
    /// Cuts leading `NAME=value` words off; `None` if nothing is left to run.
    pub(super) fn from_words(mut words: Vec<TemplateWord>) -> Option<ArgvTemplate> {
        let environment = take_environment(&mut words);
        (!words.is_empty()).then_some(ArgvTemplate { environment, words })
    }

    /// The last command of a line.
    pub(super) fn of_last(line: &ShellLine) -> Option<ArgvTemplate> {
        ArgvTemplate::from_words(line.commands.last().cloned().unwrap_or_default())
    }

    pub(super) fn command(
        &self,
        row: &Row,
        position: JobPosition,
    ) -> Result<PreparedCommand, ValueError> {
        // The row may give more words than the template has, by all its values.
        let mut argv =
            ByteStrings::with_capacity(self.words.len() + row.values.len(), row.values.size());
        for word in &self.words {
            word.push_to(row, position, &mut argv)?;
        }
        if argv.is_empty() {
            return Err(ValueError(format!(
                "input {} names no command",
                position.seq
            )));
        }
        imitation::adapt(&mut argv);
        let environment = environment(&self.environment, row, position)?;
        Ok(PreparedCommand { argv, environment })
    }
}

impl ArgvTemplate {
    /// Tells whether its name is that of a program to a reader of the command, not of
    /// something in a shell or in prun.
    pub(super) fn is_program(&self, row: &Row, position: JobPosition) -> bool {
        let Some(Ok(name)) = self.words.first().map(|word| word.text(row, position)) else {
            return true;
        };
        let name = name.as_bytes();
        let is_known = vocabulary::is_builtin(name) || quote::is_keyword(name);
        !is_known && name.first() != Some(&builtin::MARK)
    }
}

/// Takes leading `NAME=value` words away.
pub(super) fn take_environment(words: &mut Vec<TemplateWord>) -> Vec<(OsString, TemplateWord)> {
    let count = words
        .iter()
        .take_while(|word| vocabulary::assigned_name(word.head()).is_some())
        .count();
    words.drain(..count).map(assignment).collect()
}

fn assignment(mut word: TemplateWord) -> (OsString, TemplateWord) {
    let mut name = Vec::new();
    if let Some(WordPart::Text(text)) = word.parts.first_mut()
        && let Some(length) = vocabulary::assigned_name(text)
    {
        let value = text.split_off(length + 1);
        text.truncate(length);
        name = std::mem::replace(text, value);
    }
    (OsString::from_vec(name), word.joined())
}

/// The values of the variables for one row.
pub(super) fn environment(
    variables: &[(OsString, TemplateWord)],
    row: &Row,
    position: JobPosition,
) -> Result<Vec<(OsString, OsString)>, ValueError> {
    variables
        .iter()
        .map(|(name, word)| Ok((name.clone(), word.text(row, position)?)))
        .collect()
}

//! Definitions that every job's shell reads before the command: what env_parallel has in
//! `$PARALLEL_ENV`.

use std::borrow::Cow;

use memchr::memmem;

use crate::error::{Error, Result};
use crate::placeholder::LONGEST_ARGUMENT;
use crate::quote;

/// Variables, functions and aliases in the language of a shell, and how a script goes on
/// after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DefinitionsPrologue {
    text: Vec<u8>,
    /// zsh reads a whole script before it knows the first alias: what may begin with one has
    /// to be read later.
    read_later: bool,
}

impl DefinitionsPrologue {
    pub(super) fn new(text: Vec<u8>, read_later: bool) -> DefinitionsPrologue {
        DefinitionsPrologue { text, read_later }
    }

    /// The beginning of the names of parameters: no definition may be of the same name.
    pub(crate) fn parameter(&self) -> String {
        let mut name = "_prun".to_owned();
        while memmem::find(&self.text, name.as_bytes()).is_some() {
            name.push('_');
        }
        name
    }

    /// The script that first saves its parameters, then reads the definitions, then does what
    /// `body` says.
    pub(crate) fn before<'a>(&self, prologue: &[u8], body: &'a [u8]) -> Cow<'a, [u8]> {
        if self.text.is_empty() && prologue.is_empty() {
            return Cow::Borrowed(body);
        }
        let mut script = prologue.to_vec();
        if self.text.is_empty() {
            script.extend_from_slice(body);
            return Cow::Owned(script);
        }
        if !script.is_empty() {
            script.push(b'\n');
        }
        script.extend_from_slice(&self.text);
        script.push(b'\n');
        if self.read_later {
            script.extend_from_slice(b"eval ");
            quote::single(body, &mut script);
        } else {
            script.extend_from_slice(body);
        }
        Cow::Owned(script)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// # Errors
    /// A script of this length is no argument.
    pub(crate) fn check(&self, script: usize) -> Result<()> {
        if self.text.is_empty() || script <= LONGEST_ARGUMENT {
            return Ok(());
        }
        Err(Error::new(format!(
            "$PARALLEL_ENV has {} bytes: a job's script would have {script}, and an argument can have {LONGEST_ARGUMENT}",
            self.text.len()
        ))
        .hint("--env NAME lets env_parallel pass that variable, function or alias only"))
    }
}

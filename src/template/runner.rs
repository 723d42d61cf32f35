//! Runners of a line: the system alone, prun in place of a shell, or a shell.

use std::borrow::Cow;

use crate::error::Result;
use crate::placeholder::PlaceholderSyntax;
use crate::shell::{
    LineSyntax, NumericContext, ShellLine, ShellProgram, command_name, imitation, lex, vocabulary,
};

use super::list_template::{ListTemplate, without_joins};
use super::options::TemplateOptions;
use super::{call, errors};

/// Runner of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CommandRunner<'a> {
    Direct,
    /// prun itself, with this shell for what is unusual.
    List(ListTemplate, &'a ShellProgram),
    Shell(&'a ShellProgram),
}

/// The runner that a line needs.
pub(super) fn runner<'a>(
    line: &ShellLine,
    options: &'a TemplateOptions,
) -> Result<CommandRunner<'a>> {
    let names = || line.commands.iter().filter_map(|words| command_name(words));
    let shell = shell_for(names(), options)?;
    let plain = line.syntax == LineSyntax::Plain && line.open.is_none() && line.commands.len() == 1;
    let own = !options.shell.is_asked;
    let needed =
        names().any(|name| vocabulary::is_builtin(name) || options.functions.contains(name));
    let differs = line.commands.iter().any(|words| imitation::differs(words));
    if plain && own && !needed && !differs {
        return Ok(CommandRunner::Direct);
    }
    Ok(match list_template(line, options) {
        Some(template) => CommandRunner::List(template, shell),
        None => CommandRunner::Shell(shell),
    })
}

/// The list that prun runs as the shell would.
fn list_template(line: &ShellLine, options: &TemplateOptions) -> Option<ListTemplate> {
    let shell = &options.shell;
    let listed = line.syntax == LineSyntax::List && line.joins.is_empty();
    if !listed || shell.is_asked || !shell.is_imitated() {
        return None;
    }
    ListTemplate::of(line, &options.functions, shell.is_bash())
}

/// Reads a line. `&>` is what bash makes of it, whatever the shell, if prun runs the line.
pub(super) fn read<'t>(
    text: &'t [u8],
    syntax: &PlaceholderSyntax,
    options: &TemplateOptions,
) -> (Cow<'t, [u8]>, ShellLine) {
    let numbers = numbers(options);
    let line = lex::lex_with(text, syntax, numbers);
    if line.joins.is_empty() {
        return (Cow::Borrowed(text), line);
    }
    let portable = without_joins(text, &line);
    let other = lex::lex_with(&portable, syntax, numbers);
    if list_template(&other, options).is_some() || call::calls(&other, options) {
        (Cow::Owned(portable), other)
    } else {
        (Cow::Borrowed(text), line)
    }
}

/// Facts that decide which operands the shell calculates.
pub(super) fn numbers(options: &TemplateOptions) -> NumericContext {
    let (shell, shape) = (&options.shell, &options.shape);
    NumericContext {
        zsh: !shell.is_bash() && shell.is_zsh(),
        many: shape.arity != 1 || shape.varies,
    }
}

/// bash if one of the commands is an exported function, else the usual shell.
pub(super) fn shell_for<'a, 'n>(
    names: impl IntoIterator<Item = &'n [u8]>,
    options: &'a TemplateOptions,
) -> Result<&'a ShellProgram> {
    let usual = &options.shell;
    if usual.is_asked || usual.is_bash() {
        return Ok(usual);
    }
    let function = names
        .into_iter()
        .find(|name| options.functions.contains(*name));
    match (function, &options.bash) {
        (Some(_), Some(bash)) => Ok(bash),
        (Some(name), None) if options.dialect.rules().is_strict => Err(errors::no_bash(name)),
        _ => Ok(usual),
    }
}

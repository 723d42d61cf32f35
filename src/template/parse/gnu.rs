//! Command lines as GNU parallel composes them.

use crate::error::Result;
use crate::placeholder::PlaceholderSyntax;
use crate::shell::{ShellLine, SiteContent, injection, lex};
use crate::template::command_text::{CommandText, SlotFilling};
use crate::template::kind::{CommandKind, ListJob, ShellJob};
use crate::template::options::TemplateOptions;
use crate::template::parsed_command::ParsedCommand;
use crate::template::runner::{CommandRunner, numbers, runner};

/// GNU parallel's composition: the words are joined and parsed again.
pub(super) fn gnu_line(
    options: &TemplateOptions,
    syntax: &PlaceholderSyntax,
) -> Result<ParsedCommand> {
    let mut text = options.words.join(&b' ');
    if !syntax.occur_in(&text) && options.shape.is_appended() {
        text.push(b' ');
        text.extend_from_slice(syntax.whole());
    }
    let line = lex::lex_with(&text, syntax, numbers(options));
    let mut command_text = CommandText::from_line(&text, &line, 0, options.dialect.rules());
    // A command that begins with a value is code, and so are all its values.
    let is_raw = begins_with_value(&line);
    // What reads a value again gets it as GNU parallel would give it.
    let mut findings = injection::find(&text, &line).into_iter();
    let is_read_again = findings.any(|finding| finding.is_shell());
    let mut is_quoted = false;
    for slot in command_text.slots() {
        if is_read_again || slot.placeholder.can_unquote() {
            slot.filling = SlotFilling::Quoted;
        }
        is_quoted |= slot.filling == SlotFilling::Quoted;
        if is_raw {
            slot.filling = SlotFilling::Raw;
        }
    }
    let runner = match runner(&line, options)? {
        CommandRunner::Direct | CommandRunner::List(..) if is_raw || is_quoted => {
            CommandRunner::Shell(&options.shell)
        }
        runner => runner,
    };
    let kind = match runner {
        CommandRunner::Direct => CommandKind::direct(&line, &text)?,
        CommandRunner::List(template, shell) => {
            let part = |from| {
                let command_text =
                    CommandText::from_line(&text, &line, from, options.dialect.rules());
                ShellJob::new(shell, &command_text, options.shape.arity, syntax)
            };
            CommandKind::List(ListJob::new(template, part)?)
        }
        CommandRunner::Shell(shell) => {
            command_text.suit(shell);
            CommandKind::Shell(ShellJob::new(
                shell,
                &command_text,
                options.shape.arity,
                syntax,
            )?)
        }
    };
    Ok(ParsedCommand {
        kind,
        text: Some(command_text),
        warnings: Vec::new(),
    })
}

fn begins_with_value(line: &ShellLine) -> bool {
    line.sites.first().is_some_and(|site| {
        site.range.start == 0
            && matches!(&site.what, SiteContent::Placeholder(placeholder) if placeholder.is_value())
    })
}

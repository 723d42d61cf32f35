//! Command lines as GNU parallel composes them.

use crate::error::Result;
use crate::placeholder::{CommandDialect, PlaceholderSyntax};
use crate::shell::{SiteContent, injection, lex};
use crate::template::command_text::{CommandText, SlotFilling};
use crate::template::kind::{CommandKind, ListJob, ShellJob};
use crate::template::options::TemplateOptions;
use crate::template::parsed_command::ParsedCommand;
use crate::template::runner::{CommandRunner, numbers, runner};

/// GNU parallel's composition: the words are joined and parsed again.
pub(super) fn gnu_line(
    options: &TemplateOptions,
    forms: &PlaceholderSyntax,
) -> Result<ParsedCommand> {
    let mut text = options.words.join(&b' ');
    if !forms.occur_in(&text) && options.shape.arity > 0 {
        text.push(b' ');
        text.extend_from_slice(forms.whole());
    }
    let line = lex::lex_with(&text, forms, numbers(options));
    let mut program = CommandText::from_line(&text, &line, 0, CommandDialect::Gnu);
    // A command that begins with a value is code, and so are all its values.
    let raw = line.spots.first().is_some_and(|spot| {
        spot.range.start == 0 && matches!(&spot.what, SiteContent::Place(place) if place.is_value())
    });
    // What reads a value again gets it as GNU parallel would give it.
    let mut findings = injection::find(&text, &line).into_iter();
    if findings.any(|finding| finding.is_shell()) {
        program
            .holes()
            .for_each(|hole| hole.filling = SlotFilling::Quoted);
    }
    for hole in program
        .holes()
        .filter(|hole| hole.placeholder.can_unquote())
    {
        hole.filling = SlotFilling::Quoted;
    }
    let quoted = program
        .holes()
        .any(|hole| hole.filling == SlotFilling::Quoted);
    if raw {
        program
            .holes()
            .for_each(|hole| hole.filling = SlotFilling::Raw);
    }
    let runner = match runner(&line, options)? {
        CommandRunner::Direct | CommandRunner::List(..) if raw || quoted => {
            CommandRunner::Shell(&options.shell)
        }
        runner => runner,
    };
    let recipe = match runner {
        CommandRunner::Direct => CommandKind::direct(&line, &text)?,
        CommandRunner::List(outline, shell) => {
            let part = |from| {
                let program = CommandText::from_line(&text, &line, from, CommandDialect::Gnu);
                ShellJob::new(shell, &program, options.shape.arity, forms)
            };
            CommandKind::List(ListJob::new(outline, part)?)
        }
        CommandRunner::Shell(shell) => {
            program.suit(&shell.path);
            CommandKind::Shell(ShellJob::new(shell, &program, options.shape.arity, forms)?)
        }
    };
    Ok(ParsedCommand {
        kind: recipe,
        text: Some(program),
        warnings: Vec::new(),
    })
}

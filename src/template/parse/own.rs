//! One word: a command line.

use crate::error::Result;
use crate::placeholder::{CommandDialect, PlaceholderSyntax, TemplateWord, indices};
use crate::quote::QuotePolicy;
use crate::shell::{
    self, AppendPosition, QuoteContext, ShellLine, SiteContent, ValueReading, bashisms, injection,
};
use crate::template::builtin_line::{self, BuiltinLine};
use crate::template::command_text::CommandText;
use crate::template::kind::{CommandKind, ListJob, ShellJob};
use crate::template::options::TemplateOptions;
use crate::template::parsed_command::ParsedCommand;
use crate::template::runner::{CommandRunner, numbers, read, runner};
use crate::template::warnings::injection_warnings;
use crate::template::{call, errors};

pub(super) fn own_line(
    options: &TemplateOptions,
    forms: &PlaceholderSyntax,
) -> Result<ParsedCommand> {
    let (text, mut line) = read(&options.words[0], forms, options);
    check_line(&text, &line, options, forms)?;
    let appended = append_values(&mut line, &text, options, forms)?;
    let program = |from| {
        let mut program = CommandText::from_line(&text, &line, from, CommandDialect::Own);
        if let Some(reading) = appended {
            program.push(b" ");
            program.push_word(&TemplateWord::whole(), QuotePolicy::Always, reading);
        }
        program
    };
    let call = builtin_line::of_line(&line, options)?;
    let mut warnings = injection_warnings(&injection::find(&text, &line), options, forms)?;
    let recipe = match (call, runner(&line, options)?) {
        (Some(BuiltinLine::Alone(job)), _) => CommandKind::Call(job),
        (Some(BuiltinLine::Listed(outline)), _) => CommandKind::Inside(outline),
        (None, CommandRunner::Shell(shell))
            if !line.joins.is_empty() && !shell::joins_outputs(&shell.path) =>
        {
            return Err(errors::background());
        }
        (None, CommandRunner::Shell(shell)) => {
            warnings.extend(bashisms::check(&line, &shell.path)?);
            CommandKind::Shell(ShellJob::new(
                shell,
                &program(0),
                options.shape.arity,
                forms,
            )?)
        }
        (None, CommandRunner::List(outline, shell)) => {
            let part = |from| ShellJob::new(shell, &program(from), options.shape.arity, forms);
            CommandKind::List(ListJob::new(outline, part)?)
        }
        (None, CommandRunner::Direct) => CommandKind::direct(&line, &text)?,
    };
    let mut program = program(0);
    if let CommandKind::Direct(_) = recipe {
        program
            .holes()
            .for_each(|hole| hole.reading = ValueReading::Bytes);
    }
    Ok(ParsedCommand {
        kind: recipe,
        text: Some(program),
        warnings,
    })
}

/// Appends the values to the last command where no placeholder says where they go. Returns
/// how the shell reads them there.
fn append_values(
    line: &mut ShellLine,
    text: &[u8],
    options: &TemplateOptions,
    forms: &PlaceholderSyntax,
) -> Result<Option<ValueReading>> {
    if has_places(line) || options.shape.arity == 0 {
        return match line.end {
            AppendPosition::Command => Err(errors::no_command(text)),
            _ => Ok(None),
        };
    }
    if line.commands.len() > 1 && call::calls(line, options) {
        let second = line.settings[1].start;
        return Err(errors::no_place_beside_builtin(text, second, forms));
    }
    check_end(text, line.end, forms)?;
    let mut reading = ValueReading::Bytes;
    if let Some(command) = line.commands.last_mut() {
        command.push(TemplateWord::whole());
        let operands = numbers(options).operands(command);
        let last = operands.iter().find(|number| number.0 + 1 == command.len());
        reading = last.map_or(ValueReading::Bytes, |number| number.1);
    }
    Ok(Some(reading))
}

fn check_line(
    text: &[u8],
    line: &ShellLine,
    options: &TemplateOptions,
    forms: &PlaceholderSyntax,
) -> Result<()> {
    let shape = &options.shape;
    let compound = line
        .compound
        .filter(|_| !shell::is_zsh(&options.shell.path));
    if let Some(open) = line.open.or(compound) {
        return Err(errors::not_closed(text, open));
    }
    if let Some(last) = line.missing {
        return Err(errors::incomplete(text, last, &shape.names, forms));
    }
    for spot in &line.spots {
        let spelling = &text[spot.range.clone()];
        if let QuoteContext::Refused(refusal) = spot.setting {
            return Err(errors::refused(spelling, refusal));
        }
        if let SiteContent::Place(placeholder) = &spot.what {
            indices::check_index(placeholder, spelling, shape)?;
        }
    }
    Ok(())
}

fn check_end(text: &[u8], end: AppendPosition, forms: &PlaceholderSyntax) -> Result<()> {
    match end {
        AppendPosition::Argument => Ok(()),
        AppendPosition::Command => Err(errors::no_command(text)),
        AppendPosition::Elsewhere(place) => Err(errors::no_append(text, place, forms)),
    }
}

fn has_places(line: &ShellLine) -> bool {
    let mut spots = line.spots.iter();
    spots.any(|spot| matches!(spot.what, SiteContent::Place(_)))
}

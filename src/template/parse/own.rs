//! One word: a command line.

use crate::error::Result;
use crate::placeholder::{PlaceholderSyntax, TemplateWord, indices};
use crate::quote::QuotePolicy;
use crate::shell::{
    AppendPosition, QuoteContext, ShellLine, SiteContent, ValueReading, bashisms, injection,
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
    syntax: &PlaceholderSyntax,
) -> Result<ParsedCommand> {
    let (text, mut line) = read(&options.words[0], syntax, options);
    check_line(&text, &line, options, syntax)?;
    let appended = append_values(&mut line, &text, options, syntax)?;
    let command_text = |from| {
        let mut command_text = CommandText::from_line(&text, &line, from, options.dialect.rules());
        if let Some(reading) = appended {
            command_text.push(b" ");
            command_text.push_word(&TemplateWord::whole(), QuotePolicy::Always, reading);
        }
        command_text
    };
    let call = builtin_line::of_line(&line, options)?;
    let mut warnings = injection_warnings(&injection::find(&text, &line), options, syntax)?;
    let kind = match (call, runner(&line, options)?) {
        (Some(BuiltinLine::Alone(job)), _) => CommandKind::Call(job),
        (Some(BuiltinLine::Listed(template)), _) => CommandKind::Inside(template),
        (None, CommandRunner::Shell(shell)) if !line.joins.is_empty() && !shell.joins_outputs() => {
            return Err(errors::background());
        }
        (None, CommandRunner::Shell(shell)) => {
            warnings.extend(bashisms::check(&line, shell)?);
            CommandKind::Shell(ShellJob::new(
                shell,
                &command_text(0),
                options.shape.arity,
                syntax,
            )?)
        }
        (None, CommandRunner::List(template, shell)) => {
            let part =
                |from| ShellJob::new(shell, &command_text(from), options.shape.arity, syntax);
            CommandKind::List(ListJob::new(template, part)?)
        }
        (None, CommandRunner::Direct) => CommandKind::direct(&line, &text)?,
    };
    let mut command_text = command_text(0);
    if let CommandKind::Direct(_) = kind {
        command_text
            .slots()
            .for_each(|slot| slot.reading = ValueReading::Bytes);
    }
    Ok(ParsedCommand {
        kind,
        text: Some(command_text),
        warnings,
    })
}

/// Appends the values to the last command where no placeholder says where they go. Returns
/// how the shell reads them there.
fn append_values(
    line: &mut ShellLine,
    text: &[u8],
    options: &TemplateOptions,
    syntax: &PlaceholderSyntax,
) -> Result<Option<ValueReading>> {
    if has_placeholders(line) || !options.shape.is_appended() {
        return match line.end {
            AppendPosition::Command => Err(errors::no_command(text)),
            _ => Ok(None),
        };
    }
    if line.commands.len() > 1 && call::calls(line, options) {
        let second = line.contexts[1].start;
        return Err(errors::no_placeholder_beside_builtin(text, second, syntax));
    }
    check_end(text, line.end, syntax)?;
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
    syntax: &PlaceholderSyntax,
) -> Result<()> {
    let shape = &options.shape;
    let compound = line.compound.filter(|_| !options.shell.is_zsh());
    if let Some(open) = line.open.or(compound) {
        return Err(errors::not_closed(text, open));
    }
    if let Some(last) = line.missing {
        return Err(errors::incomplete(text, last, &shape.names, syntax));
    }
    for site in &line.sites {
        let spelling = &text[site.range.clone()];
        if let QuoteContext::Refused(refusal) = site.context {
            return Err(errors::refused(spelling, refusal));
        }
        if let SiteContent::Placeholder(placeholder) = &site.what {
            indices::check_index(placeholder, spelling, shape)?;
        }
    }
    Ok(())
}

fn check_end(text: &[u8], end: AppendPosition, syntax: &PlaceholderSyntax) -> Result<()> {
    match end {
        AppendPosition::Argument => Ok(()),
        AppendPosition::Command => Err(errors::no_command(text)),
        AppendPosition::Elsewhere(place) => Err(errors::no_append(text, place, syntax)),
    }
}

fn has_placeholders(line: &ShellLine) -> bool {
    let mut sites = line.sites.iter();
    sites.any(|site| matches!(site.what, SiteContent::Placeholder(_)))
}

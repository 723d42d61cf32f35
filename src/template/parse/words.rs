//! Several words, or `-q`: every word is an argument.

use crate::error::Result;
use crate::placeholder::{PlaceholderSyntax, TemplateWord, indices};
use crate::quote::{QuotePolicy, QuoteStyle};
use crate::shell::{ShellLine, ShellProgram, bashisms, injection, vocabulary};
use crate::template::argv::{self, ArgvTemplate};
use crate::template::call::{self, BuiltinTemplate};
use crate::template::command_text::{CommandText, NumericWord};
use crate::template::errors;
use crate::template::kind::{CommandKind, ShellJob};
use crate::template::options::{TemplateOptions, WordHandling};
use crate::template::parsed_command::ParsedCommand;
use crate::template::runner::{numbers, shell_for};
use crate::template::warnings::injection_warnings;

/// Several words, or `-q`: every word is an argument.
pub(super) fn from_words(
    options: &TemplateOptions,
    syntax: &PlaceholderSyntax,
) -> Result<ParsedCommand> {
    let mut words: Vec<TemplateWord> = options
        .words
        .iter()
        .map(|word| TemplateWord::split(word, syntax))
        .collect();
    let rules = options.dialect.rules();
    if rules.is_strict {
        for placeholder in words.iter().flat_map(TemplateWord::placeholders) {
            indices::check_index(placeholder, &syntax.spelling(placeholder), &options.shape)?;
        }
    }
    let placeholders = words.iter().flat_map(TemplateWord::placeholders).count();
    let mut typed = words.clone();
    let environment = match options.quoting {
        WordHandling::Parsed => argv::take_environment(&mut words),
        WordHandling::Literal | WordHandling::Shown => Vec::new(),
    };
    let Some(name) = words.first() else {
        return Err(errors::no_command(&options.words.join(&b' ')));
    };
    if options.quoting == WordHandling::Parsed && name.is_line() {
        let at = options.words.len() - words.len();
        return Err(errors::line_as_name(&options.words[at]));
    }
    if placeholders == 0 && options.shape.is_appended() {
        words.push(TemplateWord::whole());
        typed.push(TemplateWord::whole());
    }
    let mut warnings = injection_warnings(&injection::find_in_words(&typed), options, syntax)?;
    let mut command_text = CommandText::from_environment(&environment, rules.quote_style);
    let shell = words_shell(&words, options)?;
    let numbers = match shell {
        Some(_) => numbers(options).operands(&words),
        None => Vec::new(),
    };
    command_text.push_words(&words, QuotePolicy::UnlessKeyword, &numbers);
    let kind = match shell {
        None if call::is_called(&words, options) => {
            CommandKind::Call(BuiltinTemplate::alone(words, &environment, options)?)
        }
        None => CommandKind::Direct(ArgvTemplate { environment, words }),
        Some(shell) => {
            if rules.is_strict {
                warnings.extend(bashisms::check(&ShellLine::of_words(&words), shell)?);
            }
            let script = script(&words, &numbers, shell);
            let job = ShellJob::new(shell, &script, options.shape.arity, syntax)?;
            CommandKind::Shell(job.with_environment(environment))
        }
    };
    Ok(ParsedCommand {
        kind,
        text: Some(command_text),
        warnings,
    })
}

fn script(words: &[TemplateWord], numbers: &[NumericWord], shell: &ShellProgram) -> CommandText {
    let mut script = CommandText::new(QuoteStyle::Portable);
    script.push_words(words, QuotePolicy::Always, numbers);
    script.suit(shell);
    script
}

/// The shell that words need.
fn words_shell<'a>(
    words: &[TemplateWord],
    options: &'a TemplateOptions,
) -> Result<Option<&'a ShellProgram>> {
    if !options.shell.definitions.is_empty() {
        return Ok(Some(&options.shell));
    }
    match command_or_nothing(words, options) {
        Some(name) if vocabulary::is_builtin(name) || options.functions.contains(name) => {
            shell_for([name], options).map(Some)
        }
        _ => Ok(None),
    }
}

/// The command's name, unless words are literal and only programs are meant.
fn command_or_nothing<'w>(
    words: &'w [TemplateWord],
    options: &TemplateOptions,
) -> Option<&'w [u8]> {
    let is_program =
        options.quoting == WordHandling::Literal && !options.dialect.rules().literal_functions;
    let name = words.first().filter(|_| !is_program);
    name.and_then(TemplateWord::fixed)
}

//! From the words of the command line to a command: which words are a line, which are
//! arguments, and whether a shell runs them.

mod gnu;
mod own;
mod words;

use crate::error::Result;
use crate::placeholder::PlaceholderSyntax;
use crate::shell::operators;

use self::gnu::gnu_line;
use self::own::own_line;
use self::words::from_words;
use super::errors;
use super::kind::{CommandKind, LineCommands};
use super::options::{TemplateOptions, WordHandling};
use super::parsed_command::ParsedCommand;

/// Parses the command once for all jobs.
pub(super) fn compose(mut options: TemplateOptions) -> Result<ParsedCommand> {
    let rules = options.dialect.rules();
    if rules.is_strict {
        options.shell.check()?;
    }
    let (spellings, shape) = (&options.spellings, &options.shape);
    let words = options.words.iter().map(Vec::as_slice);
    let mut syntax = PlaceholderSyntax::choose(words, options.dialect, spellings, shape);
    if options.quoting == WordHandling::Literal {
        syntax = syntax.with_foreign_text();
    }
    options.words = checked_words(&options, &syntax)?;
    match options.quoting {
        quoting if options.words.is_empty() && options.plain_values => {
            Err(errors::plain_without_command(quoting))
        }
        _ if options.words.is_empty() => Ok(ParsedCommand {
            kind: CommandKind::Lines(LineCommands::new(options)?),
            text: None,
            warnings: Vec::new(),
        }),
        WordHandling::Literal | WordHandling::Shown => from_words(&options, &syntax),
        WordHandling::Parsed if rules.joins_words => gnu_line(&options, &syntax),
        WordHandling::Parsed if options.words.len() == 1 => own_line(&options, &syntax),
        WordHandling::Parsed => {
            operators::refuse(&options.words, &syntax)?;
            from_words(&options, &syntax)
        }
    }
}

/// Words of a program and its arguments, as they stand: without placeholders.
pub(super) fn literal(options: &TemplateOptions) -> Result<ParsedCommand> {
    from_words(options, &PlaceholderSyntax::NONE)
}

/// The words of the command, those of an expression joined for GNU parallel.
///
/// # Errors
/// What looks like a placeholder and is none, an expression that cannot be understood.
fn checked_words(options: &TemplateOptions, syntax: &PlaceholderSyntax) -> Result<Vec<Vec<u8>>> {
    let rules = options.dialect.rules();
    let words = if rules.joins_words {
        syntax.with_whole_expressions(&options.words)
    } else {
        options.words.clone()
    };
    if rules.is_strict && options.quoting == WordHandling::Parsed {
        syntax.check_spread(&words)?;
    }
    let slices: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    syntax.check_groups(&slices)?;
    slices.iter().try_for_each(|word| syntax.check(word))?;
    syntax.check_families(&slices)?;
    if options.quoting == WordHandling::Literal {
        for word in &slices {
            (0..word.len()).try_for_each(|at| syntax.refuse_code(&word[at..]))?;
        }
    }
    Ok(words)
}

//! From the words of the command line to a command: which words are a line, which are
//! arguments, and whether a shell runs them.

mod gnu;
mod own;
mod words;

use crate::error::Result;
use crate::placeholder::{CommandDialect, PlaceholderSyntax};
use crate::shell::{self, operators};

use self::gnu::gnu_line;
use self::own::own_line;
use self::words::from_words;
use super::errors;
use super::kind::{CommandKind, LineCommands};
use super::options::{TemplateOptions, WordHandling};
use super::parsed_command::ParsedCommand;

/// Parses the command once for all jobs.
pub(super) fn compose(mut options: TemplateOptions) -> Result<ParsedCommand> {
    if options.dialect == CommandDialect::Own {
        shell::check(&options.shell.path)?;
    }
    let (spellings, shape) = (&options.spellings, &options.shape);
    let words = options.words.iter().map(Vec::as_slice);
    let mut syntax = PlaceholderSyntax::choose(words, options.dialect, spellings, shape);
    if options.quoting == WordHandling::Literal {
        syntax = syntax.with_foreign_text();
    }
    options.words = checked_words(&options, &syntax)?;
    match (options.dialect, options.quoting, options.words.len()) {
        (_, quoting, 0) if options.plain_values => Err(errors::plain_without_command(quoting)),
        (_, _, 0) => Ok(ParsedCommand {
            kind: CommandKind::Lines(LineCommands::new(options)?),
            text: None,
            warnings: Vec::new(),
        }),
        (_, WordHandling::Literal | WordHandling::Shown, _) => from_words(&options, &syntax),
        (CommandDialect::Own, WordHandling::Parsed, 1) => own_line(&options, &syntax),
        (CommandDialect::Own, WordHandling::Parsed, _) => {
            operators::refuse(&options.words, &syntax)?;
            from_words(&options, &syntax)
        }
        (CommandDialect::Gnu, WordHandling::Parsed, _) => gnu_line(&options, &syntax),
    }
}

/// The words of the command, those of an expression joined for GNU parallel.
///
/// # Errors
/// What looks like a placeholder and is none, an expression that cannot be understood.
fn checked_words(options: &TemplateOptions, syntax: &PlaceholderSyntax) -> Result<Vec<Vec<u8>>> {
    let words = match options.dialect {
        CommandDialect::Gnu => syntax.with_whole_expressions(&options.words),
        CommandDialect::Own => options.words.clone(),
    };
    if (options.dialect, options.quoting) == (CommandDialect::Own, WordHandling::Parsed) {
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

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
    let mut forms = PlaceholderSyntax::choose(words, options.dialect, spellings, shape);
    if options.quoting == WordHandling::Literal {
        forms = forms.with_foreign_text();
    }
    options.words = checked_words(&options, &forms)?;
    match (options.dialect, options.quoting, options.words.len()) {
        (_, quoting, 0) if options.plain_values => Err(errors::plain_without_command(quoting)),
        (_, _, 0) => Ok(ParsedCommand {
            kind: CommandKind::Lines(LineCommands::new(options)?),
            text: None,
            warnings: Vec::new(),
        }),
        (_, WordHandling::Literal | WordHandling::Shown, _) => from_words(&options, &forms),
        (CommandDialect::Own, WordHandling::Parsed, 1) => own_line(&options, &forms),
        (CommandDialect::Own, WordHandling::Parsed, _) => {
            operators::refuse(&options.words, &forms)?;
            from_words(&options, &forms)
        }
        (CommandDialect::Gnu, WordHandling::Parsed, _) => gnu_line(&options, &forms),
    }
}

/// The words of the command, those of an expression joined for GNU parallel.
///
/// # Errors
/// What looks like a placeholder and is none, an expression that cannot be understood.
fn checked_words(options: &TemplateOptions, forms: &PlaceholderSyntax) -> Result<Vec<Vec<u8>>> {
    let words = match options.dialect {
        CommandDialect::Gnu => forms.with_whole_expressions(&options.words),
        CommandDialect::Own => options.words.clone(),
    };
    if (options.dialect, options.quoting) == (CommandDialect::Own, WordHandling::Parsed) {
        forms.check_spread(&words)?;
    }
    let slices: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    forms.check_groups(&slices)?;
    slices.iter().try_for_each(|word| forms.check(word))?;
    forms.check_families(&slices)?;
    if options.quoting == WordHandling::Literal {
        for word in &slices {
            (0..word.len()).try_for_each(|at| forms.refuse_code(&word[at..]))?;
        }
    }
    Ok(words)
}

//! From the words of the command line to a template: which words are a line,
//! which are arguments, and whether a shell runs them.

mod gnu;

use std::borrow::Cow;

use crate::error::{Error, Result};

use super::argv::{self, ArgvTemplate, TemplateWord, ValueSpread, WordPart};
use super::call::{self, BuiltinJob, BuiltinLine};
use super::command_text::CommandText;
use super::imitation::EchoEscapes;
use super::injection::{self, InjectionFinding};
use super::kind::{CommandKind, LineCommands, ListJob, ShellJob};
use super::lex::{
    self, AppendPosition, LineSyntax, NumericContext, QuoteContext, QuotePolicy, ShellLine,
    SiteContent, ValueReading,
};
use super::list_template::{ListTemplate, without_joins};
use super::placeholder::Placeholder;
use super::quote::QuoteStyle;
use super::syntax::PlaceholderSyntax;
use super::{
    CommandDialect, CommandTemplate, RowLength, SecondParserPolicy, ShellChoice, ShellProgram,
    TemplateOptions, WordHandling,
};
use gnu::gnu_line;

use super::{errors, imitation, indices, operators, portable, shell, table};

/// Parses the command once for all jobs.
pub(super) fn compose(mut options: TemplateOptions) -> Result<CommandTemplate> {
    if options.dialect == CommandDialect::Own {
        shell::check(&options.shell.path)?;
    }
    let (spellings, shape) = (&options.spellings, &options.shape);
    let words = options.words.iter().map(Vec::as_slice);
    let mut forms = PlaceholderSyntax::choose(words, options.dialect, spellings, shape);
    if options.quoting == WordHandling::Literal {
        forms = forms.with_foreign_text();
    }
    options.words = forms.checked(&options)?;
    match (options.dialect, options.quoting, options.words.len()) {
        (_, quoting, 0) if options.plain_values => Err(errors::plain_without_command(quoting)),
        (_, _, 0) => Ok(CommandTemplate::new(
            CommandKind::Lines(LineCommands::new(options)?),
            None,
            Vec::new(),
        )),
        (_, WordHandling::Literal | WordHandling::Shown, _) => from_words(&options, &forms),
        (CommandDialect::Own, WordHandling::Parsed, 1) => own_line(&options, &forms),
        (CommandDialect::Own, WordHandling::Parsed, _) => {
            operators::refuse(&options.words, &forms)?;
            from_words(&options, &forms)
        }
        (CommandDialect::Gnu, WordHandling::Parsed, _) => gnu_line(&options, &forms),
    }
}

/// What runs a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CommandRunner<'a> {
    Direct,
    /// prun itself, with this shell for what is unusual.
    List(ListTemplate, &'a ShellProgram),
    Shell(&'a ShellProgram),
}

/// What runs a line, as far as the line can tell.
pub(super) fn runner<'a>(
    line: &ShellLine,
    options: &'a TemplateOptions,
) -> Result<CommandRunner<'a>> {
    let names = || line.commands.iter().filter_map(|words| command_name(words));
    let shell = shell_for(names(), options)?;
    let plain = line.syntax == LineSyntax::Plain && line.open.is_none() && line.commands.len() == 1;
    let own = options.shell.choice == ShellChoice::Default;
    let needed = names().any(|name| table::is_builtin(name) || options.functions.contains(name));
    let differs = line.commands.iter().any(|words| imitation::differs(words));
    if plain && own && !needed && !differs {
        return Ok(CommandRunner::Direct);
    }
    Ok(match outline(line, options) {
        Some(outline) => CommandRunner::List(outline, shell),
        None => CommandRunner::Shell(shell),
    })
}

/// The list that prun runs as the shell would.
fn outline(line: &ShellLine, options: &TemplateOptions) -> Option<ListTemplate> {
    let shell = &options.shell;
    let listed = line.syntax == LineSyntax::List && line.joins.is_empty();
    if !listed || shell.choice == ShellChoice::Asked || !shell::is_imitated(&shell.path) {
        return None;
    }
    let escapes = match shell::is_bash(&shell.path) {
        true => EchoEscapes::Printed,
        false => EchoEscapes::Unknown,
    };
    ListTemplate::of(line, &options.functions, escapes)
}

/// Reads a line. `&>` is what bash makes of it, whatever the shell, if prun runs the line.
pub(super) fn read<'t>(
    text: &'t [u8],
    forms: &PlaceholderSyntax,
    options: &TemplateOptions,
) -> (Cow<'t, [u8]>, ShellLine) {
    let numbers = numbers(options);
    let line = lex::lex_with(text, forms, numbers);
    if line.joins.is_empty() {
        return (Cow::Borrowed(text), line);
    }
    let portable = without_joins(text, &line);
    let other = lex::lex_with(&portable, forms, numbers);
    match outline(&other, options).is_some() || call::calls(&other, options) {
        true => (Cow::Owned(portable), other),
        false => (Cow::Borrowed(text), line),
    }
}

/// What decides which operands the shell calculates.
fn numbers(options: &TemplateOptions) -> NumericContext {
    let (path, shape) = (&options.shell.path, &options.shape);
    NumericContext {
        zsh: !shell::is_bash(path) && shell::is_zsh(path),
        many: shape.arity != 1 || shape.length == RowLength::Varying,
    }
}

/// bash if one of the commands is an exported function, else the usual shell.
fn shell_for<'a, 'n>(
    names: impl IntoIterator<Item = &'n [u8]>,
    options: &'a TemplateOptions,
) -> Result<&'a ShellProgram> {
    let usual = &options.shell;
    if usual.choice == ShellChoice::Asked || shell::is_bash(&usual.path) {
        return Ok(usual);
    }
    let function = names
        .into_iter()
        .find(|name| options.functions.contains(*name));
    match (function, &options.bash, options.dialect) {
        (None, _, _) => Ok(usual),
        (Some(_), Some(bash), _) => Ok(bash),
        (Some(_), None, CommandDialect::Gnu) => Ok(usual),
        (Some(name), None, CommandDialect::Own) => Err(errors::no_bash(name)),
    }
}

/// The first word after `NAME=value` words, if it is the same for every row.
pub(super) fn command_name(words: &[TemplateWord]) -> Option<&[u8]> {
    words
        .iter()
        .find(|word| table::assigned_name(word.head()).is_none())
        .and_then(TemplateWord::fixed)
}

fn own_line(options: &TemplateOptions, forms: &PlaceholderSyntax) -> Result<CommandTemplate> {
    let (text, mut line) = read(&options.words[0], forms, options);
    check_line(&text, &line, options, forms)?;
    let appended = append_values(&mut line, &text, options, forms)?;
    let program = |from| {
        let mut program = CommandText::from_line(&text, &line, from, CommandDialect::Own);
        if let Some(reading) = appended {
            program.push(b" ");
            program.push_word(&whole_word(), QuotePolicy::Always, reading);
        }
        program
    };
    let call = call::of_line(&line, options)?;
    let mut warnings = warnings(&injection::find(&text, &line), options, forms)?;
    let recipe = match (call, runner(&line, options)?) {
        (Some(BuiltinLine::Alone(job)), _) => CommandKind::Call(job),
        (Some(BuiltinLine::Listed(outline)), _) => CommandKind::Inside(outline),
        (None, CommandRunner::Shell(shell))
            if !line.joins.is_empty() && !shell::joins_outputs(&shell.path) =>
        {
            return Err(errors::background());
        }
        (None, CommandRunner::Shell(shell)) => {
            warnings.extend(portable::check(&line, &shell.path)?);
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
        (None, CommandRunner::Direct) => direct_recipe(&line, &text)?,
    };
    let mut program = program(0);
    if let CommandKind::Direct(_) = recipe {
        program
            .holes()
            .for_each(|hole| hole.reading = ValueReading::Bytes);
    }
    Ok(CommandTemplate::new(recipe, Some(program), warnings))
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
        command.push(whole_word());
        let operands = numbers(options).operands(command);
        let last = operands.iter().find(|number| number.0 + 1 == command.len());
        reading = last.map_or(ValueReading::Bytes, |number| number.1);
    }
    Ok(Some(reading))
}

fn direct_recipe(line: &ShellLine, text: &[u8]) -> Result<CommandKind> {
    let words = line.commands.last().cloned().unwrap_or_default();
    match ArgvTemplate::from_words(words) {
        Some(direct) => Ok(CommandKind::Direct(direct)),
        None => Err(errors::no_command(text)),
    }
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

fn whole_word() -> TemplateWord {
    TemplateWord {
        parts: vec![WordPart::Place(Placeholder::WHOLE, ValueSpread::Words)],
    }
}

/// What is said of values that are read again.
fn warnings(
    findings: &[InjectionFinding],
    options: &TemplateOptions,
    forms: &PlaceholderSyntax,
) -> Result<Vec<String>> {
    if options.dialect == CommandDialect::Gnu || options.plain_values {
        return Ok(Vec::new());
    }
    let has_places = options.words.iter().any(|word| forms.occur_in(word));
    let hint = |finding: &InjectionFinding| finding.hint(forms, has_places);
    match (findings.first(), options.strictness) {
        (Some(first), SecondParserPolicy::Refuse) => {
            Err(Error::new(first.message()).hint(hint(first)))
        }
        _ => Ok(findings
            .iter()
            .map(|finding| format!("{}\nhint: {}", finding.message(), hint(finding)))
            .collect()),
    }
}

/// Several words, or `-q`: every word is an argument.
fn from_words(options: &TemplateOptions, forms: &PlaceholderSyntax) -> Result<CommandTemplate> {
    let mut words: Vec<TemplateWord> = options
        .words
        .iter()
        .map(|word| TemplateWord::split(word, forms))
        .collect();
    if options.dialect == CommandDialect::Own {
        for placeholder in words.iter().flat_map(TemplateWord::placeholders) {
            indices::check_index(placeholder, &forms.spelling(placeholder), &options.shape)?;
        }
    }
    let places = words.iter().flat_map(TemplateWord::placeholders).count();
    let mut typed = words.clone();
    let environment = match (options.dialect, options.quoting) {
        (CommandDialect::Own, WordHandling::Parsed) => argv::take_environment(&mut words),
        _ => Vec::new(),
    };
    let Some(name) = words.first() else {
        return Err(errors::no_command(&options.words.join(&b' ')));
    };
    if options.quoting == WordHandling::Parsed && name.is_line() {
        let at = options.words.len() - words.len();
        return Err(errors::line_as_name(&options.words[at]));
    }
    if places == 0 && options.shape.arity > 0 {
        words.push(whole_word());
        typed.push(whole_word());
    }
    let mut warnings = warnings(&injection::find_in_words(&typed), options, forms)?;
    let mut program = CommandText::from_environment(&environment, QuoteStyle::of(options.dialect));
    let shell = words_shell(&words, options)?;
    let numbers = match shell {
        Some(_) => numbers(options).operands(&words),
        None => Vec::new(),
    };
    program.push_words(&words, QuotePolicy::UnlessKeyword, &numbers);
    let recipe = match shell {
        None if call::is_called(&words, options) => {
            CommandKind::Call(BuiltinJob::alone(words, &environment)?)
        }
        None => CommandKind::Direct(ArgvTemplate { environment, words }),
        Some(shell) => {
            if options.dialect == CommandDialect::Own {
                warnings.extend(portable::check(&ShellLine::of_words(&words), &shell.path)?);
            }
            let mut script = CommandText::new(QuoteStyle::Portable);
            script.push_words(&words, QuotePolicy::Always, &numbers);
            script.suit(&shell.path);
            let job = ShellJob::new(shell, &script, options.shape.arity, forms)?;
            CommandKind::Shell(job.with_environment(environment))
        }
    };
    Ok(CommandTemplate::new(recipe, Some(program), warnings))
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
        Some(name) if table::is_builtin(name) || options.functions.contains(name) => {
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
    match (options.dialect, options.quoting) {
        (CommandDialect::Own, WordHandling::Literal) => None,
        _ => words.first().and_then(TemplateWord::fixed),
    }
}

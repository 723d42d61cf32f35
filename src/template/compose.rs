//! From the words of the command line to a template: which words are a line,
//! which are arguments, and whether a shell runs them.

use std::borrow::Cow;

use crate::error::{Error, Result};

use super::call::{self, CallJob, Called};
use super::direct::{self, Direct, Part, Spread, Word};
use super::forms::Forms;
use super::lex::{self, Bare, End, Line, Numbers, Reading, Setting, Syntax, What};
use super::outline::{EchoEscapes, Outline, without_joins};
use super::placeholder::Placeholder;
use super::program::{Filling, Program};
use super::quote::Style;
use super::recipe::{Lines, ListJob, Recipe, ShellJob};
use super::second::{self, Finding};
use super::{Dialect, Length, Options, Shell, ShellChoice, Strictness, Template, Words};
use super::{complaint, imitation, indices, operators, portable, shell, table};

/// Parses the command once for all jobs.
pub(super) fn compose(mut options: Options) -> Result<Template> {
    if options.dialect == Dialect::Own {
        shell::check(&options.shell.path)?;
    }
    let (spellings, shape) = (&options.spellings, &options.shape);
    let words = options.words.iter().map(Vec::as_slice);
    let mut forms = Forms::choose(words, options.dialect, spellings, shape);
    if options.quoting == Words::Literal {
        forms = forms.with_foreign_text();
    }
    options.words = forms.checked(&options)?;
    match (options.dialect, options.quoting, options.words.len()) {
        (_, quoting, 0) if options.plain_values => Err(complaint::plain_without_command(quoting)),
        (_, _, 0) => Ok(Template::new(
            Recipe::Lines(Lines::new(options)?),
            None,
            Vec::new(),
        )),
        (_, Words::Literal | Words::Shown, _) => from_words(&options, &forms),
        (Dialect::Own, Words::Parsed, 1) => own_line(&options, &forms),
        (Dialect::Own, Words::Parsed, _) => {
            operators::refuse(&options.words, &forms)?;
            from_words(&options, &forms)
        }
        (Dialect::Gnu, Words::Parsed, _) => gnu_line(&options, &forms),
    }
}

/// What runs a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Runner<'a> {
    Direct,
    /// prun itself, with this shell for what is unusual.
    List(Outline, &'a Shell),
    Shell(&'a Shell),
}

/// What runs a line, as far as the line can tell.
pub(super) fn runner<'a>(line: &Line, options: &'a Options) -> Result<Runner<'a>> {
    let names = || line.commands.iter().filter_map(|words| command_name(words));
    let shell = shell_for(names(), options)?;
    let plain = line.syntax == Syntax::Plain && line.open.is_none() && line.commands.len() == 1;
    let own = options.shell.choice == ShellChoice::Default;
    let needed = names().any(|name| table::is_builtin(name) || options.functions.contains(name));
    let differs = line.commands.iter().any(|words| imitation::differs(words));
    if plain && own && !needed && !differs {
        return Ok(Runner::Direct);
    }
    Ok(match outline(line, options) {
        Some(outline) => Runner::List(outline, shell),
        None => Runner::Shell(shell),
    })
}

/// The list that prun runs as the shell would.
fn outline(line: &Line, options: &Options) -> Option<Outline> {
    let shell = &options.shell;
    let listed = line.syntax == Syntax::List && line.joins.is_empty();
    if !listed || shell.choice == ShellChoice::Asked || !shell::is_imitated(&shell.path) {
        return None;
    }
    let escapes = match shell::is_bash(&shell.path) {
        true => EchoEscapes::Printed,
        false => EchoEscapes::Unknown,
    };
    Outline::of(line, &options.functions, escapes)
}

/// Reads a line. `&>` is what bash makes of it, whatever the shell, if prun runs the line.
pub(super) fn read<'t>(text: &'t [u8], forms: &Forms, options: &Options) -> (Cow<'t, [u8]>, Line) {
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
fn numbers(options: &Options) -> Numbers {
    let (path, shape) = (&options.shell.path, &options.shape);
    Numbers {
        zsh: !shell::is_bash(path) && shell::is_zsh(path),
        many: shape.arity != 1 || shape.length == Length::Varying,
    }
}

/// bash if one of the commands is an exported function, else the usual shell.
fn shell_for<'a, 'n>(
    names: impl IntoIterator<Item = &'n [u8]>,
    options: &'a Options,
) -> Result<&'a Shell> {
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
        (Some(_), None, Dialect::Gnu) => Ok(usual),
        (Some(name), None, Dialect::Own) => Err(complaint::no_bash(name)),
    }
}

/// The first word after `NAME=value` words, if it is the same for every row.
pub(super) fn command_name(words: &[Word]) -> Option<&[u8]> {
    words
        .iter()
        .find(|word| table::assigned_name(word.head()).is_none())
        .and_then(Word::fixed)
}

fn own_line(options: &Options, forms: &Forms) -> Result<Template> {
    let (text, mut line) = read(&options.words[0], forms, options);
    check_line(&text, &line, options, forms)?;
    let appends = !has_places(&line) && options.shape.arity > 0;
    let mut appended = Reading::Bytes;
    if appends {
        if line.commands.len() > 1 && call::calls(&line, options) {
            return Err(complaint::no_place_beside_builtin(
                &text,
                line.settings[1].start,
                forms,
            ));
        }
        check_end(&text, line.end, forms)?;
        if let Some(command) = line.commands.last_mut() {
            command.push(whole_word());
            let operands = numbers(options).operands(command);
            let last = operands.iter().find(|number| number.0 + 1 == command.len());
            appended = last.map_or(Reading::Bytes, |number| number.1);
        }
    } else if line.end == End::Command {
        return Err(complaint::no_command(&text));
    }
    let program = |from| {
        let mut program = Program::from_line(&text, &line, from, Dialect::Own);
        if appends {
            program.push(b" ");
            program.push_word(&whole_word(), Bare::Always, appended);
        }
        program
    };
    let call = call::of_line(&line, options)?;
    let mut warnings = warnings(&second::find(&text, &line), options, forms)?;
    let recipe = match (call, runner(&line, options)?) {
        (Some(Called::Alone(job)), _) => Recipe::Call(job),
        (Some(Called::Listed(outline)), _) => Recipe::Inside(outline),
        (None, Runner::Shell(shell))
            if !line.joins.is_empty() && !shell::joins_outputs(&shell.path) =>
        {
            return Err(complaint::background());
        }
        (None, Runner::Shell(shell)) => {
            warnings.extend(portable::check(&line, &shell.path)?);
            Recipe::Shell(ShellJob::new(
                shell,
                &program(0),
                options.shape.arity,
                forms,
            )?)
        }
        (None, Runner::List(outline, shell)) => {
            let part = |from| ShellJob::new(shell, &program(from), options.shape.arity, forms);
            Recipe::List(ListJob::new(outline, part)?)
        }
        (None, Runner::Direct) => direct_recipe(&line, &text)?,
    };
    let mut program = program(0);
    if let Recipe::Direct(_) = recipe {
        program
            .holes()
            .for_each(|hole| hole.reading = Reading::Bytes);
    }
    Ok(Template::new(recipe, Some(program), warnings))
}

fn direct_recipe(line: &Line, text: &[u8]) -> Result<Recipe> {
    let words = line.commands.last().cloned().unwrap_or_default();
    match Direct::from_words(words) {
        Some(direct) => Ok(Recipe::Direct(direct)),
        None => Err(complaint::no_command(text)),
    }
}

fn check_line(text: &[u8], line: &Line, options: &Options, forms: &Forms) -> Result<()> {
    let shape = &options.shape;
    let compound = line
        .compound
        .filter(|_| !shell::is_zsh(&options.shell.path));
    if let Some(open) = line.open.or(compound) {
        return Err(complaint::not_closed(text, open));
    }
    if let Some(last) = line.missing {
        return Err(complaint::incomplete(text, last, &shape.names, forms));
    }
    for spot in &line.spots {
        let spelling = &text[spot.range.clone()];
        if let Setting::Refused(refusal) = spot.setting {
            return Err(complaint::refused(spelling, refusal));
        }
        if let What::Place(placeholder) = &spot.what {
            indices::check_index(placeholder, spelling, shape)?;
        }
    }
    Ok(())
}

fn check_end(text: &[u8], end: End, forms: &Forms) -> Result<()> {
    match end {
        End::Argument => Ok(()),
        End::Command => Err(complaint::no_command(text)),
        End::Elsewhere(place) => Err(complaint::no_append(text, place, forms)),
    }
}

fn has_places(line: &Line) -> bool {
    let mut spots = line.spots.iter();
    spots.any(|spot| matches!(spot.what, What::Place(_)))
}

fn whole_word() -> Word {
    Word {
        parts: vec![Part::Place(Placeholder::WHOLE, Spread::Words)],
    }
}

/// What is said of values that are read again.
fn warnings(findings: &[Finding], options: &Options, forms: &Forms) -> Result<Vec<String>> {
    if options.dialect == Dialect::Gnu || options.plain_values {
        return Ok(Vec::new());
    }
    let has_places = options.words.iter().any(|word| forms.occur_in(word));
    let hint = |finding: &Finding| finding.hint(forms, has_places);
    match (findings.first(), options.strictness) {
        (Some(first), Strictness::Refuse) => Err(Error::new(first.message()).hint(hint(first))),
        _ => Ok(findings
            .iter()
            .map(|finding| format!("{}\nhint: {}", finding.message(), hint(finding)))
            .collect()),
    }
}

/// Several words, or `-q`: every word is an argument.
fn from_words(options: &Options, forms: &Forms) -> Result<Template> {
    let mut words: Vec<Word> = options
        .words
        .iter()
        .map(|word| Word::split(word, forms))
        .collect();
    if options.dialect == Dialect::Own {
        for placeholder in words.iter().flat_map(Word::placeholders) {
            indices::check_index(placeholder, &forms.spelling(placeholder), &options.shape)?;
        }
    }
    let places = words.iter().flat_map(Word::placeholders).count();
    let mut typed = words.clone();
    let environment = match (options.dialect, options.quoting) {
        (Dialect::Own, Words::Parsed) => direct::take_environment(&mut words),
        _ => Vec::new(),
    };
    let Some(name) = words.first() else {
        return Err(complaint::no_command(&options.words.join(&b' ')));
    };
    if options.quoting == Words::Parsed && name.is_line() {
        let at = options.words.len() - words.len();
        return Err(complaint::line_as_name(&options.words[at]));
    }
    if places == 0 && options.shape.arity > 0 {
        words.push(whole_word());
        typed.push(whole_word());
    }
    let mut warnings = warnings(&second::find_in_words(&typed), options, forms)?;
    let mut program = Program::from_environment(&environment, Style::of(options.dialect));
    let shell = words_shell(&words, options)?;
    let numbers = match shell {
        Some(_) => numbers(options).operands(&words),
        None => Vec::new(),
    };
    program.push_words(&words, Bare::UnlessKeyword, &numbers);
    let recipe = match shell {
        None if call::is_called(&words, options) => {
            Recipe::Call(CallJob::alone(words, &environment)?)
        }
        None => Recipe::Direct(Direct { environment, words }),
        Some(shell) => {
            if options.dialect == Dialect::Own {
                warnings.extend(portable::check(&Line::of_words(&words), &shell.path)?);
            }
            let mut script = Program::new(Style::Portable);
            script.push_words(&words, Bare::Always, &numbers);
            script.suit(&shell.path);
            let job = ShellJob::new(shell, &script, options.shape.arity, forms)?;
            Recipe::Shell(job.with_environment(environment))
        }
    };
    Ok(Template::new(recipe, Some(program), warnings))
}

/// The shell that words need.
fn words_shell<'a>(words: &[Word], options: &'a Options) -> Result<Option<&'a Shell>> {
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
fn command_or_nothing<'w>(words: &'w [Word], options: &Options) -> Option<&'w [u8]> {
    match (options.dialect, options.quoting) {
        (Dialect::Own, Words::Literal) => None,
        _ => words.first().and_then(Word::fixed),
    }
}

/// GNU parallel's composition: the words are joined and parsed again.
fn gnu_line(options: &Options, forms: &Forms) -> Result<Template> {
    let mut text = options.words.join(&b' ');
    if !forms.occur_in(&text) && options.shape.arity > 0 {
        text.push(b' ');
        text.extend_from_slice(forms.whole());
    }
    let line = lex::lex_with(&text, forms, numbers(options));
    let mut program = Program::from_line(&text, &line, 0, Dialect::Gnu);
    // A command that begins with a value is code, and so are all its values.
    let raw = line.spots.first().is_some_and(|spot| {
        spot.range.start == 0 && matches!(&spot.what, What::Place(place) if place.is_value())
    });
    // What reads a value again gets it as GNU parallel would give it.
    let mut findings = second::find(&text, &line).into_iter();
    if findings.any(|finding| finding.is_shell()) {
        program
            .holes()
            .for_each(|hole| hole.filling = Filling::Quoted);
    }
    for hole in program
        .holes()
        .filter(|hole| hole.placeholder.can_unquote())
    {
        hole.filling = Filling::Quoted;
    }
    let quoted = program.holes().any(|hole| hole.filling == Filling::Quoted);
    if raw {
        program.holes().for_each(|hole| hole.filling = Filling::Raw);
    }
    let runner = match runner(&line, options)? {
        Runner::Direct | Runner::List(..) if raw || quoted => Runner::Shell(&options.shell),
        runner => runner,
    };
    let recipe = match runner {
        Runner::Direct => direct_recipe(&line, &text)?,
        Runner::List(outline, shell) => {
            let part = |from| {
                let program = Program::from_line(&text, &line, from, Dialect::Gnu);
                ShellJob::new(shell, &program, options.shape.arity, forms)
            };
            Recipe::List(ListJob::new(outline, part)?)
        }
        Runner::Shell(shell) => {
            program.suit(&shell.path);
            Recipe::Shell(ShellJob::new(shell, &program, options.shape.arity, forms)?)
        }
    };
    Ok(Template::new(recipe, Some(program), Vec::new()))
}

//! From options to the command: its words, its shell, what its placeholders look like.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::parsed_cli::ParsedCli;
use super::worker;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::exec::start::path_lookup;
use crate::exec::start::template_files::TemplateFile;
use crate::expression::Shorthand;
use crate::input::ByteStrings;
use crate::os::host::{self, Host};
use crate::placeholder::{CommandDialect, PlaceholderSpellings, RenamedPlaceholder};
use crate::shell::ShellProgram;
use crate::template::{TemplateOptions, WordHandling};

/// What the command is, and what its placeholders look like.
pub(super) fn options(typed: &ParsedCli<'_>, is_logged: bool) -> Result<TemplateOptions> {
    let (cli, dialect, host) = (typed.cli, typed.dialect, typed.host);
    Ok(TemplateOptions {
        words: words(cli)?,
        dialect,
        quoting: if is_logged {
            WordHandling::Shown
        } else if cli.template.quote {
            WordHandling::Literal
        } else {
            WordHandling::Parsed
        },
        spellings: typed.spellings.clone(),
        shell: shell(cli, dialect, host)?,
        bash: if host.environment.functions.is_empty() {
            None
        } else {
            find_program(OsStr::new("bash")).map(|path| ShellProgram::new(path, &[], Vec::new()))
        },
        functions: host.environment.functions.clone(),
        strict: cli.template.strict,
        plain_values: cli.template.plain_values,
        shape: worker::shape(typed),
    })
}

/// Words of the command, with what sums up the numbers that it prints (`--total`).
///
/// # Errors
/// The sum needs a command line to be appended to.
fn words(cli: &Cli) -> Result<Vec<Vec<u8>>> {
    let mut words: Vec<Vec<u8>> = cli
        .command
        .iter()
        .map(|word| word.as_bytes().to_vec())
        .collect();
    if cli.output.total {
        let [line] = &mut words[..] else {
            return Err(Error::new("--total needs a command line in one word")
                .hint("prun --total 'wc -l < <>' ::: a b"));
        };
        line.extend_from_slice(b" | @sum");
    }
    Ok(words)
}

/// What placeholders look like.
///
/// # Errors
/// Parentheses that are not two, a shorthand without a tag.
pub(super) fn spellings(cli: &Cli) -> Result<PlaceholderSpellings> {
    let renamed = [
        (RenamedPlaceholder::Value, &cli.template.replacement),
        (RenamedPlaceholder::Value, &cli.template.replace),
        (RenamedPlaceholder::Stem, &cli.template.extensionreplace),
        (RenamedPlaceholder::Base, &cli.template.basenamereplace),
        (
            RenamedPlaceholder::BaseStem,
            &cli.template.basenameextensionreplace,
        ),
        (RenamedPlaceholder::Directory, &cli.template.dirnamereplace),
        (RenamedPlaceholder::Seq, &cli.template.seqreplace),
        (RenamedPlaceholder::Slot, &cli.template.slotreplace),
    ];
    let renamed = renamed.into_iter().filter_map(|(what, text)| {
        let text = text.as_ref()?;
        Some((what, text.as_bytes().to_vec()))
    });
    Ok(PlaceholderSpellings {
        renamed: renamed.collect(),
        parens: parens(cli)?,
        shorthands: cli
            .template
            .rpl
            .iter()
            .map(shorthand)
            .collect::<Result<_>>()?,
        plus: cli.template.plus,
    })
}

/// Two texts, put together: the first half opens, the second one closes.
fn parens(cli: &Cli) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    let Some(text) = &cli.template.parens else {
        return Ok(None);
    };
    let text = text.as_bytes();
    if text.len() < 2 || text.len() % 2 == 1 {
        return Err(Error::new(format!(
            "'{}' cannot enclose expressions",
            text.escape_ascii()
        ))
        .hint("the first half opens, the second one closes: --parens ,,,,"));
    }
    let (open, close) = text.split_at(text.len() / 2);
    Ok(Some((open.to_vec(), close.to_vec())))
}

fn shorthand(text: &OsString) -> Result<Shorthand> {
    Shorthand::parse(text.as_bytes()).map_err(|flaw| {
        Error::new(format!(
            "cannot understand --rpl '{}': {flaw}",
            text.display()
        ))
        .hint("--rpl '{up} $_ = uc($_)' makes {up} a placeholder")
    })
}

/// `--shell`, then the variables of the mode, with definitions the shell that made them, then bash, and `/bin/sh` where there is none.
///
/// bash, since a plain `/bin/sh` takes backslashes in values for its own, drops exported
/// functions, and leaves `{1..3}` as it is, all in silence.
fn shell(cli: &Cli, dialect: CommandDialect, host: &Host) -> Result<ShellProgram> {
    let environment = &host.environment;
    let definitions = definitions(dialect, host)?;
    let name = match (&cli.template.shell, dialect) {
        (Some(name), _) => Some(name),
        (None, CommandDialect::Own) => environment.prun_shell.as_ref(),
        (None, CommandDialect::Gnu) => {
            let definitions = environment.definitions.as_ref();
            let caller = definitions.and_then(|definitions| definitions.shell.as_ref());
            let name = environment.parallel_shell.as_ref();
            name.or(caller).or(environment.shell.as_ref())
        }
    };
    let is_asked = cli.template.shell.is_some() || !definitions.is_empty();
    let (path, options) = match (name, dialect) {
        (None, CommandDialect::Own) => (usual_shell(), Vec::new()),
        (None, CommandDialect::Gnu) => (PathBuf::from("/bin/sh"), Vec::new()),
        (Some(name), _) => named_shell(name)?,
    };
    Ok(ShellProgram {
        is_asked,
        ..ShellProgram::new(path, &options, definitions)
    })
}

/// What each job's shell reads first: `$PARALLEL_ENV`, or the file that it names. A byte 1 is
/// a newline there.
///
/// # Errors
/// A file that cannot be read, a NUL byte, which no script can have.
fn definitions(dialect: CommandDialect, host: &Host) -> Result<Vec<u8>> {
    let (Some(definitions), CommandDialect::Gnu) = (&host.environment.definitions, dialect) else {
        return Ok(Vec::new());
    };
    host::drop_definitions();
    let path = Path::new(&definitions.text);
    let mut text = if path.exists() {
        fs::read(path).map_err(|error| {
            let name = path.display();
            Error::new(format!("cannot read '{name}', which $PARALLEL_ENV names")).because(&error)
        })?
    } else {
        definitions.text.as_bytes().to_vec()
    };
    if text.contains(&0) {
        let name = path.display();
        return Err(Error::new(format!(
            "'{name}', which $PARALLEL_ENV names, has a NUL byte: no shell can read it"
        )));
    }
    for byte in text.iter_mut().filter(|byte| **byte == 1) {
        *byte = b'\n';
    }
    Ok(text)
}

/// bash, looked for in `PATH` and then where systems have it.
fn usual_shell() -> PathBuf {
    ["bash", "/bin/bash", "/usr/bin/bash"]
        .into_iter()
        .find_map(|name| find_program(OsStr::new(name)))
        .unwrap_or_else(|| PathBuf::from("/bin/sh"))
}

/// The shell of this name; options may follow the name.
///
/// # Errors
/// No such program, quotes that are not closed.
fn named_shell(name: &OsStr) -> Result<(PathBuf, Vec<OsString>)> {
    if let Some(path) = find_program(name) {
        return Ok((path, Vec::new()));
    }
    let words = name.to_str().and_then(|text| shell_words::split(text).ok());
    let mut words = words.unwrap_or_default().into_iter().map(OsString::from);
    let program = words.next().and_then(|program| find_program(&program));
    match program {
        Some(path) => Ok((path, words.collect())),
        None => Err(Error::new(format!(
            "cannot use the shell '{}': no such program",
            name.display()
        ))
        .hint("--shell bash")),
    }
}

/// The shell that was asked for, and its options, as another run can use them.
///
/// # Errors
/// No such program.
pub(super) fn asked_shell(typed: &ParsedCli<'_>) -> Result<Option<ByteStrings>> {
    let name = typed.cli.template.shell.as_ref();
    let Some(name) = name.or(typed.host.environment.prun_shell.as_ref()) else {
        return Ok(None);
    };
    let (path, options) = named_shell(name)?;
    let words = [path.as_os_str().as_bytes()].into_iter();
    let options = options.iter().map(|option| option.as_bytes());
    Ok(Some(words.chain(options).collect()))
}

/// The file that a program's name stands for.
fn find_program(name: &OsStr) -> Option<PathBuf> {
    path_lookup::search(name).ok()
}

/// The files that are filled for each job.
///
/// # Errors
/// A file that cannot be read, a name that is the same for every job.
pub(super) fn template_files(typed: &ParsedCli<'_>) -> Result<Vec<TemplateFile>> {
    let file = |definition: &OsString| {
        let bytes = definition.as_bytes();
        let Some(at) = bytes.iter().position(|&byte| byte == b'=') else {
            return Err(Error::new(format!(
                "--tmpl '{}' names no file to write",
                definition.display()
            ))
            .hint("--tmpl 'conf=conf.<#>' fills the placeholders of conf"));
        };
        let path = Path::new(OsStr::from_bytes(&bytes[..at]));
        let contents = fs::read(path).map_err(|error| {
            Error::new(format!("cannot read '{}'", path.display())).because(&error)
        })?;
        let name = typed.text(&bytes[at + 1..])?;
        if typed.dialect == CommandDialect::Own && !name.has_placeholders() {
            let name = String::from_utf8_lossy(&bytes[at + 1..]).into_owned();
            let base = name.rfind('/').map_or(0, |slash| slash + 1);
            let (directory, base) = name.split_at(base);
            return Err(
                Error::new(format!("'{name}' would be the same file for every job"))
                    .hint(format!("--tmpl '{}={directory}<#>.{base}'", path.display())),
            );
        }
        Ok(TemplateFile {
            contents: typed.document(&contents)?,
            name,
            source: path.to_owned(),
            is_temporary: typed.cli.template.cleanup,
        })
    };
    typed.cli.template.tmpl.iter().map(file).collect()
}

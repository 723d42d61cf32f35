//! Options of which one would silently do nothing, and words that are not what they look
//! like. GNU parallel takes them as they come.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

use crate::builtin;
use crate::cli::Cli;
use crate::cli::separators::SourceSeparators;
use crate::error::{Error, Result};

/// # Errors
/// What cannot have been meant.
pub(super) fn check(cli: &Cli) -> Result<()> {
    check_presets(cli)?;
    check_separators(cli)?;
    if cli.failure.leak.is_some() && cli.output.ungroup {
        return Err(Error::new(
            "--leak and --ungroup cannot go together: prun does not see ungrouped output",
        )
        .hint("leave out --leak or --ungroup"));
    }
    if cli
        .template
        .replacement
        .as_ref()
        .is_some_and(|text| text.is_empty())
    {
        return Err(
            Error::new("-I needs a text: '' stands nowhere").hint("prun -I @@ 'echo @@' ::: a b")
        );
    }
    match &cli.running.process_slot_var {
        Some(name) if name == "PATH" || name.as_bytes().starts_with(b"PRUN_") => {
            let name = name.display();
            Err(Error::new(format!(
                "--process-slot-var {name} would hide the variable '{name}' that jobs need"
            ))
            .hint("prun --process-slot-var SLOT 'echo $SLOT' ::: a b"))
        }
        _ => Ok(()),
    }
}

fn check_presets(cli: &Cli) -> Result<()> {
    let other = match (cli.preset.config.is_empty(), cli.preset.profile.is_empty()) {
        (false, _) => "--config",
        (true, false) => "--profile",
        (true, true) => return Ok(()),
    };
    match cli.preset.plain {
        true => Err(Error::new(format!(
            "--plain and {other} cannot go together: one ignores files of options, the other names one"
        ))
        .hint(format!("leave out --plain or {other}"))),
        false => Ok(()),
    }
}

/// `::` and `:::a` are hardly meant as arguments.
fn check_separators(cli: &Cli) -> Result<()> {
    let own = SourceSeparators::default();
    let is_usual = cli.separators.arg_sep.is_none() && cli.separators.arg_file_sep.is_none();
    if cli.template.quote || !is_usual {
        return Ok(());
    }
    let [values, files] = [&own.values, &own.files].map(|word| word.as_bytes());
    let meant = |word: &OsString| {
        let bytes = word.as_bytes();
        let behind = |separator: &[u8]| bytes.strip_prefix(separator).map(<[u8]>::to_vec);
        let (separator, rest) = match (behind(files), behind(values)) {
            _ if bytes.iter().any(u8::is_ascii_whitespace) => return None,
            (Some(rest), _) => ("::::", rest),
            (None, Some(rest)) => (":::", rest),
            (None, None) if bytes == b"::" => (":::", b"VALUE...".to_vec()),
            (None, None) => return None,
        };
        let rest = String::from_utf8_lossy(&rest).into_owned();
        Some((word.display().to_string(), format!("{separator} {rest}")))
    };
    match cli.command.iter().find_map(meant) {
        Some((word, meant)) => Err(Error::new(format!(
            "'{word}' looks like a separator, and is none"
        ))
        .hint(format!(
            "a blank is on both sides of one: prun COMMAND {meant}; as an argument: prun {}",
            literal(cli, &word)
        ))),
        None => Ok(()),
    }
}

/// How the word is an argument. With -q a built-in would be a program.
fn literal(cli: &Cli, word: &str) -> String {
    let name = cli.command.first().map(|name| name.as_bytes());
    match name {
        Some(name @ [builtin::MARK, ..]) => {
            format!("\"{} '{word}'\"", String::from_utf8_lossy(name))
        }
        _ => "-q".to_owned(),
    }
}

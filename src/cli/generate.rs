//! The manual page and shell completions, made from the one table of options so
//! that they cannot say anything else.

use std::io;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::completion;
use super::options::Cli;
use super::options::print::GenerateArg;
use super::text::{
    ENVIRONMENT, EXAMPLES, EXIT_STATUS, EXPRESSIONS, MORE_EXAMPLES, READ_AGAIN, SIGNALS,
};
use crate::builtin;
use crate::error::{Error, Result};

/// The text that `--generate` asks for. It has no date and changes only when the
/// options do.
///
/// # Errors
/// None that can happen in practice: the text goes to memory.
pub(crate) fn generate(what: GenerateArg) -> Result<Vec<u8>> {
    match what {
        GenerateArg::Man => man(Cli::command()),
        GenerateArg::Bash => Ok(completions(Shell::Bash)),
        GenerateArg::Zsh => Ok(completions(Shell::Zsh)),
        GenerateArg::Fish => Ok(completions(Shell::Fish)),
        GenerateArg::Elvish => Ok(completions(Shell::Elvish)),
        GenerateArg::Powershell => Ok(completions(Shell::PowerShell)),
    }
}

fn man(command: Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    write_man(&Man::new(command), &mut page)
        .map_err(|reason| Error::new("cannot write the manual page").because(&reason))?;
    Ok(page)
}

/// [`Man::render`] would put what follows the options into a section named EXTRA.
fn write_man(man: &Man, page: &mut Vec<u8>) -> io::Result<()> {
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    verbatim("BUILT-INS", &builtin::list()).to_writer(page)?;
    verbatim("EXPRESSIONS", EXPRESSIONS).to_writer(page)?;
    verbatim("VALUES THAT ARE READ AGAIN", READ_AGAIN).to_writer(page)?;
    verbatim("EXIT STATUS", EXIT_STATUS).to_writer(page)?;
    verbatim("SIGNALS", SIGNALS).to_writer(page)?;
    verbatim("ENVIRONMENT", ENVIRONMENT).to_writer(page)?;
    verbatim("EXAMPLES", &format!("{EXAMPLES}\n{MORE_EXAMPLES}")).to_writer(page)
}

/// A section whose lines are kept as they are, but for help's indentation: a page
/// has its own.
fn verbatim(title: &str, text: &str) -> Roff {
    let mut section = Roff::new();
    section.control("SH", [title]).control("nf", []);
    for line in text.lines() {
        section.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
    }
    section.control("fi", []);
    section
}

fn completions(shell: Shell) -> Vec<u8> {
    completion::script(shell).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn everything_can_be_generated_and_names_the_options() {
        for &what in GenerateArg::value_variants() {
            let text = String::from_utf8(generate(what).unwrap()).unwrap();
            // roff writes a hyphen as `\-`.
            assert!(text.replace('\\', "").contains("keep-order"), "{what:?}");
            assert!(
                !text.contains("will-cite"),
                "{what:?} shows a hidden option"
            );
        }
    }
}

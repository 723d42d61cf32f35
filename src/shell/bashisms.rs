//! Commands and syntax that not every shell knows. A shell that does not goes on as if a program were
//! missing: a condition is false, and the job succeeds.

use crate::error::{Error, Result};
use crate::placeholder::TemplateWord;

use super::lex::{ShellLine, command_name};
use super::program::{ShellFamily, ShellProgram};

/// Built-in commands that plain shells do not have.
const COMMANDS: [&str; 13] = [
    "builtin",
    "compgen",
    "declare",
    "dirs",
    "disown",
    "let",
    "mapfile",
    "popd",
    "pushd",
    "readarray",
    "shopt",
    "source",
    "typeset",
];

/// Built-in commands and syntax of those above that busybox has.
const BUSYBOX: [&str; 6] = ["$'", "<(", "[[", "function", "let", "source"];

/// A warning if the shell may not know what is in the line.
///
/// # Errors
/// The shell does not know it.
pub(crate) fn check(line: &ShellLine, shell: &ShellProgram) -> Result<Option<String>> {
    let family = shell.family();
    let is_known = |what: &str| match family {
        ShellFamily::Large => true,
        ShellFamily::Busybox => BUSYBOX.contains(&what),
        ShellFamily::Plain | ShellFamily::Unknown => false,
    };
    let syntax = line.extensions.iter().copied();
    let own = |name: &&str| line.functions.iter().any(|own| own.name == name.as_bytes());
    let commands = line.commands.iter().filter_map(|words| command(words));
    let mut found = syntax.chain(commands.filter(|name| !own(name)));
    if let Some(what) = found.find(|what| !is_known(what)) {
        let path = shell.path.display();
        let unknown = format!("'{what}' is not known to every shell, and {path} may be one");
        return match family {
            ShellFamily::Unknown => Ok(Some(format!("{unknown}\nhint: --shell bash"))),
            _ => Err(Error::new(format!("'{what}' is not known to {path}")).hint("--shell bash")),
        };
    }
    // Newer plain shells have learnt it.
    let unsure = matches!(family, ShellFamily::Plain | ShellFamily::Unknown);
    Ok((unsure && line.commands.iter().any(|words| sets_pipefail(words))).then(|| {
        format!(
            "'set -o pipefail' is not known to every shell, and {} may be one\nhint: --shell bash",
            shell.path.display()
        )
    }))
}

fn command(words: &[TemplateWord]) -> Option<&'static str> {
    let name = command_name(words)?;
    COMMANDS.into_iter().find(|known| known.as_bytes() == name)
}

fn sets_pipefail(words: &[TemplateWord]) -> bool {
    let option = |word: &TemplateWord| word.fixed() == Some(b"pipefail");
    command_name(words) == Some(b"set") && words.iter().any(option)
}

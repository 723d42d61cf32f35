//! What not every shell knows. A shell that does not goes on as if a program were
//! missing: a condition is false, and the job succeeds.

use std::path::Path;

use crate::error::{Error, Result};

use super::compose::command_name;
use super::direct::Word;
use super::lex::Line;
use super::shell::{self, Family};

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

/// What busybox has of it, and of the syntax.
const BUSYBOX: [&str; 6] = ["$'", "<(", "[[", "function", "let", "source"];

/// A warning if the shell may not know what is in the line.
///
/// # Errors
/// The shell does not know it.
pub(super) fn check(line: &Line, path: &Path) -> Result<Option<String>> {
    let family = shell::family(path);
    let is_known = |what: &str| match family {
        Family::Large => true,
        Family::Busybox => BUSYBOX.contains(&what),
        Family::Plain | Family::Unknown => false,
    };
    let syntax = line.extensions.iter().copied();
    let own = |name: &&str| line.functions.iter().any(|own| own.name == name.as_bytes());
    let commands = line.commands.iter().filter_map(|words| command(words));
    let mut found = syntax.chain(commands.filter(|name| !own(name)));
    if let Some(what) = found.find(|what| !is_known(what)) {
        let path = path.display();
        let unknown = format!("'{what}' is not known to every shell, and {path} may be one");
        return match family {
            Family::Unknown => Ok(Some(format!("{unknown}\nhint: --shell bash"))),
            _ => Err(Error::new(format!("'{what}' is not known to {path}")).hint("--shell bash")),
        };
    }
    // Newer plain shells have learnt it.
    let unsure = matches!(family, Family::Plain | Family::Unknown);
    Ok((unsure && line.commands.iter().any(|words| sets_pipefail(words))).then(|| {
        format!(
            "'set -o pipefail' is not known to every shell, and {} may be one\nhint: --shell bash",
            path.display()
        )
    }))
}

fn command(words: &[Word]) -> Option<&'static str> {
    let name = command_name(words)?;
    COMMANDS.into_iter().find(|known| known.as_bytes() == name)
}

fn sets_pipefail(words: &[Word]) -> bool {
    let option = |word: &Word| word.fixed() == Some(b"pipefail");
    command_name(words) == Some(b"set") && words.iter().any(option)
}

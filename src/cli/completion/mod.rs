//! Shell completions: the options from the one table of them, and beside them what a shell
//! has to find out by itself, such as the commands there are.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::Shell;

use super::help::TOPICS;
use super::options::Cli;
use crate::builtin;

/// Rules for `--halt` to choose from.
const HALT_RULES: [&str; 9] = [
    "never",
    "now,fail=1",
    "now,fail=10%",
    "soon,fail=1",
    "soon,fail=10%",
    "now,success=1",
    "soon,success=1",
    "now,done=1",
    "soon,done=1",
];

/// A completion script.
pub(super) fn script(shell: Shell) -> String {
    match shell {
        Shell::Bash => bash(&table()),
        Shell::Zsh => zsh(&table()),
        Shell::Fish => fish(&table()),
        _ => from_clap(shell, table()),
    }
}

/// What clap makes of the table alone.
fn from_clap(shell: Shell, mut table: Command) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut table, "prun", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The generators would offer hidden options to anyone who presses the tab key. The
/// command's words are hidden from help only, and have completions of their own.
fn table() -> Command {
    let full = Cli::command();
    let shown = |arg: &&Arg| arg.is_positional() || !arg.is_hide_set();
    let choose = |arg: Arg| {
        if arg.get_id() == "halt" {
            arg.value_parser(PossibleValuesParser::new(HALT_RULES))
        } else {
            arg
        }
    };
    Command::new("prun")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(full.get_arguments().filter(shown).cloned().map(choose))
}

fn options(table: &Command) -> impl Iterator<Item = &Arg> {
    table.get_arguments().filter(|arg| !arg.is_positional())
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

/// An option whose value can be in the next word.
fn takes_next(arg: &&Arg) -> bool {
    takes_value(arg) && !arg.is_require_equals_set()
}

fn long_names(arg: &Arg) -> impl Iterator<Item = String> {
    let others = arg.get_visible_aliases().unwrap_or_default();
    let names = arg.get_long().into_iter().chain(others);
    names.map(|name| format!("--{name}"))
}

fn letters(arg: &Arg) -> impl Iterator<Item = char> {
    let others = arg.get_visible_short_aliases().unwrap_or_default();
    arg.get_short().into_iter().chain(others)
}

/// All its names, hyphens included.
fn names(arg: &Arg) -> Vec<String> {
    let short = letters(arg).map(|letter| format!("-{letter}"));
    short.chain(long_names(arg)).collect()
}

/// What `--help` explains alone, separated by blanks.
fn explained(table: &Command) -> String {
    let topics = TOPICS.map(str::to_owned).into_iter();
    let builtins = builtin::names().map(|(name, _)| name.to_owned());
    let all = topics.chain(options(table).flat_map(long_names));
    joined(all.chain(builtins), " ")
}

fn joined(words: impl Iterator<Item = String>, by: &str) -> String {
    words.collect::<Vec<_>>().join(by)
}

fn bash(table: &Command) -> String {
    let values = options(table).filter_map(|arg| {
        let action = bash_values(arg).filter(|_| takes_value(arg))?;
        Some(format!("    {}) {action} ;;", names(arg).join(" | ")))
    });
    let taking = || options(table).filter(takes_next);
    include_str!("prun.bash")
        .replace("@VALUES@", &joined(values, "\n"))
        .replace("@LONG@", &joined(taking().flat_map(long_names), "|"))
        .replace("@SHORT@", &taking().flat_map(letters).collect::<String>())
        .replace("@NAMES@", &explained(table))
        .replace("@OPTIONS@", &joined(options(table).flat_map(names), " "))
        .replace(
            "@BUILTINS@",
            &joined(builtin::names().map(|(name, _)| name.to_owned()), " "),
        )
}

/// What completes an option's value, if anything can.
fn bash_values(arg: &Arg) -> Option<String> {
    let values = arg.get_possible_values();
    if !values.is_empty() {
        let values = values.iter().map(|value| value.get_name().to_owned());
        return Some(format!("_prun_choose '{}'", joined(values, " ")));
    }
    let action = match (arg.get_id().as_str(), arg.get_value_hint()) {
        ("profile", _) => "_prun_profiles",
        (_, ValueHint::FilePath | ValueHint::AnyPath) => ":",
        (_, ValueHint::DirPath) => "compopt -o dirnames",
        (_, ValueHint::CommandName | ValueHint::CommandString) => {
            "COMPREPLY=($(compgen -c -- \"$cur\"))"
        }
        _ => return None,
    };
    Some(action.to_owned())
}

fn zsh(table: &Command) -> String {
    let builtins = builtin::names().map(|(name, about)| {
        let about = about.replace('\'', r"'\''");
        format!("        '{name}:{about}'")
    });
    let functions = include_str!("prun.zsh")
        .replace("@BUILTINS@", &joined(builtins, "\n"))
        .replace("@TOPICS@", &TOPICS.join(" "))
        .replace("@LONG@", &joined(options(table).flat_map(long_names), " "));
    let mut script = from_clap(Shell::Zsh, table.clone());
    for (from, to) in [
        ("prun/NAME]:NAME:_files'", "prun/NAME]:NAME:_prun_profiles'"),
        (
            "'*::command -- The command and its arguments:_cmdambivalent'",
            "'(-)1:command:_prun_command' \\\n'(-)*::argument:_prun_argument'",
        ),
        ("more than -h]'", "more than -h]:name:_prun_names'"),
        (
            "if [ \"$funcstack[1]\"",
            &format!("{functions}if [ \"$funcstack[1]\""),
        ),
    ] {
        debug_assert!(script.contains(from), "{from}");
        script = script.replace(from, to);
    }
    script
}

fn fish(table: &Command) -> String {
    let quoted = |word: String| format!("'{word}'");
    let taking = || options(table).filter(takes_next);
    let builtins = builtin::names().map(|(name, about)| {
        let about = about.replace('\'', r"\'");
        format!("{name}\\t'{about}'")
    });
    let rest = include_str!("prun.fish")
        .replace(
            "@TAKING@",
            &joined(taking().flat_map(long_names).map(quoted), " "),
        )
        .replace("@SHORT@", &taking().flat_map(letters).collect::<String>())
        .replace("@NAMES@", &explained(table))
        .replace("@BUILTINS@", &joined(builtins, "\n"));
    let script = from_clap(Shell::Fish, table.clone())
        .replace("complete -c prun -", "complete -c prun -n __prun_options -")
        .replace("prun/NAME' -r -F", "prun/NAME' -x -a '(__prun_profiles)'");
    format!("{script}\n{rest}")
}

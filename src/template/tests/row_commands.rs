//! Commands that rows bring with them.

use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::input::row_settings::{RowCommand, RowSettings, RowShell};

fn row_of(command: RowCommand, values: &[&str]) -> Row {
    Row {
        settings: Some(Arc::new(RowSettings {
            command: Some(command),
            ..RowSettings::default()
        })),
        ..row(values)
    }
}

fn line(text: &str, values: &[&str]) -> Row {
    row_of(RowCommand::Line(text.into()), values)
}

fn words(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

/// A row that fills these words, by a shell or by that of the run.
fn filled(text: &[&str], shell: Option<&str>, values: &[&str]) -> Row {
    let shell = shell.map(|path| RowShell {
        path: PathBuf::from(path),
        options: vec!["-u".into()],
    });
    let words = words(text);
    row_of(RowCommand::Template { words, shell }, values)
}

/// What a template of another command makes of a row: its arguments, or the error.
fn made(row: &Row) -> Vec<String> {
    let template = CommandTemplate::parse(options(&["other <>"], 1)).unwrap();
    match command(&template, row) {
        Ok(command) => {
            let text = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
            command.argv.iter().map(text).collect()
        }
        Err(ValueError(why)) => vec![why],
    }
}

fn shown_by(template: &CommandTemplate, row: &Row) -> String {
    let mut out = Vec::new();
    template.show(row, PLACE, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_line_runs_as_one_from_standard_input() {
    assert_eq!(made(&line("echo '<>' a", &["v"])), ["echo", "<>", "a"]);
    assert_eq!(
        made(&line("echo $HOME", &[])),
        ["/bin/sh", "-c", "echo $HOME", "/bin/sh"]
    );
    let template = CommandTemplate::parse(options(&["other"], 0)).unwrap();
    let builtin = template.work(&line("@cat x", &[]), PLACE).unwrap();
    assert!(matches!(builtin, JobWork::Builtin(_)));
    let list = line("true && a; b", &[]);
    assert!(matches!(
        template.work(&list, PLACE),
        Ok(JobWork::List(_)) | Ok(JobWork::Command(_))
    ));
    let unusual = template.work(&line("@nope x", &[]), PLACE);
    assert!(unusual.is_err());
}

#[test]
fn arguments_are_taken_as_they_stand() {
    let text = ["A=1", "@cat", "<>", "a b", "{}", "$x", ""];
    let row = row_of(RowCommand::Argv(words(&text)), &["v"]);
    assert_eq!(made(&row), text);
    let template = CommandTemplate::parse(options(&["other <>"], 1)).unwrap();
    let shown = "'A=1' @cat '<>' 'a b' '{}' '$x' ''";
    assert_eq!(
        shown_by(&template, &row_of(RowCommand::Argv(words(&text[..])), &[])),
        shown
    );
    let builtin = row_of(RowCommand::Argv(words(&["exported", "cd"])), &[]);
    assert_eq!(made(&builtin), ["exported", "cd"]);
}

#[test]
fn placeholders_take_the_values_of_the_row() {
    assert_eq!(
        made(&filled(&["cp <1> <2>.bak"], None, &["a b", "c"])),
        ["cp", "a b", "c.bak"]
    );
    assert_eq!(
        made(&filled(&["cp", "-p"], None, &["x"])),
        ["cp", "-p", "x"]
    );
    assert_eq!(
        made(&filled(&["echo <>; :"], Some("/bin/dash"), &["x"]))[..2],
        ["/bin/dash", "-u"]
    );
    // Other rows of the same source may have more values.
    assert_eq!(made(&filled(&["cp <2>"], None, &["x"])), ["cp"]);
}

#[test]
fn what_is_shown_is_the_command_of_the_row() {
    let template = CommandTemplate::parse(options(&["other <>"], 1)).unwrap();
    for (row, expected) in [
        (line("echo '<>'", &["v"]), "echo '<>'"),
        (filled(&["cp <1> <2>"], None, &["a b", "c"]), "cp 'a b' c"),
        (filled(&["cp <3>", "x"], None, &["a"]), "cp <3> x"),
        (row(&["v"]), "other v"),
    ] {
        assert_eq!(shown_by(&template, &row), expected);
    }
    let quoted = template.quote(&line("a 'b'", &[]), PLACE, 1);
    assert_eq!(String::from_utf8(quoted).unwrap(), "'a '\\''b'\\'''");
}

#[test]
fn a_shell_goes_on_with_the_list_of_the_row() {
    let template = CommandTemplate::parse(options(&["other <>"], 1)).unwrap();
    for row in [line("a; b; c", &["v"]), filled(&["a; b; c"], None, &[])] {
        let command = template.by_shell(&row, PLACE, 1).unwrap();
        assert_eq!(command.argv[2], *b"b; c");
    }
}

#[test]
fn more_templates_than_are_kept_are_told_apart() {
    let template = CommandTemplate::parse(options(&["other <>"], 1)).unwrap();
    for round in 0..2 {
        for number in 0..200 {
            let text = format!("echo {number} <>");
            let row = filled(&[&text], None, &["v"]);
            let made = command(&template, &row).unwrap();
            assert_eq!(made.argv[1], *number.to_string().as_bytes(), "{round}");
        }
    }
}

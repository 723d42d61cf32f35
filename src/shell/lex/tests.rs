//! The lexer against another one and against a shell.

use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::placeholder::{CommandDialect, PlaceholderSpellings, RowShape, TemplateWord};
use crate::shell::vocabulary;

use super::*;

/// The words of a line that needs no shell.
fn direct_words(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut line = lex(text, &PlaceholderSyntax::NONE);
    if line.syntax != LineSyntax::Plain || line.open.is_some() || line.commands.len() != 1 {
        return None;
    }
    let words = line.commands.pop()?;
    let is_assignment = |word: &TemplateWord| vocabulary::assigned_name(word.head()).is_some();
    let start = words.iter().position(|word| !is_assignment(word))?;
    let words = words[start..].iter();
    words.map(|word| word.fixed().map(<[u8]>::to_vec)).collect()
}

/// What dash makes of a line whose first word names a function that prints the rest.
fn dash_words(lines: &[String]) -> Vec<Vec<Vec<u8>>> {
    let mut script = String::from("p() { printf '%s\\0' \"$@\"; printf '\\n\\0'; }\n");
    for line in lines {
        script.push_str(&format!("p {line}\n"));
    }
    let output = Command::new("dash").args(["-c", &script]).output().unwrap();
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut all = vec![Vec::new()];
    for word in output.stdout.split(|&byte| byte == 0) {
        match word {
            b"\n" => all.push(Vec::new()),
            word => all.last_mut().unwrap().push(word.to_vec()),
        }
    }
    all.pop();
    all
}

proptest! {
    #[test]
    fn plain_lines_have_the_words_of_shell_words(text in "[a-z '\"\\\\]{0,24}") {
        if let Some(words) = direct_words(text.as_bytes()) {
            let other: Vec<Vec<u8>> = shell_words::split(&text)
                .unwrap()
                .into_iter()
                .map(String::into_bytes)
                .collect();
            prop_assert_eq!(words, other);
        }
    }

    #[test]
    fn any_bytes_are_read(text in proptest::collection::vec(any::<u8>(), 0..64)) {
        let syntax = PlaceholderSyntax::choose([text.as_slice()], CommandDialect::Own, &PlaceholderSpellings::default(), &RowShape::of(1));
        let line = lex(&text, &syntax);
        let mut at = 0;
        for site in &line.sites {
            prop_assert!(site.range.start >= at);
            at = site.range.end;
        }
        prop_assert!(at <= text.len());
    }

    #[test]
    fn every_placeholder_is_found(text in "[<>{}$()'\"`\\\\ a\n#;|]{0,24}") {
        let syntax = PlaceholderSyntax::choose([text.as_bytes()], CommandDialect::Own, &PlaceholderSpellings::default(), &RowShape::of(1));
        let line = lex(text.as_bytes(), &syntax);
        let mut rest = text.clone().into_bytes();
        for site in &line.sites {
            rest[site.range.clone()].fill(b'_');
        }
        if line.open.is_none() {
            prop_assert!(!syntax.occur_in(&rest), "{:?}", line);
        }
    }
}

#[test]
fn what_runs_directly_has_the_words_that_dash_reads() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let line = "[ab='\"\\\\ \t~{}!#$*?\\[\\];|&<>()`,.%:-]{1,10}";
    let strategy = proptest::string::string_regex(line).unwrap();
    let mut lines = Vec::new();
    while lines.len() < 3000 {
        let line = strategy.new_tree(&mut runner).unwrap().current();
        // Behind the function's name nothing is an assignment.
        let begins_plain = vocabulary::assigned_name(line.trim_start().as_bytes()).is_none();
        if begins_plain && direct_words(line.as_bytes()).is_some() {
            lines.push(line);
        }
    }
    for some in lines.chunks(500) {
        for (line, words) in some.iter().zip(dash_words(some)) {
            assert_eq!(direct_words(line.as_bytes()).unwrap(), words, "{line:?}");
        }
    }
}

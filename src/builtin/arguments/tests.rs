use super::*;

const FLAGS: &[BuiltinOption] = &[
    BuiltinOption::switch(Some('c'), "check", ""),
    BuiltinOption::switch(Some('z'), "zero", ""),
    BuiltinOption::with(Some('n'), "lines", "N", ""),
    BuiltinOption::switch(Some('l'), "lint", ""),
    BuiltinOption::with(Some(NUMBER), "number", "N", ""),
];

fn typed(words: &[&str]) -> Vec<BuiltinArgument> {
    let typed = |word: &&str| BuiltinArgument::Typed(word.as_bytes().to_vec());
    words.iter().map(typed).collect()
}

fn shown(arguments: Vec<BuiltinArgument>) -> String {
    match ParsedArguments::new(FLAGS, arguments) {
        Err(problem) => problem.to_string(),
        Ok(parsed) => {
            let mut words = Vec::new();
            for (name, value) in &parsed.options {
                words.push(format!("{name}={}", String::from_utf8_lossy(value)));
            }
            for operand in &parsed.operands {
                words.push(String::from_utf8_lossy(operand.text()).into_owned());
            }
            words.join(" ")
        }
    }
}

#[test]
fn options_are_anywhere() {
    for (words, expected) in [
        (vec!["a", "-c", "b", "--", "-z"], "check= a b -z"),
        (
            vec!["-czn5", "-n", "7", "-"],
            "check= zero= lines=5 lines=7 -",
        ),
        (vec!["--lines=5", "--lines", "-c"], "lines=5 lines=-c"),
        (vec!["-19c", "--ch"], "number=19 check= check="),
        (vec!["--li"], "there is no option '--li'"),
        (vec!["-x"], "there is no option '-x'"),
        (vec!["--check=x"], "'--check' takes no value"),
        (vec!["-n"], "'--lines' needs a value: N"),
    ] {
        assert_eq!(shown(typed(&words)), expected, "{words:?}");
    }
}

#[test]
fn numbers_are_read_as_by_the_tools() {
    for (text, expected) in [
        ("0", Some(0)),
        ("007", Some(7)),
        ("+7", Some(7)),
        ("18446744073709551615", Some(usize::MAX)),
        ("18446744073709551616", Some(usize::MAX)),
        ("+99999999999999999999999", Some(usize::MAX)),
        ("", None),
        ("+", None),
        ("++7", None),
        ("-7", None),
        ("0x7", None),
        ("7K", None),
        ("7.5", None),
        ("\u{0667}", None),
    ] {
        assert_eq!(number(text.as_bytes()).ok(), expected, "{text}");
    }
    assert_eq!(number(b"7\xff").ok(), None);
}

#[test]
fn a_value_is_never_an_option() {
    let mut arguments = typed(&["-c"]);
    arguments.push(BuiltinArgument::Value(b"-z".to_vec()));
    arguments.push(BuiltinArgument::Value(b"--".to_vec()));
    arguments.extend(typed(&["-n"]));
    arguments.push(BuiltinArgument::Value(b"-3".to_vec()));
    assert_eq!(shown(arguments), "check= lines=-3 -z --");
}

#[test]
fn what_depends_on_values_is_told() {
    for (mut arguments, unknown, expected) in [
        (typed(&["-c"]), "", false),
        (typed(&["-n"]), "", true),
        (typed(&[]), "-n", true),
        (typed(&[]), "-", true),
        (typed(&[]), "x", false),
    ] {
        arguments.push(BuiltinArgument::Unknown(unknown.into()));
        let parsed = ParsedArguments::new(FLAGS, arguments).unwrap();
        assert_eq!(parsed.depends_on_values, expected, "{unknown}");
    }
}

//! Lists of commands: which lines prun runs itself, and what it makes of them.

use std::fmt::Write;

use proptest::prelude::*;

use crate::shell::Redirection;

use super::*;

/// A list in few words: `prog a`, `echo:TEXT`, `status:N`, `fd<file`, `2=1`.
fn shown_list(list: &CommandList) -> String {
    let mut out = String::new();
    if let Some(directory) = &list.directory {
        write!(out, "in {}: ", directory.display()).unwrap();
    }
    for (at, pipeline) in list.pipelines.iter().enumerate() {
        out += match (at, pipeline.when) {
            (0, _) => "",
            (_, PipelineCondition::Always) => " ; ",
            (_, PipelineCondition::AfterSuccess) => " && ",
            (_, PipelineCondition::AfterFailure) => " || ",
        };
        let stages: Vec<String> = pipeline.stages.iter().map(shown_stage).collect();
        out += &stages.join(" | ");
    }
    out
}

fn shown_stage(stage: &PipelineStage) -> String {
    let mut out = match &stage.action {
        StageAction::Run(command) => {
            let variables = command.environment.iter();
            let variables =
                variables.map(|(name, value)| format!("{}={}", name.display(), value.display()));
            let words = command
                .argv
                .iter()
                .map(|word| format!("[{}]", String::from_utf8_lossy(word)));
            variables.chain(words).collect::<Vec<_>>().join(" ")
        }
        StageAction::Echo(text) => format!("echo:{}", String::from_utf8_lossy(text).escape_debug()),
        StageAction::Status(status) => format!("status:{status}"),
        StageAction::Call(call) => format!("call:{}", call.name()),
    };
    for redirection in &stage.redirections {
        match redirection {
            Redirection::Copy { fd, from } => write!(out, " {fd}={from}").unwrap(),
            Redirection::File { fd, path, access } => {
                let sign = match access {
                    FileAccess::Read => "<",
                    FileAccess::Write => ">",
                    FileAccess::Append => ">>",
                };
                write!(out, " {fd}{sign}{}", path.display()).unwrap();
            }
        }
    }
    out
}

/// What becomes of a row: a list, `direct`, or `shell`.
fn fate(options: TemplateOptions, values: &[&str]) -> String {
    let template = match CommandTemplate::parse(options) {
        Ok(template) => template,
        Err(error) => return error.to_string(),
    };
    match template.work(&row(values), PLACE) {
        Ok(JobWork::List(list)) => shown_list(&list),
        Ok(JobWork::Command(command)) if command.argv.get(1).is_some_and(|flag| flag == b"-c") => {
            "shell".to_owned()
        }
        Ok(JobWork::Command(_)) => "direct".to_owned(),
        Ok(JobWork::Builtin(_)) => "built-in".to_owned(),
        Err(ValueError(message)) => message,
    }
}

const VALUE: &str = "a b";

#[test]
fn built_ins_stand_in_lists() {
    for (line, list) in [
        ("@cat <> | cat | @md5", "call:@cat | [cat] | call:@md5"),
        ("echo <> | @md5", "[echo] [a b] | call:@md5"),
        ("@md5 < <> > o 2>&1", "call:@md5 0<a b 1>o 2=1"),
        ("@md5 <> &> o", "call:@md5 1>o 2=1"),
        (
            "@md5 <> && true; : | @md5",
            "':' needs a shell, and '@md5' runs inside prun",
        ),
    ] {
        let fate = fate(options(&[line], 1), &[VALUE]);
        assert!(fate.contains(list), "{line}: {fate}");
    }
}

#[test]
fn lists_are_recognized() {
    for (line, list) in [
        ("x <> | y", "[x] [a b] | [y]"),
        ("x | y", "[x] | [y] [a b]"),
        ("x 'a|b' | y '$' | z <>", "[x] [a|b] | [y] [$] | [z] [a b]"),
        ("x && y <>", "[x] && [y] [a b]"),
        ("x <>&&y||z", "[x] [a b] && [y] || [z]"),
        ("x; y; z <>;", "[x] ; [y] ; [z] [a b]"),
        ("A=1 B=<> x|C=3 y", "A=1 B=a b [x] | C=3 [y]"),
        ("cd d && x <>", "in d: [x] [a b]"),
        ("cd <>/d && x | y && z", "in a b/d: [x] | [y] && [z]"),
        ("x <> >f", "[x] [a b] 1>f"),
        ("x <> >>f 2>g <h", "[x] [a b] 1>>f 2>g 0<h"),
        ("x 2>&1 <>", "[x] [a b] 2=1"),
        ("x <> 2>&1 >f 1>&2 <&0 >|g", "[x] [a b] 2=1 1>f 1=2 0=0 1>g"),
        (">f x <>", "[x] [a b] 1>f"),
        ("x ><>.txt", "[x] 1>a b.txt"),
        ("x <<>", "[x] 0<a b"),
        ("x 3 >f <>", "[x] [3] [a b] 1>f"),
        ("x a2>f <>", "[x] [a2] [a b] 1>f"),
        ("x &>f <>", "[x] [a b] 1>f 2=1"),
        ("x <> &>> f | y", "[x] [a b] 1>>f 2=1 | [y]"),
        ("x <f", "[x] [a b] 0<f"),
        ("echo <> | x", "echo:a b\\n | [x]"),
        ("echo  1  <>  '2  3' | x", "echo:1 a b 2  3\\n | [x]"),
        ("x && echo <> >>f 2>&1", "[x] && echo:a b\\n 1>>f 2=1"),
        ("x <> || true", "[x] [a b] || status:0"),
        ("x <> ; false && : y", "[x] [a b] ; status:1 && status:0"),
        ("env | 'grep' <>", "[env] | [grep] [a b]"),
        ("x \\\n | y <>", "[x] | [y] [a b]"),
    ] {
        assert_eq!(fate(options(&[line], 1), &[VALUE]), list, "{line}");
    }
}

#[test]
fn all_else_is_for_the_shell() {
    for line in [
        "x <> |& y",
        "x <> & y",
        "x <> &",
        "x <>\ny",
        "x <>;; y",
        "x <> | ; y",
        "| x <>",
        "; x <>",
        "x; ; y <>",
        "x && && y <>",
        "! x <> | y",
        "(x <>) | y",
        "x <> | (y)",
        "{ x <>; }",
        "x <> | while read a; do y; done",
        "if x <>; then y; fi",
        "x <> | y $z",
        "x `y` | z <>",
        "x * | y <>",
        "x ~ | y <>",
        "x {a,b} | y <>",
        "x <> | y # z",
        "x <> <<E\nE",
        "x <> 3>f",
        "x <> 2>&3",
        "x <> >&-",
        "x <> 2>&-",
        "x <> >&f",
        "x <> {fd}>f",
        "x <> 12>f",
        "x <> >f$y",
        "x <> >*",
        ">f; x <>",
        "A=1; x <>",
        "A=1 && x <>",
        "PATH=/p x <> | y",
        "<> | x",
        "x | <>",
        "x | y<>",
        "cd d; x <>",
        "cd d || x <>",
        "cd d && cd e && x <>",
        "x && cd <>",
        "cd d >f && x <>",
        "A=1 cd d && x <>",
        "cd d e && x <>",
        "cd && x <>",
        "cd <>",
        "x <> | read y",
        "x <> | [ y ]",
        "test <> && x",
        "printf %s <> | x",
        "exported <> | x",
        "x <> | exported",
        "A=1 echo <> | x",
        "x <> | echo y",
        "x | echo <> | y",
        "echo <> 2>&1 | x",
        "echo <> >f",
        "true && x <>; y",
        "echo <>; x",
        "x <> | true",
        "true >f && x <>",
        "x <> && true >f",
        "x() { y; }; x <>",
        "x <> && { a; }",
        "time x <> | y",
    ] {
        assert_eq!(fate(options(&[line], 1), &[VALUE]), "shell", "{line}");
    }
}

#[test]
fn a_single_simple_command_stays_what_it_was() {
    for line in [
        "x <>",
        "echo <>",
        "A=1 x <>",
        "true",
        "printf %s",
        "'a|b' <>",
    ] {
        assert_eq!(fate(options(&[line], 1), &[VALUE]), "direct", "{line}");
    }
}

#[test]
fn values_decide_about_echo() {
    let long = "x".repeat(4095);
    for (value, list) in [
        ("$(x);|", "echo:$(x);|\\n | [y]".to_owned()),
        ("", "echo:\\n | [y]".to_owned()),
        ("-n", "shell".to_owned()),
        ("a\\tb", "shell".to_owned()),
        (&long, format!("echo:{long}\\n | [y]")),
        (&"x".repeat(4096), "shell".to_owned()),
    ] {
        assert_eq!(
            fate(options(&["echo <> | y"], 1), &[value]),
            list,
            "{value}"
        );
    }
    let two = options(&["echo <> - | y ><>"], 2);
    assert_eq!(fate(two, &["a", "-n b"]), "echo:a -n b -\\n | [y] 1>a -n b");
}

#[test]
fn shells_that_are_named_or_unknown_run_their_lists() {
    let line = "x <> | y";
    for (path, is_asked, list) in [
        ("/bin/sh", true, "shell"),
        ("/bin/bash", true, "shell"),
        ("/bin/zsh", false, "shell"),
        ("/bin/bash", false, "[x] [a b] | [y]"),
        ("/bin/dash", false, "[x] [a b] | [y]"),
    ] {
        let mut options = options(&[line], 1);
        options.shell = ShellProgram {
            is_asked,
            ..ShellProgram::named(path)
        };
        assert_eq!(fate(options, &[VALUE]), list, "{path} {is_asked}");
    }
}

#[test]
fn as_gnu_parallel_too() {
    for (words, list) in [
        (&["x", "{}", "|", "y"][..], "[x] [a b] | [y]"),
        (&["x {} | y"], "[x] [a b] | [y]"),
        (&["cd {} &&", "x >", "{}.out"], "in a b: [x] 1>a b.out"),
        (&["{} | x"], "shell"),
        (&["x {} | sh -c 'echo {}'"], "shell"),
        (&["x | y"], "[x] | [y] [a b]"),
    ] {
        assert_eq!(fate(gnu(words, 1), &[VALUE]), list, "{words:?}");
    }
}

#[test]
fn rows_can_be_lists() {
    for (line, list) in [
        ("x 'a b' | y >f", "[x] [a b] | [y] 1>f"),
        ("x &>f; echo end", "[x] 1>f 2=1 ; echo:end\\n"),
        ("x <> | y", "shell"),
        ("x $y | z", "shell"),
        ("x y", "direct"),
    ] {
        assert_eq!(fate(options(&[], 1), &[line]), list, "{line}");
    }
}

/// The scripts for a list from each pipeline on.
fn parts(options: TemplateOptions, value: &str, count: usize) -> Vec<String> {
    let template = CommandTemplate::parse(options).unwrap();
    let part = |from| {
        let command = template.by_shell(&row(&[value]), PLACE, from).unwrap();
        String::from_utf8_lossy(&command.argv[2]).into_owned()
    };
    (0..count).map(part).collect()
}

#[test]
fn the_rest_of_a_list_is_a_script() {
    let line = "cd d && >f x <> | y && A=1 z; w '<>' &>g";
    assert_eq!(
        parts(options(&[line], 1), VALUE, 3),
        [
            "_prun1=$1; set --; cd d && >f x \"${_prun1}\" | y && A=1 z; w '\"${_prun1}\"' >g 2>&1"
                .replace("'\"${_prun1}\"'", "''\"${_prun1}\"''"),
            "_prun1=$1; set --; A=1 z; w ''\"${_prun1}\"'' >g 2>&1".to_owned(),
            "_prun1=$1; set --; w ''\"${_prun1}\"'' >g 2>&1".to_owned(),
        ]
    );
    assert_eq!(
        parts(options(&["x; y"], 1), VALUE, 2),
        [
            "_prun1=$1; set --; x; y \"${_prun1}\"",
            "_prun1=$1; set --; y \"${_prun1}\"",
        ]
    );
    assert_eq!(parts(options(&[], 1), "x; y 'z'", 2), ["x; y 'z'", "y 'z'"]);
}

proptest! {
    /// Whatever prun runs itself is, for the shell, the line as it stands.
    #[test]
    fn a_list_is_the_line(line in "(cd d && )?[a-c<>|&; '2=0-]{0,24}") {
        let by_shell = |is_asked| {
            let mut options = options(&[&line], 1);
            options.shell.is_asked = is_asked;
            let template = CommandTemplate::parse(options).ok()?;
            let work = template.work(&row(&[VALUE]), PLACE).ok()?;
            Some((work, command(&template, &row(&[VALUE])).ok()?))
        };
        if let Some((JobWork::List(_), command)) = by_shell(false)
            && !line.contains("&>")
        {
            prop_assert_eq!(Some(command), by_shell(true).map(|both| both.1));
        }
    }
}

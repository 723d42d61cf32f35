//! Lines of plans that can be understood, and those that cannot.

use super::*;
use proptest::prelude::*;

fn read(line: &str) -> PlanEntry {
    PlanEntry::read(7, line.as_bytes()).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// The error of a line, hint included.
fn fault(line: &str) -> String {
    match PlanEntry::read(7, line.as_bytes()) {
        Ok(entry) => panic!("{line}: {entry:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_field_is_read() {
    let entry = read(
        r#"{"name":"a","command":"make <>","needs":["b","c"],"env":{"X":"1 2","Y":""},
            "cwd":"sub","timeout":1.5,"retries":3,"ok_codes":[1,200],"key":"k"}"#,
    );
    assert_eq!((entry.job.number, entry.job.name.as_str()), (7, "a"));
    assert_eq!(entry.needs, ["b", "c"]);
    assert!(entry.job.service.is_none());
    let expected = RowSettings {
        command: Some(RowCommand::Line(b"make <>".to_vec())),
        environment: vec![("X".into(), "1 2".into()), ("Y".into(), "".into())],
        directory: Some("sub".into()),
        timeout: Some(RowTimeout::After(Duration::from_millis(1500))),
        retries: Some(3),
        ok_codes: Some(vec![1, 200]),
        key: Some(b"k".to_vec()),
        is_service: false,
    };
    assert_eq!(*entry.job.settings, expected);
    let entry = read(r#"{"name":"a","command":["x","<>",""],"timeout":"2m","needs":null}"#);
    let settings = &entry.job.settings;
    let words = [b"x".to_vec(), b"<>".to_vec(), Vec::new()];
    assert_eq!(settings.command, Some(RowCommand::Argv(words.to_vec())));
    assert_eq!(
        settings.timeout.and_then(RowTimeout::time),
        Some(Duration::from_secs(120))
    );
}

#[test]
fn services_have_a_sign_and_a_limit_for_it() {
    let service = |fields: &str| {
        let line = format!(r#"{{"name":"a","command":"x","service":true{fields}}}"#);
        let job = read(&line).job;
        assert_eq!(job.settings.timeout, Some(RowTimeout::Never));
        job.service.unwrap()
    };
    assert!(matches!(service("").ready, Readiness::Started));
    let by_port = service(r#","ready":{"port":8080},"timeout":5"#);
    assert!(matches!(by_port.ready, Readiness::Port(8080)));
    assert_eq!(by_port.limit, Some(Duration::from_secs(5)));
    let by_line = service(r#","ready":{"line":"^up"}"#);
    assert!(matches!(by_line.ready, Readiness::Line(_)));
    let by_command = service(r#","ready":{"command":"test -e up"}"#);
    let Readiness::Command(RowCommand::Line(line)) = by_command.ready else {
        panic!("another command");
    };
    assert_eq!(line, b"test -e up");
}

#[test]
fn what_is_wrong_is_named() {
    let with = |fields: &str| format!(r#"{{"name":"a","command":"x",{fields}}}"#);
    for (line, expected) in [
        ("x", "column 1: expected value"),
        ("[]", "expected an object"),
        ("{", "EOF while parsing"),
        (r#"{"name":"a"} {}"#, "trailing characters"),
        ("{}", "the field 'name' is missing"),
        (
            r#"{"name":"","command":"x"}"#,
            "the field 'name' is missing",
        ),
        (r#"{"name":"a"}"#, "the field 'command' is missing"),
        (
            r#"{"name":"a","command":" "}"#,
            "the field 'command' is empty",
        ),
        (r#"{"name":"a","command":[]}"#, "the field 'command' is not"),
        (
            r#"{"name":"a","command":["a",1]}"#,
            "the field 'command' is not",
        ),
        (
            r#"{"name":"a","command":"\u0000"}"#,
            "the field 'command' has a NUL byte",
        ),
        (
            r#"{"name":1,"command":"x"}"#,
            "the field 'name' is not a text",
        ),
        (
            &with(r#""need":["b"]"#),
            "the field 'need' is unknown\nhint: the field 'needs'",
        ),
        (
            &with(r#""colour":1"#),
            "the field 'colour' is unknown\nhint: the fields are name,",
        ),
        (&with(r#""name":"b""#), "the field 'name' is there twice"),
        (
            &with(r#""b\nc":{"x":1,"x":2}"#),
            r"the field 'b\nc' has 'x' twice",
        ),
        (
            &with(&format!(
                r#""env":{}1{}"#,
                r#"{"a":"#.repeat(100_000),
                "}".repeat(100_000)
            )),
            "recursion limit exceeded",
        ),
        (
            &with(r#""needs":"b""#),
            "the field 'needs' is not an array of texts",
        ),
        (
            &with(r#""service":"yes""#),
            "the field 'service' is not true or false",
        ),
        (
            &with(r#""ready":{"port":1}"#),
            "the field 'ready' is for services",
        ),
        (
            &with(r#""service":true,"retries":2"#),
            "the field 'retries' is not for services",
        ),
        (
            &with(r#""service":true,"ready":{}"#),
            "the field 'ready' is not one of",
        ),
        (
            &with(r#""service":true,"ready":{"port":0}"#),
            "the field 'port' is not",
        ),
        (
            &with(r#""service":true,"ready":{"line":"("}"#),
            "is not a regular expression: '('",
        ),
        (
            &with(r#""service":true,"ready":{"lines":"x"}"#),
            "the field 'lines' is unknown",
        ),
        (
            &with(r#""timeout":"soon""#),
            "the field 'timeout' is not a length of time",
        ),
        (
            &with(r#""timeout":-1"#),
            "the field 'timeout' is not a length of time",
        ),
        (
            &with(r#""retries":1.5"#),
            "the field 'retries' is not a whole number",
        ),
        (
            &with(r#""ok_codes":[256]"#),
            "the field 'ok_codes' is not an array",
        ),
        (
            &with(r#""ok_codes":[127]"#),
            "the field 'ok_codes' has 126 or 127",
        ),
        (
            &with(r#""env":{"A=":"x"}"#),
            "'A=', which is no name of a variable",
        ),
        (
            &with(r#""env":{"A":"1","B":"2","A":"3"}"#),
            "the field 'env' has 'A' twice",
        ),
        (&with(r#""a\nb":1"#), "the field 'a\\nb' is unknown"),
        (
            &with(r#""env":{"A":1}"#),
            "the field 'env' is not an object of texts",
        ),
    ] {
        let fault = fault(line);
        assert!(fault.contains(expected), "{line}: {fault}");
    }
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(line in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = PlanEntry::read(1, &line);
    }

    #[test]
    fn names_and_commands_are_taken_as_they_are(
        name in "[^\0]{1,20}",
        words in prop::collection::vec("[^\0]{0,10}", 1..4),
    ) {
        let line = serde_json::json!({ "name": name, "command": words }).to_string();
        let job = read(&line).job;
        prop_assert_eq!(&job.name, &name);
        let words = words.into_iter().map(String::into_bytes).collect();
        prop_assert_eq!(&job.settings.command, &Some(RowCommand::Argv(words)));
    }
}

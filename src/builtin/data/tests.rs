//! JSON beside what serde_json says of it.

use std::io::Read;

use proptest::prelude::*;
use serde_json::{Deserializer, Map, Value};

use super::layout::{JsonStyle, JsonWriter};
use super::scan::{JsonError, JsonScanner};

/// Hands out a few bytes at a time.
struct Trickle<'a>(&'a [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

/// All values in a style, or where they are wrong.
fn laid_out(text: &[u8], style: JsonStyle, step: usize) -> Result<String, (u64, u64)> {
    let mut layout = JsonWriter::new(Vec::new(), style);
    let mut scanner = JsonScanner::new(Trickle(text, step), vec![0; 16]);
    loop {
        match scanner.value(&mut layout) {
            Ok(true) => {}
            Ok(false) => return Ok(String::from_utf8(layout.out).unwrap()),
            Err(JsonError::Wrong { line, column, .. }) => return Err((line, column)),
            Err(JsonError::Io(error)) => panic!("{error}"),
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..4)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

#[test]
fn wrong_places_are_found() {
    for (text, line, column) in [
        (&b"[1,\n 2,]"[..], 2, 4),
        (b"{\"a\" 1}", 1, 6),
        (b"{a:1}", 1, 2),
        (b"[1 2]", 1, 4),
        (b"\n\n[", 3, 2),
        (b"\"a\nb\"", 1, 3),
        (b"\"a", 1, 3),
        (b"\"\xff\"", 1, 2),
        (b"\"ab\xe2\x82\"", 1, 4),
        (b"\"\xe2\x82", 1, 2),
        (b"\"\\x\"", 1, 2),
        (b"\"\\u12g4\"", 1, 2),
        (b"\"\\u12", 1, 2),
        (b"\"\\", 1, 2),
        (b"01", 1, 2),
        (b"1.", 1, 3),
        (b"-", 1, 2),
        (b"1e+", 1, 4),
        (b"trux", 1, 4),
        (b"truefalse", 1, 5),
        (b"]", 1, 1),
        (b"{\"a\":1,}", 1, 8),
        (b"\0", 1, 1),
    ] {
        for step in [1, 2, 100] {
            let wrong = laid_out(text, JsonStyle::Compact, step);
            assert_eq!(wrong, Err((line, column)), "{:?}", text.escape_ascii());
        }
    }
}

#[test]
fn nothing_but_space_and_escapes_is_changed() {
    let text = b" {\"a\" : 1.0e+0, \"a\":[ ],\"\\u00e9\\/\":{ \"b\":-0} }\r\n3 \"x\"[true ] ";
    let expected = "{\"a\":1.0e+0,\"a\":[],\"é/\":{\"b\":-0}}\n3\n\"x\"\n[true]\n";
    for step in [1, 3, 100] {
        let compact = laid_out(text, JsonStyle::Compact, step);
        assert_eq!(compact.as_deref(), Ok(expected));
    }
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let compact = laid_out(&deep, JsonStyle::Compact, 1000).unwrap();
    assert_eq!(compact.trim_end().as_bytes(), deep);
}

proptest! {
    #[test]
    fn layouts_are_those_of_serde_json(value in any_value(), step in 1..20usize) {
        let compact = value.to_string();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        for (style, expected) in [(JsonStyle::Compact, &compact), (JsonStyle::Pretty, &pretty)] {
            for text in [&compact, &pretty] {
                let found = laid_out(text.as_bytes(), style, step);
                prop_assert_eq!(found, Ok(format!("{expected}\n")));
            }
        }
    }

    #[test]
    fn what_is_json_is_json_to_serde_json(
        pieces in prop::collection::vec(prop::sample::select(
            vec!["[", "]", "{", "}", ",", ":", "1", "-", "0", ".", "e", "\"", "\\", "a", "\\u0041",
                 "true", "null", " ", "\n", "\"a\"", "\u{1}", "\"a\":", "1.5", "[]", "{}"]), 0..8),
        step in 1..4usize,
    ) {
        let text = pieces.concat();
        let found = laid_out(text.as_bytes(), JsonStyle::Compact, step);
        let mut theirs = Deserializer::from_str(&text).into_iter::<Value>();
        let theirs = theirs.find_map(Result::err);
        prop_assert_eq!(found.is_ok(), theirs.is_none(), "{:?} {:?}", found, theirs);
    }
}

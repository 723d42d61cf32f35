//! `@json`: JSON is checked, laid out, or a value is picked from it.

use std::io::{self, Write};

use super::layout::{JsonStyle, JsonWriter};
use super::pick::JsonPointer;
use super::scan::{JsonError, JsonScanner, JsonSink, JsonToken};
use crate::builtin::arguments::{ArgumentError, BuiltinOption, ParsedArguments};
use crate::builtin::builtin_input::{BuiltinInput, hold};
use crate::builtin::builtin_io::{BufferedStdout, BuiltinIo, CHUNK, complain};
use crate::builtin::files::each_file;
use crate::builtin::transform::{BuiltinSpec, Transform};

pub(in crate::builtin) static JSON: BuiltinSpec = BuiltinSpec {
    name: "@json",
    about: "JSON checked, laid out as by jq, or a value picked from it",
    notes: "\
Without options, files are checked and nothing is printed; what is wrong is told with its line
and column (in bytes). A file may hold several values, also one a line, or none. Members
keep their order, and are kept if they have the same name, and numbers stay as they are written.
As in jq, escapes in strings become the characters that they stand for, but where JSON wants an
escape; half a surrogate pair stays one. Values may be of any size and depth, but one that
something is picked from is held in memory. What comes before a mistake is printed. The status
is 1 if a file cannot be read, is not JSON, or has nothing where the pointer leads.",
    flags: &[
        BuiltinOption::switch(Some('p'), "pretty", "On many lines, as jq prints it"),
        BuiltinOption::switch(
            Some('c'),
            "compact",
            "Each value on one line, as jq -c does",
        ),
        BuiltinOption::with(
            None,
            "pick",
            "POINTER",
            "Only the value there: /name/0/name",
        ),
        BuiltinOption::switch(
            Some('r'),
            "raw",
            "What is picked without quotes and escapes",
        ),
    ],
    build,
};

fn build(parsed: &mut ParsedArguments) -> Result<Box<dyn Transform>, ArgumentError> {
    let pointer = parsed.value("pick").map(|text| {
        let wrong = |text| format!("'{text}' is no JSON pointer: write '/{text}'");
        let wrong = || ArgumentError::Wrong(wrong(String::from_utf8_lossy(text)));
        JsonPointer::new(text).ok_or_else(wrong)
    });
    let pointer = pointer.transpose()?;
    if pointer.is_none() && parsed.has("raw") {
        return Err(ArgumentError::Wrong(
            "'--raw' goes with '--pick'".to_owned(),
        ));
    }
    let style = match parsed.last(&["pretty", "compact"]) {
        Some("compact") => Some(JsonStyle::Compact),
        Some(_) => Some(JsonStyle::Pretty),
        None => None,
    };
    Ok(Box::new(JsonTransform {
        style,
        pointer,
        is_raw: parsed.has("raw"),
    }))
}

#[derive(Debug)]
struct JsonTransform {
    style: Option<JsonStyle>,
    pointer: Option<JsonPointer>,
    is_raw: bool,
}

impl Transform for JsonTransform {
    fn run(&self, files: &[Vec<u8>], stdio: &BuiltinIo<'_>) -> io::Result<u8> {
        let process = |file: &[u8], out: &mut BufferedStdout<'_>| self.process(file, stdio, out);
        each_file(files, stdio, process, |file, error| match error {
            JsonError::Io(error) => complain(stdio, "@json: cannot read", file, error),
            JsonError::Wrong { why, line, column } => {
                let error = io::Error::other(format!("line {line}, column {column}: {why}"));
                complain(stdio, "@json: wrong in", file, error)
            }
        })
    }
}

impl JsonTransform {
    fn process(
        &self,
        file: &[u8],
        stdio: &BuiltinIo<'_>,
        out: &mut BufferedStdout<'_>,
    ) -> Result<(), JsonError> {
        let source = BuiltinInput::open(file, stdio)?;
        let most = source.stdio().workers().max_record();
        let buffer = buffer(&source);
        let mut scanner = JsonScanner::new(source, buffer);
        let Some(pointer) = &self.pointer else {
            let sink: &mut dyn JsonSink = match self.style {
                None => &mut JsonDiscard,
                Some(style) => &mut JsonWriter::new(out, style),
            };
            while scanner.value(sink)? {}
            return Ok(());
        };
        let mut missing = None;
        let held = HeldValue {
            bytes: Vec::new(),
            most,
        };
        let mut value = JsonWriter::new(held, JsonStyle::Compact);
        while scanner.value(&mut value)? {
            let found = find(pointer, &value.out.bytes).map(|found| self.print(found, out));
            match found {
                Ok(printed) => printed?,
                Err(why) => missing = missing.or(Some(scanner.wrong_before(why))),
            }
            value.out.bytes.clear();
        }
        missing.map_or(Ok(()), Err)
    }

    fn print(&self, value: &str, out: &mut BufferedStdout<'_>) -> Result<(), JsonError> {
        if self.is_raw
            && let Ok(text) = serde_json::from_str::<String>(value)
        {
            out.write_all(text.as_bytes())?;
            out.write_all(b"\n")?;
            return Ok(());
        }
        let style = self.style.unwrap_or(JsonStyle::Pretty);
        let mut scanner = JsonScanner::new(value.as_bytes(), vec![0; value.len() + 1]);
        scanner.value(&mut JsonWriter::new(out, style)).map(drop)
    }
}

/// Text of the value that is to be picked, or the reason why there is none.
fn find<'a>(pointer: &JsonPointer, value: &'a [u8]) -> Result<&'a str, &'static str> {
    let value = std::str::from_utf8(value).map_err(|_| "it is not UTF-8")?;
    match pointer.find(value) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err("nothing is there in the value that ends here"),
        Err(_) => Err("a name in the value that ends here is half a character"),
    }
}

/// Buffer for a file, which may be larger than its size said.
fn buffer(source: &BuiltinInput<'_>) -> Vec<u8> {
    const LEAST: usize = 64;
    vec![0; source.buffer_size(CHUNK).max(LEAST)]
}

/// A value in memory, of `most` bytes at most.
struct HeldValue {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for HeldValue {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        hold(&mut self.bytes, bytes, self.most)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sink of JSON that is only checked.
struct JsonDiscard;

impl JsonSink for JsonDiscard {
    fn token(&mut self, _: JsonToken, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn end_of_value(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Values that are rows of a table: their columns, and the names of these.

use std::fmt;
use std::io::{self, Chain, Read};
use std::iter;

use memchr::memmem;
use regex::bytes::Regex;
use serde_json::{Map, Value as Json};

use super::delimited_values::too_long;
use super::row::Value;
use super::value_cleanup::TrimSides;
use crate::os::byte_strings::ByteStrings;
use crate::os::metered_reader::MeteredReader;

/// Division of a value into columns.
#[derive(Debug, Clone)]
pub(crate) enum RecordFormat {
    /// One column.
    Whole,
    /// `--colsep`: columns between the matches.
    Separated(Regex),
    /// `--csv`, `--tsv`: columns separated by this byte, maybe in quotes.
    Csv(u8),
    /// `--jsonl`: fields of a JSON object.
    Json(JsonColumns),
}

/// Fields of JSON objects.
#[derive(Debug, Clone, Default)]
pub(crate) struct JsonColumns {
    /// Names beside those of the first object's fields.
    pub names: Vec<Value>,
    /// The line to type where objects are in an array.
    pub array_hint: String,
}

/// `--header`: origin of the names of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum HeaderNames {
    /// No names: the first record is one of values.
    #[default]
    Absent,
    /// `--header :`: the first record of each source names its columns.
    First,
    /// `--header 0`: each source is named by its file.
    FileName,
}

impl RecordFormat {
    /// Columns separated by tabs.
    pub(crate) fn tabs() -> RecordFormat {
        RecordFormat::Separated(Regex::new("\t").expect("it is a regular expression"))
    }

    /// Appends the columns of a value; those of JSON by the names of `fields`.
    ///
    /// # Errors
    /// The value is no JSON object, or not one CSV record.
    pub(super) fn split(
        &self,
        value: &[u8],
        fields: &[Value],
        trim: TrimSides,
        columns: &mut ByteStrings,
    ) -> Result<(), String> {
        match self {
            RecordFormat::Whole => columns.push(trim.cut(value)),
            RecordFormat::Separated(separator) => {
                columns.extend(split_at(separator, value).map(|column| trim.cut(column)));
            }
            RecordFormat::Csv(separator) => {
                let mut reader = CsvReader::new(*separator, value, usize::MAX);
                // Memory can always be read.
                match (reader.next(), reader.next()) {
                    (Ok(CsvRecord::Fields(fields)), Ok(CsvRecord::End)) => {
                        columns.extend(fields.iter().map(|column| trim.cut(column)));
                    }
                    (Ok(CsvRecord::End), _) => columns.push(b""),
                    _ => return Err("it is not one record of CSV".to_owned()),
                }
            }
            RecordFormat::Json(_) => {
                let object = object(value)?;
                for name in fields {
                    columns.push(trim.cut(&field(&object, name)));
                }
            }
        }
        Ok(())
    }
}

/// Parts between the matches of a separator. Perl's rule: an empty match separates nothing at
/// the ends of the value.
pub(crate) fn split_at<'v>(separator: &Regex, value: &'v [u8]) -> impl Iterator<Item = &'v [u8]> {
    let mut matches = separator.find_iter(value).filter(|found| {
        let at_end = found.start() == 0 || found.start() == value.len();
        !(found.is_empty() && at_end)
    });
    let mut from = Some(0);
    iter::from_fn(move || {
        let start = from?;
        let found = matches.next();
        from = found.map(|found| found.end());
        Some(&value[start..found.map_or(value.len(), |found| found.start())])
    })
}

/// Last record, added to the input: a quote that is not closed swallows it. No file has
/// such a text.
const END_RECORD: &[u8] = b"\0prun: the end\0";

/// [`END_RECORD`] on a line of its own.
const END_LINE: &[u8] = b"\n\0prun: the end\0\n";

pub(super) struct CsvReader<R>(csv::Reader<Chain<MeteredReader<R>, &'static [u8]>>);

pub(super) enum CsvRecord {
    Fields(csv::ByteRecord),
    End,
    /// A quote is not closed.
    Unclosed,
}

impl<R: Read> CsvReader<R> {
    /// Records may have any number of fields; one of more than `max_record` bytes is an
    /// error.
    pub(super) fn new(separator: u8, input: R, max_record: usize) -> CsvReader<R> {
        let input = MeteredReader::new(input, max_record, too_long);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(input.chain(END_LINE));
        CsvReader(reader)
    }

    pub(super) fn next(&mut self) -> io::Result<CsvRecord> {
        self.0.get_mut().get_mut().0.begin_record();
        let mut record = csv::ByteRecord::new();
        let is_record = self.0.read_byte_record(&mut record);
        let is_record = is_record.map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            kind => io::Error::other(format!("{kind:?}")),
        })?;
        if record == vec![END_RECORD] {
            return Ok(CsvRecord::End);
        }
        let is_swallowed = record
            .iter()
            .any(|field| memmem::find(field, END_RECORD).is_some());
        Ok(if is_record && !is_swallowed {
            CsvRecord::Fields(record)
        } else {
            CsvRecord::Unclosed
        })
    }
}

impl<R> fmt::Debug for CsvReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsvReader")
    }
}

#[derive(Debug, Default)]
pub(super) struct FieldNames {
    /// Fields of the first object in order, then others.
    pub(super) known: Vec<Value>,
    /// Names among the others that the first object does not have.
    pub(super) missing: Vec<Value>,
}

impl FieldNames {
    /// The names in `first` and the `others`, of which some may be paths.
    pub(super) fn new(first: &[u8], others: &[Value]) -> Result<FieldNames, String> {
        let object = object(first)?;
        let known = object.keys().map(|name| name.clone().into_bytes());
        let mut names = FieldNames {
            known: known.collect(),
            missing: Vec::new(),
        };
        for name in others {
            if !names.known.contains(name) {
                names.known.push(name.clone());
            }
            if lookup(&object, name).is_none() {
                names.missing.push(name.clone());
            }
        }
        Ok(names)
    }
}

/// Reason for the hint about arrays.
pub(super) const ARRAY: &str = "it is an array and no JSON object";

fn object(value: &[u8]) -> Result<Map<String, Json>, String> {
    match serde_json::from_slice(value) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(Json::Array(_)) => Err(ARRAY.to_owned()),
        Ok(_) => Err("it is no JSON object".to_owned()),
        // An array on several lines.
        Err(error) if error.is_eof() && value.trim_ascii_start().starts_with(b"[") => {
            Err(ARRAY.to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// Text as it is, nothing for null and for a field that is not there, and JSON of
/// everything else.
fn field(object: &Map<String, Json>, name: &[u8]) -> Value {
    match lookup(object, name) {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::String(text)) => text.clone().into_bytes(),
        Some(other) => other.to_string().into_bytes(),
    }
}

/// The field of this name, or at the end of the path `a.b`. A name with dots in it goes first.
fn lookup<'o>(object: &'o Map<String, Json>, name: &[u8]) -> Option<&'o Json> {
    let name = std::str::from_utf8(name).ok()?;
    object.get(name).or_else(|| {
        let mut dots = name.match_indices('.');
        dots.find_map(|(dot, _)| match object.get(&name[..dot])? {
            Json::Object(inner) => lookup(inner, &name.as_bytes()[dot + 1..]),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn split(columns: &RecordFormat, fields: &[&str], trim: TrimSides, value: &str) -> Vec<String> {
        let fields: Vec<Value> = fields.iter().map(|name| name.as_bytes().to_vec()).collect();
        let mut row = ByteStrings::default();
        columns
            .split(value.as_bytes(), &fields, trim, &mut row)
            .unwrap();
        row.iter()
            .map(|column| String::from_utf8(column.to_vec()).unwrap())
            .collect()
    }

    fn separated(separator: &str, trim: TrimSides, value: &str) -> Vec<String> {
        let columns = RecordFormat::Separated(Regex::new(separator).unwrap());
        split(&columns, &[], trim, value)
    }

    #[test]
    fn values_are_cut_at_what_matches() {
        assert_eq!(
            separated(",", TrimSides::Both, " a , b c,"),
            ["a", "b c", ""]
        );
        assert_eq!(separated(",", TrimSides::Nothing, " a , b"), [" a ", " b"]);
        assert_eq!(separated("[,;]+", TrimSides::Right, "a ;, b"), ["a", " b"]);
        assert_eq!(separated(r"\t", TrimSides::Left, "a\t b"), ["a", "b"]);
        assert_eq!(separated(",", TrimSides::Both, ""), [""]);
        // A match of nothing, as in Perl.
        assert_eq!(separated("|", TrimSides::Both, "a|b"), ["a", "|", "b"]);
        assert_eq!(separated(" *", TrimSides::Both, "a b"), ["a", "b"]);
        assert_eq!(separated("x*", TrimSides::Both, ""), [""]);
    }

    #[test]
    fn separators_are_bytes() {
        let columns = RecordFormat::Separated(Regex::new(r"(?-u:\xff)").unwrap());
        let mut row = ByteStrings::default();
        let value = b"a\xff\xfeb";
        columns
            .split(value, &[], TrimSides::Nothing, &mut row)
            .unwrap();
        assert_eq!(row, [&b"a"[..], b"\xfeb"].iter().collect());
    }

    #[test]
    fn quoted_columns_hold_separators_and_quotes() {
        let csv = |value| split(&RecordFormat::Csv(b','), &[], TrimSides::Nothing, value);
        assert_eq!(
            csv(r#"a,"b, ""c""
d",e "#),
            ["a", "b, \"c\"\nd", "e "]
        );
        assert_eq!(csv("a,,"), ["a", "", ""]);
    }

    #[test]
    fn fields_are_text_or_json() {
        let json = |value| {
            split(
                &RecordFormat::Json(JsonColumns::default()),
                &["a", "b"],
                TrimSides::Nothing,
                value,
            )
        };
        assert_eq!(json(r#"{"b": "x \"y\u00e9", "c": 1}"#), ["", "x \"y\u{e9}"]);
        assert_eq!(
            json(r#"{"a": 1.10, "b": [1, {"z": null}]}"#),
            ["1.10", r#"[1,{"z":null}]"#]
        );
        assert_eq!(json(r#"{"a": null, "b": true}"#), ["", "true"]);
        for bad in ["", "[]", "3", "{", r#"{"a": }"#] {
            assert!(FieldNames::new(bad.as_bytes(), &[]).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_those_of_the_first_object_and_others() {
        let others = ["a", "b.c", "x", "b.y", "n.z"].map(|name| name.as_bytes().to_vec());
        let first = br#"{"z": 1, "a": null, "b": {"c": 2}, "n": 3}"#;
        let names = FieldNames::new(first, &others).unwrap();
        let known = ["z", "a", "b", "n", "b.c", "x", "b.y", "n.z"];
        assert_eq!(names.known, known.map(|name| name.as_bytes().to_vec()));
        assert_eq!(names.missing, [&b"x"[..], b"b.y", b"n.z"]);
    }

    #[test]
    fn fields_may_be_within_others() {
        let columns = RecordFormat::Json(JsonColumns::default());
        let json = |value| split(&columns, &["a.b", "a.b.c"], TrimSides::Nothing, value);
        assert_eq!(json(r#"{"a": {"b": 1}}"#), ["1", ""]);
        assert_eq!(json(r#"{"a": {"b": {"c": "x"}}}"#), [r#"{"c":"x"}"#, "x"]);
        assert_eq!(json(r#"{"a": {"b": 1}, "a.b": 2}"#), ["2", ""]);
        assert_eq!(json(r#"{"a": {"b.c": 3}}"#), ["", "3"]);
        assert_eq!(json(r#"{"a.b": {"c": 4}, "a": 1}"#), [r#"{"c":4}"#, "4"]);
        assert_eq!(json(r#"{"a": [1]}"#), ["", ""]);
    }
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let special = proptest::sample::select(b"a,;\"\n\r ".as_slice());
        vec(prop_oneof![4 => special, 1 => any::<u8>()], 0..20)
    }

    proptest! {
        #[test]
        fn parts_and_what_separates_them_are_the_value(
            pattern in "[a,;\\[\\]()|*+?^$\\\\b]{0,8}",
            value in bytes(),
        ) {
            if let Ok(separator) = Regex::new(&pattern) {
                let parts: Vec<&[u8]> = split_at(&separator, &value).collect();
                let length: usize = parts.iter().map(|part| part.len()).sum();
                let cut: usize = separator.find_iter(&value).map(|found| found.len()).sum();
                prop_assert_eq!(length + cut, value.len());
                prop_assert!(parts.len() <= value.len() + 1);
            }
        }

        #[test]
        fn fields_of_csv_are_given_back(fields in vec(bytes(), 1..5)) {
            let quoted: Vec<String> = fields
                .iter()
                .map(|field| String::from_utf8_lossy(field).replace('"', "\"\""))
                .collect();
            let line = format!("\"{}\"", quoted.join("\",\""));
            let row = split(&RecordFormat::Csv(b','), &[], TrimSides::Nothing, &line);
            let fields: Vec<String> = fields
                .iter()
                .map(|field| String::from_utf8_lossy(field).into_owned())
                .collect();
            prop_assert_eq!(row, fields);
        }

        #[test]
        fn any_bytes_are_a_record_of_csv_or_an_error(value in bytes()) {
            let mut row = ByteStrings::default();
            let _ = RecordFormat::Csv(b',').split(&value, &[], TrimSides::Both, &mut row);
        }
    }
}

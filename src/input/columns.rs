//! Values that are rows of a table: their columns, and the names of these.

use regex::bytes::Regex;
use serde_json::{Map, Value as Json};

use super::Value;
use super::clean::Trim;

/// Whether a value has columns.
#[derive(Debug, Clone)]
pub enum Columns {
    /// It is one.
    Whole,
    /// They are separated by what this matches: `--colsep`.
    Separated(Regex),
    /// They are separated by this byte, and may be in quotes: `--csv`.
    Csv(u8),
    /// They are the fields of a JSON object: `--jsonl`.
    Json,
}

/// Whether the first values are names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Header {
    /// They are values.
    #[default]
    Absent,
    /// The first value of each source names its columns: `--header :`.
    First,
}

impl Columns {
    /// Columns separated by tabs.
    pub fn tabs() -> Columns {
        Columns::Separated(Regex::new("\t").expect("it is a regular expression"))
    }

    /// Appends the columns of a value; those of JSON by the names of `fields`.
    ///
    /// # Errors
    /// What is wrong with a value that is no JSON object.
    pub(super) fn split(
        &self,
        value: Value,
        fields: &[Value],
        trim: Trim,
        columns: &mut Vec<Value>,
    ) -> Result<(), String> {
        let first = columns.len();
        match self {
            Columns::Whole if trim == Trim::Nothing => {
                columns.push(value);
                return Ok(());
            }
            Columns::Whole => columns.push(value),
            Columns::Separated(separator) => {
                columns.extend(separator.split(&value).map(<[u8]>::to_vec));
            }
            Columns::Csv(separator) => {
                let mut reader = csv_reader(*separator, value.as_slice());
                let mut record = csv::ByteRecord::new();
                // Memory can always be read, and any bytes are a record.
                let _ = reader.read_byte_record(&mut record);
                columns.extend(record.iter().map(<[u8]>::to_vec));
            }
            Columns::Json => {
                let object = object(&value)?;
                columns.extend(fields.iter().map(|name| field(&object, name)));
            }
        }
        for column in &mut columns[first..] {
            trim.cut(column);
        }
        Ok(())
    }
}

/// A reader of records that may have any number of fields.
pub(super) fn csv_reader<R: std::io::Read>(separator: u8, input: R) -> csv::Reader<R> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(input)
}

/// The names of a JSON object's fields, in order.
pub(super) fn field_names(value: &[u8]) -> Result<Vec<Value>, String> {
    let names = object(value)?
        .into_iter()
        .map(|(name, _)| name.into_bytes());
    Ok(names.collect())
}

fn object(value: &[u8]) -> Result<Map<String, Json>, String> {
    match serde_json::from_slice(value) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err("it is no JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Text as it is, nothing for null and for a field that is not there, and JSON of
/// everything else.
fn field(object: &Map<String, Json>, name: &[u8]) -> Value {
    let name = std::str::from_utf8(name).ok();
    match name.and_then(|name| object.get(name)) {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::String(text)) => text.clone().into_bytes(),
        Some(other) => other.to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(columns: &Columns, fields: &[&str], trim: Trim, value: &str) -> Vec<String> {
        let fields: Vec<Value> = fields.iter().map(|name| name.as_bytes().to_vec()).collect();
        let mut row = Vec::new();
        columns
            .split(value.into(), &fields, trim, &mut row)
            .unwrap();
        row.into_iter()
            .map(|column| String::from_utf8(column).unwrap())
            .collect()
    }

    fn separated(separator: &str, trim: Trim, value: &str) -> Vec<String> {
        let columns = Columns::Separated(Regex::new(separator).unwrap());
        split(&columns, &[], trim, value)
    }

    #[test]
    fn values_are_cut_at_what_matches() {
        assert_eq!(separated(",", Trim::Both, " a , b c,"), ["a", "b c", ""]);
        assert_eq!(separated(",", Trim::Nothing, " a , b"), [" a ", " b"]);
        assert_eq!(separated("[,;]+", Trim::Right, "a ;, b"), ["a", " b"]);
        assert_eq!(separated(r"\t", Trim::Left, "a\t b"), ["a", "b"]);
        assert_eq!(separated(",", Trim::Both, ""), [""]);
    }

    #[test]
    fn separators_are_bytes() {
        let columns = Columns::Separated(Regex::new(r"(?-u:\xff)").unwrap());
        let mut row = Vec::new();
        let value = b"a\xff\xfeb".to_vec();
        columns.split(value, &[], Trim::Nothing, &mut row).unwrap();
        assert_eq!(row, [b"a".to_vec(), b"\xfeb".to_vec()]);
    }

    #[test]
    fn quoted_columns_hold_separators_and_quotes() {
        let csv = |value| split(&Columns::Csv(b','), &[], Trim::Nothing, value);
        assert_eq!(
            csv(r#"a,"b, ""c""
d",e "#),
            ["a", "b, \"c\"\nd", "e "]
        );
        assert_eq!(csv("a,,"), ["a", "", ""]);
    }

    #[test]
    fn fields_are_text_or_json() {
        let json = |value| split(&Columns::Json, &["a", "b"], Trim::Nothing, value);
        assert_eq!(json(r#"{"b": "x \"y\u00e9", "c": 1}"#), ["", "x \"y\u{e9}"]);
        assert_eq!(
            json(r#"{"a": 1.10, "b": [1, {"z": null}]}"#),
            ["1.10", r#"[1,{"z":null}]"#]
        );
        assert_eq!(json(r#"{"a": null, "b": true}"#), ["", "true"]);
        assert_eq!(field_names(br#"{"z": 1, "a": 2}"#).unwrap(), [b"z", b"a"]);
        for bad in ["", "[]", "3", "{", r#"{"a": }"#] {
            assert!(field_names(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}

//! Values that are rows of a table: their columns, and the names of these.

use regex::bytes::Regex;

use super::clean::Trim;
use super::{Row, Value};

/// Whether a value has columns.
#[derive(Debug, Clone)]
pub enum Columns {
    /// It is one.
    Whole,
    /// They are separated by what this matches: `--colsep`.
    Separated(Regex),
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

    /// Appends the columns of a value.
    pub(super) fn split(&self, value: Value, trim: Trim, columns: &mut Vec<Value>) {
        match self {
            Columns::Whole => columns.push(match trim {
                Trim::Nothing => value,
                trim => trim.apply(&value).to_vec(),
            }),
            Columns::Separated(separator) => {
                let parts = separator.split(&value);
                columns.extend(parts.map(|part| trim.apply(part).to_vec()));
            }
        }
    }

    /// All columns of a row's values.
    pub(super) fn of(&self, values: Vec<Value>, trim: Trim) -> Row {
        if let (Columns::Whole, Trim::Nothing) = (self, trim) {
            return Row(values);
        }
        let mut columns = Vec::with_capacity(values.len());
        for value in values {
            self.split(value, trim, &mut columns);
        }
        Row(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(separator: &str, trim: Trim, value: &str) -> Vec<String> {
        let columns = Columns::Separated(Regex::new(separator).unwrap());
        let row = columns.of(vec![value.into()], trim);
        let texts = row
            .0
            .into_iter()
            .map(|column| String::from_utf8(column).unwrap());
        texts.collect()
    }

    #[test]
    fn values_are_cut_at_what_matches() {
        assert_eq!(columns(",", Trim::Both, " a , b c,"), ["a", "b c", ""]);
        assert_eq!(columns(",", Trim::Nothing, " a , b"), [" a ", " b"]);
        assert_eq!(columns("[,;]+", Trim::Right, "a ;, b"), ["a", " b"]);
        assert_eq!(columns(r"\t", Trim::Left, "a\t b"), ["a", "b"]);
        assert_eq!(columns(",", Trim::Both, ""), [""]);
    }

    #[test]
    fn separators_are_bytes() {
        let columns = Columns::Separated(Regex::new(r"(?-u:\xff)").unwrap());
        let row = columns.of(vec![b"a\xff\xfeb".to_vec()], Trim::Nothing);
        assert_eq!(row.0, [b"a".to_vec(), b"\xfeb".to_vec()]);
    }
}

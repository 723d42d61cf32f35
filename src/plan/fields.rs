//! Fields of a JSON object: each is taken once, by its name, as what it has to be.

use std::collections::HashSet;
use std::fmt;
use std::result;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use strsim::levenshtein;

use crate::error::{Error, Result, visible};

/// Fields of an object that were not taken yet, in the order of the text. A name may be there
/// twice.
#[derive(Debug)]
pub(super) struct Fields(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> result::Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> result::Result<Fields, A::Error> {
        let mut fields = Vec::new();
        while let Some((name, text)) = map.next_entry::<String, Box<RawValue>>()? {
            // First: it is limited in depth, and the next step would follow any.
            let value = serde_json::from_str(text.get()).map_err(A::Error::custom)?;
            // A value has lost which of its names were there twice.
            if let Ok(object) = serde_json::from_str::<Fields>(text.get())
                && let Some(twice) = object.twice()
            {
                let (name, twice) = (visible(name.as_bytes()), visible(twice.as_bytes()));
                let problem = format!("the field '{name}' has '{twice}' twice");
                return Err(A::Error::custom(problem));
            }
            fields.push((name, value));
        }
        Ok(Fields(fields))
    }
}

impl Fields {
    /// Reads the text of an object whose fields have names of `known`.
    ///
    /// # Errors
    /// The text is no object; a field has another name, or that of an earlier one.
    pub(super) fn read(text: &[u8], known: &[&str]) -> Result<Fields> {
        let fields: Fields = serde_json::from_slice(text).map_err(|error| malformed(&error))?;
        fields.check(known)?;
        Ok(fields)
    }

    /// The fields of a value that has to be an object.
    ///
    /// # Errors
    /// As for [`Fields::read`].
    pub(super) fn of(name: &str, value: Value, known: &[&str]) -> Result<Fields> {
        let Value::Object(object) = value else {
            return Err(not(name, "an object"));
        };
        let fields = Fields(object.into_iter().collect());
        fields.check(known)?;
        Ok(fields)
    }

    fn check(&self, known: &[&str]) -> Result<()> {
        for (name, _) in &self.0 {
            if !known.contains(&name.as_str()) {
                let near = known.iter().min_by_key(|known| levenshtein(known, name));
                let shown = visible(name.as_bytes());
                let error = Error::new(format!("the field '{shown}' is unknown"));
                return Err(match near {
                    Some(near) if levenshtein(near, name) <= 2 => {
                        error.hint(format!("the field '{near}' is known"))
                    }
                    _ => error.hint(format!("the fields are {}", known.join(", "))),
                });
            }
        }
        match self.twice() {
            Some(name) => Err(Error::new(format!("the field '{name}' is there twice"))),
            None => Ok(()),
        }
    }

    /// A name that is there twice, if there is one.
    fn twice(&self) -> Option<&str> {
        let mut seen = HashSet::with_capacity(self.0.len());
        let mut names = self.0.iter().map(|(name, _)| name.as_str());
        names.find(|name| !seen.insert(*name))
    }

    /// Takes the field of this name. `null` is as good as none.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.swap_remove(at).1).filter(|value| !value.is_null())
    }

    /// Takes a text without NUL bytes, which none that a process gets can have.
    ///
    /// # Errors
    /// The field is something else.
    pub(super) fn take_text(&mut self, name: &str) -> Result<Option<String>> {
        let value = self.take(name);
        value.map(|value| text(name, value)).transpose()
    }

    /// Takes a whole number.
    ///
    /// # Errors
    /// The field is something else, or the number is above `most`.
    pub(super) fn take_number(&mut self, name: &str, most: u64) -> Result<Option<u64>> {
        let value = self.take(name);
        value.map(|value| number(name, &value, most)).transpose()
    }

    /// Takes `true` or `false`, which is what a missing one is.
    ///
    /// # Errors
    /// The field is something else.
    pub(super) fn take_flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(not(name, "true or false")),
        }
    }

    /// Takes an array of texts.
    ///
    /// # Errors
    /// The field is something else.
    pub(super) fn take_texts(&mut self, name: &str) -> Result<Vec<String>> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                let each = values.into_iter().map(|value| text(name, value));
                each.collect()
            }
            Some(_) => Err(not(name, "an array of texts")),
        }
    }
}

/// A value that has to be a text without NUL bytes.
pub(super) fn text(name: &str, value: Value) -> Result<String> {
    match value {
        Value::String(text) if text.contains('\0') => {
            Err(Error::new(format!("the field '{name}' has a NUL byte")))
        }
        Value::String(text) => Ok(text),
        _ => Err(not(name, "a text")),
    }
}

/// A value that has to be a whole number up to `most`.
pub(super) fn number(name: &str, value: &Value, most: u64) -> Result<u64> {
    let number = value.as_u64().filter(|number| *number <= most);
    number.ok_or_else(|| not(name, &format!("a whole number up to {most}")))
}

/// Error of a field that is not what it has to be.
pub(super) fn not(name: &str, wanted: &str) -> Error {
    Error::new(format!("the field '{name}' is not {wanted}"))
}

/// Error of a text that is no JSON, or no object: the line is told apart from it.
fn malformed(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let place = text.rfind(" at line ").unwrap_or(text.len());
    let what = &text[..place];
    Error::new(format!("column {}: {what}", error.column()))
        .hint("each line is an object: {\"name\": \"a\", \"command\": \"make a\"}")
}

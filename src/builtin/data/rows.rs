//! Objects in JSON that become rows of a table.

use std::io;

use super::scan::{JsonSink, JsonToken};
use crate::builtin::builtin_input::{hold, too_long};

/// Rows of objects, one after the other or in one array. The first object has the names.
pub(super) struct ObjectRows<F> {
    write: F,
    names: Vec<String>,
    /// Number of open objects and arrays, and of those around each row.
    depth: usize,
    around: usize,
    /// Current member, as it is written.
    name: Vec<u8>,
    value: Vec<u8>,
    members: Vec<(String, Vec<u8>)>,
    /// Bytes that are held of a row, and their limit.
    held: usize,
    most: usize,
    /// Reason why an object cannot be a row.
    pub(super) problem: Option<String>,
}

impl<F: FnMut(&[Vec<u8>]) -> io::Result<()>> ObjectRows<F> {
    /// `write` gets the fields of a row.
    pub(super) fn new(write: F, most: usize) -> ObjectRows<F> {
        ObjectRows {
            write,
            names: Vec::new(),
            depth: 0,
            around: 0,
            name: Vec::new(),
            value: Vec::new(),
            members: Vec::new(),
            held: 0,
            most,
            problem: None,
        }
    }

    fn refuse<T>(&mut self, why: String) -> io::Result<T> {
        self.problem = Some(why);
        Err(io::ErrorKind::InvalidData.into())
    }

    /// Takes a token outside of rows.
    fn outside(&mut self, token: JsonToken, text: &[u8]) -> io::Result<()> {
        match (token, text) {
            (JsonToken::Begin, b"{") => self.depth += 1,
            (JsonToken::Begin, _) if self.depth == 0 => {
                self.depth = 1;
                self.around = 1;
            }
            (JsonToken::End, _) => {
                self.depth = 0;
                self.around = 0;
            }
            (JsonToken::Comma, _) => {}
            _ => return self.refuse("an object was expected".to_owned()),
        }
        Ok(())
    }

    fn end_member(&mut self) -> io::Result<()> {
        if self.name.is_empty() {
            return Ok(());
        }
        let name = serde_json::from_slice::<String>(&self.name);
        let value = match self.value.first() {
            Some(b'"') => serde_json::from_slice::<String>(&self.value).map(String::into_bytes),
            Some(b'n') => Ok(Vec::new()),
            _ => Ok(self.value.clone()),
        };
        let (Ok(name), Ok(value)) = (name, value) else {
            return self.refuse("a string has half a character".to_owned());
        };
        if self.members.iter().any(|(other, _)| *other == name) {
            return self.refuse(format!("the name '{name}' is there twice"));
        }
        self.members.push((name, value));
        self.name.clear();
        self.value.clear();
        Ok(())
    }

    fn end_row(&mut self) -> io::Result<()> {
        let members = std::mem::take(&mut self.members);
        self.held = 0;
        if self.names.is_empty() {
            if members.is_empty() {
                return self.refuse("the first object has no names".to_owned());
            }
            self.names = members.iter().map(|(name, _)| name.clone()).collect();
            let names: Vec<Vec<u8>> = self.names.iter().map(|name| name.clone().into()).collect();
            (self.write)(&names)?;
        }
        let mut row = vec![Vec::new(); self.names.len()];
        for (name, value) in members {
            match self.names.iter().position(|other| *other == name) {
                Some(at) => row[at] = value,
                None => return self.refuse(format!("the first object has no name '{name}'")),
            }
        }
        (self.write)(&row)
    }
}

impl<F: FnMut(&[Vec<u8>]) -> io::Result<()>> JsonSink for ObjectRows<F> {
    fn token(&mut self, token: JsonToken, text: &[u8]) -> io::Result<()> {
        let Some(inside) = self.depth.checked_sub(self.around + 1) else {
            return self.outside(token, text);
        };
        match token {
            JsonToken::Begin => self.depth += 1,
            JsonToken::End => self.depth -= 1,
            _ => {}
        }
        self.held += text.len();
        if self.held > self.most {
            return Err(too_long(self.most));
        }
        match (inside, token) {
            (0, JsonToken::Key) => hold(&mut self.name, text, usize::MAX)?,
            (0, JsonToken::Colon) => {}
            (0, JsonToken::Comma) => return self.end_member(),
            (0, JsonToken::End) => {
                self.end_member()?;
                return self.end_row();
            }
            _ => hold(&mut self.value, text, usize::MAX)?,
        }
        Ok(())
    }

    fn end_of_value(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Outputs as the values of shell variables: a text for `eval`, as env_parallel's `parset`
//! takes it. Whatever jobs print is data there: every name is checked, every other byte is
//! in single quotes.

use std::collections::VecDeque;
use std::io;

use crate::error::{Error, Result};
use crate::input::Row;
use crate::spool::Spool;

/// The variables that take outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Assignments {
    /// All of them in an array.
    Array(String),
    /// All of them in an associative array, by the values of their jobs.
    Map(String),
    /// Each in one of these, in this order.
    Each(VecDeque<String>),
}

impl Assignments {
    /// Reads `assoc,NAME` or `var,NAME[,NAME]...`; blanks part names, too. One name is that of
    /// an array.
    ///
    /// # Errors
    /// Something else, or what is no name of a variable.
    pub(crate) fn parse(text: &str) -> Result<Assignments> {
        let mut parts = text.split([',', ' ']);
        let kind = parts.next().unwrap_or_default();
        let mut names: VecDeque<String> = parts.map(str::to_owned).collect();
        if let Some(name) = names.iter().find(|name| !is_name(name)) {
            return Err(Error::new(format!("'{name}' is no name of a variable"))
                .hint("parset array echo ::: a b; parset one,two echo ::: a b"));
        }
        match (kind, names.len()) {
            ("assoc", 1) => Ok(Assignments::Map(names.remove(0).unwrap_or_default())),
            ("var", 1) => Ok(Assignments::Array(names.remove(0).unwrap_or_default())),
            ("var", 2..) => Ok(Assignments::Each(names)),
            _ => Err(Error::new(format!("cannot understand --_parset '{text}'"))
                .hint("--_parset is for parset, which env_parallel defines")),
        }
    }

    /// Text before all outputs. A shell does nothing of a text that was cut off: the
    /// brace would not be closed.
    pub(crate) fn head(&self) -> String {
        match self {
            Assignments::Array(name) | Assignments::Map(name) => format!("{{\n{name}=(\n"),
            Assignments::Each(_) => "{\n".to_owned(),
        }
    }

    /// Text behind all outputs.
    pub(crate) fn tail(&self) -> &'static str {
        match self {
            Assignments::Array(_) | Assignments::Map(_) => ")\n}\n",
            Assignments::Each(_) => ":\n}\n",
        }
    }

    /// The value that an output becomes, in a line of its own. The newline at its end does not
    /// belong to it.
    ///
    /// # Errors
    /// There are more jobs than variables.
    pub(crate) fn assign(&mut self, row: &Row, output: &[u8]) -> Result<Vec<u8>> {
        let mut text = Vec::with_capacity(output.len() + 16);
        match self {
            Assignments::Array(_) => {}
            Assignments::Map(_) => {
                text.push(b'[');
                quote(&row.values.join(b" "), &mut text);
                text.extend_from_slice(b"]=");
            }
            Assignments::Each(names) => {
                let Some(name) = names.pop_front() else {
                    return Err(
                        Error::new("there are more jobs than variables for their output")
                            .hint("one name is that of an array, which takes them all"),
                    );
                };
                text.extend_from_slice(name.as_bytes());
                text.push(b'=');
            }
        }
        quote(output.strip_suffix(b"\n").unwrap_or(output), &mut text);
        text.push(b'\n');
        Ok(text)
    }
}

/// Tells whether a name is a variable or an element of an array, and nothing that would be run.
fn is_name(text: &str) -> bool {
    let (name, index) = match text.strip_suffix(']').map(|text| text.split_once('[')) {
        None => (text, "0"),
        Some(Some((name, index))) => (name, index),
        Some(None) => return false,
    };
    let mut letters = name.bytes();
    let starts = |byte: u8| byte == b'_' || byte.is_ascii_alphabetic();
    letters.next().is_some_and(starts)
        && letters.all(|byte| starts(byte) || byte.is_ascii_digit())
        && !index.is_empty()
        && index.bytes().all(|byte| byte.is_ascii_digit())
}

/// Quotes everything: in an array of ksh even a plain word may be a declaration.
fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'\'');
    for &byte in text {
        match byte {
            b'\'' => out.extend_from_slice(b"'\\''"),
            _ => out.push(byte),
        }
    }
    out.push(b'\'');
}

/// All bytes of a spool.
pub(super) fn read(output: &Spool) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(output.len()).unwrap_or_default());
    let nothing_sent = |_: &_, _, _| 0;
    output.deliver(nothing_sent, |piece| {
        bytes.extend_from_slice(piece);
        Ok(())
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_checked() {
        let array = |name: &str| Assignments::Array(name.to_owned());
        let each = |names: &[&str]| Assignments::Each(names.iter().map(|n| (*n).into()).collect());
        assert_eq!(Assignments::parse("var,a").unwrap(), array("a"));
        assert_eq!(
            Assignments::parse("var,a,_b1 c[12]").unwrap(),
            each(&["a", "_b1", "c[12]"])
        );
        assert_eq!(
            Assignments::parse("assoc,m").unwrap(),
            Assignments::Map("m".to_owned())
        );
        for wrong in [
            "",
            "var",
            "var,",
            "var,a,",
            "var,1a",
            "var,a-b",
            "var,a[]",
            "var,a[$(id)]",
            "var,a]",
            "var,a\n",
            "var,a;id",
            "assoc,a,b",
            "array,a",
            "var,é",
        ] {
            assert!(Assignments::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn variables_take_one_output_each() {
        let mut each = Assignments::parse("var,a,b").unwrap();
        let row = Row::from_iter(["x"]);
        assert_eq!(each.assign(&row, b"it's\n\n").unwrap(), b"a='it'\\''s\n'\n");
        assert_eq!(each.assign(&row, b"").unwrap(), b"b=''\n");
        assert!(each.assign(&row, b"c").is_err());
    }

    proptest! {
        /// What is in quotes is read back by the rules of a shell: nothing else is there.
        #[test]
        fn no_output_gets_out_of_its_quotes(output in any::<Vec<u8>>(), value in any::<Vec<u8>>()) {
            let mut map = Assignments::Map("m".to_owned());
            let row = Row::from_iter([&value]);
            let text = map.assign(&row, &output).unwrap();
            let plain = output.strip_suffix(b"\n").unwrap_or(&output);
            let expected = [b"[".as_slice(), &value, b"]=", plain, b"\n"].concat();
            prop_assert_eq!(unquoted(&text), Some(expected));
        }
    }

    /// The text without quotes, if what is outside of them is nothing but the frame.
    fn unquoted(text: &[u8]) -> Option<Vec<u8>> {
        let (mut plain, mut quoted, mut at) = (Vec::new(), false, 0);
        while let Some(&byte) = text.get(at) {
            at += 1;
            match (byte, quoted) {
                (b'\'', _) => quoted = !quoted,
                (b'\\', false) => {
                    plain.push(*text.get(at).filter(|byte| **byte == b'\'')?);
                    at += 1;
                }
                (b'[' | b']' | b'=' | b'\n', false) | (_, true) => plain.push(byte),
                (_, false) => return None,
            }
        }
        (!quoted).then_some(plain)
    }
}

//! Values of environment variables by slots: `--slot-env`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

use crate::error::{Error, Result};

/// Hint of messages about a list that cannot be used.
pub(crate) const EXAMPLE: &str = "prun --slot-env GPU=0,1 'echo $GPU' ::: a b";

/// Variable of the environment of jobs, with its value in each slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotVariable {
    pub name: OsString,
    /// Value in slot 1, in slot 2 and so on; at least one.
    values: Vec<OsString>,
}

impl SlotVariable {
    /// Reads `NAME=V1,V2,...`.
    ///
    /// # Errors
    /// A shell could not read a variable of that name, or there is no value. A list of nothing
    /// comes from a variable that is not set, and one job with an empty value is not what
    /// was meant.
    pub(crate) fn parse(text: &OsStr) -> Result<Self> {
        let problem = |problem: String| Error::new(problem).hint(EXAMPLE);
        let bytes = text.as_bytes();
        let (name, list) = match bytes.iter().position(|&byte| byte == b'=') {
            Some(at) => (&bytes[..at], &bytes[at + 1..]),
            None => (bytes, &[][..]),
        };
        let name = OsStr::from_bytes(name);
        if !is_identifier(name.as_bytes()) {
            let shown = name.display();
            return Err(problem(format!(
                "--slot-env: '{shown}' is no name of a variable"
            )));
        }
        if list.is_empty() {
            let shown = name.display();
            return Err(problem(format!("--slot-env {shown} has no values")));
        }
        let values = list.split(|&byte| byte == b',');
        Ok(SlotVariable {
            name: name.to_owned(),
            values: values
                .map(|value| OsStr::from_bytes(value).into())
                .collect(),
        })
    }

    /// Number of slots that have a value.
    pub(crate) fn slots(&self) -> usize {
        self.values.len()
    }

    /// Value in a slot, counted from 1.
    pub(crate) fn value(&self, slot: usize) -> Option<&OsStr> {
        let value = self.values.get(slot.checked_sub(1)?);
        value.map(OsString::as_os_str)
    }
}

fn is_identifier(name: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    name.first().is_some_and(is_letter)
        && name
            .iter()
            .all(|byte| is_letter(byte) || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_slot_has_its_value() {
        let variable = SlotVariable::parse(OsStr::new("GPU=0,,a=b,0")).unwrap();
        let values: Vec<_> = (0..=5).map(|slot| variable.value(slot)).collect();
        let expected = [None, Some("0"), Some(""), Some("a=b"), Some("0"), None];
        assert_eq!(values, expected.map(|value| value.map(OsStr::new)));
        assert_eq!(
            (variable.name.as_os_str(), variable.slots()),
            ("GPU".as_ref(), 4)
        );
    }

    #[test]
    fn a_list_without_a_name_or_values_is_refused() {
        for (text, problem) in [
            ("", "--slot-env: '' is no name of a variable"),
            ("=0,1", "--slot-env: '' is no name of a variable"),
            ("1X=0", "--slot-env: '1X' is no name of a variable"),
            ("A-B=0", "--slot-env: 'A-B' is no name of a variable"),
            ("A B=0", "--slot-env: 'A B' is no name of a variable"),
            ("X", "--slot-env X has no values"),
            ("X=", "--slot-env X has no values"),
        ] {
            let error = SlotVariable::parse(OsStr::new(text)).unwrap_err();
            let expected = format!("prun: {problem}\nhint: {EXAMPLE}");
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_values(
            name in "[A-Za-z_][A-Za-z0-9_]{0,8}",
            values in proptest::collection::vec(
                proptest::collection::vec(any::<u8>().prop_filter("it separates", |&byte| byte != b','), 0..5),
                2..5,
            ),
        ) {
            let text = [name.as_bytes(), b"=", &values.join(&b','), ].concat();
            let variable = SlotVariable::parse(OsStr::from_bytes(&text)).unwrap();
            prop_assert_eq!(variable.name.as_bytes(), name.as_bytes());
            let read = (1..=variable.slots()).map(|slot| variable.value(slot).unwrap().to_owned().into_vec());
            prop_assert_eq!(read.collect::<Vec<_>>(), values);
        }

        #[test]
        fn any_text_is_read_or_refused(text in proptest::collection::vec(any::<u8>(), 0..20)) {
            let _ = SlotVariable::parse(OsStr::from_bytes(&text));
        }
    }
}

//! One value out of another, by a JSON pointer (RFC 6901).

use std::collections::HashMap;

use serde_json::value::RawValue;

/// A pointer: the name or the index of each step.
#[derive(Debug, Clone)]
pub(super) struct JsonPointer {
    steps: Vec<String>,
}

impl JsonPointer {
    /// Reads `/a/0/b`, in which `~1` is a slash and `~0` a tilde. The empty one is the whole
    /// value; others begin with a slash.
    pub(super) fn new(text: &[u8]) -> Option<JsonPointer> {
        let text = std::str::from_utf8(text).ok()?;
        let mut steps = text.split('/');
        let begins_well = steps.next().is_some_and(str::is_empty);
        let steps = steps.map(|step| step.replace("~1", "/").replace("~0", "~"));
        begins_well.then(|| JsonPointer {
            steps: steps.collect(),
        })
    }

    /// The text of the value that it leads to. Of members of the same name, it is the last.
    ///
    /// # Errors
    /// A name has half of a character only.
    pub(super) fn find<'a>(&self, text: &'a str) -> serde_json::Result<Option<&'a str>> {
        let mut value = text;
        for step in &self.steps {
            let inner = match value.as_bytes().first() {
                Some(b'{') => {
                    let members: HashMap<String, &RawValue> = serde_json::from_str(value)?;
                    members.get(step).copied()
                }
                Some(b'[') => {
                    let items: Vec<&RawValue> = serde_json::from_str(value)?;
                    index(step).and_then(|at| items.get(at).copied())
                }
                _ => None,
            };
            match inner {
                Some(inner) => value = inner.get(),
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }
}

fn index(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with(['0', '+']);
    step.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lead_to_values() {
        let text = r#"{"a":[1.0,{"b":"x\/"}],"":{"":2},"m~n":3,"a/b":4,"a":[5,1E400]}"#;
        for (pointer, expected) in [
            ("", Some(text)),
            ("/a", Some("[5,1E400]")),
            ("/a/1", Some("1E400")),
            ("/a/01", None),
            ("/a/+1", None),
            ("/a/2", None),
            ("/a/-", None),
            ("//", Some("2")),
            ("/m~0n", Some("3")),
            ("/a~1b", Some("4")),
            ("/a/1/b", None),
        ] {
            let pointer = JsonPointer::new(pointer.as_bytes()).unwrap();
            assert_eq!(pointer.find(text).unwrap(), expected, "{pointer:?}");
        }
        assert!(JsonPointer::new(b"a/b").is_none());
    }
}

//! Values that are hardly meant: of the first of each kind the user is told.

use std::sync::OnceLock;

use super::value_cleanup::TrimSides;

/// Origin of the first suspect value of each kind: `value 3 of 'list'`. Arguments are not
/// checked, since somebody has typed them.
#[derive(Debug, Default)]
pub(super) struct SuspectValues {
    carriage_return: OnceLock<String>,
    empty: OnceLock<String>,
}

impl SuspectValues {
    /// Checks a value from which `trim` is still to be cut.
    pub(super) fn check(&self, value: &[u8], trim: TrimSides, origin: impl Fn() -> String) {
        // Most values end after one comparison.
        if value.last().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return;
        }
        let value = trim.cut(value);
        if value.is_empty() {
            self.empty.get_or_init(origin);
        } else if value.ends_with(b"\r") {
            self.carriage_return.get_or_init(origin);
        }
    }
}

/// Hints that go with warnings of suspect values; there is no warning without one.
#[derive(Debug, Default)]
pub(crate) struct SuspectHints {
    /// For a value that ends in a carriage return.
    pub carriage_return: Option<String>,
    /// For an empty value.
    pub empty: Option<String>,
}

impl SuspectHints {
    /// Warnings that are due, each given once.
    pub(super) fn take_warnings(&mut self, suspects: &SuspectValues) -> Vec<String> {
        let kinds = [
            (
                &suspects.carriage_return,
                &mut self.carriage_return,
                "ends in a carriage return, as lines of Windows files do",
            ),
            (&suspects.empty, &mut self.empty, "is empty"),
        ];
        let due = kinds.into_iter().filter_map(|(origin, hint, what)| {
            let origin = origin.get()?;
            let hint = hint.take()?;
            Some(format!("prun: warning: {origin} {what}\nhint: {hint}"))
        });
        due.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(values: &[&str], trim: TrimSides) -> Vec<String> {
        let suspects = SuspectValues::default();
        for value in values {
            suspects.check(value.as_bytes(), trim, || format!("{value:?}"));
        }
        let mut hints = SuspectHints {
            carriage_return: Some("r".to_owned()),
            empty: Some("e".to_owned()),
        };
        let warnings = hints.take_warnings(&suspects);
        assert!(hints.take_warnings(&suspects).is_empty(), "told twice");
        warnings
    }

    #[test]
    fn the_first_of_each_kind_is_told_once() {
        let cr = "prun: warning: \"a\\r\" ends in a carriage return, as lines of Windows files do\nhint: r";
        let empty = |value: &str| format!("prun: warning: {value:?} is empty\nhint: e");
        let (nothing, right) = (TrimSides::Nothing, TrimSides::Right);
        assert_eq!(
            warnings(&["x", "a\r", "", "b\r", ""], nothing),
            [cr, &empty("")]
        );
        assert_eq!(warnings(&["a\r", "b"], nothing), [cr]);
        assert_eq!(warnings(&["a\r", "\r"], right), [empty("\r")]);
        assert_eq!(warnings(&[" a", "a ", "a\rb", "\ra"], nothing), [""; 0]);
        assert_eq!(warnings(&[" "], nothing), [""; 0]);
        assert_eq!(warnings(&[" "], TrimSides::Both), [empty(" ")]);
    }
}

//! Values that are hardly what was meant: of the first of each kind the user is told.

use std::sync::OnceLock;

use super::Rows;
use super::value_cleanup::TrimSides;

/// Where the first suspect value of each kind was read: `value 3 of 'list'`. Arguments are
/// not looked at, since somebody has typed them.
#[derive(Debug, Default)]
pub(super) struct SuspectValues {
    carriage_return: OnceLock<String>,
    empty: OnceLock<String>,
}

impl SuspectValues {
    /// Looks at a value from which `trim` is still to be cut.
    pub(super) fn look_at(&self, value: &[u8], trim: TrimSides, place: impl Fn() -> String) {
        // Most values end after one comparison.
        if value.last().is_some_and(|byte| !byte.is_ascii_whitespace()) {
            return;
        }
        let value = trim.cut(value);
        if value.is_empty() {
            self.empty.get_or_init(place);
        } else if value.ends_with(b"\r") {
            self.carriage_return.get_or_init(place);
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
        let due = kinds.into_iter().filter_map(|(place, hint, what)| {
            let place = place.get()?;
            let hint = hint.take()?;
            Some(format!("prun: warning: {place} {what}\nhint: {hint}"))
        });
        due.collect()
    }
}

impl Rows {
    /// Sets the hints for suspect values.
    pub(crate) fn set_hints(&mut self, hints: SuspectHints) {
        self.hints = hints;
    }

    /// Warnings of values in the rows read so far, each given once.
    pub(crate) fn take_warnings(&mut self) -> Vec<String> {
        let mut warnings = self.hints.take_warnings(&self.suspects);
        warnings.extend(self.nul.take_warning().map(str::to_owned));
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(values: &[&str], trim: TrimSides) -> Vec<String> {
        let suspects = SuspectValues::default();
        for value in values {
            suspects.look_at(value.as_bytes(), trim, || format!("{value:?}"));
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

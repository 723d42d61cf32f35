//! Blanks between fields and before numbers.

/// Number of blanks that `text` begins with.
pub(super) fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(is_blank).count()
}

/// A newline can be in a line that ends with NUL.
pub(super) fn is_blank(byte: &&u8) -> bool {
    matches!(**byte, b' ' | b'\t' | b'\n')
}

//! The longest text that an expression makes.

/// In bytes.
pub(super) const LONGEST: usize = 1 << 20;

/// Message about a text beyond the limit.
pub(super) fn too_long() -> String {
    format!("a text is longer than {} MiB", LONGEST >> 20)
}

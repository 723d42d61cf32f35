//! NUL bytes in values: no argument of a process can have one.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memchr;

/// What a NUL byte in a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NulBytes {
    /// It belongs to the value.
    Kept,
    /// It becomes `\0`, as in GNU parallel, and that is told once.
    Escaped,
}

/// Writes NUL bytes of values as something else, and knows whether it did.
#[derive(Debug, Clone)]
pub(super) struct NulFilter {
    nul: NulBytes,
    /// It did, and nobody has been told: the same for all sources.
    untold: Arc<AtomicBool>,
}

/// What is said once.
const WARNING: &str = "prun: warning: a NUL byte in the input becomes '\\0': no argument can have one\n\
                       hint: -0 is for values that end with NUL bytes";

impl NulFilter {
    pub(super) fn new(nul: NulBytes) -> NulFilter {
        NulFilter {
            nul,
            untold: Arc::default(),
        }
    }

    /// The value as it counts.
    pub(super) fn apply<'a>(&self, value: &'a [u8]) -> Cow<'a, [u8]> {
        if self.nul == NulBytes::Kept || memchr(0, value).is_none() {
            return Cow::Borrowed(value);
        }
        self.untold.store(true, Ordering::Relaxed);
        let parts: Vec<&[u8]> = value.split(|byte| *byte == 0).collect();
        Cow::Owned(parts.join(b"\\0".as_slice()))
    }

    /// What has to be said of the values so far; nothing is said twice.
    pub(super) fn take_warning(&mut self) -> Option<&'static str> {
        let warning = self.untold.swap(false, Ordering::Relaxed);
        if warning {
            // From now on others set what nobody looks at.
            self.untold = Arc::default();
        }
        warning.then_some(WARNING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_bytes_become_text_and_that_is_told_once() {
        let mut filter = NulFilter::new(NulBytes::Escaped);
        let source = filter.clone();
        assert_eq!(*source.apply(b"ab"), *b"ab");
        assert_eq!(filter.take_warning(), None);
        assert_eq!(*source.apply(b"\0a\0\0"), *b"\\0a\\0\\0");
        assert_eq!(filter.take_warning(), Some(WARNING));
        assert_eq!(*source.apply(b"\0"), *b"\\0");
        assert_eq!(filter.take_warning(), None);
        assert_eq!(*NulFilter::new(NulBytes::Kept).apply(b"\0"), *b"\0");
    }
}

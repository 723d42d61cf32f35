//! NUL bytes in values: no argument of a process can have one.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memchr;

/// Writes NUL bytes of values as `\0`, and knows whether it did.
#[derive(Debug, Clone)]
pub(super) struct NulFilter {
    escape: bool,
    /// NUL bytes were escaped and nobody was told; shared by all sources.
    unreported: Arc<AtomicBool>,
}

const WARNING: &str = "prun: warning: a NUL byte in the input becomes '\\0': no argument can have one\n\
                       hint: -0 is for values that end with NUL bytes";

impl NulFilter {
    pub(super) fn new(escape: bool) -> NulFilter {
        NulFilter {
            escape,
            unreported: Arc::default(),
        }
    }

    pub(super) fn apply<'a>(&self, value: &'a [u8]) -> Cow<'a, [u8]> {
        if !self.escape || memchr(0, value).is_none() {
            return Cow::Borrowed(value);
        }
        self.unreported.store(true, Ordering::Relaxed);
        let parts: Vec<&[u8]> = value.split(|byte| *byte == 0).collect();
        Cow::Owned(parts.join(b"\\0".as_slice()))
    }

    /// Warning about the values so far, given once.
    pub(super) fn take_warning(&mut self) -> Option<&'static str> {
        let warning = self.unreported.swap(false, Ordering::Relaxed);
        if warning {
            // From now on others set what nobody looks at.
            self.unreported = Arc::default();
        }
        warning.then_some(WARNING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nul_bytes_become_text_and_that_is_told_once() {
        let mut filter = NulFilter::new(true);
        let source = filter.clone();
        assert_eq!(*source.apply(b"ab"), *b"ab");
        assert_eq!(filter.take_warning(), None);
        assert_eq!(*source.apply(b"\0a\0\0"), *b"\\0a\\0\\0");
        assert_eq!(filter.take_warning(), Some(WARNING));
        assert_eq!(*source.apply(b"\0"), *b"\\0");
        assert_eq!(filter.take_warning(), None);
        assert_eq!(*NulFilter::new(false).apply(b"\0"), *b"\0");
    }
}

//! Arguments that GNU parallel reads as it reads files.

use crate::input::{InputSource, SourceOrigin, Value};

/// GNU parallel reads arguments as it reads files: a delimiter in one makes it two.
pub(super) fn cut(sources: &mut [InputSource], delimiter: &[u8]) {
    for source in sources {
        if let SourceOrigin::Arguments(values) = &mut source.origin {
            let pieces = values.iter().flat_map(|value| pieces(value, delimiter));
            *values = pieces.collect();
        }
    }
}

/// The text between delimiters, one piece more than there are of them.
fn pieces(value: &[u8], delimiter: &[u8]) -> Vec<Value> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for at in memchr::memmem::find_iter(value, delimiter) {
        pieces.push(value[start..at].to_vec());
        start = at + delimiter.len();
    }
    pieces.push(value[start..].to_vec());
    pieces
}

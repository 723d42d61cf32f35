//! One field of a CSV record, without reading the others into memory.

use std::borrow::Cow;

use memchr::memchr;

/// Field `number` of a record without the newline at its end; `None` if it has fewer.
pub(super) fn csv_field(separator: u8, record: &[u8], number: usize) -> Option<Cow<'_, [u8]>> {
    let mut rest = record;
    for _ in 0..number {
        let end = field_end(separator, rest, |_| {});
        rest = rest.get(end + 1..)?;
    }
    if rest.first() == Some(&b'"') {
        let mut field = Vec::new();
        field_end(separator, rest, |part| field.extend_from_slice(part));
        return Some(Cow::Owned(field));
    }
    Some(Cow::Borrowed(&rest[..field_end(separator, rest, |_| {})]))
}

/// End of the field that begins `rest`. Passes the parts of a quoted one to `give`. Quotes
/// count at the beginning of a field only; what follows the closing quote belongs to the
/// field too.
fn field_end<'r>(separator: u8, rest: &'r [u8], mut give: impl FnMut(&'r [u8])) -> usize {
    let end_after = |from| memchr(separator, &rest[from..]).map_or(rest.len(), |at| from + at);
    if rest.first() != Some(&b'"') {
        return end_after(0);
    }
    let mut from = 1;
    while let Some(length) = memchr(b'"', &rest[from..]) {
        let quote = from + length;
        if rest.get(quote + 1) != Some(&b'"') {
            give(&rest[from..quote]);
            let end = end_after(quote + 1);
            give(&rest[quote + 1..end]);
            return end;
        }
        give(&rest[from..=quote]);
        from = quote + 2;
    }
    give(&rest[from..]);
    rest.len()
}

//! Output that says where each of its bytes belongs.

/// `length` bytes of numbered lines, 16 bytes each: a lost, doubled or moved
/// piece shows, and shows where.
pub(crate) fn pattern(length: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(length + 16);
    while bytes.len() < length {
        bytes.extend(format!("{:015}\n", bytes.len()).bytes());
    }
    bytes.truncate(length);
    bytes
}

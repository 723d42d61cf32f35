//! The colours of jobs, as terminals understand them (ECMA-48, and the palette of 256
//! colours that xterm has).

/// White on red.
pub(crate) const FAILED: &[u8] = b"\x1b[97;41m";

/// The end of a colour.
pub(crate) const END: &[u8] = b"\x1b[m";

/// Colours that can be told from each other, on dark and on light ground.
const PALETTE: [&[u8]; 12] = [
    b"\x1b[38;5;33m",
    b"\x1b[38;5;208m",
    b"\x1b[38;5;71m",
    b"\x1b[38;5;170m",
    b"\x1b[38;5;178m",
    b"\x1b[38;5;99m",
    b"\x1b[38;5;44m",
    b"\x1b[38;5;203m",
    b"\x1b[38;5;107m",
    b"\x1b[38;5;137m",
    b"\x1b[38;5;69m",
    b"\x1b[38;5;162m",
];

/// The colour of a job's number. Neighbours have different ones.
pub(crate) fn of(seq: u64) -> &'static [u8] {
    PALETTE[(seq % PALETTE.len() as u64) as usize]
}

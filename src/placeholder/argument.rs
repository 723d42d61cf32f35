//! Bytes as arguments of a program, as far as the system takes them.

use crate::input::{ByteStrings, Row};

use super::position::JobPosition;

/// A row that cannot be made into a command, with the reason: the job fails, the run goes
/// on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ValueError(pub String);

/// The longest argument that Linux takes (`MAX_ARG_STRLEN`, less the final NUL).
pub(crate) const LONGEST_ARGUMENT: usize = 131_071;

/// Appends bytes as an argument, if the system can take them.
pub(crate) fn push_argument(
    argv: &mut ByteStrings,
    bytes: &[u8],
    position: JobPosition,
) -> Result<(), ValueError> {
    check_argument(bytes, position)?;
    argv.push(bytes);
    Ok(())
}

/// Appends all values of a row as arguments: one copy, however many there are.
pub(crate) fn push_values(
    argv: &mut ByteStrings,
    row: &Row,
    position: JobPosition,
) -> Result<(), ValueError> {
    if row.values.longest() > LONGEST_ARGUMENT || row.values.has_nul() {
        row.values
            .iter()
            .try_for_each(|value| check_argument(value, position))?;
    }
    argv.append(&row.values);
    Ok(())
}

/// Refuses bytes that the system cannot take as an argument.
pub(crate) fn check_argument(bytes: &[u8], position: JobPosition) -> Result<(), ValueError> {
    let seq = position.seq;
    if bytes.len() > LONGEST_ARGUMENT {
        return Err(ValueError(format!(
            "input {seq} is {} bytes; an argument can have {LONGEST_ARGUMENT}",
            bytes.len()
        )));
    }
    if memchr::memchr(0, bytes).is_some() {
        return Err(ValueError(format!(
            "input {seq} contains a NUL byte; use -0"
        )));
    }
    Ok(())
}

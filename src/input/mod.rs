//! Values from command line, files and standard input, combined into rows. Knows
//! nothing of templates or jobs.
//!
//! Everything streams: a row is there as soon as its last delimiter has been
//! read, and nothing is read before it is asked for. Only sources that a
//! combination must go through more than once are kept in memory.

pub(crate) mod block;
mod byte_order_mark;
pub(crate) mod columns;
mod combine;
mod delimited_values;
pub(crate) mod delimiter;
pub(crate) mod group;
pub(crate) mod job_stdin;
mod nul_bytes;
pub(crate) mod reader;
mod row;
mod row_filter;
pub(crate) mod row_settings;
mod row_source;
mod row_stdin;
mod rows;
mod source;
mod source_values;
pub(crate) mod suspect;
pub(crate) mod value_cleanup;

#[cfg(test)]
mod tests;

pub(crate) use crate::os::byte_strings::ByteStrings;
pub(crate) use job_stdin::JobStdin;
pub(crate) use row::{Row, Value};
pub(crate) use row_source::RowSource;
pub(crate) use row_stdin::StdinValues;
pub(crate) use rows::{InputOptions, Rows, open};
pub(crate) use source::{InputSource, SourceJoin, SourceOrigin};

//! Borders of records, found from left to right as a stream grows.
//!
//! - [`scan`]: what all of them do
//! - [`literal`], [`pattern`], [`csv`], [`group`]: a scan for each kind of separator

pub(super) mod csv;
pub(super) mod group;
pub(super) mod literal;
pub(super) mod pattern;
pub(super) mod scan;

//! Data with a structure.

mod csv;
mod json;
mod layout;
mod pick;
mod rows;
mod scan;
#[cfg(test)]
mod tests;

pub(super) use csv::CSV;
pub(super) use json::JSON;

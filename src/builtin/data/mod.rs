//! Data with a structure.

mod json;
mod layout;
mod pick;
mod scan;
#[cfg(test)]
mod tests;

pub(super) use json::JSON;

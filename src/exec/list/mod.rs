//! Lists of commands (`a && b | c`) that prun runs itself, without a shell.

pub(crate) mod redirect;
pub(crate) mod runner;

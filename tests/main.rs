//! Tests of the program as its user meets it: the real binary, in a fresh directory.

/// The `Test` builder that all others use.
mod support;

/// The builder itself: what it runs, what it notices, what it says.
mod harness;

/// Modules import downwards only; each file keeps to the house rules.
mod layering;

/// The man page and the completions are what the binary prints.
mod generated;

/// Each example in the README prints what the README shows.
mod readme;

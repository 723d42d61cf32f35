//! The `prun` program.

fn main() {}

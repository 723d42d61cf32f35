//! The `prun` program.

use std::env;
use std::process::ExitCode;

use prun::Host;

fn main() -> ExitCode {
    prun::run(env::args_os().collect(), &Host::read()).take_effect()
}

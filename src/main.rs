//! The `prun` program.

use std::env;
use std::process::ExitCode;

use prun::os::host::Host;

fn main() -> ExitCode {
    prun::take_effect(prun::run(env::args_os().collect(), &Host::read()))
}

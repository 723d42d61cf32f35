//! The `prun` program.

use std::env;
use std::process::ExitCode;

use prun::os::world::World;

fn main() -> ExitCode {
    prun::take_effect(prun::run(env::args_os().collect(), &World::read()))
}

//! A system whose load and memory a test decides: `PRUN_ROOT`.

use std::fs;

use super::test::{Child, Test};

/// A system with this load and so many KiB of available memory, of a mebibyte in all.
pub(crate) fn system(test: Test, load: u32, memory: u32) -> Test {
    let root = test.path("root");
    // The thread that looks is one of those that run.
    let running = load + 1;
    test.file("root/proc/stat", format!("procs_running {running}\n"))
        .file("root/proc/meminfo", meminfo(memory))
        .env("PRUN_ROOT", root)
}

pub(crate) fn meminfo(memory: u32) -> String {
    format!("MemTotal: 1024 kB\nMemAvailable: {memory} kB\n")
}

/// Changes the available memory to so many KiB. It is not empty in between.
pub(crate) fn set_memory(child: &Child, memory: u32) {
    let file = child.path("root/proc/meminfo");
    let new = child.path("root/proc/meminfo.new");
    fs::write(&new, meminfo(memory)).expect("the directory is ours");
    fs::rename(new, file).expect("the directory is ours");
}

/// Shell function that changes a file of the system in one step.
pub(crate) const PUT: &str = "put() { echo \"$2\" >$1.$$ && mv $1.$$ $1; };";

//! Links a release build of the program so that it starts fast: at a fixed address, with
//! the C library inside.
//!
//! A position-independent program has some 18,000 addresses mended by the loader at each
//! start, on pages that are copied for it, and three libraries mapped; without both, a
//! start takes three quarters of the CPU time. `-C target-feature=+crt-static` would say
//! the same, but it cannot be said of the program alone: procedural macros, which are
//! libraries, would be refused unless every user named a target.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Libraries that rustc names itself, to be taken as dynamic ones.
const LIBRARIES: [&str; 7] = ["c", "dl", "gcc_s", "m", "pthread", "rt", "util"];

/// What they are in a static program. A text in a library's place is read as a script by
/// every linker of ELF; the archives need each other, so they stand in one group.
const SCRIPT: &str = "GROUP(-l:libc.a -l:libm.a -l:libgcc_eh.a -l:libgcc.a)\n";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PRUN_LINK");
    if !is_wanted() {
        return Ok(());
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if ["libc.a", "libm.a", "libgcc_eh.a"]
        .into_iter()
        .all(has_archive)
    {
        let directory = Path::new(&env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join("static");
        fs::create_dir_all(&directory)?;
        for library in LIBRARIES {
            fs::write(directory.join(format!("lib{library}.so")), SCRIPT)?;
        }
        println!("cargo::rustc-link-arg-bins=-static");
        println!("cargo::rustc-link-arg-bins=-L{}", directory.display());
    }
    Ok(())
}

/// Whether this is a release build for the system that it is made on, and
/// `PRUN_LINK=default` does not ask for what rustc does by itself.
fn is_wanted() -> bool {
    let is = |name, value: &str| env::var(name).is_ok_and(|found| found == value);
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && env::var("HOST") == env::var("TARGET")
        && !features.split(',').any(|feature| feature == "crt-static")
        && !is("PRUN_LINK", "default")
}

/// Whether the C compiler that links has this archive: not every system installs them.
fn has_archive(name: &str) -> bool {
    let linker = env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let output = Command::new(linker)
        .arg(format!("-print-file-name={name}"))
        .output();
    // A compiler prints a name that it does not know as it is.
    output.is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout);
        output.status.success() && Path::new(path.trim_end()).is_absolute()
    })
}

//! Below a real make, and above one.

use super::one_of;
use crate::support::{Test, skip, tool};

/// A recipe that runs the command, and a target that runs another one.
fn makefile(command: &str) -> String {
    format!("all:\n\t+@{}\n", command.replace('$', "$$"))
}

#[test]
fn jobs_of_a_recipe_that_shares_are_as_many_as_make_may_run() {
    if tool("make").is_none() {
        skip!("make is not installed");
    }
    Test::new()
        .file(
            "Makefile",
            makefile("prun 'probe meet . 3; : <>' ::: 1 2 3"),
        )
        .line("make -j3")
        .success();
    let job = one_of(3, ":");
    Test::new()
        .file(
            "Makefile",
            format!(
                "all: one two\none two:\n\t+@prun -N0 '{}' ::: 1 2 3 4 5 6 7 8 9 10 11 12\n",
                job.replace('$', "$$")
            ),
        )
        .line("make -j3")
        .success();
}

#[test]
fn a_recipe_that_does_not_share_runs_as_without_make() {
    if tool("make").is_none() {
        skip!("make is not installed");
    }
    Test::new()
        .file("Makefile", "all:\n\t@prun -k echo ::: 1 2 3 4\n")
        .line("make -j3")
        .stdout("1\n2\n3\n4\n")
        .success();
}

#[test]
fn makes_below_prun_below_make_share() {
    if tool("make").is_none() {
        skip!("make is not installed");
    }
    let job = one_of(3, ":").replace('$', "$$");
    for option in ["", "--jobserver -j9", "--jobserver=fifo"] {
        Test::new()
            .file(
                "Makefile",
                makefile(&format!("prun {option} 'make -s -f sub; : <>' ::: 1 2 3 4")),
            )
            .file("sub", format!("all: a b c d\na b c d:\n\t@{job}\n"))
            .line("make -s -j3")
            .success();
    }
}

#[test]
fn makes_below_prun_share_its_number_of_jobs() {
    if tool("make").is_none() {
        skip!("make is not installed");
    }
    for most in [1, 2, 4] {
        let job = one_of(most, ":").replace('$', "$$");
        Test::new()
            .file("sub", format!("all: a b c d\na b c d:\n\t@{job}\n"))
            .line(format!(
                "prun --jobserver -j{most} 'make -s -f sub; : <>' ::: 1 2 3 4 5 6"
            ))
            .success();
    }
    // One make has all of it when it is the only job.
    Test::new()
        .file("sub", "all: a b c\na b c:\n\t@probe meet . 3\n")
        .line("prun --jobserver -j3 -N0 'make -s -f sub' ::: 1")
        .success();
}

#[test]
fn a_make_with_a_number_of_its_own_does_not_share() {
    if tool("make").is_none() {
        skip!("make is not installed");
    }
    Test::new()
        .file("sub", "all: a b c\na b c:\n\t@probe meet . 3\n")
        .line("prun --jobserver -j2 -N0 'make -j3 -s -f sub' ::: 1")
        .stderr("make: warning: -j3 forced in submake: resetting jobserver mode.\n")
        .success();
}

#[test]
fn cargo_finds_the_jobserver() {
    // Not the one of rustup, which looks for its files in another home.
    let cargo = env!("CARGO");
    Test::new()
        .file(
            "Cargo.toml",
            "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n",
        )
        .file("src/lib.rs", "")
        // What cargo passes on to a build script is the jobserver that it uses.
        .file(
            "build.rs",
            "fn main() { std::fs::write(\"auth\", std::env::var(\"CARGO_MAKEFLAGS\").unwrap()).unwrap() }",
        )
        .line(format!(
            "PATH={bin}:$PATH prun --jobserver -j2 -N0 \
             '{cargo} build -q --offline && [[ $(<auth) = *\"${{MAKEFLAGS##*=}}\"* ]]' ::: 1",
            bin = std::path::Path::new(cargo).parent().expect("it is in a directory").display(),
        ))
        .limit(std::time::Duration::from_secs(60))
        .success();
}

#[test]
fn ninja_shares_if_it_can() {
    let Some(version) = ninja_version() else {
        skip!("ninja is not installed");
    };
    if version < (1, 13) {
        skip!("ninja is older than 1.13");
    }
    let job = one_of(2, ":").replace('$', "$$");
    let rules = (1..=4)
        .map(|n| format!("build o{n}: job\n"))
        .collect::<String>();
    Test::new()
        .file(
            "build.ninja",
            format!("rule job\n  command = {job}\n{rules}"),
        )
        .line("prun --jobserver=fifo -j2 'ninja --quiet -C . ; : <>' ::: 1 2")
        .stdout_any()
        .success();
}

fn ninja_version() -> Option<(u32, u32)> {
    let ninja = tool("ninja")?;
    let output = std::process::Command::new(ninja).arg("--version").output();
    let version = String::from_utf8(output.ok()?.stdout).ok()?;
    let mut numbers = version
        .trim()
        .split('.')
        .map_while(|number| number.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

//! The man page and the completions in the repository are what the binary prints.

use std::env;
use std::fs;

use crate::support::{Test, crate_dir};

const FILES: [(&str, &str); 6] = [
    ("man", "man/prun.1"),
    ("bash", "completions/prun.bash"),
    ("zsh", "completions/_prun"),
    ("fish", "completions/prun.fish"),
    ("elvish", "completions/prun.elv"),
    ("powershell", "completions/prun.ps1"),
];

#[test]
fn generated_files_are_what_the_binary_prints() {
    for (kind, name) in FILES {
        let printed = Test::new()
            .args(["--generate", kind])
            .stdout_any()
            .success()
            .stdout;
        let file = crate_dir().join(name);
        if env::var_os("UPDATE").is_some() {
            fs::write(&file, printed).expect("the repository can be written");
        } else if fs::read(&file).ok().as_ref() != Some(&printed) {
            panic!("{name} is not what prun prints; run: UPDATE=1 cargo test generated");
        }
    }
}

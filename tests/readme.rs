//! Each example in the README prints what the README shows.
//!
//! An example is a `sh` block followed by a `text` or `output` block. `sh no_run` is
//! not run; `sh needs=pigz,zstd` is run where these are installed.

use std::fs;

use crate::support::{Test, crate_dir, say_skipped, tool};

/// Files in the directory of the README's readers.
const FILES: [(&str, &str); 4] = [
    ("a.txt", "alpha\n"),
    ("b.txt", "beta\nbeta\n"),
    ("c.txt", "gamma\ngamma\ngamma\n"),
    ("list.txt", "a.txt\nb.txt\nc.txt\n"),
];

/// A block of commands and what they print.
#[derive(Debug, PartialEq, Eq)]
struct Example<'a> {
    /// Line of its beginning in the file, from 1.
    line: usize,
    needs: Vec<&'a str>,
    commands: String,
    output: String,
}

#[test]
fn readme_examples_print_what_it_shows() {
    let file = crate_dir().join("README.md");
    let readme = fs::read_to_string(file).expect("the README is there");
    for example in examples(&readme) {
        run(example);
    }
}

/// A newcomer's first two commands run a real job and the tests; `.ci/run` takes the second
/// from here.
#[test]
fn the_first_commands_run_a_job_and_the_tests() {
    let file = crate_dir().join("README.md");
    let readme = fs::read_to_string(file).expect("the README is there");
    let blocks = blocks(&readme);
    let mut commands = blocks.iter().filter(|block| block.language == "sh");
    let [first, second] = [(); 2].map(|()| commands.next().map(|block| block.text.as_str()));
    let first = first.expect("there is a first block");
    assert!(
        first.starts_with("cargo run --release --locked -- "),
        "{first}"
    );
    assert_eq!(second.map(str::trim_end), Some("cargo test --locked"));
}

fn run(example: Example<'_>) {
    if let Some(absent) = example.needs.iter().find(|name| tool(name).is_none()) {
        say_skipped(&format!("{absent} is not installed"));
        return;
    }
    let mut test = Test::new();
    for (name, text) in FILES {
        test = test.file(name, text);
    }
    // Locks stay there.
    let runtime = test.path("..");
    let test = test.env("XDG_RUNTIME_DIR", runtime);
    // The first line leads from a failure to the place in the README.
    let (line, commands) = (example.line, example.commands);
    test.line(format!(": README.md, line {line}\nexec 2>&1\n{commands}"))
        .stdout(example.output)
        .any_status();
}

/// A fenced block of Markdown.
struct Block<'a> {
    line: usize,
    /// `sh`, `text`, ... and the words after it.
    language: &'a str,
    marks: Vec<&'a str>,
    text: String,
    /// True if only blank lines are between it and the block before.
    follows: bool,
}

fn examples(markdown: &str) -> Vec<Example<'_>> {
    let blocks = blocks(markdown);
    blocks
        .windows(2)
        .filter_map(|pair| {
            let [commands, output] = pair else {
                return None;
            };
            let is_example = commands.language == "sh"
                && !commands.marks.contains(&"no_run")
                && output.follows
                && matches!(output.language, "text" | "output");
            is_example.then(|| Example {
                line: commands.line,
                needs: (commands.marks.iter())
                    .filter_map(|mark| mark.strip_prefix("needs="))
                    .flat_map(|names| names.split(','))
                    .collect(),
                commands: commands.text.clone(),
                output: output.text.clone(),
            })
        })
        .collect()
}

fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    let mut follows = false;
    for (index, line) in markdown.lines().enumerate() {
        match (line.strip_prefix("```"), inside) {
            (Some(info), false) => {
                let mut words = info.split_whitespace();
                blocks.push(Block {
                    line: index + 1,
                    language: words.next().unwrap_or_default(),
                    marks: words.collect(),
                    text: String::new(),
                    follows,
                });
                inside = true;
            }
            (Some(_), true) => {
                inside = false;
                follows = true;
            }
            (None, true) => {
                if let Some(block) = blocks.last_mut() {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
            }
            (None, false) => follows = follows && line.trim().is_empty(),
        }
    }
    blocks
}

#[test]
fn a_shell_block_with_output_is_an_example() {
    let markdown = "Text.\n\n```sh\necho a\n\necho b\n```\n\n```text\na\nb\n```\n";
    let example = Example {
        line: 3,
        needs: vec![],
        commands: "echo a\n\necho b\n".to_owned(),
        output: "a\nb\n".to_owned(),
    };
    assert_eq!(examples(markdown), [example]);
}

#[test]
fn a_block_says_what_it_needs() {
    let found = examples("```sh needs=pigz,zstd\nx\n```\n```output\n```\n");
    assert_eq!(found[0].needs, ["pigz", "zstd"]);
}

#[test]
fn other_blocks_are_no_examples() {
    let none = [
        "```sh\nx\n```\n",
        "```sh\nx\n```\nIt prints:\n```text\ny\n```\n",
        "```sh no_run\nx\n```\n```text\ny\n```\n",
        "```sh\nx\n```\n```rust\ny\n```\n",
        "```text\nx\n```\n```text\ny\n```\n",
    ];
    for markdown in none {
        assert_eq!(examples(markdown), [], "{markdown}");
    }
}

#[test]
fn examples_are_run_in_a_directory_with_files() {
    let markdown = "```sh\ncat a.txt; echo b >&2; exit 3\n```\n```text\nalpha\nb\n```\n";
    examples(markdown).into_iter().for_each(run);
}

#[test]
#[should_panic(expected = "- beta\n+ alpha\n")]
fn a_wrong_example_is_noticed() {
    let markdown = "```sh\ncat a.txt\n```\n```text\nbeta\n```\n";
    examples(markdown).into_iter().for_each(run);
}

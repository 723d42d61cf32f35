//! House rules that the compiler does not know.
//!
//! - A module imports only from modules above it in `src/lib.rs`.
//! - `rayon` is used by the built-ins alone.
//! - `unsafe` stays in `src/os`.
//! - No `unwrap()` outside tests: `expect()` says why it holds.
//! - A file has at most 400 lines, a function at most 60.
//! - Files do not import in a circle.
//! - The name of a type is there once, so that it can be searched for. Names are words of
//!   the field, not pictures.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::support::crate_dir;

mod circles;

const LONGEST_FILE: usize = 400;

const LONGEST_FUNCTION: usize = 60;

/// Names of other crates and of the kernel.
const FOREIGN: [&str; 3] = ["BrokenPipe", "PUNCH_HOLE", "floor"];

/// Pictures that once stood for terms in names, each in the singular.
const PICTURES: [&str; 22] = [
    "agenda",
    "broken",
    "complaint",
    "course",
    "crew",
    "crowd",
    "desk",
    "dress",
    "farewell",
    "floor",
    "hole",
    "ladder",
    "likeness",
    "outline",
    "pace",
    "paint",
    "pledge",
    "scene",
    "sieve",
    "spot",
    "voice",
    "world",
];

/// The beginning of a path that may lead from the root of the crate.
static ROOT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"crate::|\b(?:super::)+").expect("it is a pattern"));

/// A file of `src`, by its path below it.
struct Source {
    path: String,
    text: String,
    /// `text` without comments and without the insides of quotes.
    code: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code: code_only(text),
        }
    }

    /// The module of the crate's root that the file belongs to.
    fn module(&self) -> &str {
        let end = self.path.find(['/', '.']).unwrap_or(self.path.len());
        &self.path[..end]
    }

    fn is_under(&self, place: &str) -> bool {
        let rest = self.path.strip_prefix(place);
        rest.is_some_and(|rest| rest.starts_with(['/', '.']))
    }

    /// The code before the tests, which come last in a file.
    fn code_to_ship(&self) -> &str {
        let tests = self.code.find("#[cfg(test)]\nmod tests {");
        &self.code[..tests.unwrap_or(self.code.len())]
    }
}

#[test]
fn the_house_rules_are_kept() {
    let mut sources = Vec::new();
    read_sources(&crate_dir().join("src"), "", &mut sources);
    let problems = problems(&sources);
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

fn read_sources(dir: &Path, prefix: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(dir).expect("src can be listed").flatten() {
        let name = format!("{prefix}{}", entry.file_name().display());
        if entry.path().is_dir() {
            read_sources(&entry.path(), &format!("{name}/"), sources);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("sources are text");
            sources.push(Source::new(&name, &text));
        }
    }
}

fn problems(sources: &[Source]) -> Vec<String> {
    let root = sources.iter().find(|source| source.path == "lib.rs");
    let order = module_order(&root.expect("there is a lib.rs").code);
    let tests = test_modules(sources);
    let is_test = |source: &Source| tests.iter().any(|place| source.is_under(place));
    let mut problems: Vec<String> = (sources.iter())
        .flat_map(|source| {
            let mut found = upward_imports(source, &order);
            found.extend(misplaced_words(source));
            if !is_test(source) {
                found.extend(unwraps(source));
                found.extend(long_functions(source));
            }
            found.extend(excess_length(source));
            found.extend(pictures(source));
            found
        })
        .collect();
    problems.extend(repeated_types(sources));
    let shipped: Vec<&Source> = sources.iter().filter(|source| !is_test(source)).collect();
    problems.extend(circles::circles(&shipped));
    problems.sort();
    problems
}

/// Paths of modules for tests alone: files that another one declares
/// by `#[cfg(test)]`.
fn test_modules(sources: &[Source]) -> Vec<String> {
    let mut places = Vec::new();
    for source in sources {
        let file = source.path.trim_end_matches(".rs");
        let folder = match file.strip_suffix("mod").unwrap_or(file) {
            "lib" | "main" => String::new(),
            folder if folder.is_empty() || folder.ends_with('/') => folder.to_owned(),
            file => format!("{file}/"),
        };
        for rest in source.code.split("#[cfg(test)]\n").skip(1) {
            let rest = rest.trim_start_matches("pub(super) ");
            let Some(rest) = rest.strip_prefix("mod ") else {
                continue;
            };
            let name = leading_name(rest);
            if rest[name.len()..].starts_with(';') {
                places.push(format!("{folder}{name}"));
            }
        }
    }
    places
}

/// The modules that `lib.rs` declares, lowest first.
fn module_order(lib: &str) -> Vec<&str> {
    lib.lines()
        .filter_map(|line| {
            let line = line.trim_start_matches("pub ");
            line.strip_prefix("mod ")?.strip_suffix(';')
        })
        .collect()
}

fn upward_imports(source: &Source, order: &[&str]) -> Vec<String> {
    if matches!(source.module(), "lib" | "main") {
        return Vec::new();
    }
    let rank = |module: &str| order.iter().position(|&name| name == module);
    let Some(own) = rank(source.module()) else {
        return vec![format!("{}: lib.rs does not list it", source.path)];
    };
    (root_paths(source).into_iter())
        .filter(|(_, name)| rank(name).is_none_or(|rank| rank > own))
        .map(|(line, name)| {
            let (path, module) = (&source.path, source.module());
            format!("{path}:{line}: `crate::{name}` is not above `{module}` in lib.rs")
        })
        .collect()
}

/// Names in the root of the crate, with their lines: those after each `crate::`, or as many
/// `super::` as lead there, alone or in braces.
fn root_paths(source: &Source) -> Vec<(usize, &str)> {
    let code = &source.code;
    let mut found = Vec::new();
    for root in ROOT.find_iter(code) {
        let steps = root.as_str().matches("super::").count();
        let before = &code[..root.start()];
        if steps > 0 && steps != circles::depth(source) + inline_depth(before) {
            continue;
        }
        let line = before.matches('\n').count() + 1;
        let rest = &code[root.end()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => first_names(group),
            None => vec![leading_name(rest)],
        };
        found.extend(names.into_iter().map(|name| (line, name)));
    }
    found
}

/// Number of modules inside of the file that are open where this code ends.
fn inline_depth(code: &str) -> usize {
    let mut blocks = Vec::new();
    for (place, brace) in code.match_indices(['{', '}']) {
        if brace == "{" {
            let mut words = code[..place].split_whitespace().rev();
            blocks.push(words.nth(1) == Some("mod"));
        } else {
            blocks.pop();
        }
    }
    blocks.into_iter().filter(|&is_module| is_module).count()
}

/// The first name of each entry in a group of imports, up to its closing brace.
fn first_names(group: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut depth = 0;
    let mut entry = 0;
    for (place, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                names.push(leading_name(group[entry..place].trim_start()));
                entry = place + 1;
                if character == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn leading_name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

fn misplaced_words(source: &Source) -> Vec<String> {
    let may_use_rayon = source.is_under("builtin");
    let mut found = Vec::new();
    if !may_use_rayon && has_word(&source.code, "rayon") {
        found.push(format!("{}: rayon outside the built-ins", source.path));
    }
    if !source.is_under("os") && has_word(&source.code, "unsafe") {
        found.push(format!("{}: unsafe outside os", source.path));
    }
    found
}

fn unwraps(source: &Source) -> Option<String> {
    let found = source.code_to_ship().contains(".unwrap()");
    found.then(|| format!("{}: unwrap() outside tests", source.path))
}

fn has_word(code: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.split(|c| !is_part(c)).any(|found| found == word)
}

fn excess_length(source: &Source) -> Option<String> {
    let lines = source.text.lines().count();
    (lines > LONGEST_FILE)
        .then(|| format!("{}: {lines} lines, more than {LONGEST_FILE}", source.path))
}

/// Functions by the line that begins with their name, up to the brace under it. Those of
/// tests may be tables.
fn long_functions(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let lines: Vec<&str> = source.code_to_ship().lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some(name) = declared(line.trim_start(), &["fn"]) else {
            continue;
        };
        let is_end = |line: &&str| line.trim_end().len() == indent + 1 && line.ends_with('}');
        let length = lines[at..].iter().position(is_end);
        let length = length.map_or(1, |length| length + 1);
        if length > LONGEST_FUNCTION {
            let path = &source.path;
            found.push(format!("{path}: {name} has {length} lines"));
        }
    }
    found
}

/// Name that a line declares, if it begins with one of these keywords, after its
/// visibility: `pub(in crate::log)` is of two words.
fn declared<'a>(line: &'a str, keywords: &[&str]) -> Option<&'a str> {
    let mut words = line.split(' ').skip_while(|word| {
        word.starts_with("pub") || word.ends_with(')') || ["const", "unsafe"].contains(word)
    });
    let is_wanted = words.next().is_some_and(|word| keywords.contains(&word));
    words.next().filter(|_| is_wanted).map(leading_name)
}

/// The types that a file declares, but for those inside of something.
fn types(source: &Source) -> Vec<&str> {
    let keywords = ["struct", "enum", "trait", "union", "type"];
    let lines = source.code.lines();
    let mut types: Vec<&str> = lines.filter_map(|line| declared(line, &keywords)).collect();
    types.sort_unstable();
    // One may be there for each system.
    types.dedup();
    types
}

fn repeated_types(sources: &[Source]) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for source in sources {
        for name in types(source) {
            places.entry(name).or_default().push(&source.path);
        }
    }
    places.retain(|_, paths| paths.len() > 1);
    let repeated = places.into_iter().map(|(name, mut paths)| {
        paths.sort_unstable();
        format!("{}: {name} is a type in each", paths.join(", "))
    });
    repeated.collect()
}

/// The words in `OutputTurn`, `output_turn.rs` and `OUTPUT_TURN`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = true;
    for letter in name.chars() {
        if letter.is_uppercase() && was_lower || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        was_lower = !letter.is_uppercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// Names that are pictures: of the file, and of all that its code names.
fn pictures(source: &Source) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let file = source.path.rsplit('/').take(1);
    let mut names: Vec<&str> = file.chain(source.code.split(|c| !is_part(c))).collect();
    names.sort_unstable();
    names.dedup();
    let is_wrong = |name: &&str| {
        let mut words = words(name).into_iter();
        words.any(|word| is_picture(&word)) && !FOREIGN.contains(name)
    };
    (names.into_iter().filter(is_wrong))
        .map(|name| format!("{}: {name} is a picture, no term", source.path))
        .collect()
}

fn is_picture(word: &str) -> bool {
    let singular = word.strip_suffix('s').unwrap_or(word);
    PICTURES.contains(&word) || PICTURES.contains(&singular)
}

/// Blanks comments and the insides of quotes, keeping the lines.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, is_code) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (comment_length(rest), false),
            '"' => (string_length(rest), false),
            '\'' => (character_length(rest), false),
            'r' if raw_string_length(rest).is_some() && !ends_in_name(&code) => {
                (raw_string_length(rest).unwrap_or(1), false)
            }
            _ => (first.len_utf8(), true),
        };
        let (token, after) = rest.split_at(length);
        if is_code {
            code.push_str(token);
        } else {
            code.push(' ');
            code.extend(token.chars().filter(|&c| c == '\n'));
        }
        rest = after;
    }
    code
}

/// True if an `r` here would be the last letter of a name; `br"..."` is no name.
fn ends_in_name(code: &str) -> bool {
    let name = code.strip_suffix('b').unwrap_or(code);
    name.ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// A block comment; they nest.
fn comment_length(text: &str) -> usize {
    let mut depth = 0;
    let mut place = 0;
    while place < text.len() {
        let rest = &text.as_bytes()[place..];
        if rest.starts_with(b"/*") {
            depth += 1;
            place += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            place += 2;
            if depth == 0 {
                return place;
            }
        } else {
            place += 1;
        }
    }
    text.len()
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (place, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return place + 1,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    text.len()
}

/// A character, or the single quote of a lifetime.
fn character_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            let end = text[escaped + 1..].find('\'');
            end.map_or(text.len(), |end| escaped + 1 + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

/// `r"..."` or `r#"..."#`, with any number of `#`.
fn raw_string_length(text: &str) -> Option<usize> {
    let after_r = text.strip_prefix('r')?;
    let hashes = after_r.len() - after_r.trim_start_matches('#').len();
    let inside = after_r[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inside.find(&close).map(|end| end + close.len());
    Some(1 + hashes + 1 + end.unwrap_or(inside.len()))
}

/// The checker, on invented sources.
mod checks {
    use super::*;

    const LIB: &str = "//! Story.\n\npub mod os;\npub mod low;\n\nmod middle;\n\npub mod high;\n";

    fn found(path: &str, text: &str) -> Vec<String> {
        problems(&[Source::new("lib.rs", LIB), Source::new(path, text)])
    }

    #[test]
    fn imports_go_downwards() {
        let good = "use crate::low::Thing;\nuse crate::middle::{self, own};\n// crate::high\n";
        assert_eq!(found("middle/own.rs", good), [""; 0]);
        assert_eq!(found("main.rs", "fn main() { prun::run() }"), [""; 0]);

        let message =
            |line| format!("middle.rs:{line}: `crate::high` is not above `middle` in lib.rs");
        assert_eq!(found("middle.rs", "\nuse crate::high;\n"), [message(2)]);
        assert_eq!(
            found("middle.rs", "fn f() { crate::high::f() }"),
            [message(1)]
        );
        let group = "use crate::{\n    low::{a, b},\n    high::c,\n};\n";
        assert_eq!(found("middle.rs", group), [message(1)]);
        assert_eq!(
            found("low.rs", "use crate::Root;"),
            ["low.rs:1: `crate::Root` is not above `low` in lib.rs"]
        );
        assert_eq!(found("new.rs", ""), ["new.rs: lib.rs does not list it"]);

        assert_eq!(
            found("middle.rs", "use super::{low, high::c};"),
            [message(1)]
        );
        for (path, code) in [
            ("middle/own.rs", "use super::high;\nuse super::super::low;"),
            ("middle/mod.rs", "mod tests {\n    use super::high;\n}"),
            (
                "middle.rs",
                "mod part {\n    mod tests {\n        use super::super::high;\n    }\n}",
            ),
        ] {
            assert_eq!(found(path, code), [""; 0], "{code}");
        }
        for (path, code) in [
            ("middle/own.rs", "\nuse super::super::high;"),
            ("middle/mod.rs", "if a {\n    super::high::f();\n}"),
            ("middle.rs", "mod part {\n    use super::super::high;\n}"),
        ] {
            let problem = format!("{path}:2: `crate::high` is not above `middle` in lib.rs");
            assert_eq!(found(path, code), [problem]);
        }
    }

    #[test]
    fn words_stay_in_their_place() {
        let problem = ["low.rs: rayon outside the built-ins"];
        assert_eq!(found("low.rs", "use rayon::prelude::*;"), problem);
        assert_eq!(
            found("low.rs", "unsafe { f() }"),
            ["low.rs: unsafe outside os"]
        );
        assert_eq!(
            found("low.rs", "let unsafely = \"unsafe\"; // rayon"),
            [""; 0]
        );

        let lib = Source::new("lib.rs", "pub mod os;\npub mod builtin;\npub mod input;\n");
        let here = ["builtin/hash.rs", "builtin.rs"];
        let mut sources: Vec<Source> = here.map(|path| Source::new(path, "use rayon;")).into();
        sources.push(Source::new("os/child.rs", "unsafe {}"));
        sources.push(lib);
        assert_eq!(problems(&sources), [""; 0]);
    }

    #[test]
    fn unwrap_is_for_tests() {
        assert_eq!(
            found("low.rs", "x.unwrap();"),
            ["low.rs: unwrap() outside tests"]
        );
        let tests = "x.unwrap_or(1);\n#[cfg(test)]\nmod tests {\n    x.unwrap();\n}\n";
        assert_eq!(found("low.rs", tests), [""; 0]);
    }

    #[test]
    fn files_stay_short() {
        assert_eq!(found("low.rs", &"\n".repeat(400)), [""; 0]);
        let problem = ["low.rs: 401 lines, more than 400"];
        assert_eq!(found("low.rs", &"\n".repeat(401)), problem);
    }

    #[test]
    fn functions_stay_short() {
        for before in [
            "",
            "pub ",
            "pub(super) const ",
            "pub(in super::super) ",
            "pub(in crate::os) unsafe ",
        ] {
            let function = |lines| format!("{before}fn f() {{\n{}}}\n", "\n".repeat(lines));
            assert_eq!(found("os/child.rs", &function(58)), [""; 0]);
            let problem = ["os/child.rs: f has 61 lines"];
            assert_eq!(found("os/child.rs", &function(59)), problem);
        }
    }

    #[test]
    fn names_of_types_are_terms_and_there_once() {
        let twice = [
            Source::new("lib.rs", LIB),
            Source::new(
                "low.rs",
                "pub struct Row;\nimpl I for Row {\n    type Item = u8;\n}\n",
            ),
            Source::new(
                "high.rs",
                "pub(in crate::high) enum Row {}\npub(super) trait Ladder {}\n",
            ),
        ];
        assert_eq!(
            problems(&twice),
            [
                "high.rs, low.rs: Row is a type in each",
                "high.rs: Ladder is a picture, no term",
            ]
        );
    }

    #[test]
    fn names_are_terms() {
        let terms = "fn f(address: &str) { let placeholder = x.floor() + BrokenPipe; } // desk";
        assert_eq!(found("low.rs", terms), [""; 0]);
        for (code, name) in [
            ("fn take_spot() {}", "take_spot"),
            ("let spots = 1;", "spots"),
            ("enum E { HoleKind }", "HoleKind"),
            ("let two_desks = 1;", "two_desks"),
            ("enum E { Address, Floors }", "Floors"),
            ("const FLOOR_MAX: u8 = 1;", "FLOOR_MAX"),
        ] {
            let problem = format!("low.rs: {name} is a picture, no term");
            assert_eq!(found("low.rs", code), [problem]);
        }
        let problem = "low/scene.rs: scene.rs is a picture, no term";
        assert_eq!(found("low/scene.rs", ""), [problem]);
    }

    #[test]
    fn files_do_not_import_in_a_circle() {
        let found = |files: &[(&str, &str)]| {
            let files = files.iter().map(|(path, text)| Source::new(path, text));
            problems(
                &files
                    .chain([Source::new("lib.rs", LIB)])
                    .collect::<Vec<_>>(),
            )
        };
        let a = |text| ("low/a.rs", text);
        let b = |text| ("low/b.rs", text);
        let c = |text| ("low/c.rs", text);
        let of_two = ["low/a.rs -> low/b.rs -> low/a.rs"];

        let one_way = [a("use super::b::B;"), b("use super::c::{self, C};"), c("")];
        assert_eq!(found(&one_way), [""; 0]);
        for (a_uses, b_uses) in [
            ("use super::b::B;", "use crate::low::a::A;"),
            ("use super::{c, b::{self, B}};", "fn f() { super::a::f() }"),
            (
                "f(crate::low::b::B)",
                "mod sub {\n    use super::super::a;\n}\n",
            ),
        ] {
            assert_eq!(found(&[a(a_uses), b(b_uses), c("")]), of_two);
        }
        // The way through all three is not said again.
        let three = [
            a("use super::b::B;"),
            b("use super::{a, c};"),
            c("use super::a;"),
        ];
        assert_eq!(found(&three), of_two);

        // A `mod.rs` hands on what others define, and may define something.
        let door = (
            "low/mod.rs",
            "mod a;\nmod b;\npub use b::{Old as B};\nuse a::A;\nstruct Own;",
        );
        let through_door = [door, a("use super::B;"), b("")];
        assert_eq!(found(&through_door), [""; 0]);
        let through_door = [door, a("use super::B;"), b("use super::a::A;")];
        assert_eq!(found(&through_door), of_two);
        let from_door = [door, a("use super::Own;"), b("")];
        assert_eq!(found(&from_door), ["low/a.rs -> low/mod.rs -> low/a.rs"]);

        // A module that is imported by its name leads to what it hands on.
        let elsewhere = ("middle/a.rs", "use crate::low;\nfn f() { low::B::new() }");
        let back = (
            "low/b.rs",
            "pub(in crate::low) use std::io;\nuse crate::middle::a;",
        );
        assert_eq!(
            found(&[door, elsewhere, a(""), back]),
            [
                "low/b.rs -> middle/a.rs -> low/b.rs",
                "low/b.rs:2: `crate::middle` is not above `low` in lib.rs",
            ]
        );
        let renamed = (
            "middle/a.rs",
            "use crate::low as l;\nfn f() { l::b::B::new() }",
        );
        assert_eq!(found(&[door, renamed, a(""), back]).len(), 2);

        // Modules inside of files may be visible to others.
        let parts = "pub(super) mod first {\n    use super::super::b;\n}\n\
                     pub(in crate::low) mod second {\n    use super::super::c;\n}\n";
        for user in [b("use super::a;"), c("use super::a;")] {
            let other = if user.0 == "low/b.rs" { c("") } else { b("") };
            let circle = format!("low/a.rs -> {0} -> low/a.rs", user.0);
            assert_eq!(found(&[a(parts), user, other]), [circle]);
        }
        // What a qualified import hands on belongs to its file.
        let qualified = (
            "low/mod.rs",
            "mod a;\nmod b;\npub(in crate::low) use b::B;\n",
        );
        assert_eq!(found(&[qualified, a("use super::B;"), b("")]), [""; 0]);
        let circle = found(&[qualified, a("use super::B;"), b("use super::a;")]);
        assert_eq!(circle, of_two);

        // Unit tests may import what they like.
        let tests = "#[cfg(test)]\nuse super::a::A;\n#[cfg(test)]\nmod tests {\n    use super::super::a;\n}\n";
        assert_eq!(found(&[a("use super::b::B;"), b(tests)]), [""; 0]);
    }

    #[test]
    fn comments_and_quotes_are_no_code() {
        let cases = [
            ("a // b\nc", "a  \nc"),
            ("a /* b /* c */\n */ d", "a  \n d"),
            (
                "f(\"a\\\"b\", 'c', '\\'', '\"', b'\\n')",
                "f( ,  ,  ,  , b )",
            ),
            ("&'a str, 'é'", "& a str,  "),
            ("r#\"a\"b\"# br\"c\\\" for\"d\"", "  b  for "),
        ];
        for (text, code) in cases {
            assert_eq!(code_only(text), code);
        }
    }

    #[test]
    fn modules_of_tests_may_unwrap() {
        let unwrapping = "fn f() { g().unwrap() }";
        let declares = "#[cfg(test)]\nmod tests;\n";
        for (parent, child) in [
            ("low/mod.rs", "low/tests.rs"),
            ("low/part.rs", "low/part/tests/more.rs"),
        ] {
            let with = [
                Source::new("lib.rs", LIB),
                Source::new(parent, declares),
                Source::new(child, unwrapping),
            ];
            assert_eq!(problems(&with), [""; 0]);
            let without = [Source::new("lib.rs", LIB), Source::new(child, unwrapping)];
            assert_eq!(
                problems(&without),
                [format!("{child}: unwrap() outside tests")]
            );
        }
    }
}

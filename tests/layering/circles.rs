//! Circles of files: each imports from the next one, and the last from the first.
//!
//! A file imports from the one that defines the item: `pub use` is seen through, so that
//! a `mod.rs` may hand on what the files of its folder define.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;

use regex::Regex;

use super::Source;

/// A module inside of a file: its name, its code.
static INLINE_MODULE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^(?:pub(?:\([\w: ]+\))? )?mod (\w+) \{\n((?s).*?)^\}$"));

/// An import: its mark for tests, its visibility, what it names.
static IMPORT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^(#\[cfg\(test\)\]\n)?\s*(pub(?:\([\w: ]+\))? )?use ([^;]+);"));

/// A path in code.
static PATH: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^:\w])([a-z]\w*(?:::\w+)+)"));

/// The files that each file imports from, by their paths.
type Arrows<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// One circle of each set of files that depend on each other: `a.rs -> b.rs -> a.rs`.
pub(super) fn circles(sources: &[&Source]) -> Vec<String> {
    let arrows = Imports::read(sources).arrows();
    let mut reported = BTreeSet::new();
    let mut circles = Vec::new();
    for &file in arrows.keys() {
        let Some(circle) = way(&arrows, file, file).filter(|_| !reported.contains(file)) else {
            continue;
        };
        let is_in_set = |other: &&str| {
            way(&arrows, file, other).is_some() && way(&arrows, other, file).is_some()
        };
        reported.extend(arrows.keys().copied().filter(is_in_set));
        circles.push(circle.join(" -> "));
    }
    circles
}

/// The shortest way along at least one arrow, with both its ends.
fn way<'a>(arrows: &Arrows<'a>, from: &'a str, to: &str) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![from]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for &next in way
            .last()
            .and_then(|file| arrows.get(file))
            .into_iter()
            .flatten()
        {
            let way = [&way[..], &[next]].concat();
            if next == to {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back(way);
            }
        }
    }
    None
}

/// Paths by which files name items of each other, from the crate's root: `exec::list::Runner`.
struct Imports<'a> {
    /// The file of each module.
    files: BTreeMap<String, &'a str>,
    /// Each path in the code of a file.
    named: Vec<(&'a str, String)>,
    /// By the path at which `use` makes an item known, where it has it from.
    imported: BTreeMap<String, String>,
}

impl<'a> Imports<'a> {
    fn read(sources: &[&'a Source]) -> Imports<'a> {
        let mut imports = Imports {
            files: BTreeMap::new(),
            named: Vec::new(),
            imported: BTreeMap::new(),
        };
        let is_root = |source: &Source| ["lib.rs", "main.rs"].contains(&&*source.path);
        let sources = sources.iter().filter(|source| !is_root(source));
        let files = sources
            .clone()
            .map(|source| (module_path(source), &*source.path));
        imports.files.extend(files);
        for source in sources {
            let (module, code) = (module_path(source), source.code_to_ship());
            for part in INLINE_MODULE.captures_iter(code) {
                imports.read_code(&source.path, &below(&module, &part[1]), &part[2]);
            }
            imports.read_code(&source.path, &module, &INLINE_MODULE.replace_all(code, ""));
        }
        imports
    }

    fn read_code(&mut self, file: &'a str, module: &str, code: &str) {
        for found in IMPORT
            .captures_iter(code)
            .filter(|found| found.get(1).is_none())
        {
            for entry in entries(&found[3]) {
                let (path, name) = entry.split_once(" as ").unwrap_or((&entry, last(&entry)));
                let Some(path) = self.absolute(module, path) else {
                    continue;
                };
                self.imported.insert(below(module, name), path.clone());
                if found.get(2).is_none() {
                    self.named.push((file, path));
                }
            }
        }
        let code = IMPORT.replace_all(code, "");
        let paths = PATH.captures_iter(&code);
        let paths = paths.filter_map(|found| self.absolute(module, &found[1]));
        self.named
            .extend(paths.map(|path| (file, path)).collect::<Vec<_>>());
    }

    /// From the crate's root; nothing for a path of another crate.
    fn absolute(&self, module: &str, path: &str) -> Option<String> {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        match first {
            "crate" => Some(rest.to_owned()),
            "self" => Some(below(module, rest)),
            "super" => {
                let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
                if rest.starts_with("super") {
                    return self.absolute(parent, rest);
                }
                Some(below(parent, rest))
            }
            _ => {
                let known = below(module, first);
                let is_known =
                    self.files.contains_key(&known) || self.imported.contains_key(&known);
                is_known.then(|| below(&known, rest))
            }
        }
    }

    fn arrows(&self) -> Arrows<'a> {
        let mut arrows = Arrows::new();
        for (file, path) in &self.named {
            let definer = self.definer(path, 0).filter(|definer| definer != file);
            arrows.entry(*file).or_default().extend(definer);
        }
        arrows
    }

    /// The file that defines an item.
    fn definer(&self, path: &str, passed: usize) -> Option<&'a str> {
        let ends = path
            .match_indices("::")
            .map(|(end, _)| end)
            .chain([path.len()]);
        let origin = ends
            .clone()
            .find_map(|end| Some((end, self.imported.get(&path[..end])?)));
        if let Some((end, origin)) = origin.filter(|_| passed < 9) {
            return self.definer(&format!("{origin}{}", &path[end..]), passed + 1);
        }
        ends.filter_map(|end| self.files.get(&path[..end]).copied())
            .last()
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("it is a pattern")
}

/// Number of steps from a file's module to the root of the crate.
pub(super) fn depth(source: &Source) -> usize {
    module_path(source).split("::").count()
}

/// `exec::list` of `exec/list/mod.rs` and of `exec/list.rs`.
fn module_path(source: &Source) -> String {
    let path = source.path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.replace('/', "::")
}

fn below(module: &str, name: &str) -> String {
    let parts = [module, name].into_iter().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("::")
}

fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// The single paths of an import: `a::{b, c::{d, e}}` has three.
fn entries(import: &str) -> Vec<String> {
    let import = import.trim();
    let group = import
        .split_once('{')
        .map(|(prefix, rest)| (prefix, rest.strip_suffix('}')));
    let Some((prefix, Some(group))) = group else {
        return vec![import.trim_end_matches("::self").to_owned()];
    };
    let mut depth = 0;
    let members = group.split(|character| {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    });
    let members = members.filter(|member| !member.trim().is_empty());
    members
        .flat_map(|member| entries(&format!("{prefix}{}", member.trim())))
        .collect()
}

//! Variables that a command sets to a value.

use crate::placeholder::{TemplateWord, WordPart};
use crate::shell::injection::program_words::{is_option, program_position};
use crate::shell::vocabulary;

use super::{Taint, TaintedLine};

impl TaintedLine<'_> {
    /// The variables that this command sets to a value.
    pub(super) fn set_by(&self, at: usize) -> Vec<Vec<u8>> {
        let words = &self.line.commands[at];
        let mut names: Vec<Vec<u8>> = words
            .iter()
            .filter(|word| self.has_value(word))
            .filter_map(|word| Some(set_name(word.head())?.to_vec()))
            .collect();
        names.extend(words.iter().flat_map(|word| self.set_within(word)));
        if words.iter().any(|word| word.fixed() == Some(b"=~"))
            && words.iter().any(|word| self.has_value(word))
        {
            names.push(b"BASH_REMATCH".to_vec());
        }
        if let Some(start) = program_position(words) {
            let name = words[start].fixed().unwrap_or_default();
            names.extend(self.set_by_builtin(at, name, &words[start + 1..]));
        }
        names
    }

    /// `${x:=$y}`
    fn set_within(&self, word: &TemplateWord) -> Option<Vec<u8>> {
        word.parts.iter().find_map(|part| {
            let WordPart::Code(range) = part else {
                return None;
            };
            let rest = self.text[range.clone()].strip_prefix(b"${")?;
            let (name, rest) = rest.split_at(vocabulary::name_length(rest));
            let rest = rest.strip_prefix(b":").unwrap_or(rest);
            let sets = rest.starts_with(b"=") && self.names_value(rest);
            sets.then(|| name.to_vec())
        })
    }

    fn set_by_builtin(&self, at: usize, name: &[u8], arguments: &[TemplateWord]) -> Vec<Vec<u8>> {
        let own = |name: &[u8]| vec![name.to_vec()];
        let heads =
            |words: &[TemplateWord]| words.iter().map(|word| word.head().to_vec()).collect();
        let carries = arguments.iter().any(|word| self.has_value(word));
        let is_read = self.flow.inputs[at] != Taint::No;
        let parameters = self.is_tainted(b"@");
        let is_header = self.is_header(at);
        let named = || arguments.iter().any(|word| !is_option(word));
        match name {
            _ if is_header && (carries || arguments.is_empty() && parameters) => own(name),
            b"set" if carries => parameter_names(),
            b"getopts" if carries || arguments.len() < 3 && parameters => {
                let name = arguments.get(1).map(|word| word.head().to_vec());
                name.into_iter().chain(own(b"OPTARG")).collect()
            }
            b"printf" if carries && arguments[0].fixed() == Some(b"-v") => {
                heads(arguments.get(1..2).unwrap_or_default())
            }
            b"read" if is_read && !named() => own(b"REPLY"),
            b"mapfile" | b"readarray" if is_read && !named() => own(b"MAPFILE"),
            b"read" | b"mapfile" | b"readarray" if is_read => heads(arguments),
            b"declare" | b"typeset" | b"local" | b"nameref" => {
                let pairs = arguments.iter().map(TemplateWord::head);
                pairs
                    .filter_map(|pair| self.set_by_reference(pair))
                    .collect()
            }
            _ if carries && self.body(name).is_some() => parameter_names(),
            _ => Vec::new(),
        }
    }

    /// `r=x` of `declare -n r=x`: each is the other.
    fn set_by_reference(&self, pair: &[u8]) -> Option<Vec<u8>> {
        let (name, target) = pair.split_at(vocabulary::assigned_name(pair)?);
        let target = &target[1..];
        if target.is_empty() && self.is_integer(name) && !self.variables().is_empty() {
            // The name comes from elsewhere: `local -n r=$1`.
            return Some(name.to_vec());
        }
        match (self.is_tainted(name), self.is_tainted(target)) {
            _ if !self.is_integer(name) => None,
            (true, false) => Some(target.to_vec()),
            (false, true) => Some(name.to_vec()),
            _ => None,
        }
    }

    /// Tells whether the command is the beginning of a loop: `for x in …`.
    fn is_header(&self, at: usize) -> bool {
        let Some(context) = self.line.contexts.get(at) else {
            return false;
        };
        let text = &self.text[context.start..];
        let text = text
            .strip_prefix(b"do")
            .map_or(text, <[u8]>::trim_ascii_start);
        text.starts_with(b"for")
            || text.starts_with(b"select")
            || self.line.commands[at].get(1).and_then(TemplateWord::fixed) == Some(b"in")
    }
}

/// The parameters of a function.
pub(crate) fn parameter_names() -> Vec<Vec<u8>> {
    let names = (b'1'..=b'9').chain(*b"@*");
    names.map(|name| vec![name]).collect()
}

/// The name in `NAME=`, `NAME+=`, `NAME[…]=`.
fn set_name(head: &[u8]) -> Option<&[u8]> {
    let length = vocabulary::name_length(head);
    let sets = matches!(head[length..], [b'=', ..] | [b'+', b'=', ..] | [b'[', ..]);
    (length > 0 && sets).then(|| &head[..length])
}

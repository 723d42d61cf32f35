//! Patterns as grep -E and sed -E have them, put into the words of the regex crate: brackets,
//! classes, counts. What only the crate knows stays as it is.

use memchr::memmem;

/// Translates to the syntax of the regex crate.
pub(super) fn translated(pattern: &[u8], ignores_case: bool) -> Result<Vec<u8>, String> {
    let mut translation = PosixTranslation {
        rest: pattern,
        text: Vec::new(),
        ignores_case,
    };
    let mut before = RepeatedItem::Nothing;
    while let Some(&byte) = translation.rest.first() {
        before = translation.piece(byte, before)?;
    }
    Ok(translation.text)
}

/// Item that a repetition operator would repeat.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RepeatedItem {
    Nothing,
    /// An anchor, such as the beginning of a line: the tool and the crate do not agree on
    /// its repetition.
    Anchor,
    Something,
}

struct PosixTranslation<'a> {
    rest: &'a [u8],
    text: Vec<u8>,
    ignores_case: bool,
}

enum BracketItem {
    Character(char),
    /// A character that is written with a backslash.
    Escape(String),
    Class(String),
}

impl BracketItem {
    fn text(&self) -> String {
        match self {
            BracketItem::Character(character) => literal(*character),
            BracketItem::Escape(text) | BracketItem::Class(text) => text.clone(),
        }
    }
}

impl PosixTranslation<'_> {
    fn piece(&mut self, byte: u8, before: RepeatedItem) -> Result<RepeatedItem, String> {
        match byte {
            b'*' | b'+' | b'?' | b'{' if before != RepeatedItem::Something => {
                let operator = char::from(byte);
                return Err(format!("there is nothing for '{operator}' to repeat"));
            }
            b'{' => self.count(),
            b'[' => {
                let text = self.bracket()?;
                self.text.extend_from_slice(text.as_bytes());
            }
            b'\\' => return self.escape(),
            b'(' if self.rest.starts_with(b"(?") => {
                let ends = |byte: &u8| matches!(byte, b':' | b')' | b'>');
                let end = self.rest.iter().position(ends);
                self.copy(end.map_or(self.rest.len(), |end| end + 1));
                return Ok(RepeatedItem::Nothing);
            }
            b'(' | b'|' => {
                self.copy(1);
                return Ok(RepeatedItem::Nothing);
            }
            b'^' | b'$' => {
                self.copy(1);
                return Ok(RepeatedItem::Anchor);
            }
            _ => self.copy(1),
        }
        Ok(RepeatedItem::Something)
    }

    fn copy(&mut self, length: usize) {
        let (copied, rest) = self.rest.split_at(length);
        self.text.extend_from_slice(copied);
        self.rest = rest;
    }

    /// A count, or a brace that stands for itself.
    fn count(&mut self) {
        let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b',';
        let inner = &self.rest[1..];
        let length = inner.iter().take_while(|byte| is_part(byte)).count();
        let commas = inner[..length].iter().filter(|byte| **byte == b',').count();
        if commas > 1 || inner.get(length) != Some(&b'}') {
            self.text.extend_from_slice(b"\\{");
            self.rest = inner;
            return;
        }
        self.copy(1);
        if inner[0] == b',' {
            self.text.push(b'0');
        }
        self.copy(length + 1);
    }

    fn escape(&mut self) -> Result<RepeatedItem, String> {
        let (escape, rest) = self.rest.split_at(escape_length(self.rest));
        self.rest = rest;
        // Without a letter it is for the crate to refuse.
        let letter = escape.get(1).copied().unwrap_or_default();
        if !letter.is_ascii() {
            return Err("unrecognized escape sequence".to_owned());
        }
        let class = class_of_escape(letter);
        self.text.extend_from_slice(match (letter, &class) {
            (b'`', _) => b"\\A",
            (b'\'', _) => b"\\z",
            (_, Some(class)) => class.as_bytes(),
            _ => escape,
        });
        Ok(match letter {
            b'b' | b'B' | b'<' | b'>' | b'A' | b'z' | b'`' | b'\'' => RepeatedItem::Anchor,
            _ => RepeatedItem::Something,
        })
    }

    /// One of several characters.
    fn bracket(&mut self) -> Result<String, String> {
        let mut text = "[".to_owned();
        self.rest = &self.rest[1..];
        if let Some(rest) = self.rest.strip_prefix(b"^") {
            text.push('^');
            self.rest = rest;
        }
        let inner = self.rest;
        let mut is_first = true;
        while is_first || self.rest.first() != Some(&b']') {
            // A hyphen that comes first or last stands for itself.
            let is_hyphen = self.rest.starts_with(b"-") && !self.rest.starts_with(b"-]");
            if is_hyphen && !is_first {
                return Err("a '-' in brackets is between no two characters".to_owned());
            }
            is_first = false;
            let item = self.item()?;
            text.push_str(&item.text());
            let is_range = self.rest.starts_with(b"-") && !self.rest.starts_with(b"-]");
            if is_range && !matches!(item, BracketItem::Class(_)) {
                self.rest = &self.rest[1..];
                let end = self.item()?;
                self.check_range(&item, &end)?;
                text.push('-');
                text.push_str(&end.text());
            }
        }
        let inner = &inner[..inner.len() - self.rest.len()];
        if let [b':', name @ .., b':'] = inner
            && !name.is_empty()
        {
            let class = String::from_utf8_lossy(inner);
            return Err(format!("a class is within brackets: [[{class}]]"));
        }
        self.rest = &self.rest[1..];
        text.push(']');
        Ok(text)
    }

    /// Refuses ranges that the tools read in another way.
    fn check_range(&self, start: &BracketItem, end: &BracketItem) -> Result<(), String> {
        let (start, end) = match (start, end) {
            (_, BracketItem::Class(_)) => {
                return Err("a range in brackets ends with a class".to_owned());
            }
            (BracketItem::Character(start), BracketItem::Character(end)) => (*start, *end),
            _ => return Ok(()),
        };
        if self.ignores_case && !is_clear_in_any_case(start, end) {
            let [first, last] = [start, end].map(|character| character.to_ascii_uppercase());
            return Err(format!(
                "with -i the range {start}-{end} is {first}-{last} to grep and sed"
            ));
        }
        Ok(())
    }

    /// A character in brackets, or a class.
    fn item(&mut self) -> Result<BracketItem, String> {
        const UNCLOSED: &str = "unclosed character class";
        match self.rest {
            [] => Err(UNCLOSED.to_owned()),
            [b'[', kind @ (b':' | b'.' | b'='), inner @ ..] => {
                let end = memmem::find(inner, &[*kind, b']']).ok_or(UNCLOSED)?;
                self.rest = &inner[end + 2..];
                let name = String::from_utf8_lossy(&inner[..end]);
                match (kind, single(&inner[..end])) {
                    (b':', _) => self.class(&name).map(BracketItem::Class),
                    (b'.', Some(character)) => Ok(BracketItem::Character(character)),
                    (_, Some(character)) => Ok(BracketItem::Class(literal(character))),
                    (kind, None) => {
                        let kind = char::from(*kind);
                        Err(format!("'[{kind}{name}{kind}]' is no single character"))
                    }
                }
            }
            [b'\\', ..] => {
                let (escape, rest) = self.rest.split_at(escape_length(self.rest));
                self.rest = rest;
                let letter = escape.get(1).copied().ok_or(UNCLOSED)?;
                let text = String::from_utf8_lossy(escape).into_owned();
                Ok(match class_of_escape(letter) {
                    Some(class) => BracketItem::Class(class),
                    None if matches!(letter, b'd' | b'D' | b'p' | b'P') => BracketItem::Class(text),
                    None => BracketItem::Escape(text),
                })
            }
            rest => {
                let chunk = rest.utf8_chunks().next();
                let character = chunk.and_then(|chunk| chunk.valid().chars().next());
                let character =
                    character.ok_or("there are bytes in brackets that are no character")?;
                self.rest = &rest[character.len_utf8()..];
                Ok(BracketItem::Character(character))
            }
        }
    }

    fn class(&self, name: &str) -> Result<String, String> {
        let name = match name {
            "upper" | "lower" if self.ignores_case => "alpha",
            name => name,
        };
        let class = CLASSES.iter().find(|(known, _)| *known == name);
        let class = class.map(|(_, text)| (*text).to_owned());
        class.ok_or_else(|| format!("there is no class '[:{name}:]'"))
    }
}

/// Classes as the C library has them in a UTF-8 locale: digits other than those of ASCII
/// are letters, spaces that do not break lines are punctuation.
const CLASSES: [(&str, &str); 12] = [
    ("alnum", ALNUM),
    ("alpha", r"[\p{Alphabetic}\p{Nd}--0-9]"),
    ("blank", r"[\t\p{Zs}--\u{a0}\u{2007}\u{202f}]"),
    ("cntrl", r"\p{Cc}\p{Zl}\p{Zp}"),
    ("digit", "0-9"),
    ("graph", r"[^\p{Cc}\p{Cn}\p{Z}]\u{a0}\u{2007}\u{202f}"),
    ("lower", r"\p{Lowercase}\u{1c5}\u{1c8}\u{1cb}\u{1f2}"),
    ("print", r"[^\p{Cc}\p{Cn}\p{Zl}\p{Zp}]"),
    (
        "punct",
        r"[^\p{Cc}\p{Cn}\p{Z}\p{Alphabetic}\p{Nd}]\u{a0}\u{2007}\u{202f}",
    ),
    ("space", SPACE),
    ("upper", r"\p{Uppercase}\p{Lt}"),
    ("xdigit", "0-9A-Fa-f"),
];

const ALNUM: &str = r"\p{Alphabetic}\p{Nd}";
const SPACE: &str = r"[\t-\r\p{Z}--\u{a0}\u{2007}\u{202f}]";

/// The brackets that this letter stands for behind a backslash.
fn class_of_escape(letter: u8) -> Option<String> {
    match letter {
        b'w' => Some(format!("[{ALNUM}_]")),
        b'W' => Some(format!("[^{ALNUM}_]")),
        b's' => Some(format!("[{SPACE}]")),
        b'S' => Some(format!("[^{SPACE}]")),
        _ => None,
    }
}

/// Length of a backslash and what belongs to it.
fn escape_length(rest: &[u8]) -> usize {
    let length = match rest {
        [_, b'x' | b'u' | b'U' | b'p' | b'P', b'{', inner @ ..] => {
            let end = memchr::memchr(b'}', inner);
            end.map_or(rest.len(), |end| 3 + end + 1)
        }
        [_, b'p' | b'P', ..] => 3,
        [_, b'x', ..] => 4,
        [_, b'u', ..] => 6,
        [_, b'U', ..] => 10,
        _ => 2,
    };
    length.min(rest.len())
}

/// The range holds the same in any case as for the tools, which make capitals of its ends.
fn is_clear_in_any_case(start: char, end: char) -> bool {
    let capitals = start.to_ascii_uppercase()..=end.to_ascii_uppercase();
    let has = |character: char| (start..=end).contains(&character);
    ('\0'..='\x7f').all(|character| {
        let capital = character.to_ascii_uppercase();
        let is_found = has(capital) || has(character.to_ascii_lowercase());
        is_found == capitals.contains(&capital)
    })
}

/// The only character of `name`.
fn single(name: &[u8]) -> Option<char> {
    let mut characters = std::str::from_utf8(name).ok()?.chars();
    characters.next().filter(|_| characters.next().is_none())
}

/// A character of a class that has no other meaning there.
fn literal(character: char) -> String {
    if character.is_ascii() && !character.is_ascii_alphanumeric() {
        format!("\\x{:02x}", u32::from(character))
    } else {
        character.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pattern: &str, ignores_case: bool) -> String {
        match translated(pattern.as_bytes(), ignores_case) {
            Ok(text) => String::from_utf8(text).unwrap(),
            Err(why) => format!("wrong: {why}"),
        }
    }

    #[test]
    fn patterns_are_put_into_other_words() {
        for (pattern, expected) in [
            ("a(b|c)*?", "a(b|c)*?"),
            ("(?i)(?P<n>a)(?:b)", "(?i)(?P<n>a)(?:b)"),
            ("a{2}{1,}{,3}{,}", "a{2}{1,}{0,3}{0,}"),
            ("a{x}{1{,", r"a\{x}\{1\{,"),
            ("[]a-c-]", r"[\x5da-c\x2d]"),
            ("[^]&&^[]", r"[^\x5d\x26\x26\x5e\x5b]"),
            ("[--/[.-.]-z[=é=]]", r"[\x2d-\x2f\x2d-zé]"),
            (r"[\]\d\x41-\x{5a}\pL\-]", r"[\]\d\x41-\x{5a}\pL\-]"),
            ("[[:digit:]_]{2}", r"[0-9\x5f]{2}"),
            (r"\x{61}{2}\.\`a\'", r"\x{61}{2}\.\Aa\z"),
            (r"\s", r"[[\t-\r\p{Z}--\u{a0}\u{2007}\u{202f}]]"),
        ] {
            assert_eq!(shown(pattern, false), expected, "{pattern}");
        }
    }

    #[test]
    fn what_nobody_agrees_on_is_refused() {
        for (pattern, expected) in [
            ("*a", "there is nothing for '*' to repeat"),
            ("a|+", "there is nothing for '+' to repeat"),
            ("^{2}", "there is nothing for '{' to repeat"),
            ("(a", "(a"),
            ("[a", "unclosed character class"),
            ("[]", "unclosed character class"),
            ("[[:alpha:]", "unclosed character class"),
            (r"[\", "unclosed character class"),
            ("[[:word:]]", "there is no class '[:word:]'"),
            ("[[.space.]]", "'[.space.]' is no single character"),
            ("[:digit:]", "a class is within brackets: [[:digit:]]"),
            ("[a-c-e]", "a '-' in brackets is between no two characters"),
            ("[a-[:digit:]]", "a range in brackets ends with a class"),
            ("\\é", "unrecognized escape sequence"),
        ] {
            let got = shown(pattern, false);
            assert_eq!(got.strip_prefix("wrong: ").unwrap_or(&got), expected);
        }
        let wrong = translated(b"[\xff]", false).unwrap_err();
        assert_eq!(wrong, "there are bytes in brackets that are no character");
    }

    #[test]
    fn ranges_in_any_case_are_those_of_the_tools() {
        for (range, is_clear) in [
            ("[a-z]", true),
            ("[A-F]", true),
            ("[0-9]", true),
            ("[ -~]", true),
            ("[B-c]", false),
            ("[A-z]", false),
            ("[`-~]", false),
            ("[_-z]", false),
        ] {
            let got = shown(range, true);
            assert_eq!(!got.starts_with("wrong"), is_clear, "{range}: {got}");
        }
    }
}

//! Characters and words of text in UTF-8, as wc(1) counts them in the C.UTF-8 locale.

#[derive(Debug, Default)]
pub(super) struct CharacterCounter {
    pub(super) chars: u64,
    pub(super) words: u64,
    in_word: bool,
    /// Beginning of a character whose end is in the next chunk.
    partial: Vec<u8>,
}

/// Effect of a character on words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CharacterClass {
    /// Ends a word.
    Space,
    /// Begins or continues a word.
    Printed,
    /// No effect: control characters.
    Silent,
}

const ASCII: [CharacterClass; 256] = {
    let mut classes = [CharacterClass::Silent; 256];
    let mut byte = 0x21;
    while byte < 0x7f {
        classes[byte] = CharacterClass::Printed;
        byte += 1;
    }
    let spaces = *b" \t\n\x0b\x0c\r";
    let mut at = 0;
    while at < spaces.len() {
        classes[spaces[at] as usize] = CharacterClass::Space;
        at += 1;
    }
    classes
};

impl CharacterCounter {
    /// Counts the next chunk.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !self.partial.is_empty() && !rest.is_empty() {
            self.partial.push(rest[0]);
            rest = &rest[1..];
            let partial = std::mem::take(&mut self.partial);
            self.scan(&partial);
        }
        self.scan(rest);
    }

    fn scan(&mut self, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            if byte < 0x80 {
                self.chars += 1;
                self.meet(ASCII[usize::from(byte)]);
                at += 1;
                continue;
            }
            match decode(&bytes[at..]) {
                DecodedChar::Char(code, length) => {
                    self.chars += 1;
                    self.meet(class(code));
                    at += length;
                }
                DecodedChar::Invalid => at += 1,
                DecodedChar::Partial => {
                    self.partial = bytes[at..].to_vec();
                    return;
                }
            }
        }
    }

    fn meet(&mut self, class: CharacterClass) {
        match class {
            CharacterClass::Space => self.in_word = false,
            CharacterClass::Printed => {
                self.words += u64::from(!self.in_word);
                self.in_word = true;
            }
            CharacterClass::Silent => {}
        }
    }
}

enum DecodedChar {
    Char(u32, usize),
    Invalid,
    /// May become a character with more bytes.
    Partial,
}

/// First character. The C library's rule: codes above those of Unicode count if four bytes
/// can hold them.
fn decode(bytes: &[u8]) -> DecodedChar {
    let (length, least) = match bytes[0] {
        0xc2..=0xdf => (2, 0x80),
        0xe0..=0xef => (3, 0x800),
        0xf0..=0xf7 => (4, 0x10000),
        _ => return DecodedChar::Invalid,
    };
    let mut code = u32::from(bytes[0]) & (0x7f >> length);
    for at in 1..length {
        match bytes.get(at) {
            Some(byte @ 0x80..=0xbf) => code = code << 6 | u32::from(byte & 0x3f),
            Some(_) => return DecodedChar::Invalid,
            None => return DecodedChar::Partial,
        }
    }
    match code {
        0xd800..=0xdfff => DecodedChar::Invalid,
        _ if code < least => DecodedChar::Invalid,
        _ => DecodedChar::Char(code, length),
    }
}

fn class(code: u32) -> CharacterClass {
    match code {
        // Spaces, and those that do not break lines, which wc takes for spaces, too.
        0xa0 | 0x1680 | 0x2000..=0x200a | 0x202f | 0x205f | 0x2060 | 0x3000 => {
            CharacterClass::Space
        }
        0x80..=0x9f | 0x2028 | 0x2029 => CharacterClass::Silent,
        _ if code & 0xfffe == 0xfffe || code > 0x10_ffff => CharacterClass::Silent,
        0xfdd0..=0xfdef => CharacterClass::Silent,
        _ => CharacterClass::Printed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(chunks: &[&[u8]]) -> (u64, u64) {
        let mut chars = CharacterCounter::default();
        for chunk in chunks {
            chars.feed(chunk);
        }
        (chars.words, chars.chars)
    }

    #[test]
    fn words_begin_with_what_is_printed() {
        for (text, words, chars) in [
            (&b"one two"[..], 2, 7),
            (b"\x01 a\x01b", 1, 5),
            (b"a\xffb \xff", 1, 3),
            ("a\u{a0}b\u{2060}c\u{3000}".as_bytes(), 3, 6),
            (b"\xe2\x82", 0, 0),
            (b"\xed\xa0\x80", 0, 0),
            (b"\xf4\x90\x80\x80", 0, 1),
            (b"\xc1\x80\xf8\xe0\x80\x80", 0, 0),
        ] {
            assert_eq!(counted(&[text]), (words, chars), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn chunks_do_not_matter(
            bytes in prop::collection::vec(prop::sample::select(b"a \n\xe2\x82\xac\xed\xa0\xf0\x9f\x98\x80\xff".as_slice()), 0..40),
            cuts in prop::collection::vec(1..5usize, 40),
        ) {
            let mut chunks = Vec::new();
            let mut rest = bytes.as_slice();
            for cut in cuts {
                let (chunk, left) = rest.split_at(cut.min(rest.len()));
                chunks.push(chunk);
                rest = left;
            }
            prop_assert_eq!(counted(&chunks), counted(&[&bytes]));
        }
    }
}

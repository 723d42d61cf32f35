//! Names of files made from values: whatever a value is, it stays below the directory
//! that it is meant for.

/// The longest name of a file that file systems take, in bytes.
pub(super) const LONGEST: usize = 255;

/// Name of an empty value, and of no other: `%em` is no escape.
pub(super) const EMPTY: &[u8] = b"%empty";

/// Names of values in paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathNaming {
    /// `%2F` stands for a slash, and different values have different names.
    Percent,
    /// `--gnu`: `\_` stands for a slash, and in a tree an empty value has no component.
    Backslash,
}

/// One value as one component of a path.
pub(super) fn component(value: &[u8], naming: PathNaming) -> Vec<u8> {
    match naming {
        PathNaming::Percent => percent(value),
        PathNaming::Backslash => backslash(value),
    }
}

fn percent(value: &[u8]) -> Vec<u8> {
    if value.is_empty() {
        return EMPTY.to_vec();
    }
    let mark = duplicate_mark(value);
    let mut name = Vec::with_capacity(value.len());
    for (at, &byte) in value.iter().enumerate() {
        let is_special = matches!(byte, b'/' | b'%' | 0..0x20 | 0x7f)
            || (byte == b'.' && at == 0)
            || Some(at) == mark;
        if is_special {
            name.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            name.push(byte);
        }
    }
    name
}

/// Start of the end of a value that looks as if prun had put it there: `~12`.
fn duplicate_mark(value: &[u8]) -> Option<usize> {
    let digits = value.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let digits = digits.count();
    let mark = value.len().checked_sub(digits + 1)?;
    (digits > 0 && value[mark] == b'~').then_some(mark)
}

/// GNU parallel's escapes, and more of them for the two names that lead elsewhere.
fn backslash(value: &[u8]) -> Vec<u8> {
    if let Some(name) = dots(value, b"\\.") {
        return name;
    }
    let mut name = Vec::with_capacity(value.len());
    for &byte in value {
        match byte {
            b'/' => name.extend_from_slice(b"\\_"),
            b'\\' => name.extend_from_slice(b"\\\\"),
            b'\t' => name.extend_from_slice(b"\\t"),
            0 => name.extend_from_slice(b"\\0"),
            byte => name.push(byte),
        }
    }
    name.truncate(LONGEST);
    name
}

/// `.` and `..` with something else for each dot; nothing for other names.
fn dots(name: &[u8], dot: &[u8]) -> Option<Vec<u8>> {
    matches!(name, b"." | b"..").then(|| dot.repeat(name.len()))
}

/// A name that contains a value, so that it names something in its own directory.
pub(super) fn harmless(name: Vec<u8>) -> Vec<u8> {
    dots(&name, b"%2E").unwrap_or(name)
}

/// A name of at most `limit` bytes: a longer one becomes its beginning with a hash of
/// all of it.
pub(super) fn shortened(mut name: Vec<u8>, limit: usize) -> Vec<u8> {
    if name.len() <= limit {
        return name;
    }
    let hash = format!("%~{:032x}", hash(&name));
    let end = boundary(&name, limit - hash.len());
    name.truncate(end);
    name.extend_from_slice(hash.as_bytes());
    name
}

/// The name for another job's results where `name` is taken: it ends in `mark`.
pub(super) fn distinct(name: &[u8], mark: &str, limit: usize) -> Vec<u8> {
    let end = if name.len() + mark.len() > limit {
        boundary(name, limit.saturating_sub(mark.len()))
    } else {
        name.len()
    };
    [&name[..end], mark.as_bytes()].concat()
}

/// The last place at or before `end` that is within no character and no escape.
fn boundary(name: &[u8], mut end: usize) -> usize {
    while end > 0 && name[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    let escape = name[..end].iter().rev().take(2);
    match escape.into_iter().position(|&byte| byte == b'%') {
        Some(behind) => end - behind - 1,
        None => end,
    }
}

/// FNV-1a with 128 bits: the same in every run. Two values that share it are taken for
/// two jobs that share a name.
pub(super) fn hash(bytes: &[u8]) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(BASIS, |hash, &byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(name: &[u8]) -> Vec<u8> {
        if name == EMPTY {
            return Vec::new();
        }
        let mut value = Vec::new();
        let mut at = 0;
        while at < name.len() {
            if name[at] == b'%' {
                let digits = std::str::from_utf8(&name[at + 1..at + 3]).unwrap();
                value.push(u8::from_str_radix(digits, 16).unwrap());
                at += 3;
            } else {
                value.push(name[at]);
                at += 1;
            }
        }
        value
    }

    #[test]
    fn names_show_their_values() {
        let table: [(&str, &str, &str); 11] = [
            ("a b.c", "a b.c", "a b.c"),
            ("a/b", "a%2Fb", "a\\_b"),
            ("..", "%2E.", "\\.\\."),
            (".", "%2E", "\\."),
            (".x", "%2Ex", ".x"),
            ("", "%empty", ""),
            ("100%", "100%25", "100%"),
            ("a\\b\tc", "a\\b%09c", "a\\\\b\\tc"),
            ("a\nb", "a%0Ab", "a\nb"),
            ("a~7", "a%7E7", "a~7"),
            ("a~", "a~", "a~"),
        ];
        for (value, by_percent, by_backslash) in table {
            let name = |naming| String::from_utf8(component(value.as_bytes(), naming)).unwrap();
            assert_eq!(name(PathNaming::Percent), by_percent, "{value}");
            assert_eq!(name(PathNaming::Backslash), by_backslash, "{value}");
        }
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let name = shortened("é".repeat(200).into_bytes(), LONGEST);
        assert!(name.len() <= LONGEST);
        assert!(String::from_utf8(name).unwrap().starts_with("éé"));
        let name = shortened(b"%2F".repeat(200), LONGEST);
        let mark = name.windows(2).position(|two| two == b"%~").unwrap();
        assert_eq!(mark % 3, 0);
        assert_eq!(distinct(b"a", "~12", LONGEST), b"a~12");
        assert_eq!(distinct(&[b'a'; 255], "~12", LONGEST).len(), LONGEST);
    }

    proptest! {
        #[test]
        fn every_value_is_one_component(value in prop::collection::vec(any::<u8>(), 0..400)) {
            for naming in [PathNaming::Percent, PathNaming::Backslash] {
                let name = shortened(component(&value, naming), LONGEST);
                prop_assert!(name.len() <= LONGEST);
                prop_assert!(!name.contains(&b'/') && !name.contains(&0));
                prop_assert!(name != b"." && name != b"..");
            }
        }

        #[test]
        fn different_values_have_different_names(value in prop::collection::vec(any::<u8>(), 0..80)) {
            let name = component(&value, PathNaming::Percent);
            prop_assert_eq!(decoded(&name), value);
            prop_assert!(duplicate_mark(&name).is_none());
        }
    }
}

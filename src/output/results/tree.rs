//! The path of a job's results in a tree: a name and a value in turn, as `1/a/2/b`.

use super::encode::{self, LONGEST, PathNaming};
use crate::input::Row;

/// A path below the directory of results is at most so long, so that programs can open
/// it (`PATH_MAX` is 4096).
const LONGEST_PATH: usize = 3000;

/// A row without values is told from others by its number alone.
pub(super) fn percent(row: &Row, seq: u64, names: &[Vec<u8>]) -> Vec<Vec<u8>> {
    if row.values.is_empty() {
        return vec![seq.to_string().into_bytes()];
    }
    let of =
        |bytes: &[u8]| encode::shortened(encode::component(bytes, PathNaming::Percent), LONGEST);
    let mut path = Vec::new();
    let mut length = 0;
    for (nth, value) in row.values.iter().enumerate() {
        let pair = [key(nth, names, &of), of(value)];
        length += pair[0].len() + pair[1].len() + 2;
        if length > LONGEST_PATH {
            let rest = row.values.iter().skip(nth);
            let rest = rest.flat_map(|value| [of(value), vec![b'/']]);
            let rest: Vec<Vec<u8>> = rest.collect();
            path.push(format!("{}-{}", nth + 1, row.values.len()).into_bytes());
            path.push(format!("%~{:032x}", encode::hash(&rest.concat())).into_bytes());
            break;
        }
        path.extend(pair);
    }
    path
}

/// GNU parallel has no component for an empty value. It sorts the names of a record
/// as numbers, all others being 0, and those that are the same number as text.
pub(super) fn backslash(row: &Row, names: &[Vec<u8>], period: usize) -> Vec<Vec<u8>> {
    let of = |bytes: &[u8]| encode::component(bytes, PathNaming::Backslash);
    if row.values.is_empty() {
        return vec![b"1".to_vec(), b"\\0noarg".to_vec()];
    }
    let plain = |bytes: &[u8]| bytes.to_vec();
    let values = row.values.iter().enumerate();
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = values
        .map(|(nth, value)| {
            let nth = nth.checked_rem(period).unwrap_or(nth);
            (key(nth, names, &plain), of(value))
        })
        .collect();
    let record = if period == 0 { pairs.len() } else { period };
    for pairs in pairs.chunks_mut(record) {
        // A stable sort: names that are the same stay as they are.
        pairs.sort_by(|(one, _), (other, _)| {
            leading_number(one)
                .total_cmp(&leading_number(other))
                .then_with(|| one.cmp(other))
        });
    }
    let path = pairs
        .into_iter()
        .flat_map(|(name, value)| [of(&name), value]);
    path.filter(|name| !name.is_empty()).collect()
}

/// The number that a text begins with, or 0.
fn leading_number(text: &[u8]) -> f64 {
    let text = text.trim_ascii_start();
    let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.".contains(byte);
    let length = text.iter().take_while(is_part).count();
    let number = |length| {
        std::str::from_utf8(&text[..length])
            .ok()?
            .parse::<f64>()
            .ok()
    };
    // The sum makes 0 of -0.
    (1..=length).rev().find_map(number).unwrap_or(0.0) + 0.0
}

fn key(nth: usize, names: &[Vec<u8>], of: &impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    match names.get(nth) {
        Some(name) => of(name),
        None => (nth + 1).to_string().into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[&str]) -> Row {
        let values = values.iter();
        Row::from_iter(values)
    }

    fn text(path: Vec<Vec<u8>>) -> String {
        String::from_utf8(path.join(&b'/')).unwrap()
    }

    #[test]
    fn names_and_values_take_turns() {
        let names = [b"x".to_vec(), b"..".to_vec()];
        let values = row(&["a/b", "", "c"]);
        assert_eq!(text(percent(&values, 7, &names)), "x/a%2Fb/%2E./%empty/3/c");
        assert_eq!(text(backslash(&values, &names, 2)), "\\.\\./x/a\\_b/x/c");
        assert_eq!(text(backslash(&values, &[], 0)), "1/a\\_b/2/3/c");
        assert_eq!(text(percent(&row(&[]), 7, &names)), "7");
        assert_eq!(text(backslash(&row(&[]), &names, 2)), "1/\\0noarg");
    }

    #[test]
    fn many_values_make_a_path_that_can_be_opened() {
        let mut values = vec!["value"; 2000];
        let one = text(percent(&row(&values), 1, &[]));
        values[1999] = "other";
        let other = text(percent(&row(&values), 1, &[]));
        assert!(one.len() < 3100);
        assert_ne!(one, other);
    }

    #[test]
    fn gnu_sorts_names_as_numbers() {
        for (text, number) in [
            ("10x", 10.0),
            (" 2", 2.0),
            ("-3.5e", -3.5),
            ("1-2", 1.0),
            ("x1", 0.0),
            ("-", 0.0),
            ("", 0.0),
        ] {
            assert_eq!(
                leading_number(text.as_bytes()).to_bits(),
                f64::to_bits(number),
                "{text}"
            );
        }
        let names = ["2x", "10x", "9", "_u"].map(|name| name.as_bytes().to_vec());
        let sorted = text(backslash(&row(&["1", "2", "3", "4"]), &names, 0));
        assert_eq!(sorted, "_u/4/2x/1/9/3/10x/2");
    }
}

//! `MAKEFLAGS`: the words by which make(1) tells its children of a jobserver.
//!
//! The words are parted by blanks; a backslash keeps the byte that follows it. The first word
//! holds options of one letter, without a hyphen, unless it begins with a blank or a hyphen.
//! Behind the word `--` there are variables, whose values may look like options.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use crate::os::jobserver::JobserverAuth;

/// Names of the option; the second one is that of make before 4.2.
const NAMES: [&[u8]; 2] = [b"--jobserver-auth=", b"--jobserver-fds="];

/// The jobserver that `MAKEFLAGS` announces: the last one counts.
pub(crate) fn jobserver(makeflags: &OsStr) -> Option<JobserverAuth> {
    let address = options(makeflags.as_bytes()).filter_map(|word| {
        let word = unescaped(word);
        let address = NAMES.iter().find_map(|name| word.strip_prefix(*name))?;
        Some(address.to_vec())
    });
    address.last().and_then(|address| parse(&address))
}

/// `MAKEFLAGS` that announce a jobserver for so many jobs, and else are as they were.
pub(crate) fn announcing(makeflags: Option<&OsStr>, jobs: usize, auth: &JobserverAuth) -> OsString {
    let before = makeflags.map(OsStr::as_bytes).unwrap_or_default();
    let is_about_jobs = |word: &&[u8]| {
        let is_jobserver = NAMES.iter().any(|name| word.starts_with(name));
        is_jobserver || word.starts_with(b"-j") || word.starts_with(b"--jobs")
    };
    let mut text = Vec::new();
    if !before.first().is_some_and(|&byte| is_blank(byte)) {
        let letters = options(before)
            .next()
            .filter(|word| !word.starts_with(b"-"));
        text.extend(letters.unwrap_or_default());
    }
    let skipped = usize::from(!text.is_empty());
    for word in options(before)
        .skip(skipped)
        .filter(|word| !is_about_jobs(word))
    {
        text.push(b' ');
        text.extend(word);
    }
    text.extend(format!(" -j{jobs} --jobserver-auth={auth}").bytes());
    if let Some(variables) = variables(before) {
        text.push(b' ');
        text.extend(variables);
    }
    OsString::from_vec(text)
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// Words before `--`, with their backslashes.
fn options(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    words(text)
        .map(|(_, word)| word)
        .take_while(|word| *word != b"--")
}

/// The text from `--` on.
fn variables(text: &[u8]) -> Option<&[u8]> {
    let (at, _) = words(text).find(|(_, word)| *word == b"--")?;
    Some(&text[at..])
}

/// Words, with their backslashes, and where they begin.
fn words(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].iter().position(|&byte| !is_blank(byte))?;
        at = start;
        while at < text.len() && !is_blank(text[at]) {
            at += if text[at] == b'\\' { 2 } else { 1 };
        }
        at = at.min(text.len());
        Some((start, &text[start..at]))
    })
}

fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut bytes = word.iter().copied().peekable();
    let mut plain = Vec::with_capacity(word.len());
    while let Some(byte) = bytes.next() {
        let kept = if byte == b'\\' { bytes.next() } else { None };
        plain.push(kept.unwrap_or(byte));
    }
    plain
}

fn parse(address: &[u8]) -> Option<JobserverAuth> {
    if let Some(path) = address.strip_prefix(b"fifo:") {
        return Some(JobserverAuth::Fifo(OsStr::from_bytes(path).into()));
    }
    let (reader, writer) = std::str::from_utf8(address).ok()?.split_once(',')?;
    Some(JobserverAuth::Pipe {
        reader: reader.parse().ok()?,
        writer: writer.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PIECES: &[&[u8]] = &[
        b" ",
        b"\t",
        b"\\",
        b"k",
        b"-j8",
        b"-- ",
        b"A=\xff",
        b"--jobserver-auth=3,4",
        b"--jobserver-fds=fifo:x",
    ];

    fn pipe(reader: i32, writer: i32) -> Option<JobserverAuth> {
        Some(JobserverAuth::Pipe { reader, writer })
    }

    #[test]
    fn the_last_jobserver_counts_and_variables_are_none() {
        let fifo = |path: &str| Some(JobserverAuth::Fifo(path.into()));
        for (text, expected) in [
            ("", None),
            (" -j3", None),
            ("ks", None),
            (" -j3 --jobserver-auth=3,4", pipe(3, 4)),
            ("ks -j3 --jobserver-auth=3,4 -- A=b", pipe(3, 4)),
            (" -j --jobserver-fds=5,6 --jobserver-auth=7,8", pipe(7, 8)),
            (" --jobserver-fds=5,6 -j", pipe(5, 6)),
            (" --jobserver-auth=3,4 --jobserver-auth=-2,-2", pipe(-2, -2)),
            (
                " -j2 --jobserver-auth=fifo:/tmp/GMfifo1",
                fifo("/tmp/GMfifo1"),
            ),
            (r" --jobserver-auth=fifo:/a\ b\\c", fifo(r"/a b\c")),
            (
                "kw -- W=--jobserver-auth=9,9 X=a --jobserver-auth=8,8",
                None,
            ),
            (r" -I\ --jobserver-auth=9,9", None),
            (" x--jobserver-auth=9,9", None),
            (" --jobserver-auth=3", None),
            (" --jobserver-auth=3,x", None),
            (" --jobserver-auth=3,4,5", None),
            (" --jobserver-auth=99999999999,4", None),
            (" --jobserver-auth=", None),
        ] {
            assert_eq!(jobserver(OsStr::new(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_jobserver_takes_the_place_of_another_one() {
        let auth = JobserverAuth::Pipe {
            reader: 10,
            writer: 11,
        };
        for (before, expected) in [
            (None, " -j4 --jobserver-auth=10,11"),
            (Some(""), " -j4 --jobserver-auth=10,11"),
            (Some("ks"), "ks -j4 --jobserver-auth=10,11"),
            (Some("-j8"), " -j4 --jobserver-auth=10,11"),
            (Some("-k -j8"), " -k -j4 --jobserver-auth=10,11"),
            (
                Some(" -j8 --jobserver-auth=3,4 --no-print-directory"),
                " --no-print-directory -j4 --jobserver-auth=10,11",
            ),
            (
                Some(r"k --jobs=3 -- A=a\ -j8 B=-j9"),
                r"k -j4 --jobserver-auth=10,11 -- A=a\ -j8 B=-j9",
            ),
        ] {
            let text = announcing(before.map(OsStr::new), 4, &auth);
            assert_eq!(text, OsStr::new(expected), "{before:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_announced_is_read_and_variables_stay(
            before in proptest::collection::vec(proptest::sample::select(PIECES), 0..12),
            fifo in any::<bool>(),
        ) {
            let before = before.concat();
            let before = OsStr::from_bytes(&before);
            let auth = if fifo {
                JobserverAuth::Fifo("/proc/1/fd/10".into())
            } else {
                JobserverAuth::Pipe { reader: 10, writer: 11 }
            };
            let text = announcing(Some(before), 4, &auth);
            prop_assert_eq!(jobserver(&text), Some(auth));
            prop_assert_eq!(variables(text.as_bytes()), variables(before.as_bytes()));
        }

        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = jobserver(OsStr::from_bytes(&bytes));
        }
    }
}

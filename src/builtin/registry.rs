//! The built-ins by their names.

use strsim::levenshtein;

use super::transform::BuiltinSpec;
use super::{compress, data, hash, reduce, text};
use crate::error::{Error, Result};

/// In the order of `--builtins`.
pub(super) const ALL: &[&BuiltinSpec] = &[
    &hash::SHA256,
    &hash::SHA512,
    &hash::SHA1,
    &hash::MD5,
    &hash::BLAKE3,
    &hash::CRC32,
    &compress::GZIP,
    &compress::GUNZIP,
    &compress::ZSTD,
    &compress::UNZSTD,
    &compress::XZ,
    &compress::UNXZ,
    &compress::BZIP2,
    &compress::BUNZIP2,
    &compress::LZ4,
    &compress::UNLZ4,
    &text::COUNT,
    &text::CAT,
    &text::HEAD,
    &text::TAIL,
    &text::GREP,
    &text::REPLACE,
    &text::CUT,
    &text::UNIQ,
    &data::JSON,
    &data::CSV,
    &text::UPPER,
    &text::LOWER,
    &text::BASE64,
    &text::UNBASE64,
    &text::HEX,
    &text::UNHEX,
    &reduce::FREQ,
    &reduce::SUM,
    &reduce::STATS,
    &reduce::SORT,
];

/// Names of tools that do the same, each with a hint.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("@sha256sum", "it is @sha256"),
    ("@sha512sum", "it is @sha512"),
    ("@sha1sum", "it is @sha1"),
    ("@md5sum", "it is @md5"),
    ("@b3sum", "it is @blake3"),
    ("@wc", "it is @count"),
    ("@sed", "s/a/b/g is @replace a b"),
    ("@tr", "@upper and @lower change letters"),
    ("@jq", "it is @json; .a is @json --pick /a"),
    ("@xxd", "-p is @hex, -r -p is @unhex"),
    ("@zcat", "it is @gunzip -c"),
    ("@xzcat", "it is @unxz -c"),
    ("@bzcat", "it is @bunzip2 -c"),
    ("@zstdcat", "it is @unzstd -c"),
    ("@lz4cat", "it is @unlz4 -c"),
];

/// The built-in of this name.
///
/// # Errors
/// There is none; the hint is the nearest name.
pub(super) fn find(name: &[u8]) -> Result<&'static BuiltinSpec> {
    let mut specs = ALL.iter();
    if let Some(spec) = specs.find(|spec| spec.name.as_bytes() == name) {
        return Ok(spec);
    }
    let name = String::from_utf8_lossy(name);
    let error = Error::new(format!("there is no built-in '{name}'"));
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    if let Some((_, hint)) = other {
        return Err(error.hint(*hint));
    }
    let near = ALL.iter().map(|spec| (levenshtein(&name, spec.name), spec));
    let near = near.min_by_key(|(distance, _)| *distance);
    Err(match near {
        // In a short name one letter says much.
        Some((distance, spec)) if distance <= name.len().min(6) / 3 => {
            error.hint(format!("did you mean {}?", spec.name))
        }
        _ => error.hint("prun --builtins lists them; a program of that name: ./@name"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_the_hint() {
        for (name, hint) in [
            ("@sha265", "did you mean @sha256?"),
            ("@sh256", "did you mean @sha256?"),
            ("@ct", "did you mean @cat?"),
            ("@sha256sum", "it is @sha256"),
            (
                "@awk",
                "prun --builtins lists them; a program of that name: ./@name",
            ),
            (
                "@",
                "prun --builtins lists them; a program of that name: ./@name",
            ),
            (
                "@nothing",
                "prun --builtins lists them; a program of that name: ./@name",
            ),
        ] {
            let error = find(name.as_bytes()).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("prun: there is no built-in '{name}'\nhint: {hint}")
            );
        }
    }

    #[test]
    fn other_names_are_no_names_and_their_hints_name_one() {
        for (other, hint) in OTHER_NAMES {
            assert!(ALL.iter().all(|spec| spec.name != *other), "{other}");
            let mut words = hint.split([' ', ',', ';']);
            let name = words.find(|word| word.starts_with('@'));
            assert!(ALL.iter().any(|spec| Some(spec.name) == name), "{other}");
        }
    }

    #[test]
    fn names_and_options_are_proper() {
        for spec in ALL {
            assert!(spec.name.starts_with('@'), "{}", spec.name);
            assert!(spec.about.len() <= 60, "{}", spec.name);
            for flag in spec.flags {
                assert!(!flag.long.is_empty(), "{}", spec.name);
                let same = spec.flags.iter().filter(|other| other.long == flag.long);
                assert_eq!(same.count(), 1, "{} --{}", spec.name, flag.long);
            }
        }
    }
}

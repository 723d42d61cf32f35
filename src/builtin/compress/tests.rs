//! What was compressed comes back, whatever it is, and damage is found.

use proptest::prelude::*;

use super::codec::{Codec, TrailingData};
use super::settings::{CompressionEffort, CompressionSettings};
use super::small;
use crate::builtin::builtin_io::tests::TestIo;

const CODECS: [Codec; 5] = [
    Codec::Gzip,
    Codec::Zstd,
    Codec::Xz,
    Codec::Bzip2,
    Codec::Lz4,
];

fn settings(level: i32) -> CompressionSettings {
    CompressionSettings {
        level,
        effort: CompressionEffort::default(),
        name: Some(b"name".to_vec()),
        time: 7,
    }
}

/// By each way that there is.
fn compressed(test: &TestIo, codec: Codec, bytes: &[u8], level: i32) -> Vec<Vec<u8>> {
    let mut streamed = Vec::new();
    codec
        .compress(&mut &*bytes, &mut streamed, &settings(level), &test.stdio())
        .unwrap();
    let at_once = small::compress(codec, bytes, &settings(level)).unwrap();
    at_once.into_iter().chain([streamed]).collect()
}

fn decompressed(codec: Codec, bytes: &[u8]) -> Option<(Vec<u8>, TrailingData)> {
    let mut out = Vec::new();
    let rest = codec.decompress(&mut &*bytes, &mut out).ok()?;
    Some((out, rest))
}

/// Bytes that can be compressed, and others.
fn contents() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        prop::collection::vec(prop::sample::select(b"ab\n".as_slice()), 0..2000),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn everything_comes_back(bytes in contents(), level in 1..=9) {
        let test = TestIo::new(2);
        for codec in CODECS {
            for file in compressed(&test, codec, &bytes, level) {
                prop_assert_eq!(decompressed(codec, &file), Some((bytes.clone(), TrailingData::Nothing)));
                let twice = [&*file, &*file].concat();
                let both = [&*bytes, &*bytes].concat();
                prop_assert_eq!(decompressed(codec, &twice), Some((both, TrailingData::Nothing)));
            }
        }
    }

    #[test]
    fn what_is_cut_off_is_missed(bytes in contents(), share in 0.0..1.0) {
        let test = TestIo::new(2);
        for codec in CODECS {
            for file in compressed(&test, codec, &bytes, 1) {
                let length = (file.len() as f64 * share) as usize;
                let part = decompressed(codec, &file[..length]);
                // lz4 makes an empty file of an empty one, so that is no cut to it.
                let is_whole = matches!(codec, Codec::Lz4) && length == 0;
                prop_assert_eq!(part.is_some(), is_whole, "{:?} {}", codec, length);
            }
        }
    }

    #[test]
    fn a_byte_that_was_changed_never_changes_the_data(bytes in contents(), share in 0.0..1.0, flip in 1..=255u8) {
        let test = TestIo::new(2);
        for codec in CODECS {
            for mut file in compressed(&test, codec, &bytes, 1) {
                let at = (file.len() as f64 * share) as usize;
                file[at] ^= flip;
                if let Some((data, _)) = decompressed(codec, &file) {
                    prop_assert_eq!(&data, &bytes, "{:?} {}", codec, at);
                }
            }
        }
    }
}

#[test]
fn what_becomes_of_a_large_file_does_not_depend_on_threads() {
    // Lines that are like others far before them, across the ends of blocks.
    let line = |number: u64| format!("{} {}\n", number % 7919, number.wrapping_mul(0x9e37_79b9));
    let mut bytes: Vec<u8> = (0..100_000).flat_map(|at| line(at).into_bytes()).collect();
    for length in [bytes.len(), 1 << 20] {
        bytes.truncate(length);
        for codec in CODECS {
            let by = |width| compressed(&TestIo::new(width), codec, &bytes, 1).pop();
            let file = by(1).unwrap();
            assert!(file.len() < bytes.len(), "{codec:?}");
            assert!(by(3) == Some(file.clone()), "{codec:?}");
            assert!(decompressed(codec, &file) == Some((bytes.clone(), TrailingData::Nothing)));
        }
    }
}

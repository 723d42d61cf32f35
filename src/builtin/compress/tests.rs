//! What was compressed comes back, whatever it is, and damage is found.

use proptest::prelude::*;

use super::codec::{Codec, Rest, Settings};
use super::small;

const CODECS: [Codec; 5] = [
    Codec::Gzip,
    Codec::Zstd,
    Codec::Xz,
    Codec::Bzip2,
    Codec::Lz4,
];

fn settings(level: i32) -> Settings {
    Settings {
        level,
        name: Some(b"name".to_vec()),
        time: 7,
    }
}

/// By each way that there is.
fn compressed(codec: Codec, bytes: &[u8], level: i32) -> Vec<Vec<u8>> {
    let mut streamed = Vec::new();
    codec
        .compress(&mut &*bytes, &mut streamed, &settings(level))
        .unwrap();
    let at_once = small::compress(codec, bytes, &settings(level)).unwrap();
    at_once.into_iter().chain([streamed]).collect()
}

fn decompressed(codec: Codec, bytes: &[u8]) -> Option<(Vec<u8>, Rest)> {
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
        for codec in CODECS {
            for file in compressed(codec, &bytes, level) {
                prop_assert_eq!(decompressed(codec, &file), Some((bytes.clone(), Rest::Nothing)));
                let twice = [&*file, &*file].concat();
                let both = [&*bytes, &*bytes].concat();
                prop_assert_eq!(decompressed(codec, &twice), Some((both, Rest::Nothing)));
            }
        }
    }

    #[test]
    fn what_is_cut_off_is_missed(bytes in contents(), share in 0.0..1.0) {
        for codec in CODECS {
            for file in compressed(codec, &bytes, 1) {
                let length = (file.len() as f64 * share) as usize;
                prop_assert_eq!(decompressed(codec, &file[..length]), None, "{:?}", codec);
            }
        }
    }

    #[test]
    fn a_byte_that_was_changed_never_changes_the_data(bytes in contents(), share in 0.0..1.0, flip in 1..=255u8) {
        for codec in CODECS {
            for mut file in compressed(codec, &bytes, 1) {
                let at = (file.len() as f64 * share) as usize;
                file[at] ^= flip;
                if let Some((data, _)) = decompressed(codec, &file) {
                    prop_assert_eq!(&data, &bytes, "{:?} {}", codec, at);
                }
            }
        }
    }
}

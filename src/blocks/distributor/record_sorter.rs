//! The worker of each record, by its key.

use memchr::memchr_iter;

use super::worker_stream::WorkerStream;
use crate::blocks::border_scan::csv::CsvScan;
use crate::blocks::border_scan::scan::BorderScan;
use crate::blocks::column_key::ColumnKey;
use crate::error::Result;
use crate::expression::leading_number;
use crate::input::block::Block;

/// Rule from a key to a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyRule {
    /// `--shard`
    Hash,
    /// `--bin`
    Number,
}

/// Deals records to workers. Those with the same key go to the same worker, in every run with
/// as many workers.
#[derive(Debug)]
pub(super) struct RecordSorter {
    key: ColumnKey,
    rule: KeyRule,
    workers: u32,
}

impl RecordSorter {
    pub(super) fn new(key: ColumnKey, rule: KeyRule, workers: u32) -> RecordSorter {
        RecordSorter { key, rule, workers }
    }

    /// Adds each record of a block to the stream of its worker.
    ///
    /// # Errors
    /// A record has no key, or there is no column with the name.
    pub(super) fn sort(
        &mut self,
        block: &Block,
        passes_header: bool,
        workers: &mut [WorkerStream],
    ) -> Result<()> {
        if let Some(header) = block.header() {
            self.key.resolve(header)?;
        }
        let header = block.header().filter(|_| passes_header);
        for_each_record(block, self.key.csv_delimiter(), |record| {
            let worker = &mut workers[self.worker(record)];
            worker.begin(header);
            worker.push_record(record);
        });
        self.key.check()
    }

    fn worker(&self, record: &[u8]) -> usize {
        let key = self.key.of(record);
        match self.rule {
            KeyRule::Hash => hashed(&key, self.workers),
            KeyRule::Number => numbered(&key, self.workers),
        }
    }
}

/// Passes each record of a block to `give`: a line, or a record of CSV whose fields are
/// separated by `delimiter`. The last one may lack its newline.
fn for_each_record<'b>(block: &'b [u8], delimiter: Option<u8>, mut give: impl FnMut(&'b [u8])) {
    let mut start = 0;
    let mut end_at = |end: usize| {
        give(&block[start..end]);
        start = end;
    };
    match delimiter {
        None => memchr_iter(b'\n', block).for_each(|newline| end_at(newline + 1)),
        Some(delimiter) => {
            let mut scan = CsvScan::new(delimiter);
            while let Some(border) = scan.next(block, true) {
                end_at(border.at);
            }
        }
    }
    if start < block.len() {
        give(&block[start..]);
    }
}

/// Worker of a number: 1 is the first one's, and beyond the last it begins anew. A text that is
/// no number is 0.
fn numbered(key: &[u8], workers: u32) -> usize {
    let rest = match natural(key) {
        Some(number) => (number % u64::from(workers)) as u32,
        None => leading_number(key).rem_euclid(workers),
    };
    (if rest == 0 { workers } else { rest }) as usize - 1
}

/// Number of at most 18 digits.
fn natural(key: &[u8]) -> Option<u64> {
    if !(1..=18).contains(&key.len()) {
        return None;
    }
    key.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        Some(number * 10 + digit)
    })
}

fn hashed(key: &[u8], workers: u32) -> usize {
    // The high half of the product: no division.
    ((u128::from(stable_hash(key)) * u128::from(workers)) >> 64) as usize
}

/// Hash that is the same in every version and on every machine, eight bytes a step. The hashes
/// of crates promise that for no later version, or cost more for keys of a few bytes.
fn stable_hash(key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut hash = key.len() as u64;
    for word in words.iter().chain([&last]) {
        hash = mixed(hash ^ u64::from_le_bytes(*word));
    }
    hash
}

/// Lets every bit of the result depend on every bit of `word`, and no two words have the same
/// result (the finalizer of SplitMix64).
fn mixed(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(block: &[u8], delimiter: Option<u8>) -> Vec<&[u8]> {
        let mut records = Vec::new();
        for_each_record(block, delimiter, |record| records.push(record));
        records
    }

    /// As GNU parallel deals them with `--bin`.
    #[test]
    fn a_number_is_a_worker() {
        let of_three = |key: &str| numbered(key.as_bytes(), 3) + 1;
        for (keys, expected) in [
            (
                "1 -2 1.5 1x 1e1 99999999999999999999 1_000 18446744073709551613",
                1,
            ),
            (
                "2 -1 2.9 +2 -1.5 -1e30 -18446744073709551614 9223372036854775808",
                2,
            ),
            ("0 3 abc 0x5 0.5 -0.5 0.99 .5 inf nan -inf 1e400", 3),
        ] {
            for key in keys.split(' ') {
                assert_eq!(of_three(key), expected, "{key}");
            }
        }
        assert_eq!(of_three(""), 3);
        assert_eq!(of_three("  7"), 1);
    }

    #[test]
    fn hashes_stay_the_same_and_spread_evenly() {
        assert_eq!(stable_hash(b""), 0xe220_a839_7b1d_cdaf);
        let hashes = [b"a".as_slice(), b"12345678", b"123456789"].map(stable_hash);
        assert_eq!(hashes, HASHES);
        for workers in [2, 3, 8, 64] {
            let mut counts = vec![0; workers as usize];
            for number in 0..64_000 {
                counts[hashed(number.to_string().as_bytes(), workers)] += 1;
            }
            let even = 64_000 / workers;
            let is_even = |count: &u32| count.abs_diff(even) < even / 5;
            assert!(counts.iter().all(is_even), "{counts:?}");
        }
        assert_ne!(stable_hash(b"a"), stable_hash(b"a\0"));
    }

    const HASHES: [u64; 3] = [
        0x6232_9690_0026_2121,
        0xf45e_cc68_1744_1404,
        0xf294_e1a3_d9d2_0499,
    ];

    #[test]
    fn records_are_lines_or_end_outside_of_quotes() {
        let block = b"a,\"b\nc\"\nd\" \n\n\"e\n";
        assert_eq!(
            records(block, Some(b',')),
            [b"a,\"b\nc\"\n".as_slice(), b"d\" \n", b"\n", b"\"e\n"]
        );
        assert_eq!(records(block, None).len(), 5);
        assert_eq!(records(b"", None).len(), 0);
        assert_eq!(records(b"a\nb", None), [b"a\n".as_slice(), b"b"]);
    }

    proptest! {
        #[test]
        fn natural_numbers_are_read_as_all_numbers_are(key in "[0-9]{1,22}", workers in 1..9_u32) {
            let slow = leading_number(key.as_bytes()).rem_euclid(workers);
            let expected = if slow == 0 { workers } else { slow } as usize - 1;
            prop_assert_eq!(numbered(key.as_bytes(), workers), expected);
        }

        #[test]
        fn records_make_the_block(block in "[a\",\n]{0,20}", is_csv: bool) {
            let delimiter = is_csv.then_some(b',');
            prop_assert_eq!(records(block.as_bytes(), delimiter).concat(), block.as_bytes());
        }
    }
}

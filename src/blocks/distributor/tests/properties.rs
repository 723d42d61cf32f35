use super::*;
use std::collections::HashMap;

use proptest::prelude::*;

/// Numbered lines with a key before the number.
fn keyed_lines() -> impl Strategy<Value = (Vec<u8>, usize)> {
    let line = (0..20_u32, 0..60_usize);
    (proptest::collection::vec(line, 0..300), 1..2000_usize).prop_map(|(lines, size)| {
        let line = |(number, (key, length)): (usize, &(u32, usize))| {
            format!("{key},{number:08}{}\n", "x".repeat(*length))
        };
        let text: String = lines.iter().enumerate().map(line).collect();
        (text.into_bytes(), size)
    })
}

fn numbers(output: &[u8]) -> Vec<u32> {
    let text = std::str::from_utf8(output).unwrap();
    let number = |line: &str| line.split_once(',').unwrap().1[..8].parse().unwrap();
    text.lines().map(number).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_record_reaches_one_worker_in_order(
        (input, size) in keyed_lines(),
        workers in 1..6_u32,
        mode in 0..4_usize,
    ) {
        let mode = [
            ROUND_ROBIN,
            ORDERED,
            DistributionMode::Shard(key("1")),
            DistributionMode::Bin(key("1")),
        ].into_iter().nth(mode).unwrap();
        let is_bin = matches!(mode, DistributionMode::Bin(_));
        let is_keyed = is_bin || matches!(mode, DistributionMode::Shard(_));
        let (outputs, end) = Driven::start(mode, workers, size).finish(&input);
        prop_assert_eq!(end, Ok(()));
        let mut all: Vec<_> = outputs.iter().flat_map(|output| numbers(output)).collect();
        for output in &outputs {
            prop_assert!(numbers(output).is_sorted());
        }
        all.sort_unstable();
        prop_assert_eq!(all, numbers(&input));
        let mut expected = input.split_inclusive(|&byte| byte == b'\n').collect::<Vec<_>>();
        expected.sort_unstable();
        prop_assert_eq!(sorted_lines(&outputs), expected);
        let mut owners = HashMap::new();
        for (worker, output) in outputs.iter().enumerate().filter(|_| is_keyed) {
            for line in std::str::from_utf8(output).unwrap().lines() {
                let key = line.split_once(',').unwrap().0;
                prop_assert_eq!(*owners.entry(key).or_insert(worker), worker);
                let number: u32 = key.parse().unwrap();
                prop_assert!(!is_bin || (worker as u32 + 1) % workers == number % workers);
            }
        }
    }

    #[test]
    fn in_order_each_block_has_its_worker(
        blocks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..5), 0..40),
        workers in 1..6_u32,
    ) {
        let given = blocks.iter().map(|bytes| Block::from(bytes.as_slice())).collect();
        let of_worker = |worker| blocks.iter().skip(worker).step_by(workers as usize);
        let expected = (0..workers as usize).map(|worker| of_worker(worker).flatten().copied());
        let expected = expected.map(Iterator::collect).collect();
        prop_assert_eq!(dealt(ORDERED, workers, given), (expected, Ok(())));
    }

    #[test]
    fn all_workers_get_all(input in any::<Vec<u8>>(), size in 1..50_usize, workers in 1..6_u32) {
        let (outputs, end) = Driven::start(DistributionMode::Tee, workers, size).finish(&input);
        prop_assert_eq!(end, Ok(()));
        prop_assert_eq!(outputs, vec![input; workers as usize]);
    }

    #[test]
    fn quoted_newlines_stay_within_their_record(
        records in proptest::collection::vec("[a-c\n]{0,6}", 0..50),
        workers in 1..4_u32,
    ) {
        let csv = ColumnKey::parse("--shard", b"1", &RecordFormat::Csv(b',')).unwrap();
        let record = |text: &String| format!("\"{text}\",1\n");
        let input: String = records.iter().map(record).collect();
        let driven = Driven::start(DistributionMode::Shard(csv), workers, 1 << 20);
        let (outputs, end) = driven.finish(input.as_bytes());
        prop_assert_eq!(end, Ok(()));
        let mut got: Vec<_> = outputs
            .iter()
            .flat_map(|output| std::str::from_utf8(output).unwrap().split_inclusive(",1\n"))
            .collect();
        let mut expected: Vec<_> = records.iter().map(record).collect();
        got.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(got, expected);
    }
}

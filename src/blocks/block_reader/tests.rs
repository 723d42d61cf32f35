use std::fs::File;
use std::io::{Read, Seek, Write};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rustix::pipe::pipe;
use rustix::process::{Signal, kill_process};
use rustix::thread::gettid;

use super::*;
use crate::blocks::file_ranges::{FileRanges, RangeLength, RangeOptions};
use crate::blocks::input_name::InputName;
use crate::blocks::record_rule::{RecordRule, RecordSeparator};
use crate::os::signal::survive_file_limit;

fn options(size: usize) -> BlockOptions {
    BlockOptions {
        name: InputName::file(Path::new("in")),
        size,
        max_record: 1 << 20,
        header: None,
        timeout: None,
        buffers: 3,
    }
}

fn rule(end: &[u8], start: &[u8]) -> RecordRule {
    let (end, start) = (end.to_vec(), start.to_vec());
    RecordRule {
        separator: RecordSeparator::Literal { end, start },
        multiple: NonZeroUsize::MIN,
    }
}

fn lines(count: usize) -> RecordCutter {
    RecordCutter::new(rule(b"\n", b""), NonZeroUsize::new(count))
}

fn file(input: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input).unwrap();
    file.rewind().unwrap();
    file
}

fn reader(input: &[u8], cutter: RecordCutter, options: BlockOptions) -> BlockReader {
    BlockReader::new(InputReader::File(file(input)), cutter, options)
}

/// Bytes of the next block, with its header.
fn next(reader: &mut BlockReader) -> Option<Vec<u8>> {
    let block = reader.next_block().unwrap()?;
    let mut bytes = Vec::new();
    block.reader().read_to_end(&mut bytes).unwrap();
    Some(bytes)
}

fn texts(mut reader: BlockReader) -> Vec<String> {
    let blocks = std::iter::from_fn(|| next(&mut reader));
    blocks
        .map(|block| String::from_utf8(block).unwrap())
        .collect()
}

fn failure(mut reader: BlockReader) -> (usize, String) {
    let mut blocks = 0;
    loop {
        match reader.next_block() {
            Ok(block) => assert!(block.is_some(), "it did not fail"),
            Err(error) => return (blocks, error.message().to_owned()),
        }
        blocks += 1;
    }
}

#[test]
fn the_header_comes_before_each_block() {
    let header = || BlockOptions {
        header: Some(HeaderRule::Lines {
            count: 1,
            csv: None,
        }),
        ..options(4)
    };
    assert_eq!(
        texts(reader(b"h\n1\n2\n3\n", lines(1), header())),
        ["h\n1\n", "h\n2\n", "h\n3\n"]
    );
    assert_eq!(
        texts(reader(b"h\n1\n2\n3\n", lines(0), header())),
        ["h\n1\n2\n", "h\n3\n"]
    );
    assert_eq!(
        texts(reader(b"a longer one\n1\n", lines(0), header())),
        ["a longer one\n1\n"]
    );
    assert_eq!(texts(reader(b"h\n", lines(0), header())), [""; 0]);
    assert_eq!(texts(reader(b"", lines(0), header())), [""; 0]);
}

#[test]
fn nothing_makes_no_block() {
    assert_eq!(texts(reader(b"", lines(0), options(4))), [""; 0]);
    assert_eq!(texts(reader(b"", lines(2), options(4))), [""; 0]);
}

#[test]
fn a_longer_record_makes_a_longer_block() {
    let blocks = texts(reader(b"1\n23456789\n1\n2\n3", lines(0), options(4)));
    assert_eq!(blocks, ["1\n", "23456789\n", "1\n2\n", "3"]);
    let long = "x".repeat(200_000) + "\n";
    let input = ["a\n", &long, "b\n", &long].concat();
    let blocks = texts(reader(input.as_bytes(), lines(0), options(4)));
    assert_eq!(blocks, ["a\n", &long, "b\n", &long]);
}

#[test]
fn a_record_that_is_too_long_is_an_error() {
    let most = |size, max_record| BlockOptions {
        max_record,
        ..options(size)
    };
    let error = |most| format!("'in': a record is longer than {most} bytes");
    let input = b"1\n2345678\n12345678\n1\n";
    assert_eq!(failure(reader(input, lines(0), most(4, 8))), (2, error(8)));
    assert_eq!(failure(reader(input, lines(0), most(8, 1))), (2, error(8)));
    assert_eq!(texts(reader(input, lines(0), most(4, 9))).len(), 4);
    let removing = RecordCutter::removing(rule(b"\n", b""), None);
    assert_eq!(failure(reader(input, removing, most(4, 8))), (2, error(8)));
    let endless = vec![b'x'; 300_000];
    assert_eq!(
        failure(reader(&endless, lines(0), most(1000, 200_000))),
        (0, error(200_000))
    );
    let (blocks, error) = failure(reader(input, lines(2), most(4, 10)));
    assert_eq!(
        (blocks, &*error),
        (1, "'in': the records of one job are longer than 10 bytes")
    );
}

#[test]
fn records_are_counted_from_one_buffer_to_the_next() {
    let line = |number: usize| format!("{number:079}\n");
    let input: String = (0..5_500).map(line).collect();
    let blocks = texts(reader(input.as_bytes(), lines(1000), options(1)));
    let counts: Vec<usize> = blocks.iter().map(|block| block.lines().count()).collect();
    assert_eq!(counts, [1000, 1000, 1000, 1000, 1000, 500]);
    assert_eq!(blocks.concat(), input);
}

#[test]
fn blocks_that_are_there_are_ready() {
    for cutter in [
        lines(1),
        RecordCutter::removing(rule(b"\n", b""), NonZeroUsize::new(1)),
    ] {
        let (read, write) = pipe().unwrap();
        let mut write = File::from(write);
        write.write_all(b"1\n2\n3").unwrap();
        let input = InputReader::File(File::from(read));
        let mut reader = BlockReader::new(input, cutter, options(1 << 20));
        assert!(!reader.is_ready());
        assert_eq!(next(&mut reader).unwrap()[0], b'1');
        assert!(reader.is_ready());
        assert_eq!(next(&mut reader).unwrap()[0], b'2');
        assert!(!reader.is_ready());
        drop(write);
        assert_eq!(next(&mut reader).unwrap(), b"3");
        assert!(reader.is_ready());
        assert_eq!(next(&mut reader), None);
    }
}

/// Jobs that have all buffers may be those that wait for the end.
#[test]
fn the_end_needs_no_buffer() {
    let options = BlockOptions {
        buffers: 1,
        ..options(64)
    };
    let mut reader = reader(b"1\n2\n", lines(0), options);
    let block = reader.next_block().unwrap().unwrap();
    assert!(reader.is_ready());
    assert!(reader.next_block().unwrap().is_none());
    assert_eq!(&*block, b"1\n2\n");
}

#[test]
fn separators_are_removed_from_all_blocks_of_a_buffer() {
    let removing = |count| RecordCutter::removing(rule(b";", b">"), NonZeroUsize::new(count));
    let input = b">a;>b;c;>d;>e;";
    assert_eq!(
        texts(reader(input, removing(1), options(64))),
        ["a", "b;c", "d", "e"]
    );
    assert_eq!(texts(reader(input, removing(0), options(64))), ["ab;cde"]);
    assert_eq!(
        texts(reader(input, removing(0), options(6))),
        ["a", "b;c", "de"]
    );
    let many = "x;>".repeat(100_000);
    let blocks = texts(reader(many.as_bytes(), removing(1), options(1 << 20)));
    let (last, others) = blocks.split_last().unwrap();
    assert_eq!((&**last, others.len()), ("", 100_000));
    assert!(others.iter().all(|block| block == "x"));
}

/// The writer goes on only when it has been told that the block came.
#[test]
fn a_stalled_stream_gives_what_it_has() {
    let (read, write) = pipe().unwrap();
    let (came, waits) = mpsc::channel();
    let writer = thread::spawn(move || {
        let mut write = File::from(write);
        write.write_all(b"a\nb\nc").unwrap();
        waits.recv().unwrap();
        write.write_all(b"d\n").unwrap();
        waits.recv().unwrap();
    });
    let options = BlockOptions {
        timeout: Some(Duration::from_millis(1)),
        ..options(1 << 20)
    };
    let input = InputReader::File(File::from(read));
    let mut reader = BlockReader::new(input, lines(0), options);
    assert_eq!(next(&mut reader).unwrap(), b"a\nb\n");
    came.send(()).unwrap();
    assert_eq!(next(&mut reader).unwrap(), b"cd\n");
    came.send(()).unwrap();
    assert_eq!(next(&mut reader), None);
    writer.join().unwrap();
}

/// A signal ends no wait: a read would wait for ever.
#[test]
fn a_stalled_stream_gives_what_it_has_whatever_signals_come() {
    survive_file_limit();
    let (read, write) = pipe().unwrap();
    File::from(write.try_clone().unwrap())
        .write_all(b"a\nb\nc")
        .unwrap();
    let options = BlockOptions {
        timeout: Some(Duration::from_millis(50)),
        ..options(1 << 20)
    };
    let (started, thread) = mpsc::channel();
    let (came, block) = mpsc::channel();
    let reads = thread::spawn(move || {
        started.send(gettid()).unwrap();
        let input = InputReader::File(File::from(read));
        let mut reader = BlockReader::new(input, lines(0), options);
        came.send(next(&mut reader)).unwrap();
    });
    let thread = thread.recv().unwrap();
    let block = (0..10_000).find_map(|_| {
        // The thread may have ended.
        let _ = kill_process(thread, Signal::XFSZ);
        block.recv_timeout(Duration::from_millis(1)).ok()
    });
    assert_eq!(block.flatten().unwrap(), b"a\nb\n");
    drop(write);
    reads.join().unwrap();
}

#[test]
fn a_column_that_the_header_lacks_is_an_error() {
    let key = crate::blocks::column_key::ColumnKey::parse(
        "--group-by",
        b"city",
        &crate::input::columns::RecordFormat::tabs(),
    );
    let cutter = || {
        let rule = RecordRule {
            separator: RecordSeparator::Group {
                key: key.clone().unwrap(),
                records: Box::new(rule(b"\n", b"").separator),
            },
            multiple: NonZeroUsize::MIN,
        };
        RecordCutter::new(rule, NonZeroUsize::new(1))
    };
    let header = || BlockOptions {
        header: Some(HeaderRule::Lines {
            count: 1,
            csv: None,
        }),
        ..options(4)
    };
    let groups = texts(reader(b"no\tcity\n1\ta\n2\ta\n3\tb\n", cutter(), header()));
    assert_eq!(groups, ["no\tcity\n1\ta\n2\ta\n", "no\tcity\n3\tb\n"]);
    let (blocks, error) = failure(reader(b"no\ttown\n1\ta\n", cutter(), header()));
    assert_eq!(blocks, 0);
    assert!(error.contains("'city'"), "{error}");
}

fn separator() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let part = || vec(select(&b"ab;"[..]), 0..3);
    (part(), part()).prop_filter("no separator", |(end, start)| {
        !(end.is_empty() && start.is_empty())
    })
}

fn cutter(separator: &(Vec<u8>, Vec<u8>), count: usize) -> RecordCutter {
    RecordCutter::new(rule(&separator.0, &separator.1), NonZeroUsize::new(count))
}

proptest! {
    #[test]
    fn blocks_do_not_depend_on_reads(
        input in vec(select(&b"aab;"[..]), 0..200),
        separator in separator(),
        size in 1..30usize,
        count in 0..4usize,
        chunk in 1..50usize,
    ) {
        let (read, write) = pipe().unwrap();
        let written = input.clone();
        let writer = thread::spawn(move || {
            let mut write = File::from(write);
            for piece in written.chunks(chunk) {
                write.write_all(piece).unwrap();
            }
        });
        let stream = InputReader::File(File::from(read));
        let stream = BlockReader::new(stream, cutter(&separator, count), options(size));
        let blocks = texts(stream);
        writer.join().unwrap();
        prop_assert_eq!(blocks.concat().into_bytes(), input.clone());
        let whole = reader(&input, cutter(&separator, count), options(size));
        prop_assert_eq!(texts(whole), blocks);
    }

    #[test]
    fn ranges_of_a_file_are_the_blocks_of_the_stream(
        input in vec(select(&b"aab;"[..]), 0..200),
        separator in separator(),
        size in 1..30usize,
    ) {
        let rule = rule(&separator.0, &separator.1);
        prop_assume!(rule.is_local());
        let range_options = RangeOptions {
            length: RangeLength::Bytes(size as u64),
            rule,
            max_record: 1 << 20,
            header: None,
        };
        let mut ranges = FileRanges::new(file(&input), InputName::file(Path::new("in")), 0, range_options).unwrap();
        let mut texts_of_ranges = Vec::new();
        while let Some(range) = StdinSource::next(&mut ranges).unwrap() {
            let mut text = String::new();
            range.reader().unwrap().read_to_string(&mut text).unwrap();
            texts_of_ranges.push(text);
        }
        let blocks = texts(reader(&input, cutter(&separator, 0), options(size)));
        prop_assert_eq!(texts_of_ranges, blocks);
    }
}

mod properties;

use super::*;
use crate::blocks::input_name::InputName;
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::num::{NonZeroU32, NonZeroUsize};
use std::os::fd::{AsFd, OwnedFd};
use std::thread;
use std::time::Duration;

use regex::bytes::Regex;

use crate::blocks::block_reader::BlockOptions;
use crate::blocks::column_key::ColumnKey;
use crate::blocks::record_cutter::RecordCutter;
use crate::blocks::record_rule::{RecordRule, RecordSeparator};
use crate::input::block::Block;
use crate::input::columns::RecordFormat;
use crate::input::reader::InputReader;

const ROUND_ROBIN: DistributionMode = DistributionMode::RoundRobin { is_ordered: false };
const ORDERED: DistributionMode = DistributionMode::RoundRobin { is_ordered: true };

/// Timeout of a block that is not full.
const AT_ONCE: Option<Duration> = Some(Duration::from_millis(1));

fn key(text: &str) -> ColumnKey {
    let separator = RecordFormat::Separated(Regex::new(",").unwrap());
    ColumnKey::parse("--shard", text.as_bytes(), &separator).unwrap()
}

fn reader(input: PipeReader, size: usize, timeout: Option<Duration>) -> BlockReader {
    let rule = RecordRule {
        separator: RecordSeparator::Literal {
            end: b"\n".to_vec(),
            start: Vec::new(),
        },
        multiple: NonZeroUsize::MIN,
    };
    let options = BlockOptions {
        size,
        max_record: 4 << 20,
        name: InputName(None),
        header: None,
        timeout,
        buffers: 8,
    };
    let input = InputReader::File(File::from(OwnedFd::from(input)));
    BlockReader::new(input, RecordCutter::new(rule, None), options)
}

/// A distribution whose input and workers are driven by the test.
struct Driven {
    input: Option<PipeWriter>,
    source: SharedStreams,
    workers: Vec<Option<File>>,
}

impl Driven {
    fn start(mode: DistributionMode, workers: u32, size: usize) -> Driven {
        Driven::with_timeout(mode, workers, size, None)
    }

    fn with_timeout(
        mode: DistributionMode,
        workers: u32,
        size: usize,
        timeout: Option<Duration>,
    ) -> Driven {
        let (read, write) = io::pipe().unwrap();
        let options = DistributionOptions {
            mode,
            workers: NonZeroU32::new(workers).unwrap(),
            block_size: size,
            passes_header: true,
            starts_with_block: false,
        };
        let mut source = SharedStreams::new(reader(read, size, timeout), options).unwrap();
        assert_eq!(source.total(), Some(workers.into()));
        let mut open = || {
            assert!(source.is_ready());
            let stdin = source.next().unwrap().unwrap();
            let pipe = stdin.pipe().unwrap().unwrap();
            stdin.close();
            Some(File::from(pipe))
        };
        let workers = (0..workers).map(|_| open()).collect();
        assert!(!source.is_ready());
        Driven {
            input: Some(write),
            source,
            workers,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Feeds the rest in a thread, ends the input, and reads what each open worker gets.
    fn finish(mut self, rest: &[u8]) -> (Vec<Vec<u8>>, Result<()>) {
        let mut input = self.input.take().unwrap();
        thread::scope(|scope| {
            // All workers may have ended.
            scope.spawn(move || {
                let _ = input.write_all(rest);
            });
            let read =
                |worker: Option<File>| scope.spawn(move || worker.map_or(Vec::new(), read_all));
            let threads: Vec<_> = self.workers.drain(..).map(read).collect();
            let outputs = threads.into_iter().map(|thread| thread.join().unwrap());
            (outputs.collect(), end(&mut self.source))
        })
    }
}

fn end(source: &mut SharedStreams) -> Result<()> {
    let end = source.next().map(|stdin| assert!(stdin.is_none()));
    assert!(source.next().unwrap().is_none());
    end
}

/// What each worker gets of blocks.
fn dealt(mode: DistributionMode, workers: u32, blocks: Vec<Block>) -> (Vec<Vec<u8>>, Result<()>) {
    let open = |_| WorkerStream::open(true).unwrap();
    let (writers, streams): (Vec<_>, Vec<_>) = (0..workers).map(open).unzip();
    let (sender, receiver) = sync_channel(blocks.len());
    blocks
        .into_iter()
        .for_each(|block| sender.send(Ok(block)).unwrap());
    drop(sender);
    let options = DistributionOptions {
        mode,
        workers: NonZeroU32::new(workers).unwrap(),
        block_size: 1000,
        passes_header: true,
        starts_with_block: false,
    };
    let wake = Arc::new(Wake::new().unwrap());
    let writer = BlockWriter::new(options, (writers, channel().0), (receiver, wake));
    thread::scope(|scope| {
        let read = |stream| {
            let stdin = JobStdin::Stream(stream);
            let pipe = stdin.pipe().unwrap().unwrap();
            scope.spawn(move || read_all(File::from(pipe)))
        };
        let threads: Vec<_> = streams.into_iter().map(read).collect();
        let end = writer.run();
        let outputs = threads.into_iter().map(|thread| thread.join().unwrap());
        (outputs.collect(), end)
    })
}

fn read_all(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn read_exactly(file: &mut Option<File>, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    file.as_mut().unwrap().read_exact(&mut bytes).unwrap();
    bytes
}

/// Numbered lines of `length` bytes.
fn lines(count: usize, length: usize) -> Vec<u8> {
    let line = |number| format!("{number:0width$}\n", width = length - 1).into_bytes();
    (0..count).flat_map(line).collect()
}

fn sorted_lines(outputs: &[Vec<u8>]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = outputs
        .iter()
        .flat_map(|output| output.split_inclusive(|&byte| byte == b'\n'))
        .collect();
    lines.sort_unstable();
    lines
}

fn message(end: Result<()>) -> String {
    end.unwrap_err().message().to_owned()
}

#[test]
fn bytes_that_are_there_reach_a_worker_while_the_input_stands_still() {
    for (mode, expected) in [
        (ROUND_ROBIN, ["1\n3\n", "2\n"]),
        (ORDERED, ["1\n3\n", "2\n"]),
        (DistributionMode::Bin(key("1")), ["1\n3\n", "2\n"]),
        (DistributionMode::Tee, ["1\n2\n3\n", "1\n2\n3\n"]),
    ] {
        let mut driven = Driven::with_timeout(mode, 2, 100, AT_ONCE);
        let mut got = [Vec::new(), Vec::new()];
        for line in ["1\n", "2\n", "3\n"] {
            driven.feed(line.as_bytes());
            for (worker, expected) in expected.iter().enumerate() {
                if expected.contains(line) {
                    got[worker].extend(read_exactly(&mut driven.workers[worker], 2));
                }
            }
        }
        assert_eq!(got.map(|bytes| String::from_utf8(bytes).unwrap()), expected);
        let (rest, end) = driven.finish(b"");
        assert_eq!((rest, end), (vec![Vec::new(), Vec::new()], Ok(())));
    }
}

#[test]
fn a_worker_that_has_not_started_holds_one_block_beside_its_pipe() {
    const SIZE: usize = 16 << 10;
    let mut driven = Driven::start(ROUND_ROBIN, 2, SIZE);
    let late = driven.workers[1].take().unwrap();
    let capacity = rustix::pipe::fcntl_getpipe_size(late.as_fd()).unwrap();
    let input = lines(16 << 10, 128);
    // The first worker gets to the end of its input before the second one reads.
    let (outputs, end) = thread::scope(|scope| {
        let mut input_end = driven.input.take().unwrap();
        scope.spawn(|| {
            input_end.write_all(&input).unwrap();
            drop(input_end);
        });
        let first = read_all(driven.workers[0].take().unwrap());
        ([first, read_all(late)], end(&mut driven.source))
    });
    assert_eq!(end, Ok(()));
    assert_eq!(sorted_lines(&outputs).concat(), input);
    assert!(outputs[1].len() <= capacity + SIZE, "{}", outputs[1].len());
}

#[test]
fn a_slow_reader_of_all_holds_the_others_back_by_the_buffers_only() {
    const SIZE: usize = 16 << 10;
    let mut driven = Driven::start(DistributionMode::Tee, 2, SIZE);
    let slow = driven.workers[1].take().unwrap();
    let capacity = rustix::pipe::fcntl_getpipe_size(slow.as_fd()).unwrap();
    let input = lines((capacity + 16 * SIZE) / 128, 128);
    let (outputs, end) = thread::scope(|scope| {
        let mut input_end = driven.input.take().unwrap();
        scope.spawn(|| {
            input_end.write_all(&input).unwrap();
            drop(input_end);
        });
        let mut fast = driven.workers[0].take();
        let mut first = read_exactly(&mut fast, capacity + 4 * SIZE);
        let slow = scope.spawn(|| read_all(slow));
        first.extend(read_all(fast.unwrap()));
        ([first, slow.join().unwrap()], end(&mut driven.source))
    });
    assert_eq!(end, Ok(()));
    assert!(outputs.iter().all(|output| *output == input));
}

#[test]
fn a_worker_that_ended_before_it_got_a_block_is_no_error() {
    let input = lines(1000, 10);
    for mode in [ROUND_ROBIN, ORDERED] {
        let mut driven = Driven::start(mode, 3, 1000);
        driven.workers[1] = None;
        let (outputs, end) = driven.finish(&input);
        assert_eq!((outputs[1].len(), end), (0, Ok(())));
        assert_eq!(sorted_lines(&outputs).concat(), input);
    }
    let mut driven = Driven::start(DistributionMode::Tee, 3, 1000);
    driven.workers[1] = None;
    let (outputs, end) = driven.finish(&input);
    assert_eq!(end, Ok(()));
    assert_eq!(outputs, [input.clone(), Vec::new(), input]);
}

#[test]
fn a_worker_that_ends_with_input_left_is_an_error_and_the_others_go_on() {
    // More than a pipe takes.
    const SIZE: usize = 1 << 20;
    let input = lines(4 * SIZE / 128, 128);
    let mut driven = Driven::start(ORDERED, 2, SIZE);
    // With a byte more than a block.
    driven.feed(&input[..=SIZE]);
    read_exactly(&mut driven.workers[0], 10);
    driven.workers[0] = None;
    let (outputs, end) = driven.finish(&input[SIZE + 1..]);
    assert_eq!(message(end), "worker 1 ended with input left");
    assert!(outputs[1] == input[SIZE..]);
}

#[test]
fn a_worker_that_ends_before_its_records_come_is_an_error() {
    let mut driven = Driven::start(DistributionMode::Bin(key("1")), 4, 4);
    driven.workers[1] = None;
    driven.workers[2] = None;
    let (outputs, end) = driven.finish(b"1\n2\n4\n3\n1,x\n");
    assert_eq!(message(end), "workers 2, 3 ended with input left");
    assert_eq!(
        outputs,
        [b"1\n1,x\n".to_vec(), vec![], vec![], b"4\n".to_vec()]
    );
}

/// The input has no end: it is read no more.
#[test]
fn without_workers_the_input_is_left() {
    for (mode, expected) in [
        (ROUND_ROBIN, "worker 1 ended with input left"),
        (ORDERED, "worker 1 ended with input left"),
        (
            DistributionMode::Bin(key("1")),
            "worker 1 ended with input left",
        ),
        (DistributionMode::Tee, ""),
    ] {
        let mut driven = Driven::start(mode, 1, 4);
        driven.workers.clear();
        let mut input = driven.input.take().unwrap();
        let feeder = thread::spawn(move || while input.write_all(b"1\n").is_ok() {});
        let end = end(&mut driven.source);
        assert_eq!(
            end.err()
                .map_or(String::new(), |error| error.message().to_owned()),
            expected
        );
        feeder.join().unwrap();
    }
}

#[test]
fn without_workers_an_input_that_has_ended_too_is_no_error() {
    let mut driven = Driven::with_timeout(ROUND_ROBIN, 2, 100, AT_ONCE);
    driven.feed(b"1\n2\n");
    assert_eq!(read_exactly(&mut driven.workers[0], 4), b"1\n2\n");
    driven.workers.clear();
    let (_, end) = driven.finish(b"");
    assert_eq!(end, Ok(()));
}

#[test]
fn errors_of_the_input_and_of_keys_come_at_the_end() {
    let driven = Driven::start(DistributionMode::Bin(key("1 $_=6/$_")), 3, 4);
    let (outputs, end) = driven.finish(b"3\n0\n");
    assert_eq!(message(end), "'0' has no key: division by zero");
    assert_eq!(outputs[1], b"3\n");
    let mut driven = Driven::start(ORDERED, 1, 4);
    driven.feed(b"abc\n");
    let (outputs, end) = driven.finish(&vec![b'x'; 5 << 20]);
    assert_eq!(
        message(end),
        "standard input: a record is longer than 4194304 bytes"
    );
    assert_eq!(outputs, [b"abc\n"]);
}

#[test]
fn each_worker_gets_the_header_once() {
    let header: Arc<[u8]> = Arc::from(*b"name,id\n");
    let blocks = || -> Vec<Block> {
        let lines = [b"x,1\n".as_slice(), b"y,2\n", b"z,3\n"];
        lines.map(|line| Block::from(line).headed(&header)).into()
    };
    for (mode, expected) in [
        (ORDERED, ["x,1\nz,3\n", "y,2\n"]),
        (DistributionMode::Bin(key("id")), ["x,1\nz,3\n", "y,2\n"]),
        (DistributionMode::Tee, ["x,1\ny,2\nz,3\n"; 2]),
    ] {
        let expected = expected.map(|records| format!("name,id\n{records}").into_bytes());
        assert_eq!(dealt(mode, 2, blocks()), (expected.into(), Ok(())));
    }
    let (outputs, end) = dealt(DistributionMode::Shard(key("nosuch")), 2, blocks());
    assert_eq!(message(end), "no column is named 'nosuch'");
    assert_eq!(outputs, [b"", b""]);
}

#[test]
fn no_input_is_no_input_for_all() {
    for mode in [
        ROUND_ROBIN,
        DistributionMode::Tee,
        DistributionMode::Shard(key("1")),
    ] {
        let (outputs, end) = Driven::start(mode, 2, 4).finish(b"");
        assert_eq!((outputs, end), (vec![Vec::new(), Vec::new()], Ok(())));
    }
}

use std::io::{Read, Write};
use std::num::NonZeroUsize;

use std::path::Path;

use super::*;
use crate::blocks::input_name::InputName;
use crate::blocks::record_rule::RecordSeparator;

fn options(length: RangeLength) -> RangeOptions {
    RangeOptions {
        length,
        rule: RecordRule {
            separator: RecordSeparator::Literal {
                end: b"\n".to_vec(),
                start: Vec::new(),
            },
            multiple: NonZeroUsize::MIN,
        },
        max_record: 1 << 20,
        header: None,
    }
}

/// A file that is written to while its ranges are made.
struct GrowingFile {
    file: File,
    ranges: FileRanges,
}

impl GrowingFile {
    fn new(text: &str, options: RangeOptions) -> GrowingFile {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let read = file.try_clone().unwrap();
        let ranges = FileRanges::new(read, InputName::file(Path::new("in")), 0, options).unwrap();
        GrowingFile { file, ranges }
    }

    fn grow(&mut self, text: &str) {
        self.file.write_all(text.as_bytes()).unwrap();
    }

    fn next(&mut self) -> Option<String> {
        let range = StdinSource::next(&mut self.ranges).unwrap()?;
        let mut text = String::new();
        range.reader().unwrap().read_to_string(&mut text).unwrap();
        Some(text)
    }

    fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

#[test]
fn a_file_that_grows_is_cut_between_records() {
    let mut file = GrowingFile::new("1\n2\n3", options(RangeLength::Bytes(6)));
    file.grow("4\n5\n");
    assert_eq!(file.next().unwrap(), "1\n2\n");
    file.grow("6\n7");
    assert_eq!(file.next().unwrap(), "34\n5\n");
    assert_eq!(file.rest(), ["6\n7"]);
}

#[test]
fn parts_of_a_file_that_grows_are_whole_records() {
    let mut file = GrowingFile::new("1\n2\n3", options(RangeLength::Share(2)));
    assert_eq!(file.next().unwrap(), "1\n");
    file.grow("4\n5\n");
    assert_eq!(file.rest(), ["2\n34\n5\n"]);
    let mut file = GrowingFile::new("1234", options(RangeLength::Share(2)));
    file.grow("\n5\n");
    assert_eq!(file.rest(), ["1234\n", "5\n"]);
}

//! Marks of jobs in the environments of processes.

use std::os::fd::OwnedFd;

use rustix::io::retry_on_intr;

use super::proc_stat::open_of;
use crate::os::orphans::{PID, SEQ};

/// Marks found so far in an environment, which comes in pieces of any size.
#[derive(Debug)]
struct MarkScan {
    /// Beginning of the entry that is being read.
    entry: [u8; 40],
    /// Length of that entry, which may be longer.
    length: usize,
    pid: Option<u64>,
    seq: Option<u64>,
}

impl MarkScan {
    fn new() -> MarkScan {
        MarkScan {
            entry: [0; 40],
            length: 0,
            pid: None,
            seq: None,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte == 0 {
                self.end_entry();
            } else {
                if let Some(place) = self.entry.get_mut(self.length) {
                    *place = byte;
                }
                self.length += 1;
            }
        }
    }

    fn end_entry(&mut self) {
        let length = std::mem::take(&mut self.length);
        let Some(entry) = self.entry.get(..length) else {
            return;
        };
        let number = |name: &str| {
            let value = entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
            std::str::from_utf8(value).ok()?.parse().ok()
        };
        self.pid = number(PID).or(self.pid);
        self.seq = number(SEQ).or(self.seq);
    }
}

/// Number of the job of `prun` that process `pid` says it belongs to.
pub(super) fn job_of(pid: i32, prun: u32) -> Option<u64> {
    let file = open_of(pid, "environ")?;
    let scan = scan(&file);
    scan.seq.filter(|_| scan.pid == Some(prun.into()))
}

fn scan(file: &OwnedFd) -> MarkScan {
    let (mut scan, mut piece) = (MarkScan::new(), [0; 4096]);
    while let Ok(count @ 1..) = retry_on_intr(|| rustix::io::read(file, &mut piece)) {
        scan.add(piece.get(..count).unwrap_or_default());
    }
    scan
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marks(pieces: &[&[u8]]) -> (Option<u64>, Option<u64>) {
        let mut scan = MarkScan::new();
        for piece in pieces {
            scan.add(piece);
        }
        (scan.pid, scan.seq)
    }

    #[test]
    fn only_whole_entries_count() {
        let both = (Some(12), Some(3));
        assert_eq!(marks(&[b"A=b\0PRUN_SEQ=3\0PRUN_PID=12\0"]), both);
        for other in [
            "PRUN_SEQ=3x",
            "PRUN_SEQ=",
            "PRUN_SEQ=-3",
            "XPRUN_SEQ=3",
            "PRUN_SEQS=3",
            "PRUN_SEQ=3000000000000000000000000000000000",
        ] {
            let text = format!("PRUN_PID=12\0{other}\0");
            assert_eq!(marks(&[text.as_bytes()]), (Some(12), None), "{other}");
        }
        // Cut off: the number may have been longer.
        assert_eq!(marks(&[b"PRUN_PID=1\0PRUN_SEQ=3"]), (Some(1), None));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            before in "[A-Z_=a-z]{0,60}",
            seq in 1u64..,
            cut in 0usize..200,
        ) {
            let text = format!("{before}\0PRUN_PID=77\0PRUN_SEQ={seq}\0LAST={before}\0");
            let (head, tail) = text.as_bytes().split_at(cut.min(text.len()));
            prop_assert_eq!(marks(&[head, tail]), (Some(77), Some(seq)));
        }
    }
}

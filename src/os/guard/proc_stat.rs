//! `/proc/PID/stat` and its neighbours, read without an allocation.

use std::ffi::CStr;
use std::io::{Cursor, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::retry_on_intr;

/// Opens a file of process `pid` for reading.
pub(super) fn open_of(pid: i32, file: &str) -> Option<OwnedFd> {
    let mut path = Cursor::new([0; 40]);
    write!(path, "/proc/{pid}/{file}\0").ok()?;
    let path = CStr::from_bytes_until_nul(path.get_ref()).ok()?;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    retry_on_intr(|| open(path, flags, Mode::empty())).ok()
}

/// Text of a `stat` file, which is shorter than this.
#[derive(Debug)]
pub(super) struct ProcStat {
    text: [u8; 1024],
    length: usize,
}

impl ProcStat {
    /// Reads that of a process.
    pub(super) fn read(pid: i32) -> Option<ProcStat> {
        let file = open_of(pid, "stat")?;
        let mut text = [0; 1024];
        let length = retry_on_intr(|| rustix::io::read(&file, &mut text)).ok()?;
        Some(ProcStat { text, length })
    }

    /// Number in field `number` of proc_pid_stat(5), from 4.
    pub(super) fn field(&self, number: usize) -> Option<u64> {
        let text = self.text.get(..self.length)?;
        // The name in field 2 may be anything, also `) R 1`.
        let name_end = text.iter().rposition(|&byte| byte == b')')?;
        let mut fields = text.get(name_end + 2..)?.split(|&byte| byte == b' ');
        let field = fields.nth(number.checked_sub(3)?)?.trim_ascii_end();
        std::str::from_utf8(field).ok()?.parse().ok()
    }

    /// Time of the start, in clock ticks since the machine was started.
    pub(super) fn started(&self) -> Option<u64> {
        self.field(22)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(text: &str) -> ProcStat {
        let mut stat = ProcStat {
            text: [0; 1024],
            length: text.len(),
        };
        stat.text[..text.len()].copy_from_slice(text.as_bytes());
        stat
    }

    #[test]
    fn fields_are_counted_behind_the_name() {
        let stat = stat("12 (a ) R 9 8) S 1 2 3\n");
        assert_eq!(stat.field(4), Some(1));
        assert_eq!(stat.field(6), Some(3));
        assert_eq!(stat.field(7), None);
        assert_eq!(stat.field(3), None);
        assert_eq!(stat.started(), None);
    }

    #[test]
    fn own_start_and_arguments_are_told() {
        let stat = ProcStat::read(std::process::id() as i32).unwrap();
        assert_eq!(
            stat.field(4),
            Some(rustix::process::getppid().unwrap().as_raw_nonzero().get() as u64)
        );
        assert!(stat.started().unwrap() > 0);
        assert!(stat.field(48) < stat.field(49));
    }

    #[test]
    fn a_process_that_is_not_there_has_none() {
        assert!(ProcStat::read(i32::MAX).is_none());
    }
}

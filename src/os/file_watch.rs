//! Waiting for other processes that touch a file.
//!
//! Linux tells by inotify(7). It reports a descriptor of the file that is closed, too, so that a
//! process that was killed before it could touch the file is not missed. Where there is no
//! inotify, or no more of it (its number is limited by user), [`FileWatch::interval`] says how
//! often to look.

use std::fs::File;
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

use rustix::event::PollFd;
#[cfg(target_os = "linux")]
use rustix::event::PollFlags;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};

/// Time between two looks without inotify.
const INTERVAL: Duration = Duration::from_millis(40);

/// Watch on one file.
#[derive(Debug)]
pub(crate) struct FileWatch {
    #[cfg(target_os = "linux")]
    inotify: Option<OwnedFd>,
}

impl FileWatch {
    /// Watches a file from now on.
    #[cfg(target_os = "linux")]
    pub(crate) fn new(path: &Path) -> FileWatch {
        FileWatch {
            inotify: watch(path).ok(),
        }
    }

    /// Watches nothing: there is no inotify.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn new(_: &Path) -> FileWatch {
        FileWatch {}
    }

    /// Adds the descriptor that tells of a touch, if there is one.
    #[cfg(target_os = "linux")]
    pub(crate) fn add_to<'fd>(&'fd self, fds: &mut Vec<PollFd<'fd>>) {
        fds.extend(
            self.inotify
                .as_ref()
                .map(|fd| PollFd::new(fd, PollFlags::IN)),
        );
    }

    /// Adds nothing.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn add_to<'fd>(&'fd self, _: &mut Vec<PollFd<'fd>>) {}

    /// Longest wait before another look at what the file stands for; `None` if the descriptor
    /// tells.
    pub(crate) fn interval(&self) -> Option<Duration> {
        #[cfg(target_os = "linux")]
        if self.inotify.is_some() {
            return None;
        }
        Some(INTERVAL)
    }

    /// Forgets the touches so far. What they stand for has to be looked at afterwards.
    pub(crate) fn clear(&self) {
        #[cfg(target_os = "linux")]
        if let Some(inotify) = &self.inotify {
            // The kernel merges events that are the same.
            while rustix::io::read(inotify.as_fd(), &mut [0; 1024]).is_ok_and(|length| length > 0) {
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn watch(path: &Path) -> io::Result<OwnedFd> {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    let inotify = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    add_watch(&inotify, path, WatchFlags::ATTRIB | WatchFlags::CLOSE_WRITE)?;
    Ok(inotify)
}

/// Touches a file that is open for writing. No byte is written: that would need room on the
/// disk.
///
/// # Errors
/// Those of futimens(3).
pub(crate) fn touch(file: &File) -> io::Result<()> {
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: UTIME_NOW,
    };
    let times = Timestamps {
        last_access: now,
        last_modification: now,
    };
    Ok(futimens(file, &times)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::poll;

    #[cfg(target_os = "linux")]
    #[test]
    fn touches_and_ends_of_writers_are_told() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let file = File::create(&path).unwrap();
        let watch = FileWatch::new(&path);
        assert_eq!(watch.interval(), None);
        let is_told = || {
            let mut fds = Vec::new();
            watch.add_to(&mut fds);
            let none = Timespec::default();
            let told = poll(&mut fds, Some(&none)).unwrap() > 0;
            watch.clear();
            told
        };
        assert!(!is_told());
        touch(&file).unwrap();
        assert!(is_told() && !is_told());
        drop(file);
        assert!(is_told() && !is_told());
    }
}

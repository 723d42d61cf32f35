//! Pseudo terminals, without a line of `unsafe`.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    LocalModes, OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize,
};

/// Which of the program's streams are the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wiring {
    /// Messages and the progress display only, as in `prun ... | less`.
    Stderr,
    /// All three, and the terminal controls the program, as at the prompt.
    Everything,
}

/// The size of a terminal in characters.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub rows: u16,
    pub columns: u16,
}

/// Both ends of a pseudo terminal.
pub(super) struct Terminal {
    /// The test's end.
    pub screen: File,
    /// The program's end.
    pub line: OwnedFd,
}

impl Terminal {
    /// The terminal neither echoes nor rewrites line ends: the bytes read from the screen are
    /// those that the program wrote.
    pub(super) fn open(size: Size) -> io::Result<Terminal> {
        let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&screen)?;
        unlockpt(&screen)?;
        let name = ptsname(&screen, Vec::new())?;
        let no_ctty = i32::try_from(OFlags::NOCTTY.bits()).map_err(io::Error::other)?;
        let line = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(no_ctty)
            .open(Path::new(std::ffi::OsStr::from_bytes(name.as_bytes())))?;

        let mut modes = tcgetattr(&line)?;
        modes.output_modes -= OutputModes::OPOST;
        modes.local_modes -= LocalModes::ECHO;
        tcsetattr(&line, OptionalActions::Now, &modes)?;
        resize(&line, size)?;
        Ok(Terminal {
            screen: screen.into(),
            line: line.into(),
        })
    }
}

/// Gives a terminal, by either end, another size.
pub(super) fn resize(terminal: impl AsFd, size: Size) -> io::Result<()> {
    let size = Winsize {
        ws_row: size.rows,
        ws_col: size.columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    Ok(tcsetwinsize(terminal, size)?)
}

//! The next start in a job of several processes.

use std::io;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::{Communication, STREAMS};
use crate::exec::start::launcher::is_shortage;
use crate::exec::start::shortage::SpawnShortage;

/// Number of reads that empty any pipe.
const FILLINGS: usize = 16;

impl Communication<'_, '_, '_> {
    /// Lets the list go on. What it prints comes after what its processes have printed.
    pub(super) fn advance(&mut self) -> io::Result<()> {
        loop {
            match self.process_group.advance(self.control) {
                Ok(Some((stream, bytes))) => {
                    self.drain()?;
                    self.capture.feed(stream, &bytes);
                }
                Ok(None) => {
                    self.shortage = None;
                    return Ok(());
                }
                Err(error) if is_shortage(&error) => return self.postpone(error),
                Err(error) => return Err(error),
            }
        }
    }

    /// Puts the start off. Other jobs are held back meanwhile.
    fn postpone(&mut self, error: io::Error) -> io::Result<()> {
        let now = self.clock.now();
        match self.shortage {
            None => {
                self.shortage = Some(SpawnShortage::new(now));
                self.capture.report_shortage(error);
            }
            Some(shortage) => match shortage.go_on(now) {
                None => return Err(error),
                longer => self.shortage = longer,
            },
        }
        Ok(())
    }

    /// Reads what the pipes hold now. Whoever goes on writing does not hold this up.
    fn drain(&mut self) -> io::Result<()> {
        for stream in STREAMS {
            for _ in 0..FILLINGS {
                let Some(pipe) = self.process_group.pipes.output(stream) else {
                    break;
                };
                let mut fds = [PollFd::new(pipe, PollFlags::IN)];
                match poll(&mut fds, Some(&Timespec::default())) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(Errno::INTR) => continue,
                    Err(error) => return Err(error.into()),
                }
                let flags = fds[0].revents();
                self.read(stream, flags)?;
            }
        }
        Ok(())
    }
}

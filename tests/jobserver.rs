//! prun below a jobserver of make, and as a jobserver (`--jobserver`).

mod client;
mod make;
mod server;

use std::fs::File;
use std::io::{self, Read, Write};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};

use crate::support::Test;

/// Bytes of the tokens: each has to come back as it was.
const TOKENS: &[u8] = b"+bc";

/// Ways in which make announces a jobserver: line of bash that ends with a command. Both use the
/// file `jobserver`.
const STYLES: [(&str, &str); 2] = [
    (
        "pipe",
        "exec 3<jobserver 4>jobserver; export MAKEFLAGS=' -j4 --jobserver-auth=3,4'; exec ",
    ),
    (
        "fifo",
        "export MAKEFLAGS=\" -j4 --jobserver-auth=fifo:$PWD/jobserver\"; exec ",
    ),
];

/// A jobserver that runs nothing and only keeps tokens.
struct FakeServer(File);

impl FakeServer {
    /// Makes the file `jobserver` in the directory of a test.
    fn new(test: &Test, tokens: &[u8]) -> FakeServer {
        let path = test.path("jobserver");
        mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).expect("the directory is ours");
        // Nobody waits to open it as long as this is there.
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fifo = open(&path, flags, Mode::empty()).expect("it is ours");
        let mut fifo = File::from(fifo);
        fifo.write_all(tokens).expect("there is room");
        FakeServer(fifo)
    }

    /// Takes the tokens that are there, in the order of their bytes.
    fn take_all(&mut self) -> Vec<u8> {
        let mut tokens = Vec::new();
        let end = self
            .0
            .read_to_end(&mut tokens)
            .map_err(|error| error.kind());
        assert_eq!(end, Err(io::ErrorKind::WouldBlock));
        tokens.sort_unstable();
        tokens
    }

    /// Waits until there is a token, and takes it.
    fn wait_for_token(&mut self) -> u8 {
        let mut token = [0];
        let mut polled = [PollFd::new(&self.0, PollFlags::IN)];
        let patience = Timespec {
            tv_sec: 10,
            tv_nsec: 0,
        };
        poll(&mut polled, Some(&patience)).expect("it is open");
        self.0.read_exact(&mut token).expect("a token comes back");
        token[0]
    }

    fn put(&mut self, token: &[u8]) {
        self.0.write_all(token).expect("there is room");
    }
}

/// Numbers as values.
fn values(count: usize) -> Vec<String> {
    (1..=count).map(|n| n.to_string()).collect()
}

/// A job that fails if more than `most` of its kind run at once: each holds one of as many
/// directories. What `work` does is done meanwhile.
fn one_of(most: usize, work: &str) -> String {
    let places: Vec<String> = (1..=most).map(|n| format!("place.{n}")).collect();
    format!(
        "for p in {}; do mkdir $TMPDIR/$p 2>/dev/null && break; p=; done; \
         [ \"$p\" ] && {{ {work}; }} && rmdir $TMPDIR/$p",
        places.join(" ")
    )
}

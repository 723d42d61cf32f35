//! What one built-in of a pipeline writes and the next one reads: chunks that are handed
//! on, a few of them at most. Their memory goes back and forth between the two.

use std::cell::RefCell;
use std::convert::Infallible;

use crossbeam_channel::{Receiver, Sender, bounded, select};

use crate::builtin::CHUNK;

/// So many chunks are on their way at most.
const CHUNKS: usize = 4;

/// Nothing comes from it; when its other end is gone, whoever waits is to end.
pub(crate) type CancelSignal = Receiver<Infallible>;

/// The end to write to. Without it, the other one is at its end.
#[derive(Debug)]
pub(crate) struct ByteSender {
    chunks: Sender<Vec<u8>>,
    spare: Receiver<Vec<u8>>,
}

/// The end to read from.
#[derive(Debug)]
pub(crate) struct ByteReceiver {
    chunks: Receiver<Vec<u8>>,
    spare: Sender<Vec<u8>>,
    current: RefCell<ReceivedChunk>,
}

/// What is being read.
#[derive(Debug, Default)]
struct ReceivedChunk {
    bytes: Vec<u8>,
    /// So much of it has been read.
    read: usize,
}

/// Whether more can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelState {
    /// As long as nothing else is said.
    On,
    /// The other end is gone.
    Gone,
    /// There was a halt.
    Halted,
}

/// Both ends of a new link.
pub(crate) fn link() -> (ByteSender, ByteReceiver) {
    let (sender, receiver) = bounded(CHUNKS);
    // One more is in the hands of each end.
    let (giver, taker) = bounded(CHUNKS + 2);
    let outlet = ByteSender {
        chunks: sender,
        spare: taker,
    };
    let inlet = ByteReceiver {
        chunks: receiver,
        spare: giver,
        current: RefCell::default(),
    };
    (outlet, inlet)
}

impl ByteSender {
    /// Hands bytes on; waits for room.
    pub(crate) fn put(&self, bytes: &[u8], halted: &CancelSignal) -> ChannelState {
        for piece in bytes.chunks(CHUNK) {
            let mut chunk = self.spare.try_recv().unwrap_or_default();
            chunk.clear();
            chunk.extend_from_slice(piece);
            select! {
                send(self.chunks, chunk) -> sent => if sent.is_err() {
                    return ChannelState::Gone;
                },
                recv(halted) -> _ => return ChannelState::Halted,
            }
        }
        ChannelState::On
    }
}

impl ByteReceiver {
    /// Takes what is there: 0 bytes if there is nothing now.
    pub(crate) fn take(&self, buffer: &mut [u8]) -> usize {
        let mut current = self.current.borrow_mut();
        if current.read == current.bytes.len() {
            let Ok(bytes) = self.chunks.try_recv() else {
                return 0;
            };
            self.begin(&mut current, bytes);
        }
        let count = buffer.len().min(current.bytes.len() - current.read);
        buffer[..count].copy_from_slice(&current.bytes[current.read..][..count]);
        current.read += count;
        count
    }

    /// Waits until there is something.
    pub(crate) fn wait(&self, halted: &CancelSignal) -> ChannelState {
        select! {
            recv(self.chunks) -> bytes => match bytes {
                Ok(bytes) => {
                    self.begin(&mut self.current.borrow_mut(), bytes);
                    ChannelState::On
                }
                Err(_) => ChannelState::Gone,
            },
            recv(halted) -> _ => ChannelState::Halted,
        }
    }

    fn begin(&self, current: &mut ReceivedChunk, bytes: Vec<u8>) {
        let old = std::mem::replace(current, ReceivedChunk { bytes, read: 0 });
        if old.bytes.capacity() > 0 {
            // Where there are enough of them, it is given back.
            let _ = self.spare.try_send(old.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes pieces on a thread, reads with buffers of these sizes until the end.
    fn through(pieces: Vec<Vec<u8>>, sizes: &[usize]) -> Vec<u8> {
        let (outlet, inlet) = link();
        let (_halt, halted) = bounded::<Infallible>(0);
        let other = halted.clone();
        let writer = std::thread::spawn(move || {
            for piece in pieces {
                assert_eq!(outlet.put(&piece, &other), ChannelState::On);
            }
        });
        let mut all = Vec::new();
        for size in sizes.iter().cycle() {
            let mut buffer = vec![0; *size];
            let count = inlet.take(&mut buffer);
            all.extend_from_slice(&buffer[..count]);
            if count == 0 && inlet.wait(&halted) == ChannelState::Gone {
                break;
            }
        }
        writer.join().unwrap();
        all
    }

    proptest! {
        #[test]
        fn bytes_come_as_they_were_written(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..3000), 0..30),
            sizes in prop::collection::vec(1_usize..5000, 1..5),
        ) {
            let whole = pieces.concat();
            prop_assert_eq!(through(pieces, &sizes), whole);
        }
    }

    #[test]
    fn more_than_fits_comes_in_pieces() {
        let piece: Vec<u8> = (0..CHUNK * (CHUNKS + 3) + 7).map(|at| at as u8).collect();
        assert!(through(vec![piece.clone()], &[CHUNK / 2 + 1]) == piece);
    }

    #[test]
    fn a_full_link_is_left_when_nobody_reads_or_after_a_halt() {
        for with_reader in [true, false] {
            let (outlet, inlet) = link();
            let (halt, halted) = bounded::<Infallible>(0);
            let writer = std::thread::spawn(move || {
                loop {
                    match outlet.put(b"x", &halted) {
                        ChannelState::On => {}
                        flow => return flow,
                    }
                }
            });
            let (kept, flow) = match with_reader {
                true => {
                    drop(halt);
                    (Some(inlet), ChannelState::Halted)
                }
                false => {
                    drop(inlet);
                    (None, ChannelState::Gone)
                }
            };
            assert_eq!(writer.join().unwrap(), flow);
            drop(kept);
        }
    }

    #[test]
    fn an_empty_link_is_left_after_a_halt() {
        let (_outlet, inlet) = link();
        let (halt, halted) = bounded::<Infallible>(0);
        drop(halt);
        assert_eq!(inlet.take(&mut [0; 4]), 0);
        assert_eq!(inlet.wait(&halted), ChannelState::Halted);
    }
}

//! Bytes from one built-in of a pipeline to the next one: in chunks, a few of them at most.
//! The memory of a chunk that was read goes back to the sender.

use std::cell::RefCell;
use std::convert::Infallible;

use crossbeam_channel::{Receiver, Sender, bounded, select};

use crate::builtin::CHUNK;

/// Chunks that are on their way at most.
const CHUNKS: usize = 4;

/// Disconnected by a halt: whoever waits is to end. Nothing is ever sent.
pub(crate) type CancelSignal = Receiver<Infallible>;

/// Dropped, it ends the input of the [`ByteReceiver`].
#[derive(Debug)]
pub(crate) struct ByteSender {
    chunks: Sender<Vec<u8>>,
    spare: Receiver<Vec<u8>>,
}

#[derive(Debug)]
pub(crate) struct ByteReceiver {
    chunks: Receiver<Vec<u8>>,
    spare: Sender<Vec<u8>>,
    current: RefCell<ReceivedChunk>,
}

/// A chunk that is being read.
#[derive(Debug, Default)]
struct ReceivedChunk {
    bytes: Vec<u8>,
    /// Number of the bytes that have been read.
    read: usize,
}

/// Result of an operation on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChannelState {
    Open,
    /// The other end was dropped.
    Closed,
    /// The [`CancelSignal`] was disconnected.
    Cancelled,
}

pub(crate) fn byte_channel() -> (ByteSender, ByteReceiver) {
    let (chunk_sender, chunk_receiver) = bounded(CHUNKS);
    // Each end holds one more.
    let (spare_sender, spare_receiver) = bounded(CHUNKS + 2);
    let sender = ByteSender {
        chunks: chunk_sender,
        spare: spare_receiver,
    };
    let receiver = ByteReceiver {
        chunks: chunk_receiver,
        spare: spare_sender,
        current: RefCell::default(),
    };
    (sender, receiver)
}

impl ByteSender {
    /// Sends bytes; waits while too many chunks are on their way.
    pub(crate) fn send(&self, bytes: &[u8], cancel_signal: &CancelSignal) -> ChannelState {
        for piece in bytes.chunks(CHUNK) {
            let mut chunk = self.spare.try_recv().unwrap_or_default();
            chunk.clear();
            chunk.extend_from_slice(piece);
            select! {
                send(self.chunks, chunk) -> sent => if sent.is_err() {
                    return ChannelState::Closed;
                },
                recv(cancel_signal) -> _ => return ChannelState::Cancelled,
            }
        }
        ChannelState::Open
    }
}

impl ByteReceiver {
    /// Reads without waiting: 0 bytes if there is nothing now.
    pub(crate) fn try_read(&self, buffer: &mut [u8]) -> usize {
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

    /// Waits until there is something to read.
    pub(crate) fn wait(&self, cancel_signal: &CancelSignal) -> ChannelState {
        select! {
            recv(self.chunks) -> bytes => match bytes {
                Ok(bytes) => {
                    self.begin(&mut self.current.borrow_mut(), bytes);
                    ChannelState::Open
                }
                Err(_) => ChannelState::Closed,
            },
            recv(cancel_signal) -> _ => ChannelState::Cancelled,
        }
    }

    fn begin(&self, current: &mut ReceivedChunk, bytes: Vec<u8>) {
        let old = std::mem::replace(current, ReceivedChunk { bytes, read: 0 });
        if old.bytes.capacity() > 0 {
            // The memory of one too many is freed.
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
        let (sender, receiver) = byte_channel();
        let (_halt, cancel_signal) = bounded::<Infallible>(0);
        let other = cancel_signal.clone();
        let writer = std::thread::spawn(move || {
            for piece in pieces {
                assert_eq!(sender.send(&piece, &other), ChannelState::Open);
            }
        });
        let mut all = Vec::new();
        for size in sizes.iter().cycle() {
            let mut buffer = vec![0; *size];
            let count = receiver.try_read(&mut buffer);
            all.extend_from_slice(&buffer[..count]);
            if count == 0 && receiver.wait(&cancel_signal) == ChannelState::Closed {
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
    fn a_full_channel_is_left_when_nobody_reads_or_after_a_halt() {
        for with_reader in [true, false] {
            let (sender, receiver) = byte_channel();
            let (halt, cancel_signal) = bounded::<Infallible>(0);
            let writer = std::thread::spawn(move || {
                loop {
                    match sender.send(b"x", &cancel_signal) {
                        ChannelState::Open => {}
                        state => return state,
                    }
                }
            });
            let (kept, state) = if with_reader {
                drop(halt);
                (Some(receiver), ChannelState::Cancelled)
            } else {
                drop(receiver);
                (None, ChannelState::Closed)
            };
            assert_eq!(writer.join().unwrap(), state);
            drop(kept);
        }
    }

    #[test]
    fn an_empty_channel_is_left_after_a_halt() {
        let (_sender, receiver) = byte_channel();
        let (halt, cancel_signal) = bounded::<Infallible>(0);
        drop(halt);
        assert_eq!(receiver.try_read(&mut [0; 4]), 0);
        assert_eq!(receiver.wait(&cancel_signal), ChannelState::Cancelled);
    }
}

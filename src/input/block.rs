//! Blocks of a stream in memory, and the bound on how many there are.

use std::io::{BufRead, Cursor, Read};
use std::ops::{Deref, Range};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Buffers for blocks: a fixed number of them, which are used again and again. Memory that was
/// touched once need not be asked of the kernel a second time.
#[derive(Debug)]
pub(crate) struct BlockBuffers {
    state: Mutex<BufferState>,
    /// Signalled when a buffer comes back.
    returned: Condvar,
}

#[derive(Debug)]
struct BufferState {
    /// Buffers that may yet be made.
    unmade: usize,
    free: Vec<Vec<u8>>,
}

impl BlockBuffers {
    /// Up to `count` buffers.
    pub(crate) fn new(count: usize) -> Arc<BlockBuffers> {
        Arc::new(BlockBuffers {
            state: Mutex::new(BufferState {
                unmade: count,
                free: Vec::new(),
            }),
            returned: Condvar::new(),
        })
    }

    /// Waits for an empty buffer. Whoever fills it makes blocks of it by
    /// [`BlockBuffer::share`].
    pub(crate) fn take(self: &Arc<Self>) -> BlockBuffer {
        let is_short = |state: &mut BufferState| state.unmade == 0 && state.free.is_empty();
        let state = self.returned.wait_while(self.lock(), is_short);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        let bytes = state.free.pop().unwrap_or_else(|| {
            state.unmade -= 1;
            Vec::new()
        });
        BlockBuffer {
            bytes,
            buffers: Arc::clone(self),
        }
    }

    /// Nothing can be half done when a holder of the lock panics.
    fn lock(&self) -> MutexGuard<'_, BufferState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Buffer that goes back to the others when it is dropped.
#[derive(Debug)]
pub(crate) struct BlockBuffer {
    pub bytes: Vec<u8>,
    buffers: Arc<BlockBuffers>,
}

impl BlockBuffer {
    /// Makes the bytes unchangeable, to be divided into blocks.
    pub(crate) fn share(self) -> Arc<BlockBuffer> {
        Arc::new(self)
    }
}

impl Drop for BlockBuffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        self.buffers.lock().free.push(bytes);
        self.buffers.returned.notify_one();
    }
}

/// Part of a buffer, which one job reads. Clones share the bytes.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    /// Bytes before those of the block (`--header`).
    header: Option<Arc<[u8]>>,
    buffer: Arc<BlockBuffer>,
    range: Range<usize>,
}

impl Block {
    pub(crate) fn new(buffer: &Arc<BlockBuffer>, range: Range<usize>) -> Block {
        Block {
            header: None,
            buffer: Arc::clone(buffer),
            range,
        }
    }

    /// The block with a header before it.
    pub(crate) fn headed(self, header: &Arc<[u8]>) -> Block {
        Block {
            header: Some(Arc::clone(header)),
            ..self
        }
    }

    /// Bytes that come before those of the block.
    pub(crate) fn header(&self) -> Option<&Arc<[u8]>> {
        self.header.as_ref()
    }

    /// Number of bytes, with the header.
    pub(crate) fn length(&self) -> u64 {
        (self.header.as_ref().map_or(0, |header| header.len()) + self.range.len()) as u64
    }

    pub(crate) fn reader(self) -> Box<dyn BufRead> {
        match &self.header {
            Some(header) => Box::new(Cursor::new(Arc::clone(header)).chain(Cursor::new(self))),
            None => Box::new(Cursor::new(self)),
        }
    }
}

/// The bytes after the header.
impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer.bytes[self.range.clone()]
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

#[cfg(test)]
impl From<&[u8]> for Block {
    fn from(bytes: &[u8]) -> Block {
        let mut buffer = BlockBuffers::new(1).take();
        buffer.bytes.extend_from_slice(bytes);
        Block::new(&buffer.share(), 0..bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_with_its_last_block() {
        let buffers = BlockBuffers::new(1);
        let mut buffer = buffers.take();
        buffer.bytes.extend_from_slice(b"abcd");
        let place = buffer.bytes.as_ptr();
        let buffer = buffer.share();
        let blocks = [Block::new(&buffer, 0..1), Block::new(&buffer, 1..4)];
        drop(buffer);
        let [first, second] = blocks;
        assert_eq!((&*first, &*second), (b"a".as_slice(), b"bcd".as_slice()));
        drop(first);
        assert!(buffers.lock().free.is_empty());
        std::thread::scope(|scope| {
            let taken = scope.spawn(|| buffers.take());
            drop(second);
            let taken = taken.join().unwrap();
            assert_eq!((taken.bytes.as_ptr(), taken.bytes.len()), (place, 0));
        });
    }
}

//! BLAKE3 of a large file: parts of it are hashed at the same time, and their hashes are put
//! together as the nodes of a tree.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::ops::ControlFlow;

use blake3::Hasher;
use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root,
};

use crate::builtin::Source;
use crate::builtin::parts::{Cut, PART, Part, in_parts};

/// How much is read at once: what the nearest cache holds.
const PIECE: usize = 128 << 10;

/// The hashes of complete subtrees from the left, each with its size in parts.
#[derive(Default)]
struct Nodes(Vec<(ChainingValue, u64)>);

/// The checksum of a file; none if it is not at its beginning, or its size changes meanwhile.
///
/// # Errors
/// It cannot be read, or the job is over.
pub(super) fn sum(source: &Source<'_>, mut file: &File) -> io::Result<Option<Vec<u8>>> {
    if file.stream_position()? != 0 {
        return Ok(None);
    }
    let size = source.size.unwrap_or(0);
    let mut nodes = Nodes::default();
    let mut done = 0;
    in_parts((source, file), Cut::Anywhere, hash, |part| {
        let (node, length) = part?;
        done += length;
        let is_whole = length == PART || done == size;
        if let (Some(node), true) = (node, is_whole) {
            nodes.push(node);
            return Ok(ControlFlow::Continue(()));
        }
        done = 0;
        Ok(ControlFlow::Break(()))
    })?;
    Ok((done == size).then(|| nodes.root()).flatten())
}

/// The hash of a part and how long it was; none if there is nothing.
fn hash(mut part: Part<'_>) -> io::Result<(Option<ChainingValue>, u64)> {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(part.start);
    let mut buffer = vec![0; PIECE];
    while hasher.count() <= PART {
        match part.read(&mut buffer)? {
            0 => break,
            count if hasher.count() + count as u64 > PART => return Ok((None, 0)),
            count => hasher.update(&buffer[..count]),
        };
    }
    let length = hasher.count();
    let node = (length > 0).then(|| hasher.finalize_non_root());
    Ok((node, length))
}

impl Nodes {
    /// One more part to the right. Subtrees of the same size become one only now: of the
    /// last two, that would be the root.
    fn push(&mut self, node: ChainingValue) {
        while let [.., (left, size), (right, same)] = self.0[..]
            && size == same
        {
            self.0.truncate(self.0.len() - 2);
            let both = merge_subtrees_non_root(&left, &right, Mode::Hash);
            self.0.push((both, 2 * size));
        }
        self.0.push((node, 1));
    }

    fn root(mut self) -> Option<Vec<u8>> {
        let (mut right, _) = self.0.pop()?;
        while let Some((left, _)) = self.0.pop() {
            if self.0.is_empty() {
                let root = merge_subtrees_root(&left, &right, Mode::Hash);
                return Some(root.as_bytes().to_vec());
            }
            right = merge_subtrees_non_root(&left, &right, Mode::Hash);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_parts_makes_the_tree() {
        const SMALL: usize = 1024;
        let bytes: Vec<u8> = (0..20 * SMALL).map(|at| (at / 7) as u8).collect();
        for length in SMALL + 1..bytes.len() {
            let bytes = &bytes[..length];
            let mut nodes = Nodes::default();
            for (at, part) in bytes.chunks(SMALL).enumerate() {
                let mut hasher = Hasher::new();
                hasher.set_input_offset((at * SMALL) as u64).update(part);
                nodes.push(hasher.finalize_non_root());
            }
            let expected = blake3::hash(bytes).as_bytes().to_vec();
            assert_eq!(nodes.root(), Some(expected), "{length}");
        }
    }
}

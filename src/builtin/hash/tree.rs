//! BLAKE3 of a large file: parts of it are hashed at the same time, and their hashes are put
//! together as the nodes of a tree.

use std::io::{self, Read, Seek};
use std::ops::ControlFlow;

use blake3::Hasher;
use blake3::hazmat::{
    ChainingValue, HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root,
};

use crate::builtin::builtin_input::{BuiltinInput, fill};
use crate::builtin::parallel_file::{FileCut, FilePart, PART, PIECE, divisible, in_parts};

/// The hashes of complete subtrees from the left, each with its size in parts.
#[derive(Default)]
struct SubtreeHashes(Vec<(ChainingValue, u64)>);

/// Checksum of a large file; `None` if it has to be made in another way: the file gets
/// shorter meanwhile, or is not at its beginning. The source is where it was then.
pub(super) fn sum(source: &mut BuiltinInput<'_>) -> io::Result<Option<Vec<u8>>> {
    let Some(mut file) = divisible(source) else {
        return Ok(None);
    };
    if file.stream_position()? != 0 {
        return Ok(None);
    }
    let mut nodes = SubtreeHashes::default();
    let mut done = 0;
    let hash_part = |mut part: FilePart<'_>| {
        let start = part.start;
        hash(&mut part, start)
    };
    let flow = in_parts(source, FileCut::Anywhere, hash_part, |part| {
        let (node, length) = part?;
        if let (Some(node), PART) = (node, length) {
            nodes.push(node);
            done += length;
            return Ok(ControlFlow::Continue(()));
        }
        Ok(ControlFlow::Break(()))
    })?;
    let mut length = PART;
    while flow.is_continue() && length == PART {
        let node;
        (node, length) = hash(source, done)?;
        node.into_iter().for_each(|node| nodes.push(node));
        done += length;
    }
    let root = nodes.root().filter(|_| flow.is_continue());
    if root.is_none() {
        source.seek_to(0)?;
    }
    Ok(root)
}

/// Hash of the next bytes, of one part at most, and their number; no hash if there are
/// none.
fn hash(source: &mut dyn Read, start: u64) -> io::Result<(Option<ChainingValue>, u64)> {
    let mut hasher = Hasher::new();
    hasher.set_input_offset(start);
    let mut buffer = vec![0; PIECE];
    while hasher.count() < PART {
        let count = fill(source, &mut buffer)?;
        hasher.update(&buffer[..count]);
        if count < PIECE {
            break;
        }
    }
    let length = hasher.count();
    let node = (length > 0).then(|| hasher.finalize_non_root());
    Ok((node, length))
}

impl SubtreeHashes {
    /// Adds a part on the right. Subtrees of the same size are merged only now: merging the
    /// last two would make the root.
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
            let mut nodes = SubtreeHashes::default();
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

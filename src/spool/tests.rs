use super::*;
use proptest::prelude::*;

fn contents(spool: &Spool) -> Vec<u8> {
    let mut all = Vec::new();
    let nothing = |_: &File, _, _| 0;
    spool
        .deliver(nothing, |bytes| {
            all.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
    all
}

#[test]
fn many_bytes_go_to_disk_and_come_back() {
    let budget = Arc::new(SpoolBudget::default());
    let mut spool = Spool::new(&budget);
    let mut expected = Vec::new();
    for round in 0..40u8 {
        let chunk = vec![round; 50_000];
        spool.push(&chunk).unwrap();
        expected.extend_from_slice(&chunk);
    }
    assert!(spool.in_memory().is_none());
    assert!(budget.used.load(Ordering::Relaxed) <= SMALL);
    assert_eq!(contents(&spool), expected);
    drop(spool);
    assert_eq!(budget.used.load(Ordering::Relaxed), 0);
}

#[test]
fn others_cannot_read_what_is_on_disk() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |file: &File| file.metadata().unwrap().permissions().mode() & 0o777;
    let budget = Arc::new(SpoolBudget::default());
    let mut spool = Spool::new(&budget);
    spool.push(&[0; SMALL]).unwrap();
    spool.push(&[0; SMALL]).unwrap();
    assert_eq!(mode(&spool.disk.as_ref().unwrap().file), 0o600);

    let mut overflow = SpoolFile::default();
    Spool::of(&budget, b"x").settle(&mut overflow).unwrap();
    assert_eq!(mode(overflow.file.as_ref().unwrap()), 0o600);
}

#[test]
fn settled_bytes_leave_memory() {
    let budget = Arc::new(SpoolBudget::default());
    let mut overflow = SpoolFile::default();
    let mut spools: Vec<Spool> = (0..5u8)
        .map(|n| {
            let mut spool = Spool::new(&budget);
            spool.push(&[n; 1000]).unwrap();
            spool
        })
        .collect();
    for spool in &mut spools {
        spool.settle(&mut overflow).unwrap();
    }
    assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    drop(spools.remove(1));
    assert_eq!(contents(&spools[1]), vec![2; 1000]);
}

#[test]
fn bytes_in_a_file_of_their_own_can_share_one() {
    let budget = Arc::new(SpoolBudget::default());
    let mut overflow = SpoolFile::default();
    let mut spools: Vec<Spool> = (0..3u8)
        .map(|n| {
            let mut spool = Spool::new(&budget);
            spool.push(&vec![n; CHUNK + 1]).unwrap();
            spool.push(&[n; 2]).unwrap();
            spool
        })
        .collect();
    assert_eq!(budget.files(), 3);
    for spool in &mut spools {
        spool.give_up_file(&mut overflow).unwrap();
    }
    assert_eq!(budget.files(), 0);
    assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    drop(spools.remove(1));
    assert_eq!(contents(&spools[1]), vec![2; CHUNK + 3]);
    // Few bytes have no file to give up.
    let mut few = Spool::of(&budget, b"x");
    few.give_up_file(&mut overflow).unwrap();
    assert_eq!(few.in_memory(), Some(&b"x"[..]));
}

#[test]
fn a_long_line_on_disk_keeps_the_lines_before_it() {
    let budget = Arc::new(SpoolBudget::default());
    let mut spool = Spool::new(&budget);
    spool.push(b"short\n").unwrap();
    for _ in 0..10 {
        spool.push(&[b'x'; 60_000]).unwrap();
    }
    assert_eq!(spool.lines(), 0);
    assert!(spool.take_lines().is_empty());
    spool.push(b"\nrest").unwrap();
    let lines = contents(&spool.take_lines());
    assert!(lines.starts_with(b"short\nx") && lines.ends_with(b"x\n"));
    assert_eq!(contents(&spool), b"rest");
}

proptest! {
    #[test]
    fn lines_are_split_off_whole(chunks in prop::collection::vec("[ab\n]{0,9}", 0..40)) {
        let budget = Arc::new(SpoolBudget::default());
        let mut spool = Spool::new(&budget);
        let mut out = Vec::new();
        for chunk in &chunks {
            spool.push(chunk.as_bytes()).unwrap();
            let lines = contents(&spool.take_lines());
            prop_assert!(lines.is_empty() || lines.ends_with(b"\n"));
            prop_assert!(!contents(&spool).contains(&b'\n'));
            out.extend(lines);
        }
        out.extend(contents(&spool.take()));
        prop_assert_eq!(out, chunks.concat().into_bytes());
        prop_assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}

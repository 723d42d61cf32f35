//! Programs that call `parallel --pipe` or `--pipepart`: they give with prun under that name what
//! they give with GNU parallel.

use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use crate::support::{Test, needed, skip};

/// Runs each line with GNU parallel, and with prun under its name, on the same files.
#[track_caller]
fn same(files: &[(&str, String)], before: &str, lines: &[&str]) {
    let version = Command::new("parallel").arg("--version").output();
    if !version.is_ok_and(|output| output.stdout.starts_with(b"GNU parallel")) {
        skip!("GNU parallel is not installed");
    }
    for line in lines {
        let mut test = Test::new();
        for (name, text) in files {
            test = test.file(name, text);
        }
        let output = test
            .line(format!(
                "mkdir bin; ln -s \"$(command -v prun)\" bin/parallel
                 set -e
                 {before}
                 set +e
                 {{ {line}
                 }} >gnu.out 2>gnu.err; echo $? >>gnu.out
                 PATH=$PWD/bin:$PATH
                 {{ {line}
                 }} >own.out 2>own.err; echo $? >>own.out"
            ))
            .limit(Duration::from_secs(60))
            .success();
        let read = |name: &str| {
            let bytes = std::fs::read(output.path(name)).expect("bash made it");
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (gnu, own) = (read("gnu.out"), read("own.out"));
        if own != gnu {
            let differs = gnu
                .lines()
                .zip(own.lines())
                .position(|(gnu, own)| gnu != own);
            panic!(
                "{line}: {} bytes instead of {}, line {:?} differs\n{}",
                own.len(),
                gnu.len(),
                differs,
                read("own.err")
            );
        }
    }
}

/// Numbers in no order, one a line.
fn numbers(count: u64) -> String {
    let mut text = String::new();
    for number in 0..count {
        writeln!(text, "{}", number * 7919 % 60_013).expect("a String takes all");
    }
    text
}

/// The same bases for the same seed.
fn bases(seed: &mut u64, count: usize) -> String {
    let next = |_| {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ['A', 'C', 'G', 'T'][(*seed >> 62) as usize]
    };
    (0..count).map(next).collect()
}

/// A sequence to search, and pieces of it: as FASTA and as FASTQ.
fn sequences(pieces: usize) -> [(&'static str, String); 3] {
    let reference = bases(&mut 1, 9000);
    let (mut fasta, mut fastq) = (String::new(), String::new());
    for piece in 0..pieces {
        let start = piece * 37 % 8800;
        let (first, second) = (
            &reference[start..start + 60],
            &reference[start + 60..][..60],
        );
        let quality = "I".repeat(120);
        writeln!(fasta, ">read{piece}\n{first}\n{second}").expect("a String takes all");
        writeln!(fastq, "@read{piece}\n{first}{second}\n+\n{quality}").expect("a String takes all");
    }
    [
        ("reference", format!(">one\n{reference}\n")),
        ("fasta", fasta),
        ("fastq", fastq),
    ]
}

#[test]
fn parsort_sorts_files() {
    needed!("parsort");
    let files = [
        ("big", numbers(60_000)),
        ("small", numbers(20)),
        ("a b", "b x\na y\nc z\nA q".to_owned()),
        ("empty", String::new()),
    ];
    same(
        &files,
        "",
        &[
            "parsort big small",
            "parsort small big",
            "parsort -n big",
            "parsort -nr small",
            "parsort -k2,2 -k1,1r 'a b' small",
            "parsort -f 'a b'",
            "parsort -t ' ' -k2 'a b' 'a b'",
            "parsort empty",
            "parsort big big big big",
            "tr '\\n' '\\0' <big >z; parsort -z z | tr '\\0' '\\n'",
        ],
    );
}

#[test]
fn parsort_sorts_its_input() {
    needed!("parsort");
    let files = [("big", numbers(60_000)), ("small", numbers(20))];
    same(
        &files,
        "",
        &[
            "parsort <big",
            "cat big | parsort -r",
            "parsort -n <small",
            "cat big big big | parsort -k1,1n",
            "parsort </dev/null",
            "tr '\\n' '\\0' <big | parsort -z | tr '\\0' '\\n'",
            "tr '\\n' '\\0' <small | parsort -z -n | tr '\\0' '\\n'",
        ],
    );
}

/// Quotes are bytes of a separator like any others, but for those of `parsort -z`.
#[test]
fn records_of_parsort_end_with_nul() {
    Test::gnu()
        .args([
            "--pipe",
            "-N1",
            "-k",
            "--recend",
            r#""\0""#,
            "printf [; cat; printf ]",
        ])
        .stdin("a\0b\0")
        .stdout("[a\0][b\0]")
        .success();
    Test::gnu()
        .args([
            "--pipe",
            "-N1",
            "-k",
            "--recend",
            r#"",""#,
            "printf [; cat; printf ]",
        ])
        .stdin(r#"a,b","c"#)
        .stdout(r#"[a,b","][c]"#)
        .success();
}

#[test]
fn last_searches_sequences() {
    needed!("parallel-fasta");
    needed!("lastal");
    let make = "lastdb db reference";
    same(
        &sequences(2),
        make,
        &[
            "parallel-fasta --pipe 'lastal db' <fasta",
            "parallel-fastq --pipe 'lastal -Q1 db' <fastq",
            "parallel-fasta --pipe -j4 'lastal db | grep -c ^a || true' <fasta",
        ],
    );
    same(
        &sequences(300),
        make,
        &[
            "cat fasta | parallel-fasta --pipe -j3 -k --block 5k 'lastal db'",
            "parallel-fasta --pipe -j2 --block 3k 'lastal db | grep -v ^#' <fasta | sort",
            "parallel-fasta --pipe -j2 -k -N1 'grep -c read' <fasta",
            "parallel-fasta -j3 -k --pipe --block 5k --joblog log 'grep -c read' <fasta; cut -f1,5-7 log",
            "cat fastq | parallel-fastq --pipe -j3 -k --block 5k 'lastal -Q1 db'",
            "parallel-fastq --pipe -j4 -k --block 9k --tag cat <fastq",
        ],
    );
}

/// Without `--pipe`, its lines are values.
#[test]
fn last_leaves_it_to_its_caller_to_ask_for_blocks() {
    needed!("parallel-fasta");
    same(
        &sequences(2),
        "",
        &[
            "parallel-fasta -k 'echo {}' <fasta",
            "parallel-fastq -k echo ::: a b c d e f g h i",
        ],
    );
}

/// Pairs of reads from three overlapping amplicons, and the primers of these.
fn alignments() -> [(&'static str, String); 2] {
    const AMPLICONS: [(usize, usize); 3] = [(100, 300), (260, 460), (430, 640)];
    const LENGTH: usize = 80;
    let reference = bases(&mut 2, 1000);
    let mut reads = Vec::new();
    for pair in 0..300 {
        let (start, end) = AMPLICONS[pair % 3];
        let (first, second, size) = (start + 1, end - LENGTH + 1, end - start);
        let mut add = |flags: u32, at: usize, mate: usize, sign: &str| {
            let sequence = &reference[at - 1..][..LENGTH];
            let quality = "I".repeat(LENGTH);
            let place = format!("{flags}\tone\t{at}\t60\t{LENGTH}M\t=\t{mate}\t{sign}{size}");
            reads.push((at, format!("pair{pair}\t{place}\t{sequence}\t{quality}\n")));
        };
        add(99, first, second, "");
        add(147, second, first, "-");
    }
    reads.sort();
    let mut sam = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:one\tLN:1000\n".to_owned();
    sam.extend(reads.into_iter().map(|(_, read)| read));
    let primers = AMPLICONS.map(|(start, end)| {
        let (left, right) = (start + 20, end - 20);
        format!("one\t{start}\t{left}\tone\t{right}\t{end}\n")
    });
    [("sam", sam), ("primers", primers.concat())]
}

#[test]
fn bamclipper_clips_primers() {
    needed!("bamclipper.sh");
    needed!("samtools");
    same(
        &alignments(),
        "samtools view -b sam >in.bam 2>/dev/null; samtools index in.bam",
        &[
            "bamclipper.sh -b in.bam -p primers -n 1; samtools view in.primerclipped.bam",
            "bamclipper.sh -b in.bam -p primers -n 3; samtools view in.primerclipped.bam",
        ],
    );
}

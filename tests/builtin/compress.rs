//! Compression: files that the tools read, files that the tools wrote, and what becomes
//! of files that cannot be read, or must not be replaced.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use rustix::process::Pid;

use super::{odd_contents, run_tool};
use crate::support::{Signal, Test, builtin_error, needed, skip, tool};

/// The tools: the one that compresses, the one that decompresses, the suffix.
const TOOLS: [(&str, &str, &str); 5] = [
    ("gzip", "gunzip", ".gz"),
    ("zstd", "unzstd", ".zst"),
    ("xz", "unxz", ".xz"),
    ("bzip2", "bunzip2", ".bz2"),
    ("lz4", "unlz4", ".lz4"),
];

/// Each tool that is there, by its path.
fn tools() -> Vec<(PathBuf, PathBuf, &'static str)> {
    let found = TOOLS.into_iter().filter_map(|(one, other, suffix)| {
        let paths = tool(one).zip(tool(other));
        if paths.is_none() {
            crate::support::say_skipped(&format!("{one} is not installed"));
        }
        paths.map(|(one, other)| (one, other, suffix))
    });
    found.collect()
}

fn builtin(tool: &Path) -> String {
    format!("@{}", tool.file_name().expect("it has a name").display())
}

/// Contents, and some that are worth several blocks.
fn contents() -> Vec<(&'static str, Vec<u8>)> {
    static NOISE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let mut seed = 1u32;
        let noise = (0..1_500_000).map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        });
        noise.collect()
    });
    let mut all = odd_contents();
    all.push(("noise", NOISE.clone()));
    all
}

fn with_contents() -> Test {
    let contents = contents().into_iter();
    contents.fold(Test::new(), |test, (name, bytes)| test.file(name, bytes))
}

#[test]
fn the_tools_read_what_is_compressed() {
    for (compress, decompress, suffix) in tools() {
        for level in [&[][..], &["-1"], &["-9"]] {
            let test = with_contents();
            let names: Vec<&str> = contents().into_iter().map(|(name, _)| name).collect();
            let output = test
                .args(["-X", "-s100000", "-j2", &builtin(&compress), "-k"])
                .args(level)
                .arg(":::")
                .args(&names)
                .success();
            for (name, bytes) in contents() {
                let file = output.path(format!("{name}{suffix}"));
                let printed = Command::new(&decompress)
                    .arg("-c")
                    .stdin(fs::File::open(file).expect("it was made"))
                    .output();
                let printed = printed.expect("the tool can be run");
                assert!(
                    printed.status.success() && printed.stdout == bytes,
                    "{name}{suffix}"
                );
            }
        }
    }
}

#[test]
fn what_the_tools_wrote_is_read() {
    for (compress, decompress, suffix) in tools() {
        for level in ["-1", "-9"] {
            let mut test = with_contents();
            let (mut names, mut expected) = (Vec::new(), Vec::new());
            for (at, (name, bytes)) in contents().into_iter().enumerate() {
                let file = format!("./{name}");
                let pressed = run_tool(&test, &compress, &[level, "-c", &file]).stdout;
                // Twice the file is the contents twice.
                let twice = format!("x{at}{suffix}");
                test = test.file(&twice, [&*pressed, &pressed].concat());
                names.push(twice);
                expected.extend([&*bytes, &bytes, b"|"].concat());
            }
            // Marks keep what is missing from one from being made up by the next.
            let command = format!("{} -c <> && printf '|'", builtin(&decompress));
            test.args(["-k", &command, ":::"])
                .args(&names)
                .stdout(expected)
                .success();
        }
    }
}

#[test]
fn in_place_as_the_tools_do() {
    for (compress, decompress, suffix) in tools() {
        let keeps = suffix == ".zst" || suffix == ".lz4";
        let test = Test::new().file("dir/f", "hello\n");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let path = test.path("dir/f");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
        let times = fs::FileTimes::new().set_modified(time).set_accessed(time);
        let file = fs::File::options()
            .write(true)
            .open(&path)
            .expect("it is ours");
        file.set_times(times).expect("it is ours");
        let output = test.args([&*builtin(&compress), ":::", "dir/f"]).success();
        assert_eq!(output.path("dir/f").exists(), keeps, "{suffix}");
        let pressed = output.path(format!("dir/f{suffix}"));
        let seen = fs::metadata(&pressed).expect("it was made");
        assert_eq!(seen.permissions().mode() & 0o7777, 0o640);
        assert_eq!(seen.modified().expect("it has one"), time);
        let names = fs::read_dir(output.path("dir"))
            .expect("it is there")
            .count();
        assert_eq!(names, if keeps { 2 } else { 1 }, "{suffix}");

        let back = Test::new()
            .file(
                format!("f{suffix}"),
                fs::read(pressed).expect("it was made"),
            )
            .args([&*builtin(&decompress), ":::", &format!("f{suffix}")])
            .success();
        assert_eq!(fs::read(back.path("f")).expect("it was made"), b"hello\n");
        assert_eq!(back.path(format!("f{suffix}")).exists(), keeps);
    }
}

/// A job of one built-in, beside the tool in another directory: they end with the same
/// status, and the same files are there.
#[track_caller]
fn same_files(make: impl Fn() -> Test, tool: &Path, args: &[&str]) {
    let by_tool = make();
    let status = run_tool(&by_tool, tool, args).status;
    let builtin = builtin(tool);
    let output = make()
        .args(["--quiet", "--halt", "soon,fail=1", "-N0", &builtin])
        .args(args)
        .args([":::", "once"])
        .stdout_any()
        .stderr_any()
        .any_status();
    let context = format!("{builtin} {args:?}");
    assert_eq!(output.status.code(), Some(status), "{context}");
    assert_eq!(
        listing(&output.path("")),
        listing(&by_tool.path("")),
        "{context}"
    );
}

fn listing(directory: &Path) -> Vec<(String, u64)> {
    let entries = fs::read_dir(directory).expect("it is there").flatten();
    let mut names: Vec<(String, u64)> = entries
        .map(|entry| {
            let links = entry.metadata().expect("it is there").nlink();
            (entry.file_name().display().to_string(), links)
        })
        .collect();
    names.sort();
    names
}

fn pressed(tool: &Path, bytes: &str) -> Vec<u8> {
    let test = Test::new().file("f", bytes);
    run_tool(&test, tool, &["-c", "f"]).stdout
}

#[test]
fn files_that_must_not_be_touched_are_left_alone() {
    for (compress, decompress, suffix) in tools() {
        let whole = pressed(&compress, "hello");
        let make = || {
            let test = Test::new()
                .file("f", "hello")
                .file("g", "hello")
                .file(format!("g{suffix}"), "precious")
                .file(format!("h{suffix}"), &whole)
                .file(format!("f{suffix}"), &whole)
                .file("linked", "hello")
                .file("dir/x", "hello");
            symlink("linked", test.path("symbolic")).expect("it is ours");
            fs::hard_link(test.path("linked"), test.path("other")).expect("it is ours");
            test
        };
        let is_lz4 = suffix == ".lz4";
        // lz4 takes a second file for the name of its output, and has statuses of its own.
        if is_lz4 {
            continue;
        }
        for args in [
            &["g"][..],
            &["-f", "g"],
            &["missing"],
            &["dir"],
            &["symbolic"],
            &["-f", "symbolic"],
            &["linked"],
            &["-f", "linked"],
            &["missing", "dir", "g"],
        ] {
            same_files(make, &compress, args);
        }
        let (named, twice) = (format!("f{suffix}"), format!("h{suffix}"));
        if suffix != ".zst" {
            same_files(make, &compress, &[&named]);
        }
        for args in [
            &[&*named][..],
            &["-f", &named],
            &[&twice],
            &["-k", &twice],
            &["-t", &twice],
        ] {
            same_files(make, &decompress, args);
        }
        if suffix == ".gz" {
            same_files(make, &decompress, &["g"]);
        }
    }
}

#[test]
fn damaged_files_are_told_and_leave_nothing() {
    for (compress, decompress, suffix) in tools() {
        let whole = pressed(&compress, &"hello world\n".repeat(100));
        let name = format!("f{suffix}");
        let mut damaged = vec![(b"what is this?".to_vec(), "it is not in this format")];
        // lz4 takes it for an empty file.
        if suffix != ".lz4" {
            damaged.push((Vec::new(), "unexpected end of file"));
        }
        for length in [1, 5, whole.len() / 2, whole.len() - 1] {
            damaged.push((whole[..length].to_vec(), "unexpected end of file"));
        }
        let mut flipped = whole.clone();
        let middle = flipped.len() - 6;
        flipped[middle] ^= 0x55;
        damaged.push((flipped, "its data are corrupt"));
        let status = if suffix == ".bz2" { 2 } else { 1 };
        for (bytes, why) in damaged {
            let builtin = builtin(&decompress);
            let output = Test::new()
                .file(&name, &bytes)
                .args(["--quiet", "--halt", "soon,fail=1", &builtin, ":::", &name])
                .stderr(format!("{builtin}: cannot decompress '{name}': {why}\n"))
                .status(status);
            assert_eq!(listing(&output.path("")), [(name.clone(), 1)]);
        }
    }
}

#[test]
fn what_follows_the_data_is_told() {
    for (compress, decompress, suffix) in tools() {
        let whole = pressed(&compress, "hello");
        let name = format!("f{suffix}");
        let trailed = [whole.clone(), b"trailing".to_vec()].concat();
        let make = || Test::new().file(&name, &trailed);
        if suffix == ".gz" || suffix == ".bz2" {
            same_files(make, &decompress, &["-k", &name]);
            let output = make()
                .args(["--quiet", &builtin(&decompress), ":::", &name])
                .stderr_has(format!("{}: warning: '{name}': something else follows the compressed data, so it is kept\n", builtin(&decompress)))
                .any_status();
            assert_eq!(
                fs::read(output.path("f")).ok().as_deref(),
                Some(&b"hello"[..])
            );
            assert_eq!(fs::read(output.path(&name)).ok(), Some(trailed.clone()));
        } else {
            make()
                .args(["--quiet", &builtin(&decompress), ":::", &name])
                .stderr_any()
                .status(1);
        }
    }
    let gzip = needed!("gzip");
    if let Some(lz4) = tool("lz4") {
        // To gzip and bzip2 zeros are padding, to lz4 they are not.
        let padded = [pressed(&lz4, "hello"), vec![0; 10]].concat();
        Test::new()
            .file("f.lz4", padded)
            .args(["--quiet", "@unlz4", "-t", ":::", "f.lz4"])
            .stderr("@unlz4: warning: 'f.lz4': something else follows the compressed data, so it is kept\n")
            .status(1);
    }
    let padded = [pressed(&gzip, "hello"), vec![0; 1000]].concat();
    Test::new()
        .file("f.gz", padded)
        .args(["@gunzip", "-c", ":::", "f.gz"])
        .stdout("hello")
        .success();
}

#[test]
fn what_is_wrong_is_said() {
    for (words, message) in [
        (
            "@gzip f",
            "@gzip: cannot compress 'f': 'f.gz' exists; -f replaces it",
        ),
        (
            "@gunzip f",
            "@gunzip: cannot decompress 'f': its name does not end with .gz",
        ),
        (
            "@gzip f.gz",
            "@gzip: cannot compress 'f.gz': its name ends with .gz already",
        ),
        (
            "@xz missing",
            "@xz: cannot read 'missing': No such file or directory",
        ),
        ("@xz .", "@xz: cannot compress '.': Is a directory"),
        ("@xz -c .", "@xz: cannot read '.': Is a directory"),
    ] {
        Test::new()
            .file("f", "hello")
            .file("f.gz", "")
            .args(["--quiet", "-N0", words, ":::", "once"])
            .stderr(format!("{message}\n"))
            .any_status();
    }
    Test::new()
        .args(["@zstd -99 <>", ":::", "a"])
        .stderr(builtin_error(
            "@zstd",
            "there is no level 99; it goes to 22",
        ))
        .status(255);
}

#[test]
fn options_of_single_tools_are_taken() {
    for (tool, options) in [
        ("zstd", &["-T0", "--long", "-5"][..]),
        ("zstd", &["--threads=1", "--ultra", "-20"]),
        ("xz", &["-T1", "-e", "-0"]),
        ("xz", &["--extreme", "-T2"]),
    ] {
        let path = needed!(tool);
        let builtin = builtin(&path);
        let bytes = b"something to be compressed\n".repeat(100_000);
        let output = Test::new()
            .file("f", &bytes)
            .args([builtin.as_str(), "-c"])
            .args(options)
            .args([":::", "f"])
            .stdout_any()
            .success();
        let test = Test::new().file("x", output.stdout);
        let printed = run_tool(&test, &path, &["-dc", "x"]);
        assert!(printed.status == 0 && printed.stdout == bytes, "{tool}");
    }
    Test::new()
        .args(["@xz", "-Tmany", ":::", "f"])
        .stderr(builtin_error("@xz", "'many' is no number of threads"))
        .status(255);
    Test::new()
        .args(["@gzip", "-T2", ":::", "f"])
        .stderr(builtin_error("@gzip", "there is no option '-T'"))
        .status(255);
}

#[test]
fn the_next_stage_of_a_pipeline_reads_the_result() {
    for (line, printed) in [
        ("@gzip <> | @gunzip | @grep ERROR | @count -l", "1\n"),
        ("@gzip <> | gzip -dc | wc -l", "2\n"),
        ("@zstd <> | @unzstd", "ERROR a\nok\n"),
        ("@gzip <> | @gzip -d", "ERROR a\nok\n"),
    ] {
        let output = Test::new()
            .file("f", "ERROR a\nok\n")
            .args([line, ":::", "f"])
            .stdout(printed)
            .success();
        assert!(output.path("f").exists(), "{line}");
        assert!(!output.path("f.gz").exists(), "{line}");
    }
}

#[test]
fn gunzip_finds_the_file_by_the_name_that_it_will_have() {
    let gzip = needed!("gzip");
    let output = Test::new()
        .file("f.gz", pressed(&gzip, "hello"))
        .args(["@gunzip", ":::", "f"])
        .success();
    assert_eq!(fs::read(output.path("f")).expect("it was made"), b"hello");
    assert!(!output.path("f.gz").exists());
    Test::new()
        .args(["--quiet", "@gunzip", ":::", "f"])
        .stderr("@gunzip: cannot read 'f': No such file or directory\n")
        .status(1);
    let output = Test::new()
        .file("-.gz", pressed(&gzip, "hello"))
        .file("other.gz", pressed(&gzip, "other"))
        .args(["cat <> | @gunzip -", ":::", "other.gz"])
        .stdout("other")
        .success();
    assert!(output.path("-.gz").exists());
}

#[test]
fn many_files_are_compressed_side_by_side() {
    let names: Vec<String> = (0..200).map(|number| number.to_string()).collect();
    let mut test = Test::new();
    for name in &names {
        test = test.file(name, format!("contents of {name}\n"));
    }
    let output = test
        .args(["-j4", "@gzip", "-9", ":::"])
        .args(&names)
        .success();
    for name in &names {
        let path = output.path(format!("{name}.gz"));
        let test = Test::new().file("x.gz", fs::read(path).expect("it was made"));
        drop(
            test.args(["@gunzip", "-c", ":::", "x.gz"])
                .stdout(format!("contents of {name}\n"))
                .success(),
        );
        if name == "20" {
            break;
        }
    }
    assert_eq!(listing(&output.path("")).len(), names.len());
}

#[test]
fn a_job_that_is_ended_leaves_nothing() {
    let test = Test::new();
    let made = Command::new("mkfifo").arg(test.path("fifo")).status();
    assert!(made.expect("mkfifo can be run").success());
    test.args(["--timeout", "0.1", "--quiet", "@zstd -c <>", ":::", "fifo"])
        .stdout_any()
        .status(1);
}

/// Links of the process's open files that name something in the directory.
fn open_files(process: Pid, directory: &Path) -> Vec<String> {
    let links = format!("/proc/{}/fd", process.as_raw_nonzero());
    let links = fs::read_dir(links).into_iter().flatten().flatten();
    let targets = links.filter_map(|link| fs::read_link(link.path()).ok());
    let inside = targets.filter(|target| target.starts_with(directory));
    inside.map(|target| target.display().to_string()).collect()
}

#[test]
fn a_prun_that_is_killed_leaves_the_file_and_nothing_beside_it() {
    let noise = contents().pop().expect("the last one is noise").1;
    let test = Test::new().file("big", noise.repeat(20));
    let directory = test.path("");
    let running = test.args(["@xz -9 <>", ":::", "big"]).start();
    // What it writes has no name, or one that would stay.
    let patience = Instant::now() + Duration::from_secs(8);
    let written = loop {
        let open = open_files(running.pid(), &directory);
        if let Some(link) = open.into_iter().find(|link| !link.ends_with("/big")) {
            break link;
        }
        assert!(Instant::now() < patience, "nothing is written");
        sleep(Duration::from_millis(2));
    };
    running.signal(Signal::KILL);
    let killed = running.wait().signaled(Signal::KILL);
    if !written.ends_with(" (deleted)") {
        skip!("this file system has no files without a name");
    }
    assert_eq!(listing(&killed.path("")), [("big".to_owned(), 1)]);
}

/// Text of some size, with words that come again.
static PROSE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut seed = 7u64;
    let mut text = Vec::new();
    while text.len() < 2_200_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let word = (seed >> 33) % 3000;
        text.extend_from_slice(format!("{:x}", word * word * 97).as_bytes());
        text.push(if word.is_multiple_of(11) { b'\n' } else { b' ' });
    }
    text
});

#[test]
fn results_are_about_as_small_as_those_of_the_tools() {
    are_about_as_small(|suffix| suffix != ".xz", PROSE.len());
}

/// A block of it has 3 MiB at least: more than what goes by its threads proves nothing more, and
/// takes longer than all other tools together.
#[test]
fn results_are_about_as_small_as_those_of_xz() {
    are_about_as_small(|suffix| suffix == ".xz", 1_200_000);
}

#[track_caller]
fn are_about_as_small(chosen: fn(&str) -> bool, large: usize) {
    for (compress, _, suffix) in tools().into_iter().filter(|(_, _, suffix)| chosen(suffix)) {
        for level in ["-1", "-6", "-9"] {
            for bytes in [&PROSE[..large], &PROSE[..500_000]] {
                let test = Test::new().file("f", bytes);
                let theirs = run_tool(&test, &compress, &[level, "-c", "f"]).stdout.len();
                let ours = test
                    .args([&*builtin(&compress), level, "-c", ":::", "f"])
                    .stdout_any()
                    .success()
                    .stdout
                    .len();
                assert!(
                    ours <= theirs + theirs / 20,
                    "{suffix} {level}: {ours}, not {theirs}"
                );
            }
        }
    }
}

#[test]
fn they_work_in_another_directory() {
    let output = Test::new()
        .file("d/f", "hello")
        .args(["--wd", "d", "@gzip", ":::", "f"])
        .success();
    assert_eq!(listing(&output.path("d")), [("f.gz".to_owned(), 1)]);
}

#[test]
fn to_lz4_an_empty_file_is_an_empty_file() {
    let test = || Test::new().file("empty.lz4", "");
    test().args(["@unlz4", "-c", ":::", "empty.lz4"]).success();
    test().args(["@unlz4", "-t", ":::", "empty.lz4"]).success();
    test()
        .line("prun '@cat <> | @unlz4' ::: empty.lz4")
        .success();
    test()
        .args(["@unlz4", "-k", ":::", "empty.lz4"])
        .check_file("empty", "")
        .success();
}

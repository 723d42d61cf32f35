//! `--pipe` and `--pipepart`: blocks of input for each job.

use std::time::Duration;

use crate::support::{Test, pattern, records};

/// Lines of 16 bytes, more than a pipe holds.
const LONG: usize = 3_000_000;

#[test]
fn a_block_ends_with_a_line_and_is_no_longer_than_asked_for() {
    let lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
    let blocks = "1,2,3,4\n5,6,7,8\n9,10\n";
    for line in [
        "prun --pipe --block 8 -k 'paste -sd,' <lines",
        "cat lines | prun --pipe --block 8 -k 'paste -sd,'",
        "prun --pipepart -a lines --block 8 -k 'paste -sd,'",
        "prun --pipepart --block 8 -k 'paste -sd,' :::: lines",
        "prun --gnu --spreadstdin --block-size 8 -k 'paste -sd,' <lines",
        "prun --gnu --pipe-part --blocksize 8 -k 'paste -sd,' :::: lines",
    ] {
        let test = Test::new().file("lines", lines).line(line);
        test.stdout(blocks).success();
    }
}

#[test]
fn the_blocks_together_are_the_input() {
    let input = pattern(LONG);
    for line in [
        "prun --pipe -k cat <input",
        "cat input | prun --pipe -k cat",
        "cat input | prun --pipe --block 10k -k cat",
        "cat input | prun --pipe --block 50M cat",
        "cat input | prun --pipe -N1000 -k cat",
        "cat input | prun --pipe -L3 --block 100k -k cat",
        "cat input | prun --pipe --recend 0 -k cat",
        "cat input | prun --pipe --recend '' --block 12345 -k cat",
        "cat input | prun --pipe --recstart 00000 -k cat",
        "cat input | prun --pipe --regexp --recend '7\\n' -k cat",
        "cat input | prun --pipe -k @cat",
        "cat input | prun --pipe -k '@cat | cat'",
        "cat input | prun --pipe -k --cat 'cat <>'",
        "cat input | prun --pipe -k --fifo 'cat <>'",
        "cat input | prun --pipe --tee cat",
        "cat input | prun --pipe --round-robin -j1 cat",
        "prun --pipepart -a input -k cat",
        "prun --pipepart -a input --block -3 -k cat",
        "prun --pipepart -a input -N100 -k cat",
        "prun --pipepart -a input --recend 9 -k @cat",
        "cat input | prun --pipe --line-buffer -j1 cat",
        "cat input | prun --pipe --ungroup -j1 cat",
    ] {
        let test = Test::new().file("input", &input).line(line);
        test.stdout(&input).success();
    }
}

#[test]
fn records_are_counted() {
    for line in [
        "seq 7 | prun --pipe -N3 -k 'paste -sd,'",
        "seq 7 | prun --pipe -n3 -k 'paste -sd,'",
        "seq 7 | prun --gnu --pipe -N 3 -k 'paste -sd,'",
        "seq 7 | prun --pipe --block 2 -N3 -k 'paste -sd,'",
    ] {
        let test = Test::new().line(line);
        test.stdout("1,2,3\n4,5,6\n7\n").success();
    }
    Test::new()
        .line("seq 8 | prun --pipe -L2 -N2 -k 'paste -sd,'")
        .stdout("1,2,3,4\n5,6,7,8\n")
        .success();
}

#[test]
fn records_end_and_start_as_is_said() {
    for (input, options, blocks) in [
        (
            ">a\nAC\nGT\n>b\nTT\n",
            "--recstart '>'",
            "[>a\nAC\nGT\n][>b\nTT\n]",
        ),
        ("a;b;c", "--recend ';'", "[a;][b;][c]"),
        ("a\0b\0", "-0", "[a\0][b\0]"),
        ("a,b", "-d ,", "[a,][b]"),
        (
            "<r>1</r><r>2 <r></r>",
            "--recend '</r>' --recstart '<r>'",
            "[<r>1</r>][<r>2 <r></r>]",
        ),
        (
            "a1b22c333d",
            "--regexp --recend '[0-9]+'",
            "[a1][b22][c333][d]",
        ),
        (
            "a\n\nb\nc\n\nd",
            "--recend '\\n\\n'",
            "[a\n\n][b\nc\n\n][d]",
        ),
        ("x\n\"1\n2\",3\ny\n", "--csv", "[x\n][\"1\n2\",3\n][y\n]"),
        ("a;b;c;", "--recend ';' --rrs", "[a][b][c]"),
        ("1\n2\n3\n4\n5\n", "-L2", "[1\n2\n][3\n4\n][5\n]"),
    ] {
        let line = format!("prun --pipe -N1 {options} -k 'printf [; cat; printf ]'");
        let test = Test::new().line(line).stdin(input);
        test.stdout(blocks).success();
    }
}

#[test]
fn a_message_names_the_file_with_the_record() {
    for options in ["-N2 --block 4", "--block 4"] {
        Test::new()
            .line(format!(
                "prun --pipepart -a short -a long {options} --max-record 9 -k cat"
            ))
            .file("short", "1\n2\n")
            .file("long", "12345678901\n2\n")
            .stdout("1\n2\n")
            .stderr_has("prun: 'long': ")
            .status(255);
    }
}

#[test]
fn a_header_comes_before_each_block() {
    for (input, header, blocks) in [
        ("h\n1\n2\n", ":", "[h\n1\n][h\n2\n]"),
        ("g\nh\n1\n2\n", "2", "[g\nh\n1\n][g\nh\n2\n]"),
        (
            "#a\n#b\n1\n2\n",
            "'(#.*\\n)*'",
            "[#a\n#b\n1\n][#a\n#b\n2\n]",
        ),
        ("1\n2\n", "'(#.*\\n)*'", "[1\n][2\n]"),
    ] {
        let options = format!("-N1 --header {header} -k 'printf [; cat; printf ]'");
        for line in [
            format!("prun --pipe {options}"),
            format!("cat >file; prun --pipepart -a file {options}"),
        ] {
            let test = Test::new().line(line).stdin(input);
            test.stdout(blocks).success();
        }
    }
    let test = Test::new().file("in", "h\n1\n2\n3\n4\n");
    test.line("prun --pipepart -a in --header : --block 4 -k 'paste -sd,'")
        .stdout("h,1,2\nh,3,4\n")
        .success();
}

#[test]
fn a_header_may_be_longer_than_what_is_read_at_once() {
    let header: String = (0..12_000).map(|id| format!("##contig={id}\n")).collect();
    let input = header + "1\n2\n";
    for line in [
        "cat in | prun --pipe -N1 --header '(#.*\n)*' wc -l",
        "prun --pipepart -a in --block 1 --header '(#.*\n)*' wc -l",
        "cat in | prun --pipe -N1 --header 12000 wc -l",
        "prun --pipepart -a in --block 1 --header 12000 wc -l",
    ] {
        let test = Test::new().line(line).file("in", &input);
        test.stdout("12001\n12001\n").success();
    }
    for (line, name) in [
        ("cat in | prun --pipe", "standard input"),
        ("prun --pipepart -a in", "'in'"),
    ] {
        Test::new()
            .line(format!(
                "{line} --header '(?s).*end' --block 1k --max-record 64k cat"
            ))
            .file("in", &input)
            .stderr_has(format!(
                "prun: {name}: the header is longer than 64000 bytes\nhint: --max-record SIZE allows more; --header says"
            ))
            .status(255);
    }
}

#[test]
fn a_quoted_newline_ends_no_header() {
    let header = "\"first\nname\",id\n";
    let input = format!("{header}a,1\nb,1\nc,2\n");
    for (line, expected) in [
        (
            "prun --pipe --csv --header : -N2 -k",
            vec!["a,1\nb,1\n", "c,2\n"],
        ),
        (
            "prun --pipepart -a in --csv --header 1 --block 8 -k",
            vec!["a,1\nb,1\n", "c,2\n"],
        ),
        (
            "prun --pipe --csv --header 2 -N1 -k",
            vec!["a,1\nb,1\n", "a,1\nc,2\n"],
        ),
        (
            "prun --pipe --csv --header : --group-by id -N1 -k",
            vec!["a,1\nb,1\n", "c,2\n"],
        ),
        (
            "prun --pipe --csv --header : --bin id -j2 -k",
            vec!["a,1\nb,1\n", "c,2\n"],
        ),
    ] {
        let blocks: String = expected
            .iter()
            .map(|block| format!("[{header}{block}]"))
            .collect();
        let test = Test::new().file("in", &input).stdin(&input);
        let test = test.line(format!("{line} 'printf [; cat; printf ]'"));
        test.stdout(blocks).success();
    }
}

#[test]
fn an_empty_input_has_no_job() {
    Test::new().line(": | prun --pipe wc").success();
    Test::new()
        .line(": | prun --pipe --fail-if-empty wc")
        .stderr("prun: there is no input\n")
        .status(255);
}

#[test]
fn a_job_need_not_read_its_block() {
    let test = Test::new().file("input", pattern(LONG));
    test.line("cat input | prun --pipe -k 'head -n1 | cut -c1-4; true'")
        .stdout("0000\n0000\n0000\n")
        .success();
    let test = Test::new().file("input", pattern(LONG));
    test.line("cat input | prun --pipe -k 'exec <&-; echo ignored'")
        .stdout("ignored\nignored\nignored\n")
        .success();
}

#[test]
fn a_failed_job_gets_its_block_again() {
    let test = Test::new().file("input", pattern(LONG));
    test.line("cat input | prun --pipe --retries 2 'cat >sum.<#>; mkdir tried.<#> 2>/dev/null && exit 1; true'; cat sum.1 sum.2 sum.3 | cmp - input")
        .success();
}

#[test]
fn what_was_sent_is_in_the_log() {
    let output = Test::new()
        .line("seq 1000 | prun --pipe -j1 --block 1k --joblog log wc -l")
        .stdout("277\n250\n250\n223\n")
        .success();
    let sent = records(&output.path("log"));
    let sent: Vec<u64> = sent
        .iter()
        .map(|fields| fields[4].parse().unwrap())
        .collect();
    assert_eq!(sent.iter().sum::<u64>(), 3893);
    assert!(sent.iter().all(|&sent| sent <= 1000), "{sent:?}");
}

#[test]
fn a_resumed_run_leaves_out_the_blocks_that_are_done() {
    let run = "seq 6 | prun --pipe -N2 -k --quiet --joblog log --resume-failed 'paste -sd,; [ <#> != 2 ] || test -e mended'";
    Test::new()
        .line(format!("{run}; touch mended; {run}; {run}"))
        .stdout("1,2\n3,4\n5,6\n3,4\n")
        .success();
    let resume = "seq 6 | prun --pipe -N2 --joblog log --resume";
    Test::new()
        .line(format!("{resume} cat >/dev/null; {resume} wc"))
        .stderr("prun: the job log 'log' is another command's: the log has 'cat', this is 'wc'\nhint: give each command a log of its own\n")
        .status(255);
}

#[test]
fn a_resumed_run_has_the_blocks_of_the_run_before() {
    let run = "seq 1000 >in; prun --pipe -j1 --joblog log --block 100 'head -n1 >/dev/null' <in";
    for (again, bytes) in [
        ("--block 200 'head -n1 >/dev/null' <in", 198),
        ("--block 100 'head -n1 >/dev/null' < <(seq 5)", 10),
    ] {
        let output = Test::new()
            .line(format!("{run}; prun --pipe -j1 --joblog log --resume {again}"))
            .stderr(format!("prun: block 1 is not that of the run before: it had 99 bytes, and has {bytes}\nhint: give the same input and the same options; without --resume, all blocks run\n"))
            .status(255);
        assert!(records(&output.path("log")).len() > 30);
    }
    Test::new()
        .line(format!("{run}; prun --pipe -j1 --joblog log --resume --block 100 'head -n1 >/dev/null' <in; wc -l <log"))
        .stdout("40\n")
        .success();
}

#[test]
fn a_log_of_blocks_cannot_be_run_without_them() {
    Test::new()
        .line("seq 3 | prun --pipe --quiet --joblog log false; prun --joblog log --retry-failed")
        .stderr("prun: the jobs of 'log' have read parts of a stream, which the log does not have\nhint: --resume-failed with the same options and the same input runs what failed\n")
        .status(255);
}

#[test]
fn a_record_longer_than_a_block_has_a_longer_one() {
    let mut input = vec![b'a'; 1_000_000];
    input.extend_from_slice(b"\nb\nc\n");
    for line in [
        "cat input | prun --pipe --block 10k -k 'tail -n1 | cut -c1-9'",
        "prun --pipe --block 10k -k 'tail -n1 | cut -c1-9' <input",
    ] {
        let test = Test::new().file("input", &input).line(line);
        test.stdout("aaaaaaaaa\nc\n").success();
    }
}

#[test]
fn a_record_has_a_bound() {
    let test = Test::new().file("input", vec![b'a'; 3_000_000]);
    test.line("cat input | prun --pipe --max-record 2M wc -c")
        .stderr("prun: standard input: a record is longer than 2097152 bytes\nhint: --max-record SIZE allows more; --recend and --recstart say where records end\n")
        .status(255);
}

#[test]
fn a_job_that_hangs_does_not_keep_others_from_their_blocks() {
    let test = Test::new().file("input", pattern(LONG));
    test.line("cat input | prun --pipe -j2 --quiet --timeout 4 --block 500k 'if [ <#> = 1 ]; then exec sleep 99; fi; cat >out.<#>'; cat out.* | wc -c")
        .stdout("2500000\n")
        .success();
}

#[test]
fn big_blocks_and_big_output_do_not_wait_for_each_other() {
    let input = pattern(40_000_000);
    let test = Test::new().file("input", &input);
    test.line("cat input | prun --pipe --block 10M -k cat | cmp - input")
        .limit(Duration::from_secs(60))
        .success();
}

#[test]
fn a_worker_starts_with_its_first_block() {
    for (input, output) in [("", ""), ("1\n", "1\n"), ("1\n2\n3\n", "2\n1\n")] {
        Test::new()
            .line("prun --pipe --round-robin -j2 -N1 -k 'wc -l'")
            .stdin(input)
            .stdout(output)
            .success();
    }
}

#[test]
fn each_value_has_a_worker() {
    for (options, output) in [
        ("--round-robin -N1", "a,1,4\nb,2,5\nc,3,6\n"),
        ("--bin 1", "a,1,4\nb,2,5\nc,3,6\n"),
        ("--tee", "a,1,2,3,4,5,6\nb,1,2,3,4,5,6\nc,1,2,3,4,5,6\n"),
        ("", "a,1,2,3,4,5,6\nb,1,2,3,4,5,6\nc,1,2,3,4,5,6\n"),
    ] {
        let job = "'{ echo <>; cat; } | paste -sd,' ::: a b c";
        Test::new()
            .line(format!("seq 6 | prun --pipe -k {options} {job}"))
            .stdout(output)
            .success();
    }
    Test::new()
        .line("seq 6 | prun --pipe --round-robin -j2 cat ::: a b c")
        .stderr("prun: jobs that share the input run at once: 3 of them, and 2 may run\nhint: give -j 3, or leave -j out\n")
        .status(255);
}

#[test]
fn what_workers_were_sent_is_in_the_log() {
    let output = Test::new()
        .line("seq 6 | prun --pipe --round-robin -j2 -N2 -k --joblog log 'wc -l'")
        .stdout("4\n2\n")
        .success();
    let mut sent: Vec<_> = records(&output.path("log"))
        .into_iter()
        .map(|fields| (fields[0].clone(), fields[4].clone()))
        .collect();
    sent.sort();
    let expected = [("1", "8"), ("2", "4")];
    assert_eq!(sent, expected.map(|(seq, sent)| (seq.into(), sent.into())));
}

#[test]
fn builtins_read_blocks() {
    Test::new()
        .line("seq 100 | prun --pipe --block 50 -k '@head -n1' | paste -sd,")
        .stdout("1,20,36,52,68,84,100\n")
        .success();
    Test::new()
        .line("seq 10000 | prun --pipe --block 5k --total '@grep -c 7'")
        .stdout("3439\n")
        .success();
}

#[test]
fn options_of_blocks_need_blocks() {
    Test::new()
        .line("prun --block 1M cat ::: a")
        .stderr(
            "prun: --block needs --pipe or --pipepart\nhint: prun --block 1M --pipe cat ::: a\n",
        )
        .status(255);
    Test::new()
        .line("prun --pipe -a list cat")
        .file("list", "")
        .stderr_has("prun: --pipe reads standard input, and not 'list'\nhint: ")
        .status(255);
}

#[test]
fn lines_of_a_header_are_those_of_blocks() {
    let test = Test::new().stdin("g\nh\n1\n");
    test.line("prun --gnu --pipe --header 2 -N1 'paste -sd,'")
        .stdout("g,h,1\n")
        .success();
    Test::new()
        .line("prun --header 2 'echo <a>' ::: a b")
        .stderr("prun: --header 2 is for --pipe: values have one line of names\nhint: --header : takes the names of columns from the first line\n")
        .status(255);
}

#[test]
fn records_go_to_the_job_of_their_key() {
    for (line, expected) in [
        (
            "prun --pipe --bin 1 -j3 -k 'paste -sd,'",
            "1 a,4 d,1 f\n2 b,-1 e\nid name,3 c\n",
        ),
        (
            "prun --pipe --bin id -j3 -k 'paste -sd,'",
            "1 a,4 d,1 f\n2 b,-1 e\n3 c\n",
        ),
        (
            "prun --pipe --header : --bin id -j2 -k 'paste -sd,'",
            "id name,1 a,3 c,-1 e,1 f\nid name,2 b,4 d\n",
        ),
        (
            "prun --pipe --bin '1 $_++' -j3 -k 'paste -sd,'",
            "3 c\n1 a,4 d,1 f\nid name,2 b,-1 e\n",
        ),
        (
            "prun --pipe --shard 3 -j3 'paste -sd,' | grep .",
            "id name,1 a,2 b,3 c,4 d,-1 e,1 f\n",
        ),
        (
            "prun --pipe --group-by name -N1 -k 'paste -sd,' | head -2",
            "id name,1 a\nid name,2 b\n",
        ),
        (
            "prun --pipe --group-by 's/[^0-9].*//' -N1 -k 'paste -sd,' | head -2",
            "id name\n1 a\n",
        ),
    ] {
        let line = line.replace("--pipe", "--pipe --colsep ' '");
        let test = Test::new().file("table", "id name\n1 a\n2 b\n3 c\n4 d\n-1 e\n1 f\n");
        let test = test.line(format!("<table {line}"));
        test.stdout(expected).success();
    }
}

#[test]
fn a_key_that_is_no_column_is_an_error() {
    for (option, message) in [
        (
            "--bin nosuch",
            "prun: no column is named 'nosuch'\nhint: the columns are: id, name\n",
        ),
        (
            "--group-by nosuch",
            "prun: no column is named 'nosuch'\nhint: the columns are: id, name\n",
        ),
        (
            "--shard 0",
            "prun: --shard '0': columns are counted from 1\nhint: --shard 2 or --shard '2 s/-.*//' or --shard NAME\n",
        ),
    ] {
        let line = format!("printf 'id,name\\n1,a\\n' | prun --pipe --csv {option} -j2 cat");
        Test::new().line(&line).stderr(message).status(255);
    }
}

#[test]
fn a_job_that_ends_with_input_left_is_an_error_if_it_had_to_read_all() {
    let line = "cat input | prun --pipe --round-robin -j1 --block 1M 'head -c1 >/dev/null'";
    let test = Test::new().file("input", pattern(LONG)).line(line);
    test.stderr(
        "prun: worker 1 ended with input left\nhint: read all of the input: 'head -1; cat >/dev/null'\n",
    )
    .status(255);
}

#[test]
fn a_summary_keeps_no_block() {
    let test = Test::new().file("input", pattern(LONG));
    test.line("cat input | prun --pipe --summary -j1 --block 64k 'cat >/dev/null'")
        .stderr_has("prun: ")
        .success();
}

#[test]
fn a_worker_that_ends_before_it_has_read_all_has_failed() {
    for mode in ["--round-robin", "--shard 1", "--bin 1"] {
        for job in ["true", "exec <&-; probe await all"] {
            Test::new()
                .line(format!(
                    "(seq 400; : >all) | prun --pipe {mode} -j2 '{job}'"
                ))
                .stderr_has("ended with input left")
                .any_status();
        }
    }
    Test::new()
        .line("seq 400 | prun --pipe --tee 'head -n1; : <>' ::: a b")
        .stdout("1\n1\n")
        .success();
}

#[test]
fn keys_need_whole_lines() {
    for option in ["--rrs", "--regexp"] {
        for key in ["--shard", "--bin", "--group-by"] {
            let name = option.replace("rrs", "remove-rec-sep");
            Test::new()
                .line(format!("prun --pipe {key} 1 {option} cat"))
                .stderr(format!("prun: {key} and {name} cannot go together: a key is that of a whole line\nhint: leave out {key} or {name}\n"))
                .status(255);
        }
    }
}

#[test]
fn standard_input_is_not_values_and_blocks() {
    Test::new()
        .stdin("1\n")
        .line("prun --pipe --tee 'echo <>' :::: -")
        .stderr("prun: standard input cannot be both the values and the blocks\nhint: values can be in a file: prun --pipe --tee COMMAND :::: FILE\n")
        .status(255);
}

#[test]
fn an_error_of_the_input_is_told_though_no_job_is_started_any_more() {
    Test::new()
        .line("(seq 3; until [ -e ended ]; do sleep .01; done; head -c 100000 /dev/zero) | prun --pipe --tee --max-record 1k --block 1k --halt soon,success=1 'case <> in 1) touch ended;; *) cat >/dev/null;; esac' ::: 1 2")
        .stderr_has("a record is longer than")
        .status(255);
}

#[test]
fn with_gnu_a_command_has_values_where_it_says_so() {
    let counts = "3\n3\n";
    for line in [
        "seq 3 | prun --gnu --pipe --tee wc -l ::: 1 2",
        "seq 3 | prun --gnu --pipe --tee 'wc -l #{}' ::: 1 2",
        "seq 3 | prun --pipe --tee 'wc -l; : <>' ::: 1 2",
    ] {
        Test::new().line(line).stdout(counts).success();
    }
    Test::new()
        .line("seq 3 | prun --gnu --pipe --cat wc -l | cut -c1-2; seq 3 | prun --pipe --tee -k grep -c ::: 1 '[12]'")
        .stdout("3 \n1\n2\n")
        .success();
}

#[test]
fn a_total_is_that_of_one_pipeline() {
    for line in ["echo <>; echo 2", "echo <> || true"] {
        Test::new()
            .line(format!("prun --total '{line}' ::: 5 6"))
            .stderr_has("prun: --total sums up one command or pipeline\n")
            .status(255);
    }
    Test::gnu()
        .args(["--total=5", "echo", "{}", ":::", "a"])
        .stdout("a\n")
        .success();
}

#[test]
fn a_dry_run_knows_what_a_run_knows() {
    for options in ["", "--dry-run"] {
        Test::new()
            .line(format!("seq 3 | prun {options} -k --pipe --tee --plus 'echo <##>; cat >/dev/null; : <>' ::: a b | head -n1 | cut -c1-8"))
            .stdout_has("2")
            .success();
    }
}

#[test]
fn the_tag_of_a_block_is_its_number() {
    for options in ["", "--cat", "--seqreplace N"] {
        let line = format!("seq 2 | prun --pipe -N1 -k --tag {options} 'echo x; : <>'");
        let test = Test::new()
            .line(line.replace("--seqreplace N 'echo x; : <>'", "--seqreplace N 'echo x'"));
        test.stdout("1\tx\n2\tx\n").success();
    }
}

#[test]
fn a_part_of_a_file_may_be_a_file() {
    let test = Test::new().file("in", "1\n2\n");
    test.line("prun --pipepart --cat 'wc -l < <>' :::: in")
        .stdout("2\n")
        .success();
}

#[test]
fn a_long_header_does_not_hold_back_the_first_block() {
    let header = "h".repeat(60);
    let mut child = Test::new()
        .line("prun --pipe --header : --block 10 -k 'tail -n +2; echo .'")
        .stdin_open()
        .start();
    for piece in [&header[..30], &header[30..], "\n1\n2\n3\n4\n5\n6\n"] {
        child.feed(piece);
    }
    child.wait_for_stdout("1\n2\n3\n4\n5\n.\n");
    child.close_stdin();
    child.stdout("1\n2\n3\n4\n5\n.\n6\n.\n").success();
}

#[test]
fn a_worker_is_not_ended_to_run_later() {
    Test::new()
        .executable(
            "limit",
            "#!/bin/sh\n[ -e asked ] && exit 2; : >asked; exit 0\n",
        )
        .line("seq 100 | prun --pipe --round-robin -j2 --limit ./limit --total 'wc -l'")
        .stdout("100\n")
        .success();
}

#[test]
fn a_block_without_a_match_is_no_failure() {
    let input = "seq 100000 | prun --pipe --block 50k -k";
    for (command, found) in [
        ("'@grep 65432'", "65432\n"),
        ("'@grep 65432 | @cat'", "65432\n"),
        ("'@grep 65432 | @freq'", "      1 65432\n"),
        ("--total '@grep -c 65432'", "1\n"),
        ("--total '@grep -c none'", "0\n"),
        ("'@grep none'", ""),
    ] {
        let test = Test::new().line(format!("{input} {command}"));
        test.stdout(found).success();
    }
    // Where the status is asked for, it is that of grep.
    for command in ["@grep -q none", "@grep none && true"] {
        Test::new()
            .line(format!("{input} --quiet --block 1M '{command}'"))
            .status(1);
    }
    Test::new()
        .stdin("a\n")
        .line("prun --quiet '@grep none' ::: - ")
        .status(1);
}

/// It is never stopped to run again, so that its output need not wait for its end.
#[test]
fn a_worker_prints_while_it_runs_though_memory_is_watched() {
    let mut child = Test::new()
        .line("prun --pipe --round-robin -j2 --line-buffer --memfree 1k --block 2 'echo begin; cat >/dev/null'")
        .stdin_open()
        .start();
    child.feed("1\n2\n3\n");
    child.wait_for_stdout("begin\n");
    child.close_stdin();
    child.stdout("begin\nbegin\n").success();
}

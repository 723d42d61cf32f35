//! One system call of prun fails, at one place of a run: then all output and all records are
//! there, or prun fails and says so. It never hangs and leaves nothing behind.
//!
//! strace(1) makes the calls fail, those of prun's threads and of its children until they
//! execute their programs, and counts them for each of these. The tests try a sample; with
//! `PRUN_FAULTS=full` they try every place that there is, which takes an hour or two.

use std::fs;
use std::panic::catch_unwind;

use crate::support::{Output, STARTS, Test, can_inject, ends, is_full, records, say, skip};

/// Calls, and the last place of each at which the sample makes it fail.
const CALLS: [(&str, usize); 24] = [
    ("write", 8),
    ("read", 24),
    ("pread64", 6),
    ("pwritev2", 3),
    ("pipe2", 7),
    ("socketpair", 3),
    ("clone3", 7),
    ("clone,vfork", 3),
    ("openat", 24),
    ("wait4", 3),
    ("waitid", 6),
    ("poll", 1),
    ("ppoll", 6),
    ("pidfd_open", 3),
    ("ftruncate", 2),
    ("splice", 3),
    ("sendfile,copy_file_range", 2),
    ("fcntl", 16),
    ("dup2", 3),
    ("mmap", 40),
    ("mkdirat,mkdir", 4),
    ("unlinkat,unlink", 6),
    ("flock", 1),
    ("execve", 1),
];

const ERRORS: [&str; 7] = [
    "EINTR", "EAGAIN", "ENOSPC", "EIO", "EMFILE", "ENOMEM", "ENOSYS",
];

/// Calls that a signal can break off: prun goes on.
const INTERRUPTIBLE: [&str; 12] = [
    "write",
    "read",
    "pread64",
    "pwritev2",
    "openat",
    "wait4",
    "waitid",
    "poll",
    "ppoll",
    "ftruncate",
    "splice",
    "sendfile,copy_file_range",
];

/// Number of runs among which the sample is divided: one for each test below.
const SHARES: usize = 18;

/// Most places of a call that are tried.
const PLACES: usize = 60;

const JOB: &str = "(echo out <>; echo err <> >&2)";

/// A run of prun that keeps a job log.
#[derive(Clone)]
struct Scenario {
    /// As a shell reads them.
    args: &'static str,
    stdin: &'static str,
    stdout: String,
    in_order: bool,
    /// In any order, beside warnings and hints.
    stderr: String,
    /// Number of jobs, if that is known.
    jobs: Option<usize>,
    /// What has arrived of both.
    arrived: fn(&Output) -> [String; 2],
    /// Two of the jobs have run before.
    goes_on: bool,
}

/// A call that fails.
#[derive(Debug, Clone, Copy)]
struct Fault {
    calls: &'static str,
    error: &'static str,
    place: usize,
    start: &'static str,
}

fn each(line: &str) -> String {
    (1..=5)
        .map(|n| line.replace("<>", &n.to_string()) + "\n")
        .collect()
}

fn input() -> String {
    (0..12_000).map(|n| format!("{n}\n")).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.sort_unstable();
    lines
}

/// What was printed by this run and the one before it.
fn printed(output: &Output) -> [String; 2] {
    let mut both = ["before.out", "before.err"]
        .map(|file| text(&fs::read(output.path(file)).unwrap_or_default()));
    both[0].push_str(&text(&output.stdout));
    let stderr = text(&output.stderr);
    both[1].extend(stderr.split_inclusive('\n').filter(|line| {
        let mut own = ["prun: warning: ", "hint: ", "strace: "].into_iter();
        !own.any(|own| line.starts_with(own))
    }));
    both
}

/// Content of the files of a run with `--results results`.
fn stored(output: &Output) -> [String; 2] {
    ["stdout", "stderr"].map(|stream| {
        let jobs = fs::read_dir(output.path("results/1"))
            .into_iter()
            .flatten()
            .flatten();
        let files = jobs.filter_map(|job| fs::read(job.path().join(stream)).ok());
        files.map(|bytes| text(&bytes)).collect()
    })
}

/// Content of the rows of a run with `--results table.csv`.
fn tabled(output: &Output) -> [String; 2] {
    let mut both = [String::new(), String::new()];
    if let Ok(mut table) = csv::Reader::from_path(output.path("table.csv")) {
        for row in table.records().flatten() {
            both[0].push_str(&row[row.len() - 2]);
            both[1].push_str(&row[row.len() - 1]);
        }
    }
    both
}

impl Fault {
    /// Leaves out what no kernel does: a shortage that each new process meets again, for which
    /// prun waits a minute, and what the loader and Rust's own parts do not survive.
    fn is_possible(self) -> bool {
        match self.calls {
            "execve" | "dup2" => !["EAGAIN", "ENOMEM", "EMFILE"].contains(&self.error),
            "mmap" => self.error == "ENOMEM",
            "poll" => self.error == "EINTR",
            _ => true,
        }
    }

    fn tracing(self) -> String {
        let Fault {
            calls,
            error,
            place,
            ..
        } = self;
        format!(
            "strace -f -qq -b execve -o trace -e trace={calls} \
             -e inject={calls}:error={error}:when={place}"
        )
    }

    /// The loader met the fault, or Rust's start did.
    fn is_of_others(self, said: &str) -> bool {
        let others = ["shared libraries", "stack_overflow.rs"];
        others.iter().any(|other| said.contains(other))
            || said.is_empty() && self.calls == "mmap" && self.place < 30
    }

    fn is_interruption(self) -> bool {
        self.error == "EINTR" && INTERRUPTIBLE.contains(&self.calls)
    }
}

impl Scenario {
    /// Five jobs that print a line on each stream.
    fn of_jobs(args: &'static str) -> Self {
        Scenario {
            args,
            stdin: "/dev/null",
            stdout: each("out <>"),
            in_order: false,
            stderr: each("err <>"),
            jobs: Some(5),
            arrived: printed,
            goes_on: false,
        }
    }

    /// Five jobs that print nothing on standard error.
    fn of_values(args: &'static str, stdout: String) -> Self {
        Scenario {
            stdout,
            in_order: true,
            stderr: String::new(),
            ..Scenario::of_jobs(args)
        }
    }

    /// Jobs that read standard input in blocks and print it.
    fn of_blocks(args: &'static str) -> Self {
        Scenario {
            stdin: "in",
            jobs: None,
            ..Scenario::of_values(args, input())
        }
    }

    fn run(&self, fault: Option<Fault>) -> Output {
        let tracing = fault.map(Fault::tracing).unwrap_or_default();
        let start = fault.map_or(STARTS[0], |fault| fault.start);
        let before = if self.goes_on {
            "prun --joblog log \"$JOB\" ::: 1 2 >before.out 2>before.err;"
        } else {
            ""
        };
        let mut test = Test::new();
        if fault.is_some_and(|fault| fault.calls == "unlinkat,unlink") {
            test = test.leaves_temporary_files();
        }
        test.env("PRUN_START", start)
            .env("JOB", JOB)
            .file("in", input())
            .file("five", each("<>"))
            .line(format!(
                "{before} exec {tracing} prun --joblog log {} <{}",
                self.args, self.stdin
            ))
            .stdout_any()
            .stderr_any()
            .any_status()
    }

    /// The first thing that is wrong about a run with a fault.
    fn problem(&self, fault: Fault, output: &Output) -> Option<String> {
        let said = text(&output.stderr);
        if output.status.success() {
            self.loss(output)
        } else if fault.is_of_others(&said) {
            None
        } else if said.contains("panicked") || said.contains("internal error") {
            Some("it panicked".to_owned())
        } else if said.is_empty() && fault.calls != "write" {
            Some("it failed and said nothing".to_owned())
        } else if fault.is_interruption() {
            Some("a signal made it fail".to_owned())
        } else {
            self.premature_record(output)
        }
    }

    /// Whatever is missing after a success.
    fn loss(&self, output: &Output) -> Option<String> {
        let [stdout, stderr] = (self.arrived)(output);
        let is_complete = if self.in_order {
            stdout == self.stdout
        } else {
            sorted(&stdout) == sorted(&self.stdout)
        };
        if !is_complete {
            return Some(format!("standard output is not complete: {stdout:.200}"));
        }
        if sorted(&stderr) != sorted(&self.stderr) {
            return Some(format!("standard error is not complete: {stderr:.200}"));
        }
        let ends = ends(&output.path("log"));
        let is_logged = match self.jobs {
            None => !ends.is_empty() && ends.iter().all(|end| end.ends_with(" 0 0")),
            Some(jobs) => ends.into_iter().eq((1..=jobs).map(|n| format!("{n} 0 0"))),
        };
        (!is_logged).then(|| "the job log is not complete".to_owned())
    }

    /// Records of more output than has arrived.
    fn premature_record(&self, output: &Output) -> Option<String> {
        let log = output.path("log");
        if fs::read(&log).unwrap_or_default().is_empty() {
            return None;
        }
        let received = records(&log)
            .iter()
            .map(|fields| fields[5].parse::<usize>().expect("it is a number of bytes"))
            .sum::<usize>();
        let arrived = (self.arrived)(output)[0].len();
        (received > arrived).then(|| format!("{received} bytes are on record, {arrived} arrived"))
    }

    /// Runs it with a fault. Returns whether a call was made to fail, or what is wrong.
    fn meets(&self, fault: Fault) -> Result<bool, String> {
        let scenario = self.clone();
        // A run that hangs or leaves something is told by a panic.
        let output = catch_unwind(move || scenario.run(Some(fault))).map_err(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            text.unwrap_or_default()
        })?;
        let trace = text(&fs::read(output.path("trace")).unwrap_or_default());
        match self.problem(fault, &output) {
            None => Ok(trace.contains("(INJECTED)")),
            Some(problem) => Err(format!(
                "{problem}\nstatus: {:?}\nstderr: {}\ntrace: {trace}",
                output.status,
                text(&output.stderr),
            )),
        }
    }

    /// Tries a share of the sample, or everything.
    #[track_caller]
    fn survives_faults(&self, share: usize) {
        if !can_inject() {
            skip!("strace is not installed or not permitted");
        }
        let output = self.run(None);
        assert!(output.status.success(), "{:?}", output.status);
        assert_eq!(self.loss(&output), None);
        let count = if is_full() {
            self.meet_all()
        } else {
            self.meet_share(share)
        };
        let problems = count.problems;
        assert!(problems.is_empty(), "{}", problems.join("\n"));
        assert!(count.hits > 0, "no call was made to fail");
    }

    fn meet_share(&self, share: usize) -> FaultCount {
        let mut count = FaultCount::default();
        let mut random = fastrand::Rng::with_seed(share as u64);
        let pairs = CALLS
            .into_iter()
            .flat_map(|call| ERRORS.map(|error| (call, error)));
        for ((calls, last), error) in pairs.skip(share).step_by(SHARES) {
            self.try_fault(
                Fault {
                    calls,
                    error,
                    place: random.usize(1..=last),
                    start: STARTS[random.usize(..2)],
                },
                &mut count,
            );
        }
        count
    }

    fn meet_all(&self) -> FaultCount {
        let mut count = FaultCount::default();
        for start in STARTS {
            for (calls, _) in CALLS {
                for error in ERRORS {
                    let fault = |place| Fault {
                        calls,
                        error,
                        place,
                        start,
                    };
                    // A thread may make a call more or less: one miss is not the end yet.
                    let mut misses = 0;
                    for place in 1..=PLACES {
                        let hit = self.try_fault(fault(place), &mut count);
                        misses = if hit { 0 } else { misses + 1 };
                        if misses == 2 {
                            break;
                        }
                    }
                }
            }
        }
        count
    }

    /// Returns whether a call was made to fail.
    fn try_fault(&self, fault: Fault, count: &mut FaultCount) -> bool {
        if !fault.is_possible() {
            return false;
        }
        match self.meets(fault) {
            Ok(hit) => {
                count.hits += usize::from(hit);
                hit
            }
            Err(problem) => {
                say(&format!(
                    "{fault:?}: {problem}
"
                ));
                count.problems.push(format!("{fault:?}: {problem}"));
                true
            }
        }
    }
}

/// Runs with a fault.
#[derive(Default)]
struct FaultCount {
    /// Those in which a call was made to fail.
    hits: usize,
    problems: Vec<String>,
}

#[test]
fn output_of_whole_jobs() {
    Scenario::of_jobs("-j2 \"$JOB\" ::: 1 2 3 4 5").survives_faults(0);
}

#[test]
fn output_in_the_order_of_the_input() {
    let scenario = Scenario {
        in_order: true,
        ..Scenario::of_jobs("-j2 -k \"$JOB\" ::: 1 2 3 4 5")
    };
    scenario.survives_faults(1);
}

#[test]
fn output_line_by_line() {
    let scenario = Scenario {
        stdout: each("<>	out <>"),
        stderr: each("<>	err <>"),
        ..Scenario::of_jobs("-j2 --lb --tag \"$JOB\" ::: 1 2 3 4 5")
    };
    scenario.survives_faults(2);
}

#[test]
fn output_that_jobs_print_themselves() {
    Scenario::of_jobs("-j2 -u \"$JOB\" ::: 1 2 3 4 5").survives_faults(3);
}

#[test]
fn output_that_waits_in_files() {
    let stdout = (1..=3)
        .map(|n| {
            format!(
                "{n}
"
            )
            .repeat(200_000)
        })
        .collect();
    // Whichever ends first, the others' output waits for that of the first.
    let job = "-j3 -k 'test <> != 1 || sleep .2; yes <> | head -n 200000' ::: 1 2 3";
    let scenario = Scenario {
        jobs: Some(3),
        ..Scenario::of_values(job, stdout)
    };
    scenario.survives_faults(4);
}

#[test]
fn results_in_files() {
    let scenario = Scenario {
        arrived: stored,
        ..Scenario::of_jobs("-j2 --results results \"$JOB\" ::: 1 2 3 4 5")
    };
    scenario.survives_faults(5);
}

#[test]
fn results_in_a_table() {
    let scenario = Scenario {
        arrived: tabled,
        ..Scenario::of_jobs("-j2 --results table.csv \"$JOB\" ::: 1 2 3 4 5")
    };
    scenario.survives_faults(6);
}

#[test]
fn blocks_of_a_stream() {
    Scenario::of_blocks("-j2 -k --pipe --block 10k cat").survives_faults(7);
}

#[test]
fn ranges_of_a_file() {
    Scenario::of_blocks("-j2 -k --pipepart -a in --block 10k cat").survives_faults(8);
}

#[test]
fn workers_that_share_a_stream() {
    let scenario = Scenario {
        in_order: false,
        ..Scenario::of_blocks("-j2 --pipe --round-robin --block 10k cat")
    };
    scenario.survives_faults(9);
}

#[test]
fn blocks_in_files() {
    Scenario::of_blocks("-j2 -k --pipe --cat --block 10k 'cat <<>'").survives_faults(10);
}

#[test]
fn blocks_in_named_pipes() {
    Scenario::of_blocks("-j2 -k --pipe --fifo --block 10k 'cat <<>'").survives_faults(11);
}

#[test]
fn builtins() {
    let stdout = "12000 in
"
    .repeat(5);
    Scenario::of_values("-j2 -k '@count -l <>' ::: in in in in in", stdout).survives_faults(12);
}

#[test]
fn one_result_of_all_jobs() {
    let sum = 5 * (0..12_000).sum::<usize>();
    Scenario::of_values(
        "-j2 @sum ::: in in in in in",
        format!(
            "{sum}
"
        ),
    )
    .survives_faults(13);
}

#[test]
fn pipelines_of_programs_and_builtins() {
    let job = "-j2 -k 'cat <> | @grep -v x | sort -n | @count -l && echo done' ::: in in in in in";
    Scenario::of_values(
        job,
        "12000
done
"
        .repeat(5),
    )
    .survives_faults(14);
}

#[test]
fn values_from_a_stream() {
    let scenario = Scenario {
        stdin: "five",
        ..Scenario::of_values("-j2 -k --retries 2 --timeout 9 echo", each("<>"))
    };
    scenario.survives_faults(15);
}

#[test]
fn a_run_that_goes_on_with_its_log() {
    let scenario = Scenario {
        goes_on: true,
        ..Scenario::of_jobs("-j2 --resume \"$JOB\" ::: 1 2 3 4 5")
    };
    scenario.survives_faults(16);
}

#[test]
fn directories_and_files_of_jobs() {
    let args = "-j2 --wd d --tmpl 'five=t.<>' --cleanup \"$JOB\" ::: 1 2 3 4 5";
    Scenario::of_jobs(args).survives_faults(17);
}

/// A thread's first call of that name opens the directory of a job, or its FIFO.
#[test]
fn a_job_whose_files_lack_a_descriptor_waits_for_room() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    let of_wd = Scenario::of_jobs("-j2 --wd d \"$JOB\" ::: 1 2 3 4 5");
    let of_tmpl = Scenario::of_jobs("-j2 --tmpl 'five=t.<>' --cleanup \"$JOB\" ::: 1 2 3 4 5");
    let of_cat = Scenario::of_blocks("-j2 -k --pipe --cat --block 10k 'cat <<>'");
    let of_fifo = Scenario::of_blocks("-j2 -k --pipe --fifo --block 10k 'cat <<>'");
    for scenario in [of_wd, of_tmpl, of_cat, of_fifo] {
        for start in STARTS {
            let fault = Fault {
                calls: "openat",
                error: "EMFILE",
                place: 1,
                start,
            };
            let output = scenario.run(Some(fault));
            let said = text(&output.stderr);
            assert!(output.status.success(), "{}: {said}", scenario.args);
            assert_eq!(scenario.loss(&output), None, "{}", scenario.args);
        }
    }
}

#[test]
fn a_signal_while_a_range_is_read_is_no_error() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    for args in [
        "-j2 -k --pipe --cat --block 10k 'cat <<>'",
        "-j2 -k --pipe --fifo --block 10k 'cat <<>'",
    ] {
        let scenario = Scenario::of_blocks(args);
        for place in 1..=3 {
            let fault = Fault {
                calls: "pread64",
                error: "EINTR",
                place,
                start: STARTS[0],
            };
            let output = scenario.run(Some(fault));
            assert_eq!(scenario.problem(fault, &output), None, "{args} {place}");
        }
    }
}

/// The writer's first calls of that name open the files of results.
#[test]
fn a_signal_while_results_are_opened_is_no_error() {
    if !can_inject() {
        skip!("strace is not installed or not permitted");
    }
    let scenario = Scenario {
        arrived: stored,
        ..Scenario::of_jobs("-j2 --results results \"$JOB\" ::: 1 2 3 4 5")
    };
    for place in 1..=5 {
        let fault = Fault {
            calls: "openat",
            error: "EINTR",
            place,
            start: STARTS[0],
        };
        let output = scenario.run(Some(fault));
        let trace = text(&fs::read(output.path("trace")).expect("strace wrote it"));
        assert!(trace.contains("EINTR"), "{trace}");
        assert_eq!(scenario.problem(fault, &output), None, "{trace}");
    }
}

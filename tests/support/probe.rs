//! `probe VERB ARG...`: a job that does one exact thing for a test.
//!
//! Plain `sh` is preferred where it is exact; these are the cases where it is not.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{self, Command, ExitCode, Stdio};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Signal, getpid, kill_process};
use signal_hook::consts::signal::*;
use signal_hook::iterator::Signals;
use signal_hook::low_level;

mod obey;
mod pattern;
mod sandbox;

const USAGE: &str = "\
usage: probe VERB ARG...
  args [-0] ARG...     print each argument, ended by a newline, or by NUL
  await FILE           return when FILE exists
  cat-slowly [BYTES]   copy stdin to stdout, BYTES (64) every 5 ms
  count-lines          print the number of newlines on stdin
  die SIG              end by that signal's number
  exit N               end with that status
  fds                  list open descriptors and what they are
  hold FILE            leave a child that keeps the pipes; its process id is in FILE
  ignore-term FILE     live on after TERM; FILE says that it is ready
  lacks CALL,... PROGRAM ARG...
                       run it as on a system without these system calls
  linger               sleep for a minute
  meet DIR N           return when N of these have come to DIR
  obey                 do what each line on stdin says: say TEXT, many TEXT, exit N, ...
  sigmask              print the mask of blocked signals, in hexadecimal
  signals FILE         append the name of each signal received to FILE, until killed
  write OUT ERR        write that many bytes of the pattern to stdout and stderr
";

/// Exit status after a wait that took too long.
const TOO_LATE: u8 = 9;

const LONGEST_WAIT: Duration = Duration::from_secs(10);

const LINGER: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    let Some((verb, rest)) = args.split_first() else {
        return usage();
    };
    match run(verb, rest) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("probe: {}: {error}", verb.display());
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprint!("{USAGE}");
    ExitCode::FAILURE
}

fn run(verb: &OsStr, args: &[OsString]) -> io::Result<ExitCode> {
    match (verb.as_bytes(), args) {
        (b"args", args) => print_args(args)?,
        (b"await", [file]) => return Ok(wait_until(|| Path::new(file).exists())),
        (b"cat-slowly", []) => cat_slowly(64)?,
        (b"cat-slowly", [size]) => cat_slowly(number(size)?)?,
        (b"count-lines", []) => count_lines()?,
        (b"die", [signal]) => die(number(signal)?)?,
        (b"exit", [status]) => return Ok(ExitCode::from(number::<u8>(status)?)),
        (b"fds", []) => list_fds()?,
        (b"hold", [file]) => hold(Path::new(file))?,
        (b"ignore-term", [file]) => ignore_term(Path::new(file))?,
        (b"lacks", [calls, program, args @ ..]) => return sandbox::run(calls, program, args),
        (b"linger", []) => thread::sleep(LINGER),
        (b"meet", [dir, count]) => return meet(Path::new(dir), number(count)?),
        (b"obey", []) => return obey::obey(),
        (b"sigmask", []) => print_sigmask()?,
        (b"signals", [file]) => record_signals(Path::new(file))?,
        (b"write", [out, err]) => write_pattern(number(out)?, number(err)?)?,
        _ => return Ok(usage()),
    }
    Ok(ExitCode::SUCCESS)
}

fn number<N: FromStr>(text: &OsStr) -> io::Result<N> {
    text.to_str()
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| io::Error::other(format!("'{}' is not a number", text.display())))
}

fn print_args(args: &[OsString]) -> io::Result<()> {
    let (end, args) = match args.split_first() {
        Some((first, rest)) if first == "-0" => (b"\0", rest),
        _ => (b"\n", args),
    };
    let mut text = Vec::new();
    for arg in args {
        text.extend(arg.as_bytes());
        text.extend(end);
    }
    io::stdout().write_all(&text)
}

fn wait_until(mut done: impl FnMut() -> bool) -> ExitCode {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > LONGEST_WAIT {
            return ExitCode::from(TOO_LATE);
        }
        thread::sleep(Duration::from_millis(2));
    }
    ExitCode::SUCCESS
}

fn meet(dir: &Path, count: usize) -> io::Result<ExitCode> {
    File::create(dir.join(format!("met.{}", process::id())))?;
    let present = || {
        fs::read_dir(dir).map_or(0, |entries| {
            entries
                .flatten()
                .filter(|entry| entry.file_name().as_bytes().starts_with(b"met."))
                .count()
        })
    };
    Ok(wait_until(|| present() >= count))
}

fn cat_slowly(size: usize) -> io::Result<()> {
    let mut buffer = vec![0; size.max(1)];
    loop {
        match io::stdin().read(&mut buffer)? {
            0 => return Ok(()),
            n => io::stdout().write_all(&buffer[..n])?,
        }
        io::stdout().flush()?;
        thread::sleep(Duration::from_millis(5));
    }
}

fn count_lines() -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    let mut lines = 0;
    loop {
        match io::stdin().read(&mut buffer)? {
            0 => break,
            n => lines += buffer[..n].iter().filter(|&&byte| byte == b'\n').count(),
        }
    }
    println!("{lines}");
    Ok(())
}

/// Undoes what Rust's start did (SIGPIPE) before it lets the signal act.
fn die(signal: i32) -> io::Result<()> {
    if signal == SIGKILL {
        kill_process(getpid(), Signal::KILL)?;
    }
    low_level::emulate_default_handler(signal)
}

fn list_fds() -> io::Result<()> {
    let mut open = BTreeMap::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let entry = entry?;
        // The descriptor of this very listing is gone by the time that it is looked up.
        if let (Ok(fd), Ok(target)) = (
            number::<u32>(&entry.file_name()),
            fs::read_link(entry.path()),
        ) && !target.starts_with(format!("/proc/{}/fd", process::id()))
        {
            open.insert(fd, target);
        }
    }
    for (fd, target) in open {
        println!("{fd} {}", target.display());
    }
    Ok(())
}

fn hold(file: &Path) -> io::Result<()> {
    let child = Command::new(env::current_exe()?)
        .arg("linger")
        .stdin(Stdio::null())
        .spawn()?;
    appear(file, child.id().to_string().as_bytes())
}

fn ignore_term(file: &Path) -> io::Result<()> {
    let _caught = Signals::new([SIGTERM])?;
    appear(file, b"")?;
    thread::sleep(LINGER);
    Ok(())
}

fn record_signals(file: &Path) -> io::Result<()> {
    let mut signals = Signals::new([
        SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP, SIGWINCH,
    ])?;
    appear(file, b"")?;
    let mut record = OpenOptions::new().append(true).open(file)?;
    for signal in signals.forever() {
        let name = low_level::signal_name(signal).unwrap_or("unknown");
        record.write_all(format!("{name}\n").as_bytes())?;
    }
    Ok(())
}

/// Makes a file with its contents in one step, so that whoever waits for it finds it whole.
fn appear(file: &Path, contents: &[u8]) -> io::Result<()> {
    let unfinished = file.with_extension(format!("{}", process::id()));
    fs::write(&unfinished, contents)?;
    fs::rename(&unfinished, file)
}

fn print_sigmask() -> io::Result<()> {
    let status = fs::read_to_string("/proc/thread-self/status")?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
    println!("{}", mask.unwrap_or("unknown").trim());
    Ok(())
}

/// Writes to both streams by turns, so that whoever reads one to its end first
/// never sees that end.
fn write_pattern(out: usize, err: usize) -> io::Result<()> {
    const PIECE: usize = 1 << 17;
    let (out, err) = (pattern::pattern(out), pattern::pattern(err));
    let (mut out, mut err) = (out.chunks(PIECE), err.chunks(PIECE));
    loop {
        let (to_out, to_err) = (out.next(), err.next());
        if to_out.is_none() && to_err.is_none() {
            return io::stdout().flush();
        }
        io::stderr().write_all(to_err.unwrap_or_default())?;
        io::stdout().write_all(to_out.unwrap_or_default())?;
    }
}

//! `probe obey`: a worker that does what each message says, for better or worse.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::{self, ExitCode};
use std::thread;

use rustix::process::{Signal, getpid, kill_process};

use super::{LINGER, TOO_LATE, die, number, pattern, wait_until};

/// Answers one message after the other. A message is words with blanks between them; what is
/// behind the first word is its text.
pub(super) fn obey() -> io::Result<ExitCode> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (verb, text) = line.split_once(' ').unwrap_or((&line, ""));
        match verb {
            "say" => write(&format!("{text}\n"))?,
            // An answer in two pieces, with a word of warning between them.
            "halves" => {
                write(&text[..1])?;
                eprintln!("half of {text}");
                write(&format!("{}\n", &text[1..]))?;
            }
            "many" => write(&format!("{text}\n{text}\n"))?,
            "little" => write(text)?,
            "pid" => write(&format!("{}\n", process::id()))?,
            "warn" => {
                eprintln!("{text}");
                write("warned\n")?;
            }
            "bytes" => {
                let count: usize = number(text.as_ref())?;
                let bytes: Vec<u8> = pattern::pattern(count);
                let line = bytes.iter().map(|byte| b'a' + byte % 26);
                io::stdout().write_all(&line.collect::<Vec<u8>>())?;
                write("\n")?;
            }
            "length" => write(&format!("{}\n", text.len()))?,
            "await" if wait_until(|| Path::new(text).exists()) == ExitCode::SUCCESS => {
                write("found\n")?;
            }
            "await" => return Ok(ExitCode::from(TOO_LATE)),
            "last" => {
                write(&format!("{text}\n"))?;
                return Ok(ExitCode::from(3));
            }
            "close" => {
                rustix::stdio::dup2_stdout(std::fs::File::open("/dev/null")?)?;
            }
            "stop" => kill_process(getpid(), Signal::STOP)?,
            "exit" => return Ok(ExitCode::from(number::<u8>(text.as_ref())?)),
            "die" => die(number(text.as_ref())?)?,
            "linger" => thread::sleep(LINGER),
            _ => return Ok(ExitCode::FAILURE),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

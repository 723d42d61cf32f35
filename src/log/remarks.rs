//! Remarks about single jobs where they happen: `prun: job 3: command not found`.

use std::collections::HashSet;

use memchr::memmem;

use crate::exec::capture::last_line;
use crate::job::{AttemptRecord, Outcome};
use crate::observer::{Observer, ObserverAnswers, RunEvent};
use crate::os::signal_name;

/// Amount of prun's own messages about jobs on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Remarks, and failed jobs at the end.
    Normal,
    /// `--quiet`: remarks.
    Quiet,
    /// `--gnu`: no message, but that a job was ended for want of the terminal.
    Silent,
}

/// Observer that makes the remarks.
#[derive(Debug)]
pub(crate) struct JobRemarks {
    verbosity: Verbosity,
    /// Commands run in a plain shell, and bash was not recommended yet.
    recommends_bash: bool,
    /// Output was lost, and the user was told: jobs that are stopped for it need no remark.
    is_output_lost: bool,
    /// It was told that a job was suspended.
    told_suspension: bool,
    /// Programs that were reported missing.
    missing: HashSet<String>,
}

impl JobRemarks {
    pub(crate) fn new(verbosity: Verbosity, needs_plain_shell: bool) -> Self {
        JobRemarks {
            verbosity,
            recommends_bash: needs_plain_shell,
            is_output_lost: false,
            told_suspension: false,
            missing: HashSet::new(),
        }
    }

    /// The remark about a job of whose output `pending` bytes were printed only now.
    fn remark(&mut self, record: &AttemptRecord, pending: u64) -> Option<String> {
        let seq = record.job.seq;
        if let Outcome::WantedTerminal(_) = record.outcome {
            // GNU parallel would wait for ever.
            return Some(format!(
                "prun: job {seq} wanted the terminal\nhint: --tty gives it to one job at a time\n"
            ));
        }
        if self.verbosity == Verbosity::Silent {
            return None;
        }
        match &record.outcome {
            Outcome::NotFound(why) => {
                (self.missing.insert(why.clone())).then(|| format!("prun: job {seq}: {why}\n"))
            }
            Outcome::NotExecutable(why) | Outcome::GivenUp(why) | Outcome::Refused(why) => {
                Some(format!("prun: job {seq}: {why}\n"))
            }
            Outcome::Stopped(_) if self.is_output_lost => None,
            Outcome::Stopped(signal) if pending > 0 || record.received > 0 => Some(format!(
                "prun: job {seq}: cut off by {}\n",
                signal_name::name(*signal)
            )),
            _ if record.leaked => Some(format!(
                "prun: warning: job {seq} left a process holding its output\nhint: --leak wait reads until it ends\n"
            )),
            // The status of a syntax error in dash, ksh, busybox; zsh has 1.
            Outcome::Exited(1 | 2)
                if self.recommends_bash
                    && memmem::find(&record.last_words, b"yntax error").is_some() =>
            {
                self.recommends_bash = false;
                Some("hint: --shell bash\n".to_owned())
            }
            _ => None,
        }
    }
}

impl Observer for JobRemarks {
    fn observe(&mut self, event: &RunEvent<'_>, answers: &mut ObserverAnswers) {
        match *event {
            RunEvent::OutputDelivered { record, pending } => {
                if record.cut && self.verbosity != Verbosity::Silent {
                    answers.message(cut_line(record.job.seq));
                }
                if let Some(text) = self.remark(record, pending) {
                    answers.message(text);
                }
            }
            RunEvent::Requeued(job) if self.verbosity != Verbosity::Silent => {
                answers.message(format!(
                    "prun: job {} was stopped to make room and will run again\n",
                    job.seq
                ));
            }
            RunEvent::PutOff(job) if self.verbosity != Verbosity::Silent => {
                answers.message(format!(
                    "prun: job {} was stopped again to make room and will run alone\n",
                    job.seq
                ));
            }
            // Told once: it may be so every other second.
            RunEvent::Suspended(seq)
                if self.verbosity != Verbosity::Silent && !self.told_suspension =>
            {
                self.told_suspension = true;
                answers.message(format!(
                    "prun: memory is short: job {seq} is suspended until more is available\n"
                ));
            }
            RunEvent::OutputLost => self.is_output_lost = true,
            _ => {}
        }
    }
}

fn cut_line(seq: u64) -> String {
    let most = last_line::MOST >> 10;
    format!("prun: warning: job {seq}: only the first {most} KiB of its last line were kept\n")
}

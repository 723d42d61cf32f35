//! Names of signals, as kill(1) has them.

use std::ffi::CStr;

use libc::{
    SIGABRT, SIGALRM, SIGBUS, SIGCHLD, SIGCONT, SIGFPE, SIGHUP, SIGILL, SIGINT, SIGIO, SIGKILL,
    SIGPIPE, SIGPROF, SIGQUIT, SIGSEGV, SIGSTOP, SIGSYS, SIGTERM, SIGTRAP, SIGTSTP, SIGTTIN,
    SIGTTOU, SIGURG, SIGUSR1, SIGUSR2, SIGVTALRM, SIGWINCH, SIGXCPU, SIGXFSZ,
};

const NAMES: [(&str, i32); 29] = [
    ("HUP", SIGHUP),
    ("INT", SIGINT),
    ("QUIT", SIGQUIT),
    ("ILL", SIGILL),
    ("TRAP", SIGTRAP),
    ("ABRT", SIGABRT),
    ("BUS", SIGBUS),
    ("FPE", SIGFPE),
    ("KILL", SIGKILL),
    ("USR1", SIGUSR1),
    ("SEGV", SIGSEGV),
    ("USR2", SIGUSR2),
    ("PIPE", SIGPIPE),
    ("ALRM", SIGALRM),
    ("TERM", SIGTERM),
    ("CHLD", SIGCHLD),
    ("CONT", SIGCONT),
    ("STOP", SIGSTOP),
    ("TSTP", SIGTSTP),
    ("TTIN", SIGTTIN),
    ("TTOU", SIGTTOU),
    ("URG", SIGURG),
    ("XCPU", SIGXCPU),
    ("XFSZ", SIGXFSZ),
    ("VTALRM", SIGVTALRM),
    ("PROF", SIGPROF),
    ("WINCH", SIGWINCH),
    ("IO", SIGIO),
    ("SYS", SIGSYS),
];

/// System's description of a signal: `Killed`, `Segmentation fault`.
pub(crate) fn describe(number: i32) -> Vec<u8> {
    // SAFETY: strsignal(3) returns a text that lasts until this thread calls it again, or
    // null where it does not know the signal.
    let text = unsafe {
        let text = libc::strsignal(number);
        (!text.is_null()).then(|| CStr::from_ptr(text).to_bytes().to_vec())
    };
    text.unwrap_or_else(|| name(number).into_bytes())
}

/// Highest number of a real-time signal on Linux.
pub(crate) const HIGHEST: i32 = 64;

/// Number of `TERM`, `SIGTERM`, `term` or `15`.
pub(crate) fn number(text: &str) -> Option<i32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text
            .parse()
            .ok()
            .filter(|number| (1..=HIGHEST).contains(number));
    }
    let upper = text.to_ascii_uppercase();
    let wanted = upper.strip_prefix("SIG").unwrap_or(&upper);
    let found = NAMES.iter().find(|(name, _)| *name == wanted);
    found.map(|&(_, number)| number)
}

/// Name of a signal: `SIGTERM`; `signal 40` for one that has none.
pub(crate) fn name(number: i32) -> String {
    match NAMES.iter().find(|&&(_, known)| known == number) {
        Some((name, _)) => format!("SIG{name}"),
        None => format!("signal {number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_go_both_ways() {
        for text in ["TERM", "SIGTERM", "term", "sigterm", "15"] {
            assert_eq!(number(text), Some(15), "{text}");
        }
        for text in ["", "SIG", "0", "65", "-1", "NOPE"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!(number("40"), Some(40));
        assert_eq!(name(9), "SIGKILL");
        assert_eq!(name(40), "signal 40");
    }
}

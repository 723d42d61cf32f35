//! A sandbox in which some system calls do not exist (seccomp(2)).

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Offset of the number of the call in the data of a filter.
const NUMBER: u32 = 0;

/// Runs a program in place of this one, in which `calls` fail with `ENOSYS`.
pub(crate) fn run(calls: &OsStr, program: &OsStr, args: &[OsString]) -> io::Result<ExitCode> {
    refuse(&numbers(calls)?)?;
    Err(Command::new(program).args(args).exec())
}

fn numbers(calls: &OsStr) -> io::Result<Vec<u32>> {
    let calls = calls.to_string_lossy();
    let numbers = calls.split(',').map(|call| match call {
        "clone" => Ok(libc::SYS_clone as u32),
        "clone3" => Ok(libc::SYS_clone3 as u32),
        "openat2" => Ok(libc::SYS_openat2 as u32),
        "pidfd_open" => Ok(libc::SYS_pidfd_open as u32),
        "prctl" => Ok(libc::SYS_prctl as u32),
        _ => Err(io::Error::other(format!("what number has '{call}'?"))),
    });
    numbers.collect()
}

fn refuse(calls: &[u32]) -> io::Result<()> {
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let compare = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
    let refuse = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
    let mut filter = vec![statement(load, NUMBER)];
    for &call in calls {
        filter.push(libc::sock_filter {
            jf: 1, // skip the next one
            ..statement(compare, call)
        });
        filter.push(statement(libc::BPF_RET | libc::BPF_K, refuse));
    }
    filter.push(statement(
        libc::BPF_RET | libc::BPF_K,
        libc::SECCOMP_RET_ALLOW,
    ));
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    let none: libc::c_ulong = 0;
    // SAFETY: the calls take numbers and a program that lives until they return.
    unsafe {
        // Whoever is not root may filter only what cannot gain rights.
        checked(libc::prctl(
            libc::PR_SET_NO_NEW_PRIVS,
            1 as libc::c_ulong,
            none,
            none,
            none,
        ))?;
        let mode = libc::SECCOMP_MODE_FILTER as libc::c_ulong;
        checked(libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program))
    }
}

fn statement(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    }
}

fn checked(result: i32) -> io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

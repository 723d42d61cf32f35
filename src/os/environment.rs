//! Environment of children: prun's own, made into a block once, and the variables of each
//! job.

use std::env;
use std::ffi::{CString, OsStr, OsString, c_char};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::sync::OnceLock;

/// Variables that prun was started with, as `NAME=value`.
static OWN: OnceLock<Vec<CString>> = OnceLock::new();

/// Environment of one child. `pointers` are into prun's own variables and into `_added`.
pub(super) struct ChildEnvironment {
    pointers: Vec<*const c_char>,
    _added: Vec<CString>,
}

impl ChildEnvironment {
    /// Puts `added` variables over prun's own; later ones win.
    ///
    /// # Errors
    /// `InvalidInput` for a variable with a NUL byte.
    pub(super) fn new(added: &[(OsString, OsString)]) -> io::Result<ChildEnvironment> {
        let own = OWN.get_or_init(own);
        let replaced = |entry: &&CString| added.iter().any(|(name, _)| is_of(entry, name));
        let kept = own.iter().filter(|entry| !replaced(entry));
        let mut pointers = Vec::with_capacity(own.len() + added.len() + 1);
        pointers.extend(kept.map(|entry| entry.as_ptr()));
        let mut entries = Vec::with_capacity(added.len());
        for (at, (name, value)) in added.iter().enumerate() {
            if added[at + 1..].iter().all(|(later, _)| later != name) {
                entries.push(entry(name, value)?);
            }
        }
        pointers.extend(entries.iter().map(|entry| entry.as_ptr()));
        pointers.push(std::ptr::null());
        Ok(ChildEnvironment {
            pointers,
            _added: entries,
        })
    }

    /// Array for execve(2), with a null pointer at the end.
    pub(super) fn pointers(&self) -> &[*const c_char] {
        &self.pointers
    }
}

fn own() -> Vec<CString> {
    env::vars_os()
        .filter_map(|(name, value)| entry(&name, &value).ok())
        .collect()
}

fn entry(name: &OsStr, value: &OsStr) -> io::Result<CString> {
    let mut text = OsString::with_capacity(name.len() + value.len() + 2);
    text.push(name);
    text.push("=");
    text.push(value);
    Ok(CString::new(text.into_vec())?)
}

fn is_of(entry: &CString, name: &OsStr) -> bool {
    let rest = entry.as_bytes().strip_prefix(name.as_bytes());
    rest.is_some_and(|rest| rest.first() == Some(&b'='))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    #[test]
    fn later_variables_win_and_none_is_there_twice() {
        let added = [("PATH", "one"), ("NEW", "two"), ("PATH", "three")];
        let added = added.map(|(name, value)| (name.into(), value.into()));
        let environment = ChildEnvironment::new(&added).unwrap();
        let (end, pointers) = environment.pointers().split_last().unwrap();
        assert!(end.is_null());
        let entries: Vec<&CStr> = pointers
            .iter()
            // SAFETY: the environment keeps its strings while it lives.
            .map(|&pointer| unsafe { CStr::from_ptr(pointer) })
            .collect();
        let of = |name: &[u8]| -> Vec<&&CStr> {
            let entries = entries.iter();
            entries
                .filter(|entry| entry.to_bytes().starts_with(name))
                .collect()
        };
        assert_eq!(of(b"PATH="), [&c"PATH=three"]);
        assert_eq!(of(b"NEW="), [&c"NEW=two"]);
    }

    #[test]
    fn a_nul_byte_is_an_error() {
        let added = [("A".into(), OsString::from_vec(b"x\0y".to_vec()))];
        assert!(ChildEnvironment::new(&added).is_err());
    }
}

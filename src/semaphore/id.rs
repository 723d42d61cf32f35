//! Names of semaphores.

/// A semaphore of this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SemaphoreId {
    /// Name of its files: a hash, since an id may be any bytes.
    pub(super) key: String,
    /// As messages call it.
    pub(super) shown: String,
}

impl SemaphoreId {
    /// `--id NAME`
    pub(crate) fn named(name: &[u8]) -> SemaphoreId {
        let shown = format!("semaphore '{}'", String::from_utf8_lossy(name));
        SemaphoreId::new("id", name, shown)
    }

    /// That of the controlling terminal with this number, or without one that of the user.
    pub(crate) fn usual(terminal: Option<u64>) -> SemaphoreId {
        match terminal {
            Some(number) => {
                let shown = "semaphore of this terminal".to_owned();
                SemaphoreId::new("terminal", &number.to_le_bytes(), shown)
            }
            None => SemaphoreId::new("user", b"", "semaphore without a name".to_owned()),
        }
    }

    fn new(kind: &str, name: &[u8], shown: String) -> SemaphoreId {
        let mut hasher = blake3::Hasher::new();
        hasher.update(kind.as_bytes()).update(b"\0").update(name);
        let mut key = hasher.finalize().to_hex().to_string();
        key.truncate(32);
        SemaphoreId { key, shown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_has_files_of_its_own() {
        let ids = [
            SemaphoreId::named(b""),
            SemaphoreId::named(b"a"),
            SemaphoreId::named(b"../a\xff\n"),
            SemaphoreId::usual(None),
            SemaphoreId::usual(Some(1)),
            SemaphoreId::usual(Some(2)),
        ];
        for (at, id) in ids.iter().enumerate() {
            assert!(id.key.len() == 32 && id.key.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(ids[..at].iter().all(|other| other.key != id.key));
        }
    }
}

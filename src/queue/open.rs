//! Opening a queue, and making one.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf, absolute};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::{Access, access};

use super::file::{QueueFile, QueueSync};
use crate::error::{Error, Result};

/// `prun` in ASCII: tells file(1) and other programs whose database it is.
const APPLICATION: i32 = 0x7072_756e;

/// Version of the tables. A higher one may have what this prun would not understand.
const VERSION: i32 = 1;

/// Tables of a queue. An entry that is done is gone, and a counter tells of it: a queue that is
/// followed for years does not grow.
const TABLES: &str = "
    CREATE TABLE entries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        priority INTEGER NOT NULL,
        state INTEGER NOT NULL DEFAULT 0,  -- 0 waits, 1 runs, 2 has failed
        taker INTEGER,                     -- where it runs,
        seq INTEGER,                       -- and its number there
        command BLOB,
        shell BLOB,
        directory BLOB NOT NULL,
        vals BLOB NOT NULL
    ) STRICT;
    CREATE INDEX waiting ON entries (priority DESC, id) WHERE state = 0;
    CREATE INDEX running ON entries (taker, seq) WHERE state = 1;
    CREATE INDEX failed ON entries (id) WHERE state = 2;
    CREATE TABLE counters (done INTEGER NOT NULL, takers INTEGER NOT NULL) STRICT;
    INSERT INTO counters VALUES (0, 0);
";

/// File systems whose files other hosts have as well, by statfs(2). Processes on two hosts
/// share no memory, which SQLite's log wants, and locks may not hold there.
#[cfg(target_os = "linux")]
const NETWORK: [(u64, &str); 9] = [
    (0x6969, "NFS"),
    (0x517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x5346_414f, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x1983_0326, "BeeGFS"),
];

/// Symbolic links that lead to a file that is not there yet, at most.
const MOST_LINKS: usize = 40;

/// What becomes of a file that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MissingQueue {
    Created,
    Error,
}

/// Use of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QueueAccess {
    Read,
    Write(QueueSync),
}

/// Opens a queue.
///
/// # Errors
/// The file is something else, of a newer version, on another host, or cannot be opened.
pub(super) fn open(name: &Path, missing: MissingQueue, use_as: QueueAccess) -> Result<QueueFile> {
    let failed = |error: &io::Error| {
        Error::new(format!("cannot open the queue '{}'", name.display())).because(error)
    };
    let path = real_path(name).map_err(|error| failed(&error))?;
    check_file_system(name, &path)?;
    match fs::metadata(&path) {
        Ok(status) if status.is_dir() => {
            return Err(failed(&rustix::io::Errno::ISDIR.into()));
        }
        Ok(status) if !status.is_file() => {
            return Err(failed(&io::Error::other("it is no regular file")));
        }
        Ok(status) if status.nlink() > 1 => return Err(several_names(name)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
        Err(error) if missing == MissingQueue::Error => {
            return Err(
                failed(&error).hint("--put makes it: prun --queue FILE --put COMMAND ::: VALUE")
            );
        }
        _ => {}
    }
    if use_as != QueueAccess::Read {
        check_permission(name, &path)?;
    }
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(
        OpenFlags::SQLITE_OPEN_CREATE,
        missing == MissingQueue::Created,
    );
    let connection = Connection::open_with_flags(&path, flags).map_err(|error| {
        Error::new(format!(
            "cannot open the queue '{}': {error}",
            name.display()
        ))
    })?;
    let mut file = QueueFile::new(name, path, connection)?;
    let is_new = !is_queue(&file)?;
    if is_new && missing == MissingQueue::Error {
        return Err(file.foreign("it is empty"));
    }
    if is_new {
        create(&mut file)?;
    }
    if let QueueAccess::Write(sync) = use_as {
        // Also of a queue whose creator was killed before it came to that.
        set_log(&file)?;
        file.set_sync(sync)?;
    }
    Ok(file)
}

/// Tells whether the file is a queue; an empty one may become one.
///
/// # Errors
/// It is something else, or has a newer version.
fn is_queue(file: &QueueFile) -> Result<bool> {
    // One statement, which sees one state: another process may be making the queue.
    let identity = file.reader().query_row(
        "SELECT application_id, user_version, EXISTS (SELECT 1 FROM sqlite_schema)
         FROM pragma_application_id, pragma_user_version",
        [],
        |row| Ok((row.get::<_, i32>(0)?, row.get::<_, i32>(1)?, row.get(2)?)),
    );
    match identity.map_err(|error| file.unreadable(&error))? {
        (0, 0, false) => Ok(false),
        (APPLICATION, VERSION, _) => Ok(true),
        (APPLICATION, version, _) => Err(Error::new(format!(
            "the queue '{file}' has version {version}, and this prun knows version {VERSION}"
        ))
        .hint("prun --version; a newer prun has written to it")),
        _ => Err(file.foreign("it is the database of another program")),
    }
}

/// Makes the tables, unless another process has made them by now.
fn create(file: &mut QueueFile) -> Result<()> {
    file.change(|transaction| {
        let is_made =
            transaction.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| {
                row.get(0)
            })?;
        if is_made {
            return Ok(());
        }
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.execute_batch(TABLES)
    })?;
    is_queue(file).map(drop)
}

/// Lets the queue have a write-ahead log: readers wait for nobody, and a commit is one write.
fn set_log(file: &QueueFile) -> Result<()> {
    let mode = file
        .reader()
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
        .map_err(|error| file.unwritable(&error))?;
    if mode == "wal" {
        return Ok(());
    }
    Err(Error::new(format!(
        "the queue '{file}' cannot have a write-ahead log: its file system does not share memory between processes"
    ))
    .hint("put it on a local disk"))
}

/// Error of a file with hard links. SQLite's log and the takers are found by name, so that users
/// of one name would know nothing of those of another.
fn several_names(name: &Path) -> Error {
    let message = format!("the queue '{}' has more than one name", name.display());
    let quoted = shell_words::quote(&name.to_string_lossy()).into_owned();
    Error::new(message).hint(format!(
        "find \"$(stat -c %m {quoted})\" -xdev -samefile {quoted} finds its hard links: keep one"
    ))
}

/// The path of a file that may not be there, without symbolic links.
fn real_path(name: &Path) -> io::Result<PathBuf> {
    let mut path = absolute(name)?;
    for _ in 0..MOST_LINKS {
        match path.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let directory = path.parent().unwrap_or(Path::new("/")).canonicalize()?;
        match fs::read_link(&path) {
            Ok(target) => path = directory.join(target),
            Err(_) => return Ok(directory.join(path.file_name().unwrap_or_default())),
        }
    }
    Err(rustix::io::Errno::LOOP.into())
}

/// Refuses network file systems.
#[cfg(target_os = "linux")]
fn check_file_system(name: &Path, path: &Path) -> Result<()> {
    if let Some(directory) = path.parent()
        && let Ok(status) = rustix::fs::statfs(directory)
        && let Some(kind) = network_name(status.f_type as u64)
    {
        return Err(Error::new(format!(
            "the queue '{}' is on a network file system ({kind})",
            name.display()
        ))
        .hint("put it on a local disk: it can be shared by processes of one host"));
    }
    Ok(())
}

/// Network file systems have other numbers elsewhere, or none.
#[cfg(not(target_os = "linux"))]
fn check_file_system(_: &Path, _: &Path) -> Result<()> {
    Ok(())
}

/// The name of a network file system, by its number.
#[cfg(target_os = "linux")]
fn network_name(kind: u64) -> Option<&'static str> {
    let known = NETWORK
        .iter()
        .find(|(number, _)| *number == kind & 0xffff_ffff);
    known.map(|(_, name)| *name)
}

/// Tells early, and by the system's reason, what SQLite tells late and in its own words.
fn check_permission(name: &Path, path: &Path) -> Result<()> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    for place in [path, directory] {
        match access(place, Access::WRITE_OK) {
            Ok(()) | Err(rustix::io::Errno::NOENT) => {}
            Err(error) => {
                let beside = if place == path {
                    ""
                } else {
                    ", whose directory has to be writable"
                };
                return Err(Error::new(format!(
                    "cannot write the queue '{}'{beside}",
                    name.display()
                ))
                .because(&error.into()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_known() {
        assert_eq!(network_name(0x6969), Some("NFS"));
        // Some systems extend the sign of the number.
        assert_eq!(network_name(0xffff_ffff_ff53_4d42), Some("CIFS"));
        // ext4, tmpfs, overlay, FUSE.
        for local in [0xef53, 0x0102_1994, 0x794c_7630, 0x6573_5546] {
            assert_eq!(network_name(local), None);
        }
    }

    #[test]
    fn links_lead_to_files_that_are_not_there_yet() {
        let directory = tempfile::tempdir().unwrap();
        let real = directory.path().canonicalize().unwrap();
        let link = |name: &str, target: &str| {
            std::os::unix::fs::symlink(target, real.join(name)).unwrap();
        };
        link("one", "two");
        link("two", "three");
        link("round", "round");
        for name in ["one", "two", "three"] {
            assert_eq!(real_path(&real.join(name)).unwrap(), real.join("three"));
        }
        assert!(real_path(&real.join("round")).is_err());
        assert!(real_path(&real.join("none/four")).is_err());
    }
}

//! The directory of a store: whose it is, which format it has, and that one process has it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::OpenError;

/// The format that this program writes, and the newest that it reads.
const FORMAT: u32 = 1;
const FORMAT_FILE: &str = "FORMAT";
const LOCK_FILE: &str = "LOCK";
const FORMAT_NAME: &str = "hunt-store";
const UNFINISHED: &str = "unfinished";

/// A directory that is locked for this process and holds a store of a format that it knows.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    /// Whether the store in it has never been completed: everything but the lock is to be made.
    pub(crate) is_new: bool,
    lock: File,
}

impl Drop for Directory {
    /// Closing the file would unlock it too, but not while a process that is being started still has a copy of it.
    fn drop(&mut self) {
        if let Err(error) = self.lock.unlock() {
            tracing::warn!(path = %self.path.display(), %error, "the directory could not be unlocked");
        }
    }
}

impl Directory {
    /// Takes `path`, which must be absent, empty, or a store.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let io = |source| OpenError::Io {
            path: path.to_path_buf(),
            source,
        };
        if !path.exists() {
            fs::create_dir_all(path).map_err(io)?;
            path.parent().map_or(Ok(()), sync_directory).map_err(io)?;
        }
        let format = read_format(path)?;
        let lock = lock(path)?;
        let directory = Self {
            path: path.to_path_buf(),
            is_new: format.is_none(),
            lock,
        };
        if directory.is_new {
            directory.write_format(UNFINISHED).map_err(io)?;
            for part in [directory.log(), directory.tables()] {
                if part.exists() {
                    fs::remove_dir_all(&part).map_err(io)?;
                }
                fs::create_dir(&part).map_err(io)?;
            }
            sync_directory(path).map_err(io)?;
        }
        Ok(directory)
    }

    /// Notes that the store is complete: from now on, what is missing has been lost.
    pub(crate) fn finish(&self) -> Result<(), OpenError> {
        let io = |source| OpenError::Io {
            path: self.path.clone(),
            source,
        };
        self.write_format("").map_err(io)
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the log is.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// Where the tables are.
    pub(crate) fn tables(&self) -> PathBuf {
        self.path.join("tables")
    }

    fn write_format(&self, state: &str) -> io::Result<()> {
        let draft = self.path.join("FORMAT.new");
        fs::write(&draft, format!("{FORMAT_NAME} {FORMAT} {state}").trim_end())?;
        File::open(&draft)?.sync_all()?;
        fs::rename(&draft, self.path.join(FORMAT_FILE))?;
        sync_directory(&self.path)
    }
}

/// Makes the names in `path` durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)?.sync_all()
}

/// The format of the store in `path`; none if there is no finished store yet.
fn read_format(path: &Path) -> Result<Option<u32>, OpenError> {
    let io = |source| OpenError::Io {
        path: path.to_path_buf(),
        source,
    };
    let text = match fs::read_to_string(path.join(FORMAT_FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return check_empty(path).map(|()| None);
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => String::new(),
        Err(error) => return Err(io(error)),
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    let damaged = || OpenError::Damaged {
        path: path.join(FORMAT_FILE),
        what: "its text is not that of a store's FORMAT file".to_owned(),
    };
    let (&[FORMAT_NAME, format] | &[FORMAT_NAME, format, UNFINISHED]) = words.as_slice() else {
        return Err(damaged());
    };
    match format.parse::<u32>() {
        Ok(format) if format > FORMAT => Err(OpenError::NewerFormat {
            path: path.to_path_buf(),
            found: format,
            known: FORMAT,
        }),
        Ok(format) if format > 0 => Ok((words.len() == 2).then_some(format)),
        _ => Err(damaged()),
    }
}

fn check_empty(path: &Path) -> Result<(), OpenError> {
    let io = |source| OpenError::Io {
        path: path.to_path_buf(),
        source,
    };
    for entry in fs::read_dir(path).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        if name != LOCK_FILE && name != "FORMAT.new" {
            return Err(OpenError::NotAStore {
                path: path.to_path_buf(),
                found: name.display().to_string(),
            });
        }
    }
    Ok(())
}

fn lock(path: &Path) -> Result<File, OpenError> {
    let io = |source| OpenError::Io {
        path: path.to_path_buf(),
        source,
    };
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path.join(LOCK_FILE))
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked {
            path: path.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[track_caller]
    fn check(prepare: impl FnOnce(&Path), expected: &str) {
        let scratch = Scratch::new("directory");
        prepare(scratch.path());
        let opened = Directory::open(scratch.path());
        let shown = opened.map_or_else(
            |error| error.to_string(),
            |directory| format!("new: {}", directory.is_new),
        );
        let shown = shown.replace(&scratch.path().display().to_string(), "DIR");
        assert!(shown.starts_with(expected), "{shown}");
    }

    #[test]
    fn an_empty_directory_becomes_a_store() {
        check(|_| {}, "new: true");
        check(|path| fs::remove_dir(path).unwrap(), "new: true");
    }

    #[test]
    fn a_store_that_was_never_finished_is_made_anew() {
        check(|path| drop(Directory::open(path).unwrap()), "new: true");
    }

    #[test]
    fn a_finished_store_is_kept() {
        check(
            |path| Directory::open(path).unwrap().finish().unwrap(),
            "new: false",
        );
    }

    #[test]
    fn a_directory_with_other_things_is_refused() {
        check(
            |path| fs::write(path.join("holiday.jpg"), "").unwrap(),
            "DIR is not a store and not empty",
        );
    }

    #[test]
    fn a_newer_format_is_refused() {
        check(
            |path| fs::write(path.join(FORMAT_FILE), "hunt-store 2").unwrap(),
            "the store in DIR has format 2",
        );
    }

    #[test]
    fn a_format_file_that_says_something_else_is_damage() {
        for text in [
            "",
            "hunt-store",
            "hunt-store x",
            "hunt-store 0",
            "other 1",
            "hunt-store 1 2 3",
        ] {
            check(
                |path| fs::write(path.join(FORMAT_FILE), text).unwrap(),
                "DIR/FORMAT is damaged",
            );
        }
    }

    #[test]
    fn one_directory_is_opened_once() {
        let scratch = Scratch::new("directory");
        let first = Directory::open(scratch.path()).unwrap();
        first.finish().unwrap();
        assert!(matches!(
            Directory::open(scratch.path()),
            Err(OpenError::Locked { .. })
        ));
        drop(first);
        assert!(Directory::open(scratch.path()).is_ok());
    }
}

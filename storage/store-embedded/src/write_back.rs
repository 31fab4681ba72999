//! Hands tables to the disk piece by piece while they are being written.
//!
//! The library syncs a table once it is whole: tens of megabytes in one go, behind which the sync of the log, for which
//! everybody waits, stands in the disk's queue for 10 to 20 ms. By then most of it is on the disk already.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd as _;
use std::path::PathBuf;

/// What is under way to the disk at once: a sync of the log waits for that much at most.
pub(crate) const PIECE_BYTES: u64 = 512 << 10;

/// The files that a job adds to a directory.
pub(crate) struct WriteBack {
    directory: PathBuf,
    /// By name; none for what was there before.
    files: BTreeMap<OsString, Option<Growing>>,
}

struct Growing {
    file: File,
    /// What is on the disk, or does not need to be.
    written: u64,
}

impl WriteBack {
    /// For what is added to `directory` from now on.
    pub(crate) fn new(directory: PathBuf) -> Self {
        let mut new = Self {
            directory,
            files: BTreeMap::new(),
        };
        let before = new.names().unwrap_or_default();
        new.files = before.into_iter().map(|name| (name, None)).collect();
        new
    }

    /// Writes whole pieces of what was added, and waits for each. It promises nothing, so what fails is left to the sync.
    pub(crate) fn step(&mut self) {
        if let Err(error) = self.try_step() {
            tracing::debug!(%error, path = %self.directory.display(), "a table goes to the disk in one piece");
        }
    }

    fn try_step(&mut self) -> io::Result<()> {
        for name in self.names()? {
            if !self.files.contains_key(&name) {
                let file = File::open(self.directory.join(&name))?;
                let growing = Growing { file, written: 0 };
                self.files.insert(name, Some(growing));
            }
        }
        self.files
            .values_mut()
            .flatten()
            .try_for_each(Growing::write)
    }

    fn names(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.directory)?
            .map(|entry| Ok(entry?.file_name()))
            .collect()
    }
}

impl Growing {
    fn write(&mut self) -> io::Result<()> {
        let length = self.file.metadata()?.len();
        while self.written + PIECE_BYTES <= length {
            write_range(&self.file, self.written, PIECE_BYTES)?;
            self.written += PIECE_BYTES;
        }
        Ok(())
    }
}

/// Has the kernel write these bytes of the file, if they are only in its memory, and waits until they are written. Not durable: the
/// disk may hold them in its own cache, and the file's size is not written.
pub(crate) fn write_range(file: &File, from: u64, bytes: u64) -> io::Result<()> {
    let flags = libc::SYNC_FILE_RANGE_WAIT_BEFORE
        | libc::SYNC_FILE_RANGE_WRITE
        | libc::SYNC_FILE_RANGE_WAIT_AFTER;
    let (from, bytes) = (from.cast_signed(), bytes.cast_signed());
    // SAFETY: the descriptor is open as long as the file is borrowed; the call takes no pointers.
    match unsafe { libc::sync_file_range(file.as_raw_fd(), from, bytes, flags) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn written(write_back: &WriteBack) -> Vec<(&str, Option<u64>)> {
        write_back
            .files
            .iter()
            .map(|(name, growing)| (name.to_str().unwrap(), growing.as_ref().map(|g| g.written)))
            .collect()
    }

    #[test]
    fn whole_pieces_of_new_files_are_written() {
        let scratch = Scratch::new("write-back");
        fs::create_dir_all(scratch.path()).unwrap();
        let write = |name: &str, pieces: f64| {
            let bytes = vec![1; (pieces * PIECE_BYTES as f64) as usize];
            fs::write(scratch.path().join(name), bytes).unwrap();
        };
        write("before", 3.0);
        let mut write_back = WriteBack::new(scratch.path().to_path_buf());
        write("1", 2.5);
        write_back.step();
        assert_eq!(
            written(&write_back),
            [("1", Some(2 * PIECE_BYTES)), ("before", None)]
        );
        write("1", 3.0);
        write("2", 0.1);
        write_back.step();
        let expected = [
            ("1", Some(3 * PIECE_BYTES)),
            ("2", Some(0)),
            ("before", None),
        ];
        assert_eq!(written(&write_back), expected);
    }

    #[test]
    fn a_directory_that_is_gone_is_left_to_the_sync() {
        let scratch = Scratch::new("write-back-gone");
        let mut write_back = WriteBack::new(scratch.path().join("gone"));
        write_back.step();
        assert!(written(&write_back).is_empty());
    }
}

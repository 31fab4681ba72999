//! The files of the log: written full of zeros before use, used again after.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::LogFault;
use crate::directory::sync_directory;
use crate::write_back::{PIECE_BYTES, write_range};

/// Where the first record of a segment begins: a page of its own for the header.
pub(super) const SEGMENT_HEADER_BYTES: u64 = 4096;

const MAGIC: [u8; 8] = *b"huntlog1";
const HEADER_LEN: usize = 28;
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
const SUFFIX: &str = "log";

/// A segment holds at least so many bytes: its header and one large record.
pub(crate) const fn segment_bytes_min() -> u64 {
    SEGMENT_HEADER_BYTES + 256 * 1024
}

/// One file of the log.
#[derive(Debug)]
pub(crate) struct Segment {
    /// Its number; the next segment has the next one.
    pub(crate) id: u64,
    /// Its length, which never changes.
    pub(crate) bytes: u64,
    /// Where it is.
    pub(crate) path: PathBuf,
    pub(super) file: File,
}

impl Segment {
    /// Makes segment `id` of `bytes` zeros in `directory`, durably.
    pub(crate) fn create(directory: &Path, id: u64, bytes: u64) -> Result<Self, LogFault> {
        let draft = directory.join(format!("{id:020}.tmp"));
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&draft)
            .map_err(LogFault::io("create", &draft))?;
        zero(&file, bytes).map_err(LogFault::io("write zeros to", &draft))?;
        Self::finish(directory, id, bytes, &draft, file)
    }

    /// Makes segment `id` of this one, whose records are no longer needed.
    pub(crate) fn reuse(self, directory: &Path, id: u64) -> Result<Self, LogFault> {
        let draft = directory.join(format!("{id:020}.tmp"));
        fs::rename(&self.path, &draft).map_err(LogFault::io("rename", &self.path))?;
        Self::finish(directory, id, self.bytes, &draft, self.file)
    }

    /// Opens segment `id`.
    pub(super) fn open(directory: &Path, id: u64) -> Result<Self, LogFault> {
        let path = segment_path(directory, id);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(LogFault::io("open", &path))?;
        let length = file
            .metadata()
            .map_err(LogFault::io("look at", &path))?
            .len();
        let mut header = [0; HEADER_LEN];
        match file.read_exact_at(&mut header, 0) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(LogFault::damaged(&path, length, "the file was cut short"));
            }
            Err(error) => return Err(LogFault::io("read", &path)(error)),
        }
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&header[16..24]);
        let bytes = u64::from_le_bytes(bytes);
        if header != encode_header(id, bytes) {
            return Err(LogFault::damaged(
                &path,
                0,
                "the segment's header is not what was written",
            ));
        }
        if length != bytes {
            let what = format!("the file has {length} bytes where {bytes} were written");
            return Err(LogFault::damaged(&path, length.min(bytes), what));
        }
        Ok(Self {
            id,
            bytes,
            path,
            file,
        })
    }

    /// The whole segment.
    pub(super) fn read(&self) -> Result<Vec<u8>, LogFault> {
        let mut bytes = vec![0; usize::try_from(self.bytes).unwrap_or(usize::MAX)];
        self.file
            .read_exact_at(&mut bytes, 0)
            .map_err(LogFault::io("read", &self.path))?;
        Ok(bytes)
    }

    fn finish(
        directory: &Path,
        id: u64,
        bytes: u64,
        draft: &Path,
        file: File,
    ) -> Result<Self, LogFault> {
        file.write_all_at(&encode_header(id, bytes), 0)
            .map_err(LogFault::io("write the header of", draft))?;
        file.sync_all().map_err(LogFault::io("sync", draft))?;
        let path = segment_path(directory, id);
        fs::rename(draft, &path).map_err(LogFault::io("rename", draft))?;
        sync_directory(directory).map_err(LogFault::io("sync", directory))?;
        Ok(Self {
            id,
            bytes,
            path,
            file,
        })
    }
}

/// The segments whose groups are not all in the tables yet, oldest first, without the one being written.
#[derive(Debug, Default)]
pub(crate) struct Segments {
    full: VecDeque<(Segment, u64)>,
}

impl Segments {
    /// Adds a segment that is full; `seqno` is that of its last group.
    pub(crate) fn push(&mut self, segment: Segment, seqno: u64) {
        self.full.push_back((segment, seqno));
    }

    /// Takes the oldest segment out, if all its groups are in the tables, which hold those up to `seqno`.
    pub(crate) fn pop_stored(&mut self, seqno: u64) -> Option<Segment> {
        let stored = self.full.front().is_some_and(|(_, last)| *last <= seqno);
        stored
            .then(|| self.full.pop_front())
            .flatten()
            .map(|(segment, _)| segment)
    }
}

/// The numbers of the segments in `directory`, ascending. Drafts are removed.
pub(super) fn list(directory: &Path) -> Result<Vec<u64>, LogFault> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(directory).map_err(LogFault::io("list", directory))? {
        let path = entry.map_err(LogFault::io("list", directory))?.path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        match (
            path.extension().and_then(|suffix| suffix.to_str()),
            stem.parse(),
        ) {
            (Some("tmp"), _) => fs::remove_file(&path).map_err(LogFault::io("remove", &path))?,
            (Some(SUFFIX), Ok(id)) => ids.push(id),
            _ => {
                return Err(LogFault::damaged(
                    &path,
                    0,
                    "this file is not part of a log",
                ));
            }
        }
    }
    ids.sort_unstable();
    Ok(ids)
}

/// Where segment `id` is.
pub(super) fn segment_path(directory: &Path, id: u64) -> PathBuf {
    directory.join(format!("{id:020}.{SUFFIX}"))
}

fn encode_header(id: u64, bytes: u64) -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    header[..8].copy_from_slice(&MAGIC);
    header[8..16].copy_from_slice(&id.to_le_bytes());
    header[16..24].copy_from_slice(&bytes.to_le_bytes());
    let crc = crc32c::crc32c(&header[..24]);
    header[24..].copy_from_slice(&crc.to_le_bytes());
    header
}

/// Writes so many zeros, and hands them to the disk piece by piece: the present segment is synced meanwhile.
fn zero(file: &File, bytes: u64) -> io::Result<()> {
    let (mut offset, mut written) = (0, 0);
    while offset < bytes {
        let step = (bytes - offset).min(ZEROS.len() as u64);
        file.write_all_at(&ZEROS[..step as usize], offset)?;
        offset += step;
        if offset >= written + PIECE_BYTES {
            write_range(file, written, offset - written)?;
            written = offset;
        }
    }
    Ok(())
}

//! The disk's part: as many bytes as the engine would log, written and synced for all workers at once.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};

use super::mailbox::{Mailbox, Told};

/// Bytes that the engine's log takes for a claim of a new player: the event, and later the player's row.
const CLAIM_BYTES: u64 = 224;

/// Bytes of the file, written once before and over and over then: nothing is allocated while it is measured.
const FILE_BYTES: u64 = 64 << 20;

/// Bytes of one write.
const PIECE_BYTES: usize = 1 << 20;

/// The file, and what waits for it.
pub(super) struct Log {
    file: File,
    waiting: Mutex<Vec<Group>>,
    filled: Condvar,
    synced: AtomicU64,
}

/// What one worker read in one go.
struct Group {
    worker: usize,
    claims: u64,
}

impl Log {
    /// Lays the file out.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = File::create_new(path)?;
        let log = Self {
            file,
            waiting: Mutex::new(Vec::new()),
            filled: Condvar::new(),
            synced: AtomicU64::new(0),
        };
        log.write(0, FILE_BYTES)?;
        log.file.sync_all()?;
        Ok(log)
    }

    /// Claims of a worker that are to be synced.
    pub(super) fn push(&self, worker: usize, claims: u64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(Group { worker, claims });
        self.filled.notify_one();
    }

    /// Claims on the disk.
    pub(super) fn synced(&self) -> u64 {
        self.synced.load(Relaxed)
    }

    /// Writes and syncs what there is, tells the workers, and again; returns when a worker is gone.
    pub(super) fn run(&self, workers: &[Mailbox]) -> io::Result<()> {
        let mut offset = 0;
        let mut groups = Vec::new();
        loop {
            self.take(&mut groups);
            let claims: u64 = groups.iter().map(|group| group.claims).sum();
            let bytes = (claims * CLAIM_BYTES).min(FILE_BYTES);
            if offset + bytes > FILE_BYTES {
                offset = 0;
            }
            self.write(offset, bytes)?;
            self.file.sync_data()?;
            offset += bytes;
            self.synced.fetch_add(claims, Relaxed);
            if !tell(workers, &groups) {
                return Ok(());
            }
            groups.clear();
        }
    }

    fn take(&self, groups: &mut Vec<Group>) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = self
            .filled
            .wait_while(waiting, |waiting| waiting.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut *waiting, groups);
    }

    fn write(&self, offset: u64, bytes: u64) -> io::Result<()> {
        static PIECE: [u8; PIECE_BYTES] = [b'f'; PIECE_BYTES];
        let mut written = 0;
        while written < bytes {
            let piece = &PIECE[..PIECE.len().min((bytes - written) as usize)];
            self.file.write_all_at(piece, offset + written)?;
            written += piece.len() as u64;
        }
        Ok(())
    }
}

/// Tells each worker how many of its groups are among these; `false` if one is gone.
fn tell(workers: &[Mailbox], groups: &[Group]) -> bool {
    workers.iter().enumerate().all(|(number, worker)| {
        let own = groups.iter().filter(|group| group.worker == number).count();
        own == 0 || worker.tell(Told::Synced(own))
    })
}

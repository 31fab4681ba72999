//! Opening and closing a store.

use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use store::{Environment, StoreError};

use crate::backend::{EmbeddedBackend, EmbeddedStore};
use crate::commit_queue::CommitQueue;
use crate::committer::Committer;
use crate::directory::Directory;
use crate::health::{Fault, Health};
use crate::log::{LogWriter, Replayed, Segment, Segments, replay};
use crate::metrics::Counters;
use crate::shared::Shared;
use crate::tables::{Milestone, Tables, TablesFault};
use crate::timeline::Timeline;
use crate::upkeep::Upkeep;
use crate::watches::Watches;
use crate::{EmbeddedMetrics, EmbeddedSettings, OpenError};

/// A store in a directory, open in this process. Cheap to clone, and shared by all cores; the last clone
/// or handle that is dropped closes it.
#[derive(Clone)]
pub struct EmbeddedDatabase(Arc<Open>);

struct Open {
    shared: Arc<Shared>,
    threads: Mutex<Option<Threads>>,
    /// Last: unlocked after all else is closed.
    directory: Directory,
}

struct Threads {
    committer: JoinHandle<Milestone>,
    upkeep: Vec<JoinHandle<()>>,
}

impl EmbeddedDatabase {
    /// Opens the store in `path`, or makes one in an absent or empty directory. What was acknowledged
    /// before is there, whatever happened to the process or the machine.
    pub fn open(path: impl AsRef<Path>, settings: EmbeddedSettings) -> Result<Self, OpenError> {
        settings.check()?;
        let directory = Directory::open(path.as_ref())?;
        let tables = Tables::open(&directory.tables(), &settings)?;
        let (replayed, last) = if directory.is_new {
            let segment = Segment::create(&directory.log(), 1, settings.segment_bytes)?;
            directory.finish()?;
            let (full, spare) = (Segments::default(), None);
            (
                Replayed {
                    writer: LogWriter::start(segment),
                    full,
                    spare,
                    groups: 0,
                },
                Milestone::default(),
            )
        } else {
            recover(&directory, &tables, &settings)?
        };
        Self::start(directory, settings, tables, replayed, last)
    }

    /// A handle for one core, whose clock, dice and timer are `environment`'s.
    pub fn handle(&self, environment: Rc<dyn Environment>) -> EmbeddedStore {
        EmbeddedStore::new(EmbeddedBackend::new(self.clone(), environment))
    }

    /// Figures since the store was opened.
    pub fn metrics(&self) -> EmbeddedMetrics {
        let shared = self.shared();
        let (queue, buffers) = (shared.queue.len() as u64, shared.tables.buffers_bytes());
        shared
            .counters
            .snapshot(queue, buffers, shared.tables.disk_bytes())
    }

    /// Why the store takes no commits any more, if so. Opening it again recovers what was acknowledged.
    pub fn fault(&self) -> Option<StoreError> {
        self.shared().health.fault().cloned()
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.0.directory.path()
    }

    /// Commits what waits, writes it into tables and ends the threads. Commits that come later fail with
    /// 1101; reads go on, so the directory stays locked until the last clone, handle or transaction is
    /// dropped. Dropping the last one without closing does the same, and logs what goes wrong.
    pub fn close(&self) -> Result<(), StoreError> {
        self.0.close()
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0.shared
    }

    fn start(
        directory: Directory,
        settings: EmbeddedSettings,
        tables: Tables,
        replayed: Replayed,
        last: Milestone,
    ) -> Result<Self, OpenError> {
        let at_end = replayed.writer.segment_id();
        let next_id = replayed.spare.as_ref().map_or(at_end, |spare| spare.id) + 1;
        let counters = Counters::default();
        counters.replayed.store(replayed.groups, Relaxed);
        let shared = Arc::new(Shared {
            log: directory.log(),
            timeline: Timeline::new(last.version, last.seqno),
            queue: CommitQueue::new(settings.commit_queue_max, settings.commit_queue_bytes_max),
            watches: Arc::new(Watches::default()),
            upkeep: Upkeep::new(replayed.full, replayed.spare, next_id),
            health: Health::default(),
            counters,
            tables,
            settings,
        });
        if shared.tables.buffer_bytes() >= shared.settings.write_buffer_bytes
            && shared.tables.seal(last)
        {
            shared.upkeep.sealed(last.seqno, None);
        }
        let committer = Committer::new(Arc::clone(&shared), replayed.writer, last);
        let threads = Threads::start(&shared, committer).map_err(|source| OpenError::Io {
            path: directory.path().to_path_buf(),
            source,
        })?;
        Ok(Self(Arc::new(Open {
            shared,
            threads: Mutex::new(Some(threads)),
            directory,
        })))
    }
}

impl std::fmt::Debug for EmbeddedDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedDatabase")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

/// Brings the tables up to the end of the log.
fn recover(
    directory: &Directory,
    tables: &Tables,
    settings: &EmbeddedSettings,
) -> Result<(Replayed, Milestone), OpenError> {
    let mut last = tables.milestone()?;
    let mut written = Ok(());
    let replayed = replay(&directory.log(), last.seqno, |group| {
        if written.is_ok() && tables.buffer_bytes() >= settings.write_buffer_bytes {
            tables.seal(last);
            // Nobody reads yet.
            written = tables
                .forget_before(last.seqno + 1)
                .and_then(|()| write_full_buffers(tables));
        }
        let writes = group
            .writes
            .iter()
            .map(|(key, value)| (key.as_slice(), value.as_deref()));
        tables.insert(writes, group.seqno);
        last = Milestone {
            seqno: group.seqno,
            version: group.version,
        };
    })?;
    written?;
    Ok((replayed, last))
}

/// Writes the full buffers into tables.
fn write_full_buffers(tables: &Tables) -> Result<(), TablesFault> {
    while let Some(buffer) = tables.next_full() {
        tables.write_table(&buffer)?;
        tables.table_written();
    }
    Ok(())
}

impl Threads {
    fn start(shared: &Arc<Shared>, committer: Committer) -> std::io::Result<Self> {
        let upkeep = |name: &str, run: fn(&Upkeep, &Shared)| {
            let shared = Arc::clone(shared);
            let run = move || run(&shared.upkeep, &shared);
            Builder::new().name(name.to_owned()).spawn(run)
        };
        let upkeep = vec![
            upkeep("store-segments", Upkeep::run_segments)?,
            upkeep("store-flush", Upkeep::run_flush)?,
            upkeep("store-merge", Upkeep::run_merge)?,
        ];
        let committer = Builder::new()
            .name("store-commit".to_owned())
            .spawn(move || committer.run())?;
        Ok(Self { committer, upkeep })
    }
}

impl Open {
    fn close(&self) -> Result<(), StoreError> {
        let Some(threads) = self
            .threads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        else {
            return Ok(());
        };
        let shared = &self.shared;
        shared.queue.close();
        let last = threads.committer.join();
        shared.upkeep.stop();
        threads
            .upkeep
            .into_iter()
            .for_each(|thread| drop(thread.join()));
        shared.watches.close();
        if let Some(fault) = shared.health.fault() {
            return Err(fault.clone());
        }
        if let Ok(last) = last {
            shared.tables.seal(last);
        }
        write_full_buffers(&shared.tables).map_err(|fault| {
            let fault = Fault::from(fault).0;
            shared.health.fail("writing the last table", &fault)
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, path = %self.directory.path().display(), "the store did not close cleanly");
        }
    }
}

impl From<TablesFault> for OpenError {
    fn from(fault: TablesFault) -> Self {
        match fault {
            TablesFault::Io { path, source } => Self::Io { path, source },
            TablesFault::Damaged { path, what } => Self::Damaged { path, what },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io;
    use std::sync::atomic::AtomicBool;

    use store::{CommitRequest, Mutation, code};

    use futures::FutureExt as _;

    use super::*;
    use crate::scratch::Scratch;

    fn rows(name: &str) -> CommitRequest {
        let set = |at: u8| Mutation::Set {
            key: [name.as_bytes(), &[at]].concat(),
            value: vec![at; 2_000],
        };
        CommitRequest {
            mutations: (0..3).map(set).collect(),
            ..CommitRequest::default()
        }
    }

    fn commit(
        database: &EmbeddedDatabase,
        request: CommitRequest,
    ) -> Result<store::Committed, StoreError> {
        let mut committed = database.shared().queue.push(request)?;
        loop {
            match (&mut committed).now_or_never() {
                Some(answer) => return answer,
                None => std::thread::yield_now(),
            }
        }
    }

    fn rows_of(database: &EmbeddedDatabase, name: &str) -> usize {
        let before = database.shared().timeline.read_point().before;
        let get = |at: u8| {
            database
                .shared()
                .tables
                .get(&[name.as_bytes(), &[at]].concat(), before)
                .unwrap()
        };
        (0..3).filter(|&at| get(at).is_some()).count()
    }

    #[test]
    fn after_a_failed_sync_nothing_is_committed_until_the_store_is_opened_again() {
        static FAILS: AtomicBool = AtomicBool::new(false);
        let sync = |file: &File| {
            if FAILS.load(Relaxed) {
                Err(io::ErrorKind::Other.into())
            } else {
                file.sync_data()
            }
        };
        let scratch = Scratch::new("sync");
        drop(EmbeddedDatabase::open(scratch.path(), EmbeddedSettings::default()).unwrap());
        let settings = EmbeddedSettings::default();
        let directory = Directory::open(scratch.path()).unwrap();
        let tables = Tables::open(&directory.tables(), &settings).unwrap();
        let (mut replayed, last) = recover(&directory, &tables, &settings).unwrap();
        replayed.writer = replayed.writer.with_sync(sync);
        let database =
            EmbeddedDatabase::start(directory, settings, tables, replayed, last).unwrap();

        commit(&database, rows("before")).unwrap();
        FAILS.store(true, Relaxed);
        let failed = commit(&database, rows("failed")).unwrap_err();
        FAILS.store(false, Relaxed);
        assert_eq!(
            (failed.code(), failed.is_retryable()),
            (code::IO_ERROR, false)
        );
        assert_eq!(commit(&database, rows("after")).unwrap_err(), failed);
        let seen = ["before", "failed", "after"].map(|name| rows_of(&database, name));
        assert_eq!(seen, [3, 0, 0]);
        assert_eq!(database.close().unwrap_err(), failed);
        drop(database);

        let database = EmbeddedDatabase::open(scratch.path(), EmbeddedSettings::default()).unwrap();
        commit(&database, rows("again")).unwrap();
        let seen = ["before", "after", "again"].map(|name| rows_of(&database, name));
        assert_eq!(seen, [3, 0, 3]);
        assert!(
            [0, 3].contains(&rows_of(&database, "failed")),
            "half a commit"
        );
    }

    #[test]
    fn a_log_longer_than_a_buffer_goes_into_tables_while_it_is_read() {
        let (scratch, crashed) = (Scratch::new("long"), Scratch::new("crashed"));
        let database = EmbeddedDatabase::open(scratch.path(), EmbeddedSettings::default()).unwrap();
        let names: Vec<String> = (0..40).map(|n| format!("row-{n}-")).collect();
        for name in &names {
            commit(&database, rows(name)).unwrap();
        }
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([&scratch.path().join("."), crashed.path()])
            .status();
        assert!(copied.unwrap().success());

        let settings = EmbeddedSettings {
            write_buffer_bytes: 64 << 10,
            ..EmbeddedSettings::default()
        };
        let directory = Directory::open(crashed.path()).unwrap();
        let tables = Tables::open(&directory.tables(), &settings).unwrap();
        let (replayed, last) = recover(&directory, &tables, &settings).unwrap();
        assert!(tables.buffers_bytes() < 100 << 10 && tables.overlapping() == 3);
        let database =
            EmbeddedDatabase::start(directory, settings, tables, replayed, last).unwrap();
        assert!(names.iter().all(|name| rows_of(&database, name) == 3));
    }
}

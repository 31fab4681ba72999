//! The rows: tables on disk and the newest writes in memory, at every version that can still be read.
//!
//! This is the engine of fjall 3 (`lsm-tree`: tables with bloom filters, leveled compaction, large values
//! apart from their keys, a checksum on every block and blob) without fjall's own journal. That journal
//! takes a damaged record for its end and drops what follows without a word, refuses to open after some
//! torn writes, and replays row by row; [`crate::log`] stands in its place.

mod fault;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use lsm_tree::compaction::Leveled;
use lsm_tree::config::{
    BloomConstructionPolicy, CompressionPolicy, FilterPolicy, FilterPolicyEntry,
};
use lsm_tree::config::{HashRatioPolicy, PinningPolicy};
use lsm_tree::{
    AbstractTree, AnyTree, Cache, CompressionType, Config, DescriptorTable, KvSeparationOptions,
    SequenceNumberCounter,
};
use store::limits::VALUE_BYTES_MAX;
use store::{Rows, Scan};

use crate::EmbeddedSettings;
use crate::buffers::Buffers;
use crate::directory::sync_directory;
use crate::manifest::check_manifest;
use crate::merges::Merges;
use crate::remains::Remains;
use crate::scanner::{Scanner, Span};
use crate::stored_key::{original, stored};
use crate::turns::Turns;
use crate::write_back::WriteBack;
use crate::write_buffer::WriteBuffer;

pub(crate) use fault::TablesFault;
use fault::guarded;

/// Where the tables say up to which group they are complete. Outside what users may write.
const MILESTONE_KEY: &[u8] = b"\xff\xff/milestone";

/// Up to so many bytes of tables are merged into one.
const TABLE_BYTES: u64 = 32 << 20;

/// Tables that overlap each other before they are merged. With more of them a row is merged less often, and looked for in more.
const OVERLAPPING_MERGED: u8 = 8;

/// Where the number of a state stands above that of its overlapping tables.
const OVERLAPPING_BITS: u32 = 16;
const OVERLAPPING_MASK: u64 = (1 << OVERLAPPING_BITS) - 1;

/// Each value ends in a checksum of its key and itself.
const VALUE_SUM_LEN: usize = 4;

/// The last group that a state of the tables holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Milestone {
    /// Its number.
    pub(crate) seqno: u64,
    /// Its commit version.
    pub(crate) version: i64,
}

/// The rows.
///
/// Every row has the number of its group, by which a reader of the past tells what is not for its time. A buffer goes into its
/// table with all that such readers may ask for. A merge keeps only the newest value of a key, so who reads as of before it began
/// goes on with the tables that it took the place of, and with the buffers that became tables since.
pub(crate) struct Tables {
    tree: AnyTree,
    buffers: Buffers,
    remains: Remains,
    path: PathBuf,
    /// Numbers groups.
    groups: SequenceNumberCounter,
    /// The library numbers states of the tables with it: a reader sees the newest one with a number below its time.
    states: SequenceNumberCounter,
    strategy: Arc<Leveled>,
    /// Tables that overlap in the newest state, below its number: so that two that come at once do not take it back.
    overlapping: AtomicU64,
    /// Bytes of the files in the newest state.
    disk_bytes: AtomicU64,
    /// What only readers before this group need may be gone.
    floor: AtomicU64,
}

impl Tables {
    /// Opens the tables in `path`, or begins new ones.
    pub(crate) fn open(path: &Path, settings: &EmbeddedSettings) -> Result<Self, TablesFault> {
        check_manifest(path)?;
        let (groups, states) = <(SequenceNumberCounter, SequenceNumberCounter)>::default();
        let merges = Merges {
            groups: groups.clone(),
            states: states.clone(),
        };
        let config = config(path, settings, merges);
        let tree = guarded(path, || config.open())?;
        groups.fetch_max(tree.get_highest_seqno().map_or(1, |seqno| seqno + 1));
        let strategy = Leveled::default()
            .with_l0_threshold(OVERLAPPING_MERGED)
            .with_table_target_size(TABLE_BYTES);
        let tables = Self {
            tree,
            buffers: Buffers::default(),
            remains: Remains::default(),
            path: path.to_path_buf(),
            groups,
            states,
            strategy: Arc::new(strategy),
            overlapping: AtomicU64::new(0),
            disk_bytes: AtomicU64::new(0),
            floor: AtomicU64::new(0),
        };
        tables.keep_state();
        Ok(tables)
    }

    /// The last group that the tables on disk hold. To be asked before anything is inserted.
    pub(crate) fn milestone(&self) -> Result<Milestone, TablesFault> {
        let Some(value) = self.get(MILESTONE_KEY, u64::MAX)? else {
            return Ok(Milestone::default());
        };
        let (Some(seqno), Some(version)) = (value.first_chunk(), value.last_chunk()) else {
            return Err(self.damaged("the row that says how far they reach is too short"));
        };
        let milestone = Milestone {
            seqno: u64::from_le_bytes(*seqno),
            version: i64::from_le_bytes(*version),
        };
        self.groups.fetch_max(milestone.seqno + 1);
        Ok(milestone)
    }

    /// The number for the next group.
    pub(crate) fn next_seqno(&self) -> u64 {
        // So whoever sees this group sees all tables that are there by then.
        self.seqno_after();
        self.groups.next()
    }

    /// Adds a group that the log holds. `seqno` is from [`Tables::next_seqno`], or the log's own.
    pub(crate) fn insert<'a>(
        &self,
        writes: impl IntoIterator<Item = (&'a [u8], Option<&'a [u8]>)>,
        seqno: u64,
    ) {
        self.groups.fetch_max(seqno + 1);
        let buffer = self.buffers.current();
        for (key, value) in writes {
            let sum = value_sum(key, value.unwrap_or_default());
            let value = value.map(|value| [value, sum.as_slice()]);
            buffer.insert(&stored(key), value, seqno);
        }
    }

    /// The value of `key` before the group `before`.
    pub(crate) fn get(&self, key: &[u8], before: u64) -> Result<Option<Vec<u8>>, TablesFault> {
        let name = stored(key);
        let found = match self.buffers.get(&name, before) {
            Some(buffered) => buffered,
            None => {
                guarded(&self.path, || self.tree.get(&*name, before))?.map(|value| value.to_vec())
            }
        };
        found.map(|value| self.unsealed(key, value)).transpose()
    }

    /// As [`Tables::get`]; none if rows of that age are gone.
    pub(crate) fn get_kept(
        &self,
        key: &[u8],
        before: u64,
    ) -> Result<Option<Option<Vec<u8>>>, TablesFault> {
        self.kept(before, || self.get(key, before))
    }

    /// One page of rows before the group `before`; none if rows of that age are gone.
    pub(crate) fn scan_kept(
        &self,
        scan: &Scan<'_>,
        before: u64,
    ) -> Result<Option<Rows>, TablesFault> {
        self.kept(before, || self.scan(scan, before))
    }

    /// The keys in `begin..end` before the group `before`.
    pub(crate) fn keys(
        &self,
        begin: &[u8],
        end: &[u8],
        before: u64,
    ) -> Result<Vec<Vec<u8>>, TablesFault> {
        let mut rows = self.scanner(begin, end, false, before, false)?;
        let mut keys = Vec::new();
        while let Some((key, _)) = guarded(&self.path, || rows.next())? {
            keys.push(original(&key).to_vec());
        }
        Ok(keys)
    }

    /// The memory of the buffer that takes writes.
    pub(crate) fn buffer_bytes(&self) -> u64 {
        self.buffers.current().bytes()
    }

    /// Whether buffers are kept that only readers of the past need.
    pub(crate) fn keeps_written_buffers(&self) -> bool {
        self.buffers.has_written()
    }

    /// The buffers on their way into tables.
    pub(crate) fn buffers_full(&self) -> usize {
        self.buffers.full()
    }

    /// The memory of all buffers, those included that only readers of the past still need.
    pub(crate) fn buffers_bytes(&self) -> u64 {
        self.buffers.bytes()
    }

    /// Begins a new buffer. The full one ends with the group of `milestone`; whether there was anything in it.
    pub(crate) fn seal(&self, milestone: Milestone) -> bool {
        if self.buffers.current().keys() == 0 {
            return false;
        }
        let value = [
            milestone.seqno.to_le_bytes(),
            milestone.version.to_le_bytes(),
        ]
        .concat();
        self.insert([(MILESTONE_KEY, Some(value.as_slice()))], milestone.seqno);
        self.buffers.begin_next();
        true
    }

    /// The oldest buffer that is full.
    pub(crate) fn next_full(&self) -> Option<Arc<WriteBuffer>> {
        self.buffers.next_full()
    }

    /// Writes `buffer`, the oldest full one, into a table, durably: what readers of the present and the past need of it.
    pub(crate) fn write_table(&self, buffer: &WriteBuffer) -> Result<(), TablesFault> {
        self.end_remains();
        let floor = self.floor();
        let mut turns = Turns::default();
        let written = guarded(&self.path, || {
            buffer.write_to(floor, |rows| {
                let rows = rows.inspect(|_| turns.row());
                self.tree.flush_to_tables(rows.map(Ok))
            })
        })?;
        let (tables, large_values) = written.unwrap_or_default();
        // The list of tables names the files, so the names come first.
        self.sync_large_values()?;
        guarded(&self.path, || {
            let large_values = large_values.as_deref();
            self.tree
                .register_tables(&tables, large_values, None, &[], floor)
        })?;
        self.keep_state();
        Ok(())
    }

    /// The oldest full buffer is in a table: new readers look there instead.
    pub(crate) fn table_written(&self) {
        // The table's, or a later one: the counter says what comes next.
        let state = self.states.get().saturating_sub(1);
        self.buffers.written(state);
        self.buffers.forget_before(self.floor());
    }

    /// Merges tables once, if some need it; whether they did.
    pub(crate) fn compact(&self) -> Result<bool, TablesFault> {
        let floor = self.floor();
        self.end_remains();
        let merged = guarded(&self.path, || {
            let before = self.tree.current_version().id();
            self.tree.compact(self.strategy.clone(), floor)?;
            Ok(self.tree.current_version().id() != before)
        })?;
        if merged {
            self.keep_state();
            self.sync_large_values()?;
        }
        Ok(merged)
    }

    /// Lets go of what only readers before the group `floor` need. Soon done: files that this leaves unused end with the next table.
    pub(crate) fn forget_before(&self, floor: u64) -> Result<(), TablesFault> {
        self.floor.fetch_max(floor, SeqCst);
        self.buffers.forget_before(floor);
        guarded(&self.path, || {
            self.tree
                .get_version_history_lock()
                .maintenance(&self.path, floor)
        })
    }

    /// Whether anything is kept that only readers of the past need.
    pub(crate) fn has_history(&self) -> bool {
        self.tree.version_free_list_len() > 0 || self.keeps_written_buffers()
    }

    /// Above the numbers of all groups so far, and of all states of the tables.
    pub(crate) fn seqno_after(&self) -> u64 {
        self.groups.fetch_max(self.states.get());
        self.groups.get()
    }

    /// Tables that overlap each other; merging is behind if there are many. Asked after each group, so without the library's lock.
    pub(crate) fn overlapping(&self) -> usize {
        (self.overlapping.load(SeqCst) & OVERLAPPING_MASK) as usize
    }

    /// The bytes of all tables and large values.
    pub(crate) fn disk_bytes(&self) -> u64 {
        self.disk_bytes.load(SeqCst)
    }

    /// Makes the names of files with large values durable: the library leaves those out.
    fn sync_large_values(&self) -> Result<(), TablesFault> {
        let path = self.path.join("blobs");
        sync_directory(&path).map_err(|source| TablesFault::Io { path, source })
    }

    /// For the tables that are written from now on.
    pub(crate) fn write_back(&self) -> WriteBack {
        WriteBack::new(self.path.join("tables"))
    }

    fn end_remains(&self) {
        self.remains.end(self.tree.version_free_list_len() + 1);
    }

    fn keep_state(&self) {
        let state = self.tree.current_version();
        let overlapping = (state.l0().run_count() as u64).min(OVERLAPPING_MASK);
        let numbered = state.id() << OVERLAPPING_BITS | overlapping;
        self.overlapping.fetch_max(numbered, SeqCst);
        self.disk_bytes.store(self.tree.disk_space(), SeqCst);
        self.remains.keep(state.id(), state);
    }

    fn floor(&self) -> u64 {
        self.floor.load(SeqCst)
    }

    /// What `read` finds, if rows of that age were there all the while. The floor rises before anything
    /// is let go, so a read during which it stayed below was whole.
    fn kept<T>(
        &self,
        before: u64,
        read: impl FnOnce() -> Result<T, TablesFault>,
    ) -> Result<Option<T>, TablesFault> {
        if before < self.floor() {
            return Ok(None);
        }
        let found = read();
        if before < self.floor() {
            Ok(None)
        } else {
            found.map(Some)
        }
    }

    fn scan(&self, scan: &Scan<'_>, before: u64) -> Result<Rows, TablesFault> {
        let mut rows = Rows {
            rows: Vec::new(),
            more: false,
        };
        let mut bytes = 0;
        let mut found = self.scanner(scan.begin, scan.end, scan.reverse, before, true)?;
        while let Some((key, value)) = guarded(&self.path, || found.next())? {
            let key = original(&key).to_vec();
            let value = self.unsealed(&key, value)?;
            bytes += key.len() + value.len();
            rows.rows.push((key, value));
            if rows.rows.len() >= scan.limit || bytes >= scan.bytes_target {
                rows.more = true;
                break;
            }
        }
        Ok(rows)
    }

    /// The rows in `begin..end` before the group `before`.
    fn scanner(
        &self,
        begin: &[u8],
        end: &[u8],
        reverse: bool,
        before: u64,
        with_values: bool,
    ) -> Result<Scanner, TablesFault> {
        let (begin, end) = (stored(begin), stored(end));
        let span = Span {
            begin: &begin,
            end: &end,
            reverse,
            before,
            with_values,
        };
        let buffers = self.buffers.newest_first();
        guarded(&self.path, || Ok(Scanner::new(buffers, &self.tree, span)))
    }

    /// The value within `stored`, if it is what was written under `key`.
    fn unsealed(&self, key: &[u8], mut stored: Vec<u8>) -> Result<Vec<u8>, TablesFault> {
        let fits = stored.len() <= VALUE_BYTES_MAX + VALUE_SUM_LEN;
        match stored.split_last_chunk() {
            Some((value, sum)) if fits && *sum == value_sum(key, value) => {
                stored.truncate(stored.len() - VALUE_SUM_LEN);
                Ok(stored)
            }
            _ => Err(self.damaged("the checksum of a value is not that of its bytes")),
        }
    }

    fn damaged(&self, what: &str) -> TablesFault {
        TablesFault::Damaged {
            path: self.path.clone(),
            what: what.to_owned(),
        }
    }
}

/// What a value ends in where it is stored. The library's own checksum covers neither the length of a large value nor the way from
/// the table to the reader.
fn value_sum(key: &[u8], value: &[u8]) -> [u8; VALUE_SUM_LEN] {
    crc32c::crc32c_append(crc32c::crc32c(key), value).to_le_bytes()
}

fn config(path: &Path, settings: &EmbeddedSettings, merges: Merges) -> Config {
    let bloom = |bits| FilterPolicyEntry::Bloom(BloomConstructionPolicy::BitsPerKey(bits));
    let separation = KvSeparationOptions::default()
        .separation_threshold(settings.separate_value_bytes)
        .compression(CompressionType::None);
    let states = merges.states.clone();
    Config::new(path, states, SequenceNumberCounter::default())
        .use_cache(Arc::new(Cache::with_capacity_bytes(settings.cache_bytes)))
        .use_descriptor_table(Some(Arc::new(DescriptorTable::new(
            settings.open_files_max,
        ))))
        .filter_policy(FilterPolicy::new([bloom(14.0), bloom(10.0)]))
        .filter_block_pinning_policy(PinningPolicy::new([true, true, false]))
        .index_block_pinning_policy(PinningPolicy::new([true, true, false]))
        .data_block_hash_ratio_policy(HashRatioPolicy::all(1.0))
        .data_block_compression_policy(CompressionPolicy::new([
            // Of the first two levels rows are soon merged again.
            CompressionType::None,
            CompressionType::None,
            CompressionType::Lz4,
        ]))
        .with_kv_separation(Some(separation))
        .with_compaction_filter_factory(Some(Arc::new(merges)))
}

#[cfg(test)]
mod tests;

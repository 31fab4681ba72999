//! Appending to the log.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::record::{self, Header, Kind, RECORD_HEADER_LEN};
use super::segment::SEGMENT_HEADER_BYTES;
use super::{LogFault, Segment};

/// What makes a file's bytes durable; another one in tests of what happens when it fails.
pub(crate) type Sync = fn(&File) -> io::Result<()>;

/// Room at the end of a segment for the record that says that the log goes on.
const CLOSING_BYTES: u64 = RECORD_HEADER_LEN as u64;

/// The end of the log. After an error it must not be written again: what is durable is unknown then.
#[derive(Debug)]
pub(crate) struct LogWriter {
    segment: Segment,
    offset: u64,
    seqno: u64,
    version: i64,
    buffer: Vec<u8>,
    sync: Sync,
}

impl LogWriter {
    /// Goes on at `offset` of `segment`, behind the group `seqno` at `version`.
    pub(crate) fn new(segment: Segment, offset: u64, seqno: u64, version: i64) -> Self {
        Self {
            segment,
            offset,
            seqno,
            version,
            buffer: Vec::new(),
            sync: File::sync_data,
        }
    }

    /// The log of a new store.
    pub(crate) fn start(segment: Segment) -> Self {
        Self::new(segment, SEGMENT_HEADER_BYTES, 0, 0)
    }

    /// Replaces the sync.
    #[cfg(test)]
    pub(crate) fn with_sync(mut self, sync: Sync) -> Self {
        self.sync = sync;
        self
    }

    /// The number of the segment being written.
    pub(crate) fn segment_id(&self) -> u64 {
        self.segment.id
    }

    /// Whether `writes` fit the rest of the segment.
    pub(crate) fn fits(&self, writes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> bool {
        self.offset + Self::record_bytes(writes) + CLOSING_BYTES <= self.segment.bytes
    }

    /// The bytes of a segment that is sure to hold `writes`.
    pub(crate) fn segment_bytes_for(writes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> u64 {
        SEGMENT_HEADER_BYTES + Self::record_bytes(writes) + CLOSING_BYTES
    }

    /// Appends one group and syncs it, then notes behind it that it was synced. The note itself is not
    /// synced, and the next group overwrites it: it tells damage from a torn end after a process died.
    /// The bytes written.
    pub(crate) fn append(
        &mut self,
        seqno: u64,
        version: i64,
        writes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    ) -> Result<u64, LogFault> {
        self.buffer.clear();
        self.buffer.resize(RECORD_HEADER_LEN, 0);
        record::encode_payload(&mut self.buffer, writes);
        let payload = &self.buffer[RECORD_HEADER_LEN..];
        let header = Header {
            kind: Kind::Group,
            payload_len: u32::try_from(payload.len()).expect("a group is far below 4 GiB"),
            payload_crc: crc32c::crc32c(payload),
            seqno,
            seqno_before: self.seqno,
            version,
        };
        let bytes = header.encode(self.segment.id, self.offset);
        self.buffer[..RECORD_HEADER_LEN].copy_from_slice(&bytes);
        let path = &self.segment.path;
        self.segment
            .file
            .write_all_at(&self.buffer, self.offset)
            .map_err(LogFault::io("append to", path))?;
        (self.sync)(&self.segment.file).map_err(LogFault::io("sync", path))?;
        self.offset += header.record_len() as u64;
        self.seqno = seqno;
        self.version = version;
        self.note(Kind::Synced)?;
        Ok(self.buffer.len() as u64)
    }

    /// Goes on in `next`, the segment with the next number; hands back the full one.
    pub(crate) fn roll(&mut self, next: Segment) -> Result<Segment, LogFault> {
        assert_eq!(next.id, self.segment.id + 1, "segments follow each other");
        self.note(Kind::GoesOn)?;
        self.offset = SEGMENT_HEADER_BYTES;
        Ok(std::mem::replace(&mut self.segment, next))
    }

    fn note(&self, kind: Kind) -> Result<(), LogFault> {
        let header = Header {
            kind,
            payload_len: 0,
            payload_crc: 0,
            seqno: self.seqno,
            seqno_before: self.seqno,
            version: self.version,
        };
        let bytes = header.encode(self.segment.id, self.offset);
        let written = self.segment.file.write_all_at(&bytes, self.offset);
        written.map_err(LogFault::io("append to", &self.segment.path))
    }

    fn record_bytes(writes: &BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> u64 {
        record::aligned(RECORD_HEADER_LEN + record::payload_len(writes)) as u64
    }
}

//! Reading the log when the store is opened.

use std::path::Path;

use super::record::{self, Header, Kind, RECORD_ALIGN, RECORD_HEADER_LEN, RECORD_MAGIC, Write};
use super::segment::{self, SEGMENT_HEADER_BYTES};
use super::{LogFault, LogWriter, Segment, Segments};

/// One committed group, as the log has it.
pub(crate) struct Group {
    /// Its number in the tables.
    pub(crate) seqno: u64,
    /// Its commit version.
    pub(crate) version: i64,
    /// Its writes.
    pub(crate) writes: Vec<Write>,
}

/// The log, ready to go on.
pub(crate) struct Replayed {
    /// Its end.
    pub(crate) writer: LogWriter,
    /// The segments before the one at the end.
    pub(crate) full: Segments,
    /// The segment that was prepared to come next.
    pub(crate) spare: Option<Segment>,
    /// How many groups were handed on.
    pub(crate) groups: u64,
}

/// Where the reading of a segment ended, and how.
struct End {
    offset: u64,
    goes_on: bool,
    /// What is wrong there, if a record was begun: the torn end of the log, or damage.
    torn: Option<String>,
}

/// Hands the groups in `directory` that the tables lack (they hold those up to `stored`) to `apply`, in
/// order. Damage is an error; a torn group at the very end, which nobody was told of, is not.
pub(crate) fn replay(
    directory: &Path,
    stored: u64,
    apply: impl FnMut(Group),
) -> Result<Replayed, LogFault> {
    let mut reading = Reading {
        apply,
        stored,
        last: stored,
        version: 0,
        groups: 0,
        anything: false,
    };
    let mut full = Segments::default();
    let mut at_end: Option<(Segment, End)> = None;
    let mut spare = None;
    for segment in open_all(directory)? {
        let last = reading.last;
        let end = reading.read_segment(&segment, &segment.read()?)?;
        match at_end.take() {
            Some(left) if !left.1.goes_on && end.is_fresh() => {
                at_end = Some(left);
                spare = Some(segment);
            }
            left => {
                if let Some((before, left)) = left {
                    left.check_whole(&before)?;
                    full.push(before, last);
                }
                at_end = Some((segment, end));
            }
        }
    }
    let Some((segment, end)) = at_end else {
        return Err(LogFault::damaged(
            directory,
            0,
            "there is no segment of the log in this directory",
        ));
    };
    reading.check_reaches_tables(&segment, &end)?;
    let writer = LogWriter::new(segment, end.offset, reading.last, reading.version);
    Ok(Replayed {
        writer,
        full,
        spare,
        groups: reading.groups,
    })
}

impl End {
    fn is_fresh(&self) -> bool {
        self.offset == SEGMENT_HEADER_BYTES && !self.goes_on && self.torn.is_none()
    }

    fn check_whole(&self, segment: &Segment) -> Result<(), LogFault> {
        match &self.torn {
            Some(torn) => Err(LogFault::damaged(&segment.path, self.offset, torn.as_str())),
            None => Ok(()),
        }
    }
}

/// The segments, oldest first.
fn open_all(directory: &Path) -> Result<Vec<Segment>, LogFault> {
    let ids = segment::list(directory)?;
    let mut segments: Vec<Segment> = Vec::with_capacity(ids.len());
    for id in ids {
        if segments.last().is_some_and(|before| before.id + 1 != id) {
            let path = segment::segment_path(directory, id);
            return Err(LogFault::damaged(
                &path,
                0,
                format!("segment {} before it is missing", id - 1),
            ));
        }
        segments.push(Segment::open(directory, id)?);
    }
    Ok(segments)
}

struct Reading<F> {
    apply: F,
    stored: u64,
    last: u64,
    version: i64,
    groups: u64,
    anything: bool,
}

impl<F: FnMut(Group)> Reading<F> {
    fn read_segment(&mut self, segment: &Segment, bytes: &[u8]) -> Result<End, LogFault> {
        let mut offset = SEGMENT_HEADER_BYTES;
        loop {
            let Some((header, payload)) = record_at(bytes, segment.id, offset) else {
                let torn = self.check_end(segment, bytes, offset)?;
                return Ok(End {
                    offset,
                    goes_on: false,
                    torn,
                });
            };
            match header.kind {
                Kind::Group => self.read_group(segment, offset, &header, payload)?,
                Kind::Synced | Kind::GoesOn if !self.knows(header.seqno) => {
                    let what = format!(
                        "group {} was here, but the log has only {}",
                        header.seqno, self.last
                    );
                    return Err(LogFault::damaged(&segment.path, offset, what));
                }
                Kind::Synced => {
                    return Ok(End {
                        offset,
                        goes_on: false,
                        torn: None,
                    });
                }
                Kind::GoesOn => {
                    return Ok(End {
                        offset,
                        goes_on: true,
                        torn: None,
                    });
                }
            }
            offset += header.record_len() as u64;
        }
    }

    fn check_reaches_tables(&self, segment: &Segment, end: &End) -> Result<(), LogFault> {
        if end.goes_on {
            return Err(LogFault::damaged(
                &segment.path,
                end.offset,
                "the log goes on in a segment that is missing",
            ));
        }
        if self.last < self.stored {
            let what = format!(
                "the log ends with group {}, but the tables hold group {}",
                self.last, self.stored
            );
            return Err(LogFault::damaged(&segment.path, end.offset, what));
        }
        if let Some(torn) = &end.torn {
            tracing::warn!(
                segment = segment.id,
                offset = end.offset,
                torn,
                "dropped an unfinished commit"
            );
        }
        Ok(())
    }

    /// Whether the log so far, or what is in the tables, ends with group `seqno`.
    fn knows(&self, seqno: u64) -> bool {
        if self.anything {
            seqno == self.last
        } else {
            seqno <= self.stored
        }
    }

    fn read_group(
        &mut self,
        segment: &Segment,
        offset: u64,
        header: &Header,
        payload: &[u8],
    ) -> Result<(), LogFault> {
        if !self.knows(header.seqno_before) {
            let what = format!(
                "group {} follows {}, which is missing",
                header.seqno, header.seqno_before
            );
            return Err(LogFault::damaged(&segment.path, offset, what));
        }
        self.anything = true;
        self.last = header.seqno;
        self.version = header.version;
        if header.seqno <= self.stored {
            return Ok(());
        }
        let writes = record::decode_payload(payload).ok_or_else(|| {
            LogFault::damaged(
                &segment.path,
                offset,
                "the group's writes are not well formed",
            )
        })?;
        self.groups += 1;
        (self.apply)(Group {
            seqno: header.seqno,
            version: header.version,
            writes,
        });
        Ok(())
    }

    /// Whether what lies behind the last good record proves that records are lost; else, whether a record
    /// was begun there.
    fn check_end(
        &self,
        segment: &Segment,
        bytes: &[u8],
        end: u64,
    ) -> Result<Option<String>, LogFault> {
        let begun = Header::decode(&bytes[end.min(segment.bytes) as usize..], segment.id, end);
        let mut offset = end as usize + RECORD_ALIGN;
        while offset + RECORD_HEADER_LEN <= bytes.len() {
            if bytes[offset..].starts_with(&RECORD_MAGIC)
                && let Some(later) = Header::decode(&bytes[offset..], segment.id, offset as u64)
                && (later.seqno > self.last || !self.anything)
            {
                let what = format!(
                    "a group is unreadable, and {:?} {} follows it",
                    later.kind, later.seqno
                );
                return Err(LogFault::damaged(&segment.path, end, what));
            }
            offset += RECORD_ALIGN;
        }
        Ok(begun.map(|header| format!("group {} is incomplete", header.seqno)))
    }
}

/// The record at `offset`, if it is whole.
fn record_at(bytes: &[u8], segment: u64, offset: u64) -> Option<(Header, &[u8])> {
    let rest = bytes.get(usize::try_from(offset).ok()?..)?;
    let header = Header::decode(rest, segment, offset)?;
    let payload = rest[RECORD_HEADER_LEN..].get(..header.payload_len as usize)?;
    (crc32c::crc32c(payload) == header.payload_crc).then_some((header, payload))
}

//! The log as a script: append, die, damage, open.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::record::RECORD_HEADER_LEN;
use super::segment::{SEGMENT_HEADER_BYTES, segment_path};
use super::*;
use crate::scratch::Scratch;

const BYTES: u64 = segment_bytes_min();

type Rows = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

struct Case {
    scratch: Scratch,
    writer: LogWriter,
}

impl Case {
    /// Groups 1 to `groups`, each of one row with a value of `value_bytes`.
    fn new(groups: u64, value_bytes: usize) -> Self {
        let scratch = Scratch::new("log");
        let writer = LogWriter::start(Segment::create(scratch.path(), 1, BYTES).unwrap());
        let mut case = Self { scratch, writer };
        (1..=groups).for_each(|seqno| case.append(seqno, value_bytes));
        case
    }

    fn append(&mut self, seqno: u64, value_bytes: usize) {
        let rows = rows(seqno, value_bytes);
        if !self.writer.fits(&rows) {
            let next =
                Segment::create(self.scratch.path(), self.writer.segment_id() + 1, BYTES).unwrap();
            self.writer.roll(next).unwrap();
        }
        self.writer
            .append(seqno, 1_000 + seqno as i64, &rows)
            .unwrap();
    }

    fn path(&self, segment: u64) -> PathBuf {
        segment_path(self.scratch.path(), segment)
    }

    fn overwrite(&self, segment: u64, offset: u64, bytes: &[u8]) {
        File::options()
            .write(true)
            .open(self.path(segment))
            .unwrap()
            .write_all_at(bytes, offset)
            .unwrap();
    }

    /// What a replay finds when the tables hold groups up to `stored`: the groups, or what is wrong.
    fn replay(&self, stored: u64) -> String {
        let mut groups = Vec::new();
        let replayed = replay(self.scratch.path(), stored, |group| {
            assert_eq!(group.version, 1_000 + group.seqno as i64);
            groups.push(group.seqno);
        });
        match replayed {
            Ok(_) => format!("{groups:?}"),
            Err(fault) => fault
                .to_string()
                .rsplit(": ")
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

fn rows(seqno: u64, value_bytes: usize) -> Rows {
    BTreeMap::from([(
        seqno.to_be_bytes().to_vec(),
        Some(vec![seqno as u8; value_bytes]),
    )])
}

fn record_bytes(value_bytes: u64) -> u64 {
    (RECORD_HEADER_LEN as u64 + 6 + 8 + value_bytes).next_multiple_of(8)
}

#[test]
fn groups_come_back_in_order_and_those_in_the_tables_are_skipped() {
    let case = Case::new(4, 10);
    assert_eq!(case.replay(0), "[1, 2, 3, 4]");
    assert_eq!(case.replay(3), "[4]");
    assert_eq!(case.replay(4), "[]");
}

#[test]
fn the_log_goes_on_over_segments_and_after_a_replay() {
    let mut case = Case::new(7, 90_000);
    assert!(case.writer.segment_id() > 2);
    assert_eq!(case.replay(0), "[1, 2, 3, 4, 5, 6, 7]");
    case.writer = replay(case.scratch.path(), 0, |_| {}).unwrap().writer;
    case.append(8, 90_000);
    assert_eq!(case.replay(6), "[7, 8]");
}

#[test]
fn a_segment_used_again_shows_nothing_of_its_past() {
    let mut case = Case::new(2, 100);
    let next = Segment::create(case.scratch.path(), 2, BYTES).unwrap();
    let full = case.writer.roll(next).unwrap();
    case.append(3, 100);
    full.reuse(case.scratch.path(), 3).unwrap();
    assert_eq!(case.replay(2), "[3]");
    let replayed = replay(case.scratch.path(), 2, |_| {}).unwrap();
    assert_eq!(replayed.spare.map(|spare| spare.id), Some(3));
}

#[test]
fn a_torn_group_at_the_end_is_dropped_and_overwritten() {
    let mut case = Case::new(2, 1_000);
    let third = SEGMENT_HEADER_BYTES + 2 * record_bytes(1_000);
    case.append(3, 1_000);
    // As if the machine had died before the third group was whole: no note behind it either.
    case.overwrite(1, third + 500, &vec![0; 2_000]);
    assert_eq!(case.replay(0), "[1, 2]");
    case.writer = replay(case.scratch.path(), 0, |_| {}).unwrap().writer;
    case.append(3, 10);
    assert_eq!(case.replay(0), "[1, 2, 3]");
}

#[test]
fn any_flipped_bit_in_a_synced_group_is_damage() {
    let case = Case::new(3, 20);
    let end = SEGMENT_HEADER_BYTES + 3 * record_bytes(20);
    let good = fs::read(case.path(1)).unwrap();
    let padding = |offset: u64| {
        (offset - SEGMENT_HEADER_BYTES) % record_bytes(20) >= RECORD_HEADER_LEN as u64 + 34
    };
    for offset in (SEGMENT_HEADER_BYTES..end).filter(|&offset| !padding(offset)) {
        case.overwrite(1, offset, &[good[offset as usize] ^ 4]);
        let found = case.replay(0);
        assert!(
            found.contains("follows it") || found.contains("was here"),
            "offset {offset}: {found}"
        );
        case.overwrite(1, offset, &good[offset as usize..=offset as usize]);
    }
    assert_eq!(case.replay(0), "[1, 2, 3]");
}

#[test]
fn a_cut_or_emptied_file_is_damage() {
    for length in [0, 10, SEGMENT_HEADER_BYTES, BYTES - 1] {
        let case = Case::new(3, 20);
        File::options()
            .write(true)
            .open(case.path(1))
            .unwrap()
            .set_len(length)
            .unwrap();
        let found = case.replay(0);
        assert!(
            found.contains("cut short") || found.contains("bytes where"),
            "{length}: {found}"
        );
    }
}

#[test]
fn a_missing_segment_is_damage() {
    let missing = |segments: &[u64], stored| {
        let case = Case::new(7, 90_000);
        segments
            .iter()
            .for_each(|&segment| fs::remove_file(case.path(segment)).unwrap());
        case.replay(stored)
    };
    assert_eq!(missing(&[1], 0), "group 3 follows 2, which is missing");
    assert_eq!(missing(&[1], 2), "[3, 4, 5, 6, 7]");
    assert_eq!(missing(&[2], 0), "segment 2 before it is missing");
    assert_eq!(
        missing(&[4], 0),
        "the log goes on in a segment that is missing"
    );
    assert_eq!(
        missing(&[1, 2, 3, 4], 0),
        "there is no segment of the log in this directory"
    );
}

#[test]
fn a_log_that_ends_before_the_tables_is_damage() {
    let case = Case::new(3, 20);
    assert_eq!(
        case.replay(5),
        "the log ends with group 3, but the tables hold group 5"
    );
}

#[test]
fn a_failed_sync_is_an_error() {
    let scratch = Scratch::new("log");
    let writer = LogWriter::start(Segment::create(scratch.path(), 1, BYTES).unwrap());
    let mut writer = writer.with_sync(|_| Err(io::Error::from(io::ErrorKind::StorageFull)));
    let failed = writer.append(1, 1, &rows(1, 1)).unwrap_err().to_string();
    assert!(failed.starts_with("sync "), "{failed}");
}

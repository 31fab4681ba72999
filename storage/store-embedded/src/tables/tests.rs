//! Readers of every time against a model, while buffers become tables and tables are merged under them.

use std::collections::BTreeMap;

use super::*;
use crate::scratch::Scratch;

const KEYS: u64 = 40;

/// A sequence that a seed fixes (xorshift).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What each key was set to, by group. None is a cleared key.
#[derive(Default)]
struct Model(BTreeMap<Vec<u8>, BTreeMap<u64, Option<Vec<u8>>>>);

impl Model {
    fn rows(&self, begin: &[u8], end: &[u8], before: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
        let newest = |(key, versions): (&Vec<u8>, &BTreeMap<u64, Option<Vec<u8>>>)| {
            let (_, value) = versions.range(..before).next_back()?;
            Some((key.clone(), value.clone()?))
        };
        self.0
            .range(begin.to_vec()..end.to_vec())
            .filter_map(newest)
            .collect()
    }
}

fn key(n: u64) -> Vec<u8> {
    // Some begin alike, one is the empty key, and one begins with a zero byte.
    match n {
        0 => Vec::new(),
        1 => vec![0],
        _ => [b"k".as_slice(), &n.to_be_bytes()[7 - (n % 2) as usize..]].concat(),
    }
}

fn check(tables: &Tables, model: &Model, before: u64, draws: &mut Draws) {
    let (a, b) = (key(draws.below(KEYS)), key(draws.below(KEYS)));
    let (begin, end) = (a.clone().min(b.clone()), a.max(b));
    let expected = model.rows(&begin, &end, before);
    for reverse in [false, true] {
        let scan = Scan {
            begin: &begin,
            end: &end,
            limit: 7,
            bytes_target: usize::MAX,
            reverse,
        };
        let found = tables
            .scan_kept(&scan, before)
            .unwrap()
            .expect("above the floor");
        let in_order: Vec<_> = if reverse {
            expected.iter().rev().take(7).cloned().collect()
        } else {
            expected.iter().take(7).cloned().collect()
        };
        assert_eq!(found.rows, in_order, "before {before}, reverse: {reverse}");
    }
    let keys: Vec<_> = expected.into_iter().map(|(key, _)| key).collect();
    assert_eq!(tables.keys(&begin, &end, before).unwrap(), keys);
    let one = key(draws.below(KEYS));
    let after = [one.as_slice(), &[0]].concat();
    let value = model
        .rows(&one, &after, before)
        .pop()
        .map(|(_, value)| value);
    assert_eq!(tables.get_kept(&one, before).unwrap(), Some(value));
}

/// Writes the full buffer into a table.
fn flush(tables: &Tables) {
    if let Some(buffer) = tables.next_full() {
        tables.write_table(&buffer).unwrap();
        tables.table_written();
    }
}

#[test]
fn readers_of_every_time_see_what_was_written_before_it() {
    for seed in 1..=3 {
        let scratch = Scratch::new("tables");
        let settings = EmbeddedSettings {
            separate_value_bytes: 256,
            ..EmbeddedSettings::default()
        };
        let tables = Tables::open(scratch.path(), &settings).unwrap();
        let (mut draws, mut model) = (Draws(seed * 0x9e37_79b9), Model::default());
        let (mut before, mut floor, mut merges) = (tables.seqno_after(), 0, 0);
        for _ in 0..200 {
            let seqno = tables.next_seqno();
            let mut writes = BTreeMap::new();
            for _ in 0..1 + draws.below(6) {
                let len = [0, 20, 300][draws.below(3) as usize];
                let value = (draws.below(4) > 0).then(|| vec![seqno as u8; len]);
                writes.insert(key(draws.below(KEYS)), value);
            }
            let rows = writes.iter();
            tables.insert(
                rows.map(|(key, value)| (key.as_slice(), value.as_deref())),
                seqno,
            );
            for (key, value) in writes {
                model.0.entry(key).or_default().insert(seqno, value);
            }
            before = seqno + 1;
            match draws.below(12) {
                0..6 => {
                    tables.seal(Milestone { seqno, version: 0 });
                    flush(&tables);
                }
                6..8 => merges += u32::from(tables.compact().unwrap()),
                8 => {
                    floor = before - draws.below(before - floor);
                    tables.forget_before(floor).unwrap();
                }
                _ => {}
            }
            assert_eq!(tables.overlapping(), tables.tree.l0_run_count());
            assert_eq!(tables.disk_bytes(), tables.tree.disk_space());
            for _ in 0..3 {
                let past = before
                    - draws
                        .below(before - floor.max(1) + 1)
                        .min(before - floor.max(1));
                check(&tables, &model, past, &mut draws);
            }
        }
        assert!(merges > 2, "{merges} merges, so nothing was tested");
        tables.forget_before(before).unwrap();
        assert!(tables.get_kept(&key(2), before - 1).unwrap().is_none());
    }
}

#[test]
fn a_buffer_goes_when_its_table_is_there_but_for_readers_from_before_a_merge() {
    let scratch = Scratch::new("tables");
    let tables = Tables::open(scratch.path(), &EmbeddedSettings::default()).unwrap();
    let table = |n: u64| {
        let seqno = tables.next_seqno();
        tables.insert(
            [(n.to_be_bytes().as_slice(), Some([7; 100].as_slice()))],
            seqno,
        );
        tables.insert([(b"k".as_slice(), Some(n.to_be_bytes().as_slice()))], seqno);
        tables.seal(Milestone { seqno, version: 0 });
        flush(&tables);
        seqno + 1
    };
    // Groups have higher numbers than states of the tables, as where many groups fill a buffer.
    tables.groups.fetch_max(100);
    let first = table(0);
    tables.forget_before(first).unwrap();
    let empty = tables.buffers_bytes();
    for n in 1..=u64::from(OVERLAPPING_MERGED) {
        table(n);
        assert!(tables.buffers_bytes() <= empty, "{n}: a buffer is kept");
    }
    while tables.compact().unwrap() {}
    let last = table(20);
    assert!(tables.buffers_bytes() > empty && tables.has_history());
    let at = |before| tables.get_kept(b"k", before).unwrap();
    assert_eq!(at(first), Some(Some(0u64.to_be_bytes().to_vec())));
    assert_eq!(at(last), Some(Some(20u64.to_be_bytes().to_vec())));
    tables.forget_before(tables.seqno_after()).unwrap();
    assert!(tables.buffers_bytes() <= empty && !tables.has_history());
}

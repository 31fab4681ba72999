//! A buffer against a model, with many leaves and more rows than a page.

use std::collections::BTreeMap;

use super::*;

const KEYS: u32 = 7_000;

/// What was written under a key, by group, the newest first.
type Versions = Vec<(u64, Option<Vec<u8>>)>;

type Model = BTreeMap<Vec<u8>, Versions>;

/// Keys that come in no order, each twice, a fifth of them cleared in the end.
fn filled() -> (WriteBuffer, Model) {
    let (buffer, mut model) = (WriteBuffer::with_capacity(10), Model::new());
    for n in 0..2 * KEYS {
        let key = (n * 3_001 % KEYS).to_be_bytes().to_vec();
        let value = (n % 5 != 0 || n < KEYS).then(|| vec![n as u8; n as usize % 90]);
        let parts = value.as_ref().map(|value| value.split_at(value.len() / 3));
        buffer.insert(&key, parts.map(|(one, two)| [one, two]), u64::from(n));
        model
            .entry(key)
            .or_default()
            .insert(0, (u64::from(n), value));
    }
    (buffer, model)
}

#[test]
fn every_row_is_found_as_of_every_time() {
    let (buffer, model) = filled();
    assert_eq!(buffer.keys(), model.len());
    for (key, versions) in &model {
        for (at, (seqno, value)) in versions.iter().enumerate() {
            let get = |before| buffer.get(key, before);
            assert_eq!(get(seqno + 1).as_ref(), Some(value));
            let older = versions.get(at + 1).map(|(_, value)| value.clone());
            assert_eq!(get(*seqno), older);
        }
    }
    assert!(buffer.get(b"absent", u64::MAX).is_none());
}

#[test]
fn pages_come_in_order_from_both_ends() {
    let (buffer, model) = filled();
    let (begin, end) = (100_u32.to_be_bytes(), 6_900_u32.to_be_bytes());
    let before = u64::from(KEYS) * 3 / 2;
    let as_of = |versions: &[(u64, Option<Vec<u8>>)]| {
        let found = versions.iter().find(|(seqno, _)| *seqno < before);
        found.map(|(_, value)| value.clone())
    };
    let expected: Vec<_> = model
        .range(begin.to_vec()..end.to_vec())
        .filter_map(|(key, versions)| {
            let (key, value) = (key.clone(), as_of(versions)?);
            Some(BufferRow { key, value })
        })
        .collect();
    assert!(expected.len() > 6_000);
    let (mut forwards, mut from) = (Vec::new(), begin.to_vec());
    loop {
        let page = buffer.page((&from, &end), false, before, true);
        assert!(page.rows.len() <= PAGE_ROWS);
        forwards.extend(page.rows);
        if page.is_last {
            break;
        }
        from = [forwards.last().unwrap().key.as_slice(), &[0]].concat();
    }
    assert_eq!(forwards, expected);
    let backwards = buffer.page((&begin, &end), true, before, true);
    assert!(
        backwards
            .rows
            .iter()
            .eq(expected.iter().rev().take(PAGE_ROWS))
    );
    let keys = buffer.page((&begin, &end), false, before, false).rows;
    let has_no_value = |row: &BufferRow| row.value.as_ref().is_none_or(Vec::is_empty);
    assert!(keys.len() == PAGE_ROWS && keys.iter().all(has_no_value));
}

#[test]
fn a_page_of_large_values_is_short() {
    let buffer = WriteBuffer::with_capacity(0);
    (0..9u8).for_each(|n| buffer.insert(&[n], Some([&[n; 30_000], &[]]), 1));
    let page = buffer.page((&[], &[9]), false, 2, true);
    assert_eq!((page.rows.len(), page.is_last), (3, false));
    let page = buffer.page((&[6], &[9]), false, 2, true);
    assert_eq!((page.rows.len(), page.is_last), (3, true));
}

#[test]
fn a_table_gets_what_readers_from_the_floor_on_may_see() {
    let (buffer, model) = filled();
    for floor in [0, u64::from(KEYS) + 2_000, u64::MAX] {
        let needed = model.iter().flat_map(|(key, versions)| {
            // All but those that a newer one hides from everybody.
            let hidden = versions.iter().position(|(seqno, _)| *seqno < floor);
            let seen = versions
                .iter()
                .take(hidden.map_or(versions.len(), |at| at + 1));
            seen.map(|(seqno, value)| (key.clone(), *seqno, value.clone()))
        });
        let written = buffer.write_to(floor, |rows| {
            rows.map(|row| {
                let value = (!row.is_tombstone()).then(|| row.value.to_vec());
                (row.key.user_key.to_vec(), row.key.seqno, value)
            })
            .collect::<Vec<_>>()
        });
        assert!(needed.eq(written), "floor {floor}");
    }
}

#[test]
fn its_memory_is_counted() {
    let (buffer, model) = filled();
    let written: usize = (model.iter())
        .flat_map(|(key, versions)| {
            versions
                .iter()
                .map(|(_, value)| key.len() + value.as_ref().map_or(0, Vec::len))
        })
        .sum();
    let bytes = buffer.bytes() as usize;
    assert!(
        bytes > written && bytes < written + 14_000 * 18 + 7_000 * 24,
        "{bytes}, {written} written"
    );
}

//! Tuples, cut into their elements as they are packed: FoundationDB's `design/tuple.md`.
//!
//! `foundationdb-tuple` makes values of elements, of the types that it was built with; here any element is
//! only copied.

const NIL: u8 = 0x00;
const BYTES: u8 = 0x01;
const STRING: u8 = 0x02;
const NESTED: u8 = 0x05;
const NEGATIVE_LONG: u8 = 0x0b;
const INT_FIRST: u8 = 0x0c;
const INT_ZERO: u8 = 0x14;
const INT_LAST: u8 = 0x1c;
const POSITIVE_LONG: u8 = 0x1d;
const FLOAT: u8 = 0x20;
const LONG_DOUBLE: u8 = 0x22;
const FALSE: u8 = 0x26;
const TRUE: u8 = 0x27;
const UUID: u8 = 0x30;
const ID_64: u8 = 0x31;
const VERSIONSTAMP_80: u8 = 0x32;
const VERSIONSTAMP_96: u8 = 0x33;
const ESCAPE: u8 = 0xff;

/// Tuples within tuples, at most.
const DEPTH_MAX: usize = 100;

/// The elements of a packed tuple; none if it is not one.
pub(super) fn elements(mut packed: &[u8]) -> Option<Vec<&[u8]>> {
    let mut elements = Vec::new();
    while !packed.is_empty() {
        let (element, rest) = packed.split_at_checked(length(packed, 0)?)?;
        elements.push(element);
        packed = rest;
    }
    Some(elements)
}

/// What a packed text or byte string says; none for another element.
pub(super) fn text(element: &[u8]) -> Option<Vec<u8>> {
    let [BYTES | STRING, body @ .., NIL] = element else {
        return None;
    };
    let mut text = Vec::with_capacity(body.len());
    let mut rest = body.iter();
    while let Some(byte) = rest.next() {
        text.push(*byte);
        if *byte == NIL {
            rest.next();
        }
    }
    Some(text)
}

/// A byte string, packed.
pub(super) fn packed_bytes(text: &[u8]) -> Vec<u8> {
    let escaped = text.iter().flat_map(|byte| match *byte {
        NIL => vec![NIL, ESCAPE],
        byte => vec![byte],
    });
    std::iter::once(BYTES).chain(escaped).chain([NIL]).collect()
}

/// How many bytes the first element takes.
fn length(packed: &[u8], depth: usize) -> Option<usize> {
    let (code, body) = packed.split_first()?;
    let body_length = match *code {
        NIL | FALSE | TRUE => 0,
        BYTES | STRING => text_length(body)?,
        NESTED => nested_length(body, depth + 1)?,
        NEGATIVE_LONG => 1 + usize::from(ESCAPE - *body.first()?),
        POSITIVE_LONG => 1 + usize::from(*body.first()?),
        INT_FIRST..=INT_LAST => usize::from(code.abs_diff(INT_ZERO)),
        FLOAT..=LONG_DOUBLE => [4, 8, 10][usize::from(*code - FLOAT)],
        UUID => 16,
        ID_64 => 8,
        VERSIONSTAMP_80 => 10,
        VERSIONSTAMP_96 => 12,
        _ => return None,
    };
    (body_length <= body.len()).then_some(1 + body_length)
}

/// Up to the zero that is not escaped.
fn text_length(body: &[u8]) -> Option<usize> {
    let mut place = 0;
    loop {
        place += body.get(place..)?.iter().position(|byte| *byte == NIL)? + 1;
        if body.get(place) != Some(&ESCAPE) {
            return Some(place);
        }
        place += 1;
    }
}

fn nested_length(body: &[u8], depth: usize) -> Option<usize> {
    if depth > DEPTH_MAX {
        return None;
    }
    let mut place = 0;
    loop {
        match body.get(place..)? {
            [NIL, ESCAPE, ..] => place += 2,
            [NIL, ..] => return Some(place + 1),
            element => place += length(element, depth)?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Keyspace;
    use store::keys::{Bytes, Element, TupleVersionstamp};

    #[test]
    fn elements_are_cut_where_they_end() {
        let nested = Element::Tuple(vec![
            Element::Nil,
            Element::Int(-300),
            Element::String("a\0b".into()),
        ]);
        let all = vec![
            Element::Nil,
            Element::Bytes(Bytes::from(b"\0\xff\0".as_slice())),
            Element::String("text".into()),
            nested,
            Element::Int(0),
            Element::Int(i64::MIN),
            Element::Int(70_000),
            Element::Float(1.5),
            Element::Double(-2.5),
            Element::Bool(true),
            Element::Versionstamp(TupleVersionstamp::complete([7; 10], 3)),
        ];
        let pack = |elements: Vec<Element<'_>>| Keyspace::new("").pack(&elements);
        let packed = pack(all.clone());
        let cut = elements(&packed).unwrap();
        let expected: Vec<Vec<u8>> = all.into_iter().map(|element| pack(vec![element])).collect();
        assert_eq!(cut, expected);
    }

    #[test]
    fn texts_come_back() {
        assert_eq!(text(&packed_bytes(b"a\0b")), Some(b"a\0b".to_vec()));
        assert_eq!(text(&Keyspace::new("").pack(&("k",))), Some(b"k".to_vec()));
        assert_eq!(text(&[INT_ZERO]), None);
    }

    #[test]
    fn what_is_no_tuple_is_told() {
        for packed in [
            &b"\xfe"[..],
            b"\x02ab",
            b"\x15",
            b"\x05\x15\x01",
            b"\x30abc",
            b"\x0b",
        ] {
            assert_eq!(elements(packed), None, "{packed:?}");
        }
        assert_eq!(elements(&[NESTED; 1_000]), None);
    }
}

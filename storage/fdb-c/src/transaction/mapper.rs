//! How a row names other rows: the mapper of `fdb_transaction_get_mapped_range`.
//!
//! A mapper is a tuple. `{K[n]}` and `{V[n]}` stand for the n-th element of the row's key and value, which must
//! be tuples then; `{...}` at the end makes a prefix of what is before; `{{` and `}}` are braces.

use store::StoreError;

use super::tuple;

const BAD_INDEX: i32 = 2030;
const BAD_RANGE_DESCRIPTOR: i32 = 2032;
const KEY_NOT_TUPLE: i32 = 2041;
const VALUE_NOT_TUPLE: i32 = 2042;
const MAPPER_NOT_TUPLE: i32 = 2043;

/// A mapper that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mapper {
    parts: Vec<Part>,
    /// Whether it names a range and not one key.
    pub(crate) names_range: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// These bytes.
    Fixed(Vec<u8>),
    /// An element of the row's key; none for a number that is not one.
    OfKey(Option<usize>),
    /// An element of the row's value.
    OfValue(Option<usize>),
}

impl Mapper {
    /// Understands `mapper`.
    pub(crate) fn of(mapper: &[u8]) -> Result<Self, StoreError> {
        let elements = tuple::elements(mapper).ok_or_else(|| StoreError::new(MAPPER_NOT_TUPLE))?;
        let mut parts = Vec::with_capacity(elements.len());
        for (place, element) in elements.iter().enumerate() {
            match tuple::text(element) {
                Some(text) if text == b"{...}" && place + 1 == elements.len() => {
                    return Ok(Self {
                        parts,
                        names_range: true,
                    });
                }
                Some(text) if text == b"{...}" => {
                    return Err(StoreError::new(BAD_RANGE_DESCRIPTOR));
                }
                Some(text) => parts.push(part(&text, element)),
                None => parts.push(Part::Fixed(element.to_vec())),
            }
        }
        Ok(Self {
            parts,
            names_range: false,
        })
    }

    /// The key, or the prefix, that the row names.
    pub(crate) fn apply(&self, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut named = Vec::new();
        for part in &self.parts {
            match part {
                Part::Fixed(bytes) => named.extend_from_slice(bytes),
                Part::OfKey(index) => named.extend_from_slice(element(key, *index, KEY_NOT_TUPLE)?),
                Part::OfValue(index) => {
                    named.extend_from_slice(element(value, *index, VALUE_NOT_TUPLE)?)
                }
            }
        }
        Ok(named)
    }
}

/// What a text of the mapper stands for; `packed` is that text as it is in the tuple.
fn part(text: &[u8], packed: &[u8]) -> Part {
    let unescaped = replaced(&replaced(text, b"{{", b'{'), b"}}", b'}');
    if unescaped != text {
        return Part::Fixed(tuple::packed_bytes(&unescaped));
    }
    let index = |number: &[u8]| std::str::from_utf8(number).ok()?.parse().ok();
    match text.strip_suffix(b"]}") {
        Some(head) if head.starts_with(b"{K[") && head.len() > 3 => Part::OfKey(index(&head[3..])),
        Some(head) if head.starts_with(b"{V[") && head.len() > 3 => {
            Part::OfValue(index(&head[3..]))
        }
        _ => Part::Fixed(packed.to_vec()),
    }
}

fn replaced(text: &[u8], pair: &[u8; 2], with: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        if let Some(tail) = rest.strip_prefix(pair) {
            out.push(with);
            rest = tail;
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

fn element(packed: &[u8], index: Option<usize>, not_tuple: i32) -> Result<&[u8], StoreError> {
    let index = index.ok_or_else(|| StoreError::new(BAD_INDEX))?;
    let elements = tuple::elements(packed).ok_or_else(|| StoreError::new(not_tuple))?;
    elements
        .get(index)
        .copied()
        .ok_or_else(|| StoreError::new(BAD_INDEX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::Keyspace;

    fn packed<T: store::keys::TuplePack>(tuple: &T) -> Vec<u8> {
        Keyspace::new("").pack(tuple)
    }

    #[track_caller]
    fn check<T: store::keys::TuplePack>(mapper: &T, expected: Result<(Vec<u8>, bool), i32>) {
        let (key, value) = (packed(&("key-0", 7u32, "key-2")), packed(&("value-0",)));
        let found = Mapper::of(&packed(mapper)).and_then(|mapper| {
            let named = mapper.apply(&key, &value)?;
            Ok((named, mapper.names_range))
        });
        assert_eq!(found.map_err(|error| error.code()), expected);
    }

    #[test]
    fn a_mapper_takes_elements_of_key_and_value() {
        check(
            &("normal", "{K[1]}", "{V[0]}", "{...}"),
            Ok((packed(&("normal", 7u32, "value-0")), true)),
        );
        check(&(1u32, "{K[2]}"), Ok((packed(&(1u32, "key-2")), false)));
        let escaped = packed(&(store::keys::Bytes::from(b"{escaped}".as_slice()),));
        check(&("{{escaped}}",), Ok((escaped, false)));
    }

    #[test]
    fn what_it_can_not_mean_is_refused() {
        check(&("{K[3]}",), Err(BAD_INDEX));
        check(&("{K[x]}",), Err(BAD_INDEX));
        check(&("{...}", "last"), Err(BAD_RANGE_DESCRIPTOR));
        assert_eq!(Mapper::of(b"\xfe").unwrap_err().code(), MAPPER_NOT_TUPLE);
        let of_key = Mapper::of(&packed(&("{K[0]}",))).unwrap();
        assert_eq!(
            of_key.apply(b"\xfe", b"").unwrap_err().code(),
            KEY_NOT_TUPLE
        );
        let of_value = Mapper::of(&packed(&("{V[0]}",))).unwrap();
        assert_eq!(
            of_value.apply(b"", b"\xfe").unwrap_err().code(),
            VALUE_NOT_TUPLE
        );
    }
}

//! Keys as the tables hold them. They take no empty key, which FoundationDB has: so it is a zero byte, and a
//! key that begins with a zero byte has one more. All others are as they are, and the order stays.

use std::borrow::Cow;

/// `key` as it is stored.
pub(crate) fn stored(key: &[u8]) -> Cow<'_, [u8]> {
    match key.first() {
        None => Cow::Borrowed(&[0]),
        Some(0) => Cow::Owned([&[0], key].concat()),
        Some(_) => Cow::Borrowed(key),
    }
}

/// The key that is stored as `stored`.
pub(crate) fn original(stored: &[u8]) -> &[u8] {
    stored.strip_prefix(&[0]).unwrap_or(stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_in_their_order() {
        let keys: [&[u8]; 8] = [b"", b"\0", b"\0\0", b"\0\0a", b"\0a", b"\x01", b"a", b"a\0"];
        let all: Vec<_> = keys.map(stored).to_vec();
        assert!(all.is_sorted() && all.iter().all(|stored| !stored.is_empty()));
        let back: Vec<&[u8]> = all.iter().map(|stored| original(stored)).collect();
        assert_eq!(back, keys);
    }
}

//! `\xff\xff/tracing/`: under which id a transaction would be traced. Nothing is; the id is kept and told.

use std::cell::Cell;

use store::{StoreError, code};

/// The id of the transaction, 32 hexadecimal digits.
pub(super) const TRANSACTION_ID: &[u8] = b"\xff\xff/tracing/transaction_id";

/// The id of its first span as a decimal number; 0: it is not traced.
pub(super) const TOKEN: &[u8] = b"\xff\xff/tracing/token";

/// A special key was given a value that it does not take.
const API_FAILURE: i32 = 2117;

/// What one transaction is traced under.
#[derive(Default)]
pub(crate) struct Tracing {
    /// None until it is asked for or set.
    id: Cell<Option<u128>>,
    token: Cell<u64>,
}

impl Tracing {
    /// Both rows, in order. An id that there is not yet is drawn by `random`.
    pub(super) fn rows(&self, random: impl Fn() -> u64) -> Vec<(Vec<u8>, Vec<u8>)> {
        let id = self.id.get().unwrap_or_else(|| {
            // Neither half is 0, which stands for no id.
            let half = || u128::from(random() | 1);
            half() << 64 | half()
        });
        self.id.set(Some(id));
        vec![
            (TOKEN.to_vec(), self.token.get().to_string().into_bytes()),
            (TRANSACTION_ID.to_vec(), format!("{id:032x}").into_bytes()),
        ]
    }

    /// Takes a value for one of the two keys, 2117 for one that it can't be.
    pub(super) fn set(
        &self,
        key: &[u8],
        value: &[u8],
        random: impl Fn() -> u64,
    ) -> Result<(), StoreError> {
        let text = std::str::from_utf8(value).unwrap_or_default();
        match key {
            TRANSACTION_ID => match u128::from_str_radix(text, 16) {
                Ok(id) => self.id.set(Some(id)),
                Err(_) => return Err(StoreError::new(code::CLIENT_INVALID_OPERATION)),
            },
            _ => match text {
                "true" => self.token.set(random() | 1),
                "false" => self.token.set(0),
                _ => return Err(StoreError::new(API_FAILURE)),
            },
        }
        Ok(())
    }

    /// As for a new transaction.
    pub(super) fn reset(&self) {
        self.id.set(None);
        self.token.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_until_it_is_set() {
        let tracing = Tracing::default();
        let first = tracing.rows(|| 6);
        assert_eq!(first, tracing.rows(|| 8));
        assert_eq!(first[1].1, b"00000000000000070000000000000007");
        tracing
            .set(TRANSACTION_ID, b"0000000000000001000000000000000a", || 0)
            .unwrap();
        assert_eq!(tracing.rows(|| 8)[1].1, b"0000000000000001000000000000000a");
        assert!(tracing.set(TRANSACTION_ID, b"x", || 0).is_err());
    }

    #[test]
    fn a_token_is_on_or_off() {
        let tracing = Tracing::default();
        tracing.set(TOKEN, b"true", || 4).unwrap();
        assert_eq!(tracing.rows(|| 1)[0].1, b"5");
        tracing.set(TOKEN, b"false", || 4).unwrap();
        assert_eq!(tracing.rows(|| 1)[0].1, b"0");
        assert_eq!(
            tracing.set(TOKEN, b"yes", || 4).unwrap_err().code(),
            API_FAILURE
        );
    }
}

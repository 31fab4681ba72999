//! Options of the network. There is none here, so what is well-formed is taken and has no effect; but for
//! one, by which FoundationDB's client puts a layer of its own between a program and its transactions.

use std::sync::atomic::{AtomicBool, Ordering};

use store::StoreError;

use super::{absent, present, whole_number};
use crate::errors::code;

const DISABLE_CLIENT_BYPASS: i32 = 72;

static LAYERED: AtomicBool = AtomicBool::new(false);

/// Whether the layer for clients of several versions is there: it answers some calls by itself.
pub(crate) fn is_layered() -> bool {
    LAYERED.load(Ordering::Relaxed)
}

/// Takes an option.
pub(crate) fn set(option: i32, value: Option<&[u8]>) -> Result<(), StoreError> {
    check(option, value)?;
    if option == DISABLE_CLIENT_BYPASS {
        LAYERED.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// 2007 for an option that FoundationDB does not know, 2006 for a value that it would refuse.
fn check(option: i32, value: Option<&[u8]>) -> Result<(), StoreError> {
    match option {
        // Trace files, TLS, knobs and clients for other versions: nothing of it is here.
        10 | 20 | 30 | 33 | 38 | 41 | 48 | 49 | 80 | 81 => Ok(()),
        34 => one_of(value, &["xml", "json"]),
        35 => one_of(value, &["now", "realtime"]),
        90 => one_of(
            value,
            &[
                "none",
                "disabled",
                "logfile",
                "file",
                "log_file",
                "network_lossy",
            ],
        ),
        36 | 39 | 42 | 43 | 45..=47 | 52..=54 | 62 | 63 | 66 | 91 | 1000 | 1002 => {
            present(value).map(drop)
        }
        31 | 32 => whole_number(value, 0..=i64::MAX).map(drop),
        40 => knob(present(value)?),
        50 | 51 | 82 | 83 => whole_number(value, 0..=100).map(drop),
        65 => whole_number(value, 1..=1024).map(drop),
        37 | 60 | 61 | 64 | 67..=72 | 1001 => absent(value),
        _ => Err(StoreError::new(code::INVALID_OPTION)),
    }
}

fn one_of(value: Option<&[u8]>, words: &[&str]) -> Result<(), StoreError> {
    let value = present(value)?;
    match words.iter().any(|word| word.as_bytes() == value) {
        true => Ok(()),
        false => Err(super::invalid("one of its words")),
    }
}

fn knob(value: &[u8]) -> Result<(), StoreError> {
    match value.contains(&b'=') {
        true => Ok(()),
        false => Err(super::invalid("name=value")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_known_by_number() {
        let code_of =
            |option, value: Option<&[u8]>| check(option, value).map_err(|error| error.code());
        assert_eq!(code_of(30, None), Ok(()));
        assert_eq!(code_of(34, Some(b"json")), Ok(()));
        assert_eq!(code_of(34, Some(b"toml")), Err(2006));
        assert_eq!(code_of(31, Some(&5i64.to_le_bytes())), Ok(()));
        assert_eq!(code_of(31, Some(b"5")), Err(2006));
        assert_eq!(code_of(40, Some(b"a")), Err(2006));
        assert_eq!(code_of(72, Some(b"a")), Err(2006));
        assert_eq!(code_of(11, None), Err(2007));
    }
}

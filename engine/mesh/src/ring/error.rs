//! Why a push was refused.

use std::error::Error;
use std::fmt;

/// A push that was refused; it hands the item back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PushError<T> {
    /// The ring holds as many items as it may. Nobody is told when there is room again: try later, or answer
    /// "overloaded".
    Full(T),
    /// The other end is gone, or takes nothing more. It stays so.
    Closed(T),
}

impl<T> PushError<T> {
    /// The item that was not sent.
    pub fn into_inner(self) -> T {
        match self {
            Self::Full(item) | Self::Closed(item) => item,
        }
    }
}

// By hand, so that an item need not be `Debug`, and is never printed.
impl<T> fmt::Debug for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the ring to the receiving core is full: retry later or send less",
            Self::Closed(_) => {
                "the receiving core has closed its end of the ring: it is shutting down"
            }
        })
    }
}

impl<T> Error for PushError<T> {}

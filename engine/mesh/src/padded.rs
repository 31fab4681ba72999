//! Keeps two words that different cores write out of one cache line.

use std::ops::Deref;

/// A value alone in its cache lines.
///
/// 128 bytes, not 64: Intel's prefetcher fetches lines in pairs, and several ARM cores have lines of 128 bytes.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Padded<T>(T);

impl<T> Padded<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for Padded<T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        &self.0
    }
}

//! When the store, or the way to it, is down.

use std::collections::BTreeMap;

use crate::HandleId;

/// What is down until when. An outage that has passed is as good as none.
#[derive(Debug, Default)]
pub(crate) struct Outages {
    unavailable_until_us: u64,
    cut_off_until_us: BTreeMap<HandleId, u64>,
}

/// Why a handle has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    /// The handle is cut off from the store.
    CutOff,
    /// The store does nothing for anybody.
    Unavailable,
}

impl Outages {
    pub(crate) fn set_unavailable(&mut self, until_us: u64) {
        self.unavailable_until_us = until_us;
    }

    pub(crate) fn cut_off(&mut self, handle: HandleId, until_us: u64) {
        self.cut_off_until_us.insert(handle, until_us);
    }

    /// Before this time nothing is resolved.
    pub(crate) fn unavailable_until_us(&self) -> u64 {
        self.unavailable_until_us
    }

    pub(crate) fn is_cut_off(&self, handle: HandleId, now_us: u64) -> bool {
        // Looked at by every operation, and mostly empty.
        !self.cut_off_until_us.is_empty()
            && self
                .cut_off_until_us
                .get(&handle)
                .is_some_and(|until_us| now_us < *until_us)
    }

    /// What keeps `handle` from being answered, and how many microseconds longer.
    pub(crate) fn of(&self, handle: HandleId, now_us: u64) -> Option<(Outage, u64)> {
        if self.is_cut_off(handle, now_us) {
            let left_us = self.cut_off_until_us[&handle] - now_us;
            return Some((Outage::CutOff, left_us));
        }
        let left_us = self.unavailable_until_us.saturating_sub(now_us);
        (left_us > 0).then_some((Outage::Unavailable, left_us))
    }
}

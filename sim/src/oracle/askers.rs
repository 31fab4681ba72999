//! How much everybody asks: who asks more than is remembered may see a request take effect twice.

use super::deed::Deed;
use super::ledger::{REQUESTS_PER_HUNT, REQUESTS_PER_PLAYER};

/// How many commands each asker sent, by [`Deed::asker`].
pub(crate) struct Askers(Vec<usize>);

impl Askers {
    /// Counts.
    pub(crate) fn of(deeds: &[Deed<'_>]) -> Self {
        let mut sent = Vec::new();
        for deed in deeds {
            if deed.asker >= sent.len() {
                sent.resize(deed.asker + 1, 0);
            }
            if let Some(sent) = sent.get_mut(deed.asker) {
                *sent += 1;
            }
        }
        Self(sent)
    }

    /// The asker of this did so much that an engine may have forgotten the request.
    pub(crate) fn may_be_forgotten(&self, deed: &Deed<'_>) -> bool {
        let limit = match deed.command.action.player() {
            Some(_) => REQUESTS_PER_PLAYER,
            None => REQUESTS_PER_HUNT,
        };
        self.0.get(deed.asker).is_some_and(|sent| *sent > limit)
    }
}

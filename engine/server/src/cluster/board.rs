//! How the links of a node are doing, for `/v1/cluster` and `/metrics`. Cores write here when a link comes or goes, and
//! count letters; whoever is asked reads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use node::{CoreId, NodeId};

/// The links of all cores of a node.
#[derive(Debug, Default)]
pub struct LinkBoard {
    links: Mutex<BTreeMap<(NodeId, CoreId), LinkState>>,
    cores: Mutex<BTreeMap<CoreId, Arc<LinkMeters>>>,
}

/// How the way from one core to another node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Letters go.
    Up,
    /// None do, for this reason.
    Down(String),
}

/// What one core has counted; only that core writes it.
#[derive(Debug, Default)]
pub struct LinkMeters {
    pub(super) sent: AtomicU64,
    pub(super) received: AtomicU64,
    pub(super) lost: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) receivers: AtomicU64,
}

impl LinkBoard {
    /// The counters of one core.
    pub(super) fn meters(&self, core: CoreId) -> Arc<LinkMeters> {
        lock(&self.cores).entry(core).or_default().clone()
    }

    /// The counters of all cores.
    pub fn all_meters(&self) -> Vec<(CoreId, Arc<LinkMeters>)> {
        let cores = lock(&self.cores);
        cores
            .iter()
            .map(|(core, meters)| (*core, meters.clone()))
            .collect()
    }

    pub(super) fn set(&self, to: NodeId, core: CoreId, state: LinkState) {
        lock(&self.links).insert((to, core), state);
    }

    pub(super) fn remove(&self, to: NodeId, core: CoreId) {
        lock(&self.links).remove(&(to, core));
    }

    /// The way from this node to another: up where it is for every core; none if there is none.
    pub fn to(&self, node: NodeId) -> Option<LinkState> {
        let links = lock(&self.links);
        let mut states = links
            .range((node, CoreId::MIN)..=(node, CoreId::MAX))
            .map(|(_, state)| state);
        let first = states.next()?;
        let down = |state: &&LinkState| **state != LinkState::Up;
        let worst = Some(first).filter(down).or_else(|| states.find(down));
        Some(worst.unwrap_or(first).clone())
    }

    /// Links that are up, by the core that dialled.
    pub fn up(&self) -> BTreeMap<CoreId, u64> {
        let mut up = BTreeMap::new();
        for ((_, core), state) in &*lock(&self.links) {
            *up.entry(*core).or_default() += u64::from(*state == LinkState::Up);
        }
        up
    }
}

impl LinkMeters {
    /// Letters sent.
    pub fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// Letters received.
    pub fn received(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// Letters that were lost with a link, or for which there was no room in time.
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// Letters that were not taken, since too much waited.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Links of other nodes that end here.
    pub fn receivers(&self) -> u64 {
        self.receivers.load(Relaxed)
    }
}

/// Adds to a counter that one core alone writes.
pub(super) fn add(counter: &AtomicU64, by: u64) {
    counter.store(counter.load(Relaxed) + by, Relaxed);
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_up_once_it_is_for_every_core() {
        let board = LinkBoard::default();
        assert_eq!(board.to(NodeId(2)), None);
        board.set(NodeId(2), 0, LinkState::Up);
        board.set(NodeId(2), 1, LinkState::Down("why".to_owned()));
        board.set(NodeId(3), 1, LinkState::Up);
        assert_eq!(board.to(NodeId(2)), Some(LinkState::Down("why".to_owned())));
        assert_eq!(board.to(NodeId(3)), Some(LinkState::Up));
        assert_eq!(board.up(), BTreeMap::from([(0, 1), (1, 1)]));
        board.remove(NodeId(2), 1);
        assert_eq!(board.to(NodeId(2)), Some(LinkState::Up));
    }
}

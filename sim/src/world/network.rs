//! What is between the machines: delays, losses, repetitions, and ways that are cut or clogged.

use std::cell::RefCell;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::faults::{Faults, Rate};
use super::latency::{Latency, between};
use super::site::{Endpoint, Site, SiteKind};
use crate::plan::Rates;

/// What a late message is late by.
const LATE_US: std::ops::Range<u64> = 50_000..5_000_000;
/// What a second copy arrives after the first, at most.
const COPY_AFTER_US_MAX: u64 = 200_000;
/// That a connection broke is noticed within this time, or not at all.
const NOTICED_US_MAX: u64 = 400_000;
/// What waited on a clogged way arrives within this time once it is free.
const UNCLOG_US: u64 = 2_000;

/// All clients together, where nodes have their numbers.
pub(crate) const CLIENTS: u16 = 0;

/// The network of one run.
pub(crate) struct Network {
    rates: [Rate; 3],
    latency: Latency,
    /// How often each way is cut, by sender and receiver.
    cuts: RefCell<Vec<u32>>,
    /// Until when each way is clogged.
    clogs: RefCell<Vec<u64>>,
    width: usize,
    sent: Links,
}

/// What becomes of one message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passage {
    /// When it arrives, if it does.
    pub(crate) arrives_us: Option<u64>,
    /// When it arrives again.
    pub(crate) again_us: Option<u64>,
    /// The sender sees that there is no way.
    pub(crate) is_refused: bool,
    /// The connection broke under it: when both ends see that, if they do.
    pub(crate) noticed_us: Option<u64>,
    /// The fault that it met, as it is to be kept.
    pub(crate) fault: Option<(&'static str, u64)>,
}

impl Network {
    /// Between so many nodes.
    pub(crate) fn new(nodes: u16, rates: &Rates) -> Self {
        let width = usize::from(nodes) + 1;
        Self {
            rates: [
                ("message_lost", rates.message_lost),
                ("message_doubled", rates.message_doubled),
                ("message_late", rates.message_late),
            ],
            latency: Latency {
                mean_us: rates.network_us,
                tail_doublings: rates.tail_doublings,
            },
            cuts: RefCell::new(vec![0; width * width]),
            clogs: RefCell::new(vec![0; width * width]),
            width,
            sent: Links::default(),
        }
    }

    /// The next message on the way between two endpoints, and what becomes of it.
    pub(crate) fn pass(
        &self,
        faults: &Faults,
        from: Endpoint,
        to: Endpoint,
        now_us: u64,
    ) -> (Site, Passage) {
        let site = Site {
            of: SiteKind::Message { from, to },
            nth: self.sent.next(from, to),
        };
        let way = self.way(machine(from), machine(to));
        if self.cuts.borrow()[way] > 0 {
            // It takes some messages until somebody notices, and at times the way seems to be there again.
            let passage = Passage {
                is_refused: site.nth % 2 == 1,
                ..Passage::default()
            };
            return (site, passage);
        }
        let fate = faults.fate(&site, &self.rates);
        let entropy = fate.entropy;
        let mut passage = Passage::default();
        let mut delay = self.latency.of_us(entropy);
        let fault = fate.fault.map(|index| self.rates[index].0);
        if fault == Some("message_late") {
            delay += between(LATE_US.start, LATE_US.end, entropy >> 20);
        }
        let arrives_us = self.clogged(way, now_us, entropy).max(now_us + delay);
        if fault == Some("message_doubled") {
            passage.again_us = Some(arrives_us + between(0, COPY_AFTER_US_MAX, entropy >> 20));
        }
        let is_lost = fault == Some("message_lost");
        passage.arrives_us = (!is_lost).then_some(arrives_us);
        passage.is_refused = is_lost && entropy >> 63 == 1;
        let is_noticed = is_lost && !passage.is_refused && entropy >> 62 == 1;
        let noticed_us = now_us + between(0, NOTICED_US_MAX, entropy >> 20);
        passage.noticed_us = is_noticed.then_some(noticed_us);
        passage.fault = fault.map(|kind| (kind, delay));
        (site, passage)
    }

    /// Whether a message that was under way gets through what has been cut since.
    pub(crate) fn is_cut(&self, from: Endpoint, to: Endpoint) -> bool {
        self.cuts.borrow()[self.way(machine(from), machine(to))] > 0
    }

    /// Cuts one way, or joins it again. A way that was cut twice is joined by the second.
    pub(crate) fn cut(&self, from: u16, to: u16, cut: bool) {
        let way = self.way(from, to);
        let cuts = &mut self.cuts.borrow_mut()[way];
        *cuts = if cut {
            *cuts + 1
        } else {
            cuts.saturating_sub(1)
        };
    }

    /// What is sent that way arrives after `until_us`.
    pub(crate) fn clog(&self, from: u16, to: u16, until_us: u64) {
        let way = self.way(from, to);
        let clog = &mut self.clogs.borrow_mut()[way];
        *clog = until_us.max(*clog);
    }

    /// Every way is free.
    pub(crate) fn heal(&self) {
        self.cuts.borrow_mut().fill(0);
        self.clogs.borrow_mut().fill(0);
    }

    fn clogged(&self, way: usize, now_us: u64, entropy: u64) -> u64 {
        let until_us = self.clogs.borrow()[way];
        if until_us > now_us {
            until_us + between(0, UNCLOG_US, entropy >> 28)
        } else {
            now_us
        }
    }

    fn way(&self, from: u16, to: u16) -> usize {
        usize::from(from) * self.width + usize::from(to)
    }
}

fn machine(endpoint: Endpoint) -> u16 {
    match endpoint {
        Endpoint::Core { node, .. } => node,
        Endpoint::Client(_) => CLIENTS,
    }
}

/// Numbers the messages of each way from 0.
#[derive(Default)]
struct Links(RefCell<HashMap<(Endpoint, Endpoint), u64, FixedState>>);

impl Links {
    fn next(&self, from: Endpoint, to: Endpoint) -> u64 {
        let mut links = self.0.borrow_mut();
        let count = links.entry((from, to)).or_default();
        *count += 1;
        *count - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Workload;

    const A: Endpoint = Endpoint::Core { node: 1, core: 0 };
    const B: Endpoint = Endpoint::Core { node: 2, core: 0 };

    fn network(rates: Rates) -> (Network, Faults) {
        let plan = crate::world::tests::plan(Workload::Mixed);
        (Network::new(2, &rates), Faults::new(&plan))
    }

    fn healthy() -> Rates {
        Rates {
            network_us: 500,
            ..Rates::default()
        }
    }

    #[test]
    fn a_way_is_cut_in_one_direction() {
        let (network, faults) = network(healthy());
        network.cut(1, 2, true);
        assert_eq!(network.pass(&faults, A, B, 0).1, Passage::default());
        assert!(network.pass(&faults, B, A, 0).1.arrives_us.is_some());
        network.cut(1, 2, false);
        assert!(network.pass(&faults, A, B, 0).1.arrives_us.is_some());
    }

    #[test]
    fn messages_overtake_each_other() {
        let (network, faults) = network(healthy());
        let arrivals: Vec<_> = (0..100)
            .map(|at| network.pass(&faults, A, B, at * 100).1.arrives_us)
            .collect();
        assert!(arrivals.iter().all(Option::is_some));
        assert!(!arrivals.is_sorted(), "{arrivals:?}");
    }

    #[test]
    fn a_doubled_message_arrives_twice_and_a_lost_one_never() {
        let (doubling, faults) = network(Rates {
            message_doubled: 1_000_000,
            ..healthy()
        });
        let passage = doubling.pass(&faults, A, B, 0).1;
        assert!(
            passage.again_us >= passage.arrives_us && passage.arrives_us.is_some(),
            "{passage:?}"
        );
        let (losing, faults) = network(Rates {
            message_lost: 1_000_000,
            ..healthy()
        });
        assert_eq!(losing.pass(&faults, A, B, 0).1.arrives_us, None);
        let lost: Vec<_> = (0..100).map(|_| losing.pass(&faults, A, B, 0).1).collect();
        assert!(lost.iter().any(|it| it.noticed_us.is_some()));
        assert!(lost.iter().any(|it| it.noticed_us.is_none()));
        let is_known_before = |it: &Passage| it.is_refused && it.noticed_us.is_some();
        assert!(!lost.iter().any(is_known_before));
        faults.end();
        assert!(losing.pass(&faults, A, B, 0).1.arrives_us.is_some());
    }

    #[test]
    fn what_is_clogged_arrives_afterwards() {
        let (network, faults) = network(healthy());
        network.clog(1, 2, 1_000_000);
        assert!(network.pass(&faults, A, B, 0).1.arrives_us >= Some(1_000_000));
        assert!(network.pass(&faults, B, A, 0).1.arrives_us < Some(100_000));
    }
}

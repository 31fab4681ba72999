//! Decides which random faults happen, each by a hash of its own, and keeps those that did.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use super::site::{Site, SiteWords, words_of};
use crate::fault::{FaultId, Fired, Injection};
use crate::kernel::keyed;
use crate::outcome::Happening;
use crate::plan::Plan;

/// Rates are given per so many opportunities.
const PER: u64 = 1_000_000;

/// A kind of fault and how often it happens, per million.
pub(crate) type Rate = (&'static str, u32);

/// The fate of one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    /// Which of the kinds that were asked about happens, by its index.
    pub(crate) fault: Option<usize>,
    /// Bits for what the fault, or the absence of one, needs chance for.
    pub(crate) entropy: u64,
}

/// The faults of one run.
pub(crate) struct Faults {
    seed: u64,
    only: Option<Only>,
    over: Cell<bool>,
    fired: RefCell<Vec<Fired>>,
}

struct Only {
    ids: BTreeSet<FaultId>,
    sites: BTreeSet<SiteWords>,
}

impl Faults {
    /// As the plan says.
    pub(crate) fn new(plan: &Plan) -> Self {
        let only = match &plan.injection {
            Injection::AsDrawn => None,
            Injection::Only(ids) => Some(Only {
                sites: ids.iter().filter_map(|id| words_of(&id.0)).collect(),
                ids: ids.clone(),
            }),
        };
        Self {
            seed: plan.seed,
            only,
            over: Cell::new(false),
            fired: RefCell::default(),
        }
    }

    /// From now on nothing random goes wrong.
    pub(crate) fn end(&self) {
        self.over.set(true);
    }

    /// Whether they have ended.
    pub(crate) fn are_over(&self) -> bool {
        self.over.get()
    }

    /// What happens at `site`: at most one of `kinds`.
    pub(crate) fn fate(&self, site: &Site, kinds: &[Rate]) -> Fate {
        let words = site.words();
        let bits = keyed(self.seed, words);
        Fate {
            fault: self.fault(&words, bits as u64, kinds),
            entropy: (bits >> 64) as u64,
        }
    }

    fn fault(&self, words: &SiteWords, bits: u64, kinds: &[Rate]) -> Option<usize> {
        if self.over.get() {
            return None;
        }
        let total: u64 = kinds.iter().map(|(_, rate)| u64::from(*rate)).sum();
        match &self.only {
            None if total == 0 => None,
            None => pick(bits % PER, kinds),
            Some(only) if !only.sites.contains(words) => None,
            // What is named does happen; of which kind, the rates say if they can.
            Some(_) => pick(bits % PER, kinds)
                .or_else(|| pick(bits % total.max(1), kinds))
                .or(Some((bits % kinds.len() as u64) as usize)),
        }
    }

    /// Whether the disaster of this identity happens.
    pub(crate) fn allow(&self, id: &FaultId) -> bool {
        self.only.as_ref().is_none_or(|only| only.ids.contains(id))
    }

    /// Keeps a fault that happens now.
    pub(crate) fn fire(
        &self,
        id: FaultId,
        at_us: u64,
        kind: &'static str,
        detail: String,
    ) -> Happening {
        let mut fired = self.fired.borrow_mut();
        fired.push(Fired {
            id,
            at_us,
            kind,
            detail,
        });
        Happening::Fault {
            fired: fired.len() - 1,
        }
    }

    /// The faults that happened.
    pub(crate) fn take_fired(&self) -> Vec<Fired> {
        self.fired.take()
    }
}

/// The kind in whose part of the million `point` lies.
fn pick(point: u64, kinds: &[Rate]) -> Option<usize> {
    let mut end = 0;
    kinds.iter().position(|(_, rate)| {
        end += u64::from(*rate);
        point < end
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Workload;
    use crate::world::site::{Endpoint, SiteKind};

    const KINDS: [Rate; 2] = [("lost", 100_000), ("late", 200_000)];

    fn faults(injection: Injection) -> Faults {
        let plan = Plan {
            injection,
            ..crate::world::tests::plan(Workload::Mixed)
        };
        Faults::new(&plan)
    }

    fn site(nth: u64) -> Site {
        let of = SiteKind::Commit(Endpoint::Core { node: 1, core: 0 });
        Site { of, nth }
    }

    fn drawn(faults: &Faults) -> Vec<(u64, Option<usize>, u64)> {
        let fates = (0..10_000).map(|nth| (nth, faults.fate(&site(nth), &KINDS)));
        fates
            .filter(|(_, fate)| fate.fault.is_some())
            .map(|(nth, fate)| (nth, fate.fault, fate.entropy))
            .collect()
    }

    #[test]
    fn kinds_happen_as_often_as_their_rates_say() {
        let drawn = drawn(&faults(Injection::AsDrawn));
        let lost = drawn.iter().filter(|(_, kind, _)| *kind == Some(0)).count();
        let late = drawn.len() - lost;
        assert!((900..1_100).contains(&lost), "{lost} of 1,000");
        assert!((1_850..2_150).contains(&late), "{late} of 2,000");
    }

    #[test]
    fn without_one_fault_all_others_are_as_they_were() {
        let mut all = drawn(&faults(Injection::AsDrawn));
        let mut ids: BTreeSet<FaultId> = all
            .iter()
            .map(|(nth, _, _)| FaultId(site(*nth).to_string()))
            .collect();
        assert_eq!(drawn(&faults(Injection::Only(ids.clone()))), all);
        let (left_out, _, _) = all.remove(7);
        ids.remove(&FaultId(site(left_out).to_string()));
        assert_eq!(drawn(&faults(Injection::Only(ids))), all);
    }

    #[test]
    fn what_is_named_happens_whatever_the_rates_are() {
        let faults = faults(Injection::Only([FaultId(site(3).to_string())].into()));
        assert!(faults.fate(&site(3), &[("lost", 0), ("late", 1)]).fault == Some(1));
        assert!(
            faults
                .fate(&site(3), &[("lost", 0), ("late", 0)])
                .fault
                .is_some()
        );
        assert_eq!(faults.fate(&site(4), &KINDS).fault, None);
        faults.end();
        assert_eq!(faults.fate(&site(3), &KINDS).fault, None);
    }
}

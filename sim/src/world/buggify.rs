//! Rare but allowed behaviour of the engine, brought about on purpose (FoundationDB's buggify).

use std::cell::RefCell;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::faults::Rate;
use super::site::{Endpoint, Place, Site, SiteKind};
use super::world::World;
use crate::kernel::keyed;
use crate::plan::Rates;

/// Rates are given per so many.
const PER: u64 = 1_000_000;

/// At its first visits a place fires so many times oftener than later on: there are places to which a core comes at every turn,
/// and others to which it comes a dozen times in a run.
const EARLY_TIMES: u64 = 16;
/// That much oftener for so many visits, half of it for the next ones, a third after those.
const EARLY_VISITS: u64 = 4;
/// Of a million visits no more fire than this.
const FIRES_MAX: u32 = 500_000;

/// The places in the engine's code, and how often each core came by.
pub(crate) struct Buggify {
    seed: u64,
    /// So many of a million places are on in this run.
    sites: u32,
    /// So many of a million visits to a place that is on fire, once it has been visited often.
    fires: u32,
    /// By what the engine calls them. Asked at every turn, and never walked.
    places: RefCell<HashMap<&'static str, Visits, FixedState>>,
}

/// One place.
struct Visits {
    place: Place,
    is_on: bool,
    /// How often each core came by; there are few.
    by: Vec<(Endpoint, u64)>,
}

impl Buggify {
    /// As often as `rates` say.
    pub(crate) fn new(seed: u64, rates: &Rates) -> Self {
        Self {
            seed,
            sites: rates.buggify_sites,
            fires: rates.buggify,
            places: RefCell::default(),
        }
    }

    /// The next visit of a core to a place that is on.
    fn visit(&self, name: &'static str, at: Endpoint) -> Option<Site> {
        let mut places = self.places.borrow_mut();
        let visits = places.entry(name).or_insert_with(|| self.first_visit(name));
        if !visits.is_on {
            return None;
        }
        let nth = visits.count(at);
        let of = SiteKind::Buggify {
            place: visits.place,
            at,
        };
        Some(Site { of, nth })
    }

    /// How often the `nth` visit fires.
    fn rate(&self, nth: u64) -> Rate {
        let times = 1 + EARLY_TIMES / (1 + nth / EARLY_VISITS);
        let fires = u64::from(self.fires) * times;
        (
            "buggify",
            u32::try_from(fires).unwrap_or(u32::MAX).min(FIRES_MAX),
        )
    }

    fn first_visit(&self, name: &'static str) -> Visits {
        /// Keeps places apart from sites.
        const PLACE: u64 = 1 << 35;
        let place = Place::new(name);
        let bits = keyed(self.seed, [PLACE, place.key(), 0, 0]) as u64;
        Visits {
            place,
            is_on: bits % PER < u64::from(self.sites),
            by: Vec::new(),
        }
    }
}

impl Visits {
    /// How often this core had come before.
    fn count(&mut self, at: Endpoint) -> u64 {
        match self.by.iter_mut().find(|(core, _)| *core == at) {
            Some((_, count)) => {
                *count += 1;
                *count - 1
            }
            None => {
                self.by.push((at, 1));
                0
            }
        }
    }
}

impl World {
    /// Whether the rare thing happens that the engine asks about.
    pub(crate) fn buggify(&self, name: &'static str, at: Endpoint) -> bool {
        if self.faults.are_over() {
            return false;
        }
        let Some(site) = self.buggify.visit(name, at) else {
            return false;
        };
        let rate = self.buggify.rate(site.nth);
        let fires = self.faults.fate(&site, &[rate]).fault.is_some();
        if fires {
            self.fire_at(&site, "buggify", || name.to_owned());
        }
        fires
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const AT: Endpoint = Endpoint::Core { node: 1, core: 0 };

    fn on(seed: u64, sites: u32) -> usize {
        let rates = Rates {
            buggify_sites: sites,
            ..Rates::default()
        };
        let buggify = Buggify::new(seed, &rates);
        NAMES
            .iter()
            .filter(|name| buggify.visit(name, AT).is_some())
            .count()
    }

    #[test]
    fn a_part_of_the_places_is_on_in_each_run() {
        let all: usize = (0..100).map(|seed| on(seed, 250_000)).sum();
        assert!((150..250).contains(&all), "{all} of 800");
        assert_eq!((on(1, 0), on(1, 1_000_000)), (0, 8));
    }

    #[test]
    fn first_visits_fire_oftener() {
        let rates = |buggify| Rates {
            buggify,
            ..Rates::default()
        };
        let rate = |buggify, nth| Buggify::new(1, &rates(buggify)).rate(nth).1;
        let of_base = [0, 3, 4, 8, 64, 1_000].map(|nth| rate(20_000, nth));
        assert_eq!(
            of_base,
            [340_000, 340_000, 180_000, 120_000, 20_000, 20_000]
        );
        assert_eq!([rate(0, 0), rate(200_000, 0)], [0, 500_000]);
    }

    #[test]
    fn visits_are_counted_by_core() {
        let rates = Rates {
            buggify_sites: 1_000_000,
            ..Rates::default()
        };
        let buggify = Buggify::new(1, &rates);
        let other = Endpoint::Core { node: 1, core: 1 };
        let nth = |at| buggify.visit("a", at).map(|site| site.nth);
        assert_eq!(
            [nth(AT), nth(AT), nth(other), nth(AT)],
            [0, 1, 0, 2].map(Some)
        );
    }
}

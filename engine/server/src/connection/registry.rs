//! The connections of one core: how many there are, which are late, and how all are ended.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::activity::{Activity, End};
use super::settings::ConnectionSettings;
use crate::runtime::timers;

/// How often connections are looked at; a time-out may be late by so much.
const SWEEP_INTERVAL: Duration = Duration::from_millis(250);

/// The connections of one core. Cheap to clone.
#[derive(Clone)]
pub struct Registry(Rc<Inner>);

struct Inner {
    settings: ConnectionSettings,
    places: RefCell<Places>,
    accepted: Cell<u64>,
    refused: Cell<u64>,
    stopping: Cell<bool>,
}

#[derive(Default)]
struct Places {
    held: Vec<Option<Rc<Activity>>>,
    free: Vec<usize>,
}

/// How the connections of one core are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConnectionCounts {
    /// Open now.
    pub open: usize,
    /// Accepted since the start.
    pub accepted: u64,
    /// Turned away since the start.
    pub refused: u64,
}

/// One connection's place; dropping it gives the place back.
pub(crate) struct Registered {
    registry: Registry,
    index: usize,
    pub(crate) activity: Rc<Activity>,
}

impl Registry {
    /// No connections yet.
    pub fn new(settings: ConnectionSettings) -> Self {
        Self(Rc::new(Inner {
            settings,
            places: RefCell::default(),
            accepted: Cell::new(0),
            refused: Cell::new(0),
            stopping: Cell::new(false),
        }))
    }

    pub(crate) fn settings(&self) -> &ConnectionSettings {
        &self.0.settings
    }

    /// A place for a new connection; none when all are taken.
    pub(crate) fn register(&self) -> Option<Registered> {
        let mut places = self.0.places.borrow_mut();
        if places.open() >= self.0.settings.connections_max {
            self.0.refused.set(self.0.refused.get() + 1);
            return None;
        }
        self.0.accepted.set(self.0.accepted.get() + 1);
        let activity = Rc::new(Activity::new(Instant::now()));
        if self.0.stopping.get() {
            activity.end(End::Graceful);
        }
        let index = places.free.pop().unwrap_or_else(|| {
            places.held.push(None);
            places.held.len() - 1
        });
        places.held[index] = Some(Rc::clone(&activity));
        Some(Registered {
            registry: self.clone(),
            index,
            activity,
        })
    }

    /// How many there are and were.
    pub fn counts(&self) -> ConnectionCounts {
        ConnectionCounts {
            open: self.0.places.borrow().open(),
            accepted: self.0.accepted.get(),
            refused: self.0.refused.get(),
        }
    }

    /// Ends late connections, for ever.
    pub async fn sweep(&self) {
        loop {
            timers::sleep(SWEEP_INTERVAL).await;
            let now = Instant::now();
            for activity in self.0.places.borrow().held.iter().flatten() {
                activity.sweep(now, &self.0.settings);
            }
        }
    }

    /// Lets every connection finish what is under way and no more.
    pub fn stop(&self) {
        self.0.stopping.set(true);
        for activity in self.0.places.borrow().held.iter().flatten() {
            activity.end(End::Graceful);
        }
    }

    /// Requests under way.
    pub fn requests(&self) -> usize {
        self.0
            .places
            .borrow()
            .held
            .iter()
            .flatten()
            .map(|activity| activity.requests() as usize)
            .sum()
    }
}

impl Places {
    fn open(&self) -> usize {
        self.held.len() - self.free.len()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut places = self.registry.0.places.borrow_mut();
        places.held[self.index] = None;
        places.free.push(self.index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back_and_used_again() {
        let registry = Registry::new(ConnectionSettings {
            connections_max: 2,
            ..ConnectionSettings::default()
        });
        let first = registry.register().expect("room");
        let _second = registry.register().expect("room");
        assert!(registry.register().is_none());
        drop(first);
        let _third = registry.register().expect("room again");
        assert_eq!(
            registry.counts(),
            ConnectionCounts {
                open: 2,
                accepted: 3,
                refused: 1
            }
        );
    }

    #[test]
    fn stopping_ends_those_that_are_and_those_that_come() {
        let registry = Registry::new(ConnectionSettings::default());
        let before = registry.register().expect("room");
        registry.stop();
        let after = registry.register().expect("room");
        assert_eq!(
            (before.activity.take_end(), after.activity.take_end()),
            (Some(End::Graceful), Some(End::Graceful))
        );
    }
}

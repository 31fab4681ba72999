//! What every handle of one database shares, and how time moves it.
//!
//! ```text
//!   handle ──send──▶ flights ──due──▶ resolver ──accepted──▶ history ──▶ watches
//!                      │ all with one due time are a batch: one version   │
//!                      └──────────────── told, once the database is unlocked
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::channel::oneshot;
use store::limits::{COMMITS_PER_VERSION_MAX, RECOVERY_VERSIONS, WINDOW_VERSIONS};
use store::{
    CommitRequest, Committed, Mutation, Resolver, StoreError, Verdict, Version, VersionClock,
    Versionstamp, code,
};

use crate::flights::{Client, CommitResult, Flight, Flights};
use crate::history::History;
use crate::key::Key;
use crate::landing::{Landings, Origin};
use crate::link::Counts;
use crate::outages::Outages;
use crate::probe::{Hits, Probe};
use crate::watches::Watches;
use crate::{HandleId, Lie, RecoveryFate};

/// The state of one database.
#[derive(Debug)]
pub(crate) struct Shared {
    clock: VersionClock,
    resolver: Resolver,
    history: History,
    pub(crate) watches: Watches,
    pub(crate) flights: Flights,
    pub(crate) outages: Outages,
    pub(crate) hits: Hits,
    pub(crate) lie: Option<Lie>,
    pub(crate) counts: BTreeMap<HandleId, Arc<Counts>>,
    window: Version,
    /// Reads below this version are too old. Never falls: what was forgotten stays forgotten.
    oldest: Version,
    /// The stamp of the last commit that was applied.
    last: Versionstamp,
    pub(crate) landings: Landings,
    telling: Vec<Telling>,
}

/// An answer that waits for the database to be unlocked, since it may wake anybody.
#[derive(Debug)]
pub(crate) enum Telling {
    Watch(oneshot::Sender<()>),
    Commit(oneshot::Sender<CommitResult>, CommitResult),
}

impl Telling {
    /// Whoever left needs no telling.
    pub(crate) fn tell(self) {
        match self {
            Self::Watch(sender) => drop(sender.send(())),
            Self::Commit(sender, result) => drop(sender.send(result)),
        }
    }
}

/// Commits that are resolved at one time and share a version.
struct Batch {
    at_us: u64,
    version: Version,
    len: usize,
}

/// The first version; above 0, which stands for "never".
const FIRST_VERSION: Version = 1;
/// Nobody attacks a simulation.
const RESOLVER_SEED: u64 = 0;

impl Shared {
    pub(crate) fn new(now_us: u64) -> Self {
        Self {
            clock: VersionClock::new(FIRST_VERSION, now_us),
            resolver: Resolver::new(FIRST_VERSION, RESOLVER_SEED),
            history: History::default(),
            watches: Watches::default(),
            flights: Flights::default(),
            outages: Outages::default(),
            hits: Hits::default(),
            lie: None,
            counts: BTreeMap::new(),
            window: WINDOW_VERSIONS,
            oldest: FIRST_VERSION,
            last: Versionstamp::new(FIRST_VERSION, 0),
            landings: Landings::default(),
            telling: Vec::new(),
        }
    }

    /// Resolves what is due, then moves the versions and the window to `now_us`.
    pub(crate) fn advance(&mut self, now_us: u64) {
        if self.next_event_us().is_some_and(|due_us| due_us <= now_us) {
            self.land_due(now_us);
        }
        self.clock.read_version(now_us);
        self.forget();
    }

    /// When the next commit is resolved; none if that is never.
    pub(crate) fn next_event_us(&self) -> Option<u64> {
        let due_us = self.flights.first_due_us()?;
        Some(due_us.max(self.outages.unavailable_until_us())).filter(|due_us| *due_us < u64::MAX)
    }

    /// What is to be told once the database is unlocked. Free while there is nothing.
    pub(crate) fn take_tellings(&mut self) -> Vec<Telling> {
        std::mem::take(&mut self.telling)
    }

    /// The newest version.
    pub(crate) fn newest(&self) -> Version {
        self.clock.newest()
    }

    /// A read version from before the last commit, within the window.
    pub(crate) fn stale(&self) -> Version {
        (self.last.version() - 1).max(self.oldest)
    }

    /// The history, for a read at `version`.
    pub(crate) fn history_at(&mut self, version: Version) -> Result<&History, StoreError> {
        if version < self.oldest {
            self.hits.add(Probe::TooOld);
            return Err(StoreError::new(code::TRANSACTION_TOO_OLD));
        }
        Ok(&self.history)
    }

    /// The newest value of `key`.
    pub(crate) fn value(&self, key: &[u8]) -> Option<&[u8]> {
        self.history.get(key, self.newest())
    }

    /// From now on reads may be `window` versions old.
    pub(crate) fn set_window(&mut self, window: Version) {
        self.window = window;
        self.resolver.set_window(window);
        self.forget();
    }

    /// Resolves and applies one request at once, as a batch of its own.
    pub(crate) fn commit_now(&mut self, request: CommitRequest, now_us: u64) -> CommitResult {
        let batch = self.open_batch(now_us);
        let origin = Origin {
            handle: None,
            at_us: now_us,
        };
        let stamp = Versionstamp::new(batch.version, 0);
        self.resolve(request, stamp, self.lie, origin)
    }

    /// Ends what is in flight as `fate_of` says and starts a new history, far above the old one.
    pub(crate) fn recover(&mut self, now_us: u64, fate_of: impl Fn(HandleId, u64) -> RecoveryFate) {
        self.advance(now_us);
        self.hits.add(Probe::Recovery);
        for flight in self.flights.take_all() {
            let fate = fate_of(flight.handle, flight.nth);
            self.end_by_recovery(flight, fate, now_us);
        }
        self.clock.skip(RECOVERY_VERSIONS);
        self.resolver = Resolver::new(self.clock.newest(), RESOLVER_SEED);
        self.resolver.set_window(self.window);
        self.forget();
    }

    fn end_by_recovery(&mut self, flight: Flight, fate: RecoveryFate, now_us: u64) {
        let code = match fate {
            RecoveryFate::Refused => code::NOT_COMMITTED,
            RecoveryFate::Done | RecoveryFate::NotDone => code::COMMIT_UNKNOWN_RESULT,
        };
        if fate == RecoveryFate::Done {
            let batch = self.open_batch(now_us);
            let stamp = Versionstamp::new(batch.version, 0);
            let origin = Origin {
                handle: Some(flight.handle),
                at_us: now_us,
            };
            let applied = self.resolve(flight.request, stamp, flight.lie, origin);
            if applied.is_ok() {
                self.hits.add(Probe::RecoveryAppliedCommit);
            }
        } else {
            self.hits.add(Probe::RecoveryKilledCommit);
        }
        if let Client::Waits(sender) = flight.client {
            self.telling
                .push(Telling::Commit(sender, Err(StoreError::new(code))));
        }
    }

    fn land_due(&mut self, now_us: u64) {
        let mut open: Option<Batch> = None;
        while let Some((due_us, flight)) = self.flights.take_due(now_us) {
            let at_us = due_us.max(self.outages.unavailable_until_us());
            let mut batch = open
                .take()
                .filter(|batch| batch.at_us == at_us && batch.len < COMMITS_PER_VERSION_MAX)
                .unwrap_or_else(|| self.open_batch(at_us));
            self.land(flight, &batch);
            batch.len += 1;
            open = Some(batch);
        }
    }

    fn open_batch(&mut self, at_us: u64) -> Batch {
        let version = self.clock.commit_version(at_us);
        self.resolver.advance(version);
        Batch {
            at_us,
            version,
            len: 0,
        }
    }

    fn land(&mut self, flight: Flight, batch: &Batch) {
        let index = u16::try_from(batch.len).expect("a batch is closed before its index overflows");
        let stamp = Versionstamp::new(batch.version, index);
        let origin = Origin {
            handle: Some(flight.handle),
            at_us: batch.at_us,
        };
        let result = self.resolve(flight.request, stamp, flight.lie, origin);
        if index > 0 && result.is_ok() {
            self.hits.add(Probe::SharedCommitVersion);
        }
        if flight.client.is_gone(batch.at_us) {
            self.hits.add(match result {
                Ok(_) => Probe::ZombieLanded,
                Err(_) => Probe::ZombieRefused,
            });
        } else if let Client::Waits(sender) = flight.client {
            self.telling.push(Telling::Commit(sender, result));
        }
    }

    /// Decides about `request` and applies it. The stamp's batch must be open.
    fn resolve(
        &mut self,
        mut request: CommitRequest,
        place: Versionstamp,
        lie: Option<Lie>,
        origin: Origin,
    ) -> CommitResult {
        let stamp = match lie {
            Some(Lie::DuplicateVersionstamp) => self.last,
            _ => place,
        };
        request.stamp(stamp);
        if let Some(lie) = lie {
            lie.distort(&mut request);
        }
        match self.resolver.resolve_next(&request) {
            Verdict::Committed => {}
            Verdict::Conflict => {
                self.hits.add(Probe::Conflict);
                return Err(self.resolver.conflict(&request));
            }
            Verdict::TooOld => {
                self.hits.add(Probe::TooOld);
                return Err(StoreError::new(code::TRANSACTION_TOO_OLD));
            }
        }
        self.landings.note(stamp, origin, &request.mutations);
        self.apply_all(request.mutations, place.version());
        self.last = stamp;
        Ok(Committed::at(stamp))
    }

    fn apply_all(&mut self, mutations: Vec<Mutation>, version: Version) {
        let mut written = Vec::new();
        for mutation in mutations {
            self.apply(mutation, version, &mut written);
        }
        written.sort_unstable();
        written.dedup();
        for key in &written {
            let value = self.history.get(key.as_bytes(), version);
            let changed = self.watches.take_changed(key.as_bytes(), value);
            self.telling.extend(changed.into_iter().map(Telling::Watch));
        }
    }

    /// Applies one mutation, and notes the keys that it wrote while anybody watches.
    fn apply(&mut self, mutation: Mutation, version: Version, written: &mut Vec<Key>) {
        let (key, value) = match mutation {
            Mutation::Set { key, value } => (key, Some(value)),
            Mutation::Clear { key } => (key, None),
            Mutation::ClearRange(range) => {
                let mut cleared = self.history.clear_range(&range.begin, &range.end, version);
                written.append(&mut cleared);
                return;
            }
            Mutation::Atomic { op, key, operand } => {
                let value = op.apply(self.history.get(&key, version), &operand);
                (key, value)
            }
        };
        if self.watches.len() > 0 {
            written.push(Key::from(key.as_slice()));
        }
        self.history.write(&key, value, version);
    }

    fn forget(&mut self) {
        let window_start = self.clock.newest() - self.window;
        self.oldest = self.oldest.max(window_start).max(self.resolver.oldest());
        self.history.prune(self.oldest);
    }
}

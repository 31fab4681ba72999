//! A commit as its client sees it: sent, resolved while the client waits or not, answered or not.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, select};
use store::{CommitRequest, StoreError, code};

use crate::core::{Core, LOOK_AGAIN_US, Leaving};
use crate::flights::{Client, CommitResult, Flight};
use crate::link::Link;
use crate::probe::Probe;
use crate::{CommitFate, Lie};

const LIES: &[Lie] = &[
    Lie::NoConflictCheck,
    Lie::LostCommit,
    Lie::TornCommit,
    Lie::DuplicateVersionstamp,
];

/// Commits `request` as its fate will have it.
pub(crate) async fn commit(core: &Core, link: &Link, request: CommitRequest) -> CommitResult {
    let (nth, sent_us) = (link.counts.commits.next(), core.environment.now_us());
    let fate = link.fates.of_commit(link.handle, nth, sent_us);
    assert!(fate.is_possible(), "FoundationDB never does {fate:?}");
    let commit = Commit {
        core,
        link,
        nth,
        sent_us,
    };
    match fate {
        CommitFate::Resolve {
            before_us,
            after_us,
        } => match commit.resolved(request, before_us).await {
            Some(result) => commit.answered(result, after_us).await,
            None => commit.lost().await,
        },
        CommitFate::UnknownDone {
            before_us,
            after_us,
        } => match commit.resolved(request, before_us).await {
            Some(result) => commit.forgotten(&result, after_us).await,
            None => commit.lost().await,
        },
        CommitFate::Refused { code, after_us } => {
            core.probe(refusal(code));
            commit.answered(Err(StoreError::new(code)), after_us).await
        }
        CommitFate::UnknownNotDone { after_us } => {
            core.probe(Probe::UnknownNotDone);
            commit.answered(Err(unknown()), after_us).await
        }
        CommitFate::Late {
            code,
            error_after_us,
            lands_after_us,
        } => {
            commit.send(request, lands_after_us, told(sent_us, error_after_us));
            core.sleep_us(error_after_us).await;
            Err(StoreError::new(code))
        }
    }
}

/// One commit of one handle.
struct Commit<'core> {
    core: &'core Core,
    link: &'core Link,
    nth: u64,
    sent_us: u64,
}

impl Commit<'_> {
    /// Gives the request to the database, which resolves it whatever becomes of the client. Says when it
    /// is due; none if it was lost on a way that is cut.
    fn send(&self, request: CommitRequest, after_us: u64, client: Client) -> Option<u64> {
        let Self {
            link, nth, sent_us, ..
        } = *self;
        let (due_us, lie) = self.core.look(|shared, now_us| {
            if shared.outages.is_cut_off(link.handle, now_us) {
                return (None, None);
            }
            let flight = Flight {
                request,
                handle: link.handle,
                nth,
                lie: link.lie(shared.lie, LIES, nth, now_us),
                client,
            };
            let lie = flight.lie;
            let due_us = sent_us.saturating_add(after_us).max(now_us);
            (Some(shared.flights.send(flight, due_us)), lie)
        });
        if lie.is_some() {
            self.core.probe(Probe::LieTold);
        }
        due_us
    }

    /// The database's verdict; none if the request never got there.
    async fn resolved(&self, request: CommitRequest, after_us: u64) -> Option<CommitResult> {
        let (sender, mut receiver) = oneshot::channel();
        let due_us = self.send(request, after_us, Client::Waits(sender))?;
        let leaving = Leaving::new(self.core, Probe::LeftInFlight);
        loop {
            let wait_us = self.core.look(|shared, now_us| {
                let held_us = shared
                    .outages
                    .unavailable_until_us()
                    .saturating_sub(now_us)
                    .clamp(1, LOOK_AGAIN_US);
                due_us.saturating_sub(now_us).max(held_us)
            });
            let told = match receiver.try_recv() {
                Ok(Some(result)) => Ok(result),
                _ => {
                    let wait = Duration::from_micros(wait_us);
                    match select(&mut receiver, self.core.environment.sleep(wait)).await {
                        Either::Left((told, _)) => told,
                        Either::Right(_) => continue,
                    }
                }
            };
            leaving.stay();
            return Some(told.expect("a commit in flight is told, or its database is gone"));
        }
    }

    /// The answer, once it has got through. An answer that was under way to a handle that was cut off is
    /// lost.
    async fn answered(&self, result: CommitResult, after_us: u64) -> CommitResult {
        self.core.sleep_us(after_us).await;
        if self.core.outlast(self.link).await {
            self.core.probe(Probe::CutOffUnknown);
            return Err(unknown());
        }
        result
    }

    /// 1021 for a commit that was resolved.
    async fn forgotten(&self, result: &CommitResult, after_us: u64) -> CommitResult {
        self.core.probe(match result {
            Ok(_) => Probe::UnknownDone,
            Err(_) => Probe::UnknownRefused,
        });
        self.answered(Err(unknown()), after_us).await
    }

    /// 1021 for a commit that never got there.
    async fn lost(&self) -> CommitResult {
        self.answered(Err(unknown()), 0).await
    }
}

fn unknown() -> StoreError {
    StoreError::new(code::COMMIT_UNKNOWN_RESULT)
}

fn told(sent_us: u64, after_us: u64) -> Client {
    Client::Told {
        at_us: sent_us.saturating_add(after_us),
    }
}

fn refusal(code: i32) -> Probe {
    match code {
        code::NOT_COMMITTED => Probe::SpuriousConflict,
        code::TRANSACTION_TOO_OLD => Probe::TooOld,
        _ => Probe::Refused,
    }
}

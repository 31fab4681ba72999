//! Players under way while something happens to the nodes. Each asks one node, and if that does not answer, one other, once.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tests::{Answer, Client, Request, Role, token};

use crate::cluster::HUNTS;

/// Players at once.
const PLAYERS: usize = 8;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// One command, and what it was told.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    pub(crate) hunt: &'static str,
    pub(crate) player: String,
    pub(crate) treasure: &'static str,
    /// The body of the answer, if there was one.
    pub(crate) told: Option<Value>,
    /// Why there was none, though it was tried again.
    pub(crate) error: Option<String>,
}

/// How players do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Manners {
    /// Once more at another node, if the first does not answer.
    pub(crate) retries: usize,
}

/// Plays while `meanwhile` runs, and a little longer; all that was done, and how `meanwhile` ended.
pub(crate) fn play<T>(
    addresses: &[SocketAddr],
    manners: Manners,
    meanwhile: impl FnOnce(&Progress) -> T,
) -> (Vec<Deed>, T) {
    let progress = Progress::default();
    thread::scope(|scope| {
        let players: Vec<_> = (0..PLAYERS)
            .map(|worker| {
                let progress = &progress;
                scope.spawn(move || work(addresses, worker, manners, progress))
            })
            .collect();
        let ended = {
            let _over = Over(&progress);
            meanwhile(&progress)
        };
        let deeds = players
            .into_iter()
            .flat_map(|player| player.join().unwrap());
        (deeds.collect(), ended)
    })
}

/// Ends the play, also where what happens meanwhile fails.
struct Over<'a>(&'a Progress);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, SeqCst);
    }
}

/// How far the players are.
#[derive(Default)]
pub(crate) struct Progress {
    is_over: AtomicBool,
    answered: AtomicUsize,
}

impl Progress {
    /// Commands answered so far.
    pub(crate) fn answered(&self) -> usize {
        self.answered.load(SeqCst)
    }

    /// Waits until so many more are answered.
    pub(crate) fn wait_more(&self, more: usize) {
        let goal = self.answered() + more;
        tests::wait_until("players are answered", || self.answered() >= goal);
    }
}

fn work(
    addresses: &[SocketAddr],
    worker: usize,
    manners: Manners,
    progress: &Progress,
) -> Vec<Deed> {
    let mut clients: Vec<Client> = addresses
        .iter()
        .map(|address| Client::new(*address).patience(PATIENCE))
        .collect();
    let mut deeds = Vec::new();
    for number in 0.. {
        for (turn, hunt) in HUNTS.into_iter().enumerate() {
            for treasure in ["coin", "pebble"] {
                if progress.is_over.load(SeqCst) {
                    return deeds;
                }
                let mut deed = Deed {
                    hunt,
                    player: format!("w{worker}-{number}"),
                    treasure,
                    told: None,
                    error: None,
                };
                deed.carry_out(&mut clients, worker + number + turn, manners);
                progress
                    .answered
                    .fetch_add(usize::from(deed.told.is_some()), SeqCst);
                deeds.push(deed);
            }
        }
    }
    deeds
}

impl Deed {
    /// The request, the same at every try.
    pub(crate) fn request(&self) -> Request {
        let path = format!("/v1/hunts/{}/treasures/{}/claim", self.hunt, self.treasure);
        Request::post(&path)
            .token(&token(Role::Service, "game"))
            .player(&self.player)
            .key(&format!("claim-{}", self.treasure))
    }

    fn carry_out(&mut self, clients: &mut [Client], first: usize, manners: Manners) {
        let request = self.request();
        let count = clients.len();
        for attempt in 0..=manners.retries {
            let client = &mut clients[(first + attempt) % count];
            match client.ask(&request) {
                Ok(Answer {
                    status: 200, body, ..
                }) => {
                    self.told = Some(serde_json::from_slice(&body).unwrap());
                    self.error = None;
                    return;
                }
                Ok(answer) => self.error = Some(format!("{}: {}", answer.status, answer.text())),
                Err(error) => self.error = Some(error.to_string()),
            }
        }
    }

    /// The id of the grant that it was told of.
    pub(crate) fn grant(&self) -> Option<&str> {
        let told = self.told.as_ref()?;
        (told["outcome"] == "granted").then(|| told["grant"]["id"].as_str())?
    }
}

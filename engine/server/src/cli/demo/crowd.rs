//! All players at once, on a thread and an executor of their own, so that they meet the engine over sockets only.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use serde_json::Value;

use super::super::error::CliError;
use super::super::token::make_token;
use super::client::Client;
use super::operator::Operator;
use super::player::Player;
use super::progress::Progress;
use super::script::Script;
use super::tally::Tally;
use crate::http::auth::Role;
use crate::runtime::{client_executor, timers};

/// Connections that are open at once.
const CONNECTIONS_MAX: u64 = 512;
/// How often progress is shown.
const SHOW_INTERVAL: Duration = Duration::from_millis(100);
/// How long a play may take at most.
const TOKEN_TTL: Duration = Duration::from_secs(86_400);
/// Places of the ranking that are told.
const LEADERS: usize = 3;

/// The players and their hunt.
pub(super) struct Crowd<'a> {
    pub(super) address: SocketAddr,
    pub(super) script: &'a Script,
    pub(super) secret: &'a str,
    pub(super) players: u64,
    pub(super) quiet: bool,
}

/// What came of it.
pub(super) struct Played {
    pub(super) tally: Tally,
    /// How long the players took.
    pub(super) took: Duration,
    /// The hunt's figures, from the operator's point of view.
    pub(super) stats: Value,
    pub(super) leaders: Value,
}

impl Crowd<'_> {
    /// Plays on a thread of its own and waits for the end.
    pub(super) fn play(&self) -> Result<Played, CliError> {
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new()
                .name("hunt-players".to_owned())
                .spawn_scoped(scope, || self.run());
            let thread = thread.map_err(|error| CliError::io("can't start the players", error))?;
            thread.join().map_err(|_| {
                CliError::Faults("the players' thread ended with a defect".to_owned())
            })?
        })
    }

    fn run(&self) -> Result<Played, CliError> {
        let executor = client_executor()?;
        executor.run(async { self.play_all().await.map_err(CliError::Faults) })
    }

    async fn play_all(&self) -> Result<Played, String> {
        let client = self.client("operator", Role::Operator);
        let mut operator = Operator {
            client,
            script: self.script,
        };
        operator.begin().await?;
        let tally = RefCell::new(Tally::new());
        let (next, done) = (Cell::new(0), Cell::new(0));
        let started = Instant::now();
        let workers = async {
            join_all(
                (0..self.players.min(CONNECTIONS_MAX)).map(|_| self.work(&next, &done, &tally)),
            )
            .await;
            started.elapsed()
        };
        let (took, ()) = join(workers, self.show(&done, &tally)).await;
        Ok(Played {
            stats: operator.stats().await?,
            leaders: operator.leaders(LEADERS).await?,
            tally: tally.into_inner(),
            took,
        })
    }

    /// One connection after another, one player each.
    async fn work(&self, next: &Cell<u64>, done: &Cell<u64>, tally: &RefCell<Tally>) {
        while next.get() < self.players {
            let number = next.replace(next.get() + 1);
            let client = self.client(&format!("player-{number}"), Role::Player);
            Player::new(number, self.script, tally, client).play().await;
            done.set(done.get() + 1);
        }
    }

    async fn show(&self, done: &Cell<u64>, tally: &RefCell<Tally>) {
        let mut progress = Progress::new(self.players, self.quiet);
        while done.get() < self.players {
            timers::sleep(SHOW_INTERVAL).await;
            progress.show(done.get(), tally.borrow().commands);
        }
        progress.end();
    }

    fn client(&self, sub: &str, role: Role) -> Client {
        Client::new(self.address, &make_token(self.secret, sub, role, TOKEN_TTL))
    }
}

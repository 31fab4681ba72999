//! Players: they join, solve, miss, claim; some with bad manners.

use hunt::{Action, Attempt, ClueId, Command, HuntId, PlayerId, RequestId, TreasureId};

use super::{Client, Purpose};
use crate::draw::Chance;
use crate::history::Ask;
use crate::workload::{ClueKind, Move, Stage, Weighted, secret};

/// Who asks again, or reuses a key, goes back so many operations at most.
const BACK_MAX: u64 = 4;
/// In a batch, so many of a hundred commands repeat the one before.
const REPEATED_PERCENT: u64 = 20;
/// So many of a hundred right answers are written in another way.
const SPELLED_PERCENT: u64 = 30;
/// What is not there.
const NO_SUCH: &str = "no-such";

impl Client {
    /// What the client asks at its `nth` operation.
    pub(super) fn play(&self, nth: u32) -> Ask {
        let mut chance = self.chance(nth, Purpose::Ask);
        let chosen = weighted(&mut chance, &self.scene.moves);
        let back = u32::try_from(chance.between(1, BACK_MAX)).unwrap_or(1);
        match (chosen, nth.checked_sub(back)) {
            (Move::Batch { max }, _) => {
                let count = chance.between(1, max.max(1));
                Ask::Commands(self.batch(&mut chance, nth, count))
            }
            (Move::Again, Some(earlier)) => self.play(earlier),
            (Move::ReuseKey, Some(earlier)) => Ask::Command(self.reuse(&mut chance, earlier)),
            (chosen, _) => {
                let request = format!("c{}-{nth}", self.plan.id);
                Ask::Command(self.command(&mut chance, chosen, &request))
            }
        }
    }

    fn batch(&self, chance: &mut Chance, nth: u32, count: u64) -> Vec<Command> {
        let mut commands: Vec<Command> = Vec::new();
        for place in 0..count {
            let repeated = commands.last().filter(|_| chance.percent(REPEATED_PERCENT));
            let command = match repeated.cloned() {
                Some(before) => before,
                None => {
                    let chosen = weighted(chance, &self.scene.moves);
                    let request = format!("c{}-{nth}-{place}", self.plan.id);
                    self.command(chance, chosen, &request)
                }
            };
            commands.push(command);
        }
        commands
    }

    /// Another command of the same player under the id of an earlier operation.
    fn reuse(&self, chance: &mut Chance, earlier: u32) -> Command {
        let before = match self.play(earlier) {
            Ask::Command(command) => Some(command),
            Ask::Commands(commands) => commands.into_iter().next(),
            _ => None,
        };
        let mut command = self.command(chance, Move::Claim, "reused");
        if let (Some(before), Action::Claim { player, .. }) = (before, &mut command.action) {
            if let Some(same) = before.action.player() {
                player.clone_from(same);
            }
            (command.hunt, command.request) = (before.hunt, before.request);
        }
        command
    }

    fn command(&self, chance: &mut Chance, chosen: Move, request: &str) -> Command {
        let stage = chance.pick(&self.scene.stages);
        let mut hunt = stage.id.clone();
        let player = self.player(chance);
        let action = match chosen {
            Move::Join => Action::Join { player },
            Move::Solve | Move::SolveFirst | Move::Miss | Move::WrongKind => {
                solve(chance, chosen, stage, player)
            }
            Move::Claim | Move::Again | Move::ReuseKey | Move::Batch { .. } => Action::Claim {
                player,
                treasure: chance.pick(&stage.treasures).clone(),
            },
            Move::ClaimFirst => Action::Claim {
                player,
                treasure: stage
                    .treasures
                    .first()
                    .expect("hunts have treasures")
                    .clone(),
            },
            Move::Unknown => {
                let unknown = unknown(chance, player);
                if chance.percent(30) {
                    hunt = HuntId::new(NO_SUCH).expect("it is an id");
                }
                unknown
            }
        };
        Command {
            hunt,
            request: RequestId::new(request).expect("letters and digits make an id"),
            action,
        }
    }

    /// A player of this client, or now and then of another.
    pub(super) fn player(&self, chance: &mut Chance) -> PlayerId {
        let client = match chance.percent(self.scene.shared_percent) {
            true => chance.between(1, self.clients),
            false => self.plan.id.into(),
        };
        let player = chance.below(self.scene.players);
        PlayerId::new(&format!("p{client}-{player}")).expect("letters and digits make an id")
    }
}

/// One of some things, by their weights.
pub(super) fn weighted<T: Copy>(chance: &mut Chance, of: &Weighted<T>) -> T {
    let total = of.iter().map(|(weight, _)| weight).sum();
    let mut left = chance.below(total);
    for (weight, thing) in of {
        if left < *weight {
            return *thing;
        }
        left -= weight;
    }
    unreachable!("weights add up to their sum")
}

fn solve(chance: &mut Chance, chosen: Move, stage: &Stage, player: PlayerId) -> Action {
    let first = stage.clues.first().expect("hunts have clues");
    let (clue, kind) = match chosen {
        Move::SolveFirst => first,
        _ => chance.pick(&stage.clues),
    };
    let right = matches!(chosen, Move::Solve | Move::SolveFirst | Move::WrongKind);
    let attempt = match (kind, chosen) {
        (ClueKind::Answer, Move::WrongKind) => Attempt::Scan(secret::answer(clue)),
        (ClueKind::Scan | ClueKind::CheckIn, Move::WrongKind) => {
            Attempt::Answer(secret::answer(clue))
        }
        (ClueKind::Answer, _) if right => Attempt::Answer(spelled(chance, clue)),
        (ClueKind::Scan, _) if right => Attempt::Scan(secret::answer(clue)),
        (ClueKind::CheckIn, _) if right => secret::here(),
        (ClueKind::Answer, _) => Attempt::Answer(format!("a guess {}", chance.below(1_000))),
        (ClueKind::Scan, _) => Attempt::Scan(format!("GUESS-{}", chance.below(1_000))),
        (ClueKind::CheckIn, _) => secret::far_away(),
    };
    Action::Solve {
        player,
        clue: clue.clone(),
        attempt,
    }
}

fn spelled(chance: &mut Chance, clue: &ClueId) -> String {
    let answer = secret::answer(clue);
    match chance.percent(SPELLED_PERCENT) {
        true => format!(" {}! ", answer.to_uppercase()),
        false => answer,
    }
}

fn unknown(chance: &mut Chance, player: PlayerId) -> Action {
    match chance.percent(50) {
        true => Action::Claim {
            player,
            treasure: TreasureId::new(NO_SUCH).expect("it is an id"),
        },
        false => Action::Solve {
            player,
            clue: ClueId::new(NO_SUCH).expect("it is an id"),
            attempt: Attempt::Answer("anything".to_owned()),
        },
    }
}

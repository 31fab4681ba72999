//! Players: they join, solve, miss, claim; some with bad manners.

use hunt::{Action, Attempt, ClueId, Command, HuntId, PlayerId, RequestId, TreasureId};

use super::{Client, Purpose};
use crate::draw::Chance;
use crate::history::Ask;
use crate::workload::place::Spot;
use crate::workload::{ClueKind, Move, Stage, Weighted, secret, spelling};

/// Long codes are longer than this, in bytes.
const LONG_CODE: usize = 300;
/// Who asks again, or reuses a key, goes back so many operations at most.
const BACK_MAX: u64 = 4;
/// A player's requests are remembered until so many newer ones took effect; those who ask again after a long time do so
/// about then.
const LONG_AGO: std::ops::RangeInclusive<u64> = 28..=34;
/// In a batch, so many of a hundred commands repeat the one before.
const REPEATED_PERCENT: u64 = 20;
/// Of the others so many are the same player's: who does several things in one moment.
const SAME_PLAYER_PERCENT: u64 = 40;
/// One of so many players has a long name, which ends like this.
const LONG_NAMES: u64 = 5;
const LONG_NAME_END: &str = "#################~!@$%^&*()_+{}|:<>?-=[];',./Zz#################";
/// Who comes in the moment that unlocks a clue brings what is right to it so often, in a hundred.
const UNLOCKED_PERCENT: u64 = 70;
/// What is not there.
const NO_SUCH: &str = "no-such";

impl Client {
    /// What the client asks at its `nth` operation.
    pub(super) fn play(&self, nth: u32) -> Ask {
        let mut chance = self.chance(nth, Purpose::Ask);
        let chosen = weighted(&mut chance, &self.scene.moves);
        let back = match chosen {
            Move::LongAgo => chance.between(*LONG_AGO.start(), *LONG_AGO.end()),
            _ => chance.between(1, BACK_MAX),
        };
        let back = u32::try_from(back).unwrap_or(1);
        match (chosen, nth.checked_sub(back)) {
            (Move::Batch { max }, _) => {
                let count = chance.between(1, max.max(1));
                Ask::Commands(self.batch(&mut chance, nth, count))
            }
            (Move::Again | Move::LongAgo, Some(earlier)) => self.play(earlier),
            (Move::LongAgo, None) => self.ask_one(&mut chance, Move::Miss, nth),
            (Move::ReuseKey, Some(earlier)) => Ask::Command(self.reuse(&mut chance, earlier)),
            (chosen, _) => self.ask_one(&mut chance, chosen, nth),
        }
    }

    fn ask_one(&self, chance: &mut Chance, chosen: Move, nth: u32) -> Ask {
        let request = format!("c{}-{nth}", self.plan.id);
        let edge = self.edge(nth);
        let unlocks = edge.and_then(|(_, edge, _)| edge.clue.as_ref());
        let stage = edge.map(|(stage, ..)| stage);
        let mut command = self.command_to(chance, chosen, stage, &request);
        // Who comes for a clue tries that, mostly.
        if let Some((clue, kind)) = unlocks.filter(|_| chance.percent(UNLOCKED_PERCENT)) {
            command.action = Action::Solve {
                player: self.player(chance),
                clue: clue.clone(),
                attempt: right(chance, *kind, clue),
            };
        }
        Ask::Command(command)
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
                    let command = self.command(chance, chosen, &request);
                    match commands
                        .last()
                        .filter(|_| chance.percent(SAME_PLAYER_PERCENT))
                    {
                        Some(before) => by_player_of(before, command),
                        None => command,
                    }
                }
            };
            commands.push(command);
        }
        commands
    }

    /// Another command of the same player under the id of an earlier operation: often one that differs a little only.
    fn reuse(&self, chance: &mut Chance, earlier: u32) -> Command {
        let before = match self.play(earlier) {
            Ask::Command(command) => Some(command),
            Ask::Commands(commands) => commands.into_iter().next(),
            _ => None,
        };
        let mut command = self.command(chance, Move::Claim, "reused");
        let Some(before) = before else {
            return command;
        };
        let stage = self.scene.stages.iter().find(|it| it.id == before.hunt);
        command.action = match (&before.action, stage) {
            (
                Action::Solve {
                    player,
                    clue,
                    attempt,
                },
                Some(stage),
            ) if chance.percent(60) => Action::Solve {
                player: player.clone(),
                clue: clue.clone(),
                attempt: wrong_instead(chance, stage, clue, attempt),
            },
            (action, Some(stage)) => match (action.player(), chance.percent(20)) {
                (Some(player), true) => Action::Join {
                    player: player.clone(),
                },
                (Some(player), false) => Action::Claim {
                    player: player.clone(),
                    treasure: chance.pick(&stage.treasures).clone(),
                },
                (None, _) => command.action,
            },
            (_, None) => command.action,
        };
        (command.hunt, command.request) = (before.hunt, before.request);
        command
    }

    fn command(&self, chance: &mut Chance, chosen: Move, request: &str) -> Command {
        self.command_to(chance, chosen, None, request)
    }

    /// A command to this hunt, or to any.
    fn command_to(
        &self,
        chance: &mut Chance,
        chosen: Move,
        stage: Option<&Stage>,
        request: &str,
    ) -> Command {
        let any = chance.pick(&self.scene.stages);
        let stage = stage.unwrap_or(any);
        let mut hunt = stage.id.clone();
        let player = self.player(chance);
        let action = match chosen {
            Move::Solve | Move::SolveFirst | Move::Miss | Move::WrongKind
                if !stage.clues.is_empty() =>
            {
                solve(chance, chosen, stage, player)
            }
            Move::Join | Move::Solve | Move::SolveFirst | Move::Miss | Move::WrongKind => {
                Action::Join { player }
            }
            Move::Claim | Move::Again | Move::LongAgo | Move::ReuseKey | Move::Batch { .. } => {
                Action::Claim {
                    player,
                    treasure: chance.pick(&stage.treasures).clone(),
                }
            }
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
        match chance.percent(self.scene.shared_percent) {
            true => self.player_of_any(chance),
            false => self.player_of(self.plan.id.into(), chance),
        }
    }

    /// A player of whichever client.
    pub(super) fn player_of_any(&self, chance: &mut Chance) -> PlayerId {
        let client = chance.between(1, self.named_clients);
        self.player_of(client, chance)
    }

    fn player_of(&self, client: u64, chance: &mut Chance) -> PlayerId {
        let player = chance.below(self.scene.players);
        let name = format!("p{client}-{player}");
        // A few have names as long as can be, with whatever they may hold.
        let name = match player % LONG_NAMES {
            2 => format!("{name}{}", &LONG_NAME_END[name.len()..]),
            _ => name,
        };
        PlayerId::new(&name).expect("visible characters make an id")
    }
}

/// The same command by the player of another one, if both have one.
fn by_player_of(before: &Command, mut command: Command) -> Command {
    if let Action::Join { player } | Action::Solve { player, .. } | Action::Claim { player, .. } =
        &mut command.action
        && let Some(same) = before.action.player()
    {
        *player = same.clone();
    }
    command
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
    let first = stage.clues.first().expect("the hunt has clues");
    let (clue, kind) = match chosen {
        Move::SolveFirst => first,
        _ => chance.pick(&stage.clues),
    };
    let attempt = match (kind, chosen) {
        (ClueKind::Answer, Move::WrongKind) => Attempt::Scan(secret::answer(clue)),
        (_, Move::WrongKind) => Attempt::Answer(secret::answer(clue)),
        (kind, Move::Miss) => wrong(chance, *kind, clue),
        (kind, _) => right(chance, *kind, clue),
    };
    Action::Solve {
        player,
        clue: clue.clone(),
        attempt,
    }
}

fn right(chance: &mut Chance, kind: ClueKind, clue: &ClueId) -> Attempt {
    match kind {
        ClueKind::Answer => {
            let answers = secret::answers(clue);
            let answer = chance.pick(&answers);
            Attempt::Answer(spelling::spelled(chance, answer))
        }
        ClueKind::Scan => Attempt::Scan(secret::answer(clue)),
        ClueKind::CheckIn => Spot::of(clue).within(chance),
    }
}

/// A wrong code, as long as all of them, and different at the end only.
fn long_code(chance: &mut Chance) -> String {
    format!("{:G>LONG_CODE$}{:03}", "", chance.below(1_000))
}

/// A wrong attempt in the place of another: of a long code only the end differs.
fn wrong_instead(chance: &mut Chance, stage: &Stage, clue: &ClueId, before: &Attempt) -> Attempt {
    match before {
        Attempt::Scan(code) if code.len() > LONG_CODE => Attempt::Scan(long_code(chance)),
        _ => {
            let kind = stage.clues.iter().find(|(id, _)| id == clue);
            wrong(
                chance,
                kind.map_or(ClueKind::Answer, |(_, kind)| *kind),
                clue,
            )
        }
    }
}

fn wrong(chance: &mut Chance, kind: ClueKind, clue: &ClueId) -> Attempt {
    match kind {
        ClueKind::Answer => {
            let answers = secret::answers(clue);
            let answer = chance.pick(&answers);
            Attempt::Answer(spelling::misspelled(chance, answer))
        }
        ClueKind::Scan => Attempt::Scan(match chance.below(4) {
            // Codes are compared as they are.
            0 => secret::answer(clue).to_uppercase(),
            1 => format!("{} ", secret::answer(clue)),
            2 => format!("GUESS-{}", chance.below(1_000)),
            _ => long_code(chance),
        }),
        ClueKind::CheckIn => Spot::of(clue).beyond(chance),
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

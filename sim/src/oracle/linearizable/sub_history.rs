//! The history of each treasure of finite stock, taken from what clients sent and saw, never from the log.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hunt::{Action, Award, Command, Definition, HuntId, PlayerId, Refusal, Reply, TreasureId};
use node::Response;

use super::counter::{Counter, Deed};
use super::search::Op;
use super::unknown;
use crate::history::{Answer, Ask};
use crate::oracle::Evidence;
use crate::oracle::askers::Askers;
use crate::oracle::deed::{self, DeedTry};
use crate::workload::secret;

/// What was done with one treasure and seen of it.
#[derive(Debug)]
pub(super) struct SubHistory<'a> {
    pub(super) hunt: &'a HuntId,
    pub(super) treasure: &'a TreasureId,
    pub(super) counter: Counter,
    pub(super) ops: Vec<Op>,
    award: &'a Award,
    /// Clues whose solve wins it.
    clues: Vec<&'a hunt::ClueId>,
    players: HashMap<&'a PlayerId, usize, FixedState>,
}

/// All tries of one request, over all operations that made it.
#[derive(Debug)]
struct Request<'a> {
    command: &'a Command,
    began_us: u64,
    tries: Vec<DeedTry<'a>>,
}

/// The sub-histories of all treasures.
pub(super) fn all<'a>(evidence: &Evidence<'a>) -> Vec<SubHistory<'a>> {
    let mut all: BTreeMap<&'a HuntId, Vec<SubHistory<'a>>> = BTreeMap::new();
    let requests = requests(evidence);
    let forgetful = forgetful(evidence);
    for request in &requests {
        if let Action::Put { draft, .. } = &request.command.action {
            define(&mut all, &request.command.hunt, draft.outline());
        }
    }
    let doubled = evidence.plan.rates.message_doubled > 0;
    for request in &requests {
        for history in all.get_mut(&request.command.hunt).into_iter().flatten() {
            history.take(request, doubled);
        }
    }
    all.retain(|hunt, _| !forgetful.contains(hunt));
    looks(evidence, &mut all);
    let mut all: Vec<SubHistory<'a>> = all.into_values().flatten().collect();
    for history in &mut all {
        unknown::resolve(&history.counter, &mut history.ops);
        history.counter.players = history.players.len();
    }
    all
}

/// Hunts of which somebody asked so much that the engine may have forgotten requests: there the same request may take
/// effect twice.
fn forgetful<'a>(evidence: &Evidence<'a>) -> BTreeSet<&'a HuntId> {
    let askers = Askers::of(&evidence.deeds);
    let deeds = evidence.deeds.iter();
    deeds
        .filter(|deed| askers.may_be_forgotten(deed))
        .map(|deed| &deed.command.hunt)
        .collect()
}

/// Requests of one asker with the same id and body are one, in the order of their first tries.
fn requests<'a>(evidence: &Evidence<'a>) -> Vec<Request<'a>> {
    let mut known: HashMap<(usize, usize), usize, FixedState> = HashMap::default();
    let mut requests: Vec<Request<'a>> = Vec::new();
    for deed in &evidence.deeds {
        let next = requests.len();
        let index = *known.entry((deed.id, deed.body)).or_insert(next);
        match requests.get_mut(index) {
            Some(request) => {
                request.began_us = request.began_us.min(deed.began_us());
                request.tries.extend(deed.tries.iter().copied());
            }
            None => requests.push(Request {
                command: deed.command,
                began_us: deed.began_us(),
                tries: deed.tries.clone(),
            }),
        }
    }
    requests
}

fn define<'a>(
    all: &mut BTreeMap<&'a HuntId, Vec<SubHistory<'a>>>,
    hunt: &'a HuntId,
    definition: &'a Definition,
) {
    let known = all.entry(hunt).or_default();
    for (treasure, index) in definition.treasures().iter().zip(0_u16..) {
        let Some(stock) = treasure.stock else {
            continue;
        };
        if known.iter().any(|it| *it.treasure == treasure.id) {
            continue;
        }
        let wins = |clue: &&hunt::Clue| {
            clue.grants.contains(&index)
                || matches!(treasure.award, Award::FirstToSolve(of) if definition.clue_index(&clue.id) == Some(of))
        };
        known.push(SubHistory {
            hunt,
            treasure: &treasure.id,
            counter: Counter {
                stock,
                per_player: treasure.per_player,
                players: 0,
            },
            ops: Vec::new(),
            award: &treasure.award,
            clues: definition
                .clues()
                .iter()
                .filter(wins)
                .map(|clue| &clue.id)
                .collect(),
            players: HashMap::default(),
        });
    }
}

/// What was seen of the stock in figures and in views of the hunt.
fn looks<'a>(evidence: &Evidence<'a>, all: &mut BTreeMap<&'a HuntId, Vec<SubHistory<'a>>>) {
    for op in &evidence.history.ops {
        let Ask::Query(query) = &op.ask else {
            continue;
        };
        for tried in &op.tries {
            let (Some(Answer::Query(Ok(response))), Some(ended_us)) =
                (&tried.answer, tried.ended_us)
            else {
                continue;
            };
            for history in all.get_mut(query.hunt()).into_iter().flatten() {
                if let Some(left) = left(response, history.treasure) {
                    history.add(Deed::Left(left), tried.sent_us, Some(ended_us), true);
                }
            }
        }
    }
}

fn left(response: &Response, treasure: &TreasureId) -> Option<u64> {
    match response {
        Response::Stats(stats) => stats.stock_left.get(treasure).copied().flatten(),
        Response::Hunt(view) => {
            let mut treasures = view.treasures.iter();
            treasures.find(|it| it.id == *treasure)?.stock_left
        }
        _ => None,
    }
}

impl<'a> SubHistory<'a> {
    fn add(&mut self, deed: Deed, began_us: u64, ended_us: Option<u64>, certain: bool) {
        self.ops.push(Op {
            deed,
            began_us,
            ended_us,
            certain,
        });
    }

    fn player(&mut self, player: &'a PlayerId) -> usize {
        let next = self.players.len();
        *self.players.entry(player).or_insert(next)
    }

    fn take(&mut self, request: &Request<'a>, doubled: bool) {
        match &request.command.action {
            Action::Claim { player, treasure }
                if treasure == self.treasure && matches!(self.award, Award::Claim { .. }) =>
            {
                let player = self.player(player);
                self.take_claim(request, player, doubled);
            }
            Action::Solve {
                player,
                clue,
                attempt,
            } if self.clues.contains(&clue) && secret::is_right(clue, attempt) => {
                let player = self.player(player);
                self.take_solve(request, player, doubled);
            }
            Action::Restock { treasure, add }
                if treasure == self.treasure && (doubled || !request.is_refused()) =>
            {
                self.take_restock(request, *add);
            }
            Action::Put { draft, .. } if doubled || !request.is_refused() => {
                let mut treasures = draft.outline().treasures().iter();
                let own = treasures.find(|it| it.id == *self.treasure);
                if let Some(stock) = own.and_then(|it| it.stock) {
                    let replaced_us = request.replaced_us();
                    self.add(Deed::Redefined(stock), request.began_us, replaced_us, false);
                }
            }
            _ => {}
        }
    }

    fn take_claim(&mut self, request: &Request<'a>, player: usize, doubled: bool) {
        for tried in &request.tries {
            let Some((answered, ended_us)) = tried.answered() else {
                continue;
            };
            let deed = match answered.reply {
                Reply::SoldOut => Deed::SoldOut(player),
                Reply::AlreadyGranted { .. } => Deed::Held(player),
                _ => continue,
            };
            self.add(deed, tried.sent_us, Some(ended_us), true);
        }
        match request.first_effect() {
            Some((_, ended_us)) => {
                self.add(
                    Deed::Granted(player),
                    request.began_us,
                    Some(ended_us),
                    true,
                );
            }
            None if request.may_have_happened(doubled) => {
                self.add(Deed::Granted(player), request.began_us, None, false);
            }
            None => {}
        }
    }

    fn take_solve(&mut self, request: &Request<'a>, player: usize, doubled: bool) {
        match request.first_effect() {
            Some((Reply::Solved { grants, .. }, ended_us)) => {
                let won = grants.iter().any(|grant| grant.treasure == *self.treasure);
                let deed = match won {
                    true => Deed::Granted(player),
                    false => Deed::WonNothing(player),
                };
                self.add(deed, request.began_us, Some(ended_us), true);
            }
            Some(_) => {}
            None if request.may_have_happened(doubled) => {
                self.add(Deed::Granted(player), request.began_us, None, false);
            }
            None => {}
        }
    }

    fn take_restock(&mut self, request: &Request<'a>, add: u64) {
        match request.first_effect() {
            Some((Reply::Restocked { stock_left, .. }, ended_us)) => {
                let deed = Deed::Restocked(add, Some(*stock_left));
                self.add(deed, request.began_us, Some(ended_us), true);
            }
            Some(_) => {}
            None => self.add(Deed::Restocked(add, None), request.began_us, None, false),
        }
    }
}

impl<'a> Request<'a> {
    /// The first answer that tells that it took effect.
    fn first_effect(&self) -> Option<(&'a Reply, u64)> {
        let answers = self.tries.iter().filter_map(DeedTry::answered);
        answers
            .filter(|(answered, _)| deed::tells_effect(&answered.reply))
            .map(|(answered, ended_us)| (&answered.reply, ended_us))
            .min_by_key(|(_, ended_us)| *ended_us)
    }

    /// Nobody was told so, but it may have taken effect: a try had no answer of the rules, or was doubled on its way
    /// and decided anew later.
    fn may_have_happened(&self, doubled: bool) -> bool {
        let told_final = self
            .tries
            .iter()
            .filter_map(DeedTry::answered)
            .any(|(it, _)| {
                matches!(
                    it.reply,
                    Reply::AlreadyGranted { .. }
                        | Reply::AlreadySolved { .. }
                        | Reply::Refused(Refusal::KeyReused | Refusal::UnknownTreasure)
                )
            });
        let unknown = self.tries.iter().any(|tried| tried.answered().is_none());
        unknown || (doubled && !told_final)
    }

    /// Every try was refused.
    fn is_refused(&self) -> bool {
        let refused = |tried: &DeedTry<'_>| {
            let answered = tried.answered();
            answered.is_some_and(|(it, _)| matches!(it.reply, Reply::Refused(_)))
        };
        self.tries.iter().all(refused)
    }

    /// When a definition was surely in place, if all tries were answered.
    fn replaced_us(&self) -> Option<u64> {
        let ends = self
            .tries
            .iter()
            .map(|tried| tried.answered().map(|it| it.1));
        ends.collect::<Option<Vec<u64>>>()?.into_iter().max()
    }
}

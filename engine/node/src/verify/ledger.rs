//! A second account of stock and grants, kept from the events alone, in other words than the rules that made them.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::fast::FixedState;
use hunt::{
    Award, Definition, Event, EventBody, Granted, HuntState, Index, PlayerId, RequestTag, Seq,
    ShardId,
};
use indexmap::IndexMap;

use super::report::{FaultKind, VerifyReport};

/// Repetitions are looked for among so many of a player's last requests, as the engine promises.
const REQUESTS_REMEMBERED: usize = hunt::REQUESTS_PER_PLAYER_MAX;

/// The account of one hunt.
#[derive(Default)]
pub(super) struct Ledger {
    granted: BTreeMap<Index, u64>,
    restocked: BTreeMap<Index, u64>,
    /// Looked up for every event, never walked.
    players: IndexMap<PlayerId, PlayerAccount, FixedState>,
}

#[derive(Default)]
struct PlayerAccount {
    solved: BTreeSet<Index>,
    granted: Vec<(Index, u32)>,
    requests: Vec<u64>,
}

impl Ledger {
    /// Takes an event into account, before it is applied.
    pub(super) fn event(
        &mut self,
        shard: ShardId,
        event: &Event,
        definition: &Definition,
        report: &mut VerifyReport,
    ) {
        let seq = event.seq;
        match &event.body {
            EventBody::Restocked { treasure, add, .. } => {
                *self.restocked.entry(*treasure).or_default() += add
            }
            EventBody::Joined { player, request }
            | EventBody::Missed {
                player, request, ..
            } => {
                self.request(shard, seq, player, request, report);
            }
            EventBody::Solved {
                player,
                clue,
                grants,
                request,
                ..
            } => {
                self.request(shard, seq, player, request, report);
                let account = self.players.entry(player.clone()).or_default();
                if !account.solved.insert(*clue) {
                    report.fault(
                        FaultKind::DoubleGrant,
                        shard,
                        seq,
                        format!("player {player} solved clue {clue} twice"),
                    );
                }
                self.first_to_solve(shard, seq, *clue, grants, definition, report);
                for grant in grants {
                    self.grant(shard, seq, player, grant, definition, report);
                }
            }
            EventBody::Claimed {
                player,
                grant,
                request,
                ..
            } => {
                self.request(shard, seq, player, request, report);
                self.grant(shard, seq, player, grant, definition, report);
            }
            // Before anyone joined, a replaced definition starts over, stock included.
            EventBody::Put { .. } if self.players.is_empty() => *self = Self::default(),
            EventBody::Put { .. }
            | EventBody::PhaseChanged { .. }
            | EventBody::ClueUnlocked { .. } => {}
        }
    }

    fn request(
        &mut self,
        shard: ShardId,
        seq: Seq,
        player: &PlayerId,
        request: &RequestTag,
        report: &mut VerifyReport,
    ) {
        let requests = &mut self.players.entry(player.clone()).or_default().requests;
        if requests.contains(&request.id) {
            report.fault(
                FaultKind::Repeated,
                shard,
                seq,
                format!("a request of player {player} took effect before"),
            );
        }
        if requests.len() == REQUESTS_REMEMBERED {
            requests.remove(0);
        }
        requests.push(request.id);
    }

    fn grant(
        &mut self,
        shard: ShardId,
        seq: Seq,
        player: &PlayerId,
        grant: &Granted,
        definition: &Definition,
        report: &mut VerifyReport,
    ) {
        report.grants += 1;
        let Some(treasure) = definition.treasure(grant.treasure) else {
            return report.fault(
                FaultKind::Unknown,
                shard,
                seq,
                format!("treasure {} is not in the definition", grant.treasure),
            );
        };
        let granted = self.granted.entry(grant.treasure).or_default();
        *granted += 1;
        if *granted != grant.nth {
            let detail = format!(
                "grant {} of treasure {} says that it is number {}",
                granted, treasure.id, grant.nth
            );
            report.fault(FaultKind::Oversold, shard, seq, detail);
        }
        let restocked = self.restocked.get(&grant.treasure).copied().unwrap_or(0);
        if treasure
            .stock
            .is_some_and(|stock| *granted > stock + restocked)
        {
            report.fault(
                FaultKind::Oversold,
                shard,
                seq,
                format!("{granted} of treasure {} are granted", treasure.id),
            );
        }
        let account = self.players.entry(player.clone()).or_default();
        let held = match account
            .granted
            .iter_mut()
            .find(|(index, _)| *index == grant.treasure)
        {
            Some((_, held)) => {
                *held += 1;
                *held
            }
            None => {
                account.granted.push((grant.treasure, 1));
                1
            }
        };
        if u64::from(held) > u64::from(treasure.per_player) {
            report.fault(
                FaultKind::DoubleGrant,
                shard,
                seq,
                format!("player {player} holds {held} of treasure {}", treasure.id),
            );
        }
    }

    /// While there is stock, whoever solves the clue must be granted what goes to the first.
    fn first_to_solve(
        &self,
        shard: ShardId,
        seq: Seq,
        clue: Index,
        grants: &[Granted],
        definition: &Definition,
        report: &mut VerifyReport,
    ) {
        for (index, treasure) in (0..).zip(definition.treasures()) {
            let for_this_clue = matches!(&treasure.award, Award::FirstToSolve(of) if *of == clue);
            if !for_this_clue {
                continue;
            }
            let granted = self.granted.get(&index).copied().unwrap_or(0);
            let restocked = self.restocked.get(&index).copied().unwrap_or(0);
            let left = treasure
                .stock
                .is_none_or(|stock| granted < stock + restocked);
            if left && !grants.iter().any(|grant| grant.treasure == index) {
                report.fault(
                    FaultKind::NotFirst,
                    shard,
                    seq,
                    format!(
                        "treasure {} passed over a solver while there was stock",
                        treasure.id
                    ),
                );
            }
        }
    }

    /// Compares the account with the state: initial stock + restocks = left + granted.
    pub(super) fn finish(&self, shard: ShardId, hunt: &HuntState, report: &mut VerifyReport) {
        for (index, treasure) in (0..).zip(hunt.definition().treasures()) {
            let granted = self.granted.get(&index).copied().unwrap_or(0);
            let restocked = self.restocked.get(&index).copied().unwrap_or(0);
            let expected = treasure
                .stock
                .map(|stock| (stock + restocked).saturating_sub(granted));
            if hunt.stock_left(index) != expected {
                let detail = format!(
                    "treasure {} of hunt {}: {:?} left, the log says {expected:?}",
                    treasure.id,
                    hunt.id(),
                    hunt.stock_left(index)
                );
                report.fault(FaultKind::Oversold, shard, hunt.seq(), detail);
            }
        }
    }
}

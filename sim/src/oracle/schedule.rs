//! What the schedule does happens at most once, not before its time, and before anything else that happens after its
//! time; nothing is accepted outside of the phases that take it.

use std::collections::BTreeSet;

use hunt::{Definition, EventBody, Index, Millis, Phase, Unlock};

use super::ledger::{HuntLog, Placed};
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "schedule";

/// How late the schedule may be once all has healed: a tick, a commit, a takeover and then some.
const LATE_MS_MAX: u64 = 2_000;

/// Where a hunt is in its schedule.
struct Plan<'a> {
    definition: &'a Definition,
    phase: Phase,
    unlocked: BTreeSet<Index>,
    joined: bool,
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for (hunt, log) in evidence.ledger.hunts() {
        let left = follow(log)?;
        let end = evidence.observations.wall_ms_at_end;
        let late = left
            .zip(end)
            .and_then(|(plan, end)| plan.due(Millis(end.saturating_sub(LATE_MS_MAX))));
        if let Some(what) = late {
            let detail = format!("hunt {hunt}: {what} did not happen by the end of the run");
            return Err(failure(ORACLE, 0, detail));
        }
    }
    Ok(())
}

fn follow<'a>(log: &HuntLog<'a>) -> Result<Option<Plan<'a>>, Failure> {
    let mut plan: Option<Plan<'a>> = None;
    for placed in &log.events {
        let step = match &mut plan {
            None => {
                plan = Plan::begun(&placed.event.body);
                Ok(())
            }
            Some(plan) => plan.step(placed),
        };
        step.map_err(|problem| {
            let (hunt, seq) = (&placed.event.hunt, placed.event.seq);
            let detail = format!("hunt {hunt}, event {seq} of {}: {problem}", placed.event.at);
            failure(ORACLE, placed.at_us(), detail)
        })?;
    }
    Ok(plan)
}

impl<'a> Plan<'a> {
    fn begun(body: &'a EventBody) -> Option<Self> {
        match body {
            EventBody::Put { definition, .. } => Some(Self {
                definition,
                phase: Phase::Scheduled,
                unlocked: BTreeSet::new(),
                joined: false,
            }),
            _ => None,
        }
    }

    fn step(&mut self, placed: &Placed<'a>) -> Result<(), String> {
        let (at, body) = (placed.event.at, &placed.event.body);
        match body {
            EventBody::PhaseChanged {
                phase,
                request: None,
            } => {
                self.fires(*phase, at)?;
                self.phase = *phase;
                return Ok(());
            }
            EventBody::ClueUnlocked { clue } => return self.unlocks(*clue, at),
            _ => {}
        }
        if let Some(what) = self.due(at) {
            return Err(format!("happens before {what}, which was due"));
        }
        match body {
            EventBody::PhaseChanged { phase, .. } => self.phase = *phase,
            EventBody::Put { definition, .. } => self.define(definition),
            EventBody::Solved { .. } | EventBody::Missed { .. } | EventBody::Claimed { .. }
                if !self.is_played() =>
            {
                return Err(format!("taken while the hunt is {}", self.phase));
            }
            _ => {}
        }
        self.joined |= body.player().is_some();
        Ok(())
    }

    /// Until somebody joined, a new definition begins everything anew.
    fn define(&mut self, definition: &'a Definition) {
        self.definition = definition;
        if !self.joined {
            self.phase = Phase::Scheduled;
            self.unlocked.clear();
        }
    }

    fn fires(&self, phase: Phase, at: Millis) -> Result<(), String> {
        let schedule = self.definition.schedule();
        let time = match phase {
            Phase::Scheduled => None,
            Phase::Open => schedule.opens_at,
            Phase::Frozen => schedule.freezes_at,
            Phase::Closed => schedule.closes_at,
        };
        if phase <= self.phase {
            return Err(format!(
                "{phase} by schedule, but it is {} already",
                self.phase
            ));
        }
        if phase == Phase::Frozen && self.phase != Phase::Open {
            return Err(format!("frozen by schedule, but it is {}", self.phase));
        }
        match time {
            Some(time) if time <= at => Ok(()),
            time => Err(format!("{phase} by schedule, whose time is {time:?}")),
        }
    }

    fn unlocks(&mut self, clue: Index, at: Millis) -> Result<(), String> {
        if !self.is_played() {
            return Err(format!(
                "clue {clue} unlocks while the hunt is {}",
                self.phase
            ));
        }
        let time = self.definition.clue(clue).map(|clue| &clue.unlock);
        match time {
            Some(Unlock::At(time)) if *time <= at => {}
            time => return Err(format!("clue {clue} unlocks, whose time is {time:?}")),
        }
        if self.unlocked.insert(clue) {
            Ok(())
        } else {
            Err(format!("clue {clue} unlocks a second time"))
        }
    }

    fn is_played(&self) -> bool {
        matches!(self.phase, Phase::Open | Phase::Frozen)
    }

    /// What should have happened by then.
    fn due(&self, at: Millis) -> Option<String> {
        let schedule = self.definition.schedule();
        let past = |time: Option<Millis>| time.is_some_and(|time| time <= at);
        if self.phase == Phase::Scheduled && past(schedule.opens_at) {
            return Some("its opening".to_owned());
        }
        if self.phase == Phase::Open && past(schedule.freezes_at) {
            return Some("its freeze".to_owned());
        }
        if self.phase < Phase::Closed && past(schedule.closes_at) {
            return Some("its close".to_owned());
        }
        let mut clues = self.definition.clues().iter().zip(0..);
        let waiting = clues.find(|(clue, index)| {
            matches!(clue.unlock, Unlock::At(time) if time <= at) && !self.unlocked.contains(index)
        });
        waiting
            .filter(|_| self.is_played())
            .map(|(clue, _)| format!("the unlock of clue {}", clue.id))
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;
    use hunt::{EventBody, Phase};

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::scheduled();
        run.wait_ms(10_000);
        run.claim("zoe", "coin");
        run.wait_ms(100_000);
        run.claim("yan", "badge");
        run.passes(check);
    }

    #[test]
    fn sees_an_opening_before_its_time() {
        let mut run = Fixture::scheduled();
        run.append(EventBody::PhaseChanged {
            phase: Phase::Open,
            request: None,
        });
        run.fails(check, "open by schedule, whose time is");
    }

    #[test]
    fn sees_an_opening_twice() {
        let mut run = Fixture::scheduled();
        run.wait_ms(10_000);
        run.claim("zoe", "coin");
        run.append(EventBody::PhaseChanged {
            phase: Phase::Open,
            request: None,
        });
        run.fails(check, "but it is open already");
    }

    #[test]
    fn sees_a_freeze_of_what_was_not_open() {
        let mut run = Fixture::scheduled();
        run.append(EventBody::PhaseChanged {
            phase: Phase::Frozen,
            request: None,
        });
        run.fails(check, "frozen by schedule, but it is scheduled");
    }

    #[test]
    fn sees_an_unlock_before_the_opening() {
        let mut run = Fixture::scheduled();
        run.append(EventBody::ClueUnlocked { clue: 0 });
        run.fails(check, "unlocks while the hunt is scheduled");
    }

    #[test]
    fn sees_what_comes_after_a_close_that_did_not_happen() {
        let mut run = Fixture::scheduled();
        run.wait_ms(10_000);
        run.claim("zoe", "coin");
        run.wait_ms(100_000);
        run.force_claim("yan", "coin");
        run.fails(check, "which was due");
    }

    #[test]
    fn sees_a_claim_after_the_close() {
        let mut run = Fixture::played();
        run.close();
        run.force_claim("zoe", "coin");
        run.fails(check, "taken while the hunt is closed");
    }

    #[test]
    fn sees_a_close_that_never_happens() {
        let mut run = Fixture::scheduled();
        run.wait_ms(10_000);
        run.claim("zoe", "coin");
        run.wait_ms(100_000);
        run.observations.wall_ms_at_end = Some(run.wall_ms());
        run.fails(check, "did not happen by the end");
    }
}

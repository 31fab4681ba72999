//! What the page draws: lanes from top to bottom, and on them bands, marks, and arrows between them.

use serde::Serialize;
use sim::outcome::{Happening, Outcome};
use sim::plan::Plan;

use super::lanes::{Lane, Lanes};

/// Everything that is drawn. Times are microseconds of virtual time; lanes are places in `lanes`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Picture {
    pub(super) title: String,
    pub(super) end: u64,
    pub(super) lanes: Vec<Lane>,
    pub(super) bands: Vec<Band>,
    pub(super) marks: Vec<Mark>,
    pub(super) arrows: Vec<Arrow>,
}

/// Something that lasts.
#[derive(Debug, Serialize)]
pub(super) struct Band {
    pub(super) lane: usize,
    pub(super) kind: &'static str,
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) text: String,
}

/// Something that happens at once.
#[derive(Debug, Serialize)]
pub(super) struct Mark {
    pub(super) lane: usize,
    pub(super) kind: &'static str,
    pub(super) at: u64,
    pub(super) text: String,
}

/// A message; one that never arrived has no end.
#[derive(Debug, Serialize)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) sent: u64,
    pub(super) arrived: Option<u64>,
    pub(super) text: String,
}

impl Picture {
    /// The picture of a traced run.
    pub(super) fn of(plan: &Plan, outcome: &Outcome) -> Self {
        let lanes = Lanes::of(plan, outcome);
        let mut picture = Self {
            title: format!("Seed {}", plan.seed),
            end: outcome.simulated_us,
            ..Self::default()
        };
        picture.steps(&lanes, outcome);
        super::messages::draw(&mut picture, &lanes, outcome);
        super::disasters::draw(&mut picture, &lanes, plan, outcome);
        super::stored::draw(&mut picture, &lanes, outcome);
        if let Some(failure) = &outcome.failure {
            let text = format!("{}: {}", failure.oracle, failure.detail);
            picture.mark(lanes.store(), "failure", failure.at_us, text);
        }
        picture.lanes = lanes.into_list();
        picture.marks.sort_by_key(|mark| mark.at);
        picture.bands.sort_by_key(|band| band.from);
        picture.arrows.sort_by_key(|arrow| arrow.sent);
        picture
    }

    /// Things that are drawn.
    pub(super) fn count(&self) -> usize {
        self.bands.len() + self.marks.len() + self.arrows.len()
    }

    /// What nodes and commits did. That a task ran is left out: it is nearly all steps, and says little.
    fn steps(&mut self, lanes: &Lanes, outcome: &Outcome) {
        for step in &outcome.trace {
            match &step.what {
                Happening::Committed { lane, what } => {
                    self.mark(lanes.core(*lane), "commit", step.at_us, what.clone());
                }
                Happening::Node { lane, what } => {
                    self.mark(lanes.core(*lane), "node", step.at_us, what.clone());
                }
                Happening::Ran { .. }
                | Happening::Sent { .. }
                | Happening::Arrived { .. }
                | Happening::Fault { .. } => {}
            }
        }
    }

    pub(super) fn mark(&mut self, lane: usize, kind: &'static str, at: u64, text: String) {
        self.marks.push(Mark {
            lane,
            kind,
            at,
            text,
        });
    }

    pub(super) fn band(&mut self, lane: usize, kind: &'static str, span: (u64, u64), text: String) {
        self.bands.push(Band {
            lane,
            kind,
            from: span.0,
            to: span.1.max(span.0),
            text,
        });
    }
}

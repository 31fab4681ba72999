//! The steps of a traced run as lines of text.

use std::fmt;

use sim::outcome::{Happening, Outcome, Step};

/// One line for each step of the run.
pub(crate) fn timeline(outcome: &Outcome) -> impl Iterator<Item = String> {
    outcome.trace.iter().map(|step| line(step, outcome))
}

/// Time, the end of the hash, where, and what.
fn line(step: &Step, outcome: &Outcome) -> String {
    let (lane, what) = told(&step.what, outcome);
    format!(
        "{} {:08x} {lane:<12} {what}",
        Seconds(step.at_us),
        step.hash & 0xffff_ffff
    )
}

/// Where something happened, and what, for people.
fn told(what: &Happening, outcome: &Outcome) -> (String, String) {
    match what {
        Happening::Ran { lane, task } => (core(*lane), format!("runs task {task}")),
        Happening::Sent {
            message,
            from,
            to,
            what,
        } => (
            party(*from),
            format!("sends message {message} to {}: {what}", party(*to)),
        ),
        Happening::Arrived { message } => ("".to_owned(), format!("message {message} arrives")),
        Happening::Committed { lane, what } => (core(*lane), format!("commit: {what}")),
        Happening::Fault { fired } => match outcome.fired.get(*fired) {
            Some(fault) => (
                "FAULT".to_owned(),
                format!("{} {}: {}", fault.kind, fault.id, fault.detail),
            ),
            None => ("FAULT".to_owned(), format!("number {fired}")),
        },
        Happening::Node { lane, what } => (core(*lane), what.clone()),
    }
}

/// A core, `2.1`; the world itself is node 0.
fn core((node, core): (u16, u16)) -> String {
    match node {
        0 => "world".to_owned(),
        _ => format!("{node}.{core}"),
    }
}

/// One end of a message: a core or a client.
fn party((node, number): (u16, u32)) -> String {
    match node {
        0 => format!("client {number}"),
        _ => format!("{node}.{number}"),
    }
}

/// Microseconds, shown as seconds.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>4}.{:06} s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use sim::outcome::RunOptions;

    use super::*;
    use crate::simulator::Simulator;
    use crate::simulator::fake::{Fake, plan};

    fn check(what: Happening, expected: &str) {
        let outcome = Fake::new(|_| None).run(&plan(1), RunOptions::default());
        let step = Step {
            at_us: 61_000_002,
            hash: 0xabc,
            what,
        };
        assert_eq!(line(&step, &outcome), expected);
    }

    #[test]
    fn each_step_is_one_line() {
        check(
            Happening::Ran {
                lane: (2, 1),
                task: 9,
            },
            "  61.000002 s 00000abc 2.1          runs task 9",
        );
        check(
            Happening::Sent {
                message: 5,
                from: (0, 7),
                to: (1, 0),
                what: "claim".to_owned(),
            },
            "  61.000002 s 00000abc client 7     sends message 5 to 1.0: claim",
        );
        check(
            Happening::Fault { fired: 0 },
            "  61.000002 s 00000abc FAULT        fake commit/1.0/0: ",
        );
    }
}

//! One target on the bench: started, measured as often as wanted, checked and stopped.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crate::error::BenchError;
use crate::feed::{self, Followed};
use crate::load::{self, Measured, Pace, Plan};
use crate::machine::Usage;
use crate::outcome::{Checked, FeedSeen, Max, Percentiles, Rate, Run, SecondSeen, curve, us};
use crate::peer::{Folder, Kind, Peer, Remote, Settings, start};
use crate::workload::Workload;

/// What is measured, and how.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Its name in results.
    pub label: String,
    /// What it is.
    pub kind: Kind,
    /// The load; prefix, seed and title are set for each run.
    pub plan: Plan,
    /// How its server is started.
    pub settings: Settings,
    /// An engine that runs already.
    pub remote: Option<RemoteSpec>,
}

/// An engine that runs already.
#[derive(Clone, Debug)]
pub struct RemoteSpec {
    /// Where.
    pub address: SocketAddr,
    /// Of role service.
    pub token: String,
    /// Its HTTP address and a token of role operator: the hunts are put first.
    pub operator: Option<(SocketAddr, String)>,
}

/// A target that runs.
pub struct Trial {
    spec: Spec,
    peer: Box<dyn Peer>,
    accepted: u64,
    unknown: u64,
    runs: u64,
}

impl Trial {
    /// Starts it.
    pub fn start(spec: Spec, folder: &Folder) -> Result<Self, BenchError> {
        let peer: Box<dyn Peer> = match &spec.remote {
            None => start(spec.kind, &spec.settings, folder)?,
            Some(remote) => {
                let operator = remote.operator.as_ref();
                Box::new(Remote::new(
                    spec.kind,
                    remote.address,
                    &remote.token,
                    spec.settings.hunts,
                    operator.map(|(address, token)| (*address, token.as_str())),
                )?)
            }
        };
        Ok(Self {
            spec,
            peer,
            accepted: 0,
            unknown: 0,
            runs: 0,
        })
    }

    /// Its name in results.
    pub fn label(&self) -> &str {
        &self.spec.label
    }

    /// Measures it once; returns the figures and the histograms.
    pub fn measure(
        &mut self,
        round: u32,
        pace: Pace,
        stop: &AtomicBool,
    ) -> Result<(Run, Measured), BenchError> {
        self.runs += 1;
        let mut plan = self.spec.plan.clone();
        plan.pace = pace;
        plan.seed = plan.seed.wrapping_add(u64::from(round));
        plan.prefix = format!("{}-", base36(feed::wall_ms() * 64 + self.runs % 64));
        plan.title = format!("{} {}", self.spec.label, pace_rate(pace).text());
        let before = Usage::of(&self.peer.processes());
        let (measured, seen) = match (plan.workload, self.peer.feed()) {
            (Workload::Feed, Some((address, token))) => {
                with_reader(&*self.peer, self.spec.kind, address, token, &plan, stop)?
            }
            _ => (load::run(self.peer.target(), &plan, stop)?, None),
        };
        let after = Usage::of(&self.peer.processes());
        self.accepted += measured.accepted_ever;
        self.unknown += measured.unknown_ever;
        let mut run = self.run_of(&plan, &measured, round);
        run.rss_mb = (after.rss_mb * 10.0).round() / 10.0;
        run.target_cpu_s = (after.cpu_s - before.cpu_s).max(0.0);
        run.feed = seen;
        Ok((run, measured))
    }

    fn run_of(&self, plan: &Plan, measured: &Measured, round: u32) -> Run {
        let about = self.peer.about();
        Run {
            label: self.spec.label.clone(),
            target: self.spec.kind.name().to_owned(),
            workload: plan.workload.name().to_owned(),
            rate: pace_rate(plan.pace),
            poisson: matches!(plan.pace, Pace::Poisson(_)),
            round,
            connections: plan.connections,
            depth: plan.depth,
            batch: plan.batch,
            threads: plan.threads,
            warm_up_s: plan.warm_up.as_secs_f64(),
            duration_s: plan.duration.as_secs_f64(),
            accepted_per_s: (measured.tally.accepted as f64 / plan.duration.as_secs_f64()).round(),
            errors: measured.tally.errors,
            refused: measured.tally.refused,
            overloaded: measured.tally.overloaded,
            unsent: measured.unsent,
            reconnects: measured.reconnects,
            example: measured.example.clone(),
            service_us: Percentiles::of(&measured.service),
            response_us: Percentiles::of(&measured.response),
            rss_mb: 0.0,
            target_cpu_s: 0.0,
            generator_cpu_s: Duration::from_nanos(measured.cpu_ns).as_secs_f64(),
            version: about.version.clone(),
            durability: about.durability.clone(),
            feed: None,
            service_curve: curve(&measured.service),
            response_curve: curve(&measured.response),
            seconds: seconds(measured, plan.duration),
        }
    }

    /// Stops it, and holds what it has against what it said.
    pub fn finish(self) -> Result<Checked, BenchError> {
        let label = self.spec.label;
        let is_claims = self.spec.plan.workload != Workload::SolveMix;
        let check = self.peer.finish()?;
        let checked = Checked {
            label,
            accepted: self.accepted,
            unknown: self.unknown,
            events: check.events,
            faults: check.faults,
        };
        let own_events = if self.spec.kind.is_engine() {
            // Putting and opening each hunt are events too.
            2 * self.spec.settings.hunts
        } else {
            0
        };
        if is_claims {
            holds(&checked, own_events)?;
        }
        Ok(checked)
    }
}

/// Each accepted claim is one event, and nothing else is; of those without an answer nobody knows.
fn holds(checked: &Checked, own_events: u64) -> Result<(), BenchError> {
    let Some(events) = checked.events else {
        return Ok(());
    };
    let claims = events.saturating_sub(own_events);
    if (checked.accepted..=checked.accepted + checked.unknown).contains(&claims) {
        return Ok(());
    }
    Err(BenchError::Untrue(format!(
        "{} said that {} claims took effect, but it holds {claims} ({} were never answered): its figures are worth nothing",
        checked.label, checked.accepted, checked.unknown
    )))
}

/// Puts load on while one reader follows the feed; then another catches up.
fn with_reader(
    peer: &dyn Peer,
    kind: Kind,
    address: SocketAddr,
    token: &str,
    plan: &Plan,
    stop: &AtomicBool,
) -> Result<(Measured, Option<FeedSeen>), BenchError> {
    let is_over = AtomicBool::new(false);
    let since_ms = feed::wall_ms() + plan.warm_up.as_millis() as u64;
    let (measured, followed) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| feed::follow(kind, address, token, since_ms, &is_over));
        let measured = load::run(peer.target(), plan, stop);
        is_over.store(true, Relaxed);
        let followed: Result<Followed, BenchError> = reader
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok::<_, BenchError>((measured?, followed?))
    })?;
    let seen = followed.catch_up(kind, address, token)?;
    Ok((measured, Some(seen)))
}

fn pace_rate(pace: Pace) -> Rate {
    pace.per_s().map_or(Rate::Max(Max::Max), Rate::PerSecond)
}

fn seconds(measured: &Measured, duration: Duration) -> Vec<SecondSeen> {
    // A last piece that is shorter than a second would look like a dip.
    let whole = (duration.as_secs() as usize).max(1);
    let seconds = measured.seconds.iter().take(whole);
    seconds
        .map(|second| SecondSeen {
            accepted: second.accepted,
            p50_us: us(second.response.value_at_quantile(0.5)),
            p99_us: us(second.response.value_at_quantile(0.99)),
            max_us: us(second.response.max()),
        })
        .collect()
}

/// A number in few characters that ids may have.
fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = String::new();
    while number > 0 {
        text.push(char::from(DIGITS[(number % 36) as usize]));
        number /= 36;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(accepted: u64, unknown: u64, events: u64) -> Checked {
        Checked {
            label: "x".to_owned(),
            accepted,
            unknown,
            events: Some(events),
            faults: None,
        }
    }

    #[test]
    fn a_server_must_hold_what_it_said() {
        assert!(holds(&checked(10, 0, 10), 0).is_ok());
        assert!(holds(&checked(10, 0, 12), 2).is_ok());
        assert!(holds(&checked(10, 3, 12), 0).is_ok());
        assert!(holds(&checked(10, 0, 9), 0).is_err());
        assert!(holds(&checked(10, 0, 11), 0).is_err());
    }
}

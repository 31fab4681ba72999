//! How fast one player may ask: the generic cell rate algorithm (ITU-T I.371), one number per player.

use std::cell::RefCell;
use std::time::Duration;

use hunt::PlayerId;

use super::generations::Generations;
use super::settings::PLAYER_BURST_S;

/// The rates of the players that ask this core.
pub(super) struct Rates {
    /// Nanoseconds that one request uses up; 0 is no limit.
    cost_ns: u64,
    /// When each player will have used up nothing, in nanoseconds of the monotonic clock.
    clear_at: RefCell<Generations<PlayerId, u64>>,
}

const BURST_NS: u64 = PLAYER_BURST_S as u64 * 1_000_000_000;

impl Rates {
    pub(super) fn new(requests_per_s: u32, players_max: usize, seed: u64) -> Self {
        let cost_ns = if requests_per_s == 0 {
            0
        } else {
            (1_000_000_000 / u64::from(requests_per_s)).max(1)
        };
        Self {
            cost_ns,
            clear_at: RefCell::new(Generations::new(players_max, seed)),
        }
    }

    /// Counts one request. Refused, it says how many milliseconds to wait.
    pub(super) fn take(&self, player: &PlayerId, now: Duration) -> Result<(), u64> {
        if self.cost_ns == 0 {
            return Ok(());
        }
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let mut players = self.clear_at.borrow_mut();
        let Some(clear_at) = players.get(player) else {
            players.insert(player.clone(), now.saturating_add(self.cost_ns));
            return Ok(());
        };
        let after = (*clear_at).max(now).saturating_add(self.cost_ns);
        let ahead = after - now;
        if ahead > BURST_NS {
            return Err((ahead - BURST_NS).div_ceil(1_000_000));
        }
        *clear_at = after;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rates: &Rates, player: &str, at_ms: u64, tries: usize) -> (usize, Option<u64>) {
        let player = PlayerId::new(player).unwrap();
        let answers: Vec<_> = (0..tries)
            .map(|_| rates.take(&player, Duration::from_millis(at_ms)))
            .collect();
        let refused = answers.iter().find_map(|answer| answer.err());
        (
            answers.iter().filter(|answer| answer.is_ok()).count(),
            refused,
        )
    }

    #[test]
    fn allows_a_burst_then_the_rate() {
        let rates = Rates::new(100, 16, 1);
        assert_eq!(
            taken(&rates, "p", 5_000, 300),
            (200, Some(10)),
            "two seconds' worth at once"
        );
        assert_eq!(
            taken(&rates, "q", 5_000, 10),
            (10, None),
            "each player for itself"
        );
        assert_eq!(
            taken(&rates, "p", 5_100, 300),
            (10, Some(10)),
            "then as fast as the rate"
        );
        assert_eq!(
            taken(&rates, "p", 60_000, 300),
            (200, Some(10)),
            "after a rest, a burst again"
        );
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(taken(&Rates::new(0, 16, 1), "p", 0, 10_000), (10_000, None));
    }
}

//! What a generator records; several are merged.

use hdrhistogram::Histogram;

use crate::protocol::Tally;

/// The longest time that is told apart: an hour. Longer ones count as that.
pub const HISTOGRAM_MAX_NS: u64 = 3_600_000_000_000;

/// Three figures are exact: an error of at most 0.1 %.
const FIGURES: u8 = 3;

/// Histograms of single seconds are many: two figures.
const SECOND_FIGURES: u8 = 2;

const NS_PER_S: u64 = 1_000_000_000;

/// An empty histogram of nanoseconds.
pub fn new_histogram(figures: u8) -> Histogram<u64> {
    Histogram::new_with_bounds(1, HISTOGRAM_MAX_NS, figures)
        .expect("the bounds are constants that the crate takes")
}

/// One second of a run, by when its answers came.
#[derive(Clone, Debug)]
pub struct Second {
    /// Response times, in nanoseconds.
    pub response: Histogram<u64>,
    /// Commands accepted.
    pub accepted: u64,
}

/// All that was seen within the measured time.
#[derive(Clone, Debug)]
pub struct Measured {
    /// From the planned time to the answer, in nanoseconds.
    pub response: Histogram<u64>,
    /// From sending to the answer, in nanoseconds.
    pub service: Histogram<u64>,
    /// Second by second, from the end of the warm-up.
    pub seconds: Vec<Second>,
    /// Answers within the measured time.
    pub tally: Tally,
    /// Requests that were planned but never sent, as the target took no more: they are in `response`, as if answered at the end.
    pub unsent: u64,
    /// Commands accepted at any time, warm-up and the time after the end included: what the target must hold afterwards.
    pub accepted_ever: u64,
    /// Commands whose fate nobody told, at any time.
    pub unknown_ever: u64,
    /// Connections that broke and were opened again.
    pub reconnects: u64,
    /// Processor time that the generator's threads took, in nanoseconds.
    pub cpu_ns: u64,
    /// An example of what was an error.
    pub example: Option<String>,
}

impl Measured {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            response: new_histogram(FIGURES),
            service: new_histogram(FIGURES),
            seconds: Vec::new(),
            tally: Tally::default(),
            unsent: 0,
            accepted_ever: 0,
            unknown_ever: 0,
            reconnects: 0,
            cpu_ns: 0,
            example: None,
        }
    }

    /// Records an answer; times are since the run began, `warm_up` is when measuring began, `end` when it ended.
    pub(crate) fn answer(&mut self, times: Times, tally: Tally, warm_up: u64, end: u64) {
        self.accepted_ever += tally.accepted;
        let is_within = (warm_up..end).contains(&times.answered);
        if is_within {
            self.tally.add(tally);
        }
        // What was refused or failed may be quick: it would flatter.
        if tally.accepted == 0 || times.planned < warm_up {
            return;
        }
        let response = times.answered.saturating_sub(times.planned);
        self.response.saturating_record(response);
        self.service
            .saturating_record(times.answered.saturating_sub(times.sent));
        if is_within {
            let second = self.second(((times.answered - warm_up) / NS_PER_S) as usize);
            second.response.saturating_record(response);
            second.accepted += tally.accepted;
        }
    }

    /// Records requests that were planned within the measured time, and not sent before it ended.
    pub(crate) fn unsent(&mut self, planned: u64, warm_up: u64, end: u64) {
        if (warm_up..end).contains(&planned) {
            self.unsent += 1;
            self.response.saturating_record(end - planned);
        }
    }

    fn second(&mut self, at: usize) -> &mut Second {
        while self.seconds.len() <= at {
            self.seconds.push(Second {
                response: new_histogram(SECOND_FIGURES),
                accepted: 0,
            });
        }
        &mut self.seconds[at]
    }

    /// Adds what another thread saw.
    pub fn merge(&mut self, other: Self) {
        const SAME: &str = "all histograms have the same bounds";
        self.response.add(&other.response).expect(SAME);
        self.service.add(&other.service).expect(SAME);
        for (at, theirs) in other.seconds.into_iter().enumerate() {
            let ours = self.second(at);
            ours.response.add(&theirs.response).expect(SAME);
            ours.accepted += theirs.accepted;
        }
        self.tally.add(other.tally);
        self.unsent += other.unsent;
        self.accepted_ever += other.accepted_ever;
        self.unknown_ever += other.unknown_ever;
        self.reconnects += other.reconnects;
        self.cpu_ns += other.cpu_ns;
        self.example = self.example.take().or(other.example);
    }
}

impl Default for Measured {
    fn default() -> Self {
        Self::new()
    }
}

/// When a request was planned, sent and answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) planned: u64,
    pub(crate) sent: u64,
    pub(crate) answered: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    const ONE: Tally = Tally {
        accepted: 1,
        refused: 0,
        overloaded: 0,
        errors: 0,
    };

    fn at(planned: u64, sent: u64, answered: u64) -> Times {
        Times {
            planned,
            sent,
            answered,
        }
    }

    #[test]
    fn percentiles_agree_with_exact_ones() {
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(3);
        let mut measured = Measured::new();
        let mut exact: Vec<u64> = (0..100_000)
            .map(|_| {
                // Over six powers of ten, as latencies are.
                let exponent: f64 = random.random();
                10f64.powf(3.0 + 6.0 * exponent) as u64
            })
            .collect();
        for latency in &exact {
            measured.answer(at(0, 0, *latency), ONE, 0, u64::MAX);
        }
        exact.sort_unstable();
        for quantile in [0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0] {
            let rank = ((quantile * exact.len() as f64).ceil() as usize).max(1);
            let expected = exact[rank - 1] as f64;
            let got = measured.response.value_at_quantile(quantile) as f64;
            assert!(
                (got / expected - 1.0).abs() < 0.0011,
                "{quantile}: {got} is not {expected}"
            );
        }
    }

    #[test]
    fn response_counts_from_the_plan_and_service_from_sending() {
        let mut measured = Measured::new();
        measured.answer(at(1_000, 5_000, 6_000), ONE, 0, 10_000);
        assert_eq!(
            (measured.response.max(), measured.service.max()),
            (5_000 + 3, 1_000)
        );
    }

    #[test]
    fn warm_up_refusals_and_late_answers_stay_out_of_what_they_would_falsify() {
        let mut measured = Measured::new();
        let refused = Tally {
            refused: 1,
            ..Tally::default()
        };
        measured.answer(at(10, 10, 20), ONE, 100, 1_000);
        measured.answer(at(200, 200, 210), refused, 100, 1_000);
        measured.answer(at(900, 900, 1_100), ONE, 100, 1_000);
        assert_eq!(measured.tally, refused);
        assert_eq!(
            measured.response.len(),
            1,
            "the late one, but not the others"
        );
        assert_eq!(measured.accepted_ever, 2);
    }

    #[test]
    fn what_was_never_sent_counts_as_long_as_it_waited() {
        let mut measured = Measured::new();
        measured.unsent(50, 100, 1_000);
        measured.unsent(400, 100, 1_000);
        assert_eq!((measured.unsent, measured.response.max()), (1, 600));
        assert_eq!(measured.service.len(), 0);
    }

    #[test]
    fn merging_is_as_if_one_had_seen_it_all() {
        let (mut one, mut two, mut all) = (Measured::new(), Measured::new(), Measured::new());
        for n in 1..=1_000 {
            let times = at(0, n / 2, n * 1_000_000);
            all.answer(times, ONE, 0, u64::MAX);
            let half = if n % 3 == 0 { &mut one } else { &mut two };
            half.answer(times, ONE, 0, u64::MAX);
        }
        one.merge(two);
        assert_eq!(one.response, all.response);
        assert_eq!(one.service, all.service);
        assert_eq!(one.tally, all.tally);
    }
}

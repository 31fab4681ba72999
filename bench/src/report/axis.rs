//! Scales: values to places, and where the ticks are.

/// One axis of a plot.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    from: f64,
    to: f64,
    is_log: bool,
    ticks: Vec<(f64, String)>,
}

/// Parts of a decade that get a tick where few decades are shown.
const PARTS: [f64; 3] = [1.0, 2.0, 5.0];

/// Decades past which only whole ones get a tick.
const DECADES_WITH_PARTS: f64 = 2.5;

/// Ticks of a linear axis, about.
const TICKS: f64 = 6.0;

impl Axis {
    /// Latencies in microseconds, on a log scale that covers these.
    pub(super) fn latency(values: impl Iterator<Item = f64>) -> Self {
        let (least, most) = bounds(values.filter(|value| *value > 0.0));
        let from = 10f64.powf((least * 0.9).log10().floor());
        let to = most * 1.2;
        let decades = (to / from).log10();
        let parts = if decades > DECADES_WITH_PARTS {
            &PARTS[..1]
        } else {
            &PARTS[..]
        };
        let mut ticks = Vec::new();
        let mut decade = from;
        while decade <= to {
            let inside = parts.iter().map(|part| part * decade);
            ticks.extend(
                inside
                    .filter(|value| *value <= to)
                    .map(|value| (value, latency_text(value))),
            );
            decade *= 10.0;
        }
        Self {
            from,
            to,
            is_log: true,
            ticks,
        }
    }

    /// Quantiles, ever closer to 1: the place of 1 - 10^-n is n.
    pub(super) fn quantile(nines: f64) -> Self {
        let names = [
            "0 %",
            "90 %",
            "99 %",
            "99.9 %",
            "99.99 %",
            "99.999 %",
            "99.9999 %",
        ];
        let to = nines.clamp(2.0, (names.len() - 1) as f64);
        let ticks = names.iter().enumerate();
        Self {
            from: 0.0,
            to,
            is_log: false,
            ticks: ticks
                .map(|(at, name)| (at as f64, (*name).to_owned()))
                .filter(|(at, _)| *at <= to)
                .collect(),
        }
    }

    /// From 0 to the largest of these.
    pub(super) fn linear(values: impl Iterator<Item = f64>) -> Self {
        let (_, most) = bounds(values);
        let rough = most / TICKS;
        let decade = 10f64.powf(rough.log10().floor());
        let step = PARTS
            .iter()
            .chain(&[10.0])
            .map(|part| part * decade)
            .find(|step| *step >= rough)
            .unwrap_or(most);
        let count = (most / step).ceil() as usize;
        Self {
            from: 0.0,
            to: step * count as f64,
            is_log: false,
            ticks: (0..=count)
                .map(|at| (at as f64 * step, count_text(at as f64 * step)))
                .collect(),
        }
    }

    /// Where a value is, from 0 to 1; past an end, at it.
    pub(super) fn place(&self, value: f64) -> f64 {
        let place = match self.is_log {
            true => (value.max(self.from) / self.from).ln() / (self.to / self.from).ln(),
            false => (value - self.from) / (self.to - self.from),
        };
        place.clamp(0.0, 1.0)
    }

    /// Values and what to write beside them.
    pub(super) fn ticks(&self) -> &[(f64, String)] {
        &self.ticks
    }
}

/// Least and most, of which neither is 0; of nothing, something that can be drawn.
fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let bounds = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, 0.0_f64), |(least, most), value| {
            (least.min(value), most.max(value))
        });
    match bounds {
        (least, most) if most > 0.0 => (least.max(0.1), most),
        _ => (1.0, 10.0),
    }
}

/// Microseconds in the unit that reads best.
pub(super) fn latency_text(us: f64) -> String {
    match us {
        us if us >= 1e6 => format!("{} s", short(us / 1e6)),
        us if us >= 1e3 => format!("{} ms", short(us / 1e3)),
        us => format!("{} µs", short(us)),
    }
}

/// A count in few characters.
pub(super) fn count_text(count: f64) -> String {
    match count {
        count if count >= 1e6 => format!("{} M", short(count / 1e6)),
        count if count >= 1e3 => format!("{} k", short(count / 1e3)),
        count => short(count),
    }
}

fn short(number: f64) -> String {
    match number {
        n if n >= 100.0 || n.fract() == 0.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_axis_covers_its_values_in_equal_decades() {
        let axis = Axis::latency([120.0, 9_500.0].into_iter());
        let place = |value| axis.place(value);
        assert!(place(120.0) > 0.0 && place(9_500.0) < 1.0);
        assert!((place(1_000.0) - place(100.0) - (place(10_000.0) - place(1_000.0))).abs() < 1e-9);
        let names: Vec<_> = axis.ticks().iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names[..4], ["100 µs", "200 µs", "500 µs", "1 ms"]);
    }

    #[test]
    fn a_linear_axis_has_round_ticks_up_to_its_most() {
        let axis = Axis::linear([47_000.0].into_iter());
        let names: Vec<_> = axis.ticks().iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["0", "10 k", "20 k", "30 k", "40 k", "50 k"]);
        assert!((axis.place(25_000.0) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn nothing_can_be_drawn_too() {
        for axis in [
            Axis::latency(std::iter::empty()),
            Axis::linear(std::iter::empty()),
        ] {
            assert!(axis.place(5.0).is_finite());
            assert!(!axis.ticks().is_empty());
        }
    }
}

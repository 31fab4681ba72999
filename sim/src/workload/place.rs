//! Where simulated clues are, and positions just within and just beyond. Distances are measured through the globe, by
//! the chord between two points of a sphere, and so not as the engine does it.

use hunt::{Attempt, ClueId};
use serde_json::{Value, json};

use crate::draw::Chance;

/// The mean radius of the earth in metres, as the product has it.
const EARTH_RADIUS_M: f64 = 6_371_008.8;
/// How uncertain a position may be, in metres.
const ACCURACY_MAX_M: f64 = 100.0;

/// Latitude and longitude in degrees, and the radius in metres.
const SPOTS: [(f64, f64, f64); 6] = [
    (54.3233, 10.1394, 60.0),
    (0.0, 179.999_9, 500.0),
    (-33.8568, 151.2153, 25.0),
    (89.99, -45.0, 90_000.0),
    (-0.000_1, -0.000_1, 60.0),
    (64.1466, -21.9426, 25_000.0),
];

/// Parts of the radius that are within, and beyond: also so near to it that a slightly other globe tells.
const WITHIN: [f64; 4] = [0.0, 0.5, 0.999_7, 0.999_999_5];
const BEYOND: [f64; 4] = [1.000_000_5, 1.000_3, 1.5, 40.0];

/// Where a check-in passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    at: (f64, f64),
    radius_m: f64,
}

impl Spot {
    /// The place of a clue.
    pub(crate) fn of(clue: &ClueId) -> Self {
        let sum: usize = clue.as_str().bytes().map(usize::from).sum();
        let (lat, lon, radius_m) = SPOTS[sum % SPOTS.len()];
        Self {
            at: (lat, lon),
            radius_m,
        }
    }

    /// As an operator writes it.
    pub(crate) fn json(self) -> Value {
        json!({ "check_in": {
            "lat": self.at.0,
            "lon": self.at.1,
            "radius_m": self.radius_m,
            "accuracy_max_m": ACCURACY_MAX_M,
        }})
    }

    /// A position with this accuracy passes.
    pub(crate) fn admits(self, at: (f64, f64), accuracy_m: f64) -> bool {
        (0.0..=ACCURACY_MAX_M).contains(&accuracy_m) && distance_m(self.at, at) <= self.radius_m
    }

    /// A position that passes.
    pub(crate) fn within(self, chance: &mut Chance) -> Attempt {
        let part = *chance.pick(&WITHIN);
        let accuracy_m = *chance.pick(&[0.0, 10.0, ACCURACY_MAX_M]);
        self.attempt(chance, part, accuracy_m)
    }

    /// One that does not: too far, or too uncertain.
    pub(crate) fn beyond(self, chance: &mut Chance) -> Attempt {
        if chance.percent(40) {
            let accuracy_m = *chance.pick(&[ACCURACY_MAX_M + 0.01, 5_000.0, -1.0]);
            let part = *chance.pick(&WITHIN);
            return self.attempt(chance, part, accuracy_m);
        }
        let part = *chance.pick(&BEYOND);
        self.attempt(chance, part, 10.0)
    }

    fn attempt(self, chance: &mut Chance, part: f64, accuracy_m: f64) -> Attempt {
        let bearing = (chance.below(360) as f64).to_radians();
        let (lat, lon) = going(self.at, bearing, self.radius_m * part);
        Attempt::CheckIn {
            lat,
            lon,
            accuracy_m,
        }
    }
}

/// Where one comes to who goes so far in a straight line: a turn of the vector from the centre of the globe.
fn going(from: (f64, f64), bearing: f64, distance_m: f64) -> (f64, f64) {
    let (lat, lon) = (from.0.to_radians(), from.1.to_radians());
    let north = [-lat.sin() * lon.cos(), -lat.sin() * lon.sin(), lat.cos()];
    let east = [-lon.sin(), lon.cos(), 0.0];
    let up = vector(from);
    let angle = distance_m / EARTH_RADIUS_M;
    let part = |axis: usize| {
        let ahead = north[axis] * bearing.cos() + east[axis] * bearing.sin();
        up[axis] * angle.cos() + ahead * angle.sin()
    };
    let (x, y, z) = (part(0), part(1), part(2));
    (z.atan2(x.hypot(y)).to_degrees(), y.atan2(x).to_degrees())
}

/// The way along the surface between two points, from the straight one through the globe.
fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (a, b) = (vector(a), vector(b));
    let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum();
    2.0 * EARTH_RADIUS_M * (square.sqrt() / 2.0).min(1.0).asin()
}

/// From the centre of a globe of radius 1 to a point on it.
fn vector((lat, lon): (f64, f64)) -> [f64; 3] {
    let (lat, lon) = (lat.to_radians(), lon.to_radians());
    [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
}

#[cfg(test)]
mod tests {
    use super::{SPOTS, Spot, distance_m};
    use crate::draw::Chance;
    use hunt::{Attempt, ClueId, distance_m as haversine_m};

    #[test]
    fn within_is_within_and_beyond_is_beyond() {
        let mut chance = Chance::new(1);
        for id in ["a", "b", "c", "d", "e", "f"] {
            let spot = Spot::of(&ClueId::new(id).unwrap());
            for _ in 0..500 {
                for (attempt, passes) in [
                    (spot.within(&mut chance), true),
                    (spot.beyond(&mut chance), false),
                ] {
                    let Attempt::CheckIn {
                        lat,
                        lon,
                        accuracy_m,
                    } = attempt
                    else {
                        panic!("a check-in");
                    };
                    assert!((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon));
                    assert_eq!(spot.admits((lat, lon), accuracy_m), passes, "{lat} {lon}");
                }
            }
        }
    }

    #[test]
    fn two_ways_to_measure_agree() {
        for (a_lat, a_lon, _) in SPOTS {
            for (b_lat, b_lon, _) in SPOTS {
                let (a, b) = ((a_lat, a_lon), (b_lat, b_lon));
                let (chord, haversine) = (distance_m(a, b), haversine_m(a, b));
                assert!(
                    (chord - haversine).abs() <= 1e-6 * chord + 1e-6,
                    "{a:?} {b:?}"
                );
            }
        }
    }
}

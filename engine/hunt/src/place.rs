//! Places on earth, and whether a player is there.

use bincode::{Decode, Encode};
use serde::Serialize;

/// The mean radius of the earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Where a check-in passes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Encode, Decode)]
pub struct Place {
    /// Latitude in degrees (WGS 84).
    pub lat: f64,
    /// Longitude in degrees (WGS 84).
    pub lon: f64,
    /// How far away one may be, in metres.
    pub radius_m: f64,
    /// How uncertain a position may be, in metres.
    pub accuracy_max_m: f64,
}

impl Place {
    /// A position with this accuracy passes. One that is not a number never does.
    pub fn admits(&self, lat: f64, lon: f64, accuracy_m: f64) -> bool {
        accuracy_m >= 0.0
            && accuracy_m <= self.accuracy_max_m
            && distance_m((self.lat, self.lon), (lat, lon)) <= self.radius_m
    }
}

/// The great-circle distance of two positions (latitude, longitude in degrees) in metres, by the haversine formula.
pub fn distance_m(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.0.to_radians(), b.0.to_radians());
    let half_lat = (lat_b - lat_a) / 2.0;
    let half_lon = (b.1 - a.1).to_radians() / 2.0;
    let h = half_lat.sin().powi(2) + lat_a.cos() * lat_b.cos() * half_lon.sin().powi(2);
    2.0 * EARTH_RADIUS_M * h.min(1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::{Place, distance_m};

    fn check(a: (f64, f64), b: (f64, f64), expected_m: f64) {
        let distance = distance_m(a, b);
        assert!(
            (distance - expected_m).abs() < 1.0,
            "{a:?} to {b:?} is {distance} m, not {expected_m} m"
        );
        assert!((distance - distance_m(b, a)).abs() < 1e-6);
    }

    #[test]
    fn measures_great_circles() {
        check((0.0, 0.0), (0.0, 0.0), 0.0);
        check((0.0, 0.0), (0.0, 180.0), 20_015_114.4);
        check((90.0, 0.0), (-90.0, 0.0), 20_015_114.4);
        check((0.0, 179.999_5), (0.0, -179.999_5), 111.2);
        check((36.12, -86.67), (33.94, -118.40), 2_886_448.4);
    }

    #[test]
    fn admits_who_is_near_and_sure() {
        let pier = Place {
            lat: 54.3233,
            lon: 10.1394,
            radius_m: 60.0,
            accuracy_max_m: 100.0,
        };
        assert!(pier.admits(54.3233, 10.1394, 0.0));
        assert!(pier.admits(54.3233, 10.1394, 100.0));
        assert!(pier.admits(54.3238, 10.1394, 5.0));
        assert!(!pier.admits(54.3239, 10.1394, 5.0));
        assert!(!pier.admits(54.3233, 10.1394, 100.1));
        assert!(!pier.admits(54.3233, 10.1394, -1.0));
        for (lat, lon, accuracy) in [
            (f64::NAN, 10.1394, 1.0),
            (54.3233, f64::INFINITY, 1.0),
            (54.3233, 10.1394, f64::NAN),
        ] {
            assert!(!pier.admits(lat, lon, accuracy));
        }
    }
}

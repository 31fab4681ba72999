//! Answers, codes and places of simulated clues. All secrets carry one mark, so that a leak of any is found by one
//! search, and what is right can be told without the engine.

use hunt::{Attempt, ClueId, normalise};

/// In every answer and code, in this form also after normalising.
const MARK: &str = "xyzzy";

/// Where all check-ins pass, in degrees.
pub(crate) const PLACE: (f64, f64) = (54.3233, 10.1394);
/// How far from it one may be, in metres.
pub(crate) const RADIUS_M: f64 = 60.0;
/// How uncertain a position may be, in metres.
pub(crate) const ACCURACY_MAX_M: f64 = 100.0;

/// A degree of latitude, about a hundred times the radius away.
const FAR_DEGREES: f64 = 0.06;

/// What solves a clue by answer or by scan.
pub(crate) fn answer(clue: &ClueId) -> String {
    format!("{MARK} {clue}")
}

/// A right position.
pub(crate) fn here() -> Attempt {
    Attempt::CheckIn {
        lat: PLACE.0,
        lon: PLACE.1,
        accuracy_m: 10.0,
    }
}

/// A wrong position.
pub(crate) fn far_away() -> Attempt {
    Attempt::CheckIn {
        lat: PLACE.0 + FAR_DEGREES,
        lon: PLACE.1,
        accuracy_m: 10.0,
    }
}

/// Whether an attempt solves a clue.
pub(crate) fn is_right(clue: &ClueId, attempt: &Attempt) -> bool {
    match attempt {
        Attempt::Answer(text) => normalise(text) == normalise(&answer(clue)),
        Attempt::Scan(code) => *code == answer(clue),
        Attempt::CheckIn {
            lat,
            lon,
            accuracy_m,
        } => {
            // Simulated players are in the middle or far away: no need to measure.
            (*lat - PLACE.0).abs() < FAR_DEGREES / 2.0
                && (*lon - PLACE.1).abs() < FAR_DEGREES / 2.0
                && *accuracy_m <= ACCURACY_MAX_M
        }
    }
}

/// Whether a text tells a secret.
pub(crate) fn is_in(text: &str) -> bool {
    text.contains(MARK)
}

#[cfg(test)]
mod tests {
    use super::{answer, far_away, here, is_in, is_right};
    use hunt::{Attempt, ClueId};

    #[test]
    fn tells_right_from_wrong() {
        let (pier, crate_) = (ClueId::new("pier").unwrap(), ClueId::new("crate").unwrap());
        assert!(is_right(&pier, &Attempt::Answer(answer(&pier))));
        assert!(is_right(&pier, &Attempt::Answer("XYZZY, Pier!".to_owned())));
        assert!(is_right(&pier, &Attempt::Scan(answer(&pier))));
        assert!(is_right(&pier, &here()));
        assert!(!is_right(&pier, &Attempt::Answer(answer(&crate_))));
        assert!(!is_right(&pier, &far_away()));
        assert!(is_in(&answer(&pier)));
    }
}

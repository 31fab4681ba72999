//! Answers, codes and places of simulated clues. All secrets carry one mark, so that a leak of any is found by one
//! search, and what is right can be told without the engine.

use hunt::{Attempt, ClueId};

use super::place::Spot;
use super::spelling::plain;

/// In every answer and code, in this form also after normalising.
const MARK: &str = "xyzzy";
/// The mark as some definitions write it.
const MARK_ACCENTED: &str = "Xÿzzy";

/// Bytes of an attempt that are looked at; a longer one is wrong.
pub(crate) const ATTEMPT_BYTES_MAX: usize = 1_024;

/// What solves a clue by answer: each in the spelling of its definition.
pub(crate) fn answers(clue: &ClueId) -> [String; 4] {
    [
        answer(clue),
        format!("{MARK_ACCENTED} – {clue} Straße Ⅱ"),
        format!("{MARK} {clue}: Οδυσσεύς"),
        format!("{MARK} {clue} ガ"),
    ]
}

/// The plainest of its answers; also what solves it by scan.
pub(crate) fn answer(clue: &ClueId) -> String {
    format!("{MARK} {clue}")
}

/// Whether an attempt solves a clue.
pub(crate) fn is_right(clue: &ClueId, attempt: &Attempt) -> bool {
    match attempt {
        Attempt::Answer(text) => {
            let given = plain(text);
            // Every answer begins with the mark: most guesses are compared with none.
            text.len() <= ATTEMPT_BYTES_MAX
                && given.starts_with(MARK)
                && answers(clue).iter().any(|answer| plain(answer) == given)
        }
        Attempt::Scan(code) => *code == answer(clue),
        Attempt::CheckIn {
            lat,
            lon,
            accuracy_m,
        } => Spot::of(clue).admits((*lat, *lon), *accuracy_m),
    }
}

/// Whether a text tells a secret.
pub(crate) fn is_in(text: &str) -> bool {
    text.contains(MARK) || text.contains(MARK_ACCENTED)
}

#[cfg(test)]
mod tests {
    use super::{answer, answers, is_in, is_right};
    use hunt::{Attempt, ClueId};

    #[test]
    fn tells_right_from_wrong() {
        let (pier, crate_) = (ClueId::new("pier").unwrap(), ClueId::new("crate").unwrap());
        for right in answers(&pier) {
            assert!(is_right(&pier, &Attempt::Answer(right.clone())), "{right}");
            assert!(is_in(&right));
        }
        assert!(is_right(&pier, &Attempt::Answer("XYZZY, Pier!".to_owned())));
        assert!(is_right(&pier, &Attempt::Scan(answer(&pier))));
        assert!(!is_right(
            &pier,
            &Attempt::Scan(answer(&pier).to_uppercase())
        ));
        assert!(!is_right(&pier, &Attempt::Answer(answer(&crate_))));
    }
}

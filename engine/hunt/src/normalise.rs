//! Makes answers comparable: people write "Café du Monde!", "cafe du monde" or "CAFÉ DU MONDE" and mean the same.
//!
//! ```text
//! cut ─▶ NFKD ─▶ drop marks, punctuation, spaces ─▶ fold case ─▶ NFKD ─▶ drop ─▶ NFC
//! ```
//!
//! Marks are dropped between decomposition and composition, as only there they stand alone.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use crate::limits::ATTEMPT_BYTES_MAX;

/// Unicode NFKC, full case folding, without diacritics, punctuation and spaces. Looks at no more than the first
/// [`ATTEMPT_BYTES_MAX`] bytes and gives no more than that; normalising twice is normalising once.
pub fn normalise(answer: &str) -> String {
    let answer = cut(answer);
    if answer.is_ascii() {
        ascii(answer)
    } else {
        unicode(answer)
    }
}

/// What [`unicode`] gives for a text that nothing of Unicode applies to, without its tables: most guesses are such.
fn ascii(answer: &str) -> String {
    let kept = answer.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}

fn unicode(answer: &str) -> String {
    let mut plain: String = answer
        .nfkd()
        .filter(|c| is_kept(*c))
        .flat_map(fold)
        .nfkd()
        .filter(|c| is_kept(*c))
        .nfc()
        .collect();
    plain.truncate(cut(&plain).len());
    plain
}

/// The text up to the limit, at a character's boundary.
fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(ATTEMPT_BYTES_MAX))
        .unwrap_or(text)
}

/// Full case folding by the standard library's tables: lower, upper, lower joins what has two lower cases (σ and ς,
/// ß and ss) and what has none of its own (ẞ); the Turkish dotless ı meets i, as its dot is a mark.
fn fold(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}

/// Letters and digits stay, and marks that spell rather than accent: kana voicing, nukta, virama, and the vowel signs
/// of Thai, Lao and Tibetan. Accents (class 200 and up), overlays (1) and Hebrew and Arabic points (10 to 36) go, and
/// so do modifier letters: the ʻ of Hawaiʻi is an apostrophe to those who type it.
fn is_kept(c: char) -> bool {
    match canonical_combining_class(c) {
        0 => c.is_alphanumeric() && !matches!(c, '\u{2b9}'..='\u{2ff}'),
        class => matches!(class, 7..=9 | 84..=132),
    }
}

#[cfg(test)]
mod tests {
    use super::{ascii, normalise, unicode};
    use crate::limits::ATTEMPT_BYTES_MAX;

    fn check(answers: &[&str], expected: &str) {
        for answer in answers {
            assert_eq!(normalise(answer), expected, "{answer:?}");
        }
    }

    #[test]
    fn ignores_case_accents_punctuation_and_spaces() {
        check(
            &[
                "Café du Monde!",
                "cafe du monde",
                "CAFE\u{301} DU-MONDE",
                " café\u{a0}du\tmonde ",
            ],
            "cafedumonde",
        );
        check(
            &["Ångström", "A\u{30a}ngstro\u{308}m", "ANGSTROM"],
            "angstrom",
        );
        check(&["３", "3", "³"], "3");
        check(&["", " ", "?!…", "🎄", "\u{301}\u{301}", "\u{fe0f}"], "");
    }

    #[test]
    fn ascii_is_treated_as_unicode_would_be() {
        let each = (0..128_u8).map(|byte| char::from(byte).to_string());
        let all: String = (0..128_u8).map(char::from).collect();
        for text in each.chain([all, String::new(), " CRATE-7F3A! ".to_owned()]) {
            assert_eq!(ascii(&text), unicode(&text), "{text:?}");
        }
    }

    #[test]
    fn folds_case_fully() {
        check(&["Straße", "STRASSE", "STRAẞE", "strasse"], "strasse");
        check(&["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς", "οδυσσευσ"], "οδυσσευσ");
        check(
            &["İstanbul", "ISTANBUL", "ıstanbul", "istanbul"],
            "istanbul",
        );
        check(&["ﬁne", "FINE", "ﬁNE"], "fine");
        check(&["ŉ", "'N"], "n");
        check(&["Hawaiʻi", "Hawai'i", "hawaii"], "hawaii");
    }

    #[test]
    fn unites_compatible_forms() {
        check(&["Ｌｉｇｈｔ", "𝓛𝓲𝓰𝓱𝓽", "ⓁⒾⒼⒽⓉ"], "light");
        check(&["x²", "X2"], "x2");
        check(&["ｶﾞ", "ガ", "カ\u{3099}"], "ガ");
        check(&["한국", "\u{1112}\u{1161}\u{11ab}국"], "한국");
    }

    #[test]
    fn keeps_marks_that_spell() {
        assert_ne!(normalise("が"), normalise("か"));
        assert_ne!(normalise("कि"), normalise("का"));
        assert_ne!(normalise("กุ"), normalise("ก"));
        check(&["שָׁלוֹם", "שלום"], "שלום");
        check(&["مُحَمَّد", "محمد"], "محمد");
    }

    #[test]
    fn normalising_twice_is_normalising_once() {
        let alone = ('\0'..=char::MAX).map(String::from);
        let accented = ('\0'..=char::MAX)
            .step_by(7)
            .map(|c| format!("a{c}\u{301}{c}ς"));
        for text in alone.chain(accented) {
            let once = normalise(&text);
            assert_eq!(normalise(&once), once, "{text:?}");
        }
    }

    #[test]
    fn bounds_its_work() {
        for long in [
            "a".repeat(10_000),
            "ﷺ".repeat(5_000),
            "ß".repeat(5_000),
            "가".repeat(5_000),
        ] {
            let once = normalise(&long);
            assert!(once.len() <= ATTEMPT_BYTES_MAX && !once.is_empty());
            assert_eq!(normalise(&once), once);
        }
    }
}

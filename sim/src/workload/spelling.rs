//! How answers are spelled by those who know them, and by those who nearly do.

use crate::draw::Chance;

/// The text without all that an answer may differ in: case, width, accents, punctuation, spaces. Knows only the
/// characters that simulated people write, each by a table, and so rests on nothing of the engine.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            'a'..='z' | '0'..='9' => plain.push(c),
            'A'..='Z' => plain.push(c.to_ascii_lowercase()),
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９' => {
                // The wide forms lie in the order of ASCII.
                let narrow = u32::from(c) - 0xfee0;
                plain.extend(char::from_u32(narrow).map(|c| c.to_ascii_lowercase()));
            }
            '\u{300}'..='\u{36f}' => {}
            ' ' | '\u{a0}' | '\u{3000}' | '–' | '…' | '’' | '·' => {}
            _ if c.is_ascii_punctuation() || c.is_ascii_whitespace() => {}
            _ => match TABLE.iter().find(|(from, _)| *from == c) {
                Some((_, to)) => plain.push_str(to),
                None => plain.push(c),
            },
        }
    }
    plain
}

const TABLE: &[(char, &str)] = &[
    ('ÿ', "y"),
    ('Ÿ', "y"),
    ('ž', "z"),
    ('é', "e"),
    ('É', "e"),
    ('ä', "a"),
    ('å', "a"),
    ('ö', "o"),
    ('ü', "u"),
    ('ß', "ss"),
    ('ẞ', "ss"),
    ('Ⅱ', "ii"),
    ('²', "2"),
    ('Ο', "ο"),
    ('Δ', "δ"),
    ('Υ', "υ"),
    ('Ύ', "υ"),
    ('ύ', "υ"),
    ('Σ', "σ"),
    ('ς', "σ"),
    ('Ε', "ε"),
    ('ガ', "カ\u{99}"),
    ('ｶ', "カ"),
    ('ﾞ', "\u{99}"),
    ('\u{3099}', "\u{99}"),
];

/// The same answer in other letters.
pub(crate) fn spelled(chance: &mut Chance, answer: &str) -> String {
    match chance.below(9) {
        0 => format!(" {}! ", answer.to_uppercase()),
        1 => answer.chars().map(wide).collect(),
        2 => answer
            .chars()
            .flat_map(|c| [Some(c), accent(c)])
            .flatten()
            .collect(),
        3 => answer.chars().map(accented).collect(),
        4 => answer.replace(' ', "\u{a0}–\t"),
        5 => answer
            .replace("ß", "SS")
            .replace('ς', "Σ")
            .replace('ガ', "ｶﾞ"),
        6 => answer
            .replace("Straße", "STRAẞE")
            .replace('ガ', "カ\u{3099}"),
        7 => padded(answer, super::secret::ATTEMPT_BYTES_MAX),
        _ => answer.to_owned(),
    }
}

/// Something near it that is not the answer.
pub(crate) fn misspelled(chance: &mut Chance, answer: &str) -> String {
    let replaced = |from: char, to: char| answer.replacen(from, &to.to_string(), 1);
    match chance.below(8) {
        0 => String::new(),
        1 => answer.replacen('z', "", 1),
        2 => format!("{answer}s"),
        // A letter of another alphabet that looks the same.
        3 => replaced('x', 'х').replace('X', "Χ"),
        // A stroke makes another letter, an accent does not.
        4 => replaced('z', 'ƶ'),
        // Without its mark it is another syllable.
        5 if answer.contains('ガ') => replaced('ガ', 'カ'),
        6 => padded(answer, super::secret::ATTEMPT_BYTES_MAX + 1),
        _ => format!("a guess {}", chance.below(1_000)),
    }
}

/// With so many dots behind it that it has this many bytes.
fn padded(answer: &str, bytes: usize) -> String {
    let dots = bytes.saturating_sub(answer.len());
    format!("{answer}{}", ".".repeat(dots))
}

fn wide(c: char) -> char {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        ' ' => '\u{3000}',
        _ => c,
    }
}

/// An accent for behind a letter.
fn accent(c: char) -> Option<char> {
    match c {
        'a' | 'e' | 'o' => Some('\u{301}'),
        'z' | 'c' | 's' => Some('\u{30c}'),
        _ => None,
    }
}

fn accented(c: char) -> char {
    match c {
        'y' => 'ÿ',
        'z' => 'ž',
        'e' => 'é',
        'a' => 'å',
        'o' => 'ö',
        'u' => 'ü',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::{misspelled, plain, spelled};
    use crate::draw::Chance;
    use crate::workload::secret::answers;
    use hunt::{ClueId, normalise};

    #[test]
    fn the_table_agrees_with_unicode() {
        let clue = ClueId::new("goal-3").unwrap();
        let mut chance = Chance::new(1);
        for answer in answers(&clue) {
            for _ in 0..200 {
                let right = spelled(&mut chance, &answer);
                assert_eq!(plain(&right), plain(&answer), "{right}");
                assert_eq!(normalise(&right), normalise(&answer), "{right}");
                let wrong = misspelled(&mut chance, &answer);
                let is_same = |same: bool| same == (plain(&wrong) == plain(&answer));
                assert!(is_same(normalise(&wrong) == normalise(&answer)), "{wrong}");
            }
        }
    }
}

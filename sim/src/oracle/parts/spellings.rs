//! Answers that are the same, and those that are not, in letters that simulated players don't write.

use hunt::normalise;

use crate::draw::Chance;
use crate::oracle::Evidence;

/// The same in each line.
const SAME: &[&[&str]] = &[
    &[
        "Café du Monde!",
        "cafe du monde",
        "CAFE\u{301} DU-MONDE",
        " café\u{a0}du\tmonde ",
    ],
    &[
        "Ångström",
        "A\u{30a}ngstro\u{308}m",
        "ANGSTROM",
        "Å\u{308}ngström",
    ],
    &["３", "3", "³", "③"],
    &["Straße", "STRASSE", "STRAẞE", "strasse"],
    &["ΟΔΥΣΣΕΥΣ", "Οδυσσεύς", "οδυσσευσ"],
    &["İstanbul", "ISTANBUL", "ıstanbul", "istanbul"],
    &["ﬁne", "FINE", "ﬁNE"],
    &["Hawaiʻi", "Hawai'i", "hawaii"],
    &["Ｌｉｇｈｔ", "𝓛𝓲𝓰𝓱𝓽", "ⓁⒾⒼⒽⓉ", "light"],
    &["x²", "X2"],
    &["ｶﾞ", "ガ", "カ\u{3099}"],
    &["한국", "\u{1112}\u{1161}\u{11ab}국"],
    &["שָׁלוֹם", "שלום"],
    &["مُحَمَّد", "محمد"],
    &["", " ", "?!…", "🎄", "\u{301}\u{301}", "\u{fe0f}"],
];

/// Never the same.
const OTHER: &[(&str, &str)] = &[
    ("が", "か"),
    ("कि", "का"),
    ("กุ", "ก"),
    ("o", "0"),
    ("а", "a"),
    ("lighthouse", "light house s"),
    ("ab", "ba"),
    ("1", "i"),
];

pub(super) fn check(_: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let same = *chance.pick(SAME);
    let (a, b) = (*chance.pick(same), *chance.pick(same));
    if normalise(a) != normalise(b) {
        return Err(format!("{a:?} and {b:?} are one answer, but taken for two"));
    }
    let (a, b) = *chance.pick(OTHER);
    if normalise(a) == normalise(b) {
        return Err(format!(
            "{a:?} and {b:?} are two answers, but taken for one"
        ));
    }
    let both = format!("{a}{b}");
    match normalise(&both) == format!("{}{}", normalise(a), normalise(b)) {
        true => Ok(()),
        false => Err(format!("{both:?} is not {a:?} and {b:?}")),
    }
}

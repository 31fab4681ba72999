//! Ids: which texts are some, up to which length.

use hunt::{ClueId, HuntId, PlayerId, RequestId, TreasureId};

use crate::draw::Chance;
use crate::oracle::Evidence;

/// Characters of an id at most.
const LENGTH_MAX: usize = 64;

pub(super) fn check(_: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let length = chance.between(1, 70) as usize;
    let plain = "a".repeat(length);
    let is_short = length <= LENGTH_MAX;
    let c = char::from_u32(chance.below(0x180) as u32).unwrap_or('é');
    let odd = format!("a{c}");
    let is_slug = matches!(c, 'a'..='z' | '0'..='9' | '-' | '_');
    let is_visible = ('!'..='~').contains(&c);
    for (text, slug, visible) in [
        (plain.as_str(), is_short, is_short),
        (odd.as_str(), is_slug, is_visible),
        ("", false, false),
        ("-", true, true),
    ] {
        let slugs = [
            HuntId::new(text).is_ok(),
            ClueId::new(text).is_ok(),
            TreasureId::new(text).is_ok(),
        ];
        let names = [PlayerId::new(text).is_ok(), RequestId::new(text).is_ok()];
        if slugs != [slug; 3] || names != [visible; 2] {
            return Err(format!(
                "{text:?} names a hunt, clue or treasure: {slugs:?}, a player or request: {names:?}; {slug} and {visible} are right"
            ));
        }
    }
    Ok(())
}

//! Positions of the feed as clients keep them.

use node::FeedPosition;

use crate::draw::Chance;
use crate::oracle::Evidence;

pub(super) fn check(_: &Evidence<'_>, chance: &mut Chance) -> Result<(), String> {
    let mut versionstamp = [0; 10];
    versionstamp[..8].copy_from_slice(&chance.next().to_be_bytes());
    versionstamp[8..].copy_from_slice(&(chance.next() as u16).to_be_bytes());
    let events = chance.next() as u32;
    let position = FeedPosition {
        versionstamp,
        events,
    };
    let digits: String = versionstamp
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = format!("{digits}-{events}");
    if position.to_string() != text || text.parse() != Ok(position) {
        return Err(format!(
            "{position:?} is written {position}: {text} is right"
        ));
    }
    let wrong = [
        digits.clone(),
        format!("{}-1", &digits[1..]),
        format!("{digits}0-1"),
        format!("{digits}-"),
        format!("g{}-1", &digits[1..]),
        format!("{digits}-4294967296"),
    ];
    let taken = wrong
        .iter()
        .find(|text| text.parse::<FeedPosition>().is_ok());
    match taken {
        None => Ok(()),
        Some(text) => Err(format!("{text} is taken for a position of the feed")),
    }
}

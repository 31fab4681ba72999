//! What a new definition may not take back once somebody joined.

use hunt::{Clue, Definition, Solve, Treasure};

/// The new definition keeps all that players were promised by the old one.
pub(super) fn are_kept(old: &Definition, new: &Definition) -> bool {
    let clues = old.clues().iter().enumerate();
    let treasures = old.treasures().iter().enumerate();
    clues
        .map(|(index, clue)| (clue, new.clues().get(index)))
        .all(|(old, new)| new.is_some_and(|new| keeps_clue(old, new)))
        && treasures
            .map(|(index, treasure)| (treasure, new.treasures().get(index)))
            .all(|(old, new)| new.is_some_and(|new| keeps_treasure(old, new)))
}

fn keeps_clue(old: &Clue, new: &Clue) -> bool {
    let same_kind = matches!(
        (&old.solve, &new.solve),
        (Solve::Answer(_), Solve::Answer(_))
            | (Solve::CheckIn(_), Solve::CheckIn(_))
            | (Solve::Scan(_), Solve::Scan(_))
    );
    same_kind
        && (&new.id, new.points, &new.unlock) == (&old.id, old.points, &old.unlock)
        && old.grants.iter().all(|grant| new.grants.contains(grant))
}

fn keeps_treasure(old: &Treasure, new: &Treasure) -> bool {
    (&new.id, new.stock, new.per_player, &new.award)
        == (&old.id, old.stock, old.per_player, &old.award)
}

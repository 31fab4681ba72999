//! A treasure of a definition, and how it is won.

use super::{
    fault::{At, Faults},
    fields::{self, Fields},
    json::Json,
    links::Names,
};
use crate::{
    Award, Treasure, TreasureId,
    limits::{GRANTS_PER_PLAYER_MAX, STOCK_MAX},
};

const FIELDS: [&str; 5] = ["id", "title", "stock", "per_player", "award"];

/// Reads a treasure.
pub(super) fn read(
    json: &Json,
    at: At<'_>,
    names: &Names<'_>,
    faults: &mut Faults,
) -> Option<Treasure> {
    let treasure = Fields::of(json, at, &FIELDS, faults)?;
    let id = treasure.need("id", faults, fields::id(TreasureId::new));
    let title = treasure.need("title", faults, fields::title);
    let stock = treasure.may("stock", None, faults, |json, at, faults| {
        fields::whole(0, STOCK_MAX)(json, at, faults).map(Some)
    });
    let per_player = treasure.may(
        "per_player",
        1,
        faults,
        fields::whole(1, GRANTS_PER_PLAYER_MAX),
    );
    let award = treasure.need("award", faults, |json, at, faults| {
        award(json, at, names, faults)
    });
    let per_player = u32::try_from(per_player?).ok()?;
    Some(Treasure {
        id: id?,
        title: title?,
        stock: stock?,
        per_player,
        award: award?,
    })
}

fn award(json: &Json, at: &At<'_>, names: &Names<'_>, faults: &mut Faults) -> Option<Award> {
    const FORMS: &str =
        r#"must be "on_solve", {"claim": {"requires": […]}} or {"first_to_solve": clue}"#;
    if let Json::Text(text) = json {
        if text != "on_solve" {
            faults.add(at, FORMS);
            return None;
        }
        return Some(Award::OnSolve);
    }
    let award = Fields::of(json, *at, &["claim", "first_to_solve"], faults)?;
    match (award.get("claim"), award.get("first_to_solve")) {
        (Some(claim), None) => {
            let claim = Fields::of(claim, at.field("claim"), &["requires"], faults)?;
            let requires = claim.may("requires", Vec::new(), faults, |json, at, faults| {
                names.clues(json, at, faults)
            });
            Some(Award::Claim {
                requires: requires?,
            })
        }
        (None, Some(clue)) => Some(Award::FirstToSolve(names.clue(
            clue,
            &at.field("first_to_solve"),
            faults,
        )?)),
        _ => {
            faults.add(at, FORMS);
            None
        }
    }
}

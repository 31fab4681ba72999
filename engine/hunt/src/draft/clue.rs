//! A clue of a definition: what solves it, what unlocks it, what it grants.

use super::{
    fault::{At, Faults},
    fields::{self, Fields},
    json::Json,
    links::Names,
};
use crate::{
    Award, Clue, ClueId, Index, Place, Solve, Treasure, Unlock,
    limits::{
        ACCURACY_M_DEFAULT, ANSWER_BYTES_MAX, ANSWERS_PER_CLUE_MAX, CLUES_MAX, POINTS_MAX,
        RADIUS_M_MAX, TEXT_BYTES_MAX, TREASURES_MAX,
    },
    normalise,
};

/// What could be read of a clue. Its links are there even if the clue has faults, so that those of the hunt as a whole
/// are found at once with them.
pub(super) struct Read {
    /// The clue without its secrets, if it has no fault.
    pub(super) clue: Option<Clue>,
    /// Its answers, normalised, or its codes.
    pub(super) secrets: Vec<String>,
    /// What unlocks it.
    pub(super) unlock: Option<Unlock>,
    /// The treasures that it grants, as far as they exist.
    pub(super) grants: Option<Vec<Index>>,
}

const FIELDS: [&str; 7] = ["id", "title", "text", "points", "solve", "unlock", "grants"];

/// Reads a clue.
pub(super) fn read(
    json: &Json,
    at: At<'_>,
    names: &Names<'_>,
    treasures: &[Option<Treasure>],
    faults: &mut Faults,
) -> Read {
    let Some(fields) = Fields::of(json, at, &FIELDS, faults) else {
        return Read {
            clue: None,
            secrets: Vec::new(),
            unlock: None,
            grants: None,
        };
    };
    let id = fields.need("id", faults, fields::id(ClueId::new));
    let title = fields.need("title", faults, fields::title);
    let text = fields.may("text", String::new(), faults, fields::text(TEXT_BYTES_MAX));
    let points = fields.may("points", 0, faults, fields::whole(0, POINTS_MAX.into()));
    let solve = fields.need("solve", faults, solve);
    let unlock = fields.may("unlock", Unlock::Open, faults, |json, at, faults| {
        unlock(json, at, names, faults)
    });
    let grants = fields.may("grants", Vec::new(), faults, |json, at, faults| {
        grants(json, at, names, treasures, faults)
    });
    let (solve, secrets) = solve.unzip();
    let clue = || {
        let points = u32::try_from(points?).ok()?;
        let (unlock, grants) = (unlock.clone()?, grants.clone()?);
        Some(Clue {
            id: id?,
            title: title?,
            text: text?,
            points,
            solve: solve?,
            unlock,
            grants,
        })
    };
    Read {
        clue: clue(),
        secrets: secrets.unwrap_or_default(),
        unlock,
        grants,
    }
}

/// Reads the treasures that a clue grants: those that exist, whether or not others don't.
fn grants(
    json: &Json,
    at: &At<'_>,
    names: &Names<'_>,
    treasures: &[Option<Treasure>],
    faults: &mut Faults,
) -> Option<Vec<Index>> {
    let mut grants = Vec::new();
    for (i, item) in fields::array(TREASURES_MAX)(json, at, faults)?
        .iter()
        .enumerate()
    {
        let at = at.item(i);
        let Some(index) = names.treasure(item, &at, faults) else {
            continue;
        };
        let treasure = treasures.get(usize::from(index)).and_then(Option::as_ref);
        if treasure.is_some_and(|treasure| treasure.award != Award::OnSolve) {
            faults.add(
                &at,
                "is not awarded on a solve: set its award to on_solve, or grant another",
            );
        } else if grants.contains(&index) {
            faults.add(&at, "is named twice: name it once");
        } else {
            grants.push(index);
        }
    }
    Some(grants)
}

fn solve(json: &Json, at: &At<'_>, faults: &mut Faults) -> Option<(Solve, Vec<String>)> {
    let solve = Fields::of(json, *at, &["answer", "check_in", "scan"], faults)?;
    match (
        solve.get("answer"),
        solve.get("check_in"),
        solve.get("scan"),
    ) {
        (Some(answers), None, None) => {
            let answers = secrets(
                answers,
                &at.field("answer"),
                faults,
                |answer| match normalise(answer) {
                    plain if plain.is_empty() => {
                        Err("has no letter or digit, so nothing is left to compare")
                    }
                    plain => Ok(plain),
                },
            );
            Some((Solve::Answer(Vec::new()), answers?))
        }
        (None, None, Some(codes)) => {
            let codes = secrets(codes, &at.field("scan"), faults, |code| match code.trim() {
                "" => Err("is blank: a code has at least one visible character"),
                _ => Ok(code.to_owned()),
            });
            Some((Solve::Scan(Vec::new()), codes?))
        }
        (None, Some(check_in), None) => {
            Some((Solve::CheckIn(place(check_in, at, faults)?), Vec::new()))
        }
        _ => {
            faults.add(at, "must have exactly one of answer, check_in and scan");
            None
        }
    }
}

/// Reads answers or codes; those that compare equal are kept once.
fn secrets(
    json: &Json,
    at: &At<'_>,
    faults: &mut Faults,
    read: impl Fn(&str) -> Result<String, &'static str>,
) -> Option<Vec<String>> {
    let items = fields::array(ANSWERS_PER_CLUE_MAX)(json, at, faults)?;
    if items.is_empty() {
        faults.add(at, "is empty: nothing would solve the clue");
        return None;
    }
    let mut secrets = Vec::new();
    let mut sound = true;
    for (i, item) in items.iter().enumerate() {
        let at = at.item(i);
        let secret = fields::text(ANSWER_BYTES_MAX)(item, &at, faults)
            .and_then(|text| read(&text).map_err(|detail| faults.add(&at, detail)).ok());
        match secret {
            Some(secret) if !secrets.contains(&secret) => secrets.push(secret),
            Some(_) => {}
            None => sound = false,
        }
    }
    sound.then_some(secrets)
}

fn place(json: &Json, at: &At<'_>, faults: &mut Faults) -> Option<Place> {
    let at = at.field("check_in");
    let place = Fields::of(
        json,
        at,
        &["lat", "lon", "radius_m", "accuracy_max_m"],
        faults,
    )?;
    let lat = place.need("lat", faults, fields::number(-90.0, 90.0));
    let lon = place.need("lon", faults, fields::number(-180.0, 180.0));
    let radius_m = place.need("radius_m", faults, fields::number(1.0, RADIUS_M_MAX));
    let accuracy_max_m = place.may(
        "accuracy_max_m",
        ACCURACY_M_DEFAULT,
        faults,
        fields::number(1.0, RADIUS_M_MAX),
    );
    Some(Place {
        lat: lat?,
        lon: lon?,
        radius_m: radius_m?,
        accuracy_max_m: accuracy_max_m?,
    })
}

fn unlock(json: &Json, at: &At<'_>, names: &Names<'_>, faults: &mut Faults) -> Option<Unlock> {
    const FORMS: &str = r#"must be "open", {"after": […]}, {"any": n, "of": […]} or {"at": time}"#;
    if let Json::Text(text) = json {
        if text != "open" {
            faults.add(at, FORMS);
            return None;
        }
        return Some(Unlock::Open);
    }
    let unlock = Fields::of(json, *at, &["after", "any", "of", "at"], faults)?;
    let has = |name| unlock.get(name).is_some();
    match (has("after"), has("any"), has("of"), has("at")) {
        (true, false, false, false) => {
            let after = unlock.need("after", faults, |json, at, faults| {
                some_clues(json, at, names, faults)
            });
            Some(Unlock::After(after?))
        }
        (false, true, true, false) => {
            let of = unlock.need("of", faults, |json, at, faults| {
                some_clues(json, at, names, faults)
            });
            let any = unlock.need("any", faults, fields::whole(1, CLUES_MAX as u64))?;
            let of = of?;
            if any > of.len() as u64 {
                faults.add(
                    &at.field("any"),
                    format_args!("is {any}, but only {} clues are named", of.len()),
                );
                return None;
            }
            Some(Unlock::Any {
                count: u16::try_from(any).ok()?,
                of,
            })
        }
        (false, false, false, true) => {
            Some(Unlock::At(unlock.need("at", faults, fields::moment)?))
        }
        _ => {
            faults.add(at, FORMS);
            None
        }
    }
}

fn some_clues(
    json: &Json,
    at: &At<'_>,
    names: &Names<'_>,
    faults: &mut Faults,
) -> Option<Vec<Index>> {
    let clues = names.clues(json, at, faults)?;
    if clues.is_empty() {
        faults.add(at, r#"is empty: name clues, or unlock it with "open""#);
        return None;
    }
    Some(clues)
}

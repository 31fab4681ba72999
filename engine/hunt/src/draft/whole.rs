//! The definition as a whole: its own fields, and what must hold between its parts.

use super::{
    Draft, Fault, clue,
    fault::{At, Faults},
    fields::{self, Fields},
    json::Json,
    links::{self, Names},
    treasure,
};
use crate::{
    Definition, GuessLimits, HuntId, Millis, Salt, Schedule, Unlock,
    definition::Parts,
    limits::{
        CLUES_MAX, COOLDOWN_MS_MAX, DEFINITION_BYTES_MAX, GRANTS_PER_PLAYER_MAX,
        GUESSES_PER_CLUE_MAX, TREASURES_MAX,
    },
};

const FIELDS: [&str; 8] = [
    "id",
    "title",
    "opens_at",
    "freezes_at",
    "closes_at",
    "guesses",
    "clues",
    "treasures",
];

/// Reads a definition; all its faults if it has any.
pub(super) fn parse(bytes: &[u8]) -> Result<Draft, Vec<Fault>> {
    let fault = |detail: String| {
        vec![Fault {
            pointer: String::new(),
            detail,
        }]
    };
    if bytes.len() > DEFINITION_BYTES_MAX {
        let len = bytes.len();
        return Err(fault(format!(
            "has {len} bytes: a definition has at most {DEFINITION_BYTES_MAX}"
        )));
    }
    let json = Json::parse(bytes).map_err(fault)?;
    let mut faults = Faults::default();
    let read = read(&json, &mut faults);
    match read {
        Some((parts, secrets)) if faults.is_empty() => match Definition::new(parts) {
            Ok(open) => Ok(Draft { open, secrets }),
            Err(detail) => Err(fault(detail.to_owned())),
        },
        _ => Err(faults.into_vec()),
    }
}

fn read(json: &Json, faults: &mut Faults) -> Option<(Parts, Vec<Vec<String>>)> {
    let hunt = Fields::of(json, At::Root, &FIELDS, faults)?;
    let id = hunt.need("id", faults, fields::id(HuntId::new));
    let title = hunt.need("title", faults, fields::title);
    let schedule = schedule(&hunt, faults);
    let guesses = hunt.may("guesses", GuessLimits::default(), faults, guesses);
    let clues = hunt.need("clues", faults, fields::array(CLUES_MAX));
    let treasures = hunt.may("treasures", &[][..], faults, fields::array(TREASURES_MAX));
    let (clues, treasures) = (clues?, treasures?);
    let (clues_at, treasures_at) = (hunt.at().field("clues"), hunt.at().field("treasures"));
    if clues.is_empty() && treasures.is_empty() {
        faults.add(
            &clues_at,
            "is empty, and so are the treasures: give the hunt something to do",
        );
    }

    let names = Names::of(clues, &clues_at, treasures, &treasures_at, faults);
    let treasures: Vec<_> = treasures
        .iter()
        .enumerate()
        .map(|(i, json)| treasure::read(json, treasures_at.item(i), &names, faults))
        .collect();
    let clues: Vec<_> = clues
        .iter()
        .enumerate()
        .map(|(i, json)| clue::read(json, clues_at.item(i), &names, &treasures, faults))
        .collect();
    links::check(&clues, &clues_at, &treasures, &treasures_at, faults);
    check_times(&clues, &clues_at, &schedule, faults);
    let units: u64 = treasures
        .iter()
        .flatten()
        .map(|treasure| u64::from(treasure.per_player))
        .sum();
    if units > GRANTS_PER_PLAYER_MAX {
        let detail = format!(
            "let one player have {units} units in all: at most {GRANTS_PER_PLAYER_MAX} are allowed"
        );
        faults.add(&treasures_at, detail);
    }

    let treasures: Option<Vec<_>> = treasures.into_iter().collect();
    let sound: Option<Vec<_>> = clues
        .into_iter()
        .map(|read| Some((read.clue?, read.secrets)))
        .collect();
    let (clues, secrets) = sound?.into_iter().unzip();
    let (id, title, guesses, treasures) = (id?, title?, guesses?, treasures?);
    Some((
        Parts {
            id,
            title,
            salt: Salt::default(),
            schedule,
            guesses,
            clues,
            treasures,
        },
        secrets,
    ))
}

/// Reads the times as far as they can be read. What could not be read counts as absent: it has its own fault.
fn schedule(hunt: &Fields<'_>, faults: &mut Faults) -> Schedule {
    let mut moment = |name| {
        hunt.may(name, None, faults, |json, at, faults| {
            fields::moment(json, at, faults).map(Some)
        })
        .flatten()
    };
    let (opens_at, freezes_at, closes_at) = (
        moment("opens_at"),
        moment("freezes_at"),
        moment("closes_at"),
    );
    let mut order =
        |earlier: (&str, Option<Millis>), later: (&str, Option<Millis>)| match (earlier, later) {
            ((before, Some(earlier)), (name, Some(later))) if later <= earlier => {
                faults.add(
                    &hunt.at().field(name),
                    format_args!("is {later}, not after {before} ({earlier})"),
                );
            }
            _ => {}
        };
    order(("opens_at", opens_at), ("freezes_at", freezes_at));
    order(("freezes_at", freezes_at), ("closes_at", closes_at));
    if freezes_at.is_none_or(|freezes_at| closes_at > Some(freezes_at)) {
        order(("opens_at", opens_at), ("closes_at", closes_at));
    }
    Schedule {
        opens_at,
        freezes_at,
        closes_at,
    }
}

fn guesses(json: &Json, at: &At<'_>, faults: &mut Faults) -> Option<GuessLimits> {
    let guesses = Fields::of(json, *at, &["per_clue", "cooldown_ms"], faults)?;
    let per_clue = guesses.may("per_clue", None, faults, |json, at, faults| {
        fields::whole(1, GUESSES_PER_CLUE_MAX.into())(json, at, faults).map(Some)
    });
    let cooldown_ms = guesses.may(
        "cooldown_ms",
        0,
        faults,
        fields::whole(0, COOLDOWN_MS_MAX.into()),
    );
    let narrow = |number: u64| u32::try_from(number).ok();
    Some(GuessLimits {
        per_clue: per_clue?.and_then(narrow),
        cooldown_ms: narrow(cooldown_ms?)?,
    })
}

/// A clue whose time comes when the hunt is over would never unlock.
fn check_times(clues: &[clue::Read], at: &At<'_>, schedule: &Schedule, faults: &mut Faults) {
    let Some(closes_at) = schedule.closes_at else {
        return;
    };
    for (i, clue) in clues.iter().enumerate() {
        match clue.unlock {
            Some(Unlock::At(moment)) if moment >= closes_at => {
                let detail = format!(
                    "is {moment}, not before closes_at ({closes_at}): the clue can never be solved"
                );
                faults.add(&at.item(i).field("unlock").field("at"), detail);
            }
            _ => {}
        }
    }
}

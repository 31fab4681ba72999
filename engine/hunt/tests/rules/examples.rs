//! The sample hunts are sound, and show all there is.

use hunt::{Award, Definition, Draft, Salt, Solve, Unlock};

fn samples() -> Vec<(String, Definition)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .map(|path| {
            let draft = Draft::parse(&std::fs::read(&path).unwrap());
            let draft = draft.unwrap_or_else(|faults| panic!("{}: {faults:#?}", path.display()));
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                draft.seal(Salt([1; 16])),
            )
        })
        .collect()
}

#[test]
fn each_is_sound_and_named_after_its_file() {
    let samples = samples();
    assert!(samples.len() >= 4);
    for (name, definition) in samples {
        assert_eq!(definition.id().as_str(), name);
    }
}

#[test]
fn together_they_show_all_there_is() {
    let samples = samples();
    let clues = || {
        samples
            .iter()
            .flat_map(|(_, definition)| definition.clues())
    };
    let treasures = || {
        samples
            .iter()
            .flat_map(|(_, definition)| definition.treasures())
    };
    for kind in ["answer", "check_in", "scan"] {
        assert!(clues().any(|clue| clue.solve.kind() == kind), "{kind}");
    }
    assert!(clues().any(|clue| matches!(clue.unlock, Unlock::Open)));
    assert!(clues().any(|clue| matches!(clue.unlock, Unlock::After(_))));
    assert!(clues().any(|clue| matches!(clue.unlock, Unlock::Any { .. })));
    assert!(clues().any(|clue| matches!(clue.unlock, Unlock::At(_))));
    assert!(treasures().any(|treasure| matches!(treasure.award, Award::OnSolve)));
    assert!(treasures().any(|treasure| matches!(treasure.award, Award::Claim { .. })));
    assert!(treasures().any(|treasure| matches!(treasure.award, Award::FirstToSolve(_))));
}

#[test]
fn places_of_one_hunt_are_within_a_walk() {
    for (name, definition) in samples() {
        let places: Vec<_> = definition
            .clues()
            .iter()
            .filter_map(|clue| match clue.solve {
                Solve::CheckIn(place) => Some((place.lat, place.lon)),
                _ => None,
            })
            .collect();
        for pair in places.windows(2) {
            assert!(hunt::distance_m(pair[0], pair[1]) < 5_000.0, "{name}");
        }
    }
}

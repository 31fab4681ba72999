//! What people see.

use expect_test::{Expect, expect};
use hunt::{Audience, event_view, hunt_summary, hunt_view, progress, stats};
use serde::Serialize;

use crate::table::{SHARD, Table};

const HARBOUR: &str = include_str!("../../../../examples/harbour-lights.json");

const PLAY: &str = "open
    ann solve pharos =wrong
    ann solve pharos =pharos
    ann solve crate #CRATE-7F3A
    bob join
    restock gold-coin 5";

fn table() -> Table {
    let mut table = Table::with(HARBOUR);
    table.play(PLAY);
    table.wait(0);
    table
}

fn check(view: &(impl Serialize + ?Sized), expected: Expect) {
    expected.assert_eq(&serde_json::to_string_pretty(view).unwrap());
}

#[test]
fn a_player_sees_what_is_unlocked() {
    let table = table();
    check(
        &hunt_view(
            table.state(),
            Some(&table.player("bob")),
            Audience::Player,
            table.now,
        ),
        expect![[r#"
            {
              "id": "harbour-lights",
              "title": "Harbour Lights",
              "phase": "open",
              "opens_at": null,
              "freezes_at": null,
              "closes_at": null,
              "players": 2,
              "guesses": {
                "per_clue": 20,
                "cooldown_ms": 0
              },
              "clues": [
                {
                  "id": "pharos",
                  "title": "The first light",
                  "text": "It was lit three centuries before our era, on an island off Alexandria, and gave its name to all that came after. What was it called?",
                  "points": 100,
                  "solve": "answer",
                  "solved": false
                },
                {
                  "id": "midnight",
                  "title": "After dark",
                  "text": "Sailors far enough north see it without a lamp: curtains of green, named after the dawn.",
                  "points": 200,
                  "solve": "answer",
                  "solved": false
                }
              ],
              "locked_clues": 2,
              "treasures": [
                {
                  "id": "bronze-key",
                  "title": "Bronze key",
                  "per_player": 1,
                  "stock_left": null,
                  "award": "on_solve"
                },
                {
                  "id": "gold-coin",
                  "title": "Gold coin",
                  "per_player": 1,
                  "stock_left": 105,
                  "award": "claim"
                },
                {
                  "id": "first-home",
                  "title": "First three home",
                  "per_player": 1,
                  "stock_left": 3,
                  "award": "first_to_solve"
                }
              ]
            }"#]],
    );
    let nobody = hunt_view(table.state(), None, Audience::Player, table.now);
    assert_eq!(
        nobody
            .clues
            .iter()
            .map(|clue| clue.id.as_str())
            .collect::<Vec<_>>(),
        ["pharos", "midnight"]
    );
    let ann = hunt_view(
        table.state(),
        Some(&table.player("ann")),
        Audience::Player,
        table.now,
    );
    assert_eq!((ann.clues.len(), ann.locked_clues), (4, 0));
    assert!(
        ann.clues
            .iter()
            .all(|clue| clue.place.is_none() && clue.unlock.is_none() && clue.grants.is_none())
    );
}

#[test]
fn before_it_opens_a_player_sees_no_clue() {
    let table = Table::with(HARBOUR);
    let view = hunt_view(table.state(), None, Audience::Player, table.now);
    assert_eq!((view.clues.len(), view.locked_clues), (0, 4));
    assert_eq!(
        hunt_view(table.state(), None, Audience::Staff, table.now)
            .clues
            .len(),
        4
    );
}

#[test]
fn staff_see_all_but_secrets() {
    let table = table();
    let view = hunt_view(table.state(), None, Audience::Staff, table.now);
    check(
        &view.clues[1..],
        expect![[r#"
        [
          {
            "id": "pier",
            "title": "End of the pier",
            "text": "Walk along the Kiel fjord until the planks end. Check in where the ferries turn.",
            "points": 50,
            "solve": "check_in",
            "place": {
              "lat": 54.3233,
              "lon": 10.1394,
              "radius_m": 60.0,
              "accuracy_max_m": 100.0
            },
            "unlock": {
              "after": [
                "pharos"
              ]
            },
            "grants": []
          },
          {
            "id": "crate",
            "title": "The sealed crate",
            "text": "It stands where the cranes stood. Scan what is on it.",
            "points": 50,
            "solve": "scan",
            "unlock": {
              "any": 1,
              "of": [
                "pharos",
                "pier"
              ]
            },
            "grants": []
          },
          {
            "id": "midnight",
            "title": "After dark",
            "text": "Sailors far enough north see it without a lamp: curtains of green, named after the dawn.",
            "points": 200,
            "solve": "answer",
            "unlock": {
              "at": "2024-12-10T23:00:00.000Z"
            },
            "grants": []
          }
        ]"#]],
    );
    let text = serde_json::to_string(&view).unwrap();
    assert!(!text.contains("7F3A") && !text.contains("borealis") && !text.contains("salt"));
}

#[test]
fn lists_figures_and_progress() {
    let table = table();
    check(
        &hunt_summary(table.state()),
        expect![[r#"
        {
          "id": "harbour-lights",
          "title": "Harbour Lights",
          "phase": "open",
          "opens_at": null,
          "freezes_at": null,
          "closes_at": null,
          "players": 2,
          "clues": 4,
          "treasures": 3
        }"#]],
    );
    check(
        &stats(table.state()),
        expect![[r#"
        {
          "hunt": "harbour-lights",
          "phase": "open",
          "seq": 8,
          "players": 2,
          "solves": {
            "crate": 1,
            "midnight": 0,
            "pharos": 1,
            "pier": 0
          },
          "stock_left": {
            "bronze-key": null,
            "first-home": 3,
            "gold-coin": 105
          },
          "granted": {
            "bronze-key": 1,
            "first-home": 0,
            "gold-coin": 0
          }
        }"#]],
    );
    check(
        &progress(table.state(), &table.player("ann"), SHARD),
        expect![[r#"
            {
              "hunt": "harbour-lights",
              "joined": true,
              "joined_at": "2027-01-15T08:00:00.000Z",
              "score": 150,
              "solved": [
                {
                  "clue": "pharos",
                  "points": 100,
                  "at": "2027-01-15T08:00:00.000Z"
                },
                {
                  "clue": "crate",
                  "points": 50,
                  "at": "2027-01-15T08:00:00.000Z"
                }
              ],
              "guesses": [
                {
                  "clue": "pharos",
                  "used": 1,
                  "left": 19
                }
              ],
              "grants": [
                {
                  "id": "7-4-1",
                  "treasure": "bronze-key",
                  "seq": 4,
                  "at": "2027-01-15T08:00:00.000Z"
                }
              ],
              "seq": 5
            }"#]],
    );
    check(
        &progress(table.state(), &table.player("cyd"), SHARD),
        expect![[r#"
            {
              "hunt": "harbour-lights",
              "joined": false,
              "joined_at": null,
              "score": 0,
              "solved": [],
              "guesses": [],
              "grants": [],
              "seq": 0
            }"#]],
    );
}

#[test]
fn events_have_ids_and_no_secrets() {
    let table = table();
    let lines: Vec<String> = table
        .log
        .iter()
        .map(|event| {
            serde_json::to_string(&event_view(event, table.state().definition(), SHARD)).unwrap()
        })
        .collect();
    expect![[r#"
        {"shard":7,"seq":1,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"created","title":"Harbour Lights","clues":["pharos","pier","crate","midnight"],"treasures":["bronze-key","gold-coin","first-home"]}
        {"shard":7,"seq":2,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"phase_changed","phase":"open"}
        {"shard":7,"seq":3,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"missed","player":"ann","clue":"pharos","joined":true,"guesses_left":19}
        {"shard":7,"seq":4,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"solved","player":"ann","clue":"pharos","points":100,"score":100,"ranked":true,"joined":false,"unlocked":["pier","crate"],"grants":[{"id":"7-4-1","treasure":"bronze-key","nth":1}]}
        {"shard":7,"seq":5,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"solved","player":"ann","clue":"crate","points":50,"score":150,"ranked":true,"joined":false,"unlocked":[],"grants":[]}
        {"shard":7,"seq":6,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"joined","player":"bob"}
        {"shard":7,"seq":7,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"restocked","treasure":"gold-coin","added":5,"stock_left":105}
        {"shard":7,"seq":8,"at":"2027-01-15T08:00:00.000Z","hunt":"harbour-lights","type":"clue_unlocked","clue":"midnight"}"#]].assert_eq(&lines.join("\n"));
}

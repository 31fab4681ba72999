//! Solving clues.

use expect_test::expect;

use crate::table::{Table, check};

const HARBOUR: &str = include_str!("../../../../examples/harbour-lights.json");

const GUESSES: &str = r#"{ "id": "g", "title": "G", "guesses": { "per_clue": 3, "cooldown_ms": 1000 },
    "clues": [
        { "id": "a", "title": "A", "points": 1, "solve": { "answer": ["yes"] } },
        { "id": "b", "title": "B", "points": 2, "solve": { "answer": ["yes"] } }
    ] }"#;

const MAZE: &str = r#"{ "id": "maze", "title": "Maze", "clues": [
    { "id": "a", "title": "A", "points": 1, "solve": { "answer": ["a"] } },
    { "id": "b", "title": "B", "points": 1, "solve": { "answer": ["b"] } },
    { "id": "c", "title": "C", "points": 1, "solve": { "answer": ["c"] }, "unlock": { "after": ["a", "b"] } },
    { "id": "d", "title": "D", "points": 1, "solve": { "answer": ["d"] }, "unlock": { "any": 2, "of": ["a", "b", "c"] } },
    { "id": "e", "title": "E", "points": 1, "solve": { "answer": ["e"] }, "unlock": { "at": "2027-01-15T08:00:10Z" } }
] }"#;

#[test]
fn a_whole_hunt() {
    check(
        HARBOUR,
        "ann solve pharos =Pharos
         open
         ann solve pier @54.3233,10.1394,5
         ann solve pharos =The Lighthouse
         ann solve pharos =Lighthouse of ALEXANDRIA!
         ann solve pharos =pharos
         ann solve pier @54.33,10.1394,5
         ann solve pier @54.3234,10.1395,5
         ann solve crate #crate-7f3a
         ann solve crate #CRATE-7F3A
         ann claim gold-coin
         ann solve midnight =Aurora Boréalis",
        expect![[r#"
            ann solve pharos =Pharos
              refused: the hunt is scheduled: solves and claims are taken once it is open
            open
              {"outcome":"phase","phase":"open"}
            ann solve pier @54.3233,10.1394,5
              {"outcome":"locked"}
            ann solve pharos =The Lighthouse
              {"outcome":"wrong","guesses_left":19}
            ann solve pharos =Lighthouse of ALEXANDRIA!
              {"outcome":"solved","points":100,"score":100,"unlocked":["pier","crate"],"grants":[{"id":"7-4-1","treasure":"bronze-key","seq":4,"at":"2027-01-15T08:00:00.000Z"}]}
            ann solve pharos =pharos
              {"outcome":"already_solved","at":"2027-01-15T08:00:00.000Z"}
            ann solve pier @54.33,10.1394,5
              {"outcome":"wrong","guesses_left":19}
            ann solve pier @54.3234,10.1395,5
              {"outcome":"solved","points":50,"score":150,"unlocked":[],"grants":[]}
            ann solve crate #crate-7f3a
              {"outcome":"wrong","guesses_left":19}
            ann solve crate #CRATE-7F3A
              {"outcome":"solved","points":50,"score":200,"unlocked":[],"grants":[]}
            ann claim gold-coin
              {"outcome":"granted","grant":{"id":"7-9-1","treasure":"gold-coin","seq":9,"at":"2027-01-15T08:00:00.000Z"}}
            ann solve midnight =Aurora Boréalis
              {"outcome":"solved","points":200,"score":400,"unlocked":[],"grants":[{"id":"7-10-1","treasure":"first-home","seq":10,"at":"2027-01-15T08:00:00.000Z"}]}
        "#]],
    );
}

#[test]
fn refuses_what_the_clue_is_not_solved_by() {
    check(
        HARBOUR,
        "open
         ann solve pharos #CRATE-7F3A
         ann solve pier =pier
         ann solve crate @0,0,1
         ann solve nowhere =x",
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            ann solve pharos #CRATE-7F3A
              refused: this clue is solved by an answer: send answer
            ann solve pier =pier
              refused: this clue is solved by a check-in: send lat, lon and accuracy_m
            ann solve crate @0,0,1
              refused: this clue is solved by a scan: send code
            ann solve nowhere =x
              refused: the hunt has no clue with this id: see GET /v1/hunts/{hunt}
        "#]],
    );
}

#[test]
fn unlocks_by_solves_and_by_time() {
    check(
        MAZE,
        "open
         ann solve c =c
         ann solve d =d
         ann solve e =e
         ann solve a =a
         ann solve c =c
         ann solve b =b
         ann solve c =c
         ann solve d =d
         wait 10000
         ann solve e =e
         bob solve e =e",
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            ann solve c =c
              {"outcome":"locked"}
            ann solve d =d
              {"outcome":"locked"}
            ann solve e =e
              {"outcome":"locked"}
            ann solve a =a
              {"outcome":"solved","points":1,"score":1,"unlocked":[],"grants":[]}
            ann solve c =c
              {"outcome":"locked"}
            ann solve b =b
              {"outcome":"solved","points":1,"score":2,"unlocked":["c","d"],"grants":[]}
            ann solve c =c
              {"outcome":"solved","points":1,"score":3,"unlocked":[],"grants":[]}
            ann solve d =d
              {"outcome":"solved","points":1,"score":4,"unlocked":[],"grants":[]}
            wait 10000
              2027-01-15T08:00:10.000Z: ClueUnlocked { clue: 4 }
            ann solve e =e
              {"outcome":"solved","points":1,"score":5,"unlocked":[],"grants":[]}
            bob solve e =e
              {"outcome":"solved","points":1,"score":1,"unlocked":[],"grants":[]}
        "#]],
    );
}

#[test]
fn limits_guesses_per_clue() {
    check(
        GUESSES,
        "open
         ann solve a =no
         ann solve a =yes
         ann solve b =no
         wait 999
         ann solve a =yes
         wait 1
         ann solve a =no
         wait 1000
         ann solve a =no
         wait 1000
         ann solve a =yes
         ann solve b =yes",
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            ann solve a =no
              {"outcome":"wrong","guesses_left":2}
            ann solve a =yes
              {"outcome":"too_soon","retry_after_ms":1000}
            ann solve b =no
              {"outcome":"wrong","guesses_left":2}
            wait 999
              nothing happens
            ann solve a =yes
              {"outcome":"too_soon","retry_after_ms":1}
            wait 1
              nothing happens
            ann solve a =no
              {"outcome":"wrong","guesses_left":1}
            wait 1000
              nothing happens
            ann solve a =no
              {"outcome":"wrong","guesses_left":0}
            wait 1000
              nothing happens
            ann solve a =yes
              {"outcome":"out_of_guesses"}
            ann solve b =yes
              {"outcome":"solved","points":2,"score":2,"unlocked":[],"grants":[]}
        "#]],
    );
}

#[test]
fn prizes_go_to_the_first_in_log_order() {
    let lines: String = ["ann", "bob", "cyd", "dan"]
        .map(|who| format!("{who} solve midnight =aurora\n"))
        .concat();
    check(
        HARBOUR,
        &format!("open\n{lines}ann solve midnight =aurora"),
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            ann solve midnight =aurora
              {"outcome":"solved","points":200,"score":200,"unlocked":[],"grants":[{"id":"7-3-1","treasure":"first-home","seq":3,"at":"2027-01-15T08:00:00.000Z"}]}
            bob solve midnight =aurora
              {"outcome":"solved","points":200,"score":200,"unlocked":[],"grants":[{"id":"7-4-1","treasure":"first-home","seq":4,"at":"2027-01-15T08:00:00.000Z"}]}
            cyd solve midnight =aurora
              {"outcome":"solved","points":200,"score":200,"unlocked":[],"grants":[{"id":"7-5-1","treasure":"first-home","seq":5,"at":"2027-01-15T08:00:00.000Z"}]}
            dan solve midnight =aurora
              {"outcome":"solved","points":200,"score":200,"unlocked":[],"grants":[]}
            ann solve midnight =aurora
              {"outcome":"already_solved","at":"2027-01-15T08:00:00.000Z"}
        "#]],
    );
}

#[test]
fn grants_on_solve_respect_stock_and_player_limit() {
    let json = r#"{ "id": "s", "title": "S", "clues": [
        { "id": "a", "title": "A", "solve": { "answer": ["a"] }, "grants": ["seal", "lamp"] },
        { "id": "b", "title": "B", "solve": { "answer": ["b"] }, "grants": ["seal", "lamp"] },
        { "id": "c", "title": "C", "solve": { "answer": ["c"] }, "grants": ["seal"] }
    ], "treasures": [
        { "id": "seal", "title": "Seal", "stock": 3, "per_player": 2, "award": "on_solve" },
        { "id": "lamp", "title": "Lamp", "award": "on_solve" }
    ] }"#;
    check(
        json,
        "open
         ann solve a =a
         ann solve b =b
         ann solve c =c
         bob solve a =a
         bob solve b =b
         bob claim lamp
         cyd claim lamp",
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            ann solve a =a
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[{"id":"7-3-1","treasure":"seal","seq":3,"at":"2027-01-15T08:00:00.000Z"},{"id":"7-3-2","treasure":"lamp","seq":3,"at":"2027-01-15T08:00:00.000Z"}]}
            ann solve b =b
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[{"id":"7-4-1","treasure":"seal","seq":4,"at":"2027-01-15T08:00:00.000Z"}]}
            ann solve c =c
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            bob solve a =a
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[{"id":"7-6-1","treasure":"seal","seq":6,"at":"2027-01-15T08:00:00.000Z"},{"id":"7-6-2","treasure":"lamp","seq":6,"at":"2027-01-15T08:00:00.000Z"}]}
            bob solve b =b
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            bob claim lamp
              {"outcome":"already_granted","grant":{"id":"7-6-2","treasure":"lamp","seq":6,"at":"2027-01-15T08:00:00.000Z"}}
            cyd claim lamp
              {"outcome":"not_eligible","missing":[]}
        "#]],
    );
}

#[test]
fn a_frozen_hunt_plays_on_and_its_board_stands_still() {
    let mut table = Table::with(MAZE);
    table.play("open\nann solve a =a\nfreeze\nann solve b =b");
    let ann = table.player("ann");
    assert_eq!(ann.score(), 2);
    let board = ann.board().unwrap();
    assert_eq!((board.score, board.seq), (1, 3));
    assert!(
        table
            .play("bob solve a =a\nclose\nbob solve b =b")
            .contains("it takes no more solves or claims")
    );
    assert_eq!(table.player("bob").board(), None);
}

#[test]
fn a_long_attempt_is_a_wrong_one() {
    let mut table = Table::with(GUESSES);
    let spaces = " ".repeat(2_000);
    let replies = table.play(&format!(
        "open\nann solve a =yes{spaces}no\nbob solve a =yes"
    ));
    assert!(
        replies.contains(r#"{"outcome":"wrong","guesses_left":2}"#),
        "{replies}"
    );
    assert!(
        replies.ends_with("\"unlocked\":[],\"grants\":[]}\n"),
        "{replies}"
    );
}

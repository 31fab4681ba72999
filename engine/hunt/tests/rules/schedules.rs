//! What happens by itself, when, and only once.

use expect_test::expect;

use crate::table::{START, Table, check};

const TIMED: &str = r#"{ "id": "t", "title": "T",
    "opens_at": "2027-01-15T08:00:10Z", "freezes_at": "2027-01-15T08:00:30Z", "closes_at": "2027-01-15T08:00:40Z",
    "clues": [
        { "id": "a", "title": "A", "solve": { "answer": ["a"] } },
        { "id": "early", "title": "Early", "solve": { "answer": ["a"] }, "unlock": { "at": "2027-01-15T08:00:05Z" } },
        { "id": "late", "title": "Late", "solve": { "answer": ["a"] }, "unlock": { "at": "2027-01-15T08:00:30Z" } },
        { "id": "mid", "title": "Mid", "solve": { "answer": ["a"] }, "unlock": { "at": "2027-01-15T08:00:20Z" } }
    ] }"#;

#[test]
fn fires_in_order_of_time() {
    check(
        TIMED,
        "wait 9999\nwait 1\nwait 100000\nwait 100000",
        expect![[r#"
            wait 9999
              nothing happens
            wait 1
              2027-01-15T08:00:10.000Z: PhaseChanged { phase: Open, request: None }
              2027-01-15T08:00:10.000Z: ClueUnlocked { clue: 1 }
            wait 100000
              2027-01-15T08:00:20.000Z: ClueUnlocked { clue: 3 }
              2027-01-15T08:00:30.000Z: ClueUnlocked { clue: 2 }
              2027-01-15T08:00:30.000Z: PhaseChanged { phase: Frozen, request: None }
              2027-01-15T08:00:40.000Z: PhaseChanged { phase: Closed, request: None }
            wait 100000
              nothing happens
        "#]],
    );
    check(
        TIMED,
        "wait 15000\nwait 10000\nwait 10000\nwait 10000",
        expect![[r#"
            wait 15000
              2027-01-15T08:00:10.000Z: PhaseChanged { phase: Open, request: None }
              2027-01-15T08:00:10.000Z: ClueUnlocked { clue: 1 }
            wait 10000
              2027-01-15T08:00:20.000Z: ClueUnlocked { clue: 3 }
            wait 10000
              2027-01-15T08:00:30.000Z: ClueUnlocked { clue: 2 }
              2027-01-15T08:00:30.000Z: PhaseChanged { phase: Frozen, request: None }
            wait 10000
              2027-01-15T08:00:40.000Z: PhaseChanged { phase: Closed, request: None }
        "#]],
    );
}

#[test]
fn what_an_operator_did_earlier_does_not_fire_again() {
    check(
        TIMED,
        "open\nwait 15000\nfreeze\nwait 20000\nann join\nwait 100000",
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            wait 15000
              2027-01-15T08:00:05.000Z: ClueUnlocked { clue: 1 }
            freeze
              {"outcome":"phase","phase":"frozen"}
            wait 20000
              2027-01-15T08:00:20.000Z: ClueUnlocked { clue: 3 }
              2027-01-15T08:00:30.000Z: ClueUnlocked { clue: 2 }
            ann join
              {"outcome":"joined","at":"2027-01-15T08:00:35.000Z"}
            wait 100000
              2027-01-15T08:00:40.000Z: PhaseChanged { phase: Closed, request: None }
        "#]],
    );
    check(
        TIMED,
        "close\nwait 100000",
        expect![[r#"
            close
              {"outcome":"phase","phase":"closed"}
            wait 100000
              nothing happens
        "#]],
    );
}

#[test]
fn without_an_opening_time_it_waits_for_an_operator() {
    let json = TIMED.replace("\"opens_at\": \"2027-01-15T08:00:10Z\", ", "");
    check(
        &json,
        "wait 35000\nopen\nwait 0\nwait 5000",
        expect![[r#"
            wait 35000
              nothing happens
            open
              {"outcome":"phase","phase":"open"}
            wait 0
              2027-01-15T08:00:35.000Z: ClueUnlocked { clue: 1 }
              2027-01-15T08:00:35.000Z: ClueUnlocked { clue: 3 }
              2027-01-15T08:00:35.000Z: ClueUnlocked { clue: 2 }
              2027-01-15T08:00:35.000Z: PhaseChanged { phase: Frozen, request: None }
            wait 5000
              2027-01-15T08:00:40.000Z: PhaseChanged { phase: Closed, request: None }
        "#]],
    );
    check(
        &json,
        "wait 100000\nopen",
        expect![[r#"
        wait 100000
          2027-01-15T08:00:40.000Z: PhaseChanged { phase: Closed, request: None }
        open
          refused: the hunt is closed: a hunt never goes back to an earlier phase
    "#]],
    );
}

#[test]
fn a_new_definition_moves_what_is_still_to_come() {
    let mut table = Table::with(TIMED);
    table.play("wait 15000\nann join");
    table.put(
        &TIMED
            .replace("08:00:40Z", "08:01:40Z")
            .replace("08:00:10Z", "08:00:20Z"),
    );
    assert_eq!(
        table.state().next_due().map(|due| due.since(START)),
        Some(20_000)
    );
    table.wait(50_000);
    assert_eq!(table.state().phase().to_string(), "frozen");
    assert_eq!(
        table.state().next_due().map(|due| due.since(START)),
        Some(100_000)
    );
}

#[test]
fn nothing_is_due_once_it_is_closed() {
    let mut table = Table::with(TIMED);
    table.wait(1_000_000);
    assert_eq!(table.state().next_due(), None);
    assert_eq!(table.state().due(table.now), None);
    assert_eq!(table.log.len(), 1 + 3 + 3);
}

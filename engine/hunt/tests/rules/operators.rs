//! What operators do: phases, stock, definitions.

use expect_test::{Expect, expect};
use hunt::{Action, HuntId, Reply, Salt};

use crate::table::{Table, check, draft};

const PLAIN: &str = r#"{ "id": "p", "title": "P", "clues": [
        { "id": "a", "title": "A", "points": 5, "solve": { "answer": ["a"] }, "grants": ["seal"] },
        { "id": "b", "title": "B", "points": 5, "solve": { "answer": ["b"] }, "unlock": { "after": ["a"] } }
    ], "treasures": [
        { "id": "seal", "title": "Seal", "stock": 3, "award": "on_solve" },
        { "id": "card", "title": "Card", "award": { "claim": {} } }
    ] }"#;

#[test]
fn phases_only_go_forward() {
    check(
        PLAIN,
        "freeze
         open
         open
         freeze
         open
         close
         freeze
         close",
        expect![[r#"
            freeze
              refused: the hunt is scheduled: open it before you freeze it
            open
              {"outcome":"phase","phase":"open"}
            open
              {"outcome":"phase","phase":"open"}
            freeze
              {"outcome":"phase","phase":"frozen"}
            open
              refused: the hunt is frozen: a hunt never goes back to an earlier phase
            close
              {"outcome":"phase","phase":"closed"}
            freeze
              refused: the hunt is closed: a hunt never goes back to an earlier phase
            close
              {"outcome":"phase","phase":"closed"}
        "#]],
    );
    check(
        PLAIN,
        "close\nopen",
        expect![[r#"
        close
          {"outcome":"phase","phase":"closed"}
        open
          refused: the hunt is closed: a hunt never goes back to an earlier phase
    "#]],
    );
}

#[test]
fn restocks_finite_stock() {
    check(
        PLAIN,
        "restock seal 2
         restock seal 0
         restock seal 9007199254740991
         restock seal 9007199254740986
         restock card 1
         restock crown 1",
        expect![[r#"
            restock seal 2
              {"outcome":"restocked","treasure":"seal","added":2,"stock_left":5}
            restock seal 0
              refused: add is 0: add at least 1
            restock seal 9007199254740991
              refused: add is 9007199254740991: seal can take at most 9007199254740986 more
            restock seal 9007199254740986
              {"outcome":"restocked","treasure":"seal","added":9007199254740986,"stock_left":9007199254740991}
            restock card 1
              refused: card is unlimited: only finite stock can be added to
            restock crown 1
              refused: the hunt has no treasure with this id: see GET /v1/hunts/{hunt}
        "#]],
    );
}

/// What becomes of a second definition.
fn check_put(lines: &str, changes: &[(&str, &str)], expected: Expect) {
    let mut table = Table::with(PLAIN);
    table.play(lines);
    let changed = changes.iter().fold(PLAIN.to_owned(), |json, (from, to)| {
        assert!(json.contains(from), "{from}");
        json.replace(from, to)
    });
    let reply = match table.put(&changed) {
        Reply::Refused(refusal) => refusal.to_string().replace("; ", "\n"),
        reply => serde_json::to_string(&reply).unwrap(),
    };
    let state = table.state();
    expected.assert_eq(&format!(
        "{reply}\n{} {} {:?}",
        state.definition().title(),
        state.phase(),
        state.stock_left(0)
    ));
}

#[test]
fn anything_may_change_before_somebody_joined() {
    check_put(
        "open",
        &[],
        expect![[r#"
        {"outcome":"replaced","seq":1}
        P open Some(3)"#]],
    );
    check_put(
        "open\nrestock seal 5",
        &[("\"stock\": 3", "\"stock\": 1"), ("\"P\"", "\"Q\"")],
        expect![[r#"
            {"outcome":"replaced","seq":4}
            Q scheduled Some(1)"#]],
    );
    check_put(
        "",
        &[
            (", \"grants\": [\"seal\"]", ""),
            ("\"on_solve\"", "{ \"claim\": {} }"),
            ("\"id\": \"b\"", "\"id\": \"c\""),
        ],
        expect![[r#"
            {"outcome":"replaced","seq":2}
            P scheduled Some(3)"#]],
    );
}

#[test]
fn texts_answers_and_additions_may_change_after_somebody_joined() {
    check_put(
        "open\nann join",
        &[
            (
                "\"P\"",
                "\"Q\", \"closes_at\": \"2031-01-01T00:00:00Z\", \"guesses\": { \"per_clue\": 2 }",
            ),
            ("[\"a\"] }, \"grants\"", "[\"A?\", \"alpha\"] }, \"grants\""),
            (
                "[\"a\"] } }\n",
                "[\"a\"] } }, { \"id\": \"c\", \"title\": \"C\", \"solve\": { \"scan\": [\"c\"] } }\n",
            ),
            (
                "{} } }\n",
                "{} } }, { \"id\": \"new\", \"title\": \"N\", \"award\": { \"claim\": {} } }\n",
            ),
        ],
        expect![[r#"
            {"outcome":"replaced","seq":4}
            Q open Some(3)"#]],
    );
}

#[test]
fn promises_stand_after_somebody_joined() {
    check_put(
        "ann join",
        &[
            (
                "\"points\": 5, \"solve\": { \"answer\": [\"a\"]",
                "\"points\": 6, \"solve\": { \"scan\": [\"a\"]",
            ),
            (
                ", \"unlock\": { \"after\": [\"a\"] }",
                ", \"grants\": [\"seal\"]",
            ),
            ("{ \"id\": \"card\"", "{ \"id\": \"cup\""),
        ],
        expect![[r#"
            players have joined, and this would change what they were promised: clue a must keep its 5 points
            clue a must still be solved by answer
            clue b must keep its unlock
            treasure card must stay at place 1: add treasures at the end
            P scheduled Some(3)"#]],
    );
    check_put(
        "ann join",
        &[
            (
                "\"stock\": 3, \"award\": \"on_solve\"",
                "\"per_player\": 2, \"award\": { \"claim\": {} }",
            ),
            (" }, \"grants\": [\"seal\"]", " }"),
            (
                ",\n        { \"id\": \"card\", \"title\": \"Card\", \"award\": { \"claim\": {} } }",
                "",
            ),
        ],
        expect![[r#"
            players have joined, and this would change what they were promised: clue a must still grant seal
            treasure seal must keep the stock of its definition: add stock by a restock
            treasure seal must keep its 1 per player
            treasure seal must keep its award
            treasure card must stay at place 1: add treasures at the end
            P scheduled Some(3)"#]],
    );
}

#[test]
fn a_changed_answer_counts_from_then_on() {
    let mut table = Table::with(PLAIN);
    table.play("open\nann join");
    assert!(matches!(
        table.put(&PLAIN.replace("[\"b\"]", "[\"beta\"]")),
        Reply::Replaced { seq: 4 }
    ));
    let replies = table.play("ann solve a =a\nann solve b =b\nann solve b =BETA");
    assert!(
        replies.contains("wrong") && replies.contains("\"score\":10"),
        "{replies}"
    );
}

#[test]
fn a_definition_must_have_the_id_it_is_put_under() {
    let mut table = Table::empty();
    let put = Action::Put {
        draft: Box::new(draft(PLAIN)),
        salt: Salt([1; 16]),
    };
    let reply = table.ask("key", HuntId::new("other").unwrap(), put);
    let Reply::Refused(refusal) = reply else {
        panic!("{reply:?}")
    };
    assert_eq!(
        refusal.to_string(),
        "the definition's id is p, not other: make them the same"
    );
}

#[test]
fn a_hunt_that_is_not_there_takes_nothing() {
    for action in [Action::Open, Action::Freeze, Action::Close] {
        let reply = Table::empty().ask("key", HuntId::new("other").unwrap(), action);
        assert_eq!(reply, Reply::Refused(hunt::Refusal::UnknownHunt));
    }
}

//! Asking twice is asking once.

use expect_test::expect;
use hunt::{Action, Command, Decision, REQUESTS_PER_PLAYER_MAX, RequestId, Salt};

use crate::table::{Table, check, draft};

const CARDS: &str = r#"{ "id": "cards", "title": "Cards",
    "clues": [ { "id": "a", "title": "A", "points": 3, "solve": { "answer": ["a"] }, "grants": ["seal"] },
               { "id": "here", "title": "Here", "solve": { "check_in": { "lat": 0, "lon": 0, "radius_m": 10 } } } ],
    "treasures": [
        { "id": "seal", "title": "Seal", "award": "on_solve" },
        { "id": "card", "title": "Card", "stock": 100, "per_player": 100, "award": { "claim": {} } },
        { "id": "coin", "title": "Coin", "stock": 1, "award": { "claim": {} } }
    ] }"#;

#[test]
fn what_took_effect_is_answered_the_same_again() {
    check(
        CARDS,
        "[o] open
         [1] ann claim card
         [1] ann claim card
         [2] ann claim card
         [3] ann solve a =a
         [3] ann solve a =a
         [4] ann solve here @1,1,1
         [4] ann solve here @1,1,1
         [5] ann claim card
         [1] ann claim card
         [r] restock card 5
         [r] restock card 5
         [c] close
         [3] ann solve a =a
         [o] open",
        expect![[r#"
            [o] open
              {"outcome":"phase","phase":"open"}
            [1] ann claim card
              {"outcome":"granted","grant":{"id":"7-3-1","treasure":"card","seq":3,"at":"2027-01-15T08:00:00.000Z"}}
            [1] ann claim card
              {"outcome":"granted","grant":{"id":"7-3-1","treasure":"card","seq":3,"at":"2027-01-15T08:00:00.000Z"}}
            [2] ann claim card
              {"outcome":"granted","grant":{"id":"7-4-1","treasure":"card","seq":4,"at":"2027-01-15T08:00:00.000Z"}}
            [3] ann solve a =a
              {"outcome":"solved","points":3,"score":3,"unlocked":[],"grants":[{"id":"7-5-1","treasure":"seal","seq":5,"at":"2027-01-15T08:00:00.000Z"}]}
            [3] ann solve a =a
              {"outcome":"solved","points":3,"score":3,"unlocked":[],"grants":[{"id":"7-5-1","treasure":"seal","seq":5,"at":"2027-01-15T08:00:00.000Z"}]}
            [4] ann solve here @1,1,1
              {"outcome":"wrong"}
            [4] ann solve here @1,1,1
              {"outcome":"wrong"}
            [5] ann claim card
              {"outcome":"granted","grant":{"id":"7-7-1","treasure":"card","seq":7,"at":"2027-01-15T08:00:00.000Z"}}
            [1] ann claim card
              {"outcome":"granted","grant":{"id":"7-3-1","treasure":"card","seq":3,"at":"2027-01-15T08:00:00.000Z"}}
            [r] restock card 5
              {"outcome":"restocked","treasure":"card","added":5,"stock_left":102}
            [r] restock card 5
              {"outcome":"restocked","treasure":"card","added":5,"stock_left":102}
            [c] close
              {"outcome":"phase","phase":"closed"}
            [3] ann solve a =a
              {"outcome":"solved","points":3,"score":3,"unlocked":[],"grants":[{"id":"7-5-1","treasure":"seal","seq":5,"at":"2027-01-15T08:00:00.000Z"}]}
            [o] open
              {"outcome":"phase","phase":"open"}
        "#]],
    );
}

#[test]
fn another_command_with_the_same_key_is_refused() {
    check(
        CARDS,
        "[o] open
         [1] ann claim card
         [1] ann claim coin
         [1] ann join
         [1] ann solve a =a
         [2] ann solve a =b
         [2] ann solve a =a
         [3] ann solve here @0,1,1
         [3] ann solve here @-0,1,1
         [3] ann solve here @0,1,2
         [1] bob claim card
         [r] restock card 5
         [r] restock card 6
         [r] restock coin 5
         [r] close
         [o] close",
        expect![[r#"
            [o] open
              {"outcome":"phase","phase":"open"}
            [1] ann claim card
              {"outcome":"granted","grant":{"id":"7-3-1","treasure":"card","seq":3,"at":"2027-01-15T08:00:00.000Z"}}
            [1] ann claim coin
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [1] ann join
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [1] ann solve a =a
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [2] ann solve a =b
              {"outcome":"wrong"}
            [2] ann solve a =a
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [3] ann solve here @0,1,1
              {"outcome":"wrong"}
            [3] ann solve here @-0,1,1
              {"outcome":"wrong"}
            [3] ann solve here @0,1,2
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [1] bob claim card
              {"outcome":"granted","grant":{"id":"7-6-1","treasure":"card","seq":6,"at":"2027-01-15T08:00:00.000Z"}}
            [r] restock card 5
              {"outcome":"restocked","treasure":"card","added":5,"stock_left":103}
            [r] restock card 6
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [r] restock coin 5
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [r] close
              refused: this Idempotency-Key was used for another request: send a new key with a new request
            [o] close
              refused: this Idempotency-Key was used for another request: send a new key with a new request
        "#]],
    );
}

#[test]
fn what_was_refused_is_decided_anew() {
    check(
        CARDS,
        "[1] ann claim coin
         open
         bob claim coin
         [1] ann claim coin
         restock coin 1
         [1] ann claim coin
         [1] ann claim coin",
        expect![[r#"
            [1] ann claim coin
              refused: the hunt is scheduled: solves and claims are taken once it is open
            open
              {"outcome":"phase","phase":"open"}
            bob claim coin
              {"outcome":"granted","grant":{"id":"7-3-1","treasure":"coin","seq":3,"at":"2027-01-15T08:00:00.000Z"}}
            [1] ann claim coin
              {"outcome":"sold_out"}
            restock coin 1
              {"outcome":"restocked","treasure":"coin","added":1,"stock_left":1}
            [1] ann claim coin
              {"outcome":"granted","grant":{"id":"7-5-1","treasure":"coin","seq":5,"at":"2027-01-15T08:00:00.000Z"}}
            [1] ann claim coin
              {"outcome":"granted","grant":{"id":"7-5-1","treasure":"coin","seq":5,"at":"2027-01-15T08:00:00.000Z"}}
        "#]],
    );
}

#[test]
fn the_oldest_request_is_forgotten_first() {
    let mut table = Table::with(CARDS);
    table.play("open");
    for n in 0..=REQUESTS_PER_PLAYER_MAX {
        table.play(&format!("[{n}] ann claim card"));
    }
    let ann = table.player("ann");
    assert_eq!(ann.requests().len(), REQUESTS_PER_PLAYER_MAX);
    assert_eq!(ann.requests().next().unwrap().seq, 4);
    let grants = |table: &Table| table.player("ann").grants().count();
    let before = grants(&table);
    table.play("[1] ann claim card\n[32] ann claim card");
    assert_eq!(grants(&table), before);
    table.play("[0] ann claim card");
    assert_eq!(grants(&table), before + 1);
}

#[test]
fn a_definition_put_twice_is_one_event() {
    let put = |json: &str, key: &str, salt| Command {
        hunt: draft(json).id().clone(),
        request: RequestId::new(key).unwrap(),
        action: Action::Put {
            draft: Box::new(draft(json)),
            salt: Salt([salt; 16]),
        },
    };
    let mut table = Table::empty();
    let Decision::Event(body) = table.decide(&put(CARDS, "k", 1)) else {
        panic!("a new hunt is an event")
    };
    table.append(body, draft(CARDS).id().clone());
    // A retry comes with fresh randomness, and its spelling may differ.
    let respelt = CARDS
        .replace("[\"a\"]", "[\"Á!\"]")
        .replace("\"points\": 3, ", "")
        .replace("\"A\",", "\"A\", \"points\": 3,");
    assert_eq!(table.decide(&put(CARDS, "k", 2)), Decision::Replay(1));
    assert_eq!(table.decide(&put(&respelt, "k", 3)), Decision::Replay(1));
    let other = CARDS.replace("\"Cards\"", "\"Other\"");
    assert_eq!(
        table.decide(&put(&other, "k", 2)),
        Decision::Answer(hunt::Reply::Refused(hunt::Refusal::KeyReused))
    );
    assert_eq!(
        table.decide(&put(CARDS, "l", 2)),
        Decision::Answer(hunt::Reply::Replaced { seq: 1 })
    );
}

#[test]
fn grants_read_the_same_wherever_they_are_shown() {
    let mut table = Table::with(CARDS);
    let replies = table.play("open\nann solve a =a\nann claim coin\nann claim coin");
    let held: Vec<_> = table
        .player("ann")
        .grants()
        .map(|held| {
            hunt::grant(
                held.place(),
                table.state().definition(),
                crate::table::SHARD,
            )
        })
        .collect();
    for grant in &held {
        assert!(
            replies.contains(&serde_json::to_string(grant).unwrap()),
            "{grant:?} in {replies}"
        );
    }
    assert_eq!(
        held.iter()
            .map(|grant| grant.id.to_string())
            .collect::<Vec<_>>(),
        ["7-3-1", "7-4-1"]
    );
    assert_eq!(replies.matches("7-4-1").count(), 2);
}

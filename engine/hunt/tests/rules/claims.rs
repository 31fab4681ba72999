//! Claiming treasures, and joining.

use expect_test::expect;

use crate::table::check;

const COINS: &str = r#"{ "id": "coins", "title": "Coins",
    "clues": [ { "id": "a", "title": "A", "solve": { "answer": ["a"] } }, { "id": "b", "title": "B", "solve": { "answer": ["b"] } } ],
    "treasures": [
        { "id": "coin", "title": "Coin", "stock": 2, "award": { "claim": { "requires": ["a", "b"] } } },
        { "id": "card", "title": "Card", "per_player": 2, "award": { "claim": {} } },
        { "id": "cup", "title": "Cup", "stock": 1, "award": { "first_to_solve": "b" } }
    ] }"#;

#[test]
fn needs_what_the_treasure_requires() {
    check(
        COINS,
        "open
         ann claim coin
         ann solve a =a
         ann claim coin
         ann solve b =b
         ann claim coin
         ann claim coin
         ann claim cup
         bob claim cup
         ann claim crown",
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            ann claim coin
              {"outcome":"not_eligible","missing":["a","b"]}
            ann solve a =a
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            ann claim coin
              {"outcome":"not_eligible","missing":["b"]}
            ann solve b =b
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[{"id":"7-4-1","treasure":"cup","seq":4,"at":"2027-01-15T08:00:00.000Z"}]}
            ann claim coin
              {"outcome":"granted","grant":{"id":"7-5-1","treasure":"coin","seq":5,"at":"2027-01-15T08:00:00.000Z"}}
            ann claim coin
              {"outcome":"already_granted","grant":{"id":"7-5-1","treasure":"coin","seq":5,"at":"2027-01-15T08:00:00.000Z"}}
            ann claim cup
              {"outcome":"already_granted","grant":{"id":"7-4-1","treasure":"cup","seq":4,"at":"2027-01-15T08:00:00.000Z"}}
            bob claim cup
              {"outcome":"not_eligible","missing":[]}
            ann claim crown
              refused: the hunt has no treasure with this id: see GET /v1/hunts/{hunt}
        "#]],
    );
}

#[test]
fn never_sells_more_than_there_is() {
    check(
        COINS,
        "open
         ann solve a =a
         ann solve b =b
         ann claim coin
         bob solve a =a
         bob solve b =b
         bob claim coin
         cyd claim coin
         cyd solve a =a
         cyd solve b =b
         cyd claim coin
         restock coin 1
         cyd claim coin",
        expect![[r#"
            open
              {"outcome":"phase","phase":"open"}
            ann solve a =a
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            ann solve b =b
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[{"id":"7-4-1","treasure":"cup","seq":4,"at":"2027-01-15T08:00:00.000Z"}]}
            ann claim coin
              {"outcome":"granted","grant":{"id":"7-5-1","treasure":"coin","seq":5,"at":"2027-01-15T08:00:00.000Z"}}
            bob solve a =a
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            bob solve b =b
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            bob claim coin
              {"outcome":"granted","grant":{"id":"7-8-1","treasure":"coin","seq":8,"at":"2027-01-15T08:00:00.000Z"}}
            cyd claim coin
              {"outcome":"not_eligible","missing":["a","b"]}
            cyd solve a =a
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            cyd solve b =b
              {"outcome":"solved","points":0,"score":0,"unlocked":[],"grants":[]}
            cyd claim coin
              {"outcome":"sold_out"}
            restock coin 1
              {"outcome":"restocked","treasure":"coin","added":1,"stock_left":1}
            cyd claim coin
              {"outcome":"granted","grant":{"id":"7-12-1","treasure":"coin","seq":12,"at":"2027-01-15T08:00:00.000Z"}}
        "#]],
    );
}

#[test]
fn joins_by_the_first_that_takes_effect() {
    check(
        COINS,
        "ann join
         ann join
         ann claim card
         open
         ann claim card
         ann claim card
         ann claim card
         bob claim card
         bob join
         close
         bob join
         cyd join
         bob claim card",
        expect![[r#"
            ann join
              {"outcome":"joined","at":"2027-01-15T08:00:00.000Z"}
            ann join
              {"outcome":"already_joined","at":"2027-01-15T08:00:00.000Z"}
            ann claim card
              refused: the hunt is scheduled: solves and claims are taken once it is open
            open
              {"outcome":"phase","phase":"open"}
            ann claim card
              {"outcome":"granted","grant":{"id":"7-4-1","treasure":"card","seq":4,"at":"2027-01-15T08:00:00.000Z"}}
            ann claim card
              {"outcome":"granted","grant":{"id":"7-5-1","treasure":"card","seq":5,"at":"2027-01-15T08:00:00.000Z"}}
            ann claim card
              {"outcome":"already_granted","grant":{"id":"7-4-1","treasure":"card","seq":4,"at":"2027-01-15T08:00:00.000Z"}}
            bob claim card
              {"outcome":"granted","grant":{"id":"7-6-1","treasure":"card","seq":6,"at":"2027-01-15T08:00:00.000Z"}}
            bob join
              {"outcome":"already_joined","at":"2027-01-15T08:00:00.000Z"}
            close
              {"outcome":"phase","phase":"closed"}
            bob join
              {"outcome":"already_joined","at":"2027-01-15T08:00:00.000Z"}
            cyd join
              refused: the hunt is closed: nobody can join any more
            bob claim card
              refused: the hunt is closed: it takes no more solves or claims
        "#]],
    );
}

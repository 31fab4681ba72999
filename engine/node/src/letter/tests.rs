//! Every message between nodes is written as ever, and read back as it was.

use expect_test::{Expect, expect};
use hunt::{Action, Attempt, ClueId, Command, HuntId, PlayerId, Refusal, Reply, RequestId};

use super::*;
use crate::{Answered, AskError, CoreAddress, NodeId, Query, Request, Response};

const FROM: CoreAddress = CoreAddress {
    node: NodeId(7),
    core: 3,
};

fn check(message: &Message, golden: Expect) {
    let mut bytes = vec![9];
    append_letter(&mut bytes, 5, message).expect("it can be written");
    let letter = &bytes[1..];
    let hex: String = letter.iter().map(|byte| format!("{byte:02x}")).collect();
    golden.assert_eq(&hex);
    let (to, read) = read_letter(letter).expect("it can be read");
    assert_eq!((to, format!("{read:?}")), (5, format!("{message:?}")));
    for cut in 0..letter.len() {
        assert!(read_letter(&letter[..cut]).is_err(), "{cut} bytes");
    }
    let longer = [letter, &[0]].concat();
    assert!(matches!(
        read_letter(&longer),
        Err(LetterError::Malformed(_))
    ));
}

fn ask(request: Request) -> Message {
    Message::Ask {
        id: 1_000,
        from: FROM,
        hops: 1,
        request,
    }
}

fn answer(response: Result<Response, AskError>) -> Message {
    Message::Answer { id: 2, response }
}

fn command(action: Action) -> Command {
    Command {
        hunt: HuntId::new("h").expect("an id"),
        request: RequestId::new("k").expect("an id"),
        action,
    }
}

fn player() -> PlayerId {
    PlayerId::new("p").expect("an id")
}

/// These bytes are spoken by nodes of other versions: a change here needs a new version, and a reader for this one.
#[test]
fn questions_of_version_1_are_written_as_ever() {
    let join = command(Action::Join { player: player() });
    let solve = |attempt| {
        command(Action::Solve {
            player: player(),
            clue: ClueId::new("c").expect("an id"),
            attempt,
        })
    };
    check(
        &ask(Request::Command(join.clone())),
        expect!["010501fbe803070301000168016b050170"],
    );
    let answer = solve(Attempt::Answer("a".to_owned()));
    let check_in = solve(Attempt::CheckIn {
        lat: 1.0,
        lon: 2.0,
        accuracy_m: 3.0,
    });
    check(
        &ask(Request::Commands(vec![answer, check_in])),
        expect![
            "010501fbe80307030101020168016b06017001630001610168016b060170016301000000000000f03f00000000000000400000000000000840"
        ],
    );
    check(
        &ask(Request::Query(Query::Progress {
            hunt: HuntId::new("h").expect("an id"),
            player: player(),
        })),
        expect!["010501fbe803070301020201680170"],
    );
    check(
        &ask(Request::HuntsOf(vec![1, 300])),
        expect!["010501fbe803070301040201fb2c01"],
    );
    check(&ask(Request::Status), expect!["010501fbe80307030105"]);
}

#[test]
fn answers_of_version_1_are_written_as_ever() {
    let granted = Answered {
        reply: Reply::Granted {
            grant: hunt::Grant {
                id: hunt::GrantId {
                    shard: 0,
                    seq: 1,
                    place: 1,
                },
                treasure: hunt::TreasureId::new("t").expect("an id"),
                seq: 1,
                at: hunt::Millis(9),
            },
        },
        replayed: true,
    };
    check(
        &answer(Ok(Response::Reply(granted.clone()))),
        expect!["0105020200000c0001010174010901"],
    );
    let full = AskError::Overloaded {
        limit: "waiters_max".into(),
        retry_after_ms: 100,
    };
    check(
        &answer(Ok(Response::Replies(vec![Ok(granted), Err(full)]))),
        expect!["01050202000102000c000101017401090101000b776169746572735f6d617864"],
    );
    let phase = Refusal::WrongPhase {
        phase: hunt::Phase::Closed,
        needs: "n".into(),
    };
    check(
        &answer(Ok(Response::Refused(phase))),
        expect!["0105020200020303016e"],
    );
    check(
        &answer(Ok(Response::Status(Box::default()))),
        expect![
            "01050202000a000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
        ],
    );
    check(
        &answer(Err(AskError::NotReady {
            retry_after_ms: 200,
        })),
        expect!["010502020101c8"],
    );
}

#[test]
fn news_of_version_1_are_written_as_ever() {
    check(
        &Message::FeedSubscribe { from: FROM },
        expect!["0105030703"],
    );
    check(&Message::FeedAdvanced, expect!["010504"]);
    check(&Message::Freed { shard: 300 }, expect!["010505fb2c01"]);
    check(&Message::LookAnew, expect!["010506"]);
}

#[test]
fn what_stays_within_a_node_has_no_form() {
    for private in [
        Message::Drain,
        Message::View(std::sync::Arc::default()),
        Message::Unreachable { node: NodeId(1) },
    ] {
        let mut bytes = vec![1, 2];
        let error = append_letter(&mut bytes, 0, &private);
        assert_eq!((error, bytes.len()), (Err(LetterError::Private), 2));
    }
}

#[test]
fn a_letter_of_another_version_says_so() {
    assert_eq!(read_letter(&[2, 0, 4]).err(), Some(LetterError::Version(2)));
}

#[test]
fn a_hostile_length_claims_no_memory() {
    // An answer with 2^60 hunts.
    let mut bytes = vec![LETTER_VERSION, 0, ANSWER, 1, 0];
    bytes.push(9);
    bytes.push(253);
    bytes.extend((1_u64 << 60).to_le_bytes());
    let error = read_letter(&bytes).err();
    assert!(
        matches!(error, Some(LetterError::Malformed(_))),
        "{error:?}"
    );
}

#[test]
fn what_is_too_large_leaves_nothing_behind() {
    let text = "x".repeat(LETTER_BYTES_MAX);
    let solve = command(Action::Solve {
        player: player(),
        clue: ClueId::new("c").expect("an id"),
        attempt: Attempt::Answer(text),
    });
    let mut bytes = vec![1];
    let error = append_letter(&mut bytes, 0, &ask(Request::Command(solve)));
    assert_eq!((error, bytes.len()), (Err(LetterError::TooLarge), 1));
}

//! Two sides of a greeting, without a socket between them.

use super::*;
use crate::cluster::frame::split;
use crate::cluster::limits::GREETING_BYTES_MAX;

const ALICE: Identity = Identity {
    node: NodeId(1),
    core: 3,
    shards: 64,
};
const BOB: Identity = Identity {
    node: NodeId(2),
    core: 0,
    shards: 64,
};

fn secret(letter: &str) -> Secret {
    Secret::new(&letter.repeat(32)).expect("it is long enough")
}

fn parse(bytes: &[u8]) -> Frame<'_> {
    let (frame, used) = split(bytes, GREETING_BYTES_MAX)
        .expect("a frame")
        .expect("complete");
    assert_eq!(used, bytes.len());
    frame
}

/// Alice, who has the secret `a`, dials the node `wants` and reaches Bob, who has the secret `b`.
fn check(alice: Identity, a: &str, wants: u64, bob: Identity, b: &str) -> Result<Caller, String> {
    let text = |error: LinkError| error.to_string();
    let (mut dialling, hello) = Dialling::begin(&alice, &secret(a), NodeId(wants), [7; 32]);
    let (receiving, challenge) =
        Receiving::begin(&bob, &secret(b), &parse(&hello), [8; 32]).map_err(text)?;
    let proof = dialling.challenged(&parse(&challenge)).map_err(text)?;
    let (caller, proof) = receiving.finish(&parse(&proof)).map_err(text)?;
    dialling.finish(&parse(&proof)).map_err(text)?;
    Ok(caller)
}

fn check_fails(found: Result<Caller, String>, expected: &str) {
    let error = found.expect_err("they must not trust each other");
    assert!(error.contains(expected), "{error}");
}

#[test]
fn two_nodes_of_one_cluster_know_each_other() {
    let caller = Caller {
        node: NodeId(1),
        core: 3,
    };
    assert_eq!(check(ALICE, "s", 2, BOB, "s"), Ok(caller));
}

#[test]
fn another_secret_is_refused_by_who_is_called() {
    check_fails(check(ALICE, "s", 2, BOB, "t"), "cluster_secret");
}

#[test]
fn another_number_of_shards_is_named() {
    let bob = Identity { shards: 32, ..BOB };
    check_fails(
        check(ALICE, "s", 2, bob, "s"),
        "it has 64 shards, this node 32: set the same `shards`",
    );
}

#[test]
fn who_answers_for_another_is_found_out() {
    check_fails(
        check(ALICE, "s", 9, BOB, "s"),
        "node 9 was dialled, but node 2 answers there",
    );
}

#[test]
fn two_nodes_of_one_number_are_told() {
    let twin = Identity {
        node: NodeId(2),
        ..ALICE
    };
    check_fails(check(twin, "s", 2, BOB, "s"), "both are node 2");
}

#[test]
fn another_version_of_store_or_messages_is_named() {
    let make = ALICE.make();
    let check = |theirs: Make, expected: &str| {
        let error = check_make(&make, &theirs).expect_err("they differ");
        assert!(error.to_string().contains(expected), "{error}");
    };
    let letters = make.letters + 1;
    check(Make { letters, ..make }, "of the messages between nodes");
    let layout = make.layout + 1;
    check(
        Make { layout, ..make },
        "layout version 2 of the store, this node with 1",
    );
}

/// Who has no secret but hears another's proof can't pass it on as its own, in either direction.
#[test]
fn a_proof_is_good_for_one_side_and_one_greeting_only() {
    let (mut dialling, hello) = Dialling::begin(&ALICE, &secret("s"), BOB.node, [7; 32]);
    let (_, challenge) =
        Receiving::begin(&BOB, &secret("s"), &parse(&hello), [8; 32]).expect("it fits");
    let proof = dialling.challenged(&parse(&challenge)).expect("it fits");
    // Sent back to who made it.
    assert!(matches!(
        dialling.finish(&parse(&proof)),
        Err(LinkError::Secret)
    ));
    // Sent again in another greeting.
    let (later, _) =
        Receiving::begin(&BOB, &secret("s"), &parse(&hello), [9; 32]).expect("it fits");
    assert!(matches!(
        later.finish(&parse(&proof)),
        Err(LinkError::Secret)
    ));
}

#[test]
fn what_comes_out_of_turn_is_refused() {
    let letter = frame(Kind::Letter, b"x");
    let begun = Receiving::begin(&BOB, &secret("s"), &parse(&letter), [8; 32]);
    let error = begun.err().expect("a letter is no hello").to_string();
    assert_eq!(error, "it sends Letter where Hello has to come");
    let short = frame(Kind::Hello, b"x");
    let begun = Receiving::begin(&BOB, &secret("s"), &parse(&short), [8; 32]);
    let error = begun.err().expect("it is no hello").to_string();
    assert_eq!(error, "its hello makes no sense");
}

#[test]
fn a_refusal_says_why_and_stays_short() {
    let told = refusal(&LinkError::Misfit("ü".repeat(REASON_BYTES_MAX)));
    let error = expect(&parse(&told), Kind::Challenge).expect_err("a refusal");
    assert!(error.to_string().starts_with("it refuses this node: üü"));
    let rude = frame(Kind::Refusal, b"go\x1b[31m away\n");
    let error = expect(&parse(&rude), Kind::Proof).expect_err("a refusal");
    assert_eq!(error.to_string(), "it refuses this node: go[31m away");
}

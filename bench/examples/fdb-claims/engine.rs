//! The engine: the very code that serves, on its runtime, with one core, asked without HTTP in between.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use hunt::{Action, Command, Draft, HuntId, PlayerId, Reply, RequestId, Salt, TreasureId};
use node::{Core, Host, NodeId, Place, Request, Response, Settings};
use server::runtime::run_offline;
use store_fdb::FdbDatabase;

use crate::Round;

/// Shards of the core, and hunts that the claims are spread over.
const SHARDS: u16 = 8;
const HUNTS: usize = 32;

/// Those who ask, and the claims of each question.
const CLAIMERS: usize = 32;
const CLAIMS: usize = 500;

/// Bytes that players may take in memory: enough for all of a round.
const MEMORY_BYTES: u64 = 4 << 30;

const PLACE: Place = Place {
    node: NodeId(1),
    core: 0,
    cores: 1,
};

/// Claims for as long as `limit`.
pub(crate) fn run(
    database: &FdbDatabase,
    prefix: &str,
    limit: Duration,
) -> Result<Round, Box<dyn Error>> {
    let settings = Settings {
        shards: SHARDS,
        prefix: prefix.as_bytes().to_vec(),
        memory_bytes: MEMORY_BYTES,
        ..Settings::default()
    };
    let round = run_offline(database, async |host| {
        let core = Core::new(host, settings, PLACE);
        core.open().await.map_err(|error| error.to_string())?;
        for hunt in 0..HUNTS {
            open_hunt(&core, &hunt_id(hunt)).await?;
        }
        let round = claim_all(&core, limit).await;
        core.stop().await;
        round
    })?;
    Ok(round?)
}

async fn claim_all<H: Host>(core: &Core<H>, limit: Duration) -> Result<Round, String> {
    let latencies_us = Rc::new(RefCell::new(Vec::new()));
    let started = Instant::now();
    let claimers = (0..CLAIMERS).map(|claimer| {
        let latencies_us = Rc::clone(&latencies_us);
        async move {
            let (mut granted, mut batch) = (0, 0);
            while started.elapsed() < limit {
                let asked = Instant::now();
                granted += claim_batch(core, claimer, batch).await?;
                let us = asked.elapsed().as_micros() as u64;
                latencies_us.borrow_mut().push(us);
                batch += 1;
            }
            Ok::<_, String>(granted)
        }
    });
    let granted: Vec<u64> = join_all(claimers)
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    Ok(Round {
        claims: granted.iter().sum(),
        took: started.elapsed(),
        latencies_us: latencies_us.take(),
    })
}

/// One question of many claims; says how many were granted.
async fn claim_batch<H: Host>(core: &Core<H>, claimer: usize, batch: usize) -> Result<u64, String> {
    let hunt = hunt_id((claimer + batch) % HUNTS);
    let coin = TreasureId::new("coin").map_err(|error| error.to_string())?;
    let claim = |number: usize| {
        let player = PlayerId::new(&format!("p-{claimer}-{batch}-{number}"))?;
        Ok(Command {
            hunt: hunt.clone(),
            request: RequestId::new("claim")?,
            action: Action::Claim {
                player,
                treasure: coin.clone(),
            },
        })
    };
    let commands = (0..CLAIMS).map(claim);
    let commands = commands.collect::<Result<_, hunt::IdError>>();
    let commands = commands.map_err(|error| error.to_string())?;
    match core.ask(Request::Commands(commands)).await {
        Ok(Response::Replies(replies)) => {
            let granted = |reply: &Result<node::Answered, _>| matches!(reply, Ok(answered) if matches!(answered.reply, Reply::Granted { .. }));
            Ok(replies.iter().filter(|reply| granted(reply)).count() as u64)
        }
        other => Err(format!("claims were answered {other:?}")),
    }
}

async fn open_hunt<H: Host>(core: &Core<H>, id: &HuntId) -> Result<(), String> {
    let definition = format!(
        r#"{{"id": "{id}", "title": "Bench", "clues": [], "treasures": [{{"id": "coin", "title": "Coin",
            "stock": 1000000000, "per_player": 1, "award": {{"claim": {{"requires": []}}}}}}]}}"#
    );
    let draft = Draft::parse(definition.as_bytes()).map_err(|faults| format!("{faults:?}"))?;
    let put = Action::Put {
        draft: Box::new(draft),
        salt: Salt([7; 16]),
    };
    for (name, action) in [("put", put), ("open", Action::Open)] {
        let command = Command {
            hunt: id.clone(),
            request: RequestId::new(name).map_err(|error| error.to_string())?,
            action,
        };
        let answered = core.ask(Request::Command(command)).await;
        answered.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn hunt_id(number: usize) -> HuntId {
    HuntId::new(&format!("bench-{number}")).expect("the name is an id")
}

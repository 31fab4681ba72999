//! Rows against the fold of the log: a row, with the events that came after it, must be what the log says.

use std::collections::BTreeMap;

use hunt::{HuntId, Seq, ShardId, encode_hunt, encode_player};
use store::RangeRead;

use super::fold::{Fold, Folded, FoldedHunt};
use super::report::{FaultKind, VerifyReport};
use super::{VerifyError, note, page};
use crate::Host;
use crate::keys::Keys;
use crate::retry::transact;
use crate::rows::{decode_player_row, read_hunts};

/// Compares every row of the shard.
pub(super) async fn verify_rows<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    fold: Fold,
    report: &mut VerifyReport,
) -> Result<(), VerifyError> {
    let checkpoint_seq = fold.checkpoint_seq();
    let mut hunts = fold.hunts();
    verify_hunts(host, keys, shard, checkpoint_seq, &hunts, report).await?;
    let mut read = Some(RangeRead::of(&keys.players_of_shard(shard)));
    while let Some(this) = read {
        let rows = page(host, &this).await?;
        for (key, bytes) in &rows.rows {
            verify_player(keys, shard, key, bytes, &mut hunts, report);
        }
        read = this.next(&rows);
    }
    for (id, hunt) in &hunts {
        for (player, folded) in hunt.players.iter().filter(|(_, folded)| !folded.has_row) {
            if folded.first_seq <= checkpoint_seq {
                let detail = format!(
                    "player {player} of hunt {id} has no row, the checkpoint is at {checkpoint_seq}"
                );
                report.fault(FaultKind::Row, shard, folded.first_seq, detail);
            }
        }
    }
    Ok(())
}

async fn verify_hunts<H: Host>(
    host: &H,
    keys: &Keys,
    shard: ShardId,
    checkpoint_seq: Seq,
    hunts: &BTreeMap<HuntId, FoldedHunt>,
    report: &mut VerifyReport,
) -> Result<(), VerifyError> {
    let read = transact(host, async |transaction, _| {
        read_hunts(transaction, keys, shard).await
    })
    .await;
    let rows = match read {
        Ok((rows, _)) => rows,
        Err(error) => return note(report, shard, 0, error),
    };
    let mut missing: BTreeMap<&HuntId, &FoldedHunt> = hunts
        .iter()
        .filter(|(_, hunt)| hunt.first_seq <= checkpoint_seq)
        .collect();
    for mut row in rows {
        report.rows += 1;
        let (id, seq) = (row.id().clone(), row.seq());
        missing.remove(&id);
        let Some(hunt) = hunts.get(&id) else {
            report.fault(
                FaultKind::Row,
                shard,
                seq,
                format!("hunt {id} has a row, but no event"),
            );
            continue;
        };
        hunt.tail.iter().for_each(|event| row.apply(event));
        if encode_hunt(&row) != encode_hunt(&hunt.state) {
            report.fault(
                FaultKind::Row,
                shard,
                seq,
                format!("the row of hunt {id} is not what the log says"),
            );
        }
    }
    for (id, hunt) in missing {
        let detail = format!("hunt {id} has no row, the checkpoint is at {checkpoint_seq}");
        report.fault(FaultKind::Row, shard, hunt.first_seq, detail);
    }
    Ok(())
}

fn verify_player(
    keys: &Keys,
    shard: ShardId,
    key: &[u8],
    bytes: &[u8],
    hunts: &mut BTreeMap<HuntId, FoldedHunt>,
    report: &mut VerifyReport,
) {
    report.rows += 1;
    let found = keys
        .unpack_player(key)
        .ok()
        .and_then(|(hunt, player)| find(hunts, &hunt, &player));
    let Some(folded) = found else {
        return report.fault(
            FaultKind::Row,
            shard,
            0,
            format!(
                "the row at {} belongs to nobody in the log",
                key.escape_ascii()
            ),
        );
    };
    folded.has_row = true;
    let first_seq = folded.first_seq;
    match decode_player_row(key, bytes) {
        Ok(mut row) => {
            folded.tail.iter().for_each(|event| row.apply(event));
            if encode_player(&row) == encode_player(&folded.state) {
                return;
            }
            let detail = format!("the row at {} is not what the log says", key.escape_ascii());
            report.fault(FaultKind::Row, shard, row.seq().max(first_seq), detail);
        }
        Err(error) => report.fault(FaultKind::Corrupt, shard, first_seq, error.to_string()),
    }
}

fn find<'a>(
    hunts: &'a mut BTreeMap<HuntId, FoldedHunt>,
    hunt: &str,
    player: &str,
) -> Option<&'a mut Folded> {
    let (hunt, player) = (HuntId::new(hunt).ok()?, hunt::PlayerId::new(player).ok()?);
    hunts.get_mut(&hunt)?.players.get_mut(&player)
}

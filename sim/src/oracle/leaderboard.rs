//! Each page of a ranking equals the independent fold at one moment between question and answer: ranks without gaps,
//! most points first, of equals who came first, and the page where it was asked for.

use std::collections::BTreeSet;

use hunt::PlayerId;
use node::{LeaderboardPage, Query, Response};

use super::board::Place;
use super::prefix::{Prefix, Window, search};
use super::{Evidence, failure};
use crate::history::{Answer, Ask};
use crate::outcome::Failure;

const ORACLE: &str = "leaderboard";

/// Places of one page at most, as the product says.
const PAGE_MAX: usize = 1_000;

/// A page, and what was asked.
struct Look<'a> {
    page: &'a LeaderboardPage,
    limit: usize,
    around: Option<&'a PlayerId>,
    sent_us: u64,
    ended_us: u64,
    client: u32,
    /// Where the player in the middle was since the question: the engine looks that up first, then the page.
    middles: BTreeSet<Option<Place>>,
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for (hunt, log) in evidence.ledger.hunts() {
        let looks = looks(evidence, hunt);
        for look in &looks {
            in_order(look)?;
        }
        let windows = looks
            .into_iter()
            .map(|look| Window::between(log, look.sent_us, look.ended_us, look));
        search(log, log.shard, windows.collect(), is_true).map_err(|look| {
            let detail = format!(
                "client {} asked for {} places of hunt {hunt} around {:?}, and got a page that was never true: {:?}",
                look.client, look.limit, look.around, look.page
            );
            failure(ORACLE, look.ended_us, detail)
        })?;
    }
    Ok(())
}

fn looks<'a>(evidence: &Evidence<'a>, of: &hunt::HuntId) -> Vec<Look<'a>> {
    let mut looks = Vec::new();
    for op in &evidence.history.ops {
        let Ask::Query(Query::Leaderboard {
            hunt,
            limit,
            around,
        }) = &op.ask
        else {
            continue;
        };
        for tried in op.tries.iter().filter(|_| hunt == of) {
            if let (Some(Answer::Query(Ok(Response::Leaderboard(page)))), Some(ended_us)) =
                (&tried.answer, tried.ended_us)
            {
                looks.push(Look {
                    page,
                    limit: (*limit).clamp(1, PAGE_MAX),
                    around: around.as_ref(),
                    sent_us: tried.sent_us,
                    ended_us,
                    client: op.client,
                    middles: BTreeSet::new(),
                });
            }
        }
    }
    looks
}

/// What can be seen of the page alone.
fn in_order(look: &Look<'_>) -> Result<(), Failure> {
    let entries = &look.page.entries;
    let sound = entries.windows(2).all(|pair| match pair {
        [a, b] => b.rank == a.rank + 1 && b.score <= a.score && b.player != a.player,
        _ => true,
    });
    if sound && entries.len() <= look.limit {
        return Ok(());
    }
    let detail = format!(
        "client {} got a page that is out of order or too long: {:?}",
        look.client, look.page
    );
    Err(failure(ORACLE, look.ended_us, detail))
}

fn is_true(prefix: &Prefix<'_>, look: &mut Look<'_>) -> bool {
    let board = &prefix.board;
    if prefix.hunt.is_none() {
        return false;
    }
    if let Some(player) = look.around {
        look.middles.insert(board.place(player));
    }
    if u64::try_from(board.len()) != Ok(look.page.players) {
        return false;
    }
    if look.around.is_none() {
        return equals(prefix, look, 1);
    }
    look.middles.iter().any(|middle| match middle {
        None => look.page.entries.is_empty(),
        Some(place) => {
            let first = board.rank(*place).saturating_sub(look.limit / 2).max(1);
            equals(prefix, look, first)
        }
    })
}

fn equals(prefix: &Prefix<'_>, look: &Look<'_>, first: usize) -> bool {
    let right = prefix.board.page_from(first).take(look.limit);
    let given = look.page.entries.iter();
    right
        .map(|(rank, player, score, at)| (rank as u64, player, score, at))
        .eq(given.map(|it| (it.rank, &it.player, it.score, it.last_solve_at)))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::oracle::fixture::Fixture;

    #[test]
    fn is_content_with_a_sound_run() {
        let mut run = Fixture::played();
        run.look_at_ranking(10, None);
        run.look_at_ranking(1, Some("amy"));
        run.look_at_ranking(1, Some("zoe"));
        run.passes(check);
    }

    #[test]
    fn sees_equals_in_the_wrong_order() {
        let mut run = Fixture::played();
        let page = run.look_at_ranking(10, None);
        page.entries.swap(0, 1);
        (page.entries[0].rank, page.entries[1].rank) = (1, 2);
        run.fails(check, "never true");
    }

    #[test]
    fn sees_two_players_of_one_rank() {
        let mut run = Fixture::played();
        run.look_at_ranking(10, None).entries[1].rank = 1;
        run.fails(check, "out of order");
    }

    #[test]
    fn sees_a_player_who_is_missing() {
        let mut run = Fixture::played();
        run.look_at_ranking(10, None).entries.remove(0);
        run.fails(check, "never true");
    }

    #[test]
    fn sees_a_page_from_the_past() {
        let mut run = Fixture::played();
        let page = run.look_at_ranking(10, None).clone();
        run.solve("zoe", "pharos");
        *run.look_at_ranking(10, None) = page;
        run.fails(check, "never true");
    }
}

//! Stock: at every place of the log, what was there at first and what was added is what is left and what was granted;
//! never less than nothing, never more than there may be, and no unit twice.

use hunt::{Definition, EventBody, Granted, HuntState, Index};

use super::ledger::{HuntLog, STOCK_MAX, joins};
use super::{Evidence, failure};
use crate::outcome::Failure;

const ORACLE: &str = "stock";

/// The books of one treasure.
#[derive(Clone, Debug)]
struct Book {
    /// None is no limit.
    initial: Option<u64>,
    restocked: u64,
    granted: u64,
}

impl Book {
    fn left(&self) -> Result<Option<u64>, String> {
        let Some(initial) = self.initial else {
            return Ok(None);
        };
        let total = initial.saturating_add(self.restocked);
        if total > STOCK_MAX {
            return Err(format!(
                "{initial} units and {} added are more than there may be",
                self.restocked
            ));
        }
        total.checked_sub(self.granted).map(Some).ok_or_else(|| {
            format!(
                "oversold: {} units granted of {initial} and {} added",
                self.granted, self.restocked
            )
        })
    }
}

pub(super) fn check(evidence: &Evidence<'_>) -> Result<(), Failure> {
    for (hunt, log) in evidence.ledger.hunts() {
        let mut books: Vec<Book> = Vec::new();
        let mut players = 0_u64;
        for placed in &log.events {
            if let EventBody::Put { definition, .. } = &placed.event.body {
                open(&mut books, definition, players);
            }
            players += u64::from(joins(&placed.event.body));
            book(&mut books, &placed.event.body).map_err(|problem| {
                let detail = format!("hunt {hunt}, event {}: {problem}", placed.event.seq);
                failure(ORACLE, placed.at_us(), detail)
            })?;
        }
        compare_with_fold(log, &books)
            .map_err(|problem| failure(ORACLE, 0, format!("hunt {hunt}: {problem}")))?;
    }
    Ok(())
}

/// A new definition begins the books anew until somebody joined; from then on it only adds treasures.
fn open(books: &mut Vec<Book>, definition: &Definition, players: u64) {
    if players == 0 {
        books.clear();
    }
    let known = books.len();
    books.extend(
        definition
            .treasures()
            .iter()
            .skip(known)
            .map(|treasure| Book {
                initial: treasure.stock,
                restocked: 0,
                granted: 0,
            }),
    );
}

fn book(books: &mut [Book], body: &EventBody) -> Result<(), String> {
    match body {
        EventBody::Restocked {
            treasure,
            add,
            stock_left,
            ..
        } => {
            let book = of(books, *treasure)?;
            book.restocked = book.restocked.saturating_add(*add);
            match book.left()? {
                Some(left) if left == *stock_left => Ok(()),
                left => Err(format!(
                    "says that {stock_left} of treasure {treasure} are left, it is {left:?}"
                )),
            }
        }
        EventBody::Solved { grants, .. } => grants.iter().try_for_each(|grant| give(books, grant)),
        EventBody::Claimed { grant, .. } => give(books, grant),
        _ => Ok(()),
    }
}

fn give(books: &mut [Book], grant: &Granted) -> Result<(), String> {
    let book = of(books, grant.treasure)?;
    book.granted += 1;
    if grant.nth != book.granted {
        return Err(format!(
            "grants unit {} of treasure {}, but unit {} is next",
            grant.nth, grant.treasure, book.granted
        ));
    }
    book.left()
        .map(|_| ())
        .map_err(|problem| format!("treasure {}: {problem}", grant.treasure))
}

fn of(books: &mut [Book], treasure: Index) -> Result<&mut Book, String> {
    books
        .get_mut(usize::from(treasure))
        .ok_or_else(|| format!("names treasure {treasure}, which is not defined"))
}

/// The engine's own fold tells the same in the end.
fn compare_with_fold(log: &HuntLog<'_>, books: &[Book]) -> Result<(), String> {
    let Some((first, rest)) = log.events.split_first() else {
        return Ok(());
    };
    let mut state = HuntState::created(first.event);
    rest.iter().for_each(|placed| state.apply(placed.event));
    for (book, treasure) in books.iter().zip(0..) {
        let left = book.left()?;
        if state.stock_left(treasure) != left || state.granted(treasure) != book.granted {
            return Err(format!(
                "treasure {treasure}: the fold says {:?} left and {} granted, the books {left:?} and {}",
                state.stock_left(treasure),
                state.granted(treasure),
                book.granted
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{STOCK_MAX, check};
    use crate::oracle::fixture::Fixture;
    use hunt::EventBody;

    #[test]
    fn is_content_with_a_sound_run() {
        Fixture::played().passes(check);
    }

    #[test]
    fn sees_an_oversold_treasure() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.force_claim("yan", "coin");
        run.force_claim("xia", "coin");
        run.fails(check, "oversold");
    }

    #[test]
    fn sees_more_than_there_may_be() {
        let mut run = Fixture::played();
        run.restock("coin", 1);
        if let EventBody::Restocked { add, .. } = &mut run.last_event_mut().body {
            *add = STOCK_MAX;
        }
        run.fails(check, "more than there may be");
    }

    #[test]
    fn sees_a_unit_granted_twice() {
        let mut run = Fixture::played();
        run.claim("zoe", "coin");
        run.force_claim("yan", "coin");
        if let EventBody::Claimed { grant, .. } = &mut run.last_event_mut().body {
            grant.nth -= 1;
        }
        run.fails(check, "is next");
    }

    #[test]
    fn sees_a_restock_that_miscounts() {
        let mut run = Fixture::played();
        run.restock("coin", 5);
        if let EventBody::Restocked { stock_left, .. } = &mut run.last_event_mut().body {
            *stock_left += 1;
        }
        run.fails(check, "are left");
    }
}

//! Key selectors: a key by its place relative to another.

use super::{Context, Outcome, ensure_eq, promises};
use crate::limits::KEY_SPACE_END;
use crate::{KeySelector, RangeRead, Store, Transaction};

promises! {
    slow: false;
    "first_greater_or_equal and first_greater_than find the next key" => forwards,
    "last_less_than and last_less_or_equal find the key before" => backwards,
    "offsets go on from there, forwards and backwards" => offsets,
    "a selector past the end of the key space is clamped to \\xff" => clamped_at_end,
    "a selector before the beginning is clamped to the empty key" => clamped_at_begin,
    "a range read resolves its selectors" => ranges_between_selectors,
    "selectors that meet or cross make an empty range" => crossed_selectors,
}

/// Rows b, d, f and h, and what each selector finds; `<` and `>` are outside of the case's corner.
async fn check<S: Store>(t: &Context<S>, table: Vec<(KeySelector, &str)>) -> Outcome {
    t.put_all(&["b", "d", "f", "h"]).await?;
    let reader = t.begin();
    for (selector, expected) in table {
        ensure_eq!(
            t.shown(&reader.get_key(&selector, false).await?),
            expected,
            "{selector:?}"
        );
        ensure_eq!(
            t.shown(&reader.get_key(&selector, true).await?),
            expected,
            "snapshot {selector:?}"
        );
    }
    Ok(())
}

async fn forwards<S: Store>(t: Context<S>) -> Outcome {
    let table = vec![
        (KeySelector::first_greater_or_equal(t.key("d")), "d"),
        (KeySelector::first_greater_or_equal(t.key("c")), "d"),
        (KeySelector::first_greater_or_equal(t.key("d\0")), "f"),
        (KeySelector::first_greater_than(t.key("d")), "f"),
        (KeySelector::first_greater_than(t.key("c")), "d"),
        (KeySelector::first_greater_or_equal(t.key("")), "b"),
    ];
    check(&t, table).await
}

async fn backwards<S: Store>(t: Context<S>) -> Outcome {
    let table = vec![
        (KeySelector::last_less_than(t.key("d")), "b"),
        (KeySelector::last_less_than(t.key("e")), "d"),
        (KeySelector::last_less_or_equal(t.key("d")), "d"),
        (KeySelector::last_less_or_equal(t.key("e")), "d"),
        (KeySelector::last_less_than(t.key("z")), "h"),
    ];
    check(&t, table).await
}

async fn offsets<S: Store>(t: Context<S>) -> Outcome {
    let table = vec![
        (KeySelector::first_greater_or_equal(t.key("b")).plus(2), "f"),
        (KeySelector::first_greater_than(t.key("b")).plus(2), "h"),
        (
            KeySelector::first_greater_or_equal(t.key("f")).plus(-1),
            "d",
        ),
        (
            KeySelector::first_greater_or_equal(t.key("f")).plus(-2),
            "b",
        ),
        (KeySelector::last_less_than(t.key("h")).plus(-1), "d"),
        (KeySelector::last_less_or_equal(t.key("b")).plus(3), "h"),
        (
            KeySelector {
                key: t.key("e"),
                or_equal: true,
                offset: 2,
            },
            "h",
        ),
    ];
    check(&t, table).await
}

async fn clamped_at_end<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "v").await?;
    let reader = t.begin();
    for offset in [0, 1, 5, 1_000] {
        let selector = KeySelector::first_greater_or_equal(KEY_SPACE_END).plus(offset);
        ensure_eq!(
            reader.get_key(&selector, true).await?.as_slice(),
            KEY_SPACE_END,
            "{selector:?}"
        );
    }
    let selector = KeySelector::first_greater_than(t.key("k")).plus(i32::MAX - 1);
    ensure_eq!(
        reader.get_key(&selector, true).await?.as_slice(),
        KEY_SPACE_END,
        "{selector:?}"
    );
    Ok(())
}

async fn clamped_at_begin<S: Store>(t: Context<S>) -> Outcome {
    t.put("k", "v").await?;
    let reader = t.begin();
    for offset in [0, -1, -5, -1_000] {
        let selector = KeySelector::last_less_than("").plus(offset);
        ensure_eq!(
            reader.get_key(&selector, true).await?.as_slice(),
            b"",
            "{selector:?}"
        );
    }
    Ok(())
}

async fn ranges_between_selectors<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["b", "d", "f", "h"]).await?;
    let reader = t.begin();
    let at = KeySelector::first_greater_or_equal;
    for (begin, end, expected) in [
        (
            KeySelector::last_less_than(t.key("e")),
            at(t.key("z")),
            "d f h",
        ),
        (
            KeySelector::first_greater_than(t.key("b")),
            KeySelector::last_less_or_equal(t.key("h")),
            "d f",
        ),
        (at(t.key("a")).plus(1), at(t.key("a")).plus(3), "d f"),
        (
            KeySelector::last_less_or_equal(t.key("d")),
            KeySelector::first_greater_than(t.key("f")),
            "d f",
        ),
    ] {
        let read = RangeRead::between(begin, end);
        ensure_eq!(t.names(&reader, &read, false).await?, expected, "{read:?}");
        let backwards = expected.split(' ').rev().collect::<Vec<_>>().join(" ");
        ensure_eq!(
            t.names(&reader, &read.clone().reverse(), false).await?,
            backwards,
            "reverse {read:?}"
        );
    }
    Ok(())
}

async fn crossed_selectors<S: Store>(t: Context<S>) -> Outcome {
    t.put_all(&["b", "d", "f", "h"]).await?;
    let reader = t.begin();
    let at = KeySelector::first_greater_or_equal;
    for (begin, end) in [
        (at(t.key("f")), at(t.key("b"))),
        (at(t.key("d")), at(t.key("d"))),
        (KeySelector::first_greater_than(t.key("d")), at(t.key("e"))),
        (at(t.key("b")).plus(2), at(t.key("b")).plus(1)),
    ] {
        let read = RangeRead::between(begin, end);
        ensure_eq!(
            reader.get_range(&read, false).await?.rows,
            vec![],
            "{read:?}"
        );
    }
    Ok(())
}

"""The operations. Each draws what it asks from the dice, and returns that with the asking."""

import struct

import fdb
from fdb.impl import StreamingMode

ATOMICS = [
    "add",
    "bit_and",
    "bit_or",
    "bit_xor",
    "append_if_fits",
    "max",
    "min",
    "byte_min",
    "byte_max",
    "compare_and_clear",
]
READ_CONFLICTS = b"\xff\xff/transaction/read_conflict_range/"
WRITE_CONFLICTS = b"\xff\xff/transaction/write_conflict_range/"


def reader(actor):
    """The transaction, or its snapshot reads; with the word for it."""
    if actor.scenario.dice.random() < 0.3:
        return actor.transaction.snapshot, "snapshot"
    return actor.transaction, "serializable"


def get(actor):
    key, (reads, how) = actor.scenario.key(), reader(actor)
    show = actor.scenario.transcript.show
    return f"{show(key)} {how}", lambda: show(reads.get(key).value)


def get_key(actor):
    actor.read_ranges = True
    selector, (reads, how) = actor.selector(nearest=0), reader(actor)
    show = actor.scenario.transcript.show
    return f"{shown(actor, selector)} {how}", lambda: show(reads.get_key(selector).value)


def get_range(actor):
    """All rows, as the binding iterates them."""
    actor.read_ranges = True
    dice, (reads, how) = actor.scenario.dice, reader(actor)
    begin, end = actor.scenario.range()
    limit, reverse = dice.choice([0, 0, 1, 2, 5]), dice.random() < 0.4
    show = actor.scenario.transcript
    asked = f"{show.show(begin)} to {show.show(end)} limit {limit} reverse {reverse} {how}"
    return asked, lambda: show.show_rows(reads.get_range(begin, end, limit, reverse))


def forwards(selector):
    """For the begin of a reverse read: with one that goes back, a 7.3.79 cluster was seen to leave out rows over own writes."""
    return fdb.KeySelector(selector.key, selector.or_equal, max(selector.offset, 1))


def get_range_between(actor):
    """Rows between two selectors."""
    actor.read_ranges = True
    dice, (reads, how) = actor.scenario.dice, reader(actor)
    begin, end = actor.selector(), actor.selector()
    limit, reverse = dice.choice([0, 0, 1, 2, 5]), dice.random() < 0.4
    begin = forwards(begin) if reverse else begin
    mode = dice.choice([StreamingMode.iterator, StreamingMode.want_all, StreamingMode.serial])
    asked = f"{shown(actor, begin)} to {shown(actor, end)} limit {limit} reverse {reverse} {how}"
    return asked, lambda: actor.scenario.transcript.show_rows(reads.get_range(begin, end, limit, reverse, mode))


def get_page(actor):
    """One page with an exact number of rows, and whether there may be more."""
    actor.read_ranges = True
    dice, (reads, how) = actor.scenario.dice, reader(actor)
    begin, end = actor.selector(), actor.selector()
    limit, reverse = dice.choice([1, 2, 3, 7]), dice.random() < 0.4
    begin = forwards(begin) if reverse else begin

    def ask():
        rows, count, more = reads._get_range(begin, end, limit, StreamingMode.exact, 1, reverse).wait()
        return f"{actor.scenario.transcript.show_rows(rows)} {count} {'more' if more else 'end'}"

    return f"{shown(actor, begin)} to {shown(actor, end)} limit {limit} reverse {reverse} {how}", ask


def set(actor):
    key, value = actor.scenario.key(), actor.scenario.value()
    show = actor.scenario.transcript.show
    return f"{show(key)}={show(value)}", lambda: actor.transaction.set(key, value)


def clear(actor):
    key = actor.scenario.key()
    return actor.scenario.transcript.show(key), lambda: actor.transaction.clear(key)


def clear_range(actor):
    begin, end = actor.scenario.range()
    show = actor.scenario.transcript.show
    return f"{show(begin)} to {show(end)}", lambda: actor.transaction.clear_range(begin, end)


def atomic(actor):
    """A value with a stamp only takes operations that leave the stamp whole."""
    scenario = actor.scenario
    if scenario.dice.random() < 0.15:
        key, name = scenario.stamped_value_key(), scenario.dice.choice(["append_if_fits", "compare_and_clear"])
    else:
        key, name = scenario.plain_key(), scenario.dice.choice(ATOMICS)
    actor.near_only |= name == "compare_and_clear"
    operand, show = scenario.value(), scenario.transcript.show
    return f"{name} {show(key)} {show(operand)}", lambda: getattr(actor.transaction, name)(key, operand)


def stamp_key(actor):
    actor.near_only = True
    key, value = actor.scenario.stamped_key(), actor.scenario.value()
    show = actor.scenario.transcript.show
    return f"{show(key)}={show(value)}", lambda: actor.transaction.set_versionstamped_key(key, value)


def stamp_value(actor):
    actor.near_only = True
    key, value = actor.scenario.stamped_value_key(), actor.scenario.stamped_value()
    show = actor.scenario.transcript.show
    return f"{show(key)}={show(value)}", lambda: actor.transaction.set_versionstamped_value(key, value)


def conflict(actor):
    """A conflict range of either kind, named outright."""
    actor.read_ranges = True
    dice, show = actor.scenario.dice, actor.scenario.transcript.show
    kind, (begin, end) = dice.choice(["read", "write"]), actor.scenario.range()
    add = getattr(actor.transaction, f"add_{kind}_conflict_range")
    return f"{kind} {show(begin)} to {show(end)}", lambda: add(begin, end)


def conflicts(actor):
    """What the transaction would conflict on, and what with it, by the special keys.

    Without own writes a selector that leaves the keys conflicts on the system keys that a cluster has.
    """
    prefix = actor.scenario.dice.choice([READ_CONFLICTS, WRITE_CONFLICTS])
    if actor.reads_through:
        prefix = WRITE_CONFLICTS

    def ask():
        rows = actor.transaction.get_range(prefix, prefix + b"\xff\xff")
        return ", ".join(f"{without_version(row.key[len(prefix):])!r}={row.value.decode()}" for row in rows)

    return prefix[14:].decode(), ask


def without_version(key):
    """Where a stamped key may come to lie depends on the read version."""
    if key[:1] != b"k":
        return key
    place = next((place for place, byte in enumerate(key) if byte in b"\x00\xff"), None)
    return key if place is None or len(key) < place + 10 else key[:place] + b"<any stamp>" + key[place + 10 :]


def size(actor):
    """Compared only while nothing was read but single keys: what ranges count is only about their size."""
    if actor.read_ranges:
        return "about", lambda: "some" if actor.transaction.get_approximate_size().wait() > 0 else "none"
    return "", lambda: actor.transaction.get_approximate_size().wait()


def no_conflict(actor):
    return "", lambda: actor.transaction.options.set_next_write_no_write_conflict_range()


def pin(actor):
    """Fixes the read version."""
    return "", lambda: "known" if actor.transaction.get_read_version().wait() > 0 else "none"


def reset(actor):
    return "", lambda: actor.transaction.reset()


def cancel(actor):
    return "", lambda: actor.transaction.cancel()


def misuse(actor):
    """Something that is refused."""
    transaction, dice = actor.transaction, actor.scenario.dice
    name, ask = dice.choice(
        [
            ("long key", lambda: transaction.set(b"k" * 10_001, b"")),
            ("long value", lambda: transaction.set(b"k", b"v" * 100_001)),
            ("long read", lambda: transaction.get(b"k" * 20_000).value),
            ("long clear", lambda: transaction.clear(b"k" * 20_000)),
            ("system read", lambda: transaction.get(b"\xff/x").value),
            ("system write", lambda: transaction.set(b"\xff/x", b"")),
            ("special read", lambda: transaction.get(b"\xff\xff/nothing").value),
            ("far selector", lambda: transaction.get_key(fdb.KeySelector(b"\xff\x01", False, 1)).value),
            ("bad operation", lambda: transaction._atomic_operation(99, b"k", b"v")),
            ("old version", lambda: transaction.set_read_version(0)),
            ("late option", lambda: transaction.options.set_read_your_writes_disable()),
            ("bad timeout", lambda: transaction._set_option(500, struct.pack("<q", -1), 8)),
            ("bad option", lambda: transaction._set_option(777, None, 0)),
            ("unlimited", lambda: transaction._get_range(*everything(), 0, StreamingMode.exact, 1, False).wait()),
            ("negative limit", lambda: transaction._get_range(*everything(), -5, StreamingMode.serial, 1, False).wait()),
        ]
    )
    return name, lambda: str(ask()) if name != "long read" else actor.scenario.transcript.show(ask())


def everything():
    return fdb.KeySelector.first_greater_or_equal(b""), fdb.KeySelector.first_greater_or_equal(b"\xff")


def disable_own_writes(actor):
    actor.reads_through = True
    return "", lambda: actor.transaction.options.set_read_your_writes_disable()


def disable_snapshot_own_writes(actor):
    return "", lambda: actor.transaction.options.set_snapshot_ryw_disable()


def bypass_unreadable(actor):
    return "", lambda: actor.transaction.options.set_bypass_unreadable()


def system_keys(actor):
    return "", lambda: actor.transaction.options.set_access_system_keys()


def small(actor):
    """So small that whatever writes is too large: FoundationDB sends less than is counted here where it folds operations."""
    return "", lambda: actor.transaction.options.set_size_limit(40)


def shown(actor, selector):
    return f"({actor.scenario.transcript.show(selector.key)}, {selector.or_equal}, {selector.offset})"


SETUPS = [
    disable_own_writes,
    disable_snapshot_own_writes,
    bypass_unreadable,
    small,
    pin,
    pin,
]

WEIGHTS = {
    get: 12,
    get_key: 10,
    get_range: 8,
    get_range_between: 10,
    get_page: 8,
    set: 14,
    clear: 5,
    clear_range: 4,
    atomic: 14,
    stamp_key: 2,
    stamp_value: 2,
    conflict: 5,
    conflicts: 5,
    size: 3,
    no_conflict: 1,
    pin: 2,
    reset: 0.5,
    cancel: 0.3,
    misuse: 0.7,
}
OPERATIONS = (list(WEIGHTS), list(WEIGHTS.values()))

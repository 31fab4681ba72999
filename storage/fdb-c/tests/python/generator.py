"""Scenarios: a few transactions side by side, each a random mix of everything that the API has."""

import struct

import fdb
from operations import OPERATIONS, SETUPS

TRANSACTIONS_MAX = 4
OPERATIONS_MAX = 14
VALUES_MAX = 12

# Few keys, so that everything meets; with the bytes that end and begin ranges among them.
ALPHABET = [b"\x00", b"a", b"b", b"c", b"\xfe"]

# Stamps differ from run to run, and so would what is sorted among them or computed from them. So keys with a
# stamp are here, where no other key has a zero byte, and values with one there, where only some operations go.
STAMPED_KEYS = b"k"
STAMPED_VALUES = b"v"

# What a commit answers if the stamp, or that there is none, can be asked for.
TELL_STAMP = ["committed", "error 1020"]


class Scenario:
    """Begins transactions, interleaves what they do, commits them in some order, looks at what is left."""

    def __init__(self, database, dice, transcript):
        self.database = database
        self.dice = dice
        self.transcript = transcript

    def run(self):
        actors = [Actor(self, name) for name in "ABCD"[: self.dice.randint(1, TRANSACTIONS_MAX)]]
        for actor in actors:
            if self.dice.random() < 0.25:
                actor.do(self.dice.choice(SETUPS))
        for _ in range(self.dice.randint(1, OPERATIONS_MAX)):
            names, weights = OPERATIONS
            self.dice.choice(actors).do(self.dice.choices(names, weights)[0])
        self.dice.shuffle(actors)
        for actor in actors:
            actor.finish()
        self.look()

    def look(self):
        transaction = self.database.create_transaction()
        rows = list(transaction.get_range(b"", b"\xff"))
        self.transcript.line("-", "look", f"{len(rows)} rows", self.transcript.show_rows(rows))
        if len(rows) > 40:
            transaction.clear_range(b"", b"\xff")
            transaction.commit().wait()

    def key(self):
        """Any key; rarely one among those with stamps."""
        place = self.dice.random()
        if place < 0.06:
            return STAMPED_KEYS + self.dice.choice([b"", b"a", b"b", b"\xfe"])
        if place < 0.14:
            return self.stamped_value_key()
        return self.plain_key()

    def plain_key(self):
        """A key whose value holds no stamp."""
        length = self.dice.choice([0, 1, 1, 1, 2, 2, 3])
        return b"".join(self.dice.choice(ALPHABET) for _ in range(length))

    def stamped_value_key(self):
        return STAMPED_VALUES + self.dice.choice([b"", b"a", b"b", b"c"])

    def range(self):
        begin, end = self.key(), self.key()
        if begin > end and self.dice.random() < 0.95:
            begin, end = end, begin
        return begin, end

    def value(self):
        length = self.dice.choice([0, 1, 2, 3, 4, 8, 8, VALUES_MAX])
        return bytes(self.dice.choice([0, 1, 2, 127, 128, 254, 255, self.dice.randrange(256)]) for _ in range(length))

    def selector(self, offsets):
        return fdb.KeySelector(self.key(), self.dice.random() < 0.5, self.dice.choice(offsets))

    def stamped(self, before):
        """Bytes with room for a stamp, and the 4-byte offset of that room; rarely a wrong one."""
        after = self.dice.choice([b"", b"", b"a", b"\xff"])
        place = len(before) if self.dice.random() < 0.97 else len(before) + 1 + len(after)
        return before + b"\x11" * 10 + after + struct.pack("<I", place)

    def stamped_key(self):
        return self.stamped(STAMPED_KEYS + self.dice.choice([b"", b"a", b"b", b"ab"]))

    def stamped_value(self):
        return self.stamped(b"".join(self.dice.choice(ALPHABET) for _ in range(self.dice.randint(0, 4))))


class Actor:
    """One transaction and its name in the transcript."""

    def __init__(self, scenario, name):
        self.scenario = scenario
        self.name = name
        self.transaction = scenario.database.create_transaction()
        self.read_ranges = False
        self.near_only = False
        self.reads_through = False

    def selector(self, nearest=1):
        """Only near ones once the transaction cleared by comparing, which FoundationDB counts as a key whatever came of it, or
        wrote something that is unreadable, which it looks at in an order of its own."""
        offsets = [nearest, 1] if self.near_only else [0, 0, 1, 1, 1, 2, 3, 5, -1, -2, -4]
        return self.scenario.selector(offsets)

    def do(self, operation):
        """Does it, and writes down what it answers."""
        self.note(operation.__name__, *operation(self))

    def note(self, kind, asked, ask):
        """Writes down what `ask` answers, or its error; and returns it."""
        try:
            answer = ask()
        except fdb.FDBError as error:
            answer = f"error {error.code}"
        self.scenario.transcript.line(self.name, kind, asked, answer)
        return answer

    def finish(self):
        """Commits, and then sometimes goes on as a program might."""
        dice, transcript = self.scenario.dice, self.scenario.transcript
        after, error = dice.random(), dice.choice([1007, 1020, 1021, 1031, 2000])
        self.commit("first")
        if after < 0.15:
            self.note("read_after", "", lambda: transcript.show(self.transaction.get(b"a").value))
        elif after < 0.3:
            self.transaction.options.set_max_retry_delay(0)
            self.note("on_error", error, lambda: self.transaction.on_error(error).wait() or "again")
            self.commit("again")
        elif after < 0.35:
            self.note("version", "", lambda: "known" if self.transaction.get_committed_version() > 0 else "none")

    def commit(self, which):
        """Every stamp is learnt, so that it is told wherever it turns up.

        A commit that is over before it leaves the client, since a read failed or a call was refused, tells no
        stamp and no error either until the transaction is reset.
        """
        transcript, transaction = self.scenario.transcript, self.transaction
        stamp = transaction.get_versionstamp()

        def tell():
            transcript.learn(stamp.value)
            return transcript.show(stamp.value)

        if self.note("commit", which, lambda: transaction.commit().wait() or "committed") in TELL_STAMP:
            self.note("stamp", which, tell)

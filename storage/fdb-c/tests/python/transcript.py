"""The transcript: one line for each operation, without anything that differs from run to run."""

from collections import Counter

STAMP_BYTES = 10


class Transcript:
    """Writes lines, counts operations, and knows the versionstamps of this run."""

    def __init__(self, out):
        self.out = out
        self.operations = 0
        self.kinds = Counter()
        self.stamps = {}

    def heading(self, text):
        self.out.write(f"== {text}\n")

    def line(self, who, kind, asked, answer):
        """One operation, and what it answered."""
        self.operations += 1
        self.kinds[kind] += 1
        self.out.write(f"{who} {kind} {asked} -> {answer}\n")

    def learn(self, stamp):
        """Numbers a versionstamp; its number stands for it from now on."""
        return self.stamps.setdefault(bytes(stamp), len(self.stamps) + 1)

    def show(self, value):
        """Bytes with the known stamps replaced."""
        if value is None:
            return "absent"
        value, shown, start = bytes(value), [], 0
        for place in range(len(value) - STAMP_BYTES + 1):
            number = self.stamps.get(value[place : place + STAMP_BYTES])
            if number is not None and place >= start:
                shown += [escape(value[start:place]), f"<stamp {number}>"]
                start = place + STAMP_BYTES
        shown.append(escape(value[start:]))
        return "'" + "".join(shown) + "'"

    def show_rows(self, rows):
        return "[" + ", ".join(f"{self.show(row.key)}={self.show(row.value)}" for row in rows) + "]"

    def summary(self, scenarios):
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()))
        return f"{self.operations} operations in {scenarios} scenarios: {kinds}"


def escape(value):
    if len(value) > 200:
        return escape(value[:16]) + f"..{len(value)}.." + escape(value[-16:])
    return "".join(chr(byte) if 32 < byte < 127 and byte not in b"\\'<>" else f"\\x{byte:02x}" for byte in value)

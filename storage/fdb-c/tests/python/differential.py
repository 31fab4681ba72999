#!/usr/bin/env python3
"""What FoundationDB's own Python binding sees: a seeded run of operations, as a transcript.

    LD_LIBRARY_PATH=DIR_OF_LIBFDB_C differential.py CLUSTER --erase [--seed N] [--operations N] [--out FILE]

Run it on this library (`memory`, `embedded:DIR`) and on a real cluster (its cluster file), and compare: the
transcripts are the same, byte for byte. Nothing in them depends on time: versionstamps, the only bytes that
differ from run to run, are numbered in the order in which they are met. What is asked depends on the seed
alone, never on an answer.

`--erase` is needed: the run clears the whole database first, since selectors walk all of it.
"""

import argparse
import random
import sys

import fdb

sys.dont_write_bytecode = True
fdb.api_version(730)

from generator import Scenario  # noqa: E402  (the version comes first)
from transcript import Transcript  # noqa: E402


def main():
    options = arguments()
    database = fdb.open(options.cluster)
    erase(database)
    out = open(options.out, "w", encoding="ascii") if options.out else sys.stdout
    transcript = Transcript(out)
    dice = random.Random(options.seed)
    scenarios = 0
    while transcript.operations < options.operations:
        scenarios += 1
        transcript.heading(f"scenario {scenarios}")
        Scenario(database, dice, transcript).run()
    transcript.heading(f"{transcript.operations} operations in {scenarios} scenarios")
    if out is not sys.stdout:
        out.close()
        print(transcript.summary(scenarios))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cluster", help="a cluster file, embedded:DIR, memory or memory:NAME")
    parser.add_argument("--erase", action="store_true", required=True, help="clear the whole database first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--out", help="where the transcript goes; standard output otherwise")
    return parser.parse_args()


@fdb.transactional
def erase(tr):
    tr.clear_range(b"", b"\xff")


if __name__ == "__main__":
    main()

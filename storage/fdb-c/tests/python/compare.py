#!/usr/bin/env python3
"""Runs differential.py at several places, and compares what it saw: the same lines, or the first that differs.

    LD_LIBRARY_PATH=DIR_OF_LIBFDB_C compare.py --erase [--seed N] [--operations N] PLACE PLACE …

A place is what differential.py takes: `memory`, `embedded:DIR`, the cluster file of a real cluster. Before a
place may stand the directory of another libfdb_c, as in `DIR=/etc/foundationdb/fdb.cluster`; the database
there is cleared. Each run is a process of its own. The last line is a summary; the status is 1 if they differ.

Of some seeds the digest of the transcript is kept in transcripts.json, so that a change of what this library
answers is seen without a cluster too. If it is meant, run on a real cluster, and keep the new one.
"""

import argparse
import hashlib
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).with_name("differential.py")
KEPT = pathlib.Path(__file__).with_name("transcripts.json")


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        transcripts = [
            run(place, options, pathlib.Path(folder) / f"{number}.transcript")
            for number, place in enumerate(options.places)
        ]
        first, others = transcripts[0], transcripts[1:]
        differing = [place for place, other in zip(options.places[1:], others) if not same(first, other, place)]
    changed = is_changed(first, options)
    what = f"{options.operations} operations (seed {options.seed}) at {len(options.places)} places"
    found = "differ at " + ", ".join(differing) if differing else "the same"
    print(f"{what}: {found}{', but not as they are kept in ' + KEPT.name if changed else ''}")
    sys.exit(1 if differing or changed else 0)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("places", nargs="+", metavar="PLACE")
    parser.add_argument("--erase", action="store_true", required=True, help="clear the databases first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--operations", type=int, default=10_000)
    return parser.parse_args()


def run(place, options, out):
    """The lines of the transcript at `place`."""
    library, _, cluster = place.rpartition("=")
    environment = dict(os.environ, LD_LIBRARY_PATH=library) if library else None
    limits = ["--seed", str(options.seed), "--operations", str(options.operations)]
    command = [sys.executable, str(SCRIPT), cluster, "--erase", *limits, "--out", str(out)]
    subprocess.run(command, check=True, env=environment)
    return out.read_text(encoding="ascii").splitlines()


def is_changed(lines, options):
    """Whether a transcript is kept for this run and is another one."""
    digest = hashlib.sha256("\n".join(lines).encode("ascii")).hexdigest()
    kept = json.loads(KEPT.read_text(encoding="ascii")).get(f"{options.seed}/{options.operations}", digest)
    if digest != kept:
        print(f"the transcript has the digest {digest}, kept is {kept}")
    return digest != kept


def same(lines, others, place):
    """Whether two transcripts are; prints where they are not."""
    for number, (line, other) in enumerate(itertools.zip_longest(lines, others), start=1):
        if line != other:
            print(f"line {number} differs at {place}:\n  {line}\n  {other}")
            return False
    return True


if __name__ == "__main__":
    main()

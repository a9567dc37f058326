#!/usr/bin/env python3
"""One server of the matrix: ready, it gets the verdicts that are recorded, and each variant changes what it announces."""
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, FixtureError, main, skip   # noqa: E402  pylint: disable=wrong-import-position

SERVER = sys.argv[3]


def body(test):
    from hgfix import models, variants      # pylint: disable=import-outside-toplevel
    from hgfix.paths import cached          # pylint: disable=import-outside-toplevel
    try:
        cached(models.load(SERVER)["cache"])
    except FixtureError:
        skip(f"{SERVER} is not in the cache: scripts/setup matrix")
    began = time.monotonic()
    test.check(f"{SERVER} gets its verdicts, ready and with {len(variants.all_of(SERVER))} variants",
               variants.run_engine(SERVER, str(HEADGATE), say=lambda text: print(text, flush=True)))
    print(f"{SERVER}: {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(body)

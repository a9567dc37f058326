#!/usr/bin/env python3
"""Every broken variant of one engine changes exactly the verdicts that it announces (fixtures/ENGINE/variants)."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from common import HEADGATE, main   # noqa: E402  pylint: disable=wrong-import-position

ENGINE = sys.argv[3]
AT_LEAST = 8


def body(test):
    from hgfix import variants      # pylint: disable=import-outside-toplevel
    count = len(variants.all_of(ENGINE))
    test.check(f"there are at least {AT_LEAST} variants of {ENGINE}", count >= AT_LEAST, str(count))
    silent = [v.name for v in variants.all_of(ENGINE) if not v.changes]
    test.equal("variants that announce nothing", silent, [])
    test.check(f"all {count} variants of {ENGINE} change what they announce",
               variants.run_engine(ENGINE, str(HEADGATE), say=lambda text: print(text, flush=True)))


if __name__ == "__main__":
    main(body)
